/// What the readers of this target ask of single bytes; all of it is about ASCII.
extension UInt8 {
  /// Whether it may begin a name; bytes of letters beyond ASCII may.
  var beginsName: Bool {
    (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A || self == 0x5F || self >= 0x80
  }

  /// Whether it is one of the ten digits.
  var isDigit: Bool { self >= 0x30 && self <= 0x39 }

  /// Whether it may stand in a name after its first byte.
  var continuesName: Bool { beginsName || isDigit }

  /// Whether it is a space, a tab or a line break.
  var isBlank: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }

  /// The small letter for a capital one, any other byte as it is.
  var lowered: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension [UInt8] {
  /// Whether the bytes from `offset` on are those of `word`, capitals and small letters alike.
  func holds(_ word: String, at offset: Int) -> Bool {
    guard offset >= 0, offset + word.utf8.count <= count else { return false }
    var place = offset
    for byte in word.utf8 {
      guard self[place].lowered == byte.lowered else { return false }
      place += 1
    }
    return true
  }

  /// Whether the range holds just this word, capitals and small letters alike.
  func equals(_ word: String, in range: Range<Int>) -> Bool {
    range.count == word.utf8.count && holds(word, at: range.lowerBound)
  }

  /// The range without blanks at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, self[start].isBlank { start += 1 }
    while end > start, self[end - 1].isBlank { end -= 1 }
    return start..<end
  }
}
