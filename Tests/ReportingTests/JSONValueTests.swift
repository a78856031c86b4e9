import Reporting
import SpecCore
import Testing

/// JSON as RFC 8259 has it, both ways.
@Suite struct JSONValueTests {
  static let document = JSONValue.object([
    ("z", .integer(-7)), ("a", .array([.null, .bool(true), .number(0.1), .array([])])),
    ("text \"quoted\"", .string("line\nbreak \u{1F600} \u{202E} \u{7} \\ é")),
    ("empty", .object([])),
  ])

  @Test func rendersInOrder() {
    #expect(
      Self.document.rendered() == """
        {
          "z": -7,
          "a": [
            null,
            true,
            0.1,
            []
          ],
          "text \\"quoted\\"": "line\\nbreak \u{1F600} \\u202e \\u0007 \\\\ é",
          "empty": {}
        }
        """)
    let short = JSONValue.array([.integer(1), .object([("a", .null)])])
    #expect(short.rendered(indent: 0) == #"[1,{"a":null}]"#)
    #expect(JSONValue.number(.infinity).rendered() == "null")
  }

  @Test func readsWhatItWrites() throws {
    #expect(try JSONValue.parse(Self.document.rendered()) == Self.document)
    #expect(try JSONValue.parse(Self.document.rendered(indent: 0)) == Self.document)
  }

  @Test(arguments: [
    ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("-12.5e+1", .number(-125)),
    ("1E2", .number(100)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    (#""\ud83d\ude00\/\b\f""#, .string("\u{1F600}/\u{8}\u{C}")), (" [ ] ", .array([])),
    ("\t{\"a\" :1 ,\"b\":false}\r\n", .object([("a", .integer(1)), ("b", .bool(false))])),
  ])
  func accepts(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue.parse(text) == value)
  }

  @Test(arguments: [
    "", " ", "01", "-", "1.", ".5", "1e", "+1", "NaN", "1e999", "nul", "[1,]", "{\"a\":1,}",
    "{a:1}",
    "[1 2]", "[", "{\"a\"", "\"", "\"\n\"", #""\x""#, #""\u12"#, #""\ud800""#, #""\ud800\u0041""#,
    #""\udc00""#, "1 2", "// note\n1", "{\"a\":1,\"a\":2}", "\u{FEFF}1", "'a'",
    String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    String(repeating: "[", count: 100_000),
  ])
  func refuses(_ text: String) {
    #expect(throws: JSONParseError.self) { try JSONValue.parse(text) }
  }

  @Test func goesDownSixtyFourLevels() throws {
    _ = try JSONValue.parse(
      String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
  }

  @Test func saysWhere() {
    #expect(throws: JSONParseError(reason: "expected a value", offset: 4)) {
      try JSONValue.parse("[1, x]")
    }
  }
}

/// Which cases `--last-failed` runs again.
@Suite struct FailedCasesTests {
  @Test(arguments: Sample.all) func findsFailuresAndErrors(_ sample: Sample) {
    let bad = sample.run.cases.filter { [.failed, .errored].contains($0.outcome) }
    let ids = failedCaseIDs(inRunJSON: JSONReporter.json.render(sample.run))
    #expect(ids == bad.map(\.id.description))
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"format":"parity.run/2","cases":[]}"#, #"{"format":"parity.run/1"}"#,
    #"{"format":"parity.run/1","cases":[{"id":"a"}]}"#,
    #"{"format":"parity.run/1","cases":[{"id":"a","outcome":"perhaps"}]}"#,
  ])
  func refusesOtherDocuments(_ text: String) {
    #expect(failedCaseIDs(inRunJSON: text) == nil)
  }
}
