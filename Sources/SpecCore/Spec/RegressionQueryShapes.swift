import Diagnostics
import YAMLSource

extension SpecShapes {
  /// `queries:` of a regression.
  static var regressionQueries: Shape<[MapEntry<RegressionQuery>]> {
    Shape<[MapEntry<RegressionQuery>]>.map(of: regressionQuery).map { entries, _, diagnostics in
      for entry in entries where !isName(entry.name.value) {
        diagnostics.append(Diagnostic(.queryName, at: entry.name.range))
      }
      return entries
    }
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (0x41...0x5A).contains($0 & 0xDF) && $0 < 0x80 || (0x30...0x39).contains($0) || $0 == 0x5F
          || $0 == UInt8(ascii: "-")
      }
  }

  private static var regressionQuery: Shape<RegressionQuery> {
    let text = Shape<String>.text.located
    let names = Shape<[Located<String>]>.list(of: .text)
    return .object(
      "a query", RegressionQuery.init(range:),
      fields: [
        Field("source", \.source, text, "The query as the application asks Postgres."),
        Field("target", \.target, text, "The query as the application asks the target."),
        Field("sql", \.sql, text, "The query, where it is the same text on both sides."),
        Field(
          "source_file", \.sourceFile, text, "A file with the query for Postgres."),
        Field(
          "target_file", \.targetFile, text, "A file with the query for the target."),
        Field(
          "parameters", \.parameters, parameterSets,
          "Values of the parameters, `:name` in the query; or a list of such sets, each a case of its "
            + "own."),
        Field(
          "order", \.order, Shape<RowOrder>.choice.located,
          "same: the rows come in the same order; any (default): as a set, with duplicates counted."
        ),
        Field(
          "key", \.key,
          .either(
            "a column, or a list of columns",
            [.list(names), .scalar(Shape<String>.text.located.map { name, _, _ in [name] })]),
          "Columns that identify a row of the result, so that changed rows are told by them."),
        Field(
          "tolerance", \.tolerance, .map(of: tolerance),
          "How far values of a column may be apart; say why with `because`."),
        Field(
          "sensitive", \.sensitive, names,
          "Columns whose values never leave the databases."),
        Field(
          "columns", \.columns, Shape<ColumnMatching>.choice.located,
          "by_name (default, without case) or positional."),
        Field(
          "limit", \.limit, Shape<Int>.integer(1...10_000_000).located,
          "With `order: same`, the most rows that are read; 100000 unless said."),
        Field(
          "empty", \.empty, Shape<EmptyPolicy>.choice.located,
          "allowed: no row on either side is an answer too."),
        Field("severity", \.severity, .choice, severityMeaning),
        Field("tags", \.tags, names, "Words to select by: --select tag:pii."),
        Field("because", \.because, reason, becauseMeaning),
      ], check: checkQuery)
  }

  // MARK: Parameters

  private static var parameterValue: Shape<ParameterValue> {
    Shape(schema: ["type": ["string", "number", "boolean", "null"]]) { node, diagnostics in
      guard case .scalar(let text, let isPlain) = node.content else {
        diagnostics.append(Diagnostic(.expected("a single value"), at: node.range))
        return nil
      }
      return ParameterValue(text, isPlain: isPlain)
    }
  }

  private static var parameterSets: Shape<[RegressionQuery.ParameterSet]> {
    let one = Shape<[MapEntry<ParameterValue>]>.map(of: parameterValue).map {
      values, _, _ in RegressionQuery.ParameterSet(values: values)
    }
    let list: JSONValue = ["type": "array", "items": one.schema, "minItems": 1]
    return Shape(schema: ["anyOf": [one.schema, list]]) { node, diagnostics in
      guard case .sequence(let items) = node.content else {
        return one.read(node, &diagnostics).map { [$0] }
      }
      guard !items.isEmpty else {
        diagnostics.append(
          Diagnostic(.expected("values by name, or a list of such sets"), at: node.range))
        return nil
      }
      return items.compactMap { one.read($0, &diagnostics) }
    }
  }

  // MARK: Mistakes

  private static func checkQuery(
    _ query: RegressionQuery, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    for (own, file, name) in [
      (query.source, query.sourceFile, "source"), (query.target, query.targetFile, "target"),
    ] {
      let written = [own, file, query.sql].compactMap(\.self)
      if written.isEmpty {
        diagnostics.append(Diagnostic(.noQuery(name), at: node.range.opening))
      } else if written.count > 1 {
        diagnostics.append(
          Diagnostic(
            .twoQueries(name), at: written[1].range,
            related: [Diagnostic.Related(range: written[0].range, text: "one is here")]))
      }
    }
    var texts: [(Located<String>, QueryText)] = []
    for (text, engine) in [
      (query.source, Engine.postgres), (query.target, .snowflake), (query.sql, .postgres),
      (query.sql, .snowflake),
    ] {
      guard let text else { continue }
      do throws(QueryText.Problem) {
        texts.append((text, try QueryText(text.value, engine: engine)))
      } catch {
        diagnostics.append(Diagnostic(.query(error.reason), at: text.range))
        break
      }
    }
    checkParameters(query, texts, &diagnostics)
    checkOrder(query, texts, &diagnostics)
    if let tolerance = query.tolerance?.first, query.because == nil {
      diagnostics.append(Diagnostic(.whyApart, at: tolerance.name.range))
    }
  }

  private static func checkParameters(
    _ query: RegressionQuery, _ texts: [(Located<String>, QueryText)],
    _ diagnostics: inout [Diagnostic]
  ) {
    var told: Set<String> = []
    for (text, read) in texts {
      for name in read.parameters {
        let sets = query.parameters ?? []
        let isKnown =
          !sets.isEmpty && sets.allSatisfy { $0.values.contains { $0.name.value == name } }
        if !isKnown, told.insert(name).inserted {
          diagnostics.append(Diagnostic(.noValue(name), at: text.range))
        }
      }
    }
    guard query.sourceFile == nil, query.targetFile == nil else { return }
    let used = Set(texts.flatMap(\.1.parameters))
    for entry in (query.parameters ?? []).flatMap(\.values) where !used.contains(entry.name.value) {
      diagnostics.append(Diagnostic(.unusedValue(entry.name.value), at: entry.name.range))
    }
  }

  private static func checkOrder(
    _ query: RegressionQuery, _ texts: [(Located<String>, QueryText)],
    _ diagnostics: inout [Diagnostic]
  ) {
    guard let order = query.order, order.value == .same else {
      if let limit = query.limit {
        diagnostics.append(Diagnostic(.idleLimit, at: limit.range))
      }
      return
    }
    if let text = texts.first(where: { $0.1.order == nil })?.0 {
      diagnostics.append(
        Diagnostic(
          .noOrder, at: order.range,
          related: [Diagnostic.Related(range: text.range, text: "without ORDER BY")]))
    }
    if let sensitive = query.sensitive?.first {
      diagnostics.append(
        Diagnostic(
          .orderedSecrets, at: order.range,
          related: [Diagnostic.Related(range: sensitive.range, text: "sensitive here")]))
    }
  }
}

