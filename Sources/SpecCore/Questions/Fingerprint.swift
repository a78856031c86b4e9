/// How a column's values enter a bucket's fingerprint: the cheapest text or bytes that both sides
/// can say, and that are the same for the same values only.
package enum DigestForm: Hashable, Sendable {
  /// The canonical text of the column's form.
  case canonical
  /// A decimal number with exactly so many places, as both databases print it without help.
  case fixed(scale: Int)
  /// The database's own binary form; only where both sides are of one family.
  case native
}

/// A column as it is fingerprinted.
package struct DigestColumn: Hashable, Sendable {
  package let column: CanonicalColumn
  package let form: DigestForm

  package init(_ column: CanonicalColumn, _ form: DigestForm) {
    self.column = column
    self.form = form
  }

  /// Texts of more bytes enter a fingerprint as `#` and the MD5 of `D` and the text.
  package static let longest = 1_024

  /// Whether values of more than ``longest`` bytes can occur.
  package var mayBeLong: Bool {
    switch column.type {
    // A character has at most four bytes, a byte two hexadecimal digits.
    case .text(let limit): limit.map { $0 > Self.longest / 4 } ?? true
    case .textual(_, let limit): limit.map { $0 > Self.longest / 4 } ?? true
    case .paddedText(let length): length > Self.longest / 4
    case .binary(let limit): limit.map { $0 > Self.longest / 2 } ?? true
    case .unboundedDecimal: true
    default: false
    }
  }
}

/// Equal ranges of the leading key column: bucket `n` holds the keys from `lower + n × width`.
package struct KeyGrid: Hashable, Sendable {
  package let lower: Int
  package let width: Int

  package init(lower: Int, width: Int) {
    self.lower = lower
    self.width = width
  }

  /// The first key of a bucket.
  package func key(_ bucket: Int) -> Int { lower + bucket * width }

  /// Into how many parts a bucket is divided where its differences are looked for.
  package static let parts = 8

  /// The same keys in narrower buckets; the width must be a multiple of ``parts``.
  package var refined: KeyGrid { KeyGrid(lower: lower, width: width / Self.parts) }
}

/// How rows are divided into numbered buckets by their key.
package enum KeyDivision: Hashable, Sendable {
  /// Neighbours together.
  case ranges(KeyGrid)
  /// Into so many buckets by the MD5 of the key: for keys that do not tell where they lie.
  case digests(Int)

  /// What a statement's numbers of buckets are multiples of.
  package var step: Int {
    switch self {
    case .ranges(let grid): grid.width
    case .digests: 1
    }
  }
}

/// Some buckets of a division, as runs of neighbours in ascending order.
package struct KeyBuckets: Hashable, Sendable {
  package let division: KeyDivision
  package let runs: [ClosedRange<Int>]

  package init(_ division: KeyDivision, runs: [ClosedRange<Int>]) {
    self.division = division
    self.runs = runs
  }

  /// The buckets with these numbers, which must ascend.
  package init(_ division: KeyDivision, numbers: [Int]) {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 >= number {
        runs[runs.count - 1] = last.lowerBound...max(number, last.upperBound)
      } else {
        runs.append(number...number)
      }
    }
    self.init(division, runs: runs)
  }

  /// The same keys in narrower buckets of a grid.
  package func refined(_ grid: KeyGrid) -> KeyBuckets {
    KeyBuckets(
      .ranges(grid.refined),
      runs: runs.map {
        $0.lowerBound * KeyGrid.parts...($0.upperBound + 1) * KeyGrid.parts - 1
      })
  }

  /// The same buckets as so many lists of about the same length, in order; none of them is empty.
  package func split(into parts: Int) -> [KeyBuckets] {
    let most = max(1, (count + parts - 1) / max(1, parts))
    var lists: [[ClosedRange<Int>]] = [[]]
    var room = most
    for run in runs {
      var rest = run
      while true {
        if room == 0 {
          lists.append([])
          room = most
        }
        let taken = rest.prefix(room)
        lists[lists.count - 1].append(rest.lowerBound...rest.lowerBound + taken.count - 1)
        room -= taken.count
        guard taken.count < rest.count else { break }
        rest = rest.lowerBound + taken.count...rest.upperBound
      }
    }
    return lists.filter { !$0.isEmpty }.map { KeyBuckets(division, runs: $0) }
  }

  /// The first and the last key of a grid's buckets.
  package func hull(in grid: KeyGrid) -> (first: Int, last: Int)? {
    guard let first = runs.first, let last = runs.last else { return nil }
    return (grid.key(first.lowerBound), grid.key(last.upperBound + 1) - 1)
  }

  /// How many buckets.
  package var count: Int { runs.reduce(0) { $0 + $1.count } }
}

