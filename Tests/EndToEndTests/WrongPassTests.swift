import Foundation
import Testing

extension Live {
  /// Differences that a careless comparison would miss, and likenesses it would call different.
  @Suite("Differences that are easily missed (stand-in)", .serialized)
  struct WrongPassTests {
    let shop = Result { try Shop.shared() }

    /// Two tables with two columns beside the key, and what is inserted on either side.
    private struct Pair {
      let name: String
      let source: String
      let target: String
      let rows: String
      let otherRows: String

      /// Rows as `VALUES` takes them; the same types on both sides unless given.
      init(
        _ name: String, _ rows: String, _ otherRows: String, type: String = "text",
        targetType: String = "VARCHAR"
      ) {
        self.name = name
        source = type
        target = targetType
        self.rows = rows
        self.otherRows = otherRows
      }
    }

    private static let different = [
      Pair("swapped_rows", "(1, 'x', 'p'), (2, 'y', 'p')", "(1, 'y', 'p'), (2, 'x', 'p')"),
      Pair("swapped_columns", "(1, 'x', 'y')", "(1, 'y', 'x')"),
      Pair("moved_boundary", "(1, 'ab', 'c')", "(1, 'a', 'bc')"),
      Pair("separator", "(1, 'a|b', 'c')", "(1, 'a', 'b|c')"),
      Pair("empty_for_null", "(1, '', 'x')", "(1, NULL, 'x')"),
      Pair("null_word", "(1, NULL, 'x')", "(1, 'NULL', 'x')"),
      Pair("null_moved", "(1, NULL, 'x')", "(1, 'x', NULL)"),
      Pair("letter_case", "(1, 'Straße', 'x')", "(1, 'STRASSE', 'x')"),
      Pair("trailing_blank", "(1, 'a ', 'x')", "(1, 'a', 'x')"),
      Pair("no_break_space", "(1, U&'a\\00A0b', 'x')", "(1, 'a b', 'x')"),
      Pair("composed", "(1, U&'e\\0301', 'x')", "(1, 'é', 'x')"),
      Pair("line_end", "(1, E'a\\r\\nb', 'x')", "(1, 'a\\nb', 'x')"),
      Pair("mojibake", "(1, 'é', 'x')", "(1, 'Ã©', 'x')"),
      Pair("row_twice", "(1, 'a', 'b'), (2, 'c', 'd')", "(1, 'a', 'b'), (1, 'a', 'b')"),
      Pair("one_key_off", "(1, 'a', 'b'), (2, 'a', 'b')", "(1, 'a', 'b'), (3, 'a', 'b')"),
      Pair(
        "big_number", "(1, 9007199254740993, 1)", "(1, 9007199254740992, 1)", type: "bigint",
        targetType: "NUMBER(19,0)"),
      Pair(
        "cents", "(1, 10.01, 1)", "(1, 10.02, 1)", type: "numeric(12,2)", targetType: "NUMBER(12,2)"
      ),
      Pair("sign", "(1, 5, -5)", "(1, -5, 5)", type: "int", targetType: "NUMBER(10,0)"),
      Pair(
        "float_bit", "(1, 0.1, 0.30000000000000004)", "(1, 0.1, 0.3)", type: "float8",
        targetType: "FLOAT"),
      Pair(
        "one_hour", "(1, '2026-03-29 01:30:00', '2026-01-01')",
        "(1, '2026-03-29 02:30:00', '2026-01-01')", type: "timestamp",
        targetType: "TIMESTAMP_NTZ(6)"),
      Pair(
        "microsecond", "(1, '2026-01-01 00:00:00.000001', '2026-01-01')",
        "(1, '2026-01-01 00:00:00', '2026-01-01')", type: "timestamp",
        targetType: "TIMESTAMP_NTZ(6)"),
      Pair(
        "day", "(1, '2026-01-01', '2026-01-02')", "(1, '2026-01-01', '2026-01-01')", type: "date",
        targetType: "DATE"),
      Pair("truth", "(1, true, NULL)", "(1, true, false)", type: "boolean", targetType: "BOOLEAN"),
    ]

    private static let alike = [
      Pair("plain", "(1, 'a', NULL), (2, '', 'ü€😀')", "(2, '', 'ü€😀'), (1, 'a', NULL)"),
      Pair("long", "(1, repeat('ab', 40000), 'x')", "(1, REPEAT('ab', 40000), 'x')"),
      Pair(
        "scale", "(1, 1.10, 0)", "(1, 1.1, 0)", type: "numeric(12,4)", targetType: "NUMBER(12,4)"),
      Pair("floats", "(1, 0.1, 1e300)", "(1, 0.1, 1e300)", type: "float8", targetType: "FLOAT"),
      Pair("quotes", "(1, 'it''s \"so\"', 'a|b')", "(1, 'it''s \"so\"', 'a|b')"),
    ]

