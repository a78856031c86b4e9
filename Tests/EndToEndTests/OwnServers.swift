import Foundation

/// Servers that a test may stop or change, started by the repository's own scripts.
enum OwnServers {
  private static let postgresScript = "\(Package.root)/Tests/Support/postgres"
  private static let standinScript = "\(Package.root)/Tests/Standin/standin"

  /// Whether they can be started.
  static let canStart =
    Package.python != nil && access(postgresScript, X_OK) == 0 && access(standinScript, X_OK) == 0

  private static let environment = ProcessInfo.processInfo.environment
    .merging(["PYTHONDONTWRITEBYTECODE": "1"]) { _, new in new }

  /// A PostgreSQL of one's own, gone with the value.
  final class Postgres {
    /// The folder of the cluster.
    let home: String
    /// The superuser's address.
    let url: String

    /// Starts it, on a free port.
    init() throws {
      home = "\(FileManager.default.temporaryDirectory.path)/parity-e2e-pg-\(UUID().uuidString)"
      let started = try Program(
        postgresScript, ["start", home], in: "/", environment: environment
      ).finish(within: 30)
      let reply = try? JSONSerialization.jsonObject(with: Data(started.output.utf8))
      guard let url = (reply as? [String: Any])?["url"] as? String else {
        throw Trouble("Postgres did not start: \(started.all)")
      }
      self.url = url
    }

    deinit { stop() }

    /// Ends it at once, as a crash would.
    func stop() {
      _ = try? Program(postgresScript, ["stop", home], in: "/", environment: environment).finish()
    }

    /// Runs SQL as the superuser.
    func psql(_ sql: String) throws {
      let done = try Program(
        "/usr/bin/env", ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-", url], in: "/",
        environment: environment, input: .text(sql)
      ).finish()
      guard done.status == 0 else { throw Trouble(done.errors) }
    }
  }

  /// A stand-in for Snowflake of one's own, gone with the value.
  ///
  /// Tests share it one after the other: nobody else touches it.
  final class Snowflake: @unchecked Sendable {
    /// The folder with its connections.toml.
    let home: String
    private let program: Program
    private var isRunning = true

    /// Starts it, on a free port.
    init() throws {
      home = "\(FileManager.default.temporaryDirectory.path)/parity-e2e-sf-\(UUID().uuidString)"
      program = try Program(
        standinScript, ["--port", "0", "--home", home], in: "/", environment: environment)
      let program = program
      guard eventually(within: 30, { program.outputSoFar.contains("\"url\"") }) else {
        _ = program.finish(within: 0)
        throw Trouble("the stand-in did not start")
      }
    }

    deinit { stop() }

    /// Ends it at once.
    func stop() {
      guard isRunning else { return }
      isRunning = false
      program.signal(SIGKILL)
      _ = program.finish()
      try? FileManager.default.removeItem(atPath: home)
    }
  }
}
