import Diagnostics

/// A statement of an author, looked at before it is run: it must be one, and it must only read.
///
/// Postgres refuses writes by its read-only transaction, Snowflake has no such thing. The author is
/// trusted; this keeps mistakes and pasted text from changing anything, and a reviewer from being
/// misled by what one database takes for a comment or a literal and the other does not.
package struct ReadOnlySQL: Hashable, Sendable {
  /// The statement without a semicolon at its end.
  package let text: String

  /// The statement, or what is wrong with the text, in lower case.
  package static func read(_ text: String) -> Result<ReadOnlySQL, Problem> {
    if let hidden = hiddenCharacter(in: text) { return .failure(Problem(words: hidden)) }
    var reader = Reader(Array(text.utf8))
    if let problem = reader.problem() { return .failure(Problem(words: problem)) }
    var text = Substring(text)
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    return .success(ReadOnlySQL(text: String(text)))
  }

  /// Why a text cannot be run.
  package struct Problem: Error, Hashable, Sendable {
    package let words: String
  }

  /// What a reviewer would not see; a line may end as Windows ends it, but not by a return alone, which
  /// ends a comment in one database only.
  private static func hiddenCharacter(in text: String) -> String? {
    let scalars = text.unicodeScalars
    for position in scalars.indices {
      let scalar = scalars[position]
      if scalar == "\n" || scalar == "\t" { continue }
      if scalar == "\r", scalars[scalars.index(after: position)...].first == "\n" { continue }
      if HiddenCharacter(scalar) != nil {
        return "the character \(scalar.codePoint) cannot be seen"
      }
    }
    return nil
  }

  /// Words that change something, or run what does, wherever they stand outside of quotation marks.
  private static let writing: Set<String> = [
    "INTO", "NEXTVAL", "SETVAL", "CALL", "PROCEDURE",
  ]

  /// Words that change something where a statement may begin.
  private static let statements: Set<String> = [
    "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE",
  ]

  /// Beginnings of functions that reach outside of the statement.
  private static let reaching = [
    "PG_TERMINATE", "PG_CANCEL", "PG_RELOAD", "PG_ROTATE", "PG_READ_", "PG_LS_", "PG_ADVISORY",
    "PG_TRY_ADVISORY", "PG_NOTIFY", "PG_PROMOTE", "PG_SWITCH_", "PG_CREATE_", "PG_DROP_",
    "PG_LOGICAL_", "PG_REPLICATION_", "PG_STAT_RESET", "PG_EXPORT_", "LO_", "DBLINK",
    "SET_CONFIG", "QUERY_TO_XML", "SYSTEM$", "GETNEXTVAL",
  ]

  /// Functions of Snowflake's that only wait or tell.
  private static let harmless: Set<String> = ["SYSTEM$WAIT", "SYSTEM$TYPEOF"]

  /// What a name in front of a parenthesis does that a reading statement must not.
  static func problem(calling name: String) -> String? {
    let reaches = !harmless.contains(name) && reaching.contains { name.hasPrefix($0) }
    return reaches ? "`\(name.lowercased())` does more than read" : nil
  }

  private struct Reader {
    private let bytes: [UInt8]
    private var at = 0
    private var depth = 0
    /// The last word in capitals, or mark.
    private var last = ""
    private var isFirst = true

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func peek(_ distance: Int = 0) -> UInt8 {
      at + distance < bytes.count ? bytes[at + distance] : 0
    }

    mutating func problem() -> String? {
      while at < bytes.count {
        if let problem = step() { return problem }
      }
      if isFirst { return "there is no statement" }
      return depth > 0 ? "a parenthesis is not closed" : nil
    }

    /// In Postgres a member of JSON, in Snowflake the next statement.
    private static let arrow = "->>"
    private static let flow = "`->>` begins another statement in Snowflake"

    private static let wrongBeginning = "it does not begin with SELECT or WITH"

    private mutating func step() -> String? {
      let byte = peek()
      switch byte {
      case ...0x20: at += 1
      case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"):
        while at < bytes.count, peek() != 0x0A, peek() != 0x0D { at += 1 }
      case UInt8(ascii: "-") where peek(1) == UInt8(ascii: ">") && peek(2) == UInt8(ascii: ">"):
        at += 2
        mark(Self.arrow)
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): return skipComment()
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        return "`//` is a comment in Snowflake only"
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return skipQuoted(byte)
      case UInt8(ascii: "$"): return "`$` means different things on the two sides"
      case UInt8(ascii: ";"): return endOfStatement()
      case UInt8(ascii: "("):
        depth += 1
        if last == Self.arrow { return Self.flow }
        if let problem = ReadOnlySQL.problem(calling: last) { return problem }
        mark("(")
      case UInt8(ascii: ")"):
        depth -= 1
        if depth < 0 { return "a parenthesis is closed that was not opened" }
        mark(")")
      case _ where Self.isWord(byte): return word()
      case _ where isFirst: return Self.wrongBeginning
      default: mark(String(UnicodeScalar(byte)))
      }
      return nil
    }

    private mutating func mark(_ text: String) {
      at += 1
      last = text
    }

    private static func isWord(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_") || byte >= 0x80 || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte & 0xDF)
    }

    private mutating func word() -> String? {
      let start = at
      while at < bytes.count, Self.isWord(peek()) || peek() == UInt8(ascii: "$") { at += 1 }
      let word = String(decoding: bytes[start..<at], as: UTF8.self).uppercased()
      defer { last = word }
      let isName = last == "."
      let isNumber = (0x30...0x39).contains(bytes[start])
      if last == Self.arrow, !isNumber { return Self.flow }
      if isFirst {
        isFirst = false
        guard ["SELECT", "WITH", "VALUES", "TABLE"].contains(word) else {
          return "`\(word)` is no statement that only reads: begin with SELECT or WITH"
        }
      } else if !isName || word == "NEXTVAL" {
        if ReadOnlySQL.writing.contains(word) { return "`\(word)` changes something" }
        let mayBegin = last == "(" || last == ")"
        if mayBegin, ReadOnlySQL.statements.contains(word) { return "`\(word)` changes rows" }
        if last == "FOR", ["UPDATE", "SHARE", "NO", "KEY"].contains(word) {
          return "`FOR \(word)` locks rows"
        }
      }
      return nil
    }

    private mutating func skipComment() -> String? {
      at += 2
      while at < bytes.count {
        if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
          at += 2
          return nil
        }
        // In Postgres comments hold comments, in Snowflake they do not.
        if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
          return "a comment within a comment ends elsewhere on the other side"
        }
        at += 1
      }
      return "a comment is not closed"
    }

    private mutating func skipQuoted(_ quote: UInt8) -> String? {
      if isFirst { return Self.wrongBeginning }
      at += 1
      while at < bytes.count {
        if peek() == quote {
          guard peek(1) == quote else {
            at += 1
            last = "'"
            return nil
          }
          at += 1
        } else if quote == UInt8(ascii: "'"), peek() == UInt8(ascii: "\\") {
          return "a backslash in a literal means different things on the two sides"
        }
        at += 1
      }
      return "a quotation mark is not closed"
    }

    /// Nothing but blanks and comments may follow.
    private mutating func endOfStatement() -> String? {
      if isFirst { return "there is no statement" }
      while at < bytes.count {
        guard peek() <= 0x20 || peek() == UInt8(ascii: ";") else {
          return "it is more than one statement"
        }
        at += 1
      }
      return nil
    }
  }
}
