/// What the catalogs say of a table's constraints, and the questions that prove them on the rows.
struct ConstraintJudgement: Sendable {
  /// How the answer to a question is read.
  private enum Reading: Sendable {
    case duplicates(of: String)
    case orphans(of: String, parent: String, isValidated: Bool)
    /// One cell a rule: rows that break it.
    case counts([String])
    case identities([(title: String, identity: IdentityCatalog)])
  }

  let subject: TableSubject
  let pair: TablePair
  let excused: Set<ConstraintKind>
  let dialects: Dialects
  private(set) var asks: [Ask] = []
  private var readings: [Reading] = []
  private var findings: [String] = []
  private var unchecked: [Verdict.Unchecked] = []
  private var notes: [String] = []
  private var looked = 0

  init(
    subject: TableSubject, pair: TablePair, excused: Set<ConstraintKind>, dialects: Dialects
  ) {
    self.subject = subject
    self.pair = pair
    self.excused = excused
    self.dialects = dialects
    notes = pair.notes
  }

  var verdict: Verdict {
    let summary: String
    if let first = findings.first {
      summary = "\(counted(findings.count, "difference")): \(first)"
    } else if let first = unchecked.first {
      summary = first.reason.firstLine
    } else {
      summary =
        looked == 0 ? "the source has none" : "\(counted(looked, "constraint")) kept and proved"
    }
    return Verdict(
      summary: summary, type: "constraints_differ", findings: findings, unchecked: unchecked,
      notes: notes)
  }

  private var scan: Scan {
    Scan(relation: pair.target.relation, filter: subject.spec.filter?.value.target)
  }

  private var engine: Engine { subject.target.engine }

  /// Whether an expression's text means the same on both sides: one engine prints it, over columns
  /// of the same names.
  private var textsMeanTheSame: Bool {
    engine == .postgres && pair.columns.allSatisfy { $0.source.name == $0.target.name }
  }

  private func list(_ columns: [Identifier]) -> String {
    columns.map(\.name).joined(separator: ", ")
  }

  /// The target's columns for some of the source's, or `nil` where one is missing.
  private func targets(_ columns: [Identifier]) -> [TablePair.ColumnPair]? {
    let pairs = columns.compactMap { pair.counterpart(of: $0) }
    return pairs.count == columns.count ? pairs : nil
  }

  private func isSensitive(_ columns: [Identifier]) -> Bool {
    columns.contains(where: pair.isSensitive)
  }

  private mutating func cannot(_ reason: String, type: String = "not_comparable") {
    unchecked.append(Verdict.Unchecked(type: type, reason: reason))
  }

  private mutating func gap(_ part: SchemaCatalog.CatalogGap.Part, _ what: String) -> Bool {
    guard let gap = pair.targetGaps.first(where: { $0.part == part }) else { return false }
    cannot("\(what): the target's catalog could not be read: \(gap.reason)", type: "catalog_gap")
    return true
  }

  /// What the source's own catalog did not tell: nothing may be concluded from its silence.
  mutating func judgeSource() {
    let parts: [SchemaCatalog.CatalogGap.Part: Set<ConstraintKind>] = [
      .keys: [.primaryKey, .unique], .foreignKeys: [.foreignKey], .checks: [.check],
      .sequences: [.identity],
    ]
    for gap in pair.sourceGaps where !(parts[gap.part] ?? []).isSubset(of: excused) {
      cannot("the source's catalog could not be read: \(gap.reason)", type: "catalog_gap")
    }
  }

  // MARK: Keys

  mutating func judgeKeys() {
    let targetKeys = [pair.target.primaryKey].compactMap(\.self) + pair.target.uniqueKeys
    if let key = pair.source.primaryKey, !excused.contains(.primaryKey) {
      judge(key, "primary key", among: [pair.target.primaryKey].compactMap(\.self))
      askNulls(key)
    }
    for key in pair.source.uniqueKeys where !excused.contains(.unique) {
      judge(key, "unique key", among: targetKeys)
    }
  }

