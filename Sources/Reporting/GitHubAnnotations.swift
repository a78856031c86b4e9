import Diagnostics
package import SpecCore

/// Writes GitHub's workflow commands, which mark the lines of the spec that asked.
package struct GitHubAnnotations: Reporter {
  /// GitHub shows no more than this of one step and level.
  static let most = 10

  package init() {}

  /// What is waived first, then failures, errors and warnings; then how many more there are.
  ///
  /// Waived and warned cases share a level, as GitHub has no other that is seen.
  package func render(_ result: RunResult) -> String {
    let all = result.reportedSuites.flatMap(\.cases)
    func cases(_ standing: Standing) -> [CaseResult] {
      all.filter { $0.standing(strict: result.strict) == standing }
    }
    let bad = cases(.failed) + cases(.errored)
    let waived = cases(.waived)
    let warned = cases(.warned)
    let room = max(0, Self.most - waived.count)
    var lines = waived.prefix(Self.most).map { command("warning", $0, in: result) }
    lines += bad.prefix(Self.most).map { command("error", $0, in: result) }
    lines += warned.prefix(room).map { command("warning", $0, in: result) }
    let more = waived.count + bad.count + warned.count - lines.count
    if more > 0 {
      let text = "\(counted(more, "more check")) did not pass; the report lists them all"
      lines.append("::notice title=Parity::\(Self.data(text))")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func command(_ level: String, _ result: CaseResult, in run: RunResult) -> String {
    let mismatch = MismatchText(of: result, in: run)
    let file = Self.property(JUnitNames.path(result.range.file))
    let line = max(1, result.range.start.line)
    let title = Self.property(oneLine(redacted(result.id.description)))
    // The place is said already; the rest of the account fits below a line of code.
    let details = mismatch.details.dropFirst().prefix(8)
    let message = (result.outcome == .waived ? "waived: " : "") + mismatch.message
    let text = redacted(([message] + details).joined(separator: "\n"))
    return "::\(level) file=\(file),line=\(line),title=\(title)::\(Self.data(cut(text, to: 4_000)))"
  }

  /// Text behind the second pair of colons.
  static func data(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": output += "%25"
      case "\r": output += "%0D"
      case "\n": output += "%0A"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  /// The value of a property.
  static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
