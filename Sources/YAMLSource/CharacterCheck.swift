import Diagnostics

/// Finds what a reviewer of a spec could not see, before anything is read.
enum CharacterCheck {
  /// Reports every hidden character of the file, and returns its text with none of them left;
  /// with `allowsHidden` only those are reported that end lines for some programs only.
  ///
  /// Each is replaced by one visible character, so that reading can go on and its places stay true.
  static func readableText(
    of file: SourceFile, allowsHidden: Bool, reporting mistakes: inout Mistakes
  ) -> String {
    guard file.text.unicodeScalars.contains(where: { isSuspect($0) }) else { return file.text }
    var text = String.UnicodeScalarView()
    var line = 1
    var column = 1
    var offset = 0
    var run: Run?
    let scalars = file.text.unicodeScalars
    for (index, scalar) in zip(scalars.indices, scalars) {
      let place = SourcePosition(line: line, column: column, offset: offset)
      if let run, run.scalar != scalar, !allowsHidden || run.scalar == "\r" {
        run.report(in: file.name, to: place, &mistakes)
      }
      if run?.scalar != scalar { run = nil }
      offset += UTF8.width(scalar)
      column += 1
      let next = scalars.index(after: index)
      let isLineBreak = scalar == "\r" && next < scalars.endIndex && scalars[next] == "\n"
      if isSuspect(scalar), !isLineBreak {
        run = run ?? Run(scalar: scalar, start: place)
        text.append("\u{FFFD}")
      } else {
        text.append(scalar)
      }
      if scalar == "\n" { (line, column) = (line + 1, 1) }
    }
    let end = SourcePosition(line: line, column: column, offset: offset)
    if let run, !allowsHidden || run.scalar == "\r" {
      run.report(in: file.name, to: end, &mistakes)
    }
    return String(text)
  }

  /// The first hidden character of a text in which tabs and line breaks are welcome.
  static func firstHidden(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { isSuspect($0) && $0 != "\r" }
  }

  private static func isSuspect(_ scalar: Unicode.Scalar) -> Bool {
    scalar != "\n" && scalar != "\t" && HiddenCharacter(scalar) != nil
  }
}

/// The same hidden character once or several times in a row, which is one mistake.
private struct Run {
  let scalar: Unicode.Scalar
  let start: SourcePosition

  func report(in file: String, to end: SourcePosition, _ mistakes: inout Mistakes) {
    mistakes.report(.hidden(scalar), at: SourceRange(file: file, start: start, end: end))
  }
}

extension Diagnostic.Message {
  /// Refuses a character that stands in the file as it is.
  fileprivate static func hidden(_ scalar: Unicode.Scalar) -> Self {
    if scalar == "\r" {
      return Self(
        "E0018", "carriage return without a line feed",
        label: "a line break to some programs only: save the file with line feeds")
    }
    let label =
      switch HiddenCharacter(scalar) {
      case .bidirectional: "delete it: it reorders what a reader sees"
      case .lineSeparator: "use a line feed: this is a line break to some programs only"
      default: "delete it: a reader cannot see it"
      }
    return Self("E0018", "\(describe(scalar)) is not allowed", label: label)
  }

  /// Refuses a character that an escape in double quotes stands for.
  static func escapedHidden(_ scalar: Unicode.Scalar) -> Self {
    Self(
      "E0018", "\(describe(scalar)) is not allowed, not even as an escape",
      label: "the escape is in this text",
      notes: ["in SQL a character can be written by its number: chr(…), U&'…'"])
  }

  private static func describe(_ scalar: Unicode.Scalar) -> String {
    let kind =
      switch HiddenCharacter(scalar) {
      case .control: "control character"
      case .bidirectional: "bidirectional character"
      case .lineSeparator: "line separator"
      case .invisible: "invisible character"
      case .noncharacter, nil: "character"
      }
    // Control characters have no name.
    let name = scalar.properties.name.map { " (\($0))" } ?? ""
    return "\(kind) \(scalar.codePoint)\(name)"
  }
}
