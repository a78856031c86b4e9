import Diagnostics
import SpecCore
import TestSupport
import Testing

/// Masking policies: attached where the spec says, and what each role really sees.
@Suite struct MaskingTests {
  private static let support = RoleName(Identifier("SUPPORT"))
  private static let analyst = RoleName(Identifier("ANALYST"))
  private static let guest = RoleName(Identifier("GUEST"))

  /// The rows of `orders` with other values of `email`.
  private static func rows(_ emails: String?...) -> [Relation: [[String?]]] {
    let ids = ["1", "2", "3"]
    let amounts = ["10.5", "20", "0"]
    return [
      Migration.ORDERS: zip(zip(ids, emails), amounts).map { [$0.0, $0.1, $1] }
    ]
  }

  private static let clear = rows("a@example.com", "b@example.com", nil)
  private static let hidden = rows("***", "***", "***")

  private static let head = """
    security:
      masking:
        PUBLIC.ORDERS.EMAIL: { policy: EMAIL_MASK, clear_for: [SUPPORT], masked_for: [ANALYST] }
    """

  private static func migration(_ head: String = head) -> Migration {
    var migration = Migration()
    migration.head = head
    migration.target.seen = [support: clear, analyst: hidden]
    migration.target.readers[Migration.ORDERS] = TableReaders([
      TableReaders.Reader(.role(support)),
      TableReaders.Reader(.role(RoleName(Identifier("OWNER")))),
    ])
    return migration
  }

  struct Sight: Sendable {
    let name: String
    let outcome: Outcome
    /// Words of a finding, of a reason, or (passed) of the summary or a note.
    let words: String
    let change: @Sendable (inout Migration) -> Void

    init(
      _ name: String, _ outcome: Outcome, _ words: String,
      _ change: @escaping @Sendable (inout Migration) -> Void = { _ in }
    ) {
      self.name = name
      self.outcome = outcome
      self.words = words
      self.change = change
    }
  }

