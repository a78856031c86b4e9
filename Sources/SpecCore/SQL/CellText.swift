/// Cells as databases print them, brought into canonical text without asking a database.
///
/// Both dialects' own functions give the same text for the same value: tests hold them together.
package enum CellText {
  /// `12.50` as `12.5`; `nil` for what is no number.
  package static func number(_ text: String) -> String? {
    if ["NaN", "Infinity", "-Infinity"].contains(text) { return text }
    var digits = text[...]
    let isNegative = digits.hasPrefix("-")
    if isNegative { digits = digits.dropFirst() }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      isNumber(parts[0]) || (parts[0].isEmpty && parts.count == 2),
      parts.count == 1 || isNumber(parts[1])
    else { return nil }
    var whole = parts[0].drop { $0 == "0" }
    if whole.isEmpty { whole = "0" }
    var fraction = parts.count == 2 ? parts[1] : ""
    while fraction.last == "0" { fraction.removeLast() }
    if whole == "0", fraction.isEmpty { return "0" }
    return (isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : ".\(fraction)")
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// `0.5` as `4503599627370496p-53`: the exact value of 53 or 24 bits.
  package static func float(_ text: String, bits: Int) -> String? {
    switch text.lowercased() {
    case "nan": return "NaN"
    case "infinity", "inf", "+inf": return "Inf"
    case "-infinity", "-inf": return "-Inf"
    default: break
    }
    guard let value = Double(text), value.isFinite else { return nil }
    if value == 0 { return "0" }
    let sign = value < 0 ? "-" : ""
    if bits == 24 {
      let single = Float(value.magnitude)
      guard single.isFinite, single > 0 else { return nil }
      if single.exponentBitPattern == 0 { return "\(sign)\(single.significandBitPattern)p-149" }
      return
        "\(sign)\(single.significandBitPattern | 0x80_0000)p\(Int(single.exponentBitPattern) - 150)"
    }
    let double = value.magnitude
    if double.exponentBitPattern == 0 { return "\(sign)\(double.significandBitPattern)p-1074" }
    return
      "\(sign)\(double.significandBitPattern | 1 << 52)p\(Int(double.exponentBitPattern) - 1_075)"
  }

  /// Without the blanks at its end.
  package static func trimmed(_ text: String) -> String {
    var bytes = Array(text.utf8)
    while bytes.last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Days since 1970 of `2026-11-23`.
  package static func days(_ text: String) -> String? {
    moment(text, hour: 0, minute: 0, second: 0).map { "\($0.microseconds / 86_400_000_000)" }
  }

  /// `10:00:00.5` as seconds and nanoseconds: `36000.500000000` without leading zeros behind.
  package static func time(_ text: String) -> String? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hour = Int(parts[0]), let minute = Int(parts[1]),
      (0...24).contains(hour), (0...59).contains(minute)
    else { return nil }
    let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(seconds.count), let second = Int(seconds[0]), (0...60).contains(second),
      let nanoseconds = nanoseconds(seconds.count == 2 ? seconds[1] : "0")
    else { return nil }
    return "\(hour * 3_600 + minute * 60 + second).\(nanoseconds)"
  }

  /// Microseconds since 1970 of `2026-11-23 10:00:00.5`, in UTC.
  package static func moment(_ text: String) -> String? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let clock = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    let fields = clock[0].split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(clock.count), fields.count == 3, let hour = Int(fields[0]),
      let minute = Int(fields[1]), let second = Int(fields[2]),
      let nanoseconds = nanoseconds(clock.count == 2 ? clock[1] : "0"),
      let point = moment(String(parts[0]), hour: hour, minute: minute, second: second)
    else { return nil }
    let microseconds = point.microseconds + Int64(nanoseconds / 1_000)
    let rest = nanoseconds % 1_000
    return rest == 0 ? "\(microseconds)" : "\(microseconds).\(rest)"
  }

  /// Microseconds since 1970 of seconds with a fraction: `1616173619.000000000`.
  package static func epoch(_ text: some StringProtocol) -> String? {
    var digits = text[...]
    let isNegative = digits.hasPrefix("-")
    if isNegative { digits = digits.dropFirst() }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let seconds = Int64(parts[0]),
      seconds < 9_000_000_000_000, let nanoseconds = nanoseconds(parts.count == 2 ? parts[1] : "0")
    else { return nil }
    let magnitude = Int128(seconds) * 1_000_000_000 + Int128(nanoseconds)
    let all = isNegative ? -magnitude : magnitude
    var microseconds = all / 1_000
    var rest = all % 1_000
    if rest < 0 {
      rest += 1_000
      microseconds -= 1
    }
    return rest == 0 ? "\(microseconds)" : "\(microseconds).\(rest)"
  }

  /// Seconds of a day and nanoseconds of `36000.500000000`.
  package static func seconds(_ text: String) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let seconds = Int(parts[0]),
      (0...86_400).contains(seconds),
      let nanoseconds = nanoseconds(parts.count == 2 ? parts[1] : "0")
    else { return nil }
    return "\(seconds).\(nanoseconds)"
  }

  private static func nanoseconds(_ digits: some StringProtocol) -> Int? {
    guard (1...9).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(digits + String(repeating: "0", count: 9 - digits.utf8.count))
  }

  private static func moment(_ date: String, hour: Int, minute: Int, second: Int) -> Timestamp? {
    let parts = date.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], let year = Int(parts[0]),
      let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    return Timestamp(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }
}
