import Diagnostics
import SpecCore
import Testing

/// A watch's arithmetic, over tables of ticks.
@Suite struct WatchStateTests {
  private static let orders = WatchedTable(title: "orders")

  /// A look at a table with a column of moments, in seconds since a point in time.
  private static func seen(
    _ source: Int, _ target: Int, marks: (Int?, Int?)? = nil,
    newest: TableReading.Newest = .equal(rows: 10)
  ) -> TableReading {
    func mark(_ second: Int?) -> HighWater? {
      second.map { .moment(1_700_000_000_000_000 + Int64($0) * 1_000_000) }
    }
    let (first, second) = marks ?? (source, target)
    return .seen(
      TableReading.Seen(
        source: source, target: target,
        mark: .column("updated_at", source: mark(first), target: mark(second)), newest: newest))
  }

  /// A look at a table whose column counts.
  private static func counting(_ source: Int, _ target: Int) -> TableReading {
    .seen(
      TableReading.Seen(
        source: source, target: target,
        mark: .column("id", source: .number(source), target: .number(target)),
        newest: .equal(rows: 10)))
  }

  private static func marked(
    _ mark: TableReading.Mark, _ newest: TableReading.Newest
  ) -> TableReading {
    .seen(TableReading.Seen(source: 5, target: 5, mark: mark, newest: newest))
  }

  /// What is expected of one tick, in a word for a reader of the table.
  private func words(_ report: WatchReport) -> String {
    report.tables.map { table in
      var parts: [String] = []
      switch table.verdict {
      case .holds: parts.append("holds")
      case .waits(let reasons): parts.append("waits: \(reasons.joined(separator: ", "))")
      case .unknown(let reasons): parts.append("unknown: \(reasons.joined(separator: ", "))")
      }
      if table.isStalled { parts.append("stalled") }
      if table.shrunk > 0 { parts.append("shrunk by \(table.shrunk)") }
      return parts.joined(separator: "; ")
    }.joined(separator: " | ")
  }

