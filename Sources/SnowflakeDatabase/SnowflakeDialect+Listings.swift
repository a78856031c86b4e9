import SpecCore

/// The lists of the account.
///
/// Views of SNOWFLAKE.ACCOUNT_USAGE are as late as their pages say, and seen by holders of IMPORTED
/// PRIVILEGES on that database or of the database role that covers the view.
extension SnowflakeDialect {
  func listingStatements(for listing: Listing) -> [SQL] {
    switch listing {
    case .users:
      [
        """
        SELECT NAME, TYPE, EMAIL, DISABLED::BOOLEAN AS DISABLED, HAS_PASSWORD, HAS_MFA, \
        HAS_RSA_PUBLIC_KEY, DEFAULT_ROLE, DEFAULT_SECONDARY_ROLE, \
        DATE_PART('epoch_second', LAST_SUCCESS_LOGIN) AS LAST_LOGIN, \
        DATE_PART('epoch_second', CREATED_ON) AS CREATED \
        FROM \(Self.usage).USERS WHERE DELETED_ON IS NULL
        """
      ]
    case .userRoles:
      [
        """
        SELECT ROLE, GRANTEE_NAME FROM \(Self.usage).GRANTS_TO_USERS WHERE DELETED_ON IS NULL
        """
      ]
    case .adminGrants:
      [
        """
        SELECT PRIVILEGE, GRANTED_ON, NAME, TABLE_CATALOG, TABLE_SCHEMA, GRANTEE_NAME \
        FROM \(Self.usage).GRANTS_TO_ROLES WHERE DELETED_ON IS NULL \
        AND ((GRANTED_ON = 'ROLE' AND PRIVILEGE = 'USAGE' AND NAME IN ('ACCOUNTADMIN', 'SECURITYADMIN')) \
        OR (GRANTED_ON IN ('TASK', 'PROCEDURE') AND GRANTEE_NAME IN ('ACCOUNTADMIN', 'SECURITYADMIN')) \
        OR (GRANTED_ON = 'STAGE' AND GRANTEE_NAME = 'PUBLIC'))
        """
      ]
    case .securityIntegrations: ["SHOW SECURITY INTEGRATIONS"]
    case .passwordPolicies: [attached("PASSWORD", value: "PASSWORD_MIN_LENGTH", as: "LEAST")]
    case .sessionPolicies: [attached("SESSION", value: "SESSION_IDLE_TIMEOUT_MINS", as: "IDLE")]
    case .networkPolicies:
      [
        """
        SELECT POLICY_NAME, REF_ENTITY_NAME AS ENTITY, REF_ENTITY_DOMAIN AS DOMAIN \
        FROM \(Self.usage).POLICY_REFERENCES \
        WHERE POLICY_KIND = 'NETWORK_POLICY' AND POLICY_STATUS = 'ACTIVE'
        """
      ]
    case .externalStages:
      [
        """
        SELECT STAGE_CATALOG AS DATABASE_NAME, STAGE_SCHEMA AS SCHEMA_NAME, STAGE_NAME AS NAME, \
        STAGE_URL AS URL FROM \(Self.usage).STAGES WHERE DELETED IS NULL AND STAGE_URL IS NOT NULL
        """
      ]
    case .shownStages: ["SHOW STAGES IN ACCOUNT"]
    case .policyReferences, .accountPolicyReferences, .policies, .rowSecurity:
      policyStatements(for: listing)
    case .viewBases(let view):
      // Whoever may read a view may have its text; INFORMATION_SCHEMA shows it to its owner only.
      ["SELECT GET_DDL('VIEW', \(literal: qualifiedName(view)), TRUE) AS DEFINITION"]
    case .lastAltered(let schema):
      [
        """
        SELECT TABLE_NAME AS NAME, DATEDIFF('millisecond', \(Self.epoch), \
        CONVERT_TIMEZONE('UTC', LAST_ALTERED)::TIMESTAMP_NTZ) AS ALTERED_AT \
        FROM \(schema.database.map { "\($0).INFORMATION_SCHEMA" } ?? "INFORMATION_SCHEMA").TABLES \
        WHERE TABLE_SCHEMA = \(literal: schema.schema.name)
        """
      ]
    case .audit(let audit): auditStatements(audit)
    case .recorded(let view, let window): [recordedStatement(view, window)]
    }
  }

