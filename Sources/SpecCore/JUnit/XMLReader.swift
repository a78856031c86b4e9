/// Reads an XML document event by event, strictly and without effects.
///
/// Only what reports need is known: elements, attributes, text, CDATA, comments and processing
/// instructions, in UTF-8. A document type is refused, and with it every entity but the five that
/// XML itself defines: nothing is fetched, and nothing grows while it is read. (XML 1.0, fifth
/// edition, is the source of what is well-formed.)
struct XMLReader {
  /// What comes next in a document.
  enum Event: Hashable {
    case open(name: String, attributes: [Attribute])
    case text(Text)
    case close(name: String)
  }

  /// A name with a value that is not yet decoded.
  struct Attribute: Hashable {
    let name: String
    let value: Text
  }

  /// A part of the document that was found well-formed, to be decoded where it is wanted.
  struct Text: Hashable {
    fileprivate let range: Range<Int>
    /// Whether it stands in a CDATA section, where `&` is a letter like others.
    fileprivate let isLiteral: Bool
  }

  /// Why a document is not read, and where.
  struct Problem: Error, Hashable {
    /// From 1; columns count characters.
    let line: Int
    let column: Int
    /// In lower case.
    let reason: String
  }

  /// Elements inside one another at most.
  static let mostDepth = 64
  /// Attributes of one element at most.
  static let mostAttributes = 256
  /// Bytes of a name at most.
  static let mostNameBytes = 1_024

  private let bytes: [UInt8]
  private var position = 0
  private var open: [String] = []
  private var hasRoot = false
  /// Whether the element that was opened last is closed by the same tag.
  private var isSelfClosed = false

