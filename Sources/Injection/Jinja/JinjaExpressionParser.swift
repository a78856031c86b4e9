/// Reads the expressions of one tag from its tokens.
struct JinjaExpressionParser {
  /// Expressions nested deeper than this are nobody's; the bound keeps the stack safe.
  private static let depthLimit = 120

  private let bytes: [UInt8]
  private let tokens: ArraySlice<JinjaToken>
  private var next: Int
  private var depth = 0
  /// Where the tag ends, for mistakes at its end.
  private let end: Int

  init(_ bytes: [UInt8], tokens: ArraySlice<JinjaToken>, end: Int) {
    self.bytes = bytes
    self.tokens = tokens
    next = tokens.startIndex
    self.end = end
  }

  /// Whether every token has been read.
  var isAtEnd: Bool { next >= tokens.endIndex }

  /// The place of the token that comes next.
  var place: Int { isAtEnd ? end : tokens[next].start }

  private var lastEnd: Int { next > tokens.startIndex ? tokens[next - 1].end : place }

  /// The mistake of a tag that goes on otherwise than Jinja does.
  func refusal() -> Problem {
    Problem(offset: place, reason: "this tag cannot be understood from here on")
  }

  /// Whether the next token is this sign or word.
  func isNext(_ word: String, ahead: Int = 0) -> Bool {
    guard next + ahead < tokens.endIndex, tokens[next + ahead].kind != .string else { return false }
    return matches(tokens[next + ahead], word)
  }

  private func matches(_ token: JinjaToken, _ word: String) -> Bool {
    guard token.end - token.start == word.utf8.count else { return false }
    var place = token.start
    for byte in word.utf8 {
      guard bytes[place] == byte else { return false }
      place += 1
    }
    return true
  }

  /// Takes the next token if it is this sign or word.
  mutating func take(_ word: String) -> Bool {
    guard isNext(word) else { return false }
    next += 1
    return true
  }

  /// Takes a sign or word that has to come.
  mutating func expect(_ word: String) throws(Problem) {
    guard take(word) else { throw refusal() }
  }

  /// Takes a name that has to come.
  mutating func name() throws(Problem) -> String {
    guard !isAtEnd, tokens[next].kind == .name else { throw refusal() }
    let token = tokens[next]
    next += 1
    return String(decoding: bytes[token.range], as: UTF8.self)
  }

  /// An expression, or several with commas between them, which are a list.
  mutating func tuple() throws(Problem) -> JinjaExpression {
    let first = try expression()
    guard isNext(",") else { return first }
    var items = [first]
    while take(",") {
      if isAtEnd || isNext("=") || isNext(")") { break }
      items.append(try expression())
    }
    return try node(.list(items), from: first.range.lowerBound, items)
  }

