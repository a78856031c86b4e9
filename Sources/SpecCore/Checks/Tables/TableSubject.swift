package import Diagnostics

/// A table of the spec with its names on both sides and everything said about it.
package struct TableSubject: Sendable {
  /// The name in ids: no dots, no blanks.
  package let object: String
  /// The name as the spec writes it.
  package let title: String
  package let source: SideName
  package let target: SideName
  /// What sentences call the target: `Snowflake`.
  package let targetTitle: String
  package let spec: TableSpec
  package let expectations: Expectations
  package let range: SourceRange
  /// Whether only what the target has and the source lacks is of interest.
  package var isReversed = false

  /// Where to look for the table on one side.
  package struct SideName: Hashable, Sendable, CustomStringConvertible {
    package let schema: SchemaName
    package let name: QualifiedName.Part
    /// The kind of database on that side.
    package let engine: Engine
    /// The query whose rows are meant instead of a table's; the name is then what people call it.
    package var query: String? = nil
    package var description: String { query == nil ? "\(schema).\(name.text)" : name.text }

    /// The question that tells the columns.
    var catalogQuestion: Question {
      query == nil ? .schema(schema) : .queryColumns(of: queried)
    }

    /// The rows of the query.
    fileprivate var queried: Relation {
      Relation(schema: schema, name: Identifier(name.text), query: query)
    }

    /// The query as a table without keys.
    func queryTable(_ columns: [ColumnCatalog]) -> TableCatalog {
      TableCatalog(relation: queried, kind: .view, columns: columns)
    }
  }

  /// The spec's words for this table, its defaults and the built-in ones, resolved.
  package struct Expectations: Sendable {
    package let rowCount: Located<RowCountExpectation>
    package let columns: Located<ColumnsExpectation>
    package let columnOrder: Located<ColumnOrder>
    package let constraints: Located<ConstraintsExpectation>
    package let checksum: Located<ChecksumExpectation>
    package let severity: CaseSeverity
  }

  package subscript(_ side: Side) -> SideName { side == .source ? source : target }

  /// What the author says of the column, by its name on that side.
  package func column(_ name: Identifier, on side: Side) -> ColumnSpec? {
    expectations.columns.value.named.first { column in
      let written = side == .source ? column.renamedFrom ?? column.name : column.name
      return sameName(written.value, name)
    }
  }
}

/// Whether a name that an author wrote means this one of a catalog, compared without case.
func sameName(_ written: String, _ name: Identifier) -> Bool {
  written.lowercased().utf8.elementsEqual(name.name.lowercased().utf8)
}

extension SchemaCatalog {
  /// What came of looking for a table by name.
  enum Found {
    case table(TableCatalog)
    case missing(nearest: String?)
    case ambiguous([String])
  }

  /// The table an author means: exactly this spelling where quoted, else without case.
  ///
  /// Where several names differ in case only, Postgres means the one that it folds unquoted names
  /// to; Snowflake's loaders create both, so there they are ambiguous.
  func find(_ name: QualifiedName.Part, in engine: Engine) -> Found {
    let exact = tables.first { $0.relation.name == Identifier(name.text) }
    if name.isQuoted {
      return exact.map(Found.table) ?? .missing(nearest: nearest(name.text))
    }
    let candidates = tables.filter { sameName(name.text, $0.relation.name) }
    if candidates.count == 1 { return .table(candidates[0]) }
    if candidates.isEmpty { return .missing(nearest: nearest(name.text)) }
    let folded = Identifier(engine.folded(name.text))
    if engine == .postgres, let match = candidates.first(where: { $0.relation.name == folded }) {
      return .table(match)
    }
    return .ambiguous(candidates.map { "\"\($0.relation.name)\"" })
  }

  /// The source's tables that an author's names mean: one each, the same that is compared.
  func relations(named names: [QualifiedName.Part]) -> Set<Identifier> {
    var relations: Set<Identifier> = []
    for name in names {
      if case .table(let table) = find(name, in: .postgres) {
        relations.insert(table.relation.name)
      }
    }
    return relations
  }

  /// The catalog's guess of how many rows a table has.
  package func estimatedRows(of table: TableSubject.SideName) -> Int? {
    guard case .table(let found) = find(table.name, in: table.engine) else { return nil }
    return found.estimatedRows
  }

  private func nearest(_ name: String) -> String? {
    nearestName(to: name, among: tables.map(\.relation.name.name))
  }
}

extension TableSubject.SideName {
  /// Where a name as an author writes it leads, in this schema unless it names its own.
  init(_ name: QualifiedName, in schema: SchemaName, of engine: Engine) {
    func folded(_ part: QualifiedName.Part) -> Identifier {
      Identifier(part.isQuoted ? part.text : engine.folded(part.text))
    }
    let outer = name.parts.dropLast()
    let own = outer.last.map {
      SchemaName(database: outer.count > 1 ? folded(outer[0]) : schema.database, schema: folded($0))
    }
    self.init(schema: own ?? schema, name: name.table, engine: engine)
  }

  /// Where to look for what a catalog of Postgres calls by this name.
  ///
  /// Another Postgres has exactly this name. Snowflake's loaders change its case, so there it is
  /// looked for in any.
  init(likeSource name: String, isQuoted: Bool = true, in schema: SchemaName, of engine: Engine) {
    self.init(
      schema: schema,
      name: QualifiedName.Part(text: name, isQuoted: isQuoted && engine == .postgres),
      engine: engine)
  }
}
