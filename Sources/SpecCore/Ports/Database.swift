/// One side of a run, connected and pinned to one read point; SQL in, rows out.
package protocol Database: Sendable {
  /// Who this is and how it is read, learnt when the connection was made.
  var facts: SideFacts { get }

  /// How this database says things; pure.
  var dialect: any Dialect { get }

  /// How many statements it runs at a time.
  var width: Int { get }

  /// From how many buckets (of 256 keys or more) on several ranges of them, read at once, are read
  /// more quickly than one; `Int.max` for never.
  func worthSplitting(_ order: KeyOrder) -> Int

  /// Runs a statement and returns all its rows; for answers known to be small.
  ///
  /// Cancelling the task cancels the statement on the server.
  func rows(of statement: Statement) async throws(DatabaseError) -> Rows

  /// Names and types of what a statement returns; it is run for no row.
  func columns(of statement: Statement) async throws(DatabaseError) -> [ColumnCatalog]

  /// Runs a statement and hands its rows out in batches, so that memory stays bounded.
  func open(_ statement: Statement) async throws(DatabaseError) -> any RowCursor

  /// Connections for so many clients of a measurement, each with one of its own; names without a
  /// schema mean this one.
  ///
  /// There may be more of them than the width says; all must be closed.
  func lanes(
    _ count: Int, in schema: SchemaName
  ) async throws(DatabaseError) -> [any TimedLane]

  /// Ends the read transaction and every connection. Never throws: there is nothing left to save.
  func close() async
}

/// Rows of one statement, batch by batch, in the order the statement gives.
package protocol RowCursor: Sendable {
  /// The next batch, or `nil` when there are no more.
  func next() async throws(DatabaseError) -> [[String?]]?

  /// Gives the connection back; must be called, also after an error.
  func close() async
}

/// Makes a connection; what it needs (URL, key, options) was resolved before.
package protocol Connector: Sendable {
  /// Connects, sets the session up, fixes the read point and learns the facts.
  func connect() async throws(DatabaseError) -> any Database
}

/// A statement ready to be sent.
package struct Statement: Hashable, Sendable {
  /// The text, rendered by the dialect of the side it goes to.
  package let sql: String
  /// The longest it may run, in seconds; `nil` leaves the connection's own limit.
  package let timeout: Double?
  /// Whether it may take long, so that nothing should have to wait behind it.
  package let isLong: Bool
  /// As whom it runs, and with that role's rights alone; `nil` for the connection's own role.
  ///
  /// That the run may not act as the role is an error of the kind `configuration`.
  package let role: RoleName?
  /// The time zone of its session, as the IANA names it; `nil` for UTC.
  package let zone: String?
  /// Where names that say no schema lead; `nil` where there are none.
  ///
  /// A session of Snowflake has its schema, and needs none here.
  package let schema: Identifier?

  package init(
    _ sql: String, timeout: Double? = nil, isLong: Bool = false, role: RoleName? = nil,
    zone: String? = nil, schema: Identifier? = nil
  ) {
    self.role = role
    self.zone = zone
    self.schema = schema
    self.sql = sql
    self.timeout = timeout
    self.isLong = isLong
  }
}
