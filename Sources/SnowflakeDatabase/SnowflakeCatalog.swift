package import SpecCore

/// Reading INFORMATION_SCHEMA and SHOW: both list only what the role may see.
extension SnowflakeDialect {
  /// SHOW cuts its answer at this many rows without a word (page "SHOW PRIMARY KEYS").
  private static let showLimit = 10_000

  package func catalogStatements(for question: Question) -> [SQL] {
    switch question {
    case .schema(let name):
      let information: SQL =
        name.database.map { "\($0).INFORMATION_SCHEMA" } ?? "INFORMATION_SCHEMA"
      let schema: SQL = "\(literal: name.schema.name)"
      let place: SQL = name.database.map { "\($0).\(name.schema)" } ?? "\(name.schema)"
      return [
        "SELECT SCHEMA_NAME FROM \(information).SCHEMATA WHERE SCHEMA_NAME = \(schema)",
        """
        SELECT TABLE_NAME, TABLE_TYPE, ROW_COUNT, RETENTION_TIME FROM \(information).TABLES \
        WHERE TABLE_SCHEMA = \(schema) ORDER BY TABLE_NAME
        """,
        """
        SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, \
        NUMERIC_SCALE, IS_NULLABLE, COLUMN_DEFAULT, IS_IDENTITY, IDENTITY_START, \
        IDENTITY_INCREMENT FROM \(information).COLUMNS WHERE TABLE_SCHEMA = \(schema) \
        ORDER BY TABLE_NAME, ORDINAL_POSITION
        """,
        "SHOW PRIMARY KEYS IN SCHEMA \(place)",
        "SHOW UNIQUE KEYS IN SCHEMA \(place)",
        "SHOW IMPORTED KEYS IN SCHEMA \(place)",
        """
        SELECT T.TABLE_NAME AS TABLE_NAME, C.CONSTRAINT_NAME AS CONSTRAINT_NAME, \
        C.CHECK_CLAUSE AS CHECK_CLAUSE FROM \(information).CHECK_CONSTRAINTS C \
        JOIN \(information).TABLE_CONSTRAINTS T ON T.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA \
        AND T.CONSTRAINT_NAME = C.CONSTRAINT_NAME WHERE C.CONSTRAINT_SCHEMA = \(schema)
        """,
        "SHOW SEQUENCES IN SCHEMA \(place)",
      ]
    case .columnTypes(let relation): return ["DESCRIBE TABLE \(name: relation)"]
    case .listing(let listing): return listingStatements(for: listing)
    default: return accessStatements(for: question)
    }
  }

  package func catalogAnswer(
    to question: Question, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    switch question {
    case .access, .members, .readers, .accountParameters, .networkPolicy:
      return try accessAnswer(to: question, from: results)
    case .listing(let listing): return try listingAnswer(to: listing, from: results)
    default: break
    }
    if case .columnTypes = question {
      guard let first = results.first else { return .types([:]) }
      return .types(try describedTypes(try first.get()))
    }
    guard case .schema(let name) = question, results.count == 8 else { return .types([:]) }
    if try results[0].get().cells.isEmpty {
      return .schema(SchemaCatalog(name: name, isVisible: false, tables: []))
    }
    var reader = SnowflakeCatalogReader(dialect: self, schema: name)
    reader.sequences(shown(results[7], .sequences, &reader.gaps))
    reader.keys(
      primary: shown(results[3], .keys, &reader.gaps),
      unique: shown(results[4], .keys, &reader.gaps))
    reader.foreignKeys(shown(results[5], .foreignKeys, &reader.gaps))
    reader.checks(shown(results[6], .checks, &reader.gaps))
    let tables = try reader.tables(try results[1].get(), columns: try results[2].get())
    return .schema(SchemaCatalog(name: name, isVisible: true, tables: tables, gaps: reader.gaps))
  }

  private func shown(
    _ result: Result<Rows, DatabaseError>, _ part: SchemaCatalog.CatalogGap.Part,
    _ gaps: inout [SchemaCatalog.CatalogGap]
  ) -> Rows? {
    switch result {
    case .success(let rows):
      if rows.cells.count >= Self.showLimit {
        gaps.append(
          SchemaCatalog.CatalogGap(
            part: part, reason: "Snowflake lists only the first \(Self.showLimit) of them"))
      }
      return rows
    case .failure(let error):
      gaps.append(SchemaCatalog.CatalogGap(part: part, reason: error.message))
      return nil
    }
  }

