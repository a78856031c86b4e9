/// What a plan says of comparing by buckets of keys.
extension ChecksumPlan {
  /// How the table can be compared.
  enum Way {
    /// By ranges of its leading key.
    case ranges
    /// By buckets of the MD5 of its key, because ranges are not possible.
    case digests(because: String)
    /// By the MD5 of each row alone.
    case rows(because: String)
  }

  /// The quickest way.
  ///
  /// A key that is read must not be sensitive. For ranges it must be one that the source itself
  /// keeps unique, so that the order of rows is one and the same, and must begin with a whole number.
  var way: Way {
    guard !key.isEmpty else { return .rows(because: "there is no key") }
    guard key.allSatisfy({ !isSensitive($0) }) else {
      return .rows(because: "the key is sensitive")
    }
    return rangeObstacle.map { .digests(because: $0) } ?? .ranges
  }

  private var rangeObstacle: String? {
    guard let leading = key.first else { return "there is no key" }
    let names = Set(key.map(\.source.name))
    let isUnique = ([pair.source.primaryKey].compactMap(\.self) + pair.source.uniqueKeys).contains {
      $0.predicate == nil && Set($0.columns) == names
    }
    guard isUnique else { return "Postgres does not enforce the key" }
    for side in Side.allCases {
      guard case .integer(let digits) = leading[side].type.logical, digits <= 38,
        leading.pairing.form == .number
      else { return "the key does not begin with a whole number" }
    }
    return nil
  }

  /// What is asked before: where the leading key lies, how many rows there are unless that is known
  /// well enough, and whether a key is NULL where the database (Snowflake too) does not forbid it.
  func extentMeasures(_ side: Side) -> [Measure] {
    let columns = key.map { $0[side] }
    return [.minimum(columns[0].name), .maximum(columns[0].name)]
      + columns.filter(\.isNullable).map { .nulls($0.name) }
      + (estimate(side) == nil ? [.rowCount] : [])
  }

  /// About how many rows a side has, where counting them would read the whole table and everything
  /// else that is asked before does not: the fingerprints count them anyway.
  private func estimate(_ side: Side) -> Int? {
    let scan = scan(side)
    guard !dialects[side].countsAtOnce, scan.filter == nil, scan.sample == nil,
      keyOrder(side).isIndexed, key.allSatisfy({ !$0[side].isNullable }),
      let estimate = pair[side].estimatedRows, estimate >= dialects.limits.worthEstimating
    else { return nil }
    return estimate
  }

  /// The scans whose rows nobody has counted.
  var uncounted: [Side: Scan] {
    var scans: [Side: Scan] = [:]
    for side in Side.allCases where rowCounts[side] == nil && estimate(side) != nil {
      scans[side] = scan(side)
    }
    return scans
  }

  /// Reads the answers to ``extentMeasures(_:)``.
  enum ExtentReading {
    case extent(ClosedRange<Int>)
    case unusable(String)
    case broken
  }

  mutating func readExtent(_ answers: [Answer]) -> ExtentReading {
    var rows: [Side: Int] = [:]
    var lower: Int?
    var upper: Int?
    var isFar = false
    var hasNulls = false
    for (side, answer) in zip(Side.allCases, answers) {
      let measures = extentMeasures(side)
      guard case .measures(let cells) = answer, cells.count == measures.count else {
        return .broken
      }
      for (measure, cell) in zip(measures, cells).dropFirst(2) {
        guard let number = cell.first?.flatMap({ Int($0) }), number >= 0 else { return .broken }
        if measure == .rowCount { rows[side] = number } else { hasNulls = hasNulls || number > 0 }
      }
      for (position, isLower) in [(0, true), (1, false)] {
        guard let text = cells[position].first ?? nil else {
          // No least key: no rows.
          if rows[side, default: 0] > 0, !hasNulls { return .broken }
          if !hasNulls { rows[side] = 0 }
          continue
        }
        guard let wide = Int128(text) else { return .broken }
        // Room for a bucket's border beyond the last key.
        guard wide.magnitude < 1 << 61 else {
          isFar = true
          continue
        }
        let value = Int(wide)
        if isLower {
          lower = min(lower ?? value, value)
        } else {
          upper = max(upper ?? value, value)
        }
      }
    }
    rowCounts = rows
    for side in Side.allCases where rows[side] == nil { estimates[side] = estimate(side) }
    if hasNulls { return .unusable("a column of the key is NULL in some rows") }
    if isFar { return .unusable("the keys are too large numbers") }
    guard let lower, let upper else { return .unusable("both sides are empty") }
    let span = upper - lower + 1
    if span / dialects.limits.sparsest > max(1_024, knownRows.values.max() ?? 0) {
      return .unusable("the keys are sparse")
    }
    return .extent(lower...upper)
  }

  /// Whole numbers are ordered as such where they are on both sides.
  private var keyParts: [KeyedMerge.KeyPart] {
    key.map { part in
      Side.allCases.allSatisfy { part.canonical($0, dialects)?.isWholeNumber == true }
        ? .integer : .bytes
    }
  }

