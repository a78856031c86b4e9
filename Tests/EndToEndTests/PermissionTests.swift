import Foundation
import Testing

extension Live {
  /// Rights that are missing: what cannot be looked at is never called right.
  @Suite("Missing rights (stand-in)", .serialized)
  struct PermissionTests {
    let shop = Result { try Shop.shared() }

    /// Runs a spec of one table as a role of Postgres that has the rights given.
    private func report(_ table: String, as name: String, _ rights: String...) throws -> Report {
      let shop = try shop.get()
      let role = try shop.makeRole(name)
      if !rights.isEmpty {
        let text = rights.joined(separator: ";\n").replacingOccurrences(of: "ROLE_", with: role)
        try Servers.psql(text, database: shop.database)
      }
      defer { _ = try? Servers.psql("DROP OWNED BY \(role)", database: shop.database) }
      let address = Servers.address(database: shop.database, user: role)
      return try shop.sandbox(table).report(with: ["DATABASE_URL": address])
    }

    @Test("no SELECT on the table in Postgres: exit 3, the missing grant is said (stand-in)")
    func table() throws {
      let report = try report("[orders]", as: "blind")
      #expect(report.run.status == 3)
      #expect(report.json.outcome("orders.row_count") == "errored")
      #expect(report.json.outcome("orders.checksum") == "errored")
      #expect(report.json.unchecked.contains("permission_denied"))
      #expect(report.run.output.contains("GRANT SELECT ON orders TO"))
    }

    @Test("SELECT on one column only in Postgres: exit 3 (stand-in)")
    func column() throws {
      let report = try report("[orders]", as: "columns", "GRANT SELECT (id) ON orders TO ROLE_")
      #expect(report.run.status == 3)
      #expect(report.json.outcome("orders.checksum") == "errored")
      #expect(report.run.output.contains("customer_id"))
    }

    @Test("a policy hides rows in Postgres: exit 3, not a comparison of what is left (stand-in)")
    func rows() throws {
      let report = try report(
        "[short]", as: "rows", "GRANT SELECT ON short TO ROLE_",
        "ALTER TABLE short ENABLE ROW LEVEL SECURITY",
        "DROP POLICY IF EXISTS few ON short", "CREATE POLICY few ON short USING (id < 3)")
      try Servers.psql(
        "ALTER TABLE short DISABLE ROW LEVEL SECURITY", database: shop.get().database)
      #expect(report.run.status == 3)
      #expect(report.json.outcome("short.row_count") == "errored")
      #expect(report.json.count("failed") == 0)
      #expect(report.run.output.contains("BYPASSRLS"))
    }

    @Test("no USAGE on the schema in Postgres: exit 3 (stand-in)", arguments: ["[orders]", "all"])
    func schema(tables: String) throws {
      let shop = try shop.get()
      let role = try shop.makeRole("locked")
      try Servers.psql(
        """
        CREATE SCHEMA vault; CREATE TABLE vault.orders (id int PRIMARY KEY);
        REVOKE ALL ON SCHEMA vault FROM PUBLIC
        """, database: shop.database)
      defer { _ = try? Servers.psql("DROP SCHEMA vault CASCADE", database: shop.database) }
      let sandbox = try shop.sandbox("[orders]")
      let text = try #require(sandbox.read("shop.yml"))
        .replacingOccurrences(of: "sslmode: disable", with: "sslmode: disable, schema: vault")
        .replacingOccurrences(of: "tables:\n  [orders]", with: "tables: \(tables)")
      try sandbox.write(text, to: "shop.yml")
      let report = try sandbox.report(
        with: ["DATABASE_URL": Servers.address(database: shop.database, user: role)])
      #expect(report.run.status == 3, "\(report.run.all)")
      #expect(report.json.count("passed") == 0)
      #expect(report.run.output.contains("permission denied for schema vault"))
    }

    /// Runs a spec as a role of Snowflake that has the rights given.
    private func snowflakeReport(_ name: String, _ rights: String...) throws -> Report {
      let shop = try shop.get()
      let standin = try Standin.shared()
      try standin.run(
        "CREATE OR REPLACE ROLE \(name)", "GRANT USAGE ON WAREHOUSE STANDIN_WH TO ROLE \(name)",
        "GRANT ROLE \(name) TO USER PARITY",
        "GRANT USAGE ON DATABASE \(shop.target) TO ROLE \(name)")
      for right in rights {
        try standin.run(
          "GRANT \(right.replacingOccurrences(of: "T.", with: "\(shop.target).")) TO ROLE \(name)")
      }
      defer { try? standin.run("DROP ROLE \(name)") }
      return try shop.sandbox("[orders]", options: ", role: \(name)").report()
    }

    @Test("the table is seen but not read in Snowflake: exit 3 (stand-in)")
    func snowflakeTable() throws {
      let report = try snowflakeReport(
        "E2E_BLIND", "USAGE ON SCHEMA T.PUBLIC", "REFERENCES ON TABLE T.PUBLIC.ORDERS",
        "SELECT ON TABLE T.PUBLIC.CUSTOMERS")
      #expect(report.run.status == 3, "\(report.run.all)")
      #expect(report.json.outcome("orders.exists") == "passed")
      #expect(report.json.outcome("orders.checksum") == "errored")
      #expect(report.json.outcome("orders.row_count") == "errored")
    }

    @Test("no table is seen in Snowflake: exit 3, not `missing` (stand-in)")
    func snowflakeNoTable() throws {
      let report = try snowflakeReport("E2E_USAGE", "USAGE ON SCHEMA T.PUBLIC")
      #expect(report.run.status == 3, "\(report.run.all)")
      #expect(report.json.count("passed") == 0)
    }

    @Test("another table is seen in Snowflake: `missing`, with the doubt said (stand-in)")
    func snowflakeOtherTable() throws {
      let report = try snowflakeReport(
        "E2E_OTHER", "USAGE ON SCHEMA T.PUBLIC", "SELECT ON TABLE T.PUBLIC.CUSTOMERS")
      #expect(report.run.status == 1)
      #expect(report.json.count("passed") == 0)
      #expect(report.run.output.contains("or the role may not see it"))
    }

    @Test("the schema is not seen in Snowflake: exit 3 (stand-in)")
    func snowflakeNoSchema() throws {
      let report = try snowflakeReport("E2E_NOTHING")
      #expect(report.run.status == 3, "\(report.run.all)")
      #expect(report.json.count("passed") == 0)
    }
  }
}
