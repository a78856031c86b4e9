/// One expectation of a query.
enum TimingBudget: Hashable, Sendable {
  case p50(TimeSpan)
  case p95(TimeSpan)
  case max(TimeSpan)
  case cold(TimeSpan)
  case rows(RowBudget)
  case scanned(ByteCount)
  case spilled(ByteCount)
  case queued(TimeSpan)
  case versusSource(Factor)

  /// The last part of the case's id.
  var name: String {
    switch self {
    case .p50: "p50"
    case .p95: "p95"
    case .max: "max"
    case .cold: "cold"
    case .rows: "rows"
    case .scanned: "scanned"
    case .spilled: "spilled"
    case .queued: "queued"
    case .versusSource: "versus_source"
    }
  }

  /// The clause of the migration procedure: query times, or what queries use.
  var clause: String {
    switch self {
    case .p50, .p95, .max, .cold, .versusSource, .rows: "3a"
    case .scanned, .spilled, .queued: "3b"
    }
  }

  /// The reports' word for a budget that is missed.
  var type: String {
    switch self {
    case .p50, .p95, .max, .cold: "too_slow"
    case .rows: "result_rows_mismatch"
    case .scanned: "too_much_scanned"
    case .spilled: "spilled"
    case .queued: "queued"
    case .versusSource: "slower_than_source"
    }
  }
}

/// The query that several checks are about: what is run where, and how often.
struct TimedQuery: Hashable, Sendable {
  /// A text, or the file that holds it.
  enum Text: Hashable, Sendable {
    case written(String)
    case file(String)
  }

  let name: String
  /// The side whose budgets these are.
  let side: Side
  /// What is run on each side that is measured.
  let texts: [Side: Text]
  let schemas: [Side: SchemaName]
  let runs: Int
  let warmup: Int
  let clients: Int
  /// Whose clock decides; `nil` for the server's where it tells.
  let clock: TimingClock?
  let targetTitle: String

  init(
    _ query: PerformanceQuery, name: String, schemas: [Side: SchemaName], targetTitle: String
  ) {
    func text(_ written: Located<String>?, _ file: Located<String>?) -> Text? {
      written.map { .written($0.value) } ?? file.map { .file(Self.plain($0.value)) }
    }
    let shared = text(query.sql, query.sqlFile)
    let own = text(query.sourceSQL, query.sourceFile)
    let side = query.side?.value ?? .target
    var texts: [Side: Text] = [:]
    if side == .target { texts[.target] = shared }
    if side == .source || query.versusSource != nil { texts[.source] = own ?? shared }
    self.name = name
    self.side = side
    self.texts = texts
    self.schemas = schemas.filter { texts[$0.key] != nil }
    clients = query.clients?.value ?? 1
    runs = query.runs?.value ?? Swift.max(PerformanceQuery.usualRuns, clients)
    warmup = query.warmup ?? PerformanceQuery.usualWarmup
    clock = query.clock
    self.targetTitle = targetTitle
  }

  /// The path as files are found by it: `./sql//a.sql` is `sql/a.sql`.
  private static func plain(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// Files that hold texts.
  var files: [String] {
    Side.allCases.compactMap { side in
      if case .file(let path)? = texts[side] { path } else { nil }
    }
  }

  func title(_ side: Side) -> String { side == .source ? "Postgres" : targetTitle }

  /// How it is measured: `20 runs after 3, 8 clients at once`.
  var rhythm: String {
    let before = warmup > 0 ? " after \(counted(warmup, "warm-up run"))" : ""
    let each = warmup > 0 && clients > 1 ? " of each client" : ""
    let together = clients > 1 ? ", \(clients) clients at once" : ""
    return "\(counted(runs, "run"))\(before)\(each)\(together)"
  }

  /// What a budget expects, for readers who know neither YAML nor SQL.
  func sentence(_ budget: TimingBudget) -> String {
    let place = title(side)
    let clock = clock == .wire ? ", until the last row has arrived" : ""
    let load = clients > 1 ? " while \(clients) clients run it at once" : ""
    func most(_ span: TimeSpan) -> String {
      "at most \(spoken(seconds: span.seconds)) in \(place)\(load)\(clock)."
    }
    switch budget {
    case .p50(let span): return "\(name): half of the runs take \(most(span))"
    case .p95(let span): return "\(name): 95 of 100 runs take \(most(span))"
    case .max(let span): return "\(name): every run takes \(most(span))"
    case .cold(let span):
      return
        "\(name): the first run, before any other, takes at most \(spoken(seconds: span.seconds)) "
        + "in \(place)\(clock)."
    case .rows(let rows): return "\(name): the query returns \(rows.words) in \(place)."
    case .scanned(let bytes):
      return "\(name): no run reads more than \(bytes.words) of tables in \(place)."
    case .spilled(let bytes) where bytes.bytes == 0:
      return "\(name): no run writes anything aside for want of memory in \(place)."
    case .spilled(let bytes):
      return "\(name): no run writes more than \(bytes.words) aside for want of memory in \(place)."
    case .queued(let span) where span.seconds == 0:
      return "\(name): no run has to wait for its turn in \(place)\(load)."
    case .queued(let span):
      return
        "\(name): no run waits longer than \(spoken(seconds: span.seconds)) for its turn in "
        + "\(place)\(load)."
    case .versusSource(let factor) where factor.value == 1:
      return "\(name): the median run is not slower in \(place) than in Postgres\(load)\(clock)."
    case .versusSource(let factor):
      return
        "\(name): the median run takes at most \(factor.words) times as long in \(place) as in "
        + "Postgres\(load)\(clock)."
    }
  }
}
