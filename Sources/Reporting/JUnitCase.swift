import Diagnostics
import SpecCore

/// One test case in JUnit's terms.
struct JUnitCase {
  /// What the case says; passed cases say nothing.
  enum Result: Hashable {
    case passed
    case failure(message: String, type: String, text: String)
    case error(message: String, type: String, text: String)
    case skipped(message: String)
  }

  /// An error after which the case was asked again.
  struct Retry {
    let message: String
    let type: String
    let text: String
  }

  let name: String
  let file: String
  let line: Int
  let seconds: Double
  let verdict: Result
  /// Only where the case passed in the end.
  let flaky: [Retry]
  /// What stands in the case's `system-out`.
  let output: String
  /// What must be said even where a case has no room for output: warnings and retries.
  let remarks: [String]

  /// Whether there is anything to write into the element.
  var hasContent: Bool { verdict != .passed || !flaky.isEmpty || !output.isEmpty }

  init(entry: JUnitEntry, suite: String, in run: RunResult, shortening: JUnitShortening) {
    switch entry {
    case .own(let result):
      self.init(own: result, suite: suite, in: run, shortening: shortening)
    case .folded(let fold):
      self.init(fold: fold, shortening: shortening)
    }
  }

  private init(
    own result: CaseResult, suite: String, in run: RunResult, shortening: JUnitShortening
  ) {
    let standing = result.standing(strict: run.strict)
    let message = cut(XMLWriter.legible(result.message), to: shortening.message)
    let isTold = standing != .passed && standing != .skipped
    let account = isTold ? Self.account(of: result, message, in: run, shortening) : ""
    let id = result.id.description
    let check = id.hasPrefix("\(suite).") ? String(id.dropFirst(suite.count + 1)) : result.id.check
    let clean = oneLine(check)
    name = clean.isEmpty ? "check" : clean
    file = JUnitNames.path(result.range.file)
    line = max(1, result.range.start.line)
    seconds = result.seconds
    verdict = Self.verdict(of: result, standing, message: message, account: account)
    let isFinallyGood = result.outcome == .passed || standing == .warned
    flaky = isFinallyGood ? result.retries.map { Self.retry($0, at: result) } : []
    // A waived failure is told whole where JUnit has room for a case that did not fail.
    let isExcused = standing == .warned || standing == .waived
    let warning = isExcused ? ["\(standing.word) \(account)"] : []
    let told = Self.output(of: result, standing, message: message)
    let isQuiet = shortening > .none && standing == .passed
    output = Self.harmless((isQuiet ? [] : warning + told).joined(separator: "\n"))
    remarks =
      (standing == .warned ? ["WARN \(message)"] : standing == .waived ? warning : [])
      + flaky.map { "passed when asked again after \($0.type): \($0.message)" }
  }

  private init(fold: JUnitFold, shortening: JUnitShortening) {
    let message = cut(oneLine(fold.message), to: shortening.message)
    let result = fold.first
    name = fold.name
    file = JUnitNames.path(result.range.file)
    line = max(1, result.range.start.line)
    seconds = fold.seconds
    let text = "\(message)\n  at \(place(of: result.range))\n  all of them are in the JSON report"
    verdict =
      switch fold.standing {
      case .failed: .failure(message: message, type: "mismatch", text: text)
      case .errored: .error(message: message, type: "could_not_check", text: text)
      case .skipped, .waived: .skipped(message: message)
      case .passed, .warned: .passed
      }
    flaky = []
    output =
      switch fold.standing {
      case .warned: "WARN \(message)"
      case .passed: message
      case .failed, .errored, .skipped, .waived: ""
      }
    remarks = fold.standing == .warned ? [output] : []
  }

  private static func verdict(
    of result: CaseResult, _ standing: Standing, message: String, account: String
  ) -> Result {
    switch standing {
    case .passed, .warned: .passed
    case .failed:
      .failure(message: message, type: JUnitNames.type(result.verdict.type), text: account)
    case .errored:
      .error(
        message: message,
        type: JUnitNames.type(result.verdict.unchecked.first?.type ?? "could_not_check"),
        text: account)
    case .skipped: .skipped(message: message)
    case .waived:
      // JUnit has no word for it. A failure would fail builds that the exit status lets through; a
      // case without a result is shown and counted as passed, which it is not. Skipped is what every
      // reader counts apart, and its message is what every reader shows.
      .skipped(
        message: cut(
          XMLWriter.legible(oneLine("waived \(result.waiver?.reason ?? ""); \(message)")),
          to: 1_000))
    }
  }

  /// The message and what follows it, cut with a remark of how much there is more.
  private static func account(
    of result: CaseResult, _ message: String, in run: RunResult, _ shortening: JUnitShortening
  ) -> String {
    let limit = shortening.account
    let mismatch = MismatchText(
      of: result, in: run, look: .plain, longestSQL: shortening.statement)
    let text = XMLWriter.legible(([message] + mismatch.details).joined(separator: "\n"))
    let length = text.unicodeScalars.count
    guard length > limit else { return text }
    // Room for the remark.
    let kept = limit - 100
    // Where statements were cut before, nobody knows how much more there is.
    let more = shortening.statement == .max ? "\(grouped(length - kept)) more characters" : "more"
    let verb = shortening.statement == .max ? "are" : "is"
    return String(text.unicodeScalars.prefix(kept)) + "…\n  (\(more) \(verb) in the JSON report)"
  }

  private static func retry(_ retry: Verdict.Unchecked, at result: CaseResult) -> Retry {
    let reason = cut(oneLine(redacted(retry.reason)), to: 1_000)
    let message = reason.isEmpty ? retry.type : reason
    return Retry(
      message: message, type: oneLine(retry.type),
      text: "\(message)\n  at \(place(of: result.range))")
  }

  /// What the case expects and, where that is not said elsewhere, what it saw.
  private static func output(
    of result: CaseResult, _ standing: Standing, message: String
  ) -> [String] {
    let summary = standing == .passed && !result.verdict.summary.isEmpty ? [message] : []
    let notes = standing == .passed ? result.verdict.notes.map { "note: \(oneLine($0))" } : []
    let table =
      standing == .passed
      ? result.verdict.timings.map { TimingTable(timings: $0).lines } ?? [] : []
    return ([oneLine(result.sentence)] + summary + table + notes).filter { !$0.isEmpty }
  }

  /// GitLab would take such words of a database for the name of a file to be attached.
  private static func harmless(_ output: String) -> String {
    output.replacing("[[ATTACHMENT|", with: "[ [ATTACHMENT|")
  }
}
