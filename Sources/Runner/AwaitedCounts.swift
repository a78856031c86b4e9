import SpecCore

/// Numbers of rows that one check wants to know and another one's scan is about to tell.
///
/// Counting a large table takes as long as a tenth of comparing it; the buckets of a comparison hold
/// the count already.
struct AwaitedCounts {
  private struct Key: Hashable {
    let side: Side
    let scan: Scan
  }

  private let awaited: Set<Key>
  private var found: [Key: Reply] = [:]

  /// With what each check of the round says of itself.
  init(_ ahead: [[Side: Scan]]) {
    awaited = Set(ahead.flatMap { $0.map { Key(side: $0.key, scan: $0.value) } })
  }

  /// Whether the question need not be put now: how many rows there are, of a scan that is ahead.
  func awaits(_ ask: Ask) -> Bool {
    guard case .aggregate(let scan, [.rowCount]) = ask.question else { return false }
    return awaited.contains(Key(side: ask.side, scan: scan))
  }

  /// Counts the rows that an awaited scan found.
  mutating func note(_ reply: Reply, to ask: Ask) {
    guard case .fingerprints(let scan, _, _) = ask.question,
      case .fingerprints(let buckets) = reply.answer
    else { return }
    let key = Key(side: ask.side, scan: scan)
    guard awaited.contains(key) else { return }
    let rows = buckets.values.reduce(0) { $0 + $1.rows }
    found[key] = Reply(answer: .measures([["\(rows)"]]), statements: reply.statements)
  }

  /// The answer to a question that waited, if the scan has come.
  func reply(to ask: Ask) -> Reply? {
    guard case .aggregate(let scan, [.rowCount]) = ask.question else { return nil }
    return found[Key(side: ask.side, scan: scan)]
  }
}
