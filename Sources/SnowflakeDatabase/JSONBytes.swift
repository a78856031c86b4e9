/// Walks over the bytes of a JSON text, for answers too large to be decoded into a tree.
struct JSONBytes: Sendable {
  let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The byte at the position, or 0 at the end, which no JSON text may hold.
  var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// Takes the byte if it comes next, after white space.
  mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard current == byte else { return false }
    position += 1
    return true
  }

  /// Takes `[` or `,` … as ``take(_:)`` does, or throws.
  mutating func expect(_ byte: UInt8) throws(JSONFault) {
    guard take(byte) else { throw JSONFault(at: position) }
  }

  /// Passes one value of any kind without looking closely: only strings and nesting count.
  mutating func skipValue() throws(JSONFault) {
    skipSpace()
    var depth = 0
    repeat {
      switch current {
      case UInt8(ascii: "\""):
        try skipString()
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        position += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        guard depth >= 0 else { throw JSONFault(at: position) }
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { throw JSONFault(at: position) }
        position += 1
      default:
        try skipWord()
      }
      if depth > 0 { skipSpace() }
    } while depth > 0
  }

  /// Passes a string and returns where its characters stand, without the quotes.
  @discardableResult
  mutating func skipString() throws(JSONFault) -> Range<Int> { try string().range }

  /// Passes a string and also tells whether every byte of it means itself.
  mutating func string() throws(JSONFault) -> (range: Range<Int>, isPlain: Bool) {
    try expect(UInt8(ascii: "\""))
    let start = position
    let (end, isPlain) = try stringEnd(in: bytes.span, from: start)
    position = end + 1
    return (start..<end, isPlain)
  }

  /// Passes a number, `true`, `false` or `null` and returns where it stands.
  @discardableResult
  mutating func skipWord() throws(JSONFault) -> Range<Int> {
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"):
        position += 1
      default:
        guard position > start else { throw JSONFault(at: position) }
        return start..<position
      }
    }
    guard position > start else { throw JSONFault(at: position) }
    return start..<position
  }

  /// Moves on by so many bytes, which the caller has looked at.
  mutating func advance(_ count: Int) { position += count }
}

/// Where the closing quote stands, and whether no escape comes before it.
private func stringEnd(
  in bytes: Span<UInt8>, from start: Int
) throws(JSONFault) -> (end: Int, isPlain: Bool) {
  var index = start
  var isPlain = true
  while index < bytes.count {
    let byte = bytes[index]
    if byte == UInt8(ascii: "\"") { return (index, isPlain) }
    if byte == UInt8(ascii: "\\") {
      isPlain = false
      index += 1
    } else if byte < 0x20 {
      throw JSONFault(at: index)
    }
    index += 1
  }
  throw JSONFault(at: bytes.count)
}

/// A JSON text that is none; where it stops being one, in bytes.
package struct JSONFault: Error, Hashable, Sendable {
  package let at: Int
}
