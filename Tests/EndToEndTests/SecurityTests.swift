import Foundation
import Testing

extension Live {
  /// Roles and privileges, on a real PostgreSQL and on the role model that the stand-in emulates.
  ///
  /// One after the other: what one test gives to PUBLIC, everyone has.
  @Suite("Who may do what", .serialized)
  struct SecurityTests {
    /// Names of this process only: roles belong to the whole server.
    private func name(_ text: String) -> String { "e2e_\(getpid())_\(text)" }

    private static let head = """
      version: 1
      name: Shop
      source: { postgres: $SOURCE_URL, sslmode: disable }
      target: { snowflake: standin_pat, database: STANDIN, schema: PUBLIC }
      security:
        roles:

      """

    private func sandbox(_ roles: String, database: String) throws -> Sandbox {
      let body = roles.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
      let sandbox = try Sandbox(["shop.yml": Self.head + body + "\n"])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: database)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      return sandbox
    }

    /// A database with three tables, and roles `reader`, `base` and `writer` of this process.
    private func withDatabase(_ text: String, _ body: (String) throws -> Void) throws {
      let database = name(text)
      let roles = ["reader", "base", "writer"].map { name("\(text)_\($0)") }
      func tidy() throws {
        try Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        for role in roles { try Servers.psql("DROP ROLE IF EXISTS \(role)") }
      }
      try tidy()
      try Servers.psql("CREATE DATABASE \(database)")
      try Servers.psql(
        """
        CREATE TABLE customers (id int PRIMARY KEY, email text);
        CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, total numeric(8,2));
        CREATE SEQUENCE numbers;
        INSERT INTO customers VALUES (1, 'a'); INSERT INTO orders VALUES (1, 1, 2);
        \(roles.map { "CREATE ROLE \($0);" }.joined())
        GRANT SELECT ON orders TO \(roles[0]);
        GRANT ALL ON ALL TABLES IN SCHEMA public TO \(roles[2]);
        GRANT CREATE ON SCHEMA public TO \(roles[2]);
        """, database: database)
      defer { try? tidy() }
      try body(database)
    }

    @Test(
      "PostgreSQL: rights that came by any way are named, with the statement that takes them back",
      arguments: [
        ("", []),
        (
          "GRANT SELECT ON customers TO PUBLIC",
          ["through PUBLIC; cure: REVOKE SELECT ON public.customers FROM PUBLIC"]
        ),
        (
          "GRANT SELECT (email) ON customers TO BASE; GRANT BASE TO READER",
          [
            "SELECT on public.customers.email, through BASE; cure: REVOKE SELECT (email) ON public.customers FROM BASE"
          ]
        ),
        (
          "GRANT DELETE ON orders TO BASE; ALTER ROLE READER NOINHERIT; GRANT BASE TO READER",
          ["DELETE on public.orders, after SET ROLE through BASE"]
        ),
        (
          "GRANT SELECT ON orders TO READER WITH GRANT OPTION",
          ["SELECT WITH GRANT OPTION on public.orders"]
        ),
        (
          "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO READER",
          ["INSERT on every table to come in public"]
        ),
        ("ALTER TABLE customers OWNER TO READER", ["OWNERSHIP on public.customers"]),
        ("CREATE VIEW v AS SELECT 1 AS a; GRANT SELECT ON v TO READER", ["SELECT on public.v"]),
        ("GRANT pg_read_all_data TO READER", ["pg_read_all_data: reads every table"]),
        ("ALTER ROLE READER BYPASSRLS", ["BYPASSRLS"]),
        (
          "REVOKE SELECT ON orders FROM READER",
          ["missing: SELECT on public.orders; cure: GRANT SELECT ON public.orders TO READER"]
        ),
      ] as [(String, [String])])
    func privileges(_ change: String, _ found: [String]) throws {
      let text = "priv\(abs(change.hashValue) % 1_000_000)"
      try withDatabase(text) { database in
        func named(_ sql: String) -> String {
          sql.replacingOccurrences(of: "READER", with: name("\(text)_reader"))
            .replacingOccurrences(of: "BASE", with: name("\(text)_base"))
        }
        if !change.isEmpty { try Servers.psql(named(change), database: database) }
        let sandbox = try sandbox(
          """
          source:
            \(named("READER")):
              privileges: { public.orders: [SELECT] }
          """, database: database)
        let report = try sandbox.report()
        #expect(report.run.status == (found.isEmpty ? 0 : 1), "\(report.run.all)")
        for words in found {
          #expect(report.run.output.contains(named(words)), "\(words)\n\(report.run.output)")
        }
      }
    }

