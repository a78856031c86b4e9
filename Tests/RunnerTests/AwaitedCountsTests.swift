import SpecCore
import TestSupport
import Testing

/// The rows of a large table are counted by the scan that compares them.
@Suite struct AwaitedCountsTests {
  private static func isCounted(_ step: Plan.Step) -> Bool {
    ["row_count", "checksum"].contains(step.id.check)
  }

  private static func harness() -> Harness {
    var harness = Harness()
    harness.method = .fast
    harness.tableCount = 1
    harness.spec = "[t0]"
    harness.estimatedRows = 100_000
    return harness
  }

  /// Keys from 1 to 100,000.
  private static let reply: @Sendable (String) async -> Result<Rows, DatabaseError>? = { sql in
    sql.contains("MIN(") ? .success(Rows(columns: [], cells: [["1", "100000"]])) : nil
  }

  /// One bucket of so many rows.
  private static func buckets(_ rows: Int) -> FakeDatabase.Streaming {
    { sql in
      .success(sql.contains("START(") ? [[["0", "\(rows)", "00000000000000f\(rows)"]]] : [])
    }
  }

  private static func counts(_ database: FakeDatabase) -> [String] {
    database.statements.filter { $0.contains("COUNT(*)") && !$0.contains("START(") }
  }

  @Test func oneScanAnswersBoth() async throws {
    let harness = Self.harness()
    let source = harness.database(.source, reply: Self.reply, stream: Self.buckets(3))
    let target = harness.database(.target, reply: Self.reply, stream: Self.buckets(4))
    let outcome = try await harness.run(source, target, where: Self.isCounted)
    #expect(Self.counts(source).isEmpty && Self.counts(target).isEmpty, "\(source.statements)")
    let count = try #require(outcome.cases("row_count").first)
    #expect(count.verdict.findings == ["1 row more in the target"], "\(count)")
    // The evidence of a count is the statement that counted.
    #expect(count.statements.count { $0.sql.contains("START(") } == 2)
  }

  /// A scan that fails leaves the count to a statement of its own.
  @Test func aFailedScanIsNoCount() async throws {
    let harness = Self.harness()
    let source = harness.database(
      .source, reply: Self.reply,
      stream: { sql in
        sql.contains("START(") ? .failure(DatabaseError(.permissionDenied, "no")) : .success([])
      })
    let target = harness.database(.target, reply: Self.reply, stream: Self.buckets(3))
    let outcome = try await harness.run(source, target, where: Self.isCounted)
    #expect(outcome.cases("checksum").map(\.outcome) == [.errored])
    #expect(outcome.cases("row_count").map(\.outcome) == [.passed], "\(outcome.result.cases)")
    #expect(Self.counts(source).count == 1)
  }

  /// Alone, or of a small table, the count is asked for as ever.
  @Test(arguments: [nil, 100, 100_000])
  func otherwiseItIsAsked(_ estimate: Int?) async throws {
    var harness = Self.harness()
    harness.estimatedRows = estimate
    let source = harness.database(.source, reply: Self.reply, stream: Self.buckets(3))
    let target = harness.database(.target, reply: Self.reply, stream: Self.buckets(3))
    let outcome = try await harness.run(source, target) { $0.id.check == "row_count" }
    #expect(outcome.cases("row_count").map(\.outcome) == [.passed])
    #expect(Self.counts(source).count == 1 && Self.counts(target).count == 1)
  }
}
