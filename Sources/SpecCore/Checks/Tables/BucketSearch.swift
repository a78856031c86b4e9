/// Compares a table bucket by bucket of its leading key column, and finds the rows that differ.
///
/// One scan a side tells each bucket's rows and a fingerprint of every column. Where they differ,
/// the differing buckets alone are divided and scanned once more, unless a probe shows that the
/// differences are too dense for that to save anything; then keys and differing columns of what is
/// left are read in the order of the keys. Round trips are few and do not depend on the table.
struct BucketSearch: Sendable {
  enum Progress {
    case move(Move)
    /// Everything is compared; `nil` where all fingerprints were the same.
    case found(Findings?)
    /// The database could not: the reason, for the slower way.
    case unusable(String)
    case stop(Verdict)
  }

  /// What was found by reading rows.
  struct Findings: Sendable {
    /// Columns are numbered as the plan's: digested ones first, then streamed ones.
    var result: KeyedMerge.Result
    /// The rows that were read are not those that were fingerprinted.
    var isUnstable = false
  }

  private enum State: Sendable {
    case start
    case scanning([Ask])
    /// Some of the differing buckets, to learn how dense the differences are.
    case probing(Differences, probed: Set<Int>, [Ask])
    case refining(Refinement, [Ask])
    case reading([Reading], Findings, Witness)
  }

  /// With the rows of each side, which are counted by the first scan at the latest.
  private(set) var plan: ChecksumPlan
  /// Every bucket there can be.
  private let all: KeyBuckets
  private var state = State.start
  /// What the fingerprints of each side come to, for reports.
  private(set) var totals: [Side: String] = [:]
  private(set) var bucketCount = 0

  private let limits: BucketLimits

  /// Ranges of the leading key, which lies within `keys`; about how many rows there are is known.
  init(_ plan: ChecksumPlan, keys: ClosedRange<Int>) {
    self.plan = plan
    limits = plan.dialects.limits
    let rows = max(1, plan.knownRows.values.max() ?? 0)
    let span = keys.upperBound - keys.lowerBound + 1
    let each = max(limits.bucketRows, (rows + limits.mostBuckets - 1) / limits.mostBuckets)
    let wanted = span > rows ? (span / rows + 1) * each : each
    let parts = KeyGrid.parts
    let grid = KeyGrid(lower: keys.lowerBound, width: (wanted + parts - 1) / parts * parts)
    all = KeyBuckets(.ranges(grid), runs: [0...(span - 1) / grid.width])
  }

  /// Buckets by the MD5 of the key; the plan's rows are counted.
  init(_ plan: ChecksumPlan) {
    self.plan = plan
    limits = plan.dialects.limits
    // They cannot be divided again, so there are more of them.
    let wanted = plan.rowCount / max(1, limits.bucketRows / KeyGrid.parts)
    let count = max(1, min(limits.mostBuckets, wanted))
    all = KeyBuckets(.digests(count), runs: [0...count - 1])
  }

  /// Whether buckets are ranges of keys.
  var isOrdered: Bool { grid != nil }

  /// The grid whose buckets can be divided; `nil` for buckets by digest.
  private var grid: KeyGrid? {
    if case .ranges(let grid) = all.division { grid } else { nil }
  }

  mutating func next(given answers: [Answer]) -> Progress {
    switch state {
    case .start:
      let asks = asks(all, Array(plan.digested.indices))
      state = .scanning(asks)
      return .move(.ask(asks))
    case .scanning(let asks):
      return checked(answers, asks) { $0.scanned($1) }
    case .probing(let coarse, let probed, let asks):
      return checked(answers, asks) { $0.probed(coarse, probed, $1, asks) }
    case .refining(var refinement, let asks):
      return checked(answers, asks) { search, sides in
        refinement.fine = search.refinements(sides, refinement.coarse, asks)
          .reduce(refinement.fine) { $0 + $1.fine }
        return search.refine(refinement)
      }
    case .reading(let readings, var findings, var witness):
      switch answers.first {
      case .compared(let result):
        let reading = readings[0]
        findings.add(result, reading.columns)
        witness.add(result, reading.columns)
        if Side.allCases.contains(where: { result.rows($0) != reading.expected[$0] }) {
          findings.isUnstable = true
        }
        if !reading.isContinued {
          if !witness.explains(reading.differing) { findings.isUnstable = true }
          witness = Witness()
        }
        return continued(Array(readings.dropFirst()), findings, witness)
      case .failed(let error):
        return .stop(Verdict(summary: error.message, unchecked: [Verdict.Unchecked(error)]))
      default: preconditionFailure("a comparison is answered by its result or an error")
      }
    }
  }

