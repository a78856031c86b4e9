import Diagnostics

/// A query of an application: one statement that reads, with named parameters such as `:customer`.
///
/// Text in quotes, comments and casts (`::date`) hold no parameter. What a dialect's literals may
/// hold is that engine's own: a backslash escapes in Snowflake, and in Postgres only behind an `E`.
struct QueryText: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case text(String)
    case parameter(String)
  }

  /// Why a text is not one query that reads; in lower case.
  struct Problem: Error, Hashable {
    let reason: String
  }

  /// The statement without a semicolon at its end.
  let parts: [Part]
  /// What the rows are ordered by, where the statement itself orders them.
  let order: Order?

  enum Order: Hashable, Sendable {
    /// Columns by their names or by their positions from 1.
    case columns([Column])
    /// Something else than columns.
    case other

    enum Column: Hashable, Sendable {
      case name(String)
      case position(Int)
    }
  }

  /// Reads the text as an engine would.
  init(_ text: String, engine: Engine) throws(Problem) {
    if let hidden = Self.hiddenCharacter(in: text) { throw Problem(reason: hidden) }
    var lexer = QueryLexer(Array(text.utf8), engine)
    let tokens = try lexer.tokens()
    let problem = Self.problem(tokens) ?? Self.sideEffect(tokens, engine)
    if let problem { throw Problem(reason: problem) }
    parts = lexer.parts(tokens)
    order = Self.order(tokens)
  }

  /// The parameters in the order of their first use.
  var parameters: [String] {
    var names: [String] = []
    for case .parameter(let name) in parts where !names.contains(name) { names.append(name) }
    return names
  }

  /// The statement with its parameters as literals, which the dialect of its side quotes.
  func bound(_ values: [String: ParameterValue]) -> SQL {
    var pieces: [SQL.Piece] = []
    for part in parts {
      switch part {
      case .text(let text): pieces.append(.text(text))
      case .parameter(let name): pieces += values[name]?.literal.pieces ?? []
      }
    }
    return SQL(pieces: pieces)
  }

  // MARK: Reading only

  private static let beginnings: Set<String> = ["select", "with", "values", "table"]
  private static let changes: Set<String> = ["insert", "update", "delete", "merge"]

  private static func problem(_ tokens: [QueryToken]) -> String? {
    guard let first = tokens.first(where: { $0.kind != .symbol(UInt8(ascii: "(")) }) else {
      return "there is no query in it"
    }
    guard case .word(let word) = first.kind, beginnings.contains(word) else {
      return "a query begins with SELECT or WITH"
    }
    for (position, token) in tokens.enumerated() {
      guard case .word(let word) = token.kind else { continue }
      let isBehindParenthesis =
        position > 0 && tokens[position - 1].kind == .symbol(UInt8(ascii: "("))
      if changes.contains(word), isBehindParenthesis { return "it holds \(word.uppercased())" }
      let isCalled =
        position + 1 < tokens.count && tokens[position + 1].kind == .symbol(UInt8(ascii: "("))
      if isCalled, let problem = ReadOnlySQL.problem(calling: word.uppercased()) { return problem }
      guard token.depth == 0 else { continue }
      if word == "into" { return "SELECT … INTO makes a table" }
      if changes.contains(word), tokens[..<position].contains(where: \.isWith),
        isStatement(tokens, position)
      {
        return "it holds \(word.uppercased())"
      }
      if word == "for", position + 1 < tokens.count,
        case .word(let next) = tokens[position + 1].kind,
        ["update", "share", "no", "key"].contains(next)
      {
        return "FOR \(next.uppercased()) locks rows"
      }
    }
    return nil
  }

  /// Whether a word stands where a statement begins behind the parts of a WITH.
  private static func isStatement(_ tokens: [QueryToken], _ position: Int) -> Bool {
    position > 0 && tokens[position - 1].kind == .symbol(UInt8(ascii: ")"))
  }

  /// What a reviewer would not see; a line may end as Windows ends it, but not by a return alone, which
  /// ends a comment in one database only.
  private static func hiddenCharacter(in text: String) -> String? {
    let scalars = Array(text.unicodeScalars)
    for (position, scalar) in scalars.enumerated() where scalar != "\n" && scalar != "\t" {
      if scalar == "\r", position + 1 < scalars.count, scalars[position + 1] == "\n" { continue }
      if HiddenCharacter(scalar) != nil {
        return "the character \(scalar.codePoint) cannot be seen"
      }
    }
    return nil
  }

  /// Beginnings of functions that do more than read, where a read-only transaction lets them.
  private static let reaching = [
    "system$", "pg_terminate", "pg_cancel", "pg_reload", "pg_rotate", "pg_advisory",
    "pg_try_advisory", "pg_notify", "pg_logical_emit", "pg_stat_reset", "dblink", "lo_",
    "set_config", "query_to_xml", "setval", "nextval",
  ]
  private static let harmless: Set<String> = ["system$typeof", "system$wait"]

  /// What the statement does besides reading.
  private static func sideEffect(_ tokens: [QueryToken], _ engine: Engine) -> String? {
    for (position, token) in tokens.enumerated() {
      let next = position + 1 < tokens.count ? tokens[position + 1].kind : nil
      switch token.kind {
      case .word(let word), .quoted(let word):
        let name = word.lowercased()
        if engine == .snowflake, name == "nextval" { return "NEXTVAL changes a sequence" }
        if next == .symbol(UInt8(ascii: "(")), !harmless.contains(name),
          reaching.contains(where: name.hasPrefix)
        {
          return "`\(name)` does more than read"
        }
      // In Postgres a member of JSON.
      case .symbol(UInt8(ascii: "-")) where engine == .snowflake:
        let arrow = tokens[position...].prefix(3)
        let isArrow =
          arrow.map(\.kind)
          == [UInt8(ascii: "-"), UInt8(ascii: ">"), UInt8(ascii: ">")].map {
            QueryToken.Kind.symbol($0)
          }
        if isArrow, token.range.upperBound + 2 == arrow.last?.range.upperBound {
          return "`->>` begins another statement in Snowflake"
        }
      default: break
      }
    }
    return nil
  }

  // MARK: Order

  private static func order(_ tokens: [QueryToken]) -> Order? {
    let outer = tokens.indices.filter { tokens[$0].depth == 0 }
    guard
      let start = outer.last(where: { index in
        tokens[index].kind == .word("order") && index + 1 < tokens.count
          && tokens[index + 1].kind == .word("by")
      })
    else { return nil }
    let ends: Set<String> = ["limit", "offset", "fetch", "for"]
    var items: [[QueryToken]] = [[]]
    for token in tokens[(start + 2)...] {
      if token.depth == 0 {
        if case .word(let word) = token.kind, ends.contains(word) { break }
        if token.kind == .symbol(UInt8(ascii: ",")) {
          items.append([])
          continue
        }
      }
      items[items.count - 1].append(token)
    }
    var columns: [Order.Column] = []
    for item in items {
      guard let column = column(item) else { return .other }
      columns.append(column)
    }
    return .columns(columns)
  }

  /// `t.total DESC NULLS LAST` as `total`; `nil` for what is more than a column.
  private static func column(_ item: [QueryToken]) -> Order.Column? {
    var rest = item[...]
    let tail: Set<String> = ["asc", "desc", "nulls", "first", "last"]
    while rest.count > 1, case .word(let word)? = rest.last?.kind, tail.contains(word) {
      rest.removeLast()
    }
    var found: Order.Column?
    var expectsName = true
    for token in rest {
      switch token.kind {
      case .word(let name) where expectsName: found = .name(name)
      case .quoted(let name) where expectsName: found = .name(name)
      case .number(let text) where expectsName && found == nil:
        guard let number = Int(text), rest.count == 1 else { return nil }
        return .position(number)
      case .symbol(UInt8(ascii: ".")) where !expectsName: break
      default: return nil
      }
      expectsName.toggle()
    }
    return expectsName ? nil : found
  }
}

