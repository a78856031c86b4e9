import SpecCore
import TestSupport
import Testing

/// `checksum`: what passes, what fails, and what cannot be told.
@Suite struct ChecksumTests {
  private static let json = ColumnType(declared: "jsonb", logical: .json)

  /// `id` and a JSON document.
  private static func documents(
    _ migration: inout Migration, _ source: [[String?]], _ target: [[String?]], hasKey: Bool = true
  ) {
    migration.set(
      source: [
        Migration.sourceColumns[0], Migration.column("payload", "jsonb", .json),
      ],
      target: [
        Migration.targetColumns[0], Migration.column("PAYLOAD", "VARIANT", .json),
      ], hasKey: hasKey)
    migration.set(sourceRows: source, targetRows: target)
  }

  private static func measures(_ cells: [[String?]]) -> @Sendable (Question) -> Answer? {
    { question in if case .aggregate = question { .measures(cells) } else { nil } }
  }

  static let plain = [
    VerdictCase("the same", "checksum", .passed, "3 rows, 3 columns: every value is the same"),
    VerdictCase("one value", "checksum", .failed, "1 of 3 rows differs") {
      $0.target.rows[Migration.ORDERS]?[1][2] = "21"
    },
    VerdictCase("NULL became empty", "checksum", .failed, "1 of 3 rows differs") {
      $0.target.rows[Migration.ORDERS]?[2][1] = ""
    },
    VerdictCase("a row lost", "checksum", .failed, "1 row missing in the target") {
      $0.target.rows[Migration.ORDERS]?.removeLast()
    },
    VerdictCase("a row too many", "checksum", .failed, "1 row only in the target") {
      $0.target.rows[Migration.ORDERS]?.append(["4", nil, nil])
    },
    VerdictCase("a row twice", "checksum", .failed, "1 row only in the target") {
      $0.target.rows[Migration.ORDERS]?.append(["3", nil, "0"])
    },
    VerdictCase("two rows swapped", "checksum", .failed, "2 of 3 rows differ") {
      $0.target.rows[Migration.ORDERS]?[0][2] = "20"
      $0.target.rows[Migration.ORDERS]?[1][2] = "10.5"
    },
    VerdictCase("text of another normal form", "checksum", .failed, "1 of 3 rows differs") {
      $0.source.rows[Migration.orders]?[0][1] = "\u{E9}"
      $0.target.rows[Migration.ORDERS]?[0][1] = "e\u{301}"
    },
    VerdictCase("in another order", "checksum", .passed) {
      $0.target.rows[Migration.ORDERS]?.reverse()
    },
    VerdictCase("target empty", "checksum", .failed, "3 rows missing in the target") {
      $0.target.rows[Migration.ORDERS] = []
    },
    VerdictCase("both empty", "checksum", .errored, "empty_tables") {
      $0.set(sourceRows: [], targetRows: [])
    },
    VerdictCase("both empty, as said", "checksum", .passed) {
      $0.tables = "orders: { row_count: 0 }"
      $0.set(sourceRows: [], targetRows: [])
    },
    VerdictCase("NULL for a digest", "checksum", .errored, "protocol_violation") {
      for side in Side.allCases { $0[side].override = measures([["3"], [nil, nil]]) }
    },
    VerdictCase(
      "words for a digest", "checksum", .errored, "protocol_violation"
    ) {
      for side in Side.allCases { $0[side].override = measures([["3"], ["abc", "x"]]) }
    },
    VerdictCase("one cell for a digest", "checksum", .errored, "protocol_violation") {
      for side in Side.allCases { $0[side].override = measures([["3"], ["1"]]) }
    },
    VerdictCase("the data changed meanwhile", "checksum", .errored, "unstable_data") {
      $0.target.override = measures([["3"], ["1", "2"]])
    }.only(.md5),
    VerdictCase("fingerprints of other rows", "checksum", .errored, "unstable_data") {
      $0.target.override = {
        if case .fingerprints = $0 {
          .fingerprints([0: BucketFingerprint(rows: 2, columns: [1, 2, 3])])
        } else {
          nil
        }
      }
    }.only(.fast),
    VerdictCase("fingerprints that differ for equal rows", "checksum", .errored, "unstable_data") {
      $0.target.override = {
        if case .fingerprints = $0 {
          .fingerprints([0: BucketFingerprint(rows: 3, columns: [1, 2, 3])])
        } else {
          nil
        }
      }
    }.only(.fast),
  ]

