/// Expects a query of the application to give the same rows on both sides.
///
/// As a set, rows are compared as a table's are: by digests in the databases. In their order they are
/// read as the application reads them, up to a limit.
struct QueryCheck: Check {
  private enum State: Sendable {
    case start
    case reading(Side, [Side: String])
    case columns([Side: QueryText], [Side: String], [Ask])
    case keys(Pairing, [Ask])
    case comparing(ChecksumCheck, Pairing)
    case following(Following, Pairing)
  }

  /// The columns of both results, and what is said of them.
  fileprivate struct Pairing: Sendable {
    let subject: TableSubject
    let pair: TablePair
    let texts: [Side: QueryText]
    var findings: [String] = []
    var unchecked: [Verdict.Unchecked] = []
    var notes: [String] = []
  }

  private let query: QuerySubject
  private var state = State.start

  init(_ query: QuerySubject) { self.query = query }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .start: return read([:], dialects)
    case .reading(let side, let texts): return read(side, texts, answers, dialects)
    case .columns(let texts, let statements, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(failed(verdict)) }
      guard answers.count == 2, case .columns(let source) = answers[0],
        case .columns(let target) = answers[1]
      else { preconditionFailure("a query's columns are answered by columns or an error") }
      return paired(texts, statements, source, target, dialects)
    case .keys(var pairing, let asks):
      for (ask, answer) in zip(asks, answers) {
        switch answer {
        case .groups(let groups) where groups.count > 0:
          pairing.findings.append(
            "the key does not identify a row in the \(ask.side.rawValue)'s result: "
              + "\(counted(groups.count, "value")) \(groups.count == 1 ? "occurs" : "occur") in "
              + "\(counted(groups.rows, "row"))")
        case .failed(let error): pairing.unchecked.append(Verdict.Unchecked(error, on: ask.side))
        default: break
        }
      }
      return begin(pairing, dialects)
    case .comparing(var check, let pairing):
      let move = check.next(given: answers, dialects: dialects)
      state = .comparing(check, pairing)
      guard case .decide(let verdict) = move else { return move }
      return .decide(finished(verdict, pairing))
    case .following(let following, let pairing):
      switch answers.first {
      case .failed(let error):
        return .decide(
          finished(Verdict(summary: error.message, unchecked: [Verdict.Unchecked(error)]), pairing))
      case .followed(let result):
        return .decide(
          finished(
            SequenceVerdict(following, pairing.pair, dialects).verdict(result), pairing))
      default: preconditionFailure("two results are answered by their comparison or an error")
      }
    }
  }

  var rowsAhead: [Side: Int]? {
    if case .comparing(let check, _) = state { check.rowsAhead } else { nil }
  }

  var countsAhead: [Side: Scan] {
    if case .comparing(let check, _) = state { check.countsAhead } else { [:] }
  }

  // MARK: Texts

  /// The next text that stands in a file, or the question for the columns.
  private mutating func read(_ known: [Side: String], _ dialects: Dialects) -> Move {
    var texts = known
    for side in Side.allCases where texts[side] == nil {
      switch query.texts[side] {
      case .text(let text): texts[side] = text
      case .file(let path):
        state = .reading(side, texts)
        return .read(FileRequest([path], limit: 1_048_576))
      case nil: preconditionFailure("the spec was read: there is a text for each side")
      }
    }
    return ask(texts, dialects)
  }

  private mutating func read(
    _ side: Side, _ known: [Side: String], _ answers: [Answer], _ dialects: Dialects
  ) -> Move {
    guard case .files(let found) = answers.first else {
      preconditionFailure("files were asked for")
    }
    if let problem = found.problems.first { return .decide(Verdict(problem)) }
    guard found.files.count == 1, let bytes = found.files[0].bytes,
      let text = String(validating: bytes, as: UTF8.self)
    else {
      return .decide(
        Verdict(
          Verdict.Unchecked(
            type: "unreadable_file",
            reason: "\(found.files.first?.path ?? "the folder") is not one text in UTF-8")))
    }
    var texts = known
    texts[side] = text
    return read(texts, dialects)
  }

  private mutating func ask(_ texts: [Side: String], _ dialects: Dialects) -> Move {
    var read: [Side: QueryText] = [:]
    var statements: [Side: String] = [:]
    for side in Side.allCases {
      do throws(QueryText.Problem) {
        let text = try QueryText(texts[side] ?? "", engine: query.engine(side))
        if let name = text.parameters.first(where: { query.values[$0] == nil }) {
          throw QueryText.Problem(reason: "the parameter `:\(name)` has no value")
        }
        if query.isOrdered, text.order == nil {
          throw QueryText.Problem(
            reason: "it has no ORDER BY, and without one any order is right")
        }
        read[side] = text
        statements[side] = dialects[side].render(text.bound(query.values))
      } catch {
        return .decide(
          Verdict(
            Verdict.Unchecked(
              type: "unusable_query",
              reason: "the \(side.rawValue)'s query cannot be used: \(error.reason)")))
      }
    }
    let subject = query.table(statements, columns: [], compared: [])
    let asks = Side.allCases.map { Ask($0, subject[$0].catalogQuestion) }
    state = .columns(read, statements, asks)
    return .ask(asks)
  }

  /// What could not be asked, told as the application would meet it.
  private func failed(_ verdict: Verdict) -> Verdict {
    var verdict = verdict
    for index in verdict.unchecked.indices where verdict.unchecked[index].remedy == nil {
      verdict.unchecked[index].remedy =
        "run the query there by hand: names without a schema lead to the schema of the spec's tables"
    }
    return verdict
  }

  // MARK: Columns

  private mutating func paired(
    _ texts: [Side: QueryText], _ statements: [Side: String], _ source: [ColumnCatalog],
    _ target: [ColumnCatalog], _ dialects: Dialects
  ) -> Move {
    for (side, columns) in [(Side.source, source), (.target, target)] {
      guard let problem = Self.problem(columns) else { continue }
      return .decide(
        Verdict(
          Verdict.Unchecked(
            type: "unclear_columns", reason: "the \(side.rawValue)'s query \(problem)",
            remedy: "give each column a name of its own: `AS name`")))
    }
    let columns = query.columns(source, target)
    let plain = query.table(statements, columns: columns, compared: [])
    let pair = TablePair(
      plain, source: plain.source.queryTable(source), target: plain.target.queryTable(target),
      sourceGaps: [], targetGaps: [])
    let compared = pair.columns.map { Located($0.title, at: query.spec.range) }
    var pairing = Pairing(
      subject: query.table(statements, columns: columns, compared: compared), pair: pair,
      texts: texts)
    if query.spec.columns?.value == .positional, source.count != target.count {
      pairing.findings.append(
        "the source's result has \(counted(source.count, "column")), the target's "
          + "\(grouped(target.count)); cure: let both queries return the same columns")
    } else {
      pairing.findings += pair.missing.map {
        "column \($0.name) is in the source's result only; cure: let the target's query return it"
      }
      pairing.findings += pair.extra.map {
        "column \($0.name) is in the target's result only; cure: let the source's query return it"
      }
    }
    let all = source.map(\.name) + target.map(\.name)
    for name in (query.spec.tolerance ?? []).map(\.name.value)
    where !all.contains(where: { sameName(name, $0) }) {
      pairing.unchecked.append(
        Verdict.Unchecked(
          type: "missing_column", reason: "tolerance names \(name), which is no column"))
    }
    if query.targetEngine == .snowflake {
      pairing.notes.append(
        "Snowflake reads the tables of a query when it is run, not at the run's read point")
    }
    guard !pair.columns.isEmpty else {
      return .decide(finished(Verdict(summary: "the results have no column in common"), pairing))
    }
    return askKeys(pairing, dialects)
  }

  /// Why the columns of a result cannot be told apart.
  private static func problem(_ columns: [ColumnCatalog]) -> String? {
    if columns.isEmpty { return "returns no column" }
    var seen: Set<String> = []
    for column in columns where !seen.insert(column.name.name.lowercased()).inserted {
      return "returns several columns called \(column.name)"
    }
    return nil
  }

  private mutating func askKeys(_ pairing: Pairing, _ dialects: Dialects) -> Move {
    let pairs = (query.spec.key ?? []).map { pairing.pair.column(named: $0.value) }
    guard !pairs.isEmpty, pairs.allSatisfy({ $0?.canonical(.source, dialects) != nil }) else {
      return begin(pairing, dialects)
    }
    let asks = Side.allCases.map { side in
      Ask(
        side,
        .duplicates(
          Scan(relation: pairing.pair[side].relation),
          columns: pairs.compactMap { $0?.canonical(side, dialects) }, nullsAreEqual: true,
          showValues: false))
    }
    state = .keys(pairing, asks)
    return .ask(asks)
  }

  private mutating func begin(_ pairing: Pairing, _ dialects: Dialects) -> Move {
    guard query.isOrdered else {
      var check = ChecksumCheck(pairing.subject)
      let move = check.next(given: [], dialects: dialects)
      state = .comparing(check, pairing)
      return move
    }
    var pairing = pairing
    guard
      let following = Following(pairing.pair, query, pairing.texts, dialects, &pairing.unchecked)
    else {
      return .decide(
        finished(Verdict(summary: pairing.unchecked.first?.reason ?? ""), pairing))
    }
    state = .following(following, pairing)
    return .follow(following)
  }

  // MARK: Verdicts

  private func finished(_ inner: Verdict, _ pairing: Pairing) -> Verdict {
    var verdict = inner
    verdict.type = "query_mismatch"
    if !pairing.findings.isEmpty, inner.findings.isEmpty {
      verdict.summary = pairing.findings[0].firstLine
    }
    verdict.findings = pairing.findings + inner.findings
    verdict.unchecked = pairing.unchecked + inner.unchecked
    if query.spec.empty != nil, let index = verdict.unchecked.firstIndex(where: \.isEmptiness) {
      verdict.unchecked.remove(at: index)
      verdict.summary =
        verdict.unchecked.first?.reason ?? "no row on either side, as the spec allows"
    } else if let index = verdict.unchecked.firstIndex(where: \.isEmptiness) {
      verdict.unchecked[index] = .emptyResults
      if verdict.findings.isEmpty { verdict.summary = Verdict.Unchecked.emptyResults.reason }
    } else if verdict.findings.isEmpty, let first = verdict.unchecked.first {
      verdict.summary = first.reason.firstLine
    }
    verdict.notes = pairing.notes + inner.notes
    return verdict
  }
}

extension Verdict.Unchecked {
  /// Whether it tells that there was no row to compare.
  fileprivate var isEmptiness: Bool { type == "empty_tables" }

  static let emptyResults = Self(
    type: "empty_results", reason: "both results are empty: nothing was compared",
    remedy: "give parameters that find rows, or say `empty: allowed`")
}
