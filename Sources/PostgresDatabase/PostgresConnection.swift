internal import SpecCore

/// One session inside one read-only transaction, on a thread of its own.
///
/// A savepoint stands before every statement and is returned to after it, so that an error, a
/// setting or a lock of one statement never reaches the next, and the snapshot survives.
actor PostgresConnection {
  private let executor = BlockingExecutor(label: "parity.postgres")
  private let session: PostgresSession
  private let bell: Bell
  /// The wish to end the whole connection.
  private let closing: Interrupt
  private var handle = PostgresHandle()
  private var errors: PostgresErrors

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Prepares a connection that is not yet open.
  init(_ session: PostgresSession, redaction: Redaction) throws(DatabaseError) {
    self.session = session
    errors = PostgresErrors(redaction: redaction)
    bell = try Bell()
    closing = Interrupt(ringing: bell)
  }

  // MARK: - Opening and closing

  /// Connects; blocks this connection's thread for as long as the address allows.
  func open(_ address: PostgresAddress, unless interrupt: Interrupt) throws(DatabaseError) {
    do {
      handle = try PostgresHandle.connect(
        to: address.settings, seconds: address.seconds, patience: patience(interrupt))
    } catch {
      throw errors.error(error)
    }
    errors.role = handle.user
  }

  /// Starts the transaction on the snapshot of another connection, or on its own for `nil`.
  ///
  /// A pooler that has no session to spare lets this wait for `seconds`, then it is an error.
  func begin(
    on snapshot: String?, seconds: Int?, unless interrupt: Interrupt
  ) throws(DatabaseError) {
    let patience = patience(interrupt, limit: seconds.map(Double.init))
    do {
      try handle.run(script: session.opening(on: snapshot), patience: patience)
      try handle.run(script: session.preparing, patience: patience)
    } catch  where snapshot != nil && error.state == "22023" {
      throw .snapshotUnknown
    } catch {
      throw errors.error(error)
    }
  }

  /// Starts the transaction and lets other connections see what it sees; `nil` when the server
  /// refuses to share it.
  func beginShared(unless interrupt: Interrupt) throws(DatabaseError) -> String? {
    let patience = patience(interrupt)
    do {
      try handle.run(script: session.opening(on: nil), patience: patience)
      do {
        let answer = try handle.run(PostgresSession.sharing, patience: patience)
        try handle.run(script: session.preparing, patience: patience)
        return answer.cells.first?.first ?? nil
      } catch  where error.cause == .statement {
        try handle.run(script: "ROLLBACK; " + session.opening(on: nil), patience: patience)
        try handle.run(script: session.preparing, patience: patience)
        return nil
      }
    } catch {
      throw errors.error(error)
    }
  }

  /// Stops the running statement, if any, and all later ones; returns at once.
  nonisolated func stop() { closing.wish() }

  /// Ends the transaction and the connection; harmless when they have ended.
  func close() {
    // Where the ROLLBACK fails the server ends the transaction with the connection.
    if handle.state != .broken { _ = try? handle.run(script: "ROLLBACK", patience: deaf) }
    handle.finish()
  }

  /// Whether the next statement has a chance.
  var isUsable: Bool { handle.state == .ready && !closing.isWished }

  /// Where the connection ended up, and how it is protected.
  var link: PostgresLink {
    PostgresLink(
      host: handle.host, hostAddress: handle.hostAddress, port: handle.port,
      database: handle.database, encryption: handle.encryption)
  }

  // MARK: - Statements

  /// A wish to stop that reaches this connection.
  nonisolated func interrupt() -> Interrupt { Interrupt(ringing: bell) }

  /// Runs statements one after the other in one exchange; each has an answer of its own.
  ///
  /// A statement that ends the transaction takes the connection with it, and the answers of those
  /// behind it, which would have read from another snapshot.
  func rows(
    of statements: [String], unless interrupt: Interrupt
  ) -> [Result<Rows, DatabaseError>] {
    if interrupt.isWished || closing.isWished {
      return statements.map { _ in
        .failure(errors.error(PostgresFailure(cause: .interrupted, text: "")))
      }
    }
    let answers = handle.run(
      statements, eachBefore: PostgresSession.settling,
      patience: patience(interrupt, limit: longest(nil).map { $0 * Double(statements.count) }))
    // A cancellation that comes late hits this, and not the next statement.
    if handle.state != .ready || interrupt.isWished { settle() }
    return answers.map { answer in
      answer.map { Rows(columns: $0.columns, cells: $0.cells) }.mapError { errors.error($0) }
    }
  }

  /// Runs one statement and returns all its rows.
  func rows(of statement: Statement, unless interrupt: Interrupt) throws(DatabaseError) -> Rows {
    let answer = try answer(to: statement, unless: interrupt)
    guard settle() else { throw .transactionEnded }
    return Rows(columns: answer.columns, cells: answer.cells)
  }

  /// Names and types of what a statement returns.
  func columns(
    of statement: Statement, unless interrupt: Interrupt
  ) throws(DatabaseError) -> [ColumnCatalog] {
    let answer = try answer(to: statement, unless: interrupt)
    guard settle() else { throw .transactionEnded }
    guard !answer.types.isEmpty else { return [] }
    let described = try self.answer(
      to: Statement(PostgresResultTypes.statement(for: answer.types)), unless: interrupt)
    guard settle() else { throw .transactionEnded }
    return try PostgresResultTypes.columns(answer.columns, described.cells)
  }

  /// What a statement returns in the surroundings it wants; after success `settle()` must follow.
  private func answer(
    to statement: Statement, unless interrupt: Interrupt
  ) throws(DatabaseError) -> PostgresAnswer {
    if let role = statement.role {
      do throws(PostgresFailure) {
        try handle.run(
          script: PostgresSession.acting(as: role.name.name), patience: patience(interrupt))
      } catch {
        settle()
        let reason = errors.error(error)
        guard error.cause == .statement else { throw reason }
        throw .cannotAct(as: role, reason, handle.user)
      }
    }
    do {
      try surround(statement, unless: interrupt)
      return try run(statement.sql, within: statement.timeout, unless: interrupt)
    } catch {
      settle()
      throw errors.error(error)
    }
  }

  /// Sets schema and time zone for a statement; they are forgotten with the next settling.
  private func surround(
    _ statement: Statement, unless interrupt: Interrupt
  ) throws(PostgresFailure) {
    let script = PostgresSession.surrounding(schema: statement.schema?.name, zone: statement.zone)
    if let script { try handle.run(script: script, patience: patience(interrupt)) }
  }

  /// Runs one statement as an application would, and tells how long it took from here: the thread that
  /// sends it is the one that reads the clock.
  func execution(
    of sql: String, in schema: String, unless interrupt: Interrupt
  ) throws(DatabaseError) -> Execution {
    try serving(schema, unless: interrupt) { patience throws(PostgresFailure) in
      let start = ContinuousClock.now
      let rows = try handle.drain(sql, patience: patience)
      return Execution(seconds: start.duration(to: .now) / .seconds(1), rows: rows)
    }
  }

  /// Runs one statement as an application would, and returns all its rows.
  func rows(
    of sql: String, in schema: String, unless interrupt: Interrupt
  ) throws(DatabaseError) -> Rows {
    try serving(schema, unless: interrupt) { patience throws(PostgresFailure) in
      let answer = try handle.run(sql, patience: patience)
      return Rows(columns: answer.columns, cells: answer.cells)
    }
  }

  /// Does something with an application's settings, which are gone afterwards.
  private func serving<Value>(
    _ schema: String, unless interrupt: Interrupt,
    _ body: (Patience) throws(PostgresFailure) -> Value
  ) throws(DatabaseError) -> Value {
    let value: Value
    do throws(PostgresFailure) {
      if interrupt.isWished || closing.isWished {
        throw PostgresFailure(cause: .interrupted, text: "")
      }
      try handle.run(
        script: PostgresSession.serving(schema), patience: patience(interrupt))
      value = try body(patience(interrupt, limit: longest(nil)))
    } catch {
      settle()
      throw errors.error(error)
    }
    guard settle() else { throw .transactionEnded }
    return value
  }

  /// Opens the connection's one cursor and reads its first rows; `settle()` must follow, also after
  /// an error.
  func declare(
    _ statement: Statement, fetching count: Int, unless interrupt: Interrupt
  ) throws(DatabaseError) -> PostgresAnswer {
    do throws(PostgresFailure) {
      if interrupt.isWished || closing.isWished {
        throw PostgresFailure(cause: .interrupted, text: "")
      }
      if let limit = statement.timeout {
        try handle.run(
          script: PostgresSession.limiting(to: limit), patience: patience(interrupt))
      }
      try surround(statement, unless: interrupt)
      return try handle.run(
        "DECLARE parity_rows NO SCROLL CURSOR FOR \(statement.sql)",
        then: "FETCH FORWARD \(count) FROM parity_rows",
        patience: patience(interrupt, limit: longest(statement.timeout)))
    } catch {
      throw errors.error(error)
    }
  }

  /// The cursor's next rows, at most `count` and within `limit` seconds; none at the end.
  func fetch(
    _ count: Int, within limit: Double?, unless interrupt: Interrupt
  ) throws(DatabaseError) -> PostgresAnswer {
    do {
      return try handle.run(
        "FETCH FORWARD \(count) FROM parity_rows", patience: patience(interrupt, limit: limit))
    } catch {
      throw errors.error(error)
    }
  }

  /// Forgets what the last statement left: its error, settings, cursor and locks.
  ///
  /// A connection that cannot do that is closed, and the result is false.
  @discardableResult
  func settle() -> Bool {
    // A late cancellation, or a tiny time limit, may hit the first try, and no further one.
    for _ in 0..<2 where handle.state == .ready || handle.state == .failed {
      if let _ = try? handle.run(script: PostgresSession.settling, patience: deaf) {
        return true
      }
    }
    handle.finish()
    return false
  }

  // MARK: - Pieces

  /// Runs one statement with the time limits of both sides; `settle()` must follow.
  private func run(
    _ sql: String, within limit: Double?, unless interrupt: Interrupt
  ) throws(PostgresFailure) -> PostgresAnswer {
    if interrupt.isWished || closing.isWished {
      throw PostgresFailure(cause: .interrupted, text: "")
    }
    if let limit {
      try handle.run(script: PostgresSession.limiting(to: limit), patience: patience(interrupt))
    }
    return try handle.run(sql, patience: patience(interrupt, limit: longest(limit)))
  }

  /// Seconds to wait for a statement: the server's clock comes first; ours is for servers that went
  /// silent.
  private func longest(_ limit: Double?) -> Double? {
    (limit ?? session.statementTimeout).map { $0 + 15 }
  }

  /// Patience until `limit` seconds from now, or a wish to stop.
  private func patience(_ interrupt: Interrupt? = nil, limit: Double? = nil) -> Patience {
    Patience(
      bell: bell, interrupts: [closing] + [interrupt].compactMap(\.self),
      deadline: limit.map { .now + .seconds($0) })
  }

  /// For tidying up, which no wish to stop may cut short.
  private var deaf: Patience { patience().deaf(for: 5) }
}

/// Where a connection ended up, and how it is protected.
struct PostgresLink: Hashable, Sendable {
  /// As it was named: a name, an address or a socket's folder.
  var host: String
  /// Numeric; empty for sockets.
  var hostAddress: String
  var port: String
  var database: String
  /// `nil` in the clear.
  var encryption: LinkEncryption?
}

/// What libpq says of a link's encryption.
enum LinkEncryption: Hashable, Sendable {
  case tls(protocol: String, cipher: String?)
  case gssapi
}

extension DatabaseError {
  fileprivate static func cannotAct(as role: RoleName, _ reason: Self, _ user: String) -> Self {
    Self(
      .configuration, "the run cannot act as \(role): \(reason.message)",
      hint: "GRANT \(role) TO \(user), for the time of the run", code: reason.code)
  }

  fileprivate static let snapshotUnknown = DatabaseError(
    .connectionLost, "the server does not know the shared snapshot (any more)", code: "22023")
}
