/// How a database tells what executions cost it.
package enum CostAccount: Sendable {
  /// It runs a statement once more, and tells of that.
  case explaining(any ExplainingAccount)
  /// It keeps records of every execution.
  case recording(any RecordingAccount)
}

/// A database that runs a statement once more to tell what it costs.
package protocol ExplainingAccount: Sendable {
  /// Asks how many bytes a block has: one cell.
  var blockSize: SQL { get }

  /// Runs the statement, and answers with its cost in place of its rows.
  func explaining(_ statement: String) -> SQL

  /// Reads such an answer.
  func cost(_ rows: Rows, blockSize: Int) throws(DatabaseError) -> ExecutionCost
}

/// A database that remembers what executions cost.
package protocol RecordingAccount: Sendable {
  /// Asks for times and bytes of executions.
  func executions(_ queryIDs: [String]) -> SQL

  /// Reads such an answer; an execution whose record is not finished is left out.
  func costs(_ rows: Rows) throws(DatabaseError) -> [String: ExecutionCost]

  /// Asks what the operators of executions did.
  func operators(_ queryIDs: [String]) -> SQL

  /// Adds that to the costs; an execution that is not mentioned keeps its cost unchanged.
  func add(_ rows: Rows, to costs: inout [String: ExecutionCost]) throws(DatabaseError)

  /// The same refusal with the grant that would help.
  func explained(_ error: DatabaseError) -> DatabaseError
}