  /// Looks at the encoding and the declaration.
  init(_ bytes: [UInt8]) throws(Problem) {
    self.bytes = bytes
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw problem("it is UTF-16, expected UTF-8", at: 0)
    }
    if let bad = Self.firstBadByte(bytes) { throw problem("this byte is not UTF-8", at: bad) }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    try readDeclaration()
  }

  /// The next event; `nil` behind the end of the root element.
  mutating func next() throws(Problem) -> Event? {
    if isSelfClosed {
      isSelfClosed = false
      return .close(name: open.removeLast())
    }
    while position < bytes.count {
      if bytes[position] != UInt8(ascii: "<") {
        if !open.isEmpty { return .text(try readText()) }
        guard Self.isBlank(bytes[position]) else {
          throw problem(
            hasRoot ? "text stands behind the root element" : "this is not XML: expected `<`",
            at: position)
        }
        position += 1
      } else if starts(with: "<!--") {
        try skipComment()
      } else if starts(with: "<![CDATA[") {
        guard !open.isEmpty else {
          throw problem("a CDATA section stands outside of the root element", at: position)
        }
        return .text(try readLiteral())
      } else if starts(with: "<!") {
        throw problem(
          "a document type (DTD) is not read: it could fetch or define text", at: position)
      } else if starts(with: "<?") {
        try skipInstruction()
      } else if starts(with: "</") {
        return .close(name: try readClosing())
      } else {
        return try readOpening()
      }
    }
    if let name = open.last {
      throw problem("the file ends inside of <\(name)>: it was not written whole", at: position)
    }
    guard hasRoot else { throw problem("it holds no element", at: position) }
    return nil
  }

  /// Whether it is white space and nothing else.
  func isBlank(_ text: Text) -> Bool { bytes[text.range].allSatisfy(Self.isBlank) }

  /// The text with references resolved; at most so many bytes of it.
  func decoded(_ text: Text, limit: Int) -> String {
    var found: [UInt8] = []
    var at = text.range.lowerBound
    while at < text.range.upperBound, found.count < limit {
      if bytes[at] == UInt8(ascii: "&"), !text.isLiteral,
        let (scalar, end) = Self.reference(bytes, at, text.range.upperBound)
      {
        found += Array(String(Character(scalar)).utf8)
        at = end
      } else {
        found.append(bytes[at])
        at += 1
      }
    }
    if at < text.range.upperBound {
      // Not in the middle of a character.
      while let last = found.last, last & 0xC0 == 0x80 { found.removeLast() }
      if let last = found.last, last >= 0xC0 { found.removeLast() }
    }
    return String(decoding: found, as: UTF8.self)
  }

  // MARK: Parts

  private mutating func readOpening() throws(Problem) -> Event {
    let start = position
    position += 1
    let name = try readName("an element's name")
    if open.isEmpty, hasRoot { throw problem("a second root element <\(name)>", at: start) }
    guard open.count < Self.mostDepth else {
      throw problem("more than \(Self.mostDepth) elements lie inside one another", at: start)
    }
    var attributes: [Attribute] = []
    while true {
      let hadBlank = skipBlanks()
      guard position < bytes.count else {
        throw problem("the file ends inside of a tag: it was not written whole", at: position)
      }
      if bytes[position] == UInt8(ascii: ">") {
        position += 1
        break
      }
      if starts(with: "/>") {
        position += 2
        isSelfClosed = true
        break
      }
      guard hadBlank else { throw problem("expected a blank before an attribute", at: position) }
      let place = position
      let attribute = try readAttribute()
      if attributes.contains(where: { $0.name == attribute.name }) {
        throw problem("the attribute \(attribute.name) stands here twice", at: place)
      }
      guard attributes.count < Self.mostAttributes else {
        throw problem("an element has more than \(Self.mostAttributes) attributes", at: place)
      }
      attributes.append(attribute)
    }
    hasRoot = true
    open.append(name)
    return .open(name: name, attributes: attributes)
  }

  private mutating func readAttribute() throws(Problem) -> Attribute {
    let name = try readName("an attribute's name")
    _ = skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
      throw problem("expected `=` behind the attribute \(name)", at: position)
    }
    position += 1
    _ = skipBlanks()
    guard position < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[position])
    else { throw problem("the value of \(name) does not stand in quotes", at: position) }
    let quote = bytes[position]
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != quote {
      if bytes[position] == UInt8(ascii: "<") {
        throw problem("`<` stands in the value of \(name)", at: position)
      }
      try checkCharacter(isLiteral: false)
    }
    guard position < bytes.count else {
      throw problem("the file ends inside of a value: it was not written whole", at: position)
    }
    defer { position += 1 }
    return Attribute(name: name, value: Text(range: start..<position, isLiteral: false))
  }

  private mutating func readClosing() throws(Problem) -> String {
    let start = position
    position += 2
    let name = try readName("an element's name")
    _ = skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: ">") else {
      throw problem("expected `>` behind </\(name)", at: position)
    }
    position += 1
    guard let last = open.popLast() else {
      throw problem("</\(name)> closes nothing", at: start)
    }
    guard last == name else {
      throw problem("</\(name)> stands where </\(last)> is expected", at: start)
    }
    return name
  }

  private mutating func readText() throws(Problem) -> Text {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
      if bytes[position] == UInt8(ascii: "]"), starts(with: "]]>") {
        throw problem("`]]>` stands outside of a CDATA section", at: position)
      }
      try checkCharacter(isLiteral: false)
    }
    return Text(range: start..<position, isLiteral: false)
  }

  private mutating func readLiteral() throws(Problem) -> Text {
    let opening = position
    position += 9
    let start = position
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "]"), starts(with: "]]>") {
        defer { position += 3 }
        return Text(range: start..<position, isLiteral: true)
      }
      try checkCharacter(isLiteral: true)
    }
    throw problem("a CDATA section is not closed", at: opening)
  }

  private mutating func skipComment() throws(Problem) {
    let opening = position
    position += 4
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "-"), starts(with: "--") {
        guard starts(with: "-->") else {
          throw problem("`--` stands inside of a comment", at: position)
        }
        position += 3
        return
      }
      try checkCharacter(isLiteral: true)
    }
    throw problem("a comment is not closed", at: opening)
  }

  private mutating func skipInstruction() throws(Problem) {
    let opening = position
    position += 2
    let name = try readName("a processing instruction's name")
    if name.lowercased() == "xml" {
      throw problem("an XML declaration stands elsewhere than at the beginning", at: opening)
    }
    while position < bytes.count {
      if starts(with: "?>") {
        position += 2
        return
      }
      try checkCharacter(isLiteral: true)
    }
    throw problem("a processing instruction is not closed", at: opening)
  }

  /// `<?xml version="1.0" encoding="UTF-8"?>`, where it is there.
  private mutating func readDeclaration() throws(Problem) {
    guard starts(with: "<?xml"), position + 5 < bytes.count, Self.isBlank(bytes[position + 5])
    else { return }
    let opening = position
    position += 5
    var names: [String] = []
    while true {
      let hadBlank = skipBlanks()
      if starts(with: "?>") {
        position += 2
        break
      }
      guard hadBlank, position < bytes.count else {
        throw problem("the XML declaration is not closed", at: opening)
      }
      let place = position
      let attribute = try readAttribute()
      let value = decoded(attribute.value, limit: 64)
      names.append(attribute.name)
      switch attribute.name {
      case "version" where value.hasPrefix("1."): break
      case "encoding" where ["utf-8", "utf8", "us-ascii", "ascii"].contains(value.lowercased()):
        break
      case "standalone" where value == "yes" || value == "no": break
      case "encoding": throw problem("the encoding is \(value), expected UTF-8", at: place)
      default: throw problem("`\(attribute.name)` cannot stand so in a declaration", at: place)
      }
    }
    let order = ["version", "encoding", "standalone"].filter(names.contains)
    guard names == order, names.first == "version" else {
      throw problem("the XML declaration is malformed", at: opening)
    }
  }

  // MARK: Characters

  private mutating func readName(_ what: String) throws(Problem) -> String {
    let start = position
    while position < bytes.count, Self.isName(bytes[position]) { position += 1 }
    guard position > start, !Self.isInnerOnly(bytes[start]) else {
      throw problem("expected \(what)", at: start)
    }
    guard position - start <= Self.mostNameBytes else {
      throw problem("\(what) is longer than \(Self.mostNameBytes) bytes", at: start)
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// Letters, digits and marks of names; every letter outside of ASCII counts.
  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x80...: true
    default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":") || isInnerOnly(byte)
    }
  }

  /// What may stand in a name, but not begin one.
  private static func isInnerOnly(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private mutating func skipBlanks() -> Bool {
    let start = position
    while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
    return position > start
  }

  private func starts(with text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    return text.withUTF8Buffer { bytes[position..<position + count].elementsEqual($0) }
  }

  /// Passes over one byte or one reference that may stand in a text.
  private mutating func checkCharacter(isLiteral: Bool) throws(Problem) {
    let byte = bytes[position]
    if byte < 0x20, !Self.isBlank(byte) {
      let number = String(byte, radix: 16, uppercase: true)
      throw problem(
        "the control character U+00\(byte < 16 ? "0" : "")\(number) may not stand in XML",
        at: position)
    }
    if byte == 0xEF, position + 2 < bytes.count, bytes[position + 1] == 0xBF,
      bytes[position + 2] >= 0xBE
    {
      throw problem("U+FFFE and U+FFFF may not stand in XML", at: position)
    }
    guard byte == UInt8(ascii: "&"), !isLiteral else {
      position += 1
      return
    }
    guard let (_, end) = Self.reference(bytes, position, bytes.count) else {
      throw problem(
        "`&` begins none of &lt; &gt; &amp; &quot; &apos; and no reference to a character",
        at: position)
    }
    position = end
  }

  /// The character that a reference at `start` stands for, and where the reference ends.
  private static func reference(
    _ bytes: [UInt8], _ start: Int, _ limit: Int
  ) -> (Unicode.Scalar, Int)? {
    let most = min(limit, start + 12)
    guard let end = bytes[start..<most].firstIndex(of: UInt8(ascii: ";")) else { return nil }
    let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    switch name {
    case "lt": return ("<", end + 1)
    case "gt": return (">", end + 1)
    case "amp": return ("&", end + 1)
    case "quot": return ("\"", end + 1)
    case "apos": return ("'", end + 1)
    default: break
    }
    guard name.hasPrefix("#") else { return nil }
    let isHexadecimal = name.hasPrefix("#x")
    let digits = name.dropFirst(isHexadecimal ? 2 : 1)
    guard let first = digits.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"),
      let number = UInt32(digits, radix: isHexadecimal ? 16 : 10),
      let scalar = Unicode.Scalar(number)
    else { return nil }
    let isLegal =
      number >= 0x20 ? number != 0xFFFE && number != 0xFFFF : [9, 10, 13].contains(number)
    return isLegal ? (scalar, end + 1) : nil
  }

  private static func firstBadByte(_ bytes: [UInt8]) -> Int? {
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var count = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { count += scalar.count }
    return count
  }

  private func problem(_ reason: String, at offset: Int) -> Problem {
    let before = bytes[..<min(offset, bytes.count)]
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let line = 1 + before.count { $0 == 0x0A }
    let column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
    return Problem(line: line, column: column, reason: reason)
  }
}
