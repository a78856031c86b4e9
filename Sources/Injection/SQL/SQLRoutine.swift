/// A function or a procedure as `CREATE` declares it.
struct SQLRoutine {
  /// The language of the body, as far as rules differ.
  enum Language {
    case sql, plpgsql, javascript, python, other
  }

  /// Where the body stands, by indices of tokens.
  enum Body {
    /// In one text between quotes or dollar signs.
    case quoted(Int)
    /// Written as it is.
    case inline(Range<Int>)
  }

  let isProcedure: Bool
  /// The name as it is written.
  let name: String
  /// The index of `CREATE`.
  let start: Int
  /// The index after its last token.
  let end: Int
  /// The names and types of the parameters, in small letters.
  let parameters: [(name: String, type: String)]
  let language: Language
  let body: Body?
  /// The index of `SECURITY` in `SECURITY DEFINER`.
  let definer: Int?
  let setsSearchPath: Bool
  /// Whether it says `EXECUTE AS CALLER`.
  let runsAsCaller: Bool

  /// Reads the declaration that begins at the index of `CREATE`, or nil where none does.
  init?(_ script: SQLScript, at start: Int) {
    var next = start + 1
    while next < start + 6, script.keyword(next) != .function, script.keyword(next) != .procedure {
      let keyword = script.keyword(next)
      let mayStand =
        keyword == .or || keyword == .replace || script.isWord("secure", at: next)
        || script.isWord("temporary", at: next) || script.isWord("temp", at: next)
        || keyword == .alter
      guard mayStand else { return nil }
      next += 1
    }
    guard let kind = script.keyword(next), kind == .function || kind == .procedure else {
      return nil
    }
    isProcedure = kind == .procedure
    self.start = start
    next += 1
    while script.keyword(next) == .if || script.isWord("not", at: next)
      || script.isWord("exists", at: next)
    {
      next += 1
    }
    let nameStart = next
    while next < script.tokens.count, !script.isSign("(", at: next), !script.isSign(";", at: next) {
      next += 1
    }
    name = script.code.text(script.bytes(nameStart..<next))
    let afterParameters = script.isSign("(", at: next) ? script.afterBrackets(next) : next
    parameters = Self.parameters(script, next + 1..<max(next + 1, afterParameters - 1))

    var language: Language?
    var body: Body?
    var definer: Int?
    var setsSearchPath = false
    var runsAsCaller = false
    var place = afterParameters
    scan: while place < script.tokens.count {
      switch script.keyword(place) {
      case .language:
        language = Self.language(script.text(place + 1))
        place += 1
      case .security where script.keyword(place + 1) == .definer: definer = place
      case .set where script.keyword(place + 1) == .searchPath: setsSearchPath = true
      case .execute where script.keyword(place + 1) == .as:
        if script.keyword(place + 2) == .caller { runsAsCaller = true }
        // Also RESTRICTED CALLER, which has fewer rights still.
        if script.isWord("restricted", at: place + 2) { runsAsCaller = true }
        place += 2
      case .as where body == nil:
        let following = script.kind(place + 1)
        if following == .dollarString || following == .string || following == .escapeString {
          body = .quoted(place + 1)
          place += 1
        } else if script.holds(.begin, at: place + 1) || script.holds(.declare, at: place + 1) {
          let end = Self.endOfBlock(script, place + 1)
          body = .inline(place + 1..<end)
          place = end - 1
        }
      case .begin where script.keyword(place + 1) == .atomic:
        let end = Self.endOfBlock(script, place)
        body = .inline(place..<end)
        place = end - 1
      default:
        if script.isSign(";", at: place) { break scan }
      }
      place += 1
    }
    end = min(place, script.tokens.count)
    self.language = language ?? .sql
    self.body = body
    self.definer = definer
    self.setsSearchPath = setsSearchPath
    self.runsAsCaller = runsAsCaller
  }

  private static func language(_ name: String) -> Language {
    switch name.lowercased().filter({ $0 != "'" && $0 != "\"" }) {
    case "sql": .sql
    case "plpgsql": .plpgsql
    case "javascript", "plv8": .javascript
    case "python", "plpython3u", "plpythonu", "plpython2u": .python
    default: .other
    }
  }

  private static func parameters(
    _ script: SQLScript, _ range: Range<Int>
  ) -> [(name: String, type: String)] {
    script.parts(range, separatedBy: ",").map { part in
      var words = part.filter { script.kind($0) == .word || script.kind($0) == .quotedName }
      if let first = words.first,
        ["in", "out", "inout", "variadic"].contains(script.name(first)), words.count > 1
      {
        words.removeFirst()
      }
      guard let first = words.first else { return ("", "") }
      return (script.name(first), words.count > 1 ? script.name(words[1]) : script.name(first))
    }
  }

  /// The index after the `END` of a block whose `BEGIN` or `DECLARE` is at `start`.
  static func endOfBlock(_ script: SQLScript, _ start: Int) -> Int {
    var depth = 0
    var place = start
    while place < script.tokens.count {
      switch script.keyword(place) {
      case .begin where !script.holds(.transaction, at: place + 1): depth += 1
      case .case where script.keyword(place - 1) != .end: depth += 1
      case .end:
        switch script.keyword(place + 1) {
        case .if, .loop, .for, .while, .repeat: place += 1
        default:
          depth -= 1
          if depth <= 0 { return place + 1 }
        }
      default: break
      }
      place += 1
    }
    return place
  }
}

extension SQLScript {
  /// The parts of a stretch of tokens between signs that stand in no brackets.
  func parts(_ range: Range<Int>, separatedBy sign: String) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    var depth = 0
    for place in range {
      if isSign("(", at: place) || isSign("[", at: place) { depth += 1 }
      if isSign(")", at: place) || isSign("]", at: place) { depth -= 1 }
      if depth == 0, isSign(sign, at: place) {
        parts.append(start..<place)
        start = place + 1
      }
    }
    if start < range.upperBound { parts.append(start..<range.upperBound) }
    return parts
  }

  /// The code inside a text between quotes or dollar signs.
  func content(_ index: Int) -> Code {
    let token = tokens[index]
    guard token.kind == .dollarString else {
      let first = code.bytes[token.start] == UInt8(ascii: "'") ? token.start + 1 : token.start + 2
      let isClosed = token.end > first && code.bytes[token.end - 1] == UInt8(ascii: "'")
      return code.content(
        first..<max(first, isClosed ? token.end - 1 : token.end), quote: UInt8(ascii: "'"),
        doubles: true, escapes: token.kind == .escapeString)
    }
    let content = dollarContent(token)
    return Code(
      Array(code.bytes[content]),
      origins: (content.lowerBound...content.upperBound).map(code.origin))
  }

  private func dollarContent(_ token: SQLToken) -> Range<Int> {
    var length = 1
    while token.start + length < token.end, code.bytes[token.start + length] != UInt8(ascii: "$") {
      length += 1
    }
    length += 1
    let start = min(token.start + length, token.end)
    return start..<max(start, token.end - length)
  }
}
