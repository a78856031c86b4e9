import SpecCore

/// What the numbers mean by which a result tells the types of its columns.
///
/// The server sends a domain's base type there (`SendRowDescriptionMessage` in `printtup.c`).
enum PostgresResultTypes {
  /// One row for each type, in order.
  static func statement(for types: [(oid: UInt32, modifier: Int32)]) -> String {
    let list = types.enumerated().map { "(\($0), \($1.oid)::oid, \($1.modifier))" }
    return """
      SELECT format_type(w.type, w.modifier) AS declared, t.typname AS base, w.modifier::text, \
      CASE WHEN t.typcategory = 'A' THEN (SELECT e.typname FROM pg_type e WHERE e.oid = t.typelem) \
      END AS element, (SELECT to_json(array_agg(l.enumlabel ORDER BY l.enumsortorder))::text \
      FROM pg_enum l WHERE l.enumtypid = t.oid) AS labels, (t.typtype = 'c')::text AS composite \
      FROM (VALUES \(list.joined(separator: ", "))) w(position, type, modifier) \
      LEFT JOIN pg_type t ON t.oid = w.type ORDER BY w.position
      """
  }

  /// The columns of a result, with what the statement says of their types.
  static func columns(
    _ names: [String], _ cells: [[String?]]
  ) throws(DatabaseError) -> [ColumnCatalog] {
    guard names.count == cells.count else {
      throw DatabaseError(.protocolViolation, "the types of a result could not be told")
    }
    var columns: [ColumnCatalog] = []
    for (name, row) in zip(names, cells) {
      guard row.count == 6, let declared = row[0], let base = row[1],
        let modifier = row[2].flatMap({ Int($0) })
      else {
        throw DatabaseError(.protocolViolation, "the type of the column \(name) is not known")
      }
      var labels: [String] = []
      if let json = row[4], case .array(let elements) = try? JSONValue.parse(json) {
        labels = elements.compactMap(\.text)
      }
      let type = PostgresDialect.columnType(
        declared: declared, base: base, modifier: modifier, element: row[3], labels: labels,
        isComposite: row[5] == "true")
      columns.append(ColumnCatalog(name: Identifier(name), type: type, isNullable: true))
    }
    return columns
  }
}
