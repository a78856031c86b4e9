import Diagnostics
import SpecCore
import TestSupport
import Testing
import YAMLSource

/// A query of the application with its results on both sides, and cases of it.
enum AskedQuery {
  static let columns: [ColumnCatalog] = [
    Migration.column("id", "integer", .integer(digits: 10)),
    Migration.column("email", "text", .text(limit: nil)),
    Migration.column("total", "numeric(12,2)", .decimal(precision: 12, scale: 2)),
  ]
  static let others: [ColumnCatalog] = [
    Migration.column("ID", "NUMBER(38,0)", .integer(digits: 38)),
    Migration.column("EMAIL", "VARCHAR(16777216)", .text(limit: 16_777_216)),
    Migration.column("TOTAL", "NUMBER(12,2)", .decimal(precision: 12, scale: 2)),
  ]
  static let rows: [[String?]] = [
    ["1", "a@example.com", "10.5"], ["2", nil, "20"], ["3", "c@example.com", "20"],
  ]
  static let query: String = "select id, email, total from orders order by total, id"

  /// A query with its results on both sides.
  struct Pair {
    var options = ""
    var text: String = AskedQuery.query
    var source: [[String?]] = AskedQuery.rows
    var target: [[String?]] = AskedQuery.rows
    var sourceColumns: [ColumnCatalog] = AskedQuery.columns
    var targetColumns: [ColumnCatalog] = AskedQuery.others
    var files = FakeFiles()
    var texts: String?

    func trace(_ check: String = "q") throws -> Migration.Trace {
      var migration = Migration()
      let written = texts ?? "sql: \"\(text)\""
      migration.head = "regression: { queries: { q: { \(written)\(options) } } }"
      for side in Side.allCases {
        let schema = side == .source ? Migration.sourceSchema : Migration.targetSchema
        let relation = Relation(schema: schema, name: Identifier("q"), query: text)
        migration[side].queries[text] = side == .source ? sourceColumns : targetColumns
        migration[side].rows[relation] = side == .source ? source : target
      }
      return try Migration.trace(
        migration.step("regression.queries.\(check)").check, source: migration.source,
        target: migration.target, files: files)
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let outcome: Outcome
    var words = ""
    let change: @Sendable (inout Pair) -> Void

    var testDescription: String { name }

    init(
      _ name: String, _ outcome: Outcome, _ words: String = "",
      _ change: @escaping @Sendable (inout Pair) -> Void = { _ in }
    ) {
      self.name = name
      self.outcome = outcome
      self.words = words
      self.change = change
    }
  }
}

/// The application's queries: how their texts are read, and when their results agree.
@Suite struct QueryTests {
  typealias Pair = AskedQuery.Pair
  typealias Case = AskedQuery.Case
  static let rows: [[String?]] = AskedQuery.rows

