/// Expects a model to have a test, and rows that its tests could look at.
///
/// dbt's results do not tell how many rows a test saw: over an empty model every test passes.
struct DbtTestedCheck: Check {
  let model: String
  /// Where its rows are; `nil` for a model that has none of its own.
  let relation: Relation?
  /// How many tests look at it.
  let tests: Int
  private var asks: [Ask] = []
  private var isCounting = false

  init(_ model: String, _ relation: Relation?, tests: Int) {
    self.model = model
    self.relation = relation
    self.tests = tests
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    var verdict = Verdict(summary: "", type: "untested")
    if tests == 0 {
      verdict.findings = ["no test of dbt looks at \(model)"]
      verdict.summary = verdict.findings[0]
      return .decide(verdict)
    }
    guard let relation else {
      verdict.summary = counted(tests, "test")
      verdict.notes = ["\(model) has no rows of its own: it is a part of whatever reads it"]
      return .decide(verdict)
    }
    if asks.isEmpty {
      asks = [Ask(.target, .schema(relation.schema))]
      return .ask(asks)
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    if !isCounting {
      guard case .schema(let catalog) = answers.first else {
        preconditionFailure("a schema question is answered by a schema or an error")
      }
      guard let table = catalog.tables.first(where: { $0.relation.name == relation.name }) else {
        let reason = "\(relation) is not in the target, or the role may not see it"
        return .decide(
          Verdict(
            summary: reason,
            unchecked: [
              Verdict.Unchecked(
                type: "missing_object", reason: reason,
                remedy: "run `dbt build` with the target that this run looks at")
            ]))
      }
      isCounting = true
      asks = [Ask(.target, .aggregate(Scan(relation: table.relation), [.rowCount]))]
      return .ask(asks)
    }
    guard case .measures(let cells) = answers.first, let count = cells.first?.first??.asCount else {
      let reason = "a count is not a number"
      return .decide(
        Verdict(
          summary: reason,
          unchecked: [Verdict.Unchecked(type: "protocol_violation", reason: reason)]))
    }
    verdict.summary = "\(counted(tests, "test")) over \(counted(count, "row"))"
    if count == 0 {
      verdict.type = "empty_model"
      verdict.findings = [
        "\(model) holds no row: its \(counted(tests, "test")) looked at nothing"
      ]
      verdict.summary = verdict.findings[0]
    }
    return .decide(verdict)
  }
}

extension String {
  /// A number of rows.
  fileprivate var asCount: Int? { Int(self) }
}

/// Expects dbt's results to be younger than the data they are about.
struct DbtFreshCheck: Check {
  let results: DbtArtifacts.Part<DbtRunResults>
  /// Tests that were selected.
  let tests: [DbtNode]
  /// Tables that the models are built over, as the target spells them.
  let bases: [Relation]
  let newerThan: TimeSpan?
  private var asks: [Ask] = []

  init(
    _ results: DbtArtifacts.Part<DbtRunResults>, tests: [DbtNode], bases: [Relation],
    newerThan: TimeSpan?
  ) {
    self.results = results
    self.tests = tests
    self.bases = bases
    self.newerThan = newerThan
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard let found = results.content else {
      let problem = results.problem.map { [$0] } ?? []
      return .decide(Verdict(summary: problem.first?.reason ?? "", unchecked: problem))
    }
    // A test saw the data of its beginning.
    let starts = tests.compactMap { found.results[$0.id]?.startedAt }
    guard let tested = starts.min() ?? found.generatedAt else {
      let reason = "dbt's results do not say when they were made"
      return .decide(
        Verdict(summary: reason, unchecked: [Verdict.Unchecked(type: "no_time", reason: reason)]))
    }
    guard asks.isEmpty else { return .decide(judge(tested, answers, dialects.readAt)) }
    let schemas = Set(bases.map(\.schema)).sorted()
    asks = schemas.map { Ask(.target, .listing(.lastAltered($0))) }
    return asks.isEmpty ? .decide(judge(tested, [], dialects.readAt)) : .ask(asks)
  }

  private func judge(_ tested: Timestamp, _ answers: [Answer], _ readAt: Timestamp?) -> Verdict {
    var verdict = Verdict(summary: "tested at \(tested)", type: "dbt_results_old")
    if let newerThan, let readAt {
      let age = readAt.seconds(since: tested)
      if age > newerThan.seconds {
        verdict.findings.append(
          "dbt's tests ran at \(tested), more than \(newerThan.words) before this run")
      } else if age < -300 {
        verdict.findings.append("dbt's tests ran at \(tested), which is still to come")
      }
    }
    var missing: [Relation] = []
    var newest: (Timestamp, Relation)?
    for (ask, answer) in zip(asks, answers) {
      guard case .listing(.lastAltered(let schema)) = ask.question else { continue }
      switch answer {
      case .failed(let error) where error.kind == .unsupported && newerThan != nil:
        verdict.notes.append("the target does not tell when its tables were last changed")
      case .failed(let error):
        verdict.unchecked.append(
          Verdict.Unchecked(
            type: error.kind.rawValue,
            reason: "when the tables of \(schema) were last changed is not known: \(error.message)",
            remedy: error.kind == .unsupported
              ? "say how old dbt's results may be: `tests: { newer_than: 24h }`" : error.hint))
      case .listing(let rows):
        for base in bases where base.schema == schema {
          let row = rows.first { $0["name"].map { sameName($0, base.name) } ?? false }
          guard let altered = row?.moment("altered_at") else {
            missing.append(base)
            continue
          }
          if newest.map({ altered > $0.0 }) ?? true { newest = (altered, base) }
        }
      default: preconditionFailure("a listing was asked for")
      }
    }
    if let base = missing.first {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "missing_object",
          reason: "\(base) is not in the target, or the role may not see it: when it was last "
            + "changed is not known"))
    }
    if bases.isEmpty, newerThan == nil {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "no_bases",
          reason: "the models are built over no source of dbt, so when their data were loaded is "
            + "not known", remedy: "say how old dbt's results may be: `tests: { newer_than: 24h }`")
      )
    }
    if let (altered, base) = newest {
      if altered > tested {
        verdict.findings.append(
          "dbt's tests ran at \(tested), and \(base) was changed at \(altered): what they saw is "
            + "not what is there")
      } else {
        verdict.summary += ", after the last change of a base table (\(base), \(altered))"
      }
    }
    verdict.summary = verdict.findings.first ?? verdict.unchecked.first?.reason ?? verdict.summary
    return verdict
  }
}

extension ListedRow {
  /// Milliseconds since 1970 as a moment.
  func moment(_ column: String) -> Timestamp? {
    self[column].flatMap { Int64($0) }.map { Timestamp(microseconds: $0 * 1_000) }
  }
}
