import SpecCore
import TestSupport
import Testing
import YAMLSource

/// What a rollback would lose: rows of the target that the source lacks.
@Suite struct ReverseTests {
  private static func verdict(
    _ check: String, _ method: DigestMethod = .fast, _ change: (inout Migration) -> Void
  ) throws -> Verdict {
    var migration = Migration()
    change(&migration)
    let step = try #require(
      try migration.reversePlan().steps.first { "\($0.id)" == "shop.reverse.orders.\(check)" })
    return try Migration.trace(
      step.check, source: migration.source, target: migration.target, method: method
    ).verdict
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let outcome: Outcome
    let words: String
    let change: @Sendable (inout Migration) -> Void

    var testDescription: String { name }

    init(
      _ name: String, _ outcome: Outcome, _ words: String,
      _ change: @escaping @Sendable (inout Migration) -> Void
    ) {
      (self.name, self.outcome, self.words, self.change) = (name, outcome, words, change)
    }
  }

  private static let three: [[String?]] = [
    ["1", "a@example.com", "10.5"], ["2", "b@example.com", "20"], ["3", nil, "0"],
  ]
  private static let four = three + [["4", "d@example.com", "7"]]

  static let cases = [
    Case("nothing was written", .passed, "every value is the same") { _ in },
    Case("a row was added", .failed, "1 row only in the target: lost by a rollback") {
      $0.set(sourceRows: three, targetRows: four)
    },
    Case("a row was changed", .failed, "1 row differs there") {
      $0.set(sourceRows: four, targetRows: three + [["4", "d@example.com", "8"]])
    },
    Case("both", .failed, "1 row only in the target, 1 row differs there") {
      $0.set(sourceRows: three, targetRows: four.dropFirst() + [["1", "x@example.com", "10.5"]])
    },
    Case("a row was deleted", .passed, "3 rows of the target, all of them in the source") {
      $0.set(sourceRows: four, targetRows: three)
    },
    Case("nothing is left", .errored, "orders is empty in the target") {
      $0.set(sourceRows: four, targetRows: [])
    },
    Case("nothing is left, and nothing was", .errored, "empty") {
      $0.set(sourceRows: [], targetRows: [])
    },
    Case("nothing is left, as said", .passed, "in the source as well") {
      $0.set(sourceRows: four, targetRows: [])
      $0.tables = "orders: { row_count: { source: 4, target: 0 }, because: archived }"
    },
    Case("rows without a key", .failed, "1 row only in the target") {
      $0.set(
        source: Migration.sourceColumns, target: Migration.targetColumns, hasKey: false)
      $0.set(sourceRows: three, targetRows: four)
    },
    Case("a column was added", .failed, "the column NOTE is in the target only") {
      $0.set(
        source: Migration.sourceColumns,
        target: Migration.targetColumns + [
          Migration.column("NOTE", "VARCHAR", .text(limit: 16_777_216))
        ])
      $0.target.rows[Migration.ORDERS] = three.map { $0 + [nil] }
    },
    Case("a column of the loader", .passed, "every value is the same") {
      $0.tables = "orders: { columns: { note: { only_in: target, because: the loader's } } }"
      $0.set(
        source: Migration.sourceColumns,
        target: Migration.targetColumns + [
          Migration.column("NOTE", "VARCHAR", .text(limit: 16_777_216))
        ])
      $0.target.rows[Migration.ORDERS] = three.map { $0 + [nil] }
    },
    // Written just now, or outside of a sample: lost all the same.
    Case("a sample looks at everything here", .failed, "1 row only in the target") {
      $0.tables = "orders: { key: id, sample: 1%, because: large }"
      $0.set(sourceRows: three, targetRows: four)
    },
    Case("a target without the table", .errored, "is not in PUBLIC") {
      $0.set(.target, [Migration.table(.target, "OTHER", Migration.targetColumns)])
    },
  ]

  @Test(arguments: cases, DigestMethod.allCases)
  func checksum(_ each: Case, _ method: DigestMethod) throws {
    let verdict = try Self.verdict("checksum", method, each.change)
    #expect(verdict.outcome == each.outcome, "\(verdict)")
    let said = [verdict.summary] + verdict.findings + verdict.unchecked.map(\.reason)
    #expect(said.contains { $0.contains(each.words) }, "\(said)")
    if each.outcome == .failed { #expect(verdict.type == "lost_by_rollback") }
  }

  /// Rows of the source alone take no example's place, and are told in a note.
  @Test(arguments: DigestMethod.allCases) func deletedRowsAreNotShown(_ method: DigestMethod) throws
  {
    let many: [[String?]] = (1...40).map { ["\($0)", nil, "1"] }
    let verdict = try Self.verdict("checksum", method) {
      $0.set(sourceRows: many, targetRows: Array(many.suffix(3)) + [["99", nil, "5"]])
    }
    #expect(verdict.rows?.removed == 37)
    #expect(verdict.rows?.examples.map(\.kind) == [.added])
    #expect(verdict.notes.contains { $0.hasPrefix("37 rows in the source only") })
  }

  @Test(
    arguments: [
      (three, four, Outcome.failed, "3 in the source"), (four, three, .passed, "3 in the target"),
      (four, [], .errored, "orders is empty in the target"),
    ])
  func rowCount(
    _ source: [[String?]], _ target: [[String?]], _ outcome: Outcome, _ words: String
  ) throws {
    let verdict = try Self.verdict("row_count") {
      $0.set(sourceRows: source, targetRows: target)
    }
    #expect(verdict.outcome == outcome, "\(verdict)")
    #expect(verdict.summary.contains(words), "\(verdict)")
  }

  /// A tolerance of counts excuses nothing here.
  @Test func tolerances() throws {
    let verdict = try Self.verdict("row_count") {
      $0.tables = "orders: { row_count: { within: 5 } }"
      $0.set(sourceRows: Self.three, targetRows: Self.four)
    }
    #expect(verdict.outcome == .failed)
  }

  @Test func plan() throws {
    let fixture = try #require(Fixture.all("yml", in: "Specs").first { $0.name == "rollback.yml" })
    let spec = try SpecReader.read(
      try YAMLParser.source(name: fixture.name, bytes: fixture.bytes()))
    guard case .found(let source, let target) = spec.sides(environment: nil) else {
      Issue.record("both sides are named")
      return
    }
    let planner = Planner(spec: spec, slug: "spec", source: source, target: target)
    #expect(planner.reversed().isReversed)
    expectGolden(
      dump(planner.reversed().plan()), at: Fixture.folder("Specs") + "/rollback.reversed.plan")
  }
}
