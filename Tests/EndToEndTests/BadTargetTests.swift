import Foundation
import Testing

extension Live {
  /// A Snowflake that is not there, does not want us, or breaks.
  ///
  /// Its faults meet everyone who asks, so these tests have a stand-in of their own.
  @Suite(
    "Trouble with Snowflake (stand-in)", .serialized,
    .enabled(if: OwnServers.canStart, "there is no .venv to start a stand-in with"))
  struct BadTargetTests {
    let shop = Result { try Shop.shared() }
    private static let server: Result<OwnServers.Snowflake, any Error> = Result {
      let server = try OwnServers.Snowflake()
      atexit { try? BadTargetTests.server.get().stop() }
      try Shop.shared().fill(Standin(home: server.home))
      return server
    }

    /// The stand-in of these tests.
    private func standin() throws -> Standin { try Standin(home: Self.server.get().home) }

    /// A folder that reaches it.
    private func plain(_ tables: String, options: String = "") throws -> Sandbox {
      let sandbox = try shop.get().sandbox(tables, options: options)
      sandbox.environment["SNOWFLAKE_HOME"] = try standin().home
      return sandbox
    }

    /// A folder whose connections.toml is the stand-in's with something replaced.
    private func sandbox(
      replacing old: String = "", by new: String = "", connection: String = "standin"
    ) throws -> Sandbox {
      let shop = try shop.get()
      let sandbox = try plain("[orders]")
      let lines = try standin().connections().components(separatedBy: "\n").map {
        !old.isEmpty && $0.hasPrefix(old) ? new : $0
      }
      try sandbox.write(lines.joined(separator: "\n"), to: "snow/connections.toml")
      chmod(sandbox.file("snow/connections.toml"), 0o600)
      sandbox.environment["SNOWFLAKE_HOME"] = sandbox.file("snow")
      try sandbox.write(shop.spec("[orders]", connection: connection), to: "shop.yml")
      return sandbox
    }

    @Test(
      "every way to log in works (stand-in)",
      arguments: ["standin", "standin_encrypted", "standin_pat", "standin_oauth"])
    func logIn(connection: String) throws {
      let report = try sandbox(connection: connection).report()
      #expect(report.run.status == 0, "\(report.run.all)")
    }

