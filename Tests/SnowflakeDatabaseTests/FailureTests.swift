import SnowflakeDatabase
import SpecCore
import Testing

@Suite("failures in words")
struct FailureTests {
  private func failure(_ reply: WireReply, on call: StatementMachine.Call) -> DatabaseError? {
    var machine = StatementMachine(
      call, origin: "https://h", explainer: FailureExplainer(origin: "https://h"))
    guard case .fail(let error) = machine.next(.reply(reply), at: 0, chance: 0) else { return nil }
    return error
  }

  @Test(
    "a statement that fails is classed by Snowflake's code, then by SQLSTATE",
    arguments: [
      ("002003", "42S02", DatabaseError.Kind.missingObject),
      ("002043", "02000", .missingObject),
      ("003001", "42501", .permissionDenied),
      ("999999", "42501", .permissionDenied),
      ("000904", "42000", .statementFailed),
      ("001003", "42000", .statementFailed),
      ("000604", "57014", .cancelled),
      ("000630", "57014", .timeout),
      ("000606", "57P03", .configuration),
      ("000707", "02000", .readPointUnavailable),
      ("390189", "08004", .configuration),
      ("390190", "08004", .configuration),
      ("100038", "22018", .statementFailed),
    ])
  func sql(_ code: String, _ state: String, _ kind: DatabaseError.Kind) {
    let words = #"SQL compilation error:\n  Object 'X' does not exist"#
    let error = failure(.refusal(422, code, state: state, words), on: .submit(again: false))
    #expect(error?.kind == kind)
    #expect(error?.code == code)
    #expect(error?.queryID == "h-1")
    #expect(error?.message == "SQL compilation error: Object 'X' does not exist")
  }

  @Test(
    "other answers are classed by their status",
    arguments: [
      (400, DatabaseError.Kind.protocolViolation), (403, .configuration), (404, .configuration),
      (405, .configuration), (415, .configuration), (302, .configuration), (408, .timeout),
      (522, .encryptionFailed), (418, .protocolViolation),
    ])
  func statuses(_ status: Int, _ kind: DatabaseError.Kind) {
    let error = failure(WireReply(status, "<html>no</html>"), on: .submit(again: false))
    #expect(error?.kind == kind)
    #expect(error?.code == "HTTP \(status)")
    #expect(error?.message.contains("html") == false)
  }

  @Test("a statement that is forgotten is no wrong address")
  func forgotten() {
    let reply = WireReply.refusal(404, "390000", "not found")
    #expect(failure(reply, on: .poll(path: "/x"))?.kind == .statementFailed)
  }
}
