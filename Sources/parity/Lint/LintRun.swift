import Cryptography
import Diagnostics
import Foundation
import Injection
import SpecCore

/// The result of the lint as a run with a case for each rule and file, for the reports of runs.
struct LintRun {
  private let lint: LintResult
  private let found: FoundFiles
  private let paths: [String]

  init(_ lint: LintResult, _ found: FoundFiles, paths: [String]) {
    self.lint = lint
    self.found = found
    self.paths = paths
  }

  var result: RunResult {
    let identity = SpecIdentity(
      path: paths.joined(separator: " "), name: "lint", slug: "lint",
      sha256: SHA256Digest(of: bytes).hex)
    let composition = Composition(environment: [:], jobs: 1)
    let notAsked = RunResult.SideResult(declared: "not asked", outcome: .notTried)
    let cases = lint.rules.sorted().flatMap(cases)
    let suite = SuiteResult(
      name: "lint.injection", startedAt: lint.startedAt,
      seconds: lint.finishedAt.seconds(since: lint.startedAt), cases: cases + readingCases)
    var run = RunResult(
      runID: composition.runID, toolVersion: Parity.version, spec: identity, environment: nil,
      operatorName: NSUserName(), hostName: ProcessInfo.processInfo.hostName,
      startedAt: lint.startedAt, finishedAt: lint.finishedAt, source: notAsked, target: notAsked,
      suites: [suite])
    run.command = "parity lint \(paths.joined(separator: " "))"
    return run
  }

  /// Names and contents of all files, so that the digest names what was read.
  private var bytes: [UInt8] {
    found.files.flatMap { file in
      Array(file.path.utf8) + [0] + (file.bytes ?? []) + [0]
    }
  }

  /// One case for each file in which the rule finds something, one for the rule where there is none.
  private func cases(_ rule: LintRule) -> [CaseResult] {
    let findings = lint.findings.filter { $0.rule == rule }
    let notes = lint.allowed.filter { $0.finding.rule == rule }.map {
      "allowed: \(words($0.finding)); because: \($0.reason)"
    }
    let byFile = Dictionary(grouping: findings, by: \.file)
    if byFile.isEmpty {
      let range = SourceRange.none(file: lint.reading.files.first?.path ?? ".")
      let summary = "nothing found in \(lint.reading.counts)"
      return [
        result(rule.rawValue, rule, range, Verdict(summary: summary, notes: notes))
      ]
    }
    return byFile.sorted { $0.key < $1.key }.enumerated().compactMap { number, entry in
      guard let first = entry.value.first else { return nil }
      let verdict = Verdict(
        summary: entry.value.count == 1
          ? words(first) : "\(counted(entry.value.count, "place")), the first: \(words(first))",
        type: "injection_found",
        findings: entry.value.map { "\(words($0)); cure: \($0.remedy)" },
        notes: number == 0 ? notes : [])
      return result("\(rule.rawValue) \(entry.key)", rule, first.place, verdict)
    }
  }

  /// One case that passes when every file was read to its end.
  private var readingCases: [CaseResult] {
    let unchecked = lint.problems + lint.unreadable.map(\.unchecked)
    let range =
      lint.unreadable.first?.place
      ?? SourceRange.none(file: lint.reading.files.first?.path ?? ".")
    let verdict = Verdict(
      summary: unchecked.first?.reason ?? "\(lint.reading.counts) read to the end",
      unchecked: unchecked)
    return [result("files", nil, range, verdict)]
  }

  private func words(_ finding: LintReport.Finding) -> String {
    "\(finding.file):\(finding.line):\(finding.column): `\(finding.expression)`: "
      + finding.sentence
  }

  private func result(
    _ check: String, _ rule: LintRule?, _ range: SourceRange, _ verdict: Verdict
  ) -> CaseResult {
    CaseResult(
      id: CheckID(spec: "lint", section: "injection", object: "", check: check), clause: "5a.v",
      sentence: rule?.explanation.expectation ?? "Every file could be read to its end.",
      range: range, severity: .error, outcome: verdict.outcome, verdict: verdict,
      startedAt: lint.startedAt, seconds: 0)
  }
}
