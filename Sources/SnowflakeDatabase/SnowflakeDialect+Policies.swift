package import SpecCore

/// What policies hang where, and what they would give another role.
extension SnowflakeDialect {
  /// Page "EXECUTE USING": policies see the context, privileges stay those of the session; the
  /// session must be able to apply the policies.
  package func simulated(_ query: SQL, as role: RoleName) -> SQL? {
    guard role.database == nil else { return nil }
    return "EXECUTE USING POLICY_CONTEXT(CURRENT_ROLE => \(literal: role.name.name)) AS \(query)"
  }

  private static let referenceColumns: SQL = """
    POLICY_DB, POLICY_SCHEMA, POLICY_NAME, POLICY_KIND, REF_COLUMN_NAME, REF_ARG_COLUMN_NAMES, \
    TAG_NAME, POLICY_STATUS
    """

  /// Page "POLICY_REFERENCES": only policies that the role may attach or owns are returned, so that
  /// no row proves nothing by itself.
  func policyStatements(for listing: Listing) -> [SQL] {
    switch listing {
    case .policyReferences(let table, let isView):
      let database: SQL = table.schema.database.map { "\($0)." } ?? ""
      return [
        """
        SELECT \(Self.referenceColumns) FROM TABLE(\(database)INFORMATION_SCHEMA.POLICY_REFERENCES(\
        REF_ENTITY_NAME => \(literal: qualifiedName(table)), \
        REF_ENTITY_DOMAIN => \(literal: isView ? "VIEW" : "TABLE")))
        """
      ]
    case .accountPolicyReferences(let table):
      let database: SQL =
        table.schema.database.map { "\(literal: $0.name)" } ?? "CURRENT_DATABASE()"
      return [
        """
        SELECT \(Self.referenceColumns) FROM SNOWFLAKE.ACCOUNT_USAGE.POLICY_REFERENCES \
        WHERE REF_DATABASE_NAME = \(database) AND REF_SCHEMA_NAME = \(literal: table.schema.schema.name) \
        AND REF_ENTITY_NAME = \(literal: table.name.name)
        """
      ]
    case .policies(.masking): return ["SHOW MASKING POLICIES IN ACCOUNT"]
    case .policies(.rowAccess): return ["SHOW ROW ACCESS POLICIES IN ACCOUNT"]
    default: return []
    }
  }
}
