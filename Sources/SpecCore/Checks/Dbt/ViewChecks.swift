/// Expects a view to have the columns of what it replaces, with values that can be compared.
///
/// Types may differ as long as the values compare: what a sum's type is called is the database's
/// business.
struct ViewColumnsCheck: Check {
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
    case .found(let pair): .decide(judge(pair))
    }
  }

  private func judge(_ pair: TablePair) -> Verdict {
    var verdict = Verdict(summary: "", type: "columns_differ")
    verdict.findings += pair.unknown
    verdict.findings += pair.missing.map {
      "\($0.name) (\($0.type.declared)) is missing in the target"
    }
    verdict.findings += pair.extra.map { "\($0.name) (\($0.type.declared)) is extra in the target" }
    for column in pair.columns {
      let types = "\(column.source.type.declared) and \(column.target.type.declared)"
      if let problem = column.problem {
        verdict.unchecked.append(
          Verdict.Unchecked(type: "not_comparable", reason: "\(column.title): \(problem)"))
      } else if column.pairing.form == nil {
        verdict.findings.append("\(column.title) is of another kind: \(types)")
      }
    }
    if pair.columns.isEmpty, verdict.findings.isEmpty {
      verdict.unchecked.append(
        Verdict.Unchecked(type: "missing_object", reason: "there is no column on either side"))
    }
    verdict.summary =
      verdict.findings.isEmpty
      ? verdict.unchecked.first?.reason
        ?? "\(counted(pair.columns.count, "column")), the same on both sides"
      : "\(counted(verdict.findings.count, "difference")): \(verdict.findings[0])"
    return verdict
  }
}

/// Expects the key to identify each row: a join that multiplies rows is found here.
struct ViewKeyCheck: Check {
  let subject: TableSubject
  private var lookup: TableLookup
  private var pair: TablePair?
  private var asks: [Ask] = []

  init(_ subject: TableSubject) {
    self.subject = subject
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    if let pair { return .decide(judge(pair, answers)) }
    switch lookup.next(given: answers) {
    case .ask(let asks): return .ask(asks)
    case .stop(let verdict): return .decide(verdict)
    case .found(let pair):
      self.pair = pair
      let names = (subject.spec.key ?? []).map(\.value)
      let columns = names.compactMap { pair.column(named: $0) }
      let isShown = !columns.contains { pair.isSensitive($0.source.name) }
      for side in Side.allCases {
        let key = columns.compactMap { $0.canonical(side, dialects) }
        guard !names.isEmpty, key.count == names.count else {
          let reason =
            "the key \(names.joined(separator: ", ")) is not on both sides, or cannot be compared"
          return .decide(
            Verdict(
              summary: reason,
              unchecked: [Verdict.Unchecked(type: "missing_column", reason: reason)]))
        }
        let scan = Scan(relation: pair[side].relation, filter: subject.spec.filter?.value[side])
        asks.append(
          Ask(side, .duplicates(scan, columns: key, nullsAreEqual: true, showValues: isShown)))
      }
      return .ask(asks)
    }
  }

  private func judge(_ pair: TablePair, _ answers: [Answer]) -> Verdict {
    if let verdict = Verdict.unanswered(answers, asks: asks) { return verdict }
    var groups: [Side: Answer.Groups] = [:]
    for (ask, answer) in zip(asks, answers) {
      guard case .groups(let found) = answer else {
        preconditionFailure("duplicates are answered by groups or an error")
      }
      groups[ask.side] = found
    }
    let key = (subject.spec.key ?? []).map(\.value).joined(separator: ", ")
    var verdict = Verdict(summary: "no \(key) occurs twice", type: "duplicate_keys")
    guard let source = groups[.source], let target = groups[.target] else { return verdict }
    func examples(_ found: Answer.Groups) -> String {
      let shown = found.examples.prefix(3).map { example in
        let values = example.values.map { $0 ?? "NULL" }.joined(separator: ", ")
        return "\(values) (\(example.rows) rows)"
      }
      return shown.isEmpty ? "" : ", such as \(shown.joined(separator: "; "))"
    }
    if target.count > 0, source.count == 0 {
      verdict.type = "fan_out"
      verdict.findings = [
        "\(counted(target.count, "value")) of \(key) \(target.count == 1 ? "occurs" : "occur") more "
          + "than once in the target (\(counted(target.rows, "row"))\(examples(target))) and once in the "
          + "source: a join multiplies rows"
      ]
    } else if target.count > 0 {
      verdict.findings = [
        "\(key) identifies no row: \(counted(target.count, "value")) in the target"
          + "\(examples(target)) and \(counted(source.count, "value")) in the source occur more than "
          + "once"
      ]
    } else if source.count > 0 {
      verdict.findings = [
        "\(counted(source.count, "value")) of \(key) \(source.count == 1 ? "occurs" : "occur") more "
          + "than once in the source\(examples(source)) and never in the target: rows were merged"
      ]
    }
    if let finding = verdict.findings.first { verdict.summary = finding }
    return verdict
  }
}

/// Expects every value of every row to be the same, as for a table, and says what of a query's making
/// may be at fault.
struct ViewRowsCheck: Check {
  private var rows: ChecksumCheck

  init(_ subject: TableSubject) { rows = ChecksumCheck(subject) }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    let move = rows.next(given: answers, dialects: dialects)
    guard case .decide(var verdict) = move else { return move }
    if var found = verdict.rows {
      found.likely = Self.causes(found) + found.likely
      verdict.rows = found
    }
    return .decide(verdict)
  }

  var rowsAhead: [Side: Int]? { rows.rowsAhead }
  var countsAhead: [Side: Scan] { rows.countsAhead }

  private static func causes(_ rows: RowDifferences) -> [String] {
    switch (rows.removed > 0, rows.added > 0, rows.modified > 0) {
    case (true, false, false):
      [
        "rows are lost: an inner join where a left join was meant, a filter, or late rows not taken up"
      ]
    case (false, true, false):
      ["rows are added: a filter that lets more through, or a join that multiplies rows"]
    case (true, true, false):
      ["other rows: a border that is off by one, a time zone, or an order that leaves the top open"]
    default: []
    }
  }
}