  /// An expression with its choice: `a if b else c`.
  mutating func expression() throws(Problem) -> JinjaExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else { throw tooDeep() }
    var value = try disjunction()
    while take("if") {
      let condition = try disjunction()
      let otherwise = take("else") ? try expression() : nil
      value = try node(
        .choice(condition: condition, then: value, otherwise: otherwise),
        from: value.range.lowerBound, [value, condition] + (otherwise.map { [$0] } ?? []))
    }
    return value
  }

  /// An expression without a choice of its own, as the list of a loop is.
  mutating func disjunction() throws(Problem) -> JinjaExpression {
    var items = [try conjunction()]
    while take("or") { items.append(try conjunction()) }
    return items.count == 1
      ? items[0] : try node(.any(items), from: items[0].range.lowerBound, items)
  }

  private func tooDeep() -> Problem {
    Problem(offset: place, reason: "expressions are nested too deep to be read")
  }

  private func node(
    _ kind: JinjaExpression.Kind, from start: Int, _ parts: [JinjaExpression]
  ) throws(Problem) -> JinjaExpression {
    var deepest = 0
    for part in parts { deepest = max(deepest, part.depth) }
    guard deepest < Self.depthLimit else { throw tooDeep() }
    return JinjaExpression(kind: kind, range: start..<max(start, lastEnd), depth: deepest + 1)
  }

  private mutating func conjunction() throws(Problem) -> JinjaExpression {
    var items = [try negation()]
    while take("and") { items.append(try negation()) }
    return items.count == 1
      ? items[0] : try node(.all(items), from: items[0].range.lowerBound, items)
  }

  private mutating func negation() throws(Problem) -> JinjaExpression {
    let start = place
    var count = 0
    while isNext("not") {
      next += 1
      count += 1
    }
    let value = try comparison()
    guard count % 2 == 1 else { return value }
    return try node(.not(value), from: start, [value])
  }

  private mutating func comparison() throws(Problem) -> JinjaExpression {
    var left = try sum()
    while let sign = comparisonSign() {
      let right = try sum()
      left = try node(.compare(left, sign, right), from: left.range.lowerBound, [left, right])
    }
    return left
  }

  private mutating func comparisonSign() -> JinjaExpression.Comparison? {
    if take("in") { return .isIn }
    if isNext("not"), isNext("in", ahead: 1) {
      next += 2
      return .isNotIn
    }
    if take("==") { return .equal }
    if take("!=") { return .notEqual }
    return take("<") || take(">") || take("<=") || take(">=") ? .other : nil
  }

  private mutating func sum() throws(Problem) -> JinjaExpression {
    var items = [try concatenation()]
    var isText = false
    while isNext("+") || isNext("-") {
      if isNext("+") { isText = true }
      next += 1
      items.append(try concatenation())
    }
    guard items.count > 1 else { return items[0] }
    return try node(
      isText ? .joined(items) : .arithmetic(items), from: items[0].range.lowerBound, items)
  }

  private mutating func concatenation() throws(Problem) -> JinjaExpression {
    var items = [try product()]
    while take("~") { items.append(try product()) }
    guard items.count > 1 else { return items[0] }
    return try node(.joined(items), from: items[0].range.lowerBound, items)
  }

  private mutating func product() throws(Problem) -> JinjaExpression {
    var items = [try power()]
    var isText = false
    while isNext("*") || isNext("/") || isNext("//") || isNext("%") {
      if isNext("*") || isNext("%") { isText = true }
      next += 1
      items.append(try power())
    }
    guard items.count > 1 else { return items[0] }
    return try node(
      isText ? .joined(items) : .arithmetic(items), from: items[0].range.lowerBound, items)
  }

  private mutating func power() throws(Problem) -> JinjaExpression {
    let start = place
    var isSigned = false
    while isNext("-") || isNext("+") {
      next += 1
      isSigned = true
    }
    var items = [try postfix()]
    while take("**") {
      while isNext("-") || isNext("+") { next += 1 }
      items.append(try postfix())
    }
    guard items.count > 1 || isSigned else { return items[0] }
    return try node(.arithmetic(items), from: start, items)
  }
}

extension JinjaExpressionParser {
  /// A value with everything that follows it: attributes, elements, calls, filters and tests.
  private mutating func postfix() throws(Problem) -> JinjaExpression {
    var value = try primary()
    let start = value.range.lowerBound
    while !isAtEnd {
      if take(".") {
        if !isAtEnd, tokens[next].kind == .number {
          next += 1
          value = try node(.element(value, []), from: start, [value])
        } else {
          let name = try name()
          value = try node(.attribute(value, name), from: start, [value])
        }
      } else if take("[") {
        let items = try elements()
        value = try node(.element(value, items), from: start, [value] + items)
      } else if isNext("(") {
        let arguments = try arguments()
        value = try node(
          .call(value, arguments), from: start, [value] + arguments.map(\.value))
      } else if take("|") {
        let name = try dottedName()
        let arguments = isNext("(") ? try arguments() : []
        value = try node(
          .filter(value, name, arguments), from: start, [value] + arguments.map(\.value))
      } else if isNext("is") {
        value = try test(value, from: start)
      } else {
        break
      }
    }
    return value
  }

  private mutating func dottedName() throws(Problem) -> String {
    var name = try name()
    while take(".") { name += ".\(try self.name())" }
    return name
  }

