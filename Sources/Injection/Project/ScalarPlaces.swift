import YAMLSource

/// Finds where in a YAML file each byte of a text stands, past quotes, escapes and indentation.
///
/// The text is what libyaml read; only places are worked out here, so that a way of writing that
/// is not foreseen can make a column inexact and nothing else.
struct ScalarPlaces {
  private enum Style {
    case plain, single, double, block
  }

  private let file: [UInt8]
  private let end: Int
  private let style: Style
  private var next: Int

  /// The text of a node as code, with the place of each of its bytes in the file.
  static func code(of text: String, at range: Range<Int>, in file: [UInt8], isPlain: Bool) -> Code {
    var places = Self(file, range.clamped(to: 0..<file.count), isPlain: isPlain)
    let bytes = Array(text.utf8)
    return Code(bytes, origins: places.origins(of: bytes))
  }

  private init(_ file: [UInt8], _ range: Range<Int>, isPlain: Bool) {
    self.file = file
    end = range.upperBound
    var next = range.lowerBound
    // `&name` and `!type` are written before the text that they are about.
    while next < end, file[next] == UInt8(ascii: "&") || file[next] == UInt8(ascii: "!") {
      while next < end, !file[next].isBlank { next += 1 }
      while next < end, file[next].isBlank { next += 1 }
    }
    let first = next < end ? file[next] : 0
    switch first {
    case UInt8(ascii: "\"") where !isPlain: style = .double
    case UInt8(ascii: "'") where !isPlain: style = .single
    case UInt8(ascii: "|") where !isPlain, UInt8(ascii: ">") where !isPlain: style = .block
    default: style = .plain
    }
    switch style {
    case .plain: break
    case .single, .double: next += 1
    case .block:
      while next < end, file[next] != UInt8(ascii: "\n") { next += 1 }
      if next < end { next += 1 }
    }
    self.next = next
  }

  /// The place of every byte, and of the end.
  private mutating func origins(of bytes: [UInt8]) -> [Int] {
    var origins: [Int] = []
    origins.reserveCapacity(bytes.count + 1)
    // Bytes that an escape gave, and its place.
    var escaped: (left: Int, place: Int) = (0, 0)
    for (index, byte) in bytes.enumerated() {
      if escaped.left > 0 {
        escaped.left -= 1
        origins.append(escaped.place)
        continue
      }
      skip(to: byte)
      origins.append(min(next, end))
      guard next < end else { continue }
      if style == .double, file[next] == UInt8(ascii: "\\") {
        escaped = (Self.length(of: bytes, at: index) - 1, next)
        next += escapeLength
      } else if style == .single, file[next] == UInt8(ascii: "'") {
        next += 2
      } else if file[next] == byte {
        next += 1
      } else if byte.isBlank {
        // A line break that became a blank, or the other way round.
        while next < end, file[next].isBlank { next += 1 }
      } else {
        // A character that nobody sees was replaced by another.
        escaped = (Self.length(of: bytes, at: index) - 1, next)
        next += Self.length(of: file, at: next)
      }
    }
    origins.append(min(next, end))
    return origins
  }

  /// Passes what YAML leaves out before this byte: indentation, and line breaks behind a backslash.
  private mutating func skip(to byte: UInt8) {
    while next < end {
      if style == .double, file[next] == UInt8(ascii: "\\"), next + 1 < end,
        file[next + 1] == UInt8(ascii: "\n") || file[next + 1] == UInt8(ascii: "\r")
      {
        next += 2
        while next < end, file[next].isBlank { next += 1 }
        continue
      }
      guard file[next].isBlank, !byte.isBlank else { return }
      next += 1
    }
  }

  /// How many bytes the escape at this place has, its backslash included.
  private var escapeLength: Int {
    guard next + 1 < end else { return 1 }
    switch file[next + 1] {
    case UInt8(ascii: "x"): return 4
    case UInt8(ascii: "u"): return 6
    case UInt8(ascii: "U"): return 10
    default: return 2
    }
  }

  /// How many bytes the character that begins at this place has.
  private static func length(of bytes: [UInt8], at index: Int) -> Int {
    var length = 1
    while index + length < bytes.count, bytes[index + length] & 0b1100_0000 == 0b1000_0000 {
      length += 1
    }
    return length
  }
}
