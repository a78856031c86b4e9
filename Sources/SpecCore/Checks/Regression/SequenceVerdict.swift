extension Following {
  /// What is to be read of both results; `nil` where nothing can be compared in order.
  init?(
    _ pair: TablePair, _ query: QuerySubject, _ texts: [Side: QueryText], _ dialects: Dialects,
    _ unchecked: inout [Verdict.Unchecked]
  ) {
    var pairs: [TablePair.ColumnPair] = []
    for column in pair.columns {
      if column.canonical(.source, dialects) != nil {
        pairs.append(column)
      } else {
        let types = "\(column.source.type.declared) and \(column.target.type.declared)"
        unchecked.append(
          Verdict.Unchecked(
            type: "not_comparable",
            reason: "\(column.title) was not compared: "
              + (column.problem ?? "\(types) have no common text form"),
            remedy: "let both queries return the same type, such as by a cast"))
      }
    }
    guard !pairs.isEmpty else { return nil }
    func stream(_ side: Side) -> Stream {
      Stream(
        relation: pair[side].relation, columns: pairs.compactMap { $0.canonical(side, dialects) },
        positions: pairs.compactMap { column in
          pair[side].columns.firstIndex { $0.name == column[side].name }
        }, width: pair[side].columns.count)
    }
    func order(_ side: Side) -> [Int]? {
      guard case .columns(let columns)? = texts[side]?.order else { return nil }
      let found = columns.map { column in
        pairs.firstIndex { each in
          switch column {
          case .name(let name): sameName(name, each[side].name)
          case .position(let number):
            pair[side].columns.indices.contains(number - 1)
              && pair[side].columns[number - 1].name == each[side].name
          }
        }
      }
      return found.contains(nil) ? nil : found.compactMap(\.self)
    }
    var key: [Int] = []
    for name in query.spec.key ?? [] {
      guard
        let index = pairs.firstIndex(where: {
          sameName(name.value, $0.source.name) || sameName(name.value, $0.target.name)
        })
      else {
        unchecked.append(
          Verdict.Unchecked(
            type: "missing_column", reason: "the key column \(name.value) is not on both sides"))
        continue
      }
      key.append(index)
    }
    var roles = RowRoles()
    for (position, column) in pairs.enumerated() where !column.rules.isEmpty {
      roles.rules[position] = column.rules
    }
    self.init(
      source: stream(.source), target: stream(.target), roles: roles, names: pairs.map(\.title),
      key: key, sourceOrder: order(.source), targetOrder: order(.target),
      limit: query.spec.limit?.value ?? RegressionQuery.usualLimit)
  }
}

/// Puts into words what comparing two results in their order came to.
struct SequenceVerdict {
  private let following: Following
  private let columns: [TablePair.ColumnPair]

  init(_ following: Following, _ pair: TablePair, _ dialects: Dialects) {
    self.following = following
    columns = following.names.compactMap { pair.column(named: $0) }
  }

