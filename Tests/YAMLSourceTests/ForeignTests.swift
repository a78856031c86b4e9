import Diagnostics
import Testing
import YAMLSource

/// Files of other tools, in which more of YAML is usual than in specs.
@Suite struct ForeignTests {
  private func parse(_ text: String) throws(DiagnosticsError) -> Node {
    try YAMLParser.parseForeign(SourceFile(name: "a.yml", text: text))
  }

  /// Names and texts in order, `name=text` or, in a list, `text`, with the line of each text.
  private func texts(_ node: Node, _ name: String = "") -> [String] {
    switch node.content {
    case .scalar(let text, _): ["\(name)\(text)@\(node.range.start.line)"]
    case .sequence(let items): items.flatMap { texts($0, name) }
    case .mapping(let entries): entries.flatMap { texts($0.value, "\(name)\($0.name)=") }
    }
  }

  @Test(arguments: [
    ("a: &x 1\nb: *x", ["a=1@1", "b=1@1"]),
    ("a: &x { b: 1 }\nc:\n  <<: *x\n  d: 2", ["a=b=1@1", "c=b=1@1", "c=d=2@4"]),
    (
      "a: &x { b: 1 }\ne: &y { f: 2 }\nc: { <<: [*x, *y] }",
      ["a=b=1@1", "e=f=2@2", "c=b=1@1", "c=f=2@2"]
    ),
    ("a: 1\na: 2", ["a=1@1", "a=2@2"]),
    ("a: !!str 1\nb: !env X", ["a=1@1", "b=X@2"]),
    ("%YAML 1.2\n---\na: 1", ["a=1@3"]),
    ("1: a\nnull: b\ntrue: c", ["1=a@1", "null=b@2", "true=c@3"]),
    ("", ["@1"]), ("# only a comment\n", ["@1"]),
    ("a: x\u{200B}y", ["a=x\u{FFFD}y@1"]),
    ("&a a: 1\n*a : 2", ["a=1@1", "a=2@2"]),
    ("a: &x 1\nb: &x 2\nc: *x", ["a=1@1", "b=2@2", "c=2@2"]),
    ("a: <<\n\"<<\": b", ["a=<<@1", "<<=b@2"]),
  ])
  func accepted(_ text: String, _ expected: [String]) throws {
    #expect(texts(try parse(text)) == expected)
  }

  @Test(arguments: [
    ("a: *x", "stands for no anchor", 1), ("a: &x [*x]", "stands for no anchor", 1),
    ("a: [", "", 1), ("a: 1\n---\nb: 2", "second document", 2), ("{ [a]: 1 }", "name as key", 1),
    ("a: 1\rb: 2", "carriage return", 1),
  ])
  func refused(_ text: String, _ words: String, _ line: Int) throws {
    let error = try #require(throws: DiagnosticsError.self) { try parse(text) }
    let first = try #require(error.diagnostics.first)
    #expect(first.message.text.contains(words) && first.range.start.line >= line, "\(first)")
  }

  /// Aliases of aliases stand for more than any machine holds; reading ends all the same.
  @Test func manyLaughs() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let inner = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(inner)]\n"
    }
    let error = try #require(throws: DiagnosticsError.self) { try parse(text) }
    #expect(error.diagnostics.first?.message.text.contains("keys and values") == true)
  }

  /// Chains of aliases are no deeper than a reader's stack.
  @Test func longChain() throws {
    var text = "a0: &a0 [x]\n"
    for level in 1..<1_300 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(texts(try parse(text)).count == 1_300)
  }

  /// What a spec may not hold is refused in specs as before.
  @Test(arguments: ["a: &x 1", "a: *x", "a: !!str 1", "a: 1\na: 2"])
  func specsStayStrict(_ text: String) throws {
    #expect(throws: DiagnosticsError.self) {
      try YAMLParser.parse(SourceFile(name: "a.yml", text: text))
    }
  }
}
