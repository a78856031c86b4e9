/// Expects columns that the spec calls sensitive, or their table, to have a policy in Snowflake.
struct SensitiveCheck: Check {
  let kind: PolicyKind
  private var lookup: TableLookup
  private var found: (pair: TablePair, asks: [Ask])?

  init(_ subject: TableSubject, _ kind: PolicyKind) {
    self.kind = kind
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard let (pair, asks) = found else {
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair):
        let asks = [Ask(.target, .listing(.accountPolicyReferences(pair.target.relation)))]
        found = (pair, asks)
        return .ask(asks)
      }
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    guard case .listing(let rows) = answers.first else {
      preconditionFailure("policies were asked for")
    }
    return .decide(judge(pair, rows))
  }

  private func judge(_ pair: TablePair, _ rows: [ListedRow]) -> Verdict {
    let table = pair.target.relation
    let mine = rows.filter {
      $0["policy_kind"] == kind.rawValue && $0["policy_status"] == "ACTIVE"
    }
    let sensitive = pair.target.columns.map(\.name).filter(pair.isSensitive)
    var verdict = Verdict(summary: "", type: "no_policy")
    verdict.notes = ["as the account was some time ago: this view is up to two hours late"]
    switch kind {
    case .masking:
      let masked = Set(mine.compactMap { $0["ref_column_name"] })
      for column in sensitive where !masked.contains(column.name) {
        verdict.findings.append(
          "\(table).\(column.name) is sensitive and has no masking policy; cure: ALTER TABLE \(table) MODIFY COLUMN \(Engine.snowflake.written(column)) SET MASKING POLICY …"
        )
      }
    case .rowAccess where mine.isEmpty && !sensitive.isEmpty:
      verdict.findings.append(
        "\(table) holds sensitive columns and has no row access policy; cure: ALTER TABLE \(table) ADD ROW ACCESS POLICY … ON (…)"
      )
    case .rowAccess: break
    }
    if sensitive.isEmpty {
      let reason = "no column of \(table) is one that the spec calls sensitive"
      verdict.unchecked.append(Verdict.Unchecked(type: "not_comparable", reason: reason))
    }
    verdict.summary =
      verdict.findings.first.map { String($0.split(separator: ";")[0]) }
      ?? verdict.unchecked.first?.reason
      ?? counted(sensitive.count, "sensitive column") + ", "
      + (kind == .masking
        ? counted(mine.count, "masking policy", "masking policies")
        : counted(mine.count, "row access policy", "row access policies"))
    return verdict
  }
}

/// A point that the spec itself keeps from being judged.
struct UndecidedCheck: Check {
  let reason: String
  let remedy: String

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    .decide(
      Verdict(
        summary: reason,
        unchecked: [
          Verdict.Unchecked(type: "not_comparable", reason: reason, remedy: remedy)
        ]))
  }
}
