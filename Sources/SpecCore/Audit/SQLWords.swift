/// The words of SQL that stands in a log, statement by statement, without any literal.
///
/// Comments are left out; strings, in whatever quotation marks, become `'…'`, so that no secret is
/// kept. Names in quotation marks keep them.
struct SQLWords {
  /// Each statement as its words and marks.
  private(set) var statements: [[String]] = []

  /// More than any statement needs to be known.
  private static let most = 4_000

  init(_ text: String) {
    var reader = Reader(Array(text.utf8))
    var words: [String] = []
    var count = 0
    while count < Self.most, let word = reader.next() {
      count += 1
      if word == ";" {
        if !words.isEmpty { statements.append(words) }
        words = []
      } else {
        words.append(word)
      }
    }
    if !words.isEmpty { statements.append(words) }
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ distance: Int = 0) -> UInt8? {
      at + distance < bytes.count ? bytes[at + distance] : nil
    }

    mutating func next() -> String? {
      skipBlanks()
      guard let byte = peek() else { return nil }
      let start = at
      switch byte {
      case UInt8(ascii: "'"):
        skipString(escapes: false)
        return "'…'"
      case UInt8(ascii: "\""):
        at += 1
        while let byte = peek() {
          at += 1
          if byte == UInt8(ascii: "\"") {
            guard peek() == UInt8(ascii: "\"") else { break }
            at += 1
          }
        }
      case UInt8(ascii: "$"):
        if let tag = tag() {
          skipBody(tag)
          return "'…'"
        }
        at += 1
      case _ where isWord(byte):
        while let byte = peek(), isWord(byte) || byte == UInt8(ascii: "$") { at += 1 }
        // E'…', B'…', X'…', N'…', U&'…'.
        if peek() == UInt8(ascii: "'"), at - start == 1,
          "EeBbXxNn".utf8.contains(bytes[start])
        {
          skipString(escapes: bytes[start] | 0x20 == UInt8(ascii: "e"))
          return "'…'"
        }
        if at - start == 1, bytes[start] | 0x20 == UInt8(ascii: "u"),
          peek() == UInt8(ascii: "&"), peek(1) == UInt8(ascii: "'")
        {
          at += 1
          skipString(escapes: false)
          return "'…'"
        }
      default: at += 1
      }
      return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private func isWord(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_") || byte >= 0x80 || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte & 0xDF)
    }

    private mutating func skipBlanks() {
      while let byte = peek() {
        if byte <= 0x20 {
          at += 1
        } else if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
          while let byte = peek(), byte != 0x0A { at += 1 }
        } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
          skipComment()
        } else {
          return
        }
      }
    }

    /// Comments hold comments.
    private mutating func skipComment() {
      var depth = 0
      while let byte = peek() {
        if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
          depth += 1
          at += 2
        } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
          depth -= 1
          at += 2
          if depth == 0 { return }
        } else {
          at += 1
        }
      }
    }

    /// From the quotation mark on; what has no end reaches to the end of the text.
    private mutating func skipString(escapes: Bool) {
      at += 1
      while let byte = peek() {
        at += 1
        if escapes, byte == UInt8(ascii: "\\") {
          at = min(at + 1, bytes.count)
        } else if byte == UInt8(ascii: "'") {
          guard peek() == UInt8(ascii: "'") else { return }
          at += 1
        }
      }
    }

    /// `$$` or `$name$`.
    private func tag() -> [UInt8]? {
      var place = at + 1
      while place < bytes.count {
        let byte = bytes[place]
        if byte == UInt8(ascii: "$") { return Array(bytes[at...place]) }
        guard isWord(byte), place > at + 1 || !(0x30...0x39).contains(byte) else { return nil }
        place += 1
      }
      return nil
    }

    private mutating func skipBody(_ tag: [UInt8]) {
      at += tag.count
      while at < bytes.count {
        if bytes[at] == UInt8(ascii: "$"), bytes[at...].starts(with: tag) {
          at += tag.count
          return
        }
        at += 1
      }
    }
  }
}

extension SQLWords {
  /// The words that a statement begins with if an audit asks about it.
  private static let beginnings: [[UInt8]] = [
    "alter", "comment", "copy", "create", "drop", "grant", "import", "reassign", "revoke",
    "security",
  ].map { Array($0.utf8) }

