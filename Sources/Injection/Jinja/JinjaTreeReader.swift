/// Puts the pieces of a template together to a tree.
struct JinjaTreeReader {
  /// Blocks nested deeper than this are nobody's; the bound keeps the stack safe.
  private static let depthLimit = 60
  /// Blocks of other packages and of dbt that hold templates and no names.
  private static let plainBlocks: Set<String> = [
    "snapshot", "materialization", "filter", "block", "autoescape", "with", "docs", "analysis",
    "data_test", "trans",
  ]
  /// Statements that stand alone and concern nobody here.
  private static let plainStatements: Set<String> = [
    "include", "import", "from", "extends", "break", "continue", "debug",
  ]

  private let bytes: [UInt8]
  private let lexer: JinjaLexer
  private var next = 0
  private var depth = 0
  /// What could not be understood, the tags in question being left out.
  private(set) var problems: [Problem] = []
  /// Where macros and the like begin and end: what is quoted before has no bearing on what follows.
  private(set) var borders: [Int] = []

  init(_ bytes: [UInt8], _ lexer: JinjaLexer) {
    self.bytes = bytes
    self.lexer = lexer
  }

  /// The whole template.
  mutating func read() -> [JinjaNode] {
    var nodes: [JinjaNode] = []
    while next < lexer.pieces.count {
      nodes += body(until: [])
      guard next < lexer.pieces.count else { break }
      refuse(lexer.pieces[next], "this tag ends a block that was not begun")
      next += 1
    }
    return nodes
  }

  private mutating func refuse(_ piece: JinjaPiece, _ reason: String) {
    problems.append(Problem(offset: piece.whole.lowerBound, reason: reason))
  }

  private func parser(_ piece: JinjaPiece, skipping count: Int = 0) -> JinjaExpressionParser {
    JinjaExpressionParser(
      bytes, tokens: lexer.tokens[piece.tokens].dropFirst(count), end: piece.inner.upperBound)
  }

  private func keyword(_ piece: JinjaPiece) -> String {
    guard let first = lexer.tokens[piece.tokens].first else { return "" }
    return String(decoding: bytes[first.range], as: UTF8.self)
  }

  /// The nodes up to a tag that ends or divides a block; that tag is left to be read.
  private mutating func body(until ends: Set<String>) -> [JinjaNode] {
    var nodes: [JinjaNode] = []
    while next < lexer.pieces.count {
      let piece = lexer.pieces[next]
      switch piece.kind {
      case .comment: next += 1
      case .text:
        nodes.append(.text(piece.whole))
        next += 1
      case .output:
        next += 1
        var parser = parser(piece)
        if let value = whole(&parser, { parser throws(Problem) in try parser.tuple() }) {
          nodes.append(.output(value))
        }
      case .statement:
        let word = keyword(piece)
        if ends.contains(word) || word.hasPrefix("end") || word == "else" || word == "elif" {
          return nodes
        }
        next += 1
        if let node = statement(piece, word) { nodes.append(node) }
      }
    }
    return nodes
  }

  /// Reads all of a tag, or notes where it cannot be understood.
  private mutating func whole<Value>(
    _ parser: inout JinjaExpressionParser,
    _ read: (inout JinjaExpressionParser) throws(Problem) -> Value
  ) -> Value? {
    do throws(Problem) {
      let value = try read(&parser)
      // Jinja lets a statement end in a colon, as Python's do.
      _ = parser.take(":")
      guard parser.isAtEnd else { throw parser.refusal() }
      return value
    } catch {
      problems.append(error)
      return nil
    }
  }

  /// The body of a block and the tag that ends it, which is consumed.
  private mutating func block(_ opening: JinjaPiece, _ end: String) -> [JinjaNode] {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else {
      refuse(opening, "blocks are nested too deep to be read")
      next = lexer.pieces.count
      return []
    }
    let nodes = body(until: [end])
    close(opening, end)
    return nodes
  }

  private mutating func close(_ opening: JinjaPiece, _ end: String) {
    guard next < lexer.pieces.count else {
      // An unfinished tag further down has been reported for the file already.
      if lexer.problem == nil { refuse(opening, "this block is not closed by {% \(end) %}") }
      return
    }
    guard keyword(lexer.pieces[next]) == end else {
      refuse(opening, "this block is not closed by {% \(end) %}")
      return
    }
    next += 1
  }

  private mutating func statement(_ piece: JinjaPiece, _ word: String) -> JinjaNode? {
    var parser = parser(piece, skipping: 1)
    switch word {
    case "set": return set(piece, &parser)
    case "do":
      return whole(&parser) { parser throws(Problem) in .perform(try parser.tuple()) }
    case "if": return branch(piece)
    case "for": return loop(piece, &parser)
    case "macro", "test", "data_test": return definition(piece, word, &parser)
    case "call": return call(piece, &parser)
    case _ where Self.plainBlocks.contains(word):
      borders.append(piece.whole.lowerBound)
      let nodes = block(piece, "end\(word)")
      borders.append(next > 0 ? lexer.pieces[next - 1].whole.upperBound : 0)
      return .block(nodes)
    case _ where Self.plainStatements.contains(word): return nil
    default:
      refuse(piece, "a tag of this name is not known")
      return nil
    }
  }

