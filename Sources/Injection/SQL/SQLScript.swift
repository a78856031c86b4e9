/// A stretch of SQL as words and signs, with what a rule asks of them.
struct SQLScript {
  /// What stands around a place.
  enum Surroundings {
    case code, quotes, comment
  }

  let code: Code
  let range: Range<Int>
  let tokens: [SQLToken]
  let comments: [Range<Int>]
  /// What is not closed.
  let problem: Problem?
  /// The rules of quoting it was read by.
  let dialect: LintFile.Dialect
  /// The words of the rules that occur.
  let keywords: Set<SQLKeyword>

  /// Reads a stretch; where the dialect is not given, the quotes tell.
  init(_ code: Code, _ range: Range<Int>, dialect: LintFile.Dialect?) {
    var lexer = SQLLexer(code.bytes, range, dialect: dialect ?? .postgres)
    var used = dialect ?? .postgres
    if dialect == nil, lexer.problem != nil || lexer.isMisread {
      let other = SQLLexer(code.bytes, range, dialect: .snowflake)
      if other.problem == nil { (lexer, used) = (other, .snowflake) }
    }
    self.code = code
    self.range = range
    self.dialect = used
    tokens = lexer.tokens
    comments = lexer.comments
    problem = lexer.problem
    keywords = lexer.keywords
  }

  /// The word of the rules at an index, or nil for anything else and beyond the ends.
  func keyword(_ index: Int) -> SQLKeyword? {
    tokens.indices.contains(index) ? tokens[index].keyword : nil
  }

  /// Whether the words of the rules at and after an index are these.
  func holds(_ keywords: SQLKeyword..., at index: Int) -> Bool {
    for (step, keyword) in keywords.enumerated() where self.keyword(index + step) != keyword {
      return false
    }
    return true
  }

  /// Whether a word, known or not, stands at an index.
  func isWord(_ word: String, at index: Int) -> Bool {
    guard tokens.indices.contains(index), tokens[index].kind == .word else { return false }
    return code.bytes.equals(word, in: tokens[index].range)
  }

  /// Whether a sign stands at an index.
  func isSign(_ sign: String, at index: Int) -> Bool {
    guard tokens.indices.contains(index), tokens[index].kind == .sign else { return false }
    return code.bytes.equals(sign, in: tokens[index].range)
  }

  /// The kind of the token at an index, or nil beyond the ends.
  func kind(_ index: Int) -> SQLToken.Kind? {
    tokens.indices.contains(index) ? tokens[index].kind : nil
  }

  /// The token's text.
  func text(_ index: Int) -> String {
    tokens.indices.contains(index) ? code.text(tokens[index].range) : ""
  }

  /// The name a word, a name in quotes or a parameter stands for, as names are compared.
  func name(_ index: Int) -> String {
    guard tokens.indices.contains(index) else { return "" }
    let token = tokens[index]
    switch token.kind {
    case .quotedName:
      return token.range.count > 2 ? code.text(token.start + 1..<token.end - 1).lowercased() : ""
    case .parameter: return String(text(index).drop { $0 == ":" || $0 == "$" }).lowercased()
    default: return text(index).lowercased()
    }
  }

  /// The bytes from one token's start to another's end.
  func bytes(_ indices: Range<Int>) -> Range<Int> {
    guard let first = indices.first, tokens.indices.contains(first) else { return 0..<0 }
    return tokens[first].start..<tokens[min(indices.upperBound, tokens.count) - 1].end
  }

  /// The index of the semicolon that ends the statement at `index`, or the end of the script.
  func endOfStatement(_ index: Int) -> Int {
    var depth = 0
    var place = index
    while place < tokens.count {
      if isSign("(", at: place) { depth += 1 }
      if isSign(")", at: place) { depth -= 1 }
      if depth <= 0, isSign(";", at: place) { return place }
      place += 1
    }
    return place
  }

  /// The index after the bracket that closes the one at `index`.
  func afterBrackets(_ index: Int) -> Int {
    var depth = 0
    var place = index
    while place < tokens.count {
      if isSign("(", at: place) || isSign("[", at: place) { depth += 1 }
      if isSign(")", at: place) || isSign("]", at: place) {
        depth -= 1
        if depth <= 0 { return place + 1 }
      }
      place += 1
    }
    return place
  }

  /// Whether a statement may begin at an index.
  func beginsStatement(_ index: Int) -> Bool {
    guard index > 0 else { return true }
    // A label such as `<<here>>` may come before.
    if isSign(";", at: index - 1) || isSign(">", at: index - 1) { return true }
    switch keyword(index - 1) {
    case .begin, .then, .else, .loop, .do, .repeat, .atomic: return true
    default: return false
    }
  }

  /// What stands around the byte at an offset.
  func surroundings(_ offset: Int) -> Surroundings {
    if comments.contains(where: { $0.contains(offset) }) { return .comment }
    var (low, high) = (0, tokens.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if tokens[middle].start <= offset { low = middle } else { high = middle }
    }
    guard low < tokens.count, tokens[low].range.contains(offset) else { return .code }
    let kind = tokens[low].kind
    return kind == .string || kind == .escapeString ? .quotes : .code
  }
}
