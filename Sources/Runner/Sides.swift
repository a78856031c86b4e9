package import SpecCore

/// The two databases of a run.
package struct Sides: Sendable {
  package let source: any Database
  package let target: any Database
  private let method: DigestMethod

  package init(source: any Database, target: any Database, method: DigestMethod = .fast) {
    self.source = source
    self.target = target
    self.method = method
  }

  package subscript(_ side: Side) -> any Database { side == .source ? source : target }

  package var dialects: Dialects {
    Dialects(source: source.dialect, target: target.dialect, method: method)
  }

  /// Ends both; the read points are gone afterwards.
  package func close() async {
    await source.close()
    await target.close()
  }
}

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
  /// The statement as it is recorded: without the salt, which would let digests be looked up.
  package func recorded(_ text: String) -> String {
    guard !salt.isEmpty else { return text }
    return text.split(separator: salt, omittingEmptySubsequences: false).joined(separator: "(salt)")
  }
}

extension Sides {
  /// Puts a question and reads the answer; an error becomes an answer of its own.
  func reply(to ask: Ask) async -> Reply {
    if case .fingerprints(_, let shape, let buckets) = ask.question {
      return await fingerprints(ask, columns: shape.columns.count, width: buckets.grid.width)
    }
    let database = self[ask.side]
    let dialect = database.dialect
    var statements: [ExecutedStatement] = []
    var results: [Result<Rows, DatabaseError>] = []
    for sql in dialect.statements(for: ask.question) {
      let text = dialect.render(sql)
      let (result, seconds) = await timed { () async throws(DatabaseError) in
        try await database.rows(of: Statement(text))
      }
      var rows = 0
      var queryID: String?
      switch result {
      case .success(let answer): (rows, queryID) = (answer.cells.count, answer.queryID)
      case .failure(let error): queryID = error.queryID
      }
      statements.append(
        ExecutedStatement(
          side: ask.side, sql: dialect.recorded(text), seconds: seconds, rows: rows,
          queryID: queryID))
      results.append(result)
      if case .failure(let error) = result, !ask.question.isCatalog || error.isAboutConnection {
        return Reply(answer: .failed(error), statements: statements)
      }
    }
    do throws(DatabaseError) {
      return Reply(
        answer: try dialect.answer(to: ask.question, from: results), statements: statements)
    } catch {
      return Reply(answer: .failed(error), statements: statements)
    }
  }

  /// Buckets, read in batches so that memory holds numbers only.
  private func fingerprints(_ ask: Ask, columns: Int, width: Int) async -> Reply {
    let database = self[ask.side]
    let dialect = database.dialect
    guard let text = dialect.statements(for: ask.question).first.map(dialect.render) else {
      preconditionFailure("a question about data is put in a statement")
    }
    var count = 0
    let (result, seconds) = await timed { () async throws(DatabaseError) in
      var found: [Int: BucketFingerprint] = [:]
      try await eachBatch(of: Statement(text), from: database) { rows throws(DatabaseError) in
        count += rows.count
        try dialect.fingerprints(
          from: rows, columns: columns, width: width, into: &found)
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
        side: ask.side, sql: dialect.recorded(text), seconds: seconds, rows: count)
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
    to comparison: Move.Comparison, _ found: @Sendable ([KeyedMerge.Difference]) -> Void
  ) async -> Reply {
    let start = ContinuousClock.now
    var merge = KeyedMerge(
      key: comparison.key, columns: comparison.columnNames.count,
      documents: comparison.documents, hidden: comparison.hidden)
    var counts: [Side: Int] = [:]
    let outcome: Result<Void, DatabaseError>
    do throws(DatabaseError) {
      try await pull(
        text(of: comparison.source, on: .source), text(of: comparison.target, on: .target),
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

  /// Reads two statements as a merge wants their rows, and counts the rows that each side gave.
  private func pull(
    _ sourceText: String, _ targetText: String, counting counts: inout [Side: Int],
    next: () throws(DatabaseError) -> Side?,
    feed: (Side, [[String?]]?) throws(DatabaseError) -> Void
  ) async throws(DatabaseError) {
    var cursors: [Side: any RowCursor] = [:]
    let result: Result<Void, DatabaseError>
    do throws(DatabaseError) {
      // Always the source first: two merges can then never wait for each other's connection.
      cursors[.source] = try await source.open(Statement(sourceText))
      cursors[.target] = try await target.open(Statement(targetText))
      while let side = try next() {
        if Task.isCancelled { throw DatabaseError(.cancelled, "the run was stopped") }
        let batch = try await cursors[side]?.next()
        counts[side, default: 0] += batch?.count ?? 0
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
  func reply(to merge: Move.Merge) async -> Reply {
    let start = ContinuousClock.now
    var counts: [Side: Int] = [:]
    let outcome = await compared(merge, &counts)
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
    _ merge: Move.Merge, _ counts: inout [Side: Int]
  ) async -> Result<RowMerge.Result, DatabaseError> {
    var state = RowMerge(
      compared: merge.source.shape.columns.count, streamed: merge.source.shape.streamed.count)
    do throws(DatabaseError) {
      try await pull(
        text(of: merge.source, on: .source), text(of: merge.target, on: .target),
        counting: &counts, next: { () throws(DatabaseError) in state.next() },
        feed: { (side, rows) throws(DatabaseError) in try state.feed(side, rows) })
      return .success(state.result)
    } catch {
      return .failure(error)
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
