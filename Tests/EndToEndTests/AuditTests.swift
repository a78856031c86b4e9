import Foundation
import Testing

extension Live {
  /// What happened, by the account's records and by a server's log.
  @Suite("Audit", .serialized)
  struct AuditTests {
    /// A moment so many seconds before now, for the stand-in.
    private static func ago(_ seconds: Double) -> String {
      ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: -seconds))
    }

    private static let day = 86_400.0

    /// A spec whose audit says this.
    private func sandbox(_ audit: String, url: String? = nil, more: String = "") throws -> Sandbox {
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Shop
        source: { postgres: $SOURCE_URL, sslmode: disable }
        target: { snowflake: standin_pat, database: STANDIN, schema: PUBLIC }
        security:
        \(more)  audit: { \(audit) }

        """
      ])
      sandbox.environment["SOURCE_URL"] = url ?? Servers.address(database: "postgres")
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      return sandbox
    }

    private static func login(
      _ user: String?, _ at: Double, success: Bool, from address: String = "203.0.113.9",
      second: String? = nil
    ) -> [String: Any] {
      var event: [String: Any] = ["success": success, "client_ip": address, "at": ago(at)]
      event["user"] = user ?? NSNull() as Any
      event["second_factor"] = second ?? NSNull() as Any
      if !success { event["error_message"] = "INCORRECT_PASSWORD" }
      return event
    }

    @Test("Snowflake (emulated records): logins are counted by user and address, over bursts")
    func logins() throws {
      let standin = try Standin.shared()
      let start = 40 * Self.day - 3_600
      // Six failures in five minutes over the edge of a time slice, then a login; and far from it
      // six users from one address.
      var events: [[String: Any]] = []
      for number in 0..<6 {
        let place = Double(number)
        events.append(Self.login("BOB", start - place * 50, success: false))
        let sprayed = start - 40_000 - place
        events.append(Self.login("U\(number)", sprayed, success: false, from: "198.51.100.7"))
        guard number < 5 else { continue }
        let slow = start - place * 5_000
        events.append(Self.login("SLOW", slow, success: false, from: "192.0.2.77"))
      }
      events.append(Self.login("BOB", start - 400, success: true))
      events.append(
        Self.login("ANNA", start - 900, success: true, from: "192.0.2.1", second: "DUO"))
      events.append(Self.login("ROBOT", start - 900, success: true, from: "0.0.0.0", second: "x"))
      try standin.record("login-history", events)
      let window = "since: 960h, until: 936h"
      func report(_ expectation: String, more: String = "") throws -> Report {
        try sandbox("\(window), \(expectation)", more: more).report()
      }
      let bursts = try report("failed_logins: { max: 5, within: 10m }")
      #expect(bursts.json.outcome("audit.target.failed_logins") == "failed", "\(bursts.run.all)")
      for words in [
        "BOB failed to log in 6 times from 203.0.113.9",
        "6 logins from 198.51.100.7 failed, of 6 users",
        "more than 5 within 10m",
      ] {
        #expect(bursts.run.output.contains(words), "\(words)\n\(bursts.run.output)")
      }
      #expect(!bursts.run.output.contains("SLOW"))
      let calm = try report("failed_logins: { max: 6, within: 10m }")
      #expect(calm.json.outcome("audit.target.failed_logins") == "passed", "\(calm.run.all)")
      let total = try report("failed_logins: { max: 16 }")
      #expect(
        total.json.summary("failed_logins")?.hasPrefix("17 failed logins from ") == true,
        "\(total.run.all)")
      let after = try report("logins_after_failures: { failures: 6, within: 10m }")
      #expect(after.json.outcome("logins_after_failures") == "failed", "\(after.run.all)")
      #expect(after.run.output.contains("BOB logged in once from 203.0.113.9"))
      let few = try report("logins_after_failures: { failures: 7, within: 10m }")
      #expect(few.json.outcome("logins_after_failures") == "passed", "\(few.run.all)")
      let factors = try report("password_logins_without_mfa: none")
      #expect(factors.run.output.contains("BOB logged in once from 203.0.113.9 by password alone"))
      #expect(!factors.run.output.contains("ANNA") && !factors.run.output.contains("ROBOT"))
      let outside = try report(
        "logins_outside_network_policy: none",
        more: "  network_policy: { name: NONESUCH, allowed: [192.0.2.0/24] }\n")
      #expect(outside.run.output.contains("BOB logged in once from 203.0.113.9, which"))
      #expect(!outside.run.output.contains("ANNA logged"))
      #expect(outside.run.output.contains("left out: 1 login by Snowflake itself"))
    }

    @Test("Snowflake (emulated records): statements are told without their words")
    func statements() throws {
      let standin = try Standin.shared()
      let start = 50 * Self.day - 1_800
      func query(_ text: String, _ more: [String: Any]) -> [String: Any] {
        var event: [String: Any] = ["text": text, "user": "EVE", "role": "LOADER"]
        event["started"] = Self.ago(start)
        event["ended"] = Self.ago(start - 1)
        return event.merging(more) { _, new in new }
      }
      var events: [[String: Any]] = []
      events.append(
        query(
          "COPY INTO 's3://out/x' FROM T CREDENTIALS = (AWS_KEY_ID='topsecretkey')",
          ["rows_unloaded": 90, "outbound_bytes": 1200]))
      events.append(query("/* tidy */ GRANT OWNERSHIP ON TABLE A.B.C TO ROLE LOADER", [:]))
      events.append(query("ALTER ACCOUNT UNSET NETWORK_POLICY", [:]))
      events.append(
        query(
          "ALTER NETWORK POLICY P SET ALLOWED_IP_LIST = ('0.0.0.0/0')", ["user": "MALLORY"]))
      events.append(query("DROP NETWORK POLICY P", ["user": "TRIER", "status": "FAIL"]))
      events.append(
        query(
          "SELECT 'alter account set network_policy', 'grant ownership on x'", ["user": "READER"]))
      try standin.record("query-history", events)
      let report = try sandbox(
        "since: 1200h, until: 1199h, unloads: none, ownership_transfers: none, network_policy_changes: none"
      ).report(secrets: ["topsecretkey"])
      for check in ["unloads", "ownership_transfers", "network_policy_changes"] {
        #expect(report.json.outcome("audit.target.\(check)") == "failed", "\(report.run.all)")
      }
      for words in [
        "EVE wrote data to files once", "90 rows, 1,200 bytes to elsewhere",
        "EVE gave ownership away once",
        "EVE changed who may log in once", "MALLORY changed who may log in once",
      ] {
        #expect(report.run.output.contains(words), "\(words)\n\(report.run.output)")
      }
      #expect(!report.run.all.contains("READER") && !report.run.all.contains("TRIER"))
      // A day of which nothing is recorded shows nothing.
      let empty = try sandbox("since: 2400h, until: 2399h, unloads: none, failed_logins: none")
        .report()
      #expect(empty.run.status == 3, "\(empty.run.all)")
      #expect(empty.json.unchecked == ["nothing_recorded"])
    }

    @Test("Snowflake (emulated records): grants to PUBLIC and of administrators' rights")
    func grants() throws {
      let standin = try Standin.shared()
      let name = "E2E_\(getpid())_AUDIT"
      for statement in [
        "CREATE SCHEMA STANDIN.\(name)", "CREATE TABLE STANDIN.\(name).T (A INT)",
        "GRANT SELECT ON TABLE STANDIN.\(name).T TO ROLE PUBLIC", "CREATE USER \(name)",
        "GRANT ROLE SECURITYADMIN TO USER \(name)", "CREATE ROLE \(name)",
        "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE \(name)",
        "REVOKE MANAGE GRANTS ON ACCOUNT FROM ROLE \(name)",
      ] { try standin.run(statement) }
      defer {
        for drop in ["SCHEMA STANDIN.\(name)", "USER \(name)", "ROLE \(name)"] {
          _ = try? standin.run("DROP \(drop)")
        }
      }
      let report = try sandbox(
        "since: 1d, grants_to_public: none, admin_grants: { except: { PARITY: the verifier's user } }"
      ).report()
      for words in [
        "cure: REVOKE SELECT ON TABLE STANDIN.\(name).T FROM ROLE PUBLIC",
        "cure: REVOKE ROLE SECURITYADMIN FROM USER \(name)",
        "role \(name) was given MANAGE GRANTS",
      ] {
        #expect(report.run.output.contains(words), "\(words)\n\(report.run.output)")
      }
      #expect(report.run.output.contains("it was taken back since"))
    }

    @Test("Snowflake (emulated records): who may not read them could not check, and is told why")
    func refused() throws {
      let standin = try Standin.shared()
      let role = "E2E_\(getpid())_BLIND"
      try standin.run("CREATE ROLE \(role)", "GRANT ROLE \(role) TO USER PARITY")
      try standin.run("GRANT USAGE ON DATABASE STANDIN TO ROLE \(role)")
      defer { _ = try? standin.run("DROP ROLE \(role)") }
      let sandbox = try sandbox(
        "since: 7d, failed_logins: none, unloads: none, admin_grants: none, grants_to_public: none")
      let spec = try #require(sandbox.read("shop.yml"))
      try sandbox.write(
        spec.replacingOccurrences(of: "schema: PUBLIC }", with: "schema: PUBLIC, role: \(role) }"),
        to: "shop.yml")
      let report = try sandbox.report()
      #expect(report.run.status == 3, "\(report.run.all)")
      #expect(report.json.cases.allSatisfy { $0.outcome == "errored" })
      for words in [
        "SNOWFLAKE.SECURITY_VIEWER", "SNOWFLAKE.GOVERNANCE_VIEWER", "IMPORTED PRIVILEGES",
      ] {
        #expect(report.run.all.contains(words), "\(report.run.all)")
      }
    }

    @Test(
      "PostgreSQL: the server's own log tells of logins, refusals and statements",
      .enabled(if: OwnServers.canStart))
    func serverLog() throws {
      let server = try OwnServers.Postgres()
      try server.psql(
        """
        ALTER SYSTEM SET log_connections = on; ALTER SYSTEM SET log_statement = 'all';
        CREATE ROLE bob LOGIN PASSWORD 'hunter2secret';
        CREATE TABLE orders (id int PRIMARY KEY); CREATE ROLE reader;
        COPY (SELECT 'host all bob 127.0.0.1/32 scram-sha-256' UNION ALL
              SELECT 'host all eve 127.0.0.1/32 reject' UNION ALL
              SELECT 'host all all 127.0.0.1/32 trust') TO '\(server.home)/data/pg_hba.conf';
        SELECT pg_reload_conf();
        """)
      func psql(_ sql: String, as user: String = "postgres", password: String = "") throws {
        let url = server.url.replacingOccurrences(of: "//postgres@", with: "//\(user)@")
        _ = try Program(
          "/usr/bin/env", ["psql", "-XqAt", "-f", "-", url], in: "/",
          environment: [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "PGPASSWORD": password,
          ],
          input: .text(sql)
        ).finish()
      }
      Thread.sleep(forTimeInterval: 0.3)
      let log = "\(server.home)/postgres.log"
      func report(_ audit: String) throws -> Report {
        let sandbox = try sandbox(
          "since: 2h, source: { log: 'logs/*.log', \(audit) }", url: server.url)
        try sandbox.write(Data(contentsOf: URL(fileURLWithPath: log)), to: "logs/server.log")
        return try sandbox.report(secrets: ["hunter2secret", "evenmoresecret"])
      }
      let quiet = """
        failed_logins: none, permission_denied: none, grants: none, grants_to_public: none, \
        ownership_transfers: none, unloads: none
        """
      try psql("SELECT 1; COMMENT ON TABLE orders IS 'x'")
      let before = try report(quiet)
      #expect(before.run.status == 0, "\(before.run.all)")
      for _ in 0..<3 { try psql("SELECT 1", as: "bob", password: "wrong") }
      try psql("SELECT 1", as: "ghost")
      try psql("SELECT 1", as: "eve")
      try psql("SELECT * FROM orders", as: "bob", password: "hunter2secret")
      try psql(
        """
        GRANT SELECT ON orders TO PUBLIC; GRANT
          reader TO bob; ALTER TABLE orders OWNER TO bob;
        ALTER ROLE bob PASSWORD 'evenmoresecret'; COPY orders TO STDOUT;
        """)
      let after = try report(
        "\(quiet), role_changes: none, ddl: none, logins_after_failures: { failures: 3 }, unencrypted_logins: none"
      )
      for check in [
        "failed_logins", "permission_denied", "grants", "grants_to_public", "ownership_transfers",
        "unloads", "role_changes", "ddl", "logins_after_failures",
      ] {
        #expect(
          after.json.outcome("audit.source.\(check)") == "failed", "\(check)\n\(after.run.all)")
      }
      #expect(after.json.outcome("unencrypted_logins") == "passed", "\(after.run.all)")
      for words in [
        "bob failed to log in 3 times from 127.0.0.1", "ghost failed to log in once",
        "there is no such role",
        "eve failed to log in once", "bob was refused once from 127.0.0.1",
        "permission denied for table orders",
        "postgres ran GRANT SELECT ON orders TO PUBLIC once from 127.0.0.1", "GRANT reader TO bob",
        "ALTER TABLE orders OWNER TO bob", "COPY orders TO STDOUT", "ALTER ROLE bob PASSWORD '…'",
        "bob logged in once from 127.0.0.1",
      ] {
        #expect(after.run.output.contains(words), "\(words)\n\(after.run.output)")
      }
      // Without log_statement, silence is none.
      let copy = try sandbox("since: 2h, source: { log: quiet.log, grants: none }", url: server.url)
      let text = try String(contentsOfFile: log, encoding: .utf8)
      try copy.write(
        text.split(separator: "\n").filter {
          !$0.contains("LOG:  statement") && !$0.contains("LOG:  execute") && !$0.hasPrefix("\t")
        }
        .joined(separator: "\n"), to: "quiet.log")
      let silent = try copy.report()
      #expect(silent.json.outcome("grants") == "errored", "\(silent.run.all)")
      #expect(silent.run.all.contains("heroku pg:settings:log-statement ddl"))
    }
  }
}
