/// What is known after some ticks: fed with one after the other, it says how everything stands.
///
/// A function of what it is fed: it knows no clock and no database.
package struct WatchState: Sendable {
  private let ready: ReadyCondition
  private let stalledAfter: Int
  private var number = 0
  private var readyTicks = 0
  private var order: [WatchedTable] = []
  private var histories: [String: History] = [:]

  /// So many looks are the base of rates.
  private static let window = 6

  /// What is remembered of a table.
  private struct History: Sendable {
    /// The last looks that saw something, the latest last.
    var points: [Point] = []
    var seen: TableReading.Seen?
    var idleTicks = 0
    var errorTicks = 0
  }

  private struct Point: Sendable {
    let at: Timestamp
    let target: Int
    let missing: Int
  }

  package init(ready: ReadyCondition, stalledAfter: Int = WatchSpec.defaultStalledAfter) {
    self.ready = ready
    self.stalledAfter = stalledAfter
  }

  /// Whether one more good tick makes it ready.
  package var isAlmostReady: Bool { readyTicks + 1 >= ready.ticks }

  /// Takes what a tick saw.
  package mutating func add(_ tick: WatchTick) -> WatchReport {
    number += 1
    for (table, _) in tick.readings where !order.contains(table) { order.append(table) }
    let readings = Dictionary(
      tick.readings.map { ($0.table.title, $0.reading) }, uniquingKeysWith: { first, _ in first })
    let lost = Side.allCases.compactMap { tick.failures[$0] }.first ?? "it was not looked at"
    let standings = order.map { table in
      standing(table, readings[table.title] ?? .failed(lost), tick)
    }
    let holds =
      tick.failures.isEmpty && !standings.isEmpty && standings.allSatisfy { $0.verdict == .holds }
    readyTicks = holds ? readyTicks + 1 : 0
    return WatchReport(
      number: number, at: tick.at, failures: tick.failures, replica: tick.replica,
      tables: standings, readyTicks: readyTicks, wantedTicks: ready.ticks)
  }

  private mutating func standing(
    _ table: WatchedTable, _ reading: TableReading, _ tick: WatchTick
  ) -> TableStanding {
    var history = histories[table.title] ?? History()
    defer { histories[table.title] = history }
    var standing = TableStanding(title: table.title)
    switch reading {
    case .failed(let reason):
      history.errorTicks += 1
      standing.seen = history.seen
      standing.error = reason
      standing.errorTicks = history.errorTicks
      standing.verdict = .unknown([reason])
      standing.lag = history.seen.flatMap { Self.lag($0.mark) }
    case .seen(let seen):
      history.errorTicks = 0
      let lag = Self.lag(seen.mark)
      standing.seen = seen
      standing.lag = lag
      if let before = history.seen {
        standing.shrunk = max(0, before.source - seen.source)
        let isBehind = seen.source > seen.target || lag?.isBehind == true
        history.idleTicks = isBehind && !Self.hasMoved(before, seen) ? history.idleTicks + 1 : 0
      }
      history.seen = seen
      // A clock that was set back makes earlier looks useless for rates.
      if let last = history.points.last, last.at >= tick.at { history.points = [] }
      history.points.append(
        Point(at: tick.at, target: seen.target, missing: seen.source - seen.target))
      history.points.removeFirst(max(0, history.points.count - Self.window))
      (standing.rate, standing.secondsLeft) = Self.pace(history.points)
      standing.verdict = verdict(table, seen, lag, tick.replica)
    }
    standing.idleTicks = history.idleTicks
    standing.isStalled = history.idleTicks >= stalledAfter
    if standing.isStalled, standing.error == nil {
      // What came before the stall says nothing of when it will end.
      (standing.rate, standing.secondsLeft) = (0, nil)
    }
    return standing
  }

  private static func lag(_ mark: TableReading.Mark) -> WatchLag? {
    guard case .column(_, let source?, let target?, _) = mark else { return nil }
    return source.lag(of: target)
  }

  /// Whether anything came to the target between two looks.
  private static func hasMoved(_ before: TableReading.Seen, _ now: TableReading.Seen) -> Bool {
    if now.target > before.target { return true }
    guard case .column(_, _, let new?, _) = now.mark else { return false }
    guard case .column(_, _, let old?, _) = before.mark else { return true }
    return new.lag(of: old)?.isBehind ?? false
  }

  /// Rows a second, and how long what is missing will still take.
  private static func pace(_ points: [Point]) -> (rate: Double?, secondsLeft: Double?) {
    guard let first = points.first, let last = points.last, last.at > first.at else {
      return (nil, nil)
    }
    let seconds = last.at.seconds(since: first.at)
    let rate = Double(last.target - first.target) / seconds
    guard last.missing > 0 else { return (rate, nil) }
    // The source may grow meanwhile: what counts is how fast the gap closes.
    let closing = Double(first.missing - last.missing) / seconds
    return (rate, closing > 0 ? Double(last.missing) / closing : nil)
  }

  // MARK: Readiness

  /// Reasons against being ready: those that were seen, and what could not be told.
  private struct Reasons {
    var seen: [String] = []
    var unknown: [String] = []

    mutating func add(unknown reason: String) {
      if !unknown.contains(reason) { unknown.append(reason) }
    }
  }

  private func verdict(
    _ table: WatchedTable, _ seen: TableReading.Seen, _ lag: WatchLag?,
    _ replica: WatchTick.Replica
  ) -> TableStanding.Verdict {
    var reasons = Reasons()
    if let reason = Self.rows(table.rows, seen) { reasons.seen.append(reason) }
    // Where the source has no row there is nothing that could be late.
    if seen.source > 0 {
      if let limit = ready.lag { judge(lag, within: limit, seen.mark, replica, &reasons) }
      if ready.newest == .equal { judge(seen.newest, &reasons) }
    }
    if !reasons.seen.isEmpty { return .waits(reasons.seen + reasons.unknown) }
    return reasons.unknown.isEmpty ? .holds : .unknown(reasons.unknown)
  }

  /// Why the numbers of rows are not as they must be.
  private static func rows(
    _ wanted: RowCountExpectation, _ seen: TableReading.Seen
  ) -> String? {
    let (source, target) = (seen.source, seen.target)
    let difference = counted(abs(source - target), "row")
    let gap = source > target ? "\(difference) behind" : "\(difference) too many"
    switch wanted {
    case .exactly(let source, let target):
      if seen.source != source {
        return "the source holds \(grouped(seen.source)) rows, not \(grouped(source))"
      }
      return seen.target == target
        ? nil : "the target holds \(grouped(seen.target)) rows, not \(grouped(target))"
    case _ where source == 0 && target == 0:
      // Two empty tables are the same before anything was copied.
      return "both tables are empty (write `row_count: 0` if that is right)"
    case .equal: return source == target ? nil : gap
    case .withinRows(let rows): return abs(source - target) <= rows ? nil : gap
    case .withinPercent(let percent):
      return RowCountExpectation.isWithin(source, target, percent) ? nil : gap
    case .skip: return nil
    }
  }

  private func judge(
    _ lag: WatchLag?, within limit: Double, _ mark: TableReading.Mark,
    _ replica: WatchTick.Replica, _ reasons: inout Reasons
  ) {
    var behind = 0.0
    switch replica {
    case .none: break
    case .behind(let seconds): behind = max(0, seconds)
    case .unknown:
      reasons.add(unknown: "the source does not tell how far it is behind its own primary")
    }
    switch (mark, lag) {
    case (.none, _):
      if behind > limit {
        reasons.seen.append("the source is \(Self.words(behind)) behind its own primary")
      }
    case (.unknown(let reason), _): reasons.add(unknown: reason)
    case (.column(let name, nil, _, _), _):
      reasons.add(unknown: "no row of the source has a value of \(name)")
    case (.column(let name, _, nil, _), _):
      reasons.seen.append("no row with a value of \(name) has come")
    case (.column(let name, _, _, _), nil): reasons.add(unknown: "\(name) cannot be compared")
    case (_, .seconds(let seconds)?):
      let whole = max(0, seconds) + behind
      if whole > limit { reasons.seen.append("\(Self.words(whole)) behind") }
    case (.column(let name, _, _, _), .steps(let steps)?):
      // Numbers are no time: nothing may be behind.
      if steps > 0 { reasons.seen.append("\(name) is \(grouped(steps)) behind") }
      if behind > limit {
        reasons.seen.append("the source is \(Self.words(behind)) behind its own primary")
      }
    }
  }

  private func judge(_ newest: TableReading.Newest, _ reasons: inout Reasons) {
    switch newest {
    case .equal, .notAsked: break
    case .differs(_, let differing):
      reasons.seen.append(
        "\(counted(differing, "row")) of the newest \(differing == 1 ? "differs" : "differ")")
    case .nothing: reasons.seen.append("no newest row to compare has come")
    case .unknown(let reason): reasons.add(unknown: reason)
    }
  }

  /// `75s`, rounded up so that a limit and what is beyond it do not read alike.
  private static func words(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e12))
    return TimeSpan(seconds: Double(Double(whole) < seconds ? whole + 1 : whole)).words
  }
}
