import Diagnostics
package import SpecCore

/// One suite that is finished, as one line of at most `width` columns.
///
/// `✗ orders             1 of 6 failed: checksum                          9.8s`
package func suiteLine(
  _ suite: SuiteResult, look: Look, width: Int, strict: Bool = false
) -> String {
  let tally = SuiteTally(suite, look: look, strict: strict)
  let time = duration(suite.seconds)
  let name = padded(fitted(shortName(suite.name), to: nameWidth, look: look), to: nameWidth)
  // Two blanks, the mark, a blank, two blanks behind the name, two before the time.
  let room = width - 4 - nameWidth - 2 - 2 - max(time.count, 6)
  let words = padded(fitted(tally.words, to: max(8, room), look: look), to: max(8, room))
  let gap = String(repeating: " ", count: max(0, 6 - time.count))
  let mark = tally.standing.colour(tally.standing.mark(in: look), in: look)
  return "  \(mark) \(name)  \(words)  \(gap)\(look.style.dim(time))"
}

/// A finished suite as it stays on the screen: one line, and one more for each case that needs a
/// reader.
package func suiteLines(
  _ suite: SuiteResult, look: Look, width: Int, strict: Bool = false
) -> [String] {
  let open = suite.cases.filter { ![.passed, .skipped].contains($0.standing(strict: strict)) }
  let lines = open.map { result in
    let word = result.standing(strict: strict).word(in: look)
    let text = oneLine(redacted("\(result.id.check): \(result.verdict.summary)"))
    let room = width - 7 - result.standing(strict: strict).word.count
    return "      \(word) \(fitted(text, to: max(8, room), look: look))"
  }
  return [suiteLine(suite, look: look, width: width, strict: strict)] + lines
}

/// A suite that is still being asked: `⠹ order_items        checksum    31.0s`.
///
/// `rows` are forms of what is known of its rows, the longest first; `others` counts suites that have
/// no line of their own. `frame` counts redraws and turns the mark.
package func runningLine(
  suite: String, words: String, rows: [String] = [], others: Int = 0, frame: Int, elapsed: Double,
  look: Look, width: Int
) -> String {
  let frames = look.usesUnicode ? Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏") : Array("|/-\\")
  let mark = frames[abs(frame % frames.count)]
  let name = padded(fitted(shortName(suite), to: nameWidth, look: look), to: nameWidth)
  let time = duration(elapsed)
  let room = max(8, width - 4 - nameWidth - 2 - 2 - max(time.count, 6))
  let more = others > 0 ? ", and \(grouped(others)) more" : ""
  let known = rows.map { words.isEmpty ? $0 : "\(words): \($0)" }
  let forms = (known.map { $0 + more } + known + [words + more]).map(oneLine)
  let chosen = forms.first { displayWidth(of: $0) <= room } ?? oneLine(words + more)
  let text = padded(fitted(chosen, to: room, look: look), to: room)
  let gap = String(repeating: " ", count: max(0, 6 - time.count))
  return "  \(look.style.cyan(String(mark))) \(name)  \(text)  \(gap)\(look.style.dim(time))"
}

/// `[########------]  31/54   1 failed  1 warning   1m12s, about 50s left`, at most `width` wide.
///
/// `atLeast` are the seconds that what is being read will still take; `nil` where nobody knows, and
/// then no end is told.
package func progressLine(
  done: Int, total: Int, failed: Int, warned: Int, errored: Int, elapsed: Double,
  atLeast: Double? = 0, width: Int, look: Look
) -> String {
  let numbers = "\(grouped(done))/\(grouped(total))"
  let counts = [
    failed > 0 ? look.style.red("\(grouped(failed)) failed") : nil,
    errored > 0 ? look.style.red(counted(errored, "error")) : nil,
    warned > 0 ? look.style.yellow(counted(warned, "warning")) : nil,
  ]
  let plain = [
    failed > 0 ? "\(grouped(failed)) failed" : nil, errored > 0 ? counted(errored, "error") : nil,
    warned > 0 ? counted(warned, "warning") : nil,
  ]
  var time = wholeDuration(elapsed)
  // A guess from very few cases, or from a moment, would jump about.
  if let atLeast, done >= 3, done < total, elapsed >= 5 {
    let left = max(elapsed / Double(done) * Double(total - done), atLeast)
    time += ", about \(wholeDuration(left)) left"
  }
  func line(_ counts: [String?], _ time: String) -> String {
    let said = counts.compactMap(\.self).joined(separator: "  ")
    return "  \(numbers)" + (said.isEmpty ? "" : "   \(said)") + "   \(time)"
  }
  if line(plain, time).count > width { time = wholeDuration(elapsed) }
  let room = min(24, width - line(plain, time).count)
  guard room >= 10 else {
    let short = fitted(String(line(plain, time).dropFirst(2)), to: width, look: look)
    return short
  }
  let cells = room - 2
  let filled = total > 0 ? min(cells, max(0, cells * done / total)) : 0
  let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled)
  return "[\(bar)]" + line(counts, time)
}

/// Columns for the name of a suite.
private let nameWidth = 18

/// The object a suite is about: its name behind the last dot.
private func shortName(_ suite: String) -> String {
  oneLine(suite.split(separator: ".").last.map(String.init) ?? suite)
}

/// The text cut to this many columns.
func fitted(_ text: String, to width: Int, look: Look) -> String {
  guard displayWidth(of: text) > width else { return text }
  var room = width - displayWidth(of: look.ellipsis)
  let kept = text.prefix { character in
    room -= displayWidth(of: character)
    return room >= 0
  }
  return kept + look.ellipsis
}

/// What a suite comes to: its worst standing, and the words for it.
private struct SuiteTally {
  let standing: Standing
  let words: String

  init(_ suite: SuiteResult, look: Look, strict: Bool) {
    let total = suite.cases.count
    func members(_ standing: Standing) -> [CaseResult] {
      suite.cases.filter { $0.standing(strict: strict) == standing }
    }
    func checks(_ cases: [CaseResult]) -> String {
      oneLine(cases.map(\.id.check).joined(separator: ", "))
    }
    let failed = members(.failed)
    let errored = members(.errored)
    let warned = members(.warned)
    let skipped = members(.skipped)
    let waived = members(.waived)
    if !failed.isEmpty {
      standing = .failed
      words = "\(grouped(failed.count)) of \(grouped(total)) failed: \(checks(failed))"
    } else if !errored.isEmpty {
      standing = .errored
      words =
        "\(grouped(errored.count)) of \(grouped(total)) could not be checked: \(checks(errored))"
    } else if let first = warned.first {
      standing = .warned
      let summary = oneLine(redacted(first.verdict.summary))
      words = "\(counted(warned.count, "warning")): \(first.id.check) \(summary)"
    } else if !skipped.isEmpty {
      standing = .skipped
      words = "\(grouped(skipped.count)) of \(grouped(total)) skipped: \(checks(skipped))"
    } else if !waived.isEmpty {
      standing = .waived
      words = "\(grouped(waived.count)) of \(grouped(total)) waived: \(checks(waived))"
    } else {
      standing = .passed
      words = counted(total, "check")
    }
  }
}
