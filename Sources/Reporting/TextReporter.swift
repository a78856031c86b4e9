import Diagnostics
package import SpecCore

/// Writes the final report for a terminal or a build log; it ends with the verdict, and with what
/// people have yet to say.
package struct TextReporter: Reporter {
  /// Which of the one-line results are repeated, for output that has shown them already.
  package enum Cases: Hashable, Sendable {
    case all, none
  }

  private let look: Look
  private let cases: Cases
  private let reportPath: String?

  package init(look: Look = .plain, cases: Cases = .all, reportPath: String? = nil) {
    self.look = look
    self.cases = cases
    self.reportPath = reportPath
  }

  /// The report, its parts set off by blank lines.
  package func render(_ result: RunResult) -> String {
    let blocks = blocks(of: result)
    var parts: [String] = []
    if cases == .all { parts.append(joined(OpeningLines(run: result, look: look).lines)) }
    // What would fail without the spec's own word comes before everything that looks good.
    parts += result.cases.filter { $0.outcome == .waived }.map {
      MismatchText(of: $0, in: result, look: look).text
    }
    if cases == .all { parts.append(joined(caseLines(of: result))) }
    parts.append(joined(exceptions(of: result)))
    parts += timings(of: result)
    parts += blocks
    let open = OpenSignOff(of: result)
    parts.append(joined(open.lines))
    let verdict = verdictLine(result, look: look, reportPath: reportPath)
    parts.append(joined([verdict] + [open.line].compactMap(\.self)))
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// One block a case that did not pass; of those that could not be checked for one and the same
  /// reason only the first, and how many more there are.
  private func blocks(of run: RunResult) -> [String] {
    var blocks: [String] = []
    var reasons: [[Verdict.Unchecked]] = []
    var repeated = 0
    for result in run.reportedSuites.flatMap(\.cases)
    where ![.passed, .skipped, .waived].contains(result.standing(strict: run.strict)) {
      if result.outcome == .errored, result.verdict.rows == nil {
        if reasons.contains(result.verdict.unchecked) {
          repeated += 1
          continue
        }
        reasons.append(result.verdict.unchecked)
      }
      blocks.append(MismatchText(of: result, in: run, look: look).text)
    }
    if repeated > 0 {
      blocks.append(
        "and \(counted(repeated, "case")) more that could not be checked for a reason above\n")
    }
    return blocks
  }

  private func joined(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  private func caseLines(of run: RunResult) -> [String] {
    let cases = run.reportedSuites.flatMap(\.cases)
    // One very long id must not push all summaries off the screen.
    let widths = cases.map { displayWidth(of: oneLine($0.id.description)) }.filter { $0 <= 72 }
    return cases.map {
      caseLine($0, look: look, strict: run.strict, idWidth: widths.max() ?? 0)
    }
  }

  /// A table for each query that was measured, whether its budgets were kept or not.
  private func timings(of run: RunResult) -> [String] {
    run.reportedSuites.compactMap { suite in
      guard let timings = suite.cases.lazy.compactMap(\.verdict.timings).first else { return nil }
      let lines = TimingTable(timings: timings).lines
      return lines.isEmpty ? nil : joined(["timings  \(oneLine(suite.name))"] + lines)
    }
  }

  /// What the spec excuses: a reader must see it before a good verdict.
  private func exceptions(of run: RunResult) -> [String] {
    guard !run.exceptions.isEmpty else { return [] }
    let lines = run.exceptions.flatMap { exception in
      [
        "  \(oneLine(exception.subject)): \(oneLine(exception.sentence))",
        "    because: \(exception.because.map(oneLine) ?? "(no reason given)")"
          + "  (\(place(of: exception.range)))",
      ]
    }
    return [look.style.bold("exceptions in the spec: \(grouped(run.exceptions.count))")] + lines
  }
}

/// The last line of a report: `FAILED  51 passed, 1 failed in 2m03s   spec sha256:9f86d081…`.
package func verdictLine(_ run: RunResult, look: Look, reportPath: String? = nil) -> String {
  let counts = run.counts
  let parts = [
    counts.passed > 0 ? "\(grouped(counts.passed)) passed" : nil,
    counts.failed > 0 ? "\(grouped(counts.failed)) failed" : nil,
    counts.errored > 0 ? counted(counts.errored, "error") : nil,
    counts.warned > 0 ? "\(grouped(counts.warned)) warned" : nil,
    counts.waived > 0 ? "\(grouped(counts.waived)) waived" : nil,
    counts.skipped > 0 ? "\(grouped(counts.skipped)) skipped" : nil,
  ].compactMap(\.self)
  let said = parts.isEmpty ? "no check was run" : parts.joined(separator: ", ")
  let why = run.interruption.map { ", \($0.words)" } ?? ""
  let time = duration(run.finishedAt.seconds(since: run.startedAt))
  let digest = "spec sha256:\(run.spec.sha256.prefix(8))\(look.ellipsis)"
  let report = reportPath.map { "   report: \(oneLine($0))" } ?? ""
  let isExcused = run.conclusion == .passed && counts.waived > 0
  let word = run.conclusion.word + (isExcused ? " with \(grouped(counts.waived)) waived" : "")
  let good = isExcused ? look.style.yellow : look.style.green
  let colour = run.conclusion == .passed ? good : look.style.red
  return "\(colour(word))  \(said)\(why) in \(time)   \(digest)\(report)"
}

extension RunResult.Conclusion {
  /// The conclusion as the last line of a report says it.
  package var word: String {
    switch self {
    case .passed: "PASSED"
    case .failed: "FAILED"
    case .couldNotCheck: "COULD NOT CHECK"
    case .nothingSelected: "NOTHING SELECTED"
    case .interrupted: "INTERRUPTED"
    }
  }
}
