package import SpecCore

/// Decides, from each answer of the SQL API, what to do next about one statement or partition.
///
/// Pure: it sends nothing and waits for nothing, and time and chance are handed to it.
package struct StatementMachine: Sendable {
  /// A request to send.
  package enum Call: Hashable, Sendable {
    /// Submits the statement; repeated under the same request id it does not run twice.
    case submit(again: Bool)
    /// Asks how the statement is, at a path of the server.
    case poll(path: String)
    /// Fetches one partition of the result, counted from 0.
    case partition(handle: String, number: Int)
  }

  /// What came of a request.
  package enum Event: Sendable {
    case reply(WireReply)
    case failure(WireFailure)
  }

  /// What to do next.
  package enum Move: Hashable, Sendable {
    /// Send this after so many seconds.
    case send(Call, after: Double)
    /// Get another token, then send this.
    case renewToken(then: Call)
    /// The statement is done.
    case finished(StatementResult)
    /// The partition is here.
    case partition(Partition)
    case fail(DatabaseError)
  }

  /// Snowflake's name for the statement, as soon as it is known.
  package private(set) var handle: String?

  private let origin: String
  private let policy: RetryPolicy
  private let explainer: FailureExplainer
  private var call: Call
  private var polls = 0
  private var failures = 0
  private var firstFailure = 0.0
  private var hasRenewed = false

  /// Starts with a request that is about to be sent.
  ///
  /// - Parameters:
  ///   - call: The request.
  ///   - origin: Scheme, host and port of the server; no status URL may lead elsewhere.
  ///   - policy: How patiently to repeat.
  ///   - explainer: Puts refusals into words.
  package init(
    _ call: Call, origin: String, policy: RetryPolicy = RetryPolicy(),
    explainer: FailureExplainer = FailureExplainer()
  ) {
    self.call = call
    self.origin = origin
    self.policy = policy
    self.explainer = explainer
    if case .partition(let handle, _) = call { self.handle = handle }
  }

  /// The handle in an answer of any kind, if it has one.
  package static func handle(in reply: WireReply?) -> String? {
    reply.flatMap { Answer($0.body).head?.statementHandle }.flatMap { isHandle($0) ? $0 : nil }
  }

  /// Takes in what came of the request last asked for, at a moment in seconds of uptime.
  package mutating func next(_ event: Event, at now: Double, chance: Double) -> Move {
    let move =
      switch event {
      case .reply(let reply): judge(reply, now, chance)
      case .failure(let failure): judge(failure, now, chance)
      }
    switch move {
    case .send(let next, _), .renewToken(let next): call = next
    case .finished, .partition, .fail: break
    }
    return move
  }

  private mutating func judge(_ reply: WireReply, _ now: Double, _ chance: Double) -> Move {
    switch reply.status {
    case 200: return accept(reply)
    case 202: return keepPolling(Answer(reply.body))
    case 401 where !hasRenewed:
      hasRenewed = true
      return .renewToken(then: call)
    case 429, 500, 502, 503, 504:
      guard let wait = wait(now, reply.retryAfter, chance) else {
        return .fail(explainer.exhausted(reply.status, Answer(reply.body).head, handle, failures))
      }
      return .send(repeated, after: wait)
    default:
      return .fail(explainer.explain(reply.status, Answer(reply.body).head, handle, call))
    }
  }

  private mutating func judge(_ failure: WireFailure, _ now: Double, _ chance: Double) -> Move {
    switch failure {
    case .untrusted, .tooLarge, .refused, .cancelled:
      return .fail(explainer.explain(failure, handle))
    case .unreachable, .lost, .silent:
      guard let wait = wait(now, nil, chance) else {
        return .fail(explainer.explain(failure, handle))
      }
      return .send(repeated, after: wait)
    }
  }

  /// The same request again; a statement says that it was submitted before.
  private var repeated: Call {
    if case .submit = call { return .submit(again: true) }
    return call
  }

  private mutating func wait(_ now: Double, _ wish: Double?, _ chance: Double) -> Double? {
    failures += 1
    if failures == 1 { firstFailure = now }
    return policy.wait(
      after: failures, since: firstFailure, now: now, wish: wish, chance: chance)
  }

  private mutating func accept(_ reply: WireReply) -> Move {
    let answer = Answer(reply.body)
    if case .partition(_, let number) = call { return partition(answer, number) }
    guard let head = answer.head else { return .fail(.malformed("it is not JSON", handle)) }
    // An answer of this code is a 202 in other clothes.
    if head.resultSetMetaData == nil, head.code == "333334" { return keepPolling(answer) }
    if head.code == "391908" { return .fail(.incomplete(head.message, head.statementHandle)) }
    guard let meta = head.resultSetMetaData, let name = head.statementHandle ?? handle else {
      return .fail(.malformed("it has no resultSetMetaData or no statementHandle", handle))
    }
    let parts = head.statementHandles ?? []
    guard isHandle(name), parts.allSatisfy(isHandle) else {
      return .fail(.malformed("its statementHandle is none", nil))
    }
    guard meta.format ?? "jsonv2" == "jsonv2" else {
      return .fail(.malformed("its format is \(meta.format ?? "")", name))
    }
    let announced = meta.partitionInfo.map { $0.map(\.rowCount) } ?? []
    let rows = announced.isEmpty ? [meta.numRows] : announced
    // The bound keeps the sum of a hostile answer from overflowing.
    guard rows.allSatisfy({ 0...(1 << 36) ~= $0 }), rows.reduce(0, +) == meta.numRows else {
      return .fail(.malformed("its partitions do not add up to \(meta.numRows) rows", name))
    }
    guard answer.rows != nil || rows[0] == 0 else {
      return .fail(.malformed("it announces rows and has no data", name))
    }
    return .finished(
      StatementResult(
        handle: name, columns: meta.rowType.map(\.name),
        types: meta.rowType.map { column in
          StatementResult.ColumnType(
            name: column.type ?? "", precision: column.precision, scale: column.scale,
            length: column.length, isNullable: column.nullable ?? true)
        }, partitionRows: rows,
        first: Partition(body: reply.body, rows: answer.rows), parts: parts))
  }

  private mutating func partition(_ answer: Answer, _ number: Int) -> Move {
    if answer.head?.code == "391908" { return .fail(.incomplete(answer.head?.message, handle)) }
    guard answer.rows != nil else {
      return .fail(.malformed("partition \(number) has no data", handle))
    }
    return .partition(Partition(body: answer.body, rows: answer.rows))
  }

  private mutating func keepPolling(_ answer: Answer) -> Move {
    guard let head = answer.head, let name = head.statementHandle ?? handle, isHandle(name) else {
      return .fail(.malformed("it says the statement is running, but not which", handle))
    }
    let path = head.statementStatusUrl ?? "/api/v2/statements/\(name)"
    guard let path = statusPath(path, on: origin) else {
      return .fail(.malformed("its statementStatusUrl leads to another server", name))
    }
    handle = name
    failures = 0
    hasRenewed = false
    polls += 1
    // Short statements are seen at once, long ones cost a request every five seconds.
    let wait = min(5, 0.25 * Double(1 << min(polls - 1, 10)))
    if case .partition = call { return .send(call, after: wait) }
    return .send(.poll(path: path), after: wait)
  }
}

