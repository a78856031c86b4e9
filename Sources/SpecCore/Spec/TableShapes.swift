import Diagnostics
import YAMLSource

extension SpecShapes {
  static var defaults: Shape<TableExpectations> {
    .object(
      "defaults", { _ in TableExpectations() },
      fields: [
        Field("row_count", \.rowCount, rowCount.located, rowCountMeaning),
        Field("columns", \.columns, plainColumns.located, "equal (default) or skip."),
        Field("column_order", \.columnOrder, Shape<ColumnOrder>.choice.located, orderMeaning),
        Field("constraints", \.constraints, constraints.located, constraintsMeaning),
        Field("checksum", \.checksum, plainChecksum.located, "all (default) or skip."),
        Field("severity", \.severity, .choice, severityMeaning),
      ])
  }

  static var tables: Shape<TablesSpec> {
    .either(
      "`all`, a list of tables, or tables with their expectations",
      [.list(listed), .mapping(described), .scalar(everything)])
  }

  private static var everything: Shape<TablesSpec> {
    Shape<String>.word("all").map { _, node, _ in
      var tables = TablesSpec(range: node.range)
      tables.isAll = true
      return tables
    }
  }

  private static var listed: Shape<TablesSpec> {
    Shape<[Located<String>]>.list(of: tableName).map { names, node, _ in
      var tables = TablesSpec(range: node.range)
      tables.named = names.map { MapEntry(name: $0, value: TableSpec(range: $0.range)) }
      return tables
    }
  }

  private static var described: Shape<TablesSpec> {
    let entries = Shape<[MapEntry<TableSpec>]>.map(
      of: table, empty: { TableSpec(range: $0.range) })
    let all = allTables
    let schema: JSONValue = [
      "type": "object", "minProperties": 1,
      "propertyNames": ["pattern": .string(namePattern)], "properties": ["all": all.schema],
      "additionalProperties": ["anyOf": [["type": "null"], table.schema]],
    ]
    return Shape(schema: schema) { node, diagnostics in
      guard case .mapping(let written) = node.content, !written.isEmpty else {
        diagnostics.append(Diagnostic(.expected("tables with their expectations"), at: node.range))
        return nil
      }
      var tables = TablesSpec(range: node.range)
      let rest = written.filter { $0.name != "all" }
      if let entry = written.first(where: { $0.name == "all" }) {
        tables.isAll = true
        if !entry.value.isNull {
          tables.except = all.read(entry.value, &diagnostics)?.except ?? []
        }
      }
      if !rest.isEmpty {
        let node = Node(content: .mapping(rest), range: node.range)
        tables.named = entries.read(node, &diagnostics) ?? []
      }
      for entry in rest where QualifiedName(entry.name) == nil {
        diagnostics.append(Diagnostic(.name, at: entry.key.range))
      }
      return tables
    }
  }

  private struct AllTables: Sendable {
    var excepted: [MapEntry<String>]?
    var except: [MapEntry<String>] { excepted ?? [] }
  }

  private static var allTables: Shape<AllTables> {
    .object(
      "all", { _ in AllTables() },
      fields: [
        Field(
          "except", \.excepted, .map(of: reason), required: true,
          "Tables that are left out, each with the reason.")
      ])
  }

  private static var tableName: Shape<String> {
    .text(
      like: namePattern, called: "a table's name, such as `orders`, `legacy.orders` or `\"Order\"`"
    ) { QualifiedName($0) != nil }
  }

  static var qualifiedName: Shape<Located<QualifiedName>> {
    tableName.map { text, node, _ in QualifiedName(text).map { Located($0, at: node.range) } }
  }

  static let namePattern =
    #"^("[^"]+"|[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)"#
    + #"([.]("[^"]+"|[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)){0,2}$"#

  static var reason: Shape<String> {
    .text(like: "^[\\s\\S]{3,}$", called: "a reason in words, for whoever signs") { $0.count >= 3 }
  }

  static var names: Shape<[Located<String>]> { .list(of: .text) }

  static var nameOrNames: Shape<[Located<String>]> {
    .either(
      "a column or a list of columns",
      [
        .list(names),
        .scalar(Shape<String>.text.map { name, node, _ in [Located(name, at: node.range)] }),
      ])
  }

