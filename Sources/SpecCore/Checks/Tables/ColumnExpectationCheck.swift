import Diagnostics

/// Expects one thing of one column of the target, beyond being equal.
struct ColumnExpectationCheck: Check {
  /// What is expected.
  enum Expectation: Sendable {
    case type(String)
    case notNull
    case unique
    case accepted([String])
    case references(ColumnReference, TableMap)
  }

  private enum State: Sendable {
    case lookup
    case parent(TablePair, TablePair.ColumnPair?, ColumnCatalog, Ask)
    case data([Ask], ColumnCatalog)
  }

  let subject: TableSubject
  let column: ColumnSpec
  let expectation: Expectation
  private var lookup: TableLookup
  private var state = State.lookup

  init(_ subject: TableSubject, column: ColumnSpec, expectation: Expectation) {
    self.subject = subject
    self.column = column
    self.expectation = expectation
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .lookup:
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair): return found(pair, dialects)
      }
    case .parent(let pair, let columnPair, let target, let ask):
      if let verdict = Verdict.unanswered(answers, asks: [ask]) { return .decide(verdict) }
      guard case .schema(let catalog) = answers.first else {
        preconditionFailure("a schema question is answered by a schema or an error")
      }
      return askOrphans(pair, columnPair, target, catalog, dialects)
    case .data(let asks, let target): return .decide(judge(answers, asks, target))
    }
  }

  private mutating func found(_ pair: TablePair, _ dialects: Dialects) -> Move {
    let columnPair = pair.column(named: column.name.value)
    let name = column.name.value
    guard
      let target = columnPair?.target
        ?? pair.target.columns.first(where: { sameName(name, $0.name) })
    else {
      return .decide(
        Verdict(
          summary: "\(name) is not in the target", type: "missing_column",
          findings: ["\(name) is not in the target"]))
    }
    let scan = Scan(relation: pair.target.relation, filter: subject.spec.filter?.value.target)
    switch expectation {
    case .type(let wanted): return .decide(judge(type: wanted, target, dialects))
    case .notNull:
      return ask([Ask(.target, .aggregate(scan, [.rowCount, .nulls(target.name)]))], target)
    case .unique:
      guard let canonical = canonical(columnPair, target, dialects) else { return cannot(target) }
      return ask(
        [
          Ask(
            .target,
            .duplicates(
              scan, columns: [canonical], nullsAreEqual: false,
              showValues: !pair.isSensitive(target.name)))
        ], target)
    case .accepted(let values):
      guard let canonical = canonical(columnPair, target, dialects) else { return cannot(target) }
      let accepted = values.map { CanonicalText.of($0, form: canonical.form) }
      if let strange = zip(values, accepted).first(where: { $0.1 == nil })?.0 {
        let reason = "`\(strange)` cannot be a value of \(target.name) (\(target.type.declared))"
        return .decide(
          Verdict(
            summary: reason,
            unchecked: [Verdict.Unchecked(type: "not_comparable", reason: reason)]))
      }
      return ask(
        [
          Ask(
            .target,
            .outsiders(
              scan, column: canonical, accepted: accepted.compactMap(\.self),
              showValues: !pair.isSensitive(target.name)))
        ], target)
    case .references(let reference, let map):
      let ask = Ask(.target, .schema(map.target(named: reference.table).schema))
      state = .parent(pair, columnPair, target, ask)
      return .ask([ask])
    }
  }

  private mutating func ask(_ asks: [Ask], _ target: ColumnCatalog) -> Move {
    state = .data(asks, target)
    return .ask(asks)
  }

  private func cannot(_ target: ColumnCatalog) -> Move {
    let reason = "\(target.name) (\(target.type.declared)) has no common text form to compare by"
    return .decide(
      Verdict(
        summary: reason, unchecked: [Verdict.Unchecked(type: "not_comparable", reason: reason)]))
  }

  /// The target's column in a text form, also where the source has none of it.
  private func canonical(
    _ pair: TablePair.ColumnPair?, _ target: ColumnCatalog, _ dialects: Dialects
  ) -> CanonicalColumn? {
    if let column = pair?.canonical(.target, dialects) { return column }
    let own = TypePairing(source: target.type, target: target.type)
    guard let form = own.form, dialects.target.canExpress(target.type.logical, as: form) else {
      return nil
    }
    return CanonicalColumn(name: target.name, type: target.type.logical, form: form)
  }

  private func judge(type wanted: String, _ target: ColumnCatalog, _ dialects: Dialects) -> Verdict
  {
    guard let type = dialects.target.type(named: wanted) else {
      let reason = "`\(wanted)` is not a type that is known here"
      return Verdict(
        summary: reason, unchecked: [Verdict.Unchecked(type: "unknown_type", reason: reason)])
    }
    let actual = target.type.declared
    return Verdict(
      summary: actual, type: "type_mismatch",
      findings: type.declared == actual ? [] : ["the type is \(actual), not \(type.declared)"])
  }

  private mutating func askOrphans(
    _ pair: TablePair, _ columnPair: TablePair.ColumnPair?, _ target: ColumnCatalog,
    _ catalog: SchemaCatalog, _ dialects: Dialects
  ) -> Move {
    guard case .references(let reference, let map) = expectation else {
      preconditionFailure("only references look for a parent")
    }
    let name = map.target(named: reference.table)
    guard catalog.isVisible, case .table(let parent) = catalog.find(name.name, in: name.engine)
    else {
      let reason = "\(name.description) is not in the target\(name.engine.doubt)"
      return .decide(
        Verdict(
          summary: reason, unchecked: [Verdict.Unchecked(type: "missing_object", reason: reason)]))
    }
    guard let key = parent.columns.first(where: { sameName(reference.column, $0.name) }),
      let child = canonical(columnPair, target, dialects),
      dialects.target.canExpress(key.type.logical, as: child.form)
    else {
      let reason = "\(reference.table).\(reference.column) cannot be compared with \(target.name)"
      return .decide(
        Verdict(
          summary: reason, unchecked: [Verdict.Unchecked(type: "not_comparable", reason: reason)]))
    }
    let parentColumn = CanonicalColumn(name: key.name, type: key.type.logical, form: child.form)
    let scan = Scan(relation: pair.target.relation, filter: subject.spec.filter?.value.target)
    return ask(
      [
        Ask(
          .target,
          .orphans(
            scan, columns: [child], parent: parent.relation, parentColumns: [parentColumn],
            showValues: !pair.isSensitive(target.name)))
      ], target)
  }

  private func judge(_ answers: [Answer], _ asks: [Ask], _ target: ColumnCatalog) -> Verdict {
    if let verdict = Verdict.unanswered(answers, asks: asks) { return verdict }
    switch (expectation, answers.first) {
    case (.notNull, .measures(let cells)):
      let counts = cells.compactMap { $0.first?.flatMap { Int($0) } }
      guard counts.count == 2 else {
        let reason = "a count is not a number"
        return Verdict(
          summary: reason,
          unchecked: [Verdict.Unchecked(type: "protocol_violation", reason: reason)])
      }
      var verdict = Verdict(
        summary: "no NULL in \(counted(counts[0], "row"))", type: "null_values")
      if target.isNullable { verdict.findings.append("the target allows NULL") }
      if counts[1] > 0 { verdict.findings.append("\(counted(counts[1], "row")) hold NULL") }
      if let first = verdict.findings.first { verdict.summary = first }
      return verdict
    case (.unique, .groups(let groups)):
      return verdict(groups, "every value once", "duplicate_values", "more than once")
    case (.accepted, .groups(let groups)):
      return verdict(groups, "only accepted values", "unaccepted_values", "not accepted")
    case (.references(let reference, _), .groups(let groups)):
      return verdict(
        groups, "every value found in \(reference.table)", "orphans",
        "not found in \(reference.table).\(reference.column)")
    default: preconditionFailure("an answer does not fit its question")
    }
  }

  private func verdict(
    _ groups: Answer.Groups, _ good: String, _ type: String, _ bad: String
  ) -> Verdict {
    guard groups.count > 0 else { return Verdict(summary: good, type: type) }
    let sentence =
      "\(counted(groups.count, "value")) \(bad), in \(counted(groups.rows, "row")): \(groups.shown)"
    return Verdict(summary: sentence, type: type, findings: [sentence])
  }
}
