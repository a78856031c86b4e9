import Cryptography
import SnowflakeDatabase
import SpecCore
import Testing

@Suite("what every request says")
struct ContextTests {
  @Test("the body names role, warehouse, limit and session parameters")
  func body() {
    let context = StatementContext(
      database: "SHOP", schema: nil, role: "VERIFIER", warehouse: "WH", queryTag: "run-1")
    #expect(
      String(decoding: context.body("SELECT '/'", limit: 0.8), as: UTF8.self)
        == #"{"database":"SHOP","parameters":{"binary_output_format":"HEX","query_tag":"run-1","#
        + #""rows_per_resultset":0,"timezone":"UTC","use_cached_result":false},"#
        + #""role":"VERIFIER","statement":"SELECT '/'","timeout":1,"warehouse":"WH"}"#)
  }

  @Test(
    "limits are whole seconds, never 0", arguments: [(0, 1), (0.2, 1), (59.1, 60), (1e9, 604_800)])
  func limits(_ limit: Double, _ seconds: Int) {
    let body = StatementContext(queryTag: "t").body("SELECT 1", limit: limit)
    #expect(String(decoding: body, as: UTF8.self).contains("\"timeout\":\(seconds)}"))
  }

  @Test(
    "names fold to upper case unless they are quoted",
    arguments: [
      ("shop", "SHOP"), ("\"shop\"", "shop"), ("\"a\"\"b\"", "a\"b"), ("\"", "\""), ("", ""),
      ("\"\"", ""),
    ])
  func names(_ text: String, _ name: String) {
    #expect(catalogName(text) == name)
  }
}

@Suite("the proxy")
struct ProxyTests {
  private func proxy(_ environment: [String: String], to host: String = "a.example") throws
    -> ProxyAddress?
  {
    try ProxyAddress(to: host, environment: environment)
  }

  @Test("is read from the environment")
  func reads() throws {
    #expect(try proxy([:]) == nil)
    let plain = try proxy(["https_proxy": "http://p.example:3128/"])
    #expect(plain?.host == "p.example")
    #expect(plain?.port == 3_128)
    #expect(plain?.login == nil)
    #expect(try proxy(["HTTPS_PROXY": "p.example"])?.port == 80)
    let login = try proxy(["HTTPS_PROXY": "http://us%40er:p%3Aw@p.example:1"])?.login
    #expect(login?.user == "us@er")
    #expect(login?.password.reveal() == "p:w")
  }

  @Test("is passed by for hosts named in NO_PROXY")
  func exceptions() throws {
    for exception in ["*", "a.example", ".example", "x, example"] {
      #expect(try proxy(["HTTPS_PROXY": "p", "NO_PROXY": exception]) == nil)
    }
    #expect(try proxy(["HTTPS_PROXY": "p", "NO_PROXY": "b.example,ple"]) != nil)
  }

  @Test(
    "is refused when it cannot be used, without being quoted",
    arguments: ["socks5://p", "https://p", "http://u:hunter2@", "http://p:x", "http://u%zz@p:1"])
  func refused(_ url: String) {
    let error = #expect(throws: DatabaseError.self) { try proxy(["HTTPS_PROXY": url]) }
    #expect(error?.kind == .configuration)
    #expect(!String(reflecting: error).contains("hunter2"))
  }
}

@Suite("what the server says about the session")
struct SessionFactsTests {
  private let cells: [String?] = [
    "9.1.0", "ORG", "ACC", "XY1", "AWS_EU_WEST_1", "ANNA", "VERIFIER", "WH", "SHOP",
    "1795402907123456",
  ]

  private func facts(_ cells: [String?], asked: StatementContext? = nil) throws -> SessionFacts {
    let rows = Rows(columns: (0..<10).map { "C\($0)" }, cells: [cells], queryID: "h")
    return try SessionFacts(rows, asked: asked ?? StatementContext(queryTag: "t"))
  }

  @Test("becomes the facts of the reports, with a read point of whole milliseconds")
  func readable() throws {
    let facts = try facts(cells)
    #expect(facts.readPointLiteral == "2026-11-23 03:01:47.123 +0000")
    let side = facts.sideFacts(link: .loopback, notes: ["n"])
    #expect(side.engine == "Snowflake")
    #expect(side.name == "ORG-ACC.SHOP")
    #expect(side.fingerprint == "snowflake:ORG/ACC/AWS_EU_WEST_1/SHOP")
    #expect(side.role == "VERIFIER (user ANNA, warehouse WH)")
    #expect(side.readPoint == "AT 2026-11-23 03:01:47.123 +0000")
    #expect(side.readAt.microseconds == 1_795_402_907_123_000)
    #expect(side.notes == ["n"])
  }

  @Test("is an error where it leaves no database, or another one or role than was asked for")
  func refused() throws {
    var none = cells
    none[8] = nil
    let failures: [([String?], StatementContext, String)] = [
      (none, StatementContext(queryTag: "t"), "no database"),
      (cells, StatementContext(database: "OTHER", queryTag: "t"), "database OTHER"),
      (cells, StatementContext(role: "ADMIN", queryTag: "t"), "role ADMIN"),
    ]
    for (cells, asked, words) in failures {
      let error = #expect(throws: DatabaseError.self) { try facts(cells, asked: asked) }
      #expect(error?.kind == .configuration)
      #expect(error?.message.contains(words) == true)
    }
    var quoted = cells
    quoted[8] = "\"my shop\""
    #expect(
      try facts(quoted, asked: StatementContext(database: "my shop", queryTag: "t")).database
        == "my shop")
  }

  @Test("QUOTED_IDENTIFIERS_IGNORE_CASE must be off")
  func names() throws {
    func rows(_ value: String?) -> Rows {
      Rows(
        columns: ["key", "value", "default"],
        cells: value.map { [["QUOTED_IDENTIFIERS_IGNORE_CASE", $0, "false"]] } ?? [])
    }
    try SessionFacts.requireExactNames(rows("false"))
    try SessionFacts.requireExactNames(rows("FALSE"))
    let error = #expect(throws: DatabaseError.self) {
      try SessionFacts.requireExactNames(rows("true"))
    }
    #expect(error?.kind == .configuration)
    #expect(error?.hint?.contains("ALTER USER") == true)
    #expect(throws: DatabaseError.self) { try SessionFacts.requireExactNames(rows(nil)) }
  }
}