  static let sets: [Case] = [
    Case("the same rows", .passed, "3 rows, 3 columns: every value is the same"),
    Case("the same rows in another order", .passed) { $0.target = rows.reversed() },
    Case("another value, without a key", .failed, "1 row missing in the target") {
      $0.target[0][2] = "11"
    },
    Case("another value, with a key", .failed, "1 of 3 rows differs") {
      $0.options = ", key: id"
      $0.target[0][2] = "11"
    },
    Case("a row is missing", .failed, "1 row missing in the target") { $0.target.removeLast() },
    Case("a row occurs twice", .failed, "1 row only in the target") {
      $0.target.append($0.target[0])
    },
    Case("NULL became empty", .failed) { $0.target[1][1] = "" },
    Case("a key that is none", .failed, "the key does not identify a row in the source's result") {
      $0.options = ", key: [total]"
    },
    Case("a value within the tolerance", .passed) {
      $0.options = ", key: id, tolerance: { total: 0.01 }, because: rounding"
      $0.target[0][2] = "10.51"
    },
    Case("a value beyond the tolerance", .failed) {
      $0.options = ", key: id, tolerance: { total: 0.01 }, because: rounding"
      $0.target[0][2] = "10.52"
    },
    Case("a tolerance of no column", .errored, "tolerance names totla, which is no column") {
      $0.options = ", tolerance: { totla: 0.01 }, because: rounding"
    },
    Case("a column is missing", .failed, "column total is in the source's result only") {
      $0.targetColumns.removeLast()
      $0.target = $0.target.map { Array($0.dropLast()) }
    },
    Case("a column more", .failed, "column TOTAL is in the target's result only") {
      $0.sourceColumns.removeLast()
      $0.source = $0.source.map { Array($0.dropLast()) }
    },
    Case("other names, by position", .passed) {
      $0.options = ", columns: positional"
      $0.targetColumns = [
        Migration.column("A", "NUMBER(38,0)", .integer(digits: 38)), AskedQuery.others[1],
        Migration.column("C", "NUMBER(12,2)", .decimal(precision: 12, scale: 2)),
      ]
    },
    Case("another number of columns, by position", .failed, "3 columns, the target's 2") {
      $0.options = ", columns: positional"
      $0.targetColumns.removeLast()
      $0.target = $0.target.map { Array($0.dropLast()) }
    },
    Case("two columns of one name", .errored, "returns several columns called ID") {
      $0.targetColumns[1] = $0.targetColumns[0]
    },
    Case("no column", .errored, "returns no column") { $0.targetColumns = [] },
    Case("no common form", .errored, "have no common text form") {
      $0.targetColumns[2] = Migration.column("TOTAL", "BOOLEAN", .boolean)
    },
    Case("both empty", .errored, "both results are empty: nothing was compared") {
      ($0.source, $0.target) = ([], [])
    },
    Case("both empty, which is an answer", .passed) {
      $0.options = ", empty: allowed"
      ($0.source, $0.target) = ([], [])
    },
    Case("one empty", .failed, "3 rows missing in the target") { $0.target = [] },
    Case("a query that cannot be asked", .errored, "no such query") {
      $0.texts = "source: \"\(AskedQuery.query)\", target: select 1"
    },
  ]

  @Test("results as sets", arguments: sets)
  func asSet(_ example: Case) throws {
    var pair = Pair()
    example.change(&pair)
    try check(pair, example)
  }

  private func check(_ pair: Pair, _ example: Case) throws {
    let verdict = try pair.trace().verdict
    #expect(verdict.outcome == example.outcome, "\(verdict)")
    let said =
      [verdict.summary] + verdict.findings + verdict.notes + verdict.unchecked.map(\.reason)
    #expect(said.contains { $0.contains(example.words) }, "\(example.words) is not in \(said)")
    #expect(!verdict.summary.isEmpty)
  }

