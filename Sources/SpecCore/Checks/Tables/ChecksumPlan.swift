/// Which columns of a table pair are compared and how, and what the digests said.
struct ChecksumPlan: Sendable {
  let subject: TableSubject
  let pair: TablePair
  let dialects: Dialects
  /// Compared by digests in the databases.
  let digested: [TablePair.ColumnPair]
  /// Streamed and compared here.
  let streamed: [TablePair.ColumnPair]
  /// What identifies a row; empty for none.
  let key: [TablePair.ColumnPair]
  private(set) var unchecked: [Verdict.Unchecked] = []
  var notes: [String]
  /// Rows of each side, once they are counted.
  var rowCounts: [Side: Int] = [:]
  /// What the contents of each side come to, in hexadecimal.
  var fingerprints: [Side: String] = [:]

  init(_ subject: TableSubject, _ pair: TablePair, _ dialects: Dialects) {
    self.subject = subject
    self.pair = pair
    self.dialects = dialects
    notes = pair.notes
    var digested: [TablePair.ColumnPair] = []
    var streamed: [TablePair.ColumnPair] = []
    let (chosen, unknown) = Self.chosen(subject, pair)
    for name in unknown {
      unchecked.append(
        Verdict.Unchecked(
          type: "missing_column", reason: "checksum names \(name), which is not on both sides"))
    }
    for column in Self.lost(subject, pair) {
      unchecked.append(
        Verdict.Unchecked(
          type: "missing_column",
          reason: "\(column.name) has no counterpart in the target, so it was not compared"))
    }
    for column in chosen {
      if let problem = Self.problem(column, dialects) {
        unchecked.append(problem)
      } else if column.pairing.form?.isStreamed == true {
        streamed.append(column)
      } else {
        digested.append(column)
      }
    }
    self.streamed = streamed
    (key, unchecked, notes) = Self.key(subject, pair, dialects, unchecked, notes)
    // The key is always part of the digest: it ties the values to their rows.
    let key = key
    self.digested = key + digested.filter { !key.contains($0) }
    if !pair.unknownSensitive.isEmpty {
      let names = pair.unknownSensitive.joined(separator: ", ")
      notes.append("sensitive names \(names), which no column has: no value is shown at all")
    }
  }

  private static func chosen(
    _ subject: TableSubject, _ pair: TablePair
  ) -> ([TablePair.ColumnPair], unknown: [String]) {
    switch subject.expectations.checksum.value {
    case .all, .skip: return (pair.columns, [])
    case .only(let names):
      let found = names.map { pair.column(named: $0.value) }
      let unknown = zip(names, found).filter { $0.1 == nil }.map(\.0.value)
      return (found.compactMap(\.self), unknown)
    case .except(let names, _):
      let columns = pair.columns.filter { column in
        !names.contains {
          sameName($0.value, column.source.name) || sameName($0.value, column.target.name)
        }
      }
      let unknown = names.map(\.value).filter { name in
        pair.column(named: name) == nil && !pair.missing.contains { sameName(name, $0.name) }
      }
      return (columns, unknown)
    }
  }

  /// Columns that should be compared but have no counterpart.
  private static func lost(_ subject: TableSubject, _ pair: TablePair) -> [ColumnCatalog] {
    switch subject.expectations.checksum.value {
    case .only: []
    case .all, .skip: pair.missing
    case .except(let names, _):
      pair.missing.filter { column in !names.contains { sameName($0.value, column.name) } }
    }
  }

  private static func problem(
    _ column: TablePair.ColumnPair, _ dialects: Dialects
  ) -> Verdict.Unchecked? {
    let types = "\(column.source.type.declared) and \(column.target.type.declared)"
    for (side, one) in [(Side.source, column.source), (.target, column.target)]
    where !one.isReadable {
      return Verdict.Unchecked(
        type: "permission_denied",
        reason: "\(one.name) may not be read by the run's role in the \(side.rawValue)",
        remedy: "GRANT SELECT (\(one.name)) to the role that runs parity")
    }
    guard column.canonical(.source, dialects) == nil else { return nil }
    return Verdict.Unchecked(
      type: "not_comparable",
      reason: "\(column.title) was not compared: \(types) have no common text form",
      remedy: "leave it out with a reason: `checksum: { except: [\(column.title)], because: … }`")
  }

