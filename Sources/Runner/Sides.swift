package import SpecCore

/// The two databases of a run.
package struct Sides: Sendable {
  package let source: any Database
  package let target: any Database

  package init(source: any Database, target: any Database) {
    self.source = source
    self.target = target
  }

  package subscript(_ side: Side) -> any Database { side == .source ? source : target }

  package var dialects: Dialects { Dialects(source: source.dialect, target: target.dialect) }

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

  /// Compares two streams; both cursors are closed whatever happens.
  func reply(to merge: Move.Merge) async -> Reply {
    let start = ContinuousClock.now
    var counts: [Side: Int] = [.source: 0, .target: 0]
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
    var cursors: [Side: any RowCursor] = [:]
    var state = RowMerge(
      compared: merge.source.shape.columns.count, streamed: merge.source.shape.streamed.count)
    let result: Result<RowMerge.Result, DatabaseError>
    do throws(DatabaseError) {
      // Always the source first: two merges can then never wait for each other's connection.
      cursors[.source] = try await source.open(Statement(text(of: merge.source, on: .source)))
      cursors[.target] = try await target.open(Statement(text(of: merge.target, on: .target)))
      while let side = state.next() {
        if Task.isCancelled { throw DatabaseError(.cancelled, "the run was stopped") }
        let batch = try await cursors[side]?.next()
        counts[side, default: 0] += batch?.count ?? 0
        try state.feed(side, batch)
      }
      result = .success(state.result)
    } catch {
      result = .failure(error)
    }
    for cursor in cursors.values { await cursor.close() }
    return result
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
