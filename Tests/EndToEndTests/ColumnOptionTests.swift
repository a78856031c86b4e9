import Foundation
import Testing

extension Live {
  /// What the spec lets count as the same, against either target.
  @Suite("Column options")
  struct ColumnOptionTests {
    /// The kinds of target that a case is run against.
    enum Target: String, CaseIterable, Sendable, CustomTestStringConvertible {
      case postgres
      case emulated

      var testDescription: String { self == .postgres ? "a second Postgres" : "the stand-in" }
    }

    /// A table on both sides, what the spec says of it, and what must come of its checksum.
    struct Case: Sendable, CustomTestStringConvertible {
      let name: String
      /// Columns behind the key: their types in Postgres and in Snowflake.
      let source: String
      let target: String
      /// Rows as both databases read them.
      let rows: String
      let changed: String
      let spec: String
      let outcome: String
      let words: String
      var flags: [String] = []

      var testDescription: String { name }
    }

    static let cases = [
      Case(
        name: "numbers within the tolerance", source: "v numeric(10,3)", target: "V NUMBER(10,3)",
        rows: "(1, 1.000), (2, 2.005), (3, NULL)", changed: "(1, 1.000), (2, 2.001), (3, NULL)",
        spec: "columns: { v: { tolerance: 0.004, because: rounding } }", outcome: "passed",
        words: "v: 1 value differs as the spec allows"),
      Case(
        name: "a number beyond the tolerance", source: "v numeric(10,3)", target: "V NUMBER(10,3)",
        rows: "(1, 1.000), (2, 2.005)", changed: "(1, 1.000), (2, 2.000)",
        spec: "columns: { v: { tolerance: 0.004, because: rounding } }", outcome: "failed",
        words: "1 of 2 rows differs"),
      Case(
        name: "NULL is near nothing", source: "v numeric(10,3)", target: "V NUMBER(10,3)",
        rows: "(1, 0)", changed: "(1, NULL)",
        spec: "columns: { v: { tolerance: 100%, because: rounding } }", outcome: "failed",
        words: "1 of 1 row differs"),
      Case(
        name: "floats within the tolerance", source: "v float8", target: "V FLOAT",
        rows: "(1, 0.1), (2, 1e300)", changed: "(1, 0.10000001), (2, 1e300)",
        spec: "columns: { v: { tolerance: { relative: 0.001% }, because: rounding } }",
        outcome: "passed", words: "v: 1 value differs as the spec allows"),
      Case(
        name: "case", source: "v text", target: "V VARCHAR", rows: "(1, 'Ärger'), (2, NULL)",
        changed: "(1, 'ÄRGER'), (2, NULL)",
        spec: "columns: { v: { compare: case_insensitive, because: the loader folds } }",
        outcome: "passed", words: "1 value differs as the spec allows"),
      Case(
        name: "white space", source: "v text", target: "V VARCHAR", rows: "(1, 'a  b '), (2, 'c')",
        changed: "(1, 'a b'), (2, 'd')",
        spec: "columns: { v: { compare: normalized, because: the loader trims } }",
        outcome: "failed", words: "1 of 2 rows differs"),
      Case(
        name: "JSON in text", source: "v text", target: "V VARCHAR",
        rows: #"(1, '{"a": 1, "b": 2}'), (2, '[1]')"#,
        changed: #"(1, '{"b":2,"a":1.0}'), (2, '[1]')"#,
        spec: "columns: { v: { compare: json } }", outcome: "passed", words: "every value"),
      Case(
        name: "JSON in text that is none", source: "v text", target: "V VARCHAR",
        rows: "(1, '{'), (2, '[1]')", changed: "(1, '{}'), (2, '[1]')",
        spec: "columns: { v: { compare: json } }", outcome: "errored", words: "cannot be read"),
      Case(
        name: "accepted values of another kind", source: "v text", target: "V BOOLEAN",
        rows: "(1, 'Y'), (2, 'N'), (3, NULL)", changed: "(1, true), (2, false), (3, NULL)",
        spec:
          "columns: { v: { accept: [{ source: Y, target: true, because: boolean }, { source: N, target: false, because: boolean }] } }",
        outcome: "passed", words: "every value"),
      Case(
        name: "a value that was not accepted", source: "v text", target: "V BOOLEAN",
        rows: "(1, 'Y'), (2, 'n')", changed: "(1, true), (2, false)",
        spec:
          "columns: { v: { accept: [{ source: Y, target: true, because: boolean }, { source: N, target: false, because: boolean }] } }",
        outcome: "failed", words: "1 of 2 rows differs"),
      Case(
        name: "an empty text that became NULL", source: "v text", target: "V VARCHAR",
        rows: "(1, ''), (2, 'a'), (3, NULL)", changed: "(1, NULL), (2, 'a'), (3, NULL)",
        spec: "columns: { v: { accept: [{ source: '', target: null, because: Oracle habits }] } }",
        outcome: "passed", words: "every value"),
      Case(
        name: "NULL that became empty is not the same change", source: "v text",
        target: "V VARCHAR", rows: "(1, NULL), (2, 'a')", changed: "(1, ''), (2, 'a')",
        spec: "columns: { v: { accept: [{ source: '', target: null, because: Oracle habits }] } }",
        outcome: "failed", words: "1 of 2 rows differs"),
      Case(
        name: "the wall clock of a zone", source: "v timestamptz", target: "V TIMESTAMP_NTZ(6)",
        rows: "(1, '2026-01-01 11:00:00+00'), (2, '2026-07-01 10:00:00.5+00'), (3, NULL)",
        changed: "(1, '2026-01-01 12:00:00'), (2, '2026-07-01 12:00:00.5'), (3, NULL)",
        spec: "columns: { v: { timezone: Europe/Berlin } }", outcome: "passed",
        words: "every value"),
      Case(
        name: "the wall clock of another zone", source: "v timestamptz",
        target: "V TIMESTAMP_NTZ(6)",
        rows: "(1, '2026-01-01 11:00:00+00'), (2, '2026-07-01 10:00:00.5+00')",
        changed: "(1, '2026-01-01 12:00:00'), (2, '2026-07-01 11:00:00.5')",
        spec: "columns: { v: { timezone: Europe/Berlin } }", outcome: "failed",
        words: "1 of 2 rows differs"),
      Case(
        name: "times within the tolerance", source: "v timestamp", target: "V TIMESTAMP_NTZ(6)",
        rows: "(1, '2026-01-01 11:00:00.123456')", changed: "(1, '2026-01-01 11:00:00.123')",
        spec: "columns: { v: { tolerance: 1ms, because: ODBC } }", outcome: "passed",
        words: "1 value differs as the spec allows"),
      Case(
        name: "a condition for each side", source: "v int", target: "V NUMBER(10,0)",
        rows: "(1, 1), (2, 2), (3, 3)", changed: "(1, 1), (2, 2), (9, 9)",
        spec: "where: { source: id < 3, target: id <> 9 }", outcome: "passed",
        words: "2 rows, 2 columns"),
      Case(
        name: "a condition for one side only", source: "v int", target: "V NUMBER(10,0)",
        rows: "(1, 1), (2, 2), (3, 3)", changed: "(1, 1), (2, 2), (9, 9)",
        spec: "where: { source: id < 3 }", outcome: "failed", words: "1 row only in the target"),
      Case(
        name: "an option that does not fit", source: "v int", target: "V NUMBER(10,0)",
        rows: "(1, 1)", changed: "(1, 1)",
        spec: "columns: { v: { compare: case_insensitive, because: a mistake } }",
        outcome: "errored", words: "does not fit"),
      Case(
        name: "differing rows by segment", source: "v int, region text",
        target: "V NUMBER(10,0), REGION VARCHAR",
        rows: "(1, 1, 'EU'), (2, 2, 'EU'), (3, 3, 'US'), (4, 4, NULL)",
        changed: "(1, 7, 'EU'), (2, 7, 'EU'), (3, 3, 'US'), (4, 7, NULL)",
        spec: "segments: region", outcome: "failed",
        words: "differing rows by region: EU 2, NULL 1"),
      Case(
        name: "rows that changed a moment ago", source: "v int, changed_at timestamptz",
        target: "V NUMBER(10,0), CHANGED_AT TIMESTAMP_TZ(6)",
        rows: "(1, 1, '2020-01-01 00:00:00+00'), (2, 2, now())",
        changed: "(1, 1, '2020-01-01 00:00:00+00'), (2, 1, '2020-01-01 00:00:00+00')",
        spec: "window: { column: changed_at, lag: 1h }", outcome: "passed",
        words: "1 row differing, but changed less than 1h before"),
      Case(
        name: "rows that changed in a future far away", source: "v int, changed_at timestamptz",
        target: "V NUMBER(10,0), CHANGED_AT TIMESTAMP_TZ(6)",
        rows: "(1, 1, '2020-01-01 00:00:00+00'), (2, 2, '2999-01-01 00:00:00+00')",
        changed: "(1, 1, '2020-01-01 00:00:00+00'), (2, 1, '2999-01-01 00:00:00+00')",
        spec: "window: { column: changed_at, lag: 100ms }", outcome: "failed",
        words: "1 of 2 rows differs"),
      Case(
        name: "rows that changed long ago, asked twice", source: "v int, changed_at timestamptz",
        target: "V NUMBER(10,0), CHANGED_AT TIMESTAMP_TZ(6)",
        rows: "(1, 1, '2020-01-01 00:00:00+00'), (2, 2, '2020-01-01 00:00:00+00')",
        changed: "(1, 1, '2020-01-01 00:00:00+00'), (2, 1, '2020-01-01 00:00:00+00')",
        spec: "window: { column: changed_at, lag: 100ms }", outcome: "failed",
        words: "asked again from a new snapshot after"),
    ]

