/// Which columns of a table pair are compared and how, and what the digests said.
struct ChecksumPlan: Sendable {
  let subject: TableSubject
  let pair: TablePair
  let dialects: Dialects
  /// Compared by digests in the databases.
  private(set) var digested: [TablePair.ColumnPair]
  /// Streamed and compared here.
  private(set) var streamed: [TablePair.ColumnPair]
  /// Read with differing rows, and not compared: they tell when and where.
  let companions: [TablePair.ColumnPair]
  /// What identifies a row; empty for none.
  let key: [TablePair.ColumnPair]
  private(set) var unchecked: [Verdict.Unchecked] = []
  var notes: [String]
  /// Rows of each side, once they are counted.
  var rowCounts: [Side: Int] = [:]
  /// About how many rows a side has where that is good enough until they are counted.
  var estimates: [Side: Int] = [:]
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
      } else if column.pairing.form?.isStreamed == true, !Self.isAlike(column, dialects) {
        streamed.append(column)
      } else {
        digested.append(column)
      }
    }
    (key, unchecked, notes) = Self.key(subject, pair, dialects, unchecked, notes)
    // The key is always part of the digest: it ties the values to their rows.
    let key = key
    self.digested = key + digested.filter { !key.contains($0) }
    self.streamed = streamed.filter { !key.contains($0) }
    var companions: [TablePair.ColumnPair] = []
    for name in [subject.spec.window?.value.column, subject.spec.segments?.value].compactMap(\.self)
    {
      guard let column = pair.column(named: name), Self.problem(column, dialects) == nil else {
        unchecked.append(
          Verdict.Unchecked(
            type: "missing_column", reason: "\(name) is not on both sides, or cannot be compared"))
        continue
      }
      if !(self.digested + self.streamed + companions).contains(column) {
        companions.append(column)
      }
    }
    self.companions = companions
    if let window = subject.spec.window?.value,
      let column = pair.column(named: window.column), column.pairing.form != .moment
    {
      unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason: "window: \(window.column) is \(column.source.type.declared), not a moment"))
    }
    for column in key where !column.rules.isEmpty {
      unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason:
            "\(column.title) belongs to the key, which is compared exactly: its options were not used"
        ))
    }
    if subject.spec.sample != nil, key.isEmpty {
      unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable", reason: "a sample is chosen by keys, and there is no key",
          remedy: "name the columns that identify a row: `key: [...]`"))
    }
    if !pair.unknownSensitive.isEmpty {
      let names = pair.unknownSensitive.joined(separator: ", ")
      notes.append("sensitive names \(names), which no column has: no value is shown at all")
    }
  }

  /// Whether one database prints the column's documents as the other does while they are equal.
  private static func isAlike(_ column: TablePair.ColumnPair, _ dialects: Dialects) -> Bool {
    dialects.source.family == dialects.target.family
      && column.source.type.logical == column.target.type.logical
  }

  /// The same plan for digests of whole rows: what digests cannot decide is streamed.
  func byRows() -> ChecksumPlan {
    var plan = self
    let decided = digested.filter { column in
      key.contains(column) || (column.rules.isEmpty && !isTelling(column))
    }
    plan.streamed += digested.filter { !decided.contains($0) }
    plan.digested = decided
    return plan
  }

  /// Whether the column tells when rows were changed or where they belong.
  private func isTelling(_ column: TablePair.ColumnPair) -> Bool {
    [subject.spec.window?.value.column, subject.spec.segments?.value].contains { name in
      name.map { pair.column(named: $0) == column } ?? false
    }
  }

  /// Every column that is read, in the order of positions.
  var columns: [TablePair.ColumnPair] { digested + streamed + companions }

  /// Positions of the columns that are read with every differing row.
  var telling: [Int] { columns.indices.filter { isTelling(columns[$0]) } }

  /// What these columns mean to whoever compares their values.
  func roles(_ columns: [TablePair.ColumnPair]) -> RowRoles {
    var roles = RowRoles()
    for (position, column) in columns.enumerated() where !key.contains(column) {
      if !column.rules.isEmpty { roles.rules[position] = column.rules }
      if !column.rules.isEmpty, isSensitive(column) { roles.hidden.insert(position) }
      if companions.contains(column) { roles.ignored.insert(position) }
    }
    func position(_ name: String?) -> Int? {
      name.flatMap(pair.column(named:)).flatMap(columns.firstIndex(of:))
    }
    if let window = subject.spec.window?.value, let readAt = dialects.readAt,
      let position = position(window.column), columns[position].pairing.form == .moment
    {
      // As far ahead as behind: the target is read a little later, and clocks differ.
      let lag = Int64(window.lag.seconds * 1_000_000)
      roles.recent = RowRoles.Recent(
        column: position, moments: readAt.microseconds - lag...readAt.microseconds + lag)
    }
    roles.segment = position(subject.spec.segments?.value)
    roles.leavesOutRemoved = subject.isReversed
    return roles
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
    if let problem = column.problem {
      return Verdict.Unchecked(type: "not_comparable", reason: "\(column.title): \(problem)")
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
    let sample = subject.spec.sample.flatMap { percent in
      key.isEmpty
        ? nil
        : Scan.Sample(
          key: key.compactMap { $0.canonical(side, dialects) }, percent: percent.value)
    }
    return Scan(
      relation: pair[side].relation, filter: subject.spec.filter?.value[side], sample: sample)
  }

  func compared(_ side: Side) -> [CanonicalColumn] {
    digested.compactMap { $0.canonical(side, dialects) }
  }

  func shape(_ side: Side) -> RowShape {
    let sensitive = (columns + key).filter(isSensitive).map { column in
      side == .source ? column.source.name : column.target.name
    }
    return RowShape(
      key: key.compactMap { $0.canonical(side, dialects) }, columns: compared(side),
      streamed: (streamed + companions).compactMap { $0.canonical(side, dialects) },
      sensitive: Set(sensitive))
  }

  func stream(_ side: Side, _ buckets: RowStream.BucketChoice?) -> RowStream {
    RowStream(
      scan: scan(side), shape: shape(side), buckets: buckets, withColumnDigests: !areDigestsEqual)
  }

  func isSensitive(_ column: TablePair.ColumnPair) -> Bool { pair.isSensitive(column.source.name) }

  // MARK: Digests

  /// Reads the numbers of rows.
  mutating func readCounts(_ answers: [Answer]) -> Bool {
    for (side, answer) in zip(Side.allCases, answers) {
      guard case .measures(let cells) = answer, cells.count == 1,
        let count = cells[0].first?.flatMap({ Int($0) }), count >= 0
      else { return false }
      rowCounts[side] = count
    }
    return rowCounts.count == 2
  }

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

  /// What is known of each side's rows: counted, else estimated.
  var knownRows: [Side: Int] { estimates.merging(rowCounts) { _, counted in counted } }

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
      ? "\(sampleWords)\(counted(rowCount, "row")), \(columns): every value is the same"
      : "\(columns) the same, but \(unchecked[0].reason)"
    return recorded(
      Verdict(
        summary: summary, type: "checksum_mismatch", unchecked: unchecked,
        notes: notes + ["digest \(fingerprint(.source)) on both sides"]))
  }

  /// The digests differ, but where could not be found out: still a failure.
  func unlocalised(_ problem: Verdict) -> Verdict {
    guard !areDigestsEqual else {
      return Verdict(
        summary: problem.summary, unchecked: unchecked + problem.unchecked, notes: notes)
    }
    let sentence =
      "the contents differ (\(grouped(rows(.source))) and \(grouped(rows(.target))) rows)"
    return recorded(
      Verdict(
        summary: sentence, type: "checksum_mismatch", findings: [sentence],
        unchecked: unchecked + problem.unchecked, notes: notes))
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
      if areDigestsEqual || !result.inFlight.isEmpty {
        return agreement(unchecked: unchecked, result)
      }
      let reason =
        "the digests differ but the rows that were read after them do not: the data changed meanwhile"
      unchecked.append(Verdict.Unchecked(type: "unstable_data", reason: reason))
      return Verdict(summary: reason, unchecked: unchecked, notes: notes)
    }
    let differences = RowDifferencesBuilder(self, dialects).build(result, rows)
    let summary = summary(differences)
    var verdict = Verdict(
      summary: summary, type: "checksum_mismatch", findings: [summary], unchecked: unchecked,
      notes: notes + remarks(result)
        + Side.allCases.map { "digest \(fingerprint($0)) in the \($0.rawValue)" },
      rows: differences)
    verdict.content = content
    verdict.recheckAfter = subject.spec.window?.value.lag.seconds
    return verdict
  }

  func unreadable(_ rows: Int) -> Verdict.Unchecked {
    Verdict.Unchecked(
      type: "not_comparable",
      reason:
        "\(counted(rows, "row")) hold a text that cannot be read and differs between the sides")
  }

  /// The verdict where what was read differs in nothing that counts.
  func agreement<Example>(
    unchecked: [Verdict.Unchecked], _ result: MergeResult<Example>
  ) -> Verdict {
    var verdict = agreement
    verdict.unchecked += unchecked.dropFirst(self.unchecked.count)
    let remarks = remarks(result)
    verdict.notes += remarks
    if let first = verdict.unchecked.first {
      verdict.summary = first.reason
    } else if let first = remarks.first {
      verdict.summary =
        "\(sampleWords)\(counted(rowCount, "row")), "
        + "\(counted(digested.count + streamed.count, "column")): "
        + "nothing differs that counts (\(first))"
    }
    return verdict
  }

  /// What was let pass, and where the rest is.
  func remarks<Example>(_ result: MergeResult<Example>) -> [String] {
    var remarks: [String] = []
    for (column, count) in zip(columns, result.excused) where count > 0 {
      // Another way of writing is no other value.
      guard column.options.written.contains(where: { $0.name != "timezone" }) else { continue }
      remarks.append(
        "\(column.title): \(counted(count, "value")) \(count == 1 ? "differs" : "differ") "
          + "as the spec allows")
    }
    if let window = subject.spec.window?.value, let most = result.inFlight.values.max() {
      remarks.append(
        "\(counted(most, "row")) differing, but changed less than \(window.lag.words) before the "
          + "source was read: not judged")
    }
    if let segments = subject.spec.segments?.value, !result.segments.isEmpty {
      let isHidden = pair.column(named: segments).map(isSensitive) ?? true
      let form = pair.column(named: segments)?.pairing.form ?? .text
      let sorted = result.segments.sorted {
        $0.value == $1.value ? ($0.key ?? "") < ($1.key ?? "") : $0.value > $1.value
      }
      let list = sorted.prefix(20).map { value, rows in
        let shown = value.map { ShownValue.of($0, form: form) } ?? "NULL"
        return "\(isHidden ? "(not shown)" : shown) \(grouped(rows))"
      }
      let more = sorted.count > 20 ? ", and \(sorted.count - 20) more" : ""
      remarks.append("differing rows by \(segments): \(list.joined(separator: ", "))\(more)")
    }
    return remarks
  }

  func summary(_ rows: RowDifferences) -> String {
    let total = rowCount
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
    return sampleWords + parts.joined(separator: "; ")
  }

  /// What every sentence about a sample begins with.
  private var sampleWords: String {
    subject.spec.sample.map { "SAMPLE of \($0.value) %: " } ?? ""
  }
}
