import SpecCore
import Synchronization
import TestSupport
import Testing

/// How queries are measured, and when.
@Suite struct MeasurementTests {
  /// A spec of one table and these queries.
  private func harness(_ queries: String) -> Harness {
    var harness = Harness()
    harness.tableCount = 1
    harness.spec = "[t0]"
    harness.head = "performance: { \(queries) }"
    return harness
  }

  /// Answers queries with two rows, and records with times, but for the query that `isLost`.
  private static func answering(
    operators: Result<Rows, DatabaseError>? = nil,
    isLost: @escaping @Sendable (String) -> Bool = { _ in false }
  ) -> @Sendable (String) async -> Result<Rows, DatabaseError>? {
    { sql in
      if sql.hasPrefix("select") { return .success(Rows(columns: ["a"], cells: [["1"], ["2"]])) }
      let ids =
        sql.split(separator: " ").last.map { $0.split(separator: ",").map(String.init) } ?? []
      if sql.hasPrefix("EXECUTIONS") {
        return .success(Rows(columns: [], cells: ids.filter { !isLost($0) }.map { [$0, "0.5"] }))
      }
      if sql.hasPrefix("OPERATORS") {
        return operators ?? .success(Rows(columns: [], cells: ids.map { [$0, "0"] }))
      }
      return nil
    }
  }

  @Test("queries are measured when all else has ended, one after the other, once for all budgets")
  func alone() async throws {
    let harness = harness(
      "a: { sql: select 1, runs: 4, warmup: 2, p50: 1s, rows: 2, spilled: none }, "
        + "b: { sql: select 2, runs: 2, warmup: 0, p50: 400ms }")
    let target = harness.database(.target, reply: Self.answering())
    let outcome = try await harness.run(harness.database(.source), target)
    let events = outcome.events.filter { $0.hasPrefix("started") || $0.hasPrefix("finished") }
    #expect(
      events == [
        "started run.tables.t0", "finished run.tables.t0", "started run.performance.a",
        "finished run.performance.a", "started run.performance.b", "finished run.performance.b",
      ])
    // One that is cold, two to warm up, four that count.
    #expect(target.statements.count { $0 == "select 1" } == 7)
    #expect(target.statements.count { $0 == "select 2" } == 3)
    #expect(target.statements.count { $0.hasPrefix("EXECUTIONS") } == 2)
    #expect(target.openLanes == 0)
    #expect(
      outcome.result.cases.filter { $0.id.section == "performance" }.map(\.outcome)
        == [.passed, .passed, .passed, .failed])
    let timings = try #require(outcome.cases("rows").first?.verdict.timings)
    #expect(timings.sides.map(\.side) == [.target])
    #expect(timings[.target]?.warm.count == 4)
    #expect(timings[.target]?.cold?.cost?.seconds == 0.5)
    #expect(outcome.cases("spilled").first?.statements.map(\.sql) == ["select 1"])
  }

  @Test("clients share the runs, and each warms up")
  func clients() async throws {
    let harness = harness("a: { sql: select 1, runs: 10, warmup: 2, clients: 4, p50: 1s }")
    let target = harness.database(.target, reply: Self.answering())
    let outcome = try await harness.run(harness.database(.source), target)
    #expect(target.statements.count { $0 == "select 1" } == 1 + 4 * 2 + 10)
    #expect(outcome.cases("p50").first?.outcome == .passed)
    #expect(outcome.cases("p50").first?.verdict.timings?.clients == 4)
    #expect(target.openLanes == 0)
  }

  @Test("both sides are measured where they are compared")
  func versus() async throws {
    let harness = harness("a: { sql: select 1, source_sql: select 2, runs: 3, versus_source: 1x }")
    let source = harness.database(.source, reply: Self.answering())
    let target = harness.database(.target, reply: Self.answering())
    let outcome = try await harness.run(source, target)
    #expect(source.statements.contains("select 2") && !source.statements.contains("select 1"))
    #expect(outcome.cases("versus_source").first?.outcome == .passed)
    #expect(
      outcome.cases("versus_source").first?.verdict.timings?.sides.map(\.side) == [
        .source, .target,
      ])
  }

  @Test("the first failing run ends the measurement, for all clients", arguments: [1, 4])
  func failing(_ clients: Int) async throws {
    let harness = harness("a: { sql: select 1, runs: 50, clients: \(clients), p50: 1s, rows: 2 }")
    let count = Mutex(0)
    let answering = Self.answering()
    let target = harness.database(
      .target,
      reply: { sql in
        let number = count.withLock { count in
          if sql == "select 1" { count += 1 }
          return count
        }
        if sql == "select 1", number >= 20 { return .failure(DatabaseError(.timeout, "too slow")) }
        return await answering(sql)
      })
    let outcome = try await harness.run(harness.database(.source), target)
    #expect(outcome.cases("p50").first?.outcome == .errored)
    #expect(outcome.cases("rows").first?.outcome == .errored)
    #expect(target.statements.count { $0 == "select 1" } < 20 + clients)
    #expect(target.openLanes == 0)
  }

  @Test("a failure while warming up wakes clients that wait for it")
  func failingWarmup() async throws {
    let harness = harness("a: { sql: select 1, clients: 3, warmup: 1, p50: 1s }")
    let count = Mutex(0)
    let answering = Self.answering()
    let target = harness.database(
      .target,
      reply: { sql in
        let number = count.withLock { count in
          if sql == "select 1" { count += 1 }
          return count
        }
        if sql == "select 1", number == 4 { return .failure(DatabaseError(.statementFailed, "no")) }
        return await answering(sql)
      })
    let outcome = try await harness.run(harness.database(.source), target)
    #expect(outcome.cases("p50").first?.outcome == .errored)
  }

  @Test("records that do not come, or may not be read, are told")
  func untold() async throws {
    let harness = harness("a: { sql: select 1, runs: 3, p50: 2s, spilled: none, queued: none }")
    let target = harness.database(
      .target,
      reply: { sql in
        if sql.hasPrefix("EXECUTIONS") || sql.hasPrefix("OPERATORS") {
          return .failure(DatabaseError(.permissionDenied, "no right"))
        }
        return await Self.answering()(sql)
      })
    let outcome = try await harness.run(harness.database(.source), target)
    #expect(outcome.cases("p50").first?.outcome == .passed, "by the wire")
    #expect(outcome.cases("p50").first?.verdict.notes.contains { $0.contains("grant it") } == true)
    for check in ["spilled", "queued"] {
      #expect(outcome.cases(check).first?.outcome == .errored)
      #expect(outcome.cases(check).first?.verdict.unchecked.first?.remedy == "grant it")
    }
    #expect(
      target.statements.count { $0.hasPrefix("EXECUTIONS") } == 1, "a refusal is not repeated")
  }

  @Test("a record that comes late is asked for again")
  func late() async throws {
    let harness = harness("a: { sql: select 1, runs: 3, warmup: 0, p50: 600ms }")
    let asked = Mutex(0)
    let target = harness.database(
      .target,
      reply: { sql in
        let number = asked.withLock { asked in
          if sql.hasPrefix("EXECUTIONS") { asked += 1 }
          return asked
        }
        return await Self.answering(isLost: { _ in number == 1 })(sql)
      })
    let outcome = try await harness.run(harness.database(.source), target)
    #expect(outcome.cases("p50").first?.outcome == .passed, "by the server's clock")
  }
}