  func verdict(_ result: SequenceResult) -> Verdict {
    let rows = max(result.counts[.source] ?? 0, result.counts[.target] ?? 0)
    var verdict = Verdict(
      summary: "\(counted(rows, "row")), \(counted(columns.count, "column")): every value is the "
        + "same, in the same order")
    for side in result.cut.sorted() {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "too_many_rows",
          reason: "the \(side.rawValue)'s result has more than \(counted(following.limit, "row")): "
            + "that is the most that is read",
          remedy: "give a greater `limit`, or compare it as a set: `order: any`"))
    }
    for (column, side) in result.undecided.sorted(by: { $0.key < $1.key }) {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason: "\(following.names[column]) cannot be read in order as the \(side) prints it "
            + "(\(columns[column].source.type.declared) and \(columns[column].target.type.declared))",
          remedy: "cast it to text in both queries, or compare the result as a set: `order: any`"))
    }
    guard verdict.unchecked.isEmpty else {
      verdict.summary = verdict.unchecked[0].reason
      return verdict
    }
    if rows == 0 {
      verdict.unchecked.append(
        Verdict.Unchecked(type: "empty_tables", reason: "both results are empty"))
      return verdict
    }
    if result.unreadable > 0 {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason:
            "\(counted(result.unreadable, "row")) hold a text that cannot be read and differs "
            + "between the sides"))
    }
    verdict.notes += ties(result)
    if result.differing > 0 {
      let differences = differences(result)
      verdict.rows = differences
      verdict.findings.append(summary(result, rows))
    }
    if let place = result.disorder { verdict.findings.append(disorder(result, place)) }
    if let first = verdict.findings.first { verdict.summary = first }
    return verdict
  }

  // MARK: Order

  private func disorder(_ result: SequenceResult, _ place: Int) -> String {
    let rows = Side.allCases.map { side in
      "\(shown(result.disordered[side] ?? [])) in the \(side.rawValue)"
    }
    let same =
      result.differing == 0
      ? "the same rows, in another order" : "the rows that are the same come in another order"
    return "\(same): the ORDER BY does not decide, or NULLs or collations sort differently; row "
      + "\(grouped(place + 1)) is \(rows.joined(separator: ", and "))\(openTie(result, place)); cure: "
      + "order by columns that no two rows share, say NULLS FIRST or NULLS LAST, and COLLATE \"C\" "
      + "in Postgres for the order of bytes"
  }

  /// Whether the ORDER BY leaves the order open.
  private func openTie(_ result: SequenceResult, _ place: Int) -> String {
    let open = result.ties.values.map(\.count).max() ?? 0
    if open > 0 {
      return " (\(counted(open, "pair")) of rows are equal in what they are ordered by)"
    }
    return ""
  }

  private func ties(_ result: SequenceResult) -> [String] {
    var notes: [String] = []
    for (side, order) in [(Side.source, following.sourceOrder), (.target, following.targetOrder)] {
      guard let order else {
        notes.append(
          "whether the ORDER BY of the \(side.rawValue)'s query decides could not be told: it orders "
            + "by more than columns of the result")
        continue
      }
      guard let ties = result.ties[side], let first = ties.first else { continue }
      let names = order.map { following.names[$0] }.joined(separator: ", ")
      notes.append(
        "in the \(side.rawValue), rows \(grouped(first)) and \(grouped(first + 1)) are equal in what "
          + "they are ordered by (\(names))"
          + (ties.count > 1 ? ", and \(counted(ties.count - 1, "more pair", "more pairs"))" : "")
          + ": their order is open; cure: order by one more column, which tells them apart")
    }
    return notes
  }

  // MARK: Rows

  private func summary(_ result: SequenceResult, _ rows: Int) -> String {
    var parts: [String] = []
    if result.modified > 0 {
      parts.append(
        "\(grouped(result.modified)) of \(counted(rows, "row")) "
          + (result.modified == 1 ? "differs" : "differ"))
    }
    if result.removed > 0 {
      parts.append("\(counted(result.removed, "row")) missing in the target")
    }
    if result.added > 0 { parts.append("\(counted(result.added, "row")) only in the target") }
    return parts.joined(separator: "; ")
  }

  private func differences(_ result: SequenceResult) -> RowDifferences {
    let counts = result.columns.enumerated().filter { $0.element > 0 }.map {
      RowDifferences.ColumnCount(column: following.names[$0.offset], rows: $0.element)
    }.sorted { $0.rows == $1.rows ? $0.column < $1.column : $0.rows > $1.rows }
    let examples = result.examples.map { example -> RowDifferences.Example in
      let row = example.source ?? example.target ?? []
      let key =
        following.key.isEmpty
        ? [number(example)] : following.key.map { shown(row[$0], columns[$0]) }
      guard let left = example.source, let right = example.target else {
        return RowDifferences.Example(kind: example.source == nil ? .added : .removed, key: key)
      }
      let cells = example.columns.map { column in
        RowDifferences.Cell(
          column: following.names[column], source: shown(left[column], columns[column]),
          target: shown(right[column], columns[column]),
          likely: LikelyCause.of(
            left[column], right[column], form: columns[column].pairing.form ?? .text))
      }
      return RowDifferences.Example(kind: .modified, key: key, cells: cells)
    }
    var likely: [String] = []
    for cause in examples.flatMap(\.cells).compactMap(\.likely) where !likely.contains(cause) {
      likely.append(cause)
    }
    return RowDifferences(
      identical: result.identical, modified: result.modified, added: result.added,
      removed: result.removed, columns: counts,
      keyColumns: following.key.isEmpty ? ["row"] : following.key.map { following.names[$0] },
      examples: examples, likely: likely)
  }

  /// `5`, or `5 and 6` where the sides count differently.
  private func number(_ example: SequenceResult.Example) -> String {
    switch (example.sourceRow, example.targetRow) {
    case (let left?, let right?) where left != right: "\(left) and \(right)"
    case (let left?, _): "\(left)"
    case (nil, let right): "\(right ?? 0)"
    }
  }

  private func shown(_ value: String?, _ column: TablePair.ColumnPair) -> String {
    value.map { ShownValue.of($0, form: column.pairing.form ?? .text) } ?? "(null)"
  }

  /// The first few values of a row.
  private func shown(_ row: [String?]) -> String {
    let values = zip(row, columns).prefix(6).map { value, column in
      let text = shown(value, column)
      return text.count > 40 ? "\(text.prefix(40))…" : text
    }
    return "(\(values.joined(separator: ", "))\(row.count > 6 ? ", …" : ""))"
  }
}
