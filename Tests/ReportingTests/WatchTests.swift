import Diagnostics
import Reporting
import SpecCore
import Testing

/// How a watch is told to people and to programs.
@Suite struct WatchTests {
  /// A tick with a table of every kind of trouble.
  private static func report() -> WatchReport {
    var state = WatchState(ready: ReadyCondition())
    func seen(_ source: Int, _ target: Int, _ newest: TableReading.Newest) -> TableReading {
      .seen(
        TableReading.Seen(
          source: source, target: target,
          mark: .column(
            "updated_at", source: .moment(1_700_000_000_000_000),
            target: .moment(1_700_000_000_000_000 - Int64(source - target) * 1_000_000),
            isHidden: source == 5),
          newest: newest))
    }
    let names = ["customers", "orders", "order_items_of_the_past", "empty", "gone", "secret"]
    var report: WatchReport?
    for number in 0..<3 {
      let readings: [TableReading] = [
        seen(48_210, 48_210, .equal(rows: 100)),
        seen(500_000, 312_400 + number * 100, .differs(rows: 100, differing: 3)),
        seen(1_920_000_000, 1_112_000_000, .unknown("no column\u{1B}[31m")),
        .seen(TableReading.Seen(source: 0, target: 0, mark: .none, newest: .notAsked("none"))),
        number == 0 ? seen(9, 9, .nothing) : .failed("source: password=secret was refused"),
        seen(5, 6, .equal(rows: 5)),
      ]
      report = state.add(
        WatchTick(
          at: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number) * 10_000_000),
          replica: .behind(0.5),
          readings: zip(names, readings).map { (WatchedTable(title: $0), $1) }))
    }
    guard let report else { preconditionFailure("three ticks were fed") }
    return report
  }

  @Test(arguments: [80, 50, 30])
  func screen(_ width: Int) {
    let view = WatchView(title: "Shop  production", every: 30, look: .plain)
    let lines = view.lines(Self.report(), width: width, silence: "no answer for 61s")
    #expect(lines.allSatisfy { $0.count <= width }, "\(lines)")
    #expect(!lines.joined().contains("\u{1B}"))
    #expect(!lines.joined().contains("=secret"))
    guard width == 80 else { return }
    #expect(
      lines.prefix(9) == [
        "Shop  production  tick 3  22:13:40 UTC  not ready", "    no answer for 61s",
        "  table              source      target    missing  rows/s   left    lag newest",
        "✓ customers          48,210      48,210          0       0      -     0s equal",
        "… orders            500,000     312,600    187,400      10     5h     2d differs",
        "! order_items_…      1,920M      1,112M       808M       0      -  9351d unknown",
        "    STALLED: nothing has come for 2 ticks",
        "… empty                   0           0          0       0      -      - skipped",
        "✗ gone                    9           9          0       -      -     0s -",
      ])
  }

  @Test func log() {
    let view = WatchView(title: "Shop", every: 30, look: .plain)
    let lines = Self.report().tables.map(view.line)
    #expect(lines[0] == "OK    customers  48,210 of 48,210 rows, lag 0s, newest equal")
    #expect(
      lines[1]
        == "WAIT  orders  312,600 of 500,000 rows, 10 rows/s, about 5h12m20s left, lag 2d, newest differs"
    )
    #expect(lines[2].hasPrefix("STALL order_items_of_the_past  "))
    #expect(lines[4].hasPrefix("ERR   gone  9 of 9 rows") && !lines[4].contains("=secret"))
    #expect(lines[5].hasSuffix("the target has 1 row more than the source"))
  }

  @Test func line() throws {
    let json = WatchJSON(
      runID: "r", spec: SpecIdentity(path: "shop.yml", name: "Shop", slug: "shop", sha256: "0"),
      environment: nil, startedAt: Timestamp(microseconds: 1_700_000_000_000_000),
      condition: ReadyCondition())
    let text = json.line(Self.report(), facts: [:])
    #expect(text.last == "\n" && !text.dropLast().contains("\n"))
    let value = try JSONValue.parse(text)
    #expect(value["format"]?.text == "parity.watch/1")
    #expect(value["elapsed_seconds"] == .integer(20) || value["elapsed_seconds"] == .number(20))
    let tables = try #require(value["tables"]?.elements)
    #expect(
      tables.map { $0["verdict"]?.text } == [
        "holds", "waits", "waits", "waits", "unknown", "waits",
      ])
    #expect(tables[1]["estimated_end"]?.text == "2023-11-15T03:26:00Z")
    #expect(tables[0]["high_water"]?["source"]?.text == "2023-11-14T22:13:20.000000Z")
    #expect(tables[5]["high_water"]?["source"] == .null, "a sensitive column's value")
    #expect(tables[4]["error"]?.text?.contains("=secret") == false)
    let end = json.line(
      end: "ready", sentence: "READY", Self.report(),
      at: Timestamp(microseconds: 1_700_000_030_000_000), exitCode: 0)
    #expect(try JSONValue.parse(end)["type"]?.text == "end")
  }
}
