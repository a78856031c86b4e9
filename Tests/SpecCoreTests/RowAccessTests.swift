import Diagnostics
import SpecCore
import TestSupport
import Testing

/// Row access: who sees which rows, and row-level policies of the source that were lost.
@Suite struct RowAccessTests {
  private static let boss = RoleName(Identifier("BOSS"))
  private static let sales = RoleName(Identifier("SALES"))
  private static let guest = RoleName(Identifier("GUEST"))

  private static let all: [[String?]] = [
    ["1", "a@example.com", "10.5"], ["2", "b@example.com", "20"], ["3", nil, "0"],
  ]

  private static func rows(_ ids: Int...) -> [Relation: [[String?]]] {
    [Migration.ORDERS: ids.map { all[$0 - 1] }]
  }

  private static func migration() -> Migration {
    var migration = Migration()
    migration.head = """
      security:
        row_access:
          PUBLIC.ORDERS:
            policy: OWN_ROWS
            columns: [ID]
            sees_all: [BOSS]
            sees: { SALES: id < 3 }
            sees_nothing: [GUEST]
      """
    migration.target.isWanted = { filter, row in
      switch filter {
      case "id < 3": ["1", "2"].contains(row[0])
      case "id < 9": true
      case "id < 0": false
      default: true
      }
    }
    migration.target.seen = [boss: rows(1, 2, 3), sales: rows(1, 2), guest: rows()]
    return migration
  }

  static let cases: [(String, Outcome, String, @Sendable (inout Migration) -> Void)] = [
    ("as it must be", .passed, "of 3 rows: BOSS all, SALES 2, GUEST none", { _ in }),
    (
      "a role sees more than its condition", .failed, "SALES sees 3 of 3 rows",
      { $0.target.seen[sales] = rows(1, 2, 3) }
    ),
    (
      "as many rows, but others", .failed, "as many, but not the same",
      { $0.target.seen[sales] = rows(1, 3) }
    ),
    ("too few", .failed, "SALES sees 1 of 3 rows", { $0.target.seen[sales] = rows(1) }),
    ("a guest sees one", .failed, "GUEST sees 1 of 3 rows", { $0.target.seen[guest] = rows(1) }),
    ("all are not all", .failed, "BOSS sees 2 of 3 rows", { $0.target.seen[boss] = rows(1, 2) }),
    (
      "the run is restricted, and another role is not", .passed, "the run itself sees 1 of 3 rows",
      { $0.target.rows.merge(rows(1)) { $1 } }
    ),
    (
      "nobody sees all", .failed, "neither does the run itself",
      {
        $0.target.rows.merge(rows(1)) { $1 }
        $0.target.seen[boss] = rows(1)
      }
    ),
    (
      "a condition that gives every row", .errored, "every row of PUBLIC.ORDERS fulfils id < 9",
      {
        $0.head = $0.head.replacing("id < 3", with: "id < 9")
        $0.target.seen[sales] = rows(1, 2, 3)
      }
    ),
    (
      "a condition that gives no row", .errored, "no row of PUBLIC.ORDERS fulfils id < 0",
      {
        $0.head = $0.head.replacing("id < 3", with: "id < 0")
        $0.target.seen[sales] = rows()
      }
    ),
    (
      "an empty table", .errored, "has no row in the source",
      { $0.set(sourceRows: [], targetRows: []) }
    ),
    (
      "no key", .errored, "has no key",
      { $0.set(source: Migration.sourceColumns, target: Migration.targetColumns, hasKey: false) }
    ),
    ("who may not read", .failed, "SALES may not read", { $0.target.seen[sales] = nil }),
    (
      "nobody can act as the guest", .errored, "what GUEST sees",
      { $0.target.unavailable = [guest] }
    ),
    (
      "somebody named elsewhere sees all", .failed, "EXTRA sees all rows",
      {
        $0.head += "\n  roles: { target: { EXTRA: { members: [] } } }"
        $0.target.seen[RoleName(Identifier("EXTRA"))] = rows(1, 2, 3)
      }
    ),
    (
      "somebody named elsewhere may not read", .passed, "EXTRA may not read",
      { $0.head += "\n  roles: { target: { EXTRA: { members: [] } } }" }
    ),
  ]

  @Test(arguments: cases.indices)
  func effective(_ index: Int) throws {
    let (name, outcome, words, change) = Self.cases[index]
    var migration = Self.migration()
    change(&migration)
    let verdict = try migration.trace("effective").verdict
    #expect(verdict.outcome == outcome, "\(name): \(verdict)")
    let said: [String] =
      switch outcome {
      case .failed: verdict.findings
      case .errored: verdict.unchecked.map(\.reason)
      default: [verdict.summary] + verdict.notes
      }
    #expect(said.contains { $0.contains(words) }, "\(name): \(said)")
  }

