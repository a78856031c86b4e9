/// A template as it was read: its tree, its comments, and its text as SQL.
struct Template {
  /// Stands for what a tag writes, in SQL that is read before it is rendered.
  static let hole: UInt8 = 1

  /// The template itself.
  let code: Code
  /// Its parts, in order.
  let nodes: [JinjaNode]
  /// What stands in its comments, in bytes of `code`.
  let comments: [Range<Int>]
  /// What could not be read.
  let problems: [Problem]
  /// The text with holes for what is written into it, in stretches whose quotes are independent.
  let text: Code
  let stretches: [Range<Int>]

  /// Reads a template to its end or to the first tag that has none.
  init(_ code: Code) {
    let lexer = JinjaLexer(code.bytes)
    var reader = JinjaTreeReader(code.bytes, lexer)
    nodes = reader.read()
    self.code = code
    comments = lexer.pieces.filter { $0.kind == .comment && !$0.inner.isEmpty }.map(\.inner)
    let end = lexer.problem?.offset ?? code.bytes.count
    problems = (reader.problems + (lexer.problem.map { [$0] } ?? [])).map {
      Problem(offset: code.origin($0.offset), reason: $0.reason)
    }
    var bytes = code.bytes
    for piece in lexer.pieces where piece.kind != .text {
      let filler = piece.kind == .output ? Self.hole : UInt8(ascii: " ")
      for offset in piece.whole { bytes[offset] = filler }
    }
    text = code.masked(bytes)
    var stretches: [Range<Int>] = []
    var start = 0
    for border in (reader.borders + [end]).sorted() where border > start && border <= end {
      stretches.append(start..<border)
      start = border
    }
    self.stretches = stretches
  }
}
