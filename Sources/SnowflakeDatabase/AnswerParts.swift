/// An answer taken apart without decoding it: its rows stay where they are, the rest is small.
package struct AnswerParts: Hashable, Sendable {
  /// The JSON object without its member `data`.
  package let head: [UInt8]
  /// Where the array `data` stands, brackets included; nil when it is absent or null.
  package let rows: Range<Int>?

  /// Nil when the bytes are no JSON object, or no array of rows as partitions may be.
  package init?(_ body: [UInt8]) {
    do {
      try self.init(reading: body)
    } catch {
      return nil
    }
  }

  private init(reading body: [UInt8]) throws(JSONFault) {
    var json = JSONBytes(body)
    json.skipSpace()
    var head: [UInt8] = [UInt8(ascii: "{")]
    var rows: Range<Int>?
    if json.current == UInt8(ascii: "[") {
      let start = json.position
      try json.skipValue()
      rows = start..<json.position
    } else {
      try json.expect(UInt8(ascii: "{"))
      var isFirst = true
      while !json.take(UInt8(ascii: "}")) {
        if !isFirst { try json.expect(UInt8(ascii: ",")) }
        isFirst = false
        json.skipSpace()
        let start = json.position
        let key = try json.skipString()
        try json.expect(UInt8(ascii: ":"))
        json.skipSpace()
        let value = json.position
        try json.skipValue()
        if body[key].elementsEqual("data".utf8) {
          rows = body[value] == UInt8(ascii: "[") ? value..<json.position : nil
        } else {
          if head.count > 1 { head.append(UInt8(ascii: ",")) }
          head += body[start..<json.position]
        }
      }
    }
    json.skipSpace()
    guard json.position == body.count else { throw JSONFault(at: json.position) }
    self.head = head + [UInt8(ascii: "}")]
    self.rows = rows
  }
}
