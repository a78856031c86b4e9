/// A guess at why two values of one cell differ, from migration faults seen in practice.
package enum LikelyCause {
  package static func of(_ source: String?, _ target: String?, form: CanonicalForm) -> String? {
    switch (source, target) {
    case (nil, nil): nil
    case ("", nil): "empty text became NULL"
    case (nil, ""): "NULL became empty text"
    case (.some, nil): "the value was lost (NULL)"
    case (nil, let target?):
      ["null", "none", "n/a", "nan", "\\n"].contains(target.lowercased())
        ? "NULL became a word" : "NULL was filled in"
    case (let source?, let target?):
      switch form {
      case .number, .float64, .float32: number(source, target)
      case .moment: moment(source, target)
      case .time: moment(source, target)
      case .date: date(source, target)
      case .text, .trimmedText: text(source, target)
      case .hex: target.count < source.count && source.hasPrefix(target) ? "cut off" : nil
      case .boolean, .uuid, .json: nil
      }
    }
  }

  private static func number(_ source: String, _ target: String) -> String? {
    guard let left = ShownValue.value(source), let right = ShownValue.value(target) else {
      return nil
    }
    if left == right { return "more digits than a double can hold" }
    if left == -right { return "the sign" }
    for power in [10.0, 100, 1_000, 10_000] where left == right * power || right == left * power {
      return "a shifted decimal point"
    }
    return abs(left - right) <= abs(left) * 1e-2 && abs(left - right) < 1 ? "rounding" : nil
  }

  /// Seconds and nanoseconds of `86399.999`.
  private static func parts(_ text: String) -> (Int64, Int64)? {
    let parts = text.split(separator: ".")
    guard parts.count == 2, let seconds = Int64(parts[0]), let nanoseconds = Int64(parts[1]),
      isSmall(seconds), isSmall(nanoseconds)
    else { return nil }
    return (seconds, nanoseconds)
  }

  /// Seconds and nanoseconds of microseconds and what is left of them.
  private static func instant(_ text: String) -> (Int64, Int64)? {
    guard let (microseconds, rest) = ShownValue.microseconds(text) else { return nil }
    let fraction = microseconds % 1_000_000
    let positive = fraction < 0 ? fraction + 1_000_000 : fraction
    let seconds = (microseconds - positive) / 1_000_000
    return isSmall(seconds) ? (seconds, positive * 1_000 + rest) : nil
  }

  /// Whether sums and differences of such numbers cannot overflow.
  private static func isSmall(_ number: Int64) -> Bool { number.magnitude < 1_000_000_000_000_000 }

  private static func moment(_ source: String, _ target: String) -> String? {
    guard let (left, leftFraction) = instant(source), let (right, rightFraction) = instant(target)
    else { return source.hasPrefix("!") ? "an infinite or far value was replaced" : nil }
    if left == right {
      for (unit, name) in [(1_000_000_000, "whole seconds"), (1_000_000, "milliseconds")] {
        if rightFraction == leftFraction / Int64(unit) * Int64(unit) { return "cut to \(name)" }
      }
      return "fraction of a second"
    }
    guard leftFraction == rightFraction else { return nil }
    let shift = right - left
    if shift % 900 == 0, abs(shift) <= 14 * 3_600 {
      let hours = Double(abs(shift)) / 3_600
      return shift == 3_600 || shift == -3_600
        ? "one hour: time zone or summer time" : "\(hours) hours: time zone"
    }
    return nil
  }

  private static func date(_ source: String, _ target: String) -> String? {
    guard let left = Int64(source), let right = Int64(target), isSmall(left), isSmall(right)
    else {
      return source.hasPrefix("!") ? "an infinite or far value was replaced" : nil
    }
    return abs(left - right) == 1 ? "one day: time zone" : nil
  }

  private static func text(_ source: String, _ target: String) -> String? {
    let left = Array(source.utf8)
    let right = Array(target.utf8)
    // Swift's own equality: canonically equivalent, so only the normal form differs.
    if source == target { return "Unicode normal form (NFC, NFD)" }
    if left.filter({ $0 != 0x0D }) == right { return "line ends: CR LF became LF" }
    if trimmed(left) == trimmed(right) { return "blanks at the ends" }
    if source.lowercased() == target.lowercased() { return "upper and lower case" }
    if right.count < left.count, left.starts(with: right) { return "cut off" }
    if target.contains("\u{FFFD}") && !source.contains("\u{FFFD}") { return "encoding" }
    if questionMarks(target) > questionMarks(source), source.utf8.contains(where: { $0 > 127 }) {
      return "encoding: characters became ?"
    }
    if latin1(target) == left { return "encoding: UTF-8 read as Latin-1" }
    return nil
  }

  private static func questionMarks(_ text: String) -> Int {
    text.utf8.count { $0 == UInt8(ascii: "?") }
  }

  private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    let start = bytes.firstIndex { $0 != 0x20 } ?? bytes.endIndex
    let end = bytes.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? start
    return bytes[start..<max(start, end)]
  }

  /// The text's characters as single bytes, where all fit.
  private static func latin1(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard scalar.value < 256 else { return nil }
      bytes.append(UInt8(scalar.value))
    }
    return bytes
  }
}
