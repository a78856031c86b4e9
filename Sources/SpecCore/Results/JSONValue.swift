/// A JSON document whose objects keep the order of their members, so that it prints the same
/// bytes every time.
package enum JSONValue: Sendable {
  case object([(String, JSONValue)])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  /// Prints in Swift's shortest form; what is not finite prints as `null`.
  case number(Double)
  case bool(Bool)
  case null
}

extension JSONValue: Equatable {
  /// Whether both are the same document, members in the same order.
  package static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.object(let left), .object(let right)):
      left.elementsEqual(right) { $0.0 == $1.0 && $0.1 == $1.1 }
    case (.array(let left), .array(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.bool(let left), .bool(let right)): left == right
    case (.null, .null): true
    default: false
    }
  }
}

// MARK: Reading a value

extension JSONValue {
  /// The first member of this name, where this is an object.
  package subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.0 == name }?.1
  }

  /// The text, where this is a string.
  package var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The elements, where this is an array.
  package var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}

// MARK: Writing

extension JSONValue {
  /// The document without a final line break; `indent: 0` puts everything on one line.
  ///
  /// Characters that a reader would not see, such as controls and those that reorder text, are
  /// written as `\u` escapes, so that the text is safe to show on a terminal.
  package func rendered(indent: Int = 2) -> String {
    var output = ""
    write(to: &output, indent: indent, level: 0)
    return output
  }

  private func write(to output: inout String, indent: Int, level: Int) {
    switch self {
    case .object(let members):
      Self.writeAll(members, in: ("{", "}"), to: &output, indent: indent, level: level) {
        Self.write($0.0, to: &$1)
        $1 += indent > 0 ? ": " : ":"
        $0.1.write(to: &$1, indent: indent, level: level + 1)
      }
    case .array(let elements):
      Self.writeAll(elements, in: ("[", "]"), to: &output, indent: indent, level: level) {
        $0.write(to: &$1, indent: indent, level: level + 1)
      }
    case .string(let text): Self.write(text, to: &output)
    case .integer(let number): output += String(number)
    case .number(let number): output += number.isFinite ? number.description : "null"
    case .bool(let value): output += value ? "true" : "false"
    case .null: output += "null"
    }
  }

  private static func writeAll<Item>(
    _ items: [Item], in brackets: (String, String), to output: inout String, indent: Int,
    level: Int, each: (Item, inout String) -> Void
  ) {
    output += brackets.0
    for (number, item) in items.enumerated() {
      if number > 0 { output += "," }
      if indent > 0 { output += "\n" + String(repeating: " ", count: indent * (level + 1)) }
      each(item, &output)
    }
    if indent > 0, !items.isEmpty {
      output += "\n" + String(repeating: " ", count: indent * level)
    }
    output += brackets.1
  }

  private static func write(_ text: String, to output: inout String) {
    output += "\""
    defer { output += "\"" }
    let isPlain = text.utf8.allSatisfy {
      (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    if isPlain {
      output += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      default:
        if isHidden(scalar) {
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        } else {
          output.unicodeScalars.append(scalar)
        }
      }
    }
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20...0x7E).contains(scalar.value) { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: scalar.properties.isNoncharacterCodePoint
    }
  }
}

// MARK: Parsing

