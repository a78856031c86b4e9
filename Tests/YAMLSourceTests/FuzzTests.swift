import Diagnostics
import TestSupport
import Testing
import YAMLSource

/// Whatever the bytes are, reading ends in a tree or in diagnostics with true places.
@Suite struct FuzzTests {
  @Test(arguments: 1...20)
  func randomBytes(seed: Int) {
    var random = SeededGenerator(seed: seed)
    // Mostly signs that mean something to YAML; the rest is anything at all.
    let signs = Array("[]{}:,-?#&*!|>'\"%@`\\ \t\r\n\nab~<=.0".utf8)
    for _ in 0..<100 {
      let bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
        Int.random(in: 0..<8, using: &random) == 0
          ? UInt8.random(in: .min ... .max, using: &random)
          : signs.randomElement(using: &random) ?? 0
      }
      check(bytes)
    }
  }

  @Test(arguments: Fixture.all("yml", in: "Accepted") + Fixture.all("yml", in: "Refused"))
  func randomMutations(_ fixture: Fixture) throws {
    let original = try fixture.bytes()
    let signs = ["\t", "\n", ": ", "- ", "[", "}", "\"", "'", "&a ", "*a", "!x ", "é", "\u{202E}"]
    let pieces = signs.map { Array($0.utf8) }
    var random = SeededGenerator(seed: original.count)
    for _ in 0..<100 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...6, using: &random))
        let piece = pieces.randomElement(using: &random) ?? []
        bytes.replaceSubrange(place..<end, with: Bool.random(using: &random) ? piece : [])
      }
      check(bytes)
    }
  }

  @Test(arguments: 1...100)
  func generatedTreeIsReadBackTheSame(seed: Int) throws {
    var random = SeededGenerator(seed: seed)
    let tree = Tree.random(depth: 4, using: &random)
    let text = tree.yaml(indent: 0, using: &random)
    let file = SourceFile(name: "tree.yml", text: text)
    let node = try YAMLParser.parse(file)
    #expect(Tree(node) == tree, "\(text)")
    expectTruePlaces(node, in: file)
  }

  /// Reads bytes and expects an outcome a person can work with.
  private func check(_ bytes: [UInt8]) {
    var files: [SourceFile] = []
    do {
      let file = try YAMLParser.source(name: "fuzz.yml", bytes: bytes)
      files = [file]
      expectTruePlaces(try YAMLParser.parse(file), in: file)
    } catch {
      #expect(!error.diagnostics.isEmpty)
      let file = files.first
      for diagnostic in error.diagnostics {
        for range in [diagnostic.range] + diagnostic.related.map(\.range) where !range.isNone {
          if let file { expectTrue(range, in: file) }
          #expect(range.end.offset <= bytes.count)
        }
      }
      let rendered = DiagnosticRenderer(files: files, style: .plain).render(error.diagnostics)
      // What is shown can be seen, whatever the file holds.
      #expect(!rendered.unicodeScalars.contains { $0 != "\n" && HiddenCharacter($0) != nil })
    }
  }

  private func expectTrue(_ range: SourceRange, in file: SourceFile) {
    #expect(range.start <= range.end && range.end.offset <= file.text.utf8.count)
    #expect(file.position(at: range.start.offset) == range.start, "\(file.text.debugDescription)")
    #expect(file.position(at: range.end.offset) == range.end, "\(file.text.debugDescription)")
  }

  /// Expects places that exist, each inside its parent's.
  private func expectTruePlaces(_ node: Node, in file: SourceFile) {
    expectTrue(node.range, in: file)
    let children =
      switch node.content {
      case .scalar: [Node]()
      case .sequence(let items): items
      case .mapping(let entries): entries.flatMap { [$0.key, $0.value] }
      }
    for child in children {
      #expect(node.range.start <= child.range.start, "\(file.text.debugDescription)")
      #expect(child.range.end <= node.range.end, "\(file.text.debugDescription)")
      expectTruePlaces(child, in: file)
    }
  }
}
