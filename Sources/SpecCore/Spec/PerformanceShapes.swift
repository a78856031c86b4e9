import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The section `performance`: queries by name.
  static var performance: Shape<[MapEntry<PerformanceQuery>]> {
    .map(of: measuredQuery)
  }

  private static var measuredQuery: Shape<PerformanceQuery> {
    .object(
      "a query", PerformanceQuery.init(range:), fields: texts + measuring + budgets + telling,
      check: check)
  }

  private static var texts: [Field<PerformanceQuery>] {
    [
      Field(
        "sql", \.sql, query.located,
        "The query as it runs on the target: one statement that only reads."),
      Field("sql_file", \.sqlFile, path, "The same in a file, from the spec's folder."),
      Field(
        "source_sql", \.sourceSQL, query.located,
        "The query as Postgres words it, where it differs from `sql`."),
      Field("source_file", \.sourceFile, path, "The same in a file, from the spec's folder."),
      Field(
        "side", \.side, Shape<Side>.choice.located,
        "The side whose budgets these are: target (default) or source."),
    ]
  }

  private static var measuring: [Field<PerformanceQuery>] {
    [
      Field(
        "runs", \.runs, Shape<Int>.integer(1...10_000).located,
        "How many executions count, of all clients together; 20 unless said."),
      Field(
        "warmup", \.warmup, .integer(0...1_000),
        "How many executions of each client come before and do not count; 3 unless said."),
      Field(
        "clients", \.clients, Shape<Int>.integer(1...64).located,
        "How many clients run the query at once; 1 unless said."),
      Field(
        "clock", \.clock, .choice,
        "Whose clock decides: server, or wire (until the last row has arrived); the server's where it "
          + "tells, unless said. Both are always shown."),
    ]
  }

  private static var budgets: [Field<PerformanceQuery>] {
    [
      Field("p50", \.p50, duration.located, "The longest that half of the runs may take: 500ms."),
      Field(
        "p95", \.p95, duration.located, "The longest that 95 of 100 runs may take: 800ms."),
      Field("max", \.max, duration.located, "The longest that any run may take: 5s."),
      Field(
        "cold", \.cold, duration.located,
        "The longest that the first execution may take, which does not count among the runs: 10s."
      ),
      Field(
        "rows", \.rows, rowBudget.located,
        "How many rows the query returns: exactly so many, or {at_least: 1}."),
      Field(
        "scanned", \.scanned, byteCount.located,
        "How many bytes of tables a run may read: 500MB."),
      Field(
        "spilled", \.spilled, noneOr(byteCount) { ByteCount(0) }.located,
        "How many bytes a run may write aside for want of memory: none, or 100MB."),
      Field(
        "queued", \.queued, noneOr(duration) { TimeSpan(seconds: 0) }.located,
        "How long a run may wait for its turn: none, or 2s."),
      Field(
        "versus_source", \.versusSource, factor.located,
        "The target's median run takes at most so many times as long as the source's: 1x."),
    ]
  }

  private static var telling: [Field<PerformanceQuery>] {
    [
      Field("severity", \.severity, .choice, severityMeaning),
      Field("tags", \.tags, .list(of: .text), "Words to select by: --select tag:nightly."),
      Field(
        "because", \.because, .text,
        "Why a missed budget only warns. Shown to whoever signs."),
    ]
  }

  // MARK: Values

  private static var path: Shape<Located<String>> { Shape<String>.text.located }

  private struct AtLeast: Sendable { var count: Int? }

  private static var rowBudget: Shape<RowBudget> {
    let details = Shape<AtLeast>.object(
      "rows", { _ in AtLeast() },
      fields: [
        Field(
          "at_least", \.count, .integer(1...1_000_000_000_000), required: true,
          "So many rows, or more.")
      ]
    ).map { details, _, _ in details.count.map { RowBudget.atLeast($0) } }
    return .either(
      "a number of rows, or {at_least: 1}",
      [
        .number(
          Shape<Int>.integer(0...1_000_000_000_000).map { count, _, _ in .exactly(count) }),
        .mapping(details),
      ])
  }

  private static var byteCount: Shape<ByteCount> {
    Shape<String>.text(
      like: #"^[0-9]+(\.[0-9]+)?(B|[kK]B|MB|GB|TB|KiB|MiB|GiB|TiB)$"#,
      called: "a number of bytes such as 500MB, 1.5GB or 64MiB"
    ) { ByteCount($0) != nil }.map { text, _, _ in ByteCount(text) }
  }

  private static var factor: Shape<Factor> {
    Shape<String>.text(
      like: #"^[0-9]+(\.[0-9]+)?x$"#, called: "so many times, such as 1x or 1.5x"
    ) { Factor($0) != nil }.map { text, _, _ in Factor(text) }
  }

  /// The word `none`, or an amount.
  private static func noneOr<Value: Sendable>(
    _ amount: Shape<Value>, _ none: @escaping @Sendable () -> Value
  ) -> Shape<Value> {
    let word = Alternative(
      fits: { if case .scalar(text: "none", isPlain: _) = $0.content { true } else { false } },
      shape: Shape<String>.word("none").map { _, _, _ in none() })
    return .either("`none`, or an amount", [word, .scalar(amount)])
  }

  // MARK: What contradicts itself

  private static func check(
    _ query: PerformanceQuery, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    func report(_ message: Diagnostic.Message, _ range: SourceRange, _ other: SourceRange? = nil) {
      let related = other.map { [Diagnostic.Related(range: $0, text: "the other is here")] } ?? []
      diagnostics.append(Diagnostic(message, at: range, related: related))
    }
    if let file = query.sqlFile, let text = query.sql {
      report(.twoTexts, file.range, text.range)
    }
    if let file = query.sourceFile, let text = query.sourceSQL {
      report(.twoTexts, file.range, text.range)
    }
    let own = query.sourceSQL?.range ?? query.sourceFile?.range
    let shared = query.sql?.range ?? query.sqlFile?.range
    let isSourceOnly = query.side?.value == .source
    if shared == nil, own == nil || !isSourceOnly {
      report(.noText, node.range.opening)
    }
    if isSourceOnly, let shared, let own { report(.idleText("sql", "side: source"), shared, own) }
    if let own, !isSourceOnly, query.versusSource == nil { report(.idleSource, own) }
    if let versus = query.versusSource, isSourceOnly, let side = query.side {
      report(.versusItself, versus.range, side.range)
    }
    if let runs = query.runs, let clients = query.clients, runs.value < clients.value {
      report(.idleClients, runs.range, clients.range)
    }
    if query.because != nil, query.severity != .warn {
      report(.idleReason, node.range.opening)
    }
    if !query.hasBudget { report(.noBudget, node.range.opening) }
  }
}

