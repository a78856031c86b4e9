import SpecCore
import Testing

/// When values that differ count as the same.
@Suite struct ValueRuleTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let rule: ValueRule
    let source: String?
    let target: String?
    let accepts: Bool?

    init(_ rule: ValueRule, _ source: String?, _ target: String?, _ accepts: Bool?) {
      self.rule = rule
      self.source = source
      self.target = target
      self.accepts = accepts
    }

    var testDescription: String { "\(rule): \(source ?? "NULL") and \(target ?? "NULL")" }
  }

  private static func absolute(_ text: String, _ form: CanonicalForm = .number) -> ValueRule {
    .within(Tolerance(absolute: ExactNumber(text)), form)
  }

  private static func percent(_ text: String, _ form: CanonicalForm = .number) -> ValueRule {
    .within(Tolerance(percent: ExactNumber(text)), form)
  }

  private static func microseconds(_ count: Int64, _ form: CanonicalForm = .moment) -> ValueRule {
    .within(Tolerance(microseconds: count), form)
  }

  private static let nines = String(repeating: "9", count: 37)

  static let cases = [
    Case(.json, #"{"a":1,"b":[2]}"#, #"{ "b": [2.0], "a": 1 }"#, true),
    Case(.json, "1", "2", false),
    Case(.json, "{", "{}", nil),
    Case(.json, nil, "null", false),
    Case(.ignoringCase, "Straße Ä", "STRAßE ä", true),
    Case(.ignoringCase, "a", "b", false),
    Case(.ignoringCase, "\u{E9}", "e\u{301}", false),
    Case(.normalized, "\u{E9}", "e\u{301}", true),
    Case(.normalized, " a\u{A0}b\r\n c ", "a b c", true),
    Case(.normalized, "a", "A", false),
    Case(.normalized, "ab", "a b", false),
    Case(absolute("0.01"), "1.5", "1.51", true),
    Case(absolute("0.01"), "1.5", "1.511", false),
    Case(absolute("0.01"), "-0.005", "0.005", true),
    Case(absolute("0.1"), "0.3", "0.4", true),
    Case(absolute("1"), nil, "0", false),
    Case(absolute("1"), "0", nil, false),
    Case(absolute("1"), "NaN", "1", false),
    Case(absolute("1"), nines, String(nines.dropLast()) + "8", true),
    Case(absolute("1"), nines, "-" + nines, false),
    // More digits than can be computed with: never near.
    Case(absolute("1"), nines + "9", nines + "8", false),
    Case(percent("0.1"), "1000", "1001", true),
    Case(percent("0.1"), "1000", "1001.0000001", false),
    Case(percent("10"), "-10", "-11", true),
    Case(percent("10"), "0", "0.0000001", false),
    Case(percent("100"), nines, "0", true),
    Case(absolute("0.5", .float64), "1p0", "3p-1", true),
    Case(absolute("0.4", .float64), "1p0", "3p-1", false),
    Case(absolute("1", .float64), "Inf", "-Inf", false),
    Case(absolute("1", .float64), "NaN", "0", false),
    Case(percent("1", .float32), "100", "101", true),
    Case(microseconds(1_000), "5000", "6000", true),
    Case(microseconds(1_000), "5000", "6000.1", false),
    Case(microseconds(1_000), "!infinity", "6000", false),
    Case(microseconds(1, .time), "10.0", "10.1000", true),
    Case(microseconds(1, .time), "10.0", "10.1001", false),
    Case(changed("N", "false"), "N", "false", true),
    Case(changed("N", "false"), "Y", "false", false),
    Case(changed("N", "false"), "n", "false", false),
    Case(changed("N", "false"), "false", "N", false),
    Case(changed("", nil), "", nil, true),
    Case(changed("", nil), nil, "", false),
    Case(changed("1970-01-02", nil, .date), "1", nil, true),
    Case(.read(.interval), "1 day 02:00:00", "P1DT2H", true),
    Case(.read(.interval), "1 year 2 mons -3 days +04:05:06.78", "P14M-3DT4H5M6.780000S", true),
    Case(.read(.interval), "-00:00:01.5", "PT-1.5S", true),
    Case(.read(.interval), "00:00:00", "PT0S", true),
    Case(.read(.interval), "1 day", "24:00:00", false),
    Case(.read(.interval), "1 mon", "30 days", false),
    Case(.read(.interval), "00:00:01", "00:00:01.000001", false),
    Case(.read(.interval), "1 day", "one day", nil),
    Case(.read(.interval), "1 day", "", nil),
    Case(.read(.interval), "1 day", "P", nil),
    Case(.read(.interval), "1 day", "P1", nil),
    Case(.read(.interval), "1 day", "1 fortnight", nil),
    Case(.read(.zonedTime), "12:30:00+02", "12:30:00.000+02:00", true),
    Case(.read(.zonedTime), "10:30:00+00", "10:30:00Z", true),
    Case(.read(.zonedTime), "12:30:00+02", "10:30:00Z", false),
    Case(.read(.zonedTime), "12:30:00-03:30", "12:30:00-0330", true),
    Case(.read(.zonedTime), "12:30:00+02", "12:30:00", nil),
    Case(.read(.list), #"["a",null,"b c"]"#, #"{a,NULL,"b c"}"#, true),
    Case(.read(.list), #"["NULL","a\"b\\"]"#, #"{"NULL","a\"b\\"}"#, true),
    Case(.read(.list), "[[1,2],[3,4]]", "{{1,2},{3,4}}", true),
    Case(.read(.list), "[]", "{}", true),
    Case(.read(.list), "[1, 2]", "[1,2]", true),
    Case(.read(.list), "[1,2]", "{1,3}", false),
    Case(.read(.list), "[1,2]", "{1}", false),
    Case(.read(.list), "[true]", "{t}", nil),
    Case(.read(.list), "[1]", "[0:0]={1}", nil),
    Case(.read(.list), "[1]", "{1", nil),
    Case(.read(.list), "[1]", "{1,}", nil),
    Case(.read(.list), "[1]", "1", nil),
    Case(.read(.unknown), "(1,2)", "POINT (1 2)", nil),
  ]

  private static func changed(
    _ source: String?, _ target: String?, _ form: CanonicalForm = .text
  ) -> ValueRule {
    .changed(
      [AcceptedChange(source: source, target: target, because: "test")], source: form, target: form)
  }

  @Test("values count as the same where the rule says so, and nowhere else", arguments: cases)
  func accepts(_ test: Case) {
    #expect(test.rule.accepts(test.source, test.target) == test.accepts)
  }

  @Test("numbers are taken as they are written, or not at all")
  func numbers() {
    for text in ["", ".", "-", "1.", ".5", "+1", "1e3", "1,0", " 1", "0x1", "١"] {
      #expect(ExactNumber(text) == nil, "\(text)")
    }
    for text in ["0", "-0.50", "12.25", Self.nines] {
      #expect(ExactNumber(text)?.description == text)
    }
  }

  @Test("exact distances agree with doubles where these are exact")
  func property() {
    var dice = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let numbers = (0..<3).map { _ in Int.random(in: -5_000...5_000, using: &dice) }
      let limit = abs(numbers[2])
      // Quarters are exact as doubles.
      let texts = numbers.map {
        ExactNumber("\($0 < 0 ? "-" : "")\(abs($0) / 4).\(["00", "25", "50", "75"][abs($0) % 4])")
      }
      let isNear = abs(numbers[0] - numbers[1]) <= limit
      let rule = ValueRule.within(
        Tolerance(absolute: ExactNumber("\(limit / 4).\(["00", "25", "50", "75"][limit % 4])")),
        .number)
      #expect(rule.accepts(texts[0]?.description, texts[1]?.description) == isNear, "\(numbers)")
    }
  }
}
