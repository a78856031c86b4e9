package import SpecCore

/// The two databases of a run.
package struct Sides: Sendable {
  package let source: any Database
  package let target: any Database
  private let method: DigestMethod
  /// Whether statements may take long.
  private var isLong = false

  package init(source: any Database, target: any Database, method: DigestMethod = .fast) {
    self.source = source
    self.target = target
    self.method = method
  }

  /// The same databases, for questions about a large table.
  func forLargeTable(_ isLarge: Bool) -> Sides {
    var sides = self
    sides.isLong = isLarge
    return sides
  }

  package subscript(_ side: Side) -> any Database { side == .source ? source : target }

  package var dialects: Dialects {
    Dialects(
      source: source.dialect, target: target.dialect, method: method, readAt: source.facts.readAt)
  }

  /// Ends both; the read points are gone afterwards.
  package func close() async {
    await source.close()
    await target.close()
  }
}

/// Takes how many more rows of a table a side has read.
typealias RowCounter = @Sendable (Side, Int) -> Void

/// An answer and what it took.
struct Reply: Sendable {
  var answer: Answer
  var statements: [ExecutedStatement] = []

  /// Seconds that its statements took, one after the other.
  var seconds: Double { statements.map(\.seconds).reduce(0, +) }
}

extension DatabaseError {
  /// Whether the next statement would meet the same: not the object was refused, but we were.
  var isAboutConnection: Bool {
    switch kind {
    case .cancelled, .connectionLost, .unreachable, .authenticationFailed, .throttled, .conflict,
      .timeout, .encryptionFailed, .configuration:
      true
    default: false
    }
  }
}

extension Dialect {
  /// The statement as it is recorded: without the salt, which would let digests be looked up, and
  /// without most of a list of thousands of buckets, which nobody reads and every report would hold.
  package func recorded(_ whole: String) -> String {
    var text = whole
    let longest = 65_536
    if whole.utf8.count > longest {
      let kept = whole.prefix(longest)
      text = "\(kept) -- and \(grouped(whole.utf8.count - kept.utf8.count)) bytes more"
    }
    guard !salt.isEmpty else { return text }
    return text.split(separator: salt, omittingEmptySubsequences: false).joined(separator: "(salt)")
  }
}

extension Sides {
  /// Puts a question and reads the answer; an error becomes an answer of its own.
  func reply(to ask: Ask, _ read: @escaping RowCounter = { _, _ in }) async -> Reply {
    if case .fingerprints(let scan, let shape, let buckets) = ask.question,
      buckets.count > Self.fewBuckets
    {
      return await fingerprints(ask.side, scan, shape, buckets, read)
    }
    let database = self[ask.side]
    if case .link = ask.question { return Reply(answer: .link(database.facts.link)) }
    if case .queryColumns(let relation) = ask.question {
      return await columns(of: relation, on: ask.side)
    }
    let dialect = database.dialect
    let role = ask.question.role
    var statements: [ExecutedStatement] = []
    var results: [Result<Rows, DatabaseError>] = []
    for sql in dialect.statements(for: ask.question) {
      let text = dialect.render(sql)
      let (result, seconds) = await timed { () async throws(DatabaseError) in
        try await database.rows(
          of: Statement(
            text, isLong: isLong && !ask.question.isCatalog, role: role, zone: ask.question.zone,
            schema: sql.searchSchema))
      }
      var rows = 0
      var queryID: String?
      switch result {
      case .success(let answer): (rows, queryID) = (answer.cells.count, answer.queryID)
      case .failure(let error): queryID = error.queryID
      }
      statements.append(
        ExecutedStatement(
          side: ask.side,
          sql: (role.map { "-- as \($0)\n" } ?? "")
            + (ask.question.zone.map { "-- in the time zone \($0)\n" } ?? "")
            + dialect.recorded(text), seconds: seconds,
          rows: rows, queryID: queryID))
      results.append(result)
      let isJudged = ask.question.isCatalog || role != nil
      if case .failure(let error) = result, !isJudged || error.isAboutConnection {
        return Reply(answer: .failed(error), statements: statements)
      }
    }
    do throws(DatabaseError) {
      let answer = try dialect.answer(to: ask.question, from: results)
      if let rows = answer.rowsOfBuckets { read(ask.side, rows) }
      return Reply(answer: answer, statements: statements)
    } catch {
      return Reply(answer: .failed(error), statements: statements)
    }
  }

