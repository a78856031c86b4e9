/// One client of a measurement, with a connection that nobody else uses meanwhile.
package protocol TimedLane: Sendable {
  /// Runs a statement to its last row, and drops all rows.
  ///
  /// Timed as close to the wire as can be: nothing is decoded.
  func execute(_ sql: String) async throws(DatabaseError) -> Execution

  /// The rows of a small statement in the same surroundings; nothing is timed.
  func rows(of sql: String) async throws(DatabaseError) -> Rows

  /// Gives the connection back; must be called, also after an error.
  func close() async
}

/// One execution on the wire.
package struct Execution: Hashable, Sendable {
  /// From sending the statement until its last row had arrived.
  package let seconds: Double
  package let rows: Int
  /// The server's own name for it, where it has one.
  package let queryID: String?

  package init(seconds: Double, rows: Int, queryID: String? = nil) {
    self.seconds = seconds
    self.rows = rows
    self.queryID = queryID
  }
}
