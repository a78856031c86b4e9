/// Signs by which a template is told from SQL, where no project says which it is.
enum JinjaMark {
  /// Whether a text holds a tag of Jinja; an array of Postgres such as `'{{1,2},{3,4}}'` is none.
  static func occurs(in text: String) -> Bool {
    var bytes = text.utf8[...]
    while let place = bytes.firstIndex(of: UInt8(ascii: "{")) {
      bytes = bytes[place...].dropFirst()
      guard let second = bytes.first else { return false }
      var rest = bytes.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
        rest = rest.dropFirst()
      }
      let isApart = rest.first.map(isBlank) ?? false
      rest = rest.drop(while: isBlank)
      guard let first = rest.first else { continue }
      let isQuote = first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
      if second == UInt8(ascii: "%") {
        if isName(first) { return true }
      } else if second == UInt8(ascii: "{") {
        if isApart, isQuote { return true }
        guard isName(first) else { continue }
        let after = rest.drop(while: isNameOrDigit)
        let end = after.drop(while: isBlank)
        guard let next = end.first else { continue }
        if isName(next) || "(.|~[%+".utf8.contains(next) { return true }
        if next == UInt8(ascii: "}"), end.dropFirst().first == next { return true }
        if next == UInt8(ascii: "-"), end.dropFirst().first == UInt8(ascii: "}") { return true }
      }
    }
    return false
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func isName(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_")
  }

  private static func isNameOrDigit(_ byte: UInt8) -> Bool {
    isName(byte) || (0x30...0x39).contains(byte)
  }
}
