/// The first moves of every table check: find the table in both catalogs and pair its columns.
struct TableLookup: Sendable {
  enum Progress {
    case ask([Ask])
    case found(TablePair)
    /// The table cannot be looked at; the verdict says why.
    case stop(Verdict)
  }

  private enum State: Sendable {
    case start
    case catalogs([Ask])
    case types(
      TableCatalog, TableCatalog, [Ask], [SchemaCatalog.CatalogGap], [SchemaCatalog.CatalogGap])
  }

  private let subject: TableSubject
  private var state = State.start

  init(_ subject: TableSubject) { self.subject = subject }

  mutating func next(given answers: [Answer]) -> Progress {
    switch state {
    case .start:
      let asks = Side.allCases.map { Ask($0, subject[$0].catalogQuestion) }
      state = .catalogs(asks)
      return .ask(asks)
    case .catalogs(let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .stop(verdict) }
      guard answers.count == 2 else {
        preconditionFailure("a schema question is answered by a schema or an error")
      }
      return found(answers)
    case .types(let source, let target, let asks, let sourceGaps, let targetGaps):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .stop(verdict) }
      var sides = [Side.source: source, .target: target]
      for (ask, answer) in zip(asks, answers) {
        guard case .types(let types) = answer else { continue }
        sides[ask.side] = sides[ask.side]?.detailed(by: types)
      }
      return pair(sides[.source] ?? source, sides[.target] ?? target, sourceGaps, targetGaps)
    }
  }

  private mutating func found(_ answers: [Answer]) -> Progress {
    var tables: [Side: TableCatalog] = [:]
    var gaps: [Side: [SchemaCatalog.CatalogGap]] = [:]
    var unchecked: [Verdict.Unchecked] = []
    for (side, answer) in zip(Side.allCases, answers) {
      let catalog: SchemaCatalog
      switch answer {
      case .schema(let found): catalog = found
      case .columns(let columns):
        if let reason = Self.problem(of: columns) {
          unchecked.append(
            Verdict.Unchecked(
              type: "unclear_columns", reason: "\(subject[side]) (\(side.rawValue)) \(reason)",
              remedy: "give each column of the query a name of its own: `AS name`"))
        } else {
          tables[side] = subject[side].queryTable(columns)
        }
        continue
      default: preconditionFailure("a schema question is answered by a schema or an error")
      }
      gaps[side] = catalog.gaps
      switch TableFinding(subject, side, in: catalog) {
      case .table(let table): tables[side] = table
      case .missing(let sentence), .ambiguous(let sentence), .invisible(let sentence):
        unchecked.append(Verdict.Unchecked(type: "missing_object", reason: sentence))
      }
    }
    guard let sourceTable = tables[.source], let targetTable = tables[.target] else {
      return .stop(
        Verdict(
          summary: "not compared: \(unchecked.first?.reason ?? "")", unchecked: unchecked))
    }
    let asks = [(Side.source, sourceTable), (.target, targetTable)].filter { _, table in
      table.relation.query == nil && table.columns.contains { $0.type.logical.lacksDetail }
    }.map { side, table in Ask(side, .columnTypes(of: table.relation)) }
    let (sourceGaps, targetGaps) = (gaps[.source] ?? [], gaps[.target] ?? [])
    if asks.isEmpty { return pair(sourceTable, targetTable, sourceGaps, targetGaps) }
    state = .types(sourceTable, targetTable, asks, sourceGaps, targetGaps)
    return .ask(asks)
  }

  /// Why columns of a query cannot be told apart.
  private static func problem(of columns: [ColumnCatalog]) -> String? {
    if columns.isEmpty { return "returns no column" }
    var seen: Set<String> = []
    for column in columns where !seen.insert(column.name.name.lowercased()).inserted {
      return "returns several columns called \(column.name)"
    }
    return nil
  }

  private func pair(
    _ source: TableCatalog, _ target: TableCatalog, _ sourceGaps: [SchemaCatalog.CatalogGap],
    _ targetGaps: [SchemaCatalog.CatalogGap]
  ) -> Progress {
    .found(
      TablePair(
        subject, source: source, target: target, sourceGaps: sourceGaps, targetGaps: targetGaps))
  }
}

/// What came of looking for a subject's table on one side, in words.
enum TableFinding {
  case table(TableCatalog)
  case missing(String)
  case ambiguous(String)
  /// The schema itself cannot be seen: nothing may be concluded.
  case invisible(String)

  init(_ subject: TableSubject, _ side: Side, in catalog: SchemaCatalog) {
    self.init(subject[side], side, in: catalog)
  }

  /// Looks for a name that may not be the subject's own, such as that of a copy.
  init(_ name: TableSubject.SideName, _ side: Side, in catalog: SchemaCatalog) {
    guard catalog.isVisible else {
      self = .invisible(
        "the schema \(name.schema) is not there in the \(side.rawValue), or the role may not see it"
      )
      return
    }
    switch catalog.find(name.name, in: name.engine) {
    case .table(let table): self = .table(table)
    case .ambiguous(let names):
      self = .ambiguous(
        "\(name.name.text) could be \(names.joined(separator: " or ")) in the \(side.rawValue): "
          + "write the one that is meant in quotation marks")
    case .missing(let nearest):
      if catalog.tables.isEmpty, !name.engine.listsEverything || side == .source {
        self = .invisible("the role sees no table at all in \(name.schema) (\(side.rawValue))")
        return
      }
      let hint = nearest.map { "; did you mean \($0)?" } ?? ""
      self = .missing(
        "\(name.name.text) is not in \(name.schema) (\(side.rawValue))\(name.engine.doubt)\(hint)")
    }
  }
}
