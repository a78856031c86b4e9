import Diagnostics
import SpecCore

/// The lines of a spec as a page shows them, with the numbers that diagnostics use.
struct HTMLSpecLines {
  /// One line for each line of the file that is shown.
  let lines: [String]
  /// How many lines the file has.
  let total: Int
  /// The numbers of the lines that are shown.
  var shown: ClosedRange<Int> { lines.isEmpty ? 0...0 : 1...lines.count }

  /// Takes whole lines up to so many bytes.
  init(_ file: SourceFile?, limit: Int) {
    guard let file else {
      lines = []
      total = 0
      return
    }
    // What stands behind the last line break is no line of its own where it is empty.
    let isEnded = file.text.utf8.last == UInt8(ascii: "\n")
    total = file.lineCount - (isEnded ? 1 : 0)
    var lines: [String] = []
    var room = limit
    var isInKey = false
    for text in file.text.utf8.split(
      separator: UInt8(ascii: "\n"), maxSplits: total, omittingEmptySubsequences: false
    ).prefix(total) {
      let text = String(Substring(text))
      // Secrets cannot stand in a spec, but in its comments; a key has several lines, and the
      // numbers must stay right.
      let begins = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----")
      isInKey = isInKey || begins
      let shown = isInKey ? "(private key)" : cleanLines(redacted(text)).joined(separator: " ")
      if isInKey, text.contains("-----END ") { isInKey = false }
      // An element with the line's number stands around each.
      room -= HTMLWriter.escaped(shown).utf8.count + 40
      guard room >= 0 else { break }
      lines.append(shown)
    }
    self.lines = lines
  }
}

/// The spec itself, to whose lines everything above leads.
extension HTMLDocument {
  func specText(_ page: inout HTMLWriter) {
    section("spec", "The spec that was run", &page) { section in
      guard !specLines.lines.isEmpty else {
        section.element(
          "p", text: "The text of \(line(run.spec.path)) is not a part of this report.")
        return
      }
      section.element("p") { text in
        text.element("code", text: line(run.spec.path))
        text.write(", \(counted(specLines.total, "line")), SHA-256 ")
        text.element("code", text: line(run.spec.sha256))
      }
      section.element("pre", [("class", "spec")]) { pre in
        for (index, words) in specLines.lines.enumerated() {
          pre.element("span", [("class", "l"), ("id", "L\(index + 1)")]) { row in
            row.element("b", text: String(index + 1))
            row.write(" \(words)\n")
          }
        }
      }
      more(specLines.total - specLines.lines.count, "line", &section)
    }
  }
}
