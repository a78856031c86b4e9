/// Expects a policy to be attached to a column or table of the target, and to be active.
///
/// Snowflake shows a role only those policies that it may attach or owns, so that a list without the
/// policy proves nothing by itself. That it is missing is only said where the run sees the policy, or
/// where the whole account's view, which is late, does not have it.
struct PolicyAttachedCheck: Check {
  private enum State: Sendable {
    case start
    case schema([Ask])
    case references(TableCatalog, ColumnCatalog?)
    case proof(TableCatalog, ColumnCatalog?)
    case rowSecurity(TableCatalog, [Ask])
  }

  let place: PolicyPlace
  let kind: PolicyKind
  let policy: QualifiedName
  /// The columns that the policy must be given.
  let columns: [String]?
  private var state = State.start

  init(_ place: PolicyPlace, _ kind: PolicyKind, _ policy: QualifiedName, columns: [String]? = nil)
  {
    self.place = place
    self.kind = kind
    self.policy = policy
    self.columns = columns
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .start:
      let asks = [Ask(.target, .schema(place.table.schema))]
      state = .schema(asks)
      return .ask(asks)
    case .schema(let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      guard case .schema(let catalog) = answers.first else {
        preconditionFailure("a schema question is answered by a schema or an error")
      }
      return ask(about: catalog)
    case .references(let table, let column):
      // An error is like nothing shown: what can be proved is asked next.
      let found = relevant(answers.first?.policyReferences ?? [], column)
      guard found.isEmpty else { return .decide(judge(found, table, column, isLate: false)) }
      let asks = [
        Ask(.target, .listing(.policies(kind))),
        Ask(.target, .listing(.accountPolicyReferences(table.relation))),
      ]
      state = .proof(table, column)
      return .ask(asks)
    case .proof(let table, let column): return .decide(prove(answers, table, column))
    case .rowSecurity(let table, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      guard case .listing(let rows) = answers.first else {
        preconditionFailure("row-level security was asked for")
      }
      return .decide(judge(rows, table))
    }
  }

  private mutating func ask(about catalog: SchemaCatalog) -> Move {
    let table: TableCatalog
    switch place.find(in: catalog) {
    case .failure(let missing): return .decide(missing.verdict)
    case .success(let found): table = found
    }
    let column = place.column(of: table)
    if place.column != nil, column == nil {
      return .decide(PolicyPlace.Missing("\(table.relation) has no column \(place.title)").verdict)
    }
    guard place.engine == .snowflake else {
      guard kind == .rowAccess else {
        let reason = "Postgres has no masking policies: they are Snowflake's"
        return .decide(
          Verdict(
            summary: reason, unchecked: [Verdict.Unchecked(type: "unsupported", reason: reason)]))
      }
      let asks = [Ask(.target, .listing(.rowSecurity(table.relation)))]
      state = .rowSecurity(table, asks)
      return .ask(asks)
    }
    let isView = table.kind == .view || table.kind == .materializedView
    let asks = [Ask(.target, .listing(.policyReferences(table.relation, isView: isView)))]
    state = .references(table, column)
    return .ask(asks)
  }

  private func relevant(
    _ found: [PolicyReference], _ column: ColumnCatalog?
  ) -> [PolicyReference] {
    found.filter { $0.kind == kind && $0.column == column?.name }
  }

  private var name: String { policy.description }

  private var word: String { kind == .masking ? "masking policy" : "row access policy" }

  /// The statement that attaches the policy.
  private func cure(_ table: TableCatalog, _ column: ColumnCatalog?, isOther: Bool) -> String {
    let what = table.kind == .view ? "VIEW" : "TABLE"
    let target = "ALTER \(what) \(place.written(table.relation))"
    guard let column else {
      let given = columns.map { $0.joined(separator: ", ") } ?? "…"
      let drop = isOther ? " DROP ALL ROW ACCESS POLICIES," : ""
      return "\(target)\(drop) ADD ROW ACCESS POLICY \(name) ON (\(given))"
    }
    return "\(target) MODIFY COLUMN \(place.engine.written(column.name)) "
      + "SET MASKING POLICY \(name)\(isOther ? " FORCE" : "")"
  }

  private func judge(
    _ found: [PolicyReference], _ table: TableCatalog, _ column: ColumnCatalog?, isLate: Bool
  ) -> Verdict {
    var findings: [String] = []
    let ours = found.filter { PolicyReference.means(policy, $0.path, in: place.engine) }
    for other in found where !ours.contains(other) {
      findings.append(
        "\(other.title) is attached to \(place.title), not \(name); "
          + "cure: \(cure(table, column, isOther: true))")
    }
    for reference in ours where !reference.isActive {
      let status = reference.status.isEmpty ? "no status is told" : reference.status
      findings.append(
        "\(reference.title) is attached to \(place.title), but is not active: \(status)")
    }
    if let columns {
      let wanted = columns.map { place.engine.folded($0) }
      for reference in ours
      where !reference.arguments.isEmpty && reference.arguments != wanted
        && reference.arguments != columns
      {
        findings.append(
          "\(reference.title) is given \(reference.arguments.joined(separator: ", ")), "
            + "not \(columns.joined(separator: ", ")); "
            + "cure: \(cure(table, column, isOther: true))")
      }
    }
    let title = ours.first?.title ?? name
    var unchecked: [Verdict.Unchecked] = []
    if columns != nil, ours.contains(where: \.arguments.isEmpty) {
      unchecked.append(
        Verdict.Unchecked(
          type: "not_visible",
          reason: "which columns \(title) is given for \(place.title) is not shown"))
    }
    return Verdict(
      summary: findings.isEmpty
        ? unchecked.first?.reason ?? "\(title) is attached, and active"
        : findings.first?.firstClause ?? "",
      type: "policy_not_attached", findings: findings, unchecked: unchecked,
      notes: isLate ? [Self.late] : [])
  }

  private static let late =
    "as the account's own list has it (ACCOUNT_USAGE), which may be two hours late"

  /// Nothing was shown: whether that means anything.
  private func prove(
    _ answers: [Answer], _ table: TableCatalog, _ column: ColumnCatalog?
  ) -> Verdict {
    var shown: [[Identifier]] = []
    if case .listing(let rows) = answers.first {
      shown = rows.map { PolicyReference.path(shown: $0) }
    }
    func missing(_ remark: String) -> Verdict {
      Verdict(
        summary: "no \(word) \(name) on \(place.title)", type: "policy_not_attached",
        findings: [
          "\(name) is not attached to \(place.title)\(remark); "
            + "cure: \(cure(table, column, isOther: false))"
        ])
    }
    let all = answers.last?.policyReferences.map { relevant($0, column) }
    // The late list counts for policies that the run does not see; of others it knows better.
    if let hidden = all?.filter({ !shown.contains($0.path) }), !hidden.isEmpty {
      return judge(hidden, table, column, isLate: true)
    }
    if shown.contains(where: { PolicyReference.means(policy, $0, in: place.engine) }) {
      return missing("")
    }
    if all != nil { return missing(", \(Self.late)") }
    let reason =
      "no \(word) is shown on \(place.title), and the run's role may see neither \(name) nor the "
      + "account's list of policies, so that nothing shown proves nothing"
    return Verdict(
      summary: reason,
      unchecked: [
        Verdict.Unchecked(
          type: "permission_denied", reason: reason,
          remedy: "GRANT APPLY \(kind.words) ON ACCOUNT TO ROLE of the run, for its time, or "
            + "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER")
      ])
  }

  /// A policy of Postgres' row-level security.
  private func judge(_ rows: [ListedRow], _ table: TableCatalog) -> Verdict {
    let relation = place.written(table.relation)
    var findings: [String] = []
    if !rows.contains(where: { $0.isTrue("enabled") == true }) {
      findings.append(
        "row-level security is not on for \(place.title), so that no policy of it holds; "
          + "cure: ALTER TABLE \(relation) ENABLE ROW LEVEL SECURITY")
    }
    let isThere = rows.contains { row in
      row["policy"].map {
        PolicyReference.means(policy, [Identifier($0)], in: .postgres)
      } ?? false
    }
    if !isThere {
      findings.append(
        "\(place.title) has no policy \(name); cure: CREATE POLICY \(name) ON \(relation) USING (…)"
      )
    }
    return Verdict(
      summary: findings.first?.firstClause ?? "\(name) is there, and row-level security is on",
      type: "policy_not_attached", findings: findings)
  }
}

extension String {
  /// A finding without its cure.
  var firstClause: String { split(separator: ";").first.map(String.init) ?? self }
}
