package import SpecCore

/// A dialect whose SQL is easy to read and to look for, and whose catalogs are given.
package struct FakeDialect: Dialect {
  package let salt: String
  package let family: String
  private let schemas: [SchemaName: SchemaCatalog]
  private let types: [Relation: [Identifier: ColumnType]]

  package init(
    salt: String = "salt", family: String = "fake", schemas: [SchemaCatalog] = [],
    types: [Relation: [Identifier: ColumnType]] = [:]
  ) {
    self.salt = salt
    self.family = family
    self.schemas = Dictionary(
      schemas.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.types = types
  }

  package let seed = "abcdefghijklmnoABCDEFGHIJKLMNO"

  package let foldsToCapitals = true

  package var costs: CostAccount { .recording(FakeCosts()) }
  package let countsAtOnce = false

  package func hasNativeForm(_ type: LogicalType) -> Bool { false }

  package func digestValue(of column: CanonicalColumn, as form: DigestForm) -> SQL {
    "DIGESTED(\(column.name))"
  }

  package func joinedDigest(_ value: SQL, isNative: Bool, order: [SQL]) -> SQL {
    "JOINED(\(value))"
  }

  package func bucketStart(of key: SQL, in grid: KeyGrid) -> SQL {
    "START(\(key), \(grid.lower), \(grid.width))"
  }

  package func fingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets, in grid: KeyGrid
  ) -> SQL { groupedFingerprints(scan, shape, buckets, in: grid) }

  package func rows(_ stream: KeyedStream, in grid: KeyGrid) -> SQL { groupedRows(stream) }

  package func quoted(_ identifier: Identifier) -> String { "\"\(identifier.name)\"" }

  package func quoted(literal: String) -> String {
    "'" + literal.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
      + "'"
  }

  package func tableReference(_ relation: Relation) -> String { qualifiedName(relation) }

  package func canonicalText(of column: CanonicalColumn) -> SQL { "CANON(\(column.name))" }

  package func canonicalText(of column: CanonicalColumn, cell: String) -> String? {
    cell == "(strange)" ? nil : cell
  }

  package func canExpress(_ type: LogicalType, as form: CanonicalForm) -> Bool {
    switch (form, type) {
    case (_, .other): false
    case (.json, .json), (.json, .array), (.json, .text): true
    case (.json, _): false
    case (.number, .integer), (.number, .decimal), (.number, .unboundedDecimal): true
    case (.number, _): false
    default: true
    }
  }

  package func md5(_ text: SQL) -> SQL { "MD5(\(text))" }

  package func md5Halves(_ text: SQL) -> (low: SQL, high: SQL) { ("LOW(\(text))", "HIGH(\(text))") }

  package func bucket(of text: SQL, count: Int) -> SQL { "BUCKET(\(text), \(count))" }

  package func exactSum(_ integer: SQL) -> SQL { "SUM(\(integer))" }

  package func text(_ value: SQL) -> SQL { "TEXT(\(value))" }

  package func byteOrdered(_ text: SQL) -> SQL { "BYTES(\(text))" }

  package var evaluationBarrier: SQL { "" }

  package var timestampName: SQL { "TIMESTAMP" }

  package var instantName: SQL { "INSTANT" }

  package func contains(_ text: SQL, pattern: String, ignoringCase: Bool) -> SQL? {
    ignoringCase ? nil : "REGEX(\(text), \(literal: pattern))"
  }

  package func type(named name: String) -> ColumnType? {
    name == "?" ? nil : ColumnType(declared: name.uppercased(), logical: .other(name: name))
  }

  package func statement(of probe: Probe, as role: RoleName) -> SQL? {
    switch probe {
    case .identity: "WHO"
    case .truncate, .drop, .create: nil
    default: "PROBE \(SQL(verbatim: "\(probe)"))"
    }
  }

  package func isRefusal(_ error: DatabaseError) -> Bool { error.kind == .permissionDenied }

  package func catalogStatements(for question: Question) -> [SQL] {
    switch question {
    case .schema(let name): ["CATALOG \(name.schema)"]
    case .columnTypes(let relation): ["TYPES \(name: relation)"]
    default: []
    }
  }

  package func catalogAnswer(
    to question: Question, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    for result in results { _ = try result.get() }
    switch question {
    case .schema(let name):
      return .schema(schemas[name] ?? SchemaCatalog(name: name, isVisible: false, tables: []))
    case .columnTypes(let relation): return .types(types[relation] ?? [:])
    default: throw DatabaseError(.unsupported, "not a question for the catalog")
    }
  }
}

/// Records of executions that name what they are asked for.
package struct FakeCosts: RecordingAccount {
  package init() {}

  package func executions(_ queryIDs: [String]) -> SQL {
    "EXECUTIONS \(SQL(verbatim: queryIDs.joined(separator: ",")))"
  }

  package func costs(_ rows: Rows) throws(DatabaseError) -> [String: ExecutionCost] {
    rows.cells.reduce(into: [:]) { costs, cells in
      costs[cells[0] ?? ""] = ExecutionCost(seconds: cells[1].flatMap { Double($0) })
    }
  }

  package func operators(_ queryIDs: [String]) -> SQL {
    "OPERATORS \(SQL(verbatim: queryIDs.joined(separator: ",")))"
  }

  package func add(
    _ rows: Rows, to costs: inout [String: ExecutionCost]
  ) throws(DatabaseError) {
    for cells in rows.cells {
      costs[cells[0] ?? "", default: ExecutionCost()].spilled = cells[1].flatMap { Int($0) }
    }
  }

  package func explained(_ error: DatabaseError) -> DatabaseError {
    var error = error
    error.hint = "grant it"
    return error
  }
}
