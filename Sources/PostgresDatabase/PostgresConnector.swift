package import SpecCore

/// Connects to PostgreSQL through libpq, with its URLs, variables, password and service files.
package struct PostgresConnector: Connector {
  private let options: PostgresOptions
  private let dialect: @Sendable () -> any Dialect

  /// `dialect` is made anew for each connection.
  package init(options: PostgresOptions, dialect: @escaping @Sendable () -> any Dialect) {
    self.options = options
    self.dialect = dialect
  }

  /// Reads the address without connecting, so that a wrong one is found before anything is asked.
  package func validate() throws(DatabaseError) { _ = try PostgresAddress(options) }

  package func connect() async throws(DatabaseError) -> any Database {
    let address = try PostgresAddress(options)
    let session = PostgresSession(statementTimeout: options.statementTimeout)
    let holder = try PostgresConnection(session, redaction: address.redaction)
    do throws(DatabaseError) {
      try await interruptible(holder) { interrupt throws(DatabaseError) in
        try await holder.open(address, unless: interrupt)
      }
      return try await database(holder, address, session)
    } catch {
      await holder.close()
      throw error
    }
  }

  /// Starts the shared transaction, proves that it can be shared, and learns the facts.
  private func database(
    _ holder: PostgresConnection, _ address: PostgresAddress, _ session: PostgresSession
  ) async throws(DatabaseError) -> Postgres {
    let snapshot = try await interruptible(holder) { interrupt throws(DatabaseError) in
      try await holder.beginShared(unless: interrupt)
    }
    let link = await holder.link
    let pinned = address.pinned(
      host: link.host, hostAddress: link.hostAddress, port: link.port)
    let make = { @Sendable () throws(DatabaseError) -> PostgresConnection in
      try PostgresConnection(session, redaction: address.redaction)
    }
    let open = {
      @Sendable (connection: PostgresConnection) async throws(DatabaseError) -> Void in
      try await interruptible(connection) { interrupt throws(DatabaseError) in
        try await connection.open(pinned, unless: interrupt)
        try await connection.begin(on: snapshot, seconds: pinned.seconds, unless: interrupt)
      }
    }
    var others: [PostgresConnection] = []
    var notes: [String] = []
    if options.jobs > 1 {
      do throws(DatabaseError) {
        guard snapshot != nil else { throw .notShared }
        let second = try make()
        others = [second]
        try await open(second)
      } catch  where error.kind != .cancelled {
        // A server that shares no snapshot is still read correctly, one statement at a time.
        for other in others { await other.close() }
        others = []
        notes.append("read through one connection only: \(error.message)")
      }
    }
    let facts = PostgresFacts(connection: holder, address: address, snapshot: snapshot)
    return Postgres(
      facts: try await facts.learn(notes: notes), dialect: dialect(),
      width: others.isEmpty ? 1 : options.jobs, holder: holder, others: others, make: make,
      open: open)
  }
}

extension DatabaseError {
  fileprivate static let notShared = DatabaseError(
    .unsupported, "the server does not share its snapshot")
}
