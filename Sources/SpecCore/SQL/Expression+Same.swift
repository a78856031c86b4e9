extension Expression {
  /// The same expression over other column names.
  func renamed(by names: [Identifier: Identifier]) -> Expression {
    switch self {
    case .column(let name): .column(names[name] ?? name)
    case .prefix(let sign, let inner): .prefix(sign, inner.renamed(by: names))
    case .infix(let sign, let left, let right):
      .infix(sign, left.renamed(by: names), right.renamed(by: names))
    case .isNull(let inner): .isNull(inner.renamed(by: names))
    case .isBoolean(let inner, let value): .isBoolean(inner.renamed(by: names), value)
    case .oneOf(let inner, let list):
      .oneOf(inner.renamed(by: names), list.map { $0.renamed(by: names) })
    case .call(let name, let arguments): .call(name, arguments.map { $0.renamed(by: names) })
    case .matches(let inner, let pattern, let ignoringCase):
      .matches(inner.renamed(by: names), pattern: pattern, ignoringCase: ignoringCase)
    case .text, .number, .boolean, .null, .typed, .now, .randomUUID: self
    }
  }

  /// Columns that stand in a comparison of order, however deep.
  var orderedColumns: Set<Identifier> {
    switch self {
    case .infix(let sign, let left, let right):
      ["<", "<=", ">", ">="].contains(sign)
        ? left.columns.union(right.columns) : left.orderedColumns.union(right.orderedColumns)
    case .prefix(_, let inner), .isNull(let inner), .isBoolean(let inner, _),
      .matches(let inner, _, _):
      inner.orderedColumns
    case .oneOf(let inner, let list):
      list.reduce(inner.orderedColumns) { $0.union($1.orderedColumns) }
    case .call(_, let arguments): arguments.reduce([]) { $0.union($1.orderedColumns) }
    case .column, .text, .number, .boolean, .null, .typed, .now, .randomUUID: []
    }
  }

  /// Columns that are cast to text: of other types than text that compares their digits.
  var columnsAsText: Set<Identifier> {
    switch self {
    case .call("TEXT", let arguments): arguments.reduce([]) { $0.union($1.columns) }
    case .call(_, let arguments): arguments.reduce([]) { $0.union($1.columnsAsText) }
    case .infix(_, let left, let right): left.columnsAsText.union(right.columnsAsText)
    case .prefix(_, let inner), .isNull(let inner), .isBoolean(let inner, _),
      .matches(let inner, _, _):
      inner.columnsAsText
    case .oneOf(let inner, let list):
      list.reduce(inner.columnsAsText) { $0.union($1.columnsAsText) }
    case .column, .text, .number, .boolean, .null, .typed, .now, .randomUUID: []
    }
  }

  /// Columns whose own values count, not their lengths.
  private var columns: Set<Identifier> {
    switch self {
    case .column(let name): [name]
    case .infix(_, let left, let right): left.columns.union(right.columns)
    case .prefix(_, let inner), .isNull(let inner), .isBoolean(let inner, _),
      .matches(let inner, _, _):
      inner.columns
    case .oneOf(let inner, let list): list.reduce(inner.columns) { $0.union($1.columns) }
    case .call("LENGTH", _), .call("OCTET_LENGTH", _): []
    case .call(_, let arguments): arguments.reduce([]) { $0.union($1.columns) }
    case .text, .number, .boolean, .null, .typed, .now, .randomUUID: []
    }
  }

  /// Whether both say the same once spelling is set aside: `0` and `0.00`, the kinds of now, the
  /// bytes of text rather than Swift's notion of equal letters.
  package func isSame(as other: Expression) -> Bool {
    switch (self, other) {
    case (.call("TEXT", let inner), _): inner.first?.isSame(as: other) ?? false
    case (_, .call("TEXT", let inner)): inner.first.map { isSame(as: $0) } ?? false
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.number(let left), .number(let right)):
      if let one = CanonicalJSON.bytes(of: left) {
        one == CanonicalJSON.bytes(of: right)
      } else {
        left == right
      }
    case (.now(let left), .now(let right)): (left == .date) == (right == .date)
    case (.prefix(let sign, let left), .prefix(let otherSign, let right)):
      sign == otherSign && left.isSame(as: right)
    case (.infix(let sign, let left, let right), .infix(let otherSign, let first, let second)):
      sign == otherSign && left.isSame(as: first) && right.isSame(as: second)
    case (.isNull(let left), .isNull(let right)): left.isSame(as: right)
    case (.oneOf(let left, let list), .oneOf(let right, let others)):
      left.isSame(as: right) && list.count == others.count
        && zip(list, others).allSatisfy { $0.isSame(as: $1) }
    case (.call(let name, let list), .call(let otherName, let others)):
      name == otherName && list.count == others.count
        && zip(list, others).allSatisfy { $0.isSame(as: $1) }
    default: self == other
    }
  }
}