  private static var table: Shape<TableSpec> {
    .object(
      "a table", TableSpec.init(range:),
      fields: [
        Field(
          "source", \.source, qualifiedName,
          "The table in Postgres, when it has another name or schema there."),
        Field(
          "target", \.target, qualifiedName,
          "The table in the target, when it has another name or schema there."),
        Field(
          "key", \.key, nameOrNames,
          "The column or columns that identify a row. Default: the primary key in Postgres."),
        Field("row_count", \.rowCount, rowCount.located, rowCountMeaning),
        Field(
          "columns", \.columns, columns.located,
          "equal (default), skip, or expectations for single columns on top of equal."),
        Field("column_order", \.columnOrder, Shape<ColumnOrder>.choice.located, orderMeaning),
        Field(
          "column_count", \.columnCount, Shape<Int>.integer(1...10_000).located,
          "How many columns the table has in the target."),
        Field("constraints", \.constraints, constraints.located, constraintsMeaning),
        Field(
          "checksum", \.checksum, checksum.located,
          "all (default), a list of columns to compare, {except: [...]}, or skip."),
        Field(
          "sensitive", \.sensitive, names,
          "Columns whose values are never shown, logged or written anywhere."),
        Field(
          "where", \.filter, filter.located,
          "Compare only these rows: one condition for both sides, or {source: ..., target: ...}."),
        Field(
          "sample", \.sample, sampled.located,
          "Compare the values of so many per cent of the rows only, chosen by their keys: 1%."),
        Field(
          "window", \.window, window.located,
          "For a source that is written to: rows changed less than `lag` ago are not judged yet."),
        Field(
          "segments", \.segments, Shape<String>.text.located,
          "A column by whose values differing rows are counted, such as region."),
        Field("severity", \.severity, .choice, severityMeaning),
        Field("tags", \.tags, names, "Words to select by: --select tag:pii."),
        Field(
          "only_in", \.onlyIn, Shape<Side>.choice.located,
          "The table is on one side only, on purpose; say why with `because`."),
        Field("because", \.because, reason, becauseMeaning),
        Field("description", \.description, .text, "What the table holds."),
      ], check: checkTable)
  }

  private static func checkTable(
    _ table: TableSpec, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    guard let onlyIn = table.onlyIn else { return }
    if table.because == nil { diagnostics.append(Diagnostic(.reasonNeeded, at: onlyIn.range)) }
    let others: [SourceRange?] = [
      table.rowCount?.range, table.columns?.range, table.columnCount?.range,
      table.constraints?.range, table.checksum?.range, table.sample?.range, table.window?.range,
      table.segments?.range,
    ]
    for range in others.compactMap(\.self) {
      diagnostics.append(
        Diagnostic(
          .onlyOneSide, at: range,
          related: [Diagnostic.Related(range: onlyIn.range, text: "on one side only")]))
    }
  }

  static var rowCount: Shape<RowCountExpectation> {
    .either(
      "`equal`, `skip`, a number, {within: 0.1%} or {source: n, target: m}",
      [
        .number(
          Shape<Int>.integer(0...Int.max).map { count, _, _ in
            .exactly(source: count, target: count)
          }),
        .mapping(within, key: "within"),
        .mapping(counts),
        .scalar(
          Shape<RowCountWord>.choice.map { word, _, _ in word == .equal ? .equal : .skip }),
      ])
  }

  private enum RowCountWord: String, CaseIterable, Sendable { case equal, skip }

  private struct Within: Sendable { var amount: RowCountExpectation? }

  private static var within: Shape<RowCountExpectation> {
    Shape<Within>.object(
      "a tolerance", { _ in Within() },
      fields: [
        Field(
          "within", \.amount, amount, required: true,
          "How far the counts may be apart: rows, or per cent of the source's count.")
      ]
    ).map { value, _, _ in value.amount }
  }

  private static var amount: Shape<RowCountExpectation> {
    let rows = Shape<Int>.integer(0...Int.max).map { rows, _, _ in
      RowCountExpectation.withinRows(rows)
    }
    let percent = Shape<String>.text(
      like: #"^[0-9]+(\.[0-9]+)?%$"#, called: "a number of rows, or per cent such as 0.1%"
    ) { percentage($0) != nil }.map { text, _, _ in
      percentage(text).map(RowCountExpectation.withinPercent)
    }
    return Shape(schema: ["anyOf": [rows.schema, percent.schema]]) { node, diagnostics in
      guard case .scalar(let text, _) = node.content, text.last == "%" else {
        return rows.read(node, &diagnostics)
      }
      return percent.read(node, &diagnostics)
    }
  }

