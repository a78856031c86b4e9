/// Looks whether an author's text is one query that only reads, and ends where it seems to.
///
/// The read-only transaction and the reader's role keep anything from being changed; this keeps
/// mistakes and pasted text from ending up in the middle of another statement.
package enum QueryGuard {
  /// What is wrong with the text, in lower case; `nil` for one `SELECT`, `WITH`, `VALUES` or `TABLE`.
  package static func problem(in text: String) -> String? {
    var scanner = Scanner(Array(text.utf8))
    if let problem = scanner.scan() { return problem }
    guard let first = scanner.first else { return "there is no query in it" }
    guard ["select", "with", "values", "table", "("].contains(first) else {
      return "it begins with `\(first)`: a query begins with SELECT or WITH"
    }
    return nil
  }

  /// The query without the semicolon and the white space it may end with.
  package static func query(in text: String) -> String {
    var scanner = Scanner(Array(text.utf8))
    _ = scanner.scan()
    let bytes = scanner.bytes[..<(scanner.semicolon ?? scanner.bytes.count)]
    var end = bytes.endIndex
    while end > 0, bytes[end - 1] == 0x20 || (0x09...0x0D).contains(bytes[end - 1]) { end -= 1 }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  private struct Scanner {
    let bytes: [UInt8]
    private var position = 0
    /// The first word, in small letters, or the parenthesis that opens before it.
    private(set) var first: String?
    /// Where the semicolon stands that ends the query.
    private(set) var semicolon: Int?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    mutating func scan() -> String? {
      var depth = 0
      while position < bytes.count {
        let byte = bytes[position]
        let isBlank = byte == 0x20 || (0x09...0x0D).contains(byte)
        let isComment = beginsComment
        if semicolon != nil, !isBlank, !isComment { return "there is more behind the `;`" }
        switch byte {
        case _ where isComment:
          guard skipComment() else { return "a comment is not closed" }
          continue
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
          guard skipQuoted(byte) else { return "a quotation mark is not closed" }
          continue
        case UInt8(ascii: "$") where byteIsDollarQuote:
          guard skipDollars() else { return "a dollar quotation is not closed" }
          continue
        case UInt8(ascii: "("):
          if first == nil { first = "(" }
          depth += 1
        case UInt8(ascii: ")"):
          depth -= 1
          if depth < 0 { return "a parenthesis is closed that was not opened" }
        case UInt8(ascii: ";"):
          if first == nil { return "there is no query in it" }
          semicolon = position
        case 0: return "there is a NUL in it"
        default:
          if first == nil, !isBlank { first = word() }
        }
        position += 1
      }
      return depth > 0 ? "a parenthesis is not closed" : nil
    }

    private func word() -> String {
      let letters = bytes[position...].prefix { (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x5F }
      let text = letters.isEmpty ? bytes[position...position] : letters
      return String(decoding: text, as: UTF8.self).lowercased()
    }

    private var beginsComment: Bool {
      let (one, two) = (byte(position), byte(position + 1))
      return (one == UInt8(ascii: "-") && two == one)
        || (one == UInt8(ascii: "/") && two == UInt8(ascii: "*"))
    }

    private mutating func skipComment() -> Bool {
      if byte(position) == UInt8(ascii: "-") {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        return true
      }
      // Postgres nests them, Snowflake does not: what is balanced means the same to both.
      var depth = 0
      while position < bytes.count {
        let (one, two) = (byte(position), byte(position + 1))
        if one == UInt8(ascii: "/"), two == UInt8(ascii: "*") {
          depth += 1
          position += 2
        } else if one == UInt8(ascii: "*"), two == UInt8(ascii: "/") {
          depth -= 1
          position += 2
          if depth == 0 { return true }
        } else {
          position += 1
        }
      }
      return false
    }

    private mutating func skipQuoted(_ mark: UInt8) -> Bool {
      position += 1
      while position < bytes.count {
        if bytes[position] == mark {
          position += 1
          return true
        }
        position += 1
      }
      return false
    }

    private var byteIsDollarQuote: Bool { dollarTag != nil }

    /// `$$` or `$tag$` at the position.
    private var dollarTag: ArraySlice<UInt8>? {
      var end = position + 1
      while end < bytes.count, (0x41...0x5A).contains(bytes[end] & 0xDF) || bytes[end] == 0x5F {
        end += 1
      }
      return byte(end) == UInt8(ascii: "$") ? bytes[position...end] : nil
    }

    private mutating func skipDollars() -> Bool {
      guard let tag = dollarTag else { return true }
      position += tag.count
      while position + tag.count <= bytes.count {
        if bytes[position..<(position + tag.count)].elementsEqual(tag) {
          position += tag.count
          return true
        }
        position += 1
      }
      return false
    }
  }
}