  static let ordered: [Case] = [
    Case("the same", .passed, "every value is the same, in the same order"),
    Case("two rows swapped", .failed, "the same rows, in another order: the ORDER BY does not") {
      $0.target.swapAt(1, 2)
    },
    Case("the place is shown", .failed, "row 2 is (2, (null), 20) in the source, and (3, c@ex") {
      $0.target.swapAt(1, 2)
    },
    Case("a value and the order", .failed, "the rows that are the same come in another order") {
      $0.target[0][1] = "x"
      $0.target.swapAt(1, 2)
    },
    Case("a value", .failed, "1 of 3 rows differs") { $0.target[0][1] = "x" },
    Case("a row is missing in front: no other order", .failed, "1 row missing in the target") {
      $0.target.removeFirst()
    },
    Case("a row more", .failed, "1 row only in the target") { $0.target.append(["9", nil, "99"]) },
    Case("equal rows may stand for each other", .passed) {
      $0.source.append($0.source[2])
      $0.target.append($0.target[2])
    },
    Case("one of two equal rows is missing", .failed, "1 row missing in the target") {
      $0.source = [rows[0], rows[0], rows[1]]
      $0.target = [rows[0], rows[1]]
    },
    Case("within the tolerance", .passed) {
      $0.options += ", tolerance: { total: 0.01 }, because: rounding"
      $0.target[0][2] = "10.51"
    },
    Case("letters composed otherwise are others", .failed, "1 of 3 rows differs") {
      $0.source[0][1] = "\u{e9}"
      $0.target[0][1] = "e\u{301}"
    },
    Case("more rows than are read", .errored, "the source's result has more than 2 rows") {
      $0.options += ", limit: 2"
    },
    Case("as many rows as are read", .passed) { $0.options += ", limit: 3" },
    Case("a cell that cannot be read", .errored, "email cannot be read in order as the target") {
      $0.target[0][1] = "(strange)"
    },
    Case("both empty", .errored, "both results are empty: nothing was compared") {
      ($0.source, $0.target) = ([], [])
    },
    Case("both empty, which is an answer", .passed) {
      $0.options += ", empty: allowed"
      ($0.source, $0.target) = ([], [])
    },
    Case("ties are told", .passed, "rows 2 and 3 are equal in what they are ordered by (total)") {
      $0.text = "select id, email, total from orders order by total"
    },
    Case("ties by a position", .passed, "rows 2 and 3 are equal in what they are ordered by") {
      $0.text = "select id, email, total from orders order by 3 desc nulls last limit 5"
    },
    Case("an order by more than columns is told", .passed, "orders by more than columns") {
      $0.text = "select id, email, total from orders order by lower(email)"
    },
    Case("ties explain another order", .failed, "(1 pair of rows are equal in what they are") {
      $0.text = "select id, email, total from orders order by total"
      $0.target.swapAt(1, 2)
    },
    Case("no common form", .errored, "total was not compared") {
      $0.targetColumns[2] = Migration.column("TOTAL", "BOOLEAN", .boolean)
    },
  ]

  @Test("results in their order", arguments: ordered)
  func inOrder(_ example: Case) throws {
    var pair = Pair()
    pair.options = ", order: same"
    example.change(&pair)
    try check(pair, example)
  }

  @Test("rows that differ are shown with their numbers, or by their key")
  func shown() throws {
    var pair = Pair()
    pair.options = ", order: same"
    pair.target[2][2] = "21"
    var rows = try #require(try pair.trace().verdict.rows)
    #expect(rows.keyColumns == ["row"])
    #expect(rows.examples.first?.key == ["3"])
    #expect(rows.examples.first?.cells.first?.target == "21")
    #expect((rows.identical, rows.modified) == (2, 1))
    pair.options += ", key: id"
    rows = try #require(try pair.trace().verdict.rows)
    #expect(rows.keyColumns == ["id"])
    #expect(rows.columns.map(\.column) == ["total"])
  }

  @Test("a sensitive value is shown nowhere")
  func sensitive() throws {
    var pair = Pair()
    pair.options = ", key: id, sensitive: [email]"
    pair.target[0][1] = "secret@example.com"
    let verdict = try pair.trace().verdict
    #expect(verdict.outcome == .failed)
    #expect(!"\(verdict)".contains("@example.com"), "\(verdict)")
  }

  // MARK: Texts

  static let bindings: [(String, String, String)] = [
    ("select :a", "a: 42", "select 42"), ("select :a", "a: -1.5", "select (-1.5)"),
    ("select :a, :b", "a: true, b: null", "select TRUE, NULL"),
    ("select :a", "a: 2026-01-31", "select CAST('2026-01-31' AS DATE)"),
    ("select :a", "a: '2026-01-31'", "select '2026-01-31'"),
    ("select :a", "a: '42'", "select '42'"),
    ("select :a", "a: 007", "select '007'"), ("select :a", "a: 2026-02-30", "select '2026-02-30'"),
    ("select :a", "a: it's; drop", "select 'it''s; drop'"),
    ("select ':a', :a, a::text -- :b", "a: x", "select ':a', 'x', a::text -- :b"),
    ("select x[1:a] + :a", "a: 1", "select x[1:a] + 1"),
    ("select v:field, :a /* :b */", "a: 1", "select v:field, 1 /* :b */"),
    ("select $$:a$$, $t$ ' :a $t$, :a", "a: 1", "select $$:a$$, $t$ ' :a $t$, 1"),
    ("select :a_1,:a", "a: 1, a_1: 2", "select 2,1"), ("select :a ; -- end", "a: 1", "select 1 "),
    ("select \\\":a\\\", :a", "a: 1", "select \":a\", 1"),
  ]

