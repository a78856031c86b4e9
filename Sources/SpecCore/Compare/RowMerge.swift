/// Compares two streams of rows that come in the order of their key digests.
///
/// Pure and bounded: it holds the rows of one key at a time, runs of equal rows as one, and counts.
/// A row is `[key digest, row digest, column digests, streamed texts…]`.
package struct RowMerge: Sendable {
  /// What the merge came to; positions count compared columns first, then streamed ones.
  package typealias Result = MergeResult<Example>

  /// A differing row, whose values are fetched later.
  package struct Example: Hashable, Sendable {
    package let kind: RowDifferences.Example.Kind
    package let keyDigest: String
    /// Row digests, to tell rows of one key apart.
    package let source: String?
    package let target: String?
    /// Positions of the differing columns.
    package let columns: [Int]
  }

  /// A row and how often it stands in a run.
  private struct Run {
    let row: [String?]
    var count: Int

    var digest: String { row[1] ?? "" }
  }

  private struct Input {
    var rows: [[String?]] = []
    var position = 0
    var isFinished = false

    var head: String? { position < rows.count ? rows[position][0] ?? "" : nil }

    /// Whether all rows of the first key have arrived.
    var hasWholeGroup: Bool {
      guard let head else { return isFinished }
      return isFinished || (rows.last?[0] ?? "") != head
    }

    mutating func takeGroup() -> [Run] {
      guard let head else { return [] }
      var runs: [Run] = []
      while position < rows.count, rows[position][0] ?? "" == head {
        // Digests alone: texts are not compared here, because Swift calls composed and decomposed
        // letters equal.
        if let last = runs.last, last.row.count == 3, last.digest == rows[position][1] {
          runs[runs.count - 1].count += 1
        } else {
          runs.append(Run(row: rows[position], count: 1))
        }
        position += 1
      }
      return runs
    }
  }

  private let compared: Int
  private let streamed: Int
  /// Of the streamed columns, counted from 0.
  private let roles: RowRoles
  private let exampleLimit: Int
  private var source = Input()
  private var target = Input()
  package private(set) var result: Result

  /// Prepares for rows with so many digested columns (0 where the rows carry no column digests)
  /// and so many streamed ones.
  package init(
    compared: Int, streamed: Int, roles: RowRoles = RowRoles(), exampleLimit: Int = 10
  ) {
    self.compared = compared
    self.streamed = streamed
    self.roles = roles
    self.exampleLimit = exampleLimit
    result = Result(columns: compared + streamed)
  }

  /// The side that must be fed before the merge can go on; `nil` when everything is compared.
  package mutating func next() -> Side? {
    while true {
      if !source.hasWholeGroup { return .source }
      if !target.hasWholeGroup { return .target }
      switch (source.head, target.head) {
      case (nil, nil): return nil
      case (let left?, let right?) where left == right:
        compare(source.takeGroup(), target.takeGroup())
      case (let left?, let right?) where left < right: compare(source.takeGroup(), [])
      case (.some, nil): compare(source.takeGroup(), [])
      default: compare([], target.takeGroup())
      }
    }
  }

  /// Adds a batch of rows of a side, or its end.
  package mutating func feed(_ side: Side, _ rows: [[String?]]?) throws(DatabaseError) {
    var input = side == .source ? source : target
    if let rows {
      input.rows.removeFirst(input.position)
      input.position = 0
      for row in rows {
        guard row.count == 3 + streamed, let digest = row[0], row[1] != nil, row[2] != nil else {
          throw DatabaseError(.protocolViolation, "a row of digests has \(row.count) cells")
        }
        if let last = input.rows.last?[0], digest < last {
          throw DatabaseError(
            .protocolViolation, "the \(side.rawValue) did not return rows in the order asked for")
        }
        input.rows.append(row)
      }
    } else {
      input.isFinished = true
    }
    if side == .source { source = input } else { target = input }
  }

  private mutating func compare(_ left: [Run], _ right: [Run]) {
    var left = left
    var right = right
    for one in left.indices {
      for other in right.indices where left[one].count > 0 && right[other].count > 0 {
        let found = comparison(left[one].row, right[other].row)
        guard found.isSame else { continue }
        let common = min(left[one].count, right[other].count)
        result.identical += common
        for column in found.excused { result.excused[column] += common }
        left[one].count -= common
        right[other].count -= common
      }
    }
    left.removeAll { $0.count == 0 }
    right.removeAll { $0.count == 0 }
    while var one = left.last, var other = right.last {
      let common = min(one.count, other.count)
      if isRecent(one) || isRecent(other) {
        result.inFlight[.source, default: 0] += common
        result.inFlight[.target, default: 0] += common
      } else {
        result.modified += common
        let found = comparison(one.row, other.row)
        if found.different.isEmpty { result.unreadable += common }
        for column in found.different where column < result.columns.count {
          result.columns[column] += common
        }
        note(.modified, one, other, found.different, rows: common)
      }
      one.count -= common
      other.count -= common
      if one.count == 0 { left.removeLast() } else { left[left.count - 1] = one }
      if other.count == 0 { right.removeLast() } else { right[right.count - 1] = other }
    }
    for run in left { countOnly(in: .source, run) }
    for run in right { countOnly(in: .target, run) }
  }

  /// Counts rows that the other side lacks.
  private mutating func countOnly(in side: Side, _ run: Run) {
    if isRecent(run) {
      result.inFlight[side, default: 0] += run.count
    } else if side == .source {
      result.removed += run.count
      note(.removed, run, nil, [], rows: run.count)
    } else {
      result.added += run.count
      note(.added, nil, run, [], rows: run.count)
    }
  }

  private func isRecent(_ run: Run) -> Bool { roles.isRecent { run.row[3 + $0] } }

  private mutating func note(
    _ kind: RowDifferences.Example.Kind, _ source: Run?, _ target: Run?, _ columns: [Int],
    rows: Int
  ) {
    if kind == .removed, roles.leavesOutRemoved { return }
    if let segment = roles.segment, let run = source ?? target {
      result.count(rows, inSegment: run.row[3 + segment])
    }
    guard result.examples.count < exampleLimit else { return }
    let digest = (source ?? target)?.row[0] ?? ""
    result.examples.append(
      Example(
        kind: kind, keyDigest: digest, source: source?.digest, target: target?.digest,
        columns: columns))
  }

  private func comparison(_ left: [String?], _ right: [String?]) -> RowComparison {
    var found = RowComparison()
    if left[1] != right[1] {
      let one = Array((left[2] ?? "").utf8)
      let other = Array((right[2] ?? "").utf8)
      for column in 0..<compared where one.count == other.count && one.count == compared * 8 {
        let slice = column * 8..<column * 8 + 8
        if one[slice] != other[slice] { found.different.append(column) }
      }
      // The row digests differ but no column digest does, or there are none: still a difference.
      if found.different.isEmpty { found.different = [Int.max] }
    }
    for index in 0..<streamed {
      found.add(
        compared + index, roles.opinion(index, left[3 + index], right[3 + index]))
    }
    return found
  }
}
