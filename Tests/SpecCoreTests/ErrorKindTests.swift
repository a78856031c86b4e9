import SpecCore
import TestSupport
import Testing

/// A database that cannot answer never makes a check pass or fail, whatever kind of error it is.
@Suite struct ErrorKindTests {
  private static let spec = """
    orders:
      column_count: 3
      columns:
        email:
          { type: text, not_null: true, unique: true, accepted_values: [a], references: orders.email }
    """

  private static let checks = [
    "orders.exists", "row_count", "columns", "column_count", "constraints", "checksum",
    "columns.email.type", "columns.email.not_null", "columns.email.unique",
    "columns.email.accepted_values", "columns.email.references", "unlisted_tables",
  ]

  /// Which questions an error answers.
  enum Part: String, CaseIterable, Sendable {
    case catalog, data, stream, single

    func contains(_ question: Question) -> Bool {
      switch (self, question) {
      case (.catalog, _): question.isCatalog
      case (.data, _): !question.isCatalog
      case (.single, .rows): true
      default: false
      }
    }
  }

  private func migration(_ kind: DatabaseError.Kind, _ side: Side, _ part: Part) -> Migration {
    var migration = Migration()
    migration.tables = Self.spec
    migration[side].override = { question in
      part.contains(question) ? .failed(DatabaseError(kind, "no answer", code: "42")) : nil
    }
    return migration
  }

  @Test(arguments: DatabaseError.Kind.allCases, Side.allCases)
  func errorsOfTheCatalogs(_ kind: DatabaseError.Kind, _ side: Side) throws {
    let migration = migration(kind, side, .catalog)
    for check in Self.checks where !(check == "unlisted_tables" && side == .target) {
      let verdict = try migration.trace(check).verdict
      #expect(verdict.outcome == .errored, "\(check)")
      #expect(verdict.unchecked.first?.type == kind.rawValue, "\(check)")
      #expect(verdict.summary.contains("no answer"), "\(check): \(verdict.summary)")
    }
  }

  @Test(arguments: DatabaseError.Kind.allCases, Side.allCases)
  func errorsOfTheData(_ kind: DatabaseError.Kind, _ side: Side) throws {
    let migration = migration(kind, side, .data)
    for check in Self.checks {
      let trace = try migration.trace(check)
      let isAsked = trace.asks.contains { $0.side == side && !$0.question.isCatalog }
      guard isAsked else { continue }
      #expect(trace.verdict.outcome == .errored || check == "columns.email.not_null", "\(check)")
      #expect(trace.verdict.outcome != .passed, "\(check)")
      #expect(trace.verdict.unchecked.contains { $0.type == kind.rawValue }, "\(check)")
    }
  }

  /// Both sides' errors are told, so that one repair does not uncover the next.
  @Test func bothSidesAreNamed() throws {
    var migration = Migration()
    for side in Side.allCases {
      migration[side].override = { question in
        question.isCatalog ? nil : .failed(DatabaseError(.permissionDenied, "denied"))
      }
    }
    let reasons = try migration.trace("row_count").verdict.unchecked.map(\.reason)
    #expect(reasons == ["source: denied", "target: denied"])
  }

  /// Rows that cannot be shown leave the failure standing.
  @Test(arguments: Side.allCases)
  func differencesThatCannotBeShown(_ side: Side) throws {
    var migration = migration(.timeout, side, .single)
    migration.tables = "orders:"
    migration.target.rows[Migration.ORDERS]?[1][2] = "21"
    let verdict = try migration.trace("checksum", method: .md5).verdict
    #expect(verdict.outcome == .failed)
    #expect(verdict.unchecked.map(\.type) == ["timeout"])
    #expect(verdict.rows?.examples.first?.cells.first?.source == "(not fetched)")
  }

  /// Streams that break after the digests differed leave the failure standing too.
  @Test func differencesThatCannotBeFound() throws {
    var migration = Migration()
    migration.target.rows[Migration.ORDERS]?[1][2] = "21"
    migration.source.streamOverride = { _ in [["b", "1", ""], ["a", "1", ""]] }
    let verdict = try migration.trace("checksum", method: .md5).verdict
    #expect(verdict.outcome == .failed)
    #expect(verdict.findings == ["the contents differ (3 and 3 rows)"])
    #expect(verdict.unchecked.map(\.type) == ["protocol_violation"])
  }

  /// The same in the order of keys: fingerprints that differ are a failure, whatever comes after.
  @Test func differingRowsThatCannotBeRead() throws {
    var migration = Migration()
    migration.target.rows[Migration.ORDERS]?[1][2] = "21"
    migration.source.keyedStreamOverride = { _ in [["2", "1", ""], ["1", "1", ""]] }
    let verdict = try migration.trace("checksum").verdict
    #expect(verdict.outcome == .failed)
    #expect(verdict.findings == ["the contents differ (3 and 3 rows)"])
    #expect(verdict.unchecked.map(\.type) == ["protocol_violation"])
  }
}
