package import Diagnostics

/// What `parity watch` looks at while a migration goes on, and when the target counts as ready.
///
/// What is not written has the defaults below, so that a spec needs no such section.
package struct WatchSpec: Sendable {
  package var every: TimeSpan?
  package var deadline: TimeSpan?
  /// Only these of the spec's tables.
  package var tables: [Located<String>]?
  /// By table, the column whose greatest value tells how far a side has come; `none` for none.
  package var highWater: [MapEntry<String>]?
  package var newest: Int?
  package var ready: ReadySpec?
  package var stalledAfter: Int?
  /// The section's place.
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  /// Seconds from one tick to the next.
  package static let defaultEvery = 60.0
  /// Seconds after which nobody waits any longer: a day.
  package static let defaultDeadline = 86_400.0
  /// So many of the newest rows are compared.
  package static let defaultNewest = 100
  /// So many ticks without progress are a stall.
  package static let defaultStalledAfter = 2
}

/// When the target is ready, as written.
package struct ReadySpec: Sendable {
  package var lag: LagLimit?
  package var rows: RowCountExpectation?
  package var newest: NewestDemand?
  package var ticks: Int?

  package init() {}
}

/// How far behind the target may be.
package enum LagLimit: Hashable, Sendable {
  case atMost(TimeSpan)
  case skip
}

/// Whether the newest rows must be the same.
package enum NewestDemand: String, Hashable, Sendable, CaseIterable {
  case equal, skip
}

/// When the target is ready, with the defaults in place of what is not written.
package struct ReadyCondition: Hashable, Sendable {
  /// Seconds; `nil` where the spec does not ask.
  package var lag: Double?
  package var rows: RowCountExpectation
  package var newest: NewestDemand
  /// In so many ticks in a row all of it must hold.
  package var ticks: Int

  package init(
    lag: Double? = 60, rows: RowCountExpectation = .equal, newest: NewestDemand = .equal,
    ticks: Int = 3
  ) {
    self.lag = lag
    self.rows = rows
    self.newest = newest
    self.ticks = ticks
  }

  /// What a spec says, completed.
  package init(_ spec: ReadySpec?) {
    self.init()
    switch spec?.lag {
    case .atMost(let span): lag = span.seconds
    case .skip: lag = nil
    case nil: break
    }
    rows = spec?.rows ?? rows
    newest = spec?.newest ?? newest
    ticks = spec?.ticks ?? ticks
  }

  /// As a reader is told: `as many rows, at most 60s behind, newest rows equal, in 3 ticks in a row`.
  package var words: String {
    var parts: [String] = []
    switch rows {
    case .equal: parts.append("as many rows")
    case .exactly(let source, let target):
      parts.append("\(grouped(source)) rows in the source and \(grouped(target)) in the target")
    case .withinRows(let rows): parts.append("at most \(counted(rows, "row")) apart")
    case .withinPercent: parts.append("row counts as near as the spec allows")
    case .skip: break
    }
    if let lag { parts.append("at most \(TimeSpan(seconds: lag).words) behind") }
    if newest == .equal { parts.append("newest rows equal") }
    return parts.joined(separator: ", ") + ", \(counted(ticks, "tick")) in a row"
  }
}
