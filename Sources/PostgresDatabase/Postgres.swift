package import SpecCore

/// One PostgreSQL server, read through up to `width` connections that share one snapshot.
package actor Postgres: Database {
  package nonisolated let facts: SideFacts
  package nonisolated let dialect: any Dialect
  package nonisolated let width: Int

  /// Connects one that `make` made, on the snapshot.
  private let open: @Sendable (PostgresConnection) async throws(DatabaseError) -> Void
  /// One more connection, not yet open.
  private let make: @Sendable () throws(DatabaseError) -> PostgresConnection
  /// The connection whose transaction owns the snapshot; without it no other can be opened.
  private let holder: PostgresConnection
  /// All that are open or being opened.
  private var connections: [PostgresConnection]
  /// Those that nobody uses; the last is the next to be used.
  private var idle: [PostgresConnection]
  /// How many the server lets us have, as far as we know.
  private var capacity: Int
  /// Tasks that want a connection.
  private var waiters: [(id: Int, wake: AsyncStream<Never>.Continuation)] = []
  private var lastWaiter = 0
  /// Short statements that no connection has taken yet, in the order they came.
  private var queue: [Request] = []
  /// Tasks that take statements from the queue, and how many of them have none at the moment.
  private var takers = (all: 0, free: 0)
  private var lastRequest = 0
  /// What the connections are doing of it, by the first statement's number.
  private var batches: [Int: Batch] = [:]
  private var isClosed = false

  /// Takes over connections that are ready; `make` and `open` bring further ones to the snapshot.
  init(
    facts: SideFacts, dialect: any Dialect, width: Int, holder: PostgresConnection,
    others: [PostgresConnection],
    make: @escaping @Sendable () throws(DatabaseError) -> PostgresConnection,
    open: @escaping @Sendable (PostgresConnection) async throws(DatabaseError) -> Void
  ) {
    self.facts = facts
    self.dialect = dialect
    self.width = width
    self.holder = holder
    self.make = make
    self.open = open
    connections = [holder] + others
    idle = connections
    capacity = width
  }

  /// Without an index every range would cost a scan of the whole table.
  package nonisolated func worthSplitting(_ order: KeyOrder) -> Int {
    order.isIndexed ? 1_024 : .max
  }

  package func rows(of statement: Statement) async throws(DatabaseError) -> Rows {
    if statement.timeout != nil || statement.isLong || !statement.isPlain {
      return try await rowsAlone(statement)
    }
    lastRequest += 1
    let id = lastRequest
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        queue.append(Request(id: id, sql: statement.sql, answer: answer))
        if Task.isCancelled { abandon(id) }
        takeMore()
      }
    } onCancel: {
      Task { await abandon(id) }
    }
    return try result.get()
  }

  /// Runs a statement that has a time limit or a role of its own or may take long, which takes an
  /// exchange more.
  private func rowsAlone(_ statement: Statement) async throws(DatabaseError) -> Rows {
    let connection = try await acquire()
    let result: Result<Rows, DatabaseError>
    do throws(DatabaseError) {
      result = .success(
        try await interruptible(connection) { interrupt throws(DatabaseError) in
          try await connection.rows(of: statement, unless: interrupt)
        })
    } catch {
      result = .failure(error)
    }
    await release(connection)
    return try result.get()
  }

  package func columns(of statement: Statement) async throws(DatabaseError) -> [ColumnCatalog] {
    let connection = try await acquire()
    let result: Result<[ColumnCatalog], DatabaseError>
    do throws(DatabaseError) {
      result = .success(
        try await interruptible(connection) { interrupt throws(DatabaseError) in
          try await connection.columns(of: statement, unless: interrupt)
        })
    } catch {
      result = .failure(error)
    }
    await release(connection)
    return try result.get()
  }

  package func open(_ statement: Statement) async throws(DatabaseError) -> any RowCursor {
    let connection = try await acquire()
    let cursor = PostgresCursor(connection, limit: statement.timeout) { [self] in
      await release(connection)
    }
    do throws(DatabaseError) {
      try await cursor.open(statement)
    } catch {
      await cursor.close()
      throw error
    }
    return cursor
  }

  package func lanes(
    _ count: Int, in schema: SchemaName
  ) async throws(DatabaseError) -> [any TimedLane] {
    var lanes: [any TimedLane] = []
    do throws(DatabaseError) {
      while lanes.count < count {
        let connection = try await lane()
        lanes.append(
          PostgresLane(connection: connection, schema: schema.schema.name) { [self] in
            await leave(connection)
          })
      }
    } catch {
      for lane in lanes { await lane.close() }
      throw error
    }
    return lanes
  }

  package func close() async {
    isClosed = true
    wakeAll()
    let open = connections
    connections = []
    idle = []
    for connection in open { connection.stop() }
    for connection in open { await connection.close() }
  }

  // MARK: - Short statements

  /// A statement whose rows somebody waits for.
  private struct Request {
    let id: Int
    let sql: String
    let answer: CheckedContinuation<Result<Rows, DatabaseError>, Never>
  }

  /// Statements under way on one connection.
  private struct Batch {
    var wanted: Set<Int>
    let interrupt: Interrupt
  }

  /// At most so many statements, and so many bytes of them, go out together.
  private static let mostStatements = 16
  private static let mostBytes = 64_000

  /// Forgets a statement that nobody wants any more; one that runs is stopped when nobody wants any
  /// of those that went out with it.
  private func abandon(_ id: Int) {
    if let position = queue.firstIndex(where: { $0.id == id }) {
      queue.remove(at: position).answer.resume(returning: .failure(.stopped))
      return
    }
    guard let key = batches.first(where: { $0.value.wanted.contains(id) })?.key else { return }
    batches[key]?.wanted.remove(id)
    if batches[key]?.wanted.isEmpty == true { batches[key]?.interrupt.wish() }
  }

  /// Starts tasks for what is in the queue, at most one a connection.
  private func takeMore() {
    while takers.all < width, takers.free < queue.count {
      takers.all += 1
      takers.free += 1
      Task { await take() }
    }
  }

  /// Takes statements from the queue until it is empty.
  private func take() async {
    while !queue.isEmpty {
      let connection: PostgresConnection
      do throws(DatabaseError) {
        connection = try await acquire()
      } catch {
        // The same would befall all of them.
        for request in queue { request.answer.resume(returning: .failure(error)) }
        queue = []
        break
      }
      let requests = nextBatch()
      if !requests.isEmpty {
        takers.free -= 1
        await run(requests, on: connection)
        takers.free += 1
      }
      await release(connection)
    }
    takers.all -= 1
    takers.free -= 1
  }

  /// A fair share of the queue: more than one only where more statements wait than connections.
  private func nextBatch() -> [Request] {
    let others = idle.count + max(0, capacity - connections.count)
    let share = min(Self.mostStatements, (queue.count + others) / (others + 1))
    var bytes = 0
    let batch = queue.prefix(share).prefix { request in
      defer { bytes += request.sql.utf8.count }
      return bytes == 0 || bytes + request.sql.utf8.count <= Self.mostBytes
    }
    queue.removeFirst(batch.count)
    return Array(batch)
  }

  private func run(_ requests: [Request], on connection: PostgresConnection) async {
    let interrupt = connection.interrupt()
    let key = requests[0].id
    batches[key] = Batch(wanted: Set(requests.map(\.id)), interrupt: interrupt)
    let answers = await connection.rows(of: requests.map(\.sql), unless: interrupt)
    batches[key] = nil
    for (request, answer) in zip(requests, answers) { request.answer.resume(returning: answer) }
  }

  // MARK: - The pool

  /// A connection for one statement or cursor; waits for its turn.
  private func acquire() async throws(DatabaseError) -> PostgresConnection {
    while true {
      if isClosed { throw .closed }
      if Task.isCancelled { throw .stopped }
      if let connection = idle.popLast() { return connection }
      let canGrow = connections.contains { $0 === holder }
      if !canGrow, connections.isEmpty { throw .snapshotLost }
      if canGrow, connections.count < capacity {
        if let connection = try await grow() { return connection }
      } else {
        await waitForRelease()
      }
    }
  }

  /// One more connection; `nil` when it cannot be had but others can be waited for.
  private func grow() async throws(DatabaseError) -> PostgresConnection? {
    let connection = try make()
    connections.append(connection)
    do throws(DatabaseError) {
      try await open(connection)
      if isClosed { throw .closed }
      return connection
    } catch {
      await discard(connection)
      guard error.kind != .cancelled, !connections.isEmpty else { throw error }
      capacity = max(1, connections.count)
      return nil
    }
  }

  /// Takes a connection back, or closes it when it is of no more use.
  private func release(_ connection: PostgresConnection) async {
    if await connection.isUsable, !isClosed {
      // The holder waits at the bottom, so that it is the last to be put at risk.
      idle.insert(connection, at: connection === holder ? 0 : idle.endIndex)
    } else {
      await discard(connection)
    }
    wakeAll()
  }

  /// Forgets and closes a connection.
  private func discard(_ connection: PostgresConnection) async {
    connections.removeAll { $0 === connection }
    await connection.close()
    wakeAll()
  }

  /// A connection for one client of a measurement, beyond the width if need be; nobody is waited for.
  private func lane() async throws(DatabaseError) -> PostgresConnection {
    if isClosed { throw .closed }
    if Task.isCancelled { throw .stopped }
    // The holder only where there is no other: what befalls it befalls all.
    if let position = idle.lastIndex(where: { $0 !== holder }) {
      return idle.remove(at: position)
    }
    let connection = try make()
    connections.append(connection)
    do throws(DatabaseError) {
      try await open(connection)
      return connection
    } catch {
      await discard(connection)
      if error.kind != .cancelled, !isClosed, let connection = idle.popLast() { return connection }
      throw error
    }
  }

  /// Takes a client's connection back, and closes it where there are enough.
  private func leave(_ connection: PostgresConnection) async {
    if connection !== holder, connections.count > capacity {
      await discard(connection)
    } else {
      await release(connection)
    }
  }

  /// Returns when a connection may have become free, or when the task is cancelled.
  private func waitForRelease() async {
    lastWaiter += 1
    let id = lastWaiter
    let (stream, wake) = AsyncStream<Never>.makeStream()
    waiters.append((id, wake))
    for await _ in stream {}
    waiters.removeAll { $0.id == id }
  }

  /// Lets all who wait look again.
  private func wakeAll() {
    for waiter in waiters { waiter.wake.finish() }
    waiters = []
  }
}

extension Statement {
  /// Whether it runs in the session as it is.
  fileprivate var isPlain: Bool { role == nil && zone == nil && schema == nil }
}

extension DatabaseError {
  fileprivate static let closed = DatabaseError(.cancelled, "the connection was closed")
  fileprivate static let stopped = DatabaseError(.cancelled, "the statement was stopped on request")
  fileprivate static let snapshotLost = DatabaseError(
    .connectionLost, "the connection that held the snapshot was lost",
    hint: "a new run reads from a new snapshot")
}
