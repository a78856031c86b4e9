import Cryptography
import SnowflakeDatabase
import SpecCore
import Testing

@Suite("running statements")
struct StatementClientTests {
  private let body = Array(#"{"statement":"SELECT 1"}"#.utf8)

  @Test("a submission names request, headers and nothing secret in its path")
  func submits() async throws {
    let transport = ScriptedTransport(replies: [.done(["1"])])
    let client = StatementClient.scripted(transport)
    _ = try await client.run(body, limit: nil)
    #expect(
      await transport.lines == [
        "POST /api/v2/statements?requestId=id&async=false&nullable=true"
      ])
    let request = await transport.requests[0]
    #expect(request.body == body)
    #expect(request.token.reveal() == "t0ken")
    #expect(request.tokenType.rawValue == "PROGRAMMATIC_ACCESS_TOKEN")
  }

  @Test("a repeated submission carries the same id and says that it is one")
  func repeats() async throws {
    let time = ManualTime()
    let transport = ScriptedTransport(replies: [
      WireReply(status: 503), WireReply(status: 429, retryAfter: 7), .running(), .done(["1"]),
    ])
    _ = try await StatementClient.scripted(transport, world: .still(time)).run(body, limit: nil)
    let again = "POST /api/v2/statements?requestId=id&async=false&nullable=true&retry=true"
    #expect(
      await transport.lines.dropFirst() == [again, again, "GET /api/v2/statements/h-1"])
    #expect(await time.sleeps == [0.375, 7, 0.25])
  }

  @Test("a token that cannot be renewed ends the statement at once")
  func refused() async throws {
    let transport = ScriptedTransport(replies: [.refusal(401, "390303", "token expired")])
    let error = await #expect(throws: DatabaseError.self) {
      try await StatementClient.scripted(transport).run(body, limit: nil)
    }
    #expect(error?.kind == .authenticationFailed)
    #expect(await transport.lines.count == 1)
  }

  @Test("a statement that outlives its limit is cancelled on the server")
  func overdue() async throws {
    let transport = ScriptedTransport(replies: [.running()])
    var world = Surroundings.still()
    let moments = Moments(Array(0...100).map { $0 * 20 })
    world.uptime = { Double(moments.next()) }
    let error = await #expect(throws: DatabaseError.self) {
      try await StatementClient.scripted(transport, world: world).run(body, limit: 100)
    }
    #expect(error?.kind == .timeout)
    #expect(error?.queryID == "h-1")
  }

  @Test("cancelling the task cancels a statement whose handle is known")
  func cancelsByHandle() async throws {
    let transport = ScriptedTransport(replies: [.running()])
    var world = Surroundings.still()
    world.sleep = { try await Task.sleep(for: .seconds($0 * 100)) }
    let client = StatementClient.scripted(transport, world: world)
    let task = Task { [body] in try await client.run(body, limit: nil) }
    while await transport.lines.isEmpty { await Task.yield() }
    task.cancel()
    let error = await #expect(throws: DatabaseError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(await transport.lines.last == "POST /api/v2/statements/h-1/cancel")
  }

  @Test("cancelling the task before there is a handle asks for it first")
  func cancelsBlindly() async throws {
    let transport = ScriptedTransport { (_, count) throws(WireFailure) in
      guard count == 0 else { return .running() }
      do {
        try await Task.sleep(for: .seconds(60))
      } catch {
        throw .cancelled
      }
      return .running()
    }
    let client = StatementClient.scripted(transport)
    let task = Task { [body] in try await client.run(body, limit: nil) }
    while await transport.lines.isEmpty { await Task.yield() }
    task.cancel()
    let error = await #expect(throws: DatabaseError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(
      await transport.lines.dropFirst() == [
        "POST /api/v2/statements?requestId=id&async=true&nullable=true&retry=true",
        "POST /api/v2/statements/h-1/cancel",
      ])
  }

  @Test("a task that is cancelled before it begins sends nothing")
  func cancelledBefore() async throws {
    let transport = ScriptedTransport(replies: [.done(["1"])])
    let client = StatementClient.scripted(transport)
    let task = Task { [body] in
      while !Task.isCancelled { await Task.yield() }
      return try await client.run(body, limit: nil)
    }
    task.cancel()
    let error = await #expect(throws: DatabaseError.self) { try await task.value }
    #expect(error?.kind == .cancelled)
    #expect(await transport.lines.isEmpty)
  }

  @Test("no more statements run at a time than were asked for")
  func width() async throws {
    let most = Most()
    let transport = ScriptedTransport { (_, _) throws(WireFailure) in
      await most.enter()
      for _ in 0..<20 { await Task.yield() }
      await most.leave()
      return .done(["1"])
    }
    let client = StatementClient.scripted(transport, width: 3)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { [body] in _ = try await client.run(body, limit: nil) } }
      try await group.waitForAll()
    }
    #expect(await most.most == 3)
  }

  /// Counts how many are inside at a time.
  private actor Most {
    private var inside = 0
    private(set) var most = 0

    func enter() {
      inside += 1
      most = max(most, inside)
    }

    func leave() { inside -= 1 }
  }
}

@Suite("reading partitions")
struct SnowflakeCursorTests {
  private func cursor(_ replies: [WireReply]) async throws -> (SnowflakeCursor, ScriptedTransport) {
    let transport = ScriptedTransport(replies: replies)
    let client = StatementClient.scripted(transport)
    return (SnowflakeCursor(try await client.run([1], limit: nil), client: client), transport)
  }

  @Test("partitions come one by one, in order, each fetched once")
  func order() async throws {
    let (cursor, transport) = try await cursor([
      .done(["a", "b"], partitions: [2, 1, 2]), WireReply(200, #"{"data":[["c"]]}"#),
      WireReply(status: 503), WireReply(200, #"[["d"],[null]]"#),
    ])
    #expect(try await cursor.next() == [["a"], ["b"]])
    #expect(try await cursor.next() == [["c"]])
    #expect(try await cursor.next() == [["d"], [nil]])
    #expect(try await cursor.next() == nil)
    #expect(try await cursor.next() == nil)
    await cursor.close()
    let two = "GET /api/v2/statements/h-1?partition=2"
    #expect(
      await transport.lines.dropFirst()
        == ["GET /api/v2/statements/h-1?partition=1", two, two])
  }

  @Test("a result without rows ends at once")
  func empty() async throws {
    let (cursor, _) = try await cursor([.done([])])
    #expect(try await cursor.next() == nil)
  }

  @Test(
    "a partition that is not what was announced is an error",
    arguments: [#"{"data":[]}"#, #"{"data":[["a"],["b"]]}"#, #"{"data":[["a","b"]]}"#, "nonsense"])
  func incomplete(_ partition: String) async throws {
    let (cursor, _) = try await cursor([
      .done(["a"], partitions: [1, 1]), WireReply(200, partition),
    ])
    let error = await #expect(throws: DatabaseError.self) {
      while try await cursor.next() != nil {}
    }
    #expect(error?.kind == .protocolViolation)
  }
}

@Suite("the turnstile")
struct TurnstileTests {
  @Test("a task that is cancelled while it waits gives its turn away")
  func cancels() async throws {
    let turnstile = Turnstile(width: 1)
    try await turnstile.enter()
    let waiting = Task { try await turnstile.enter() }
    for _ in 0..<50 { await Task.yield() }
    waiting.cancel()
    let error = await #expect(throws: DatabaseError.self) { try await waiting.value }
    #expect(error?.kind == .cancelled)
    await turnstile.leave()
    try await turnstile.enter()
  }
}
