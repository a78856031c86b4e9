import Foundation
import Testing

extension Live {
  /// Servers that go away, and one that wants a password: these tests start servers of their own.
  @Suite(
    "Servers that stop (stand-in)",
    .enabled(if: OwnServers.canStart, "there is no .venv to start servers with"))
  struct ServerLossTests {
    let shop = Result { try Shop.shared() }

    @Test("Postgres stops while it is read, and wants a password: exit 3 (stand-in)")
    func postgres() throws {
      let postgres = try OwnServers.Postgres()
      try postgres.psql(
        """
        CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, total numeric(10,2) NOT NULL);
        INSERT INTO orders SELECT n, n % 5 + 1, n * 1.25 FROM generate_series(1, 8) n;
        CREATE VIEW slow AS SELECT n AS id FROM generate_series(1, 100) n WHERE pg_sleep(0.1) IS NOT NULL;
        CREATE ROLE bob LOGIN SUPERUSER PASSWORD 'right-password-1';
        """)
      try password(postgres)
      let sandbox = try shop.get().sandbox(
        "orders: { constraints: skip }\nslow: { constraints: skip, checksum: skip }")
      let program = try sandbox.start(
        ["run", "shop.yml"] + reportOptions, with: ["DATABASE_URL": postgres.url])
      #expect(eventually { program.outputSoFar.contains("orders.checksum") })
      postgres.stop()
      let report = try sandbox.report(of: program.finish())
      #expect(report.run.status == 3)
      #expect(report.json.outcome("orders.checksum") == "passed")
      #expect(report.json.outcome("slow.row_count") == "errored")
      #expect(report.run.seconds < 8)
    }

    private func password(_ postgres: OwnServers.Postgres) throws {
      let rules = """
        host all bob 127.0.0.1/32 scram-sha-256
        local all all trust
        host all all 127.0.0.1/32 trust
        """
      // Written in place, so that the file keeps its owner.
      let file = try FileHandle(
        forWritingTo: URL(fileURLWithPath: "\(postgres.home)/data/pg_hba.conf"))
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: Data("\(rules)\n".utf8))
      try file.close()
      try postgres.psql("SELECT pg_reload_conf()")
      usleep(200_000)
      let sandbox = try shop.get().sandbox("orders: { constraints: skip }")
      for (login, status) in [("bob:right-password-1", 0), ("bob:wrong-password-2", 3), ("bob", 3)]
      {
        let address = postgres.url.replacingOccurrences(of: "//postgres@", with: "//\(login)@")
        let report = try sandbox.report(
          with: ["DATABASE_URL": address], secrets: ["right-password-1", "wrong-password-2"])
        #expect(report.run.status == Int32(status), "\(login): \(report.run.all)")
        if status == 3 { #expect(report.json.error("source") == "authentication_failed") }
      }
    }

    @Test("Snowflake stops while it is asked: exit 3 (stand-in)")
    func snowflake() throws {
      let own = try OwnServers.Snowflake()
      let standin = try Standin(home: own.home)
      let shop = try shop.get()
      try standin.run(
        "CREATE DATABASE \(shop.target)",
        "CREATE TABLE \(shop.target).PUBLIC.SLOWISH (ID NUMBER(10,0))")
      let sandbox = try shop.sandbox("slowish: { constraints: skip, checksum: skip }")
      let program = try sandbox.start(
        ["run", "shop.yml"] + reportOptions, with: ["SNOWFLAKE_HOME": own.home])
      #expect(eventually { program.errorsSoFar.contains("target: Snowflake") })
      own.stop()
      let report = try sandbox.report(of: program.finish(within: 60))
      #expect(report.run.status == 3)
      #expect(report.json.outcome("slowish.row_count") == "errored")
      #expect(report.run.seconds < 30)
    }
  }
}