  private mutating func judge(_ key: KeyCatalog, _ kind: String, among targetKeys: [KeyCatalog]) {
    looked += 1
    let title = "\(kind) (\(list(key.columns)))"
    guard !key.columns.isEmpty else {
      cannot("the unique index \(key.name) is over an expression, which cannot be compared")
      return
    }
    guard let columns = targets(key.columns) else {
      findings.append("\(title): a column of it is missing in the target")
      return
    }
    var scan = scan
    if let predicate = key.predicate {
      // Snowflake has no counterpart for a partial index: there it is proved on the rows alone.
      let twin = twin(of: key, predicate, columns, among: targetKeys)
      if engine == .postgres, twin == nil, !gap(.keys, title) {
        findings.append("\(title) where \(predicate) is lost in the target")
      }
      if let twin, twin.predicate == predicate, ExpressionParser.parse(predicate) == nil {
        notes.append("\(title) where \(predicate) is the same in the target, which enforces it")
        return
      }
      guard let expression = ExpressionParser.parse(predicate), !ordersText(expression),
        let said = dialects.target.predicate(expression, columns: renamed)
      else {
        cannot("\(title) holds where \(predicate): this condition cannot be put to the target")
        return
      }
      let condition = dialects.target.render(said)
      scan = Scan(
        relation: scan.relation,
        filter: scan.filter.map { "(\($0)) AND (\(condition))" } ?? condition)
    } else if !gap(.keys, title) {
      let wanted = Set(columns.map(\.target.name))
      let there = targetKeys.filter { Set($0.columns) == wanted && $0.predicate == nil }
      if there.isEmpty {
        findings.append("\(title) is lost in the target")
      } else if engine.enforcesConstraints,
        !there.contains(where: { $0.nullsAreEqual == key.nullsAreEqual })
      {
        findings.append(
          "\(title): two NULLs are \(key.nullsAreEqual ? "no longer" : "now") duplicates in the "
            + "target")
      }
    }
    let canonical = columns.compactMap { $0.canonical(.target, dialects) }
    guard canonical.count == columns.count else {
      cannot("\(title): a column of it cannot be compared, so it was not proved on the rows")
      return
    }
    asks.append(
      Ask(
        .target,
        .duplicates(
          scan, columns: canonical, nullsAreEqual: key.nullsAreEqual,
          showValues: !isSensitive(key.columns))))
    readings.append(.duplicates(of: title))
  }

  /// The target's partial key over the same columns, where the condition is the same.
  private func twin(
    of key: KeyCatalog, _ predicate: String, _ columns: [TablePair.ColumnPair],
    among targetKeys: [KeyCatalog]
  ) -> KeyCatalog? {
    let wanted = Set(columns.map(\.target.name))
    let expression = ExpressionParser.parse(predicate)?.renamed(by: renamed)
    return targetKeys.first { candidate in
      guard Set(candidate.columns) == wanted, candidate.nullsAreEqual == key.nullsAreEqual,
        let text = candidate.predicate
      else { return false }
      if textsMeanTheSame, text == predicate { return true }
      guard let expression, let said = ExpressionParser.parse(text) else { return false }
      return said.isSame(as: expression)
    }
  }

  private mutating func askNulls(_ key: KeyCatalog) {
    guard let columns = targets(key.columns), !columns.isEmpty else { return }
    asks.append(Ask(.target, .aggregate(scan, columns.map { .nulls($0.target.name) })))
    readings.append(
      .counts(columns.map { "\($0.title) is NULL although it is part of the primary key" }))
  }

  /// Whether the expression orders text, which depends on each side's collation, or compares the
  /// digits of what is no text, which the sides print differently.
  private func ordersText(_ expression: Expression) -> Bool {
    expression.orderedColumns.contains(where: isText)
      || expression.columnsAsText.contains { !isText($0) }
  }

  private func isText(_ name: Identifier) -> Bool {
    switch pair.source.column(name)?.type.logical {
    case .integer, .decimal, .unboundedDecimal, .float, .date, .time, .timestamp, .instant,
      .boolean:
      false
    default: true
    }
  }

  private var renamed: [Identifier: Identifier] {
    Dictionary(
      pair.columns.map { ($0.source.name, $0.target.name) }, uniquingKeysWith: { first, _ in first }
    )
  }

  // MARK: Foreign keys

  /// What came of looking for a foreign key's parent in the target.
  enum Parent {
    case table(TableCatalog)
    case missing
    case unknown(Verdict.Unchecked)
  }

  mutating func judgeForeignKeys(
    _ parent: (ForeignKeyCatalog) -> Parent
  ) {
    guard !excused.contains(.foreignKey) else { return }
    for key in pair.source.foreignKeys {
      looked += 1
      let title =
        "foreign key (\(list(key.columns))) to \(key.parent.name) (\(list(key.parentColumns)))"
      guard let columns = targets(key.columns) else {
        findings.append("\(title): a column of it is missing in the target")
        continue
      }
      switch parent(key) {
      case .unknown(let problem): unchecked.append(problem)
      case .missing:
        findings.append(
          "\(title): \(key.parent.name) is not in the target\(engine.doubt)")
      case .table(let parent): judge(key, title, columns, parent)
      }
    }
  }

