import SnowflakeDatabase
import SpecCore
import Testing

@Suite("the statement machine")
struct StatementMachineTests {
  private typealias Move = StatementMachine.Move

  private func machine(_ call: StatementMachine.Call = .submit(again: false)) -> StatementMachine {
    StatementMachine(
      call, origin: "https://h.example:8443",
      explainer: FailureExplainer(origin: "https://h.example:8443", identity: "me"))
  }

  private func next(
    _ machine: inout StatementMachine, _ reply: WireReply, at now: Double = 0
  ) -> StatementMachine.Move {
    machine.next(.reply(reply), at: now, chance: 0.5)
  }

  private func error(_ move: StatementMachine.Move) -> DatabaseError? {
    if case .fail(let error) = move { return error }
    return nil
  }

  @Test("a 200 is a result, whatever the case of its type names")
  func finished() throws {
    var machine = machine()
    guard case .finished(let result) = next(&machine, .done(["1", "2"])) else {
      Issue.record("no result")
      return
    }
    #expect(result.handle == "h-1")
    #expect(result.columns == ["A"])
    #expect(result.partitionRows == [2])
  }

  @Test("a 202 is polled, ever more patiently, until the result is there")
  func polls() {
    var machine = machine()
    let poll = StatementMachine.Call.poll(path: "/api/v2/statements/h-1")
    let waits = (0..<7).map { _ in
      guard case .send(let call, let wait) = next(&machine, .running()) else { return -1.0 }
      #expect(call == poll)
      return wait
    }
    #expect(waits == [0.25, 0.5, 1, 2, 4, 5, 5])
    #expect(machine.handle == "h-1")
    guard case .finished = next(&machine, .done(["1"])) else {
      Issue.record("no result")
      return
    }
  }

  @Test(
    "a status URL may be relative, absolute or absent",
    arguments: [
      (nil, "/api/v2/statements/h-1"),
      ("/api/v2/statements/h-1?requestId=7", "/api/v2/statements/h-1?requestId=7"),
      ("https://h.example:8443/api/v2/statements/h-1", "/api/v2/statements/h-1"),
      ("HTTPS://H.example:8443/api/v2/statements/h-1", "/api/v2/statements/h-1"),
    ])
  func statusURL(_ url: String?, _ path: String) {
    var machine = machine()
    #expect(next(&machine, .running(url)) == .send(.poll(path: path), after: 0.25))
  }

  @Test(
    "a status URL must not leave the server, for the token goes with it",
    arguments: [
      "https://evil.example/api/v2/statements/h-1", "http://h.example:8443/api/v2/statements/h-1",
      "https://h.example:8443@evil.example/api/v2/statements/h-1", "//evil.example/api/v2/x",
      "/api/v2/statements/../../x", "/elsewhere", "@evil.example/api/v2/statements/h-1",
      "https://h.example:84430/api/v2/statements/h-1",
    ])
  func foreignStatusURL(_ url: String) {
    var machine = machine()
    #expect(error(next(&machine, .running(url)))?.kind == .protocolViolation)
  }

  @Test(
    "overload and server errors are repeated as the same submission",
    arguments: [
      429, 500, 502, 503, 504,
    ])
  func repeats(_ status: Int) {
    var machine = machine()
    let again = StatementMachine.Call.submit(again: true)
    #expect(next(&machine, WireReply(status: status)) == .send(again, after: 0.375))
    #expect(next(&machine, WireReply(status: status)) == .send(again, after: 0.75))
    #expect(next(&machine, WireReply(status: status)) == .send(again, after: 1.5))
    #expect(next(&machine, WireReply(status: status)) == .send(again, after: 3))
    let failure = error(next(&machine, .refusal(status, "390505", "Too many requests.")))
    let isOverload = status == 429 || status == 503
    #expect(failure?.kind == (isOverload ? .throttled : .connectionLost))
    #expect(failure?.message.hasSuffix("after 5 attempts: Too many requests.") == true)
  }

  @Test("a 429 while the statement runs does not end it, and success forgives failures")
  func patience() {
    var machine = machine()
    _ = next(&machine, .running())
    let poll = StatementMachine.Call.poll(path: "/api/v2/statements/h-1")
    for round in 0..<10 {
      let now = Double(round) * 1_000
      #expect(next(&machine, WireReply(status: 429), at: now) == .send(poll, after: 0.375))
      guard case .send(poll, _) = next(&machine, .running(), at: now + 1) else {
        Issue.record("it gave up in round \(round)")
        return
      }
    }
  }

