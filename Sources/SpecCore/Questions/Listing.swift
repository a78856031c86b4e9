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
  /// Masking and row access policies with the tables and columns that they are set on.
  case dataPolicies
  /// Stages that lead outside. View STAGES, two hours late.
  case externalStages
  /// Stages that the role may see, with their integrations.
  case shownStages
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
