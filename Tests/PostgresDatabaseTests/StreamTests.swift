import Foundation
import PostgresDatabase
import SpecCore
import Testing

extension LiveTests {
  /// Rows that come in batches.
  @Suite struct StreamTests {
    @Test func manyRowsNeedLittleMemory() async throws {
      let database = try await Server.connect(jobs: 2)
      let before = residentKilobytes()
      var most = before
      let cursor = try await database.open(
        Statement("SELECT n, md5(n::text), n % 97 FROM generate_series(1, 300000) n"))
      var count = 0
      var last: String?
      while let batch = try await cursor.next() {
        count += batch.count
        last = batch.last?[0]
        most = max(most, residentKilobytes())
      }
      await cursor.close()
      #expect(count == 300_000)
      #expect(last == "300000")
      #expect(most - before < 30_000)
      await database.close()
    }

    @Test func wideRowsComeInSmallBatches() async throws {
      let database = try await Server.connect()
      let cursor = try await database.open(
        Statement("SELECT repeat('x', 1000000) FROM generate_series(1, 60)"))
      var sizes: [Int] = []
      while let batch = try await cursor.next() { sizes.append(batch.count) }
      await cursor.close()
      #expect(sizes == [50] + Array(repeating: 1, count: 10))
      await database.close()
    }

    /// Five thousand at once would leave whoever looks at a slow statement without news for long.
    @Test func slowRowsComeInSmallBatches() async throws {
      let database = try await Server.connect()
      let cursor = try await database.open(
        Statement("SELECT n, pg_sleep(0.005) FROM generate_series(1, 900) n"))
      var sizes: [Int] = []
      while let batch = try await cursor.next() { sizes.append(batch.count) }
      await cursor.close()
      #expect(sizes.prefix(2) == [50, 400])
      #expect(sizes.dropFirst(2).allSatisfy { $0 <= 200 }, "\(sizes)")
      #expect(sizes.reduce(0, +) == 900)
      await database.close()
    }

    @Test func emptyAnswersEndAtOnce() async throws {
      let database = try await Server.connect()
      let cursor = try await database.open(Statement("SELECT 1 WHERE false"))
      #expect(try await cursor.next() == nil)
      #expect(try await cursor.next() == nil)
      await cursor.close()
      await cursor.close()
      await database.close()
    }

    @Test func errorsInTheMiddleLeaveTheConnectionGood() async throws {
      let database = try await Server.connect()
      let cursor = try await database.open(
        Statement("SELECT 1 / (2000 - n) FROM generate_series(1, 5000) n"))
      let error = try await failure {
        while try await cursor.next() != nil {}
      }
      #expect(error.code == "22012")
      await cursor.close()
      #expect(try await cell(database, "SELECT 1") == "1")
      let refused = try await failure { try await database.open(Statement("SELECT FROM WHERE")) }
      #expect(refused.code == "42601")
      #expect(try await cell(database, "SELECT 1") == "1")
      await database.close()
    }

    @Test func unfinishedRowsGiveTheConnectionBack() async throws {
      let database = try await Server.connect()
      for _ in 0..<3 {
        let cursor = try await database.open(
          Statement("SELECT n FROM generate_series(1, 1000000) n"))
        #expect(try await cursor.next()?.isEmpty == false)
        await cursor.close()
      }
      #expect(try await cell(database, "SELECT 1") == "1")
      await database.close()
    }

    @Test func fetchingCanBeCancelledAndTimed() async throws {
      let database = try await Server.connect()
      let slow = "SELECT n, pg_sleep(0.05) FROM generate_series(1, 5000) n"
      let cursor = try await database.open(Statement(slow))
      let task = Task { while try await cursor.next() != nil {} }
      try await Task.sleep(for: .milliseconds(300))
      let start = ContinuousClock.now
      task.cancel()
      let error = try await failure { try await task.value }
      #expect(error.kind == .cancelled)
      #expect(start.duration(to: .now) < .seconds(20))
      await cursor.close()

      // The first rows come with the opening, which gives the connection back where it fails.
      let late = try await failure {
        let timed = try await database.open(Statement(slow, timeout: 0.5))
        while try await timed.next() != nil {}
      }
      #expect(late.kind == .timeout)
      #expect(try await cell(database, "SELECT 1") == "1")
      await database.close()
    }

    @Test func writesAndSecondStatementsAreRefused() async throws {
      let database = try await Server.connect()
      for sql in [
        "DELETE FROM parity_live.items RETURNING id", "SELECT 1; COMMIT",
        "WITH d AS (DELETE FROM parity_live.items RETURNING id) SELECT * FROM d",
      ] {
        let error = try await failure { try await database.open(Statement(sql)) }
        #expect([.statementFailed, .unsupported].contains(error.kind), "\(error)")
      }
      #expect(try await cell(database, "SELECT count(*) FROM parity_live.items") == "1000")
      await database.close()
    }

    private func residentKilobytes() -> Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4
    }
  }
}
