/// Bytes that are read as code, with the place of each in the file they came from.
///
/// A file is code as it stands; the text of a literal becomes code without its escapes, so that its
/// bytes have moved.
struct Code {
  /// The code itself.
  let bytes: [UInt8]
  /// The file's offset of every byte and of the end, or nil where nothing has moved.
  private let origins: [Int]?

  /// The bytes of a whole file.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    origins = nil
  }

  /// Code of which each byte stands elsewhere; `origins` also has the place of the end.
  init(_ bytes: [UInt8], origins: [Int]) {
    precondition(origins.count == bytes.count + 1, "every byte and the end have a place")
    self.bytes = bytes
    self.origins = origins
  }

  /// The offset in the file of the byte at `offset`.
  func origin(_ offset: Int) -> Int { origins.map { $0[min(offset, bytes.count)] } ?? offset }

  /// The stretch of the file in which a stretch of the code stands.
  func origin(_ range: Range<Int>) -> Range<Int> {
    let start = origin(range.lowerBound)
    return start..<max(start, origin(range.upperBound))
  }

  /// The same places with other bytes, as many as before.
  func masked(_ bytes: [UInt8]) -> Code {
    guard let origins else { return Code(bytes) }
    return Code(bytes, origins: origins)
  }

  /// What stands in a range, as text.
  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  /// What stands in a range, as text that is short enough to be shown.
  func excerpt(_ range: Range<Int>) -> String {
    let limit = 300
    guard range.count > limit else { return text(range) }
    var end = min(range.lowerBound + limit, bytes.count - 1)
    while end > range.lowerBound, bytes[end] & 0b1100_0000 == 0b1000_0000 { end -= 1 }
    return "\(text(range.lowerBound..<end))…"
  }

  /// The content of a quoted literal as code of its own; `range` holds what is between the quotes.
  ///
  /// A doubled `quote` becomes one where `doubles` says so, and a backslash takes its next byte as
  /// it is where `escapes` says so.
  func content(
    _ range: Range<Int>, quote: UInt8, doubles: Bool, escapes: Bool
  ) -> Code {
    var content: [UInt8] = []
    var places: [Int] = []
    var next = range.lowerBound
    while next < range.upperBound {
      var byte = bytes[next]
      let start = next
      let following = next + 1 < range.upperBound ? bytes[next + 1] : nil
      if escapes, byte == UInt8(ascii: "\\"), let following {
        byte = following == UInt8(ascii: "n") ? UInt8(ascii: "\n") : following
        next += 1
      } else if doubles, byte == quote, following == quote {
        next += 1
      }
      content.append(byte)
      places.append(origin(start))
      next += 1
    }
    places.append(origin(range.upperBound))
    return Code(content, origins: places)
  }
}