  static let columns = [
    VerdictCase("a column left out", "checksum", .passed, "2 columns") {
      $0.tables = "orders: { checksum: { except: [amount], because: computed anew } }"
      $0.target.rows[Migration.ORDERS]?[1][2] = "21"
    },
    VerdictCase("only one column", "checksum", .failed, "1 of 3 rows differs") {
      $0.tables = "orders: { checksum: [amount] }"
      $0.target.rows[Migration.ORDERS]?[1][2] = "21"
    },
    VerdictCase(
      "only one column, values at other keys", "checksum", .failed, "2 of 3 rows differ"
    ) {
      $0.tables = "orders: { checksum: [amount] }"
      $0.target.rows[Migration.ORDERS]?[0][2] = "20"
      $0.target.rows[Migration.ORDERS]?[1][2] = "10.5"
    },
    VerdictCase(
      "the key excepted, values at other keys", "checksum", .failed, "2 of 3 rows differ"
    ) {
      $0.tables = "orders: { checksum: { except: [id], because: no reason at all } }"
      $0.target.rows[Migration.ORDERS]?[0][2] = "20"
      $0.target.rows[Migration.ORDERS]?[1][2] = "10.5"
    },
    VerdictCase("only unknown columns", "checksum", .errored, "missing_column") {
      $0.tables = "orders: { checksum: [colour] }"
    },
    VerdictCase("one unknown column", "checksum", .errored, "checksum names colour") {
      $0.tables = "orders: { checksum: [amount, colour] }"
    },
    VerdictCase("an unknown exception", "checksum", .errored, "checksum names colour") {
      $0.tables = "orders: { checksum: { except: [colour] } }"
    },
    VerdictCase(
      "a column lost in the target", "checksum", .errored, "amount"
    ) {
      $0.tables = "orders: { columns: skip }"
      $0.set(
        source: Migration.sourceColumns, target: Array(Migration.targetColumns.prefix(2)))
      $0.target.rows[Migration.ORDERS] = $0.source.rows[Migration.orders]?.map {
        Array($0.prefix(2))
      }
    },
    VerdictCase("a column on one side, as said", "checksum", .passed, "2 columns") {
      $0.tables = "orders: { columns: { amount: { only_in: source, because: moved away } } }"
      $0.set(
        source: Migration.sourceColumns, target: Array(Migration.targetColumns.prefix(2)))
      $0.target.rows[Migration.ORDERS] = $0.source.rows[Migration.orders]?.map {
        Array($0.prefix(2))
      }
    },
    VerdictCase("an unreadable column", "checksum", .errored, "permission_denied") {
      var columns = Migration.sourceColumns
      columns[2] = Migration.column("amount", "integer", .integer(digits: 5), isReadable: false)
      $0.set(source: columns, target: Migration.targetColumns)
    },
    VerdictCase("an unreadable column in the target", "checksum", .errored, "in the target") {
      var columns = Migration.targetColumns
      columns[1] = Migration.column("EMAIL", "VARCHAR", .text(limit: nil), isReadable: false)
      $0.set(source: Migration.sourceColumns, target: columns)
    },
    VerdictCase("an unreadable column and a difference", "checksum", .failed, "1 of 3 rows") {
      var columns = Migration.targetColumns
      columns[1] = Migration.column("EMAIL", "VARCHAR", .text(limit: nil), isReadable: false)
      $0.set(source: Migration.sourceColumns, target: columns)
      $0.target.rows[Migration.ORDERS]?[1][2] = "21"
    },
    VerdictCase("types without a common form", "checksum", .errored, "not_comparable") {
      var columns = Migration.sourceColumns
      columns[1] = Migration.column("email", "point", .other(name: "point"))
      $0.set(source: columns, target: Migration.targetColumns)
    },
    VerdictCase("nothing can be compared", "checksum", .errored, "not_comparable") {
      $0.set(
        source: [Migration.column("p", "point", .other(name: "point"))],
        target: [Migration.column("P", "VARCHAR", .text(limit: nil))])
    },
    VerdictCase("an unknown key", "checksum", .errored, "the key column number") {
      $0.tables = "orders: { key: number }"
    },
    VerdictCase("no key", "checksum", .passed, "there is no key") {
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns, hasKey: false)
    },
    VerdictCase("no key, one value", "checksum", .failed, "1 row missing in the target; 1 row only")
    {
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns, hasKey: false)
      $0.target.rows[Migration.ORDERS]?[1][2] = "21"
    },
    VerdictCase("a key that is none", "checksum", .failed, "1 of 3 rows differs") {
      $0.tables = "orders: { key: amount }"
      $0.set(
        sourceRows: [["1", "a", "5"], ["2", "b", "5"], ["3", "c", "5"]],
        targetRows: [["1", "a", "5"], ["2", "x", "5"], ["3", "c", "5"]])
    },
  ]

  static let documents = [
    VerdictCase("JSON written otherwise", "checksum", .passed) {
      documents(&$0, [["1", #"{"a": 1, "b": 2.50}"#]], [["1", #"{"b":2.5,"a":1.0}"#]])
    },
    VerdictCase("sensitive JSON written otherwise", "checksum", .passed) {
      $0.tables = "orders: { sensitive: [payload] }"
      documents(&$0, [["1", #"{"a": 1, "b": 2.50}"#]], [["1", #"{"b":2.5,"a":1.0}"#]])
    },
    VerdictCase("sensitive JSON of another value", "checksum", .failed, "1 of 1 row differs") {
      $0.tables = "orders: { sensitive: [payload] }"
      documents(&$0, [["1", #"{"a": 1}"#]], [["1", #"{"a":2}"#]])
    },
    VerdictCase("JSON of another value", "checksum", .failed, "1 of 1 row differs") {
      documents(&$0, [["1", #"{"a": 1}"#]], [["1", #"{"a":2}"#]])
    },
    VerdictCase("JSON NULL and null", "checksum", .failed, "1 of 1 row differs") {
      documents(&$0, [["1", "null"]], [["1", nil]])
    },
    VerdictCase("the same unreadable text", "checksum", .passed) {
      documents(&$0, [["1", "{"]], [["1", "{"]])
    },
    VerdictCase("unreadable text", "checksum", .errored, "cannot be read") {
      documents(&$0, [["1", "{"]], [["1", "{}"]])
    },
    VerdictCase("unreadable text and a difference", "checksum", .failed, "") {
      documents(&$0, [["1", "{"], ["2", "1"]], [["1", "{}"], ["2", "2"]])
    },
    VerdictCase("JSON swapped between keys", "checksum", .failed, "2 of 2 rows differ") {
      documents(&$0, [["1", "1"], ["2", "2"]], [["1", "2"], ["2", "1"]])
    },
    VerdictCase("JSON without a key", "checksum", .failed, "") {
      documents(&$0, [["1", "1"], ["1", "2"]], [["1", "2"], ["1", "3"]], hasKey: false)
    },
    VerdictCase(
      "streams that came back empty", "checksum", .errored, ""
    ) {
      documents(&$0, [["1", "1"]], [["1", "2"]])
      for side in Side.allCases {
        $0[side].streamOverride = { _ in [] }
        $0[side].keyedStreamOverride = { _ in [] }
      }
    },
    VerdictCase(
      "lone surrogates and text that looks alike", "checksum", .failed, ""
    ) { documents(&$0, [["1", #""\ud800""#]], [["1", #""\\ud800""#]]) },
  ]

  @Test(arguments: plain + columns + documents)
  func verdict(_ each: VerdictCase) throws { try each.verify() }

  /// Values of a sensitive document are compared, and stand in no result.
  @Test(arguments: DigestMethod.allCases)
  func sensitiveDocuments(_ method: DigestMethod) throws {
    var migration = Migration()
    migration.tables = "orders: { sensitive: [payload] }"
    Self.documents(&migration, [["1", #"{"a": "secret"}"#]], [["1", #"{"a": "hidden"}"#]])
    let verdict = try migration.trace("checksum", method: method).verdict
    #expect(verdict.outcome == .failed)
    #expect(verdict.rows?.columns.map(\.column) == ["payload"])
    #expect(!"\(verdict)".contains("secret") && !"\(verdict)".contains("hidden"), "\(verdict)")
  }

  /// A scan for no column at all is no statement.
  @Test func onlyStreamedColumns() throws {
    var migration = Migration()
    Self.documents(&migration, [["1", "1"]], [["1", "1"]])
    migration.tables = "orders: { checksum: [payload] }"
    let trace = try migration.trace("checksum")
    #expect(trace.verdict.outcome == .passed)
    for case .aggregate(_, let measures) in trace.dataQuestions {
      #expect(!measures.contains(.digest([])))
    }
  }

  /// Large tables are narrowed down by buckets, and only differing ones are read.
  @Test func bucketsOfDigests() throws {
    let count = 20_001
    var migration = Migration()
    let rows: [[String?]] = (0..<count).map { ["\($0)", "mail \($0 % 7)", "\($0 * 3)"] }
    var changed = rows
    changed[17][2] = "-1"
    changed[20_000][1] = nil
    migration.set(sourceRows: rows, targetRows: changed)
    let trace = try migration.trace("checksum", method: .md5)
    let chosen = try #require(trace.merges.first?.source.buckets)
    #expect(chosen.count == 256 && (1...2).contains(chosen.chosen.count))
    #expect(trace.merges.first?.target.buckets == chosen)
    let differences = try #require(trace.verdict.rows)
    #expect((differences.modified, differences.added, differences.removed) == (2, 0, 0))
    #expect(differences.identical == count - 2)
    #expect(differences.columns.map(\.column).sorted() == ["amount", "email"])
  }

  /// Examples name the key, both values and a likely cause.
  @Test func examples() throws {
    var migration = Migration()
    migration.target.rows[Migration.ORDERS]?[0][2] = "10"
    migration.target.rows[Migration.ORDERS]?[2][1] = ""
    let rows = try #require(try migration.trace("checksum").verdict.rows)
    #expect(rows.keyColumns == ["id"])
    #expect(Set(rows.examples.map(\.key)) == [["1"], ["3"]])
    let cells = rows.examples.flatMap(\.cells).sorted { $0.column < $1.column }
    #expect(cells.map(\.column) == ["amount", "email"])
    #expect(cells.map(\.source) == ["10.5", "(null)"])
    #expect(cells.map(\.target) == ["10", ""])
    #expect(cells[1].likely == "NULL became empty text")
    #expect(rows.sourceSQL?.contains(#"FROM "public"."orders""#) == true)
    #expect(rows.targetSQL?.contains(#""ID" = 1"#) == true)
  }
}
