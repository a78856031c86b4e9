/// Text that several programs write in several ways for one value: it is read, and the values are
/// compared.
package enum LooseText: Hashable, Sendable {
  /// `1 day 02:00:00` as Postgres prints it, or `P1DT2H` (ISO 8601).
  case interval
  /// `12:30:00+02`, `12:30:00.000+02:00` or `10:30:00Z`; other zones are other values.
  case zonedTime
  /// A list as JSON, or as Postgres prints arrays: `{a,NULL,"b c"}`.
  case list
  /// A type whose texts are not known here: only the same text is known to be the same value.
  case unknown

  /// Whether both texts are one value; `nil` where that cannot be told.
  func isSame(_ left: String, _ right: String) -> Bool? {
    switch self {
    case .interval: same(Interval(left), Interval(right))
    case .zonedTime: same(ZonedTime(left), ZonedTime(right))
    case .list: ListText.isSame(left, right)
    case .unknown: nil
    }
  }

  private func same<Value: Equatable>(_ left: Value?, _ right: Value?) -> Bool? {
    guard let left, let right else { return nil }
    return left == right
  }

  /// Microseconds of `12`, `12.5`, `-0.000001`; `nil` beyond six places.
  fileprivate static func microseconds(_ text: Substring) -> Int128? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let isNegative = text.first == "-"
    guard let whole = Int64(parts[0]) else { return nil }
    var fraction: Int128 = 0
    if parts.count == 2 {
      let digits = parts[1]
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        digits.dropFirst(6).allSatisfy({ $0 == "0" }),
        let number = Int128(digits.prefix(6))
      else { return nil }
      fraction = (digits.count..<6).reduce(number) { value, _ in value * 10 }
    }
    return Int128(whole) * 1_000_000 + (isNegative ? -fraction : fraction)
  }

  /// Microseconds of `02:00`, `02:00:00.5`.
  fileprivate static func clock(_ text: Substring) -> Int128? {
    var text = text
    let isNegative = text.first == "-"
    if isNegative || text.first == "+" { text = text.dropFirst() }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts.allSatisfy({ $0.first?.isNumber == true }),
      let hours = Int64(parts[0]), let minutes = Int64(parts[1]), minutes < 60,
      let rest = parts.count == 3 ? microseconds(parts[2]) : 0, rest < 60_000_000
    else { return nil }
    let sum = (Int128(hours) * 60 + Int128(minutes)) * 60_000_000 + rest
    return isNegative ? -sum : sum
  }
}

/// A length of time in three parts that do not convert into each other: a month has no fixed days,
/// a day no fixed hours.
private struct Interval: Hashable {
  var months: Int128 = 0
  var days: Int128 = 0
  var microseconds: Int128 = 0

  init?(_ text: String) {
    let isRead = text.first == "P" ? readISO(text.dropFirst()) : readWords(text)
    guard isRead else { return nil }
  }

  private mutating func add(_ amount: Substring, _ unit: some StringProtocol) -> Bool {
    if ["s", "sec", "secs", "second", "seconds"].contains(String(unit)) {
      guard let value = LooseText.microseconds(amount) else { return false }
      microseconds += value
      return true
    }
    guard let count = Int64(amount) else { return false }
    let value = Int128(count)
    switch unit {
    case "year", "years": months += value * 12
    case "mon", "mons", "month", "months": months += value
    case "week", "weeks": days += value * 7
    case "day", "days": days += value
    case "hour", "hours": microseconds += value * 3_600_000_000
    case "min", "mins", "minute", "minutes": microseconds += value * 60_000_000
    default: return false
    }
    return true
  }

  private mutating func readWords(_ text: String) -> Bool {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty else { return false }
    var position = 0
    while position < words.count {
      if words[position].contains(":") {
        guard let time = LooseText.clock(words[position]) else { return false }
        microseconds += time
        position += 1
        continue
      }
      guard position + 1 < words.count, add(words[position], words[position + 1]) else {
        return false
      }
      position += 2
    }
    return true
  }

  private mutating func readISO(_ text: Substring) -> Bool {
    let dates = ["Y": "years", "M": "months", "W": "weeks", "D": "days"]
    let times = ["H": "hours", "M": "minutes", "S": "seconds"]
    var isTime = false
    var amount = ""
    guard !text.isEmpty, text != "T" else { return false }
    for character in text {
      if character == "T", amount.isEmpty, !isTime {
        isTime = true
      } else if let unit = (isTime ? times : dates)[String(character)] {
        guard add(amount[...], unit) else { return false }
        amount = ""
      } else {
        amount.append(character)
      }
    }
    return amount.isEmpty
  }
}

/// A time of day and how far its clock is ahead of UTC.
private struct ZonedTime: Hashable {
  let microseconds: Int128
  let offset: Int128