  struct Story: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var ready = ReadyCondition(ticks: 2)
    var table = WatchStateTests.orders
    var replica = WatchTick.Replica.none
    /// Looks, ten seconds apart.
    let looks: [TableReading]
    let expected: [String]
    /// The tick that says ready; `nil` for none.
    var readyAt: Int?
  }

  static let stories: [Story] = [
    Story(
      testDescription: "a copy comes to its end",
      looks: [
        seen(100, 0, marks: (100, nil), newest: .nothing), seen(100, 70), seen(100, 100),
        seen(100, 100),
      ],
      expected: [
        "waits: 100 rows behind, no row with a value of updated_at has come, "
          + "no newest row to compare has come",
        "waits: 30 rows behind", "holds", "holds",
      ], readyAt: 4),
    Story(
      testDescription: "a stall is shown at the second tick without progress, and ends with it",
      looks: [seen(100, 20), seen(100, 40), seen(100, 40), seen(100, 40), seen(100, 41)],
      expected: [
        "waits: 80 rows behind, 80s behind", "waits: 60 rows behind", "waits: 60 rows behind",
        "waits: 60 rows behind; stalled", "waits: 59 rows behind",
      ]),
    Story(
      testDescription: "updates that do not come are a stall too",
      looks: [
        seen(9, 9, marks: (50, 10)), seen(9, 9, marks: (60, 10)), seen(9, 9, marks: (90, 10)),
      ],
      expected: ["holds", "holds", "waits: 80s behind; stalled"], readyAt: 2),
    Story(
      testDescription: "an error starts the count again, and its numbers are older",
      looks: [seen(9, 9), .failed("source: gone"), seen(9, 9), seen(9, 9)],
      expected: ["holds", "unknown: source: gone", "holds", "holds"], readyAt: 4),
    Story(
      testDescription: "an error in a stall neither ends nor lengthens it",
      looks: [seen(100, 90), seen(100, 90), .failed("gone"), seen(100, 90)],
      expected: [
        "waits: 10 rows behind", "waits: 10 rows behind", "unknown: gone",
        "waits: 10 rows behind; stalled",
      ]),
    Story(
      testDescription: "more rows than the source is not ready, and no stall",
      looks: [seen(9, 10), seen(9, 10), seen(9, 10)],
      expected: ["waits: 1 row too many", "waits: 1 row too many", "waits: 1 row too many"]),
    Story(
      testDescription: "a source that loses rows is told",
      looks: [seen(9, 9), seen(7, 9, marks: (9, 9)), seen(7, 7, marks: (9, 9))],
      expected: ["holds", "waits: 2 rows too many; shrunk by 2", "holds"]),
    Story(
      testDescription: "two empty tables are never ready",
      looks: [seen(0, 0, marks: (nil, nil), newest: .nothing)],
      expected: ["waits: both tables are empty (write `row_count: 0` if that is right)"]),
    Story(
      testDescription: "… nor within any per cent",
      table: WatchedTable(title: "orders", rows: .withinRows(5)),
      looks: [seen(0, 0, marks: (nil, nil), newest: .nothing)],
      expected: ["waits: both tables are empty (write `row_count: 0` if that is right)"]),
    Story(
      testDescription: "… unless the spec says that they are empty",
      table: WatchedTable(title: "orders", rows: .exactly(source: 0, target: 0)),
      looks: [
        seen(0, 0, marks: (nil, nil), newest: .nothing),
        seen(0, 0, marks: (nil, nil), newest: .nothing),
      ],
      expected: ["holds", "holds"], readyAt: 2),
    Story(
      testDescription: "a number of rows is exact",
      table: WatchedTable(title: "orders", rows: .exactly(source: 9, target: 9)),
      looks: [seen(8, 8)], expected: ["waits: the source holds 8 rows, not 9"]),
    Story(
      testDescription: "a tolerance is one",
      table: WatchedTable(title: "orders", rows: .withinRows(1)), looks: [seen(9, 8), seen(9, 7)],
      expected: ["holds", "waits: 2 rows behind"]),
    Story(
      testDescription: "numbers are no time: none may be behind",
      looks: [counting(9, 8), counting(9, 9)],
      expected: ["waits: 1 row behind, id is 1 behind", "holds"]),
    Story(
      testDescription: "newest rows that differ are seen",
      looks: [seen(9, 9, newest: .differs(rows: 9, differing: 1))],
      expected: ["waits: 1 row of the newest differs"]),
    Story(
      testDescription: "what cannot be told is not ready",
      looks: [
        marked(.unknown("no column"), .unknown("no column")),
        marked(.column("at", source: nil, target: nil), .unknown("no value")),
        marked(.column("at", source: .number(1), target: .day(1)), .equal(rows: 1)),
      ],
      expected: [
        "unknown: no column", "unknown: no row of the source has a value of at, no value",
        "unknown: at cannot be compared",
      ]),
    Story(
      testDescription: "unless the spec says that there is no such column",
      looks: [marked(.none, .notAsked("none")), marked(.none, .notAsked("none"))],
      expected: ["holds", "holds"], readyAt: 2),
    Story(
      testDescription: "what is not asked does not matter",
      ready: ReadyCondition(lag: nil, rows: .equal, newest: .skip, ticks: 1),
      looks: [marked(.unknown("no column"), .unknown("no column"))],
      expected: ["holds"], readyAt: 1),
    Story(
      testDescription: "a follower's own lag adds up",
      replica: .behind(50), looks: [seen(90, 90, marks: (90, 75)), seen(90, 90)],
      expected: ["waits: 65s behind", "holds"]),
    Story(
      testDescription: "… and counts beside numbers and nothing",
      replica: .behind(61), looks: [counting(9, 9), marked(.none, .notAsked("none"))],
      expected: [
        "waits: the source is 61s behind its own primary",
        "waits: the source is 61s behind its own primary; shrunk by 4",
      ]),
    Story(
      testDescription: "a follower that cannot tell is not known",
      replica: .unknown, looks: [seen(9, 9)],
      expected: ["unknown: the source does not tell how far it is behind its own primary"]),
    Story(
      testDescription: "a target ahead of its source is within every lag",
      looks: [seen(9, 9, marks: (10, 20))], expected: ["holds"]),
  ]

  @Test(arguments: stories)
  func tells(_ story: Story) {
    var state = WatchState(ready: story.ready)
    var readyAt: Int?
    var told: [String] = []
    for (number, look) in story.looks.enumerated() {
      let report = state.add(
        WatchTick(
          at: Timestamp(microseconds: Int64(number) * 10_000_000), replica: story.replica,
          readings: [(story.table, look)]))
      told.append(words(report))
      if report.isReady, readyAt == nil { readyAt = number + 1 }
    }
    #expect(told == story.expected)
    #expect(readyAt == story.readyAt)
  }

  @Test("rows a second and the end follow the last ticks")
  func pace() throws {
    var state = WatchState(ready: ReadyCondition())
    var last: TableStanding?
    for (second, target) in [(0, 0), (10, 100), (20, 200), (30, 300)] {
      let report = state.add(
        WatchTick(
          at: Timestamp(microseconds: Int64(second) * 1_000_000),
          readings: [(Self.orders, Self.seen(1_000 + second, target))]))
      last = report.tables.first
      if second == 0 { #expect(last?.rate == nil && last?.secondsLeft == nil) }
    }
    #expect(last?.rate == 10)
    // 730 rows are missing, and the source grows by one row a second.
    #expect(try #require(last?.secondsLeft) == 730.0 / 9)
  }

  @Test("a clock that is set back gives no rate, and the next look one again")
  func clock() {
    var state = WatchState(ready: ReadyCondition())
    let rates = [(100, 0), (50, 10), (60, 30)].map { second, target in
      state.add(
        WatchTick(
          at: Timestamp(microseconds: Int64(second) * 1_000_000),
          readings: [(Self.orders, Self.seen(100, target))])
      ).tables.first?.rate
    }
    #expect(rates == [nil, nil, 2])
  }

  @Test("a side that is not reached leaves what was known, and is never ready")
  func lost() {
    var state = WatchState(ready: ReadyCondition(ticks: 1))
    let nothing = state.add(
      WatchTick(at: Timestamp(microseconds: 0), failures: [.target: "refused"]))
    #expect(!nothing.isReady && nothing.tables.isEmpty)
    #expect(nothing.reasons == ["no connection to the target: refused"])
    _ = state.add(
      WatchTick(at: Timestamp(microseconds: 1), readings: [(Self.orders, Self.seen(9, 8))]))
    let lost = state.add(
      WatchTick(at: Timestamp(microseconds: 2), failures: [.target: "refused"]))
    #expect(!lost.isReady && !lost.isBehind)
    #expect(lost.tables.map(\.error) == ["refused"])
    #expect(lost.tables.map(\.missing) == [1])
  }

  @Test("a table that is looked at no longer is not ready")
  func forgotten() {
    var state = WatchState(ready: ReadyCondition(ticks: 1))
    let both = [(Self.orders, Self.seen(9, 9)), (WatchedTable(title: "b"), Self.seen(9, 9))]
    #expect(state.add(WatchTick(at: Timestamp(microseconds: 0), readings: both)).isReady)
    let one = WatchTick(at: Timestamp(microseconds: 1), readings: [both[0]])
    #expect(!state.add(one).isReady)
    #expect(!state.add(WatchTick(at: Timestamp(microseconds: 2))).isReady)
  }

  @Test("no table is never ready")
  func nothing() {
    var state = WatchState(ready: ReadyCondition(ticks: 1))
    #expect(!state.add(WatchTick(at: Timestamp(microseconds: 0))).isReady)
  }
}

