import SpecCore
import TestSupport
import Testing

/// What reports of the application's own tests say, and when they say nothing.
@Suite struct JUnitTests {
  static let readAt = Timestamp(utc: "2026-11-27T12:00Z")
  static let today = "2026-11-27T10:00:00Z"

  static func verdict(
    _ check: String, _ files: [String: String], spec: String = "newer_than: 24h",
    modified: [String: Timestamp] = [:]
  ) throws -> Verdict {
    var migration = Migration()
    migration.head = "regression: { junit: reports, \(spec) }"
    return try Migration.trace(
      migration.step("regression.junit.\(check)").check, source: migration.source,
      target: migration.target, files: FakeFiles(files, modified: modified), readAt: readAt
    ).verdict
  }

  /// The verdict on one file.
  static func verdict(
    _ check: String, _ text: String, spec: String = "newer_than: 24h", written: Timestamp? = nil
  ) throws -> Verdict {
    try verdict(
      check, ["reports/a.xml": text], spec: spec,
      modified: written.map { ["reports/a.xml": $0] } ?? [:])
  }

  static func suite(
    _ cases: String, _ attributes: String = "timestamp=\"\(today)\"", name: String = "unit"
  ) -> String {
    "<testsuite name=\"\(name)\" \(attributes)>\(cases)</testsuite>"
  }

  static func one(_ inner: String, _ attributes: String = "") -> String {
    "<testcase classname=\"shop.Cart\" name=\"total\" \(attributes)>\(inner)</testcase>"
  }

  static let green = suite(one(""))

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var check = "passed"
    let text: String
    let outcome: Outcome
    var words: [String] = []

