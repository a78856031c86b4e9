internal import CLibPQ
import Glibc

/// One name and value of a connection string.
struct PostgresSetting: Hashable, Sendable {
  var name: String
  var value: String
}

/// What a statement returned, copied out of libpq's memory.
struct PostgresAnswer {
  var columns: [String] = []
  var cells: [[String?]] = []
  /// Of each column, the type's number and its modifier, -1 for none.
  var types: [(oid: UInt32, modifier: Int32)] = []
  /// The bytes the cells took.
  var size = 0
}

/// A connection of libpq; every call blocks, and nothing of C leaves this file.
@safe struct PostgresHandle: ~Copyable {
  private var connection: OpaquePointer?

  /// A handle that is closed.
  init() { unsafe connection = nil }

  private init(_ started: OpaquePointer?) { unsafe connection = started }

  deinit { if let connection = unsafe connection { unsafe PQfinish(connection) } }

  /// Ends the connection; harmless when it has ended.
  mutating func finish() {
    if let open = unsafe connection { unsafe PQfinish(open) }
    unsafe connection = nil
  }

  // MARK: - Settings

  /// The settings a URL or `key=value` string names; throws when it is neither.
  static func settings(in text: String) throws(PostgresFailure) -> [PostgresSetting] {
    var message: UnsafeMutablePointer<CChar>?
    let options = unsafe PQconninfoParse(text, &message)
    defer {
      if let message = unsafe message { unsafe PQfreemem(message) }
      if let options = unsafe options { unsafe PQconninfoFree(options) }
    }
    guard let options = unsafe options else {
      throw PostgresFailure(cause: .connecting, text: unsafe string(message))
    }
    return unsafe list(options)
  }

  /// All settings libpq would use, with those of variables, service files and its defaults.
  ///
  /// Nothing is connected: an impossible value makes libpq stop after it has merged its sources.
  static func effective(_ settings: [PostgresSetting]) -> [PostgresSetting] {
    let refused = settings + [PostgresSetting(name: "channel_binding", value: "refused")]
    let probe = unsafe PostgresHandle(start(refused))
    guard let options = unsafe PQconninfo(probe.connection) else { return settings }
    defer { unsafe PQconninfoFree(options) }
    return unsafe list(options).filter { $0.name != "channel_binding" }
  }

  /// The settings that have a value.
  private static func list(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [PostgresSetting] {
    var found: [PostgresSetting] = []
    var option = unsafe options
    while let name = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val {
        unsafe found.append(PostgresSetting(name: String(cString: name), value: string(value)))
      }
      unsafe option += 1
    }
    return found
  }

  /// Begins to connect; `nil` when there is no memory.
  private static func start(_ settings: [PostgresSetting]) -> OpaquePointer? {
    unsafe withCStrings(settings.map(\.name)) { names in
      unsafe withCStrings(settings.map(\.value)) { values in
        unsafe PQconnectStartParams(names, values, 0)
      }
    }
  }

  // MARK: - Connecting

  /// Connects, giving every address `seconds` (`nil`: no limit of ours).
  static func connect(
    to settings: [PostgresSetting], seconds: Int?, patience: Patience
  ) throws(PostgresFailure) -> PostgresHandle {
    let handle = unsafe PostgresHandle(start(settings))
    guard unsafe PQstatus(handle.connection) != CONNECTION_BAD else {
      throw handle.failure(.connecting)
    }
    // Verbose words carry the SQLSTATE, which libpq keeps to itself for failed connections.
    _ = unsafe PQsetErrorVerbosity(handle.connection, PQERRORS_VERBOSE)
    _ = unsafe PQsetNoticeProcessor(handle.connection, { _, _ in }, nil)
    var patience = patience
    var address = ""
    var silent: [String] = []
    var toWrite = true
    while true {
      if handle.address != address {
        address = handle.address
        patience.deadline = seconds.map { .now + .seconds($0) }
      }
      switch patience.wait(for: unsafe PQsocket(handle.connection), toWrite: toWrite) {
      case .ready: break
      case .interrupted: throw PostgresFailure(cause: .interrupted, text: "")
      case .expired where silent.contains(address):
        throw PostgresFailure(cause: .connecting, text: timeout(silent))
      case .expired:
        // Shutting the socket down makes libpq go on to the next address, if there is one.
        silent.append(address)
        shutdown(unsafe PQsocket(handle.connection), Int32(SHUT_RDWR))
        patience.deadline = .now + .seconds(1)
      }
      switch unsafe PQconnectPoll(handle.connection) {
      case PGRES_POLLING_OK:
        _ = unsafe PQsetErrorVerbosity(handle.connection, PQERRORS_DEFAULT)
        return handle
      case PGRES_POLLING_READING: toWrite = false
      case PGRES_POLLING_WRITING: toWrite = true
      default:
        var failure = handle.failure(.connecting)
        if !silent.isEmpty {
          // A socket that was shut down says that it was reset.
          let others = failure.text.split(separator: "\n").filter { !$0.contains("reset by peer") }
          failure.text = ([timeout(silent)[...]] + others).joined(separator: "\n")
        }
        throw failure
      }
    }
  }

