extension Timestamp {
  /// A moment of UTC's calendar; `nil` for days and times that there are not.
  ///
  /// Days are counted as in Howard Hinnant's public algorithm `days_from_civil`.
  package init?(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    // A leap second is the first of the next minute.
    guard (1...9_999).contains(year), (1...12).contains(month),
      (1...lengths[month - 1]).contains(day), (0...23).contains(hour),
      (0...59).contains(minute), (0...60).contains(second), (0...999_999).contains(microsecond)
    else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second
    self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(microsecond))
  }

  /// `2026-11-20`, `2026-11-20T08:00Z` or `2026-11-20T08:00:30Z`; `nil` for anything else.
  package init?(utc text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count,
        bytes[range].allSatisfy({ (0x30...0x39).contains($0) })
      else { return nil }
      return Int(String(decoding: bytes[range], as: UTF8.self))
    }
    guard [10, 17, 20].contains(bytes.count), bytes[4] == UInt8(ascii: "-"),
      bytes[7] == UInt8(ascii: "-"), let year = number(0..<4), let month = number(5..<7),
      let day = number(8..<10)
    else { return nil }
    guard bytes.count > 10 else {
      self.init(year: year, month: month, day: day)
      return
    }
    guard bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
      bytes.last == UInt8(ascii: "Z"), let hour = number(11..<13), let minute = number(14..<16),
      bytes.count == 17 || bytes[16] == UInt8(ascii: ":"),
      let second = bytes.count == 17 ? 0 : number(17..<19)
    else { return nil }
    self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }

  /// A moment so many seconds later, or earlier.
  func moved(by seconds: Double) -> Timestamp {
    Timestamp(microseconds: microseconds + Int64(seconds * 1_000_000))
  }
}

/// A stretch of time: from its beginning up to, and without, its end.
package struct AuditWindow: Hashable, Sendable {
  package let from: Timestamp
  package let to: Timestamp

  package init(from: Timestamp, to: Timestamp) {
    self.from = from
    self.to = to
  }

  /// `from 2026-11-20T08:00:00Z to 2026-11-27T08:00:00Z`.
  var words: String { "from \(from) to \(to)" }

  func contains(_ point: Timestamp) -> Bool { from <= point && point < to }
}