    /// A spec whose tables lie in schemas of their own: the other tests see nothing of them.
    private func sandbox(_ tables: String) throws -> Sandbox {
      let sandbox = try shop.get().sandbox(tables)
      let text = try shop.get().spec(tables)
        .replacingOccurrences(of: "sslmode: disable", with: "sslmode: disable, schema: tricky")
        .replacingOccurrences(of: "schema: PUBLIC", with: "schema: TRICKY")
      try sandbox.write(text, to: "shop.yml")
      return sandbox
    }

    /// Makes the schemas and fills them.
    private func make(_ source: String, _ target: [String]) throws {
      let shop = try shop.get()
      try Servers.psql(
        "CREATE SCHEMA IF NOT EXISTS tricky; SET search_path = tricky;\n\(source)",
        database: shop.database)
      let standin = try Standin.shared()
      let schema = "\(shop.target).TRICKY"
      try standin.run("CREATE SCHEMA IF NOT EXISTS \(schema)")
      for statement in target {
        try standin.run(statement.replacingOccurrences(of: "T.", with: "\(schema)."))
      }
    }

    /// Makes the tables on both sides and runs a spec of all of them.
    private func report(_ pairs: [Pair]) throws -> Report {
      let source = pairs.map { pair in
        """
        CREATE TABLE \(pair.name) (id int, a \(pair.source), b \(pair.source));
        INSERT INTO \(pair.name) VALUES \(pair.rows);

        """
      }
      let target = pairs.flatMap { pair in
        let table = "T.\(pair.name.uppercased())"
        return [
          "CREATE TABLE \(table) (ID NUMBER(10,0), A \(pair.target), B \(pair.target))",
          "INSERT INTO \(table) SELECT * FROM VALUES \(pair.otherRows)",
        ]
      }
      try make(source.joined(), target)
      let tables = pairs.map {
        "\($0.name): { key: id, row_count: skip, columns: skip, constraints: skip }"
      }
      return try sandbox(tables.joined(separator: "\n")).report(within: 60)
    }

    @Test("each of them fails its checksum (stand-in)")
    func different() throws {
      let report = try report(Self.different)
      #expect(report.run.status == 1)
      for pair in Self.different {
        let outcome = report.json.outcome("\(pair.name).checksum")
        #expect(outcome == "failed", "\(pair.name): \(outcome ?? "no case")")
      }
    }

    @Test("values that are alike pass (stand-in)")
    func alike() throws {
      let report = try report(Self.alike)
      #expect(report.run.status == 0, "\(report.run.all)")
    }

    @Test("the same without a key: rows are compared as a set with repetitions (stand-in)")
    func withoutKey() throws {
      try make(
        """
        CREATE TABLE heap (a text, b text); INSERT INTO heap VALUES ('x', 'y'), ('x', 'y'), ('p', 'q');
        CREATE TABLE heap2 (a text, b text); INSERT INTO heap2 VALUES ('x', 'y'), ('p', 'q');
        """,
        [
          "CREATE TABLE T.HEAP (A VARCHAR, B VARCHAR)",
          "INSERT INTO T.HEAP VALUES ('x', 'y'), ('p', 'q'), ('p', 'q')",
          "CREATE TABLE T.HEAP2 (A VARCHAR, B VARCHAR)",
          "INSERT INTO T.HEAP2 VALUES ('p', 'q'), ('x', 'y')",
        ])
      let report = try sandbox("[heap, heap2]").report()
      #expect(report.run.status == 1)
      #expect(report.json.outcome("heap.checksum") == "failed")
      #expect(report.json.outcome("heap.row_count") == "passed")
      #expect(report.json.outcome("heap2.checksum") == "passed", "\(report.run.all)")
    }

    @Test("a column more, a column less, another type: never a pass (stand-in)")
    func columns() throws {
      try make(
        """
        CREATE TABLE wide (id int PRIMARY KEY, a text, gone text);
        INSERT INTO wide VALUES (1, 'x', 'lost');
        CREATE TABLE narrow (id int PRIMARY KEY, amount numeric(12,2));
        INSERT INTO narrow VALUES (1, 10.00);
        """,
        [
          "CREATE TABLE T.WIDE (ID NUMBER(10,0) NOT NULL PRIMARY KEY, A VARCHAR, MORE VARCHAR)",
          "INSERT INTO T.WIDE VALUES (1, 'x', NULL)",
          "CREATE TABLE T.NARROW (ID NUMBER(10,0) NOT NULL PRIMARY KEY, AMOUNT NUMBER(5,0))",
          "INSERT INTO T.NARROW VALUES (1, 10)",
        ])
      let report = try sandbox("[wide, narrow]").report()
      #expect(report.run.status == 1)
      #expect(report.json.outcome("wide.columns") == "failed")
      #expect(report.json.outcome("narrow.columns") == "failed")
      // The values that are there are alike, but one column has nothing to be compared with.
      let alone = try sandbox("wide: { columns: skip, constraints: skip }").report()
      #expect([1, 3].contains(alone.run.status), "\(alone.run.all)")
    }
  }
}
