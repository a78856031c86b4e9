extension BucketSearch.Findings {
  /// Adds what one merge came to; `columns` are the positions its columns have in the plan.
  mutating func add(_ other: KeyedMerge.Result, _ columns: [Int]) {
    result.identical += other.identical
    result.modified += other.modified
    result.added += other.added
    result.removed += other.removed
    result.unreadable += other.unreadable
    for (position, rows) in zip(columns, other.columns) { result.columns[position] += rows }
    for (position, rows) in zip(columns, other.excused) { result.excused[position] += rows }
    result.inFlight.merge(other.inFlight, uniquingKeysWith: +)
    result.segments.merge(other.segments, uniquingKeysWith: +)
    for example in other.examples where result.examples.count < 10 {
      result.examples.append(example.renumbered(columns))
    }
  }
}
