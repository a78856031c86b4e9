internal import SpecCore

/// One client of a measurement: a connection that nobody else has meanwhile.
struct PostgresLane: TimedLane {
  let connection: PostgresConnection
  let schema: String
  /// Gives the connection back.
  let release: @Sendable () async -> Void

  func execute(_ sql: String) async throws(DatabaseError) -> Execution {
    try await interruptible(connection) { interrupt throws(DatabaseError) in
      try await connection.execution(of: sql, in: schema, unless: interrupt)
    }
  }

  func rows(of sql: String) async throws(DatabaseError) -> Rows {
    try await interruptible(connection) { interrupt throws(DatabaseError) in
      try await connection.rows(of: sql, in: schema, unless: interrupt)
    }
  }

  func close() async { await release() }
}
