/// Cuts SQL of Postgres and of Snowflake into words and signs.
struct SQLLexer {
  private let bytes: [UInt8]
  private let end: Int
  private let dialect: LintFile.Dialect
  private var next: Int
  private(set) var tokens: [SQLToken] = []
  /// Where comments stand, their marks included.
  private(set) var comments: [Range<Int>] = []
  /// The words of the rules that occur.
  private(set) var keywords: Set<SQLKeyword> = []
  /// What is not closed at the end.
  private(set) var problem: Problem?
  /// Whether a text in quotes ends at a backslash and runs on in letters, as in `'it\'s'`.
  private(set) var isMisread = false

  /// Known words by the number their letters make.
  private static let words: [UInt64: SQLKeyword] = Dictionary(
    SQLKeyword.allCases.map { (number(Array($0.rawValue.utf8)), $0) }, uniquingKeysWith: { $1 })

  private static func number(_ letters: [UInt8]) -> UInt64 {
    letters.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Reads a stretch; in Snowflake a backslash takes the next byte in every text.
  init(_ bytes: [UInt8], _ range: Range<Int>, dialect: LintFile.Dialect) {
    self.bytes = bytes
    self.dialect = dialect
    next = range.lowerBound
    end = range.upperBound
    tokens.reserveCapacity(range.count / 6)
    while next < end { readNext() }
  }

  private func byte(_ offset: Int) -> UInt8 { offset < end ? bytes[offset] : 0 }

  private mutating func add(_ kind: SQLToken.Kind, _ start: Int, _ keyword: SQLKeyword? = nil) {
    tokens.append(SQLToken(kind: kind, keyword: keyword, start: start, end: next))
  }

  private mutating func readNext() {
    let first = bytes[next]
    switch first {
    case _ where first.isBlank: next += 1
    case UInt8(ascii: "'"): readString(from: next, escapes: dialect == .snowflake)
    case UInt8(ascii: "\""): readQuotedName()
    case UInt8(ascii: "-") where byte(next + 1) == first: readLineComment()
    case UInt8(ascii: "/") where byte(next + 1) == UInt8(ascii: "*"): readBlockComment()
    case UInt8(ascii: "/") where byte(next + 1) == first && !isInAddress: readLineComment()
    case UInt8(ascii: "$"): readDollar()
    case Template.hole: readHole()
    case _ where first.beginsName: readWord()
    case _ where first.isDigit: readNumber()
    case UInt8(ascii: "?"):
      next += 1
      add(.parameter, next - 1)
    case UInt8(ascii: ":"): readColon()
    default: readSign(first)
    }
  }

  /// Whether `//` follows a colon, as in `s3://bucket` without quotes.
  private var isInAddress: Bool { next > 0 && bytes[next - 1] == UInt8(ascii: ":") }

  private mutating func readWord() {
    let start = next
    var number: UInt64 = 0xCBF2_9CE4_8422_2325
    while next < end {
      let byte = bytes[next]
      guard byte.continuesName || byte == UInt8(ascii: "$") || byte == Template.hole else { break }
      number = (number ^ UInt64(byte.lowered)) &* 0x100_0000_01B3
      next += 1
    }
    if byte(next) == UInt8(ascii: "'"), next - start == 1 {
      let letter = bytes[start].lowered
      if letter == UInt8(ascii: "e") { return readString(from: start, escapes: true) }
      if letter == UInt8(ascii: "b") || letter == UInt8(ascii: "x") || letter == UInt8(ascii: "n") {
        return readString(from: start, escapes: false)
      }
    }
    guard let keyword = Self.words[number], bytes.equals(keyword.rawValue, in: start..<next) else {
      return add(.word, start)
    }
    keywords.insert(keyword)
    add(.word, start, keyword)
  }

  private mutating func readHole() {
    let start = next
    while next < end, bytes[next] == Template.hole || bytes[next].continuesName { next += 1 }
    add(.hole, start)
  }

  private mutating func readString(from start: Int, escapes: Bool) {
    if next == start { next += 1 } else { next = start + 2 }
    while next < end {
      let byte = bytes[next]
      next += 1
      if escapes, byte == UInt8(ascii: "\\") {
        next += 1
      } else if byte == UInt8(ascii: "'") {
        if self.byte(next) == byte {
          next += 1
          continue
        }
        if !escapes, next - 2 > start, bytes[next - 2] == UInt8(ascii: "\\"),
          self.byte(next).continuesName
        {
          isMisread = true
        }
        return add(escapes ? .escapeString : .string, start)
      }
    }
    next = end
    add(escapes ? .escapeString : .string, start)
    problem = Problem(offset: start, reason: "a text in quotes is not closed")
  }

  private mutating func readQuotedName() {
    let start = next
    next += 1
    while next < end {
      let byte = bytes[next]
      next += 1
      guard byte == UInt8(ascii: "\"") else { continue }
      guard self.byte(next) == byte else { return add(.quotedName, start) }
      next += 1
    }
    add(.quotedName, start)
    problem = Problem(offset: start, reason: "a name in quotes is not closed")
  }

  private mutating func readLineComment() {
    let start = next
    while next < end, bytes[next] != UInt8(ascii: "\n") { next += 1 }
    comments.append(start..<next)
  }

  private mutating func readBlockComment() {
    let start = next
    var depth = 0
    while next < end {
      if bytes[next] == UInt8(ascii: "/"), byte(next + 1) == UInt8(ascii: "*") {
        // Snowflake's comments do not nest.
        if depth == 0 || dialect == .postgres { depth += 1 }
        next += 2
      } else if bytes[next] == UInt8(ascii: "*"), byte(next + 1) == UInt8(ascii: "/") {
        next += 2
        depth -= 1
        if depth == 0 {
          comments.append(start..<next)
          return
        }
      } else {
        next += 1
      }
    }
    next = end
    comments.append(start..<end)
    problem = Problem(offset: start, reason: "a comment /* is not closed by */")
  }

  /// Reads `$$ … $$`, `$tag$ … $tag$`, `$1` or `$name`.
  private mutating func readDollar() {
    let start = next
    next += 1
    while next < end, bytes[next].continuesName { next += 1 }
    let isTag = byte(next) == UInt8(ascii: "$") && !byte(start + 1).isDigit
    guard isTag else { return add(next > start + 1 ? .parameter : .sign, start) }
    next += 1
    let length = next - start
    while next < end {
      if bytes[next] == UInt8(ascii: "$"), next + length <= end,
        bytes[next..<next + length].elementsEqual(bytes[start..<start + length])
      {
        next += length
        return add(.dollarString, start)
      }
      next += 1
    }
    add(.dollarString, start)
    problem = Problem(offset: start, reason: "a text between dollar signs is not closed")
  }

  private mutating func readNumber() {
    let start = next
    while next < end, bytes[next].continuesName || bytes[next] == UInt8(ascii: ".") {
      if bytes[next] == UInt8(ascii: "."), byte(next + 1) == bytes[next] { break }
      next += 1
    }
    add(.number, start)
  }

  /// Reads `:name`, `::`, `:=` or a lone colon, which also stands in paths into documents.
  private mutating func readColon() {
    let start = next
    let following = byte(next + 1)
    let before = start > 0 ? bytes[start - 1] : 0
    let isPath =
      before.continuesName || before == UInt8(ascii: ")") || before == UInt8(ascii: "]")
      || before == UInt8(ascii: "\"")
    if following.continuesName, !isPath {
      next += 1
      while next < end, bytes[next].continuesName { next += 1 }
      return add(.parameter, start)
    }
    next += following == UInt8(ascii: ":") || following == UInt8(ascii: "=") ? 2 : 1
    add(.sign, start)
  }

  private mutating func readSign(_ first: UInt8) {
    let second = byte(next + 1)
    let isDouble =
      (first == UInt8(ascii: "|") || first == UInt8(ascii: ".")) && second == first
      || first == UInt8(ascii: "=") && second == UInt8(ascii: ">")
    next += isDouble ? 2 : 1
    add(.sign, next - (isDouble ? 2 : 1))
  }
}
