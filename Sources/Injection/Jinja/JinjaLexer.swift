/// Cuts a template into text and tags, and tags into tokens.
struct JinjaLexer {
  private let bytes: [UInt8]
  private var next = 0
  /// The stretches found so far, in order; together they are the whole template.
  private(set) var pieces: [JinjaPiece] = []
  /// The tokens of all tags.
  private(set) var tokens: [JinjaToken] = []
  /// What could not be read; everything after an unfinished tag is left out.
  private(set) var problem: Problem?

  /// Reads a whole template.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    read()
  }

  private func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  private mutating func read() {
    var textStart = 0
    while next < bytes.count {
      guard bytes[next] == UInt8(ascii: "{") else {
        next += 1
        continue
      }
      let mark = byte(next + 1)
      guard
        mark == UInt8(ascii: "{") || mark == UInt8(ascii: "%") || mark == UInt8(ascii: "#")
      else {
        next += 1
        continue
      }
      if textStart < next { add(.text, textStart..<next) }
      let start = next
      next += 2
      let isRead = mark == UInt8(ascii: "#") ? readComment(start) : readTag(start, mark)
      guard isRead else { return }
      textStart = next
    }
    if textStart < bytes.count { add(.text, textStart..<bytes.count) }
  }

  private mutating func add(_ kind: JinjaPiece.Kind, _ range: Range<Int>) {
    pieces.append(JinjaPiece(kind: kind, whole: range, inner: range))
  }

  private mutating func readComment(_ start: Int) -> Bool {
    while next + 1 < bytes.count {
      if bytes[next] == UInt8(ascii: "#"), bytes[next + 1] == UInt8(ascii: "}") {
        let inner = start + 2..<next
        next += 2
        pieces.append(JinjaPiece(kind: .comment, whole: start..<next, inner: inner))
        return true
      }
      next += 1
    }
    problem = Problem(offset: start, reason: "a comment {# is not closed by #}")
    return false
  }

  /// Reads `{{ … }}` or `{% … %}`; a brace that closes a dictionary does not end the tag.
  private mutating func readTag(_ start: Int, _ mark: UInt8) -> Bool {
    let closing = mark == UInt8(ascii: "{") ? UInt8(ascii: "}") : mark
    let firstToken = tokens.count
    if byte(next) == UInt8(ascii: "-") || byte(next) == UInt8(ascii: "+") { next += 1 }
    var depth = 0
    while next < bytes.count {
      let byte = bytes[next]
      let isControl = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      let end = isControl ? next + 1 : next
      if depth == 0, self.byte(end) == closing, self.byte(end + 1) == UInt8(ascii: "}") {
        let inner = start + 2..<next
        next = end + 2
        let isOutput = mark == UInt8(ascii: "{")
        let piece = JinjaPiece(
          kind: isOutput ? .output : .statement, whole: start..<next, inner: inner,
          tokens: firstToken..<tokens.count)
        if !isOutput, isWord("raw", piece.tokens) { return readRaw(start) }
        pieces.append(piece)
        return true
      }
      switch byte {
      case _ where byte.isBlank: next += 1
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard readString(byte) else { return false }
      case _ where byte.beginsName: readWhile(.name) { $0.continuesName }
      case _ where byte.isDigit: readNumber()
      default:
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") {
          depth += 1
        } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: ")")
          || byte == UInt8(ascii: "]")
        {
          depth -= 1
        }
        readSign(byte)
      }
    }
    let marks = mark == UInt8(ascii: "{") ? ("{{", "}}") : ("{%", "%}")
    problem = Problem(offset: start, reason: "a tag \(marks.0) is not closed by \(marks.1)")
    return false
  }

  private func isWord(_ word: String, _ tokens: Range<Int>) -> Bool {
    tokens.count == 1 && bytes.equals(word, in: self.tokens[tokens.lowerBound].range)
  }

  private mutating func readString(_ quote: UInt8) -> Bool {
    let start = next
    next += 1
    while next < bytes.count {
      if bytes[next] == UInt8(ascii: "\\") {
        next += 2
      } else if bytes[next] == quote {
        next += 1
        tokens.append(JinjaToken(kind: .string, start: start, end: next))
        return true
      } else {
        next += 1
      }
    }
    problem = Problem(offset: start, reason: "a text in quotes inside a tag is not closed")
    return false
  }

  private mutating func readWhile(_ kind: JinjaToken.Kind, _ belongs: (UInt8) -> Bool) {
    let start = next
    while next < bytes.count, belongs(bytes[next]) { next += 1 }
    tokens.append(JinjaToken(kind: kind, start: start, end: next))
  }

  private mutating func readNumber() {
    let start = next
    while next < bytes.count, bytes[next].continuesName || bytes[next] == UInt8(ascii: ".") {
      // `1.x` is an attribute only by mistake, `1..` never a number.
      if bytes[next] == UInt8(ascii: "."), !byte(next + 1).isDigit { break }
      next += 1
    }
    tokens.append(JinjaToken(kind: .number, start: start, end: next))
  }

  private mutating func readSign(_ byte: UInt8) {
    let second = self.byte(next + 1)
    let isDouble =
      second == UInt8(ascii: "=")
      && (byte == UInt8(ascii: "=") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "<")
        || byte == UInt8(ascii: ">"))
      || second == byte && (byte == UInt8(ascii: "*") || byte == UInt8(ascii: "/"))
    let length = isDouble ? 2 : 1
    tokens.append(JinjaToken(kind: .sign, start: next, end: next + length))
    next += length
  }

  /// Takes everything up to `{% endraw %}` as text.
  private mutating func readRaw(_ start: Int) -> Bool {
    tokens.removeLast()
    let textStart = next
    while next + 1 < bytes.count {
      if bytes[next] == UInt8(ascii: "{"), bytes[next + 1] == UInt8(ascii: "%"),
        let end = endOfRaw(next)
      {
        pieces.append(
          JinjaPiece(kind: .comment, whole: start..<textStart, inner: start..<start))
        if textStart < next { add(.text, textStart..<next) }
        pieces.append(JinjaPiece(kind: .comment, whole: next..<end, inner: next..<next))
        next = end
        return true
      }
      next += 1
    }
    problem = Problem(offset: start, reason: "a block {% raw %} is not closed by {% endraw %}")
    return false
  }

  private func endOfRaw(_ start: Int) -> Int? {
    var place = start + 2
    if byte(place) == UInt8(ascii: "-") || byte(place) == UInt8(ascii: "+") { place += 1 }
    while byte(place).isBlank { place += 1 }
    guard bytes.holds("endraw", at: place) else { return nil }
    place += 6
    while byte(place).isBlank { place += 1 }
    if byte(place) == UInt8(ascii: "-") || byte(place) == UInt8(ascii: "+") { place += 1 }
    guard byte(place) == UInt8(ascii: "%"), byte(place + 1) == UInt8(ascii: "}") else { return nil }
    return place + 2
  }
}
