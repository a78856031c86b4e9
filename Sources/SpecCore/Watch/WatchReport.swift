/// How a table stands after a tick.
package struct TableStanding: Hashable, Sendable {
  package let title: String
  /// What was seen last; from an earlier tick while ``error`` says why this one saw nothing.
  package var seen: TableReading.Seen?
  /// Why the last look failed, and how many in a row did.
  package var error: String?
  package var errorTicks = 0
  /// Rows a second that reach the target, over the last ticks.
  package var rate: Double?
  /// Seconds until nothing is missing, at the pace of the last ticks.
  package var secondsLeft: Double?
  /// How far the target's mark is behind the source's; below zero where it is ahead.
  package var lag: WatchLag?
  /// Ticks in a row in which nothing came although something is missing.
  package var idleTicks = 0
  package var isStalled = false
  /// Rows that the source has lost since the look before.
  package var shrunk = 0
  package var verdict = Verdict.holds

  package init(title: String) { self.title = title }

  /// Rows that the target lacks; below zero where it has more.
  package var missing: Int? { seen.map { $0.source - $0.target } }

  /// Whether the table is as it must be.
  package enum Verdict: Hashable, Sendable {
    case holds
    /// It is seen that it is not, in sentences.
    case waits([String])
    /// It cannot be told, in sentences.
    case unknown([String])

    /// What keeps it from being ready.
    package var reasons: [String] {
      switch self {
      case .holds: []
      case .waits(let reasons), .unknown(let reasons): reasons
      }
    }
  }
}

/// How everything stands after a tick.
package struct WatchReport: Sendable {
  /// Counted from 1.
  package let number: Int
  package let at: Timestamp
  package let failures: [Side: String]
  package let replica: WatchTick.Replica
  package let tables: [TableStanding]
  /// In how many ticks in a row, this one included, everything was as it must be.
  package let readyTicks: Int
  /// In how many it must be.
  package let wantedTicks: Int

  /// Whether everything is as it must be in this tick.
  package var holds: Bool { readyTicks > 0 }

  /// Whether it was long enough.
  package var isReady: Bool { readyTicks >= wantedTicks }

  /// Whether something was seen not to be as it must be; `false` where it could not be told.
  package var isBehind: Bool {
    tables.contains { if case .waits = $0.verdict { true } else { false } }
  }

  /// What keeps the target from being ready: `orders: 1,204 rows behind`.
  package var reasons: [String] {
    let sides = Side.allCases.compactMap { side in
      failures[side].map { "no connection to the \(side.rawValue): \($0)" }
    }
    if tables.isEmpty, sides.isEmpty { return ["no table was looked at"] }
    if !sides.isEmpty { return sides }
    return tables.flatMap { table in table.verdict.reasons.map { "\(table.title): \($0)" } }
  }
}
