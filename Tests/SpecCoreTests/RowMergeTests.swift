import SpecCore
import TestSupport
import Testing

/// The merge of two streams against the plainest full outer join.
@Suite struct RowMergeTests {
  /// A row of the stream: key, content and perhaps a streamed text.
  private struct Row: Hashable {
    let key: String
    let columns: [String]
    let streamed: String?

    /// As a dialect hands it out; the digests of columns are eight characters each.
    func cells(hasStreamed: Bool) -> [String?] {
      [key, columns.joined(separator: "|"), columns.map { "digest-\($0)" }.joined()]
        + (hasStreamed ? [streamed] : [])
    }
  }

  /// What a merge must come to.
  private struct Expected: Equatable {
    var identical = 0
    var modified = 0
    var added = 0
    var removed = 0

    /// Row by row: equal rows of a key first, then what is left over in pairs.
    init(_ source: [Row], _ target: [Row]) {
      for key in Set((source + target).map(\.key)) {
        var left = source.filter { $0.key == key }
        var right = target.filter { $0.key == key }
        for row in left {
          guard let match = right.firstIndex(of: row) else { continue }
          right.remove(at: match)
          if let own = left.firstIndex(of: row) { left.remove(at: own) }
          identical += 1
        }
        let pairs = min(left.count, right.count)
        modified += pairs
        removed += left.count - pairs
        added += right.count - pairs
      }
    }

    init(_ result: RowMerge.Result) {
      (identical, modified) = (result.identical, result.modified)
      (added, removed) = (result.added, result.removed)
    }
  }

  private static func rows(
    _ dice: inout Dice, keys: Int, hasKey: Bool, hasStreamed: Bool
  ) -> [Row] {
    let rows = (0..<dice.roll(7)).map { _ in
      let columns = ["\(dice.roll(2))", "\(dice.roll(2))"]
      let text: String? = dice.isLucky(oneIn: 4) ? nil : "\(dice.roll(2))"
      return Row(
        key: hasKey ? "k\(dice.roll(keys))" : columns.joined(), columns: columns,
        streamed: hasStreamed ? text : nil)
    }
    return rows.sorted {
      ($0.key, $0.columns[0], $0.columns[1]) < ($1.key, $1.columns[0], $1.columns[1])
    }
  }

  private func merged(
    _ source: [[String?]], _ target: [[String?]], streamed: Int, batch: Int
  ) throws -> RowMerge.Result {
    var roles = RowRoles()
    for column in 0..<streamed { roles.rules[column] = [.json] }
    var merge = RowMerge(compared: 2, streamed: streamed, roles: roles)
    var rest: [Side: ArraySlice<[String?]>] = [.source: source[...], .target: target[...]]
    var turns = 0
    while let side = merge.next() {
      turns += 1
      try #require(turns < 100, "the merge does not end")
      let rows = rest[side] ?? []
      try merge.feed(side, rows.isEmpty ? nil : Array(rows.prefix(batch)))
      rest[side] = rows.dropFirst(batch)
    }
    return merge.result
  }

  @Test(arguments: [1, 3, 50], [true, false])
  func likeAFullOuterJoin(_ keys: Int, _ hasStreamed: Bool) throws {
    var dice = Dice(seed: keys * 2 + (hasStreamed ? 1 : 0))
    for round in 0..<700 {
      let hasKey = round % 5 != 0
      let source = Self.rows(&dice, keys: keys, hasKey: hasKey, hasStreamed: hasStreamed)
      let target = Self.rows(&dice, keys: keys, hasKey: hasKey, hasStreamed: hasStreamed)
      let cells = [source, target].map { $0.map { $0.cells(hasStreamed: hasStreamed) } }
      var results: Set<RowMerge.Result> = []
      for batch in 1...7 {
        results.insert(
          try merged(cells[0], cells[1], streamed: hasStreamed ? 1 : 0, batch: batch))
      }
      try #require(results.count == 1, "batches change the result")
      let result = try #require(results.first)
      try #require(Expected(result) == Expected(source, target), "\(source) and \(target)")
      // Rows that are equal in all their bytes are one example.
      #expect(result.examples.count <= min(10, result.differing))
      #expect(result.examples.isEmpty == (result.differing == 0))
      #expect(result.unreadable == 0)
    }
  }

  @Test func columnsAtFault() throws {
    let result = try merged(
      [["a", "1|1", "aaaaaaaabbbbbbbb", "{}"], ["b", "1|2", "aaaaaaaabbbbbbbb", "{}"]],
      [["a", "1|2", "aaaaaaaacccccccc", "{}"], ["b", "1|2", "aaaaaaaabbbbbbbb", "[]"]],
      streamed: 1, batch: 2)
    #expect(result.columns == [0, 1, 1])
    #expect(result.examples.map(\.columns) == [[1], [2]])
  }

  /// Digests of rows decide, even where those of columns are too short to tell.
  @Test func rowDigestsDecide() throws {
    let result = try merged(
      [["a", "1", "aaaaaaaabbbbbbbb"]], [["a", "2", "aaaaaaaabbbbbbbb"]], streamed: 0, batch: 1)
    #expect(result.modified == 1 && result.identical == 0)
  }

  @Test func unreadableText() throws {
    let result = try merged([["a", "1", "", "{"]], [["a", "1", "", "}"]], streamed: 1, batch: 1)
    #expect((result.modified, result.unreadable, result.identical) == (1, 1, 0))
  }

  @Test(arguments: Side.allCases)
  func wrongOrderIsNoticed(_ side: Side) throws {
    for batch in 1...3 {
      var merge = RowMerge(compared: 0, streamed: 0)
      let rows: [[[String?]]] = [["a"], ["c"], ["b"]].map { [[$0[0], "", ""]] }
      let error = #expect(throws: DatabaseError.self) {
        var rest = rows[...]
        while let wanted = merge.next() {
          let next = wanted == side ? Array(rest.prefix(batch).joined()) : []
          if wanted == side { rest = rest.dropFirst(batch) }
          try merge.feed(wanted, next.isEmpty ? nil : next)
        }
      }
      #expect(error?.kind == .protocolViolation)
    }
  }

  static let broken: [[String?]] = [
    [nil, "1", ""], ["a", nil, ""], ["a", "1", nil], ["a", "1"], ["a", "1", "", "x"], [],
  ]

  @Test(arguments: broken)
  func brokenRowsAreRefused(_ row: [String?]) {
    var merge = RowMerge(compared: 0, streamed: 0)
    #expect(throws: DatabaseError.self) { try merge.feed(.source, [row]) }
  }

  @Test func emptyBatchesAreNoEnd() throws {
    var merge = RowMerge(compared: 0, streamed: 0)
    try merge.feed(.source, [])
    #expect(merge.next() == .source)
    try merge.feed(.source, [["a", "1", ""]])
    try merge.feed(.source, [])
    #expect(merge.next() == .source)
    try merge.feed(.source, nil)
    try merge.feed(.target, nil)
    #expect(merge.next() == nil)
    #expect(merge.result.removed == 1)
  }
}
