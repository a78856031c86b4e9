internal import SpecCore

/// Rows of one statement, fetched as they are wanted, on a connection of their own.
actor PostgresCursor: RowCursor {
  private let connection: PostgresConnection
  private let release: @Sendable () async -> Void
  /// Seconds of fetching that are left; waiting for the reader does not count.
  private var left: Double?
  /// How many rows to ask for next; adapted to their size.
  private var count = 50
  private var isAtEnd = false
  private var isClosed = false

  /// Reads the connection's open cursor; `release` gives the connection back.
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
    if let left, left <= 0 { throw .overdue }
    let (asked, limit, connection) = (count, left, connection)
    let start = ContinuousClock.now
    let answer = try await interruptible(connection) { interrupt throws(DatabaseError) in
      try await connection.fetch(asked, within: limit, unless: interrupt)
    }
    if let limit { left = limit - start.duration(to: .now) / .seconds(1) }
    isAtEnd = answer.cells.count < asked
    if answer.cells.isEmpty { return nil }
    // Two million bytes a batch, an estimate of 32 for what each cell costs besides its text.
    let cells = answer.cells.count * answer.columns.count
    let perRow = max(1, (answer.size + 32 * cells) / answer.cells.count)
    count = max(1, min(5_000, asked * 8, 2_000_000 / perRow))
    return answer.cells
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
