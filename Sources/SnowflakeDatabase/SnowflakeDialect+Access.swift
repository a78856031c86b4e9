package import SpecCore

/// Who may do what, from SHOW GRANTS: live, and complete for whoever has MANAGE GRANTS.
///
/// Pages "SHOW GRANTS" and "Overview of Access Control". A role that may not see a grant gets an
/// error or fewer rows; the former is told, for the latter the checks say what they rest on.
extension SnowflakeDialect {
  func accessStatements(for question: Question) -> [SQL] {
    switch question {
    case .access(.role(let role)):
      let name = roleReference(role)
      return ["SHOW GRANTS TO \(name)", "SHOW FUTURE GRANTS TO \(name)"]
    case .access(.everyone):
      return ["SHOW GRANTS TO ROLE PUBLIC", "SHOW FUTURE GRANTS TO ROLE PUBLIC"]
    case .access(.user(let user)): return ["SHOW GRANTS TO USER \(user)"]
    case .members(let role): return ["SHOW GRANTS OF \(roleReference(role))"]
    case .readers(let table): return ["SHOW GRANTS ON TABLE \(name: table)"]
    case .accountParameters: return ["SHOW PARAMETERS IN ACCOUNT"]
    case .networkPolicy(let name): return ["DESCRIBE NETWORK POLICY \(name)"]
    default: return []
    }
  }

  private func roleReference(_ role: RoleName) -> SQL {
    role.database.map { "DATABASE ROLE \($0).\(role.name)" } ?? "ROLE \(role.name)"
  }

  func accessAnswer(
    to question: Question, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    guard let first = results.first else {
      throw DatabaseError(.unsupported, "Snowflake has nothing of this kind")
    }
    switch question {
    case .accountParameters: return .settings(try settings(first, key: "key"))
    case .networkPolicy: return .settings(try settings(first, key: "name"))
    default: break
    }
    let rows = Shown(try explained(first, question))
    if case .readers = question { return .readers(try tableReaders(rows)) }
    if case .members = question {
      var members: [RoleMembers.Member] = []
      for row in rows.rows {
        let name = try row.text("grantee_name")
        let principal: Principal =
          switch try row.text("granted_to") {
          case "USER": .user(bare(name))
          default: .role(try roleName(name))
          }
        members.append(RoleMembers.Member(principal))
      }
      return .members(RoleMembers(exists: true, members: members))
    }
    var access = DirectAccess(exists: true)
    for row in rows.rows { try add(row, to: &access) }
    for result in results.dropFirst() {
      for row in Shown(try explained(result, question)).rows { try addFuture(row, to: &access) }
    }
    return .access(access)
  }

  private func tableReaders(_ rows: Shown) throws(DatabaseError) -> TableReaders {
    var readers: [TableReaders.Reader] = []
    for row in rows.rows where ["SELECT", "OWNERSHIP"].contains(try row.text("privilege")) {
      let name = try row.text("grantee_name")
      let principal: Principal
      switch try row.text("granted_to") {
      case "USER": principal = .user(bare(name))
      case "SHARE": principal = .share(bare(name))
      default:
        let role = try roleName(name)
        principal = role == RoleName(Identifier("PUBLIC")) ? .everyone : .role(role)
      }
      readers.append(TableReaders.Reader(principal))
    }
    return TableReaders(readers)
  }

  private func settings(
    _ result: Result<Rows, DatabaseError>, key: String
  ) throws(DatabaseError) -> [String: String] {
    var settings: [String: String] = [:]
    for row in Shown(try result.get()).rows {
      settings[try row.text(key)] = try row.text("value")
    }
    return settings
  }

  /// The rows, or the error with the grant that would help.
  private func explained(
    _ result: Result<Rows, DatabaseError>, _ question: Question
  ) throws(DatabaseError) -> Rows {
    switch result {
    case .success(let rows): return rows
    case .failure(var error):
      if [.permissionDenied, .missingObject].contains(error.kind) {
        error.hint =
          "is the name right? Only roles with MANAGE GRANTS see everybody's grants: "
          + "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE of the run, for its time"
      }
      throw error
    }
  }

  private func add(_ row: Shown.Row, to access: inout DirectAccess) throws(DatabaseError) {
    let privilege = try row.text("privilege")
    let word = try row.text("granted_on").replacing("_", with: " ")
    let name = try row.text("name")
    switch (privilege, word) {
    case ("USAGE", "ROLE"), ("USAGE", "DATABASE ROLE"):
      access.roles.append(DirectAccess.HeldRole(try roleName(name)))
    default:
      access.grants.append(
        AccessGrant(
          privilege, on: object(word, name), isGrantable: row.isTrue("grant_option")))
    }
  }

