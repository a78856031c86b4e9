/// Compares two streams of rows that come in the order of their keys.
///
/// Pure and bounded: it holds the rows of one key at a time, and counts. A row is the key's texts,
/// then the texts of the compared columns.
package struct KeyedMerge: Sendable {
  /// How the parts of a key are ordered.
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
  package struct Result: Hashable, Sendable {
    package var identical = 0
    package var modified = 0
    package var added = 0
    package var removed = 0
    /// Modified rows by the position of the column.
    package var columns: [Int]
    /// The first differing rows.
    package var examples: [Difference] = []
    /// Rows whose JSON cannot be read on a side and is not the same text.
    package var unreadable = 0

    package init(columns: Int) { self.columns = Array(repeating: 0, count: columns) }

    package var differing: Int { modified + added + removed }

    /// Rows seen on a side.
    package func rows(_ side: Side) -> Int {
      identical + modified + (side == .source ? removed : added)
    }
  }

  private struct Input {
    var rows: [[String?]] = []
    var position = 0
    var isFinished = false

    var head: [String?]? { position < rows.count ? rows[position] : nil }
  }

  private let key: [KeyPart]
  /// Positions of columns whose texts are JSON.
  private let documents: Set<Int>
  private let exampleLimit: Int
  private var source = Input()
  private var target = Input()
  package private(set) var result: Result
  /// Differences since they were last taken.
  private var fresh: [Difference] = []

  /// Prepares for rows with so many columns behind the key.
  package init(key: [KeyPart], columns: Int, documents: Set<Int> = [], exampleLimit: Int = 10) {
    self.key = key
    self.documents = documents
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
      if !hasWholeGroup(source) { return .source }
      if !hasWholeGroup(target) { return .target }
      switch (source.head, target.head) {
      case (nil, nil): return nil
      case (.some, nil): try compare(takeGroup(&source), [])
      case (nil, .some): try compare([], takeGroup(&target))
      case (let left?, let right?):
        let order = try order(left, right)
        try compare(
          order <= 0 ? takeGroup(&source) : [], order >= 0 ? takeGroup(&target) : [])
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

  /// Whether all rows of the first key have arrived.
  private func hasWholeGroup(_ input: Input) -> Bool {
    guard let head = input.head, let last = input.rows.last else { return input.isFinished }
    return input.isFinished || !isSameKey(head, last)
  }

  private func isSameKey(_ left: [String?], _ right: [String?]) -> Bool {
    key.indices.allSatisfy { isSame(left[$0], right[$0]) }
  }

  private func takeGroup(_ input: inout Input) throws(DatabaseError) -> [[String?]] {
    guard let head = input.head else { return [] }
    var end = input.position + 1
    while end < input.rows.count, isSameKey(head, input.rows[end]) { end += 1 }
    defer { input.position = end }
    return Array(input.rows[input.position..<end])
  }

  /// Negative, zero or positive as the left key comes first, is the same, or comes last.
  private func order(_ left: [String?], _ right: [String?]) throws(DatabaseError) -> Int {
    for (position, part) in key.enumerated() {
      guard let one = left[position], let other = right[position] else {
        throw DatabaseError(.protocolViolation, "a key that is never NULL is NULL")
      }
      if isSame(one, other) { continue }
      switch part {
      case .integer:
        guard let first = Int128(one), let second = Int128(other) else {
          throw DatabaseError(.protocolViolation, "a whole number is not one")
        }
        if first != second { return first < second ? -1 : 1 }
      case .bytes:
        return one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
      }
    }
    return 0
  }

  /// The same bytes: Swift itself calls composed and decomposed letters equal.
  private func isSame(_ left: String?, _ right: String?) -> Bool {
    switch (left, right) {
    case (nil, nil): true
    case (let one?, let other?): one.utf8.elementsEqual(other.utf8)
    default: false
    }
  }

  private mutating func compare(
    _ left: [[String?]], _ right: [[String?]]
  ) throws(DatabaseError) {
    var left = left
    var right = right
    // Rows that have an equal on the other side; usually there is one of each.
    for index in left.indices.reversed() {
      guard let match = right.firstIndex(where: { differing(left[index], $0)?.isEmpty == true })
      else { continue }
      result.identical += 1
      left.remove(at: index)
      right.remove(at: match)
    }
    while let one = left.last, let other = right.last {
      result.modified += 1
      let columns = differing(one, other)
      if columns == nil { result.unreadable += 1 }
      for column in columns ?? [] { result.columns[column] += 1 }
      note(.modified, one, other, columns ?? [])
      left.removeLast()
      right.removeLast()
    }
    for row in left {
      result.removed += 1
      note(.removed, row, nil, [])
    }
    for row in right {
      result.added += 1
      note(.added, nil, row, [])
    }
  }

  private mutating func note(
    _ kind: RowDifferences.Example.Kind, _ source: [String?]?, _ target: [String?]?,
    _ columns: [Int]
  ) {
    let row = source ?? target ?? []
    let difference = Difference(
      kind: kind, key: Array(row.prefix(key.count)),
      cells: columns.map { column in
        Difference.Cell(
          column: column, source: source?[key.count + column] ?? nil,
          target: target?[key.count + column] ?? nil)
      })
    fresh.append(difference)
    if result.examples.count < exampleLimit { result.examples.append(difference) }
  }

  /// Positions of the columns that differ; empty for equal rows; `nil` where nothing else differs
  /// but a JSON text that cannot be read.
  private func differing(_ left: [String?], _ right: [String?]) -> [Int]? {
    var columns: [Int] = []
    var isUnreadable = false
    for column in result.columns.indices {
      let one = left[key.count + column]
      let other = right[key.count + column]
      if isSame(one, other) { continue }
      if documents.contains(column), let one, let other {
        switch (CanonicalJSON.bytes(of: one), CanonicalJSON.bytes(of: other)) {
        case (let first?, let second?): if first == second { continue }
        default:
          isUnreadable = true
          continue
        }
      }
      columns.append(column)
    }
    return isUnreadable && columns.isEmpty ? nil : columns
  }
}
