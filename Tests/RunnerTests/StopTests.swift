import Runner
import SpecCore
import TestSupport
import Testing

/// Runs that are stopped, or never begin: every case is there, in the order of the plan.
@Suite struct StopTests {
  private static func isCount(_ step: Plan.Step) -> Bool { step.id.check == "row_count" }

  @Test(arguments: [RunResult.Interruption.interrupt, .terminate, .deadline])
  func stoppedHalfWay(_ reason: RunResult.Interruption) async throws {
    var harness = Harness()
    harness.tableCount = 4
    harness.spec = "[t0, t1, t2, t3]"
    harness.width = 1
    let gate = Gate()
    let source = harness.database(.source) { sql in
      guard sql.contains(#""t1""#) else { return nil }
      return await gate.pass() ? nil : .failure(DatabaseError(.cancelled, "stopped"))
    }
    let target = harness.database(.target)
    let stop = StopSwitch()
    let run = Task { [harness] in
      try await harness.run(
        FakeConnector([.success(source)]), FakeConnector([.success(target)]), stop: stop,
        where: Self.isCount)
    }
    await gate.arrived()
    stop.stop(reason)
    stop.stop(.maxFailures)
    let outcome = try await run.value
    #expect(outcome.result.interruption == reason)
    #expect(outcome.result.cases.map(\.id.object) == ["t0", "t1", "t2", "t3"])
    #expect(outcome.result.cases.map(\.outcome) == [.passed, .errored, .errored, .errored])
    #expect(
      outcome.result.cases.dropFirst().allSatisfy { $0.verdict.unchecked[0].type == "cancelled" })
    #expect(!source.statements.contains { $0.contains(#""t2""#) || $0.contains(#""t3""#) })
    #expect(source.isClosed && target.isClosed)
    #expect(outcome.result.conclusion == (reason == .deadline ? .couldNotCheck : .interrupted))
  }

  /// Nothing is asked when the stop came first.
  @Test func stoppedBefore() async throws {
    let harness = Harness()
    let (source, target) = (harness.database(.source), harness.database(.target))
    let stop = StopSwitch()
    stop.stop(.interrupt)
    let outcome = try await harness.run(
      FakeConnector([.success(source)]), FakeConnector([.success(target)]), stop: stop)
    #expect(outcome.result.cases.allSatisfy { $0.outcome == .errored })
    #expect(!outcome.result.cases.isEmpty)
    #expect(source.statements.isEmpty && target.statements.isEmpty)
  }

  /// A connection that hangs is given up.
  @Test func stoppedWhileConnecting() async throws {
    let harness = Harness()
    let gate = Gate()
    let stop = StopSwitch()
    let source = FakeConnector([.success(harness.database(.source))], gate: gate)
    let run = Task {
      try await harness.run(
        source, FakeConnector([.success(harness.database(.target))]), stop: stop)
    }
    await gate.arrived()
    stop.stop(.interrupt)
    let outcome = try await run.value
    #expect(outcome.result.conclusion == .interrupted)
    #expect(outcome.result.cases.count == 10)
    #expect(outcome.result.cases.allSatisfy { $0.outcome == .errored })
  }

  @Test(arguments: [1, 2, 3])
  func maxFailures(_ limit: Int) async throws {
    var harness = Harness()
    harness.tableCount = 5
    harness.spec = "[t0, t1, t2, t3, t4]"
    harness.width = 1
    harness.maxFailures = limit
    let target = harness.database(.target) { sql in
      sql.contains("COUNT(*)") ? .success(Rows(columns: [], cells: [["9"]])) : nil
    }
    let outcome = try await harness.run(harness.database(.source), target, where: Self.isCount)
    #expect(outcome.result.interruption == .maxFailures)
    #expect(outcome.result.counts.failed == limit)
    #expect(outcome.result.counts.errored == 5 - limit)
    #expect(outcome.result.conclusion == .failed)
  }

