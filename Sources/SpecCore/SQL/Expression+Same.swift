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
    case .text, .number, .boolean, .null, .typed, .now: self
    }
  }

  /// Whether both say the same once spelling is set aside: `0` and `0.00`, the kinds of now, the
  /// bytes of text rather than Swift's notion of equal letters.
  func isSame(as other: Expression) -> Bool {
    switch (self, other) {
    case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
    case (.number(let left), .number(let right)):
      CanonicalJSON.bytes(of: left) == CanonicalJSON.bytes(of: right)
    case (.now, .now): true
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
