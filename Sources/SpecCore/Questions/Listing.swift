/// Lists that a database keeps about itself, which checks read by the names of their columns.
///
/// A dialect answers each with one statement, or with none where it keeps no such list.
package enum Listing: Hashable, Sendable {
  /// The users of the account that have not been dropped.
  ///
  /// Columns as in Snowflake's view ACCOUNT_USAGE.USERS, which is up to two hours late.
  case users
  /// Events of the account in a window of time.
  case audit(AccountAudit)
  /// How much a view holds at all: RECORDS in the window, NEWEST_AT (seconds since 1970).
  ///
  /// A view of a list has no window: RECORDS is all that it holds.
  case recorded(AccountView, AuditWindow?)
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
