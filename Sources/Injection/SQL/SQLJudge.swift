/// Tells whether an expression of SQL is fixed, or which part of it is not.
struct SQLJudge {
  /// The part of an expression that somebody else decides.
  struct Suspect {
    /// Where it stands, by indices of tokens.
    let tokens: Range<Int>
    /// What it holds in the end, where that is written elsewhere.
    var source: Range<Int>
  }

  /// Expressions nested deeper than this count as not fixed.
  private static let depthLimit = 40

  /// Functions whose result is quoted, a number, a date or a digest.
  private static let cleaning: Set<String> = [
    "quote_ident", "quote_literal", "quote_nullable", "to_regclass", "to_regtype", "length",
    "char_length", "octet_length", "len", "now", "count", "md5", "sha1", "sha2", "sha256",
    "to_number",
    "to_decimal", "to_date", "to_timestamp", "try_to_number", "try_to_date", "date_trunc",
    "dateadd", "datediff", "date_part", "extract", "current_timestamp", "current_date",
    "current_schema", "current_database", "current_user", "current_role", "session_user",
    "clock_timestamp", "abs", "round", "floor", "ceil", "mod", "random", "uniform", "uuid_string",
    "gen_random_uuid", "nextval", "txid_current", "row_number", "array_size", "array_length",
    "cardinality", "position", "strpos", "pg_backend_pid", "hash", "current_session",
  ]
  /// Functions whose result holds what they are given.
  private static let passing: Set<String> = [
    "concat", "concat_ws", "coalesce", "nvl", "ifnull", "nullif", "upper", "lower", "trim", "ltrim",
    "rtrim", "btrim", "left", "right", "substring", "substr", "initcap", "repeat", "lpad", "rpad",
    "replace", "array_to_string", "string_agg", "listagg", "iff", "greatest", "least", "to_char",
    "to_varchar", "max", "min", "any_value", "array_agg", "array", "unnest", "translate", "reverse",
    "split_part", "string_to_array", "array_append", "array_cat", "chr", "char",
  ]

  let script: SQLScript
  let variables: SQLVariables
  private var visited: Set<String> = []
  /// How many words and signs may still be looked at, each as often as it is met.
  private(set) var effort: Int

  /// Judges as long as `effort` lasts; from then on nothing counts as fixed.
  init(_ script: SQLScript, _ variables: SQLVariables, effort: Int) {
    self.script = script
    self.variables = variables
    self.effort = effort
  }

  /// The first part of an expression that is not fixed, or nil where all of it is.
  mutating func suspect(_ range: Range<Int>, depth: Int = 0) -> Suspect? {
    guard !range.isEmpty else { return nil }
    effort -= range.count
    guard depth < Self.depthLimit, effort > 0 else {
      return Suspect(tokens: range, source: range)
    }
    let parts = operands(range)
    if parts.count > 1 {
      for part in parts {
        if let found = suspect(part, depth: depth + 1) { return found }
      }
      return nil
    }
    return operand(range, depth)
  }

  /// The parts that `||`, `+` and the like join.
  private func operands(_ range: Range<Int>) -> [Range<Int>] {
    guard script.keyword(range.lowerBound) != .case, script.keyword(range.lowerBound) != .select
    else { return [range] }
    var parts: [Range<Int>] = []
    for part in script.parts(range, separatedBy: "||") {
      parts += script.parts(part, separatedBy: "+")
    }
    return parts
  }

