/// The Jinja that is read in a profile: `env_var('NAME')`, with or without a default.
///
/// Everything else could compute anything, and is refused.
enum ProfileTemplate {
  /// Why a value cannot be read; holds nothing of the value but the name of a variable.
  struct Problem: Error, Hashable {
    let reason: String
    var hint: String?
  }

  /// The text with its variables in place.
  static func rendered(
    _ text: String, environment: [String: String]
  ) throws(Problem) -> String {
    var reader = Reader(Array(text.utf8))
    var result: [UInt8] = []
    while let byte = reader.peek {
      if reader.skip("{{") {
        result += Array(try expression(&reader, environment).utf8)
      } else if reader.isAt("{%") || reader.isAt("{#") {
        throw notRead
      } else {
        result.append(byte)
        reader.position += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let notRead = Problem(
    reason: "holds Jinja that is not read here",
    hint: "in profiles.yml Parity reads {{ env_var('NAME') }} and {{ env_var('NAME', 'default') }} "
      + "only")

  private static func expression(
    _ reader: inout Reader, _ environment: [String: String]
  ) throws(Problem) -> String {
    reader.skipBlanks()
    guard reader.skip("env_var") else { throw notRead }
    reader.skipBlanks()
    guard reader.skip("(") else { throw notRead }
    reader.skipBlanks()
    guard let name = reader.literal(), !name.isEmpty else { throw notRead }
    reader.skipBlanks()
    var fallback: String?
    if reader.skip(",") {
      reader.skipBlanks()
      guard let text = reader.literal() else { throw notRead }
      fallback = text
      reader.skipBlanks()
    }
    guard reader.skip(")") else { throw notRead }
    reader.skipBlanks()
    var isNumber = false
    if reader.skip("|") {
      // dbt's own way to write a port.
      reader.skipBlanks()
      guard reader.skip("as_number") || reader.skip("int") else { throw notRead }
      isNumber = true
      reader.skipBlanks()
    }
    guard reader.skip("}}") else { throw notRead }
    guard let value = environment[name] ?? fallback else {
      throw Problem(
        reason: "wants the variable \(name), which is not set",
        hint: "set it, or give it a default: {{ env_var('\(name)', 'default') }}")
    }
    if isNumber, value.isEmpty || !value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      throw Problem(reason: "wants a number in the variable \(name)")
    }
    return value
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    func isAt(_ text: StaticString) -> Bool {
      let end = position + text.utf8CodeUnitCount
      return end <= bytes.count
        && text.withUTF8Buffer { bytes[position..<end].elementsEqual($0) }
    }

    mutating func skip(_ text: StaticString) -> Bool {
      guard isAt(text) else { return false }
      position += text.utf8CodeUnitCount
      return true
    }

    mutating func skipBlanks() {
      while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    /// A text in quotes, without any backslash.
    mutating func literal() -> String? {
      guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
        let end = bytes[(position + 1)...].firstIndex(of: quote)
      else { return nil }
      let inner = bytes[(position + 1)..<end]
      guard !inner.contains(UInt8(ascii: "\\")) else { return nil }
      position = end + 1
      return String(decoding: inner, as: UTF8.self)
    }
  }
}
