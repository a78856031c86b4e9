import SpecCore

/// Puts the rows of the catalog statements together.
struct PostgresCatalogReader {
  let schema: SchemaName

  func tables(
    _ tables: Rows, columns: Rows, constraints: Rows, indexes: Rows
  ) throws(DatabaseError) -> [TableCatalog] {
    var columnsOf: [String: [ColumnCatalog]] = [:]
    for row in columns.cells {
      let cells = try Cells(row, count: 16)
      columnsOf[try cells.text(0), default: []].append(try column(cells))
    }
    var constraintsOf: [String: [Cells]] = [:]
    for row in constraints.cells {
      let cells = try Cells(row, count: 10)
      constraintsOf[try cells.text(0), default: []].append(cells)
    }
    var indexesOf: [String: [Cells]] = [:]
    for row in indexes.cells {
      let cells = try Cells(row, count: 5)
      indexesOf[try cells.text(0), default: []].append(cells)
    }
    var result: [TableCatalog] = []
    for row in tables.cells {
      let cells = try Cells(row, count: 4)
      let name = try cells.text(0)
      let constraints = constraintsOf[name] ?? []
      let estimate = cells.optional(3).flatMap { Int($0) } ?? -1
      result.append(
        TableCatalog(
          relation: Relation(schema: schema, name: Identifier(name)),
          kind: try kind(cells), columns: columnsOf[name] ?? [],
          primaryKey: try keys(constraints, "p").first,
          uniqueKeys: try keys(constraints, "u") + (try uniqueIndexes(indexesOf[name] ?? [])),
          foreignKeys: try foreignKeys(constraints), checks: try checks(constraints),
          estimatedRows: estimate < 0 ? nil : estimate))
    }
    return result
  }

  private func kind(_ cells: Cells) throws(DatabaseError) -> TableCatalog.Kind {
    if cells.flag(2) { return .partition }
    switch try cells.text(1) {
    case "v": return .view
    case "m": return .materializedView
    case "f": return .foreignTable
    default: return .table
    }
  }

  private func column(_ cells: Cells) throws(DatabaseError) -> ColumnCatalog {
    let type = PostgresDialect.columnType(
      declared: try cells.text(2), base: try cells.text(3),
      modifier: cells.optional(4).flatMap { Int($0) } ?? -1, element: cells.optional(5),
      labels: try cells.list(6), isComposite: cells.flag(7))
    let isIdentity = cells.flag(11)
    let next = cells.optional(15)
    let unknown =
      cells.optional(12) == nil
      ? "the sequence of its default is not known"
      : "the role may not read its sequence (GRANT SELECT ON SEQUENCE)"
    return ColumnCatalog(
      name: Identifier(try cells.text(1)), type: type, isNullable: !cells.flag(8),
      defaultExpression: isIdentity ? nil : cells.optional(9),
      identity: isIdentity
        ? IdentityCatalog(
          nextValue: next, start: cells.optional(12), increment: cells.optional(13),
          unknownBecause: next == nil ? unknown : nil) : nil,
      isGenerated: cells.flag(10), isReadable: cells.flag(14))
  }

  private func keys(_ rows: [Cells], _ type: String) throws(DatabaseError) -> [KeyCatalog] {
    var keys: [KeyCatalog] = []
    for row in rows where try row.text(2) == type {
      keys.append(
        KeyCatalog(
          name: try row.text(1), columns: try row.list(4).map(Identifier.init),
          nullsAreEqual: row.optional(9) == "true"))
    }
    return keys
  }

  private func uniqueIndexes(_ rows: [Cells]) throws(DatabaseError) -> [KeyCatalog] {
    var keys: [KeyCatalog] = []
    for row in rows {
      keys.append(
        KeyCatalog(
          name: try row.text(1), columns: try row.list(2).map(Identifier.init),
          nullsAreEqual: row.optional(4) == "true", predicate: row.optional(3)))
    }
    return keys
  }

  private func foreignKeys(_ rows: [Cells]) throws(DatabaseError) -> [ForeignKeyCatalog] {
    var keys: [ForeignKeyCatalog] = []
    for row in rows where try row.text(2) == "f" {
      keys.append(
        ForeignKeyCatalog(
          name: try row.text(1), columns: try row.list(4).map(Identifier.init),
          parent: Relation(
            schema: SchemaName(schema: Identifier(try row.text(5))),
            name: Identifier(try row.text(6))),
          parentColumns: try row.list(7).map(Identifier.init), isValidated: row.flag(3)))
    }
    return keys
  }

  private func checks(_ rows: [Cells]) throws(DatabaseError) -> [CheckCatalog] {
    var checks: [CheckCatalog] = []
    for row in rows where try row.text(2) == "c" {
      checks.append(
        CheckCatalog(
          name: try row.text(1), expression: try row.text(8), isValidated: row.flag(3)))
    }
    return checks
  }
}

/// A catalog row whose cells are read by position and demanded to be what they must be.
struct Cells {
  private let row: [String?]

  init(_ row: [String?], count: Int) throws(DatabaseError) {
    guard row.count == count else {
      throw DatabaseError(.protocolViolation, "a catalog row has \(row.count) cells, not \(count)")
    }
    self.row = row
  }

  func optional(_ position: Int) -> String? { row[position] }

  func flag(_ position: Int) -> Bool { row[position] == "t" }

  func text(_ position: Int) throws(DatabaseError) -> String {
    guard let text = row[position] else {
      throw DatabaseError(.protocolViolation, "a catalog row has no value in cell \(position)")
    }
    return text
  }

  /// Names printed as a JSON array; none for NULL.
  func list(_ position: Int) throws(DatabaseError) -> [String] {
    guard let text = row[position] else { return [] }
    guard let elements = (try? JSONValue.parse(text))?.elements else {
      throw DatabaseError(.protocolViolation, "a catalog list is not JSON: \(text)")
    }
    return elements.compactMap(\.text)
  }
}
