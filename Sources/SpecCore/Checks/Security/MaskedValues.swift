/// The true values of a column, as digests by the digests of their rows' keys.
struct TrueValues: Sendable {
  /// `nil` behind a key: the value is NULL.
  private let values: [String: String?]
  private let known: Set<String>
  /// Whether rows are told apart by a key; else only values are compared.
  let isKeyed: Bool
  let rows: Int
  /// Rows whose value is not NULL.
  let present: Int
  /// Whether some key stands twice.
  let isAmbiguous: Bool

  init(_ cells: [[String?]], isKeyed: Bool) {
    var values: [String: String?] = [:]
    for row in cells {
      guard row.count == 2, let key = row[0] else { continue }
      values[key] = .some(row[1])
    }
    self.values = values
    self.isKeyed = isKeyed
    rows = cells.count
    present = cells.count { $0.count == 2 && $0[1] != nil }
    isAmbiguous = isKeyed && values.count != cells.count
    known = Set(cells.compactMap { $0.count == 2 ? $0[1] : nil })
  }

  /// How many values there are, rows with the same counted once.
  var distinct: Int { known.count }

  /// What somebody sees, compared with the truth.
  struct Sighting: Hashable, Sendable {
    /// Rows seen.
    var rows = 0
    /// Rows whose true value is known and not NULL.
    var judged = 0
    /// Of these, how many show the true value.
    var same = 0
    /// Of these, how many give it away: what is seen stands for this true value and no other.
    var given = 0
    /// Rows whose key the truth does not have.
    var unmatched = 0
    /// Whether all rows show one and the same.
    var isConstant = false

    var different: Int { judged - same }
  }

  func sighting(_ cells: [[String?]]) -> Sighting {
    var sight = Sighting()
    sight.rows = cells.count
    let shown = Set(cells.map { $0.count == 2 ? $0[1] : nil })
    sight.isConstant = cells.count > 1 && shown.count == 1
    return isKeyed ? keyed(cells, sight) : unkeyed(cells, sight)
  }

  private func keyed(_ cells: [[String?]], _ start: Sighting) -> Sighting {
    var sight = start
    // A mask may equal some true value by chance: what is seen for several different true values gives
    // none of them away.
    var groups: [String: (same: Int, other: Int)] = [:]
    for row in cells {
      guard row.count == 2, let key = row[0], let truth = values[key] else {
        sight.unmatched += 1
        continue
      }
      guard let truth else { continue }
      sight.judged += 1
      guard let seen = row[1] else { continue }
      if seen == truth {
        sight.same += 1
        groups[seen, default: (0, 0)].same += 1
      } else {
        groups[seen, default: (0, 0)].other += 1
      }
    }
    sight.given = groups.values.reduce(0) { $0 + ($1.other == 0 ? $1.same : 0) }
    return sight
  }

  /// Without keys a value is true where any row of the truth has it.
  private func unkeyed(_ cells: [[String?]], _ start: Sighting) -> Sighting {
    var sight = start
    for row in cells {
      guard row.count == 2, let seen = row[1] else {
        // Where no true value is NULL, this is none.
        if present == rows { sight.judged += 1 }
        continue
      }
      sight.judged += 1
      if known.contains(seen) { sight.same += 1 }
    }
    // One and the same in all rows gives nothing away.
    sight.given = sight.isConstant && distinct > 1 ? 0 : sight.same
    return sight
  }
}
