/// Compares two streams of rows that come in the order of their keys.
///
/// Pure and bounded: it holds the rows of one key at a time, and counts. A row is the key's texts,
/// then the texts of the compared columns.
package struct KeyedMerge: Sendable {
  /// How a part of a key is ordered: whole numbers in their own order, everything else by the bytes
  /// of its canonical text.
  package enum KeyPart: Hashable, Sendable {
    case integer, bytes
  }

  /// A row that is not the same on both sides.
  package struct Difference: Hashable, Sendable {
    package let kind: RowDifferences.Example.Kind
    package let key: [String?]
    /// The differing columns by position, with both texts.
    package let cells: [Cell]

    /// The same with other numbers for the columns.
    func renumbered(_ columns: [Int]) -> Difference {
      Difference(
        kind: kind, key: key,
        cells: cells.map {
          Cell(column: columns[$0.column], source: $0.source, target: $0.target)
        })
    }

    package struct Cell: Hashable, Sendable {
      package let column: Int
      package let source: String?
      package let target: String?
    }
  }

  /// What the merge came to.
  package typealias Result = MergeResult<Difference>

  private struct Input {
    var rows: [[String?]] = []
    var position = 0
    var isFinished = false
  }

  private let key: [KeyPart]
  private let roles: RowRoles
  private let exampleLimit: Int
  private var source = Input()
  private var target = Input()
  package private(set) var result: Result
  /// Differences since they were last taken.
  private var fresh: [Difference] = []

  /// Prepares for rows with so many columns behind the key.
  package init(
    key: [KeyPart], columns: Int, roles: RowRoles = RowRoles(), exampleLimit: Int = 10
  ) {
    self.key = key
    self.roles = roles
    self.exampleLimit = exampleLimit
    result = Result(columns: columns)
  }

  /// The differences found since the last call.
  package mutating func takeDifferences() -> [Difference] {
    defer { fresh = [] }
    return fresh
  }

  /// The side that must be fed before the merge can go on; `nil` when everything is compared.
  package mutating func next() throws(DatabaseError) -> Side? {
    while true {
      guard let left = groupEnd(source) else { return .source }
      guard let right = groupEnd(target) else { return .target }
      if left == source.position, right == target.position { return nil }
      var order = left == source.position ? 1 : -1
      if left > source.position, right > target.position {
        order = try self.order(source.rows[source.position], target.rows[target.position])
      }
      let ends = (
        order <= 0 ? left : source.position, order >= 0 ? right : target.position
      )
      // Nearly always one row on each side, and both the same.
      if order == 0, left == source.position + 1, right == target.position + 1,
        isSame(source.rows[source.position], target.rows[target.position])
      {
        result.identical += 1
      } else {
        try compare(
          Array(source.rows[source.position..<ends.0]),
          Array(target.rows[target.position..<ends.1]))
      }
      source.position = ends.0
      target.position = ends.1
    }
  }

  /// Adds a batch of rows of a side, or its end.
  package mutating func feed(_ side: Side, _ rows: [[String?]]?) throws(DatabaseError) {
    var input = side == .source ? source : target
    if let rows {
      input.rows.removeFirst(input.position)
      input.position = 0
      for row in rows {
        guard row.count == key.count + result.columns.count else {
          throw DatabaseError(.protocolViolation, "a row of values has \(row.count) cells")
        }
        if let last = input.rows.last, try order(last, row) > 0 {
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

  /// The end of the rows with the first key; `nil` where more of them may come.
  private func groupEnd(_ input: Input) -> Int? {
    guard input.position < input.rows.count else {
      return input.isFinished ? input.position : nil
    }
    var end = input.position + 1
    while end < input.rows.count, isSameKey(input.rows[input.position], input.rows[end]) {
      end += 1
    }
    return end < input.rows.count || input.isFinished ? end : nil
  }

  private func isSameKey(_ left: [String?], _ right: [String?]) -> Bool {
    key.indices.allSatisfy { ByteOrder.isSame(left[$0], right[$0]) }
  }

  /// Whether all columns are the same bytes.
  private func isSame(_ left: [String?], _ right: [String?]) -> Bool {
    result.columns.indices.allSatisfy {
      ByteOrder.isSame(left[key.count + $0], right[key.count + $0])
    }
  }

  /// Negative, zero or positive as the left key comes first, is the same, or comes last.
  private func order(_ left: [String?], _ right: [String?]) throws(DatabaseError) -> Int {
    for (position, part) in key.enumerated() {
      // Both sides are asked for NULL behind everything else.
      guard let one = left[position], let other = right[position] else {
        if left[position] == nil, right[position] == nil { continue }
        return left[position] == nil ? 1 : -1
      }
      switch part {
      case .integer:
        guard let order = ByteOrder.compareWholeNumbers(one, other) else {
          throw DatabaseError(.protocolViolation, "a whole number is not one")
        }
        if order != 0 { return order }
      case .bytes:
        let order = ByteOrder.compare(one, other)
        if order != 0 { return order }
      }
    }
    return 0
  }

  private mutating func compare(
    _ left: [[String?]], _ right: [[String?]]
  ) throws(DatabaseError) {
    var left = left
    var right = right
    // Rows that have an equal on the other side; usually there is one of each.
    for index in left.indices.reversed() {
      guard let match = right.firstIndex(where: { comparison(left[index], $0).isSame })
      else { continue }
      result.identical += 1
      for column in comparison(left[index], right[match]).excused { result.excused[column] += 1 }
      left.remove(at: index)
      right.remove(at: match)
    }
    while let one = left.last, let other = right.last {
      left.removeLast()
      right.removeLast()
      if isRecent(one) || isRecent(other) {
        result.inFlight[.source, default: 0] += 1
        result.inFlight[.target, default: 0] += 1
        continue
      }
      result.modified += 1
      let found = comparison(one, other)
      if found.different.isEmpty { result.unreadable += 1 }
      for column in found.different { result.columns[column] += 1 }
      note(.modified, one, other, found.different)
    }
    for row in left { countOnly(in: .source, row) }
    for row in right { countOnly(in: .target, row) }
  }

  /// Counts a row that the other side lacks.
  private mutating func countOnly(in side: Side, _ row: [String?]) {
    if isRecent(row) {
      result.inFlight[side, default: 0] += 1
    } else if side == .source {
      result.removed += 1
      note(.removed, row, nil, [])
    } else {
      result.added += 1
      note(.added, nil, row, [])
    }
  }

  private func isRecent(_ row: [String?]) -> Bool { roles.isRecent { row[key.count + $0] } }

  private mutating func note(
    _ kind: RowDifferences.Example.Kind, _ source: [String?]?, _ target: [String?]?,
    _ columns: [Int]
  ) {
    if kind == .removed, roles.leavesOutRemoved { return }
    let row = source ?? target ?? []
    if let segment = roles.segment { result.count(1, inSegment: row[key.count + segment]) }
    let difference = Difference(
      kind: kind, key: Array(row.prefix(key.count)),
      cells: columns.map { column in
        Difference.Cell(
          column: column, source: shown(source, column), target: shown(target, column))
      })
    fresh.append(difference)
    if result.examples.count < exampleLimit { result.examples.append(difference) }
  }

  /// A value as a difference carries it.
  private func shown(_ row: [String?]?, _ column: Int) -> String? {
    guard let value = row?[key.count + column] else { return nil }
    return roles.hidden.contains(column) ? Self.hiddenText : value
  }

  /// What stands for a value that is not shown.
  package static let hiddenText = "(not shown)"

  private func comparison(_ left: [String?], _ right: [String?]) -> RowComparison {
    var found = RowComparison()
    for column in result.columns.indices {
      found.add(
        column, roles.opinion(column, left[key.count + column], right[key.count + column]))
    }
    return found
  }
}