  private mutating func operand(_ range: Range<Int>, _ depth: Int) -> Suspect? {
    let first = range.lowerBound
    let whole = Suspect(tokens: range, source: range)
    if let cast = script.parts(range, separatedBy: "::").last, cast.lowerBound > first,
      cast.upperBound == range.upperBound
    {
      // The type that was cast to last but for text decides.
      let casts = script.parts(range, separatedBy: "::").dropFirst()
      let isHarmless = casts.contains {
        SQLVariables.harmlessTypes.contains(script.name($0.lowerBound))
      }
      return isHarmless ? nil : suspect(first..<casts[1].lowerBound - 1, depth: depth + 1)
    }
    if range.count > 1, script.isSign("(", at: first),
      script.afterBrackets(first) == range.upperBound
    {
      return suspect(first + 1..<range.upperBound - 1, depth: depth + 1)
    }
    switch script.keyword(first) {
    case .case: return suspectOfCase(range, depth)
    case .select: return suspectOfSelection(range, depth)
    case .cast:
      guard script.isSign("(", at: first + 1) else { return whole }
      return suspectOfCast(
        first + 2..<max(first + 2, script.afterBrackets(first + 1) - 1), depth)
    default: break
    }
    guard range.count > 1 else { return suspectOfToken(first, depth) }
    if script.isSign("-", at: first) { return nil }
    if script.isSign("(", at: first + 1), script.kind(first) == .word {
      let end = script.afterBrackets(first + 1)
      return suspectOfCall(first, first + 2..<max(first + 2, end - 1), whole, depth)
    }
    if isText(first) {
      // Texts in a row are one; a text with a type before it is one as well.
      return range.allSatisfy { isText($0) } ? nil : whole
    }
    return suspectOfPath(range, whole, depth)
  }

  private func isText(_ index: Int) -> Bool {
    switch script.kind(index) {
    case .string, .escapeString, .dollarString, .number, .hole: true
    default: false
    }
  }

  private mutating func suspectOfToken(_ index: Int, _ depth: Int) -> Suspect? {
    let whole = Suspect(tokens: index..<index + 1, source: index..<index + 1)
    switch script.kind(index) {
    case .string, .escapeString, .dollarString, .number, .hole, .sign, nil: return nil
    case .parameter:
      if let number = Int(script.name(index)) {
        return judge(variables.parameter(number), "$\(number)", whole, depth)
      }
    case .word:
      let constants = ["null", "true", "false", "found", "sqlrowcount", "sqlid", "sqlcode"]
      if constants.contains(script.name(index)) || Self.cleaning.contains(script.name(index)) {
        return nil
      }
    case .quotedName: break
    }
    let name = script.name(index)
    return judge(variables[name], name, whole, depth)
  }

  /// What a variable may hold: everything it is set to.
  private mutating func judge(
    _ variable: SQLVariables.Variable?, _ name: String, _ whole: Suspect, _ depth: Int
  ) -> Suspect? {
    guard let variable else { return whole }
    if let type = variable.type, SQLVariables.harmlessTypes.contains(type) { return nil }
    if variable.isForeign || variable.values.isEmpty { return whole }
    guard visited.insert(name).inserted else { return nil }
    defer { visited.remove(name) }
    for value in variable.values {
      if let found = suspect(value, depth: depth + 1) {
        return Suspect(tokens: whole.tokens, source: found.source)
      }
    }
    return nil
  }

  private mutating func suspectOfCall(
    _ first: Int, _ arguments: Range<Int>, _ whole: Suspect, _ depth: Int
  ) -> Suspect? {
    let name = script.name(first)
    if Self.cleaning.contains(name) || SQLVariables.harmlessTypes.contains(name) { return nil }
    let parts = script.parts(arguments, separatedBy: ",")
    if name == "format" { return suspectOfFormat(parts, depth) }
    if name == "replace", parts.count == 3, script.text(parts[1].lowerBound) == "''''",
      script.text(parts[2].lowerBound) == "''''''"
    {
      return nil
    }
    guard Self.passing.contains(name) else { return whole }
    for part in parts {
      if let found = suspect(part, depth: depth + 1) { return found }
    }
    return nil
  }