  /// How many rows each side reads for the last move; `nil` where they were not counted.
  var rowsAhead: [Side: Int]? {
    switch state {
    case .start, .probing: nil
    case .scanning: plan.knownRows
    case .refining(let refinement, _): refinement.isSliced ? nil : refinement.ahead
    case .reading(let readings, _, _): readings.first?.expected
    }
  }

  // MARK: Scanning

  private func asks(_ buckets: KeyBuckets, _ columns: [Int]) -> [Ask] {
    Side.allCases.map { side in
      Ask(
        side, .fingerprints(plan.scan(side), plan.fingerprintShape(side, columns), buckets))
    }
  }

  private typealias Sides = (source: [Int: BucketFingerprint], target: [Int: BucketFingerprint])

  /// Pairs of answers, both sides of each question, or the reason why there are none.
  private mutating func checked(
    _ answers: [Answer], _ asks: [Ask],
    _ then: (inout BucketSearch, [Sides]) -> Progress
  ) -> Progress {
    if let verdict = Verdict.unanswered(answers, asks: asks) {
      let isRefused = answers.contains {
        if case .failed(let error) = $0 { error.kind == .statementFailed } else { false }
      }
      // A value too long for the bucket's text, or an overflow: rows one by one need neither.
      return isRefused ? .unusable(verdict.summary) : .stop(verdict)
    }
    var sides: [Sides] = []
    for index in stride(from: 0, to: answers.count, by: 2) {
      guard case .fingerprints(let source) = answers[index],
        case .fingerprints(let target) = answers[index + 1]
      else { preconditionFailure("fingerprints were asked for") }
      sides.append((source, target))
    }
    return then(&self, sides)
  }

  private mutating func scanned(_ sides: [Sides]) -> Progress {
    let found = sides[0]
    for (side, buckets) in [(Side.source, found.source), (.target, found.target)] {
      let rows = buckets.values.reduce(0) { $0 + $1.rows }
      guard let counted = plan.rowCounts[side] else {
        plan.rowCounts[side] = rows
        continue
      }
      if rows != counted {
        let reason =
          "the rows that were fingerprinted are not as many as were counted: the data changed meanwhile"
        return .stop(
          Verdict(
            summary: reason,
            unchecked: [Verdict.Unchecked(type: "unstable_data", reason: reason)]))
      }
    }
    totals = [.source: Self.total(of: found.source), .target: Self.total(of: found.target)]
    bucketCount = Set(found.source.keys).union(found.target.keys).count
    guard grid != nil else { return scannedUnordered(found) }
    let differences = Self.compare(found, keys: plan.key.count, Array(plan.digested.indices))
    if plan.hasStreamed { return readAll(differences) }
    if differences.isEmpty { return .found(nil) }
    let cells =
      differences.keyed.most * (plan.digested.count + 1)
      + differences.same.most * self.cells(differences.same)
    let suspects = differences.keyed.numbers + differences.same.numbers
    if cells <= limits.cheapCells { return read(coarse: differences, fine: Differences()) }
    if suspects.count <= 4 * limits.probes {
      return refine(differences, keyed: differences.keyed.numbers, same: differences.same.numbers)
    }
    let step = suspects.count / limits.probes
    let sorted = suspects.sorted()
    let probed = Set((0..<limits.probes).map { sorted[$0 * step + step / 2] })
    let asks = refinementAsks(
      differences, keyed: differences.keyed.numbers.filter(probed.contains),
      same: differences.same.numbers.filter(probed.contains))
    state = .probing(differences, probed: probed, asks)
    return .move(.ask(asks))
  }

