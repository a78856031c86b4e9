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
      try shop.get().sandbox(standin(), replacing: old, by: new, connection: connection)
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
  }
}
