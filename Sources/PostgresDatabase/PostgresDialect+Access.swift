package import SpecCore

/// Who may do what, from the access control lists of `pg_catalog`, which every role may read.
///
/// Objects of the system and of extensions are left out: their rights are not the author's.
extension PostgresDialect {
  func accessStatements(for question: Question) -> [SQL] {
    switch question {
    case .access(.role(let role)):
      let name: SQL = "\(literal: role.name.name)"
      let oid: SQL = "(SELECT o.oid FROM pg_roles o WHERE o.rolname = \(name))"
      return [powers(name), heldRoles(name), grants(to: oid)]
    case .access(.everyone): return [grants(to: "0::oid")]
    case .members(let role):
      let name: SQL = "\(literal: role.name.name)"
      return ["SELECT r.oid FROM pg_roles r WHERE r.rolname = \(name)", members(name)]
    case .readers(let table): return [readers(table)]
    default: return []
    }
  }

  /// Grantee, and the column or nothing; the grantee is nothing for PUBLIC.
  ///
  /// The owner reads, and so does
  /// whoever owns the database's every table by being a superuser, who is left out: nothing is hidden
  /// from them on any side.
  private func readers(_ table: Relation) -> SQL {
    """
    SELECT r.rolname, w.column FROM (\
    SELECT a.grantee, NULL::text AS column FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r'::"char", c.relowner))) a \
    WHERE n.nspname = \(literal: table.schema.schema.name) AND c.relname = \(literal: table.name.name) \
    AND a.privilege_type = 'SELECT' \
    UNION SELECT c.relowner, NULL FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = \(literal: table.schema.schema.name) AND c.relname = \(literal: table.name.name) \
    UNION SELECT a.grantee, t.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped CROSS JOIN LATERAL aclexplode(t.attacl) a \
    WHERE n.nspname = \(literal: table.schema.schema.name) AND c.relname = \(literal: table.name.name) \
    AND a.privilege_type = 'SELECT') w LEFT JOIN pg_roles r ON r.oid = w.grantee \
    WHERE w.grantee = 0 OR r.rolname IS NOT NULL ORDER BY 1, 2
    """
  }

  private func powers(_ name: SQL) -> SQL {
    """
    SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication \
    FROM pg_roles WHERE rolname = \(name)
    """
  }

  /// Memberships that give rights.
  ///
  /// Since version 16 the membership and not the member tells whether they count at once. The owner of a database is a member of pg_database_owner.
  private func heldRoles(_ name: SQL) -> SQL {
    """
    SELECT q.rolname, bool_or(q.inherited), bool_or(q.admin) FROM (\
    SELECT r.rolname, coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, x.rolinherit) AS inherited, \
    coalesce((to_jsonb(m) ->> 'set_option')::boolean, true) AS settable, m.admin_option AS admin \
    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles x ON x.oid = m.member \
    WHERE x.rolname = \(name) \
    UNION ALL SELECT r.rolname, true, true, false FROM pg_database d JOIN pg_roles x ON x.oid = d.datdba \
    JOIN pg_roles r ON r.rolname = 'pg_database_owner' \
    WHERE d.datname = current_database() AND x.rolname = \(name)) q \
    WHERE q.inherited OR q.settable OR q.admin GROUP BY q.rolname ORDER BY q.rolname
    """
  }

  private func members(_ name: SQL) -> SQL {
    """
    SELECT x.rolname, bool_or(m.admin_option) FROM pg_auth_members m \
    JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles x ON x.oid = m.member \
    WHERE r.rolname = \(name) GROUP BY x.rolname ORDER BY x.rolname
    """
  }

