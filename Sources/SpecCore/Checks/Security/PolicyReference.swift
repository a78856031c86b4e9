/// A policy as a listing of the target shows it on a table or on one of its columns.
struct PolicyReference: Hashable, Sendable {
  /// Database, schema and name.
  let path: [Identifier]
  let kind: PolicyKind
  /// The column that is masked.
  let column: Identifier?
  /// The columns that the policy is given, where the listing names them.
  let arguments: [String]
  let status: String

  /// A row of POLICY_REFERENCES; `nil` for policies of other kinds.
  init?(_ row: ListedRow) {
    guard let kind = row["policy_kind"].flatMap(PolicyKind.init(rawValue:)),
      let name = row["policy_name"]
    else { return nil }
    self.kind = kind
    path = [row["policy_db"], row["policy_schema"], name].compactMap(\.self)
      .map { Identifier($0) }
    column = row["ref_column_name"].map { Identifier($0) }
    // `[ "REGION", "ID" ]`
    let parts = (row["ref_arg_column_names"] ?? "")
      .split(separator: "\"", omittingEmptySubsequences: false)
    arguments = parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
    status = row["policy_status"] ?? ""
  }

  /// A policy that is listed by itself, of SHOW POLICIES.
  static func path(shown row: ListedRow) -> [Identifier] {
    [row["database_name"], row["schema_name"], row["name"]]
      .compactMap(\.self).map { Identifier($0) }
  }

  var isActive: Bool { status == "ACTIVE" }

  var title: String { path.map(\.name).joined(separator: ".") }

  /// Whether an author means this policy, by its name or by more of its path.
  static func means(_ name: QualifiedName, _ path: [Identifier], in engine: Engine) -> Bool {
    let written = name.parts.map { Identifier($0.isQuoted ? $0.text : engine.folded($0.text)) }
    return written.count <= path.count && Array(path.suffix(written.count)) == written
  }
}

extension Answer {
  /// The policies of a listing; `nil` where it could not be had.
  var policyReferences: [PolicyReference]? {
    guard case .listing(let rows) = self else { return nil }
    return rows.compactMap { PolicyReference($0) }
  }
}

/// A table or view of the target, and perhaps one column of it, as an author of policies writes it.
struct PolicyPlace: Hashable, Sendable {
  let table: TableSubject.SideName
  let column: QualifiedName.Part?
  /// As the spec writes it.
  let title: String

  var engine: Engine { table.engine }

  /// The table that the catalog has; `nil` with the reason where it is not found.
  func find(in catalog: SchemaCatalog) -> Result<TableCatalog, Missing> {
    guard catalog.isVisible else {
      return .failure(
        Missing("the schema \(table.schema) is not there, or the run's role may not see it"))
    }
    switch catalog.find(table.name, in: engine) {
    case .table(let found): return .success(found)
    case .ambiguous(let names):
      return .failure(
        Missing("\(title) could be \(names.joined(separator: " or ")): write it in quotation marks")
      )
    case .missing(let nearest):
      let hint = nearest.map { "; did you mean \($0)?" } ?? ""
      return .failure(
        Missing("\(table.name.text) is not in \(table.schema)\(engine.doubt)\(hint)"))
    }
  }

  /// The column of the table that is meant.
  func column(of found: TableCatalog) -> ColumnCatalog? {
    guard let column else { return nil }
    if let exact = found.column(
      Identifier(column.isQuoted ? column.text : engine.folded(column.text)))
    {
      return exact
    }
    return column.isQuoted ? nil : found.columns.first { sameName(column.text, $0.name) }
  }

  /// The table's name in a statement.
  func written(_ relation: Relation) -> String {
    engine.written(
      [relation.schema.database, relation.schema.schema, relation.name].compactMap(\.self))
  }

  struct Missing: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    var verdict: Verdict {
      Verdict(
        summary: reason, unchecked: [Verdict.Unchecked(type: "missing_object", reason: reason)])
    }
  }
}
