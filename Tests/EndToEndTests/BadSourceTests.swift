import Foundation
import Testing

extension Live {
  /// A Postgres that is not there, or does not want us.
  @Suite("Trouble with Postgres")
  struct BadSourceTests {
    let shop = Result { try Shop.shared() }

    /// Runs against an address that is no database of ours.
    private func report(_ address: String, _ secrets: [String] = [], within limit: Double = 20)
      throws -> Report
    {
      let sandbox = try shop.get().sandbox("[orders]")
      return try sandbox.report(
        with: ["DATABASE_URL": address], secrets: secrets, within: limit)
    }

    @Test("nobody listens: exit 3, nothing about the password (stand-in)")
    func refused() throws {
      let report = try report("postgres://bob:hunter2secret@127.0.0.1:1/shop", ["hunter2secret"])
      #expect(report.run.status == 3)
      #expect(report.json.error("source") == "unreachable")
      #expect(report.json.count("errored") == report.json.cases.count)
      #expect(report.run.all.contains("127.0.0.1"))
      #expect(report.run.all.contains("Connection refused"))
    }

    @Test("the host does not exist: exit 3 (stand-in)")
    func unknownHost() throws {
      let report = try report("postgres://bob:hunter2secret@host.invalid/shop", ["hunter2secret"])
      #expect(report.run.status == 3)
      #expect(report.json.error("source") == "unreachable")
      #expect(report.run.all.contains("host.invalid"))
    }

    @Test("the server accepts and never speaks: the time limit holds (stand-in)")
    func silent() throws {
      let sink = try SilentServer()
      let sandbox = try shop.get().sandbox("[orders]")
      let report = try sandbox.report(
        "--timeout", "1s", with: ["DATABASE_URL": "postgres://a:hunter2secret@\(sink.address)/x"],
        secrets: ["hunter2secret"])
      #expect(report.run.status == 3)
      #expect(report.json.interruption == "deadline")
      #expect(report.run.seconds < 4)
    }

    @Test("the database does not exist: exit 3 (stand-in)")
    func unknownDatabase() throws {
      let report = try report(Servers.address(database: "no_such_database"))
      #expect(report.run.status == 3)
      #expect(report.json.error("source") == "missing_object")
      #expect(report.run.all.contains("no_such_database"))
    }

    @Test(
      "the address is none: exit 2, and it is not repeated (stand-in)",
      arguments: [
        "hunter2secret", "mysql://bob:hunter2secret@host/shop",
        "postgres://bob:hunter2secret@host:notaport/shop", "postgres://bob:hunter2secret@[::1/shop",
      ])
    func unreadableAddress(address: String) throws {
      let run = try shop.get().sandbox("[orders]")
        .parity("run", "shop.yml", with: ["DATABASE_URL": address])
      #expect(run.status == 2, "\(run.all)")
      #expect(!run.all.contains("hunter2secret"))
      #expect(run.all.contains("remedy") || run.errors.contains("help"), "no way out is said")
    }

    @Test("a variable is not set, or empty: exit 2, its name is said", arguments: [nil, ""])
    func missingVariable(value: String?) throws {
      let sandbox = try shop.get().sandbox("[orders]")
      sandbox.environment["DATABASE_URL"] = value
      let run = try sandbox.parity("run", "shop.yml", "--junit", "out/run.xml")
      #expect(run.status == 2)
      #expect(run.errors.contains("the variable DATABASE_URL is not set"))
      #expect(run.output.isEmpty)
    }

    @Test("a statement takes longer than it may: exit 3 (stand-in)")
    func statementTimeout() throws {
      let sandbox = try shop.get().sandbox(
        "slow: { constraints: skip, checksum: skip }\norders:\n  severity: error")
      let text = try #require(sandbox.read("shop.yml"))
      try sandbox.write(
        text.replacingOccurrences(
          of: "sslmode: disable", with: "sslmode: disable, statement_timeout: 300ms"),
        to: "shop.yml")
      let report = try sandbox.report()
      #expect(report.run.status == 3)
      #expect(report.json.outcome("slow.row_count") == "errored")
      #expect(report.json.unchecked == ["timeout"])
      #expect(report.json.outcome("orders.checksum") == "passed")
      #expect(report.run.seconds < 6)
    }

    @Test("a killed connection: asked again from a new snapshot, and said so (stand-in)")
    func killedOnce() throws {
      let sandbox = try shop.get().sandbox(
        "killed: { constraints: skip, checksum: skip }\norders:\n  severity: error")
      let program = try sandbox.start(["run", "shop.yml"] + reportOptions)
      #expect(try eventually { try Backends.kill(reading: "killed") > 0 })
      let report = try sandbox.report(of: program.finish())
      #expect(report.run.status == 0, "\(report.run.all)")
      let again = report.json.cases.filter { !$0.retries.isEmpty }
      #expect(again.contains { $0.id.hasSuffix("killed.row_count") })
      #expect(report.junit.contains("flakyError"))
    }

    @Test("every connection is killed: exit 3, never a pass (stand-in)")
    func killedAlways() throws {
      let sandbox = try shop.get().sandbox(
        "killed_too: { constraints: skip, checksum: skip }\norders:\n  severity: error")
      let program = try sandbox.start(["run", "shop.yml"] + reportOptions)
      var kills = 0
      #expect(
        try eventually {
          kills += try Backends.kill(reading: "killed_too")
          return kills >= 3
        })
      let report = try sandbox.report(of: program.finish())
      #expect(report.run.status == 3)
      #expect(report.json.outcome("killed_too.row_count") == "errored")
      #expect(report.json.unchecked.contains("connection_lost"))
    }
  }
}

/// Connections of parity, as Postgres sees them.
enum Backends {
  private static func reading(_ name: String) throws -> String {
    """
    FROM pg_stat_activity WHERE datname = '\(try Shop.shared().database)' AND state = 'active'
      AND application_name LIKE 'parity-%' AND query LIKE '%"\(name)"%'
    """
  }

  /// How many read the relation now.
  static func count(reading name: String) throws -> Int {
    Int(try Servers.psql("SELECT count(*) \(reading(name))")) ?? 0
  }

  /// Ends those that read the relation; how many there were.
  static func kill(reading name: String) throws -> Int {
    Int(try Servers.psql("SELECT count(pg_terminate_backend(pid)) \(reading(name))")) ?? 0
  }

  /// How many connections a run still has.
  static func count(ofRun name: String) throws -> Int {
    Int(
      try Servers.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(name)'"))
      ?? 0
  }
}

/// A server that accepts connections and never says a word.
final class SilentServer {
  private let descriptor: Int32
  /// Host and port.
  let address: String

  /// Listens on a free port of the loopback interface.
  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw Trouble("cannot listen") }
    address = "127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
  }

  deinit { close(descriptor) }

  /// Its port.
  var port: String { String(address.dropFirst("127.0.0.1:".count)) }
}