  private mutating func set(
    _ piece: JinjaPiece, _ parser: inout JinjaExpressionParser
  ) -> JinjaNode? {
    var targets: [JinjaExpression] = []
    let head = Self.setHead(&parser)
    switch head {
    case .failure(let problem):
      problems.append(problem)
      return nil
    case .success(let names): targets = names
    }
    if parser.take("=") {
      return whole(&parser) { parser throws(Problem) in .set(targets, try parser.tuple()) }
    }
    guard let target = targets.first else { return nil }
    guard parser.isAtEnd else {
      problems.append(parser.refusal())
      return nil
    }
    let nodes = block(piece, "endset")
    // `{% set a | upper %}`: the name comes with filters, which apply to the text.
    if case .filter = target.kind {
      var name = target
      while case .filter(let inner, _, _) = name.kind { name = inner }
      return .capture(name, filters: target, nodes)
    }
    return .capture(target, filters: nil, nodes)
  }

  private static func setHead(
    _ parser: inout JinjaExpressionParser
  ) -> Result<[JinjaExpression], Problem> {
    do throws(Problem) {
      var targets = [try parser.disjunction()]
      while parser.take(",") { targets.append(try parser.disjunction()) }
      return .success(targets)
    } catch {
      return .failure(error)
    }
  }

  private mutating func branch(_ opening: JinjaPiece) -> JinjaNode? {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else {
      refuse(opening, "blocks are nested too deep to be read")
      next = lexer.pieces.count
      return nil
    }
    var branches: [(condition: JinjaExpression?, body: [JinjaNode])] = []
    var tag = opening
    while true {
      var condition: JinjaExpression?
      if keyword(tag) != "else" {
        var parser = parser(tag, skipping: 1)
        condition = whole(&parser) { parser throws(Problem) in try parser.tuple() }
        // A condition that is not understood says nothing, as `true` does.
        condition =
          condition ?? JinjaExpression(kind: .constant, range: tag.inner, depth: 1)
      }
      branches.append((condition, body(until: ["elif", "else", "endif"])))
      guard next < lexer.pieces.count else { break }
      let following = keyword(lexer.pieces[next])
      guard following == "elif" || following == "else" else { break }
      tag = lexer.pieces[next]
      next += 1
    }
    close(opening, "endif")
    return .branch(branches)
  }

  private mutating func loop(
    _ piece: JinjaPiece, _ parser: inout JinjaExpressionParser
  ) -> JinjaNode? {
    struct Head {
      var names: [String]
      var list: JinjaExpression
      var condition: JinjaExpression?
    }
    let head = whole(&parser) { parser throws(Problem) -> Head in
      var names: [String] = []
      while !parser.take("in") {
        if parser.take("(") || parser.take(")") || parser.take(",") { continue }
        names.append(try parser.name())
      }
      var items = [try parser.disjunction()]
      while parser.take(",") { items.append(try parser.disjunction()) }
      let list =
        items.count == 1
        ? items[0]
        : JinjaExpression(kind: .list(items), range: items[0].range, depth: items[0].depth + 1)
      let condition = parser.take("if") ? try parser.expression() : nil
      _ = parser.take("recursive")
      return Head(names: names, list: list, condition: condition)
    }
    var nodes: [JinjaNode] = []
    var otherwise: [JinjaNode] = []
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else {
      refuse(piece, "blocks are nested too deep to be read")
      next = lexer.pieces.count
      return nil
    }
    nodes = body(until: ["else", "endfor"])
    if next < lexer.pieces.count, keyword(lexer.pieces[next]) == "else" {
      next += 1
      otherwise = body(until: ["endfor"])
    }
    close(piece, "endfor")
    guard let head else { return .block(nodes + otherwise) }
    return .loop(
      head.names, over: head.list, where: head.condition, nodes, otherwise: otherwise)
  }

  private mutating func definition(
    _ piece: JinjaPiece, _ word: String, _ parser: inout JinjaExpressionParser
  ) -> JinjaNode? {
    struct Head {
      var name: String
      var parameters: [(name: String, standard: JinjaExpression?)]
    }
    let head = whole(&parser) { parser throws(Problem) -> Head in
      let name = try parser.name()
      var parameters: [(name: String, standard: JinjaExpression?)] = []
      guard parser.take("(") else { return Head(name: name, parameters: []) }
      while !parser.take(")") {
        let parameter = try parser.name()
        let standard = parser.take("=") ? try parser.expression() : nil
        parameters.append((parameter, standard))
        guard parser.take(",") || parser.isNext(")") else { throw parser.refusal() }
      }
      return Head(name: name, parameters: parameters)
    }
    borders.append(piece.whole.lowerBound)
    let nodes = block(piece, "end\(word)")
    let end = next > 0 ? lexer.pieces[next - 1].whole.upperBound : piece.whole.upperBound
    borders.append(end)
    guard let head else { return .block(nodes) }
    return .definition(
      JinjaMacro(
        name: head.name, parameters: head.parameters, body: nodes,
        range: piece.whole.lowerBound..<end))
  }

  private mutating func call(
    _ piece: JinjaPiece, _ parser: inout JinjaExpressionParser
  ) -> JinjaNode? {
    let target = whole(&parser) { parser throws(Problem) -> JinjaExpression in
      if parser.isNext("(") { _ = try parser.arguments() }
      return try parser.expression()
    }
    let nodes = block(piece, "endcall")
    guard let target else { return .block(nodes) }
    return .call(target, nodes)
  }
}