  private func describedTypes(_ rows: Rows) throws(DatabaseError) -> [Identifier: ColumnType] {
    guard let name = rows.position(of: "name"), let type = rows.position(of: "type") else {
      throw DatabaseError(.protocolViolation, "DESCRIBE TABLE returned no name and type")
    }
    var types: [Identifier: ColumnType] = [:]
    for row in rows.cells {
      guard let column = row[name], let declared = row[type] else { continue }
      types[Identifier(column)] =
        self.type(named: declared)
        ?? ColumnType(declared: declared, logical: .other(name: declared))
    }
    return types
  }
}

/// Puts the rows of the catalog statements together.
struct SnowflakeCatalogReader {
  let dialect: SnowflakeDialect
  let schema: SchemaName
  var gaps: [SchemaCatalog.CatalogGap] = []
  private var nextValues: [String: String] = [:]
  private var primaryKeys: [String: KeyCatalog] = [:]
  private var uniqueKeys: [String: [KeyCatalog]] = [:]
  private var imported: [String: [ForeignKeyCatalog]] = [:]
  private var checkClauses: [String: [CheckCatalog]] = [:]

  init(dialect: SnowflakeDialect, schema: SchemaName) {
    self.dialect = dialect
    self.schema = schema
  }

  /// A column of a SHOW answer, by its lower-case name.
  private static func cell(_ rows: Rows, _ row: [String?], _ name: String) -> String? {
    rows.position(of: name).flatMap { row[$0] }
  }

  mutating func sequences(_ rows: Rows?) {
    for row in rows?.cells ?? [] {
      if let rows, let name = Self.cell(rows, row, "name"),
        let next = Self.cell(rows, row, "next_value")
      {
        nextValues[name.uppercased()] = next
      }
    }
  }

  mutating func keys(primary: Rows?, unique: Rows?) {
    for (table, keys) in Self.grouped(primary) { primaryKeys[table] = keys.first }
    uniqueKeys = Self.grouped(unique)
  }

  /// Keys by table; their columns in the order of `key_sequence`.
  private static func grouped(_ rows: Rows?) -> [String: [KeyCatalog]] {
    guard let rows else { return [:] }
    var parts: [String: [String: [(Int, Identifier)]]] = [:]
    for row in rows.cells {
      guard let table = cell(rows, row, "table_name"), let column = cell(rows, row, "column_name")
      else { continue }
      let name = cell(rows, row, "constraint_name") ?? ""
      let position = cell(rows, row, "key_sequence").flatMap { Int($0) } ?? 0
      parts[table, default: [:]][name, default: []].append((position, Identifier(column)))
    }
    return parts.mapValues { keys in
      keys.sorted { $0.key < $1.key }.map { name, columns in
        KeyCatalog(name: name, columns: columns.sorted { $0.0 < $1.0 }.map(\.1))
      }
    }
  }

  mutating func foreignKeys(_ rows: Rows?) {
    guard let rows else { return }
    var parts: [String: [String: [(Int, Identifier, Relation, Identifier)]]] = [:]
    for row in rows.cells {
      guard let table = Self.cell(rows, row, "fk_table_name"),
        let column = Self.cell(rows, row, "fk_column_name"),
        let parent = Self.cell(rows, row, "pk_table_name"),
        let parentColumn = Self.cell(rows, row, "pk_column_name")
      else {
        gaps.append(
          SchemaCatalog.CatalogGap(
            part: .foreignKeys, reason: "SHOW IMPORTED KEYS does not name both ends of a key"))
        continue
      }
      let parentSchema = Self.cell(rows, row, "pk_schema_name").map { Identifier($0) }
      let relation = Relation(
        schema: SchemaName(database: schema.database, schema: parentSchema ?? schema.schema),
        name: Identifier(parent))
      let name = Self.cell(rows, row, "fk_name") ?? "\(table) to \(parent)"
      let position = Self.cell(rows, row, "key_sequence").flatMap { Int($0) } ?? 0
      parts[table, default: [:]][name, default: []].append(
        (position, Identifier(column), relation, Identifier(parentColumn)))
    }
    for (table, keys) in parts {
      imported[table] = keys.sorted { $0.key < $1.key }.compactMap { name, columns in
        let sorted = columns.sorted { $0.0 < $1.0 }
        return sorted.first.map {
          ForeignKeyCatalog(
            name: name, columns: sorted.map(\.1), parent: $0.2, parentColumns: sorted.map(\.3))
        }
      }
    }
  }

