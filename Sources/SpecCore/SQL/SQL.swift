/// SQL text with typed holes: names and literals are quoted by the dialect, never by hand.
package struct SQL: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// A part of the text.
  package enum Piece: Hashable, Sendable {
    case text(String)
    case identifier(Identifier)
    case literal(String)
    /// A relation that is read: the dialect adds the read point where it needs one.
    case table(Relation)
    /// A relation that is only named.
    case name(Relation)
  }

  package private(set) var pieces: [Piece]

  package init(pieces: [Piece]) { self.pieces = pieces }

  package init(stringLiteral value: String) { pieces = [.text(value)] }

  package init(stringInterpolation: Interpolation) { pieces = stringInterpolation.pieces }

  /// Where names of a query in it that say no schema lead; `nil` where it reads tables only.
  package var searchSchema: Identifier? {
    for case .table(let relation) in pieces where relation.query != nil {
      return relation.searchSchema
    }
    return nil
  }

  /// Text that an author wrote, such as `where:`; it was checked when the spec was read.
  package init(verbatim text: String) { pieces = [.text(text)] }

  /// Collects the pieces of a literal.
  package struct Interpolation: StringInterpolationProtocol {
    var pieces: [Piece] = []

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { pieces.append(.text(literal)) }
    }

    package mutating func appendInterpolation(_ identifier: Identifier) {
      pieces.append(.identifier(identifier))
    }

    package mutating func appendInterpolation(literal: String) { pieces.append(.literal(literal)) }

    package mutating func appendInterpolation(table: Relation) { pieces.append(.table(table)) }

    package mutating func appendInterpolation(name: Relation) { pieces.append(.name(name)) }

    package mutating func appendInterpolation(_ number: Int) { pieces.append(.text("\(number)")) }

    package mutating func appendInterpolation(_ sql: SQL) { pieces += sql.pieces }
  }

  /// The same text with an expression wherever a name stood.
  func replacing(_ name: Identifier, by expression: SQL) -> SQL {
    SQL(
      pieces: pieces.flatMap { piece -> [Piece] in
        if case .identifier(name) = piece { return expression.pieces }
        return [piece]
      })
  }

  package static func + (left: SQL, right: SQL) -> SQL { SQL(pieces: left.pieces + right.pieces) }
}

extension Sequence<SQL> {
  /// The parts with `separator` between them.
  package func joined(by separator: String) -> SQL {
    var pieces: [SQL.Piece] = []
    for (position, part) in enumerated() {
      if position > 0 { pieces.append(.text(separator)) }
      pieces += part.pieces
    }
    return SQL(pieces: pieces)
  }
}
