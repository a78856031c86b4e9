/// Looks for row-level policies of the source that nothing in the target stands for.
///
/// That the target has a policy is enough here: whether it gives the same rows is for `row_access:` to
/// say, which tries it.
struct RowParity: Sendable {
  private enum State: Sendable { case start, references, account, done }

  private let security: Result<RowSecurity?, DatabaseError>
  private let source: TableCatalog
  private let target: TableCatalog
  private let engine: Engine
  private let hasRowAccess: Bool
  private var state = State.start
  /// Readers of the target who read only some rows of the source, in words.
  private var restricted: [(reader: String, words: String)] = []
  /// Readers for whom no policy of the source holds, with the reason.
  private var exempt: [String] = []
  private(set) var findings: [String] = []
  private(set) var unchecked: [Verdict.Unchecked] = []
  private(set) var notes: [String] = []

  init(
    _ security: Result<RowSecurity?, DatabaseError>, source: TableCatalog, target: TableCatalog,
    engine: Engine, hasRowAccess: Bool
  ) {
    self.security = security
    self.source = source
    self.target = target
    self.engine = engine
    self.hasRowAccess = hasRowAccess
  }

  private var table: [Identifier] { [source.relation.schema.schema, source.relation.name] }

  mutating func add(_ reader: String, standsFor walk: AccessWalk) {
    guard case .success(let security?) = security else { return }
    add(reader, walk.role.description, security.effect(on: walk, table: table))
  }

  mutating func addPublic() {
    guard case .success(let security?) = security else { return }
    add("PUBLIC, which is everyone,", "PUBLIC", security.effectOnPublic)
  }

  private mutating func add(_ reader: String, _ role: String, _ effect: RowSecurity.Effect) {
    switch effect {
    case .everything(because: let reason?): exempt.append("\(role) (\(reason))")
    case .everything(because: nil): break
    case .restricted([]):
      restricted.append(
        (reader, "\(role) reads none in the source, where no row-level policy gives it any"))
    case .restricted(let names):
      let word = names.count == 1 ? "policy" : "policies"
      restricted.append(
        (
          reader,
          "\(role) only those that the row-level \(word) \(names.joined(separator: ", ")) "
            + "\(names.count == 1 ? "gives" : "give") in the source"
        ))
    }
  }

  /// What to ask next; nothing when there is a result.
  mutating func next(given answers: [Answer]) -> [Ask] {
    let relation = target.relation
    switch state {
    case .start:
      start()
      guard !restricted.isEmpty else {
        state = .done
        return []
      }
      state = .references
      guard engine == .snowflake else {
        return [Ask(.target, .listing(.rowSecurity(relation)))]
      }
      let isView = target.kind == .view || target.kind == .materializedView
      return [Ask(.target, .listing(.policyReferences(relation, isView: isView)))]
    case .references:
      guard engine == .snowflake else {
        judgePostgres(answers)
        state = .done
        return []
      }
      let found = rowPolicies(answers.first)
      guard found.isEmpty else {
        judge(found, isLate: false)
        state = .done
        return []
      }
      state = .account
      return [Ask(.target, .listing(.accountPolicyReferences(relation)))]
    case .account:
      if answers.first?.policyReferences != nil {
        judge(rowPolicies(answers.first), isLate: true)
      } else {
        let reason =
          "row-level policies of the source restrict \(restricted.count == 1 ? "a reader" : "readers") "
          + "of \(source.relation), and whether a row access policy is attached to \(relation) is not "
          + "known: none is shown to the run's role, which may not see the account's list"
        unchecked.append(
          Verdict.Unchecked(
            type: "permission_denied", reason: reason,
            remedy: "GRANT APPLY ROW ACCESS POLICY ON ACCOUNT TO ROLE of the run, for its time, or "
              + "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER"))
      }
      state = .done
      return []
    case .done: return []
    }
  }

  private mutating func start() {
    switch security {
    case .failure(let error):
      unchecked.append(Verdict.Unchecked(error, on: .source))
    case .success(nil):
      unchecked.append(
        Verdict.Unchecked(
          type: "missing_object",
          reason: "row-level security of \(source.relation) could not be looked up"))
    case .success(let security?):
      guard security.isEnabled else { return }
      if !exempt.isEmpty {
        notes.append(
          "row-level security of the source does not restrict \(Set(exempt).sorted().joined(separator: ", "))"
        )
      }
    }
  }

  private func rowPolicies(_ answer: Answer?) -> [PolicyReference] {
    (answer?.policyReferences ?? []).filter { $0.kind == .rowAccess }
  }

  private mutating func judge(_ found: [PolicyReference], isLate: Bool) {
    if isLate {
      notes.append(
        "row access policies of the target as ACCOUNT_USAGE has them, which may be two hours late")
    }
    guard let active = found.first(where: \.isActive) else {
      lost(
        "ALTER \(target.kind == .view ? "VIEW" : "TABLE") \(written) ADD ROW ACCESS POLICY … ON (…)"
      )
      return
    }
    noteRules("the row access policy \(active.title)")
  }

  private mutating func judgePostgres(_ answers: [Answer]) {
    switch answers.first {
    case .listing(let rows):
      guard let found = RowSecurity(rows), found.isEnabled else {
        lost("ALTER TABLE \(written) ENABLE ROW LEVEL SECURITY, with the policies of the source")
        return
      }
      noteRules("row-level security")
    case .failed(let error): unchecked.append(Verdict.Unchecked(error, on: .target))
    default: preconditionFailure("row-level security was asked for")
    }
  }

  private mutating func lost(_ cure: String) {
    for (reader, words) in restricted {
      findings.append(
        "\(reader) reads every row of \(target.relation), but \(words); cure: \(cure)")
    }
  }

  private mutating func noteRules(_ what: String) {
    notes.append(
      hasRowAccess
        ? "\(what) holds for \(target.relation) too; the rows that it gives are tried by `row_access:`"
        : "\(what) holds for \(target.relation) too; whether it gives the rows that the source gives was "
          + "not compared: say it in `row_access:`")
  }

  private var written: String {
    let relation = target.relation
    return engine.written(
      [relation.schema.database, relation.schema.schema, relation.name].compactMap(\.self))
  }
}
