/// Reads catalog expressions of both databases into `Expression`.
///
/// Refuses (returns `nil`) whatever it does not know to mean the same on both sides: division,
/// ordering of text, CASE, subqueries, unknown functions and operators.
package struct ExpressionParser {
  private let tokens: [Token]
  private var position = 0
  private let foldsUpper: Bool

  /// Parses an expression; unquoted names fold to upper case where `foldsUpper` is set.
  package static func parse(_ text: String, foldsUpper: Bool = false) -> Expression? {
    guard let tokens = Token.all(in: text) else { return nil }
    var parser = Self(tokens: tokens, foldsUpper: foldsUpper)
    guard let expression = parser.disjunction(), parser.position == tokens.count else { return nil }
    return expression
  }

  private init(tokens: [Token], foldsUpper: Bool) {
    self.tokens = tokens
    self.foldsUpper = foldsUpper
  }

  private var current: Token? { position < tokens.count ? tokens[position] : nil }

  private mutating func take(_ symbol: String) -> Bool {
    guard current == .symbol(symbol) else { return false }
    position += 1
    return true
  }

  private mutating func take(words: String...) -> Bool {
    for (offset, word) in words.enumerated() {
      guard position + offset < tokens.count, case .word(let text) = tokens[position + offset],
        text.lowercased() == word
      else { return false }
    }
    position += words.count
    return true
  }

  private mutating func disjunction() -> Expression? {
    guard var left = conjunction() else { return nil }
    while take(words: "or") {
      guard let right = conjunction() else { return nil }
      left = .infix("OR", left, right)
    }
    return left
  }

  private mutating func conjunction() -> Expression? {
    guard var left = negation() else { return nil }
    while take(words: "and") {
      guard let right = negation() else { return nil }
      left = .infix("AND", left, right)
    }
    return left
  }

  private mutating func negation() -> Expression? {
    take(words: "not") ? negation().map { .prefix("NOT", $0) } : comparison()
  }

  private mutating func comparison() -> Expression? {
    guard let left = sum() else { return nil }
    if take(words: "is", "not", "null") { return .prefix("NOT", .isNull(left)) }
    if take(words: "is", "null") { return .isNull(left) }
    if take(words: "is", "true") { return .isBoolean(left, true) }
    if take(words: "is", "false") { return .isBoolean(left, false) }
    if take(words: "not", "in") { return list().map { .prefix("NOT", .oneOf(left, $0)) } }
    if take(words: "in") { return list().map { .oneOf(left, $0) } }
    if take(words: "between") {
      guard let low = sum(), take(words: "and"), let high = sum(), isOrdered(low), isOrdered(high)
      else { return nil }
      return .infix("AND", .infix(">=", left, low), .infix("<=", left, high))
    }
    if take(words: "not", "like") { return like(left, "LIKE").map { .prefix("NOT", $0) } }
    if take(words: "like") || take("~~") { return like(left, "LIKE") }
    if take(words: "ilike") || take("~~*") { return like(left, "ILIKE") }
    if take("!~~") { return like(left, "LIKE").map { .prefix("NOT", $0) } }
    if take("!~~*") { return like(left, "ILIKE").map { .prefix("NOT", $0) } }
    if take("~") { return pattern(left, ignoringCase: false) }
    if take("~*") { return pattern(left, ignoringCase: true) }
    if take("!~") { return pattern(left, ignoringCase: false).map { .prefix("NOT", $0) } }
    if take("!~*") { return pattern(left, ignoringCase: true).map { .prefix("NOT", $0) } }
    for sign in ["=", "<>", "!=", "<=", ">=", "<", ">"] where take(sign) {
      if sign == "=", take(words: "any") { return list().map { .oneOf(left, $0) } }
      if sign == "<>", take(words: "all") { return list().map { .prefix("NOT", .oneOf(left, $0)) } }
      guard let right = sum() else { return nil }
      let isEquality = ["=", "<>", "!="].contains(sign)
      guard isEquality || (isOrdered(left) && isOrdered(right)) else { return nil }
      return .infix(sign == "!=" ? "<>" : sign, left, right)
    }
    return left
  }

  /// Whether the order of such values is the same on both sides: not for text.
  private func isOrdered(_ expression: Expression) -> Bool {
    switch expression {
    case .text, .infix("||", _, _), .call("LOWER", _), .call("UPPER", _), .call("TRIM", _): false
    default: true
    }
  }

  private func like(_ left: Expression, _ operation: String, _ right: Expression) -> Expression? {
    guard case .text(let pattern) = right, !pattern.utf8.contains(UInt8(ascii: "\\")) else {
      return nil
    }
    return .infix(operation, left, right)
  }

  private mutating func like(_ left: Expression, _ operation: String) -> Expression? {
    sum().flatMap { like(left, operation, $0) }
  }

  private mutating func pattern(_ left: Expression, ignoringCase: Bool) -> Expression? {
    guard case .text(let pattern) = sum() else { return nil }
    return .matches(left, pattern: pattern, ignoringCase: ignoringCase)
  }

  /// `(a, b)`, `(ARRAY[a, b])`, `((ARRAY[a, b])::text[])`.
  private mutating func list() -> [Expression]? {
    guard take("(") else { return nil }
    var values: [Expression]?
    if take(words: "array") {
      values = bracketed()
    } else if current == .symbol("("), let inner = list() {
      values = inner
    } else {
      values = separated()
    }
    while take("::") {
      guard typeName() != nil else { return nil }
    }
    guard values != nil, take(")") else { return nil }
    return values
  }

  private mutating func bracketed() -> [Expression]? {
    guard take("["), let values = separated(), take("]") else { return nil }
    return values
  }

  private mutating func separated() -> [Expression]? {
    var values: [Expression] = []
    repeat {
      guard let value = sum() else { return nil }
      values.append(value)
    } while take(",")
    return values
  }

  private mutating func sum() -> Expression? {
    guard var left = product() else { return nil }
    while let sign = ["+", "-", "||"].first(where: { current == .symbol($0) }) {
      position += 1
      guard let right = product() else { return nil }
      left = .infix(sign, left, right)
    }
    return left
  }

  private mutating func product() -> Expression? {
    guard var left = cast() else { return nil }
    while let sign = ["*", "%"].first(where: { current == .symbol($0) }) {
      position += 1
      guard let right = cast() else { return nil }
      left = sign == "%" ? .call("MOD", [left, right]) : .infix(sign, left, right)
    }
    return left
  }

  private mutating func cast() -> Expression? {
    if take("-") { return cast().map { .prefix("-", $0) } }
    guard var value = primary() else { return nil }
    while take("::") {
      guard let name = typeName(), let cast = converted(value, to: name) else { return nil }
      value = cast
    }
    return value
  }

  /// A cast that changes nothing but the type; anything else is refused.
  private func converted(_ value: Expression, to type: String) -> Expression? {
    // Of whatever type, nothing is nothing.
    if value == .null { return .null }
    if type.hasSuffix("[]") { return nil }
    let parts = type.split(separator: "(")
    let base = parts.first.map { String($0.reversed().drop { $0 == " " }.reversed()) } ?? type
    let isBounded = parts.count > 1 && !type.contains(" time zone")
    switch base {
    case "text", "character varying", "varchar", "bpchar", "character", "string", "char":
      switch value {
      case .number, .prefix: return nil
      case .text(let text):
        // A literal within its bounds stays what it is.
        guard isBounded, let limit = parts.last.flatMap({ Int($0.dropLast()) }) else {
          return value
        }
        return text.unicodeScalars.count <= limit ? value : nil
      // Kept: of a number it would compare digits, of text it changes nothing.
      default: return isBounded ? nil : .call("TEXT", [value])
      }
    case "numeric", "double precision", "real", "integer", "bigint", "smallint", "number",
      "decimal", "float", "int":
      if case .text(let digits) = value { return number(digits, to: base) }
      if case .number(let digits) = value { return isBounded ? nil : number(digits, to: base) }
      if case .prefix("-", .number(let digits)) = value {
        return isBounded ? nil : number("-\(digits)", to: base)
      }
      // Of a column only a cast to unbounded numeric keeps every value.
      return base == "numeric" && !isBounded ? value : nil
    case "boolean":
      switch value {
      case .text("t"), .text("true"): return .boolean(true)
      case .text("f"), .text("false"): return .boolean(false)
      case .boolean, .column: return value
      default: return nil
      }
    case "date": return literal(value, .date)
    case "timestamp without time zone", "timestamp", "timestamp_ntz":
      return literal(value, .timestamp)
    case "timestamp with time zone", "timestamptz", "timestamp_tz", "timestamp_ltz":
      return literal(value, .instant)
    default:
      // Enumerations and domains: their labels are text on the other side.
      if case .text = value, !base.contains(" ") { return value }
      return nil
    }
  }

  /// A literal number that the type holds without rounding.
  private func number(_ digits: String, to type: String) -> Expression? {
    guard Token.isNumber(digits) else { return nil }
    if ["integer", "bigint", "smallint", "int"].contains(type), digits.contains(".") { return nil }
    return digits.first == "-" ? .prefix("-", .number(String(digits.dropFirst()))) : .number(digits)
  }

  private func literal(_ value: Expression, _ type: Expression.LiteralType) -> Expression? {
    switch value {
    case .text(let text): .typed(text, type: type)
    case .now: .now(type)
    default: nil
    }
  }

  /// A type's name in lower case, with its arguments and brackets.
  private mutating func typeName() -> String? {
    guard case .word(let first) = current else {
      if case .quoted(let name) = current {
        position += 1
        return name
      }
      return nil
    }
    position += 1
    var name = first.lowercased()
    if take(words: "varying") { name += " varying" }
    if take(words: "precision") { name += " precision" }
    if take("(") {
      name += "("
      while let token = current, token != .symbol(")") {
        name += token.text
        position += 1
      }
      guard take(")") else { return nil }
      name += ")"
    }
    if take(words: "without", "time", "zone") { name += " without time zone" }
    if take(words: "with", "time", "zone") { name += " with time zone" }
    if take("[") {
      guard take("]") else { return nil }
      name += "[]"
    }
    if take(".") { return typeName() }
    return name
  }

  private static let functions: [String: (name: String, arguments: ClosedRange<Int>)] = [
    "lower": ("LOWER", 1...1), "upper": ("UPPER", 1...1), "length": ("LENGTH", 1...1),
    "char_length": ("LENGTH", 1...1), "character_length": ("LENGTH", 1...1),
    "octet_length": ("OCTET_LENGTH", 1...1), "abs": ("ABS", 1...1), "btrim": ("TRIM", 1...1),
    "trim": ("TRIM", 1...1), "coalesce": ("COALESCE", 2...9), "floor": ("FLOOR", 1...1),
    "ceil": ("CEIL", 1...1), "mod": ("MOD", 2...2),
  ]

  private mutating func primary() -> Expression? {
    guard let token = current else { return nil }
    position += 1
    switch token {
    case .number(let digits): return .number(digits)
    case .string(let text): return .text(text)
    case .quoted(let name): return .column(Identifier(name))
    case .symbol("("):
      guard let inner = disjunction(), take(")") else { return nil }
      return inner
    case .symbol: return nil
    case .word(let word): return named(word)
    }
  }

  private mutating func named(_ word: String) -> Expression? {
    switch word.lowercased() {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    case "current_date": return parenthesised(.now(.date))
    case "current_timestamp", "now", "localtimestamp", "sysdate", "getdate",
      "statement_timestamp", "transaction_timestamp", "clock_timestamp":
      return parenthesised(.now(.instant))
    case "gen_random_uuid", "uuid_generate_v4", "uuid_string":
      return take("(") && take(")") ? .randomUUID : nil
    case "cast":
      guard take("("), let value = disjunction(), take(words: "as"), let type = typeName(),
        take(")")
      else { return nil }
      return converted(value, to: type)
    case "case", "select", "exists", "array", "interval", "extract": return nil
    case let name:
      guard take("(") else {
        return .column(Identifier(foldsUpper ? word.uppercased() : name))
      }
      guard let function = Self.functions[name], let arguments = separated(), take(")"),
        function.arguments.contains(arguments.count)
      else { return nil }
      return .call(function.name, arguments)
    }
  }

  /// The value, after an optional empty pair of parentheses.
  private mutating func parenthesised(_ value: Expression) -> Expression? {
    guard take("(") else { return value }
    if case .number = current { position += 1 }
    return take(")") ? value : nil
  }
}

