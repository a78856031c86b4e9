/// What libpq or the server reported, before it is put into the run's words.
struct PostgresFailure: Error, Hashable {
  /// Where the trouble arose.
  enum Cause: Hashable {
    /// The connection could not be made.
    case connecting
    /// The server refused or ended a statement.
    case statement
    /// The connection broke, or the server stopped answering.
    case connection
    /// Somebody asked to stop.
    case interrupted
    /// The clock ran out on this side.
    case expired
    /// The statement ended the transaction that holds the read point.
    case ended
    /// The statement wants a kind of answer that is not rows.
    case unusable
  }

  var cause: Cause
  /// SQLSTATE, where the server gave one.
  var state: String?
  /// Their own words; may hold secrets until `PostgresErrors` has seen them.
  var text: String
}
