internal import SpecCore

/// Rows of one statement, fetched as they are wanted, on a connection of their own.
actor PostgresCursor: RowCursor {
  private let connection: PostgresConnection
  private let release: @Sendable () async -> Void
  /// Seconds of fetching that are left; waiting for the reader does not count.
  private var left: Double?
  /// How many rows to ask for next; adapted to their size.
  private var count = PostgresCursor.first
  /// Rows that came when the cursor was opened.
  private var opening: PostgresAnswer?
  private var isAtEnd = false
  private var isClosed = false

  /// So many rows come when the cursor is opened.
  private static let first = 50

  /// Opens the cursor, and reads its first rows in the same exchange.
  func open(_ statement: Statement) async throws(DatabaseError) {
    let start = ContinuousClock.now
    let connection = connection
    opening = try await interruptible(connection) { interrupt throws(DatabaseError) in
      try await connection.declare(statement, fetching: Self.first, unless: interrupt)
    }
    if let limit = left { left = limit - start.duration(to: .now) / .seconds(1) }
  }

  /// Reads the connection's cursor, once it is open; `release` gives the connection back.
  init(
    _ connection: PostgresConnection, limit: Double?, release: @escaping @Sendable () async -> Void
  ) {
    self.connection = connection
    self.release = release
    left = limit
  }

  func next() async throws(DatabaseError) -> [[String?]]? {
    if isClosed { throw .closed }
    if isAtEnd { return nil }
    let asked = count
    let answer: PostgresAnswer
    // Rows that come within a second or so: whoever waits sees them come, and can stop them.
    var most = 5_000
    if let opening {
      answer = opening
      self.opening = nil
    } else {
      let start = ContinuousClock.now
      answer = try await fetched(asked)
      let seconds = start.duration(to: .now) / .seconds(1)
      most = min(most, Int(max(Double(Self.first), Double(asked) / max(seconds, 0.001))))
    }
    isAtEnd = answer.cells.count < asked
    if answer.cells.isEmpty { return nil }
    // Two million bytes a batch, an estimate of 32 for what each cell costs besides its text.
    let cells = answer.cells.count * answer.columns.count
    let perRow = max(1, (answer.size + 32 * cells) / answer.cells.count)
    count = max(1, min(most, asked * 8, 2_000_000 / perRow))
    return answer.cells
  }

  private func fetched(_ count: Int) async throws(DatabaseError) -> PostgresAnswer {
    if let left, left <= 0 { throw .overdue }
    let (limit, connection) = (left, connection)
    let start = ContinuousClock.now
    let answer = try await interruptible(connection) { interrupt throws(DatabaseError) in
      try await connection.fetch(count, within: limit, unless: interrupt)
    }
    if let limit { left = limit - start.duration(to: .now) / .seconds(1) }
    return answer
  }

  func close() async {
    if isClosed { return }
    isClosed = true
    await connection.settle()
    await release()
  }
}

/// Runs `body` so that cancelling the task stops the statement on the server.
func interruptible<Value: Sendable>(
  _ connection: PostgresConnection,
  _ body: (Interrupt) async throws(DatabaseError) -> Value
) async throws(DatabaseError) -> Value {
  let interrupt = connection.interrupt()
  let result = await withTaskCancellationHandler { () async -> Result<Value, DatabaseError> in
    do throws(DatabaseError) {
      return .success(try await body(interrupt))
    } catch {
      return .failure(error)
    }
  } onCancel: {
    interrupt.wish()
  }
  return try result.get()
}

extension DatabaseError {
  fileprivate static let closed = DatabaseError(.cancelled, "the rows were closed")
  fileprivate static let overdue = DatabaseError(
    .timeout, "fetching the rows passed the statement's time limit")
}