  private static let usage: SQL = "SNOWFLAKE.ACCOUNT_USAGE"

  /// Policies of one kind that are set on the account or on users.
  ///
  /// `POLICY_KIND` holds 17 characters, and pages show kinds with and without their last word.
  private func attached(_ kind: String, value: String, as name: String) -> SQL {
    """
    SELECT R.POLICY_NAME AS POLICY_NAME, R.REF_ENTITY_NAME AS ENTITY, R.REF_ENTITY_DOMAIN AS DOMAIN, \
    P.\(SQL(verbatim: value)) AS \(SQL(verbatim: name)) FROM \(Self.usage).POLICY_REFERENCES R \
    LEFT JOIN \(Self.usage).\(SQL(verbatim: kind))_POLICIES P ON P.NAME = R.POLICY_NAME \
    AND P.\(Identifier("DATABASE")) = R.POLICY_DB AND P.\(Identifier("SCHEMA")) = R.POLICY_SCHEMA \
    AND P.DELETED IS NULL WHERE R.POLICY_KIND IN (\(literal: "\(kind)_POLICY"), \(literal: kind)) \
    AND R.POLICY_STATUS = 'ACTIVE'
    """
  }

  func listingAnswer(
    to listing: Listing, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    guard let first = results.first else {
      throw DatabaseError(.unsupported, "Snowflake keeps no such list")
    }
    switch first {
    case .success(let rows):
      if case .viewBases = listing { return .listing(try bases(rows)) }
      return .listing(rows.listed)
    case .failure(var error):
      if [.permissionDenied, .missingObject].contains(error.kind) {
        error.hint = listing.grantThatHelps
      }
      throw error
    }
  }
}

extension SnowflakeDialect {
  /// What the text of a view reads; names without schema lead to the view's own.
  private func bases(_ rows: Rows) throws(DatabaseError) -> [ListedRow] {
    guard let text = rows.cells.first?.first ?? nil else {
      throw DatabaseError(
        .permissionDenied, "the text of the view is not shown",
        hint:
          "GRANT SELECT ON the view (of a secure one OWNERSHIP) TO ROLE of the run, for its time")
    }
    let references = TableReferences(ofView: text)
    let unknown = references.unknown.map { ListedRow(["kind": "unknown", "name": $0]) }
    return unknown
      + references.names.map { parts in
        var row = ["name": folded(parts[parts.count - 1])]
        if parts.count > 1 { row["schema"] = folded(parts[parts.count - 2]) }
        if parts.count > 2 { row["database"] = folded(parts[parts.count - 3]) }
        return ListedRow(row)
      }
  }

  private func folded(_ part: QualifiedName.Part) -> String {
    part.isQuoted ? part.text : part.text.uppercased()
  }
}

extension Listing {
  /// What lets the run's role see the list.
  fileprivate var grantThatHelps: String {
    switch self {
    case .securityIntegrations: "GRANT USAGE ON INTEGRATION … TO ROLE of the run, for its time"
    case .shownStages: "GRANT USAGE ON STAGE … TO ROLE of the run, for its time"
    case .accountPolicyReferences:
      "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE of the run, for its time"
    case .policyReferences, .policies, .rowSecurity:
      "GRANT APPLY MASKING POLICY ON ACCOUNT (or APPLY ROW ACCESS POLICY) TO ROLE of the run, for its time"
    case .audit(let audit): audit.grantThatHelps
    case .recorded(let view, _): view.grantThatHelps
    case .viewBases: "GRANT SELECT ON the view TO ROLE of the run"
    case .lastAltered: "GRANT SELECT ON the tables TO ROLE of the run"
    default:
      "GRANT IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE TO ROLE of the run, for its time, or "
        + "the database roles SNOWFLAKE.SECURITY_VIEWER, GOVERNANCE_VIEWER and OBJECT_VIEWER"
    }
  }
}
