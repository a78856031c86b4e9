/// Expects every value of every compared column to be the same.
///
/// Where there is a key that may be read, the sides are compared by buckets of keys
/// (``BucketSearch``). Else one scan a side gives order-free digests of all rows; only where they differ is more asked: digests
/// of buckets, then of the rows in differing buckets, then the first rows themselves.
struct ChecksumCheck: Check {
  private enum State: Sendable {
    case lookup
    case extent(ChecksumPlan, [Ask])
    case counting(ChecksumPlan, [Ask])
    case searching(ChecksumPlan, BucketSearch)
    case digests(ChecksumPlan, [Ask])
    case buckets(ChecksumPlan, [Ask], count: Int)
    /// With the number of rows each side will stream.
    case merging(ChecksumPlan, expected: [Side: Int])
    case rows(ChecksumPlan, RowMerge.Result, expected: [Side: Int], [Ask])
  }

  /// Up to so many rows are merged at once: buckets would cost a scan and save nothing.
  private static let bucketThreshold = 20_000

  let subject: TableSubject
  private var lookup: TableLookup
  private var state = State.lookup

  init(_ subject: TableSubject) {
    self.subject = subject
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .lookup:
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair): return begin(ChecksumPlan(subject, pair, dialects), dialects.method)
      }
    case .extent(var plan, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      switch plan.readExtent(answers) {
      case .extent(let keys): return search(plan, BucketSearch(plan, keys: keys), [])
      case .unusable(let reason): return unordered(plan, because: reason)
      case .broken: return .decide(plan.brokenAnswer)
      }
    case .counting(var plan, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      guard plan.readCounts(answers) else { return .decide(plan.brokenAnswer) }
      return search(plan, BucketSearch(plan), [])
    case .searching(let plan, let search): return self.search(plan, search, answers)
    case .digests(var plan, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      guard plan.readDigests(answers) else { return .decide(plan.brokenAnswer) }
      return afterDigests(plan)
    case .buckets(let plan, let asks, let count):
      if let verdict = Verdict.unanswered(answers, asks: asks) {
        return .decide(plan.unlocalised(verdict))
      }
      let (choice, expected) = Self.differing(answers, count: count)
      return merge(plan, buckets: choice, expected: expected)
    case .merging(let plan, let expected): return merged(plan, expected, answers)
    case .rows(let plan, let result, let expected, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) {
        return .decide(
          plan.verdict(for: result, expected: expected, rows: [:], problem: verdict.unchecked.first)
        )
      }
      var rows: [Side: [[String?]]] = [:]
      for (ask, answer) in zip(asks, answers) {
        if case .rows(let cells) = answer { rows[ask.side] = cells }
      }
      return .decide(plan.verdict(for: result, expected: expected, rows: rows, problem: nil))
    }
  }

  var rowsAhead: [Side: Int]? {
    switch state {
    case .searching(_, let search): search.rowsAhead
    case .digests(let plan, _), .buckets(let plan, _, _):
      plan.rowCounts.count == 2 ? plan.rowCounts : nil
    case .merging(_, let expected): expected
    case .lookup, .extent, .counting, .rows: nil
    }
  }

  var countsAhead: [Side: Scan] {
    switch state {
    case .extent(let plan, _), .searching(let plan, _): plan.uncounted
    default: [:]
    }
  }

  private mutating func begin(_ plan: ChecksumPlan, _ method: DigestMethod) -> Move {
    guard plan.isPossible, method == .fast else { return askDigests(plan) }
    switch plan.way {
    case .ranges:
      let asks = Side.allCases.map { side in
        Ask(side, .aggregate(plan.scan(side), plan.extentMeasures(side)))
      }
      state = .extent(plan, asks)
      return .ask(asks)
    case .digests(let reason): return unordered(plan, because: reason)
    case .rows(let reason): return slowly(plan, because: reason)
    }
  }

  /// By buckets of the MD5 of the key.
  private mutating func unordered(_ plan: ChecksumPlan, because reason: String) -> Move {
    var plan = plan
    plan.notes.append("compared by buckets of the keys' MD5: \(reason)")
    guard plan.rowCounts.count < 2 else { return search(plan, BucketSearch(plan), []) }
    let asks = Side.allCases.map { Ask($0, .aggregate(plan.scan($0), [.rowCount])) }
    state = .counting(plan, asks)
    return .ask(asks)
  }

  /// By the MD5 of each row, which needs nothing of the key.
  private mutating func slowly(_ plan: ChecksumPlan, because reason: String) -> Move {
    var plan = plan
    plan.notes.append("compared by the MD5 of each row: \(reason)")
    return askDigests(plan)
  }

  private mutating func search(
    _ plan: ChecksumPlan, _ search: BucketSearch, _ answers: [Answer]
  ) -> Move {
    var search = search
    let progress = search.next(given: answers)
    var plan = plan
    plan.fingerprints = search.totals
    plan.rowCounts = search.plan.rowCounts
    switch progress {
    case .move(let move):
      state = .searching(plan, search)
      return move
    case .found(let findings): return .decide(plan.verdict(for: search, findings))
    case .unusable(let reason):
      return search.isOrdered ? unordered(plan, because: reason) : slowly(plan, because: reason)
    case .stop(let verdict):
      return .decide(search.totals.isEmpty ? verdict : plan.unlocalised(verdict))
    }
  }

  private mutating func askDigests(_ compared: ChecksumPlan) -> Move {
    let plan = compared.byRows()
    guard plan.isPossible else { return .decide(plan.nothingComparable) }
    let asks = Side.allCases.map { side in
      Ask(side, .aggregate(plan.scan(side), [.rowCount, .digest(plan.compared(side))]))
    }
    state = .digests(plan, asks)
    return .ask(asks)
  }

  private mutating func afterDigests(_ plan: ChecksumPlan) -> Move {
    if plan.areDigestsEqual {
      return plan.hasStreamed && plan.rowCount > 0
        ? merge(plan, buckets: nil, expected: nil) : .decide(plan.agreement)
    }
    guard plan.rowCount > Self.bucketThreshold else {
      return merge(plan, buckets: nil, expected: nil)
    }
    let count = plan.rowCount > 1_000_000 ? 4_096 : 256
    let asks = Side.allCases.map { side in
      Ask(side, .buckets(plan.scan(side), plan.shape(side), count: count))
    }
    state = .buckets(plan, asks, count: count)
    return .ask(asks)
  }

  /// The buckets to look into, with the rows in them; `nil` for all where most of them differ.
  private static func differing(
    _ answers: [Answer], count: Int
  ) -> (RowStream.BucketChoice?, [Side: Int]?) {
    var sides: [[Int: Answer.BucketDigest]] = []
    for answer in answers {
      if case .buckets(let buckets) = answer { sides.append(buckets) }
    }
    guard sides.count == 2 else { preconditionFailure("an answer does not fit its question") }
    let numbers = Set(sides[0].keys).union(sides[1].keys)
    let chosen = numbers.filter { sides[0][$0] != sides[1][$0] }.sorted()
    if chosen.count * 2 > count || chosen.isEmpty { return (nil, nil) }
    let rows = sides.map { side in chosen.compactMap { side[$0]?.rows }.reduce(0, +) }
    return (
      RowStream.BucketChoice(count: count, chosen: chosen), [.source: rows[0], .target: rows[1]]
    )
  }

  private mutating func merge(
    _ plan: ChecksumPlan, buckets: RowStream.BucketChoice?, expected: [Side: Int]?
  ) -> Move {
    // Streamed columns must be looked at in every bucket: the digests say nothing of them.
    let choice = plan.hasStreamed ? nil : buckets
    let all: [Side: Int] = [.source: plan.rows(.source), .target: plan.rows(.target)]
    state = .merging(plan, expected: choice == nil ? all : expected ?? all)
    return .merge(
      Move.Merge(
        source: plan.stream(.source, choice), target: plan.stream(.target, choice),
        roles: plan.roles(plan.streamed + plan.companions)))
  }

  private mutating func merged(
    _ plan: ChecksumPlan, _ expected: [Side: Int], _ answers: [Answer]
  ) -> Move {
    switch answers.first {
    case .failed(let error):
      return .decide(
        plan.unlocalised(
          Verdict(summary: error.message, unchecked: [Verdict.Unchecked(error)])))
    case .merged(let result):
      let digests = Set(result.examples.map(\.keyDigest)).sorted()
      if digests.isEmpty {
        return .decide(plan.verdict(for: result, expected: expected, rows: [:], problem: nil))
      }
      let asks = Side.allCases.map { side in
        Ask(side, .rows(plan.scan(side), plan.shape(side), keyDigests: digests))
      }
      state = .rows(plan, result, expected: expected, asks)
      return .ask(asks)
    default: preconditionFailure("a merge is answered by its result or an error")
    }
  }
}
