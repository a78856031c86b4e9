package import SpecCore
import Synchronization

/// A database that answers as a test scripts it, and remembers what it was asked.
package final class FakeDatabase: Database {
  package typealias Answering = @Sendable (_ sql: String) async -> Result<Rows, DatabaseError>
  package typealias Streaming =
    @Sendable (_ sql: String) async -> Result<[[[String?]]], DatabaseError>

  private struct Log {
    var statements: [String] = []
    var openCursors = 0
    var openLanes = 0
    var isClosed = false
  }

  package let facts: SideFacts
  package let dialect: any Dialect
  package let width = 4

  package func worthSplitting(_ order: KeyOrder) -> Int { .max }
  private let answering: Answering
  private let streaming: Streaming
  /// The error with which a stream ends, behind its rows.
  private let breaking: @Sendable (_ sql: String) -> DatabaseError?
  private let log = Mutex(Log())

  package init(
    _ name: String, dialect: FakeDialect, answering: @escaping Answering,
    streaming: @escaping Streaming = { _ in .success([]) },
    breaking: @escaping @Sendable (_ sql: String) -> DatabaseError? = { _ in nil }
  ) {
    facts = SideFacts(
      engine: "Fake", version: "1", name: name, fingerprint: "f", role: "reader",
      readPoint: name, readAt: Timestamp(microseconds: 0), link: .none)
    self.dialect = dialect
    self.answering = answering
    self.streaming = streaming
    self.breaking = breaking
  }

  /// Everything that was sent, in the order sent.
  package var statements: [String] { log.withLock { $0.statements } }

  /// Cursors that nobody closed.
  package var openCursors: Int { log.withLock { $0.openCursors } }

  /// Whether the connection was given back.
  package var isClosed: Bool { log.withLock { $0.isClosed } }

  package func rows(of statement: Statement) async throws(DatabaseError) -> Rows {
    log.withLock { $0.statements.append(statement.sql) }
    return try await answering(statement.sql).get()
  }

  package func columns(of statement: Statement) async throws(DatabaseError) -> [ColumnCatalog] {
    let rows = try await rows(of: statement)
    return rows.columns.map {
      ColumnCatalog(
        name: Identifier($0), type: ColumnType(declared: "text", logical: .text(limit: nil)),
        isNullable: true)
    }
  }

  package func open(_ statement: Statement) async throws(DatabaseError) -> any RowCursor {
    log.withLock { $0.statements.append(statement.sql) }
    let batches = try await streaming(statement.sql).get()
    log.withLock { $0.openCursors += 1 }
    return Cursor(batches, breaking(statement.sql)) { [self] in log.withLock { $0.openCursors -= 1 }
    }
  }

  package func lanes(
    _ count: Int, in schema: SchemaName
  ) async throws(DatabaseError) -> [any TimedLane] {
    log.withLock { $0.openLanes += count }
    return (0..<count).map { Lane(database: self, number: $0) }
  }

  /// Clients that nobody closed.
  package var openLanes: Int { log.withLock { $0.openLanes } }

  /// A client whose statements all take a second, and return what the database answers.
  private struct Lane: TimedLane {
    let database: FakeDatabase
    let number: Int

    func execute(_ sql: String) async throws(DatabaseError) -> Execution {
      let (rows, count) = (try await database.rows(of: Statement(sql)), database.statements.count)
      return Execution(seconds: 1, rows: rows.cells.count, queryID: "q\(count)")
    }

    func rows(of sql: String) async throws(DatabaseError) -> Rows {
      try await database.rows(of: Statement(sql))
    }

    func close() async { database.log.withLock { $0.openLanes -= 1 } }
  }

  package func close() async { log.withLock { $0.isClosed = true } }

  private actor Cursor: RowCursor {
    private var batches: [[[String?]]]
    private let error: DatabaseError?
    private let closed: @Sendable () -> Void

    init(_ batches: [[[String?]]], _ error: DatabaseError?, closed: @escaping @Sendable () -> Void)
    {
      self.batches = batches
      self.error = error
      self.closed = closed
    }

    func next() async throws(DatabaseError) -> [[String?]]? {
      if batches.isEmpty, let error { throw error }
      return batches.isEmpty ? nil : batches.removeFirst()
    }

    func close() async { closed() }
  }
}

/// Hands out databases, or errors, in the order scripted; the last one again and again.
package final class FakeConnector: Connector {
  private let outcomes: [Result<FakeDatabase, DatabaseError>]
  private let attempts = Mutex(0)
  private let gate: Gate?

  package init(_ outcomes: [Result<FakeDatabase, DatabaseError>], gate: Gate? = nil) {
    self.outcomes = outcomes
    self.gate = gate
  }

  /// How often a connection was asked for.
  package var count: Int { attempts.withLock { $0 } }

  package func connect() async throws(DatabaseError) -> any Database {
    let number = attempts.withLock { attempts in
      attempts += 1
      return attempts
    }
    if let gate, await !gate.pass() { throw DatabaseError(.cancelled, "the run was stopped") }
    return try outcomes[min(number, outcomes.count) - 1].get()
  }
}

/// Holds callers back until a test opens it: time without a clock.
package actor Gate {
  private var isOpen = false
  private var arrivals = 0
  private var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
  private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

  package init() {}

  /// Waits until the gate is open; `false` where the task was cancelled instead.
  package func pass() async -> Bool {
    arrivals += 1
    let number = arrivals
    let ready = watchers.filter { $0.count <= arrivals }
    watchers.removeAll { $0.count <= arrivals }
    for watcher in ready { watcher.continuation.resume() }
    if isOpen { return true }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled {
          continuation.resume(returning: false)
        } else {
          waiting[number] = continuation
        }
      }
    } onCancel: {
      Task { await self.giveUp(number) }
    }
  }

  /// Waits until so many callers have arrived.
  package func arrived(_ count: Int = 1) async {
    if arrivals >= count { return }
    await withCheckedContinuation { watchers.append((count, $0)) }
  }

  /// Lets everybody through, now and later.
  package func open() {
    isOpen = true
    for continuation in waiting.values { continuation.resume(returning: true) }
    waiting = [:]
  }

  private func giveUp(_ number: Int) {
    waiting.removeValue(forKey: number)?.resume(returning: false)
  }
}
