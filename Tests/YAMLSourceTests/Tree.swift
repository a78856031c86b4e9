import YAMLSource

/// A document without places and styles: what has to survive writing and reading.
indirect enum Tree: Equatable {
  case text(String)
  case list([Tree])
  case mapping([Field])

  /// A named value.
  struct Field: Equatable {
    let name: String
    let value: Tree
  }

  /// What a node says, however it was written.
  init(_ node: Node) {
    switch node.content {
    case .scalar(let text, _): self = .text(text)
    case .sequence(let items): self = .list(items.map { Tree($0) })
    case .mapping(let entries):
      self = .mapping(entries.map { Field(name: $0.name, value: Tree($0.value)) })
    }
  }

  /// A tree of at most this depth, never an empty text, which would be an empty document.
  static func random(depth: Int, using random: inout SeededGenerator) -> Tree {
    let count = Int.random(in: 0...4, using: &random)
    switch Int.random(in: depth == 0 ? 2...2 : 0...2, using: &random) {
    case 0:
      var items: [Tree] = []
      for _ in 0..<count { items.append(.random(depth: depth - 1, using: &random)) }
      return .list(items)
    case 1:
      var fields: [Field] = []
      for number in 0..<count {
        let name = "\(word(using: &random))\(number)"
        fields.append(Field(name: name, value: .random(depth: depth - 1, using: &random)))
      }
      return .mapping(fields)
    default: return .text(word(using: &random))
    }
  }

  private static func word(using random: inout SeededGenerator) -> String {
    let signs = Array("aZ09 _-:#,[]{}&*!|>'\"%@`\\~?=\n\té表🙂\u{301}$./")
    var word = "w"
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      word.append(signs.randomElement(using: &random) ?? "x")
    }
    return word
  }

  /// The tree as YAML, in block style or in brackets as chance has it; begins where a value may.
  func yaml(indent: Int, using random: inout SeededGenerator) -> String {
    let margin = String(repeating: " ", count: indent)
    let isBlock = Bool.random(using: &random)
    switch self {
    case .list(let items) where isBlock && !items.isEmpty:
      var text = ""
      for item in items {
        text += "\n\(margin)- \(item.yaml(indent: indent + 2, using: &random))"
      }
      return text
    case .mapping(let fields) where isBlock && !fields.isEmpty:
      var text = ""
      for field in fields {
        let value = field.value.yaml(indent: indent + 2, using: &random)
        text += "\n\(margin)\(Self.quoted(field.name)): \(value)"
      }
      return text
    case .text, .list, .mapping: return inline
    }
  }

  /// The tree on one line.
  private var inline: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .list(let items): "[\(items.map(\.inline).joined(separator: ", "))]"
    case .mapping(let fields):
      "{\(fields.map { "\(Self.quoted($0.name)): \($0.value.inline)" }.joined(separator: ", "))}"
    }
  }

  /// The text plain where that is safe, in single quotes where they can hold it, else in double.
  private static func quoted(_ text: String) -> String {
    if text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) { return text }
    if !text.contains(where: { $0 == "\n" || $0 == "\t" }) {
      return "'"
        + text.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "''") + "'"
    }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": escaped += "\\n"
      case "\t": escaped += "\\t"
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return "\"\(escaped)\""
  }
}