  /// Warnings count towards the limit only where they count as failures.
  @Test(arguments: [true, false])
  func warningsAndTheLimit(_ strict: Bool) async throws {
    var harness = Harness()
    harness.width = 1
    harness.maxFailures = 1
    harness.strict = strict
    harness.head = "defaults: { severity: warn }"
    let target = harness.database(.target) { sql in
      sql.contains("COUNT(*)") ? .success(Rows(columns: [], cells: [["9"]])) : nil
    }
    let outcome = try await harness.run(harness.database(.source), target, where: Self.isCount)
    #expect(outcome.result.interruption == (strict ? .maxFailures : nil))
    #expect(outcome.result.counts.failed == (strict ? 1 : 0))
    #expect(outcome.result.counts.warned == (strict ? 0 : 2))
    #expect(outcome.result.conclusion == (strict ? .failed : .passed))
  }

  // MARK: Connections

  @Test(arguments: Side.allCases, [true, false])
  func connectionFails(_ side: Side, _ both: Bool) async throws {
    let harness = Harness()
    let error = DatabaseError(.authenticationFailed, "wrong password", hint: "look")
    func connector(_ own: Side) -> (FakeConnector, FakeDatabase) {
      let database = harness.database(own)
      return (FakeConnector([own == side || both ? .failure(error) : .success(database)]), database)
    }
    let (source, target) = (connector(.source), connector(.target))
    let outcome = try await harness.run(source.0, target.0)
    #expect(outcome.result.cases.count == 10)
    for each in outcome.result.cases {
      #expect(each.outcome == .errored)
      #expect(each.verdict.unchecked.count == (both ? 2 : 1))
      #expect(each.verdict.unchecked.allSatisfy { $0.type == "authentication_failed" })
      #expect(each.statements.isEmpty)
    }
    #expect(outcome.result.conclusion == .couldNotCheck)
    #expect((source.0.count, target.0.count) == (1, 1))
    if !both { #expect(side == .source ? target.1.isClosed : source.1.isClosed) }
  }

  /// `tables: all` cannot be planned without the source's tables: nothing may pass.
  @Test func tablesThatCannotBeListed() async throws {
    var harness = Harness()
    harness.spec = "all"
    let source = harness.database(.source) { sql in
      sql.hasPrefix("CATALOG") ? .failure(DatabaseError(.permissionDenied, "no")) : nil
    }
    let target = harness.database(.target)
    let outcome = try await harness.run(source, target)
    #expect(outcome.result.conclusion == .couldNotCheck)
    #expect(source.isClosed && target.isClosed)
    harness.tableCount = 0
    let empty = try await harness.run(harness.database(.source), harness.database(.target))
    #expect(empty.result.conclusion != .passed)
  }

  // MARK: Order

  /// Suites may end in any order; the result is in the plan's, and events nest.
  @Test func orderOfThePlan() async throws {
    var harness = Harness()
    harness.width = 2
    let gate = Gate()
    let source = harness.database(.source) { sql in
      if sql.contains(#""t0""#) { _ = await gate.pass() }
      return nil
    }
    let outcome = try await harness.run(
      FakeConnector([.success(source)]), FakeConnector([.success(harness.database(.target))]),
      onEvent: { event in
        if case .suiteFinished(let suite) = event, suite.name == "run.tables.t1" {
          Task { await gate.open() }
        }
      })
    #expect(outcome.result.conclusion == .passed)
    #expect(outcome.result.suites.map(\.name) == ["run.tables.t0", "run.tables.t1"])
    let checks = ["exists", "row_count", "columns", "constraints", "checksum"]
    #expect(outcome.result.cases.map(\.id.check) == checks + checks)
    let finished = outcome.events.filter { $0.hasPrefix("finished") }
    #expect(finished == ["finished run.tables.t1", "finished run.tables.t0"])
    #expect(
      Array(outcome.events.prefix(5)) == [
        "connecting source", "connected source source", "connecting target",
        "connected target target", "planned 2",
      ])
  }
}