  @Test("the server's wish to wait is obeyed as long as the budget allows")
  func retryAfter() {
    var machine = machine()
    let again = StatementMachine.Call.submit(again: true)
    #expect(next(&machine, WireReply(status: 429, retryAfter: 20)) == .send(again, after: 20))
    let late = next(&machine, WireReply(status: 429, retryAfter: 50), at: 20)
    #expect(error(late)?.kind == .throttled)
  }

  @Test("lost connections are repeated, wrong certificates are not")
  func failures() {
    var machine = machine()
    let again = StatementMachine.Call.submit(again: true)
    for event in [WireFailure.lost("reset"), .silent, .unreachable("refused")] {
      guard case .send(again, _) = machine.next(.failure(event), at: 0, chance: 0) else {
        Issue.record("\(event) was not repeated")
        return
      }
    }
    let end = machine.next(.failure(.untrusted("the certificate is not trusted")), at: 0, chance: 0)
    #expect(error(end)?.kind == .encryptionFailed)
  }

  @Test("what goes on failing is named by its last cause")
  func exhausted() {
    let kinds: [(WireFailure, DatabaseError.Kind)] = [
      (.unreachable("x"), .unreachable), (.lost("x"), .connectionLost), (.silent, .connectionLost),
    ]
    for (failure, kind) in kinds {
      var machine = machine()
      var last: StatementMachine.Move?
      for _ in 0..<5 { last = machine.next(.failure(failure), at: 0, chance: 0) }
      #expect(last.flatMap(error)?.kind == kind)
    }
  }

  @Test("nothing is repeated once the time for it is over")
  func budget() {
    var machine = machine()
    _ = machine.next(.failure(.silent), at: 100, chance: 0)
    #expect(error(machine.next(.failure(.silent), at: 161, chance: 0))?.kind == .connectionLost)
  }

  @Test("a 401 renews the token once, and once more after progress")
  func renews() {
    var machine = machine()
    let refusal = WireReply.refusal(401, "390144", "JWT token is invalid.")
    #expect(next(&machine, refusal) == .renewToken(then: .submit(again: false)))
    _ = next(&machine, .running())
    #expect(next(&machine, refusal) == .renewToken(then: .poll(path: "/api/v2/statements/h-1")))
    let end = error(next(&machine, refusal))
    #expect(end?.kind == .authenticationFailed)
    #expect(end?.code == "390144")
    #expect(end?.hint?.contains("RSA_PUBLIC_KEY_FP of DESC USER with me") == true)
  }

  @Test("partitions are fetched with the same patience")
  func partitions() {
    let call = StatementMachine.Call.partition(handle: "h-1", number: 3)
    var machine = machine(call)
    #expect(next(&machine, WireReply(status: 503)) == .send(call, after: 0.375))
    let body = #"{"data":[["x"]]}"#
    #expect(
      next(&machine, WireReply(200, body))
        == .partition(Partition(body: Array(body.utf8), rows: 8..<15)))
    #expect(error(next(&machine, WireReply(200, "{}")))?.kind == .protocolViolation)
  }

  @Test("a result that was cut off is an error, although it is a 200")
  func cutOff() {
    var machine = machine()
    let reply = WireReply.refusal(200, "391908", "Result is too large.")
    let failure = error(next(&machine, reply))
    #expect(failure?.kind == .statementFailed)
    #expect(failure?.code == "391908")
  }

  @Test(
    "answers that are none are violations of the protocol",
    arguments: [
      "", "null", "<html>", #"{"code":"#, #"{"statementHandle":"h"}"#, "{} {}", #"{"data":[[]}"#,
      #"{"statementHandle":"h/../x","resultSetMetaData":{"numRows":0,"rowType":[]},"data":[]}"#,
      #"{"statementHandle":"h","resultSetMetaData":{"numRows":2,"rowType":[]}}"#,
      #"{"statementHandle":"h","resultSetMetaData":{"numRows":0,"format":"arrow","rowType":[]}}"#,
      #"{"statementHandle":"h","resultSetMetaData":{"numRows":2,"rowType":[],"#
        + #""partitionInfo":[{"rowCount":1}]},"data":[["a"]]}"#,
    ])
  func malformed(_ body: String) {
    var machine = machine()
    #expect(error(next(&machine, WireReply(200, body)))?.kind == .protocolViolation)
  }

  @Test("a 202 without a handle cannot be followed")
  func runningWithoutHandle() {
    var machine = machine()
    #expect(error(next(&machine, WireReply(202, "{}")))?.kind == .protocolViolation)
  }
}
