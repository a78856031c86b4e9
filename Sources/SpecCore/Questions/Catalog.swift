/// What a side's catalog says about one schema.
package struct SchemaCatalog: Hashable, Sendable {
  package let name: SchemaName
  /// Whether the schema is there and the role may look into it.
  package let isVisible: Bool
  package let tables: [TableCatalog]
  /// Why parts of the catalog could not be read, if so; checks that need them cannot decide.
  package let gaps: [CatalogGap]

  package init(name: SchemaName, isVisible: Bool, tables: [TableCatalog], gaps: [CatalogGap] = []) {
    self.name = name
    self.isVisible = isVisible
    self.tables = tables
    self.gaps = gaps
  }

  /// A part of the catalog that was refused or cut short.
  package struct CatalogGap: Hashable, Sendable {
    package enum Part: String, Hashable, Sendable {
      case keys, foreignKeys, checks, sequences
    }

    package let part: Part
    package let reason: String

    package init(part: Part, reason: String) {
      self.part = part
      self.reason = reason
    }
  }

  /// Whether this part is known.
  package func gap(_ part: CatalogGap.Part) -> CatalogGap? { gaps.first { $0.part == part } }
}

/// A table or view as its catalog describes it.
package struct TableCatalog: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    case table, view
    case materializedView = "materialized view"
    case foreignTable = "foreign table"
    /// A part of a partitioned table, reached through its parent.
    case partition
  }

  package let relation: Relation
  package let kind: Kind
  /// In the catalog's order.
  package let columns: [ColumnCatalog]
  package let primaryKey: KeyCatalog?
  package let uniqueKeys: [KeyCatalog]
  package let foreignKeys: [ForeignKeyCatalog]
  package let checks: [CheckCatalog]
  /// The planner's guess, or one from the size of a table never analysed; `nil` for neither.
  package let estimatedRows: Int?
  /// What makes reads of this table differ from the run's read point, if anything.
  package let readPointNote: String?
  /// For how many days Time Travel reaches back; `nil` where the database has none, or does not tell.
  package let retentionDays: Int?

  package init(
    relation: Relation, kind: Kind, columns: [ColumnCatalog], primaryKey: KeyCatalog? = nil,
    uniqueKeys: [KeyCatalog] = [], foreignKeys: [ForeignKeyCatalog] = [],
    checks: [CheckCatalog] = [], estimatedRows: Int? = nil, readPointNote: String? = nil,
    retentionDays: Int? = nil
  ) {
    self.retentionDays = retentionDays
    self.relation = relation
    self.kind = kind
    self.columns = columns
    self.primaryKey = primaryKey
    self.uniqueKeys = uniqueKeys
    self.foreignKeys = foreignKeys
    self.checks = checks
    self.estimatedRows = estimatedRows
    self.readPointNote = readPointNote
  }

  /// The column with exactly this name.
  package func column(_ name: Identifier) -> ColumnCatalog? { columns.first { $0.name == name } }

  /// The same table with the types that a closer look gave.
  package func detailed(by types: [Identifier: ColumnType]) -> TableCatalog {
    TableCatalog(
      relation: relation, kind: kind, columns: columns.map { $0.typed(types[$0.name]) },
      primaryKey: primaryKey, uniqueKeys: uniqueKeys, foreignKeys: foreignKeys, checks: checks,
      estimatedRows: estimatedRows, readPointNote: readPointNote, retentionDays: retentionDays)
  }
}

/// A column as its catalog describes it.
package struct ColumnCatalog: Hashable, Sendable {
  package let name: Identifier
  package let type: ColumnType
  package let isNullable: Bool
  /// The default's expression as the catalog prints it.
  package let defaultExpression: String?
  package let identity: IdentityCatalog?
  package let isGenerated: Bool
  /// Whether the run's role may read the column.
  package let isReadable: Bool

  package init(
    name: Identifier, type: ColumnType, isNullable: Bool, defaultExpression: String? = nil,
    identity: IdentityCatalog? = nil, isGenerated: Bool = false, isReadable: Bool = true
  ) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.defaultExpression = defaultExpression
    self.identity = identity
    self.isGenerated = isGenerated
    self.isReadable = isReadable
  }

  func typed(_ type: ColumnType?) -> ColumnCatalog {
    guard let type else { return self }
    return ColumnCatalog(
      name: name, type: type, isNullable: isNullable, defaultExpression: defaultExpression,
      identity: identity, isGenerated: isGenerated, isReadable: isReadable)
  }
}

/// Where new values of a column come from.
package struct IdentityCatalog: Hashable, Sendable {
  /// The next value where the catalog tells it (sequences), in decimal digits.
  package let nextValue: String?
  /// The declared first value, in decimal digits.
  package let start: String?
  package let increment: String?
  /// Why the next value is not known.
  package let unknownBecause: String?

  package init(
    nextValue: String?, start: String? = nil, increment: String? = nil,
    unknownBecause: String? = nil
  ) {
    self.nextValue = nextValue
    self.start = start
    self.increment = increment
    self.unknownBecause = unknownBecause
  }
}

/// A primary or unique key.
package struct KeyCatalog: Hashable, Sendable {
  package let name: String
  package let columns: [Identifier]
  /// `NULLS NOT DISTINCT` (PostgreSQL 15): two NULLs are duplicates.
  package let nullsAreEqual: Bool
  /// The predicate of a partial unique index.
  package let predicate: String?

  package init(
    name: String, columns: [Identifier], nullsAreEqual: Bool = false, predicate: String? = nil
  ) {
    self.name = name
    self.columns = columns
    self.nullsAreEqual = nullsAreEqual
    self.predicate = predicate
  }
}

/// A foreign key.
package struct ForeignKeyCatalog: Hashable, Sendable {
  package let name: String
  package let columns: [Identifier]
  package let parent: Relation
  package let parentColumns: [Identifier]
  /// `false` for `NOT VALID`: old rows may break it on this very side.
  package let isValidated: Bool

  package init(
    name: String, columns: [Identifier], parent: Relation, parentColumns: [Identifier],
    isValidated: Bool = true
  ) {
    self.name = name
    self.columns = columns
    self.parent = parent
    self.parentColumns = parentColumns
    self.isValidated = isValidated
  }
}

/// A CHECK constraint.
package struct CheckCatalog: Hashable, Sendable {
  package let name: String
  /// As the catalog prints it, without the word CHECK.
  package let expression: String
  package let isValidated: Bool

  package init(name: String, expression: String, isValidated: Bool = true) {
    self.name = name
    self.expression = expression
    self.isValidated = isValidated
  }
}
