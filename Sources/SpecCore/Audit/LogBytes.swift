/// A part of a log, read from its beginning on.
struct LogBytes {
  let bytes: [UInt8]
  var at: Int
  let end: Int

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    at = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { at >= end }

  var next: UInt8? { at < end ? bytes[at] : nil }

  /// The rest as text; what is no UTF-8 is replaced.
  var text: String { String(decoding: bytes[min(at, end)..<end], as: UTF8.self) }

  mutating func skipSpaces() { while at < end, bytes[at] == 0x20 { at += 1 } }

  /// Whether the word stands here; if so, it is passed.
  mutating func skip(_ word: StaticString) -> Bool {
    guard begins(word) else { return false }
    at += word.utf8CodeUnitCount
    return true
  }

  func begins(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - at >= count else { return false }
    return word.withUTF8Buffer { wanted in
      var place = at
      for byte in wanted {
        if bytes[place] != byte { return false }
        place += 1
      }
      return true
    }
  }

  /// A number of at most nine digits.
  mutating func number() -> Int? {
    var value = 0
    let start = at
    while at < end, (0x30...0x39).contains(bytes[at]), at - start < 9 {
      value = value * 10 + Int(bytes[at] - 0x30)
      at += 1
    }
    return at > start ? value : nil
  }

  /// Exactly so many digits.
  mutating func digits(_ count: Int) -> Int? {
    guard end - at >= count, bytes[at..<at + count].allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return number(of: count)
  }

  private mutating func number(of count: Int) -> Int {
    var value = 0
    for _ in 0..<count {
      value = value * 10 + Int(bytes[at] - 0x30)
      at += 1
    }
    return value
  }

  /// What stands before the next blank, which is passed too.
  mutating func word() -> Range<Int>? {
    skipSpaces()
    let start = at
    while at < end, bytes[at] != 0x20 { at += 1 }
    defer { if at < end { at += 1 } }
    return at > start ? start..<at : nil
  }

  func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Where the byte is found next.
  func position(of byte: UInt8) -> Int? {
    var place = at
    while place < end {
      if bytes[place] == byte { return place }
      place += 1
    }
    return nil
  }

  /// A date and time with its zone; passed where there is a date, `nil` where the zone is missing
  /// or has a name other than UTC's.
  ///
  /// `2026-11-23T03:01:46+00:00`, `2026-11-23 03:01:46.123 UTC`, `2026-11-23 03:01:46 -0800`.
  mutating func moment() -> Moment? {
    var copy = self
    guard let year = copy.digits(4), copy.skip("-"), let month = copy.digits(2), copy.skip("-"),
      let day = copy.digits(2), copy.skip("T") || copy.skip(" "), let hour = copy.digits(2),
      copy.skip(":"), let minute = copy.digits(2), copy.skip(":"), let second = copy.digits(2)
    else { return nil }
    var fraction = 0
    if copy.next == UInt8(ascii: ".") {
      copy.at += 1
      var scale = 100_000
      while let digit = copy.next, (0x30...0x39).contains(digit) {
        fraction += Int(digit - 0x30) * scale
        scale /= 10
        copy.at += 1
      }
    }
    let local = Timestamp(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second,
      microsecond: fraction)
    let offset = copy.zone()
    self = copy
    guard let local, let offset else { return Moment(point: nil) }
    return Moment(point: local.moved(by: Double(-offset)))
  }

  /// A moment that was written, which need not be known.
  struct Moment { let point: Timestamp? }

  /// How many seconds the zone is ahead of UTC.
  private mutating func zone() -> Int? {
    if skip("Z") { return 0 }
    var copy = self
    copy.skipSpaces()
    for name in ["UTC", "GMT", "Etc/UTC"] as [StaticString] {
      if copy.begins(name) {
        copy.at += name.utf8CodeUnitCount
        guard copy.isAtEnd || !Self.isLetter(copy.next) else { return nil }
        self = copy
        return 0
      }
    }
    guard let sign = copy.next, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
      return nil
    }
    copy.at += 1
    guard let hours = copy.digits(2), hours <= 15 else { return nil }
    _ = copy.skip(":")
    let minutes = copy.digits(2) ?? 0
    self = copy
    return (hours * 3_600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
  }

  private static func isLetter(_ byte: UInt8?) -> Bool {
    byte.map { (0x41...0x5A).contains($0 & 0xDF) } ?? false
  }
}