  private static func percentage(_ text: String) -> RowCountExpectation.Decimal? {
    let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard text.last == "%", (1...2).contains(parts.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let digits = Int(parts.joined()), parts.joined().count <= 12
    else { return nil }
    return RowCountExpectation.Decimal(digits: digits, scale: parts.count == 2 ? parts[1].count : 0)
  }

  private struct Counts: Sendable {
    var source: Int?
    var target: Int?
  }

  private static var counts: Shape<RowCountExpectation> {
    Shape<Counts>.object(
      "row counts", { _ in Counts() },
      fields: [
        Field("source", \.source, .integer(0...Int.max), required: true, "Rows in Postgres."),
        Field("target", \.target, .integer(0...Int.max), required: true, "Rows in the target."),
      ]
    ).map { counts, _, _ in
      guard let source = counts.source, let target = counts.target else { return nil }
      return .exactly(source: source, target: target)
    }
  }

  private enum EqualOrSkip: String, CaseIterable, Sendable { case equal, skip }
  private enum HoldOrSkip: String, CaseIterable, Sendable { case hold, skip }
  private enum AllOrSkip: String, CaseIterable, Sendable { case all, skip }

  private static var plainColumns: Shape<ColumnsExpectation> {
    Shape<EqualOrSkip>.choice.map { word, _, _ in word == .equal ? .equal : .skip }
  }

  private static var columns: Shape<ColumnsExpectation> {
    .either(
      "`equal`, `skip`, or columns with their expectations",
      [
        .mapping(
          Shape<[MapEntry<ColumnFields>]>.map(of: ColumnFields.shape).map { entries, _, _ in
            .each(entries.map { $0.value.column(named: $0.name) })
          }),
        .scalar(plainColumns),
      ])
  }

  private struct ConstraintFields: Sendable {
    var except: [Located<ConstraintKind>]?
    var because: String?
  }

  private static var constraints: Shape<ConstraintsExpectation> {
    .either(
      "`hold`, `skip`, or {except: [...], because: ...}",
      [
        .mapping(
          Shape<ConstraintFields>.object(
            "constraints", { _ in ConstraintFields() },
            fields: [
              Field(
                "except", \.except, .list(of: .choice), required: true,
                "Kinds of constraint that need not be there nor hold."),
              Field("because", \.because, reason, required: true, becauseMeaning),
            ]
          ).map { fields, _, _ in
            .hold(except: (fields.except ?? []).map(\.value), because: fields.because)
          }),
        .scalar(
          Shape<HoldOrSkip>.choice.map { word, _, _ in
            word == .hold ? .hold(except: [], because: nil) : .skip
          }),
      ])
  }

  private static var plainChecksum: Shape<ChecksumExpectation> {
    Shape<AllOrSkip>.choice.map { word, _, _ in word == .all ? .all : .skip }
  }

  private struct ChecksumFields: Sendable {
    var except: [Located<String>]?
    var because: String?
  }

  private static var checksum: Shape<ChecksumExpectation> {
    .either(
      "`all`, `skip`, a list of columns, or {except: [...]}",
      [
        .list(names.map { names, _, _ in .only(names) }),
        .mapping(
          Shape<ChecksumFields>.object(
            "a checksum", { _ in ChecksumFields() },
            fields: [
              Field(
                "except", \.except, names, required: true, "Columns whose values may differ."),
              Field("because", \.because, reason, becauseMeaning),
            ]
          ).map { fields, _, _ in .except(fields.except ?? [], because: fields.because) }),
        .scalar(plainChecksum),
      ])
  }

  /// An author's predicate that cannot end or comment out the statement around it.
  static var predicate: Shape<String> {
    Shape<String>.text.map { text, node, diagnostics in
      if let problem = PredicateGuard.problem(in: text) {
        diagnostics.append(Diagnostic(.predicate(problem), at: node.range))
        return nil
      }
      return text
    }
  }

  private static var sampled: Shape<ExactNumber> {
    percent.map { number, node, diagnostics in
      guard number.approximate < 100 else {
        diagnostics.append(Diagnostic(.expected("less than 100%"), at: node.range))
        return nil
      }
      return number
    }
  }

  static var rowCountMeaning: String {
    "equal (default), an exact number for both sides, {within: 0.1%} or {within: 25}, "
      + "{source: n, target: m}, or skip."
  }
  private static var orderMeaning: String {
    "same: the columns stand in the same order; any (default)."
  }
  private static var constraintsMeaning: String {
    "hold (default): the same keys and rules, proved on the data; skip; or {except: [...], because:}."
  }
  static var severityMeaning: String {
    "error (default): the run fails. warn: reported, the run still passes."
  }
  static var becauseMeaning: String { "Why this exception is right. Shown to whoever signs." }
}

extension Diagnostic.Message {
  fileprivate static let name = Self(
    "E0104", "expected a table's name", label: "such as `orders`, `legacy.orders` or `\"Order\"`")

  fileprivate static let reasonNeeded = Self(
    "E0110", "`only_in` needs a reason", label: "add `because:` for whoever signs")

  fileprivate static let onlyOneSide = Self(
    "E0111", "a table that is on one side only has nothing to compare", label: "take this out")

  fileprivate static func predicate(_ problem: String) -> Self {
    Self(
      "E0112", "this predicate cannot be used: \(problem)",
      label: "one condition, such as `status <> 'new'`")
  }
}
