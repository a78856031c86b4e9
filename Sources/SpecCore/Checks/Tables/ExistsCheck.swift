/// Expects the table on both sides, or on the one side the spec says.
struct ExistsCheck: Check {
  let subject: TableSubject
  private var asks: [Ask] = []

  init(_ subject: TableSubject) { self.subject = subject }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard !asks.isEmpty else {
      asks = Side.allCases.map { Ask($0, subject[$0].catalogQuestion) }
      return .ask(asks)
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    var verdict = Verdict(summary: "", type: "missing_table")
    var names: Set<Identifier> = []
    for (ask, answer) in zip(asks, answers) {
      guard case .schema(let catalog) = answer else { continue }
      let finding = TableFinding(subject, ask.side, in: catalog)
      if case .table(let table) = finding { names.insert(table.relation.name) }
      judge(ask.side, finding, &verdict)
    }
    // Another Postgres keeps names as they are; Snowflake's loaders do not.
    if names.count > 1, subject.target.engine == .postgres, subject.spec.target == nil,
      subject.spec.source == nil
    {
      let list = names.sorted().map(\.name).joined(separator: " and ")
      verdict.findings.append("\(subject.title) is spelt \(list), which are two names in Postgres")
    }
    verdict.summary =
      verdict.findings.first ?? verdict.unchecked.first?.reason
      ?? (subject.spec.onlyIn.map { "in the \($0.value.rawValue) only, as said" }
        ?? "there on both sides")
    return .decide(verdict)
  }

  private func judge(_ side: Side, _ finding: TableFinding, _ verdict: inout Verdict) {
    let isWanted = subject.spec.onlyIn.map { $0.value == side } ?? true
    switch finding {
    case .table where !isWanted:
      verdict.findings.append("\(subject.title) is in the \(side.rawValue) although it should not")
    case .table: break
    case .missing(let sentence):
      if isWanted { verdict.findings.append(sentence) }
    case .ambiguous(let sentence):
      verdict.unchecked.append(Verdict.Unchecked(type: "ambiguous_name", reason: sentence))
    case .invisible(let sentence):
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "missing_object", reason: sentence,
          remedy: "check the schema's name and GRANT USAGE on it to the role that runs parity"))
    }
  }
}
