/// Tries something as a role and expects the database to refuse it, or not to.
///
/// A refusal proves something only of an object that is there and a role that the run can act as:
/// both are shown first. Nothing is changed whatever the answer (see ``Probe``).
struct AttemptCheck: Check {
  enum Expectation: Sendable { case refused, allowed }

  private enum State: Sendable {
    case start
    case schema([Ask])
    case probing(TableCatalog?, [Ask])
  }

  let subject: RoleSubject
  let attempt: AccessAttempt
  let expectation: Expectation
  /// The side's own schema, for names of one part.
  let home: SchemaName
  private var state = State.start

  init(
    _ subject: RoleSubject, _ attempt: AccessAttempt, _ expectation: Expectation, home: SchemaName
  ) {
    self.subject = subject
    self.attempt = attempt
    self.expectation = expectation
    self.home = home
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .start:
      let asks = [Ask(subject.side, .schema(schema))]
      state = .schema(asks)
      return .ask(asks)
    case .schema(let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      guard case .schema(let catalog) = answers.first else {
        preconditionFailure("a schema question is answered by a schema or an error")
      }
      return probe(catalog)
    case .probing(_, let asks): return .decide(judge(answers, asks))
    }
  }

  // MARK: The object

  private var names: [Identifier] {
    attempt.object.parts.map {
      Identifier($0.isQuoted ? $0.text : subject.engine.folded($0.text))
    }
  }

  private var schema: SchemaName {
    let outer = attempt.action.isAboutSchema ? names : Array(names.dropLast())
    switch outer.count {
    case 0: return home
    case 1: return SchemaName(database: home.database, schema: outer[0])
    default: return SchemaName(database: outer[outer.count - 2], schema: outer[outer.count - 1])
    }
  }

  private mutating func probe(_ catalog: SchemaCatalog) -> Move {
    guard catalog.isVisible else {
      return .decide(
        unknown(
          "the schema \(schema) is not there, or the run's own role may not see it, so a refusal would prove nothing"
        ))
    }
    var table: TableCatalog?
    if !attempt.action.isAboutSchema {
      table = catalog.tables.first { $0.relation.name == names.last }
      guard table != nil else {
        return .decide(
          unknown(
            "\(attempt.object) is not there, or the run's own role may not see it, so a refusal would prove nothing"
          ))
      }
    }
    guard let probe = probe(table) else {
      return .decide(unknown("\(attempt.object) has no column that could be named in a statement"))
    }
    var probes = [Probe.identity, probe]
    if case .update(let relation, _) = probe, subject.engine == .postgres {
      // The statement names one column; rights may have been given for others.
      probes.append(.updateAny(relation))
    }
    let asks = probes.map { Ask(subject.side, .probe($0, as: subject.role)) }
    state = .probing(table, asks)
    return .ask(asks)
  }

  private func probe(_ table: TableCatalog?) -> Probe? {
    guard let table else {
      return attempt.action == .usage ? .usage(schema) : .create(schema)
    }
    let relation = table.relation
    let column = table.columns.first { !$0.isGenerated }?.name ?? table.columns.first?.name
    switch attempt.action {
    case .select: return .select(relation)
    case .insert: return column.map { .insert(relation, $0) }
    case .update: return column.map { .update(relation, $0) }
    case .delete: return .delete(relation)
    case .truncate: return .truncate(relation)
    case .drop: return .drop(relation)
    case .usage, .create: return nil
    }
  }

  // MARK: Verdicts

  private func judge(_ answers: [Answer], _ asks: [Ask]) -> Verdict {
    if let verdict = Verdict.unanswered(Array(answers.prefix(1)), asks: Array(asks.prefix(1))) {
      return verdict
    }
    if case .probe(.refused) = answers.first {
      return unknown("the run could not act as \(subject.title)")
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return verdict }
    let results = answers.dropFirst().map { answer -> ProbeResult in
      guard case .probe(let result) = answer else { preconditionFailure("a probe was asked for") }
      return result
    }
    guard let first = results.first else { preconditionFailure("a probe was asked for") }
    let result = results.contains(.done) ? .done : first
    switch (result, expectation) {
    case (.refused(let words), .refused):
      return Verdict(summary: "refused: \(words.firstLine)", type: "access_not_denied")
    case (.done, .allowed):
      return Verdict(summary: "not refused", type: "access_denied")
    case (.done, .refused):
      let sentence =
        "\(subject.title) may \(attempt.words): it was tried and not refused"
      return Verdict(summary: "not refused", type: "access_not_denied", findings: [sentence])
    case (.refused(let words), .allowed):
      return Verdict(
        summary: "refused: \(words.firstLine)", type: "access_denied",
        findings: ["\(subject.title) may not \(attempt.words): \(words.firstLine)"])
    }
  }

  private func unknown(_ reason: String) -> Verdict {
    Verdict(
      summary: reason, unchecked: [Verdict.Unchecked(type: "no_control", reason: reason)])
  }
}
