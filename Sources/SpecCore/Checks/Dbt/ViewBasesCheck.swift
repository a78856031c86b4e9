/// Expects a view to be built over the tables that were migrated, and over what dbt makes of them.
///
/// Views are followed down to tables by their texts (Snowflake) or their rules (Postgres). A model that
/// is kept as a table must have been built after the tables below it were last changed, where the
/// database tells when that was.
struct ViewBasesCheck: Check {
  private enum State: Sendable {
    case start
    case finding([Ask])
    case bases([Ask])
    case kinds([Ask])
    case altered([Ask])
  }

  /// A name that something reads, before it is known what it is.
  private struct Open: Hashable {
    let relation: Relation
    let reader: String
  }

  /// Views that are followed at most.
  private static let most = 200

  let subject: TableSubject
  let graph: DbtGraph?
  /// Where the spec's tables are in the target; empty where it lists none.
  let migrated: [TableSubject.SideName]
  private var state = State.start
  private var seen: Set<Relation> = []
  private var views: [Relation] = []
  private var open: [Open] = []
  private var tables: [Open] = []
  private var unchecked: [Verdict.Unchecked] = []
  private var notes: [String] = []

  init(
    _ subject: TableSubject, _ graph: DbtGraph?, migrated: [TableSubject.SideName]
  ) {
    self.subject = subject
    self.graph = graph
    self.migrated = migrated
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .start:
      let asks = [Ask(.target, .schema(subject.target.schema))]
      state = .finding(asks)
      return .ask(asks)
    case .finding(let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      guard case .schema(let catalog) = answers.first else { return .decide(broken) }
      guard case .table(let table) = TableFinding(subject, .target, in: catalog) else {
        let reason = "\(subject.target) is not in the target, or the role may not see it"
        return .decide(
          Verdict(
            summary: reason,
            unchecked: [Verdict.Unchecked(type: "missing_object", reason: reason)]))
      }
      seen.insert(table.relation)
      if table.kind.isQuery {
        views = [table.relation]
      } else {
        tables = [Open(relation: table.relation, reader: subject.title)]
      }
      return goOn()
    case .bases(let asks): return take(bases: answers, asks)
    case .kinds(let asks): return take(kinds: answers, asks)
    case .altered(let asks): return .decide(judge(altered(answers, asks)))
    }
  }

  private var broken: Verdict {
    let reason = "the catalog gave another answer than was asked for"
    return Verdict(
      summary: reason,
      unchecked: [Verdict.Unchecked(type: "protocol_violation", reason: reason)])
  }

  // MARK: Following views

  private mutating func goOn() -> Move {
    if !views.isEmpty, seen.count <= Self.most {
      let asks = views.map { Ask(.target, .listing(.viewBases($0))) }
      state = .bases(asks)
      return .ask(asks)
    }
    if !views.isEmpty {
      unchecked.append(
        Verdict.Unchecked(
          type: "too_deep", reason: "more than \(Self.most) views stand below \(subject.title)"))
    }
    let schemas = Set(kept.flatMap { [$0.relation] + sources(below: $0.node) }.map(\.schema))
    if schemas.isEmpty { return .decide(judge([:])) }
    let asks = schemas.sorted().map { Ask(.target, .listing(.lastAltered($0))) }
    state = .altered(asks)
    return .ask(asks)
  }

  private mutating func take(bases answers: [Answer], _ asks: [Ask]) -> Move {
    var schemas: Set<SchemaName> = []
    let asked = views
    views = []
    for (view, answer) in zip(asked, answers) {
      switch answer {
      case .failed(let error):
        unchecked.append(
          Verdict.Unchecked(
            type: error.kind.rawValue,
            reason: "what \(view) reads is not known: \(error.message)", remedy: error.hint))
      case .listing(let rows):
        if rows.isEmpty { notes.append("\(view) reads no table") }
        for row in rows { take(row, of: view, &schemas) }
      default: return .decide(broken)
      }
    }
    if open.isEmpty { return goOn() }
    let asks = schemas.sorted().map { Ask(.target, .schema($0)) }
    state = .kinds(asks)
    return .ask(asks)
  }

  private mutating func take(
    _ row: ListedRow, of view: Relation, _ schemas: inout Set<SchemaName>
  ) {
    let name = row["name"] ?? ""
    guard row["kind"] != "unknown" else {
      unchecked.append(
        Verdict.Unchecked(
          type: "unknown_base", reason: "\(view) reads \(name), which cannot be followed",
          remedy: "look at the view's text, and say in a waiver what was seen"))
      return
    }
    let schema = SchemaName(
      database: row["database"].map { Identifier($0) } ?? view.schema.database,
      schema: row["schema"].map { Identifier($0) } ?? view.schema.schema)
    let base = Open(
      relation: Relation(schema: schema, name: Identifier(name)), reader: view.description)
    guard seen.insert(base.relation).inserted else { return }
    switch row["kind"] {
    case "view": views.append(base.relation)
    case "table": tables.append(base)
    case "other": notes.append("\(view) uses \(base.relation), which is neither table nor view")
    default:
      open.append(base)
      schemas.insert(schema)
    }
  }

  private mutating func take(kinds answers: [Answer], _ asks: [Ask]) -> Move {
    var catalogs: [SchemaName: SchemaCatalog] = [:]
    for (ask, answer) in zip(asks, answers) {
      guard case .schema(let name) = ask.question, case .schema(let catalog) = answer else {
        continue
      }
      catalogs[name] = catalog
    }
    let asked = open
    open = []
    for base in asked {
      let table = catalogs[base.relation.schema]?.tables.first {
        $0.relation.name == base.relation.name
      }
      guard let table else {
        if isForeign(base.relation) {
          // Whatever it is, it is not what was migrated.
          tables.append(base)
        } else {
          unchecked.append(
            Verdict.Unchecked(
              type: "missing_object",
              reason: "\(base.reader) reads \(base.relation), which the run's role does not see",
              remedy: "GRANT SELECT ON \(base.relation) TO the role that runs parity"))
        }
        continue
      }
      if table.kind.isQuery { views.append(table.relation) } else { tables.append(base) }
    }
    return goOn()
  }