  /// Kind, schema, object, column, word, privilege, whether it may be passed on, creator.
  private func grants(to grantee: SQL) -> SQL {
    let owned: SQL =
      "EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')"
    let schemas: SQL =
      "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    let word: SQL = """
      CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' \
      WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
      """
    let relations: SQL = """
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND \(schemas) AND NOT \(owned)
      """
    return """
      SELECT w.* FROM (SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'relation' END AS kind, \
      n.nspname::text AS schema, c.relname::text AS name, NULL::text AS column, \(word) AS word, \
      a.privilege_type, a.is_grantable, NULL::text AS creator \(relations) CROSS JOIN LATERAL \
      aclexplode(coalesce(c.relacl, acldefault((CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", c.relowner))) a \
      WHERE a.grantee = \(grantee) AND c.relowner <> \(grantee) \
      UNION ALL SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'relation' END, n.nspname, c.relname, \
      NULL, \(word), 'OWNERSHIP', false, NULL \(relations) WHERE c.relowner = \(grantee) \
      UNION ALL SELECT 'relation', n.nspname, c.relname, t.attname, \(word), a.privilege_type, \
      a.is_grantable, NULL \(relations) JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped \
      CROSS JOIN LATERAL aclexplode(t.attacl) a WHERE a.grantee = \(grantee) AND c.relowner <> \(grantee) \
      UNION ALL SELECT 'schema', n.nspname, NULL, NULL, 'SCHEMA', a.privilege_type, a.is_grantable, NULL \
      FROM pg_namespace n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n'::"char", n.nspowner))) a \
      WHERE \(schemas) AND a.grantee = \(grantee) AND n.nspowner <> \(grantee) \
      UNION ALL SELECT 'schema', n.nspname, NULL, NULL, 'SCHEMA', 'OWNERSHIP', false, NULL \
      FROM pg_namespace n WHERE \(schemas) AND n.nspowner = \(grantee) \
      UNION ALL SELECT 'future', n.nspname, NULL, NULL, CASE d.defaclobjtype WHEN 'r' THEN 'TABLE' \
      WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FUNCTION' WHEN 'T' THEN 'TYPE' ELSE 'SCHEMA' END, \
      a.privilege_type, a.is_grantable, o.rolname FROM pg_default_acl d JOIN pg_roles o ON o.oid = d.defaclrole \
      LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN LATERAL aclexplode(d.defaclacl) a \
      WHERE a.grantee = \(grantee) AND d.defaclrole <> \(grantee)) w ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
      """
  }

  func accessAnswer(
    to question: Question, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    var rows: [Rows] = []
    for result in results { rows.append(try result.get()) }
    switch question {
    case .access(.role) where rows.count == 3:
      guard let powers = rows[0].cells.first else { return .access(DirectAccess(exists: false)) }
      return .access(
        DirectAccess(
          exists: true, roles: try held(rows[1]), grants: try grants(rows[2]),
          powers: zip([.superuser, .bypassrls, .createrole, .createdb, .replication], powers)
            .compactMap { (power: RolePower, cell) in cell == "t" ? power : nil }))
    case .access(.everyone) where rows.count == 1:
      return .access(DirectAccess(exists: true, grants: try grants(rows[0])))
    case .readers where rows.count == 1: return .readers(try tableReaders(rows[0]))
    case .members where rows.count == 2:
      var members: [RoleMembers.Member] = []
      for row in rows[1].cells {
        let cells = try Cells(row, count: 2)
        members.append(
          RoleMembers.Member(
            .role(RoleName(Identifier(try cells.text(0)))), isAdmin: cells.flag(1)))
      }
      return .members(RoleMembers(exists: !rows[0].cells.isEmpty, members: members))
    default:
      throw DatabaseError(.unsupported, "Postgres has nothing of this kind")
    }
  }

  private func tableReaders(_ rows: Rows) throws(DatabaseError) -> TableReaders {
    var columns: [Principal: Set<Identifier>?] = [:]
    for row in rows.cells {
      let cells = try Cells(row, count: 2)
      let principal = cells.optional(0).map { Principal.role(RoleName(Identifier($0))) }
      let reader = principal ?? .everyone
      guard let column = cells.optional(1) else {
        columns[reader] = .some(nil)
        continue
      }
      // A right on the whole table covers its columns.
      if case .some(nil) = columns[reader] { continue }
      columns[reader] = .some((columns[reader] ?? [])?.union([Identifier(column)]) ?? [])
    }
    return TableReaders(
      columns.sorted { $0.key < $1.key }.map { TableReaders.Reader($0.key, columns: $0.value) })
  }

  private func held(_ rows: Rows) throws(DatabaseError) -> [DirectAccess.HeldRole] {
    var roles: [DirectAccess.HeldRole] = []
    for row in rows.cells {
      let cells = try Cells(row, count: 3)
      roles.append(
        DirectAccess.HeldRole(
          RoleName(Identifier(try cells.text(0))), isInherited: cells.flag(1),
          isAdmin: cells.flag(2)))
    }
    return roles
  }

  private func grants(_ rows: Rows) throws(DatabaseError) -> [AccessGrant] {
    var grants: [AccessGrant] = []
    for row in rows.cells {
      let cells = try Cells(row, count: 8)
      let word = try cells.text(4)
      let path = [1, 2].compactMap { cells.optional($0) }.map { Identifier($0) }
      let column = cells.optional(3).map { Identifier($0) }
      let object: AccessObject =
        switch try cells.text(0) {
        case "schema": AccessObject(.schema, path, word: word)
        case "sequence": AccessObject(.sequence, path, word: word)
        case "future":
          AccessObject(
            Self.kind(word), path.isEmpty ? [Identifier("*")] : path, word: word, isFuture: true)
        default: AccessObject(.relation, path, column: column, word: word)
        }
      grants.append(
        AccessGrant(
          try cells.text(5), on: object, isGrantable: cells.flag(6),
          creator: cells.optional(7).map { Identifier($0) }))
    }
    return grants
  }

  private static func kind(_ word: String) -> AccessObject.Kind {
    switch word {
    case "TABLE": .relation
    case "SEQUENCE": .sequence
    case "FUNCTION": .function
    case "SCHEMA": .schema
    default: .other
    }
  }

  // MARK: Probes

  /// EXPLAIN checks the rights of a statement without running it.
  ///
  /// That holds in a read-only transaction too, where the statement itself would be refused for being a write before anybody looked at rights
  /// (seen on PostgreSQL 15). What cannot be explained is asked about.
  package func statement(of probe: Probe, as role: RoleName) -> SQL? {
    switch probe {
    case .identity: "SELECT current_user = \(literal: role.name.name)"
    case .select(let table): "EXPLAIN SELECT 1 FROM \(name: table)"
    case .insert(let table, _): "EXPLAIN INSERT INTO \(name: table) DEFAULT VALUES"
    case .update(let table, let column):
      // DEFAULT needs no right to read, and is taken by columns of every kind.
      "EXPLAIN UPDATE \(name: table) SET \(column) = DEFAULT"
    case .updateAny(let table):
      """
      SELECT has_schema_privilege(\(literal: table.schema.schema.name), 'USAGE') \
      AND has_any_column_privilege(\(literal: render("\(name: table)")), 'UPDATE')
      """
    case .delete(let table): "EXPLAIN DELETE FROM \(name: table)"
    case .truncate(let table):
      "SELECT has_table_privilege(\(literal: render("\(name: table)")), 'TRUNCATE')"
    case .drop(let table):
      """
      SELECT pg_has_role(c.relowner, 'USAGE') OR pg_has_role(n.nspowner, 'USAGE') FROM pg_class c \
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = \(literal: table.schema.schema.name) \
      AND c.relname = \(literal: table.name.name)
      """
    case .usage(let schema):
      "SELECT has_schema_privilege(\(literal: schema.schema.name), 'USAGE')"
    case .create(let schema):
      "SELECT has_schema_privilege(\(literal: schema.schema.name), 'CREATE')"
    }
  }

  package func isRefusal(_ error: DatabaseError) -> Bool {
    error.kind == .permissionDenied && error.code == "42501"
  }
}