  @Test(
    arguments: [
      (#"[ "ID" ]"#, Outcome.passed), (#"[ "AMOUNT" ]"#, .failed),
      (#"[ "ID", "AMOUNT" ]"#, .failed),
    ])
  func attached(_ columns: String, _ outcome: Outcome) throws {
    var migration = Self.migration()
    migration.target.listings[.policyReferences(Migration.ORDERS, isView: false)] = [
      ListedRow([
        "policy_db": "SHOP", "policy_schema": "PUBLIC", "policy_name": "OWN_ROWS",
        "policy_kind": "ROW_ACCESS_POLICY", "ref_arg_column_names": columns,
        "policy_status": "ACTIVE",
      ])
    ]
    let verdict = try migration.trace("attached").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  // MARK: Policies that were lost

  private static func policy(
    _ name: String?, role: String? = nil, rule: String = "(owner = CURRENT_USER)",
    permissive: Bool = true, command: String = "*", enabled: Bool = true, forced: Bool = false
  ) -> ListedRow {
    var values = [
      "enabled": enabled ? "t" : "f", "forced": forced ? "t" : "f", "owner": "root",
      "permissive": permissive ? "t" : "f", "command": command, "rule": rule,
    ]
    values["policy"] = name
    values["role"] = role
    return ListedRow(values)
  }

  private static let active = ListedRow([
    "policy_db": "SHOP", "policy_schema": "PUBLIC", "policy_name": "OWN_ROWS",
    "policy_kind": "ROW_ACCESS_POLICY", "policy_status": "ACTIVE",
  ])

  /// Rows of the source, of the target's function, of the account; outcome and words.
  static let lost: [(String, [ListedRow], [ListedRow]?, [ListedRow]?, Outcome, String)] = [
    (
      "no row-level security", [policy("own", enabled: false)], nil, nil, .passed,
      "none of them new"
    ),
    (
      "lost", [policy("own")], [], [], .failed,
      "READER reads every row of PUBLIC.ORDERS, but reader only those that the row-level policy own gives in the source; cure: ALTER TABLE PUBLIC.ORDERS ADD ROW ACCESS POLICY … ON (…)"
    ),
    (
      "lost, for the role by name", [policy("own", role: "reader")], [], [], .failed,
      "policy own gives"
    ),
    ("on, without a policy", [policy(nil)], [], [], .failed, "reads none in the source"),
    (
      "on, with one for others", [policy("own", role: "boss")], [], [], .failed,
      "reads none in the source"
    ),
    (
      "on, with one for writing", [policy("own", command: "w")], [], [], .failed,
      "reads none in the source"
    ),
    (
      "a restrictive one beside one that gives all",
      [policy("all", rule: "true"), policy("not_deleted", permissive: false)], [], [], .failed,
      "policies all, not_deleted give"
    ),
    (
      "gives every row", [policy("all", rule: "true")], [], [], .passed,
      "the policy all, which gives every row"
    ),
    ("carried over", [policy("own")], [active], nil, .passed, "was not compared"),
    ("carried over, as the account says", [policy("own")], [], [active], .passed, "two hours late"),
    (
      "not active", [policy("own")],
      [ListedRow(["policy_kind": "ROW_ACCESS_POLICY", "policy_name": "P", "policy_status": "X"])],
      nil, .failed, "READER reads every row"
    ),
    ("nobody may see", [policy("own")], [], nil, .errored, "may not see the account's list"),
    ("the source shows nothing", [], nil, nil, .errored, "could not be looked up"),
  ]

  private static func parity(_ source: [ListedRow]) -> Migration {
    let reader = RoleName(Identifier("reader"))
    let table = AccessObject(
      .relation, ["public", "orders"].map { Identifier($0) }, word: "TABLE")
    let schema = AccessObject(.schema, [Identifier("public")], word: "SCHEMA")
    var migration = Migration()
    migration.head = "security: { access: no_wider_than_source }"
    migration.source.access[.role(reader)] = DirectAccess(
      exists: true,
      grants: [AccessGrant("SELECT", on: table), AccessGrant("USAGE", on: schema)])
    migration.source.listings[.rowSecurity(Migration.orders)] = source
    let target = RoleName(Identifier("READER"))
    migration.target.readers[Migration.ORDERS] = TableReaders([TableReaders.Reader(.role(target))])
    migration.target.members[target] = RoleMembers(exists: true)
    return migration
  }

  @Test(arguments: lost.indices)
  func lostPolicies(_ index: Int) throws {
    let (name, source, own, account, outcome, words) = Self.lost[index]
    var migration = Self.parity(source)
    migration.target.listings = [.users: []]
    migration.target.listings[.policyReferences(Migration.ORDERS, isView: false)] = own
    migration.target.listings[.accountPolicyReferences(Migration.ORDERS)] = account
    let verdict = try migration.trace("security.access.orders").verdict
    #expect(verdict.outcome == outcome, "\(name): \(verdict)")
    let said =
      [verdict.summary] + verdict.findings + verdict.notes + verdict.unchecked.map(\.reason)
    #expect(said.contains { $0.contains(words) }, "\(name): \(said)")
  }

  /// For whom no row-level policy holds in the source, none can be lost.
  @Test(
    arguments: [
      (RolePower?.some(.bypassrls), false, false, Outcome.passed),
      (.superuser, false, false, .passed),
      (nil, true, false, .passed), (nil, true, true, .failed), (nil, false, false, .failed),
    ] as [(RolePower?, Bool, Bool, Outcome)])
  func exempt(_ power: RolePower?, _ isOwner: Bool, _ isForced: Bool, _ outcome: Outcome) throws {
    var migration = Self.parity([Self.policy("own", forced: isForced)])
    let reader = Principal.role(RoleName(Identifier("reader")))
    if let power { migration.source.access[reader]?.powers = [power] }
    if isOwner {
      migration.source.access[reader]?.grants.append(
        AccessGrant(
          AccessGrant.ownership,
          on: AccessObject(
            .relation, ["public", "orders"].map { Identifier($0) }, word: "TABLE")))
    }
    migration.target.listings = [
      .policyReferences(Migration.ORDERS, isView: false): [],
      .accountPolicyReferences(Migration.ORDERS): [],
    ]
    let verdict = try migration.trace("security.access.orders").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
    if outcome == .passed {
      #expect(
        verdict.notes.contains { $0.contains("does not restrict reader") }, "\(verdict.notes)")
    }
  }
}
