import SpecCore
import TestSupport
import Testing

/// Comparing by buckets of keys against a full outer join of both tables, over random tables.
@Suite struct BucketSearchTests {
  /// `a` holds the key: alone, or with a second part.
  enum Key: String, CaseIterable, Sendable {
    case single, composite, wholeNumbers
    /// Buckets by the MD5 of the key, which may be NULL and occur twice.
    case text, notEnforced

    var width: Int { self == .single || self == .text ? 1 : 2 }
  }

  private static let values: [String?] = [nil, "", "a", "1", "~", "|", "é", "e\u{301}"]
  private static let parts = ["", "a", "B", "b", "é", "e\u{301}", "10", "9"]

  /// Small numbers, so that small tables are divided, probed and refined as large ones are.
  private static func limits(_ dice: inout Dice) -> BucketLimits {
    var limits = BucketLimits()
    limits.bucketRows = dice.isLucky(oneIn: 3) ? 64 : 32
    limits.mostBuckets = dice.isLucky(oneIn: 4) ? 3 : 1_000
    limits.cheapCells = dice.pick([0, 0, 50, 10_000])
    limits.probes = dice.pick([1, 2, 16])
    limits.mostDivided = dice.pick([1, 3, 4_096])
    limits.mostRead = dice.pick([1, 2, 5, 8_192])
    limits.worthEstimating = 0
    limits.sparsest = 10_000
    return limits
  }

  /// With what the catalogs believe of the numbers of rows, which need not be true.
  private static func migration(_ key: Key, _ estimate: Int? = nil) -> Migration {
    var migration = Migration()
    let part: LogicalType = key == .wholeNumbers ? .integer(digits: 5) : .text(limit: nil)
    func columns(_ names: [String]) -> [ColumnCatalog] {
      [
        key == .text
          ? Migration.column(names[0], "text", .text(limit: nil), isNullable: false)
          : Migration.column(
            names[0], "integer", .integer(digits: 10), isNullable: key == .notEnforced),
        Migration.column(names[1], "part", part, isNullable: key == .notEnforced),
        Migration.column(names[2], "text", .text(limit: nil)),
        Migration.column(names[3], "text", .text(limit: nil)),
      ]
    }
    func table(_ side: Side, _ name: String, _ columns: [ColumnCatalog]) -> TableCatalog {
      TableCatalog(
        relation: side == .source ? Migration.orders : Migration.ORDERS, kind: .table,
        columns: columns,
        primaryKey: key == .notEnforced
          ? nil
          : KeyCatalog(
            name: "k", columns: columns.prefix(key.width).map(\.name)),
        estimatedRows: estimate)
    }
    if key == .notEnforced { migration.tables = "orders: { key: [id, part] }" }
    migration.set(.source, [table(.source, "orders", columns(["id", "part", "a", "b"]))])
    migration.set(.target, [table(.target, "ORDERS", columns(["ID", "PART", "A", "B"]))])
    return migration
  }

  private static func rows(_ key: Key, _ dice: inout Dice) -> [[String?]] {
    let count = dice.pick([0, 1, 2, 40, 300])
    let start = dice.pick([0, -50, 7, 1_000_000_007])
    let step = dice.pick([1, 1, 3, 50])
    var seen: Set<String> = []
    var rows: [[String?]] = []
    for number in 0..<count {
      var id: String? = "\(start + (key.width == 1 ? number : number / 3) * step)"
      if key == .notEnforced, dice.isLucky(oneIn: 20) { id = nil }
      let part = key == .wholeNumbers ? "\(dice.roll(12) - 2)" : dice.pick(parts)
      let identity = (id ?? "NULL") + (key.width == 1 ? "" : "/\(Array(part.utf8))")
      guard key == .notEnforced || seen.insert(identity).inserted else { continue }
      rows.append([id, part, dice.pick(values), dice.pick(values)])
    }
    return rows
  }

  private static func changed(_ rows: [[String?]], _ dice: inout Dice) -> [[String?]] {
    var rows = rows
    guard !rows.isEmpty else {
      return dice.isLucky(oneIn: 2) ? [] : [["3", "7", "a", nil]]
    }
    for _ in 0..<dice.pick([0, 1, 1, 3, 100]) where !rows.isEmpty {
      let position = dice.roll(rows.count)
      switch dice.roll(6) {
      case 0: rows.remove(at: position)
      case 1: rows.append(rows[position])
      case 2: rows.removeSubrange(position..<min(rows.count, position + 40))
      case 3: rows[position][0] = "\((Int(rows[position][0] ?? "") ?? 0) + 1)"
      default: rows[position][2 + dice.roll(2)] = dice.pick(values)
      }
    }
    return rows.shuffled(using: &dice)
  }