/// What identifies a row and gives the rows their order.
package struct KeyOrder: Hashable, Sendable {
  /// The first is the leading one: for buckets that are ranges a whole number, never NULL.
  package let columns: [CanonicalColumn]
  /// How each is ordered, alike on both sides.
  package let parts: [KeyedMerge.KeyPart]
  /// Whether this side finds a range of the leading column without reading the whole table.
  package let isIndexed: Bool

  package init(columns: [CanonicalColumn], parts: [KeyedMerge.KeyPart], isIndexed: Bool) {
    self.columns = columns
    self.parts = parts
    self.isIndexed = isIndexed
  }

  package var leading: CanonicalColumn { columns[0] }
}

/// What one scan tells of each bucket.
package struct FingerprintShape: Hashable, Sendable {
  package let order: KeyOrder
  package let columns: [DigestColumn]

  package init(order: KeyOrder, columns: [DigestColumn]) {
    self.order = order
    self.columns = columns
  }

  /// How many fingerprints a bucket has: one a column, or one for the rows as a whole.
  package func width(in division: KeyDivision) -> Int {
    switch division {
    case .ranges: columns.count
    case .digests: 1
    }
  }
}

/// What a scan found in one bucket.
///
/// In ranges of keys, for each column 64 bits of `MD5(D v₁ D v₂ D … vₙ)` over the values in key order, NULL being `N`;
/// `D` and `N` are 16 characters each, 15 of them drawn at random from 62 for the run (its *seed*,
/// which the reports record), the first found nowhere else in them.
///
/// A table that differs passes only if, in the very bucket and column that differ, both texts or
/// their digests are the same. (A text of more than ``DigestColumn/longest`` bytes enters as the 128
/// bits of its own MD5, keyed by `D`; that two of them meet is less likely than all below.) The joined texts of different values are the same only where a value
/// holds `D` or is `N`: at most one chance in 62¹⁵ for each byte, below 2⁻⁶⁰ for a bucket of less
/// than 2²⁹ bytes. Different texts have equal digests with a chance of 2⁻⁶⁴, MD5 being taken as a
/// random function of the seed; nobody can prepare a collision, because the data are there before
/// the seed is drawn. Either chance is taken once a table, whatever its size: one differing bucket
/// that shows is enough. So the bound is 2⁻⁶⁰ a table, and no pair of values is blind for ever.
///
/// In buckets by the MD5 of the key, where rows come in no order, 64 bits of the MD5 of two sums:
/// of 60 and of other 60 bits of `MD5(D row)` over the rows, whose encoding no other row shares. Sums
/// of different rows are the same with a chance of 2⁻¹²⁰, their MD5 with 2⁻⁶⁴.
package struct BucketFingerprint: Hashable, Sendable {
  package let rows: Int
  /// In the order of the shape's columns.
  package let columns: [UInt64]

  package init(rows: Int, columns: [UInt64]) {
    self.rows = rows
    self.columns = columns
  }
}

/// The two marks of a run's seed that stand between values and for NULL.
package struct DigestMarks: Hashable, Sendable {
  package let separator: String
  package let null: String

  /// Takes thirty letters or digits.
  package init(seed: String) {
    separator = "|" + seed.prefix(15)
    null = "~" + seed.suffix(15)
  }
}

/// Rows of some buckets in the order of their keys: key texts, then the columns' texts.
package struct KeyedStream: Hashable, Sendable {
  package let scan: Scan
  package let order: KeyOrder
  package let buckets: KeyBuckets
  package let columns: [CanonicalColumn]
  /// Names of columns whose values leave the database as salted digests only.
  package let sensitive: Set<Identifier>

  package init(
    scan: Scan, order: KeyOrder, buckets: KeyBuckets, columns: [CanonicalColumn],
    sensitive: Set<Identifier>
  ) {
    self.scan = scan
    self.order = order
    self.buckets = buckets
    self.columns = columns
    self.sensitive = sensitive
  }
}