    @Test("PostgreSQL: what is denied is tried as the role, and nothing is changed by it")
    func attempts() throws {
      try withDatabase("tries") { database in
        let writer = name("tries_writer")
        let reader = name("tries_reader")
        func state() throws -> String {
          try Servers.psql(
            """
            SELECT md5(string_agg(t::text, ',' ORDER BY t)) FROM (SELECT * FROM orders) t;
            SELECT md5(string_agg(t::text, ',' ORDER BY t)) FROM (SELECT * FROM customers) t;
            SELECT last_value, is_called FROM numbers;
            SELECT count(*), md5(string_agg(relname || coalesce(relacl::text, ''), ',' ORDER BY relname))
              FROM pg_class WHERE relnamespace = 'public'::regnamespace;
            SELECT xact_commit > 0, tup_inserted, tup_updated, tup_deleted FROM
              (SELECT pg_stat_clear_snapshot()) c, pg_stat_database WHERE datname = current_database()
            """, database: database)
        }
        let before = try state()
        let actions = ["select", "insert", "update", "delete", "truncate", "drop"]
        let tries =
          actions.map { "\($0) on public.orders" } + ["usage on public", "create on public"]
        let sandbox = try sandbox(
          """
          source:
            \(writer):
              denied: [\(tries.joined(separator: ", "))]
            \(reader):
              denied: [\(tries[1...5].joined(separator: ", ")), create on public]
              allowed: [select on orders]
          """, database: database)
        let report = try sandbox.report()
        #expect(report.run.status == 1, "\(report.run.all)")
        for each in tries {
          let end = each.replacingOccurrences(of: " ", with: "-")
          // Only the owner may drop.
          #expect(
            report.json.outcome("\(writer).denied.\(end)")
              == (each.hasPrefix("drop") ? "passed" : "failed"), "\(each)")
          if !each.hasPrefix("select"), !each.hasPrefix("usage") {
            #expect(report.json.outcome("\(reader).denied.\(end)") == "passed", "\(each)")
          }
        }
        #expect(report.json.outcome("\(reader).allowed.select-on-orders") == "passed")
        #expect(try state() == before)
        #expect(report.json.statements.contains { $0.hasPrefix("-- as \(reader)\nEXPLAIN DELETE") })
      }
    }

    @Test("PostgreSQL: a row-level policy does not look like a refusal")
    func rowPolicies() throws {
      try withDatabase("rls") { database in
        try Servers.psql(
          "ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING (id < 0)",
          database: database)
        let reader = name("rls_reader")
        let report = try sandbox(
          """
          source:
            \(reader):
              denied: [select on public.orders]
          """, database: database
        ).report()
        #expect(report.json.outcome("denied.select-on-public.orders") == "failed")
      }
    }

    @Test("PostgreSQL: who may not act as a role could not check it")
    func cannotAct() throws {
      try withDatabase("act") { database in
        let reader = name("act_reader")
        let plain = name("act_plain")
        try Servers.psql(
          "DROP ROLE IF EXISTS \(plain); CREATE ROLE \(plain) LOGIN", database: "postgres")
        defer { _ = try? Servers.psql("DROP ROLE IF EXISTS \(plain)") }
        let sandbox = try sandbox(
          """
          source:
            \(reader):
              privileges: { public.orders: [SELECT] }
              denied: [select on public.customers]
          """, database: database)
        sandbox.environment["SOURCE_URL"] = Servers.address(database: database, user: plain)
        let report = try sandbox.report()
        #expect(report.run.status == 3, "\(report.run.all)")
        // Catalogs are open to everyone.
        #expect(report.json.outcome("reader.privileges") == "passed")
        #expect(report.json.outcome("denied.select-on-public.customers") == "errored")
        #expect(report.run.output.contains("cannot act as \(reader)"))
        #expect(report.run.output.contains("GRANT \(reader) TO \(plain)"))
      }
    }

    @Test(
      "Snowflake (emulated role model): rights that came by any way are named, and tried",
      arguments: [
        ("", "passed", "passed", []),
        (
          "GRANT SELECT ON TABLE STANDIN.SCHEMA.CUSTOMERS TO ROLE PUBLIC", "failed", "failed",
          ["through PUBLIC; cure: REVOKE SELECT ON TABLE STANDIN.SCHEMA.CUSTOMERS FROM ROLE PUBLIC"]
        ),
        (
          "GRANT SELECT ON TABLE STANDIN.SCHEMA.CUSTOMERS TO ROLE BASE; GRANT ROLE BASE TO ROLE READER",
          "failed", "failed", ["SELECT on STANDIN.SCHEMA.CUSTOMERS, through BASE"]
        ),
        (
          "GRANT SELECT ON TABLE STANDIN.SCHEMA.CUSTOMERS TO DATABASE ROLE STANDIN.READER_D; GRANT DATABASE ROLE STANDIN.READER_D TO ROLE READER",
          "failed", "failed",
          [
            "through STANDIN.READER_D; cure: REVOKE SELECT ON TABLE STANDIN.SCHEMA.CUSTOMERS FROM DATABASE ROLE STANDIN.READER_D"
          ]
        ),
        (
          "GRANT SELECT ON FUTURE TABLES IN SCHEMA STANDIN.SCHEMA TO ROLE READER", "failed",
          "passed",
          ["REVOKE SELECT ON FUTURE TABLES IN SCHEMA STANDIN.SCHEMA FROM ROLE READER"]
        ),
        (
          "GRANT SELECT ON TABLE STANDIN.SCHEMA.ORDERS TO ROLE READER WITH GRANT OPTION", "failed",
          "passed", ["SELECT WITH GRANT OPTION on STANDIN.SCHEMA.ORDERS"]
        ),
        (
          "GRANT OWNERSHIP ON TABLE STANDIN.SCHEMA.CUSTOMERS TO ROLE READER", "failed", "failed",
          ["OWNERSHIP on STANDIN.SCHEMA.CUSTOMERS"]
        ),
        (
          "REVOKE SELECT ON TABLE STANDIN.SCHEMA.ORDERS FROM ROLE READER", "failed", "passed",
          [
            "missing: SELECT on STANDIN.SCHEMA.ORDERS; cure: GRANT SELECT ON TABLE STANDIN.SCHEMA.ORDERS TO ROLE READER"
          ]
        ),
        // The user's other roles do not count where one role is tried.
        (
          "GRANT SELECT ON TABLE STANDIN.SCHEMA.CUSTOMERS TO ROLE BASE; GRANT ROLE BASE TO USER PARITY",
          "passed", "passed", []
        ),
      ] as [(String, String, String, [String])])
    func emulated(_ change: String, _ privileges: String, _ denied: String, _ found: [String])
      throws
    {
      let mark = "S\(abs(change.hashValue) % 1_000_000)"
      let (schema, reader, base) = (
        name(mark).uppercased(), name("\(mark)R").uppercased(), name("\(mark)B").uppercased()
      )
      func named(_ text: String) -> String {
        text.replacingOccurrences(of: "STANDIN.SCHEMA", with: "STANDIN.\(schema)")
          .replacingOccurrences(of: "READER", with: reader)
          .replacingOccurrences(of: "BASE", with: base)
          .replacingOccurrences(of: "DATA\(base)", with: "DATABASE")
      }
      let standin = try Standin.shared()
      let set = """
        CREATE SCHEMA STANDIN.SCHEMA; CREATE TABLE STANDIN.SCHEMA.CUSTOMERS (ID INT, EMAIL TEXT); \
        CREATE TABLE STANDIN.SCHEMA.ORDERS (ID INT); CREATE ROLE READER; CREATE ROLE BASE; \
        CREATE DATABASE ROLE STANDIN.READER_D; GRANT ROLE READER TO USER PARITY; \
        GRANT USAGE ON DATABASE STANDIN TO ROLE READER; GRANT USAGE ON SCHEMA STANDIN.SCHEMA TO ROLE READER; \
        GRANT SELECT ON TABLE STANDIN.SCHEMA.ORDERS TO ROLE READER
        """
      for statement in (named(set) + (change.isEmpty ? "" : "; \(named(change))")).split(
        separator: ";")
      {
        try standin.run(String(statement).trimmingCharacters(in: .whitespaces))
      }
      defer {
        _ = try? standin.run("DROP SCHEMA STANDIN.\(schema)")
        for role in ["ROLE \(reader)", "ROLE \(base)", "DATABASE ROLE STANDIN.\(reader)_D"] {
          _ = try? standin.run("DROP \(role)")
        }
      }
      let sandbox = try sandbox(
        named(
          """
          target:
            READER:
              members: [PARITY]
              privileges: { STANDIN.SCHEMA.ORDERS: [SELECT] }
              denied: [select on STANDIN.SCHEMA.CUSTOMERS, delete on STANDIN.SCHEMA.ORDERS]
          """), database: "postgres")
      let report = try sandbox.report()
      #expect(report.json.outcome(".privileges") == privileges, "\(report.run.all)")
      #expect(
        report.json.outcome("denied.select-on-STANDIN.\(schema).CUSTOMERS") == denied,
        "\(report.run.all)")
      #expect(report.json.outcome("denied.delete-on-STANDIN.\(schema).ORDERS") == "passed")
      #expect(report.json.outcome(".members") == "passed", "\(report.run.all)")
      for words in found {
        #expect(report.run.output.contains(named(words)), "\(named(words))\n\(report.run.output)")
      }
    }

    @Test("Snowflake (emulated account): parameters and the network policy are what the spec says")
    func account() throws {
      let standin = try Standin.shared()
      let policy = name("corp").uppercased()
      try standin.run(
        "CREATE NETWORK POLICY \(policy) ALLOWED_IP_LIST = ('127.0.0.1', '203.0.113.0/24')")
      defer {
        _ = try? standin.run("ALTER ACCOUNT UNSET NETWORK_POLICY")
        _ = try? standin.run("ALTER ACCOUNT UNSET PREVENT_UNLOAD_TO_INLINE_URL")
        _ = try? standin.run("DROP NETWORK POLICY \(policy)")
      }
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Shop
        source: { postgres: $SOURCE_URL, sslmode: disable }
        target: { snowflake: standin_pat, database: STANDIN, schema: PUBLIC }
        security:
          parameters: { PREVENT_UNLOAD_TO_INLINE_URL: true, NONESUCH_PARAMETER: 1 }
          network_policy: { name: \(policy), allowed: [127.0.0.1, 203.0.113.0/24] }

        """
      ])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: "postgres")
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      let open = try sandbox.report()
      #expect(open.run.status == 1, "\(open.run.all)")
      #expect(open.json.outcome("network_policy") == "failed")
      #expect(open.run.output.contains("ALTER ACCOUNT SET NETWORK_POLICY = \(policy)"))
      #expect(open.json.outcome("PREVENT_UNLOAD_TO_INLINE_URL") == "failed")
      #expect(open.json.outcome("NONESUCH_PARAMETER") == "errored")
      try standin.run("ALTER ACCOUNT SET NETWORK_POLICY = \(policy)")
      try standin.run("ALTER ACCOUNT SET PREVENT_UNLOAD_TO_INLINE_URL = TRUE")
      let closed = try sandbox.report()
      #expect(closed.json.outcome("network_policy") == "passed", "\(closed.run.all)")
      #expect(closed.json.outcome("PREVENT_UNLOAD_TO_INLINE_URL") == "passed")
    }
  }
}
