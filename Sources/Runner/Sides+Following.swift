import SpecCore

extension Sides {
  /// Reads two results in the order in which they come, each up to a row more than the limit.
  func reply(to following: Following, _ read: RowCounter) async -> Reply {
    var rows: [Side: [[String?]]] = [:]
    var cut: Set<Side> = []
    var statements: [ExecutedStatement] = []
    for side in Side.allCases {
      let relation = following[side].relation
      let text = relation.query ?? ""
      let (result, seconds) = await timed { () async throws(DatabaseError) in
        try await first(following.limit + 1, of: text, relation, on: side, read)
      }
      let count = (try? result.get())?.count ?? 0
      statements.append(
        ExecutedStatement(
          side: side, sql: self[side].dialect.recorded(text), seconds: seconds, rows: count))
      switch result {
      case .failure(let error): return Reply(answer: .failed(error), statements: statements)
      case .success(let found):
        if let row = found.first(where: { $0.count != following[side].width }) {
          return Reply(
            answer: .failed(
              DatabaseError(
                .protocolViolation,
                "a row has \(row.count) cells, and the query \(following[side].width) columns")),
            statements: statements)
        }
        if found.count > following.limit { cut.insert(side) }
        rows[side] = Array(found.prefix(following.limit))
      }
    }
    return Reply(
      answer: .followed(following.result(rows, dialects, cut: cut)), statements: statements)
  }

  /// The first rows of a statement.
  private func first(
    _ limit: Int, of text: String, _ relation: Relation, on side: Side, _ read: RowCounter
  ) async throws(DatabaseError) -> [[String?]] {
    let cursor = try await self[side].open(Statement(text, schema: relation.searchSchema))
    var rows: [[String?]] = []
    do throws(DatabaseError) {
      while rows.count < limit, let batch = try await cursor.next() {
        if Task.isCancelled { throw DatabaseError(.cancelled, "the run was stopped") }
        rows += batch.prefix(limit - rows.count)
        read(side, batch.count)
      }
    } catch {
      await cursor.close()
      throw error
    }
    await cursor.close()
    return rows
  }
}
