import Diagnostics
import TestSupport
import Testing
import YAMLSource

/// Texts that cannot lie in a repository as they are: hidden characters, other line breaks, sizes.
@Suite struct BuiltTests {
  /// Bytes to be refused, shown by their name alone.
  struct Input: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    var testDescription: String { name }
    var golden: String { Fixture.folder("Built") + "/\(name).diagnostics" }

    init(_ name: String, _ text: String) {
      self.init(name, bytes: Array(text.utf8))
    }

    init(_ name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  private static let texts: [Input] = [
    Input(
      "controls",
      "name: a\u{7}b\u{0}\u{0}\u{0}c\nowner: \u{1B}[31mred\u{7F}\u{9B}\nfine: tab\there\n"),
    Input("bidirectional", "sql: select '\u{202E}1\u{2066}' -- \u{200F}\n# \u{061C}comment\n"),
    Input("zero-width", "na\u{200B}me: x\nkey\u{FEFF}: y\ntag: \u{E0041}\nsoft: hy\u{AD}phen\n"),
    Input("line-separators", "name: a\u{2028}b\u{2029}c\u{85}d\nversion: 1\n"),
    Input("carriage-return", "# harmless\rdrop: all\nname: x\r\n"),
    Input("noncharacter", "name: \u{FFFE}\u{1FFFF}\n"),
    Input("hidden-and-more", "a: \u{7}\na: &b 1\nc: \"\n"),
    Input(
      "long-line", "a: [\(Array(repeating: "value", count: 60).joined(separator: ", ")), &x y]\n"),
    Input("too-long", "a: 1\nsql: \"\(String(repeating: "x", count: 65_537))\"\nb: *a\n"),
    Input("too-many", "[\(String(repeating: "a, ", count: 50_000))]"),
    Input("wide", "表: &列 x\n"),
    Input("after-wide", "- [表, 'e\u{301}🙂', \u{202E}, &a x]\n"),
  ]

  @Test(arguments: texts)
  func textIsRefused(_ input: Input) throws {
    let text = String(decoding: input.bytes, as: UTF8.self)
    let file = SourceFile(name: "\(input.name).yml", text: text)
    expectGolden(try diagnostics(of: file), at: input.golden)
  }

  private static let encodings: [Input] = [
    Input("latin-1", bytes: Array("name: caf".utf8) + [0xE9] + Array(" bar\n".utf8)),
    Input("latin-1-below", bytes: Array("a: é\nname: é".utf8) + [0xE9, 0x0A]),
    Input("cut-off", bytes: [0x61, 0x3A, 0x20, 0xE2, 0x82]),
    Input("surrogate", bytes: [0x61, 0xED, 0xA0, 0x80]),
    Input("utf-16-be", bytes: [0xFE, 0xFF, 0, 0x61]),
    Input("utf-16-le", bytes: [0xFF, 0xFE, 0x61, 0]),
    Input("utf-16-no-mark", bytes: [0x61, 0, 0x3A, 0, 0x20, 0]),
    Input("utf-32-be", bytes: [0, 0, 0xFE, 0xFF, 0, 0, 0, 0x61]),
    Input("utf-32-le", bytes: [0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0]),
    Input("too-large", bytes: Array(repeating: 0x20, count: 1_048_577)),
  ]

  @Test(arguments: encodings)
  func bytesAreRefused(_ input: Input) throws {
    let error = try #require(throws: DiagnosticsError.self) {
      try YAMLParser.source(name: "\(input.name).yml", bytes: input.bytes)
    }
    let text = DiagnosticRenderer(files: [], style: .plain).render(error.diagnostics)
    expectGolden(text, at: input.golden)
  }

  /// Reads text that must be accepted.
  private func parse(_ text: String) throws -> Node {
    try YAMLParser.parse(SourceFile(name: "test.yml", text: text))
  }

  @Test func byteOrderMarkIsNoPartOfTheText() throws {
    let file = try YAMLParser.source(name: "a", bytes: [0xEF, 0xBB, 0xBF] + Array("a: b".utf8))
    #expect(file.text == "a: b")
    #expect(try YAMLParser.parse(file).range.end == SourcePosition(line: 1, column: 5, offset: 4))
  }

  @Test func windowsLineBreaksAreRead() throws {
    let unix = "a: 1\nb:\n  - c\n  - |\n    d\n"
    let windows = unix.split(separator: "\n").joined(separator: "\r\n") + "\r\n"
    #expect(dump(try parse(windows)) == dump(try parse(unix)))
  }

  @Test func limitsThemselvesAreAllowed() throws {
    _ = try parse(String(repeating: "[", count: 32) + String(repeating: "]", count: 32))
    _ = try parse("a: \(String(repeating: "x", count: 65_536))")
    _ = try parse("[\(Array(repeating: "a", count: 49_999).joined(separator: ","))]")
    let full = "a: b\n#" + String(repeating: "x", count: 1_048_576 - 6)
    _ = try YAMLParser.parse(YAMLParser.source(name: "full", bytes: Array(full.utf8)))
  }

  @Test func mistakesBeyondAHundredAreNotCounted() throws {
    let error = try #require(throws: DiagnosticsError.self) {
      try parse(String(repeating: "- &a x\n", count: 200))
    }
    #expect(error.diagnostics.count == 100)
    #expect(error.diagnostics.last?.message.notes.last?.hasPrefix("reading stops") == true)
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "[a, {b: "])
  func depthIsRefusedAtOnce(_ opening: String) throws {
    let text = String(repeating: opening, count: 100_000)
    let clock = ContinuousClock()
    let start = clock.now
    let error = try #require(throws: DiagnosticsError.self) { try parse(text) }
    #expect(error.diagnostics.map(\.message.code) == ["E0015"])
    // Milliseconds on a quiet machine; the test must not fail on a busy one.
    #expect(clock.now - start < .seconds(2))
  }

  @Test func emptyValuesAreNull() throws {
    let node = try parse("a:\nb: ~\nc: null\nd: 'null'\ne: ''\nf: Null\n")
    guard case .mapping(let entries) = node.content else {
      Issue.record("expected a mapping")
      return
    }
    #expect(entries.filter(\.value.isNull).map(\.name) == ["a", "b", "c"])
    #expect(entries.first?.value.content == .scalar(text: "", isPlain: true))
  }

  @Test func everyCodeIsExplained() {
    let codes = YAMLParser.explanations.map(\.code)
    let expected = [2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].map { number in
      "E00" + (number < 10 ? "0\(number)" : "\(number)")
    }
    #expect(codes == expected)
    #expect(YAMLParser.explanations.allSatisfy { !$0.title.isEmpty && $0.text.count > 100 })
  }
}