  init?(_ text: String) {
    if text.last == "Z" {
      guard let time = LooseText.clock(text.dropLast()) else { return nil }
      (microseconds, offset) = (time, 0)
      return
    }
    guard let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }), sign > text.startIndex,
      let time = LooseText.clock(text[..<sign])
    else { return nil }
    // `+02`, `+02:00` or `+0200`.
    var zone = String(text[sign...])
    if zone.count == 5 { zone.insert(":", at: zone.index(zone.startIndex, offsetBy: 3)) }
    if zone.count == 3 { zone += ":00" }
    guard let ahead = LooseText.clock(zone[...]) else { return nil }
    (microseconds, offset) = (time, ahead)
  }
}

/// A list as JSON or as Postgres prints arrays.
private indirect enum ListText: Hashable {
  case null
  /// Bytes, because Swift's texts are equal where letters are composed in another way; numbers as
  /// they are written, so that no digit is lost.
  case text([UInt8])
  case list([ListText])

  static func isSame(_ left: String, _ right: String) -> Bool? {
    guard let one = read(left), let other = read(right) else { return nil }
    if one == other { return true }
    // Postgres prints the elements `t` and `f` of boolean arrays, and of text arrays too.
    return one.spelledOut == other.spelledOut ? nil : false
  }

  private static func read(_ text: String) -> ListText? {
    var rest = text.utf8[...]
    let list: ListText?
    if rest.first == UInt8(ascii: "{") {
      list = items(&rest, from: "{", to: "}", element: literal)
    } else {
      // What follows relies on the text being JSON.
      guard (try? JSONValue.parse(text)) != nil else { return nil }
      list = items(&rest, from: "[", to: "]", element: json)
      skipBlanks(&rest)
    }
    return rest.isEmpty ? list : nil
  }

  private var spelledOut: ListText {
    switch self {
    case .text([UInt8(ascii: "t")]): .text(Array("true".utf8))
    case .text([UInt8(ascii: "f")]): .text(Array("false".utf8))
    case .list(let items): .list(items.map(\.spelledOut))
    default: self
    }
  }

  private static func skipBlanks(_ rest: inout Substring.UTF8View) {
    rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }

  /// Elements between brackets, separated by commas.
  private static func items(
    _ rest: inout Substring.UTF8View, from open: Unicode.Scalar, to close: Unicode.Scalar,
    element: (inout Substring.UTF8View) -> ListText?
  ) -> ListText? {
    guard rest.first == UInt8(ascii: open) else { return nil }
    rest = rest.dropFirst()
    if open == "[" { skipBlanks(&rest) }
    if rest.first == UInt8(ascii: close) {
      rest = rest.dropFirst()
      return .list([])
    }
    var items: [ListText] = []
    while let item = element(&rest) {
      items.append(item)
      if open == "[" { skipBlanks(&rest) }
      guard let next = rest.popFirst() else { return nil }
      if next == UInt8(ascii: close) { return .list(items) }
      guard next == UInt8(ascii: ",") else { return nil }
    }
    return nil
  }

  /// An element of a JSON array; `nil` for objects, which are no elements of a plain list.
  private static func json(_ rest: inout Substring.UTF8View) -> ListText? {
    skipBlanks(&rest)
    if rest.first == UInt8(ascii: "[") { return items(&rest, from: "[", to: "]", element: json) }
    var token: [UInt8] = []
    if rest.first == UInt8(ascii: "\"") {
      var isEscaped = false
      while let byte = rest.popFirst() {
        token.append(byte)
        if byte == UInt8(ascii: "\""), !isEscaped, token.count > 1 { break }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      }
    } else {
      let end = rest.firstIndex { [0x20, 0x09, 0x0A, 0x0D, 0x2C, 0x5D].contains($0) }
      token = Array(rest[..<(end ?? rest.endIndex)])
      rest = rest[(end ?? rest.endIndex)...]
    }
    guard let text = String(validating: token, as: UTF8.self),
      let value = try? JSONValue.parse(text)
    else { return nil }
    switch value {
    case .null: return .null
    case .string(let text): return .text(Array(text.utf8))
    case .integer, .number, .bool: return .text(token)
    case .array, .object: return nil
    }
  }

  /// An element of an array as Postgres prints it.
  private static func literal(_ rest: inout Substring.UTF8View) -> ListText? {
    if rest.first == UInt8(ascii: "{") {
      return items(&rest, from: "{", to: "}", element: literal)
    }
    let isQuoted = rest.first == UInt8(ascii: "\"")
    if isQuoted { rest = rest.dropFirst() }
    var bytes: [UInt8] = []
    while let byte = rest.first {
      if !isQuoted, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") {
        return bytes.isEmpty ? nil : bytes == Array("NULL".utf8) ? .null : .text(bytes)
      }
      rest = rest.dropFirst()
      if byte == UInt8(ascii: "\\") {
        guard let escaped = rest.popFirst() else { return nil }
        bytes.append(escaped)
      } else if isQuoted, byte == UInt8(ascii: "\"") {
        return .text(bytes)
      } else {
        bytes.append(byte)
      }
    }
    return nil
  }
}
