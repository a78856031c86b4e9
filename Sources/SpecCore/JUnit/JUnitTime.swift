/// A moment as a report writes it, perhaps without saying of which time zone.
struct JUnitTime: Hashable {
  /// In UTC; where no zone is given, as if it were UTC.
  let point: Timestamp
  let hasZone: Bool

  /// `2026-11-27T10:00:00`, with a fraction, `Z`, `+01:00`, `+0100`, or a blank in place of the `T`;
  /// `nil` for anything else.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    func number(_ start: Int, _ count: Int) -> Int? {
      guard start + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[start..<start + count] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    func isMark(_ position: Int, _ mark: StaticString) -> Bool {
      position < bytes.count && mark.withUTF8Buffer { $0.contains(bytes[position]) }
    }
    guard let year = number(0, 4), isMark(4, "-"), let month = number(5, 2), isMark(7, "-"),
      let day = number(8, 2), isMark(10, "T "), let hour = number(11, 2), isMark(13, ":"),
      let minute = number(14, 2), isMark(16, ":"), let second = number(17, 2),
      let wall = Timestamp(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    var position = 19
    if isMark(position, ".,") {
      position += 1
      let start = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
      guard position > start else { return nil }
    }
    if position == bytes.count {
      (point, hasZone) = (wall, false)
      return
    }
    hasZone = true
    if isMark(position, "Zz"), position + 1 == bytes.count {
      point = wall
      return
    }
    guard isMark(position, "+-"), let hours = number(position + 1, 2), hours < 24 else {
      return nil
    }
    let sign: Double = isMark(position, "+") ? -1 : 1
    position += 3
    if isMark(position, ":") { position += 1 }
    var minutes = 0
    if position < bytes.count {
      guard let found = number(position, 2), found < 60, position + 2 == bytes.count else {
        return nil
      }
      minutes = found
    }
    point = wall.moved(by: sign * Double(hours * 3_600 + minutes * 60))
  }
}