  private static func key(
    _ subject: TableSubject, _ pair: TablePair, _ dialects: Dialects,
    _ unchecked: [Verdict.Unchecked], _ notes: [String]
  ) -> ([TablePair.ColumnPair], [Verdict.Unchecked], [String]) {
    var unchecked = unchecked
    var notes = notes
    var key: [TablePair.ColumnPair] = []
    if let names = subject.spec.key {
      key = names.compactMap { pair.column(named: $0.value) }
      for name in names where pair.column(named: name.value) == nil {
        unchecked.append(
          Verdict.Unchecked(
            type: "missing_column",
            reason: "the key column \(name.value) is not on both sides"))
      }
      if key.count != names.count { key = [] }
    } else {
      let required = pair.source.uniqueKeys.filter { unique in
        unique.predicate == nil && !unique.columns.isEmpty
          && unique.columns.allSatisfy { pair.source.column($0)?.isNullable == false }
      }
      let columns = (pair.source.primaryKey ?? required.first)?.columns ?? []
      key = columns.compactMap { pair.counterpart(of: $0) }
      if key.count != columns.count { key = [] }
    }
    let isUsable = key.allSatisfy { column in
      column.pairing.form?.isStreamed == false && problem(column, dialects) == nil
    }
    if !isUsable { key = [] }
    if key.isEmpty {
      notes.append(
        "there is no key to compare by: rows were compared as a set, so a changed row shows as one "
          + "removed and one added")
    }
    return (key, unchecked, notes)
  }

  var isPossible: Bool { !digested.isEmpty || (!streamed.isEmpty && !key.isEmpty) }

  var hasStreamed: Bool { !streamed.isEmpty }

  func scan(_ side: Side) -> Scan {
    Scan(relation: pair[side].relation, filter: subject.spec.filter?.value)
  }

  func compared(_ side: Side) -> [CanonicalColumn] {
    digested.compactMap { $0.canonical(side, dialects) }
  }

  func shape(_ side: Side) -> RowShape {
    let sensitive = (digested + streamed + key).filter(isSensitive).map { column in
      side == .source ? column.source.name : column.target.name
    }
    return RowShape(
      key: key.compactMap { $0.canonical(side, dialects) }, columns: compared(side),
      streamed: streamed.compactMap { $0.canonical(side, dialects) }, sensitive: Set(sensitive))
  }

  func stream(_ side: Side, _ buckets: RowStream.BucketChoice?) -> RowStream {
    RowStream(
      scan: scan(side), shape: shape(side), buckets: buckets, withColumnDigests: !areDigestsEqual)
  }

  func isSensitive(_ column: TablePair.ColumnPair) -> Bool { pair.isSensitive(column.source.name) }

  // MARK: Digests

  mutating func readDigests(_ answers: [Answer]) -> Bool {
    for (side, answer) in zip(Side.allCases, answers) {
      guard case .measures(let cells) = answer else { return false }
      let texts = cells.flatMap { $0.map { $0 ?? "" } }
      guard texts.count == 3, texts.allSatisfy({ UInt128($0) != nil }) else { return false }
      rowCounts[side] = Int(texts[0])
      // Low and high sum.
      fingerprints[side] = texts.dropFirst().map { text in
        UInt128(text).map { String($0, radix: 16) } ?? text
      }.joined(separator: "-")
    }
    return rowCounts.count == 2 && fingerprints.count == 2
  }

  var areDigestsEqual: Bool {
    rowCounts[.source] == rowCounts[.target] && fingerprints[.source] == fingerprints[.target]
  }

  func rows(_ side: Side) -> Int { rowCounts[side] ?? 0 }

  /// The larger of both sides.
  var rowCount: Int { max(rows(.source), rows(.target)) }

  /// The digest as reports show it.
  func fingerprint(_ side: Side) -> String { fingerprints[side] ?? "" }

  // MARK: Verdicts

  var brokenAnswer: Verdict {
    let reason = "a digest is not a number"
    return Verdict(
      summary: reason,
      unchecked: [Verdict.Unchecked(type: "protocol_violation", reason: reason)])
  }

