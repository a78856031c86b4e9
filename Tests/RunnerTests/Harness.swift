import Diagnostics
import Runner
import SpecCore
import Synchronization
import TestSupport
import Testing

/// Plans and databases for runs: tables `t0`, `t1`… with a key and one column, the same on both sides.
struct Harness: Sendable {
  var spec = "[t0, t1]"
  var head = ""
  var tableCount = 2
  var width = 2
  var maxFailures: Int?
  var timeout: Double?
  var strict = false
  var method = DigestMethod.md5
  /// Each table has a JSON column too, which the sides print in ways of their own, so that it is
  /// read row by row.
  var hasDocument = false
  /// What the catalogs say of each table's rows.
  var estimatedRows: Int?
  var differences: (any DifferenceSink)?
  /// What a user selects.
  var selection: Selection?

  static let sourceSchema = SchemaName(schema: Identifier("public"))
  static let targetSchema = SchemaName(schema: Identifier("PUBLIC"))

  private func schema(_ side: Side) -> SchemaCatalog {
    let name = side == .source ? Self.sourceSchema : Self.targetSchema
    let tables = (0..<tableCount).map { number in
      let key = Identifier(side == .source ? "id" : "ID")
      let column = ColumnCatalog(
        name: key, type: ColumnType(declared: "bigint", logical: .integer(digits: 19)),
        isNullable: false)
      let document = ColumnCatalog(
        name: Identifier(side == .source ? "doc" : "DOC"),
        type: ColumnType(declared: "jsonb", logical: .json), isNullable: false)
      return TableCatalog(
        relation: Relation(
          schema: name, name: Identifier(side == .source ? "t\(number)" : "T\(number)")),
        kind: .table, columns: hasDocument ? [column, document] : [column],
        primaryKey: KeyCatalog(name: "k", columns: [key]), estimatedRows: estimatedRows)
    }
    return SchemaCatalog(name: name, isVisible: true, tables: tables)
  }

  /// A database that answers as if each table held three equal rows, but for what `reply` says.
  func database(
    _ side: Side, _ name: String? = nil,
    reply: @escaping @Sendable (String) async -> Result<Rows, DatabaseError>? = { _ in nil },
    stream: @escaping FakeDatabase.Streaming = { _ in .success([]) },
    breaking: @escaping @Sendable (String) -> DatabaseError? = { _ in nil }
  ) -> FakeDatabase {
    FakeDatabase(
      name ?? side.rawValue,
      dialect: FakeDialect(
        salt: "", family: hasDocument ? side.rawValue : "fake", schemas: [schema(side)]),
      answering: { sql in
        if let scripted = await reply(sql) { return scripted }
        return .success(Self.rows(sql))
      }, streaming: stream, breaking: breaking)
  }

  /// The right answer to a statement of the fake dialect.
  static func rows(_ sql: String) -> Rows {
    if sql.hasPrefix("CATALOG") { return Rows(columns: [], cells: []) }
    if sql.contains("groups_found") { return Rows(columns: [], cells: [["0", "0"]]) }
    if sql.contains("HAVING") { return Rows(columns: [], cells: []) }
    let list = sql.prefix(upTo: sql.firstRange(of: " FROM ")?.lowerBound ?? sql.endIndex)
    let cells: [String?] = list.split(separator: ", ").filter { $0.contains(" AS v") }.map {
      $0.contains("COUNT(*)") ? "3" : $0.contains("LOW") || $0.contains("HIGH") ? "77" : "0"
    }
    return Rows(columns: [], cells: [cells])
  }

  /// Everything a test wants to know of a run.
  struct Outcome: Sendable {
    let result: RunResult
    let events: [String]

    func cases(_ check: String) -> [CaseResult] { result.cases.filter { $0.id.check == check } }
  }

  /// The planner of the harness's spec.
  func planner() throws -> Planner {
    let text = """
      version: 1
      name: Run
      source: { postgres: $A }
      target: { snowflake: a }
      unlisted_tables: ignore
      \(head)
      tables: \(spec)

      """
    let spec = try SpecReader.read(SourceFile(name: "run.yml", text: text))
    return Planner(
      spec: spec, slug: "run", source: try #require(spec.source),
      target: try #require(spec.target))
  }

  /// Runs the plan, or the part of it that is wanted.
  func run(
    _ source: any Connector, _ target: any Connector, stop: StopSwitch = StopSwitch(),
    onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in },
    where isWanted: @escaping @Sendable (Plan.Step) -> Bool = { _ in true }
  ) async throws -> Outcome {
    let planner = try planner()
    let log = EventLog()
    let runner = Runner(
      request: Runner.Request(
        runID: "r", toolVersion: "1",
        spec: SpecIdentity(path: "run.yml", name: "Run", slug: "run", sha256: "0"),
        environment: nil, operatorName: "o", hostName: "h", declaredSource: "postgres $A",
        declaredTarget: "snowflake a", strict: strict, width: width, timeout: timeout,
        maxFailures: maxFailures, method: method),
      source: source, target: target, neededCatalog: planner.neededCatalog,
      plan: { [selection] catalog in
        let plan = planner.plan(sourceTables: catalog).filtered(isWanted)
        return selection.map { plan.selected(by: $0) } ?? plan
      },
      now: { Timestamp(microseconds: 0) }, stop: stop, files: FakeFiles(),
      differences: differences,
      events: { event in
        log.add(event)
        onEvent(event)
      })
    let result = await runner.run()
    return Outcome(result: result, events: log.lines)
  }

  func run(
    _ source: FakeDatabase, _ target: FakeDatabase,
    where isWanted: @escaping @Sendable (Plan.Step) -> Bool = { _ in true }
  ) async throws -> Outcome {
    try await run(
      FakeConnector([.success(source)]), FakeConnector([.success(target)]), where: isWanted)
  }
}

/// Events as words, in the order they came.
private final class EventLog: Sendable {
  private let state = Mutex<[String]>([])

  var lines: [String] { state.withLock { $0 } }

  func add(_ event: RunEvent) {
    let line =
      switch event {
      case .connecting(let side, _): "connecting \(side)"
      case .connected(let side, let facts): "connected \(side) \(facts.name)"
      case .connectionFailed(let side, let error): "failed \(side) \(error.kind.rawValue)"
      case .waiting(let seconds, let cases): "waiting \(seconds) \(cases)"
      case .planned(let suites): "planned \(suites.count)"
      case .suiteStarted(let name): "started \(name)"
      case .reading(let id, let rows):
        "reading \(id) \(rows[.source] ?? 0) \(rows[.target] ?? 0)"
      case .read(let id, let side, let rows): "read \(id) \(side) \(rows)"
      case .caseFinished(let result): "case \(result.id) \(result.outcome.rawValue)"
      case .suiteFinished(let result): "finished \(result.name)"
      }
    state.withLock { $0.append(line) }
  }
}
