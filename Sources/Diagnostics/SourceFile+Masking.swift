extension SourceFile {
  /// The file as it may be shown: what looks like a secret is replaced by as many asterisks, so
  /// that places stay where they are.
  ///
  /// Covers what stands between `://` and `@`, the values of fields named after secrets, and the
  /// byte ranges given.
  package func masked(_ secrets: [Range<Int>] = []) -> SourceFile {
    var bytes = Array(text.utf8)
    for range in secrets { Self.mask(&bytes, range.clamped(to: 0..<bytes.count)) }
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      Self.maskAddress(&bytes, start..<end)
      Self.maskFields(&bytes, start..<end)
      start = end + 1
    }
    return SourceFile(name: name, text: String(decoding: bytes, as: UTF8.self))
  }

  private static func mask(_ bytes: inout [UInt8], _ range: Range<Int>) {
    for index in range where bytes[index] > 0x20 { bytes[index] = UInt8(ascii: "*") }
  }

  private static func maskAddress(_ bytes: inout [UInt8], _ line: Range<Int>) {
    let scheme = Array("://".utf8)
    var position = line.lowerBound
    while position + scheme.count <= line.upperBound {
      guard bytes[position..<position + scheme.count].elementsEqual(scheme) else {
        position += 1
        continue
      }
      let start = position + scheme.count
      // The last @ of the word: a password may hold one itself.
      let end =
        bytes[start..<line.upperBound].firstIndex { $0 == 0x20 || $0 == 0x2C } ?? line.upperBound
      if let sign = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) {
        mask(&bytes, start..<sign)
      }
      position = start
    }
  }

  private static let words = [
    "password", "passwd", "pwd", "secret", "token", "passphrase", "private_key",
  ]

  private static func maskFields(_ bytes: inout [UInt8], _ line: Range<Int>) {
    let lowered = bytes[line].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    for word in words.map({ Array($0.utf8) }) {
      var offset = 0
      while offset + word.count < lowered.count {
        guard lowered[offset..<offset + word.count].elementsEqual(word) else {
          offset += 1
          continue
        }
        offset += word.count
        var next = offset
        while next < lowered.count,
          [UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "'")].contains(lowered[next])
        {
          next += 1
        }
        guard next < lowered.count,
          lowered[next] == UInt8(ascii: ":") || lowered[next] == UInt8(ascii: "=")
        else { continue }
        let end =
          lowered[next...].firstIndex {
            [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "&")].contains($0)
          }
          ?? lowered.count
        mask(&bytes, line.lowerBound + next + 1..<line.lowerBound + end)
        offset = end
      }
    }
  }
}
