import Foundation
import PostgresDatabase
import SpecCore
import Testing

extension LiveTests {
  /// Statements that are stopped, pass their time, or lose their server.
  @Suite struct InterruptionTests {
    @Test func cancelledTaskStopsTheStatementWithinASecond() async throws {
      let database = try await Server.connect()
      let mark = "parity-cancel-\(UInt32.random(in: 0...UInt32.max))"
      let task = Task { try await cell(database, "SELECT pg_sleep(60) /* \(mark) */") }
      try await Task.sleep(for: .milliseconds(300))
      let start = ContinuousClock.now
      task.cancel()
      let error = try await failure { try await task.value }
      #expect(start.duration(to: .now) < .seconds(20))
      #expect(error.kind == .cancelled)
      let running = Server.administer(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%\(mark)%'"
          + " AND pid <> pg_backend_pid()")
      #expect(running == "0")
      #expect(try await cell(database, "SELECT 1") == "1")
      await database.close()
    }

    @Test func cancelledTaskDoesNotStart() async throws {
      let database = try await Server.connect()
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await cell(database, "SELECT 1")
      }
      let error = try await failure { try await task.value }
      #expect(error.kind == .cancelled)
      await database.close()
    }

    @Test func statementsPassTheirOwnLimit() async throws {
      let database = try await Server.connect()
      let start = ContinuousClock.now
      let error = try await failure {
        try await database.rows(of: Statement("SELECT pg_sleep(60)", timeout: 0.2))
      }
      #expect(start.duration(to: .now) < .seconds(20))
      #expect(error.kind == .timeout)
      #expect(error.code == "57014")
      #expect(try await cell(database, "SELECT current_setting('statement_timeout')") == "0")
      // Too little time for anything must not cost the connection either.
      for _ in 0..<20 {
        _ = try? await database.rows(of: Statement("SELECT 1", timeout: 0.000_001))
      }
      #expect(try await cell(database, "SELECT 1") == "1")
      await database.close()
    }

    @Test func connectionsLimitHoldsForAll() async throws {
      let database = try await Server.connect(statementTimeout: 0.2)
      let error = try await failure { try await cell(database, "SELECT pg_sleep(60)") }
      #expect(error.kind == .timeout)
      await database.close()
    }

    @Test func strangersCancellationIsNotOurs() async throws {
      let database = try await Server.connect()
      let pid = try await cell(database, "SELECT pg_backend_pid()") ?? ""
      async let stopped = failure { try await cell(database, "SELECT pg_sleep(60)") }
      try await Task.sleep(for: .milliseconds(300))
      Server.administer("SELECT pg_cancel_backend(\(pid))")
      let error = try await stopped
      #expect(error.kind == .statementFailed)
      #expect(error.code == "57014")
      await database.close()
    }

    @Test func killedWorkerIsReplacedOnTheSameSnapshot() async throws {
      let database = try await Server.connect(jobs: 2)
      let snapshot = try await cell(database, "SELECT pg_current_snapshot()")
      // The worker waits on top of the pool, the holder of the snapshot at the bottom.
      let pid = try await cell(database, "SELECT pg_backend_pid()") ?? ""
      Server.administer("SELECT pg_terminate_backend(\(pid))")
      try await Task.sleep(for: .milliseconds(200))
      let error = try await failure { try await cell(database, "SELECT 1") }
      #expect(error.kind == .connectionLost)
      #expect(error.isTransient)
      async let first = database.rows(of: Statement("SELECT pg_current_snapshot(), pg_sleep(0.3)"))
      async let second = database.rows(of: Statement("SELECT pg_current_snapshot(), pg_sleep(0.3)"))
      #expect(try await first.cells[0][0] == snapshot)
      #expect(try await second.cells[0][0] == snapshot)
      await database.close()
    }

    @Test func killedHolderLosesTheSnapshot() async throws {
      let database = try await Server.connect()
      let pid = try await cell(database, "SELECT pg_backend_pid()") ?? ""
      async let lost = failure { try await cell(database, "SELECT pg_sleep(60)") }
      try await Task.sleep(for: .milliseconds(300))
      Server.administer("SELECT pg_terminate_backend(\(pid))")
      let error = try await lost
      #expect(error.kind == .connectionLost)
      #expect(error.code == "57P01")
      let next = try await failure { try await cell(database, "SELECT 1") }
      #expect(next.kind == .connectionLost)
      #expect(next.message == "the connection that held the snapshot was lost")
      await database.close()
    }

    @Test func closingStopsWhatRuns() async throws {
      let database = try await Server.connect(jobs: 2)
      async let first = failure { try await cell(database, "SELECT pg_sleep(60)") }
      async let second = failure { try await cell(database, "SELECT pg_sleep(60)") }
      async let third = failure { try await cell(database, "SELECT pg_sleep(60)") }
      try await Task.sleep(for: .milliseconds(300))
      let start = ContinuousClock.now
      await database.close()
      #expect(start.duration(to: .now) < .seconds(20))
      #expect(
        try await [first, second, third].map(\.kind) == [.cancelled, .cancelled, .cancelled])
      let late = try await failure { try await cell(database, "SELECT 1") }
      #expect(late.kind == .cancelled)
      await database.close()
    }

    @Test func waitingForAConnectionCanBeCancelled() async throws {
      let database = try await Server.connect()
      async let long = cell(database, "SELECT 'done' FROM pg_sleep(1)")
      try await Task.sleep(for: .milliseconds(200))
      let waiting = Task { try await cell(database, "SELECT 1") }
      try await Task.sleep(for: .milliseconds(100))
      let start = ContinuousClock.now
      waiting.cancel()
      let error = try await failure { try await waiting.value }
      #expect(error.kind == .cancelled)
      #expect(start.duration(to: .now) < .seconds(20))
      #expect(try await long == "done")
      await database.close()
    }

    @Test func manyStatementsShareFewConnections() async throws {
      let database = try await Server.connect(jobs: 3)
      let answers = try await withThrowingTaskGroup(of: String?.self) { group in
        for number in 0..<60 {
          group.addTask {
            number % 7 == 0
              ? (try? await cell(database, "SELECT 1 / 0")) ?? "0"
              : try await cell(database, "SELECT \(number)")
          }
        }
        return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(answers.count == 52)
      await database.close()
    }
  }
}
