/// Expects Time Travel to reach far enough back for every table of the spec.
struct RetentionCheck: Check {
  let subjects: [TableSubject]
  let atLeast: TimeSpan
  let engine: Engine
  private var asks: [Ask] = []

  init(_ subjects: [TableSubject], atLeast: TimeSpan, in engine: Engine) {
    self.subjects = subjects
    self.atLeast = atLeast
    self.engine = engine
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard engine == .snowflake else {
      return .decide(
        Verdict(
          Verdict.Unchecked(
            type: "unsupported", reason: "a second Postgres has no Time Travel",
            remedy: "run the spec with a Snowflake target, or leave `time_travel` out")))
    }
    guard !subjects.isEmpty else { return .decide(.noTables) }
    guard !asks.isEmpty else {
      asks = Self.schemas(of: subjects.map(\.target)).map { Ask(.target, .schema($0)) }
      return .ask(asks)
    }
    return .decide(judge(answers))
  }

  /// Each schema once, in the order of the tables.
  static func schemas(of names: [TableSubject.SideName]) -> [SchemaName] {
    var schemas: [SchemaName] = []
    for name in names where !schemas.contains(name.schema) { schemas.append(name.schema) }
    return schemas
  }

  private func judge(_ answers: [Answer]) -> Verdict {
    var verdict = Verdict(summary: "", type: "short_retention")
    let catalogs = RollbackCatalogs(asks, answers)
    verdict.unchecked = catalogs.unchecked
    var least: Int?
    for subject in subjects {
      switch catalogs.finding(subject.target) {
      case .table(let table): judge(table, subject, &verdict, &least)
      case .missing(let sentence), .ambiguous(let sentence), .invisible(let sentence):
        verdict.unchecked.append(Verdict.Unchecked(type: "missing_object", reason: sentence))
      // Told once for the whole schema.
      case nil: break
      }
    }
    if !verdict.findings.isEmpty {
      verdict.summary =
        "\(counted(verdict.findings.count, "table")) of \(grouped(subjects.count)) "
        + "cannot be read as it was \(atLeast.words) ago"
    } else if let first = verdict.unchecked.first {
      verdict.summary = first.reason.firstLine
    } else {
      verdict.summary =
        "\(counted(subjects.count, "table")), at least \(counted(least ?? 0, "day")) back"
    }
    return verdict
  }

  private func judge(
    _ table: TableCatalog, _ subject: TableSubject, _ verdict: inout Verdict, _ least: inout Int?
  ) {
    let name = table.relation.description
    guard table.kind == .table else {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason: "\(name) is a \(table.kind.rawValue), which has no history of its own",
          remedy: "name the table that holds its rows"))
      return
    }
    guard let days = table.retentionDays else {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason: "Snowflake does not tell how long \(name) keeps its history"
        ))
      return
    }
    least = min(least ?? days, days)
    guard Double(days) * 86_400 < atLeast.seconds else { return }
    let needed = Int((atLeast.seconds / 86_400).rounded(.up))
    let written = engine.written(
      [table.relation.schema.database, table.relation.schema.schema, table.relation.name]
        .compactMap(\.self))
    let limit =
      needed > 90
      ? " (Snowflake keeps at most 90 days: a clone made at cut-over keeps it longer)"
      : needed > 1
        ? " (more than 1 day needs Snowflake's Enterprise edition, and a table that is not transient)"
        : ""
    verdict.findings.append(
      "\(subject.title): \(counted(days, "day")) of history, expected \(atLeast.words); cure: "
        + "ALTER TABLE \(written) SET DATA_RETENTION_TIME_IN_DAYS = \(min(needed, 90));\(limit)")
  }
}

extension Verdict {
  /// What speaks of the spec's tables shows nothing where there are none.
  static var noTables: Verdict {
    Verdict(
      Unchecked(
        type: "no_tables",
        reason: "the spec compares no table of the target: nothing was looked at",
        remedy: "name the tables under `tables:`"))
  }
}

/// Catalogs of some schemas, by their names.
struct RollbackCatalogs {
  private var catalogs: [SchemaName: SchemaCatalog] = [:]
  /// Why some are not there.
  private(set) var unchecked: [Verdict.Unchecked] = []

  init(_ asks: [Ask], _ answers: [Answer]) {
    for (ask, answer) in zip(asks, answers) {
      switch (ask.question, answer) {
      case (.schema(let name), .schema(let catalog)): catalogs[name] = catalog
      case (_, .failed(let error)): unchecked.append(Verdict.Unchecked(error, on: ask.side))
      default: preconditionFailure("a schema question is answered by a schema or an error")
      }
    }
  }

  /// What there is of this name in the target; `nil` where the schema could not be read.
  func finding(_ name: TableSubject.SideName) -> TableFinding? {
    catalogs[name.schema].map { TableFinding(name, .target, in: $0) }
  }
}
