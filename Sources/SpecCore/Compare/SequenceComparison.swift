/// Compares two results in the order in which their rows came.
///
/// Pure; it holds both results, whose size the caller bounds.
struct SequenceComparison {
  private let following: Following
  private let source: [[String?]]
  private let target: [[String?]]
  private var result: SequenceResult

  /// Rows of compared columns, in canonical text.
  static func result(
    _ following: Following, source: [[String?]], target: [[String?]]
  ) -> SequenceResult {
    var comparison = SequenceComparison(following, source, target)
    comparison.compare()
    return comparison.result
  }

  private init(_ following: Following, _ source: [[String?]], _ target: [[String?]]) {
    self.following = following
    self.source = source
    self.target = target
    result = SequenceResult(columns: following.names.count)
    result.counts = [.source: source.count, .target: target.count]
  }

  private mutating func compare() {
    result.ties = [
      .source: ties(source, following.sourceOrder), .target: ties(target, following.targetOrder),
    ].compactMapValues(\.self)
    if source.count == target.count,
      source.indices.allSatisfy({ comparison(source[$0], target[$0]).isSame })
    {
      result.identical = source.count
      return
    }
    let partners = matched()
    result.identical = partners.count { $0 != nil }
    noteDisorder(partners)
    noteDifferences(partners)
  }

  private func comparison(_ left: [String?], _ right: [String?]) -> RowComparison {
    var found = RowComparison()
    for column in following.names.indices {
      found.add(column, following.roles.opinion(column, left[column], right[column]))
    }
    return found
  }

  // MARK: Matching

  /// The target's row for each of the source's, where there is one that counts as the same.
  ///
  /// Equal rows are taken in the order in which they come, so that leaving one out changes the order
  /// of no other.
  private func matched() -> [Int?] {
    var places: [String: [Int]] = [:]
    for (index, row) in target.enumerated() { places[exactPart(row), default: []].append(index) }
    var begins: [String: Int] = [:]
    var taken = Array(repeating: false, count: target.count)
    return source.map { row in
      let part = exactPart(row)
      guard let candidates = places[part] else { return nil }
      var position = begins[part, default: 0]
      while position < candidates.count, taken[candidates[position]] { position += 1 }
      begins[part] = position
      // Where tolerances decide, more than one may fit; so many are tried.
      for candidate in candidates[position...].prefix(1_000) where !taken[candidate] {
        guard comparison(row, target[candidate]).isSame else { continue }
        taken[candidate] = true
        return candidate
      }
      return nil
    }
  }

  /// What must be equal byte by byte: the values of columns without a rule.
  private func exactPart(_ row: [String?]) -> String {
    var text = ""
    for (column, value) in row.enumerated() where following.roles.rules[column] == nil {
      guard let value else {
        text += "-;"
        continue
      }
      text += "\(value.utf8.count):"
      // Swift calls composed and decomposed letters equal, databases do not: bytes are spelt out.
      for byte in value.utf8 { text.unicodeScalars.append(Unicode.Scalar(byte)) }
      text += ";"
    }
    return text
  }

  private mutating func noteDisorder(_ partners: [Int?]) {
    var last = -1
    for partner in partners.compactMap(\.self) {
      guard partner > last else {
        // Where something is elsewhere, not where something is missing.
        let places = source.indices.filter { partners[$0] != nil && $0 < target.count }
        result.disorder = places.first { !comparison(source[$0], target[$0]).isSame } ?? 0
        return
      }
      last = partner
    }
  }

  // MARK: Differences

  private mutating func noteDifferences(_ partners: [Int?]) {
    let taken = Set(partners.compactMap(\.self))
    let left = source.indices.filter { partners[$0] == nil }
    var right = target.indices.filter { !taken.contains($0) }
    var pairs: [(Int?, Int?)] = []
    if following.key.isEmpty {
      // Without a key, what is left over is paired as it comes.
      for (position, index) in left.enumerated() {
        pairs.append((index, position < right.count ? right[position] : nil))
      }
      right.removeFirst(min(left.count, right.count))
    } else {
      var places: [[String?]: [Int]] = [:]
      for index in right { places[keyOf(target[index]), default: []].append(index) }
      var found: Set<Int> = []
      for index in left {
        let partner = places[keyOf(source[index])]?.first { !found.contains($0) }
        if let partner { found.insert(partner) }
        pairs.append((index, partner))
      }
      right.removeAll { found.contains($0) }
    }
    pairs += right.map { (nil, $0) }
    for pair in pairs { note(pair.0, pair.1) }
  }

  private func keyOf(_ row: [String?]) -> [String?] { following.key.map { row[$0] } }

