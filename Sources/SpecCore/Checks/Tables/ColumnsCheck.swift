/// Expects the same columns with types that can hold the source's values, and NOT NULL kept.
///
/// A loss that today's data happen to survive is a failure all the same. A loss the author accepts
/// is written as the column's `type:` with a `because:`.
struct ColumnsCheck: Check {
  let subject: TableSubject
  private var lookup: TableLookup

  init(_ subject: TableSubject) {
    self.subject = subject
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch lookup.next(given: answers) {
    case .ask(let asks): .ask(asks)
    case .stop(let verdict): .decide(verdict)
    case .found(let pair): .decide(judge(pair, dialects))
    }
  }

  private func judge(_ pair: TablePair, _ dialects: Dialects) -> Verdict {
    var verdict = Verdict(summary: "", type: "columns_differ")
    verdict.findings += pair.unknown
    verdict.findings += pair.missing.map { column in
      "\(column.name) (\(column.type.declared)) is missing in the target"
        + renameHint(column, pair.extra)
    }
    verdict.findings += pair.extra.map { "\($0.name) (\($0.type.declared)) is extra in the target" }
    for column in pair.columns { judge(column, dialects, &verdict) }
    if subject.expectations.columnOrder.value == .same { judgeOrder(pair, &verdict) }
    let compared = counted(pair.columns.count, "column")
    if pair.source.columns.isEmpty {
      verdict.unchecked.append(
        Verdict.Unchecked(type: "missing_object", reason: "the catalog shows no column at all"))
    }
    verdict.summary =
      verdict.findings.isEmpty
      ? verdict.unchecked.first?.reason ?? "\(compared) with types that fit"
      : "\(counted(verdict.findings.count, "difference")): \(verdict.findings[0])"
    return verdict
  }

  private func renameHint(_ column: ColumnCatalog, _ extra: [ColumnCatalog]) -> String {
    let fitting = extra.filter {
      TypePairing(source: column.type, target: $0.type).losses.isEmpty
    }
    guard let candidate = fitting.first, fitting.count == 1 else { return "" }
    return "; if it was renamed, write `\(candidate.name): { renamed_from: \(column.name) }`"
  }

  private func judge(
    _ column: TablePair.ColumnPair, _ dialects: Dialects, _ verdict: inout Verdict
  ) {
    let spec = subject.column(column.target.name, on: .target)
    // Another Postgres keeps names as they are; Snowflake's loaders do not.
    if subject.target.engine == .postgres, spec?.renamedFrom == nil,
      column.source.name != column.target.name
    {
      verdict.findings.append(
        "\(column.title) is spelt \(column.target.name) in the target: another name in Postgres")
    }
    let accepted = spec.map { isAccepted($0, column, dialects) } ?? false
    for loss in column.pairing.losses {
      if accepted {
        verdict.notes.append("\(column.title): \(loss) (accepted: \(spec?.because ?? ""))")
      } else {
        verdict.findings.append("\(column.title): \(loss)")
      }
    }
    for one in [column.source, column.target] where one.type.logical.lacksDetail {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "unknown_type",
          reason: "\(column.title): the catalog does not tell how many digits of a second "
            + "\(one.type.declared) keeps"))
    }
    if !column.source.isNullable, column.target.isNullable, spec?.notNull?.value != false {
      verdict.findings.append("\(column.title): NOT NULL is lost in the target")
    }
    if column.source.isNullable, !column.target.isNullable {
      verdict.notes.append("\(column.title): the target forbids NULL, the source does not")
    }
  }

  private func isAccepted(
    _ spec: ColumnSpec, _ column: TablePair.ColumnPair, _ dialects: Dialects
  ) -> Bool {
    guard spec.because != nil, let type = spec.type?.value,
      let wanted = dialects.target.type(named: type)
    else { return false }
    return wanted.declared == column.target.type.declared
  }

  private func judgeOrder(_ pair: TablePair, _ verdict: inout Verdict) {
    let positions = pair.columns.compactMap { column in
      pair.target.columns.firstIndex { $0.name == column.target.name }
    }
    if positions != positions.sorted() {
      let order = pair.target.columns.map(\.name.name).joined(separator: ", ")
      verdict.findings.append("the columns stand in another order in the target: \(order)")
    }
  }
}

/// Expects a number of columns in the target.
struct ColumnCountCheck: Check {
  let subject: TableSubject
  let expected: Int
  private var lookup: TableLookup

  init(_ subject: TableSubject, expected: Int) {
    self.subject = subject
    self.expected = expected
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch lookup.next(given: answers) {
    case .ask(let asks): return .ask(asks)
    case .stop(let verdict): return .decide(verdict)
    case .found(let pair):
      let count = pair.target.columns.count
      let summary = counted(count, "column")
      return .decide(
        Verdict(
          summary: summary, type: "column_count_mismatch",
          findings: count == expected
            ? [] : ["the target has \(summary), the spec says \(grouped(expected))"]))
    }
  }
}
