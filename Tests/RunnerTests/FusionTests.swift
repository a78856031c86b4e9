import SpecCore
import TestSupport
import Testing

/// Questions of several checks about one table go out as one statement; nobody notices.
@Suite struct FusionTests {
  private static let data: @Sendable (String) -> Bool = { !$0.hasPrefix("CATALOG") }

  private static func isCounted(_ step: Plan.Step) -> Bool {
    ["row_count", "checksum"].contains(step.id.check)
  }

  @Test func oneStatementForCountAndDigest() async throws {
    let harness = Harness()
    let (source, target) = (harness.database(.source), harness.database(.target))
    let outcome = try await harness.run(source, target, where: Self.isCounted)
    #expect(outcome.result.conclusion == .passed, "\(outcome.result.cases)")
    #expect(source.statements.filter(Self.data).count == 2)
    #expect(target.statements.filter(Self.data).count == 2)
    #expect(
      source.statements.filter(Self.data).allSatisfy {
        $0.contains("COUNT(*)") && $0.contains("LOW(")
      })
    for each in outcome.result.cases {
      #expect(each.statements.filter { Self.data($0.sql) }.count == 2)
    }
  }

  /// The catalogs are asked once a side, whatever the number of tables and checks.
  @Test(arguments: [1, 4])
  func catalogsAreAskedOnce(_ width: Int) async throws {
    var harness = Harness()
    harness.tableCount = 6
    harness.spec = "[t0, t1, t2, t3, t4, t5]"
    harness.width = width
    let (source, target) = (harness.database(.source), harness.database(.target))
    let outcome = try await harness.run(source, target)
    #expect(outcome.result.conclusion == .passed)
    for database in [source, target] {
      #expect(database.statements.filter { $0.hasPrefix("CATALOG") }.count == 1)
    }
    let charged = outcome.result.cases.filter { each in
      each.statements.contains { $0.sql.hasPrefix("CATALOG") }
    }
    #expect(charged.count >= 1)
  }

  /// A fused statement that fails is asked apart: only the check at fault suffers.
  @Test(arguments: [
    DatabaseError.Kind.permissionDenied, .missingObject, .statementFailed, .unsupported,
  ])
  func failuresAreAskedApart(_ kind: DatabaseError.Kind) async throws {
    let harness = Harness()
    let source = harness.database(.source) { sql in
      sql.contains("LOW(") ? .failure(DatabaseError(kind, "no digest")) : nil
    }
    let target = harness.database(.target)
    let outcome = try await harness.run(source, target, where: Self.isCounted)
    #expect(outcome.cases("row_count").allSatisfy { $0.outcome == .passed })
    #expect(outcome.cases("checksum").allSatisfy { $0.outcome == .errored })
    #expect(outcome.cases("checksum").allSatisfy { $0.verdict.unchecked[0].type == kind.rawValue })
    #expect(outcome.result.cases.allSatisfy { $0.retries.isEmpty })
    let counts = source.statements.filter { Self.data($0) && !$0.contains("LOW(") }
    #expect(counts.count == 2)
    let statements = try #require(outcome.cases("row_count").first).statements
    #expect(statements.filter { $0.side == .source && Self.data($0.sql) }.count == 2)
  }

  /// Errors of the connection are no check's fault: nothing is asked apart.
  @Test(arguments: [DatabaseError.Kind.throttled, .protocolViolation, .readPointUnavailable])
  func connectionErrorsAreNot(_ kind: DatabaseError.Kind) async throws {
    let harness = Harness()
    let source = harness.database(.source) { sql in
      Self.data(sql) ? .failure(DatabaseError(kind, "no")) : nil
    }
    let outcome = try await harness.run(source, harness.database(.target), where: Self.isCounted)
    #expect(source.statements.filter(Self.data).count == 2)
    #expect(outcome.result.counts.errored == 4)
  }

  /// What each check gets is what it asked for, whatever stands beside it in the statement.
  @Test func partsAreHandedOut() async throws {
    let harness = Harness()
    let target = harness.database(.target) { sql in
      guard sql.contains("LOW(") else { return nil }
      return .success(Rows(columns: [], cells: [["4", "77", "77"]]))
    }
    let outcome = try await harness.run(harness.database(.source), target, where: Self.isCounted)
    for each in outcome.cases("row_count") {
      #expect(each.verdict.findings == ["1 row more in the target"])
    }
  }

  /// An aggregate that came back without a row, or with too few cells, is nobody's answer.
  @Test(arguments: [[], [["3"]], [["3", "77"]], [["3", "77", "77", "1"]], [[nil, nil, nil]]])
  func brokenAnswers(_ cells: [[String?]]) async throws {
    let harness = Harness()
    let reply: @Sendable (String) async -> Result<Rows, DatabaseError>? = { sql in
      sql.contains("LOW(") ? .success(Rows(columns: [], cells: cells)) : nil
    }
    let outcome = try await harness.run(
      harness.database(.source, reply: reply), harness.database(.target, reply: reply),
      where: Self.isCounted)
    #expect(outcome.result.cases.allSatisfy { $0.outcome == .errored }, "\(outcome.result.cases)")
  }
}
