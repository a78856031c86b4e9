import SpecCore
import TestSupport
import Testing

/// The whole checksum against random tables: it passes exactly where the rows are the same.
@Suite struct ChecksumPropertyTests {
  private static let values: [String?] = [nil, "", "a", "1", "-", "1:a", "a,1", "é", "e\u{301}"]

  private static func rows(_ dice: inout Dice) -> [[String?]] {
    (0..<dice.roll(5)).map { _ in ["\(dice.roll(4))", dice.pick(values), dice.pick(values)] }
  }

  private static func changed(_ rows: [[String?]], _ dice: inout Dice) -> [[String?]] {
    var rows = rows.shuffled(using: &dice)
    if rows.isEmpty || dice.isLucky(oneIn: 3) { return rows }
    switch dice.roll(4) {
    case 0: rows.removeLast()
    case 1: rows.append(rows[0])
    case 2: rows[dice.roll(rows.count)][1 + dice.roll(2)] = dice.pick(values)
    default: rows[dice.roll(rows.count)][0] = "\(dice.roll(4))"
    }
    return rows
  }

  /// Rows as bytes, because Swift calls composed and decomposed letters equal.
  private static func counted(_ rows: [[String?]]) -> [[[UInt8]?]: Int] {
    Dictionary(
      rows.map { ($0.map { $0.map { Array($0.utf8) } }, 1) }, uniquingKeysWith: +)
  }

  @Test(arguments: [true, false])
  func passesExactlyWhereEqual(_ hasKey: Bool) throws {
    var dice = Dice(seed: hasKey ? 11 : 12)
    let columns = { (names: [String]) in
      names.map { Migration.column($0, "text", .text(limit: nil)) }
    }
    var migration = Migration()
    migration.set(
      source: columns(["id", "a", "b"]), target: columns(["ID", "A", "B"]), hasKey: hasKey)
    let check = try migration.step("checksum").check
    for round in 0..<2_000 {
      let source = Self.rows(&dice)
      let target = Self.changed(source, &dice)
      migration.set(sourceRows: source, targetRows: target)
      let verdict = try Migration.trace(
        check, source: migration.source, target: migration.target
      ).verdict
      let isEqual = Self.counted(source) == Self.counted(target)
      let expected: Outcome = isEqual ? (source.isEmpty ? .errored : .passed) : .failed
      try #require(
        verdict.outcome == expected, "round \(round): \(source) and \(target): \(verdict)")
      guard let rows = verdict.rows else { continue }
      #expect(rows.identical + rows.modified + rows.removed == source.count)
      #expect(rows.identical + rows.modified + rows.added == target.count)
    }
  }

  /// Of chosen columns too: the values at each key count, not the values alone.
  @Test func chosenColumnsStayWithTheirKeys() throws {
    var dice = Dice(seed: 13)
    var mistakes = 0
    var migration = Migration()
    migration.tables = "orders: { checksum: [amount] }"
    let check = try migration.step("checksum").check
    for _ in 0..<500 {
      let amounts = (0..<4).map { _ in "\(dice.roll(3))" }
      let others = amounts.shuffled(using: &dice)
      migration.set(
        sourceRows: amounts.enumerated().map { ["\($0)", nil, $1] },
        targetRows: others.enumerated().map { ["\($0)", nil, $1] })
      let verdict = try Migration.trace(
        check, source: migration.source, target: migration.target
      ).verdict
      if verdict.outcome != (amounts == others ? .passed : .failed) { mistakes += 1 }
    }
    #expect(mistakes == 0)
  }
}
