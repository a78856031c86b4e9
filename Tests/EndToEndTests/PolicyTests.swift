import Foundation
import Testing

extension Live {
  /// Masking and row access policies as the stand-in emulates them, and row-level security of a real
  /// PostgreSQL.
  @Suite("What policies let through", .serialized)
  struct PolicyTests {
    private func name(_ text: String) -> String { "e2e_\(getpid())_\(text)" }

    /// Runs a spec with this security section about a table `people` of five rows on both sides.
    ///
    /// In the target are a view `V` of it, a copy `COPIED` made before any policy, and the roles `SEER`
    /// and `BLIND`, who read all of these.
    private func report(
      _ mark: String, _ security: String, source: [String] = [], _ change: String...
    ) throws -> Report {
      let database = name("pol_\(mark)")
      let schema = name("POL_\(mark)").uppercased()
      let reader = name("pol_\(mark)_reader")
      func named(_ text: String) -> String {
        text.replacingOccurrences(of: "SCHEMA.", with: "STANDIN.\(schema).")
          .replacingOccurrences(of: "SEER", with: name("\(mark)_SEER").uppercased())
          .replacingOccurrences(of: "BLIND", with: name("\(mark)_BLIND").uppercased())
          .replacingOccurrences(of: "reader", with: reader)
          .replacingOccurrences(of: "READER", with: reader.uppercased())
      }
      let standin = try Standin.shared()
      func tidy() {
        _ = try? Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        _ = try? Servers.psql("DROP ROLE IF EXISTS \(reader)")
        _ = try? standin.run("DROP SCHEMA STANDIN.\(schema)")
        for role in ["SEER", "BLIND", "READER"] {
          _ = try? standin.run("DROP ROLE \(named(role))")
        }
      }
      tidy()
      defer { tidy() }
      try Servers.psql("CREATE DATABASE \(database)")
      try Servers.psql(
        named(
          """
          CREATE TABLE people (id int PRIMARY KEY, email text, region text);
          INSERT INTO people VALUES (1, 'anna@example.com', 'EU'), (2, 'bert@example.com', 'US'),
            (3, 'cora@example.com', 'EU'), (4, NULL, 'US'), (5, 'dora@example.com', 'EU');
          CREATE ROLE reader; GRANT SELECT ON people TO reader;
          """), database: database)
      for statement in source { try Servers.psql(named(statement), database: database) }
      try standin.run("CREATE SCHEMA STANDIN.\(schema)")
      var statements = [
        "CREATE TABLE SCHEMA.PEOPLE (ID NUMBER(10,0) NOT NULL, EMAIL VARCHAR, REGION VARCHAR)",
        """
        INSERT INTO SCHEMA.PEOPLE VALUES (1, 'anna@example.com', 'EU'), (2, 'bert@example.com', 'US'), \
        (3, 'cora@example.com', 'EU'), (4, NULL, 'US'), (5, 'dora@example.com', 'EU')
        """,
        "CREATE TABLE SCHEMA.COPIED AS SELECT ID, EMAIL FROM SCHEMA.PEOPLE",
        "CREATE VIEW SCHEMA.V AS SELECT ID, EMAIL AS MAIL FROM SCHEMA.PEOPLE",
        "CREATE ROLE READER",
      ]
      for role in ["SEER", "BLIND"] {
        statements += [
          "CREATE ROLE \(role)", "GRANT ROLE \(role) TO USER PARITY",
          "GRANT USAGE ON DATABASE STANDIN TO ROLE \(role)",
          "GRANT USAGE ON SCHEMA STANDIN.\(schema) TO ROLE \(role)",
          "GRANT SELECT ON TABLE SCHEMA.PEOPLE TO ROLE \(role)",
          "GRANT SELECT ON TABLE SCHEMA.COPIED TO ROLE \(role)",
          "GRANT SELECT ON VIEW SCHEMA.V TO ROLE \(role)",
        ]
      }
      for statement in statements + change { try standin.run(named(statement)) }
      let sandbox = try Sandbox([
        "shop.yml": named(
          """
          version: 1
          name: Shop
          source: { postgres: $SOURCE_URL, sslmode: disable }
          target: { snowflake: standin_pat, database: STANDIN, schema: \(schema) }
          tables: [people]
          security:
          \(security)

          """)
      ])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: database)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      let report = try sandbox.report("--select", "section:security")
      // Values never leave the databases.
      for text in ["anna@", "bert@", "cora@", "dora@"] {
        #expect(!(report.json.text + report.junit + report.run.all).contains(text))
      }
      return report
    }

