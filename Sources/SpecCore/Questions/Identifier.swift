/// A name exactly as a database's catalog spells it; quoting happens when SQL is rendered.
///
/// Equality is by bytes: Swift's `String` calls composed and decomposed letters equal, databases
/// do not.
package struct Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) { self.name = name }

  package var description: String { name }

  package static func == (left: Self, right: Self) -> Bool {
    left.name.utf8.elementsEqual(right.name.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    for byte in name.utf8 { hasher.combine(byte) }
  }

  package static func < (left: Self, right: Self) -> Bool {
    left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}

/// A schema of one side; Snowflake names the database as well.
package struct SchemaName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let database: Identifier?
  package let schema: Identifier

  package init(database: Identifier? = nil, schema: Identifier) {
    self.database = database
    self.schema = schema
  }

  package var description: String {
    [database?.name, schema.name].compactMap(\.self).joined(separator: ".")
  }

  package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// A table or view, named in full and as the catalog spells it, or the rows of a query.
package struct Relation: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let schema: SchemaName
  package let name: Identifier
  /// Whether it is read at the run's read point; `false` where the database cannot.
  package let isPinned: Bool
  /// One `SELECT` whose rows it stands for; the name is then only what people call it.
  ///
  /// It was looked at by ``ReadOnlySQL`` when the spec was read.
  package let query: String?

  package init(
    schema: SchemaName, name: Identifier, isPinned: Bool = true, query: String? = nil
  ) {
    self.schema = schema
    self.name = name
    self.isPinned = isPinned
    self.query = query
  }

  /// Where names in the query that say no schema lead; `nil` for a table, which is named in full.
  package var searchSchema: Identifier? { query == nil ? nil : schema.schema }

  package var description: String { query == nil ? "\(schema).\(name)" : name.name }

  package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// One of the two databases of a run.
package enum Side: String, Hashable, Sendable, CaseIterable, Comparable {
  case source
  case target

  /// The other one.
  package var opposite: Side { self == .source ? .target : .source }

  package static func < (left: Self, right: Self) -> Bool { left == .source && right == .target }
}
