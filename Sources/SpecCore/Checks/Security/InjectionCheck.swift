import Diagnostics
import Injection

/// Expects one rule of the lint for injection to find nothing in the files that a spec names.
struct InjectionCheck: Check {
  /// Files whose findings the spec excuses.
  struct Excuse: Hashable, Sendable {
    /// A path, or one with `*` for any text.
    let pattern: String
    let because: String

    /// Whether the file is meant: by the pattern, or as a part of the folder that it names.
    func covers(_ path: String) -> Bool {
      Wildcard.matches(Array(pattern.utf8)[...], Array(path.utf8)[...])
        || path.hasPrefix(pattern.hasSuffix("/") ? pattern : "\(pattern)/")
    }
  }

  let rule: LintRule
  let request: InjectionRequest
  let excuses: [Excuse]
  private var hasAsked = false

  init(_ rule: LintRule, _ request: InjectionRequest, excuses: [Excuse]) {
    self.rule = rule
    self.request = request
    self.excuses = excuses
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard hasAsked else {
      hasAsked = true
      return .lint(request)
    }
    guard case .injection(let reading) = answers.first else {
      preconditionFailure("files were to be read for injection")
    }
    return .decide(judge(reading))
  }

  private func excuse(_ path: String) -> Excuse? { excuses.first { $0.covers(path) } }

  private func judge(_ reading: InjectionReading) -> Verdict {
    let found = reading.report.findings.filter { $0.rule == rule }
    let findings = found.filter { excuse($0.file) == nil }
    let allowed = reading.report.allowed.filter { $0.finding.rule == rule }
    var verdict = Verdict(summary: "", type: "injection_found")
    verdict.findings = findings.map(\.finding)
    for finding in found {
      guard let excuse = excuse(finding.file) else { continue }
      verdict.notes.append("excused: \(finding.words); because: \(excuse.because)")
    }
    verdict.notes += allowed.map { "allowed: \($0.finding.words); because: \($0.reason)" }
    verdict.notes += reading.report.informational.filter { $0.rule == rule }
      .map { "worth knowing: \($0.words)" }
    if !reading.skipped.isEmpty {
      verdict.notes.append(
        "left out, as dbt makes them: \(reading.skipped.joined(separator: ", "))")
    }
    verdict.unchecked = unchecked(reading)
    let excused = found.count - findings.count
    let silenced = [(excused, "excused"), (allowed.count, "allowed by a comment")]
      .filter { $0.0 > 0 }.map { ", \(grouped($0.0)) \($0.1)" }.joined()
    let files = Set(findings.map(\.file)).count
    verdict.summary =
      findings.isEmpty
      ? verdict.unchecked.first?.reason.firstLine ?? "nothing found in \(reading.counts)\(silenced)"
      : "\(counted(findings.count, "place")) in \(counted(files, "file"))\(silenced)"
    return verdict
  }

  /// What this rule could not look at: the lint reads a file for all rules, or for none.
  private func unchecked(_ reading: InjectionReading) -> [Verdict.Unchecked] {
    reading.problems.filter { excuse($0.path) == nil }.map(\.unchecked)
      + reading.report.unreadable.filter { excuse($0.file) == nil }.map(\.unchecked)
  }
}

extension LintReport.Finding {
  /// `models/a.sql:2:5: the expression and what is wrong`, on one line.
  var words: String { "\(file):\(line):\(column): `\(expression.oneLine)`: \(sentence)" }

  /// The same with the way out.
  var finding: String { "\(words); cure: \(remedy)" }
}

extension LintReport.Unreadable {
  /// For a verdict: from this place on, nobody looked.
  package var unchecked: Verdict.Unchecked {
    Verdict.Unchecked(
      type: "unreadable_file",
      reason: "\(file):\(place.start.line):\(place.start.column): "
        + "could not be read from here on: \(reason)",
      remedy: "mend the file, or leave it out with a reason under `except:`")
  }
}

extension String {
  /// Without line breaks, and with one blank where there were several.
  fileprivate var oneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
