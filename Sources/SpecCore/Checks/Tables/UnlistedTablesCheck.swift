/// Expects the spec to mention every table of the source schema: sign-off must not miss one.
struct UnlistedTablesCheck: Check {
  let schema: SchemaName
  /// Names the spec lists or excuses, as it writes them.
  let known: [QualifiedName.Part]
  private var asks: [Ask] = []

  init(schema: SchemaName, known: [QualifiedName.Part]) {
    self.schema = schema
    self.known = known
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard !asks.isEmpty else {
      asks = [Ask(.source, .schema(schema))]
      return .ask(asks)
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    guard case .schema(let catalog) = answers.first else {
      preconditionFailure("a schema question is answered by a schema or an error")
    }
    guard catalog.isVisible else {
      let reason = "the schema \(schema) is not there in the source, or the role may not see it"
      return .decide(
        Verdict(
          summary: reason, unchecked: [Verdict.Unchecked(type: "missing_object", reason: reason)]))
    }
    guard !catalog.tables.isEmpty else {
      let reason = "the role sees no table at all in \(schema) (source)"
      return .decide(
        Verdict(
          summary: reason, unchecked: [Verdict.Unchecked(type: "missing_object", reason: reason)]))
    }
    let tables = catalog.tables.filter { $0.kind == .table }
    let meant = catalog.relations(named: known)
    let forgotten = tables.filter { !meant.contains($0.relation.name) }
    let names = forgotten.map(\.relation.name.name)
    return .decide(
      Verdict(
        summary: names.isEmpty
          ? "all \(counted(tables.count, "table")) of \(schema) are compared or excused"
          : "\(counted(names.count, "table")) of \(schema) not in the spec: "
            + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : ""),
        type: "unlisted_tables",
        findings: names.map { "\($0) is in \(schema), but the spec neither lists nor excuses it" }))
  }
}