  mutating func checks(_ rows: Rows?) {
    for row in rows?.cells ?? [] {
      guard row.count == 3, let table = row[0], let clause = row[2] else { continue }
      checkClauses[table, default: []].append(CheckCatalog(name: row[1] ?? "", expression: clause))
    }
  }

  func tables(_ tables: Rows, columns: Rows) throws(DatabaseError) -> [TableCatalog] {
    var columnsOf: [String: [ColumnCatalog]] = [:]
    for row in columns.cells {
      guard row.count == 11, let table = row[0], let column = column(row) else {
        throw DatabaseError(.protocolViolation, "INFORMATION_SCHEMA.COLUMNS has a broken row")
      }
      columnsOf[table, default: []].append(column)
    }
    var result: [TableCatalog] = []
    for row in tables.cells {
      guard row.count == 4, let name = row[0] else {
        throw DatabaseError(.protocolViolation, "INFORMATION_SCHEMA.TABLES has a broken row")
      }
      let isPinned = row[3] != "0"
      result.append(
        TableCatalog(
          relation: Relation(schema: schema, name: Identifier(name), isPinned: isPinned),
          kind: Self.kind(row[1] ?? ""), columns: columnsOf[name] ?? [],
          primaryKey: primaryKeys[name], uniqueKeys: uniqueKeys[name] ?? [],
          foreignKeys: imported[name] ?? [], checks: checkClauses[name] ?? [],
          estimatedRows: row[2].flatMap { Int($0) },
          readPointNote: isPinned
            ? nil
            : "\(name) keeps no history (retention 0 days): it was read as it is, not at the "
              + "run's read point",
          retentionDays: row[3].flatMap { Int($0) }))
    }
    return result
  }

  private static func kind(_ type: String) -> TableCatalog.Kind {
    switch type.uppercased() {
    case "VIEW": .view
    case "MATERIALIZED VIEW": .materializedView
    case "EXTERNAL TABLE": .foreignTable
    default: .table
    }
  }

  private func column(_ row: [String?]) -> ColumnCatalog? {
    guard let name = row[1], let type = row[2] else { return nil }
    let isIdentity = row[8]?.uppercased() == "YES"
    let expression = row[7]
    let sequence = expression.flatMap(Self.sequenceName)
    var identity: IdentityCatalog?
    if isIdentity {
      identity = IdentityCatalog(
        nextValue: nil, start: row[9], increment: row[10],
        unknownBecause: "Snowflake does not tell the next value of an identity column")
    } else if let sequence {
      identity = IdentityCatalog(
        nextValue: nextValues[sequence],
        unknownBecause: "the sequence \(sequence) is not among those SHOW SEQUENCES lists")
    }
    return ColumnCatalog(
      name: Identifier(name),
      type: SnowflakeDialect.columnType(
        type, length: row[3].flatMap { Int($0) }, precision: row[4].flatMap { Int($0) },
        scale: row[5].flatMap { Int($0) }),
      isNullable: row[6]?.uppercased() != "NO",
      defaultExpression: identity == nil ? expression : nil, identity: identity)
  }

  /// `SHOP.PUBLIC.ORDER_SEQ.NEXTVAL` names the sequence before the last dot.
  private static func sequenceName(_ expression: String) -> String? {
    let parts = expression.split(separator: ".").map { part in
      String(part.filter { $0 != "\"" })
    }
    guard parts.count > 1, parts.last?.uppercased().hasPrefix("NEXTVAL") == true else { return nil }
    return parts[parts.count - 2].uppercased()
  }
}