  private mutating func note(_ left: Int?, _ right: Int?) {
    var columns: [Int] = []
    if let left, let right {
      let found = comparison(source[left], target[right])
      if found.different.isEmpty {
        result.unreadable += 1
        return
      }
      result.modified += 1
      columns = found.different
      for column in columns { result.columns[column] += 1 }
    } else if left != nil {
      result.removed += 1
    } else {
      result.added += 1
    }
    guard result.examples.count < 10 else { return }
    result.examples.append(
      SequenceResult.Example(
        sourceRow: left.map { $0 + 1 }, targetRow: right.map { $0 + 1 },
        source: left.map { source[$0] }, target: right.map { target[$0] }, columns: columns))
  }

  // MARK: Ties

  /// Neighbours that are equal in everything the rows are ordered by, and not in the rest.
  private func ties(_ rows: [[String?]], _ order: [Int]?) -> SequenceResult.Ties? {
    guard let order, !order.isEmpty else { return nil }
    var ties = SequenceResult.Ties()
    for index in rows.indices.dropFirst() {
      let (one, other) = (rows[index - 1], rows[index])
      let isTie = order.allSatisfy { ByteOrder.isSame(one[$0], other[$0]) }
      guard isTie,
        following.names.indices.contains(where: { !ByteOrder.isSame(one[$0], other[$0]) })
      else { continue }
      ties.count += 1
      if ties.first == nil { ties.first = index }
    }
    return ties.count > 0 ? ties : nil
  }
}

/// What comparing two results in their order came to.
package struct SequenceResult: Hashable, Sendable {
  package var counts: [Side: Int] = [:]
  /// Sides whose result has more rows than may be read.
  package var cut: Set<Side> = []
  package var identical = 0
  package var modified = 0
  package var added = 0
  package var removed = 0
  /// Modified rows by the position of the column.
  package var columns: [Int]
  /// Pairs that differ in nothing but a text that cannot be read.
  package var unreadable = 0
  package var examples: [Example] = []
  /// The first place, from 0, where the order of rows that are on both sides differs.
  package var disorder: Int?
  /// Rows that the ORDER BY does not tell apart.
  package var ties: [Side: Ties] = [:]
  /// Columns with a cell that could not be brought into its form, by position.
  package var undecided: [Int: String] = [:]
  /// The rows of both sides at the first place where the order differs.
  package var disordered: [Side: [String?]] = [:]

  package init(columns: Int) { self.columns = Array(repeating: 0, count: columns) }

  package var differing: Int { modified + added + removed }

  /// A differing row, numbered from 1.
  package struct Example: Hashable, Sendable {
    package let sourceRow: Int?
    package let targetRow: Int?
    package let source: [String?]?
    package let target: [String?]?
    /// Positions of the differing columns of a modified row.
    package let columns: [Int]
  }

  /// Neighbouring rows whose order is open.
  package struct Ties: Hashable, Sendable {
    package var count = 0
    /// The number, from 1, of the first row of the first such pair.
    package var first: Int?
  }
}

/// Two queries whose rows are read in the order in which they come.
package struct Following: Hashable, Sendable {
  /// One side of it.
  package struct Stream: Hashable, Sendable {
    package let relation: Relation
    /// The compared columns with their positions in the result.
    package let columns: [CanonicalColumn]
    package let positions: [Int]
    /// Columns of the whole result.
    package let width: Int
  }

  package let source: Stream
  package let target: Stream
  package let roles: RowRoles
  /// Names of the compared columns.
  package let names: [String]
  /// Positions of the columns that identify a row; empty for none.
  package let key: [Int]
  /// Positions of the columns that each side orders by; `nil` where that is not known.
  package let sourceOrder: [Int]?
  package let targetOrder: [Int]?
  /// The most rows that are read of a side.
  package let limit: Int

  package subscript(_ side: Side) -> Stream { side == .source ? source : target }
}

extension Following {
  /// Compares what was read, rows of whole results as the databases sent them.
  package func result(
    _ rows: [Side: [[String?]]], _ dialects: Dialects, cut: Set<Side>
  ) -> SequenceResult {
    var undecided: [Int: String] = [:]
    var read: [Side: [[String?]]] = [:]
    for side in Side.allCases {
      let stream = self[side]
      read[side] = (rows[side] ?? []).map { row in
        zip(stream.columns, stream.positions).enumerated().map { number, place in
          guard let cell = row[place.1] else { return nil }
          if let text = dialects[side].canonicalText(of: place.0, cell: cell) { return text }
          undecided[number] = side.rawValue
          return cell
        }
      }
    }
    var result = SequenceResult(columns: names.count)
    result.counts = read.mapValues(\.count)
    if undecided.isEmpty, cut.isEmpty {
      result = SequenceComparison.result(
        self, source: read[.source] ?? [], target: read[.target] ?? [])
      if let place = result.disorder {
        for side in Side.allCases {
          guard let rows = read[side], rows.indices.contains(place) else { continue }
          result.disordered[side] = rows[place]
        }
      }
    }
    result.cut = cut
    result.undecided = undecided
    return result
  }
}
