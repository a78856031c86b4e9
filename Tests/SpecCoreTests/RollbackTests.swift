import SpecCore
import TestSupport
import Testing
import YAMLSource

/// The plan of the way back, Time Travel, and the clone made at cut-over.
@Suite struct RollbackTests {
  private static let files = FakeFiles([
    "docs/rollback.md": "1. Stop writes.\n", "docs/empty.md": " \n", "many/a.md": "a",
    "many/b.md": "b",
  ])

  @Test(
    arguments: [
      ("docs/rollback.md", Outcome.passed, "docs/rollback.md, sha256:"),
      ("docs/none.md", .failed, "there is no file docs/none.md"),
      ("docs/empty.md", .failed, "docs/empty.md is empty"),
      ("many", .errored, "many stands for 2 files"),
    ])
  func plan(_ path: String, _ outcome: Outcome, _ words: String) throws {
    var migration = Migration()
    migration.head = "rollback: { plan: \(path) }"
    let trace = try migration.trace("rollback.plan.exists", files: Self.files)
    #expect(trace.verdict.outcome == outcome, "\(trace.verdict)")
    #expect(trace.verdict.summary.hasPrefix(words), "\(trace.verdict)")
    #expect(trace.requests.map(\.isDigested) == [true])
    if outcome == .passed {
      #expect(trace.verdict.notes.first?.contains("16 bytes, SHA-256 ") == true)
    }
  }

  private static let travel:
    @Sendable (String, Int?, TableCatalog.Kind) ->
      @Sendable (
        inout Migration
      ) -> Void = { least, days, kind in
        { migration in
          migration.head = "rollback: { plan: a.md, time_travel: { at_least: \(least) } }"
          migration.set(
            .target,
            [
              TableCatalog(
                relation: Migration.ORDERS, kind: kind, columns: Migration.targetColumns,
                retentionDays: days)
            ])
        }
      }

  private static func retention(
    _ name: String, _ outcome: Outcome, _ words: String, _ least: String, _ days: Int?,
    _ kind: TableCatalog.Kind = .table
  ) -> VerdictCase {
    VerdictCase(name, "rollback.time_travel.retention", outcome, words, travel(least, days, kind))
  }

  static let retentions = [
    retention("long enough", .passed, "1 table, at least 7 days back", "7d", 7),
    retention("a part of a day", .passed, "", "12h", 1),
    retention("too short", .failed, "PUBLIC.ORDERS SET DATA_RETENTION_TIME_IN_DAYS = 7", "7d", 1),
    retention("none", .failed, "0 days of history, expected 1d", "1d", 0),
    retention("longer than there is", .failed, "at most 90 days", "100d", 90),
    retention("not told", .errored, "does not tell", "1d", nil),
    retention("a view", .errored, "ORDERS is a view", "1d", 7, .view),
    VerdictCase("not there", "rollback.time_travel.retention", .errored, "is not in PUBLIC") {
      $0.head = "rollback: { plan: a.md, time_travel: { at_least: 1d } }"
      $0.set(.target, [Migration.table(.target, "OTHER", Migration.targetColumns)])
    },
    VerdictCase("left behind", "rollback.time_travel.retention", .errored, "compares no table") {
      $0.head = "rollback: { plan: a.md, time_travel: { at_least: 1d } }"
      $0.tables = "orders: { only_in: source, because: no longer used }"
    },
  ]

  @Test(arguments: retentions) func timeTravel(_ each: VerdictCase) throws { try each.verify() }

  private static func clone(
    _ place: String, _ schema: SchemaName, _ tables: [String], isVisible: Bool = true
  ) -> @Sendable (inout Migration) -> Void {
    { migration in
      migration.head = "rollback: { plan: a.md, snapshot: \(place) }"
      let copies = tables.map { name in
        TableCatalog(
          relation: Relation(schema: schema, name: Identifier(name)), kind: .table, columns: [],
          estimatedRows: 3)
      }
      migration.target.schemas.append(
        SchemaCatalog(name: schema, isVisible: isVisible, tables: copies))
    }
  }

  private static let database = SchemaName(
    database: Identifier("SHOP_AT_CUTOVER"), schema: Identifier("PUBLIC"))
  private static let schema = SchemaName(
    database: Identifier("SHOP"), schema: Identifier("PUBLIC_AT_CUTOVER"))