    var testDescription: String { name }
  }

  /// As the tools write them, shortened.
  static let tools: [Case] = [
    Case(
      name: "pytest",
      text: """
        <?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="0" \
        failures="1" skipped="1" tests="3" time="0.05" timestamp="2026-11-27T10:00:00.123456+00:00" \
        hostname="ci"><testcase classname="tests.test_cart" name="test_total" time="0.001">\
        <failure message="assert 3 == 4&#10; +  where 3 = f()">def test_total():\n&gt; assert</failure>\
        </testcase><testcase classname="tests.test_cart" name="test_empty" time="0.0"/>\
        <testcase classname="tests.test_cart" name="test_old"><skipped type="pytest.skip" \
        message="not here">x</skipped></testcase></testsuite></testsuites>
        """,
      outcome: .failed, words: ["1 of 2 tests failed", "tests.test_cart.test_total: assert 3 == 4"]),
    Case(
      name: "pytest, an error of a fixture",
      text: suite(
        "<testcase classname=\"t\" name=\"x\"><error message=\"failed on setup\">E</error></testcase>",
        "tests=\"1\" errors=\"1\" failures=\"0\" timestamp=\"\(today)\""),
      outcome: .failed, words: ["t.x: failed on setup"]),
    Case(
      name: "Surefire, passed when repeated",
      text: """
        <testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="shop.CartTest" \
        time="0.1" tests="1" errors="0" skipped="0" failures="0" timestamp="2026-11-27T10:00:00">\
        <properties><property name="a" value="b"/></properties><testcase name="total" \
        classname="shop.CartTest" time="0.1"><flakyFailure message="timed out" type="T">\
        <stackTrace><![CDATA[at <a>]]></stackTrace></flakyFailure></testcase></testsuite>
        """,
      outcome: .passed,
      words: ["1 test passed, 1 only when repeated", "shop.CartTest.total: timed out"]),
    Case(
      name: "Surefire, failed each time",
      text: suite(
        one("<failure message=\"boom\" type=\"T\"/><rerunFailure message=\"boom\"/>"),
        "tests=\"1\" failures=\"1\" timestamp=\"\(today)\""),
      outcome: .failed, words: ["shop.Cart.total: boom"]),
    Case(
      name: "GoogleTest, one test disabled",
      text: """
        <testsuites tests="2" failures="0" disabled="1" errors="0" time="0." \
        timestamp="2026-11-27T10:00:00.000" name="AllTests"><testsuite name="Cart" tests="2" \
        failures="0" disabled="1" skipped="0" errors="0"><testcase name="Total" status="run" \
        result="completed" classname="Cart"/><testcase name="DISABLED_Old" status="notrun" \
        result="suppressed" classname="Cart"/></testsuite></testsuites>
        """,
      outcome: .passed, words: ["1 test passed, 1 skipped"]),
    Case(
      name: "CTest, a status without an element",
      text: suite(
        one("", "status=\"fail\""), "tests=\"1\" failures=\"1\" timestamp=\"\(today)\""),
      outcome: .failed, words: ["its status tells of a failure"]),
    Case(
      name: "PHPUnit, suites inside of suites",
      text: """
        <testsuites><testsuite name="all" tests="2" assertions="3" errors="0" failures="1" \
        skipped="0" timestamp="2026-11-27T10:00:00Z"><testsuite name="CartTest" file="CartTest.php" \
        tests="2" failures="1"><testcase name="a" class="CartTest" classname="CartTest"/><testcase \
        name="b" classname="CartTest"><failure type="ExpectationFailedException">CartTest::b
        Failed asserting</failure></testcase></testsuite></testsuite></testsuites>
        """,
      outcome: .failed, words: ["1 of 2 tests failed", "CartTest.b: CartTest::b"]),
    Case(
      name: "PHPUnit, a warning", text: suite(one("<warning type=\"W\">No tests</warning>")),
      outcome: .failed, words: ["No tests"]),
    Case(
      name: "jest-junit",
      text: """
        <testsuites name="jest tests" tests="1" failures="1" errors="0" time="1.2"><testsuite \
        name="cart" errors="0" failures="1" skipped="0" timestamp="2026-11-27T10:00:00" time="1" \
        tests="1"><testcase classname="cart total" name="cart total" time="0.1"><failure>Error: \
        expect(received).toBe(expected)\n  at Object</failure></testcase></testsuite></testsuites>
        """,
      outcome: .failed, words: ["cart total.cart total: Error: expect(received).toBe(expected)"]),
    Case(
      name: "nextest, a flaky test",
      text: """
        <testsuites name="run" tests="1" failures="0" errors="0" uuid="u" \
        timestamp="2026-11-27T10:00:00.000+00:00" time="1"><testsuite name="shop" tests="1" \
        disabled="0" errors="0" failures="0"><testcase name="cart::total" classname="shop" \
        timestamp="2026-11-27T10:00:00.000+00:00" time="0.1"><flakyFailure \
        timestamp="2026-11-27T10:00:00Z" time="0.1" message="panicked" type="test failure">\
        thread<system-out>o</system-out></flakyFailure></testcase></testsuite></testsuites>
        """,
      outcome: .passed, words: ["only when repeated", "panicked"]),
    Case(
      name: "Swift",
      text: """
        <testsuites>\n<testsuite name="TestResults" errors="0" tests="1" failures="0" skipped="0" \
        time="0.1" timestamp="2026-11-27T12:00:00+02:00"><testcase classname="Cart" name="total()" \
        time="0.1"/></testsuite>\n</testsuites>
        """,
      outcome: .passed, words: ["1 test passed"]),
    Case(
      name: "behave, a step without code", text: suite(one("", "status=\"undefined\"")),
      outcome: .errored, words: ["no test was carried out"]),
    Case(
      name: "an error outside of any test",
      text: suite("<error message=\"no database\"/>" + one("")),
      outcome: .failed, words: ["suite unit (the suite itself): no database"]),
  ]

  @Test("as tools write them", arguments: tools)
  func tool(_ example: Case) throws { try check(example) }

  private func check(_ example: Case) throws {
    let verdict = try Self.verdict(example.check, example.text)
    #expect(verdict.outcome == example.outcome, "\(verdict)")
    let all =
      [verdict.summary] + verdict.findings + verdict.notes
      + verdict.unchecked.flatMap { [$0.reason, $0.remedy ?? ""] }
    for word in example.words {
      #expect(all.contains { $0.contains(word) }, "\(word) is not in \(all)")
    }
  }

  static let doubtful: [Case] = [
    Case(
      name: "nothing in the file", text: "", outcome: .errored, words: ["reports/a.xml is empty"]),
    Case(name: "blanks only", text: " \n ", outcome: .errored, words: ["is empty"]),
    Case(name: "no test", text: suite(""), outcome: .errored, words: ["holds no test"]),
    Case(
      name: "all skipped", text: suite(one("<skipped/>")), outcome: .errored,
      words: ["no test was carried out"]),
    Case(
      name: "another kind of XML", text: "<html><body/></html>", outcome: .errored,
      words: ["its root element is <html>"]),
    Case(
      name: "NUnit's own format", text: "<test-run result=\"Passed\"/>", outcome: .errored,
      words: ["<test-run>"]),
    Case(name: "no XML", text: "{}", outcome: .errored, words: ["reports/a.xml:1:1", "not XML"]),
    Case(
      name: "cut off", text: "<testsuite>\n<testcase name='a'/>", outcome: .errored,
      words: ["reports/a.xml:2:21", "it was not written whole"]),
    Case(
      name: "a document type", text: "<!DOCTYPE a [<!ENTITY x 'y'>]><testsuite/>",
      outcome: .errored, words: ["reports/a.xml:1:1", "DTD"]),
    Case(
      name: "an unknown entity", text: "<testsuite>\u{e4}&x;</testsuite>", outcome: .errored,
      words: ["reports/a.xml:1:13", "`&` begins none"]),
    Case(
      name: "crossed tags", text: "<testsuite><testcase></testsuite></testcase>",
      outcome: .errored, words: ["</testsuite> stands where </testcase> is expected"]),
    Case(
      name: "an attribute twice", text: "<testsuite a='1' a='2'/>", outcome: .errored,
      words: ["twice"]),
    Case(
      name: "a control character", text: "<testsuite>\u{1b}[31m</testsuite>", outcome: .errored,
      words: ["U+001B"]),
    Case(
      name: "a reference to one", text: "<testsuite>&#27;</testsuite>", outcome: .errored,
      words: ["`&` begins none"]),
    Case(
      name: "two roots", text: "<testsuite/><testsuite/>", outcome: .errored,
      words: ["a second root"]),
    Case(
      name: "another encoding", text: "<?xml version='1.0' encoding='ISO-8859-1'?><testsuite/>",
      outcome: .errored, words: ["ISO-8859-1"]),
    Case(
      name: "too deep",
      text: String(repeating: "<testsuite>", count: 65)
        + String(repeating: "</testsuite>", count: 65),
      outcome: .errored, words: ["more than 64 elements"]),
    Case(
      name: "an element that is not known", text: suite(one("<timedOut/>")), outcome: .errored,
      words: ["<timedOut>"]),
    Case(
      name: "sums that claim more failures",
      text: suite(one(""), "tests=\"1\" failures=\"2\" timestamp=\"\(today)\""),
      outcome: .errored, words: ["tell of 2 failures and errors, and there are 0"]),
    Case(
      name: "sums that claim more tests",
      text: suite(one(""), "tests=\"9\" timestamp=\"\(today)\""), outcome: .errored,
      words: ["tell of 9 tests, and there is 1"]),
    Case(
      name: "sums that claim fewer tests",
      text: suite(one("") + one(""), "tests=\"1\" timestamp=\"\(today)\""), outcome: .passed,
      words: ["what is there counts"]),
    Case(
      name: "an old report shows nothing",
      text: suite(one(""), "timestamp=\"2026-11-20T10:00:00Z\""), outcome: .errored,
      words: ["too early to say anything of these data"]),
    Case(
      name: "comments, CDATA and instructions",
      text:
        "\u{feff}<?xml version=\"1.0\"?><!-- a --><?x y?>"
        + suite(one("<system-out><![CDATA[<failure>&]]></system-out>")), outcome: .passed),
    Case(
      name: "a failure's text is shown as it is meant",
      text: suite(one("<failure>\n\n  a &lt; b &#x41;&amp;</failure>")), outcome: .failed,
      words: ["shop.Cart.total: a < b A& (reports/a.xml)"]),
    Case(
      name: "enough tests", check: "found", text: green, outcome: .passed,
      words: ["1 report, 1 suite, 1 test"]),
    Case(
      name: "nothing skipped", check: "skipped", text: green, outcome: .passed,
      words: ["0 of 1 test skipped"]),
    Case(
      name: "one skipped", check: "skipped", text: suite(one("") + one("<skipped message=\"m\"/>")),
      outcome: .failed, words: ["1 of 2 tests skipped", "shop.Cart.total: m"]),
  ]

  @Test("reports that show something, or nothing", arguments: doubtful)
  func doubt(_ example: Case) throws { try check(example) }

  static let ages: [(String, Timestamp?, Outcome, String)] = [
    ("timestamp=\"2026-11-27T10:00:00Z\"", nil, .passed, "the oldest of 2026-11-27T10:00:00Z"),
    ("timestamp=\"2026-11-26T11:59:00Z\"", nil, .failed, "before 2026-11-26T12:00:00Z; cure:"),
    ("timestamp=\"2026-11-26T14:30:00+03:00\"", nil, .failed, "ran at 2026-11-26T11:30:00Z"),
    ("timestamp=\"2026-11-26T11:30:00-0300\"", nil, .passed, "of 2026-11-26T14:30:00Z"),
    ("timestamp=\"2026-11-27 10:00:00.5\"", nil, .passed, "UTC was assumed"),
    ("timestamp=\"2026-11-28T10:00:00\"", nil, .errored, "after this run began"),
    ("timestamp=\"2026-11-27T12:04:00Z\"", nil, .passed, ""),
    (
      "timestamp=\"2026-11-26T20:00:00\"", Timestamp(utc: "2026-11-26T10:00Z"), .failed,
      "was written at 2026-11-26T10:00:00Z, before the time it tells"
    ),
    ("", Timestamp(utc: "2026-11-27T11:00Z"), .passed, "does not tell when its tests ran"),
    ("", Timestamp(utc: "2026-11-25T11:00Z"), .failed, "ran at 2026-11-25T11:00:00Z"),
    ("", Timestamp(utc: "2026-11-29T11:00Z"), .errored, "after this run began"),
    ("", nil, .errored, "does not tell when its tests ran"),
    (
      "timestamp=\"Fri Nov 27\"", Timestamp(utc: "2026-11-27T11:00Z"), .passed,
      "tells a time that cannot be read (Fri Nov 27)"
    ),
  ]

  @Test("the age of a report", arguments: ages)
  func age(_ attributes: String, _ written: Timestamp?, _ outcome: Outcome, _ words: String) throws
  {
    let verdict = try Self.verdict(
      "age", Self.suite(Self.one(""), attributes), written: written)
    #expect(verdict.outcome == outcome, "\(verdict)")
    let all = [verdict.summary] + verdict.findings + verdict.notes + verdict.unchecked.map(\.reason)
    #expect(words.isEmpty || all.contains { $0.contains(words) }, "\(words) is not in \(all)")
  }

  @Test("the oldest suite of a file is its age, and a day may be named")
  func oldest() throws {
    let text =
      "<testsuites timestamp=\"2026-11-27T11:00:00Z\">" + Self.suite(Self.one(""), "")
      + Self.suite(Self.one(""), "timestamp=\"2026-11-24T10:00:00Z\"") + "</testsuites>"
    #expect(try Self.verdict("age", text).outcome == .failed)
    #expect(try Self.verdict("age", text, spec: "newer_than: 2026-11-24").outcome == .passed)
    #expect(
      try Self.verdict("age", text, spec: "newer_than: 2026-11-24T10:01Z").outcome == .failed)
  }

  @Test("no report at all never passes", arguments: ["found", "age", "passed", "skipped"])
  func nothing(_ check: String) throws {
    let verdict = try Self.verdict(check, [:])
    #expect(verdict.outcome == .errored)
    #expect(verdict.unchecked.first?.reason == "there is no file reports")
  }

  @Test("one bad file among good ones is told, and failures are told with it")
  func several() throws {
    let files = ["reports/a.xml": Self.green, "reports/b.xml": ""]
    for check in ["found", "age", "passed", "skipped"] {
      #expect(try Self.verdict(check, files).outcome == .errored, "\(check)")
    }
    let failing = Self.suite(Self.one("<failure message=\"m\"/>"))
    let verdict = try Self.verdict("passed", files.merging(["reports/c.xml": failing]) { $1 })
    #expect(verdict.outcome == .failed)
    #expect(verdict.findings == ["shop.Cart.total: m (reports/c.xml)"])
    #expect(verdict.unchecked.count == 1)
  }

  @Test("so many tests must have been carried out")
  func atLeast() throws {
    let text = Self.suite(Self.one("") + Self.one("<skipped/>"))
    let verdict = try Self.verdict("found", text, spec: "newer_than: 1d, at_least: 2")
    #expect(verdict.outcome == .failed)
    #expect(verdict.findings.first?.contains("1 test that was carried out") == true)
    #expect(try Self.verdict("found", text, spec: "newer_than: 1d, at_least: 1").outcome == .passed)
  }

  @Test("names of many failures are told up to a bound")
  func bounded() throws {
    let cases = (0..<70).map { "<testcase name=\"t\($0)\"><failure message=\"m\"/></testcase>" }
    let verdict = try Self.verdict("passed", Self.suite(cases.joined()))
    #expect(verdict.summary == "70 of 70 tests failed")
    #expect(verdict.findings.count == 51)
    #expect(verdict.findings.last == "and 20 more failed")
  }

  static let suites: [(String, String, Outcome, String)] = [
    ("unit", green, .passed, "1 test passed"),
    ("un*", green, .passed, "1 test passed"),
    ("api", green, .failed, "no report holds the suite api; there are unit; cure:"),
    ("api", "", .errored, "is empty"),
    ("unit", suite(one("<failure message=\"m\"/>")), .failed, "shop.Cart.total: m"),
    ("unit", suite(one("<skipped/>")), .errored, "no test of the suite unit was carried out"),
    (
      "inner",
      suite(
        suite(one(""), name: "inner") + one("<failure message=\"elsewhere\"/>"), name: "outer"),
      .passed, "1 test passed"
    ),
    // Counted once, although both fit.
    ("*", suite(suite(one(""), name: "inner"), name: "outer"), .passed, "1 test passed"),
    ("unit", suite(one(""), "timestamp=\"2026-11-01T10:00:00Z\""), .errored, "too early"),
  ]

  @Test("suites that must be there", arguments: suites)
  func expected(_ name: String, _ text: String, _ outcome: Outcome, _ words: String) throws {
    let verdict = try Self.verdict(
      "suites.\(name)", text, spec: "newer_than: 24h, expect: [\"\(name)\"]")
    #expect(verdict.outcome == outcome, "\(verdict)")
    let all = [verdict.summary] + verdict.findings + verdict.unchecked.map(\.reason)
    #expect(all.contains { $0.contains(words) }, "\(words) is not in \(all)")
  }

  @Test("skipped tests warn, fail or are allowed")
  func skipping() throws {
    func step(_ spec: String) throws -> Plan.Step? {
      var migration = Migration()
      migration.head = "regression: { junit: [a, b], newer_than: 24h\(spec) }"
      return try migration.plan().steps.first { "\($0.id)".hasSuffix("junit.skipped") }
    }
    #expect(try step("")?.severity == .warn)
    #expect(try step(", skipped: fail")?.severity == .error)
    #expect(try step(", skipped: allowed") == nil)
  }

  /// Cut or changed anywhere, a report is never read as another one that passes more.
  @Test func damaged() throws {
    let whole = Array(Self.suite(Self.one("<failure message=\"m\"/>")).utf8)
    for end in 0..<whole.count {
      let text = String(decoding: whole[..<end], as: UTF8.self)
      #expect(try Self.verdict("passed", text).outcome == .errored, "\(text)")
    }
  }

  /// A failure does not vanish with any one byte that is changed.
  @Test func changed() throws {
    var migration = Migration()
    migration.head = "regression: { junit: reports, newer_than: 24h }"
    let check = try migration.step("regression.junit.passed").check
    let whole = Array(Self.suite(Self.one("<failure message=\"m\"/>")).utf8)
    for place in whole.indices {
      for byte in "<>&\"'/=! \u{0}?x-]".utf8 where byte != whole[place] {
        var bytes = whole
        bytes[place] = byte
        let text = String(decoding: bytes, as: UTF8.self)
        let verdict = try Migration.trace(
          check, source: migration.source, target: migration.target,
          files: FakeFiles(["reports/a.xml": text]), readAt: Self.readAt
        ).verdict
        #expect(verdict.outcome != .passed, "\(text)")
      }
    }
  }
}