  var nothingComparable: Verdict {
    let reason = "none of the columns can be compared"
    let all =
      unchecked.isEmpty ? [Verdict.Unchecked(type: "not_comparable", reason: reason)] : unchecked
    return Verdict(summary: reason, unchecked: all, notes: notes)
  }

  /// The verdict where everything compared is the same.
  var agreement: Verdict {
    var unchecked = unchecked
    if rowCount == 0, subject.expectations.rowCount.value != .exactly(source: 0, target: 0) {
      unchecked.append(
        Verdict.Unchecked(
          type: "empty_tables", reason: "both tables are empty: there was nothing to compare",
          remedy: "write `row_count: 0` if that is right"))
    }
    let columns = counted(digested.count + streamed.count, "column")
    let summary =
      unchecked.isEmpty
      ? "\(counted(rowCount, "row")), \(columns): every value is the same"
      : "\(columns) the same, but \(unchecked[0].reason)"
    return Verdict(
      summary: summary, type: "checksum_mismatch", unchecked: unchecked,
      notes: notes + ["digest \(fingerprint(.source)) on both sides"])
  }

  /// The digests differ, but where could not be found out: still a failure.
  func unlocalised(_ problem: Verdict) -> Verdict {
    guard !areDigestsEqual else {
      return Verdict(
        summary: problem.summary, unchecked: unchecked + problem.unchecked, notes: notes)
    }
    let sentence =
      "the contents differ (\(grouped(rows(.source))) and \(grouped(rows(.target))) rows)"
    return Verdict(
      summary: sentence, type: "checksum_mismatch", findings: [sentence],
      unchecked: unchecked + problem.unchecked, notes: notes)
  }

  func verdict(
    for result: RowMerge.Result, expected: [Side: Int]?, rows: [Side: [[String?]]],
    problem: Verdict.Unchecked?
  ) -> Verdict {
    var unchecked = unchecked + [problem].compactMap(\.self)
    if result.unreadable > 0 {
      unchecked.append(unreadable(result.unreadable))
    }
    if let expected, !result.accounts(for: expected) {
      let reason =
        "the rows that were read are not as many as were counted: the data changed meanwhile"
      unchecked.append(Verdict.Unchecked(type: "unstable_data", reason: reason))
      if result.differing == 0 {
        return Verdict(summary: reason, unchecked: unchecked, notes: notes)
      }
    }
    let definite = result.differing - result.unreadable
    guard definite > 0 else {
      if areDigestsEqual {
        var verdict = agreement
        verdict.unchecked += unchecked.dropFirst(self.unchecked.count)
        if let first = verdict.unchecked.first { verdict.summary = first.reason }
        return verdict
      }
      let reason =
        "the digests differ but the rows that were read after them do not: the data changed meanwhile"
      unchecked.append(Verdict.Unchecked(type: "unstable_data", reason: reason))
      return Verdict(summary: reason, unchecked: unchecked, notes: notes)
    }
    let differences = RowDifferencesBuilder(self, dialects).build(result, rows)
    let summary = Self.summary(differences, total: rowCount)
    return Verdict(
      summary: summary, type: "checksum_mismatch", findings: [summary], unchecked: unchecked,
      notes: notes + Side.allCases.map { "digest \(fingerprint($0)) in the \($0.rawValue)" },
      rows: differences)
  }

  func unreadable(_ rows: Int) -> Verdict.Unchecked {
    Verdict.Unchecked(
      type: "not_comparable",
      reason: "\(counted(rows, "row")) hold a text that is not JSON and differs between the sides")
  }

  static func summary(_ rows: RowDifferences, total: Int) -> String {
    var parts: [String] = []
    if rows.modified > 0 {
      parts.append(
        "\(grouped(rows.modified)) of \(counted(total, "row")) \(rows.modified == 1 ? "differs" : "differ")"
      )
    }
    if rows.removed > 0 {
      parts.append("\(counted(rows.removed, "row")) missing in the target")
    }
    if rows.added > 0 { parts.append("\(counted(rows.added, "row")) only in the target") }
    return parts.joined(separator: "; ")
  }
}