    private static let mask = """
      CREATE MASKING POLICY SCHEMA.HIDE AS (V VARCHAR) RETURNS VARCHAR -> \
      CASE WHEN CURRENT_ROLE() = 'SEER' THEN V ELSE '***' END
      """
    private static let attach =
      "ALTER TABLE SCHEMA.PEOPLE MODIFY COLUMN EMAIL SET MASKING POLICY SCHEMA.HIDE"

    private static func masking(_ also: String) -> String {
      """
        masking:
          SCHEMA.PEOPLE.EMAIL:
            policy: HIDE
            clear_for: [SEER]
            masked_for: [BLIND]
            also: [\(also)]
      """
    }

    @Test(
      "Snowflake (emulated masking): attached, effective, and in views and copies too",
      arguments: [
        ("good", [], "SCHEMA.V.MAIL", ["passed", "passed", "passed"], "masked for"),
        (
          "none", ["ALTER TABLE SCHEMA.PEOPLE MODIFY COLUMN EMAIL UNSET MASKING POLICY"],
          "SCHEMA.V.MAIL", ["failed", "failed", "failed"], "in 4 of 4 rows"
        ),
        (
          "open", ["ALTER MASKING POLICY SCHEMA.HIDE SET BODY -> V"], "SCHEMA.V.MAIL",
          ["passed", "failed", "failed"], "sees the true value"
        ),
        (
          "shut", ["ALTER MASKING POLICY SCHEMA.HIDE SET BODY -> '***'"], "SCHEMA.V.MAIL",
          ["passed", "failed", "failed"], "does not see the true value"
        ),
        (
          "copy", [], "SCHEMA.COPIED.EMAIL", ["passed", "passed", "failed"], "sees the true value"
        ),
        (
          "lost", ["REVOKE SELECT ON TABLE SCHEMA.PEOPLE FROM ROLE SEER"], "SCHEMA.V.MAIL",
          ["passed", "failed", "passed"], "GRANT SELECT ON TABLE"
        ),
        // What a role that may not read would get, the policy says.
        (
          "far", ["REVOKE SELECT ON TABLE SCHEMA.PEOPLE FROM ROLE BLIND"], "SCHEMA.V.MAIL",
          ["passed", "passed", "passed"], "POLICY_CONTEXT"
        ),
      ] as [(String, [String], String, [String], String)])
    func masked(
      _ mark: String, _ change: [String], _ also: String, _ outcomes: [String], _ words: String
    ) throws {
      let all = [Self.mask, Self.attach] + change
      let report =
        switch all.count {
        case 2: try report("m\(mark)", Self.masking(also), all[0], all[1])
        default: try report("m\(mark)", Self.masking(also), all[0], all[1], all[2])
        }
      let found = [
        ".attached", ".effective", also.contains("COPIED") ? ".COPIED.EMAIL" : ".V.MAIL",
      ]
      .map { report.json.outcome($0) }
      #expect(found == outcomes, "\(report.run.all)")
      #expect(report.json.text.contains(words), "\(report.run.all)")
    }

    private static let filter = """
      CREATE ROW ACCESS POLICY SCHEMA.ROWS AS (R VARCHAR) RETURNS BOOLEAN -> \
      CURRENT_ROLE() = 'SEER' OR R = 'EU'
      """

