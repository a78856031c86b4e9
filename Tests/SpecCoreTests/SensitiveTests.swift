import SpecCore
import TestSupport
import Testing

/// Values of sensitive columns stay in their databases.
@Suite struct SensitiveTests {
  private static let secret = "secret@example.com"

  /// `mail` became `EMAIL`; the third row differs, the second is a duplicate.
  private static func migration(sensitive: String) -> Migration {
    var migration = Migration()
    migration.tables = """
      orders:
        sensitive: [\(sensitive)]
        columns:
          email:
            { renamed_from: mail, unique: true, accepted_values: [x], references: orders.id }
      """
    var columns = Migration.sourceColumns
    columns[1] = Migration.column("mail", "text", .text(limit: nil))
    let unique = KeyCatalog(name: "u", columns: [Identifier("mail")])
    migration.set(
      .source, [Migration.table(.source, "orders", columns, uniqueKeys: [unique])])
    let rows: [[String?]] = [["1", secret, "1"], ["2", secret, "2"], ["3", "c", "3"]]
    migration.set(sourceRows: rows, targetRows: rows)
    migration.target.rows[Migration.ORDERS]?[2][1] = secret
    return migration
  }

  private static let checks = [
    "columns.email.unique", "columns.email.accepted_values", "columns.email.references",
    "constraints", "checksum",
  ]

  /// Whichever of its names the author writes; a name nobody knows must not show everything.
  @Test(arguments: checks, ["email", "mail", "EMAIL", "emial"])
  func valuesAreNotShown(_ check: String, _ sensitive: String) throws {
    for method in DigestMethod.allCases {
      let trace = try Self.migration(sensitive: sensitive).trace(check, method: method)
      #expect(trace.verdict.outcome != .passed)
      #expect(!"\(trace.verdict)".contains(Self.secret), "\(trace.verdict)")
    }
  }

  /// Rows read in the order of their keys carry sensitive columns as salted digests.
  @Test func keyedStatements() throws {
    let trace = try Self.migration(sensitive: "email").trace("checksum")
    let texts = trace.comparisons.flatMap { comparison in
      [comparison.source, comparison.target].map { stream in
        FakeDialect().render(FakeDialect().rows(stream))
      }
    }
    #expect(!texts.isEmpty)
    for text in texts {
      #expect(text.contains("MD5('salt' || CANON(") && !text.contains("ELSE CANON("), "\(text)")
      #expect(!text.contains(Self.secret))
    }
  }

  /// The outermost list of a statement that reads rows shows digests only.
  @Test func rowStatements() throws {
    let trace = try Self.migration(sensitive: "email").trace("checksum", method: .md5)
    let texts = trace.dataQuestions.flatMap { question -> [String] in
      guard case .rows = question else { return [] }
      return FakeDialect().statements(for: question).map { FakeDialect().render($0) }
    }
    #expect(texts.count == 2)
    for text in texts {
      let shown = text.prefix(upTo: text.firstRange(of: " FROM ")?.lowerBound ?? text.endIndex)
      #expect(shown.contains("SUBSTR(MD5('salt' || c1), 1, 12) END AS c1"), "\(shown)")
      #expect(!shown.contains("c1,") || shown.contains("AS c1,"))
      #expect(!text.contains(Self.secret))
    }
  }

  /// Examples of groups are salted in the database.
  @Test(arguments: [
    "columns.email.unique", "columns.email.accepted_values", "columns.email.references",
  ])
  func groupStatements(_ check: String) throws {
    let trace = try Self.migration(sensitive: "email").trace(check)
    let texts = trace.dataQuestions.flatMap { FakeDialect().statements(for: $0) }
      .map { FakeDialect().render($0) }
    #expect(texts.count == 2)
    #expect(
      texts.last?.hasPrefix("SELECT CASE WHEN k0 IS NULL THEN NULL ELSE SUBSTR(MD5('salt'") == true)
  }

  /// A sensitive key is found by salted digests, so that nobody can look them up.
  @Test func keyDigests() throws {
    var migration = Migration()
    migration.tables = "orders: { key: email, sensitive: [email] }"
    migration.target.rows[Migration.ORDERS]?[1][2] = "21"
    let trace = try migration.trace("checksum")
    let digest = FakeSide.digest("13:b@example.com")
    #expect(trace.verdict.outcome == .failed)
    #expect(trace.verdict.rows?.sourceSQL == nil && trace.verdict.rows?.targetSQL == nil)
    for question in trace.dataQuestions {
      let texts = FakeDialect().statements(for: question).map { FakeDialect().render($0) }
      #expect(!texts.contains { $0.contains(digest) })
      guard case .rows = question else { continue }
      #expect(texts[0].contains("SELECT MD5('salt' || CASE WHEN k0"), "\(texts[0])")
    }
    for merge in trace.merges {
      let text = FakeDialect().render(FakeDialect().stream(merge.source))
      #expect(text.contains("MD5('salt' || CASE WHEN k0"), "\(text)")
    }
  }
}
