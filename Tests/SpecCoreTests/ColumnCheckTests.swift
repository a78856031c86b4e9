import SpecCore
import TestSupport
import Testing

/// `columns` and the expectations for single columns.
@Suite struct ColumnCheckTests {
  private static func replaced(
    _ columns: [ColumnCatalog], _ index: Int, _ column: ColumnCatalog
  ) -> [ColumnCatalog] {
    var columns = columns
    columns[index] = column
    return columns
  }

  private static let narrow = replaced(
    Migration.targetColumns, 2,
    Migration.column("AMOUNT", "NUMBER(10,2)", .decimal(precision: 10, scale: 2)))
  private static let renamed = replaced(
    Migration.targetColumns, 1, Migration.column("MAIL", "VARCHAR", .text(limit: nil)))

  static let columns = [
    VerdictCase("the same", "columns", .passed, "3 columns with types that fit"),
    VerdictCase("missing", "columns", .failed, "amount (numeric(12,2)) is missing in the target") {
      $0.set(source: Migration.sourceColumns, target: Array(Migration.targetColumns.prefix(2)))
    },
    VerdictCase("extra", "columns", .failed, "AMOUNT (NUMBER(12,2)) is extra in the target") {
      $0.set(source: Array(Migration.sourceColumns.prefix(2)), target: Migration.targetColumns)
    },
    VerdictCase("renamed without a word", "columns", .failed, "`MAIL: { renamed_from: email }`") {
      $0.set(source: Migration.sourceColumns, target: renamed)
    },
    VerdictCase("renamed as said", "columns", .passed) {
      $0.tables = "orders: { columns: { mail: { renamed_from: email } } }"
      $0.set(source: Migration.sourceColumns, target: renamed)
    },
    VerdictCase("renamed from nothing", "columns", .failed, "the old name of mail") {
      $0.tables = "orders: { columns: { mail: { renamed_from: e_mail } } }"
      $0.set(source: Migration.sourceColumns, target: renamed)
    },
    VerdictCase("said of a column that is nowhere", "columns", .failed, "colour is on neither side")
    {
      $0.tables = "orders: { columns: { colour: { not_null: true } } }"
    },
    VerdictCase("only in the source, yet on both", "columns", .failed, "but the target has it") {
      $0.tables = "orders: { columns: { amount: { only_in: source, because: moved } } }"
    },
    VerdictCase("only in the target, as said", "columns", .passed) {
      $0.tables = "orders: { columns: { loaded_at: { only_in: target, because: by the loader } } }"
      let extra = Migration.column("LOADED_AT", "TIMESTAMP_NTZ(9)", .timestamp(fraction: 9))
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns + [extra])
    },
    VerdictCase("too narrow", "columns", .failed, "amount: NUMBER(10,2) holds 8 digits") {
      $0.set(source: Migration.sourceColumns, target: narrow)
    },
    VerdictCase("too narrow, accepted", "columns", .passed, "(accepted: small sums only)") {
      $0.tables =
        "orders: { columns: { amount: { type: 'number(10,2)', because: small sums only } } }"
      $0.set(source: Migration.sourceColumns, target: narrow)
    },
    VerdictCase("too narrow, said without a reason", "columns", .failed, "holds 8 digits") {
      $0.tables = "orders: { columns: { amount: { type: 'number(10,2)' } } }"
      $0.set(source: Migration.sourceColumns, target: narrow)
    },
    VerdictCase("another type than the accepted one", "columns", .failed, "holds 8 digits") {
      $0.tables =
        "orders: { columns: { amount: { type: 'number(9,2)', because: small sums only } } }"
      $0.set(source: Migration.sourceColumns, target: narrow)
    },
    VerdictCase("NOT NULL lost", "columns", .failed, "id: NOT NULL is lost") {
      let id = Migration.column("ID", "NUMBER(38,0)", .integer(digits: 38))
      $0.set(
        source: Migration.sourceColumns, target: replaced(Migration.targetColumns, 0, id))
    },
    VerdictCase("NOT NULL lost, accepted", "columns", .passed) {
      $0.tables = "orders: { columns: { id: { not_null: false, because: the loader } } }"
      let id = Migration.column("ID", "NUMBER(38,0)", .integer(digits: 38))
      $0.set(
        source: Migration.sourceColumns, target: replaced(Migration.targetColumns, 0, id))
    },
    VerdictCase("NOT NULL added", "columns", .passed, "the target forbids NULL") {
      let mail = Migration.column("EMAIL", "VARCHAR", .text(limit: nil), isNullable: false)
      $0.set(
        source: Migration.sourceColumns, target: replaced(Migration.targetColumns, 1, mail))
    },
    VerdictCase("another order", "columns", .passed) {
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns.reversed())
    },
    VerdictCase("another order, not allowed", "columns", .failed, "another order") {
      $0.tables = "orders: { column_order: same }"
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns.reversed())
    },
    VerdictCase("two spellings", "columns", .failed, "is extra in the target") {
      let twin = Migration.column("email", "VARCHAR", .text(limit: nil))
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns + [twin])
    },
    VerdictCase("table missing", "columns", .errored, "missing_object") {
      $0.set(.target, [Migration.table(.target, "X", Migration.targetColumns)])
    },
    VerdictCase(
      "no column seen at all", "columns", .errored, ""
    ) { migration in
      for (side, name) in [(Side.source, "orders"), (.target, "ORDERS")] {
        migration.set(side, [Migration.table(side, name, Migration.sourceColumns).without])
      }
    },
    VerdictCase("fraction digits lost", "columns", .failed, "keeps 3 digits of a second") {
      detailed(&$0, targetFraction: 3)
    },
    VerdictCase("fraction digits kept", "columns", .passed) { detailed(&$0, targetFraction: 9) },
    VerdictCase(
      "fraction digits unknown", "columns", .errored, ""
    ) { detailed(&$0, targetFraction: nil) },
  ]

  /// Gives both sides a timestamp whose digits in the target only a closer look tells.
  private static func detailed(_ migration: inout Migration, targetFraction: Int?) {
    migration.set(
      source: [Migration.column("at", "timestamp(6)", .timestamp(fraction: 6))],
      target: [Migration.column("AT", "TIMESTAMP_NTZ", .timestamp(fraction: nil))])
    guard let targetFraction else { return }
    migration.target.types[Migration.ORDERS] = [
      Identifier("AT"): ColumnType(
        declared: "TIMESTAMP_NTZ(\(targetFraction))",
        logical: .timestamp(fraction: targetFraction))
    ]
  }

  private static func said(_ words: String) -> @Sendable (inout Migration) -> Void {
    { $0.tables = "orders: { columns: { email: { \(words) } } }" }
  }

  private static func groups(_ count: String?, _ rows: String?) -> @Sendable (Question) -> Answer? {
    { question in
      guard !question.isCatalog else { return nil }
      let totals = Rows(columns: [], cells: [[count, rows]])
      do throws(DatabaseError) {
        let empty = Rows(columns: [], cells: [])
        return try FakeDialect().answer(to: question, from: [.success(totals), .success(empty)])
      } catch {
        return .failed(error)
      }
    }
  }

  static let expectations = [
    VerdictCase("type", "email.type", .passed, "", said("type: varchar(16777216)")),
    VerdictCase(
      "another type", "email.type", .failed, "not VARCHAR(80)", said("type: varchar(80)")),
    VerdictCase("a type nobody knows", "email.type", .errored, "unknown_type", said("type: '?'")),
    VerdictCase("NULLs", "email.not_null", .failed, "1 row hold NULL", said("not_null: true")),
    VerdictCase("NULL for a count of NULLs", "email.not_null", .errored, "protocol_violation") {
      said("not_null: true")(&$0)
      let mail = Migration.column("EMAIL", "VARCHAR", .text(limit: nil), isNullable: false)
      $0.set(
        source: Migration.sourceColumns, target: replaced(Migration.targetColumns, 1, mail))
      $0.target.override = { if case .aggregate = $0 { .measures([["3"], [nil]]) } else { nil } }
    },
    VerdictCase("NULL allowed", "email.not_null", .failed, "allows NULL") {
      said("not_null: true")(&$0)
      $0.target.rows[Migration.ORDERS]?[2][1] = "c"
    },
    VerdictCase("no NULL", "email.not_null", .passed, "no NULL in 3 rows") {
      said("not_null: true")(&$0)
      let mail = Migration.column("EMAIL", "VARCHAR", .text(limit: nil), isNullable: false)
      $0.set(
        source: Migration.sourceColumns, target: replaced(Migration.targetColumns, 1, mail))
      $0.target.rows[Migration.ORDERS]?[2][1] = "c"
    },
    VerdictCase("unique", "email.unique", .passed, "every value once", said("unique: true")),
    VerdictCase("NULLs are no duplicates", "email.unique", .passed) {
      said("unique: true")(&$0)
      $0.target.rows[Migration.ORDERS]?[1][1] = nil
    },
    VerdictCase(
      "twice", "email.unique", .failed, "1 value more than once, in 2 rows: a@example.com"
    ) {
      said("unique: true")(&$0)
      $0.target.rows[Migration.ORDERS]?[1][1] = "a@example.com"
    },
    VerdictCase(
      "accepted", "email.accepted_values", .passed, "",
      said("accepted_values: [a@example.com, b@example.com]")),
    VerdictCase(
      "not accepted", "email.accepted_values", .failed, "b@example.com",
      said("accepted_values: [a@example.com, B@example.com]")),
    VerdictCase("found", "email.references", .passed, "", said("references: orders.email")),
    VerdictCase(
      "orphans", "email.references", .failed, "not found in orders.id",
      said("references: orders.id")),
    VerdictCase(
      "unknown parent", "email.references", .errored, "missing_object", said("references: shops.id")
    ),
    VerdictCase(
      "unknown parent column", "email.references", .errored, "not_comparable",
      said("references: orders.colour")),
    VerdictCase("column missing", "email.unique", .failed, "email is not in the target") {
      said("unique: true")(&$0)
      $0.set(source: Migration.sourceColumns, target: [Migration.targetColumns[0]])
    },
    VerdictCase("only in the target", "email.unique", .failed, "more than once") {
      $0.tables =
        "orders: { columns: { email: { unique: true, only_in: target, because: made there } } }"
      $0.set(source: [Migration.sourceColumns[0]], target: Migration.targetColumns)
      $0.target.rows[Migration.ORDERS]?[1][1] = "a@example.com"
    },
    VerdictCase("words for a count", "email.unique", .errored, "protocol_violation") {
      said("unique: true")(&$0)
      $0.target.override = groups("many", "2")
    },
    VerdictCase(
      "NULL for a count", "email.unique", .errored, "protocol_violation"
    ) {
      said("unique: true")(&$0)
      $0.target.override = groups(nil, nil)
    },
    VerdictCase(
      "numbers as the author spells them", "amount.accepted_values", .passed, ""
    ) {
      $0.tables = "orders: { columns: { amount: { accepted_values: [10.50, 20, 0.00] } } }"
    },
  ]

  @Test(arguments: columns + expectations)
  func verdict(_ each: VerdictCase) throws { try each.verify() }

  /// Columns whose names differ in case only are paired by their spelling first.
  @Test func pairs() throws {
    var migration = Migration()
    migration.set(
      source: [
        Migration.column("id", "integer", .integer(digits: 10)),
        Migration.column("Id", "integer", .integer(digits: 10)),
      ],
      target: [
        Migration.column("Id", "NUMBER(38,0)", .integer(digits: 38)),
        Migration.column("ID", "NUMBER(38,0)", .integer(digits: 38)),
      ], hasKey: false)
    migration.set(sourceRows: [["1", "2"]], targetRows: [["2", "1"]])
    #expect(try migration.trace("columns").verdict.outcome == .passed)
    #expect(try migration.trace("checksum").verdict.outcome == .passed)
  }
}

extension TableCatalog {
  /// The same table as a role sees it that may not look at its columns.
  var without: TableCatalog { TableCatalog(relation: relation, kind: kind, columns: []) }
}