  private static func bytes(_ cells: [String?]) -> [[UInt8]?] {
    cells.map { $0.map { Array($0.utf8) } }
  }

  /// Rows that differ by a full outer join on the key, equal rows of one key matched first.
  private static func joined(
    _ source: [[String?]], _ target: [[String?]], key: Key
  ) -> (modified: Int, removed: Int, added: Int, columns: Set<String>) {
    let width = key.width
    let left = Dictionary(grouping: source.map(bytes)) { Array($0.prefix(width)) }
    let right = Dictionary(grouping: target.map(bytes)) { Array($0.prefix(width)) }
    var (modified, removed, added) = (0, 0, 0)
    var columns: Set<String> = []
    for identity in Set(left.keys).union(right.keys) {
      var one = left[identity] ?? []
      var other = right[identity] ?? []
      for row in one {
        guard let match = other.firstIndex(of: row), let own = one.firstIndex(of: row) else {
          continue
        }
        other.remove(at: match)
        one.remove(at: own)
      }
      modified += min(one.count, other.count)
      removed += max(0, one.count - other.count)
      added += max(0, other.count - one.count)
      if one.count == 1, other.count == 1 {
        for (position, name) in ["id", "part", "a", "b"].enumerated()
        where one[0][position] != other[0][position] { columns.insert(name) }
      }
    }
    return (modified, removed, added, columns)
  }

