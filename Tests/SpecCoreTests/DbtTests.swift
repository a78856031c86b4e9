import Diagnostics
import SpecCore
import TestSupport
import Testing

/// The dbt section: tests that were run, and views against what they replace.
@Suite struct DbtTests {
  /// `orders`, and the view B in the target that replaces the source's `orders`.
  private static func migration(_ sample: DbtSample = DbtSample(), _ more: String = "") -> Migration
  {
    var migration = Migration()
    migration.planFiles = sample.found
    migration.head = """
      dbt:
        project: shop
        select: tag:migrated
        tests: { newer_than: 24h }
      \(more)
      """
    let b = Migration.table(.target, "B", Migration.targetColumns, hasKey: false, kind: .view)
    migration.set(
      .target, [Migration.table(.target, "ORDERS", Migration.targetColumns), b])
    migration.target.rows[b.relation] = migration.target.rows[Migration.ORDERS]
    migration.target.listings[.viewBases(b.relation)] = [
      ListedRow(["name": "ORDERS"])
    ]
    return migration
  }

  private static let b = Relation(
    schema: SchemaName(database: Identifier("SHOP"), schema: Identifier("PUBLIC")),
    name: Identifier("B"))

  @Test("the cases of a project")
  func cases() throws {
    let ids = try Self.migration().plan().steps.map { "\($0.id)" }.filter { $0.contains(".dbt.") }
    #expect(
      ids == [
        "shop.dbt.project.artifacts", "shop.dbt.project.fresh", "shop.dbt.b.exists",
        "shop.dbt.b.columns", "shop.dbt.b.row_count", "shop.dbt.b.rows", "shop.dbt.b.base_tables",
        "shop.dbt.b.session_zone", "shop.dbt.b.tests.adds_up", "shop.dbt.b.tests.unique_b_id",
        "shop.dbt.b.tests.works", "shop.dbt.b.tested",
      ])
  }

  // MARK: Tests

  @Test(
    "what became of a test",
    arguments: [
      ("pass", "ERROR", Outcome.passed, CaseSeverity.error), ("fail", "ERROR", .failed, .error),
      ("warn", "ERROR", .failed, .warn), ("warn", "warn", .failed, .warn),
      ("fail", "warn", .failed, .warn),
      ("skipped", "ERROR", .errored, .error), ("error", "ERROR", .errored, .error),
      ("runtime error", "ERROR", .errored, .error), ("no-op", "ERROR", .errored, .error),
    ])
  func status(
    _ status: String, _ severity: String, _ outcome: Outcome, _ effect: CaseSeverity
  ) throws {
    var sample = DbtSample()
    sample.severity = severity
    sample.statuses["test.shop.unique_b_id.1"] = status
    sample.failures["test.shop.unique_b_id.1"] = status == "pass" ? 0 : 3
    let migration = Self.migration(sample)
    let step = try migration.step("b.tests.unique_b_id")
    #expect(step.severity == effect)
    let verdict = try migration.trace("b.tests.unique_b_id").verdict
    #expect(verdict.outcome == outcome)
  }

  @Test("a test that was not run is no pass")
  func notRun() throws {
    var sample = DbtSample()
    sample.statuses["test.shop.unique_b_id.1"] = nil
    let verdict = try Self.migration(sample).trace("b.tests.unique_b_id").verdict
    #expect(verdict.outcome == .errored)
    #expect(verdict.summary.contains("was not run"))
  }

  @Test("rows that a test does not look at are told")
  func condition() throws {
    let verdict = try Self.migration().trace("b.tests.adds_up").verdict
    #expect(verdict.outcome == .passed)
    #expect(verdict.notes.contains { $0.contains("id > 1") })
  }

  @Test(
    "files that are missing or broken",
    arguments: [
      ("manifest.json", ""), ("manifest.json", "{}"), ("run_results.json", ""),
      ("run_results.json", "[]"),
    ])
  func files(_ name: String, _ content: String) throws {
    var found = DbtSample().found
    let index = try #require(found.files.firstIndex { $0.path.hasSuffix(name) })
    let path = found.files[index].path
    found.files.remove(at: index)
    if !content.isEmpty { found.files.append(FoundFile(path, .bytes(Array(content.utf8)))) }
    var migration = Self.migration()
    migration.planFiles = found
    #expect(try migration.trace("project.artifacts").verdict.outcome == .errored)
    if name == "run_results.json" {
      #expect(try migration.trace("project.fresh").verdict.outcome == .errored)
    }
    #expect(
      try migration.plan().steps.filter { "\($0.id)".contains("b.tests.") }.allSatisfy { step in
        let trace = try Migration.trace(
          step.check, source: migration.source, target: migration.target)
        return trace.verdict.outcome == .errored
      })
  }

  @Test("artifacts that do not fit", arguments: ["postgres", "bigquery"])
  func adapter(_ adapter: String) throws {
    let verdict = try Self.migration(DbtSample(adapter: adapter)).trace("project.artifacts").verdict
    #expect(verdict.outcome == .failed)
    #expect(verdict.findings[0].contains(adapter))
  }

  @Test("a selection of nothing is no pass")
  func nothing() throws {
    var migration = Self.migration()
    migration.head = "dbt: { project: shop, select: tag:none }"
    #expect(try migration.trace("project.artifacts").verdict.outcome == .failed)
  }

  @Test(
    "results and the last load",
    arguments: [
      // The tests ran at 1795404249; the tables were changed then; the run reads at.
      ("1795400000", 1_795_410_000, Outcome.passed), ("1795404300", 1_795_410_000, .failed),
      ("", 1_795_410_000, .errored), ("1795400000", 1_795_404_249 + 90_000, .failed),
      ("1795400000", 1_795_404_249 - 3_600, .failed),
    ])
  func fresh(_ altered: String, _ readAt: Int64, _ outcome: Outcome) throws {
    let migration = Self.migration()
    var target = migration.target
    target.listings[
      .lastAltered(SchemaName(database: Identifier("SHOP"), schema: Identifier("PUBLIC")))] =
      altered.isEmpty ? [] : [ListedRow(["name": "ORDERS", "altered_at": "\(altered)000"])]
    let trace = try Migration.trace(
      try migration.step("project.fresh").check, source: migration.source, target: target,
      readAt: Timestamp(microseconds: readAt * 1_000_000))
    #expect(trace.verdict.outcome == outcome)
  }

  @Test("a model without rows, and one without tests")
  func tested() throws {
    var migration = Self.withDatabase()
    #expect(try migration.trace("b.tested").verdict.outcome == .passed)
    migration.target.rows[Self.b] = []
    let empty = try migration.trace("b.tested").verdict
    #expect(empty.outcome == .failed)
    #expect(empty.type == "empty_model")
    migration.head = "dbt: { project: shop, select: a, tests: pass, untested: fail }"
    migration.planFiles = DbtSample().found
    let untested = try migration.step("a.tested")
    #expect(untested.severity == .error)
  }

  /// The same with a target whose schemas are named with their database, as the manifest has them.
  private static func withDatabase(_ sample: DbtSample = DbtSample(), _ more: String = "")
    -> Migration
  {
    var migration = Self.migration(sample, more)
    let schema = SchemaName(database: Identifier("SHOP"), schema: Identifier("PUBLIC"))
    func moved(_ name: String, _ kind: TableCatalog.Kind) -> TableCatalog {
      TableCatalog(
        relation: Relation(schema: schema, name: Identifier(name)), kind: kind,
        columns: Migration.targetColumns)
    }
    migration.target.schemas.append(
      SchemaCatalog(
        name: schema, isVisible: true,
        tables: [
          moved("B", sample.bIsView ? .view : .table), moved("A", .view), moved("ORDERS", .table),
          moved("STRANGER", .table),
        ]))
    let rows = migration.target.rows[Migration.ORDERS]
    for name in ["B", "A", "ORDERS"] {
      migration.target.rows[Relation(schema: schema, name: Identifier(name))] = rows
    }
    migration.target.listings[.viewBases(Self.b)] = [ListedRow(["name": "A"])]
    migration.target.listings[
      .viewBases(Relation(schema: schema, name: Identifier("A")))] = [ListedRow(["name": "ORDERS"])]
    return migration
  }

  // MARK: Views

  @Test(
    "a view that gives the same",
    arguments: ["exists", "columns", "row_count", "rows", "base_tables", "session_zone"])
  func same(_ check: String) throws {
    let verdict = try Self.withDatabase().trace("dbt.b.\(check)").verdict
    #expect(verdict.outcome == .passed, "\(verdict)")
  }

  private static let keyed = """
      views:
        b:
          key: id
          equals: { source_query: "select * from orders" }
    """

  /// A view whose original is a query.
  private static func queried() -> Migration {
    var migration = withDatabase(DbtSample(), keyed)
    migration.source.queries["select * from orders"] = Migration.sourceColumns
    let relation = Relation(
      schema: Migration.sourceSchema, name: Identifier("the query for b"),
      query: "select * from orders")
    migration.source.rows[relation] = migration.source.rows[Migration.orders]
    return migration
  }

  @Test(
    "a view against a query",
    arguments: ["exists", "columns", "key", "row_count", "rows", "base_tables", "session_zone"])
  func query(_ check: String) throws {
    let verdict = try Self.queried().trace("dbt.b.\(check)").verdict
    #expect(verdict.outcome == .passed, "\(verdict)")
  }

  @Test("rows that an inner join loses, that a join multiplies, that are rounded")
  func faults() throws {
    var lost = Self.queried()
    lost.target.rows[Self.b]?.removeLast()
    let rows = try lost.trace("dbt.b.rows").verdict
    #expect(rows.outcome == .failed)
    #expect(rows.rows?.removed == 1)
    #expect(rows.rows?.likely.contains { $0.contains("inner join") } == true)
    var more = Self.queried()
    more.target.rows[Self.b]?.append(["3", nil, "0"])
    let key = try more.trace("dbt.b.key").verdict
    #expect(key.outcome == .failed)
    #expect(key.type == "fan_out")
    var rounded = Self.queried()
    rounded.target.rows[Self.b]?[0][2] = "10"
    #expect(try rounded.trace("dbt.b.rows").verdict.rows?.columns.first?.column == "amount")
  }

  @Test(
    "a view over another copy",
    arguments: [
      (["name": "STRANGER"], Outcome.failed),
      (["database": "DEV", "schema": "PUBLIC", "name": "ORDERS"], .errored),
      (["kind": "unknown", "name": "the function f(…)"], .errored), (["name": "ORDERS"], .passed),
      (["kind": "other", "name": "SEQ"], .failed),
    ])
  func bases(_ row: [String: String], _ outcome: Outcome) throws {
    var migration = Self.withDatabase()
    migration.target.listings[.viewBases(Self.b)] = [ListedRow(row)]
    let verdict = try migration.trace("dbt.b.base_tables").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  @Test("a view whose text is not shown is no pass")
  func hidden() throws {
    var migration = Self.withDatabase()
    migration.target.listings[.viewBases(Self.b)] = nil
    #expect(try migration.trace("dbt.b.base_tables").verdict.outcome == .errored)
  }

  @Test(
    "a model kept as a table, and what it is built of",
    arguments: [
      ("200", "100", Outcome.passed), ("100", "200", .failed),
    ])
  func stale(_ built: String, _ changed: String, _ outcome: Outcome) throws {
    var sample = DbtSample()
    sample.bIsView = false
    var migration = Self.withDatabase(sample)
    migration.target.listings[.lastAltered(Self.b.schema)] = [
      ListedRow(["name": "B", "altered_at": built]),
      ListedRow(["name": "ORDERS", "altered_at": changed]),
    ]
    let verdict = try migration.trace("dbt.b.base_tables").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  @Test("a view that follows the session's time zone")
  func zones() throws {
    var migration = Self.withDatabase()
    migration.target.zoned["Pacific/Kiritimati"] = [Self.b: [["1", "x", "1"]]]
    let verdict = try migration.trace("dbt.b.session_zone").verdict
    #expect(verdict.outcome == .failed)
    #expect(verdict.summary.contains("time zone"))
  }

  @Test(
    "models that nobody knows, and originals that nobody names",
    arguments: [
      ("views: { bb: {} }", "bb.exists"),
      ("views: { d: { equals: { source_view: orders } } }", "d.exists"),
      ("views: { c: {} }", "c.exists"),
      ("views: { b: { equals: { source_file: q.sql } } }", "dbt.b.exists"),
    ])
  func unknown(_ more: String, _ check: String) throws {
    let verdict = try Self.withDatabase(DbtSample(), "  " + more).trace(check).verdict
    #expect(verdict.outcome == .errored, "\(verdict)")
  }

  @Test(
    "mistakes in a spec",
    arguments: [
      ("dbt: {}", "E0100"), ("dbt: { select: a }", "E0108"),
      ("dbt: { project: x, select: \"state:new\" }", "E0115"),
      ("dbt: { project: x, tests: fail }", "E0101"),
      ("dbt: { project: x, untested: fail }", "E0111"),
      ("dbt: { views: { b: { key: id } } }", "E0108"),
      ("dbt: { project: x, views: { b: { equals: { source_query: delete from x } } } }", "E0114"),
      (
        "dbt: { project: x, views: { b: { equals: { source_view: a, source_query: select 1 } } } }",
        "E0111"
      ),
      (
        "dbt: { project: x, views: { b: { tolerance: { v: 1 }, columns: { v: { tolerance: 2, because: why not } } } } }",
        "E0111"
      ),
      ("dbt: { project: x, views: { b: { row_count: skip } } }", "E0110"),
    ])
  func mistakes(_ head: String, _ code: String) {
    var migration = Migration()
    migration.head = head
    #expect {
      _ = try migration.plan()
    } throws: { error in
      (error as? DiagnosticsError)?.diagnostics.contains { $0.message.code == code } == true
    }
  }
}