  static let clones = [
    VerdictCase(
      "a database", "rollback.snapshot.complete", .passed, "SHOP_AT_CUTOVER holds 1 table",
      clone("SHOP_AT_CUTOVER", database, ["ORDERS"])),
    VerdictCase(
      "in small letters", "rollback.snapshot.complete", .passed, "",
      clone("shop_at_cutover", database, ["ORDERS"])),
    VerdictCase(
      "a schema", "rollback.snapshot.complete", .passed, "SHOP.PUBLIC_AT_CUTOVER holds 1 table",
      clone("SHOP.PUBLIC_AT_CUTOVER", schema, ["ORDERS", "OTHER"])),
    VerdictCase(
      "a table is missing", "rollback.snapshot.complete", .failed,
      "orders is not in SHOP_AT_CUTOVER",
      clone("SHOP_AT_CUTOVER", database, ["CUSTOMERS"])),
    VerdictCase(
      "nothing is seen in it", "rollback.snapshot.complete", .errored, "sees no table at all",
      clone("SHOP_AT_CUTOVER", database, [])),
    VerdictCase(
      "not there, or not seen", "rollback.snapshot.complete", .errored,
      "the schema SHOP_AT_CUTOVER.PUBLIC is not there",
      clone("SHOP_AT_CUTOVER", database, [], isVisible: false)),
    VerdictCase(
      "a table of another schema", "rollback.snapshot.complete", .errored, "is no clone"
    ) {
      clone("SHOP.PUBLIC_AT_CUTOVER", schema, ["ORDERS"])(&$0)
      $0.tables = "orders: { target: other.orders }"
    },
  ]

  @Test(arguments: clones) func snapshot(_ each: VerdictCase) throws { try each.verify() }

  /// A table without rows under the clone's name is no clone of one that has some.
  @Test(arguments: [(0, 5, Outcome.errored), (0, 0, .passed), (2, 5, .passed)])
  func emptyClone(_ copied: Int, _ held: Int, _ outcome: Outcome) throws {
    func orders(_ schema: SchemaName, _ rows: Int) -> SchemaCatalog {
      let table = TableCatalog(
        relation: Relation(schema: schema, name: Identifier("ORDERS")), kind: .table,
        columns: Migration.targetColumns, estimatedRows: rows)
      return SchemaCatalog(name: schema, isVisible: true, tables: [table])
    }
    var migration = Migration()
    migration.head = "rollback: { plan: a.md, snapshot: SHOP_AT_CUTOVER }"
    migration.target.schemas = [
      orders(Migration.targetSchema, held), orders(Self.database, copied),
    ]
    let verdict = try migration.trace("rollback.snapshot.complete").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
    #expect(verdict.summary.contains("is empty, but") == (outcome == .errored))
  }

  @Test func cloneCounts() throws {
    var migration = Migration()
    Self.clone("SHOP_AT_CUTOVER", Self.database, ["ORDERS"])(&migration)
    let verdict = try migration.trace("rollback.snapshot.complete").verdict
    #expect(verdict.notes.first?.contains("SHOP_AT_CUTOVER.PUBLIC.ORDERS: 3 rows") == true)
  }

  /// What only Snowflake has, a second Postgres cannot show.
  @Test(arguments: ["time_travel.retention", "snapshot.complete"])
  func secondPostgres(_ check: String) throws {
    let text = """
      version: 1
      name: Shop
      source: { postgres: $DATABASE_URL }
      target: { postgres: $COPY_URL }
      tables: [orders]
      rollback: { plan: a.md, time_travel: { at_least: 1d }, snapshot: COPY }

      """
    let spec = try SpecReader.read(
      try YAMLParser.source(name: "shop.yml", bytes: Array(text.utf8)))
    guard case .found(let source, let target) = spec.sides(environment: nil) else {
      Issue.record("both sides are named")
      return
    }
    let planner = Planner(spec: spec, slug: "shop", source: source, target: target)
    let step = try #require(
      planner.plan().steps.first { "\($0.id)" == "shop.rollback.\(check)" })
    let migration = Migration()
    let verdict = try Migration.trace(
      step.check, source: migration.source, target: migration.target
    ).verdict
    #expect(verdict.outcome == .errored)
    #expect(verdict.unchecked.map(\.type) == ["unsupported"])
  }
}