  private func addFuture(_ row: Shown.Row, to access: inout DirectAccess) throws(DatabaseError) {
    let word = (try row.text("grant_on")).replacing("_", with: " ")
    let name = try row.text("name")
    // `SHOP.PUBLIC.<TABLE>`, or `SHOP.<TABLE>` for all schemas of a database.
    let place = name.firstIndex(of: "<").map { name[..<$0].dropLast() } ?? name[...]
    guard let place = QualifiedName(String(place)) else {
      throw DatabaseError(.protocolViolation, "a future grant is about \(name), which is no name")
    }
    access.grants.append(
      AccessGrant(
        try row.text("privilege"),
        on: AccessObject(
          Self.kind(word), place.parts.map { Identifier($0.text) }, word: word, isFuture: true),
        isGrantable: row.isTrue("grant_option")))
  }

  private func object(_ word: String, _ name: String) -> AccessObject {
    guard let parts = QualifiedName(name)?.parts.map({ Identifier($0.text) }) else {
      // Functions are named with their arguments; whatever cannot be taken apart is kept whole.
      return AccessObject(Self.kind(word), [Identifier(name)], word: word)
    }
    return AccessObject(Self.kind(word), parts, word: word)
  }

  private static func kind(_ word: String) -> AccessObject.Kind {
    switch word {
    case "DATABASE": .database
    case "SCHEMA": .schema
    case "TABLE", "VIEW", "MATERIALIZED VIEW", "EXTERNAL TABLE", "DYNAMIC TABLE", "EVENT TABLE",
      "ICEBERG TABLE", "HYBRID TABLE":
      .relation
    case "SEQUENCE": .sequence
    case "FUNCTION", "PROCEDURE": .function
    default: .other
    }
  }

  private func roleName(_ text: String) throws(DatabaseError) -> RoleName {
    guard let name = QualifiedName(text), name.parts.count <= 2 else { return RoleName(bare(text)) }
    let parts = name.parts.map { Identifier($0.text) }
    return parts.count == 2 ? RoleName(database: parts[0], parts[1]) : RoleName(parts[0])
  }

  /// A name as SHOW prints it, without the quotation marks that it has where it needs them.
  private func bare(_ text: String) -> Identifier {
    guard text.count > 1, text.first == "\"", text.last == "\"" else { return Identifier(text) }
    return Identifier(String(text.dropFirst().dropLast()).replacing("\"\"", with: "\""))
  }

  // MARK: Probes

  /// EXPLAIN compiles a statement, which looks at the rights, and does not run it.
  ///
  /// What cannot be
  /// explained is not tried.
  package func statement(of probe: Probe, as role: RoleName) -> SQL? {
    switch probe {
    case .identity:
      // A conversion that fails under any other role.
      "SELECT TO_NUMBER(IFF(CURRENT_ROLE() = \(literal: role.name.name), '1', 'another role'))"
    case .select(let table): "EXPLAIN USING TEXT SELECT 1 FROM \(name: table)"
    case .insert(let table, let column):
      "EXPLAIN USING TEXT INSERT INTO \(name: table) (\(column)) VALUES (NULL)"
    case .update(let table, let column):
      "EXPLAIN USING TEXT UPDATE \(name: table) SET \(column) = NULL"
    case .delete(let table): "EXPLAIN USING TEXT DELETE FROM \(name: table)"
    case .usage(let schema):
      // For the one request only.
      schema.database.map { "USE SCHEMA \($0).\(schema.schema)" } ?? "USE SCHEMA \(schema.schema)"
    case .updateAny, .truncate, .drop, .create: nil
    }
  }

  /// An object that the role may not know of is called missing; whoever asks shows first that it is
  /// there.
  package func isRefusal(_ error: DatabaseError) -> Bool {
    error.kind == .permissionDenied || error.kind == .missingObject
  }
}

/// Rows of a SHOW statement, whose cells are found by the names of their columns.
private struct Shown {
  let rows: [Row]

  init(_ rows: Rows) {
    let columns = rows.columns
    self.rows = rows.cells.map { Row(columns: columns, cells: $0) }
  }

  struct Row {
    let columns: [String]
    let cells: [String?]

    func text(_ column: String) throws(DatabaseError) -> String {
      guard let position = columns.firstIndex(of: column), position < cells.count,
        let text = cells[position]
      else {
        throw DatabaseError(.protocolViolation, "SHOW GRANTS has no column \(column)")
      }
      return text
    }

    func isTrue(_ column: String) -> Bool {
      guard let position = columns.firstIndex(of: column), position < cells.count else {
        return false
      }
      return cells[position]?.lowercased() == "true"
    }
  }
}
