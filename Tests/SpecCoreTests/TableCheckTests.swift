import SpecCore
import TestSupport
import Testing

/// `exists`, `row_count`, `column_count` and coverage: what passes, fails, and cannot be told.
@Suite struct TableCheckTests {
  private static func view(_ side: Side, _ name: String) -> TableCatalog {
    Migration.table(
      side, name, side == .source ? Migration.sourceColumns : Migration.targetColumns)
  }

  private static let invisible: @Sendable (Side) -> SchemaCatalog = { side in
    SchemaCatalog(
      name: side == .source ? Migration.sourceSchema : Migration.targetSchema, isVisible: false,
      tables: [])
  }

  static let exists = [
    VerdictCase("both sides", "orders.exists", .passed, "there on both sides"),
    VerdictCase("missing in the target", "orders.exists", .failed, "orders is not in PUBLIC") {
      $0.set(.target, [view(.target, "ORDER_ITEMS")])
    },
    VerdictCase("nearest name", "orders.exists", .failed, "did you mean ORDRES?") {
      $0.set(.target, [view(.target, "ORDRES")])
    },
    VerdictCase("missing in the source", "orders.exists", .failed, "(source)") {
      $0.set(.source, [view(.source, "customers")])
    },
    VerdictCase("target schema not visible", "orders.exists", .errored, "missing_object") {
      $0.target.schemas = [invisible(.target)]
    },
    VerdictCase("source schema not visible", "orders.exists", .errored, "missing_object") {
      $0.source.schemas = [invisible(.source)]
    },
    VerdictCase("no table seen at all", "orders.exists", .errored, "sees no table at all") {
      $0.set(.target, [])
    },
    VerdictCase("two spellings in the target", "orders.exists", .errored, "ambiguous_name") {
      $0.set(.target, [view(.target, "ORDERS"), view(.target, "orders")])
    },
    VerdictCase("two spellings in the source", "orders.exists", .passed, "there on both sides") {
      $0.set(.source, [view(.source, "Orders"), view(.source, "orders")])
    },
    VerdictCase("neither spelling is the folded one", "orders.exists", .errored, "ambiguous_name") {
      $0.set(.source, [view(.source, "Orders"), view(.source, "ORDERS")])
    },
    VerdictCase("a quoted name means its spelling", "Orders.exists", .failed, "Orders is not in") {
      $0.tables = "'\"Orders\"':"
    },
    VerdictCase("a source name of its own", "orders.exists", .passed) {
      $0.tables = "orders: { source: legacy_orders }"
      $0.set(.source, [view(.source, "legacy_orders")])
    },
    VerdictCase("another schema", "orders.exists", .errored, "the schema OTHER is not there") {
      $0.tables = "orders: { target: other.orders }"
    },
    VerdictCase("left behind, as said", "orders.exists", .passed, "in the source only") {
      $0.tables = "orders: { only_in: source, because: no longer used }"
      $0.set(.target, [view(.target, "CUSTOMERS")])
    },
    VerdictCase("left behind, yet there", "orders.exists", .failed, "although it should not") {
      $0.tables = "orders: { only_in: source, because: no longer used }"
    },
    VerdictCase("left behind, not even in the source", "orders.exists", .failed, "(source)") {
      $0.tables = "orders: { only_in: source, because: no longer used }"
      $0.set(.source, [view(.source, "customers")])
      $0.set(.target, [view(.target, "CUSTOMERS")])
    },
    VerdictCase("left behind, target not visible", "orders.exists", .errored, "missing_object") {
      $0.tables = "orders: { only_in: source, because: no longer used }"
      $0.target.schemas = [invisible(.target)]
    },
    VerdictCase("new in the target", "orders.exists", .passed, "in the target only") {
      $0.tables = "orders: { only_in: target, because: made for reports }"
      $0.set(.source, [view(.source, "customers")])
    },
  ]

  private static let three: [[String?]] = [["1", nil, nil], ["2", nil, nil], ["3", nil, nil]]

  private static func counts(_ source: String?, _ target: String?, _ expectation: String)
    -> @Sendable (inout Migration) -> Void
  {
    { migration in
      migration.tables = "orders: { row_count: \(expectation) }"
      for (side, count) in [(Side.source, source), (.target, target)] {
        migration[side].override = { question in
          if case .aggregate = question { .measures([[count]]) } else { nil }
        }
      }
    }
  }

