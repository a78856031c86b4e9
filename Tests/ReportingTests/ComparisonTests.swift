import Diagnostics
import Foundation
import Reporting
import SpecCore
import Testing

/// What changed between two runs.
@Suite struct ComparisonTests {
  private static let good = Verdict(summary: "1 = 1")
  private static let bad = Verdict(summary: "1 ≠ 2", findings: ["1 ≠ 2"])
  private static let unseen = Verdict(
    summary: "denied", unchecked: [.init(type: "permission_denied", reason: "denied")])

  private static func run(_ cases: [CaseResult]) -> RunResult {
    Sample.run(
      Dictionary(grouping: cases, by: \.id.suite).sorted { $0.key < $1.key }.map {
        Sample.suite($0.key, $0.value)
      })
  }

  private static func one(_ verdict: Verdict, warn: Bool = false) -> RunResult {
    run([
      Sample.result("tables.a", "columns", good),
      Sample.result("tables.orders", "checksum", severity: warn ? .warn : .error, verdict),
    ])
  }

  @Test(
    arguments: [
      (good, good, false, nil), (good, bad, true, "newly failing: 1"),
      (bad, good, false, "healed: 1"),
      (good, unseen, true, "newly could not check: 1"), (unseen, good, false, "healed: 1"),
      (unseen, bad, true, "newly failing: 1"), (bad, unseen, true, "newly could not check: 1"),
      (bad, bad, false, nil), (unseen, unseen, false, nil),
    ] as [(Verdict, Verdict, Bool, String?)])
  func transitions(_ before: Verdict, _ after: Verdict, _ isWorse: Bool, _ title: String?) {
    let comparison = RunComparison(from: Self.one(before), to: Self.one(after))
    #expect(comparison.isWorse == isWorse)
    let text = ComparisonReporter(comparison).text()
    if let title {
      #expect(text.contains(title), "\(text)")
    } else {
      #expect(comparison.isUnchanged && text.contains("UNCHANGED"), "\(text)")
    }
  }

  @Test func warningsAreWorseThanPasses() {
    let comparison = RunComparison(
      from: Self.one(Self.good, warn: true), to: Self.one(Self.bad, warn: true))
    #expect(comparison.newlyExcused.count == 1 && comparison.isWorse)
  }

  @Test func checksComeAndGo() {
    let few = Self.run([Sample.result("tables.a", "columns", Self.good)])
    let gone = RunComparison(from: Self.one(Self.good), to: few)
    #expect(gone.vanished.map(\.id) == ["shop.tables.orders.checksum"] && gone.isWorse)
    let new = RunComparison(from: few, to: Self.one(Self.good))
    #expect(new.appeared.count == 1 && !new.isWorse)
    #expect(RunComparison(from: few, to: Self.one(Self.bad)).isWorse)
    // An empty later run proves nothing.
    #expect(RunComparison(from: few, to: Sample.run([])).isWorse)
    #expect(RunComparison(from: Sample.run([]), to: few).isWorse == false)
  }

  @Test func newFindingsOfRightsAreWorse() {
    func run(_ findings: [String]) -> RunResult {
      Self.run([
        Sample.result(
          "security.roles", "members.ANALYST", Verdict(summary: "differs", findings: findings))
      ])
    }
    let more = RunComparison(from: run(["a"]), to: run(["a", "EVE is a member"]))
    #expect(more.isWorse && more.findings.first?.added == ["EVE is a member"])
    let text = ComparisonReporter(more).text()
    #expect(text.contains("changed findings of roles and rights: 1"), "\(text)")
    let less = RunComparison(from: run(["a", "b"]), to: run(["a"]))
    #expect(!less.isWorse && less.findings.first?.removed == ["b"])
  }

  @Test func rowsDriftWithoutBeingWorse() {
    let comparison = RunComparison(
      from: Self.run([Sample.counted("tables.orders", rows: (10, 10))]),
      to: Self.run([Sample.counted("tables.orders", rows: (12, 12))]))
    #expect(!comparison.isWorse && comparison.rows.count == 2)
    #expect(ComparisonReporter(comparison).text().contains("source: 10 → 12 (+2)"))
  }

  @Test(
    arguments: [
      (0.100, 0.119, nil), (0.100, 0.121, true), (0.121, 0.100, false), (0.005, 0.014, nil),
      (0.005, 0.016, true),
    ] as [(Double, Double, Bool?)])
  func queries(_ before: Double, _ after: Double, _ isSlower: Bool?) {
    func run(_ seconds: Double) -> RunResult {
      var verdict = Self.good
      verdict.timings = Timings([
        SideTimings(side: .target, engine: "Snowflake", warm: [TimingSample(wire: seconds)])
      ])
      return Self.run([Sample.result("performance.q", "p95", verdict)])
    }
    let comparison = RunComparison(from: run(before), to: run(after))
    #expect(comparison.queries.first?.isSlower == isSlower)
    #expect(comparison.isWorse == (isSlower == true))
  }

  @Test func specAndSides() throws {
    let before = Self.one(Self.good)
    var after = before
    after.spec.sha256 = String(repeating: "ab", count: 32)
    after.environment = nil
    var facts = Sample.targetFacts
    facts.version = "10.0.0"
    facts.role = "OTHER"
    after.target.outcome = .connected(facts)
    after.exceptions = [
      SpecException(
        subject: "shop.tables.x", sentence: "is left out", because: "old", range: Sample.range(3))
    ]
    let comparison = RunComparison(
      from: before, to: after, earlierSpec: "a\nb\nc\n", laterSpec: "a\nB\nc\nd\n")
    #expect(
      comparison.facts.map(\.name) == ["environment", "target, engine", "target, role"])
    #expect(
      comparison.spec?.lines == [
        LineChange(line: 2, isAdded: false, text: "b"),
        LineChange(line: 2, isAdded: true, text: "B"),
        LineChange(line: 4, isAdded: true, text: "d"),
      ])
    #expect(!comparison.isWorse && !comparison.isUnchanged)
    let text = ComparisonReporter(comparison).text()
    for words in ["+ line 2: B", "- line 2: b", "PARITY_READER → OTHER", "new: exception of"] {
      #expect(text.contains(words), "\(text)")
    }
    _ = try JSONValue.parse(ComparisonReporter(comparison).json())
    #expect(ComparisonReporter(comparison).markdown().contains("### spec: 4"))
  }

  @Test func hugeSpecsAreNotComparedLineByLine() {
    let old = (0..<5_000).map { "a\($0)\n" }.joined()
    let new = (0..<5_000).map { "b\($0)\n" }.joined()
    #expect(LineChange.between(old, new) == nil)
    #expect(LineChange.between(old, old + "x\n")?.count == 1)
  }

  @Test func aRunIsTheSameAsItself() {
    for sample in Sample.all {
      let comparison = RunComparison(from: sample.run, to: sample.run)
      #expect(comparison.isUnchanged && !comparison.isWorse, "\(sample)")
    }
  }
}
