import Diagnostics
import SpecCore
import TestSupport
import Testing

/// A small migration held in memory: one table `orders` that is the same on both sides, until a
/// test changes something.
struct Migration: Sendable {
  /// What stands below `tables:` in the spec.
  var tables = "orders:"
  /// Lines in front of `tables:`.
  var head = ""
  /// The files that the plan itself needs.
  var planFiles: FoundFiles?
  var source: FakeSide
  var target: FakeSide

  static let sourceSchema = SchemaName(schema: Identifier("public"))
  static let targetSchema = SchemaName(schema: Identifier("PUBLIC"))
  static let orders = Relation(schema: sourceSchema, name: Identifier("orders"))
  static let ORDERS = Relation(schema: targetSchema, name: Identifier("ORDERS"))

  /// Three rows of `id`, `email` and `amount`, `id` being the primary key.
  init() {
    let rows: [[String?]] = [
      ["1", "a@example.com", "10.5"], ["2", "b@example.com", "20"], ["3", nil, "0"],
    ]
    source = FakeSide(
      schemas: [Self.schema(.source, [Self.table(.source, "orders", Self.sourceColumns)])],
      rows: [Self.orders: rows])
    target = FakeSide(
      schemas: [Self.schema(.target, [Self.table(.target, "ORDERS", Self.targetColumns)])],
      rows: [Self.ORDERS: rows])
  }

  static let sourceColumns = [
    column("id", "integer", .integer(digits: 10), isNullable: false),
    column("email", "text", .text(limit: nil)),
    column("amount", "numeric(12,2)", .decimal(precision: 12, scale: 2)),
  ]

  static let targetColumns = [
    column("ID", "NUMBER(38,0)", .integer(digits: 38), isNullable: false),
    column("EMAIL", "VARCHAR(16777216)", .text(limit: 16_777_216)),
    column("AMOUNT", "NUMBER(12,2)", .decimal(precision: 12, scale: 2)),
  ]

  static func column(
    _ name: String, _ declared: String, _ logical: LogicalType, isNullable: Bool = true,
    default expression: String? = nil, identity: IdentityCatalog? = nil, isReadable: Bool = true
  ) -> ColumnCatalog {
    ColumnCatalog(
      name: Identifier(name), type: ColumnType(declared: declared, logical: logical),
      isNullable: isNullable, defaultExpression: expression, identity: identity,
      isReadable: isReadable)
  }

  /// A table with the first column as its primary key.
  static func table(
    _ side: Side, _ name: String, _ columns: [ColumnCatalog], hasKey: Bool = true,
    kind: TableCatalog.Kind = .table, uniqueKeys: [KeyCatalog] = [],
    foreignKeys: [ForeignKeyCatalog] = [], checks: [CheckCatalog] = []
  ) -> TableCatalog {
    TableCatalog(
      relation: Relation(
        schema: side == .source ? sourceSchema : targetSchema, name: Identifier(name)),
      kind: kind, columns: columns,
      primaryKey: hasKey ? KeyCatalog(name: "\(name)_pkey", columns: [columns[0].name]) : nil,
      uniqueKeys: uniqueKeys, foreignKeys: foreignKeys, checks: checks)
  }

  static func schema(
    _ side: Side, _ tables: [TableCatalog], gaps: [SchemaCatalog.CatalogGap] = []
  ) -> SchemaCatalog {
    SchemaCatalog(
      name: side == .source ? sourceSchema : targetSchema, isVisible: true, tables: tables,
      gaps: gaps)
  }

  subscript(_ side: Side) -> FakeSide {
    get { side == .source ? source : target }
    set { if side == .source { source = newValue } else { target = newValue } }
  }

  /// Puts other tables into a side's schema.
  mutating func set(
    _ side: Side, _ tables: [TableCatalog], gaps: [SchemaCatalog.CatalogGap] = []
  ) {
    self[side].schemas = [Self.schema(side, tables, gaps: gaps)]
  }

  /// Puts `orders` with other columns into both sides.
  mutating func set(source: [ColumnCatalog], target: [ColumnCatalog], hasKey: Bool = true) {
    set(.source, [Self.table(.source, "orders", source, hasKey: hasKey)])
    set(.target, [Self.table(.target, "ORDERS", target, hasKey: hasKey)])
  }