  /// Whether any of these words stands anywhere in the text, which is quickly seen.
  static func isOfInterest(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    var start: Int?
    for position in 0...bytes.count {
      let isWord =
        position < bytes.count
        && (bytes[position] == UInt8(ascii: "_") || bytes[position] >= 0x80
          || (0x30...0x39).contains(bytes[position])
          || (0x41...0x5A).contains(bytes[position] & 0xDF))
      if isWord {
        start = start ?? position
      } else if let begin = start {
        start = nil
        guard (4...8).contains(position - begin) else { continue }
        let isOne = beginnings.contains { word in
          word.count == position - begin && word[0] == bytes[begin] | 0x20
            && word.indices.allSatisfy { word[$0] == bytes[begin + $0] | 0x20 }
        }
        if isOne { return true }
      }
    }
    return false
  }

  /// What a statement does, as far as an audit asks.
  static func events(of words: [String]) -> Set<LogEvent> {
    let words = words.map { $0.first == "\"" ? $0 : $0.uppercased() }
    let second = words.dropFirst().first ?? ""
    switch words.first {
    case "GRANT", "REVOKE":
      return isToPublic(words) ? [.grants, .grantsToPublic] : [.grants]
    case "REASSIGN": return [.ownershipTransfers]
    case "COPY": return copiesOut(words) ? [.unloads] : []
    case "CREATE", "ALTER", "DROP":
      if ["ROLE", "GROUP", "USER"].contains(second), words.dropFirst(2).first != "MAPPING" {
        return [.roleChanges]
      }
      if second == "DEFAULT" {
        return isToPublic(words) ? [.grants, .grantsToPublic] : [.grants]
      }
      var events: Set<LogEvent> = [.ddl]
      if words.first == "ALTER",
        zip(words, words.dropFirst()).contains(where: { $0 == ("OWNER", "TO") })
      {
        events.insert(.ownershipTransfers)
      }
      // A schema is made with what is granted in it.
      if words.first == "CREATE", second == "SCHEMA", words.contains("GRANT") {
        events.insert(.grants)
        if isToPublic(words) { events.insert(.grantsToPublic) }
      }
      return events
    case "COMMENT", "SECURITY", "IMPORT": return [.ddl]
    default: return []
    }
  }

  /// Whether the statement only reads or steers, so that only `log_statement = all` logs it.
  static func isLoggedWithAll(_ words: [String]) -> Bool {
    guard let first = words.first?.uppercased() else { return false }
    if first == "COPY" { return copiesOut(words.map { $0.uppercased() }) }
    return [
      "SELECT", "SHOW", "SET", "RESET", "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "VALUES",
      "DECLARE", "FETCH", "CLOSE", "DISCARD", "LISTEN", "SAVEPOINT", "RELEASE", "TABLE",
    ].contains(first)
  }

  private static func isToPublic(_ words: [String]) -> Bool {
    guard words.contains("GRANT"), words.first != "REVOKE" else { return false }
    let ends = ["ON", "WITH", "GRANTED", "GRANT", "CREATE"]
    return words.indices.contains { position in
      words[position] == "TO"
        && words[(position + 1)...].prefix { !ends.contains($0) }.contains("PUBLIC")
    }
  }

  /// `COPY t TO …`, `COPY (…) TO …`: the word outside of brackets.
  private static func copiesOut(_ words: [String]) -> Bool {
    var depth = 0
    for word in words {
      switch word {
      case "(": depth += 1
      case ")": depth -= 1
      case "TO" where depth == 0: return true
      case "FROM" where depth == 0: return false
      default: break
      }
    }
    return false
  }

  /// The first words of a statement, for a report; literals are not among them.
  static func shown(_ words: [String]) -> String {
    var text = ""
    for word in words.prefix(40) {
      let isTight =
        text.isEmpty || [".", ",", ")"].contains(word) || text.last == "." || text.last == "("
      text += isTight ? word : " \(word)"
      if text.count > 160 { return "\(text.prefix(160))…" }
    }
    return words.count > 40 ? "\(text) …" : text
  }
}