    @Test("an unknown connection: exit 2, the nearest name is said (stand-in)")
    func unknownConnection() throws {
      let run = try sandbox(connection: "standim").parity("run", "shop.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("did you mean standin?"))
      #expect(run.output.isEmpty)
    }

    @Test("no connections.toml at all: exit 2, where it was looked for is said (stand-in)")
    func noFile() throws {
      let sandbox = try sandbox()
      try FileManager.default.removeItem(atPath: sandbox.file("snow/connections.toml"))
      let run = try sandbox.parity("run", "shop.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("snow/connections.toml"))
    }

    @Test("connections.toml that others may write: exit 2 (stand-in)")
    func writableByOthers() throws {
      let sandbox = try sandbox()
      chmod(sandbox.file("snow/connections.toml"), 0o666)
      let run = try sandbox.parity("run", "shop.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("can be changed by group or others"))
      #expect(run.errors.contains("chmod 0600"))
    }

    @Test("connections.toml that others may read: it runs, and remarks upon it (stand-in)")
    func readableByOthers() throws {
      let sandbox = try sandbox()
      chmod(sandbox.file("snow/connections.toml"), 0o644)
      let report = try sandbox.report()
      #expect(report.run.status == 0)
      #expect(report.run.all.contains("may be read by others"))
    }

    @Test("connections.toml that is no TOML: exit 2, the line is not quoted (stand-in)")
    func notTOML() throws {
      let run = try sandbox(replacing: "token", by: "token = hunter2secret oops")
        .parity("run", "shop.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("is not valid TOML"))
      #expect(!run.all.contains("hunter2secret"))
    }

    @Test("the key file is missing: exit 2 (stand-in)")
    func missingKey() throws {
      let run = try sandbox(
        replacing: "private_key_file =", by: "private_key_file = \"/no/key.p8\""
      )
      .parity("run", "shop.yml")
      #expect(run.status == 2, "\(run.all)")
      #expect(run.errors.contains("/no/key.p8"))
    }

    @Test("the passphrase of the key is wrong: exit 2 (stand-in)")
    func wrongPassphrase() throws {
      let run = try sandbox(
        replacing: "private_key_file_pwd", by: "private_key_file_pwd = \"hunter2secret\"",
        connection: "standin_encrypted"
      ).parity("run", "shop.yml")
      #expect(run.status == 2, "\(run.all)")
      #expect(run.errors.contains("passphrase"))
      #expect(!run.all.contains("hunter2secret"))
    }

    @Test("the token is not known: exit 3 (stand-in)")
    func wrongToken() throws {
      let report = try sandbox(
        replacing: "token", by: "token = \"hunter2secret\"", connection: "standin_pat"
      ).report(secrets: ["hunter2secret"])
      #expect(report.run.status == 3)
      #expect(report.json.error("target") == "authentication_failed")
      #expect(report.run.seconds < 5)
    }

    @Test("every token is refused: exit 3, soon (stand-in)", arguments: ["standin", "standin_pat"])
    func alwaysRefused(connection: String) throws {
      let sandbox = try sandbox(connection: connection)
      let report = try standin().with(fault: "401:100000") { try sandbox.report() }
      #expect(report.run.status == 3)
      #expect(report.json.error("target") == "authentication_failed")
      #expect(report.run.seconds < 5)
    }

    @Test("a token expires while it runs: a key makes another (stand-in)")
    func expired() throws {
      let sandbox = try sandbox()
      let report = try standin().with(fault: "expire:1") { try sandbox.report() }
      #expect(report.run.status == 0, "\(report.run.all)")
    }

    @Test("nobody listens: exit 3 (stand-in)")
    func refused() throws {
      let report = try sandbox(replacing: "port =", by: "port = 1").report()
      #expect(report.run.status == 3)
      #expect(report.json.error("target") == "unreachable")
      #expect(report.run.all.contains("127.0.0.1:1"))
      #expect(report.run.seconds < 10)
    }

    @Test("the server accepts and never speaks: the time limit holds (stand-in)")
    func silent() throws {
      let sink = try SilentServer()
      let report = try sandbox(replacing: "port =", by: "port = \(sink.port)")
        .report("--timeout", "1s")
      #expect(report.run.status == 3)
      #expect(report.json.interruption == "deadline")
      withKnownIssue("it waits five seconds more") { #expect(report.run.seconds < 4) }
    }

    @Test(
      "trouble that passes is waited out (stand-in)",
      arguments: ["429:1", "503:1", "drop:1", "drop-after:1"])
    func passing(fault: String) throws {
      let sandbox = try sandbox()
      let report = try standin().with(fault: fault) { try sandbox.report() }
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.run.seconds < 10)
    }

    @Test(
      "trouble that stays: exit 3, never a pass (stand-in)",
      arguments: ["429:100000", "503:100000", "500:100000", "drop:100000"])
    func staying(fault: String) throws {
      let sandbox = try sandbox()
      let report = try standin().with(fault: fault) {
        try sandbox.report("--timeout", "1500ms")
      }
      #expect(report.run.status == 3)
      #expect(report.json.count("passed") == 0)
      #expect(report.run.seconds < 4)
    }

    @Test("a storm in the middle of a run: exit 3, what was finished stays (stand-in)")
    func stormMidRun() throws {
      let sandbox = try plain(
        "slowish: { constraints: skip, checksum: skip }\norders:\n  severity: error")
      let program = try sandbox.start(
        ["run", "shop.yml", "--jobs", "1", "--timeout", "4s"] + reportOptions)
      #expect(try eventually { try Backends.count(reading: "slowish") > 0 })
      let report = try standin().with(fault: "503:100000") {
        try sandbox.report(of: program.finish())
      }
      #expect(report.run.status == 3)
      #expect(report.json.outcome("slowish.exists") == "passed")
      #expect(report.json.outcome("orders.row_count") == "errored")
    }

    @Test("a statement takes longer than it may: exit 3 (stand-in)")
    func statementTimeout() throws {
      let sandbox = try plain("[orders]", options: ", statement_timeout: 1s")
      let report = try standin().with(fault: "slow:4") { try sandbox.report() }
      #expect(report.run.status == 3)
      #expect(report.json.unchecked.contains("timeout") || report.json.error("target") != nil)
    }

    @Test(
      "role or warehouse is wrong: never a pass (stand-in)",
      arguments: [("role", "NO_SUCH_ROLE"), ("warehouse", "NO_SUCH_WH")])
    func wrongContext(key: String, value: String) throws {
      let sandbox = try plain("[orders]", options: ", \(key): \(value)")
      let run = try sandbox.parity("run", "shop.yml")
      #expect([2, 3].contains(run.status), "\(run.all)")
      #expect(run.all.contains(key))
      withKnownIssue("the warehouse is not named", isIntermittent: true) {
        #expect(run.all.contains(value))
      }
    }

    @Test(
      "database or schema is wrong: never a pass (stand-in)",
      arguments: [("schema: PUBLIC", "schema: PUBLIK"), ("database: ", "database: X")])
    func wrongPlace(old: String, new: String) throws {
      let sandbox = try sandbox()
      let text = try #require(sandbox.read("shop.yml"))
      try sandbox.write(text.replacingOccurrences(of: old, with: new), to: "shop.yml")
      let run = try sandbox.parity("run", "shop.yml")
      #expect([2, 3].contains(run.status), "\(run.all)")
    }
  }
}
