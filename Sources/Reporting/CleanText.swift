import Diagnostics

/// The text as one line: line breaks and tabs become a blank, what cannot be seen is spelled out.
package func oneLine(_ text: String) -> String {
  guard !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return inert(trimmed(text)) }
  let parts = text.split(omittingEmptySubsequences: true) {
    $0 == "\n" || $0 == "\r" || $0 == "\r\n" || $0 == "\t"
  }
  return inert(trimmed(parts.map { spelledOut(String($0)) }.joined(separator: " ")))
}

/// The lines of a text, each without what a terminal would act on or a reader not see.
func cleanLines(_ text: String) -> [String] {
  let clean = lines(of: text).map { line in
    let isPlain = line.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    var line =
      isPlain ? line : spelledOut(line.map { $0 == "\t" ? "  " : String($0) }.joined())
    while line.last == " " { line.removeLast() }
    return inert(line)
  }
  return Array(clean.reversed().drop(while: \.isEmpty).reversed())
}

private func lines(of text: String) -> [String] {
  // A carriage return is rare, and text is split by bytes much faster than by characters.
  if !text.utf8.contains(UInt8(ascii: "\r")) {
    return text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }
  return text.split(omittingEmptySubsequences: false) {
    $0 == "\n" || $0 == "\r\n" || $0 == "\r"
  }.map(String.init)
}

/// The text up to this many Unicode scalars, with the mark where something was cut.
func cut(_ text: String, to limit: Int, mark: String = "…") -> String {
  let scalars = text.unicodeScalars
  // Counting all of a very long text would take longer than cutting it.
  let isLong =
    text.utf8.count > limit && scalars.dropFirst(limit).startIndex < scalars.endIndex
  guard isLong else { return text }
  return String(scalars.prefix(limit - mark.unicodeScalars.count)) + mark
}

/// The line without what build servers take for a command when they read it in a log.
private func inert(_ line: String) -> String {
  var line = line
  let bytes = line.utf8
  if zip(bytes, bytes.dropFirst()).contains(where: { $0 == UInt8(ascii: "#") && $0 == $1 }) {
    line = line.replacing(/##(?=\[|vso\[|teamcity\[)/, with: "# #")
  }
  if bytes.drop(while: { $0 == UInt8(ascii: " ") }).starts(with: "::".utf8) {
    line = line.replacing(/^(\s*):(:[A-Za-z\-]+(?: [^:]*)?::)/) { "\($0.output.1): \($0.output.2)" }
  }
  return line
}

private func trimmed(_ text: String) -> String {
  let start = text.drop { $0 == " " }
  var end = start
  while end.last == " " { end.removeLast() }
  return String(end)
}

/// The line with every character that cannot be seen spelled out, those of emoji aside.
func spelledOut(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { HiddenCharacter($0) != nil }) else { return text }
  var shown = ""
  for character in text {
    let isPicture = character.unicodeScalars.first.map { !$0.isASCII && $0.properties.isEmoji }
    for scalar in character.unicodeScalars {
      if isPicture != true, HiddenCharacter(scalar) != nil {
        shown += scalar.codePoint
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
  }
  return shown
}