extension Diagnostic.Message {
  fileprivate static let queryName = Self(
    "E0104", "expected a name of letters, digits, `_` and `-`",
    label: "it becomes a part of the check's id")

  fileprivate static func noQuery(_ side: String) -> Self {
    Self(
      "E0108", "a query needs its text for both sides",
      label: "`\(side):`, `\(side)_file:` or `sql:` is missing here")
  }

  fileprivate static func twoQueries(_ side: String) -> Self {
    Self("E0111", "two texts for the \(side)", label: "take one out")
  }

  fileprivate static func noValue(_ name: String) -> Self {
    Self(
      "E0121", "the parameter `:\(name)` has no value",
      label: "add it to `parameters:`, in every set")
  }

  fileprivate static func unusedValue(_ name: String) -> Self {
    Self("E0121", "no query has the parameter `:\(name)`", label: "take it out, or use it")
  }

  fileprivate static let idleLimit = Self(
    "E0111", "`limit` needs `order: same`",
    label: "as a set, rows are compared in the databases: none is read while they agree")

  fileprivate static let noOrder = Self(
    "E0111", "`order: same` needs an ORDER BY in both queries",
    label: "without one, any order is right")

  fileprivate static let orderedSecrets = Self(
    "E0111", "`order: same` reads the rows, and sensitive values never leave the databases",
    label: "take one out")

  fileprivate static let whyApart = Self(
    "E0110", "values that may differ need a reason", label: "add `because:` to the query")
}
