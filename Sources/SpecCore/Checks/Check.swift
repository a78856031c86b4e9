/// One expectation of a spec: asks, reads the answers, and decides.
///
/// A pure state machine: it is called with the answers to its last move (none at first) until it
/// decides. Whoever carries the moves out may plan, print or fuse them.
package protocol Check: Sendable {
  /// What to do next, given the answers to the last move in the order asked.
  mutating func next(given answers: [Answer], dialects: Dialects) -> Move

  /// How many rows each side reads for the last move, where they were counted before: for whoever
  /// shows how far a run is, and for nothing else.
  var rowsAhead: [Side: Int]? { get }

  /// Scans whose rows the answers to this move or the next will count, bucket by bucket.
  ///
  /// Whoever only wants to know how many rows there are may wait for them.
  var countsAhead: [Side: Scan] { get }
}

extension Check {
  package var rowsAhead: [Side: Int]? { nil }
  package var countsAhead: [Side: Scan] { [:] }
}

/// How the two sides of a run say things.
package struct Dialects: Sendable {
  package let source: any Dialect
  package let target: any Dialect
  package let method: DigestMethod
  package let limits: BucketLimits
  /// When the source was read; `nil` before there is a connection.
  package let readAt: Timestamp?

  package init(
    source: any Dialect, target: any Dialect, method: DigestMethod = .fast,
    limits: BucketLimits = BucketLimits(), readAt: Timestamp? = nil
  ) {
    self.readAt = readAt
    self.source = source
    self.target = target
    self.method = method
    self.limits = limits
  }

  package subscript(_ side: Side) -> any Dialect { side == .source ? source : target }
}

/// How contents are compared while they agree.
package enum DigestMethod: String, Hashable, Sendable, CaseIterable {
  /// Fingerprints of buckets of keys where a table allows it, else `md5`.
  case fast
  /// The sum of the MD5 of each row: slower, without assumptions; the reference for the fast one.
  case md5
}

/// What a check wants.
package enum Move: Sendable {
  /// Ask these; they go out together.
  case ask([Ask])
  /// Compare two streams of rows; the answer is `.merged`.
  case merge(Merge)
  /// Compare two streams of rows in the order of their keys; the answer is `.compared`.
  case compare(Comparison)
  /// Read two results in the order in which their rows come; the answer is `.followed`.
  case follow(Following)
  /// Read files on this machine; the answer is `.files`.
  case read(FileRequest)
  /// Read files on this machine and look for injection in them; the answer is `.injection`.
  ///
  /// A move of its own, because every rule is a check and one reading serves them all.
  case lint(InjectionRequest)
  /// Run a query again and again, and tell how long that took; the answer is `.timings`.
  ///
  /// A move of its own, because every budget is a check and one measurement serves them all.
  case measure(TimingRequest)
  case decide(Verdict)

  package struct Comparison: Hashable, Sendable {
    package let source: KeyedStream
    package let target: KeyedStream
    package let key: [KeyedMerge.KeyPart]
    /// What the columns mean besides their values, by position.
    package let roles: RowRoles
    /// Names of the key's parts and of the columns, for whoever writes differences down.
    package let keyNames: [String]
    package let columnNames: [String]
    /// How their texts are read; `nil` for columns that come as digests.
    package let keyForms: [CanonicalForm?]
    package let columnForms: [CanonicalForm?]
  }

  package struct Merge: Hashable, Sendable {
    package let source: RowStream
    package let target: RowStream
    /// What the streamed columns mean besides their values, by position.
    package let roles: RowRoles

    package init(source: RowStream, target: RowStream, roles: RowRoles = RowRoles()) {
      self.source = source
      self.target = target
      self.roles = roles
    }
  }
}

extension Sequence<Answer> {
  /// The first answer that is an error.
  var failure: DatabaseError? {
    for answer in self {
      if case .failed(let error) = answer { return error }
    }
    return nil
  }
}

extension Verdict {
  /// A check that a database did not let finish.
  static func unanswered(_ answers: [Answer], asks: [Ask]) -> Verdict? {
    var unchecked: [Unchecked] = []
    for (ask, answer) in zip(asks, answers) {
      if case .failed(let error) = answer { unchecked.append(Unchecked(error, on: ask.side)) }
    }
    guard let first = unchecked.first else { return nil }
    return Verdict(summary: first.reason.firstLine, unchecked: unchecked)
  }
}

extension String {
  /// The text up to its first line break.
  var firstLine: String {
    String(prefix { !$0.isNewline })
  }
}

/// `48,210`.
package func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var result = ""
  for (position, digit) in digits.enumerated() {
    if position > 0, (digits.count - position) % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return number < 0 ? "-\(result)" : result
}

/// `1 row`, `2 rows`.
package func counted(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
}