  @Test("parameters become literals, and nothing else changes", arguments: bindings)
  func bound(_ text: String, _ values: String, _ expected: String) throws {
    let pair = Pair(
      options: ", parameters: { \(values) }", texts: "sql: \"\(text)\"")
    let asks = try pair.trace().asks
    guard case .queryColumns(let relation)? = asks.first?.question else {
      Issue.record("the columns are asked for first")
      return
    }
    #expect(relation.query == expected)
  }

  @Test("each set of parameters is a case of its own")
  func eachSet() throws {
    var migration = Migration()
    migration.head =
      "regression: { queries: { q: { sql: \"select :a as a\", parameters: [{ a: 1 }, { a: 2 }] } } }"
    let steps = try migration.plan().steps.filter { "\($0.id)".contains(".regression.") }
    #expect(
      steps.map { "\($0.id)" } == ["shop.regression.queries.q.1", "shop.regression.queries.q.2"])
    #expect(steps[1].sentence.contains("with a = 2 gives the same rows"))
  }

  @Test(
    "texts that are not one query that reads",
    arguments: [
      ("delete from orders", "a query begins with SELECT or WITH"),
      ("select 1; select 2", "there is more behind the `;`"), ("select (1", "not closed"),
      ("select 1)", "a parenthesis is closed"), ("select 'a", "a quotation mark is not closed"),
      ("-- nothing", "there is no query"), ("select * into t from orders", "makes a table"),
      ("with x as (delete from orders returning id) select * from x", "it holds DELETE"),
      ("with x as (select 1) insert into t select * from x", "it holds INSERT"),
      ("select * from orders for update", "FOR UPDATE locks rows"),
      ("select {{ x }}", "it holds a template"), ("call p()", "a query begins with"),
      ("select $$a", "a dollar quotation is not closed"),
      ("select pg_terminate_backend(1)", "`pg_terminate_backend` does more than read"),
      ("select setval('s', 1)", "`setval` does more than read"),
      ("select /* a", "a comment is not closed"),
    ])
  func refused(_ text: String, _ words: String) throws {
    #expect(Self.mistakes("sql: \"\(text)\"").contains { $0.contains(words) })
    // The same from a file is met when it is read.
    var pair = Pair()
    pair.texts = "source_file: sql/a.sql, target: select 1"
    pair.files = FakeFiles(["sql/a.sql": text])
    let verdict = try pair.trace().verdict
    #expect(verdict.outcome == .errored)
    #expect(verdict.unchecked.contains { $0.reason.contains(words) }, "\(verdict)")
  }

  @Test(
    "queries that only read are taken",
    arguments: [
      "with x as (select 1 as a) select * from x", "(select 1) union all (select 2)", "values (1)",
      "select updated_at, \\\"delete\\\", 'into' from t where a in (select max(insert_id) from u)",
      "select 1 as a; ", "select extract(day from d) from t",
    ])
  func taken(_ text: String) {
    #expect(Self.mistakes("sql: \"\(text)\"").isEmpty)
  }

