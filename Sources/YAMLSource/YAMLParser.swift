package import Diagnostics

/// Reads the part of YAML that specs are written in, and refuses the rest with its place.
///
/// A spec is read by people who sign it, so what is written must be what is run: no anchors,
/// aliases, merge keys or tags, one document, each key once, nothing that cannot be seen.
package enum YAMLParser {
  /// The tree of the file's one document; otherwise every mistake that was found in one reading.
  package static func parse(_ file: SourceFile) throws(DiagnosticsError) -> Node {
    try refuseTooLarge(file.text.utf8.count, name: file.name)
    return try DocumentReader.read(file, isForeign: false)
  }

  /// The tree of a file that another tool wrote or reads, such as dbt's, where anchors, aliases,
  /// merge keys and tags are usual; an empty file is an empty text.
  ///
  /// An alias stands for the nodes of its anchor, with their places. A name that occurs twice is
  /// there twice, and what a merge key takes in stands beside what is written out: nothing is
  /// left out, and it is for the caller to say which counts. Tags say nothing.
  package static func parseForeign(_ file: SourceFile) throws(DiagnosticsError) -> Node {
    let count = file.text.utf8.count
    guard count <= Limits.foreign.bytes else {
      throw DiagnosticsError(.tooLarge(count, Limits.foreign), at: .none(file: file.name))
    }
    return try DocumentReader.read(file, isForeign: true)
  }

  /// The text of a file as read from disk: UTF-8, with or without its byte order mark.
  package static func source(
    name: String, bytes: [UInt8]
  ) throws(DiagnosticsError) -> SourceFile {
    try refuseTooLarge(bytes.count, name: name)
    if let encoding = foreignEncoding(bytes) {
      throw DiagnosticsError(.otherEncoding(encoding), at: .none(file: name))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiagnosticsError(.notUTF8(bytes), at: placeOfFirstBadByte(in: bytes, name: name))
    }
    return SourceFile(name: name, text: text)
  }

  private static func refuseTooLarge(
    _ count: Int, name: String
  ) throws(DiagnosticsError) {
    guard count > Limits.spec.bytes else { return }
    throw DiagnosticsError(.tooLarge(count, Limits.spec), at: .none(file: name))
  }

  /// The name of a wider encoding that the first bytes betray.
  private static func foreignEncoding(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
      return "UTF-32"
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    // Without a mark, text in the Latin alphabet has a zero in every second byte.
    guard bytes.count >= 4 else { return nil }
    let zeros = bytes.prefix(4).map { $0 == 0 }
    let isWide = zeros == [false, true, false, true] || zeros == [true, false, true, false]
    return isWide ? "UTF-16" : nil
  }

  private static func placeOfFirstBadByte(in bytes: [UInt8], name: String) -> SourceRange {
    let count = validPrefix(of: bytes)
    let prefix = String(decoding: bytes.prefix(count), as: UTF8.self)
    let file = SourceFile(name: name, text: prefix)
    let place = file.position(at: file.text.utf8.count)
    return SourceRange(file: name, start: place, end: place)
  }
}

/// The number of bytes before the first that is not UTF-8.
private func validPrefix(of bytes: [UInt8]) -> Int {
  var parser = Unicode.UTF8.ForwardParser()
  var iterator = bytes.makeIterator()
  var count = 0
  while case .valid(let scalar) = parser.parseScalar(from: &iterator) { count += scalar.count }
  return count
}

extension DiagnosticsError {
  fileprivate init(_ message: Diagnostic.Message, at range: SourceRange) {
    self.init(diagnostics: [Diagnostic(message, at: range)])
  }
}

extension Diagnostic.Message {
  fileprivate static func otherEncoding(_ encoding: String) -> Self {
    Self(
      "E0002", "the file is \(encoding), expected UTF-8", notes: ["save the file again as UTF-8"])
  }

  fileprivate static func notUTF8(_ bytes: [UInt8]) -> Self {
    let bad = bytes.dropFirst(validPrefix(of: bytes)).first ?? 0
    let hex = String(bad, radix: 16, uppercase: true)
    return Self(
      "E0002", "byte 0x\(hex) is not UTF-8",
      notes: ["save the file again as UTF-8: it may have been written as Latin-1 or Windows-1252"])
  }

  fileprivate static func tooLarge(_ bytes: Int, _ limits: Limits) -> Self {
    Self(
      "E0003", "the file is longer than \(limits.bytes.grouped) bytes",
      notes: ["divide the spec into several files"])
  }
}
