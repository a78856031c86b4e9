/// A part of a template: text, something written into it, or a statement with what it holds.
indirect enum JinjaNode {
  /// Text that is written as it stands.
  case text(Range<Int>)
  /// `{{ … }}`.
  case output(JinjaExpression)
  /// `{% set a = … %}`; names may be attributes of a namespace.
  case set([JinjaExpression], JinjaExpression)
  /// `{% set a %} … {% endset %}`.
  case capture(JinjaExpression, filters: JinjaExpression?, [JinjaNode])
  /// `{% if %}` with every branch; the last may have no condition.
  case branch([(condition: JinjaExpression?, body: [JinjaNode])])
  /// `{% for %}`, with the part for empty lists.
  case loop(
    [String], over: JinjaExpression, where: JinjaExpression?, [JinjaNode], otherwise: [JinjaNode])
  /// `{% macro %}` and `{% test %}`.
  case definition(JinjaMacro)
  /// `{% call … %} … {% endcall %}`.
  case call(JinjaExpression, [JinjaNode])
  /// `{% do … %}`.
  case perform(JinjaExpression)
  /// Any other block: snapshots, materializations, filters.
  case block([JinjaNode])
}

/// A macro, or a test with the arguments it takes.
struct JinjaMacro {
  let name: String
  let parameters: [(name: String, standard: JinjaExpression?)]
  let body: [JinjaNode]
  /// The whole of it, tags included.
  let range: Range<Int>
}
