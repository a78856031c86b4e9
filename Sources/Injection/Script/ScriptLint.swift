/// Looks for SQL that is put together in a procedure of JavaScript or Python.
struct ScriptLint {
  /// A word or sign of either language.
  private struct Token {
    enum Kind {
      /// A text without anything filled in.
      case text
      /// A template literal or an f-string that has something filled in.
      case filledText
      case name, number, sign, lineBreak
    }

    let kind: Kind
    let range: Range<Int>
  }

  private let code: Code
  private let isPython: Bool
  private var tokens: [Token] = []
  private var next = 0
  /// What was seen.
  private(set) var observations: [Observation] = []
  /// Where comments stand, their marks included.
  private(set) var comments: [Range<Int>] = []
  /// What is not closed.
  private(set) var problem: Problem?

  init(_ code: Code, isPython: Bool) {
    self.code = code
    self.isPython = isPython
    while next < code.bytes.count { readNext() }
    look()
  }

  // MARK: - Words and signs

  private func byte(_ offset: Int) -> UInt8 {
    offset < code.bytes.count ? code.bytes[offset] : 0
  }

  private mutating func readNext() {
    let start = next
    let first = code.bytes[next]
    if first == UInt8(ascii: "\n") {
      next += 1
      tokens.append(Token(kind: .lineBreak, range: start..<next))
    } else if first.isBlank {
      next += 1
    } else if beginsComment(first) {
      readComment(first)
    } else if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
      || first == UInt8(ascii: "`") && !isPython
    {
      readText(from: start, isFilled: first == UInt8(ascii: "`"))
    } else if first.beginsName || first == UInt8(ascii: "$") {
      while byte(next).continuesName || byte(next) == UInt8(ascii: "$") { next += 1 }
      let isQuote = byte(next) == UInt8(ascii: "'") || byte(next) == UInt8(ascii: "\"")
      if isPython, isQuote, next - start <= 2 {
        let letters = code.bytes[start..<next].map(\.lowered)
        return readText(from: start, isFilled: letters.contains(UInt8(ascii: "f")))
      }
      tokens.append(Token(kind: .name, range: start..<next))
    } else if first.isDigit {
      while byte(next).continuesName || byte(next) == UInt8(ascii: ".") { next += 1 }
      tokens.append(Token(kind: .number, range: start..<next))
    } else {
      next += 1
      let isDouble = byte(next) == UInt8(ascii: "=") && "=!<>+".utf8.contains(first)
      if isDouble { next += 1 }
      tokens.append(Token(kind: .sign, range: start..<next))
    }
  }

  private func beginsComment(_ first: UInt8) -> Bool {
    if isPython { return first == UInt8(ascii: "#") }
    let second = byte(next + 1)
    return first == UInt8(ascii: "/") && (second == first || second == UInt8(ascii: "*"))
  }

  private mutating func readComment(_ first: UInt8) {
    let start = next
    if !isPython, byte(next + 1) == UInt8(ascii: "*") {
      next += 2
      while next < code.bytes.count {
        if code.bytes[next] == UInt8(ascii: "*"), byte(next + 1) == UInt8(ascii: "/") {
          next += 2
          comments.append(start..<next)
          return
        }
        next += 1
      }
      fail(start, "a comment /* is not closed by */")
      return
    }
    while next < code.bytes.count, code.bytes[next] != UInt8(ascii: "\n") { next += 1 }
    comments.append(start..<next)
  }

  private mutating func fail(_ start: Int, _ reason: String) {
    if problem == nil { problem = Problem(offset: code.origin(start), reason: reason) }
  }

  /// Reads a text; `isFilled` says that braces in it may hold expressions.
  private mutating func readText(from start: Int, isFilled: Bool) {
    let quote = code.bytes[next]
    let isLong = isPython && byte(next + 1) == quote && byte(next + 2) == quote
    let length = isLong ? 3 : 1
    next += length
    var holds = false
    while next < code.bytes.count {
      let byte = code.bytes[next]
      if byte == UInt8(ascii: "\\") {
        next += 2
        continue
      }
      if byte == quote, !isLong || self.byte(next + 1) == quote && self.byte(next + 2) == quote {
        next += length
        tokens.append(
          Token(kind: holds && isFilled ? .filledText : .text, range: start..<next))
        return
      }
      if byte == UInt8(ascii: "{") {
        if isPython {
          if self.byte(next + 1) == byte { next += 1 } else { holds = true }
        } else if code.bytes[next - 1] == UInt8(ascii: "$") {
          holds = true
        }
      }
      let isBroken = byte == UInt8(ascii: "\n") && !isLong && quote != UInt8(ascii: "`")
      if isBroken { break }
      next += 1
    }
    fail(start, "a text in quotes inside a procedure is not closed")
    next = max(min(next, code.bytes.count), start + 1)
  }