    @Test(
      "Snowflake (emulated row access): each role sees exactly its rows",
      arguments: [
        ("good", "ALTER ROW ACCESS POLICY SCHEMA.ROWS SET COMMENT = ''", ["passed", "passed"], ""),
        (
          "open", "ALTER ROW ACCESS POLICY SCHEMA.ROWS SET BODY -> TRUE", ["passed", "failed"],
          "5 of 5 rows"
        ),
        (
          "odd",
          "ALTER ROW ACCESS POLICY SCHEMA.ROWS SET BODY -> CURRENT_ROLE() = 'SEER' OR R = 'US'",
          ["passed", "failed"], "2 of 5 rows"
        ),
        (
          "shut", "ALTER ROW ACCESS POLICY SCHEMA.ROWS SET BODY -> R = 'EU'", ["passed", "failed"],
          "not all"
        ),
        (
          "none", "ALTER TABLE SCHEMA.PEOPLE DROP ROW ACCESS POLICY SCHEMA.ROWS",
          ["failed", "failed"], ""
        ),
      ] as [(String, String, [String], String)])
    func rows(_ mark: String, _ change: String, _ outcomes: [String], _ words: String) throws {
      let section = """
          row_access:
            SCHEMA.PEOPLE:
              policy: ROWS
              columns: [REGION]
              sees_all: [SEER]
              sees: { BLIND: REGION = 'EU' }
        """
      let report = try report(
        "r\(mark)", section, Self.filter,
        "ALTER TABLE SCHEMA.PEOPLE ADD ROW ACCESS POLICY SCHEMA.ROWS ON (REGION)", change)
      #expect(
        [".attached", ".effective"].map { report.json.outcome($0) } == outcomes,
        "\(report.run.all)")
      #expect(words.isEmpty || report.run.output.contains(words), "\(report.run.all)")
    }

    @Test(
      "PostgreSQL: row-level policies that the target lost",
      arguments: [
        ("off", [], [], "passed", ""),
        (
          "lost",
          [
            "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY own ON people USING (region = 'EU')",
          ],
          [], "failed", "only those that the row-level policy own gives"
        ),
        (
          "deny", ["ALTER TABLE people ENABLE ROW LEVEL SECURITY"], [], "failed",
          "reads none in the source"
        ),
        (
          "other",
          [
            "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY own ON people TO reader USING (true)",
          ], [], "passed", ""
        ),
        (
          "free",
          [
            "ALTER TABLE people ENABLE ROW LEVEL SECURITY", "ALTER ROLE reader BYPASSRLS",
            "CREATE POLICY own ON people USING (region = 'EU')",
          ], [], "passed", ""
        ),
        (
          "kept",
          [
            "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY own ON people USING (region = 'EU')",
          ],
          [filter, "ALTER TABLE SCHEMA.PEOPLE ADD ROW ACCESS POLICY SCHEMA.ROWS ON (REGION)"],
          "passed", ""
        ),
      ] as [(String, [String], [String], String, String)])
    func lost(
      _ mark: String, _ source: [String], _ target: [String], _ outcome: String, _ words: String
    ) throws {
      let section = """
          access: { no_wider_than_source: { except: { SEER: of the test, BLIND: of the test } } }
        """
      let grant = "GRANT SELECT ON TABLE SCHEMA.PEOPLE TO ROLE READER"
      let report =
        target.isEmpty
        ? try report("l\(mark)", section, source: source, grant)
        : try report("l\(mark)", section, source: source, grant, target[0], target[1])
      #expect(report.json.outcome("access.people") == outcome, "\(report.run.all)")
      #expect(words.isEmpty || report.run.output.contains(words), "\(report.run.all)")
    }

    @Test(
      "A second Postgres: row-level security came along, or was lost",
      arguments: [
        ("SELECT 1", ["passed", "passed", "passed"], "are tried by `row_access:`"),
        (
          "ALTER TABLE people DISABLE ROW LEVEL SECURITY", ["failed", "failed", "failed"],
          "ENABLE ROW LEVEL SECURITY"
        ),
        (
          "DROP POLICY own ON people; CREATE POLICY own ON people USING (region = 'US')",
          ["passed", "passed", "failed"], "2 of 5 rows"
        ),
      ] as [(String, [String], String)])
    func rehearsal(_ change: String, _ outcomes: [String], _ words: String) throws {
      let reader = name("pol_rehearsal_reader")
      let databases = ["a", "b"].map { name("pol_rehearsal_\($0)") }
      func tidy() {
        for database in databases {
          _ = try? Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        }
        _ = try? Servers.psql("DROP ROLE IF EXISTS \(reader)")
      }
      tidy()
      defer { tidy() }
      try Servers.psql("CREATE ROLE \(reader)")
      for database in databases {
        try Servers.psql("CREATE DATABASE \(database)")
        try Servers.psql(
          """
          CREATE TABLE people (id int PRIMARY KEY, region text);
          INSERT INTO people VALUES (1, 'EU'), (2, 'US'), (3, 'EU'), (4, 'US'), (5, 'EU');
          GRANT SELECT ON people TO \(reader);
          ALTER TABLE people ENABLE ROW LEVEL SECURITY;
          CREATE POLICY own ON people USING (region = 'EU');
          """, database: database)
      }
      try Servers.psql(change, database: databases[1])
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Rehearsal
        source: { postgres: $SOURCE_URL, sslmode: disable }
        target: { postgres: $TARGET_URL, sslmode: disable }
        tables: [people]
        security:
          access: no_wider_than_source
          row_access:
            public.people: { policy: own, sees: { \(reader): region = 'EU' } }

        """
      ])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: databases[0])
      sandbox.environment["TARGET_URL"] = Servers.address(database: databases[1])
      let report = try sandbox.report("--select", "section:security")
      let found = ["access.people", ".attached", ".effective"].map { report.json.outcome($0) }
      #expect(found == outcomes, "\(report.run.all)")
      #expect((report.json.text + report.run.output).contains(words), "\(report.run.all)")
    }
  }
}