/// Why a text is not JSON, and where.
package struct JSONParseError: Error, Hashable, Sendable {
  /// What was wrong, in lower case.
  package let reason: String
  /// The byte at which it was noticed, counted from 0.
  package let offset: Int

  package init(reason: String, offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

extension JSONValue {
  /// Reads a document after RFC 8259 and nothing looser: no comments, no trailing commas, no
  /// member twice, no half surrogate pairs, at most 64 levels.
  ///
  /// Whole numbers become `.integer` where they fit, all others `.number`.
  package static func parse(_ text: String) throws(JSONParseError) -> JSONValue {
    var parser = JSONParser(bytes: Array(text.utf8))
    return try parser.document()
  }
}

/// A recursive-descent reader over UTF-8 bytes.
private struct JSONParser {
  let bytes: [UInt8]
  var offset = 0

  static let deepest = 64
  static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONParseError) -> JSONValue {
    let value = try self.value(depth: 0)
    skipBlanks()
    guard offset == bytes.count else { throw error("expected the end of the document") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONParseError) -> JSONValue {
    skipBlanks()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case let byte? where byte == UInt8(ascii: "-") || Self.digits.contains(byte):
      return try number()
    default: throw error("expected a value")
    }
  }

  private mutating func object(depth: Int) throws(JSONParseError) -> JSONValue {
    try descend(to: depth)
    var members: [(String, JSONValue)] = []
    // Compared as bytes: two spellings of one accented letter are two names.
    var names: Set<[UInt8]> = []
    skipBlanks()
    if take("}") { return .object(members) }
    repeat {
      skipBlanks()
      guard peek == UInt8(ascii: "\"") else { throw error("expected a member's name") }
      let name = try string()
      let isNew = names.insert(Array(name.utf8)).inserted
      guard isNew else { throw error("the member is there twice") }
      skipBlanks()
      guard take(":") else { throw error("expected ':'") }
      members.append((name, try value(depth: depth)))
      skipBlanks()
    } while take(",")
    guard take("}") else { throw error("expected ',' or '}'") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONParseError) -> JSONValue {
    try descend(to: depth)
    var elements: [JSONValue] = []
    skipBlanks()
    if take("]") { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth))
      skipBlanks()
    } while take(",")
    guard take("]") else { throw error("expected ',' or ']'") }
    return .array(elements)
  }

  private mutating func descend(to depth: Int) throws(JSONParseError) {
    guard depth <= Self.deepest else { throw error("nested more than \(Self.deepest) levels") }
    offset += 1
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(JSONParseError) -> JSONValue {
    guard bytes[offset...].starts(with: word.utf8) else { throw error("expected a value") }
    offset += word.utf8.count
    return value
  }

  private mutating func number() throws(JSONParseError) -> JSONValue {
    let start = offset
    _ = take("-")
    if !take("0"), digits() == 0 { throw error("expected a digit") }
    var isWhole = true
    if take(".") {
      isWhole = false
      if digits() == 0 { throw error("expected a digit after the point") }
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw error("expected a digit in the exponent") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let number = Int(text) { return .integer(number) }
    guard let number = Double(text), number.isFinite else { throw error("the number is too large") }
    return .number(number)
  }

  private mutating func digits() -> Int {
    let start = offset
    while let byte = peek, Self.digits.contains(byte) { offset += 1 }
    return offset - start
  }

  private mutating func string() throws(JSONParseError) -> String {
    offset += 1
    var text = ""
    var start = offset
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        text += String(decoding: bytes[start..<offset], as: UTF8.self)
        offset += 1
        return text
      case UInt8(ascii: "\\"):
        text += String(decoding: bytes[start..<offset], as: UTF8.self)
        offset += 1
        text.unicodeScalars.append(try escape())
        start = offset
      case 0..<0x20: throw error("a control character must be escaped")
      default: offset += 1
      }
    }
    throw error("the string does not end")
  }

  private mutating func escape() throws(JSONParseError) -> Unicode.Scalar {
    defer { offset += 1 }
    switch peek {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codePoint()
    default: throw error("unknown escape")
    }
  }

  /// Reads behind `\u`, and stops on the last digit.
  private mutating func codePoint() throws(JSONParseError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, bytes[(offset + 1)...].starts(with: "\\u".utf8) else {
      throw error("half of a surrogate pair")
    }
    offset += 2
    let second = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error("half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONParseError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      offset += 1
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      value = value << 4 + UInt32(digit)
    }
    return value
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: scalar) else { return false }
    offset += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  private func error(_ reason: String) -> JSONParseError {
    JSONParseError(reason: reason, offset: min(offset, bytes.count))
  }
}
