internal import SpecCore

/// One client of a measurement; the SQL API has no sessions, so that all are alike.
struct SnowflakeLane: TimedLane {
  let client: StatementClient
  let context: StatementContext
  let limit: Double?

  /// From the request to the last byte of the last partition; no cell is decoded.
  ///
  /// The result cache is off, as it is for every statement of a run.
  func execute(_ sql: String) async throws(DatabaseError) -> Execution {
    let body = context.body(sql, limit: limit)
    let start = ContinuousClock.now
    let result = try await client.run(body, limit: limit, queues: false)
    for number in result.partitionRows.indices.dropFirst() {
      _ = try await client.partition(number, of: result.handle)
    }
    let seconds = start.duration(to: .now) / .seconds(1)
    return Execution(
      seconds: seconds, rows: result.partitionRows.reduce(0, +), queryID: result.handle)
  }

  func rows(of sql: String) async throws(DatabaseError) -> Rows {
    try await client.rows(of: client.run(context.body(sql, limit: limit), limit: limit))
  }

  func close() async {
    // Nothing is held between two statements.
  }
}
