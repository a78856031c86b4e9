import Diagnostics
package import SpecCore

/// The account of one case that did not pass: what, where, which rows, and how to see it again.
///
/// Terminal, JUnit and HTML show the same words.
package struct MismatchText: Sendable {
  /// What happened, in one line.
  package let message: String
  /// The lines below the message, indented by two columns.
  package let details: [String]
  /// `FAIL shop.tables.orders.checksum: 2 of 48,210 rows differ`.
  package let headline: String

  package init(of result: CaseResult, in run: RunResult, look: Look = .plain) {
    self.init(of: result, in: run, look: look, longestSQL: .max)
  }

  /// Cuts statements, which where they are too long to be shown are too long to be gone through.
  init(of result: CaseResult, in run: RunResult, look: Look, longestSQL: Int) {
    let standing = result.standing(strict: run.strict)
    message = result.message
    let account = Account(
      result: result, run: run, look: look, message: message, longestSQL: longestSQL)
    details = account.lines
    let word = String(standing.word.prefix { $0 != " " })
    headline =
      standing.colour(word, in: look) + " "
      + look.style.bold("\(oneLine(redacted(result.id.description))): \(message)")
  }

  /// The headline and all details.
  package var text: String { ([headline] + details).joined(separator: "\n") + "\n" }
}

extension CaseResult {
  /// The line that says what happened; differences with unchecked parts beside say both.
  var message: String {
    let fallback = verdict.findings.first ?? verdict.unchecked.first?.reason
    let summary = verdict.summary.isEmpty ? fallback ?? outcome.rawValue : verdict.summary
    let line = oneLine(redacted(summary))
    let said = line.isEmpty ? outcome.rawValue : line
    guard !verdict.findings.isEmpty, !verdict.unchecked.isEmpty else {
      return cut(said, to: 1_000)
    }
    let also = "; \(counted(verdict.unchecked.count, "part")) could not be checked"
    return cut(said, to: 1_000 - also.count) + also
  }
}

/// Gathers the lines below the message.
private struct Account {
  /// How many findings are told one by one; the JSON report has all.
  static let most = 50
  /// How many characters of a finding are told.
  static let longest = 1_000

  let result: CaseResult
  let run: RunResult
  let look: Look
  let message: String
  let longestSQL: Int

  var lines: [String] {
    var lines = ["  at \(place(of: result.range))"]
    lines += labelled("waived", excuse)
    lines += SideLines(result: result, run: run).lines
    if let rows = result.verdict.rows { lines += RowLines(rows: rows, look: look).lines }
    if let timings = result.verdict.timings { lines += TimingTable(timings: timings).lines }
    lines += labelled("found", findings)
    lines += unchecked
    lines += labelled("retried", result.retries.map { "after \($0.type): \($0.reason)" })
    lines += labelled("note", result.verdict.notes)
    lines += labelled("likely", result.verdict.rows?.likely ?? [])
    lines += labelled("again", [run.command ?? run.command(selecting: result.id)])
    lines += statements
    return lines
  }

  /// The waiver; where it does not help, why.
  private var excuse: [String] {
    guard let waiver = result.waiver else { return [] }
    let words = "\(waiver.reason) (\(place(of: waiver.range)))"
    return result.outcome == .waived
      ? [words] : [words, "what differs is excused by this, what could not be checked is not"]
  }

  /// Findings, without one that the message repeats word by word.
  private var findings: [String] {
    let findings = result.verdict.findings
    return findings.count == 1 && oneLine(redacted(findings[0])) == message ? [] : findings
  }

  private var unchecked: [String] {
    // An error's message may be its reason already.
    let parts = result.verdict.unchecked.filter {
      $0.remedy != nil || oneLine(redacted($0.reason)) != message
    }
    var lines = parts.prefix(Self.most).flatMap { part in
      hanging("  could not check (\(oneLine(part.type))): ", shortened(part.reason), indent: 4)
        + (part.remedy.map { hanging("    remedy: ", $0, indent: 6) } ?? [])
    }
    if parts.count > Self.most {
      lines.append("  could not check \(grouped(parts.count - Self.most)) more")
    }
    return lines
  }

  private func labelled(_ label: String, _ texts: [String]) -> [String] {
    let start = "  " + padded(label, to: 8)
    var lines = texts.prefix(Self.most).flatMap { hanging(start, shortened($0), indent: 10) }
    if texts.count > Self.most {
      lines.append("\(start)and \(grouped(texts.count - Self.most)) more")
    }
    return lines
  }

  private func shortened(_ text: String) -> String {
    cut(text, to: Self.longest, mark: look.ellipsis)
  }

  /// What shows the rows; where there are none, the statements that were sent.
  private var statements: [String] {
    let rows = result.verdict.rows
    var lines: [String] = []
    for side in Side.allCases {
      let shown = side == .source ? rows?.sourceSQL : rows?.targetSQL
      let all = result.statements.filter { $0.side == side }.map(\.sql)
      // What was tried as somebody else says more than the catalogs that were read before.
      let isTried = { (sql: String) in sql.hasPrefix("-- as ") }
      let sent = all.filter(isTried).reversed() + all.filter { !isTried($0) }
      let texts = shown.map { [$0] } ?? (rows == nil ? Array(sent.prefix(2)) : [])
      for text in texts {
        let sql = terminated(cut(text, to: longestSQL, mark: look.ellipsis))
        lines += hanging("  \(side.rawValue)> ", sql, indent: 10)
      }
      if shown == nil, rows == nil, sent.count > 2 {
        lines.append("  \(side.rawValue)> -- and \(counted(sent.count - 2, "more statement"))")
      }
    }
    return lines
  }

  private func terminated(_ sql: String) -> String {
    var sql = sql
    while let last = sql.last, last.isWhitespace || last == ";" { sql.removeLast() }
    return sql + ";"
  }
}

extension RunResult {
  /// The command that runs the spec again, or one of its checks.
  func command(selecting id: CheckID?) -> String {
    let environment = environment.map { " --env \(shellWord($0))" } ?? ""
    // What is wrong with the run itself cannot be selected.
    let wanted = id.flatMap { $0.section == Self.ownSection ? nil : $0 }
    let select = wanted.map { " --select \(shellWord($0.description))" } ?? ""
    return "parity run \(shellWord(spec.path))\(select)\(environment)"
  }
}

/// `specs/shop.yml:31`, as editors and build servers find it.
func place(of range: SourceRange) -> String {
  "\(oneLine(range.file)):\(max(1, range.start.line))"
}

/// A text behind a label, its further lines indented.
func hanging(_ label: String, _ text: String, indent: Int) -> [String] {
  let margin = String(repeating: " ", count: indent)
  return cleanLines(redacted(text)).enumerated().map { number, line in
    number == 0 ? label + line : line.isEmpty ? "" : margin + line
  }
}

/// The word as a shell takes it, in quotes where it must be.
func shellWord(_ word: String) -> String {
  let clean = oneLine(word)
  let isPlain = clean.unicodeScalars.allSatisfy {
    $0.properties.isAlphabetic || $0.properties.numericType == .decimal
      || "._-/:@%+=,".unicodeScalars.contains($0)
  }
  guard !isPlain || clean.isEmpty else { return clean }
  return "'" + clean.replacing("'", with: "'\\''") + "'"
}

extension Waiver {
  /// `until 2027-01-31 by dan@example.com (OPS-123): the loader is repaired in release 42`.
  var reason: String { "\(terms): \(because)" }
}