/// A token of an SQL expression.
private enum Token: Equatable {
  case word(String)
  case quoted(String)
  case string(String)
  case number(String)
  case symbol(String)

  var text: String {
    switch self {
    case .word(let text), .quoted(let text), .string(let text), .number(let text),
      .symbol(let text):
      text
    }
  }

  static func isNumber(_ text: String) -> Bool {
    let body = text.first == "-" ? text.dropFirst() : text[...]
    return !body.isEmpty && body.utf8.contains { (0x30...0x39).contains($0) }
      && body.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
      && body.utf8.filter { $0 == UInt8(ascii: ".") }.count <= 1
  }

  private static let symbols = [
    "!~~*", "!~~", "~~*", "!~*", "~~", "!~", "~*", "::", "<>", "!=", "<=", ">=", "||", "(", ")",
    "[", "]", ",", ".", "+", "-", "*", "%", "=", "<", ">", "~",
  ]

  /// All tokens, or `nil` where something is not one.
  static func all(in text: String) -> [Token]? {
    var tokens: [Token] = []
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest = rest.dropFirst()
      } else if first == "'" {
        guard let (value, after) = delimited(rest, by: "'") else { return nil }
        // Snowflake reads backslashes in literals, Postgres does not: refuse what could differ.
        guard !value.utf8.contains(UInt8(ascii: "\\")) || !value.contains("\\'") else { return nil }
        tokens.append(.string(value))
        rest = after
      } else if first == "\"" {
        guard let (value, after) = delimited(rest, by: "\"") else { return nil }
        tokens.append(.quoted(value))
        rest = after
      } else if first.isASCII, first.isNumber {
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard isNumber(String(digits)) else { return nil }
        tokens.append(.number(String(digits)))
        rest = rest.dropFirst(digits.count)
      } else if first.isLetter || first == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
        tokens.append(.word(String(word)))
        rest = rest.dropFirst(word.count)
      } else if let symbol = symbols.first(where: { rest.hasPrefix($0) }) {
        tokens.append(.symbol(symbol))
        rest = rest.dropFirst(symbol.count)
      } else {
        return nil
      }
    }
    return tokens
  }

  /// The content up to the closing mark, doubled marks being one, and what follows.
  private static func delimited(
    _ text: Substring, by mark: Character
  ) -> (String, Substring)? {
    var content = ""
    var rest = text.dropFirst()
    while let character = rest.first {
      rest = rest.dropFirst()
      if character != mark {
        content.append(character)
      } else if rest.first == mark {
        content.append(mark)
        rest = rest.dropFirst()
      } else {
        return (content, rest)
      }
    }
    return nil
  }
}
