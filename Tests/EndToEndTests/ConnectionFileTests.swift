import Foundation
import Testing

extension Live {
  /// Connections that cannot be used, and those that can.
  @Suite("Connections to Snowflake (stand-in)")
  struct ConnectionFileTests {
    let shop = Result { try Shop.shared() }

    /// A folder whose connections.toml is the stand-in's with something replaced.
    private func sandbox(
      replacing old: String = "", by new: String = "", connection: String = "standin"
    ) throws -> Sandbox {
      try shop.get().sandbox(Standin.shared(), replacing: old, by: new, connection: connection)
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
      withKnownIssue("it waits five seconds more", isIntermittent: true) {
        #expect(report.run.seconds < 4)
      }
    }

    @Test(
      "role or warehouse is wrong: never a pass (stand-in)",
      arguments: [("role", "NO_SUCH_ROLE"), ("warehouse", "NO_SUCH_WH")])
    func wrongContext(key: String, value: String) throws {
      let sandbox = try shop.get().sandbox("[orders]", options: ", \(key): \(value)")
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
