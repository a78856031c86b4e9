/// A scalar expression of a catalog (CHECK, DEFAULT, partial index), parsed so that it can be said
/// in the other dialect; only what means the same on both sides can be parsed.
package indirect enum Expression: Hashable, Sendable {
  case column(Identifier)
  case text(String)
  /// Decimal digits, perhaps with point.
  case number(String)
  case boolean(Bool)
  case null
  /// A literal of a type of its own: `DATE '2020-01-01'`.
  case typed(String, type: LiteralType)
  /// The statement's time or date.
  case now(LiteralType)
  /// A new random UUID, by any of its functions' names.
  case randomUUID
  /// `NOT` or `-`.
  case prefix(String, Expression)
  /// A comparison, arithmetic, `AND`, `OR`, `||`, `LIKE` or `ILIKE`.
  case infix(String, Expression, Expression)
  case isNull(Expression)
  case isBoolean(Expression, Bool)
  case oneOf(Expression, [Expression])
  /// A function both databases know by this (upper-case) name.
  case call(String, [Expression])
  case matches(Expression, pattern: String, ignoringCase: Bool)

  /// Types that a literal may be cast to without changing its meaning between the sides.
  package enum LiteralType: String, Hashable, Sendable {
    case date = "DATE"
    case timestamp = "TIMESTAMP"
    case instant = "TIMESTAMPTZ"
  }

  /// Whether the value stands in the expression itself, so that two of them can be compared.
  package var isLiteral: Bool {
    switch self {
    case .text, .number, .boolean, .null, .typed, .now, .randomUUID: true
    case .prefix("-", let inner): inner.isLiteral
    default: false
    }
  }
}

extension Dialect {
  /// The expression in this dialect with its columns renamed; `nil` where a column is unknown or
  /// this dialect cannot say it.
  package func predicate(_ expression: Expression, columns: [Identifier: Identifier]) -> SQL? {
    func said(_ inner: Expression) -> SQL? { predicate(inner, columns: columns) }
    switch expression {
    case .column(let name): return columns[name].map { "\($0)" }
    case .text(let text): return "\(literal: text)"
    case .number(let digits): return SQL(verbatim: digits)
    case .boolean(let value): return value ? "TRUE" : "FALSE"
    case .null: return "NULL"
    case .typed(let text, let type): return literal(text, type)
    // What a row had to satisfy when it was written cannot be asked today.
    case .now, .randomUUID: return nil
    case .prefix(let sign, let inner): return said(inner).map { "\(SQL(verbatim: sign)) (\($0))" }
    case .infix(let sign, let left, let right):
      guard let left = said(left), let right = said(right) else { return nil }
      return "(\(left)) \(SQL(verbatim: sign)) (\(right))"
    case .isNull(let inner): return said(inner).map { "(\($0)) IS NULL" }
    case .isBoolean(let inner, let value):
      return said(inner).map { "COALESCE((\($0)) = \(value ? "TRUE" : "FALSE"), FALSE)" }
    case .oneOf(let inner, let list):
      let values = list.compactMap(said)
      guard let inner = said(inner), values.count == list.count, !values.isEmpty else { return nil }
      return "(\(inner)) IN (\(values.joined(by: ", ")))"
    case .call("TEXT", let arguments): return arguments.first.flatMap(said)
    case .call(let name, let arguments):
      let values = arguments.compactMap(said)
      guard values.count == arguments.count else { return nil }
      return "\(SQL(verbatim: name))(\(values.joined(by: ", ")))"
    case .matches(let inner, let pattern, let ignoringCase):
      guard let inner = said(inner) else { return nil }
      return contains(inner, pattern: pattern, ignoringCase: ignoringCase)
    }
  }

  private func literal(_ text: String, _ type: Expression.LiteralType) -> SQL {
    switch type {
    case .date: "CAST(\(literal: text) AS DATE)"
    case .timestamp: "CAST(\(literal: text) AS \(timestampName))"
    case .instant: "CAST(\(literal: text) AS \(instantName))"
    }
  }
}
