/// How large a file may be: far beyond what people write, far below what hurts a machine.
struct Limits {
  /// Bytes of a file.
  let bytes: Int
  /// Collections inside one another.
  let depth: Int
  /// Keys, values, lists and mappings, counted together, aliases with all they stand for.
  let nodes: Int
  /// Bytes of one text, as UTF-8.
  let scalarBytes: Int

  /// Of a spec: 1 MiB, and texts of 64 KiB.
  static let spec = Self(bytes: 1_048_576, depth: 32, nodes: 50_000, scalarBytes: 65_536)
  /// Of another tool's file, which may be written by a program: 16 MiB.
  static let foreign = Self(
    bytes: 16_777_216, depth: 64, nodes: 1_000_000, scalarBytes: 16_777_216)
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