  /// Words for addresses that stayed silent.
  private static func timeout(_ addresses: [String]) -> String {
    "timeout expired: no answer from \(addresses.joined(separator: ", "))"
  }

  /// The address being tried.
  private var address: String {
    let isKnown = hostAddress.isEmpty || hostAddress == host
    return "\(host):\(port)" + (isKnown ? "" : " (\(hostAddress))")
  }

  // MARK: - Facts

  /// The host that answered, as it was named: a name, an address or a socket's folder.
  var host: String { unsafe Self.string(PQhost(connection)) }
  /// The numeric address that answered; empty for sockets.
  var hostAddress: String { unsafe Self.string(PQhostaddr(connection)) }
  var port: String { unsafe Self.string(PQport(connection)) }
  var user: String { unsafe Self.string(PQuser(connection)) }
  var database: String { unsafe Self.string(PQdb(connection)) }

  /// How the link is encrypted; `nil` when it is in the clear.
  var encryption: LinkEncryption? {
    if unsafe PQgssEncInUse(connection) == 1 { return .gssapi }
    guard unsafe PQsslInUse(connection) == 1 else { return nil }
    let version = unsafe Self.string(PQsslAttribute(connection, "protocol"))
    let cipher = unsafe Self.string(PQsslAttribute(connection, "cipher"))
    return .tls(protocol: version, cipher: cipher.isEmpty ? nil : cipher)
  }

  /// Where the session stands between two statements.
  var state: State {
    guard unsafe PQstatus(connection) == CONNECTION_OK else { return .broken }
    switch unsafe PQtransactionStatus(connection) {
    case PQTRANS_INTRANS: return .ready
    case PQTRANS_INERROR: return .failed
    case PQTRANS_IDLE: return .idle
    default: return .broken
    }
  }

  /// Where a session stands between two statements.
  enum State: Hashable {
    /// In a transaction that can go on.
    case ready
    /// In a transaction that must return to a savepoint first.
    case failed
    /// Outside of any transaction.
    case idle
    /// Closed, lost, or stuck in a statement that was given up.
    case broken
  }

  // MARK: - Statements