  /// Puts other rows into both sides.
  mutating func set(sourceRows: [[String?]], targetRows: [[String?]]) {
    source.rows[Self.orders] = sourceRows
    target.rows[Self.ORDERS] = targetRows
  }

  // MARK: Running

  /// The plan of the migration's spec.
  func plan() throws -> Plan { try planner().plan(sourceTables: source.schemas.first) }

  /// The plan for what a rollback would lose.
  func reversePlan() throws -> Plan {
    try planner().reversed().plan(sourceTables: source.schemas.first)
  }

  private func planner() throws -> Planner {
    let body = tables.split(separator: "\n", omittingEmptySubsequences: false)
      .map { "  \($0)" }.joined(separator: "\n")
    let text = """
      version: 1
      name: Shop
      source: { postgres: $DATABASE_URL }
      target: { snowflake: shop }
      \(head)
      tables:
      \(body)

      """
    let file = SourceFile(name: "shop.yml", text: text)
    let spec = try SpecReader.read(file)
    let connections = (try #require(spec.source), try #require(spec.target))
    return Planner(
      spec: spec, slug: "shop", source: connections.0, target: connections.1, files: planFiles)
  }

  /// What a check of the plan asked, and what it decided.
  struct Trace: Sendable {
    var verdict: Verdict
    var asks: [Ask] = []
    var merges: [Move.Merge] = []
    var comparisons: [Move.Comparison] = []
    var requests: [FileRequest] = []
    var measured: [TimingRequest] = []
    /// For each move whose rows the check knew: how many it expected, and how many were read.
    var ahead: [(expected: [Side: Int], read: [Side: Int])] = []

    /// Questions that read rows.
    var dataQuestions: [Question] { asks.map(\.question).filter { !$0.isCatalog } }
  }

  /// Runs the check whose id ends in these words to its verdict.
  func trace(
    _ check: String, method: DigestMethod = .fast, files: FakeFiles = FakeFiles()
  ) throws -> Trace {
    try Self.trace(
      try step(check).check, source: source, target: target, method: method, files: files)
  }

  /// The step whose id ends in these words.
  func step(_ check: String) throws -> Plan.Step {
    let steps = try plan().steps
    return try #require(
      steps.first { "\($0.id)".hasSuffix(".\(check)") },
      "no step ends in \(check): \(steps.map { "\($0.id)" })")
  }

  /// Runs a check to its verdict.
  static func trace(
    _ check: any Check, source: FakeSide, target: FakeSide, method: DigestMethod = .fast,
    limits: BucketLimits = BucketLimits(), files: FakeFiles = FakeFiles(),
    readAt: Timestamp? = nil
  ) throws -> Trace {
    let dialects = Dialects(
      source: FakeDialect(), target: FakeDialect(), method: method, limits: limits,
      readAt: readAt)
    var check = check
    var answers: [Answer] = []
    var trace = Trace(verdict: Verdict(summary: ""))
    for _ in 0..<2_000 {
      let move = check.next(given: answers, dialects: dialects)
      defer {
        if let expected = check.rowsAhead {
          trace.ahead.append((expected, rowsRead(for: move, answers, source, target)))
        }
      }
      switch move {
      case .decide(let verdict):
        trace.verdict = verdict
        return trace
      case .ask(let asks):
        trace.asks += asks
        answers = asks.map { ($0.side == .source ? source : target).answer(to: $0.question) }
      case .merge(let merge):
        trace.merges.append(merge)
        answers = [Self.merged(merge, source, target)]
      case .compare(let comparison):
        trace.comparisons.append(comparison)
        answers = [Self.compared(comparison, source, target)]
      case .follow(let following):
        let rows: [Side: [[String?]]] = [
          .source: source.rows[following.source.relation] ?? [],
          .target: target.rows[following.target.relation] ?? [],
        ]
        let cut = Set(Side.allCases.filter { rows[$0, default: []].count > following.limit })
        answers = [.followed(following.result(rows, dialects, cut: cut))]
      case .read(let request):
        trace.requests.append(request)
        answers = [.files(files.found(request))]
      case .lint(let request):
        trace.requests.append(request.files)
        answers = [.injection(InjectionReading(of: files.found(request.files), request))]
      case .measure(let request):
        trace.measured.append(request)
        let sides = [source.timings, target.timings].compactMap(\.self)
        answers = [.timings(Timings(sides, clients: request.clients))]
      }
    }
    throw Endless()
  }

