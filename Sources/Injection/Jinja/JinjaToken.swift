/// One word or sign inside a Jinja tag.
struct JinjaToken {
  /// What it is.
  enum Kind: UInt8 {
    case name, string, number, sign
  }

  let kind: Kind
  /// Where it stands; a string with its quotes.
  let start: Int
  let end: Int

  var range: Range<Int> { start..<end }
}

/// One stretch of a template: text, or a tag with the tokens inside it.
struct JinjaPiece {
  /// What the stretch is.
  enum Kind {
    case text, output, statement, comment
  }

  let kind: Kind
  /// The whole stretch, marks included.
  let whole: Range<Int>
  /// The content: of a comment its text, of a tag what stands between the marks.
  let inner: Range<Int>
  /// The tokens of a tag.
  var tokens: Range<Int> = 0..<0
}