extension PerformanceQuery {
  fileprivate var hasBudget: Bool {
    p50 != nil || p95 != nil || max != nil || cold != nil || rows != nil || scanned != nil
      || spilled != nil || queued != nil || versusSource != nil
  }
}

extension Diagnostic.Message {
  fileprivate static let twoTexts = Self(
    "E0111", "the query's text and its file contradict each other", label: "take one of them out")

  fileprivate static let noText = Self(
    "E0108", "a query needs the field `sql` or `sql_file`", label: "`sql:` is missing here")

  fileprivate static func idleText(_ name: String, _ reason: String) -> Self {
    Self("E0111", "`\(name)` is never run with `\(reason)`", label: "take it out")
  }

  fileprivate static let idleSource = Self(
    "E0111", "the source's text is never run",
    label: "ask for `versus_source`, or say `side: source`")

  fileprivate static let versusItself = Self(
    "E0111", "the source cannot be compared with itself", label: "take `side: source` out")

  fileprivate static let idleClients = Self(
    "E0111", "there are more clients than runs", label: "at least one run for each client")

  fileprivate static let idleReason = Self(
    "E0111", "`because` says why a missed budget only warns, and here it fails",
    label: "write `severity: warn`, or take `because` out")

  fileprivate static let noBudget = Self(
    "E0108", "a query needs a budget", label: "nothing is expected of it",
    notes: ["for example `p95: 5s`, `rows: { at_least: 1 }` or `scanned: 500MB`"])
}