  private mutating func judge(
    _ key: ForeignKeyCatalog, _ title: String, _ columns: [TablePair.ColumnPair],
    _ parent: TableCatalog
  ) {
    let parentColumns = key.parentColumns.compactMap { name in
      parent.columns.first { $0.name == name }
        ?? parent.columns.first { $0.name == Identifier(engine.folded(name.name)) }
        ?? parent.columns.first { sameName(name.name, $0.name) }
    }
    if !gap(.foreignKeys, title) {
      let wanted = Set(zip(columns.map(\.target.name), parentColumns.map(\.name)).map(Link.init))
      let isThere = pair.target.foreignKeys.contains { candidate in
        candidate.parent.name == parent.relation.name
          && candidate.parent.schema.schema == parent.relation.schema.schema
          && Set(zip(candidate.columns, candidate.parentColumns).map(Link.init)) == wanted
      }
      if !isThere { findings.append("\(title) is lost in the target") }
    }
    let canonical = columns.compactMap { $0.canonical(.target, dialects) }
    let parents = zip(parentColumns, canonical).compactMap { column, child -> CanonicalColumn? in
      dialects.target.canExpress(column.type.logical, as: child.form)
        ? CanonicalColumn(name: column.name, type: column.type.logical, form: child.form) : nil
    }
    guard canonical.count == columns.count, parents.count == key.parentColumns.count else {
      cannot("\(title): its columns cannot be compared, so it was not proved on the rows")
      return
    }
    asks.append(
      Ask(
        .target,
        .orphans(
          scan, columns: canonical, parent: parent.relation, parentColumns: parents,
          showValues: !isSensitive(key.columns))))
    readings.append(
      .orphans(of: title, parent: key.parent.name.name, isValidated: key.isValidated))
  }

  private struct Link: Hashable {
    let child: Identifier
    let parent: Identifier
  }

  // MARK: CHECK

  mutating func judgeChecks() {
    guard !excused.contains(.check) else { return }
    let targets = pair.target.checks.map {
      ExpressionParser.parse($0.expression, foldsUpper: dialects.target.foldsToCapitals)
    }
    var measures: [Measure] = []
    var rules: [String] = []
    for check in pair.source.checks {
      looked += 1
      let title = "CHECK \(check.name) (\(check.expression))"
      let twin =
        textsMeanTheSame
        ? pair.target.checks.first { $0.expression == check.expression } : nil
      guard let expression = ExpressionParser.parse(check.expression), !ordersText(expression),
        let predicate = dialects.target.predicate(expression, columns: renamed)
      else {
        if twin?.isValidated == true, engine.enforcesConstraints {
          notes.append("\(title) is the same in the target, which enforces it")
        } else if engine == .postgres, twin == nil,
          !pair.target.checks.contains(where: { sameName(check.name, Identifier($0.name)) })
        {
          findings.append("\(title) is lost in the target")
        } else {
          cannot("\(title) cannot be put to the target, so it was not proved")
        }
        continue
      }
      if !gap(.checks, title) {
        let wanted = expression.renamed(by: renamed)
        let isThere = twin != nil || targets.contains { $0.map { $0.isSame(as: wanted) } ?? false }
        let namesake = pair.target.checks.first { sameName(check.name, Identifier($0.name)) }
        if !isThere, let namesake, ExpressionParser.parse(namesake.expression) == nil {
          notes.append("\(title) is \(namesake.expression) in the target; its rows were proved")
        } else if !isThere, let namesake {
          findings.append("\(title) became (\(namesake.expression)) in the target")
        } else if !isThere {
          findings.append("\(title) is lost in the target")
        }
      }
      measures.append(.violations(predicate))
      rules.append("break \(title)")
    }
    guard !measures.isEmpty else { return }
    asks.append(Ask(.target, .aggregate(scan, measures)))
    readings.append(.counts(rules))
  }

  // MARK: Defaults and identities

  mutating func judgeDefaults() {
    var identities: [(title: String, identity: IdentityCatalog)] = []
    var maxima: [Measure] = []
    for column in pair.columns {
      if column.source.identity != nil {
        guard !excused.contains(.identity) else { continue }
        looked += 1
        if column.target.identity == nil, column.target.defaultExpression == nil,
          gap(.sequences, "\(column.title): identity")
        {
          continue
        }
        if let identity = column.target.identity {
          identities.append((column.title, identity))
          maxima.append(.maximum(column.target.name))
        } else {
          findings.append("\(column.title): the identity (sequence) is lost in the target")
        }
      } else if !excused.contains(.default) {
        if column.source.isGenerated || column.target.isGenerated {
          judgeGenerated(column)
        } else {
          judgeDefault(column)
        }
      }
    }
    guard !maxima.isEmpty else { return }
    asks.append(
      Ask(.target, .aggregate(Scan(relation: pair.target.relation, filter: nil), maxima)))
    readings.append(.identities(identities))
  }