  private func keyOrder(_ side: Side) -> KeyOrder {
    let columns = key.compactMap { $0.canonical(side, dialects) }
    guard let leading = columns.first, columns.count == key.count else {
      preconditionFailure("the key was found comparable")
    }
    let table = pair[side]
    let isIndexed = ([table.primaryKey].compactMap(\.self) + table.uniqueKeys).contains {
      $0.predicate == nil && $0.columns.first == leading.name
    }
    return KeyOrder(columns: columns, parts: keyParts, isIndexed: isIndexed)
  }

  /// Whether both sides find a range of keys without reading the whole table.
  var isIndexed: Bool { Side.allCases.allSatisfy { keyOrder($0).isIndexed } }

  func fingerprintShape(_ side: Side, _ columns: [Int]) -> FingerprintShape {
    FingerprintShape(
      order: keyOrder(side),
      columns: columns.compactMap { position in
        let column = digested[position]
        return column.canonical(side, dialects).map { DigestColumn($0, digestForm(column)) }
      })
  }

  /// The cheapest form that both sides can say.
  private func digestForm(_ column: TablePair.ColumnPair) -> DigestForm {
    if column.options.timezone != nil || column.options.accept != nil { return .canonical }
    let (source, target) = (column.source.type.logical, column.target.type.logical)
    if dialects.source.family == dialects.target.family, source == target,
      dialects.source.hasNativeForm(source)
    {
      return .native
    }
    switch (column.pairing.form, source, target) {
    case (.number, .decimal(let precision, let scale), .decimal(let room, let other)):
      let most = max(scale, other)
      // With fewer digits left a value could be too long for the common scale.
      return precision - scale + most <= 38 && room - other + most <= 38
        ? .fixed(scale: most) : .canonical
    default: return .canonical
    }
  }

  /// Reading some columns of all rows of some buckets.
  func comparison(_ buckets: KeyBuckets, _ columns: [Int]) -> Move.Comparison {
    let pairs = columns.map { self.columns[$0] }
    let roles = roles(pairs)
    func stream(_ side: Side) -> KeyedStream {
      KeyedStream(
        scan: scan(side), order: keyOrder(side), buckets: buckets,
        columns: pairs.compactMap { $0.canonical(side, dialects) },
        sensitive: Set(
          // Digests tell nothing where differing values may count as the same.
          pairs.filter { isSensitive($0) && $0.rules.isEmpty }.map { $0[side].name }))
    }
    return Move.Comparison(
      source: stream(.source), target: stream(.target),
      key: keyParts,
      roles: roles,
      keyNames: key.map(\.title), columnNames: pairs.map(\.title),
      keyForms: key.map(\.pairing.form),
      columnForms: pairs.map {
        isSensitive($0) && $0.rules.isEmpty ? nil : $0.pairing.form
      })
  }

  // MARK: Verdicts

  /// What was learnt of both contents; digests of a sample stand for the sample only.
  var content: ContentFacts {
    ContentFacts(pair.names, rows: rowCounts, digests: fingerprints)
  }

  /// The verdict with what was learnt on the way to it.
  func recorded(_ verdict: Verdict) -> Verdict {
    var verdict = verdict
    verdict.content = content
    return verdict
  }

  /// What was found by buckets; `nil` findings where all of them are the same.
  func verdict(for search: BucketSearch, _ findings: BucketSearch.Findings?) -> Verdict {
    let method =
      "fingerprints of \(counted(search.bucketCount, "bucket")) of keys, seed \(dialects.source.seed)"
    guard let findings else {
      var verdict = agreement
      verdict.notes.append(method)
      return verdict
    }
    let result = findings.result
    var unchecked = unchecked
    if result.unreadable > 0 { unchecked.append(unreadable(result.unreadable)) }
    let definite = result.differing - result.unreadable
    let isExplained =
      areDigestsEqual || result.excused.contains { $0 > 0 } || !result.inFlight.isEmpty
      || result.unreadable > 0
    if findings.isUnstable || (definite == 0 && !isExplained) {
      let reason =
        "the rows that were read are not those that were fingerprinted: the data changed meanwhile"
      unchecked.append(Verdict.Unchecked(type: "unstable_data", reason: reason))
      if definite == 0 { return Verdict(summary: reason, unchecked: unchecked, notes: notes) }
    }
    guard definite > 0 else {
      var verdict = agreement(unchecked: unchecked, result)
      verdict.notes.append(method)
      return verdict
    }
    let differences = RowDifferencesBuilder(self, dialects).build(result)
    let summary = summary(differences)
    var verdict = Verdict(
      summary: summary, type: "checksum_mismatch", findings: [summary], unchecked: unchecked,
      notes: notes + remarks(result)
        + Side.allCases.map { "digest \(fingerprint($0)) in the \($0.rawValue)" } + [method],
      rows: differences)
    verdict.content = content
    verdict.recheckAfter = subject.spec.window?.value.lag.seconds
    return verdict
  }
}