  static let rowCounts = [
    VerdictCase("equal", "row_count", .passed, "3 = 3"),
    VerdictCase("fewer", "row_count", .failed, "1,000 rows fewer", counts("1001", "1", "equal")),
    VerdictCase(
      "more", "row_count", .failed, "1 row more in the target", counts("1", "2", "equal")),
    VerdictCase("both empty", "row_count", .failed, "both tables are empty") {
      $0.set(sourceRows: [], targetRows: [])
    },
    VerdictCase("empty as said", "row_count", .passed, "0 = 0") {
      $0.tables = "orders: { row_count: 0 }"
      $0.set(sourceRows: [], targetRows: [])
    },
    VerdictCase("target empty", "row_count", .failed, "3 rows fewer") {
      $0.set(sourceRows: three, targetRows: [])
    },
    VerdictCase("exact", "row_count", .passed, "7 = 7", counts("7", "7", "7")),
    VerdictCase(
      "exact, both wrong", "row_count", .failed, "the source holds 6", counts("6", "6", "7")),
    VerdictCase(
      "exact, target wrong", "row_count", .failed, "target holds 6", counts("7", "6", "7")),
    VerdictCase(
      "each its own", "row_count", .passed, "7 → 6", counts("7", "6", "{ source: 7, target: 6 }")),
    VerdictCase(
      "swapped", "row_count", .failed, "", counts("6", "7", "{ source: 7, target: 6 }")),
    VerdictCase("within rows", "row_count", .passed, "", counts("100", "75", "{ within: 25 }")),
    VerdictCase(
      "beyond rows", "row_count", .failed, "26 rows apart", counts("100", "74", "{ within: 25 }")),
    VerdictCase(
      "within per cent", "row_count", .passed, "", counts("1000", "999", "{ within: 0.1% }")),
    VerdictCase(
      "beyond per cent", "row_count", .failed, "", counts("1000", "998", "{ within: 0.1% }")),
    VerdictCase(
      "per cent of the source", "row_count", .failed, "", counts("0", "1", "{ within: 50% }")),
    VerdictCase(
      "per cent of great numbers", "row_count", .failed, "",
      counts("9000000000000000000", "8999999999998999999", "{ within: 0.00000000001% }")),
    VerdictCase(
      "both empty within rows", "row_count", .failed, "both tables are empty",
      counts("0", "0", "{ within: 25 }")),
    VerdictCase(
      "both empty within per cent", "row_count", .failed, "both tables are empty",
      counts("0", "0", "{ within: 1% }")),
    VerdictCase(
      "NULL for a count", "row_count", .errored, "not a number", counts(nil, nil, "equal")),
    VerdictCase(
      "words for a count", "row_count", .errored, "not a number", counts("a", "a", "equal")),
    VerdictCase(
      "nothing for a count", "row_count", .errored, "not a number", counts("", "", "equal")),
    VerdictCase(
      "a fraction for a count", "row_count", .errored, "not a number", counts("1.0", "1", "equal")),
    VerdictCase("only some rows", "row_count", .passed, "1 = 1") {
      $0.tables = "orders: { where: id = 2 }"
      $0.source.isWanted = { $1[0] == "2" }
      $0.target.isWanted = { $1[0] == "2" }
    },
    VerdictCase("no row fits the condition", "row_count", .failed, "both tables are empty") {
      $0.tables = "orders: { where: id = 9 }"
      $0.source.isWanted = { _, _ in false }
      $0.target.isWanted = { _, _ in false }
    },
    VerdictCase("table missing", "row_count", .errored, "missing_object") {
      $0.set(.target, [view(.target, "CUSTOMERS")])
    },
  ]

  static let coverage = [
    VerdictCase("all listed", "unlisted_tables", .passed, "all 1 table of public"),
    VerdictCase("one forgotten", "unlisted_tables", .failed, "refunds is in public") {
      $0.set(.source, [view(.source, "orders"), view(.source, "refunds")])
    },
    VerdictCase("a forgotten view", "unlisted_tables", .passed) {
      let view = Migration.table(.source, "totals", Migration.sourceColumns, kind: .view)
      $0.set(.source, [Self.view(.source, "orders"), view])
    },
    VerdictCase("not visible", "unlisted_tables", .errored, "missing_object") {
      $0.source.schemas = [invisible(.source)]
    },
    VerdictCase("excused", "unlisted_tables", .passed) {
      $0.tables = "all: { except: { refunds: kept in the archive } }"
      $0.set(.source, [view(.source, "orders"), view(.source, "refunds")])
    },
    VerdictCase(
      "no table seen", "unlisted_tables", .errored, "missing_object"
    ) { $0.set(.source, []) },
    VerdictCase(
      "another spelling is another table", "unlisted_tables", .failed, "Orders is in public"
    ) { $0.set(.source, [view(.source, "orders"), view(.source, "Orders")]) },
    VerdictCase(
      "a quoted name lists one spelling", "unlisted_tables", .failed, "orders is in public"
    ) {
      $0.tables = "'\"Orders\"':"
      $0.set(.source, [view(.source, "orders"), view(.source, "Orders")])
    },
    VerdictCase("listed in another schema only", "unlisted_tables", .failed, "orders is in public")
    {
      $0.tables = "orders: { source: archive.orders }"
    },
  ]

  static let columnCounts = [
    VerdictCase("as said", "column_count", .passed, "3 columns") {
      $0.tables = "orders: { column_count: 3 }"
    },
    VerdictCase("one more", "column_count", .failed, "the spec says 2") {
      $0.tables = "orders: { column_count: 2 }"
    },
  ]

  @Test(arguments: exists + rowCounts + coverage + columnCounts)
  func verdict(_ each: VerdictCase) throws { try each.verify() }

  /// `tables: all` must not lose a table of which the spec names another spelling.
  @Test func allTablesAreAll() throws {
    var migration = Migration()
    migration.tables = "all:\norders:"
    migration.set(.source, ["orders", "Orders", "we\"ird", "x"].map { Self.view(.source, $0) })
    let titles = Set(try migration.plan().suites.map(\.title))
    #expect(titles.isSuperset(of: ["orders", "x"]))
    #expect(titles.count == 5, "\(titles.sorted())")
  }
}
