/// A word, name, number, text or mark of a query.
struct QueryToken: Hashable {
  enum Kind: Hashable {
    /// In small letters.
    case word(String)
    case quoted(String)
    case number(String)
    case text
    case parameter(String)
    case symbol(UInt8)
  }

  let kind: Kind
  /// Open parentheses and brackets around it.
  let depth: Int
  /// Its place in the bytes.
  let range: Range<Int>

  var isWith: Bool { kind == .word("with") }
}

/// Takes a query apart as an engine reads it.
struct QueryLexer {
  private let bytes: [UInt8]
  private let isSnowflake: Bool
  private var position = 0
  private var depth = 0
  private var found: [QueryToken] = []
  /// Where the statement ends: at a semicolon, or with the text.
  private var end: Int

  init(_ bytes: [UInt8], _ engine: Engine) {
    self.bytes = bytes
    isSnowflake = engine == .snowflake
    end = bytes.count
  }

  /// Every token of the one statement.
  mutating func tokens() throws(QueryText.Problem) -> [QueryToken] {
    var hasEnded = false
    while position < bytes.count {
      let byte = bytes[position]
      if Self.isBlank(byte) {
        position += 1
        continue
      }
      if try skipComment() { continue }
      if hasEnded { throw problem("there is more behind the `;`") }
      if byte == UInt8(ascii: ";") {
        hasEnded = true
        end = position
        position += 1
        continue
      }
      try readToken(byte)
    }
    if depth > 0 { throw problem("a parenthesis is not closed") }
    return found
  }

  /// The statement in parts, a parameter each for itself.
  func parts(_ tokens: [QueryToken]) -> [QueryText.Part] {
    var parts: [QueryText.Part] = []
    var start = 0
    func add(_ range: Range<Int>) {
      guard !range.isEmpty else { return }
      parts.append(.text(String(decoding: bytes[range], as: UTF8.self)))
    }
    for token in tokens {
      guard case .parameter(let name) = token.kind else { continue }
      add(start..<token.range.lowerBound)
      parts.append(.parameter(name))
      start = token.range.upperBound
    }
    add(start..<max(start, end))
    return parts
  }

  // MARK: Tokens

  private mutating func readToken(_ byte: UInt8) throws(QueryText.Problem) {
    let start = position
    switch byte {
    case 0: throw problem("there is a NUL in it")
    case UInt8(ascii: "'"):
      // Postgres knows escapes behind an E only, Snowflake everywhere.
      try skipQuoted(byte, escapes: isSnowflake || isBehindE)
      add(.text, start)
    case UInt8(ascii: "\""):
      try skipQuoted(byte, escapes: false)
      let inner = String(decoding: bytes[(start + 1)..<(position - 1)], as: UTF8.self)
      add(.quoted(inner.replacing("\"\"", with: "\"")), start)
    case UInt8(ascii: "$") where dollarTag != nil:
      try skipDollars()
      add(.text, start)
    case UInt8(ascii: ":") where next == UInt8(ascii: ":"):
      position += 2
    case UInt8(ascii: ":") where Self.beginsName(next) && !isBehindValue:
      position += 1
      let name = readName()
      add(.parameter(name), start)
    case UInt8(ascii: "{") where next == UInt8(ascii: "{") || next == UInt8(ascii: "%"):
      throw problem("it holds a template, and nothing fills it in")
    case UInt8(ascii: "("), UInt8(ascii: "["):
      add(.symbol(byte), start, length: 1)
      depth += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"):
      depth -= 1
      if depth < 0 { throw problem("a parenthesis is closed that was not opened") }
      add(.symbol(byte), start, length: 1)
    case _ where Self.beginsName(byte):
      add(.word(readName().lowercased()), start)
    case 0x30...0x39:
      while position < bytes.count,
        Self.isName(bytes[position]) || bytes[position] == UInt8(ascii: ".")
      { position += 1 }
      add(.number(String(decoding: bytes[start..<position], as: UTF8.self)), start)
    default: add(.symbol(byte), start, length: 1)
    }
  }

  private mutating func add(_ kind: QueryToken.Kind, _ start: Int, length: Int? = nil) {
    if let length { position = start + length }
    found.append(QueryToken(kind: kind, depth: depth, range: start..<position))
  }

  private mutating func readName() -> String {
    let start = position
    while position < bytes.count, Self.isName(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private var next: UInt8 { position + 1 < bytes.count ? bytes[position + 1] : 0 }

  /// Whether a value ends right before: `a[1:n]` and `v:field` hold no parameter.
  private var isBehindValue: Bool {
    guard position > 0 else { return false }
    let byte = bytes[position - 1]
    return Self.isName(byte) || [")", "]", "\"", "'"].contains(Character(Unicode.Scalar(byte)))
  }

  private var isBehindE: Bool {
    guard position > 0, bytes[position - 1] & 0xDF == UInt8(ascii: "E") else { return false }
    return position < 2 || !Self.isName(bytes[position - 2])
  }

  private static func beginsName(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80 || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private static func isName(_ byte: UInt8) -> Bool {
    beginsName(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "$")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  // MARK: What is passed over

  private mutating func skipComment() throws(QueryText.Problem) -> Bool {
    let byte = bytes[position]
    let isLine =
      byte == UInt8(ascii: "-") && next == byte
      || isSnowflake && byte == UInt8(ascii: "/") && next == byte
    if isLine {
      while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      return true
    }
    guard byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") else { return false }
    // Postgres nests them, Snowflake does not.
    var open = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "/"), next == UInt8(ascii: "*"), open == 0 || !isSnowflake
      {
        open += 1
        position += 2
      } else if bytes[position] == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
        open -= 1
        position += 2
        if open == 0 { return true }
      } else {
        position += 1
      }
    }
    throw problem("a comment is not closed")
  }

  private mutating func skipQuoted(_ mark: UInt8, escapes: Bool) throws(QueryText.Problem) {
    position += 1
    while position < bytes.count {
      if escapes, bytes[position] == UInt8(ascii: "\\") {
        position += 2
      } else if bytes[position] != mark {
        position += 1
      } else if next == mark {
        position += 2
      } else {
        position += 1
        return
      }
    }
    throw problem("a quotation mark is not closed")
  }

  /// `$$` or `$tag$` at the position.
  private var dollarTag: ArraySlice<UInt8>? {
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "$"), Self.isName(bytes[end]) { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$"),
      end == position + 1 || !(0x30...0x39).contains(bytes[position + 1])
    else { return nil }
    return bytes[position...end]
  }

  private mutating func skipDollars() throws(QueryText.Problem) {
    guard let tag = dollarTag else { return }
    position += tag.count
    while position + tag.count <= bytes.count {
      if bytes[position..<(position + tag.count)].elementsEqual(tag) {
        position += tag.count
        return
      }
      position += 1
    }
    throw problem("a dollar quotation is not closed")
  }

  private func problem(_ reason: String) -> QueryText.Problem { QueryText.Problem(reason: reason) }
}
