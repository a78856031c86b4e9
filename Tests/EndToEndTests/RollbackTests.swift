import Foundation
import Testing

extension Live {
  /// The way back, with a real dump of a real PostgreSQL; Time Travel and clones as the stand-in
  /// emulates them.
  @Suite("The way back", .serialized)
  struct RollbackTests {
    private func name(_ text: String) -> String { "e2e_\(getpid())_\(text)" }

    /// A sandbox with a spec about a table `people` of three rows on both sides, and a clone of it in
    /// the schema CUT_…; `SCHEMA.` and `CUTOVER` in statements stand for the schemas.
    private func with(
      _ mark: String, _ more: String, tables: String = "[people]", _ change: String...,
      body: (Sandbox, _ database: String) throws -> Void
    ) throws {
      let database = name("rb_\(mark)")
      let schema = name("RB_\(mark)").uppercased()
      func named(_ text: String) -> String {
        text.replacingOccurrences(of: "SCHEMA.", with: "STANDIN.\(schema).")
          .replacingOccurrences(of: "CUTOVER", with: "CUT_\(schema)")
      }
      let standin = try Standin.shared()
      func tidy() {
        _ = try? Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        for each in [schema, "CUT_\(schema)"] {
          _ = try? standin.run("DROP SCHEMA STANDIN.\(each)")
        }
      }
      tidy()
      defer { tidy() }
      let rows = "VALUES (1, 'anna'), (2, 'bert'), (3, NULL)"
      try Servers.psql("CREATE DATABASE \(database)")
      try Servers.psql(
        "CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people \(rows)",
        database: database)
      try standin.run(
        "CREATE SCHEMA STANDIN.\(schema)", "CREATE SCHEMA STANDIN.CUT_\(schema)",
        "CREATE TABLE STANDIN.\(schema).PEOPLE (ID NUMBER(10,0) NOT NULL PRIMARY KEY, NAME VARCHAR)",
        "INSERT INTO STANDIN.\(schema).PEOPLE \(rows)",
        "CREATE TABLE STANDIN.CUT_\(schema).PEOPLE CLONE STANDIN.\(schema).PEOPLE")
      for statement in change { try standin.run(named(statement)) }
      let sandbox = try Sandbox([
        "shop.yml": named(
          """
          version: 1
          name: Shop
          source: { postgres: $SOURCE_URL, sslmode: disable }
          target: { snowflake: standin_pat, database: STANDIN, schema: \(schema) }
          tables: \(tables)
          \(more)

          """),
        "rollback.md": "1. Stop writes.\n",
      ])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: database)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      try body(sandbox, database)
    }

    /// Where a program of PostgreSQL's server is.
    private static func program(_ name: String) throws -> String {
      let root = "/usr/lib/postgresql"
      let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted()
      let paths = versions.reversed().map { "\(root)/\($0)/bin/\(name)" } + ["/usr/bin/\(name)"]
      return try #require(paths.first { access($0, X_OK) == 0 }, "\(name) is not installed")
    }

