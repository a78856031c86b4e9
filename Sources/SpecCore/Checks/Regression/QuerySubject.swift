/// A query of the application with the values it is asked with, on both sides.
struct QuerySubject: Sendable {
  let name: String
  let texts: [Side: RegressionQuery.Text]
  let values: [String: ParameterValue]
  let spec: RegressionQuery
  /// Where names in the queries that say no schema lead.
  let schemas: [Side: SchemaName]
  let targetEngine: Engine
  let targetTitle: String

  var isOrdered: Bool { spec.order?.value == .same }

  func engine(_ side: Side) -> Engine { side == .source ? .postgres : targetEngine }

  /// Both queries as a pair of tables, given their statements; `named` are columns with options.
  func table(
    _ statements: [Side: String], columns: [ColumnSpec], compared: [Located<String>]
  ) -> TableSubject {
    func side(_ side: Side) -> TableSubject.SideName {
      var found = TableSubject.SideName(
        schema: schemas[side] ?? SchemaName(schema: Identifier("public")),
        name: QualifiedName.Part(text: name, isQuoted: true), engine: engine(side))
      found.query = statements[side]
      return found
    }
    var table = TableSpec(range: spec.range)
    table.key = spec.key
    table.sensitive = spec.sensitive
    let isEmptyAllowed = spec.empty != nil
    let rowCount: RowCountExpectation =
      isEmptyAllowed ? .exactly(source: 0, target: 0) : .equal
    return TableSubject(
      object: name, title: name, source: side(.source), target: side(.target),
      targetTitle: targetTitle, spec: table,
      expectations: TableSubject.Expectations(
        rowCount: Located(rowCount, at: spec.range),
        columns: Located(columns.isEmpty ? .equal : .each(columns), at: spec.range),
        columnOrder: Located(.any, at: spec.range), constraints: Located(.skip, at: spec.range),
        checksum: Located(compared.isEmpty ? .all : .only(compared), at: spec.range),
        severity: spec.severity ?? .error),
      range: spec.range)
  }

  /// What is said of columns, with the target's names; for positional columns also which belong
  /// together.
  func columns(_ source: [ColumnCatalog], _ target: [ColumnCatalog]) -> [ColumnSpec] {
    func options(_ names: [Identifier]) -> ColumnOptions {
      var options = ColumnOptions()
      for entry in spec.tolerance ?? []
      where names.contains(where: { sameName(entry.name.value, $0) }) {
        options.tolerance = Located(entry.value, at: entry.name.range)
      }
      return options
    }
    func named(_ column: ColumnCatalog, from old: ColumnCatalog? = nil) -> ColumnSpec {
      var spec = ColumnSpec(name: Located(column.name.name, at: self.spec.range))
      spec.renamedFrom = old.map { Located($0.name.name, at: self.spec.range) }
      spec.options = options([column.name, old?.name].compactMap(\.self))
      return spec
    }
    if spec.columns?.value == .positional {
      return zip(source, target).map { named($1, from: $0) }
    }
    return target.map { named($0) }.filter { $0.options.tolerance != nil }
  }
}