/// What a spec says of a watch.
@Suite struct WatchSpecTests {
  private func spec(_ watch: String, tables: String = "[orders, customers]") throws -> Spec {
    let text = """
      version: 1
      name: Shop
      source: { postgres: $A }
      target: { snowflake: a }
      tables: \(tables)
      \(watch)

      """
    return try SpecReader.read(SourceFile(name: "shop.yml", text: text))
  }

  private func plan(_ spec: Spec) throws -> WatchPlan {
    Planner(
      spec: spec, slug: "shop", source: try #require(spec.source),
      target: try #require(spec.target)
    ).watch()
  }

  @Test func defaults() throws {
    let spec = try spec("")
    #expect(try plan(spec).tables.map(\.table.title) == ["orders", "customers"])
    let ready = ReadyCondition(spec.watch?.ready)
    #expect(
      ready.words == "as many rows, at most 1m behind, newest rows equal, 3 ticks in a row")
  }

  @Test func written() throws {
    let spec = try spec(
      """
      watch:
        every: 200ms
        tables: [orders]
        high_water: { orders: updated_at }
        ready: { lag: skip, rows: { within: 0.1% }, newest: skip, ticks: 1 }
      """)
    #expect(try plan(spec).tables.map(\.table.title) == ["orders"])
    #expect(spec.watch?.every?.seconds == 0.2)
    let ready = ReadyCondition(spec.watch?.ready)
    #expect(ready.words == "row counts as near as the spec allows, 1 tick in a row")
    #expect(ready.lag == nil && ready.newest == .skip)
  }

  @Test("a table's own number of rows counts more")
  func ownCount() throws {
    let spec = try spec("watch: { every: 1s }", tables: "{ orders: { row_count: 0 }, customers: }")
    #expect(try plan(spec).tables.map(\.table.rows) == [.exactly(source: 0, target: 0), .equal])
  }
}