  private mutating func test(
    _ value: JinjaExpression, from start: Int
  ) throws(Problem) -> JinjaExpression {
    try expect("is")
    let isNegated = take("not")
    let name = take("==") ? "eq" : take("!=") ? "ne" : try dottedName()
    var arguments: [JinjaExpression.Argument] = []
    if isNext("(") {
      arguments = try self.arguments()
    } else if !isAtEnd, beginsValue {
      let value = try primary()
      arguments = [JinjaExpression.Argument(name: nil, value: value)]
    }
    let test = try node(
      .test(value, name, arguments), from: start, [value] + arguments.map(\.value))
    return isNegated ? try node(.not(test), from: start, [test]) : test
  }

  /// Whether a test's argument without brackets comes next.
  private var beginsValue: Bool {
    let token = tokens[next]
    guard token.kind == .name || token.kind == .sign else { return true }
    if token.kind == .sign { return isNext("[") || isNext("{") }
    return !["else", "or", "and", "if", "is", "in", "not", "recursive"].contains {
      matches(token, $0)
    }
  }

  /// What stands between square brackets, slices included, up to the closing one.
  private mutating func elements() throws(Problem) -> [JinjaExpression] {
    var items: [JinjaExpression] = []
    while !take("]") {
      if isAtEnd { throw refusal() }
      if take(":") || take(",") { continue }
      items.append(try expression())
    }
    return items
  }

  /// The arguments of a call, with their brackets.
  mutating func arguments() throws(Problem) -> [JinjaExpression.Argument] {
    try expect("(")
    var arguments: [JinjaExpression.Argument] = []
    while !take(")") {
      if take("**") || take("*") {
        arguments.append(JinjaExpression.Argument(name: nil, value: try expression()))
      } else if !isAtEnd, tokens[next].kind == .name, isNext("=", ahead: 1) {
        let name = try name()
        next += 1
        arguments.append(JinjaExpression.Argument(name: name, value: try expression()))
      } else {
        arguments.append(JinjaExpression.Argument(name: nil, value: try expression()))
      }
      guard take(",") || isNext(")") else { throw refusal() }
    }
    return arguments
  }

  private mutating func primary() throws(Problem) -> JinjaExpression {
    guard !isAtEnd else { throw refusal() }
    let token = tokens[next]
    switch token.kind {
    case .number:
      next += 1
      return try node(.constant, from: token.start, [])
    case .string:
      next += 1
      // Strings that follow one another are one.
      var text = string(token)
      while !isAtEnd, tokens[next].kind == .string {
        text += string(tokens[next])
        next += 1
      }
      let kind = JinjaExpression.Kind.string(text, content: token.start + 1..<lastEnd - 1)
      return try node(kind, from: token.start, [])
    case .name:
      let name = try name()
      let isConstant = ["true", "True", "false", "False", "none", "None"].contains(name)
      return try node(isConstant ? .constant : .name(name), from: token.start, [])
    case .sign: return try bracketed()
    }
  }

  private func string(_ token: JinjaToken) -> String {
    let content = token.start + 1..<token.end - 1
    guard bytes[content].contains(UInt8(ascii: "\\")) else {
      return String(decoding: bytes[content], as: UTF8.self)
    }
    let plain = Code(bytes).content(
      content, quote: bytes[token.start], doubles: false, escapes: true)
    return String(decoding: plain.bytes, as: UTF8.self)
  }

  private mutating func bracketed() throws(Problem) -> JinjaExpression {
    let start = place
    if take("(") {
      if take(")") { return try node(.list([]), from: start, []) }
      let value = try tuple()
      try expect(")")
      return value
    }
    if take("[") {
      var items: [JinjaExpression] = []
      while !take("]") {
        items.append(try expression())
        guard take(",") || isNext("]") else { throw refusal() }
      }
      return try node(.list(items), from: start, items)
    }
    try expect("{")
    var entries: [(key: JinjaExpression, value: JinjaExpression)] = []
    while !take("}") {
      let key = try expression()
      try expect(":")
      entries.append((key, try expression()))
      guard take(",") || isNext("}") else { throw refusal() }
    }
    return try node(.dictionary(entries), from: start, entries.flatMap { [$0.key, $0.value] })
  }
}
