/// How large a spec may be: far beyond what people write, far below what hurts a machine.
enum Limits {
  /// Bytes of a file: 1 MiB.
  static let bytes = 1_048_576
  /// Collections inside one another.
  static let depth = 32
  /// Keys, values, lists and mappings, counted together.
  static let nodes = 50_000
  /// Bytes of one text, as UTF-8: 64 KiB.
  static let scalarBytes = 65_536
}

extension Int {
  /// The number with a comma between thousands, as in `50,000`; for numbers that are not negative.
  var grouped: String {
    var text = ""
    for (place, digit) in String(self).reversed().enumerated() {
      if place > 0, place.isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