  /// Runs one statement of somebody else; a text that holds two is refused by the server.
  func run(_ sql: String, patience: Patience) throws(PostgresFailure) -> PostgresAnswer {
    guard unsafe PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 0) == 1 else {
      throw failure(.connection)
    }
    return try collect(patience)
  }

  /// Runs one statement of somebody else to its last row and drops all rows; how many there were.
  ///
  /// Row by row, so that memory stays bounded, and without making anything of them.
  func drain(_ sql: String, patience: Patience) throws(PostgresFailure) -> Int {
    guard unsafe PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 0) == 1,
      unsafe PQsetSingleRowMode(connection) == 1
    else { throw failure(.connection) }
    var wait = Wait(patience)
    var rows = 0
    var failed: PostgresFailure?
    while true {
      try settle(&wait)
      guard let result = unsafe PQgetResult(connection) else { break }
      defer { unsafe PQclear(result) }
      switch unsafe PQresultStatus(result) {
      case PGRES_SINGLE_TUPLE: rows += 1
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
      case PGRES_COPY_OUT, PGRES_COPY_IN, PGRES_COPY_BOTH:
        throw PostgresFailure(cause: .unusable, text: "COPY does not return rows")
      default: failed = failed ?? (unsafe failure(of: result))
      }
    }
    if let stopped = wait.stopped, failed != nil { failed?.cause = stopped }
    if let failed { throw failed }
    return rows
  }

  /// Runs statements of ours, separated by semicolons, and returns the rows of the last.
  @discardableResult
  func run(script: String, patience: Patience) throws(PostgresFailure) -> PostgresAnswer {
    guard unsafe PQsendQuery(connection, script) == 1 else { throw failure(.connection) }
    return try collect(patience)
  }

  /// Runs statements of somebody else in one exchange, and behind each of them one of ours; the
  /// answers are theirs, in order.
  ///
  /// Each is on its own: an error ends none of the others. All that is sent is sent before any of it
  /// is read, so statements and answers must be small. A statement behind which ours fails has ended
  /// the transaction; those after it saw something else, so their answers are not handed out.
  func run(
    _ statements: [String], eachBefore ours: String, patience: Patience
  ) -> [Result<PostgresAnswer, PostgresFailure>] {
    var answers: [Result<PostgresAnswer, PostgresFailure>] = []
    var wait = Wait(patience)
    do throws(PostgresFailure) {
      guard unsafe PQenterPipelineMode(connection) == 1 else { throw failure(.connection) }
      for sql in statements.flatMap({ [$0, ours] }) {
        guard unsafe PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 0) == 1,
          unsafe PQpipelineSync(connection) == 1
        else { throw failure(.connection) }
      }
      for _ in statements {
        // Whoever wants to stop wants none of them.
        if wait.stopped != nil { cancel() }
        var answer = try pipelined(&wait)
        if case .failure(var error) = answer, error.state == "25P02" {
          // Ours before it was cut short by the clock: it was not run.
          error.cause = .connection
          answer = .failure(error)
        }
        if case .failure(let error) = try pipelined(&wait), error.state != "57014" {
          answers.append(.failure(PostgresFailure(cause: .ended, text: error.text)))
          throw PostgresFailure(
            cause: .connection, text: "a statement before ended the transaction")
        }
        answers.append(answer)
      }
      guard unsafe PQexitPipelineMode(connection) == 1 else { throw failure(.connection) }
    } catch {
      while answers.count < statements.count { answers.append(.failure(error)) }
    }
    return answers
  }

  /// Runs a statement of ours and, where it succeeded, another, in one exchange; the answer is the
  /// second one's.
  func run(
    _ first: String, then second: String, patience: Patience
  ) throws(PostgresFailure) -> PostgresAnswer {
    var wait = Wait(patience)
    guard unsafe PQenterPipelineMode(connection) == 1,
      unsafe PQsendQueryParams(connection, first, 0, nil, nil, nil, nil, 0) == 1,
      unsafe PQsendQueryParams(connection, second, 0, nil, nil, nil, nil, 0) == 1,
      unsafe PQpipelineSync(connection) == 1
    else { throw failure(.connection) }
    let answer = try pipelined(&wait)
    guard unsafe PQexitPipelineMode(connection) == 1 else { throw failure(.connection) }
    return try answer.get()
  }

  /// The answer to what a pipeline holds up to its next mark of synchronisation: the last one, or the
  /// first failure.
  private func pipelined(
    _ wait: inout Wait
  ) throws(PostgresFailure) -> Result<PostgresAnswer, PostgresFailure> {
    var answer = PostgresAnswer()
    var failed: PostgresFailure?
    while true {
      try settle(&wait)
      guard let result = unsafe PQgetResult(connection) else {
        guard unsafe PQstatus(connection) == CONNECTION_OK else { throw failure(.connection) }
        continue
      }
      defer { unsafe PQclear(result) }
      switch unsafe PQresultStatus(result) {
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        do { answer = try unsafe Self.copy(result) } catch { failed = failed ?? error }
      case PGRES_PIPELINE_SYNC:
        if wait.stopped != nil, failed != nil { failed?.cause = wait.stopped ?? .statement }
        return failed.map { .failure($0) } ?? .success(answer)
      case PGRES_COPY_OUT, PGRES_COPY_IN, PGRES_COPY_BOTH:
        throw PostgresFailure(cause: .unusable, text: "COPY does not return rows")
      default:
        if failed == nil { failed = unsafe failure(of: result) }
        guard unsafe PQstatus(connection) == CONNECTION_OK else {
          throw failed ?? failure(.connection)
        }
      }
    }
  }

  /// A wait for the server that may be cut short, once.
  private struct Wait {
    var patience: Patience
    var stopped: PostgresFailure.Cause?

    init(_ patience: Patience) { self.patience = patience }
  }

  /// Waits until the next result is there; a wish to stop is passed on to the server.
  private func settle(_ wait: inout Wait) throws(PostgresFailure) {
    // A TLS library may hold bytes back that the socket no longer shows: look again by the clock.
    let tick = encryption == nil ? nil : Duration.milliseconds(100)
    while unsafe PQisBusy(connection) == 1 {
      let end = wait.patience.wait(for: unsafe PQsocket(connection), tick: tick)
      if end == .ready {
        // What the server said before the connection broke is still to be had.
        if unsafe PQconsumeInput(connection) == 0 { break }
      } else if wait.stopped == nil {
        wait.stopped = end == .interrupted ? .interrupted : .expired
        cancel()
        wait.patience = wait.patience.deaf(for: 5)
      } else {
        throw silence(wait.stopped)
      }
    }
  }

  /// Waits for all results of what was sent; returns the last, or the first failure.
  private func collect(_ patience: Patience) throws(PostgresFailure) -> PostgresAnswer {
    var wait = Wait(patience)
    var answer = PostgresAnswer()
    var failed: PostgresFailure?
    while true {
      try settle(&wait)
      guard let result = unsafe PQgetResult(connection) else { break }
      defer { unsafe PQclear(result) }
      switch unsafe PQresultStatus(result) {
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        do { answer = try unsafe Self.copy(result) } catch { failed = failed ?? error }
      case PGRES_COPY_OUT, PGRES_COPY_IN, PGRES_COPY_BOTH:
        throw PostgresFailure(cause: .unusable, text: "COPY does not return rows")
      default:
        if failed == nil { failed = unsafe failure(of: result) }
      }
    }
    if let stopped = wait.stopped, failed != nil { failed?.cause = stopped }
    if let failed { throw failed }
    return answer
  }

  /// The failure of a server that does not even react to a cancellation.
  private func silence(_ stopped: PostgresFailure.Cause?) -> PostgresFailure {
    PostgresFailure(
      cause: stopped == .interrupted ? .interrupted : .connection,
      text: "the server stopped answering")
  }

  /// Asks the server to stop the running statement; blocks for the time of a connection.
  private func cancel() {
    guard let request = unsafe PQgetCancel(connection) else { return }
    var words = [CChar](repeating: 0, count: 256)
    // A refused request is found out by the wait for its effect, which ends in time.
    _ = unsafe PQcancel(request, &words, Int32(words.count))
    unsafe PQfreeCancel(request)
  }

  /// Copies rows out of libpq's memory; throws when a text is not UTF-8.
  private static func copy(_ result: OpaquePointer) throws(PostgresFailure) -> PostgresAnswer {
    var answer = PostgresAnswer()
    let width = unsafe PQnfields(result)
    answer.columns = (0..<width).map { unsafe string(PQfname(result, $0)) }
    answer.types = (0..<width).map { unsafe (PQftype(result, $0), PQfmod(result, $0)) }
    let height = unsafe PQntuples(result)
    answer.cells.reserveCapacity(Int(height))
    for row in 0..<height {
      var cells: [String?] = []
      cells.reserveCapacity(Int(width))
      for column in 0..<width {
        guard unsafe PQgetisnull(result, row, column) == 0,
          let start = unsafe PQgetvalue(result, row, column)
        else {
          cells.append(nil)
          continue
        }
        let length = Int(unsafe PQgetlength(result, row, column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
          throw PostgresFailure(
            cause: .statement, state: "22021",
            text: "column \(answer.columns[Int(column)]) holds bytes that are not UTF-8")
        }
        answer.size += length
        cells.append(text)
      }
      answer.cells.append(cells)
    }
    return answer
  }

  // MARK: - Failures

  /// What libpq says of the connection.
  private func failure(_ cause: PostgresFailure.Cause) -> PostgresFailure {
    guard unsafe connection != nil else {
      return PostgresFailure(cause: cause, text: "the connection is closed")
    }
    return PostgresFailure(cause: cause, text: unsafe Self.string(PQerrorMessage(connection)))
  }

  /// What the server said of a statement.
  private func failure(of result: OpaquePointer) -> PostgresFailure {
    let lost = unsafe PQstatus(connection) != CONNECTION_OK
    let state = unsafe Self.string(PQresultErrorField(result, Self.field("C")))
    let primary = unsafe Self.string(PQresultErrorField(result, Self.field("M")))
    return PostgresFailure(
      cause: lost && state.isEmpty ? .connection : .statement,
      state: state.isEmpty ? nil : state,
      text: primary.isEmpty ? unsafe Self.string(PQresultErrorMessage(result)) : primary)
  }

  /// The code of an error field; the header spells them as characters.
  private static func field(_ letter: Unicode.Scalar) -> Int32 { Int32(letter.value) }

  /// Copies a C string; empty for none.
  private static func string(_ text: UnsafePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    return unsafe String(cString: text)
  }
}

/// Lends a null-terminated array of C strings to `body`, which must not keep it.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  var offsets: [Int] = []
  var bytes: [CChar] = []
  for string in strings {
    offsets.append(bytes.count)
    bytes += string.utf8CString
  }
  return unsafe bytes.withUnsafeBufferPointer { bytes in
    var pointers: [UnsafePointer<CChar>?] = unsafe []
    if let base = bytes.baseAddress {
      for offset in offsets { unsafe pointers.append(base + offset) }
    }
    unsafe pointers.append(nil)
    return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
  }
}
