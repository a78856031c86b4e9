import SpecCore
import TestSupport
import Testing

/// Days, and what a waiver excuses.
@Suite struct WaiverTests {
  @Test(arguments: [
    ("2027-01-31", true), ("2028-02-29", true), ("2000-02-29", true), ("0001-01-01", true),
    ("9999-12-31", true), ("2027-02-29", false), ("2100-02-29", false), ("2027-04-31", false),
    ("2027-00-01", false), ("2027-13-01", false), ("2027-01-00", false), ("2027-1-31", false),
    ("27-01-31", false), ("2027-01-31T00:00", false), ("2027/01/31", false), ("", false),
    ("0000-01-01", false), ("2027-01-3१", false), ("-027-01-01", false), ("2027--1-01", false),
  ])
  func days(_ text: String, _ isDay: Bool) {
    #expect(CalendarDay(text)?.description == (isDay ? text : nil))
  }

  @Test func order() throws {
    let days = try ["2026-12-31", "2027-01-01", "2027-01-02", "2027-02-01"].map {
      try #require(CalendarDay($0))
    }
    #expect(days.sorted() == days && days[0] < days[3])
    // The last microsecond of a day, and the first of the next.
    let midnight: Int64 = 1_798_761_600_000_000
    #expect(Timestamp(microseconds: midnight - 1).day == days[0])
    #expect(Timestamp(microseconds: midnight).day == days[1])
  }

  /// A waiver excuses what was found, and nothing that nobody could look at.
  @Test func excuse() {
    let unchecked = [Verdict.Unchecked(type: "timeout", reason: "slow")]
    #expect(Verdict(summary: "", findings: ["a"]).waivedOutcome == .waived)
    #expect(Verdict(summary: "", findings: ["a"], unchecked: unchecked).waivedOutcome == .errored)
    #expect(Verdict(summary: "", unchecked: unchecked).waivedOutcome == .errored)
    #expect(Verdict(summary: "").waivedOutcome == .passed)
  }

  private static func plan() throws -> Plan {
    var migration = Migration()
    migration.tables = "o: { checksum: all }\nc: { tags: [pii] }"
    migration.head = """
      waivers:
        - { check: shop.tables.o.checksum, because: b, owner: o, expires: 2027-01-31 }
        - { check: shop.tables.*.row_count, because: b, owner: o, expires: 2027-01-31 }
        - { check: shop.tables.gone.exists, because: b, owner: o, expires: 2027-01-31 }
      """
    return try migration.plan()
  }

  static let selections: [(select: [String], exclude: [String], judged: [String])] = [
    ([], [], ["o.checksum", "*.row_count", "gone.exists"]),
    (["table:o"], [], ["o.checksum"]), (["check:row_count"], [], ["*.row_count"]),
    (["table:c"], [], []), (["tag:pii"], [], []), ([], ["table:c"], ["o.checksum", "gone.exists"]),
    ([], ["section:waivers"], []), (["shop.tables.o.checksum"], [], ["o.checksum"]),
    (["section:waivers"], [], ["o.checksum", "*.row_count", "gone.exists"]),
    (["shop.waivers.shop.tables.gone.exists"], [], ["gone.exists"]),
    (["shop"], ["*.gone.*"], ["o.checksum", "*.row_count"]),
  ]

  /// A part of the plan has the waivers that it can judge.
  @Test(arguments: selections)
  func selected(_ select: [String], _ exclude: [String], _ expected: [String]) throws {
    let plan = try Self.plan().selected(by: Selection(select: select, exclude: exclude))
    #expect(plan.waivers.map(\.waiver.check.value) == expected.map { "shop.tables.\($0)" })
  }

  /// A waiver asked for by its id brings its checks.
  @Test func broughtChecks() throws {
    let words = ["shop.waivers.shop.tables.*.row_count"]
    let plan = try Self.plan().selected(by: Selection(select: words, exclude: []))
    #expect(
      plan.ids.map(\.description)
        == words + ["shop.tables.o.row_count", "shop.tables.c.row_count"])
    #expect(try Selection(select: words, exclude: []).words(without: [Self.plan()]) == [])
  }

  /// A check with differences and with parts that nobody could look at is not waived, but shows that
  /// its waiver is needed.
  @Test func partlyChecked() throws {
    let plan = try Self.plan().selected(
      by: Selection(select: ["shop.tables.o.checksum"], exclude: []))
    let step = try #require(plan.steps.first)
    let day = try #require(CalendarDay("2027-01-31"))
    let next = try #require(CalendarDay("2027-02-01"))
    #expect(step.waiver(on: day)?.check.value == "shop.tables.o.checksum")
    #expect(step.waiver(on: next) == nil)
    let time = Timestamp(microseconds: 0)
    let verdict = Verdict(
      summary: "2 rows differ", findings: ["a"],
      unchecked: [Verdict.Unchecked(type: "not_comparable", reason: "json")])
    let result = CaseResult(
      id: step.id, clause: step.clause, sentence: step.sentence, range: step.range,
      severity: step.severity, outcome: verdict.waivedOutcome, waiver: step.waiver(on: day),
      verdict: verdict, startedAt: time, seconds: 0)
    let suites = [
      SuiteResult(name: step.id.suite, startedAt: time, seconds: 0, cases: [result])
    ]
    let suite = try #require(plan.waiverSuite(given: suites, startedOn: day, at: time))
    #expect(result.outcome == .errored)
    #expect(suite.name == "shop.waivers")
    #expect(suite.cases.map(\.outcome) == [.passed])
    #expect(
      suite.cases.first?.sentence
        == "The waiver of shop.tables.o.checksum has not expired and is needed.")
    let late = try #require(plan.waiverSuite(given: suites, startedOn: next, at: time))
    #expect(late.cases.first?.verdict.type == "waiver_expired")
  }
}
