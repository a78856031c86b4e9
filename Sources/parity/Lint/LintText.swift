import Diagnostics
import Injection
import Reporting
import SpecCore

/// The result of the lint for people: findings as diagnostics, then what is allowed, then the verdict.
struct LintText {
  private let result: LintResult
  private let style: Style

  init(_ result: LintResult, style: Style) {
    self.result = result
    self.style = style
  }

  /// What goes to standard output.
  var text: String {
    var parts: [String] = []
    if !diagnostics.isEmpty {
      parts.append(DiagnosticRenderer(files: files, style: style).render(diagnostics))
    }
    if !result.allowed.isEmpty {
      let lines = result.allowed.map {
        "  - \(words($0.finding)) Because: \(visible($0.reason))"
      }
      parts.append(section("Allowed by comments, to be looked at by whoever signs:", lines))
    }
    if !result.informational.isEmpty {
      parts.append(
        section("Worth knowing, and no finding:", result.informational.map { "  - \(words($0))" }))
    }
    parts.append(verdict)
    return parts.joined(separator: "\n")
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    ([style.bold(title)] + lines).map { $0 + "\n" }.joined()
  }

  private func words(_ finding: LintReport.Finding) -> String {
    "\(visible(finding.file)):\(finding.line):\(finding.column): \(finding.rule.rawValue): "
      + "`\(visible(flat(finding.expression)))`: \(visible(finding.sentence))."
  }