  private struct Endless: Error {}

  /// Rows of the table that a move made each side read.
  private static func rowsRead(
    for move: Move, _ answers: [Answer], _ source: FakeSide, _ target: FakeSide
  ) -> [Side: Int] {
    switch move {
    case .ask(let asks):
      zip(asks, answers).reduce(into: [:]) { rows, pair in
        guard case .fingerprints(let found) = pair.1 else { return }
        rows[pair.0.side, default: 0] += found.values.reduce(0) { $0 + $1.rows }
      }
    case .merge(let merge):
      [
        .source: source.stream(merge.source).count, .target: target.stream(merge.target).count,
      ]
    case .compare(let comparison):
      [
        .source: source.stream(comparison.source).count,
        .target: target.stream(comparison.target).count,
      ]
    case .follow, .read, .lint, .measure, .decide: [:]
    }
  }

  private static func compared(
    _ comparison: Move.Comparison, _ source: FakeSide, _ target: FakeSide
  ) -> Answer {
    var state = KeyedMerge(
      key: comparison.key, columns: comparison.columnNames.count,
      roles: comparison.roles)
    var rows: [Side: [[String?]]?] = [
      .source: source.stream(comparison.source), .target: target.stream(comparison.target),
    ]
    do throws(DatabaseError) {
      while let side = try state.next() {
        try state.feed(side, rows[side] ?? nil)
        rows[side] = .some(nil)
      }
      return .compared(state.result)
    } catch {
      return .failed(error)
    }
  }

  private static func merged(
    _ merge: Move.Merge, _ source: FakeSide, _ target: FakeSide
  ) -> Answer {
    var state = RowMerge(
      compared: merge.source.shape.columns.count, streamed: merge.source.shape.streamed.count,
      roles: merge.roles)
    var rows: [Side: [[String?]]?] = [
      .source: source.stream(merge.source), .target: target.stream(merge.target),
    ]
    do throws(DatabaseError) {
      while let side = state.next() {
        try state.feed(side, rows[side] ?? nil)
        rows[side] = .some(nil)
      }
      return .merged(state.result)
    } catch {
      return .failed(error)
    }
  }
}

/// One line of a table of verdicts.
struct VerdictCase: CustomTestStringConvertible, Sendable {
  let name: String
  let check: String
  let outcome: Outcome
  /// Words that a finding (failed) or a reason (errored) must hold, or the summary (passed).
  let words: String
  let change: @Sendable (inout Migration) -> Void
  /// Why the case is known to be wrong today.
  var known: String?
  /// The ways of comparing that the case is about.
  var methods = DigestMethod.allCases

  var testDescription: String { "\(check): \(name)" }

  init(
    _ name: String, _ check: String, _ outcome: Outcome, _ words: String = "",
    _ change: @escaping @Sendable (inout Migration) -> Void = { _ in }, known: String? = nil
  ) {
    self.name = name
    self.check = check
    self.outcome = outcome
    self.words = words
    self.known = known
    self.change = change
  }

  /// The same case for one way of comparing.
  func only(_ method: DigestMethod) -> Self {
    var one = self
    one.methods = [method]
    return one
  }

  /// Runs the check and compares the verdict, in each way of comparing.
  func verify() throws {
    for method in methods { try verify(method) }
  }

  private func verify(_ method: DigestMethod) throws {
    var migration = Migration()
    change(&migration)
    let verdict = try migration.trace(check, method: method).verdict
    func compare() {
      #expect(verdict.outcome == outcome, "\(verdict)")
      let said: [String] =
        switch outcome {
        case .failed: verdict.findings
        case .errored: verdict.unchecked.map { "\($0.type): \($0.reason)" }
        default: [verdict.summary] + verdict.notes
        }
      #expect(said.contains { $0.contains(words) }, "\(said)")
      #expect(!verdict.summary.isEmpty)
    }
    guard let known else { return compare() }
    withKnownIssue("\(known)") { compare() }
  }
}