  /// The columns of a query, which is run for no row.
  private func columns(of relation: Relation, on side: Side) async -> Reply {
    let database = self[side]
    let sql: SQL = "SELECT * FROM \(table: relation) LIMIT 0"
    let text = database.dialect.render(sql)
    let (result, seconds) = await timed { () async throws(DatabaseError) in
      try await database.columns(of: Statement(text, schema: sql.searchSchema))
    }
    let statement = ExecutedStatement(
      side: side, sql: database.dialect.recorded(text), seconds: seconds, rows: 0)
    switch result {
    case .success(let columns): return Reply(answer: .columns(columns), statements: [statement])
    case .failure(let error): return Reply(answer: .failed(error), statements: [statement])
    }
  }

  /// So few buckets are read like any other answer.
  private static let fewBuckets = 64

  /// Many buckets: ranges of them are read at once where the side finds a range quickly.
  private func fingerprints(
    _ side: Side, _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets,
    _ read: @escaping RowCounter
  ) async -> Reply {
    let database = self[side]
    var parts = [buckets]
    let threshold = database.worthSplitting(shape.order)
    if case .ranges = buckets.division, database.width > 1, buckets.count >= threshold {
      // More parts than connections, so that one slow part does not keep the others waiting.
      parts = buckets.split(into: min(2 * database.width, 2 * buckets.count / threshold))
    }
    return await withTaskGroup(of: (Int, Reply).self) { group in
      for (position, part) in parts.enumerated() {
        group.addTask { (position, await fingerprints(side, scan, shape, part: part, read)) }
      }
      var replies: [Int: Reply] = [:]
      for await (position, reply) in group {
        replies[position] = reply
        // The whole is lost with any part.
        if case .failed = reply.answer { group.cancelAll() }
      }
      return Self.united(parts.indices.compactMap { replies[$0] })
    }
  }

  /// The buckets of all parts, or the first error that is not a consequence of another.
  private static func united(_ replies: [Reply]) -> Reply {
    var found: [Int: BucketFingerprint] = [:]
    var errors: [DatabaseError] = []
    for reply in replies {
      switch reply.answer {
      case .fingerprints(let part):
        found.merge(part) { first, _ in
          // Nothing of either is right where two ranges hold the same bucket.
          errors.append(DatabaseError(.protocolViolation, "two statements returned one bucket"))
          return first
        }
      case .failed(let error): errors.append(error)
      default: preconditionFailure("fingerprints were asked for")
      }
    }
    let error = errors.first { $0.kind != .cancelled } ?? errors.first
    return Reply(
      answer: error.map { .failed($0) } ?? .fingerprints(found),
      statements: replies.flatMap(\.statements))
  }

  /// One statement's buckets, read in batches so that memory holds numbers only.
  private func fingerprints(
    _ side: Side, _ scan: Scan, _ shape: FingerprintShape, part buckets: KeyBuckets,
    _ read: RowCounter
  ) async -> Reply {
    let database = self[side]
    let dialect = database.dialect
    let text = dialect.render(dialect.fingerprints(scan, shape, buckets))
    let division = buckets.division
    var count = 0
    let (result, seconds) = await timed { () async throws(DatabaseError) in
      var found: [Int: BucketFingerprint] = [:]
      let statement = Statement(text, schema: scan.relation.searchSchema)
      try await eachBatch(of: statement, from: database) { rows throws(DatabaseError) in
        count += rows.count
        read(side, try dialect.fingerprints(from: rows, of: shape, division, into: &found))
      }
      return found
    }
    var reply = Reply(answer: .failed(DatabaseError(.cancelled, "the run was stopped")))
    switch result {
    case .success(let found): reply.answer = .fingerprints(found)
    case .failure(let error): reply.answer = .failed(error)
    }
    reply.statements = [
      ExecutedStatement(
        side: side, sql: dialect.recorded(text), seconds: seconds, rows: count)
    ]
    return reply
  }

  /// Hands all rows of a statement out, batch by batch, and closes the cursor whatever happens.
  private func eachBatch(
    of statement: Statement, from database: any Database,
    _ body: ([[String?]]) throws(DatabaseError) -> Void
  ) async throws(DatabaseError) {
    let cursor = try await database.open(statement)
    do throws(DatabaseError) {
      while let rows = try await cursor.next() {
        if Task.isCancelled { throw DatabaseError(.cancelled, "the run was stopped") }
        try body(rows)
      }
    } catch {
      await cursor.close()
      throw error
    }
    await cursor.close()
  }

