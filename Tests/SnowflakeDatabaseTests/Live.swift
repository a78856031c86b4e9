import Cryptography
import Foundation
import Glibc
import SnowflakeDatabase
import SpecCore
import Testing

/// A Snowflake that answers: its folder of connections, and how patiently it is asked.
struct Live: Sendable {
  /// What `SNOWFLAKE_HOME` is set to.
  let home: String

  /// The folder `PARITY_TEST_SNOWFLAKE_HOME` names; live tests are skipped without it.
  static let shared = ProcessInfo.processInfo.environment["PARITY_TEST_SNOWFLAKE_HOME"].map {
    Live(home: $0)
  }

  static let reason: Comment = "PARITY_TEST_SNOWFLAKE_HOME names no folder of connections"

  func connect(
    _ connection: String = "standin", jobs: Int = 4, timeout: Double? = nil, role: String? = nil,
    database: String? = nil, warehouse: String? = nil, environment: [String: String] = [:]
  ) async throws(DatabaseError) -> any Database {
    let options = SnowflakeOptions(
      connection: connection, database: database, role: role, warehouse: warehouse,
      statementTimeout: timeout, queryTag: "parity-tests", jobs: jobs,
      environment: environment.merging(["SNOWFLAKE_HOME": home]) { own, _ in own },
      userAgent: "parity/test")
    return try await SnowflakeConnector(options: options, policy: RetryPolicy(base: 0.05)) {
      SnowflakeDialect(readPoint: $0, salt: "test", seed: "abcdefghijklmnoABCDEFGHIJKLMNO")
    }.connect()
  }

  /// Connects, does something, and disconnects whatever comes of it.
  func with<Value: Sendable>(
    _ connection: String = "standin", jobs: Int = 4, timeout: Double? = nil,
    _ body: (any Database) async throws -> Value
  ) async throws -> Value {
    let database = try await connect(connection, jobs: jobs, timeout: timeout)
    do {
      let value = try await body(database)
      await database.close()
      return value
    } catch {
      await database.close()
      throw error
    }
  }
}

/// Gives the tests of a suite a stand-in of their own, whose faults disturb nobody else.
struct OwnStandin: SuiteTrait, TestScoping {
  /// Options of the stand-in's command line.
  let options: [String]

  @TaskLocal static var current: Live?

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    guard test.isSuite else { return try await function() }
    let home = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Standin/standin")
    process.arguments = ["--port", "0", "--home", home.path] + options
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer {
      // Children inherit the blocked signals of the thread that starts them, SIGTERM among them.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // It says where it listens, in one line, once it does.
    guard !output.fileHandleForReading.availableData.isEmpty else {
      Issue.record("the stand-in did not start")
      return
    }
    try await Self.$current.withValue(Live(home: home.path), operation: function)
    withExtendedLifetime(home) {}
  }
}

extension Live {
  /// The stand-in of the suite.
  static func own() throws -> Live { try #require(OwnStandin.current) }

  /// Arms a fault of the stand-in, such as `503:2`.
  func arm(_ fault: String) async throws {
    let reply = try await control(.post, "/_standin/fault", #"{"fault":"\#(fault)"}"#)
    #expect(reply.status == 200)
  }

  /// Requests the stand-in got, as `POST /path?query STATUS`.
  func log() async throws -> [String] {
    let reply = try await control(.get, "/_standin/log")
    let entries = try JSONSerialization.jsonObject(with: Data(reply.body)) as? [[String: Any]]
    return (entries ?? []).map { entry in
      let words = ["method", "path", "query", "status"].map { "\(entry[$0] ?? "")" }
      return "\(words[0]) \(words[1])?\(words[2]) \(words[3])"
    }
  }

  private func control(
    _ method: WireRequest.Method, _ path: String, _ body: String = ""
  ) async throws -> WireReply {
    let settings = try SnowflakeConnections(environment: ["SNOWFLAKE_HOME": home])
      .settings(for: "standin")
    let transport = try HTTPTransport(
      AccountAddress(settings), userAgent: "parity/test", environment: [:])
    let request = WireRequest(
      method, path, body: Array(body.utf8), token: Secret("none"), tokenType: .oauth, patience: 5)
    do {
      let reply = try await transport.send(request)
      await transport.close()
      return reply
    } catch {
      await transport.close()
      throw error
    }
  }
}
