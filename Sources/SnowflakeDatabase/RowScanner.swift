/// Reads rows out of a partition a few at a time, so that only those exist as strings.
///
/// A cell is Snowflake's own text, or nil for JSON `null`; numbers and booleans that stand without
/// quotes are taken letter by letter and never parsed.
package struct RowScanner: Sendable {
  private var json: JSONBytes
  private let end: Int
  private let width: Int
  private var isFirst = true
  private var isDone: Bool
  /// How many rows were read so far.
  package private(set) var count = 0

  /// Starts at the first row; `width` is how many cells each must have.
  package init(_ partition: Partition, width: Int) {
    json = JSONBytes(partition.body, from: partition.rows?.lowerBound ?? 0)
    end = partition.rows?.upperBound ?? 0
    self.width = width
    isDone = partition.rows == nil
  }

  /// The next rows, at most `limit` of them and not much more than `bytes` of text; none at the end.
  package mutating func next(
    _ limit: Int, bytes: Int = 4_194_304
  ) throws(JSONFault) -> [[String?]] {
    var rows: [[String?]] = []
    let start = json.position
    while !isDone, rows.count < limit, json.position - start < bytes {
      if isFirst { try json.expect(UInt8(ascii: "[")) }
      if json.take(UInt8(ascii: "]")) {
        isDone = true
        guard json.position == end else { throw JSONFault(at: json.position) }
        break
      }
      if !isFirst { try json.expect(UInt8(ascii: ",")) }
      isFirst = false
      rows.append(try row())
      count += 1
    }
    return rows
  }

  private mutating func row() throws(JSONFault) -> [String?] {
    var cells: [String?] = []
    cells.reserveCapacity(width)
    try json.expect(UInt8(ascii: "["))
    while !json.take(UInt8(ascii: "]")) {
      if !cells.isEmpty { try json.expect(UInt8(ascii: ",")) }
      cells.append(try cell())
    }
    guard cells.count == width else { throw JSONFault(at: json.position) }
    return cells
  }

  private mutating func cell() throws(JSONFault) -> String? {
    json.skipSpace()
    if json.current == UInt8(ascii: "\"") { return try string() }
    let word = try json.skipWord()
    return json.bytes[word].elementsEqual("null".utf8) ? nil : try text(word)
  }

  private mutating func string() throws(JSONFault) -> String {
    let (range, isPlain) = try json.string()
    return isPlain ? try text(range) : try unescaped(range)
  }

  private func text(_ range: Range<Int>) throws(JSONFault) -> String {
    do {
      return String(copying: try UTF8Span(validating: json.bytes.span.extracting(range)))
    } catch {
      // Repairing bad UTF-8 would make different data look alike.
      throw JSONFault(at: range.lowerBound)
    }
  }

  private func unescaped(_ range: Range<Int>) throws(JSONFault) -> String {
    var plain: [UInt8] = []
    plain.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = json.bytes[index]
      guard byte == UInt8(ascii: "\\") else {
        plain.append(byte)
        index += 1
        continue
      }
      index = try appendEscape(at: index, before: range.upperBound, to: &plain)
    }
    guard let text = String(validating: plain, as: UTF8.self) else {
      throw JSONFault(at: range.lowerBound)
    }
    return text
  }

  /// Decodes the escape at `index` and returns where the text goes on.
  private func appendEscape(
    at index: Int, before end: Int, to plain: inout [UInt8]
  ) throws(JSONFault) -> Int {
    guard index + 1 < end else { throw JSONFault(at: index) }
    switch json.bytes[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      plain.append(json.bytes[index + 1])
    case UInt8(ascii: "b"): plain.append(0x08)
    case UInt8(ascii: "f"): plain.append(0x0C)
    case UInt8(ascii: "n"): plain.append(0x0A)
    case UInt8(ascii: "r"): plain.append(0x0D)
    case UInt8(ascii: "t"): plain.append(0x09)
    case UInt8(ascii: "u"): return try appendUnicode(at: index, before: end, to: &plain)
    default: throw JSONFault(at: index)
    }
    return index + 2
  }

  private func appendUnicode(
    at index: Int, before end: Int, to plain: inout [UInt8]
  ) throws(JSONFault) -> Int {
    let high = try unit(at: index + 2, before: end)
    // `Unicode.Scalar` refuses halves of a pair, so what is left are pairs and mistakes.
    if let scalar = Unicode.Scalar(high) {
      plain += String(scalar).utf8
      return index + 6
    }
    guard high < 0xDC00, index + 7 < end, json.bytes[index + 6] == UInt8(ascii: "\\"),
      json.bytes[index + 7] == UInt8(ascii: "u")
    else { throw JSONFault(at: index) }
    let low = try unit(at: index + 8, before: end)
    guard 0xDC00...0xDFFF ~= low,
      let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    else { throw JSONFault(at: index) }
    plain += String(scalar).utf8
    return index + 12
  }

  /// Four hexadecimal digits.
  private func unit(at index: Int, before end: Int) throws(JSONFault) -> UInt32 {
    guard index + 4 <= end else { throw JSONFault(at: index) }
    var unit: UInt32 = 0
    for byte in json.bytes[index..<(index + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw JSONFault(at: index)
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }
}
