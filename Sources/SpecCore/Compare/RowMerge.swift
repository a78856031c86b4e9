/// Compares two streams of rows that come in the order of their key digests.
///
/// Pure and bounded: it holds the rows of one key at a time, runs of equal rows as one, and counts.
/// A row is `[key digest, row digest, column digests, streamed texts…]`.
package struct RowMerge: Sendable {
  /// What the merge came to.
  package struct Result: Hashable, Sendable {
    package var identical = 0
    package var modified = 0
    package var added = 0
    package var removed = 0
    /// Modified rows by the position of the column: compared columns first, then streamed ones.
    package var columns: [Int]
    /// The first differing rows.
    package var examples: [Example] = []
    /// Rows whose streamed text is not what its form demands and differs between the sides.
    package var unreadable = 0

    package var differing: Int { modified + added + removed }

    /// Whether every row of both sides was seen.
    func accounts(for rows: [Side: Int]) -> Bool {
      identical + modified + removed == rows[.source]
        && identical + modified + added == rows[.target]
    }

    package struct Example: Hashable, Sendable {
      package let kind: RowDifferences.Example.Kind
      package let keyDigest: String
      /// Row digests, to tell rows of one key apart.
      package let source: String?
      package let target: String?
      /// Positions of the differing columns.
      package let columns: [Int]
    }
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
  private let exampleLimit: Int
  private var source = Input()
  private var target = Input()
  package private(set) var result: Result

  /// Prepares for rows with so many digested columns (0 where the rows carry no column digests)
  /// and so many streamed ones.
  package init(compared: Int, streamed: Int, exampleLimit: Int = 10) {
    self.compared = compared
    self.streamed = streamed
    self.exampleLimit = exampleLimit
    result = Result(columns: Array(repeating: 0, count: compared + streamed))
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
        guard differing(left[one].row, right[other].row)?.isEmpty == true else { continue }
        let common = min(left[one].count, right[other].count)
        result.identical += common
        left[one].count -= common
        right[other].count -= common
      }
    }
    left.removeAll { $0.count == 0 }
    right.removeAll { $0.count == 0 }
    while var one = left.last, var other = right.last {
      let common = min(one.count, other.count)
      result.modified += common
      let columns = differing(one.row, other.row)
      if columns == nil { result.unreadable += common }
      for column in columns ?? [] where column < result.columns.count {
        result.columns[column] += common
      }
      show(.modified, one, other, columns ?? [])
      one.count -= common
      other.count -= common
      if one.count == 0 { left.removeLast() } else { left[left.count - 1] = one }
      if other.count == 0 { right.removeLast() } else { right[right.count - 1] = other }
    }
    for run in left {
      result.removed += run.count
      show(.removed, run, nil, [])
    }
    for run in right {
      result.added += run.count
      show(.added, nil, run, [])
    }
  }

  private mutating func show(
    _ kind: RowDifferences.Example.Kind, _ source: Run?, _ target: Run?, _ columns: [Int]
  ) {
    guard result.examples.count < exampleLimit else { return }
    let digest = (source ?? target)?.row[0] ?? ""
    result.examples.append(
      Result.Example(
        kind: kind, keyDigest: digest, source: source?.digest, target: target?.digest,
        columns: columns))
  }

  /// Positions of the columns that differ; empty for equal rows; `nil` where a streamed text
  /// cannot be read and is not the same on both sides.
  private func differing(_ left: [String?], _ right: [String?]) -> [Int]? {
    var columns: [Int] = []
    var isUnreadable = false
    if left[1] != right[1] {
      let one = Array((left[2] ?? "").utf8)
      let other = Array((right[2] ?? "").utf8)
      for column in 0..<compared where one.count == other.count && one.count == compared * 8 {
        let slice = column * 8..<column * 8 + 8
        if one[slice] != other[slice] { columns.append(column) }
      }
      // The row digests differ but no column digest does, or there are none: still a difference.
      if columns.isEmpty { columns = [Int.max] }
    }
    for index in 0..<streamed {
      switch (left[3 + index], right[3 + index]) {
      case (nil, nil): continue
      case (let one?, let other?):
        if one.utf8.elementsEqual(other.utf8) { continue }
        guard let first = CanonicalJSON.bytes(of: one), let second = CanonicalJSON.bytes(of: other)
        else {
          isUnreadable = true
          continue
        }
        if first != second { columns.append(compared + index) }
      default: columns.append(compared + index)
      }
    }
    return isUnreadable && columns.isEmpty ? nil : columns
  }
}