  /// Buckets that hold rows of all over the table: what differs in them is not known, and all of
  /// each is read.
  private mutating func scannedUnordered(_ found: Sides) -> Progress {
    let differences = Self.compare(found, keys: 1, [0])
    if plan.hasStreamed { return readAll(differences) }
    if differences.isEmpty { return .found(nil) }
    let differing = differences.gone.numbers.count + differences.keyed.numbers.count
    return differing * 2 > all.count
      ? readAll(differences) : read(coarse: differences, fine: Differences())
  }

  /// Asks for the parts of some buckets: all columns where keys differ, else the differing ones.
  private func refinementAsks(_ coarse: Differences, keyed: [Int], same: [Int]) -> [Ask] {
    var asks: [Ask] = []
    guard let grid else { return asks }
    func parts(_ numbers: [Int]) -> KeyBuckets {
      KeyBuckets(.ranges(grid), numbers: numbers).refined(grid)
    }
    if !keyed.isEmpty { asks += self.asks(parts(keyed), Array(plan.digested.indices)) }
    if !same.isEmpty { asks += self.asks(parts(same), coarse.same.columns.sorted()) }
    return asks
  }

  private mutating func refine(_ coarse: Differences, keyed: [Int], same: [Int]) -> Progress {
    var rest = Differences()
    rest.gone = coarse.gone
    return refine(
      Refinement(
        coarse: coarse, rest: rest, fine: Differences(), keyed: keyed, same: same,
        ahead: coarse.keyed.rows.merging(coarse.same.rows, uniquingKeysWith: +)))
  }

  /// Goes on with what is still to be divided, then reads what differs.
  private mutating func refine(_ refinement: Refinement) -> Progress {
    var refinement = refinement
    // Without an index every further statement would read the whole table.
    let next = refinement.take(plan.isIndexed ? limits.mostDivided : .max)
    let asks = refinementAsks(refinement.coarse, keyed: next.keyed, same: next.same)
    if asks.isEmpty { return read(coarse: refinement.rest, fine: refinement.fine) }
    state = .refining(refinement, asks)
    return .move(.ask(asks))
  }

  /// What the answers to ``refinementAsks`` tell, pair by pair.
  private func refinements(
    _ sides: [Sides], _ coarse: Differences, _ asks: [Ask]
  ) -> [(isKeyed: Bool, rows: [Side: Int], fine: Differences)] {
    sides.enumerated().map { index, found in
      guard case .fingerprints(_, let shape, _) = asks[2 * index].question else {
        preconditionFailure("fingerprints were asked for")
      }
      // Where keys differ all columns are asked for, else never the key's.
      let isKeyed = shape.columns.count == plan.digested.count
      let columns = isKeyed ? Array(plan.digested.indices) : coarse.same.columns.sorted()
      let rows = [Side.source: found.source, .target: found.target].mapValues { buckets in
        buckets.values.reduce(0) { $0 + $1.rows }
      }
      return (
        isKeyed, rows,
        Self.compare(found, keys: isKeyed ? plan.key.count : 0, columns)
      )
    }
  }

  private mutating func probed(
    _ coarse: Differences, _ probed: Set<Int>, _ sides: [Sides], _ asks: [Ask]
  ) -> Progress {
    var rest = coarse
    var fine = Differences()
    var (keyed, same): ([Int], [Int]) = ([], [])
    var ahead: [Side: Int] = [.source: 0, .target: 0]
    for (isKeyed, rows, found) in refinements(sides, coarse, asks) {
      let before = (rows.values.max() ?? 0) * (isKeyed ? plan.digested.count : cells(coarse.same))
      let after = found.keyed.most * plan.digested.count + found.same.most * cells(found.same)
      // Scanning a cell once more costs about a quarter of reading it.
      guard after + before / 4 < before else { continue }
      fine = fine + found
      let group = isKeyed ? coarse.keyed : coarse.same
      for (side, probed) in rows { ahead[side, default: 0] += (group.rows[side] ?? 0) - probed }
      if isKeyed {
        keyed = coarse.keyed.numbers.filter { !probed.contains($0) }
        rest.keyed = Group()
      } else {
        same = coarse.same.numbers.filter { !probed.contains($0) }
        rest.same = Group()
      }
    }
    return refine(
      Refinement(
        coarse: coarse, rest: rest, fine: fine, keyed: keyed, same: same, ahead: ahead))
  }

