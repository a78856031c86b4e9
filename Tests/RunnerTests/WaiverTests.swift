import Runner
import SpecCore
import Synchronization
import TestSupport
import Testing

/// Failures that a spec excuses for a while: never passed, never more than the failure, never longer.
///
/// The runs of these tests begin on 1970-01-01.
@Suite struct WaiverTests {
  private static let today = "1970-01-01"

  /// A spec with waivers of these ids, of which only row counts are run.
  private static func harness(
    _ ids: [String] = ["run.tables.t0.row_count"], expires: String = today, more: String = "",
    select: [String] = ["check:row_count", "section:waivers"], exclude: [String] = []
  ) throws -> Harness {
    var harness = Harness()
    let waivers = ids.map {
      "  - { check: \"\($0)\", because: rounding, owner: dan, expires: \(expires), ticket: OPS-1 }\n"
    }
    harness.head = "waivers:\n\(waivers.joined())\(more)"
    harness.selection = try Selection(select: select, exclude: exclude)
    return harness
  }

  /// A target in which the tables hold other numbers of rows than the source.
  private static func target(_ harness: Harness, differing tables: String...) -> FakeDatabase {
    harness.database(.target) { sql in
      tables.contains { sql.contains("\"\($0)\"") } && sql.contains("COUNT(*)")
        ? .success(Rows(columns: [], cells: [["9"]])) : nil
    }
  }

  private static func outcomes(_ outcome: Harness.Outcome) -> [String] {
    outcome.result.cases.map { "\($0.id) \($0.outcome.rawValue)" }
  }

