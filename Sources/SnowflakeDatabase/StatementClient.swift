import Cryptography
package import SpecCore

/// Runs statements over a transport: carries out what ``StatementMachine`` decides.
package struct StatementClient: Sendable {
  private let transport: any Transport
  private let tokens: TokenSource
  private let tokenType: Credentials.TokenType
  private let origin: String
  private let policy: RetryPolicy
  private let explainer: FailureExplainer
  private let world: Surroundings
  private let turnstile: Turnstile

  package init(
    transport: any Transport, tokens: TokenSource, tokenType: Credentials.TokenType,
    explainer: FailureExplainer, width: Int, policy: RetryPolicy = RetryPolicy(),
    world: Surroundings = .real
  ) {
    self.transport = transport
    self.tokens = tokens
    self.tokenType = tokenType
    self.origin = explainer.origin
    self.policy = policy
    self.explainer = explainer
    self.world = world
    turnstile = Turnstile(width: width)
  }

  /// Seconds that polling goes on after the statement's own limit, which the server enforces.
  private static let grace = 30.0
  /// Seconds without an answer after which a request is given up; the server holds a submission
  /// for 45 s before it answers "running".
  private static let patience = 120.0
  /// Seconds that cancelling a statement may take altogether.
  private static let farewell = 5.0

  /// Runs a statement to its end, within `limit` seconds if there is one.
  ///
  /// Where it does not queue, it runs beside however many others there are: for measurements, of which
  /// our own queue must be no part.
  ///
  /// Cancelling the task cancels the statement on the server, as far as that can be done in 5 s.
  package func run(
    _ body: [UInt8], limit: Double?, queues: Bool = true
  ) async throws(DatabaseError) -> StatementResult {
    if queues { try await turnstile.enter() }
    let end: StatementMachine.Move
    do {
      let job = Job(body: body, requestID: world.freshID(), limit: limit)
      end = try await drive(.submit(again: false), job)
    } catch {
      if queues { await turnstile.leave() }
      throw error
    }
    if queues { await turnstile.leave() }
    guard case .finished(let result) = end else {
      preconditionFailure("a submitted statement must end with a result")
    }
    return result
  }

  /// Fetches one partition of a result; it takes no place among the running statements.
  package func partition(
    _ number: Int, of handle: String
  ) async throws(DatabaseError) -> Partition {
    let job = Job(body: [], requestID: "", limit: nil)
    let end = try await drive(.partition(handle: handle, number: number), job)
    guard case .partition(let partition) = end else {
      preconditionFailure("a fetched partition must end with a partition")
    }
    return partition
  }

  /// The result of a statement that is done, such as one of several of a request.
  package func result(of handle: String) async throws(DatabaseError) -> StatementResult {
    let job = Job(body: [], requestID: "", limit: nil)
    let end = try await drive(.poll(path: "/api/v2/statements/\(handle)"), job)
    guard case .finished(let result) = end else {
      preconditionFailure("a statement that is asked for must end with a result")
    }
    return result
  }

  /// Closes every connection.
  package func close() async { await transport.close() }

  /// What stays the same from the first request about a statement to the last.
  private struct Job: Sendable {
    let body: [UInt8]
    let requestID: String
    let limit: Double?
  }

  private func drive(
    _ first: StatementMachine.Call, _ job: Job
  ) async throws(DatabaseError) -> StatementMachine.Move {
    var machine = StatementMachine(first, origin: origin, policy: policy, explainer: explainer)
    var call = first
    let deadline = job.limit.map { world.uptime() + $0 + Self.grace } ?? .infinity
    while true {
      guard !Task.isCancelled else { throw await abandoned(machine.handle, job, isSent(call)) }
      let token = try await tokens.token()
      let patience = max(1, min(Self.patience, deadline - world.uptime()))
      let event = await exchange(request(call, job, patience, token))
      guard !Task.isCancelled else { throw await abandoned(machine.handle, job, true) }
      var move = machine.next(event, at: world.uptime(), chance: world.chance())
      if case .renewToken(let next) = move {
        if try await tokens.renew(token) {
          call = next
          continue
        }
        // The machine renews once; asked again, it explains the refusal.
        move = machine.next(event, at: world.uptime(), chance: world.chance())
      }
      switch move {
      case .send(let next, let wait):
        guard world.uptime() + wait <= deadline else {
          await abandon(machine.handle, job)
          throw .overdue(job.limit ?? 0, machine.handle)
        }
        do {
          try await world.sleep(wait)
        } catch {
          throw await abandoned(machine.handle, job, true)
        }
        call = next
      case .finished, .partition: return move
      case .fail(let error): throw error
      case .renewToken: preconditionFailure("a machine must not renew its token twice in a row")
      }
    }
  }

  private func isSent(_ call: StatementMachine.Call) -> Bool { call != .submit(again: false) }

  private func exchange(_ request: WireRequest) async -> StatementMachine.Event {
    do {
      return .reply(try await transport.send(request))
    } catch {
      return .failure(error)
    }
  }

  private func request(
    _ call: StatementMachine.Call, _ job: Job, _ patience: Double, _ token: Secret
  ) -> WireRequest {
    let (method, path): (WireRequest.Method, String) =
      switch call {
      case .submit(let again):
        (
          .post,
          "/api/v2/statements?requestId=\(job.requestID)&async=false&nullable=true"
            + (again ? "&retry=true" : "")
        )
      case .poll(let path): (.get, path)
      case .partition(let handle, let number):
        (.get, "/api/v2/statements/\(handle)?partition=\(number)")
      }
    return WireRequest(
      method, path, body: method == .post ? job.body : [], token: token, tokenType: tokenType,
      patience: patience)
  }

  private func abandoned(_ handle: String?, _ job: Job, _ wasSent: Bool) async -> DatabaseError {
    if wasSent { await abandon(handle, job) }
    return explainer.explain(.cancelled, handle)
  }

  /// Cancels the statement on the server, best effort and bounded.
  ///
  /// In a task of its own, because in a cancelled one no request would be sent any more.
  private func abandon(_ handle: String?, _ job: Job) async {
    // A partition is no statement: there is nothing to cancel.
    guard !job.body.isEmpty else { return }
    let goodbye = Task {
      let end = world.uptime() + Self.farewell
      guard let token = try? await tokens.token() else { return }
      func send(_ path: String, _ body: [UInt8]) async -> WireReply? {
        let patience = end - world.uptime()
        guard patience > 0 else { return nil }
        // What goes wrong here changes nothing: the caller already gets "cancelled", and the
        // statement's own limit ends it on the server.
        return try? await transport.send(
          WireRequest(
            .post, path, body: body, token: token, tokenType: tokenType, patience: patience))
      }
      var running = handle
      if running == nil {
        // Within its first 45 s a statement has no handle yet; submitted once more under the same
        // request id it does not run twice, and async tells the handle at once.
        let again = "?requestId=\(job.requestID)&async=true&nullable=true&retry=true"
        let reply = await send("/api/v2/statements\(again)", job.body)
        if reply?.status == 202 { running = StatementMachine.handle(in: reply) }
      }
      guard let running else { return }
      _ = await send("/api/v2/statements/\(running)/cancel", [])
    }
    await goodbye.value
  }
}

extension DatabaseError {
  fileprivate static func overdue(_ limit: Double, _ handle: String?) -> Self {
    Self(
      .timeout, "the statement passed its limit of \(limit) s and the server did not end it",
      hint: "raise statement_timeout, or use a larger warehouse", queryID: handle)
  }
}