/// A value that a parameter of a query stands for.
package enum ParameterValue: Hashable, Sendable, CustomStringConvertible {
  case null
  /// In plain decimal digits.
  case number(String)
  case boolean(Bool)
  case date(CalendarDay)
  case text(String)

  /// What it is by its form: `null`, `true`, `42`, `-1.5` and `2026-01-31` are no text unless
  /// quoted.
  package init(_ text: String, isPlain: Bool) {
    guard isPlain else {
      self = .text(text)
      return
    }
    switch text {
    case "", "~", "null": self = .null
    case "true": self = .boolean(true)
    case "false": self = .boolean(false)
    default:
      if let day = CalendarDay(text) {
        self = .date(day)
      } else {
        self = Self.isNumber(text) ? .number(text) : .text(text)
      }
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
      }
      // `007` is a code, not a number.
      && (parts[0].count == 1 || parts[0].first != "0")
  }

  var literal: SQL {
    switch self {
    case .null: "NULL"
    case .number(let digits):
      digits.hasPrefix("-") ? "(\(SQL(verbatim: digits)))" : SQL(verbatim: digits)
    case .boolean(let value): value ? "TRUE" : "FALSE"
    case .date(let day): "CAST(\(literal: day.description) AS DATE)"
    case .text(let text): "\(literal: text)"
    }
  }

  package var description: String {
    switch self {
    case .null: "NULL"
    case .number(let digits): digits
    case .boolean(let value): "\(value)"
    case .date(let day): day.description
    case .text(let text): "'\(text)'"
    }
  }
}