    private static func dump(_ database: String, to path: String, _ options: String...) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try program("pg_dump"))
      process.arguments = options + ["-f", path, Servers.address(database: database)]
      process.environment = ["TZ": "UTC", "PATH": "/usr/bin:/bin"]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }

    private static let section = """
      rollback:
        plan: rollback.md
        backup: { newer_than: 1h, file: backups/* }
        time_travel: { at_least: 1d }
        snapshot: STANDIN.CUTOVER
        rehearsed: { within: 14d, approver: project_manager }
      uat:
        month_end: { ask: Does the report match?, approver: data_owner }
      sign_off:
        required: { project_manager: alice@example.com, data_owner: bob@example.com }
      """

    @Test("Snowflake (emulated Time Travel and clone): a way back that holds")
    func good() throws {
      try with("good", Self.section) { sandbox, database in
        try sandbox.makeFolder("backups")
        try Self.dump(database, to: sandbox.file("backups/a.dump"), "-Fc")
        let report = try sandbox.report()
        #expect(report.run.status == 0, "\(report.run.all)")
        #expect(report.json.count("passed") == report.json.cases.count)
        let digest = try Package.python(
          "import hashlib,sys;print(hashlib.sha256(open(sys.argv[1],'rb').read()).hexdigest())",
          sandbox.file("rollback.md"))
        #expect(report.json.text.contains(digest.output.prefix(64)), "\(digest.output)")
        #expect(report.json.summary("rollback.time_travel.retention")?.contains("1 day") == true)
        #expect(report.json.text.contains("PEOPLE: 3 rows"))
        #expect(report.json.text.contains("with the rows of 1 table"))
        #expect(report.run.output.hasSuffix("sign-off open: 2 questions, 2 signatures\n"))
        #expect(report.junit.contains("asked of data_owner: Does the report match?"))
        #expect(report.junit.contains("rollback.rehearsal"))
        let plan = try sandbox.parity("plan", "shop.yml")
        #expect(plan.output.contains("  7   Does the report match? (data_owner)"))
        #expect(plan.output.contains("project_manager  alice@example.com"))
      }
    }

    @Test("Snowflake (emulated Time Travel and clone): a way back that does not hold")
    func bad() throws {
      let demanding = Self.section.replacingOccurrences(of: "at_least: 1d", with: "at_least: 7d")
        .replacingOccurrences(of: "plan: rollback.md", with: "plan: nowhere.md")
      try with(
        "bad", demanding, "DROP TABLE STANDIN.CUTOVER.PEOPLE",
        "CREATE TABLE STANDIN.CUTOVER.OTHERS (ID NUMBER(10,0))"
      ) { sandbox, database in
        try sandbox.makeFolder("backups")
        try Self.dump(database, to: sandbox.file("backups/a.dump"), "-Fc")
        let whole = try #require(
          FileManager.default.contents(atPath: sandbox.file("backups/a.dump")))
        try sandbox.write(whole.dropLast(20), to: "backups/a.dump")
        let report = try sandbox.report("--select", "section:rollback")
        #expect(report.run.status == 1, "\(report.run.all)")
        #expect(report.json.count("failed") == 4, "\(report.json.text)")
        #expect(report.json.text.contains("SET DATA_RETENTION_TIME_IN_DAYS = 7"))
        #expect(report.json.summary("rollback.backup.recent")?.contains("is cut short") == true)
      }
    }

    @Test(
      "a backup as pg_dump writes it, in every format", arguments: ["-Fc", "-Fp", "-Ft", "-Fd"])
    func formats(_ format: String) throws {
      let section = "rollback: { plan: rollback.md, backup: { newer_than: 1h, file: b } }"
      try with("fmt", section) { sandbox, database in
        try Self.dump(database, to: sandbox.file("b"), format)
        let report = try sandbox.report("--select", "section:rollback")
        let expected = ["-Fc": 0, "-Fp": 0][format, default: 3]
        #expect(report.run.status == expected, "\(report.run.all)")
      }
    }

    @Test(
      "Snowflake (emulated): what was written to the target after cut-over",
      arguments: ["[people]", "all"])
    func reverse(_ tables: String) throws {
      try with("rev", "", tables: tables) { sandbox, database in
        let before = try sandbox.report("--reverse")
        #expect(before.run.status == 0, "\(before.run.all)")
        #expect(before.json.cases.map(\.id).allSatisfy { $0.hasPrefix("shop.reverse.people.") })
        // The source's rows alone lose nothing.
        try Servers.psql("INSERT INTO people VALUES (9, 'late')", database: database)
        let after = try sandbox.report("--reverse")
        #expect(after.run.status == 0, "\(after.run.all)")
        #expect(after.json.text.contains("1 row in the source only"))
        let schema = name("RB_rev").uppercased()
        try Standin.shared().run(
          "INSERT INTO STANDIN.\(schema).PEOPLE VALUES (7, 'new')",
          "UPDATE STANDIN.\(schema).PEOPLE SET NAME = 'cora' WHERE ID = 3")
        let lost = try sandbox.report("--reverse", "--differences", "lost")
        #expect(lost.run.status == 1, "\(lost.run.all)")
        #expect(
          lost.json.summary("reverse.people.checksum")
            == "1 row only in the target, 1 row differs there: lost by a rollback")
        let rows = try #require(
          sandbox.files(in: "lost").first { $0.hasSuffix(".csv") }.flatMap {
            sandbox.read("lost/\($0)")
          })
        #expect(rows.contains("cora") && rows.contains("7"), "\(rows)")
        #expect(!rows.contains("late"), "\(rows)")
        #expect(lost.run.all.contains("parity run shop.yml --reverse"), "\(lost.run.all)")
        let one = try sandbox.parity("run", "shop.yml", "--reverse", "--select", "table:people")
        #expect(one.status == 1)
        let both = try sandbox.parity("run", "shop.yml", "--reverse", "--last-failed")
        #expect(both.status == 2)
        let plan = try sandbox.parity("plan", "--reverse", "shop.yml")
        #expect(plan.output.contains("Postgres holds every row"), "\(plan.output)")
      }
    }
  }
}