  /// Compares two streams that come in the order of their keys.
  func reply(
    to comparison: Move.Comparison, _ read: RowCounter,
    _ found: @Sendable ([KeyedMerge.Difference]) -> Void
  ) async -> Reply {
    let start = ContinuousClock.now
    var merge = KeyedMerge(
      key: comparison.key, columns: comparison.columnNames.count,
      roles: comparison.roles)
    var counts: [Side: Int] = [:]
    let outcome: Result<Void, DatabaseError>
    do throws(DatabaseError) {
      try await pull(
        statement(text(of: comparison.source, on: .source), comparison.source.scan),
        statement(text(of: comparison.target, on: .target), comparison.target.scan), read,
        counting: &counts,
        next: { () throws(DatabaseError) in
          let side = try merge.next()
          let differences = merge.takeDifferences()
          if !differences.isEmpty { found(differences) }
          return side
        }, feed: { (side, rows) throws(DatabaseError) in try merge.feed(side, rows) })
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    let seconds = start.duration(to: .now).inSeconds
    let statements = [(Side.source, comparison.source), (.target, comparison.target)].map {
      side, stream in
      ExecutedStatement(
        side: side, sql: self[side].dialect.recorded(text(of: stream, on: side)),
        seconds: seconds, rows: counts[side] ?? 0)
    }
    switch outcome {
    case .success: return Reply(answer: .compared(merge.result), statements: statements)
    case .failure(let error): return Reply(answer: .failed(error), statements: statements)
    }
  }

  func text(of stream: KeyedStream, on side: Side) -> String {
    self[side].dialect.render(self[side].dialect.rows(stream))
  }

  private func statement(_ text: String, _ scan: Scan) -> Statement {
    Statement(text, schema: scan.relation.searchSchema)
  }

  /// Reads two statements as a merge wants their rows, and counts the rows that each side gave.
  private func pull(
    _ sourceStatement: Statement, _ targetStatement: Statement, _ read: RowCounter,
    counting counts: inout [Side: Int],
    next: () throws(DatabaseError) -> Side?,
    feed: (Side, [[String?]]?) throws(DatabaseError) -> Void
  ) async throws(DatabaseError) {
    var cursors: [Side: any RowCursor] = [:]
    let result: Result<Void, DatabaseError>
    do throws(DatabaseError) {
      // Always the source first: two merges can then never wait for each other's connection.
      cursors[.source] = try await source.open(sourceStatement)
      cursors[.target] = try await target.open(targetStatement)
      while let side = try next() {
        if Task.isCancelled { throw DatabaseError(.cancelled, "the run was stopped") }
        let batch = try await cursors[side]?.next()
        counts[side, default: 0] += batch?.count ?? 0
        if let batch { read(side, batch.count) }
        try feed(side, batch)
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    for cursor in cursors.values { await cursor.close() }
    return try result.get()
  }

  /// Compares two streams; both cursors are closed whatever happens.
  func reply(to merge: Move.Merge, _ read: RowCounter) async -> Reply {
    let start = ContinuousClock.now
    var counts: [Side: Int] = [:]
    let outcome = await compared(merge, &counts, read)
    let seconds = start.duration(to: .now).inSeconds
    let statements = Side.allCases.map { side in
      ExecutedStatement(
        side: side,
        sql: self[side].dialect.recorded(
          text(of: side == .source ? merge.source : merge.target, on: side)),
        seconds: seconds, rows: counts[side] ?? 0)
    }
    switch outcome {
    case .success(let result): return Reply(answer: .merged(result), statements: statements)
    case .failure(let error): return Reply(answer: .failed(error), statements: statements)
    }
  }

  func text(of stream: RowStream, on side: Side) -> String {
    self[side].dialect.render(self[side].dialect.stream(stream))
  }

  private func compared(
    _ merge: Move.Merge, _ counts: inout [Side: Int], _ read: RowCounter
  ) async -> Result<RowMerge.Result, DatabaseError> {
    var state = RowMerge(
      compared: merge.source.shape.columns.count, streamed: merge.source.shape.streamed.count,
      roles: merge.roles)
    do throws(DatabaseError) {
      try await pull(
        statement(text(of: merge.source, on: .source), merge.source.scan),
        statement(text(of: merge.target, on: .target), merge.target.scan), read,
        counting: &counts, next: { () throws(DatabaseError) in state.next() },
        feed: { (side, rows) throws(DatabaseError) in try state.feed(side, rows) })
      return .success(state.result)
    } catch {
      return .failure(error)
    }
  }
}

extension Answer {
  /// Rows of a table that the buckets of an answer stand for.
  fileprivate var rowsOfBuckets: Int? {
    switch self {
    case .fingerprints(let found): found.values.reduce(0) { $0 + $1.rows }
    case .buckets(let found): found.values.reduce(0) { $0 + $1.rows }
    default: nil
    }
  }
}

/// Carries an operation out and tells how long it took, in seconds.
func timed<Value>(
  _ operation: () async throws(DatabaseError) -> Value
) async -> (Result<Value, DatabaseError>, Double) {
  let start = ContinuousClock.now
  do throws(DatabaseError) {
    let value = try await operation()
    return (.success(value), start.duration(to: .now).inSeconds)
  } catch {
    return (.failure(error), start.duration(to: .now).inSeconds)
  }
}

extension Duration {
  /// The length as a number of seconds.
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
