import Diagnostics
import Reporting
import SpecCore
import Testing

/// The lines of a run under way.
@Suite struct LiveViewTests {
  static let ascii = Look(style: .plain, usesUnicode: false)

  static func suites(_ name: String) throws -> [SuiteResult] {
    try #require(Sample.all.first { $0.name == name }).run.suites
  }

  @Test func finishedSuites() throws {
    let suites =
      try Self.suites("warned") + Self.suites("mismatch").suffix(1) + Self.suites("errors")
      + Self.suites("skipped").prefix(1)
    let lines = suites.flatMap { suiteLines($0, look: .plain, width: 80) }
    #expect(
      lines == [
        "  ✓ customers           2 checks                                           4.13s",
        "  ⚠ page_views          1 warning: row_count 48,210 → 48,190 (−0.04 %)     0.30s",
        "      WARN row_count: 48,210 → 48,190 (−0.04 %)",
        "  ✗ orders              2 of 2 failed: checksum, row_count                 9.93s",
        "      FAIL checksum: 2 of 48,210 rows differ; 1 row is missing in Snowflake",
        "      FAIL row_count: 48,211 ≠ 48,210",
        "  ? roles               1 of 1 could not be checked: members.ANALYST       4.13s",
        "      ERR  members.ANALYST: permission denied: SHOW GRANTS",
        "  - approvals           1 of 1 skipped: data_owner                         4.13s",
      ])
  }

  /// What is waived is said of a suite before it is called good, and after what is worse.
  @Test func waivedSuites() throws {
    let lines = try Self.suites("waived").dropFirst(2).prefix(1).flatMap {
      suiteLines($0, look: .plain, width: 80)
    }
    #expect(
      lines == [
        "  ~ orders              1 of 2 waived: checksum                            9.93s",
        "      WAIVED checksum: 2 of 48,210 rows differ; 1 row is missing in Snowflake",
      ])
  }

  @Test(arguments: [40, 60, 80, 200]) func linesFit(_ width: Int) {
    for sample in Sample.all {
      for suite in sample.run.suites {
        for line in suiteLines(suite, look: Self.ascii, width: width) where line.isASCII {
          #expect(line.count <= width)
        }
      }
    }
  }

  @Test func marksInASCII() throws {
    let marks = try (Self.suites("warned") + Self.suites("mismatch").suffix(1)).map {
      suiteLine($0, look: Self.ascii, width: 80).prefix(4)
    }
    #expect(marks == ["  + ", "  ! ", "  x "])
  }

  @Test func progress() {
    func line(_ width: Int, done: Int = 31) -> String {
      progressLine(
        done: done, total: 54, failed: 1, warned: 1, errored: 0, elapsed: 72, width: width,
        look: .plain)
    }
    #expect(
      line(80)
        == "[############----------]  31/54   1 failed  1 warning   1m12s, about 53s left")
    #expect(line(60) == "31/54   1 failed  1 warning   1m12s, about 53s left")
    #expect(line(50) == "[######-----]  31/54   1 failed  1 warning   1m12s")
    #expect(line(30) == "31/54   1 failed  1 warning  …")
    #expect(line(80, done: 54).hasPrefix("[######################]  54/54"))
    #expect(!line(80, done: 1).contains("left"))
    // What is known to take longer than the cases seem to is believed, and so is that nobody knows.
    func end(_ elapsed: Double, atLeast: Double?) -> String {
      progressLine(
        done: 50, total: 54, failed: 0, warned: 0, errored: 0, elapsed: elapsed,
        atLeast: atLeast, width: 80, look: .plain)
    }
    #expect(end(72, atLeast: 125).hasSuffix("50/54   1m12s, about 2m05s left"))
    #expect(end(72, atLeast: 3).hasSuffix("50/54   1m12s, about 6s left"))
    #expect(end(72, atLeast: nil).hasSuffix("50/54   1m12s"))
    #expect(end(4, atLeast: 0).hasSuffix("50/54   4s"))
  }

  @Test func runningAndWaiting() {
    let running = runningLine(
      suite: "shop.tables.order_items", words: "checksum", frame: 3, elapsed: 31, look: .plain,
      width: 60)
    #expect(running == "  ⠸ order_items         checksum                       31.0s")
    func known(_ rows: [String], others: Int = 0, _ width: Int) -> String {
      runningLine(
        suite: "shop.tables.orders", words: "checksum", rows: rows, others: others, frame: 0,
        elapsed: 31, look: .plain, width: width)
    }
    let rows = ["1,200 of 5,000 rows, about 9s left", "1.2k of 5.0k rows"]
    #expect(
      known(rows, others: 2, 100).contains(
        "checksum: 1,200 of 5,000 rows, about 9s left, and 2 more"))
    #expect(known(rows, others: 2, 80).contains("checksum: 1.2k of 5.0k rows, and 2 more  "))
    #expect(known(rows, 80).contains("checksum: 1,200 of 5,000 rows, about 9s left  "))
    #expect(known(rows, others: 2, 65).contains("checksum: 1.2k of 5.0k rows  "))
    #expect(known(rows, others: 2, 55).contains("checksum, and 2 more  "))
    for width in 45...120 { #expect(known(rows, others: 12, width).count <= width) }
    let id = CheckID(spec: "shop", section: "tables", object: "order_items", check: "checksum")
    #expect(
      waitingLine(id, seconds: 30, rows: rows[0])
        == "...  shop.tables.order_items.checksum  still running, 30s: " + rows[0])
    #expect(
      waitingLine(id, seconds: 30) == "...  shop.tables.order_items.checksum  still running, 30s")
  }

  @Test func opening() {
    let line = openingLine(
      spec: "specs/shop.yml", environment: "rehearsal", checks: 54,
      source: "heroku follower (lag 0.4 s)", target: "snowflake ACME.SHOP", look: .plain)
    #expect(
      line == "shop.yml  rehearsal  54 checks  heroku follower (lag 0.4 s) → snowflake ACME.SHOP")
  }

  @Test(arguments: [
    (0.004, "0.00s"), (9.99, "9.99s"), (9.996, "10.0s"), (59.94, "59.9s"), (59.96, "1m00s"),
    (123.4, "2m03s"), (3_599.6, "1h00m00s"), (3_723, "1h02m03s"), (-1, "0.00s"), (.nan, "0.00s"),
  ])
  func durations(_ seconds: Double, _ words: String) {
    let result = Sample.result("tables.orders", "x", seconds: seconds, Verdict(summary: ""))
    #expect(caseLine(result, look: .plain) == "PASS shop.tables.orders.x  \(words)")
  }
}

extension String {
  fileprivate var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
