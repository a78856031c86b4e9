/// Takes what is known of every statement that was sent; what it reads are no values of the data.
package protocol StatementLog: Sendable {
  /// Called once for each statement, when it has ended.
  func record(_ entry: LoggedStatement)
}

/// A statement that was sent, as a log may keep it for years.
package struct LoggedStatement: Hashable, Sendable {
  package var side: Side
  package var startedAt: Timestamp
  /// From sending until the last row had arrived, or until it failed; with reading it slowly.
  package var seconds: Double
  /// Rows that arrived.
  package var rows: Int
  /// Bytes of their values as text; `nil` where they were dropped unread.
  package var bytes: Int?
  package var queryID: String?
  /// Whose rights it ran with, where it was not the connection's own role.
  package var role: String?
  /// The statement as reports show it, without the salt of digests; `nil` for connecting.
  package var sql: String?
  package var error: DatabaseError?

  package init(
    side: Side, startedAt: Timestamp, seconds: Double, rows: Int = 0, bytes: Int? = 0,
    queryID: String? = nil, role: String? = nil, sql: String?, error: DatabaseError? = nil
  ) {
    self.side = side
    self.startedAt = startedAt
    self.seconds = seconds
    self.rows = rows
    self.bytes = bytes
    self.queryID = queryID
    self.role = role
    self.sql = sql
    self.error = error
  }
}
