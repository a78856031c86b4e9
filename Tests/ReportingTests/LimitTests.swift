import Reporting
import SpecCore
import Testing

/// A report is shortened where it would be too long, and what failed stays in sight.
@Suite struct LimitTests {
  static func report(_ run: RunResult, cases: Int = 20_000, bytes: Int = 10_000_000) -> String {
    JUnitReporter(limits: .init(cases: cases, bytes: bytes)).render(run)
  }

  static func count(_ word: String, in text: String) -> Int {
    text.ranges(of: word).count
  }

  @Test func withinLimitsNothingIsLeftOut() {
    let text = Self.report(Sample.many(suites: 10, cases: 30))
    #expect(Self.count("<testcase ", in: text) == 300)
    #expect(!text.contains("report.shortened"))
  }

  @Test func outputOfPassedCasesGoesFirst() {
    let run = Sample.many(suites: 10, cases: 30)
    let whole = Self.report(run)
    let text = Self.report(run, bytes: whole.utf8.count - 1)
    #expect(text.utf8.count < whole.utf8.count)
    #expect(Self.count("<testcase ", in: text) == 300)
    #expect(Self.count("<failure ", in: text) == 100)
    #expect(text.contains("the output of passed checks is left out"))
  }

  @Test func passedCasesOfASuiteBecomeOne() {
    let text = Self.report(Sample.many(suites: 10, cases: 30), cases: 299)
    #expect(Self.count("<failure ", in: text) == 100)
    #expect(Self.count("<error ", in: text) == 30)
    #expect(Self.count("name=\"pass_together\"", in: text) == 10)
    #expect(Self.count("<testcase ", in: text) == 140)
    #expect(text.contains("name=\"shop.tables.object_1\" file=\"specs/shop.yml\" tests=\"14\""))
  }

  @Test func whatDidNotPassIsCountedToTheEnd() {
    let text = Self.report(Sample.many(suites: 40, cases: 300), cases: 2_000)
    #expect(Self.count("<testcase ", in: text) == 1_003)
    #expect(text.contains("name=\"shop.further\""))
    #expect(text.contains("further checks failed; the first is shop.tables.object_"))
    #expect(text.contains("further checks could not be checked; the first is"))
  }

  /// However short a report is, nothing that is waived is counted as passed.
  @Test func waivedCasesStaySkipped() throws {
    let run = try #require(Sample.all.first { $0.name == "waived" }).run
    for cases in [3, 4, 100] {
      let text = Self.report(run, cases: cases)
      #expect(Self.count("<skipped ", in: text) == 2)
      #expect(Self.count("message=\"waived until 2027-01-31 by dan@example.com", in: text) == 2)
    }
  }

  @Test func accountsEndInTime() throws {
    let sql = String(repeating: "SELECT '\u{7}[31m' FROM somewhere;\n", count: 10_000)
    let result = Sample.result(
      "tables.orders", "checksum",
      statements: [ExecutedStatement(side: .source, sql: sql, seconds: 1, rows: 1)],
      Verdict(summary: String(repeating: "[1m ", count: 2_000), findings: ["a", "b"]))
    let text = Self.report(Sample.run([Sample.suite("shop.tables.orders", [result])]))
    let message = try #require(text.firstMatch(of: /message="([^"]*)"/)).output.1
    #expect(message.unicodeScalars.count == 1_000)
    let account = try #require(text.firstMatch(of: /(?s)<failure [^>]*>(.*)<\/failure>/)).output.1
    let characters = account.replacing("&gt;", with: ">").unicodeScalars.count
    #expect((60_000...65_535).contains(characters))
    #expect(account.hasPrefix(message))
    #expect(account.hasSuffix("more characters are in the JSON report)"))
  }

  @Test func namesAreUniqueAndShort() {
    let long = String(repeating: "x", count: 300)
    let cases = [long, long, long + "y", "", "a\nb"].map {
      Sample.result("tables.orders", $0, Verdict(summary: "same"))
    }
    let suites = ["shop.tables.orders", "shop.tables.orders", "lonely", "a b..c."].map {
      Sample.suite($0, cases)
    }
    let text = Self.report(Sample.run(suites))
    let names = text.matches(of: /<testsuite name="([^"]*)"/).map { String($0.output.1) }
    #expect(
      names == ["shop.tables.orders", "shop.tables.orders~2", "parity.lonely", "a_b.c"])
    let cases1 = text.matches(of: /<testcase name="([^"]*)"/).prefix(5).map { $0.output.1.count }
    #expect(cases1 == [255, 255, 255, 5, 3])
  }
}