  @Test(arguments: [today, "1970-02-01", "9999-12-31"])
  func waived(_ expires: String) async throws {
    let harness = try Self.harness(expires: expires)
    let outcome = try await harness.run(
      harness.database(.source), Self.target(harness, differing: "T0"))
    #expect(
      Self.outcomes(outcome) == [
        "run.waivers.run.tables.t0.row_count passed", "run.tables.t0.row_count waived",
        "run.tables.t1.row_count passed",
      ])
    let waived = try #require(outcome.cases("row_count").first)
    #expect(waived.waiver?.terms == "until \(expires) by dan (OPS-1)")
    #expect(waived.verdict.type == "row_count_mismatch" && !waived.verdict.findings.isEmpty)
    #expect(!waived.statements.isEmpty)
    #expect(outcome.result.conclusion == .passed)
    #expect(outcome.result.counts.waived == 1 && outcome.result.counts.passed == 2)
    #expect(outcome.result.exceptions.first?.because == "rounding")
    #expect(outcome.result.suites.first?.name == "run.waivers")
    // Progress hears of it as of any other case.
    #expect(outcome.events.contains("planned 3"))
    #expect(outcome.events.contains("case run.tables.t0.row_count waived"))
    #expect(outcome.events.last == "finished run.waivers")
  }

  /// From the day after, the check fails again, and so does the waiver.
  @Test(arguments: [true, false])
  func expired(_ isDifferent: Bool) async throws {
    let harness = try Self.harness(expires: "1969-12-31")
    let outcome = try await harness.run(
      harness.database(.source), Self.target(harness, differing: isDifferent ? "T0" : "none"))
    let waiver = try #require(outcome.result.cases.first)
    #expect(waiver.outcome == .failed && waiver.verdict.type == "waiver_expired")
    #expect(waiver.verdict.summary.contains("1969-12-31"))
    let check = try #require(outcome.cases("row_count").first)
    #expect(check.outcome == (isDifferent ? .failed : .passed))
    #expect(check.waiver == nil)
    #expect(outcome.result.conclusion == .failed)
  }

  @Test func unused() async throws {
    let harness = try Self.harness()
    let outcome = try await harness.run(harness.database(.source), harness.database(.target))
    let waiver = try #require(outcome.result.cases.first)
    #expect(waiver.outcome == .failed && waiver.verdict.type == "waiver_unused")
    #expect(waiver.verdict.summary == "not needed: run.tables.t0.row_count passed")
    #expect(waiver.severity == .error)
    #expect(outcome.result.conclusion == .failed)
  }

  /// What could not be checked is not excused, and tells nothing of the waiver.
  @Test func errored() async throws {
    let harness = try Self.harness()
    let source = harness.database(.source) { sql in
      sql.contains(#""t0""#) ? .failure(DatabaseError(.permissionDenied, "no")) : nil
    }
    let outcome = try await harness.run(source, harness.database(.target))
    #expect(
      Self.outcomes(outcome) == [
        "run.waivers.run.tables.t0.row_count errored", "run.tables.t0.row_count errored",
        "run.tables.t1.row_count passed",
      ])
    #expect(outcome.result.cases[0].verdict.unchecked.first?.reason.contains("no") == true)
    #expect(outcome.result.cases.allSatisfy { $0.waiver == nil })
    #expect(outcome.result.conclusion == .couldNotCheck)
  }

  /// No connection: an expired waiver is seen without one, all others are open.
  @Test(arguments: [today, "1969-12-31"], ["[t0, t1]", "all"])
  func unreached(_ expires: String, _ tables: String) async throws {
    var harness = try Self.harness(expires: expires, select: [])
    harness.spec = tables
    let error = DatabaseError(.unreachable, "nobody there")
    let outcome = try await harness.run(
      FakeConnector([.failure(error)]), FakeConnector([.failure(error)]))
    let waiver = try #require(outcome.result.cases.first)
    #expect(waiver.id.section == "waivers")
    #expect(waiver.outcome == (expires == Self.today ? .errored : .failed))
    #expect(outcome.result.cases.count == (tables == "all" ? 1 : 11))
    #expect(outcome.result.conclusion == (expires == Self.today ? .couldNotCheck : .failed))
  }

  // MARK: Selection

  /// A part of the checks is run: the waivers of others are not judged.
  @Test func ofAnotherPart() async throws {
    let harness = try Self.harness(expires: "1969-12-31", select: ["table:t1"])
    let outcome = try await harness.run(harness.database(.source), harness.database(.target))
    #expect(outcome.result.cases.allSatisfy { $0.id.section == "tables" })
    #expect(outcome.result.conclusion == .passed)
  }

  /// A check that is left out with its waiver asked for leaves the waiver open.
  @Test func leftOut() async throws {
    let harness = try Self.harness(
      select: ["section:waivers", "table:t1"], exclude: ["table:t0"])
    let outcome = try await harness.run(harness.database(.source), harness.database(.target))
    let waiver = try #require(outcome.result.cases.first)
    #expect(waiver.outcome == .errored)
    #expect(waiver.verdict.unchecked.map(\.type) == ["waiver_unjudged"])
    #expect(waiver.verdict.summary.hasSuffix("run.tables.t0.row_count was not selected"))
    #expect(outcome.result.conclusion == .couldNotCheck)
  }

  /// Who asks for a waiver asks for its checks; so does `--last-failed`.
  @Test(arguments: [true, false])
  func askedFor(_ isLastFailed: Bool) async throws {
    var harness = try Self.harness()
    let id = "run.waivers.run.tables.t0.row_count"
    harness.selection = try Selection(
      select: isLastFailed ? [] : [id], exclude: [], lastFailed: isLastFailed ? [id] : nil)
    let outcome = try await harness.run(
      harness.database(.source), Self.target(harness, differing: "T0"))
    #expect(Self.outcomes(outcome) == ["\(id) passed", "run.tables.t0.row_count waived"])
  }

  /// A waiver of several checks waives in a part of them, and is judged where all of them are run.
  @Test func ofSeveral() async throws {
    let ids = ["run.tables.*.row_count"]
    let part = try Self.harness(ids, select: ["run.tables.t0.row_count"])
    let one = try await part.run(part.database(.source), Self.target(part, differing: "T0"))
    #expect(Self.outcomes(one) == ["run.tables.t0.row_count waived"])
    let whole = try Self.harness(ids)
    let both = try await whole.run(
      whole.database(.source), Self.target(whole, differing: "T0", "T1"))
    #expect(both.result.counts.waived == 2 && both.result.counts.passed == 1)
    let needed = try await whole.run(whole.database(.source), Self.target(whole, differing: "T1"))
    #expect(needed.result.conclusion == .passed && needed.result.counts.waived == 1)
    let unused = try await whole.run(whole.database(.source), whole.database(.target))
    #expect(unused.result.cases.first?.verdict.type == "waiver_unused")
  }

  // MARK: Tables found at run time

  @Test func foundTables() async throws {
    var harness = try Self.harness(["run.tables.t1.row_count", "run.tables.t9.row_count"])
    harness.spec = "all"
    harness.selection = nil
    let outcome = try await harness.run(
      harness.database(.source), Self.target(harness, differing: "T1"),
      where: { $0.id.check == "row_count" })
    #expect(
      Self.outcomes(outcome) == [
        "run.waivers.run.tables.t1.row_count passed",
        "run.waivers.run.tables.t9.row_count failed", "run.tables.t0.row_count passed",
        "run.tables.t1.row_count waived",
      ])
    let unknown = outcome.result.cases[1].verdict
    #expect(unknown.type == "waiver_unused")
    #expect(
      unknown.summary
        == "no check has the id run.tables.t9.row_count; did you mean run.tables.t0.row_count?")
  }

  /// Two waivers of one check, where only the run can see it: the second is not needed.
  @Test func twice() async throws {
    var harness = try Self.harness(["run.tables.t1.row_count", "run.*.t1.row_*"])
    harness.spec = "all"
    let outcome = try await harness.run(
      harness.database(.source), Self.target(harness, differing: "T1"))
    #expect(outcome.result.cases.prefix(2).map(\.outcome) == [.passed, .failed])
    #expect(outcome.result.cases[1].verdict.type == "waiver_unused")
    #expect(outcome.result.cases[1].verdict.summary.contains("waived already"))
  }

  // MARK: What else a run does

  @Test func theLimitOfFailures() async throws {
    var harness = try Self.harness()
    harness.maxFailures = 1
    harness.width = 1
    let source = harness.database(.source)
    let waived = try await harness.run(source, Self.target(harness, differing: "T0"))
    #expect(waived.result.interruption == nil && waived.result.conclusion == .passed)
    let both = try await harness.run(source, Self.target(harness, differing: "T0", "T1"))
    #expect(both.result.interruption == .maxFailures && both.result.counts.failed == 1)
  }

  @Test(arguments: [true, false])
  func warnings(_ strict: Bool) async throws {
    var harness = try Self.harness(more: "defaults: { severity: warn }")
    harness.strict = strict
    let outcome = try await harness.run(
      harness.database(.source), Self.target(harness, differing: "T0", "T1"))
    let waived = try #require(outcome.cases("row_count").first)
    #expect(waived.outcome == .waived && waived.severity == .warn)
    #expect(outcome.result.counts.warned == (strict ? 0 : 1))
    #expect(outcome.result.conclusion == (strict ? .failed : .passed))
  }

  /// A lost connection is asked again; the failure that is seen then is waived.
  @Test func retried() async throws {
    let harness = try Self.harness()
    let broken = harness.database(.source, "broken") { sql in
      sql.contains(#""t0""#) ? .failure(DatabaseError(.connectionLost, "gone")) : nil
    }
    let targets = (0..<2).map { _ in Self.target(harness, differing: "T0") }
    let outcome = try await harness.run(
      FakeConnector([.success(broken), .success(harness.database(.source))]),
      FakeConnector(targets.map { .success($0) }))
    let waived = try #require(outcome.cases("row_count").first)
    #expect(waived.outcome == .waived && waived.retries.map(\.type) == ["connection_lost"])
    #expect(outcome.result.conclusion == .passed)
    #expect(outcome.result.cases.count { $0.id.section == "waivers" } == 1)
  }
}
