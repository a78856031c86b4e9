/// What a statement returned: every cell as the database's text, `nil` for SQL NULL.
package struct Rows: Hashable, Sendable {
  /// Column names as the server labelled them.
  package let columns: [String]
  package let cells: [[String?]]
  /// The server's own name for the statement, where it has one (Snowflake's statement handle).
  package let queryID: String?

  package init(columns: [String], cells: [[String?]], queryID: String? = nil) {
    self.columns = columns
    self.cells = cells
    self.queryID = queryID
  }

  /// The position of the column with this name, compared without case.
  package func position(of column: String) -> Int? {
    columns.firstIndex { $0.lowercased() == column.lowercased() }
  }
}
