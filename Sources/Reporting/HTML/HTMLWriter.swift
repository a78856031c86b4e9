/// Writes HTML whose markup comes from this program's own source text only.
///
/// Names of elements and attributes are literals; everything else is text, and is escaped here.
struct HTMLWriter {
  /// A name and a value, in the order they are written.
  typealias Attribute = (name: StaticString, value: String)

  /// What was written so far.
  private(set) var text = ""
  /// Bytes beyond which nothing more is written.
  let limit: Int

  /// Whether more was to be written than fits: the text is of no use then.
  var isFull: Bool { text.utf8.count > limit }

  init(limit: Int = .max) { self.limit = limit }

  /// Writes an element around what the closure writes.
  mutating func element(
    _ name: StaticString, _ attributes: [Attribute] = [], content: (inout Self) -> Void
  ) {
    guard !isFull else { return }
    open(name, attributes)
    content(&self)
    text += "</\(name)>"
    if Self.isBlock(name) { text += "\n" }
  }

  /// Writes an element that holds nothing but text.
  mutating func element(_ name: StaticString, _ attributes: [Attribute] = [], text: String) {
    element(name, attributes) { $0.write(text) }
  }

  /// Writes an element that has no content and no end.
  mutating func empty(_ name: StaticString, _ attributes: [Attribute] = []) {
    guard !isFull else { return }
    open(name, attributes)
    text += "\n"
  }

  /// Writes text.
  mutating func write(_ text: String) {
    guard !isFull else { return }
    self.text += Self.escaped(text)
  }

  /// Writes what stands in this program's source text as it is: the style and the document type.
  mutating func literal(_ text: StaticString) { self.text += "\(text)" }

  private mutating func open(_ name: StaticString, _ attributes: [Attribute]) {
    text += "<\(name)"
    for attribute in attributes {
      text += " \(attribute.name)"
      // One without a value is there or not.
      if !attribute.value.isEmpty { text += "=\"\(Self.escaped(attribute.value))\"" }
    }
    text += ">"
  }

  /// Whether a line of the document ends behind it, for those who read its source.
  private static func isBlock(_ name: StaticString) -> Bool {
    switch "\(name)" {
    case "a", "b", "bdi", "code", "rect", "span", "strong", "td", "th", "dt": false
    default: true
    }
  }

  /// The text with markup escaped, and with everything that a reader would not see, or be misled
  /// by, spelled out.
  static func escaped(_ text: String) -> String {
    var text = legible(text)
    // What was masked must not look like a password to those who search pages for one.
    if text.utf8.contains(UInt8(ascii: "*")) { text = text.replacing(":***@", with: ": *** @") }
    // Every byte with a meaning here is ASCII, which never is a part of another character.
    var output: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): output += "&amp;".utf8
      case UInt8(ascii: "<"): output += "&lt;".utf8
      case UInt8(ascii: ">"): output += "&gt;".utf8
      case UInt8(ascii: "\""): output += "&quot;".utf8
      case UInt8(ascii: "'"): output += "&#39;".utf8
      default: output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func legible(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 == UInt8(ascii: "\n") || (0x20...0x7E).contains($0) }
    guard !isPlain else { return text }
    return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
      .map { spelledOut(String($0)) }.joined(separator: "\n")
  }
}
