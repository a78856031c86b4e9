/// Writes diagnostics for people: the words, the place, the line, and a caret below it.
package struct DiagnosticRenderer: Sendable {
  private let files: [String: SourceFile]
  private let style: Style

  /// Shows excerpts of `files`; a diagnostic about any other file goes without one.
  package init(files: [SourceFile], style: Style) {
    self.files = Dictionary(files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.style = style
  }

  /// The diagnostics sorted by place, one blank line between them; empty for none.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.sorted { $0.range < $1.range }.map(render).joined(separator: "\n")
  }

  private func render(_ diagnostic: Diagnostic) -> String {
    let marks = marks(of: diagnostic)
    let lastLine = marks.map(\.range.start.line).max() ?? 0
    let margin = String(repeating: " ", count: max(1, String(lastLine).count))
    var lines = [heading(diagnostic)]
    lines.append("\(margin)\(style.cyan("-->")) \(place(diagnostic.range))")
    let excerpt = excerpts(of: marks, margin: margin, diagnostic: diagnostic)
    if !excerpt.isEmpty {
      let bar = "\(margin) \(style.cyan("|"))"
      lines += [bar] + excerpt + [bar]
    }
    let help = "help: parity explain \(diagnostic.message.code)"
    // Places without an excerpt, in files not at hand, would otherwise go unsaid.
    let elsewhere = diagnostic.related
      .filter { related in !marks.contains { $0.range == related.range } }
      .map { "\(place($0.range)): \($0.text)" }
    let sign = "\(margin) \(style.cyan("="))"
    for note in diagnostic.message.notes + elsewhere + [help] {
      let parts = note.split(separator: "\n", omittingEmptySubsequences: false)
      for (number, part) in parts.enumerated() {
        lines.append(trimmed("\(number == 0 ? sign : margin + "  ") \(visible(String(part)))"))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func heading(_ diagnostic: Diagnostic) -> String {
    let message = diagnostic.message
    let level = "\(diagnostic.severity.rawValue)[\(message.code)]"
    return loud(level, diagnostic.severity) + style.bold(": " + visible(message.text))
  }

  private func loud(_ text: String, _ severity: DiagnosticSeverity) -> String {
    switch severity {
    case .error: style.red(text)
    case .warning: style.yellow(text)
    }
  }

  private func place(_ range: SourceRange) -> String {
    let name = visible(range.file)
    return range.isNone ? name : "\(name):\(range.start.line):\(range.start.column)"
  }

  /// A range to underline, with its words.
  private struct Mark {
    let range: SourceRange
    let label: String
    let isMain: Bool
    let excerpt: Excerpt
  }

  /// All that can be underlined, as a reader meets it: the diagnostic's own file first.
  private func marks(of diagnostic: Diagnostic) -> [Mark] {
    let main = (diagnostic.range, diagnostic.message.label ?? "", true)
    let all = [main] + diagnostic.related.map { ($0.range, $0.text, false) }
    let shown = all.compactMap { range, label, isMain -> Mark? in
      guard !range.isNone, let file = files[range.file],
        let excerpt = Excerpt(of: range, in: file)
      else { return nil }
      return Mark(range: range, label: label, isMain: isMain, excerpt: excerpt)
    }
    func rank(_ mark: Mark) -> Int { mark.range.file == diagnostic.range.file ? 0 : 1 }
    return shown.sorted { (rank($0), $0.range) < (rank($1), $1.range) }
  }

  private func excerpts(
    of marks: [Mark], margin: String, diagnostic: Diagnostic
  ) -> [String] {
    var lines: [String] = []
    var previous: Mark?
    var file = diagnostic.range.file
    for mark in marks {
      let number = mark.range.start.line
      if mark.range.file != file {
        file = mark.range.file
        lines.append("\(margin)\(style.cyan(":::")) \(place(mark.range))")
        previous = nil
      }
      let before = previous?.range.start.line
      let isSameLine = before == number && mark.excerpt.text == previous?.excerpt.text
      if !isSameLine {
        if let before, number > before + 1 { lines.append(style.cyan("...")) }
        let gutter = String(repeating: " ", count: margin.count - String(number).count)
        let numbered = style.cyan("\(gutter)\(number) |")
        lines.append(trimmed("\(numbered) \(mark.excerpt.text)"))
      }
      lines.append(
        "\(margin) \(style.cyan("|")) \(underline(mark, diagnostic.severity))")
      previous = mark
    }
    return lines
  }

  private func underline(_ mark: Mark, _ severity: DiagnosticSeverity) -> String {
    let carets = mark.excerpt.carets
    let indent = String(repeating: " ", count: carets.lowerBound)
    let line = String(repeating: mark.isMain ? "^" : "-", count: carets.count)
    let words = mark.label.isEmpty ? line : "\(line) \(visible(mark.label))"
    return indent + (mark.isMain ? loud(words, severity) : style.cyan(words))
  }

  /// Without the blanks at its end, which editors and reviewers stumble over in golden files.
  private func trimmed(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}
