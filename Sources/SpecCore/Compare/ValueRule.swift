/// When two texts of a column that differ count as the same value all the same.
///
/// Decided here, by one program for both sides: two databases do not fold letters, normalise text
/// or round numbers alike.
package enum ValueRule: Hashable, Sendable {
  /// The same JSON document, however it is written.
  case json
  /// The same letters, whatever their case.
  case ignoringCase
  /// The same text in Unicode's sense, with runs of white space as one blank and none at the ends.
  case normalized
  /// The same value in one of several ways of writing.
  case read(LooseText)
  /// Numbers or times at most so far apart.
  case within(Tolerance, CanonicalForm)
  /// Values that the migration turns into others, as reports show them.
  case changed([AcceptedChange], source: CanonicalForm, target: CanonicalForm)

  /// Whether the values count as the same; `nil` where a text cannot be read as what it should be.
  package func accepts(_ source: String?, _ target: String?) -> Bool? {
    if case .changed(let changes, let sourceForm, let targetForm) = self {
      let (left, right) = (shown(source, sourceForm), shown(target, targetForm))
      return changes.contains {
        ByteOrder.isSame($0.source, left) && ByteOrder.isSame($0.target, right)
      }
    }
    // NULL is no value: nothing is near it.
    guard let source, let target else { return false }
    switch self {
    case .json:
      guard let left = CanonicalJSON.bytes(of: source),
        let right = CanonicalJSON.bytes(of: target)
      else { return nil }
      return left == right
    case .ignoringCase: return ByteOrder.isSame(source.lowercased(), target.lowercased())
    case .normalized: return Self.normalized(source) == Self.normalized(target)
    case .read(let loose): return loose.isSame(source, target)
    case .within(let tolerance, let form): return tolerance.holds(source, target, form)
    case .changed: preconditionFailure("answered above")
    }
  }

  private func shown(_ text: String?, _ form: CanonicalForm) -> String? {
    text.map { ShownValue.of($0, form: form) }
  }

  /// Compared with `==`, which in Swift is Unicode's canonical equivalence.
  private static func normalized(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

/// A value of the source that is another one in the target, on purpose; `nil` is NULL.
package struct AcceptedChange: Hashable, Sendable {
  package let source: String?
  package let target: String?
  package let because: String

  package init(source: String?, target: String?, because: String) {
    self.source = source
    self.target = target
    self.because = because
  }
}

/// How far two values may be apart; any bound that holds is enough.
package struct Tolerance: Hashable, Sendable, CustomStringConvertible {
  /// In the column's own unit.
  package var absolute: ExactNumber?
  /// In per cent of the source's value.
  package var percent: ExactNumber?
  /// For times, in microseconds.
  package var microseconds: Int64?

  package init(
    absolute: ExactNumber? = nil, percent: ExactNumber? = nil, microseconds: Int64? = nil
  ) {
    self.absolute = absolute
    self.percent = percent
    self.microseconds = microseconds
  }

  /// `0.01`, `0.1 %`, `0.01 or 0.1 %`, `1.5s`.
  package var description: String {
    [
      absolute?.description, percent.map { "\($0) %" },
      microseconds.map { TimeSpan(seconds: Double($0) / 1_000_000).words },
    ].compactMap(\.self).joined(separator: " or ")
  }

  /// Whether values of this form can be measured so.
  func fits(_ form: CanonicalForm) -> Bool {
    switch form {
    case .number, .float64, .float32: microseconds == nil
    case .moment, .time: absolute == nil && percent == nil
    default: false
    }
  }

  /// Whether the values are near enough; never where that cannot be computed exactly.
  func holds(_ source: String, _ target: String, _ form: CanonicalForm) -> Bool? {
    switch form {
    case .number:
      guard let left = ExactNumber(source), let right = ExactNumber(target) else { return false }
      return absolute.map { ExactNumber.isNear(left, right, within: $0) } == true
        || percent.map { ExactNumber.isNear(left, right, percent: $0) } == true
    case .float64, .float32:
      guard let left = ShownValue.value(source), let right = ShownValue.value(target) else {
        return nil
      }
      let distance = (left - right).magnitude
      return absolute.map { distance <= $0.approximate } == true
        || percent.map { distance <= $0.approximate / 100 * left.magnitude } == true
    case .moment:
      guard let left = ShownValue.microseconds(source), let right = ShownValue.microseconds(target)
      else { return false }
      return isNear((left.0, left.1), (right.0, right.1))
    case .time:
      guard let left = Self.time(source), let right = Self.time(target) else { return nil }
      return isNear(left, right)
    default: return false
    }
  }

  /// Microseconds and the nanoseconds behind them.
  private func isNear(_ left: (Int64, Int64), _ right: (Int64, Int64)) -> Bool {
    guard let microseconds else { return false }
    let nanoseconds =
      (Int128(left.0) - Int128(right.0)) * 1_000 + Int128(left.1) - Int128(right.1)
    return nanoseconds.magnitude <= Int128(microseconds).magnitude * 1_000
  }

  private static func time(_ text: String) -> (Int64, Int64)? {
    let parts = text.split(separator: ".")
    guard parts.count == 2, let seconds = Int64(parts[0]), let rest = Int64(parts[1]),
      (0...86_400).contains(seconds), (0..<1_000_000_000).contains(rest)
    else { return nil }
    return (seconds * 1_000_000 + rest / 1_000, rest % 1_000)
  }
}

/// A decimal number without rounding: `units` divided by a power of ten.
package struct ExactNumber: Hashable, Sendable, CustomStringConvertible {
  private let units: Int128
  private let scale: Int
  package let description: String

  /// Plain decimal digits, at most 37 of them; `nil` for anything else.
  package init?(_ text: String) {
    var digits = text.utf8[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    var units: Int128 = 0
    var scale: Int?
    var count = 0
    for byte in digits {
      if byte == UInt8(ascii: "."), scale == nil, count > 0 {
        scale = 0
        continue
      }
      guard (0x30...0x39).contains(byte), count < 37 else { return nil }
      units = units * 10 + Int128(byte - 0x30)
      count += 1
      scale? += 1
    }
    guard count > 0, scale != 0 else { return nil }
    self.units = isNegative ? -units : units
    self.scale = scale ?? 0
    description = text
  }

  package var isPositive: Bool { units > 0 }

  /// The nearest double.
  package var approximate: Double { Double(description) ?? .nan }

  private func scaled(to scale: Int) -> Int128? {
    var units = units
    for _ in self.scale..<max(scale, self.scale) {
      let (product, overflow) = units.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      units = product
    }
    return units
  }

  /// The distance and the scale it is counted in; `nil` beyond 38 digits.
  private static func distance(_ left: Self, _ right: Self) -> (units: UInt128, scale: Int)? {
    let scale = max(left.scale, right.scale)
    guard let one = left.scaled(to: scale), let other = right.scaled(to: scale) else { return nil }
    let (difference, overflow) = one.subtractingReportingOverflow(other)
    return overflow ? nil : (difference.magnitude, scale)
  }

  /// Whether the numbers are at most so far apart.
  static func isNear(_ left: Self, _ right: Self, within limit: Self) -> Bool {
    guard let (distance, scale) = distance(left, right) else { return false }
    return isAtMost((distance, scale), 1, (limit.units.magnitude, limit.scale), 1)
  }

  /// Whether they are at most so many per cent of the left one apart.
  static func isNear(_ left: Self, _ right: Self, percent: Self) -> Bool {
    guard let (distance, scale) = distance(left, right) else { return false }
    // distance × 100 ≤ percent × |left|
    return isAtMost(
      (distance, scale), 100, (left.units.magnitude, left.scale + percent.scale),
      percent.units.magnitude)
  }

  /// `left × factor ≤ right × multiplier`, both exact; never where that takes more than 256 bits.
  private static func isAtMost(
    _ left: (units: UInt128, scale: Int), _ factor: UInt128,
    _ right: (units: UInt128, scale: Int), _ multiplier: UInt128
  ) -> Bool {
    func powers(_ count: Int) -> UInt128? {
      count > 38 ? nil : (0..<max(0, count)).reduce(UInt128(1)) { power, _ in power * 10 }
    }
    guard let more = powers(right.scale - left.scale),
      let less = powers(left.scale - right.scale)
    else { return false }
    let (one, tooFar) = factor.multipliedReportingOverflow(by: more)
    let (other, tooNear) = multiplier.multipliedReportingOverflow(by: less)
    guard !tooFar, !tooNear else { return false }
    let first = left.units.multipliedFullWidth(by: one)
    let second = right.units.multipliedFullWidth(by: other)
    return (first.high, first.low) <= (second.high, second.low)
  }
}