  /// A path such as `r.name`, `args[1]` or an expression this does not know.
  private mutating func suspectOfPath(
    _ range: Range<Int>, _ whole: Suspect, _ depth: Int
  ) -> Suspect? {
    let isArithmetic = range.contains { place in
      ["*", "/", "%", "-"].contains { script.isSign($0, at: place) }
    }
    if isArithmetic { return nil }
    let first = range.lowerBound
    let name = script.name(first)
    guard let variable = variables[name], !variable.isForeign else { return whole }
    let isElement = script.isSign("[", at: first + 1)
    guard isElement else { return whole }
    return judge(variable, name, whole, depth)
  }

  private mutating func suspectOfCase(_ range: Range<Int>, _ depth: Int) -> Suspect? {
    var start: Int?
    var nesting = 0
    for place in range.dropFirst() {
      switch script.keyword(place) {
      case .case: nesting += 1
      case .end where nesting > 0: nesting -= 1
      case .then where nesting == 0, .else where nesting == 0:
        if let start, let found = suspect(start..<place, depth: depth + 1) { return found }
        start = place + 1
      case .when where nesting == 0, .end where nesting == 0:
        if let start, let found = suspect(start..<place, depth: depth + 1) { return found }
        start = nil
      default: break
      }
    }
    return nil
  }

  /// A query in brackets: its columns count.
  private mutating func suspectOfSelection(_ range: Range<Int>, _ depth: Int) -> Suspect? {
    var end = range.lowerBound + 1
    while end < range.upperBound, script.keyword(end) != .from {
      end = script.isSign("(", at: end) ? script.afterBrackets(end) : end + 1
    }
    for part in script.parts(range.lowerBound + 1..<min(end, range.upperBound), separatedBy: ",") {
      if let found = suspect(part, depth: depth + 1) { return found }
    }
    return nil
  }

  private mutating func suspectOfCast(_ range: Range<Int>, _ depth: Int) -> Suspect? {
    guard let place = range.last(where: { script.keyword($0) == .as }) else { return nil }
    if SQLVariables.harmlessTypes.contains(script.name(place + 1)) { return nil }
    return suspect(range.lowerBound..<place, depth: depth + 1)
  }

  /// `format('… %s …', a)`: `%I` and `%L` quote, `%s` does not.
  private mutating func suspectOfFormat(_ arguments: [Range<Int>], _ depth: Int) -> Suspect? {
    guard let pattern = arguments.first else { return nil }
    if let found = suspect(pattern, depth: depth + 1) { return found }
    var text: [UInt8] = []
    for place in pattern where isText(place) && script.kind(place) != .number {
      text += script.content(place).bytes
    }
    for number in Self.unquoted(text) where number < arguments.count {
      if let found = suspect(arguments[number], depth: depth + 1) { return found }
    }
    // A pattern out of a variable may hold any of the signs.
    guard text.isEmpty else { return nil }
    for argument in arguments.dropFirst() {
      if let found = suspect(argument, depth: depth + 1) { return found }
    }
    return nil
  }

  /// The numbers of the arguments that `%s` writes into a pattern.
  private static func unquoted(_ text: [UInt8]) -> [Int] {
    var numbers: [Int] = []
    var following = 1
    var place = 0
    while place < text.count {
      guard text[place] == UInt8(ascii: "%") else {
        place += 1
        continue
      }
      place += 1
      var number = 0
      var given: Int?
      while place < text.count {
        let byte = text[place]
        if byte.isDigit {
          number = min(number * 10 + Int(byte - UInt8(ascii: "0")), 10_000)
        } else if byte == UInt8(ascii: "$") {
          given = number
          number = 0
        } else if byte == UInt8(ascii: "*") {
          following += 1
        } else if byte != UInt8(ascii: "-") {
          break
        }
        place += 1
      }
      guard place < text.count else { break }
      let letter = text[place]
      if letter == UInt8(ascii: "s") || letter == UInt8(ascii: "I") || letter == UInt8(ascii: "L") {
        let argument = given ?? following
        if letter == UInt8(ascii: "s") { numbers.append(argument) }
        following = argument + 1
      }
      place += 1
    }
    return numbers
  }
}
