/// Lists that a database keeps about itself, which checks read by the names of their columns.
///
/// A dialect answers each with one statement, or with none where it keeps no such list.
package enum Listing: Hashable, Sendable {
  /// The users of the account that have not been dropped.
  ///
  /// Columns as in Snowflake's view ACCOUNT_USAGE.USERS, which is up to two hours late.
  case users
  /// Which user was given which role. View GRANTS_TO_USERS, two hours late.
  case userRoles
  /// Rights that touch administrators: who holds their roles, which tasks and procedures they have,
  /// and which stages are open to everyone. View GRANTS_TO_ROLES, two hours late.
  case adminGrants
  /// Integrations that the role may see.
  case securityIntegrations
  /// Password policies that are set on the account or on users, with the least length.
  case passwordPolicies
  /// Session policies that are set on the account or on users, with the idle minutes.
  case sessionPolicies
  /// Network policies that are set on the account or on users.
  case networkPolicies
  /// Stages that lead outside. View STAGES, two hours late.
  case externalStages
  /// Stages that the role may see, with their integrations.
  case shownStages
  /// Policies that are attached to a table or view, or to its columns, as far as the run's role may see them.
  ///
  /// Columns as of Snowflake's table function POLICY_REFERENCES; the boolean says whether it is a
  /// view.
  case policyReferences(Relation, isView: Bool)
  /// The same as the whole account has them, up to two hours late (view of ACCOUNT_USAGE).
  case accountPolicyReferences(Relation)
  /// The policies of a kind that the run's role may attach or owns.
  case policies(PolicyKind)
  /// Row-level security of a table in Postgres: a row for each role of each policy, at least one row.
  ///
  /// Columns: enabled, forced, owner, policy, permissive, command, role (none for PUBLIC), rule.
  case rowSecurity(Relation)
  /// What a view reads itself: a row for each table or view.
  ///
  /// Columns: database (none for the view's own), schema (likewise), name, and kind where it is known
  /// (`table`, `view`, `other`). A row of the kind `unknown` tells in `name` what could not be read.
  case viewBases(Relation)
  /// When each table of a schema was last changed: NAME, ALTERED_AT (milliseconds since 1970).
  case lastAltered(SchemaName)
  /// Events of the account in a window of time.
  case audit(AccountAudit)
  /// How much a view holds at all: RECORDS in the window, NEWEST_AT (seconds since 1970).
  ///
  /// A view of a list has no window: RECORDS is all that it holds.
  case recorded(AccountView, AuditWindow?)
}

/// What a policy of Snowflake's does.
package enum PolicyKind: String, Hashable, Sendable {
  case masking = "MASKING_POLICY"
  case rowAccess = "ROW_ACCESS_POLICY"

  /// As statements call it: `MASKING POLICY`.
  package var words: String { self == .masking ? "MASKING POLICY" : "ROW ACCESS POLICY" }
}

/// One line of a listing.
package struct ListedRow: Hashable, Sendable {
  /// Values by the names of their columns in small letters; NULLs are left out.
  private let values: [String: String]

  package init(_ values: [String: String]) { self.values = values }

  /// The value as the database prints it; `nil` for NULL, or where there is no such column.
  package subscript(column: String) -> String? { values[column] }

  /// Whether the value is true; `nil` for NULL, which is neither.
  package func isTrue(_ column: String) -> Bool? {
    values[column].map { $0.lowercased() == "true" || $0 == "1" || $0 == "t" }
  }
}

extension Rows {
  /// The rows by the names of their columns.
  package var listed: [ListedRow] {
    let names = columns.map { $0.lowercased() }
    return cells.map { row in
      var values: [String: String] = [:]
      for (name, cell) in zip(names, row) { values[name] = cell }
      return ListedRow(values)
    }
  }
}
