/// What a search keeps in mind between its moves.
extension BucketSearch {
  /// Buckets that differ in one way.
  struct Group: Sendable {
    private(set) var buckets: [Bucket] = []
    private(set) var rows: [Side: Int] = [.source: 0, .target: 0]
    /// Positions of differing columns.
    private(set) var columns: Set<Int> = []

    mutating func add(
      _ number: Int, _ source: BucketFingerprint?, _ target: BucketFingerprint?, _ differing: [Int]
    ) {
      buckets.append(
        Bucket(number: number, source: source?.rows ?? 0, target: target?.rows ?? 0))
      rows[.source, default: 0] += source?.rows ?? 0
      rows[.target, default: 0] += target?.rows ?? 0
      columns.formUnion(differing)
    }

    var most: Int { rows.values.max() ?? 0 }

    var numbers: [Int] { buckets.map(\.number) }

    /// Both, in the order of the buckets.
    static func + (left: Self, right: Self) -> Self {
      var sum = left
      sum.buckets = (left.buckets + right.buckets).sorted { $0.number < $1.number }
      for side in Side.allCases { sum.rows[side, default: 0] += right.rows[side] ?? 0 }
      sum.columns.formUnion(right.columns)
      return sum
    }

    /// At most so many buckets at a time, with the rows of each side.
    func sliced(_ most: Int) -> [(numbers: [Int], rows: [Side: Int])] {
      let most = min(most, max(1, buckets.count))
      return stride(from: 0, to: buckets.count, by: most).map { start in
        let part = buckets[start..<min(buckets.count - start, most) + start]
        return (
          part.map(\.number),
          [
            .source: part.reduce(0) { $0 + $1.source }, .target: part.reduce(0) { $0 + $1.target },
          ]
        )
      }
    }
  }

  /// A bucket with its rows.
  struct Bucket: Sendable {
    let number: Int
    let source: Int
    let target: Int
  }

  /// Differing buckets of one grid.
  struct Differences: Sendable {
    /// Only one side has rows.
    var gone = Group()
    /// The keys differ, or their number.
    var keyed = Group()
    /// The same keys with other values.
    var same = Group()

    var isEmpty: Bool { gone.buckets.isEmpty && keyed.buckets.isEmpty && same.buckets.isEmpty }

    static func + (left: Self, right: Self) -> Self {
      var sum = Self()
      sum.gone = left.gone + right.gone
      sum.keyed = left.keyed + right.keyed
      sum.same = left.same + right.same
      return sum
    }
  }

  /// Buckets that are divided, some after the others where a side finds a range of keys quickly, so
  /// that memory holds the parts of some only.
  struct Refinement: Sendable {
    let coarse: Differences
    /// What is read as it is.
    let rest: Differences
    /// What is known of the parts.
    var fine: Differences
    /// Buckets that are still to be divided.
    var keyed: [Int]
    var same: [Int]
    /// Rows that are scanned, all in all.
    let ahead: [Side: Int]
    /// Whether one statement does not scan all of them.
    var isSliced = false

    /// The next of them, at most so many of each kind.
    mutating func take(_ most: Int) -> (keyed: [Int], same: [Int]) {
      isSliced = isSliced || keyed.count > most || same.count > most
      let next = (Array(keyed.prefix(most)), Array(same.prefix(most)))
      keyed.removeFirst(min(most, keyed.count))
      same.removeFirst(min(most, same.count))
      return next
    }
  }

  /// One merge of rows.
  struct Reading: Sendable {
    let buckets: KeyBuckets
    /// Positions of the columns that are read.
    let columns: [Int]
    let expected: [Side: Int]
    /// What the fingerprints said of these rows.
    let differing: Differing
    /// Whether the next reading goes on with the same.
    let isContinued: Bool
  }

  /// What rows must show when they are read, because their fingerprints differ.
  enum Differing: Sendable {
    /// Nothing: they are read for columns that have no fingerprint.
    case unknown
    case something
    /// These columns, by their positions in the plan.
    case columns([Int])
  }

  /// What rows showed of a group, over all readings of it.
  struct Witness: Sendable {
    private var hasDoubt = false
    private var isAnyDifferent = false
    /// Positions of columns that differ, or may.
    private var columns: Set<Int> = []

    /// `columns` are the positions that the merge's columns have in the plan.
    mutating func add(_ result: KeyedMerge.Result, _ columns: [Int]) {
      hasDoubt = hasDoubt || result.unreadable > 0 || !result.inFlight.isEmpty
      isAnyDifferent =
        isAnyDifferent || result.differing > 0 || result.excused.contains { $0 > 0 }
      for (position, column) in columns.enumerated()
      where result.columns[position] > 0 || result.excused[position] > 0 {
        self.columns.insert(column)
      }
    }

    /// Whether what was found in the rows accounts for what their fingerprints said: a difference
    /// that is not there any more must not pass for one that the spec allows.
    func explains(_ differing: Differing) -> Bool {
      if hasDoubt { return true }
      switch differing {
      case .unknown: return true
      case .something: return isAnyDifferent
      case .columns(let expected): return expected.allSatisfy(columns.contains)
      }
    }
  }
}