  /// A column that the database computes: another Postgres does so too; in Snowflake its values
  /// are loaded like others.
  private mutating func judgeGenerated(_ column: TablePair.ColumnPair) {
    guard engine == .postgres else { return }
    looked += 1
    guard column.source.isGenerated else {
      findings.append("\(column.title): the target computes it, the source does not")
      return
    }
    let source = column.source.defaultExpression ?? ""
    guard column.target.isGenerated, let target = column.target.defaultExpression else {
      findings.append("\(column.title): the target no longer computes it as \(source)")
      return
    }
    if textsMeanTheSame, source == target { return }
    guard let wanted = ExpressionParser.parse(source), let actual = ExpressionParser.parse(target)
    else {
      cannot("\(column.title): whether \(source) and \(target) compute the same cannot be told")
      return
    }
    if !actual.isSame(as: wanted.renamed(by: renamed)) {
      findings.append("\(column.title): computed as \(source), in the target as \(target)")
    }
  }

  private mutating func judgeDefault(_ column: TablePair.ColumnPair) {
    let source = column.source.defaultExpression
    let wanted = source.flatMap { ExpressionParser.parse($0) }
    if source == nil || wanted == .null { return }
    looked += 1
    guard let target = column.target.defaultExpression else {
      findings.append("\(column.title): the default \(source ?? "") is lost in the target")
      return
    }
    if engine == .postgres, source == target { return }
    guard let wanted,
      let actual = ExpressionParser.parse(target, foldsUpper: dialects.target.foldsToCapitals),
      wanted.isLiteral, actual.isLiteral
    else {
      cannot(
        "\(column.title): whether the defaults \(source ?? "") and \(target) mean the same "
          + "cannot be told")
      return
    }
    if !wanted.isSame(as: actual) {
      findings.append("\(column.title): the default \(source ?? "") became \(target)")
    }
  }

  // MARK: Answers

  mutating func read(_ answers: [Answer]) {
    for (reading, answer) in zip(readings, answers) {
      if case .failed(let error) = answer {
        unchecked.append(Verdict.Unchecked(error, on: .target))
        continue
      }
      switch (reading, answer) {
      case (.duplicates(let title), .groups(let groups)):
        guard groups.count > 0 else { continue }
        findings.append(
          "\(title): \(counted(groups.count, "value")) more than once in the target, in "
            + "\(counted(groups.rows, "row")): \(groups.shown)")
      case (.orphans(let title, let parent, let isValidated), .groups(let groups)):
        guard groups.count > 0 else { continue }
        let doubt = isValidated ? "" : " (the source never validated this key: look there first)"
        findings.append(
          "\(title): \(counted(groups.rows, "row")) in the target without a row in \(parent)"
            + "\(doubt): \(groups.shown)")
      case (.counts(let rules), .measures(let cells)):
        for (rule, cell) in zip(rules, cells) {
          guard let rows = cell.first?.flatMap({ Int($0) }) else {
            cannot("a count is not a number: \(rule)", type: "protocol_violation")
            continue
          }
          if rows > 0 { findings.append("\(counted(rows, "row")) in the target: \(rule)") }
        }
      case (.identities(let identities), .measures(let cells)):
        for (identity, cell) in zip(identities, cells) {
          judge(identity.title, identity.identity, maximum: cell.first ?? nil)
        }
      default: preconditionFailure("an answer does not fit its question")
      }
    }
  }

  private mutating func judge(_ title: String, _ identity: IdentityCatalog, maximum: String?) {
    guard let maximum else { return }
    guard let greatest = Int128(maximum) else {
      cannot("\(title): its greatest value \(maximum) is not a whole number")
      return
    }
    if let next = identity.nextValue.flatMap({ Int128($0) }) {
      if identity.increment?.first == "-" {
        cannot("\(title): it counts downwards, so its greatest value says nothing of the next")
      } else if next <= greatest {
        findings.append(
          "\(title): the next value will be \(next), but \(greatest) is in use already")
      }
    } else if let start = identity.start.flatMap({ Int128($0) }), start > greatest,
      identity.increment.flatMap({ Int128($0) }).map({ $0 > 0 }) ?? false
    {
      notes.append("\(title): the identity starts at \(start), above every value in use")
    } else {
      unchecked.append(
        Verdict.Unchecked(
          type: "identity_unknown",
          reason: "\(title): whether the next value is free cannot be told: "
            + (identity.unknownBecause ?? "the catalog does not say"),
          remedy: "start the identity above \(greatest), use a sequence, or write "
            + "`constraints: { except: [identity], because: … }`"))
    }
  }
}

extension Answer.Groups {
  /// The first few as `42 (3 rows)`.
  var shown: String {
    let parts = examples.prefix(3).map { example in
      let values = example.values.map { $0 ?? "(null)" }.joined(separator: ", ")
      return example.rows == 1 ? values : "\(values) (\(counted(example.rows, "row")))"
    }
    return parts.joined(separator: "; ") + (count > parts.count ? "; …" : "")
  }
}
