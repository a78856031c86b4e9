package import Diagnostics

/// One named query: what is run, how often, and the budgets it must keep.
package struct PerformanceQuery: Sendable {
  /// What runs on the target, and on the source unless that has a text of its own.
  package var sql: Located<String>?
  /// The same, in a file.
  package var sqlFile: Located<String>?
  package var sourceSQL: Located<String>?
  package var sourceFile: Located<String>?
  /// The only side that is timed, where the other is not compared with it.
  package var side: Located<Side>?
  /// Measured executions of all clients together.
  package var runs: Located<Int>?
  /// Executions of each client before, which do not count.
  package var warmup: Int?
  /// How many clients run it at once.
  package var clients: Located<Int>?
  package var clock: TimingClock?
  package var p50: Located<TimeSpan>?
  package var p95: Located<TimeSpan>?
  package var max: Located<TimeSpan>?
  /// The longest that the first execution may take.
  package var cold: Located<TimeSpan>?
  package var rows: Located<RowBudget>?
  package var scanned: Located<ByteCount>?
  /// No bytes, for `none`.
  package var spilled: Located<ByteCount>?
  /// No time, for `none`.
  package var queued: Located<TimeSpan>?
  package var versusSource: Located<Factor>?
  package var severity: CaseSeverity?
  package var tags: [Located<String>]?
  /// Why a missed budget only warns.
  package var because: String?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  /// So many runs tell the 95th percentile from the maximum.
  package static let usualRuns = 20
  package static let usualWarmup = 3
}

/// How many rows a query must return.
package enum RowBudget: Hashable, Sendable {
  case exactly(Int)
  case atLeast(Int)

  func admits(_ rows: Int) -> Bool {
    switch self {
    case .exactly(let count): rows == count
    case .atLeast(let count): rows >= count
    }
  }

  var words: String {
    switch self {
    case .exactly(let count): "exactly \(counted(count, "row"))"
    case .atLeast(let count): "at least \(counted(count, "row"))"
    }
  }
}

/// A number of bytes.
package struct ByteCount: Hashable, Sendable, Comparable {
  package let bytes: Int

  package init(_ bytes: Int) { self.bytes = bytes }

  private static let units: [(name: String, size: Int)] = [
    ("TiB", 1_099_511_627_776), ("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1_024),
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000),
    ("kB", 1_000), ("B", 1),
  ]

  /// `500MB`, `1.5GB`, `64KiB`; `nil` for anything else.
  package init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let name = text.dropFirst(digits.count)
    guard let unit = Self.units.first(where: { $0.name == name }), let first = digits.first,
      first != ".", digits.last != ".", let number = Double(digits),
      number * Double(unit.size) < 1e18
    else { return nil }
    bytes = Int((number * Double(unit.size)).rounded())
  }

  /// In the largest decimal unit that gives at least one, with at most three digits: `1.25 GB`.
  package var words: String {
    for unit in Self.units where !unit.name.contains("i") && unit.size > 1 && bytes >= unit.size {
      return "\(shortDecimal(Double(bytes) / Double(unit.size))) \(unit.name)"
    }
    return counted(bytes, "byte")
  }

  package static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}

/// So many times as much: `1.5x`.
package struct Factor: Hashable, Sendable {
  package let value: Double

  /// `1x`, `1.5x`; `nil` for anything else, and for nothing.
  package init?(_ text: String) {
    let digits = text.dropLast()
    guard text.last == "x", let first = digits.first, first != ".", digits.last != ".",
      digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(digits),
      value > 0
    else { return nil }
    self.value = value
  }

  package var words: String { shortDecimal(value) }
}

/// A positive number with at most three digits that matter, more only before the point: `0.125`,
/// `12.5`, `1250`.
package func shortDecimal(_ number: Double) -> String {
  guard number.isFinite, number > 0 else { return "0" }
  var decimals = 0
  var scale = 1.0
  while decimals < 6, number * scale < 99.95 {
    scale *= 10
    decimals += 1
  }
  let units = Int((number * scale).rounded())
  var text = String(units)
  guard decimals > 0 else { return text }
  text = String(repeating: "0", count: max(0, decimals + 1 - text.count)) + text
  var fraction = text.suffix(decimals)
  while fraction.last == "0" { fraction.removeLast() }
  let whole = text.dropLast(decimals)
  return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
}

/// A time for people: `0.412 ms`, `800 ms`, `5 s`, `2 min 5 s`.
package func spoken(seconds: Double) -> String {
  if seconds <= 0 { return "0 ms" }
  if seconds < 0.9995 { return "\(shortDecimal(seconds * 1_000)) ms" }
  if seconds < 119.5 { return "\(shortDecimal(seconds)) s" }
  let whole = Int(seconds.rounded())
  let rest = whole % 60
  return "\(whole / 60) min" + (rest > 0 ? " \(rest) s" : "")
}