  static let sights = [
    Sight("as it must be", .passed, "clear for SUPPORT (2 rows), masked for ANALYST (2 rows)"),
    Sight("who else may read is told", .passed, "were not tried: OWNER"),
    Sight("masked as NULL", .passed, "masked for ANALYST") {
      $0.target.seen[analyst] = rows(nil, nil, nil)
    },
    Sight(
      "let through", .failed, "ANALYST sees the true value of PUBLIC.ORDERS.EMAIL in 2 of 2 rows"
    ) {
      $0.target.seen[analyst] = clear
    },
    Sight("let through in one row", .failed, "in 1 of 2 rows") {
      $0.target.seen[analyst] = rows("***", "b@example.com", "***")
    },
    Sight("masked for those who must see", .failed, "SUPPORT does not see the true value") {
      $0.target.seen[support] = hidden
    },
    Sight("masked for everyone, also for the run", .failed, "neither does the run itself") {
      $0.target.seen[support] = hidden
      $0.target.rows.merge(hidden) { $1 }
    },
    Sight(
      "the run is masked, and the truth is the source's", .passed, "the run itself does not see"
    ) {
      $0.target.rows.merge(hidden) { $1 }
    },
    Sight("the run and the listed role are masked alike", .failed, "ANALYST sees the true value") {
      $0.target.rows.merge(hidden) { $1 }
      $0.target.seen[analyst] = clear
    },
    // A mask may be some true value by chance.
    Sight("a mask that is one of the values", .passed, "happens to be the true value") {
      $0.target.seen[analyst] = rows("a@example.com", "a@example.com", "a@example.com")
    },
    Sight("another value that is true elsewhere", .passed, "masked for ANALYST") {
      $0.target.seen[analyst] = rows("b@example.com", "a@example.com", nil)
    },
    Sight("a masked role sees no row", .errored, "ANALYST sees no row") {
      $0.target.seen[analyst] = [Migration.ORDERS: []]
    },
    Sight("a clear role sees no row", .errored, "SUPPORT sees no row") {
      $0.target.seen[support] = [Migration.ORDERS: []]
    },
    Sight("only rows without a value", .errored, "have no value that could be judged") {
      $0.target.seen[analyst] = [Migration.ORDERS: [["3", "***", "0"]]]
    },
    Sight("fewer rows, in clear", .failed, "in 1 of 1 row") {
      $0.target.seen[analyst] = [Migration.ORDERS: [["1", "a@example.com", "10.5"]]]
    },
    Sight("fewer rows, masked", .passed, "ANALYST sees 1 of 3 rows") {
      $0.target.seen[analyst] = [Migration.ORDERS: [["1", "***", "10.5"]]]
    },
    Sight(
      "keys that nobody knows", .errored, "1 of 3 rows of PUBLIC.ORDERS.EMAIL that ANALYST sees"
    ) {
      $0.target.seen[analyst] = [
        Migration.ORDERS: [["1", "***", "0"], ["2", "***", "0"], ["9", "a@example.com", "0"]]
      ]
    },
    Sight("every key is masked too", .errored, "have keys that the source does not have") {
      $0.target.seen[analyst] = [Migration.ORDERS: [["x", "a@example.com", "0"]]]
    },
    Sight("an empty table", .errored, "has no row in the source") {
      $0.set(sourceRows: [], targetRows: [])
    },
    Sight("nothing but NULL", .errored, "is NULL in the source") {
      $0.source.rows[Migration.orders] = [["1", nil, "0"], ["2", nil, "0"]]
    },
    Sight(
      "a clear role may not read", .failed,
      "cure: GRANT SELECT ON TABLE PUBLIC.ORDERS TO ROLE SUPPORT"
    ) {
      $0.target.seen[support] = nil
    },
    Sight("a masked role may not read", .errored, "ANALYST may not read PUBLIC.ORDERS.EMAIL at all")
    {
      $0.target.seen[analyst] = nil
    },
    Sight("nobody can act as the role", .errored, "what ANALYST sees") {
      $0.target.unavailable = [analyst]
    },
    Sight("the policy is asked instead", .passed, "did not act as ANALYST") {
      $0.target.unavailable = [analyst]
      $0.target.canSimulate = true
    },
    Sight("the policy is asked instead, and lets through", .failed, "ANALYST sees the true value") {
      $0.target.unavailable = [analyst]
      $0.target.canSimulate = true
      $0.target.seen[analyst] = clear
    },
    Sight("the source cannot be read", .errored, "no") {
      $0.source.override = { question in
        if case .valueDigests = question {
          .failed(DatabaseError(.permissionDenied, "no"))
        } else {
          nil
        }
      }
    },
    Sight("a table that is not compared", .errored, "is not among the tables that are compared") {
      $0.head = $0.head.replacing("PUBLIC.ORDERS", with: "PUBLIC.OTHER")
    },
    Sight("no such column", .errored, "has no counterpart in the source") {
      $0.head = $0.head.replacing("EMAIL:", with: "MAIL:")
    },
    Sight("without a key: values that any row has", .failed, "ANALYST sees the true value") {
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns, hasKey: false)
      $0.target.seen[analyst] = clear
    },
    Sight("without a key: masked", .passed, "there is no key") {
      $0.set(source: Migration.sourceColumns, target: Migration.targetColumns, hasKey: false)
    },
    Sight("the masked column is the key itself", .passed, "there is no key") {
      $0.tables = "orders: { key: email }"
    },
  ]

  @Test(arguments: sights.indices)
  func sight(_ index: Int) throws {
    let sight = Self.sights[index]
    var migration = Self.migration()
    sight.change(&migration)
    let verdict = try migration.trace("effective").verdict
    #expect(verdict.outcome == sight.outcome, "\(sight.name): \(verdict)")
    let said: [String] =
      switch sight.outcome {
      case .failed: verdict.findings
      case .errored: verdict.unchecked.map(\.reason)
      default: [verdict.summary] + verdict.notes
      }
    #expect(said.contains { $0.contains(sight.words) }, "\(sight.name): \(said)")
  }

  /// Who is neither clear nor masked by name must not see the values, if they may read at all.
  @Test(
    arguments: [
      (nil, Outcome.passed), (hidden, .passed), (clear, .failed),
    ] as [([Relation: [[String?]]]?, Outcome)])
  func namedElsewhere(_ rows: [Relation: [[String?]]]?, _ outcome: Outcome) throws {
    var migration = Self.migration(
      Self.head + "\n  roles: { target: { GUEST: { members: [] }, SHOP.LOCAL: { members: [] } } }")
    migration.target.seen[Self.guest] = rows
    // Who may not read is not asked about any further.
    migration.target.canSimulate = true
    let verdict = try migration.trace("effective").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
    #expect(verdict.notes.contains { $0.contains("GUEST may not read") } == (rows == nil))
    #expect(!verdict.notes.contains { $0.contains("POLICY_CONTEXT") })
  }

  /// That nobody is masked is no proof that anybody is.
  @Test func nobodyMasked() throws {
    let migration = Self.migration(Self.head.replacing(", masked_for: [ANALYST]", with: ""))
    let verdict = try migration.trace("effective").verdict
    #expect(verdict.outcome == .errored, "\(verdict)")
    #expect(verdict.unchecked.first?.remedy?.contains("masked_for") == true)
  }

  /// What is asked carries no value, and is a part of a table that is large.
  @Test func digestsOnly() throws {
    var migration = Self.migration()
    migration.source.override = { question in
      if case .aggregate(_, [.rowCount]) = question { .measures([["1000000"]]) } else { nil }
    }
    let trace = try migration.trace("effective")
    let samples = trace.asks.compactMap { ask -> Int? in
      switch ask.question {
      case .valueDigests(let scan, _, _, _), .viewed(.valueDigests(let scan, _, _, _), _):
        scan.sample?.limit
      default: nil
      }
    }
    #expect(samples == Array(repeating: 64_424_509, count: 4))
    #expect(trace.verdict.notes.contains { $0.contains("chosen by the digests of their keys") })
    let question = Question.valueDigests(
      Scan(relation: Migration.ORDERS),
      key: [CanonicalColumn(name: Identifier("ID"), type: .integer(digits: 38), form: .number)],
      value: CanonicalColumn(name: Identifier("EMAIL"), type: .text(limit: nil), form: .text),
      most: 5)
    let dialect = FakeDialect()
    let sql = dialect.statements(for: question).map(dialect.render).joined()
    #expect(sql.contains("'salt' || c0") && sql.hasSuffix("LIMIT 5"), "\(sql)")
  }

  // MARK: Views and copies

  private static let view = Relation(schema: Migration.targetSchema, name: Identifier("V"))

  private static func withView(_ columns: [ColumnCatalog], _ rows: [[String?]]) -> Migration {
    var migration = Self.migration(
      head.replacing("masked_for: [ANALYST]", with: "masked_for: [ANALYST], also: [PUBLIC.V.MAIL]"))
    migration.set(
      .target,
      [
        Migration.table(.target, "ORDERS", Migration.targetColumns),
        Migration.table(.target, "V", columns, hasKey: false, kind: .view),
        Migration.table(
          .target, "COPY_OF_IT",
          [Migration.column("EMAIL", "VARCHAR(16777216)", .text(limit: 16_777_216))]),
      ])
    migration.target.rows[view] = rows
    for role in [support, analyst] { migration.target.seen[role]?[view] = rows }
    return migration
  }

  private static let mail = Migration.column(
    "MAIL", "VARCHAR(16777216)", .text(limit: 16_777_216))
  private static let id = Migration.targetColumns[0]

  @Test(
    arguments: [
      (
        [id, mail], [["1", "a@example.com"], ["2", "b@example.com"], ["3", nil]], Outcome.failed
      ),
      ([id, mail], [["1", "b@example.com"], ["2", "a@example.com"], ["3", nil]], .failed),
      ([mail], [["a@example.com"], ["b@example.com"]], .failed),
      ([mail], [["***"], ["***"]], .failed),
    ] as [([ColumnCatalog], [[String?]], Outcome)])
  func views(_ columns: [ColumnCatalog], _ rows: [[String?]], _ outcome: Outcome) throws {
    // In each somebody sees what they must not, or does not see what they must.
    let verdict = try Self.withView(columns, rows).trace("also.PUBLIC.V.MAIL").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  @Test func viewsThatKeepTheMask() throws {
    var migration = Self.withView(
      [Self.id, Self.mail], [["1", "a@example.com"], ["2", "b@example.com"], ["3", nil]])
    migration.target.seen[Self.analyst]?[Self.view] = [["1", "***"], ["2", "***"], ["3", "***"]]
    let verdict = try migration.trace("also.PUBLIC.V.MAIL").verdict
    #expect(verdict.outcome == .passed, "\(verdict)")
    let base = try migration.trace("masking.PUBLIC.ORDERS.EMAIL.effective").verdict
    #expect(
      base.notes.contains { $0.contains("not looked at: COPY_OF_IT.EMAIL") }, "\(base.notes)")
  }

  // MARK: Attached

  private static func reference(_ policy: String, _ column: String, _ status: String = "ACTIVE")
    -> ListedRow
  {
    ListedRow([
      "policy_db": "SHOP", "policy_schema": "RULES", "policy_name": policy,
      "policy_kind": "MASKING_POLICY", "ref_column_name": column, "policy_status": status,
    ])
  }

  static let attachments: [(String, [ListedRow]?, [ListedRow]?, [ListedRow]?, Outcome, String)] = [
    (
      "attached", [reference("EMAIL_MASK", "EMAIL")], nil, nil, .passed,
      "SHOP.RULES.EMAIL_MASK is attached"
    ),
    (
      "another", [reference("OTHER", "EMAIL")], nil, nil, .failed, "SHOP.RULES.OTHER is attached to"
    ),
    (
      "asleep", [reference("EMAIL_MASK", "EMAIL", "POLICY_COULD_NOT_BE_APPLIED")], nil, nil,
      .failed, "not active"
    ),
    ("nothing shown, and nothing proves it", [], nil, nil, .errored, "proves nothing"),
    ("nothing may be asked", nil, nil, nil, .errored, "proves nothing"),
    (
      "nothing shown, and other policies are seen", [], [ListedRow(["name": "OTHER"])], nil,
      .errored, "proves nothing"
    ),
    (
      "nothing shown, and the policy is seen", [],
      [ListedRow(["database_name": "SHOP", "schema_name": "RULES", "name": "EMAIL_MASK"])], nil,
      .failed,
      "EMAIL_MASK is not attached to PUBLIC.ORDERS.EMAIL; cure: ALTER TABLE PUBLIC.ORDERS MODIFY COLUMN EMAIL SET MASKING POLICY EMAIL_MASK"
    ),
    (
      "the account's list has it", [], [], [reference("EMAIL_MASK", "EMAIL")], .passed,
      "two hours late"
    ),
    (
      "the account's list has it elsewhere", [], [], [reference("EMAIL_MASK", "ID")], .failed,
      "is not attached"
    ),
    (
      "the account's late list still has it", [],
      [ListedRow(["database_name": "SHOP", "schema_name": "RULES", "name": "EMAIL_MASK"])],
      [reference("EMAIL_MASK", "EMAIL")], .failed, "is not attached"
    ),
    (
      "another of the same name is seen", [],
      [ListedRow(["database_name": "SHOP", "schema_name": "OLD", "name": "EMAIL_MASK"])],
      [reference("EMAIL_MASK", "EMAIL")], .passed, "two hours late"
    ),
    ("on another column", [reference("EMAIL_MASK", "ID")], [], [], .failed, "is not attached"),
  ]

  @Test(arguments: attachments.indices)
  func attached(_ index: Int) throws {
    let (name, own, shown, account, outcome, words) = Self.attachments[index]
    var migration = Self.migration()
    migration.target.listings = [.users: []]
    migration.target.listings[.policyReferences(Migration.ORDERS, isView: false)] = own
    migration.target.listings[.policies(.masking)] = shown
    migration.target.listings[.accountPolicyReferences(Migration.ORDERS)] = account
    let verdict = try migration.trace("attached").verdict
    #expect(verdict.outcome == outcome, "\(name): \(verdict)")
    let said =
      [verdict.summary] + verdict.findings + verdict.notes + verdict.unchecked.map(\.reason)
    #expect(said.contains { $0.contains(words) }, "\(name): \(said)")
  }
}