  private var verdict: String {
    let word =
      switch result.status {
      case .passed: style.green("PASSED")
      case .failed: style.red("FAILED")
      default: style.yellow("COULD NOT CHECK")
      }
    var lines = ["\(word)  \(result.summary); read: \(result.reading.counts)"]
    if !result.reading.skipped.isEmpty {
      let folders = result.reading.skipped.map(visible).joined(separator: ", ")
      lines.append("left out, as dbt makes them: \(folders)")
    }
    if result.rules.count < LintRule.allCases.count {
      let names = result.rules.sorted().map(\.rawValue).joined(separator: ", ")
      lines.append("only these rules were looked at: \(names)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What could not be looked at and has no place in a file, for standard error.
  var problems: String {
    result.problems.map { problem in
      let remedy = problem.remedy.map { "  = help: \(visible($0))\n" } ?? ""
      return "error: \(visible(problem.reason))\n\(remedy)"
    }.joined()
  }

  // MARK: Diagnostics

  private var diagnostics: [Diagnostic] {
    result.findings.map(diagnostic) + result.unreadable.map(diagnostic)
  }

  private func diagnostic(_ finding: LintReport.Finding) -> Diagnostic {
    var notes: [String] = []
    let place = finding.place
    if place.start.line != place.end.line || finding.expression.contains("…") {
      notes.append("expression: \(flat(finding.expression))")
    }
    notes.append("cure: \(finding.remedy)")
    return Diagnostic(
      Diagnostic.Message(finding.rule.rawValue, finding.sentence, notes: notes), at: place)
  }

  private func diagnostic(_ unreadable: LintReport.Unreadable) -> Diagnostic {
    let notes = ["nobody looked at what follows: mend the file, or leave it out with --exclude"]
    return Diagnostic(
      Diagnostic.Message(
        LintText.unreadable.code, "the file could not be read from here on: \(unreadable.reason)",
        notes: notes),
      at: unreadable.place)
  }

  /// The code of a file that could not be read, for `parity explain`.
  static let unreadable = (
    code: "E0021", title: "the lint could not read a file to its end",
    text: """
    Something in the file is not closed or not understood, so that nobody may say the rest is clean. \
    What stands before the place was looked at. Mend the file, or leave it out on purpose: \
    `parity lint --exclude PATH`, or `except:` with a reason in a spec.
    """
  )

  /// Without line breaks.
  private func flat(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  // MARK: Lines of files

  /// The files with something to show, as they may be shown.
  private var files: [SourceFile] {
    let wanted = Set(diagnostics.map(\.range.file))
    return result.reading.files.filter { wanted.contains($0.path) }.map { file in
      let source = SourceFile(name: file.path, text: file.text)
      return source.masked(secrets(in: source))
    }
  }

  /// What stands between quotes on lines that may hold a secret: those that a rule about secrets is
  /// about, and those with a field that is named after one.
  private func secrets(in source: SourceFile) -> [Range<Int>] {
    let report = result.reading.report
    let found = report.findings + report.allowed.map(\.finding) + report.informational
    var lines = Set(
      found.filter { $0.file == source.name && ($0.rule == .secret || $0.rule == .openStage) }
        .flatMap { $0.place.start.line...$0.place.end.line })
    for number in 1...source.lineCount {
      let line = (source.line(number) ?? "").lowercased()
      if Self.secretWords.contains(where: line.contains) { lines.insert(number) }
    }
    return lines.compactMap { line in
      guard let offsets = source.offsets(ofLine: line) else { return nil }
      let bytes = Array(source[offsets].utf8)
      func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"")
      }
      guard let first = bytes.firstIndex(where: isQuote), let last = bytes.lastIndex(where: isQuote)
      else { return nil }
      return offsets.lowerBound + first
        + 1..<(first == last
        ? offsets.upperBound : offsets.lowerBound + last)
    }
  }

  private static let secretWords = [
    "secret", "password", "passwd", "token", "passphrase", "private_key", "access_key", "key_id",
    "master_key",
  ]
}

/// The result of the lint for programs.
struct LintJSON {
  private let result: LintResult

  init(_ result: LintResult) { self.result = result }

  /// The format's name; the number changes when a field goes away or changes its meaning.
  static let format = "parity.lint/1"

  var text: String {
    let conclusion =
      switch result.status {
      case .passed: "passed"
      case .failed: "failed"
      default: "could_not_check"
      }
    let value: JSONValue = .object([
      ("format", .string(Self.format)),
      ("tool", .object([("name", "parity"), ("version", .string(Parity.version))])),
      ("conclusion", .string(conclusion)),
      ("files", .integer(result.reading.files.count)),
      ("rules", .array(result.rules.sorted().map { .string($0.rawValue) })),
      ("findings", .array(result.findings.map { .object(members($0)) })),
      (
        "allowed",
        .array(
          result.allowed.map { .object(members($0.finding) + [("because", .string($0.reason))]) })
      ),
      ("informational", .array(result.informational.map { .object(members($0)) })),
      ("excluded", .integer(result.excludedCount)),
      ("excluded_files", .integer(result.excludedFiles)),
      (
        "could_not_read",
        .array(result.unreadable.map(unread) + result.problems.map(unread))
      ),
      ("left_out", .array(result.reading.skipped.map { .string($0) })),
    ])
    return value.rendered() + "\n"
  }

  private func members(_ finding: LintReport.Finding) -> [(String, JSONValue)] {
    [
      ("rule", .string(finding.rule.rawValue)), ("file", .string(finding.file)),
      ("line", .integer(finding.line)), ("column", .integer(finding.column)),
      ("end_line", .integer(finding.place.end.line)),
      ("end_column", .integer(finding.place.end.column)),
      ("expression", .string(finding.expression)), ("message", .string(finding.sentence)),
      ("remedy", .string(finding.remedy)),
    ]
  }

  private func unread(_ unreadable: LintReport.Unreadable) -> JSONValue {
    .object([
      ("reason", .string(unreadable.reason)), ("file", .string(unreadable.file)),
      ("line", .integer(unreadable.place.start.line)),
      ("column", .integer(unreadable.place.start.column)),
    ])
  }

  private func unread(_ problem: Verdict.Unchecked) -> JSONValue {
    .object([("reason", .string(problem.reason))])
  }
}
