import Diagnostics

/// Writes XML 1.0 that every parser accepts, whatever the text it is given.
struct XMLWriter {
  /// A name and a value, in the order they are written.
  typealias Attribute = (name: String, value: String)

  /// What was written so far.
  private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private var open: [String] = []

  /// Begins an element that holds other elements.
  mutating func begin(_ name: String, _ attributes: [Attribute] = []) {
    indent()
    tag(name, attributes)
    text += ">\n"
    open.append(name)
  }

  /// Ends the element that was begun last.
  mutating func end() {
    guard let name = open.popLast() else {
      preconditionFailure("every end() belongs to a begin()")
    }
    indent()
    text += "</\(name)>\n"
  }

  /// Writes an element that holds nothing but text, which stands as it is, blanks included.
  mutating func element(_ name: String, _ attributes: [Attribute] = [], text content: String = "") {
    indent()
    tag(name, attributes)
    text += content.isEmpty ? "/>\n" : ">\(Self.escaped(content, isAttribute: false))</\(name)>\n"
  }

  private mutating func indent() {
    text += String(repeating: "  ", count: open.count)
  }

  private mutating func tag(_ name: String, _ attributes: [Attribute]) {
    text += "<\(name)"
    for attribute in attributes {
      text += " \(attribute.name)=\"\(Self.escaped(attribute.value, isAttribute: true))\""
    }
  }

  /// The text with markup escaped, and with everything that no reader should see spelled out.
  ///
  /// An attribute is one line: its line breaks and tabs become blanks.
  static func escaped(_ content: String, isAttribute: Bool) -> String {
    // Every byte with a meaning here is ASCII, which never is a part of another character.
    var output: [UInt8] = []
    for byte in legible(content).utf8 {
      switch byte {
      case UInt8(ascii: "&"): output += "&amp;".utf8
      case UInt8(ascii: "<"): output += "&lt;".utf8
      case UInt8(ascii: ">"): output += "&gt;".utf8
      case UInt8(ascii: "\"") where isAttribute: output += "&quot;".utf8
      case UInt8(ascii: "\n") where isAttribute, UInt8(ascii: "\t") where isAttribute:
        output.append(UInt8(ascii: " "))
      default: output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The text without secrets, and with what XML forbids or a terminal acts on as `U+0007`; line
  /// breaks are line feeds.
  static func legible(_ content: String) -> String {
    let content = redacted(content)
    guard !content.utf8.allSatisfy(isPlain) else { return content }
    let scalars = content.unicodeScalars
    var output = ""
    // What may stand is copied in runs, as accounts are long and what may not stand is rare.
    var run = scalars.startIndex
    var index = run
    while index < scalars.endIndex {
      let scalar = scalars[index]
      let next = scalars.index(after: index)
      if let words = replacement(for: scalar, before: scalars[next...]) {
        output += content[run..<index]
        output += words
        run = next
      }
      index = next
    }
    return output + content[run...]
  }

  /// Whether nothing has to be looked at more closely.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "[")
  }

  /// Whether a bracket before this text makes a colour sequence such as `[31m`.
  ///
  /// Without the escape character in front such a sequence is harmless, but consoles that show
  /// build logs colour by it, and a database's value may well hold one.
  private static func isColour(_ rest: Substring.UnicodeScalarView) -> Bool {
    let behind = rest.drop { ("0"..."9").contains($0) || $0 == ";" }
    guard behind.startIndex > rest.startIndex, behind.first == "m" else { return false }
    guard let next = behind.dropFirst().first else { return true }
    return !(next == "_" || next.properties.isAlphabetic || ("0"..."9").contains(next))
  }

  /// What is written instead of a scalar, or `nil` where it may stand.
  private static func replacement(
    for scalar: Unicode.Scalar, before rest: Substring.UnicodeScalarView
  ) -> String? {
    switch scalar {
    case "\n", "\t": return nil
    case "\r": return rest.first == "\n" ? "" : "\n"
    case "[": return isColour(rest) ? scalar.codePoint : nil
    default:
      switch HiddenCharacter(scalar) {
      case .control, .noncharacter: return scalar.codePoint
      default: return nil
      }
    }
  }
}
