/// How far a side has come: the greatest value of a column that only grows.
package enum HighWater: Hashable, Sendable, CustomStringConvertible {
  /// Microseconds since 1970-01-01 00:00:00, rounded down.
  case moment(Int64)
  /// Days since 1970-01-01.
  case day(Int)
  case number(Int)

  /// Reads the canonical text of a form; `nil` for what is no such value, such as infinity.
  init?(_ text: String, _ form: CanonicalForm) {
    switch form {
    case .moment:
      let whole = text.prefix { $0 != "." }
      guard let microseconds = Int64(whole), Self.moments.contains(microseconds) else { return nil }
      self = .moment(microseconds)
    case .date:
      guard let days = Int(text), Self.days.contains(days) else { return nil }
      self = .day(days)
    case .number:
      guard let number = Int(text) else { return nil }
      self = .number(number)
    default: return nil
    }
  }

  /// What both databases can write: the years 1 to 9999.
  private static let moments = Int64(-62_135_596_800_000_000)...253_402_300_799_999_999
  private static let days = -719_162...2_932_896

  /// How far another side is behind this one; below zero where it is ahead, `nil` for values of
  /// two kinds.
  package func lag(of other: HighWater) -> WatchLag? {
    switch (self, other) {
    case (.moment(let own), .moment(let theirs)): .seconds(Double(own - theirs) / 1_000_000)
    case (.day(let own), .day(let theirs)): .seconds(Double(own - theirs) * 86_400)
    case (.number(let own), .number(let theirs)):
      // Numbers may lie at the two ends of what fits.
      .steps(own.subtractingReportingOverflow(theirs).overflow ? .max : own - theirs)
    default: nil
    }
  }

  /// The smaller of two values of one kind.
  func least(_ other: HighWater) -> HighWater? {
    lag(of: other).map { $0.isBehind ? other : self }
  }

  /// The value as a statement says it for a column of this type.
  func literal(for type: LogicalType, in dialect: any Dialect) -> SQL {
    switch (self, type) {
    case (.number(let number), _): "\(number)"
    case (.day, _): "CAST(\(literal: description) AS DATE)"
    case (.moment, .instant):
      "CAST(\(literal: "\(wallClock)+00:00") AS \(dialect.instantName))"
    case (.moment, _): "CAST(\(literal: wallClock) AS \(dialect.timestampName))"
    }
  }

  private var wallClock: String {
    guard case .moment(let microseconds) = self else { return "" }
    let moment = Timestamp(microseconds: microseconds)
    let rest = microseconds % 1_000_000
    let digits = String(rest < 0 ? rest + 1_000_000 : rest)
    let fraction = String(repeating: "0", count: 6 - digits.count) + digits
    return "\(moment.date)T\(moment.time).\(fraction)"
  }

  /// `2026-11-23T03:01:46.000000Z`, `2026-11-23` or `48210`.
  package var description: String {
    switch self {
    case .moment: "\(wallClock)Z"
    case .day(let days): Timestamp(microseconds: Int64(days) * 86_400_000_000).date
    case .number(let number): "\(number)"
    }
  }
}

/// How far the target is behind the source.
package enum WatchLag: Hashable, Sendable {
  case seconds(Double)
  /// For a column of numbers, such as ids: so many of them.
  case steps(Int)

  /// Whether anything is behind at all.
  package var isBehind: Bool {
    switch self {
    case .seconds(let seconds): seconds > 0
    case .steps(let steps): steps > 0
    }
  }
}
