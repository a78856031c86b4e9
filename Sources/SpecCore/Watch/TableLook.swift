/// A table to be watched: what is asked of it in every tick, and what of its catalog is known.
package struct TableWatch: Sendable {
  package let table: WatchedTable
  let subject: TableSubject
  let column: MarkChoice
  /// So many of the newest rows are compared; `nil` where nobody asks.
  let newest: Int?
  /// Both sides' columns, once they have been looked up.
  package var pair: TablePair?

  /// Which column tells how far a side has come.
  enum MarkChoice: Hashable, Sendable {
    case automatic
    case named(String)
    case none
  }

  /// Begins to look; the catalog is asked `again` where it may have changed.
  package func look(again: Bool) -> TableLook {
    TableLook(watch: self, pair: again ? nil : pair)
  }
}

/// One look at a table: its moves, each given the answers to the last.
package struct TableLook: Sendable {
  package enum Step: Sendable {
    case ask([Ask])
    case merge(Move.Merge)
    case done(TableReading)
  }

  private enum State: Sendable {
    case lookup(TableLookup)
    case counts([Ask], Subject)
    case threshold(TableReading.Seen, Subject, bound: HighWater)
    case extent([Ask], TableReading.Seen, Subject, ClosedMarks)
    case merging(TableReading.Seen, ChecksumPlan, rows: [Int])
  }

  /// What is asked of the table, when its columns are known.
  private struct Subject: Sendable {
    let pair: TablePair
    let mark: FoundMark
  }

  private enum FoundMark: Sendable {
    case column(TablePair.ColumnPair, CanonicalForm)
    case none
    case unknown(String)
  }

  /// The marks of the newest rows.
  private struct ClosedMarks: Sendable {
    let lower: HighWater
    let upper: HighWater
  }

  private let watch: TableWatch
  /// Both sides' columns as they were found; for the next look.
  package private(set) var pair: TablePair?
  private var state: State

  fileprivate init(watch: TableWatch, pair: TablePair?) {
    self.watch = watch
    self.pair = pair
    state = .lookup(TableLookup(watch.subject))
  }

  /// What to do next, given the answers to the last move in the order asked.
  package mutating func next(given answers: [Answer], dialects: Dialects) -> Step {
    switch state {
    case .lookup(var lookup):
      if let pair { return askCounts(pair, dialects) }
      switch lookup.next(given: answers) {
      case .ask(let asks):
        state = .lookup(lookup)
        return .ask(asks)
      case .stop(let verdict):
        return .done(.failed(verdict.unchecked.first?.reason ?? verdict.summary))
      case .found(let pair):
        self.pair = pair
        return askCounts(pair, dialects)
      }
    case .counts(let asks, let subject):
      if let reason = Self.failure(answers, asks) { return .done(.failed(reason)) }
      return counted(answers, subject, dialects)
    case .threshold(let seen, let subject, let bound):
      return found(answers, seen, subject, bound, dialects)
    case .extent(let asks, let seen, let subject, let marks):
      if let reason = Self.failure(answers, asks) { return lost(seen, reason) }
      return compare(answers, seen, subject, marks, dialects)
    case .merging(let seen, let plan, let rows):
      if case .failed(let error)? = answers.first {
        return lost(seen, Verdict.Unchecked(error).reason)
      }
      return .done(judged(answers, seen, plan, rows))
    }
  }

  private static func failure(_ answers: [Answer], _ asks: [Ask]) -> String? {
    Verdict.unanswered(answers, asks: asks)?.unchecked.first?.reason
  }

  /// The newest rows could not be compared: what was counted before stays known.
  ///
  /// The table may have another shape by now, so its columns are looked up again.
  private mutating func lost(_ seen: TableReading.Seen, _ reason: String) -> Step {
    pair = nil
    var seen = seen
    seen.newest = .unknown(reason)
    return .done(.seen(seen))
  }

  // MARK: Counts and marks

  private mutating func askCounts(_ pair: TablePair, _ dialects: Dialects) -> Step {
    let subject = Subject(pair: pair, mark: mark(pair, dialects))
    let asks = Side.allCases.map { side in
      var measures: [Measure] = [.rowCount]
      if case .column(let column, _) = subject.mark,
        let canonical = column.canonical(side, dialects)
      {
        measures.append(.greatest(canonical))
      }
      return Ask(side, .aggregate(scan(pair, side), measures))
    }
    state = .counts(asks, subject)
    return .ask(asks)
  }

  private func scan(_ pair: TablePair, _ side: Side, _ condition: String? = nil) -> Scan {
    let own = watch.subject.spec.filter?.value[side]
    let parts = [own, condition].compactMap(\.self)
    return Scan(
      relation: pair[side].relation,
      filter: parts.isEmpty ? nil : parts.map { "(\($0))" }.joined(separator: " AND "))
  }

  /// The column that the spec names, or the one that its table suggests.
  private func mark(_ pair: TablePair, _ dialects: Dialects) -> FoundMark {
    let remedy = "name one: `watch: { high_water: { \(watch.table.title): … } }`"
    var column: TablePair.ColumnPair?
    var name: String?
    switch watch.column {
    case .none: return .none
    case .named(let written): name = written
    case .automatic: name = watch.subject.spec.window?.value.column
    }
    if let name {
      column = pair.column(named: name)
      if column == nil { return .unknown("\(name) is not on both sides") }
    } else {
      column = Self.key(watch.subject, pair)
      guard column.flatMap({ Self.form(of: $0, dialects) }) != nil else {
        return .unknown("no column tells how far it has come: \(remedy)")
      }
    }
    guard let column else { return .unknown("no column tells how far it has come: \(remedy)") }
    guard let form = Self.form(of: column, dialects) else {
      return .unknown(
        "\(column.title) is \(column.source.type.declared) and \(column.target.type.declared), not a "
          + "moment, a day or a whole number on both sides")
    }
    return .column(column, form)
  }

  /// The only column of the key.
  private static func key(_ subject: TableSubject, _ pair: TablePair) -> TablePair.ColumnPair? {
    if let names = subject.spec.key {
      return names.count == 1 ? pair.column(named: names[0].value) : nil
    }
    let keys = [pair.source.primaryKey].compactMap(\.self) + pair.source.uniqueKeys
    return keys.lazy.filter { $0.columns.count == 1 && $0.predicate == nil }
      .compactMap { pair.counterpart(of: $0.columns[0]) }.first
  }

  /// The form in which marks are read; `nil` for values that do not grow, or not alike on both sides.
  private static func form(
    of column: TablePair.ColumnPair, _ dialects: Dialects
  ) -> CanonicalForm? {
    guard let form = column.form(.source), form == column.form(.target),
      column.options.timezone == nil, column.canonical(.source, dialects) != nil
    else { return nil }
    switch (form, column.source.type.logical) {
    case (.moment, _), (.date, _), (.number, .integer): return form
    default: return nil
    }
  }

  private mutating func counted(
    _ answers: [Answer], _ subject: Subject, _ dialects: Dialects
  ) -> Step {
    var rows: [Int] = []
    var texts: [String?] = []
    for answer in answers {
      guard case .measures(let cells) = answer,
        let count = cells.first?.first?.flatMap({ Int($0) }), count >= 0
      else { return .done(.failed("a count is not a number")) }
      rows.append(count)
      texts.append(cells.count > 1 ? cells[1].first ?? nil : nil)
    }
    guard rows.count == 2 else { return .done(.failed("a side did not answer")) }
    var seen = TableReading.Seen(source: rows[0], target: rows[1], mark: .none, newest: .nothing)
    switch subject.mark {
    case .none: seen.newest = .notAsked("the spec says that no column tells how far it has come")
    case .unknown(let reason):
      seen.mark = .unknown(reason)
      seen.newest = .unknown(reason)
    case .column(let column, let form):
      let marks = texts.map { $0.flatMap { HighWater($0, form) } }
      guard zip(texts, marks).allSatisfy({ ($0 == nil) == ($1 == nil) }) else {
        let reason = "the greatest \(column.title) is no value to measure by (infinity?)"
        seen.mark = .unknown(reason)
        seen.newest = .unknown(reason)
        break
      }
      seen.mark = .column(
        column.title, source: marks[0], target: marks[1],
        isHidden: Side.allCases.contains { subject.pair.isSensitive(column[$0].name) })
      if watch.subject.expectations.checksum.value == .skip {
        seen.newest = .notAsked("the spec compares none of its contents")
        break
      }
      guard let newest = watch.newest else {
        seen.newest = .notAsked("the spec does not ask for its newest rows")
        break
      }
      if marks[0] == nil, seen.source > 0 {
        seen.newest = .unknown("no row of the source has a value of \(column.title)")
      }
      guard let source = marks[0], let target = marks[1] else { break }
      guard let bound = source.least(target) else { break }
      return askThreshold(seen, subject, column, bound, newest, dialects)
    }
    return .done(.seen(seen))
  }

  // MARK: Newest rows

  /// Asks the source where its newest rows begin.
  private mutating func askThreshold(
    _ seen: TableReading.Seen, _ subject: Subject, _ column: TablePair.ColumnPair,
    _ bound: HighWater, _ newest: Int, _ dialects: Dialects
  ) -> Step {
    guard let canonical = column.canonical(.source, dialects) else {
      preconditionFailure("a mark is asked only of a column with a form")
    }
    let dialect = dialects.source
    let name: SQL = "\(column.source.name)"
    let limit = bound.literal(for: column.source.type.logical, in: dialect)
    let whole = scan(subject.pair, .source, dialect.render("\(name) <= \(limit)"))
    let query: SQL = """
      SELECT \(name) FROM \(table: whole.relation)\(dialect.clause(whole)) \
      ORDER BY \(name) DESC LIMIT \(newest)
      """
    let rows = Relation(
      schema: whole.relation.schema, name: Identifier("newest"), query: dialect.render(query))
    state = .threshold(seen, subject, bound: bound)
    return .ask([Ask(.source, .aggregate(Scan(relation: rows), [.rowCount, .least(canonical)]))])
  }

  private mutating func found(
    _ answers: [Answer], _ seen: TableReading.Seen, _ subject: Subject, _ bound: HighWater,
    _ dialects: Dialects
  ) -> Step {
    var seen = seen
    if case .failed(let error)? = answers.first {
      return lost(seen, Verdict.Unchecked(error, on: .source).reason)
    }
    guard case .column(let column, let form) = subject.mark,
      case .measures(let cells)? = answers.first, cells.count == 2
    else { return .done(.failed("the newest rows were not told")) }
    guard let text = cells[1].first ?? nil else {
      // The source has no row as old as the target's newest.
      seen.newest = .differs(rows: 0, differing: seen.target)
      return .done(.seen(seen))
    }
    guard let lower = HighWater(text, form) else {
      seen.newest = .unknown("a value of \(column.title) is no value to measure by")
      return .done(.seen(seen))
    }
    let marks = ClosedMarks(lower: lower, upper: bound)
    let asks = Side.allCases.map { side in
      Ask(side, .aggregate(newestRows(subject, column, side, marks, dialects), [.rowCount]))
    }
    state = .extent(asks, seen, subject, marks)
    return .ask(asks)
  }

  private func newestRows(
    _ subject: Subject, _ column: TablePair.ColumnPair, _ side: Side, _ marks: ClosedMarks,
    _ dialects: Dialects
  ) -> Scan {
    let dialect = dialects[side]
    let type = column[side].type.logical
    let name: SQL = "\(column[side].name)"
    let condition: SQL =
      "\(name) >= \(marks.lower.literal(for: type, in: dialect)) AND \(name) <= \(marks.upper.literal(for: type, in: dialect))"
    return scan(subject.pair, side, dialect.render(condition))
  }

  /// Many more rows than asked for share one mark: comparing them in every tick would be a load.
  private func mostRows(_ newest: Int) -> Int { 10 * newest + 10_000 }

  private mutating func compare(
    _ answers: [Answer], _ seen: TableReading.Seen, _ subject: Subject, _ marks: ClosedMarks,
    _ dialects: Dialects
  ) -> Step {
    var seen = seen
    guard case .column(let column, _) = subject.mark else {
      preconditionFailure("newest rows are those of a column")
    }
    let counts = answers.compactMap { answer -> Int? in
      guard case .measures(let cells) = answer else { return nil }
      return cells.first?.first?.flatMap { Int($0) }
    }
    guard counts.count == 2 else { return .done(.failed("a count is not a number")) }
    if let most = counts.max(), most > mostRows(watch.newest ?? 0) {
      seen.newest = .unknown(
        "\(grouped(most)) rows share the newest values of \(column.title): name a column that tells "
          + "rows apart under `high_water`")
      return .done(.seen(seen))
    }
    // Digests of whole rows: nothing else has to be asked of so few.
    let plan = ChecksumPlan(watch.subject, subject.pair, dialects).byRows()
    guard plan.isPossible else {
      seen.newest = .unknown("none of the columns can be compared")
      return .done(.seen(seen))
    }
    func stream(_ side: Side) -> RowStream {
      RowStream(
        scan: newestRows(subject, column, side, marks, dialects), shape: plan.shape(side),
        buckets: nil, withColumnDigests: true)
    }
    var roles = plan.roles(plan.streamed + plan.companions)
    // Rows on their way are those beyond the mark; these here should have come.
    roles.recent = nil
    state = .merging(seen, plan, rows: counts)
    return .merge(Move.Merge(source: stream(.source), target: stream(.target), roles: roles))
  }

  private func judged(
    _ answers: [Answer], _ seen: TableReading.Seen, _ plan: ChecksumPlan, _ counted: [Int]
  ) -> TableReading {
    var seen = seen
    switch answers.first {
    case .merged(let result):
      let rows = Side.allCases.map(result.rows).max() ?? 0
      if result.differing > result.unreadable {
        seen.newest = .differs(rows: rows, differing: result.differing)
      } else if result.unreadable > 0 {
        seen.newest = .unknown(plan.unreadable(result.unreadable).reason)
      } else if Side.allCases.map(result.rows) != counted {
        seen.newest = .unknown("the rows that were read are not as many as were counted")
      } else if let first = plan.unchecked.first {
        seen.newest = .unknown(first.reason)
      } else {
        seen.newest = rows > 0 ? .equal(rows: rows) : .nothing
      }
      return .seen(seen)
    default: preconditionFailure("a merge that did not fail is answered by its result")
    }
  }
}