  @Test("what only Snowflake takes for more than a query")
  func inSnowflake() {
    for (text, words) in [
      ("select 1 ->> drop table orders", "`->>` begins another statement in Snowflake"),
      ("select s.nextval", "NEXTVAL changes a sequence"),
      ("select system$cancel_query('x')", "does more than read"),
    ] {
      #expect(
        Self.mistakes("source: select 1, target: \"\(text)\"").contains { $0.contains(words) },
        "\(text)")
    }
    #expect(
      Self.mistakes("source: \"select a ->> 'b' from t\", target: \"select a:b from t\"").isEmpty)
  }

  @Test("literals of Snowflake know a backslash, and those of Postgres do not")
  func backslashes() {
    let text = #"select 'it\\'s :a', :a"#
    #expect(
      Self.mistakes("target: \"\(text)\", source: \"select 1\", parameters: { a: 1 }").isEmpty)
    #expect(
      Self.mistakes("source: \"\(text)\", target: \"select 1\"").contains {
        $0.contains("not closed")
      })
  }

  static func mistakes(_ query: String) -> [String] {
    var migration = Migration()
    migration.head = "regression: { queries: { q: { \(query) } } }"
    do {
      _ = try migration.plan()
      return []
    } catch let error as DiagnosticsError {
      return error.diagnostics.map(\.message.text)
    } catch {
      return ["\(error)"]
    }
  }

  @Test("files: what is not there, or is no text, is told")
  func files() throws {
    var pair = Pair()
    pair.texts = "source_file: sql/a.sql, target_file: sql/b.sql"
    #expect(
      try pair.trace().verdict.unchecked.first?.reason == "there is no file sql/a.sql")
    pair.files = FakeFiles(["sql/a.sql": AskedQuery.query, "sql/b.sql": "\(AskedQuery.query)"])
    #expect(try pair.trace().verdict.outcome == .passed)
    pair.files = FakeFiles(["sql/a.sql": "select :a", "sql/b.sql": "select 1"])
    #expect(
      try pair.trace().verdict.unchecked.first?.reason.contains("`:a` has no value") == true)
    pair.options = ", order: same"
    pair.files = FakeFiles(["sql/a.sql": "select 1", "sql/b.sql": "select 1"])
    #expect(
      try pair.trace().verdict.unchecked.first?.reason.contains("it has no ORDER BY") == true)
  }

  // MARK: Cells

  static let cells: [(String?, String?)] = [
    (CellText.number("12.50"), "12.5"), (CellText.number("-0.00"), "0"),
    (CellText.number("-7"), "-7"), (CellText.number(".5"), "0.5"), (CellText.number("100"), "100"),
    (CellText.number("NaN"), "NaN"), (CellText.number("1e5"), nil), (CellText.number("$1.00"), nil),
    (CellText.float("0.5", bits: 53), "4503599627370496p-53"),
    (CellText.float("-0.5", bits: 53), "-4503599627370496p-53"),
    (CellText.float("0.1", bits: 53), "7205759403792794p-56"),
    (CellText.float("5e-324", bits: 53), "1p-1074"), (CellText.float("-0", bits: 53), "0"),
    (CellText.float("0.5", bits: 24), "8388608p-24"), (CellText.float("1e-45", bits: 24), "1p-149"),
    (CellText.float("inf", bits: 53), "Inf"), (CellText.float("-Infinity", bits: 53), "-Inf"),
    (CellText.float("NaN", bits: 24), "NaN"), (CellText.float("x", bits: 53), nil),
    (CellText.days("1970-01-02"), "1"), (CellText.days("1969-12-31"), "-1"),
    (CellText.days("2026-11-27"), "20784"), (CellText.days("2026-02-30"), nil),
    (CellText.days("0044-03-15 BC"), nil), (CellText.time("10:00:00.5"), "36000.500000000"),
    (CellText.time("24:00:00"), "86400.0"),
    (CellText.seconds("36000.500000000"), "36000.500000000"),
    (CellText.seconds("36000"), "36000.0"), (CellText.moment("1970-01-01 00:00:01.5"), "1500000"),
    (CellText.moment("1969-12-31 23:59:59.999999"), "-1"),
    (CellText.moment("1970-01-01 00:00:00.000000001"), "0.1"), (CellText.moment("infinity"), nil),
    (CellText.epoch("1.500000000"), "1500000"), (CellText.epoch("-0.000001000"), "-1"),
    (CellText.epoch("-0.000000001"), "-1.999"), (CellText.epoch("x"), nil),
    (CellText.trimmed("a b  "), "a b"),
  ]

  @Test("cells in canonical text", arguments: cells)
  func cell(_ found: String?, _ expected: String?) { #expect(found == expected) }
}
