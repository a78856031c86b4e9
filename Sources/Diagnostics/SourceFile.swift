/// A text a person wrote, with a name to show and lines to point at.
///
/// A leading byte order mark is no part of the text: offsets count from the first character after it.
package struct SourceFile: Hashable, Sendable {
  /// The name diagnostics show: a path as the user gave it, or `<stdin>`.
  package let name: String
  /// The whole text, without a leading byte order mark.
  package let text: String
  /// Byte offsets at which the lines begin; never empty, as even an empty text has one line.
  private let lineStarts: [Int]

  package init(name: String, text: String) {
    var text = text
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    // Native storage makes an offset into the UTF-8 view a constant-time step.
    text.makeContiguousUTF8()
    self.name = name
    self.text = text
    var starts = [0]
    for (offset, byte) in text.utf8.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// How many lines the text has; a final line break opens one more, which is empty.
  package var lineCount: Int { lineStarts.count }

  /// The 1-based number of the line that holds the byte at `offset`.
  package func lineNumber(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// The byte offsets of a line without its line break (`\n` or `\r\n`), or nil beyond the text.
  package func offsets(ofLine number: Int) -> Range<Int>? {
    guard number >= 1, number <= lineStarts.count else { return nil }
    let start = lineStarts[number - 1]
    guard number < lineStarts.count else { return start..<text.utf8.count }
    let end = lineStarts[number] - 1
    return start..<(end > start && byte(at: end - 1) == UInt8(ascii: "\r") ? end - 1 : end)
  }

  /// The words of a line without its line break, or nil beyond the text.
  package func line(_ number: Int) -> Substring? {
    offsets(ofLine: number).map { self[$0] }
  }

  /// The text between two byte offsets, widened to whole Unicode scalars.
  package subscript(offsets: Range<Int>) -> Substring {
    let bytes = text.utf8
    let whole = offsets.clamped(to: 0..<bytes.count)
    var start = bytes.index(bytes.startIndex, offsetBy: whole.lowerBound)
    var end = bytes.index(bytes.startIndex, offsetBy: whole.upperBound)
    while start > bytes.startIndex, start < bytes.endIndex, isContinuation(bytes[start]) {
      start = bytes.index(before: start)
    }
    while end < bytes.endIndex, isContinuation(bytes[end]) { end = bytes.index(after: end) }
    return text[start..<end]
  }

  /// The place of the byte at `offset`, which is moved into the text when it lies outside.
  package func position(at offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), text.utf8.count)
    let line = lineNumber(at: offset)
    let before = self[lineStarts[line - 1]..<offset]
    return SourcePosition(line: line, column: before.unicodeScalars.count + 1, offset: offset)
  }

  /// The range between two byte offsets, which are moved into the text when they lie outside.
  package func range(_ offsets: Range<Int>) -> SourceRange {
    SourceRange(
      file: name, start: position(at: offsets.lowerBound), end: position(at: offsets.upperBound))
  }

  private func byte(at offset: Int) -> UInt8 {
    text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: offset)]
  }

  private func isContinuation(_ byte: UInt8) -> Bool { byte & 0b1100_0000 == 0b1000_0000 }
}
