/// An expression inside a Jinja tag, and where it stands.
struct JinjaExpression {
  /// What an expression is; signs of one rank stand in one chain, however long.
  indirect enum Kind {
    /// A text, with the place of what is between the quotes.
    case string(String, content: Range<Int>)
    /// A number, `true`, `false` or `none`.
    case constant
    case name(String)
    case attribute(JinjaExpression, String)
    case element(JinjaExpression, [JinjaExpression])
    case call(JinjaExpression, [Argument])
    case filter(JinjaExpression, String, [Argument])
    case test(JinjaExpression, String, [Argument])
    case not(JinjaExpression)
    case any([JinjaExpression])
    case all([JinjaExpression])
    case compare(JinjaExpression, Comparison, JinjaExpression)
    /// Texts or numbers put together: `~`, `+`, `*`, `%`.
    case joined([JinjaExpression])
    /// The result of arithmetic, which is a number whatever went in.
    case arithmetic([JinjaExpression])
    case choice(condition: JinjaExpression, then: JinjaExpression, otherwise: JinjaExpression?)
    case list([JinjaExpression])
    case dictionary([(key: JinjaExpression, value: JinjaExpression)])
  }

  /// The comparisons that tell allow-lists from others.
  enum Comparison {
    case isIn, isNotIn, equal, notEqual, other
  }

  /// A value given to a call, by place or by name.
  struct Argument {
    let name: String?
    let value: JinjaExpression
  }

  let kind: Kind
  /// Where it stands in the template.
  let range: Range<Int>
  /// How many expressions stand inside one another here, which is bounded.
  let depth: Int

  /// The dotted name of a variable, such as `adapter.quote`, or nil for anything else.
  var path: String? {
    switch kind {
    case .name(let name): name
    case .attribute(let base, let name): base.path.map { "\($0).\(name)" }
    default: nil
    }
  }

  /// The text of a literal, or nil for anything else.
  var literal: String? {
    guard case .string(let text, _) = kind else { return nil }
    return text
  }
}