  // MARK: - What runs

  private func isName(_ word: String, _ index: Int) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == .name
      && code.bytes[tokens[index].range].elementsEqual(word.utf8)
  }

  private func isSign(_ sign: String, _ index: Int) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == .sign
      && code.bytes[tokens[index].range].elementsEqual(sign.utf8)
  }

  private mutating func look() {
    for index in tokens.indices where tokens[index].kind == .name {
      if isName("sqlText", index) {
        let isShort = isSign("{", index - 1) || isSign(",", index - 1)
        if isSign(":", index + 1) {
          judge(index + 2)
        } else if isShort, isSign("}", index + 1) || isSign(",", index + 1) {
          // `{sqlText}` stands for `{sqlText: sqlText}`.
          judge(index)
        }
        continue
      }
      guard isPython, index > 0, isSign(".", index - 1), isSign("(", index + 1) else { continue }
      if isName("sql", index) || isName("execute", index) || isName("execute_async", index) {
        judge(index + 2)
      }
    }
    guard !isPython else { return }
    // `{"sqlText": …}`.
    for index in tokens.indices where isText("sqlText", index) && isSign(":", index + 1) {
      judge(index + 2)
    }
  }

  private func isText(_ word: String, _ index: Int) -> Bool {
    guard tokens.indices.contains(index), tokens[index].kind == .text else { return false }
    let range = tokens[index].range
    return range.count == word.utf8.count + 2 && code.bytes.holds(word, at: range.lowerBound + 1)
  }

  /// The index after the expression at `start`: a comma, a closing bracket or the statement's end.
  private func end(of start: Int, isStatement: Bool = false) -> Int {
    var depth = 0
    var index = start
    while index < tokens.count {
      if isSign("(", index) || isSign("[", index) || isSign("{", index) { depth += 1 }
      if isSign(")", index) || isSign("]", index) || isSign("}", index) {
        depth -= 1
        if depth < 0 { return index }
      }
      if depth == 0 {
        if isSign(";", index) || isSign(",", index) && !isStatement { return index }
        if isStatement, tokens[index].kind == .lineBreak, !goesOn(index) { return index }
      }
      index += 1
    }
    return index
  }

  /// Whether an expression goes on after a line break.
  private func goesOn(_ index: Int) -> Bool {
    let signs = ["+", ".", "=", "(", ","]
    var following = index + 1
    while following < tokens.count, tokens[following].kind == .lineBreak { following += 1 }
    return signs.contains { isSign($0, index - 1) || isSign($0, following) && !isPython }
      || isSign("\\", index - 1)
  }

  private mutating func judge(_ start: Int) {
    var visited: Set<String> = []
    let range = start..<end(of: start)
    guard let found = suspect(range, &visited),
      let first = tokens[range].first(where: { $0.kind != .lineBreak }),
      let last = tokens[range].last(where: { $0.kind != .lineBreak })
    else { return }
    let place = first.range.lowerBound..<last.range.upperBound
    let source = code.excerpt(tokens[found].range)
    observations.append(
      Observation(
        rule: .scriptSQL, range: code.origin(place), shown: code.excerpt(place),
        words: .script(source)))
  }

  /// The index of a token that makes an expression something else than a fixed text.
  private func suspect(_ range: Range<Int>, _ visited: inout Set<String>) -> Int? {
    for index in range.clamped(to: tokens.indices) {
      switch tokens[index].kind {
      case .filledText: return index
      case .text, .number, .lineBreak, .sign: continue
      case .name:
        // Methods such as `trim` change nothing; what `format` or `join` put in is judged itself.
        if isSign(".", index - 1) { continue }
        let name = code.text(tokens[index].range)
        guard visited.insert(name).inserted else { continue }
        let values = values(of: name)
        if values.isEmpty { return index }
        for value in values {
          if suspect(value, &visited) != nil { return index }
        }
      }
    }
    return nil
  }

  /// The expressions a name is set to; loops and parameters set it to anything.
  private func values(of name: String) -> [Range<Int>] {
    var values: [Range<Int>] = []
    for index in tokens.indices where isName(name, index) && !isSign(".", index - 1) {
      if isSign("=", index + 1) || isSign("+=", index + 1) {
        // `f(name=…)` sets an argument of that name.
        if isPython, isSign("(", index - 1) || isSign(",", index - 1) { continue }
        values.append(index + 2..<end(of: index + 2, isStatement: true))
      }
      if isName("for", index - 1) { return [] }
    }
    return values
  }
}

extension Observation.Words {
  fileprivate static func script(_ source: String) -> Self {
    Self(
      sentence: "the procedure puts a database command together as text and then runs it: "
        + "`\(short(source))` becomes a part of it, so that its value can change what the command does",
      remedy: "write ? or :1 into the command and hand the values over as binds")
  }
}
