import Diagnostics
import YAMLSource

/// How the spec wants the values of one column compared, where not byte by byte.
package struct ColumnOptions: Hashable, Sendable {
  /// How texts are compared.
  package var comparison: Located<TextComparison>?
  /// How far numbers and times may be apart.
  package var tolerance: Located<Tolerance>?
  /// The time zone whose wall clock a column without one shows.
  package var timezone: Located<String>?
  /// Values that the migration turns into others on purpose.
  package var accept: Located<[AcceptedChange]>?

  package init() {}

  /// What was written, with its name.
  var written: [(name: String, range: SourceRange)] {
    [
      ("compare", comparison?.range), ("tolerance", tolerance?.range),
      ("timezone", timezone?.range), ("accept", accept?.range),
    ].compactMap { name, range in range.map { (name, $0) } }
  }

  /// As a reader sees it behind a column's name: `to within 0.01`.
  package var words: String? {
    var parts: [String] = []
    switch comparison?.value {
    case .caseInsensitive: parts.append("without regard to capital and small letters")
    case .normalized: parts.append("without regard to white space and how letters are composed")
    case .json: parts.append("as JSON")
    case .text: parts.append("letter by letter")
    case nil: break
    }
    if let timezone { parts.append("as wall clock of \(timezone.value)") }
    if let tolerance { parts.append("to within \(tolerance.value)") }
    let changes = (accept?.value ?? []).map { change in
      [change.source, change.target].map { $0.map { "'\($0)'" } ?? "NULL" }
        .joined(separator: " that became ")
    }
    if !changes.isEmpty { parts.append("but for \(changes.joined(separator: " and "))") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// How the texts of a column are compared.
package enum TextComparison: String, Hashable, Sendable, CaseIterable {
  case caseInsensitive = "case_insensitive"
  case normalized
  /// As JSON documents, whatever the types are.
  case json
  /// Letter by letter, also where the type is JSON.
  case text
}

/// Which rows are compared: one predicate for both sides, or one for each.
package struct RowFilter: Hashable, Sendable {
  package var source: String?
  package var target: String?

  package subscript(_ side: Side) -> String? { side == .source ? source : target }

  /// `status <> 'new'`, or both predicates with their sides.
  package var words: String {
    if source == target { return source ?? "" }
    return Side.allCases.compactMap { side in self[side].map { "\($0) in the \(side.rawValue)" } }
      .joined(separator: ", ")
  }
}

/// Rows changed so shortly before the read point that they may still be on their way.
package struct ChangeWindow: Hashable, Sendable {
  /// The column that holds the moment of a row's last change.
  package let column: String
  package let lag: TimeSpan
}

extension SpecShapes {
  static var comparisonFields: [Field<ColumnFields>] {
    [
      Field(
        "compare", \.options.comparison, Shape<TextComparison>.choice.located,
        "How texts are compared: case_insensitive, normalized, json, or text for letter by letter."),
      Field(
        "tolerance", \.options.tolerance, tolerance.located,
        "How far the values may be apart: 0.01, 0.1%, 1s, or {absolute:, relative:}."),
      Field(
        "timezone", \.options.timezone, zone.located,
        "The time zone whose wall clock the side without one shows, such as Europe/Berlin."),
      Field(
        "accept", \.options.accept, accepted.located,
        "Values that the migration turns into others: [{source:, target:, because:}]."),
    ]
  }

  private static var zone: Shape<String> {
    .text(
      like: #"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"#,
      called: "a time zone's name, such as Europe/Berlin"
    ) { text in
      text.utf8.first.map { (0x41...0x5A).contains($0 & 0xDF) } == true
        && text.utf8.allSatisfy {
          (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
            || "_+-/".utf8.contains($0)
        }
    }
  }

  // MARK: Tolerances

  private struct ToleranceFields: Sendable {
    var absolute: Tolerance?
    var relative: Tolerance?
  }

  static var tolerance: Shape<Tolerance> {
    .either(
      "a tolerance such as 0.01, 0.1%, 1s or {absolute: 0.01, relative: 0.1%}",
      [
        .mapping(
          Shape<ToleranceFields>.object(
            "a tolerance", { _ in ToleranceFields() },
            fields: [
              Field("absolute", \.absolute, distance, "In the column's unit, or a time: 0.01, 1s."),
              Field("relative", \.relative, percentage, "In per cent of the source's value: 0.1%."),
            ]
          ).map { fields, _, _ in
            Tolerance(
              absolute: fields.absolute?.absolute, percent: fields.relative?.percent,
              microseconds: fields.absolute?.microseconds)
          }),
        .scalar(
          Shape(schema: ["anyOf": [distance.schema, percentage.schema]]) { node, diagnostics in
            guard case .scalar(let text, _) = node.content, text.last == "%" else {
              return distance.read(node, &diagnostics)
            }
            return percentage.read(node, &diagnostics)
          }),
      ])
  }

  private static var distance: Shape<Tolerance> {
    let schema: JSONValue = [
      "anyOf": [
        ["type": "number", "exclusiveMinimum": 0],
        ["type": "string", "pattern": #"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)?$"#],
      ]
    ]
    return Shape(schema: schema) { node, diagnostics in
      if case .scalar(let text, _) = node.content {
        if let number = number(text) { return Tolerance(absolute: number) }
        if let span = TimeSpan(text), span.seconds > 0, span.seconds < 1e9 {
          return Tolerance(microseconds: Int64((span.seconds * 1_000_000).rounded()))
        }
      }
      diagnostics.append(
        Diagnostic(.expected("a number above 0, or a time such as 1s"), at: node.range))
      return nil
    }
  }

  private static var percentage: Shape<Tolerance> {
    percent.map { number, _, _ in Tolerance(percent: number) }
  }

  /// Per cent above 0, such as `0.1%`.
  static var percent: Shape<ExactNumber> {
    Shape<String>.text(
      like: #"^[0-9]+(\.[0-9]+)?%$"#, called: "per cent above 0, such as 0.1%"
    ) { $0.last == "%" && number(String($0.dropLast())) != nil }
    .map { text, _, _ in number(String(text.dropLast())) }
  }

  /// A number above 0 in few enough digits for exact arithmetic.
  private static func number(_ text: String) -> ExactNumber? {
    guard text.utf8.count <= 19, text.utf8.first != UInt8(ascii: "-"),
      let number = ExactNumber(text), number.isPositive
    else { return nil }
    return number
  }

  // MARK: Accepted changes

  /// One value, or NULL.
  private enum Written: Hashable, Sendable {
    case null
    case text(String)

    var value: String? { if case .text(let text) = self { text } else { nil } }
  }

  private struct ChangeFields: Sendable {
    var source: Written?
    var target: Written?
    var because: String?
  }

  private static var accepted: Shape<[AcceptedChange]> {
    let value = Shape<Written>(schema: ["type": ["string", "number", "boolean", "null"]]) {
      node, diagnostics in
      if node.isNull { return .null }
      guard case .scalar(let text, _) = node.content else {
        diagnostics.append(Diagnostic(.expected("a single value, or null"), at: node.range))
        return nil
      }
      return .text(text)
    }
    let change = Shape<ChangeFields>.object(
      "a change", { _ in ChangeFields() },
      fields: [
        Field(
          "source", \.source, value, required: true, nullable: true,
          "The value in Postgres; null for NULL."),
        Field(
          "target", \.target, value, required: true, nullable: true, "What it is in the target."),
        Field("because", \.because, reason, required: true, becauseMeaning),
      ]
    ).map { fields, node, diagnostics -> AcceptedChange? in
      guard let source = fields.source, let target = fields.target, let because = fields.because
      else { return nil }
      if source == target {
        diagnostics.append(Diagnostic(.sameValues, at: node.range))
        return nil
      }
      return AcceptedChange(source: source.value, target: target.value, because: because)
    }
    return Shape<[Located<AcceptedChange>]>.list(of: change).map { changes, _, _ in
      changes.map(\.value)
    }
  }

  // MARK: Rows

  static var filter: Shape<RowFilter> {
    .either(
      "a condition, or {source: ..., target: ...}",
      [
        .mapping(
          Shape<RowFilter>.object(
            "conditions", { _ in RowFilter() },
            fields: [
              Field("source", \.source, predicate, "Only these rows of Postgres."),
              Field("target", \.target, predicate, "Only these rows of the target."),
            ])),
        .scalar(predicate.map { text, _, _ in RowFilter(source: text, target: text) }),
      ])
  }

  private struct WindowFields: Sendable {
    var column: String?
    var lag: TimeSpan?
  }

  static var window: Shape<ChangeWindow> {
    Shape<WindowFields>.object(
      "a window", { _ in WindowFields() },
      fields: [
        Field(
          "column", \.column, .text, required: true,
          "The column that holds the moment of a row's last change."),
        Field(
          "lag", \.lag, duration, required: true,
          "How long a change may take to reach the target, such as 5m."),
      ]
    ).map { fields, _, _ in
      guard let column = fields.column, let lag = fields.lag else { return nil }
      return ChangeWindow(column: column, lag: lag)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static let sameValues = Self(
    "E0111", "a value that stays the same needs no `accept`", label: "take it out")
}