/// An answer with its rows set apart.
private struct Answer {
  let body: [UInt8]
  let rows: Range<Int>?
  let head: StatementReply?

  init(_ body: [UInt8]) {
    let parts = AnswerParts(body)
    self.body = body
    rows = parts?.rows
    head = parts.flatMap { StatementReply($0.head) }
  }
}

/// Whether the text has the form of a handle; it becomes part of a path.
private func isHandle(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.count <= 100
    && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
}

/// Path and query of a status URL, relative or absolute, or nil when it leaves the server: the
/// request that follows carries our token.
private func statusPath(_ url: String, on origin: String) -> String? {
  let spellings = [origin, origin + ":443"].filter { url.lowercased().hasPrefix("\($0)/") }
  let path = String(url.dropFirst(spellings.first?.count ?? 0))
  let isPlain = path.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  guard path.hasPrefix("/api/v2/statements/"), isPlain, !path.contains("..") else { return nil }
  return path
}

extension DatabaseError {
  fileprivate static func malformed(_ what: String, _ handle: String?) -> Self {
    Self(
      .protocolViolation, "Snowflake's answer cannot be read: \(what)",
      hint: "check that host or account of the connection really is a Snowflake server",
      queryID: handle)
  }

  fileprivate static func incomplete(_ words: String?, _ handle: String?) -> Self {
    Self(
      .statementFailed, words.map(oneLine) ?? "the result is too large and was cut off",
      hint: "an incomplete result proves nothing; ask for fewer rows", code: "391908",
      queryID: handle)
  }
}
