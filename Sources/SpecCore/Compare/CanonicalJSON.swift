/// JSON text brought to the one form in which two databases' documents are compared.
///
/// Keys sorted by their UTF-8 bytes, the last of duplicate keys kept (as `jsonb` does), no blanks,
/// strings unescaped and escaped again minimally, numbers as trimmed decimals: `1.50`, `15e-1` and
/// `1.5` are one number. Nothing is rounded: numbers are never read as floating point.
package struct CanonicalJSON {
  private let bytes: [UInt8]
  private var position = 0

  /// The canonical bytes, or `nil` where the text is not JSON or nests deeper than 512.
  package static func bytes(of text: String) -> [UInt8]? {
    var reader = Self(bytes: Array(text.utf8))
    reader.skipBlanks()
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipBlanks()
    return reader.position == reader.bytes.count ? value : nil
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(word: StaticString) -> [UInt8]? {
    let wanted = Array(word.description.utf8)
    guard bytes[position...].starts(with: wanted) else { return nil }
    position += wanted.count
    return wanted
  }

  private mutating func value(depth: Int) -> [UInt8]? {
    guard depth <= 512, let byte = current else { return nil }
    switch byte {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "\""): return string().map(Self.quoted)
    case UInt8(ascii: "t"): return take(word: "true")
    case UInt8(ascii: "f"): return take(word: "false")
    case UInt8(ascii: "n"): return take(word: "null")
    // Snowflake prints an SQL NULL inside an ARRAY as `undefined`; Postgres' arrays say null.
    case UInt8(ascii: "u"): return take(word: "undefined").map { _ in Array("null".utf8) }
    default: return number()
    }
  }

  private mutating func object(depth: Int) -> [UInt8]? {
    position += 1
    var members: [(key: [UInt8], value: [UInt8])] = []
    skipBlanks()
    if take(UInt8(ascii: "}")) { return Array("{}".utf8) }
    repeat {
      skipBlanks()
      guard current == UInt8(ascii: "\""), let key = string() else { return nil }
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { return nil }
      skipBlanks()
      guard let value = value(depth: depth + 1) else { return nil }
      members.append((key, value))
      skipBlanks()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { return nil }
    // A stable order by key, so that of equal keys the last written comes last and wins.
    let sorted = members.enumerated().sorted { left, right in
      left.element.key == right.element.key
        ? left.offset < right.offset
        : left.element.key.lexicographicallyPrecedes(right.element.key)
    }.map(\.element)
    var result = [UInt8(ascii: "{")]
    for (index, member) in sorted.enumerated() {
      if index + 1 < sorted.count, sorted[index + 1].key == member.key { continue }
      if result.count > 1 { result.append(UInt8(ascii: ",")) }
      result += Self.quoted(member.key) + [UInt8(ascii: ":")] + member.value
    }
    return result + [UInt8(ascii: "}")]
  }

  private mutating func array(depth: Int) -> [UInt8]? {
    position += 1
    skipBlanks()
    if take(UInt8(ascii: "]")) { return Array("[]".utf8) }
    var result = [UInt8(ascii: "[")]
    repeat {
      skipBlanks()
      guard let value = value(depth: depth + 1) else { return nil }
      if result.count > 1 { result.append(UInt8(ascii: ",")) }
      result += value
      skipBlanks()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { return nil }
    return result + [UInt8(ascii: "]")]
  }

  /// The content of a string, unescaped.
  private mutating func string() -> [UInt8]? {
    position += 1
    var content: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return content
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        content += escaped
      default: content.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard let byte = current else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "u"): break
    default: return nil
    }
    guard let first = fourDigits() else { return nil }
    if (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: Array("\\u".utf8)) {
      let back = position
      position += 2
      if let second = fourDigits(), (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return Array(String(Character(scalar)).utf8)
      }
      position = back
    }
    guard let scalar = Unicode.Scalar(first) else {
      // A lone surrogate has no UTF-8: its three bytes as if it had one equal no other text.
      return [
        0xE0 | UInt8(first >> 12), 0x80 | UInt8(first >> 6 & 0x3F), 0x80 | UInt8(first & 0x3F),
      ]
    }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func fourDigits() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 + UInt32(digit)
    }
    position += 4
    return value
  }

  /// `-12.5`, or `1e400` where the plain form would be longer than 60 digits.
  private mutating func number() -> [UInt8]? {
    let negative = take(UInt8(ascii: "-"))
    var digits: [UInt8] = []
    var exponent = 0
    guard readDigits(into: &digits) > 0 else { return nil }
    if take(UInt8(ascii: ".")) {
      let fraction = readDigits(into: &digits)
      guard fraction > 0 else { return nil }
      exponent = -fraction
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      let down = take(UInt8(ascii: "-"))
      if !down { _ = take(UInt8(ascii: "+")) }
      var power: [UInt8] = []
      guard readDigits(into: &power) > 0,
        let amount = Int(String(decoding: power, as: UTF8.self)), amount < 1_000_000
      else { return nil }
      exponent += down ? -amount : amount
    }
    digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
    while digits.last == UInt8(ascii: "0") {
      digits.removeLast()
      exponent += 1
    }
    guard !digits.isEmpty else { return [UInt8(ascii: "0")] }
    return (negative ? [UInt8(ascii: "-")] : []) + Self.plain(digits, exponent)
  }

  private mutating func readDigits(into digits: inout [UInt8]) -> Int {
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      digits.append(byte)
      position += 1
    }
    return position - start
  }

  private static func plain(_ digits: [UInt8], _ exponent: Int) -> [UInt8] {
    let zero = UInt8(ascii: "0")
    if exponent > 60 || exponent < -60 { return digits + Array("e\(exponent)".utf8) }
    if exponent >= 0 { return digits + Array(repeating: zero, count: exponent) }
    let padding = max(0, 1 - exponent - digits.count)
    let all = Array(repeating: zero, count: padding) + digits
    return all.dropLast(-exponent) + [UInt8(ascii: ".")] + all.suffix(-exponent)
  }

  private static func quoted(_ content: [UInt8]) -> [UInt8] {
    var result = [UInt8(ascii: "\"")]
    for byte in content {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        result += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
      default: result.append(byte)
      }
    }
    return result + [UInt8(ascii: "\"")]
  }
}
