package import SpecCore

/// Writes a summary as GitHub shows it below a job: the verdict, then what a person must look at.
///
/// GitHub refuses a summary above 1 MiB, so a longer one is cut between two parts and says so.
package struct MarkdownReporter: Reporter {
  /// Where the whole report lies, told in the last line.
  private let reportPath: String?
  private let limit: Int
  /// How many cases of one kind are told.
  private let most: Int

  package init(reportPath: String? = nil, limit: Int = 1_000_000, most: Int = 50) {
    self.reportPath = reportPath
    self.limit = limit
    self.most = most
  }

  package func render(_ result: RunResult) -> String {
    // What is told last is cut first, but for the last line, which says where everything is.
    let parts = [heading(result), counts(result)] + accounts(result) + [people(result)]
    let end = ending(result)
    var text = ""
    var left = 0
    for part in parts where !part.isEmpty {
      if left > 0 || text.utf8.count + part.utf8.count + end.utf8.count + 200 > limit {
        left += 1
      } else {
        // Items of a list stand close together, everything else apart.
        if !part.hasPrefix("- ") { text = Self.apart(text) }
        text += part
      }
    }
    text = Self.apart(text)
    if left > 0 {
      text += "And \(counted(left, "more part")) for which there is no room here.\n\n"
    }
    return text + end
  }

  /// The text with an empty line at its end.
  private static func apart(_ text: String) -> String {
    var text = text
    while !text.isEmpty, !text.hasSuffix("\n\n") { text += "\n" }
    return text
  }

  // MARK: Parts

  private func heading(_ run: RunResult) -> String {
    let excused = run.conclusion == .passed && run.counts.waived > 0
    let word = run.conclusion.word + (excused ? " with \(grouped(run.counts.waived)) waived" : "")
    let why = run.interruption.map { ", \($0.words)" } ?? ""
    return """
      ## \(word): \(Self.plain(run.spec.name)), environment \(Self.plain(run.environment ?? "default"))

      \(run.startedAt), by \(Self.plain(run.operatorName)), in \
      \(duration(run.finishedAt.seconds(since: run.startedAt)))\(why)

      """
  }

  private func counts(_ run: RunResult) -> String {
    let counts = run.counts
    let numbers = [
      counts.passed, counts.failed, counts.errored, counts.warned, counts.waived, counts.skipped,
      counts.total,
    ].map(grouped)
    return """
      | passed | failed | could not check | warned | waived | skipped | all |
      | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
      | \(numbers.joined(separator: " | ")) |

      """
  }

  /// A part for each case that did not pass, failures first.
  private func accounts(_ run: RunResult) -> [String] {
    let all = run.reportedSuites.flatMap(\.cases)
    let kinds: [(Standing, String)] = [
      (.failed, "Failed"), (.errored, "Could not be checked"), (.warned, "Warned"),
      (.waived, "Waived"), (.skipped, "Skipped"),
    ]
    return kinds.flatMap { standing, title -> [String] in
      let members = all.filter { $0.standing(strict: run.strict) == standing }
      guard !members.isEmpty else { return [] }
      let more = members.count - most
      return ["### \(title): \(grouped(members.count))\n\n"]
        + members.prefix(most).map { account($0, standing, run) }
        + (more > 0 ? ["- and \(grouped(more)) more, which the reports list\n"] : [])
    }
  }

  private func account(_ result: CaseResult, _ standing: Standing, _ run: RunResult) -> String {
    var lines = [
      "- \(Self.code(result.id.description)): \(Self.plain(result.message)) "
        + "(\(Self.plain(place(of: result.range))))"
    ]
    if let waiver = result.waiver { lines.append("  - waived \(Self.plain(waiver.reason))") }
    let findings = result.verdict.findings.filter { oneLine(redacted($0)) != result.message }
    let shown = standing == .skipped ? 0 : 3
    lines += findings.prefix(shown).map { "  - \(Self.plain($0))" }
    if findings.count > shown, shown > 0 {
      lines.append("  - and \(counted(findings.count - shown, "more finding"))")
    }
    for part in result.verdict.unchecked.prefix(shown) {
      let remedy = part.remedy.map { "; remedy: \($0)" } ?? ""
      lines.append(
        "  - could not check (\(Self.plain(part.type))): \(Self.plain(part.reason + remedy))")
    }
    let left = result.verdict.unchecked.count - shown
    if left > 0, shown > 0 { lines.append("  - and \(counted(left, "more part")) not checked") }
    if standing == .failed || standing == .errored {
      lines.append("  - again: \(Self.code(run.command ?? run.command(selecting: result.id)))")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What people are still to say; a run by itself knows of no signature.
  private func people(_ run: RunResult) -> String {
    let signers = run.signOff?.required ?? []
    guard !signers.isEmpty || !run.asked.isEmpty else { return "" }
    var lines = ["### Asked of people", ""]
    lines += signers.prefix(most).map {
      "- \(Self.plain($0.role)) (\(Self.plain($0.email))) must sign"
    }
    lines += run.asked.prefix(most).map {
      "- \(Self.code($0.id.description)), answered by \(Self.plain($0.approver)): "
        + Self.plain($0.question)
    }
    let left = max(0, signers.count - most) + max(0, run.asked.count - most)
    if left > 0 { lines.append("- and \(grouped(left)) more") }
    lines += ["", "Signatures are not looked at here; `parity verify` does.", ""]
    return lines.joined(separator: "\n")
  }

  private func ending(_ run: RunResult) -> String {
    let report = reportPath.map { ", report: \(Self.code($0))" } ?? ""
    return "Run \(Self.code(run.runID)), spec \(Self.code(run.spec.path)) "
      + "sha256:\(run.spec.sha256.prefix(8))…\(report)\n"
  }

  // MARK: Text

  /// One line that Markdown shows as it is: neither markup, nor a link, nor a mention.
  static func plain(_ text: String) -> String {
    var output = ""
    // An address would become a link.
    let clean = cut(oneLine(redacted(text)), to: 500)
      .replacing("://", with: "\u{FFFE}//").replacing("www.", with: "www\u{FFFF}")
    for scalar in clean.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      // A mention would call somebody.
      case "@": output += "&#64;"
      case "\u{FFFE}": output += "&#58;"
      case "\u{FFFF}": output += "&#46;"
      case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "+", "-", "!", "|", "~", "$":
        output += "\\"
        output.unicodeScalars.append(scalar)
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  /// The text as code, between as many backticks as it needs.
  static func code(_ text: String) -> String {
    let clean = cut(oneLine(redacted(text)), to: 500)
    var longest = 0
    var run = 0
    for scalar in clean.unicodeScalars {
      run = scalar == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    let pad = clean.hasPrefix("`") || clean.hasSuffix("`") || clean.isEmpty ? " " : ""
    return fence + pad + clean + pad + fence
  }
}