    /// The reports of both ways of comparing.
    private func reports(_ test: Case, _ target: Target) throws -> [Report] {
      let name = "parity_options_\(getpid())_\(UUID().uuidString.prefix(8))".lowercased()
      try Servers.psql("CREATE DATABASE \(name)")
      defer { _ = try? Servers.psql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
      try Servers.psql(
        """
        CREATE TABLE t (id int PRIMARY KEY, \(test.source)); INSERT INTO t VALUES \(test.rows);
        """, database: name)
      let files: [String: String]
      switch target {
      case .postgres:
        // The same kinds of value, in Postgres' words.
        var types = test.target.lowercased()
        for (old, new) in [
          ("number(10,", "numeric(10,"), ("varchar", "text"), ("timestamp_ntz", "timestamp"),
          ("timestamp_tz", "timestamptz"), (" float", " float8"),
        ] { types = types.replacingOccurrences(of: old, with: new) }
        try Servers.psql(
          """
          CREATE SCHEMA copy; CREATE TABLE copy.t (id int PRIMARY KEY, \(types));
          INSERT INTO copy.t VALUES \(test.changed);
          """, database: name)
        files = [
          "shop.yml": spec(test, "{ postgres: $DATABASE_URL, schema: copy, sslmode: disable }")
        ]
      case .emulated:
        let standin = try Standin.shared()
        try standin.run("CREATE DATABASE \(name)")
        try standin.run(
          "CREATE TABLE \(name).PUBLIC.T (ID NUMBER(10,0) NOT NULL PRIMARY KEY, \(test.target))")
        try standin.run("INSERT INTO \(name).PUBLIC.T VALUES \(test.changed)")
        files = [
          "shop.yml": spec(
            test, "{ snowflake: standin, database: \(name.uppercased()), schema: PUBLIC }")
        ]
      }
      defer { if target == .emulated { try? Standin.shared().run("DROP DATABASE \(name)") } }
      let sandbox = try Sandbox(files)
      sandbox.environment["DATABASE_URL"] = Servers.address(database: name)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      return try ["fast", "md5"].map { try sandbox.report("--digest", $0, within: 60) }
    }

    private func spec(_ test: Case, _ target: String) -> String {
      """
      version: 1
      name: Options
      source: { postgres: $DATABASE_URL, sslmode: disable }
      target: \(target)
      unlisted_tables: ignore
      tables:
        t: { \(test.spec), constraints: skip }

      """
    }

    @Test(
      "values differ as the spec allows, or not (stand-in, second Postgres; both ways of comparing)",
      arguments: Target.allCases.flatMap { target in cases.map { (target, $0) } })
    func options(_ target: Target, _ test: Case) throws {
      for report in try reports(test, target) {
        let found = try #require(report.json.cases.first { $0.id.hasSuffix("t.checksum") })
        #expect(found.outcome == test.outcome, "\(report.run.all)")
        #expect(report.json.text.contains(test.words), "\(report.json.text)")
      }
    }

    @Test(
      "a sample is the same rows on both sides, and is called one (second Postgres, stand-in)",
      arguments: Target.allCases)
    func sample(_ target: Target) throws {
      let rows = (1...400).map { "(\($0), \($0))" }.joined(separator: ", ")
      for (changed, outcome) in [
        (rows, "passed"), (rows.replacingOccurrences(of: ", 7", with: ", 8"), "failed"),
      ] {
        let test = Case(
          name: "sample", source: "v int", target: "V NUMBER(10,0)", rows: rows, changed: changed,
          spec: "sample: 25%", outcome: outcome, words: "SAMPLE of 25 %")
        for report in try reports(test, target) {
          let found = try #require(report.json.cases.first { $0.id.hasSuffix("t.checksum") })
          #expect(found.outcome == outcome, "\(report.run.all)")
          #expect(found.summary.contains("SAMPLE of 25 %"), "\(found.summary)")
          #expect(report.run.all.contains("sample of 25 %"), "\(report.run.all)")
          let words = found.summary.split(separator: " ")
          let count = words.compactMap { Int($0) }.filter { $0 != 25 }
          #expect(outcome == "failed" || (60...140).contains(count.first ?? 0), "\(found.summary)")
        }
      }
    }
  }
}