  /// Cells of a row that is read where the keys agree.
  private func cells(_ group: Group) -> Int { plan.key.count + group.columns.count }

  /// Sorts buckets by how they differ: the first `keys` columns are the key's, and `columns` are the
  /// positions that the fingerprints' columns have in the plan.
  private static func compare(_ found: Sides, keys: Int, _ columns: [Int]) -> Differences {
    var differences = Differences()
    let numbers = Set(found.source.keys).union(found.target.keys).sorted()
    for number in numbers {
      let source = found.source[number]
      let target = found.target[number]
      if source == target { continue }
      guard let source, let target else {
        differences.gone.add(number, source, target, [])
        continue
      }
      let differing = columns.indices.filter { source.columns[$0] != target.columns[$0] }
      if source.rows != target.rows || differing.contains(where: { $0 < keys }) {
        differences.keyed.add(number, source, target, [])
      } else {
        differences.same.add(number, source, target, differing.map { columns[$0] })
      }
    }
    return differences
  }

  /// One number for all buckets of a side: FNV-1a over their numbers, rows and fingerprints.
  private static func total(of buckets: [Int: BucketFingerprint]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ value: UInt64) {
      for shift in stride(from: 0, to: 64, by: 8) {
        hash = (hash ^ (value >> UInt64(shift) & 255)) &* 0x100_0000_01B3
      }
    }
    for (number, bucket) in buckets.sorted(by: { $0.key < $1.key }) {
      add(UInt64(bitPattern: Int64(number)))
      add(UInt64(bitPattern: Int64(bucket.rows)))
      for column in bucket.columns { add(column) }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  // MARK: Reading

  /// Reads the rows of what differs: whole buckets, and parts of buckets.
  private mutating func read(coarse: Differences, fine: Differences) -> Progress {
    var readings: [Reading] = []
    func add(_ group: Group, _ division: KeyDivision, _ columns: [Int]) {
      // Without an index every further statement would read the whole table.
      let slices = group.sliced(plan.isIndexed && isOrdered ? limits.mostRead : .max)
      for (position, slice) in slices.enumerated() {
        readings.append(
          Reading(
            buckets: KeyBuckets(division, numbers: slice.numbers), columns: told(columns),
            expected: slice.rows,
            differing: group.columns.isEmpty ? .something : .columns(group.columns.sorted()),
            isContinued: position + 1 < slices.count))
      }
    }
    let values = Array(plan.digested.indices.dropFirst(plan.key.count))
    let fineDivision = grid.map { KeyDivision.ranges($0.refined) } ?? all.division
    for (differences, division) in [(coarse, all.division), (fine, fineDivision)] {
      add(differences.gone, division, [])
      add(differences.keyed, division, values)
      add(differences.same, division, differences.same.columns.sorted())
    }
    return continued(readings, Findings(result: KeyedMerge.Result(columns: plan.columns.count)))
  }

  /// Every row is read: no fingerprint tells of streamed columns, or most buckets differ.
  private mutating func readAll(_ differences: Differences) -> Progress {
    let streamed = Array(
      plan.digested.count..<plan.digested.count + plan.streamed.count)
    let isKeyed = !differences.keyed.numbers.isEmpty || !differences.gone.numbers.isEmpty
    let values =
      isKeyed
      ? Array(plan.digested.indices.dropFirst(plan.key.count)) : differences.same.columns.sorted()
    return continued(
      [
        Reading(
          buckets: all, columns: told(values + streamed), expected: plan.rowCounts,
          differing: differences.isEmpty ? .unknown : .something, isContinued: false)
      ],
      Findings(result: KeyedMerge.Result(columns: plan.columns.count)))
  }

  /// These columns and those that tell when and where a row was changed.
  private func told(_ columns: [Int]) -> [Int] {
    columns + plan.telling.filter { !columns.contains($0) }
  }

  private mutating func continued(
    _ readings: [Reading], _ findings: Findings, _ witness: Witness = Witness()
  ) -> Progress {
    guard let reading = readings.first else { return .found(findings) }
    state = .reading(readings, findings, witness)
    return .move(.compare(plan.comparison(reading.buckets, reading.columns)))
  }
}
