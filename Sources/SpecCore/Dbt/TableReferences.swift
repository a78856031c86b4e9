/// The tables and views that a view's text reads, found by its words alone.
///
/// What stands behind FROM and JOIN, and behind commas between them, is a table unless it is a query,
/// a function, or a name that a WITH gives. Where the text cannot be followed this says so: a base that
/// is not seen must not count as looked at.
package struct TableReferences: Hashable, Sendable {
  /// Names as they are written, from the outermost part; each once.
  package private(set) var names: [[QualifiedName.Part]] = []
  /// What could not be followed, in words.
  package private(set) var unknown: [String] = []

  /// Reads `CREATE … VIEW name (…) AS query`, or a query alone.
  package init(ofView text: String) {
    var tokens = Self.tokens(text)
    // The definition begins at the first SELECT, WITH or VALUES: names before are the view's own.
    guard
      let start = tokens.firstIndex(where: { ["select", "with", "values"].contains($0.word) })
    else {
      unknown = ["a text without a query"]
      return
    }
    // A parenthesis around the query was opened before it.
    tokens.removeFirst(start)
    read(tokens)
  }

  private enum Token: Hashable {
    case word(String)
    case name(QualifiedName.Part)
    case sign(UInt8)

    /// The word in small letters, where it could be a keyword.
    var word: String {
      switch self {
      case .word(let text): text.lowercased()
      case .name, .sign: ""
      }
    }

    var part: QualifiedName.Part? {
      switch self {
      case .word(let text): QualifiedName.Part(text: text, isQuoted: false)
      case .name(let part): part
      case .sign: nil
      }
    }
  }

  /// What goes on between two parentheses.
  private struct Level {
    /// Whether it is a query, whose FROM names tables; else a list of arguments.
    var isQuery = false
    /// Whether tables follow, one after each comma.
    var isInFrom = false
  }

  private static let endsFrom: Set<String> = [
    "where", "group", "order", "having", "qualify", "limit", "offset", "fetch", "union",
    "intersect",
    "except", "minus", "window", "connect", "start", "select", "values",
  ]

  private mutating func read(_ tokens: [Token]) {
    let given = Self.given(tokens)
    var levels = [Level(isQuery: true)]
    var expectsTable = false
    var index = 0
    while index < tokens.count {
      let token = tokens[index]
      let word = token.word
      if expectsTable {
        expectsTable = false
        if token == .sign(UInt8(ascii: "(")) {
          // A query of its own, or tables that are joined first.
          let isQuery = index + 1 < tokens.count && Self.beginsQuery(tokens[index + 1])
          levels.append(Level(isQuery: true, isInFrom: !isQuery))
          expectsTable = !isQuery
          index += 1
          continue
        }
        if ["lateral", "only"].contains(word) {
          expectsTable = true
          index += 1
          continue
        }
        if token.part != nil {
          index = readTable(tokens, index, given)
          continue
        }
        unknown.append("what stands behind FROM or JOIN (word \(index + 1) of its query)")
      }
      switch token {
      case .sign(UInt8(ascii: "(")):
        let isQuery = index + 1 < tokens.count && Self.beginsQuery(tokens[index + 1])
        levels.append(Level(isQuery: isQuery))
      case .sign(UInt8(ascii: ")")):
        if levels.count > 1 { levels.removeLast() }
      case .sign(UInt8(ascii: ",")): expectsTable = levels[levels.count - 1].isInFrom
      default: break
      }
      let isDistinctFrom =
        index > 0 && tokens[index - 1].word == "distinct" && index > 1
        && ["is", "not"].contains(tokens[index - 2].word)
      if word == "from", levels[levels.count - 1].isQuery, !isDistinctFrom {
        levels[levels.count - 1].isInFrom = true
        expectsTable = true
      } else if word == "join", levels[levels.count - 1].isQuery {
        expectsTable = true
      } else if Self.endsFrom.contains(word) {
        levels[levels.count - 1].isInFrom = false
      }
      index += 1
    }
  }

  private static func beginsQuery(_ token: Token) -> Bool {
    ["select", "with", "values"].contains(token.word) || token == .sign(UInt8(ascii: "("))
  }

  /// Reads a dotted name; returns where to go on.
  private mutating func readTable(
    _ tokens: [Token], _ start: Int, _ given: Set<String>
  ) -> Int {
    var parts: [QualifiedName.Part] = []
    var index = start
    while index < tokens.count, let part = tokens[index].part {
      parts.append(part)
      index += 1
      guard index < tokens.count, tokens[index] == .sign(UInt8(ascii: ".")) else { break }
      index += 1
    }
    if index < tokens.count, tokens[index] == .sign(UInt8(ascii: "(")) {
      let name = parts.map(\.text).joined(separator: ".")
      // Of these functions it is known that they read nothing but their arguments.
      let isHarmless = ["flatten", "split_to_table", "generator", "unnest", "generate_series"]
        .contains(name.lowercased())
      if name.lowercased() == "table" {
        // TABLE(FLATTEN(…)): the function inside decides.
        let inner = index + 1 < tokens.count ? tokens[index + 1].word : ""
        if !["flatten", "split_to_table", "generator"].contains(inner) {
          unknown.append("the table function TABLE(\(inner)…)")
        }
      } else if !isHarmless {
        unknown.append("the function \(name)(…)")
      }
      return index
    }
    if parts.count == 1, !parts[0].isQuoted || given.contains(parts[0].text.lowercased()),
      given.contains(parts[0].text.lowercased())
    {
      return index
    }
    guard (1...3).contains(parts.count) else {
      unknown.append("the name \(parts.map(\.text).joined(separator: "."))")
      return index
    }
    if !names.contains(parts) { names.append(parts) }
    return index
  }

  /// The names that WITH gives: `name AS (` or `name (columns) AS (`.
  private static func given(_ tokens: [Token]) -> Set<String> {
    var names: Set<String> = []
    for index in tokens.indices where tokens[index].word == "as" && index > 0 {
      let next = index + 1
      guard next < tokens.count, tokens[next] == .sign(UInt8(ascii: "(")), next + 1 < tokens.count,
        beginsQuery(tokens[next + 1])
      else { continue }
      var before = index - 1
      if tokens[before] == .sign(UInt8(ascii: ")")) {
        var depth = 0
        while before >= 0 {
          if tokens[before] == .sign(UInt8(ascii: ")")) { depth += 1 }
          if tokens[before] == .sign(UInt8(ascii: "(")) { depth -= 1 }
          before -= 1
          if depth == 0 { break }
        }
      }
      if before >= 0, let part = tokens[before].part { names.insert(part.text.lowercased()) }
    }
    return names
  }

  // MARK: Words

  private static func tokens(_ text: String) -> [Token] {
    let bytes = Array(text.utf8)
    var tokens: [Token] = []
    var position = 0
    func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }
    func isWord(_ byte: UInt8) -> Bool {
      (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte) || byte == 0x5F
        || byte == UInt8(ascii: "$") || byte >= 0x80
    }
    while position < bytes.count {
      let first = bytes[position]
      if first == UInt8(ascii: "-"), byte(position + 1) == first {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      } else if first == UInt8(ascii: "/"), byte(position + 1) == UInt8(ascii: "*") {
        position += 2
        while position < bytes.count,
          !(bytes[position] == UInt8(ascii: "*") && byte(position + 1) == UInt8(ascii: "/"))
        {
          position += 1
        }
        position += 2
      } else if first == UInt8(ascii: "'") {
        position += 1
        while position < bytes.count, bytes[position] != first {
          position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
        // A literal is no name, but something stands there.
        tokens.append(.sign(first))
      } else if first == UInt8(ascii: "\"") {
        let start = position + 1
        position = start
        var name: [UInt8] = []
        while position < bytes.count {
          if bytes[position] == first {
            guard byte(position + 1) == first else { break }
            position += 1
          }
          name.append(bytes[position])
          position += 1
        }
        position += 1
        tokens.append(
          .name(QualifiedName.Part(text: String(decoding: name, as: UTF8.self), isQuoted: true)))
      } else if isWord(first) {
        let start = position
        while position < bytes.count, isWord(bytes[position]) { position += 1 }
        tokens.append(.word(String(decoding: bytes[start..<position], as: UTF8.self)))
      } else {
        if first != 0x20, !(0x09...0x0D).contains(first) { tokens.append(.sign(first)) }
        position += 1
      }
    }
    return tokens
  }
}
