package import SpecCore

/// A connector whose statements are logged.
package struct LoggedConnector: Connector {
  private let connector: any Connector
  private let side: Side
  private let log: any StatementLog
  private let now: @Sendable () -> Timestamp

  package init(
    _ connector: any Connector, side: Side, log: any StatementLog,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.connector = connector
    self.side = side
    self.log = log
    self.now = now
  }

  package func connect() async throws(DatabaseError) -> any Database {
    let startedAt = now()
    let (result, seconds) = await timed { () async throws(DatabaseError) in
      try await connector.connect()
    }
    var entry = LoggedStatement(side: side, startedAt: startedAt, seconds: seconds, sql: nil)
    if case .failure(let error) = result { entry.error = error }
    log.record(entry)
    let database = try result.get()
    let writer = LogWriter(side: side, dialect: database.dialect, log: log, now: now)
    return LoggedDatabase(database: database, writer: writer)
  }
}

/// Makes entries of one side.
private struct LogWriter: Sendable {
  let side: Side
  let dialect: any Dialect
  let log: any StatementLog
  let now: @Sendable () -> Timestamp

  /// Carries a statement out and logs it, however it ends.
  func logged<Value>(
    _ sql: String, role: RoleName? = nil,
    measure: (Value) -> (rows: Int, bytes: Int?, queryID: String?),
    _ operation: () async throws(DatabaseError) -> Value
  ) async throws(DatabaseError) -> Value {
    let startedAt = now()
    let (result, seconds) = await timed(operation)
    var entry = LoggedStatement(
      side: side, startedAt: startedAt, seconds: seconds, role: role?.description,
      sql: dialect.recorded(sql))
    switch result {
    case .success(let value): (entry.rows, entry.bytes, entry.queryID) = measure(value)
    case .failure(let error): (entry.error, entry.queryID) = (error, error.queryID)
    }
    log.record(entry)
    return try result.get()
  }

  static func bytes(of cells: [[String?]]) -> Int {
    cells.reduce(0) { $1.reduce($0) { $0 + ($1?.utf8.count ?? 0) } }
  }
}

private struct LoggedDatabase: Database {
  let database: any Database
  let writer: LogWriter

  var facts: SideFacts { database.facts }
  var dialect: any Dialect { database.dialect }
  var width: Int { database.width }

  func worthSplitting(_ order: KeyOrder) -> Int { database.worthSplitting(order) }

  func rows(of statement: Statement) async throws(DatabaseError) -> Rows {
    try await writer.logged(statement.sql, role: statement.role) {
      ($0.cells.count, LogWriter.bytes(of: $0.cells), $0.queryID)
    } _: { () async throws(DatabaseError) in
      try await database.rows(of: statement)
    }
  }

  func columns(of statement: Statement) async throws(DatabaseError) -> [ColumnCatalog] {
    try await writer.logged(statement.sql, role: statement.role) { _ in
      (0, 0, nil)
    } _: {
      () async throws(DatabaseError) in
      try await database.columns(of: statement)
    }
  }

  func open(_ statement: Statement) async throws(DatabaseError) -> any RowCursor {
    let startedAt = writer.now()
    let start = ContinuousClock.now
    func entry(_ error: DatabaseError?) -> LoggedStatement {
      LoggedStatement(
        side: writer.side, startedAt: startedAt,
        seconds: start.duration(to: .now).inSeconds, queryID: error?.queryID,
        role: statement.role?.description, sql: writer.dialect.recorded(statement.sql),
        error: error)
    }
    do throws(DatabaseError) {
      return LoggedCursor(
        cursor: try await database.open(statement), log: writer.log, start: start,
        entry: entry(nil))
    } catch {
      writer.log.record(entry(error))
      throw error
    }
  }

  func lanes(
    _ count: Int, in schema: SchemaName
  ) async throws(DatabaseError) -> [any TimedLane] {
    try await database.lanes(count, in: schema).map { LoggedLane(lane: $0, writer: writer) }
  }

  func close() async { await database.close() }
}

/// Logs its statement when it is closed, which every reader does.
private actor LoggedCursor: RowCursor {
  private let cursor: any RowCursor
  private let log: any StatementLog
  private let start: ContinuousClock.Instant
  private var entry: LoggedStatement

  init(
    cursor: any RowCursor, log: any StatementLog, start: ContinuousClock.Instant,
    entry: LoggedStatement
  ) {
    self.cursor = cursor
    self.log = log
    self.start = start
    self.entry = entry
  }

  func next() async throws(DatabaseError) -> [[String?]]? {
    do throws(DatabaseError) {
      let batch = try await cursor.next()
      if let batch {
        entry.rows += batch.count
        entry.bytes = (entry.bytes ?? 0) + LogWriter.bytes(of: batch)
      }
      return batch
    } catch {
      (entry.error, entry.queryID) = (error, error.queryID)
      throw error
    }
  }

  func close() async {
    await cursor.close()
    entry.seconds = start.duration(to: .now).inSeconds
    log.record(entry)
  }
}

private struct LoggedLane: TimedLane {
  let lane: any TimedLane
  let writer: LogWriter

  func execute(_ sql: String) async throws(DatabaseError) -> Execution {
    try await writer.logged(sql) {
      ($0.rows, nil, $0.queryID)
    } _: {
      () async throws(DatabaseError) in
      try await lane.execute(sql)
    }
  }

  func rows(of sql: String) async throws(DatabaseError) -> Rows {
    try await writer.logged(sql) {
      ($0.cells.count, LogWriter.bytes(of: $0.cells), $0.queryID)
    } _: { () async throws(DatabaseError) in
      try await lane.rows(of: sql)
    }
  }

  func close() async { await lane.close() }
}
