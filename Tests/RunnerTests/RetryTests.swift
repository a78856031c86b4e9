import Runner
import SpecCore
import Synchronization
import TestSupport
import Testing

/// Cases that ended with a lost connection are asked again from a new snapshot; others never.
@Suite struct RetryTests {
  private static func isCount(_ step: Plan.Step) -> Bool { step.id.check == "row_count" }

  private static func broken(_ harness: Harness, _ kind: DatabaseError.Kind) -> FakeDatabase {
    harness.database(.source, "broken") { sql in
      sql.contains(#""t1""#) ? .failure(DatabaseError(kind, "gone", code: "08006")) : nil
    }
  }

  @Test(arguments: [DatabaseError.Kind.connectionLost, .conflict], [0, 1, 2, 3])
  func lostConnections(_ kind: DatabaseError.Kind, _ failures: Int) async throws {
    let harness = Harness()
    let bad = (0..<failures).map { _ in Self.broken(harness, kind) }
    let good = harness.database(.source, "good")
    let targets = (0..<4).map { _ in harness.database(.target) }
    let source = FakeConnector((bad + [good]).map { .success($0) })
    let target = FakeConnector(targets.map { .success($0) })
    let outcome = try await harness.run(source, target, where: Self.isCount)
    let each = try #require(outcome.cases("row_count").last)
    #expect(each.outcome == (failures < 3 ? .passed : .errored))
    #expect(source.count == min(failures, 2) + 1)
    #expect(target.count == source.count)
    #expect(each.retries.map(\.type) == Array(repeating: kind.rawValue, count: min(failures, 2)))
    #expect(each.verdict.notes.count { $0.contains("asked again") } <= 1)
    #expect(each.verdict.notes.contains { $0.contains("asked again") } == (failures > 0))
    // The other table was read once and keeps its answer.
    #expect(outcome.cases("row_count").first?.retries == [])
    #expect(outcome.cases("row_count").first?.outcome == .passed)
    let sources: [FakeDatabase] = bad + [good]
    let statements: [String] = sources.reduce([]) { $0 + $1.statements }
    #expect(statements.count { $0.contains(#"FROM "public"."t0""#) } == 1)
    let used = sources.prefix(source.count) + targets.prefix(source.count)
    #expect(used.allSatisfy { $0.isClosed })
    #expect(each.statements.count { $0.sql.contains("COUNT") } >= min(failures, 2) + 1)
  }

  @Test(
    arguments: DatabaseError.Kind.allCases.filter { ![.connectionLost, .conflict].contains($0) })
  func otherErrorsAreFinal(_ kind: DatabaseError.Kind) async throws {
    let harness = Harness()
    let database = Self.broken(harness, kind)
    let source = FakeConnector([.success(database)])
    let outcome = try await harness.run(
      source, FakeConnector([.success(harness.database(.target))]), where: Self.isCount)
    #expect(source.count == 1)
    #expect(outcome.result.counts.errored == 1 && outcome.result.counts.passed == 1)
    #expect(outcome.result.cases.allSatisfy { $0.retries.isEmpty })
    #expect(database.statements.count { $0.contains(#""t1""#) } == 1)
    #expect(outcome.result.conclusion == .couldNotCheck)
  }

  /// A reconnect that fails leaves the first connection's facts and every finished case.
  @Test func reconnectFails() async throws {
    let harness = Harness()
    let source = FakeConnector([
      .success(Self.broken(harness, .connectionLost)),
      .failure(DatabaseError(.unreachable, "nobody there")),
    ])
    let outcome = try await harness.run(
      source, FakeConnector([.success(harness.database(.target))]), where: Self.isCount)
    #expect(outcome.result.source.facts?.name == "broken")
    #expect(outcome.result.counts.passed == 1 && outcome.result.counts.errored == 1)
    #expect(outcome.cases("row_count").last?.verdict.unchecked.map(\.type) == ["connection_lost"])
  }

  /// A failure that was seen stands, even where something else of the case was lost.
  @Test func failuresStand() async throws {
    let harness = Harness()
    let target = harness.database(.target) { sql in
      sql.contains("COUNT(*) AS v0") ? .success(Rows(columns: [], cells: [["2"]])) : nil
    }
    let source = FakeConnector([.success(harness.database(.source))])
    let outcome = try await harness.run(
      source, FakeConnector([.success(target)]), where: Self.isCount)
    #expect(source.count == 1)
    #expect(outcome.result.counts.failed == 2)
  }

  /// A stream that breaks is closed on both sides, and the case asked again.
  @Test func brokenStreams() async throws {
    let harness = Harness()
    let digest: @Sendable (String) async -> Result<Rows, DatabaseError>? = { sql in
      sql.contains("LOW(") ? .success(Rows(columns: [], cells: [["3", "1", "2"]])) : nil
    }
    let first = harness.database(.source)
    let bad = harness.database(
      .target, reply: digest,
      stream: { _ in .failure(DatabaseError(.connectionLost, "gone")) })
    let good = harness.database(.target)
    let source = FakeConnector([.success(first), .success(harness.database(.source))])
    let outcome = try await harness.run(
      source, FakeConnector([.success(bad), .success(good)]),
      where: { $0.id.check == "checksum" })
    #expect(first.openCursors == 0)
    #expect(outcome.cases("checksum").allSatisfy { $0.outcome == .failed })
    #expect(source.count == 1, "the digests differed: that is a failure, not an error")
  }
}