  // MARK: Judging

  /// Whether neither the spec nor dbt knows it.
  private func isForeign(_ relation: Relation) -> Bool {
    !isMigrated(relation) && graph?.node(of: relation) == nil
  }

  private func isMigrated(_ relation: Relation) -> Bool {
    migrated.contains { table in
      // Where the spec does not name the database, only the view's own is taken for it.
      let home = table.schema.database ?? subject.target.schema.database
      if let home, let other = relation.schema.database, home != other { return false }
      guard table.schema.schema == relation.schema.schema else { return false }
      return table.name.isQuoted
        ? Identifier(table.name.text) == relation.name : sameName(table.name.text, relation.name)
    }
  }

  /// Tables that dbt makes, with what it makes them of.
  private var kept: [(relation: Relation, node: DbtNode)] {
    tables.compactMap { table in
      guard let node = graph?.node(of: table.relation), node.kind == .model else { return nil }
      return (table.relation, node)
    }
  }

  /// The sources that a model is built over.
  private func sources(below node: DbtNode) -> [Relation] {
    guard let graph else { return [] }
    return graph.reached(from: [node.id], depth: .max) { graph.nodes[$0]?.parents ?? [] }
      .compactMap { graph.nodes[$0] }.filter { $0.kind == .source || $0.kind == .seed }
      .compactMap { $0.relation?.relation(in: subject.target.engine) }.sorted()
  }

  private mutating func altered(_ answers: [Answer], _ asks: [Ask]) -> [Relation: Timestamp] {
    var altered: [Relation: Timestamp] = [:]
    for (ask, answer) in zip(asks, answers) {
      guard case .listing(.lastAltered(let schema)) = ask.question else { continue }
      switch answer {
      case .listing(let rows):
        for row in rows {
          guard let name = row["name"], let moment = row.moment("altered_at") else {
            continue
          }
          altered[Relation(schema: schema, name: Identifier(name))] = moment
        }
      case .failed(let error) where error.kind == .unsupported:
        let note =
          "the target does not tell when tables were last changed: whether models kept as "
          + "tables are stale shows in their rows only"
        if !notes.contains(note) { notes.append(note) }
      case .failed(let error):
        unchecked.append(
          Verdict.Unchecked(
            type: error.kind.rawValue,
            reason: "when the tables of \(schema) were last changed is not known: \(error.message)",
            remedy: error.hint))
      default: break
      }
    }
    return altered
  }

  private func judge(_ altered: [Relation: Timestamp]) -> Verdict {
    var verdict = Verdict(summary: "", type: "foreign_base", unchecked: unchecked, notes: notes)
    var good: [String] = []
    for table in tables {
      let relation = table.relation
      if isMigrated(relation) {
        good.append("\(relation)")
        continue
      }
      if migrated.isEmpty, graph == nil {
        verdict.unchecked.append(
          Verdict.Unchecked(
            type: "unproven_base",
            reason: "\(table.reader) reads \(relation); this spec lists no table, and no manifest "
              + "tells of one", remedy: "list what was migrated under `tables`"))
        continue
      }
      guard let node = graph?.node(of: relation) else {
        let own = migrated.first { sameName($0.name.text, relation.name) }
        if let own, own.schema.database == nil, relation.schema.database != nil {
          verdict.unchecked.append(
            Verdict.Unchecked(
              type: "unknown_database",
              reason:
                "\(table.reader) reads \(relation); whether that is the migrated \(own) is not "
                + "known", remedy: "name the target's database in the spec: `database: …`"))
          continue
        }
        verdict.findings.append(
          "\(table.reader) reads \(relation), which is neither a migrated table of this spec nor made "
            + "by dbt" + (own.map { "; the migrated one is \($0)" } ?? ""))
        continue
      }
      guard node.kind == .source else {
        good.append("\(relation)")
        judgeAge(relation, node, altered, &verdict)
        continue
      }
      if migrated.isEmpty {
        verdict.notes.append("\(relation) is a source of dbt; this spec compares no table")
        good.append("\(relation)")
      } else {
        verdict.unchecked.append(
          Verdict.Unchecked(
            type: "unproven_base",
            reason: "\(relation) is a source of dbt, and no table that this spec compares",
            remedy: "list it under `tables`, so that it is proved to be what was migrated"))
      }
    }
    if tables.isEmpty, verdict.unchecked.isEmpty {
      verdict.findings.append("\(subject.title) reads no table at all")
    }
    verdict.summary =
      verdict.findings.first ?? verdict.unchecked.first?.reason
      ?? "built over \(good.joined(separator: ", "))"
    return verdict
  }

  private func judgeAge(
    _ relation: Relation, _ node: DbtNode, _ altered: [Relation: Timestamp],
    _ verdict: inout Verdict
  ) {
    guard node.kind == .model, let built = altered[relation] else { return }
    for base in sources(below: node) {
      guard let changed = altered[base], changed > built else { continue }
      verdict.type = "stale_model"
      verdict.findings.append(
        "\(relation) was built at \(built), before \(base) was last changed (\(changed)): it is stale"
      )
    }
  }
}

extension TableCatalog.Kind {
  /// Whether its rows are those of a query.
  var isQuery: Bool { self == .view || self == .materializedView }
}