  @Test(arguments: Key.allCases)
  func findsWhatAFullOuterJoinFinds(_ key: Key) throws {
    var dice = Dice(seed: key.rawValue.utf8.reduce(0) { $0 * 31 + Int($1) })
    let counted = Self.migration(key)
    let check = try counted.step("checksum").check
    var strategies: Set<Int> = []
    for round in 0..<700 {
      let source = Self.rows(key, &dice)
      let target = Self.changed(source, &dice)
      let estimate = dice.pick([nil, nil, 0, 1, 300, 100_000])
      var migration = estimate == nil ? counted : Self.migration(key, estimate)
      migration.set(sourceRows: source, targetRows: target)
      let trace = try Migration.trace(
        check, source: migration.source, target: migration.target, limits: Self.limits(&dice))
      let expected = Self.joined(source, target, key: key)
      let isEqual = (expected.modified, expected.removed, expected.added) == (0, 0, 0)
      let place = "round \(round): \(source) and \(target): \(trace.verdict)"
      try #require(
        trace.verdict.outcome
          == (isEqual ? (source.isEmpty ? .errored : .passed) : .failed), "\(place)")
      #expect(trace.merges.isEmpty, "\(place)")
      if estimate == nil {
        #expect(trace.ahead.allSatisfy { $0.expected == $0.read }, "\(place): \(trace.ahead)")
      }
      strategies.insert(
        trace.asks.count {
          if case .fingerprints = $0.question { true } else { false }
        })
      guard let rows = trace.verdict.rows else { continue }
      #expect(
        (rows.modified, rows.removed, rows.added)
          == (expected.modified, expected.removed, expected.added), "\(place)")
      #expect(expected.columns.isSubset(of: rows.columns.map(\.column)), "\(place)")
      if expected.columns.isEmpty, expected.modified == 0 { #expect(rows.columns.isEmpty) }
    }
    if [.text, .notEnforced].contains(key) {
      #expect(strategies == [2], "\(strategies)")
    } else {
      // One scan; a refinement of one kind of difference, or of both; a probe before it.
      #expect(strategies.isSuperset(of: [2, 4, 6]), "\(strategies)")
    }
  }

  /// Keys that are no ranges are divided by their MD5, and keys that may not be read not at all.
  @Test(arguments: ["sensitive", "nulls", "sparse", "not enforced", "huge", "text", "two kinds"])
  func otherKeys(_ reason: String) throws {
    var migration = Migration()
    switch reason {
    case "nulls":
      var columns = Migration.targetColumns
      columns[0] = Migration.column("ID", "NUMBER(38,0)", .integer(digits: 38))
      migration.set(source: Migration.sourceColumns, target: columns)
      migration.target.rows[Migration.ORDERS]?.append([nil, "x", "1"])
    case "sparse":
      migration.source.rows[Migration.orders]?.append(["900000000", "x", "1"])
      migration.target.rows[Migration.ORDERS]?.append(["900000000", "y", "1"])
    case "not enforced":
      migration.tables = "orders: { key: id }"
      migration.set(
        source: Migration.sourceColumns, target: Migration.targetColumns, hasKey: false)
      migration.target.rows[Migration.ORDERS]?[0][2] = "11"
    case "huge":
      let row: [String?] = ["9000000000000000000", "x", "1"]
      migration.source.rows[Migration.orders] = [row]
      migration.target.rows[Migration.ORDERS] = [[row[0], "y", "1"]]
    case "text", "two kinds":
      var columns = (Migration.sourceColumns, Migration.targetColumns)
      if reason == "text" {
        columns.0[0] = Migration.column("id", "text", .text(limit: nil), isNullable: false)
        columns.1[0] = Migration.column("ID", "TEXT", .text(limit: nil), isNullable: false)
      } else {
        // A whole number on one side only is ordered by its text on both.
        columns.1[0] = Migration.column(
          "ID", "NUMBER(20,2)", .decimal(precision: 20, scale: 2), isNullable: false)
      }
      migration.set(source: columns.0, target: columns.1)
      let rows: [[String?]] = (1...12).map { ["\($0)", "x", "1"] }
      migration.source.rows[Migration.orders] = rows
      migration.target.rows[Migration.ORDERS] = rows.dropLast() + [["12", "y", "1"]]
    default:
      migration.tables = "orders: { sensitive: [id] }"
      migration.target.rows[Migration.ORDERS]?[0][2] = "11"
    }
    let trace = try migration.trace("checksum")
    #expect(trace.verdict.outcome == .failed, "\(trace.verdict)")
    #expect(trace.merges.isEmpty == (reason != "sensitive"))
    #expect(trace.comparisons.isEmpty == (reason == "sensitive"))
    let words =
      reason == "sensitive"
      ? "compared by the MD5 of each row: " : "compared by buckets of the keys' MD5: "
    #expect(trace.verdict.notes.contains { $0.hasPrefix(words) }, "\(trace.verdict.notes)")
  }

  /// A difference that the rows do not show must not pass for one that the spec allows.
  @Test func excusesOfOthers() throws {
    var migration = Migration()
    let name = Migration.sourceColumns[1].name.name
    migration.tables =
      "orders: { columns: { \(name): { compare: case_insensitive, because: loader } } }"
    migration.source.rows[Migration.orders]?[0][1] = "Straße"
    migration.target.rows[Migration.ORDERS]?[0][1] = "STRAßE"
    #expect(try migration.trace("checksum").verdict.outcome == .passed)
    let honest = migration.target
    migration.target.override = { question in
      guard case .fingerprints(_, let shape, _) = question,
        case .fingerprints(let found) = honest.answer(to: question), shape.columns.count == 3
      else { return nil }
      return .fingerprints(
        found.mapValues { bucket in
          BucketFingerprint(
            rows: bucket.rows, columns: bucket.columns.dropLast() + [bucket.columns[2] ^ 1])
        })
    }
    let verdict = try migration.trace("checksum").verdict
    #expect(verdict.outcome == .errored, "\(verdict)")
    #expect(verdict.unchecked.map(\.type) == ["unstable_data"], "\(verdict)")
  }

  /// A statement that a bucket's text is too long for is not the end.
  @Test func failedFingerprints() throws {
    var migration = Migration()
    migration.target.override = { question in
      guard case .fingerprints = question else { return nil }
      return .failed(DatabaseError(.statementFailed, "result of string concatenation is too long"))
    }
    #expect(try migration.trace("checksum").verdict.outcome == .passed)
    migration.target.rows[Migration.ORDERS]?[0][2] = "11"
    #expect(try migration.trace("checksum").verdict.outcome == .failed)
  }

  /// Errors of another kind are errors.
  @Test func refusedFingerprints() throws {
    var migration = Migration()
    migration.target.override = { question in
      guard case .fingerprints = question else { return nil }
      return .failed(DatabaseError(.timeout, "too slow"))
    }
    let verdict = try migration.trace("checksum").verdict
    #expect(verdict.outcome == .errored && verdict.unchecked.map(\.type) == ["timeout"])
  }
}
