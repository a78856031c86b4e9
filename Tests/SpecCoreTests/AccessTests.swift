import Diagnostics
import SpecCore
import TestSupport
import Testing

/// Who may do what, followed through roles within roles, PUBLIC, owners and objects to come.
@Suite struct AccessTests {
  private static let reader = RoleName(Identifier("reader"))

  private static func table(_ name: String, column: String? = nil, isFuture: Bool = false)
    -> AccessObject
  {
    let path = isFuture ? ["public"] : ["public", name]
    return AccessObject(
      .relation, path.map { Identifier($0) }, column: column.map { Identifier($0) },
      word: "TABLE", isFuture: isFuture)
  }

  private static func grant(
    _ privilege: String, _ object: AccessObject, isGrantable: Bool = false
  ) -> AccessGrant {
    AccessGrant(privilege, on: object, isGrantable: isGrantable, creator: Identifier("loader"))
  }

  /// A spec about the role `reader` of the source, whose role says this.
  private static func verdict(
    _ role: String, _ check: String = "privileges", _ change: (inout FakeSide) -> Void
  ) throws -> Verdict {
    let body = role.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
    var migration = Migration()
    migration.head = "security:\n  roles:\n    source:\n      reader:\n\(body)"
    change(&migration.source)
    return try migration.trace("security.roles.source.reader.\(check)").verdict
  }

  private static func direct(
    _ grants: [AccessGrant] = [], roles: [DirectAccess.HeldRole] = [], powers: [RolePower] = []
  ) -> DirectAccess { DirectAccess(exists: true, roles: roles, grants: grants, powers: powers) }

  private static let expected = "  privileges: { public.orders: [SELECT] }"

  @Test func exactlyThese() throws {
    let verdict = try Self.verdict(Self.expected) { side in
      side.access[.role(Self.reader)] = Self.direct([Self.grant("SELECT", Self.table("orders"))])
    }
    #expect(verdict.outcome == .passed, "\(verdict)")
  }

  /// Each with what is found beside, or in place of, the one right that is listed.
  static let cases: [(String, @Sendable (inout FakeSide) -> Void, [String])] = [
    (
      "its own", { $0.access[.role(reader)]?.grants.append(grant("DELETE", table("orders"))) },
      ["extra: DELETE on public.orders; cure: REVOKE DELETE ON public.orders FROM reader"]
    ),
    (
      "PUBLIC's", { $0.access[.everyone] = direct([grant("SELECT", table("customers"))]) },
      [
        "extra: SELECT on public.customers, through PUBLIC; cure: REVOKE SELECT ON public.customers FROM PUBLIC"
      ]
    ),
    (
      "inherited over two roles",
      {
        $0.access[.role(reader)]?.roles = [DirectAccess.HeldRole(RoleName(Identifier("a")))]
        $0.access[.role(RoleName(Identifier("a")))] = direct(
          roles: [DirectAccess.HeldRole(RoleName(Identifier("b")))])
        $0.access[.role(RoleName(Identifier("b")))] = direct([grant("SELECT", table("customers"))])
      },
      [
        "extra: SELECT on public.customers, through a, b; cure: REVOKE SELECT ON public.customers FROM b"
      ]
    ),
    (
      "only after SET ROLE",
      {
        $0.access[.role(reader)] = direct(
          roles: [DirectAccess.HeldRole(RoleName(Identifier("a")), isInherited: false)])
        $0.access[.role(RoleName(Identifier("a")))] = direct([grant("SELECT", table("orders"))])
      },
      [
        "missing: SELECT on public.orders (only after SET ROLE through a); cure: GRANT SELECT ON public.orders TO reader"
      ]
    ),
    (
      "roles in a circle",
      {
        $0.access[.role(reader)]?.roles = [DirectAccess.HeldRole(RoleName(Identifier("a")))]
        $0.access[.role(RoleName(Identifier("a")))] = direct(
          [grant("UPDATE", table("orders"))], roles: [DirectAccess.HeldRole(reader)])
      },
      [
        "extra: UPDATE on public.orders, through a; cure: REVOKE UPDATE ON public.orders FROM a"
      ]
    ),
    (
      "the option to pass it on",
      { $0.access[.role(reader)] = direct([grant("SELECT", table("orders"), isGrantable: true)]) },
      [
        "extra: SELECT WITH GRANT OPTION on public.orders; cure: REVOKE GRANT OPTION FOR SELECT ON public.orders FROM reader"
      ]
    ),
    (
      "a column of another table",
      {
        $0.access[.role(reader)]?.grants.append(
          grant("SELECT", table("customers", column: "email")))
      },
      [
        "extra: SELECT on public.customers.email; cure: REVOKE SELECT (email) ON public.customers FROM reader"
      ]
    ),
    (
      "only a column",
      { $0.access[.role(reader)] = direct([grant("SELECT", table("orders", column: "id"))]) },
      ["missing: SELECT on public.orders; cure: GRANT SELECT ON public.orders TO reader"]
    ),
    (
      "tables to come",
      { $0.access[.role(reader)]?.grants.append(grant("SELECT", table("", isFuture: true))) },
      [
        "extra: SELECT on every table to come in public; cure: ALTER DEFAULT PRIVILEGES FOR ROLE loader IN SCHEMA public REVOKE SELECT ON TABLES FROM reader"
      ]
    ),
    (
      "ownership",
      { $0.access[.role(reader)]?.grants.append(grant("OWNERSHIP", table("customers"))) },
      [
        "extra: OWNERSHIP on public.customers; cure: ALTER TABLE public.customers OWNER TO …"
      ]
    ),
    (
      "nothing", { $0.access[.role(reader)] = direct() },
      ["missing: SELECT on public.orders; cure: GRANT SELECT ON public.orders TO reader"]
    ),
    (
      "a superuser", { $0.access[.role(reader)] = direct(powers: [.superuser]) },
      ["extra: superuser: may do everything"]
    ),
    (
      "a superuser one step away",
      {
        $0.access[.role(reader)]?.roles = [DirectAccess.HeldRole(RoleName(Identifier("root")))]
        $0.access[.role(RoleName(Identifier("root")))] = direct(powers: [.superuser])
      },
      ["extra: superuser: may do everything, after SET ROLE through root"]
    ),
    (
      "a role that reads everything",
      {
        $0.access[.role(reader)]?.roles = [
          DirectAccess.HeldRole(RoleName(Identifier("pg_read_all_data")))
        ]
        $0.access[.role(RoleName(Identifier("pg_read_all_data")))] = direct()
      },
      ["extra: pg_read_all_data: reads every table, through pg_read_all_data"]
    ),
    (
      "no role", { $0.access = [:] }, ["there is no role reader in Postgres"]
    ),
  ]

  @Test(arguments: cases.indices)
  func differences(_ index: Int) throws {
    let (name, change, findings) = Self.cases[index]
    let verdict = try Self.verdict(Self.expected) { side in
      side.access[.role(Self.reader)] = Self.direct([Self.grant("SELECT", Self.table("orders"))])
      change(&side)
    }
    #expect(verdict.findings == findings, "\(name)")
    #expect(verdict.outcome == .failed)
  }

  /// What a list says decides about the kinds of objects it names, and about tables always.
  @Test func kinds() throws {
    let schema = AccessObject(.schema, [Identifier("public")], word: "SCHEMA")
    func found(_ list: String) throws -> Verdict {
      try Self.verdict("  privileges: { \(list) }") { side in
        side.access[.role(Self.reader)] = Self.direct([
          Self.grant("SELECT", Self.table("orders")), Self.grant("USAGE", schema),
          Self.grant("CREATE", schema),
        ])
      }
    }
    let silent = try found("public.orders: [SELECT]")
    #expect(silent.outcome == .passed)
    #expect(silent.notes == ["rights that the list does not decide about: 2 on schema"])
    let spoken = try found("public.orders: [SELECT], public: [USAGE]")
    #expect(
      spoken.findings == [
        "extra: CREATE on public; cure: REVOKE CREATE ON SCHEMA public FROM reader"
      ])
  }

  @Test func ownersAndPowersThatAreMeant() throws {
    let role = """
        privileges: { public.orders: [OWNERSHIP] }
        powers: [bypassrls]
      """
    let verdict = try Self.verdict(role) { side in
      side.access[.role(Self.reader)] = Self.direct(
        ["OWNERSHIP", "SELECT", "TRUNCATE"].map { Self.grant($0, Self.table("orders")) },
        powers: [.bypassrls])
    }
    #expect(verdict.outcome == .passed, "\(verdict)")
  }

  /// A catalog that refuses leaves nothing to pass.
  @Test(arguments: ["privileges", "members", "denied.select-on-public.orders"])
  func refused(_ check: String) throws {
    let role = """
        privileges: { public.orders: [SELECT] }
        members: []
        denied: [select on public.orders]
      """
    let error = DatabaseError(.permissionDenied, "no", hint: "ask")
    let verdict = try Self.verdict(role, check) { $0.override = { _ in .failed(error) } }
    #expect(verdict.outcome == .errored)
    #expect(verdict.unchecked.first?.type == "permission_denied")
  }

  @Test(
    arguments: [
      (["alice"], ["alice"], []),
      (
        ["alice"], ["bob"],
        ["extra: alice; cure: REVOKE reader FROM alice", "missing: bob; cure: GRANT reader TO bob"]
      ),
      ([], [], []),
      (["alice"], [], ["extra: alice; cure: REVOKE reader FROM alice"]),
      (
        ["alice*"], ["alice"],
        [
          "extra: alice may give the role to others; cure: REVOKE ADMIN OPTION FOR reader FROM alice"
        ]
      ),
      (["alice*"], ["alice WITH ADMIN OPTION"], []),
    ] as [([String], [String], [String])])
  func members(_ there: [String], _ expected: [String], _ findings: [String]) throws {
    let verdict = try Self.verdict("  members: [\(expected.joined(separator: ", "))]", "members") {
      $0.members[Self.reader] = RoleMembers(
        exists: true,
        members: there.map { name in
          RoleMembers.Member(
            .role(RoleName(Identifier(name.replacing("*", with: "")))),
            isAdmin: name.hasSuffix("*"))
        })
    }
    #expect(verdict.findings == findings)
    #expect(verdict.outcome == (findings.isEmpty ? .passed : .failed))
  }

  /// A refusal counts only of a table that is there and of a role that the run can act as.
  @Test(
    arguments: [
      ("denied: [select on public.orders]", Set<Probe>(), Outcome.passed),
      ("denied: [select on public.orders]", [.select(Migration.orders)], .failed),
      ("allowed: [select on public.orders]", [.select(Migration.orders)], .passed),
      ("allowed: [select on public.orders]", [], .failed),
      ("denied: [select on public.ordres]", [], .errored),
      ("denied: [select on other.orders]", [], .errored),
      // The first column is not all columns.
      ("denied: [update on public.orders]", [.updateAny(Migration.orders)], .failed),
      ("denied: [usage on public]", [.usage(Harmless.schema)], .failed),
    ] as [(String, Set<Probe>, Outcome)])
  func attempts(_ line: String, _ permitted: Set<Probe>, _ outcome: Outcome) throws {
    let words = try #require(line.split(separator: "[").last?.dropLast())
    let check =
      "\(line.prefix(while: { $0 != ":" })).\(words.split(separator: " ").joined(separator: "-"))"
    let verdict = try Self.verdict("  \(line)", check) { $0.permitted[Self.reader] = permitted }
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  private enum Harmless { static let schema = SchemaName(schema: Identifier("public")) }

  /// That the run may not act as the role is no refusal.
  @Test func unableToAct() throws {
    let error = DatabaseError(.configuration, "the run cannot act as reader", hint: "grant it")
    let verdict = try Self.verdict(
      "  denied: [select on public.orders]", "denied.select-on-public.orders"
    ) { side in
      side.override = { question in
        if case .probe = question { .failed(error) } else { nil }
      }
    }
    #expect(verdict.outcome == .errored)
    #expect(verdict.unchecked.first?.remedy == "grant it")
  }

  @Test(
    arguments: [
      ("required", LinkProtection.none, Outcome.failed), ("required", .loopback, .errored),
      ("required", .gssapi, .errored),
      ("required", .tls(protocol: "TLSv1.3", cipher: "X", identity: .unknown), .passed),
      ("required", .tls(protocol: "TLSv1.1", cipher: "X", identity: .verified), .failed),
      ("required", .tls(protocol: "SSLv3", cipher: nil, identity: .verified), .failed),
      ("verified", .tls(protocol: "TLSv1.3", cipher: "X", identity: .unknown), .failed),
      ("verified", .tls(protocol: "TLSv1.2", cipher: "X", identity: .certificateOnly), .failed),
      ("verified", .tls(protocol: "TLSv1.2 or later", cipher: nil, identity: .verified), .passed),
    ] as [(String, LinkProtection, Outcome)])
  func transit(_ demand: String, _ link: LinkProtection, _ outcome: Outcome) throws {
    var migration = Migration()
    migration.head = "security: { encryption: { in_transit: \(demand) } }"
    migration.source.link = link
    let verdict = try migration.trace("security.encryption.source.in_transit").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  /// Nobody's word is no pass.
  @Test func atRest() throws {
    var migration = Migration()
    migration.head = """
      security:
        encryption:
          at_rest: { source: { statement: encrypted disks, by: eve, date: 2026-11-01 } }
      """
    let attested = try migration.trace("security.encryption.source.at_rest").verdict
    #expect(attested.outcome == .passed && attested.summary.contains("eve on 2026-11-01"))
    let silent = try migration.trace("security.encryption.target.at_rest").verdict
    #expect(silent.outcome == .errored && silent.unchecked.first?.type == "not_attested")
  }

  @Test(
    arguments: [
      ("PREVENT_UNLOAD_TO_INLINE_URL: true", "true", Outcome.passed),
      ("prevent_unload_to_inline_url: true", "TRUE", .passed),
      ("PREVENT_UNLOAD_TO_INLINE_URL: true", "false", .failed),
      ("MIN_DATA_RETENTION_TIME_IN_DAYS: { at_least: 7 }", "7", .passed),
      ("MIN_DATA_RETENTION_TIME_IN_DAYS: { at_least: 7 }", "6", .failed),
      ("MIN_DATA_RETENTION_TIME_IN_DAYS: { at_least: 7 }", "", .failed),
      ("NONESUCH: 1", nil, .errored),
    ] as [(String, String?, Outcome)])
  func parameters(_ line: String, _ value: String?, _ outcome: Outcome) throws {
    let name = String(line.prefix { $0 != ":" }).uppercased()
    var migration = Migration()
    migration.head = "security:\n  parameters: { \(line) }"
    migration.target.parameters[name] = value
    let verdict = try migration.trace("security.account.parameters.\(name)").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  @Test(
    arguments: [
      ("CORP", "203.0.113.0/24", [], Outcome.passed),
      ("", "203.0.113.0/24", ["no network policy is in force"], .failed),
      ("OTHER", "203.0.113.0/24", ["OTHER is in force, not CORP"], .failed),
      ("CORP", "203.0.113.0/24,0.0.0.0/0", ["CORP allows 0.0.0.0/0"], .failed),
      ("CORP", "203.0.113.0/24,198.51.100.7", ["extra: 198.51.100.7 may log in"], .failed),
      ("CORP", "198.51.100.7", ["extra: 198.51.100.7", "missing: 203.0.113.0/24"], .failed),
      ("CORP", nil, [], .errored),
    ] as [(String, String?, [String], Outcome)])
  func networkPolicy(
    _ inForce: String, _ list: String?, _ findings: [String], _ outcome: Outcome
  ) throws {
    var migration = Migration()
    migration.head =
      "security:\n  network_policy: { name: corp, allowed: [203.0.113.0/24] }"
    migration.target.parameters["NETWORK_POLICY"] = inForce
    migration.target.networkPolicies[Identifier("CORP")] = list.map { ["ALLOWED_IP_LIST": $0] }
    let verdict = try migration.trace("security.account.network_policy").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
    #expect(verdict.findings.count == findings.count, "\(verdict)")
    for (found, words) in zip(verdict.findings, findings) { #expect(found.hasPrefix(words)) }
  }

  /// Who reads more in the target than in the source, and who does not.
  static let parity: [(String, @Sendable (inout Migration) -> Void, [String])] = [
    ("the same role on both sides", { _ in }, []),
    (
      "a role that may not enter the schema of the source",
      { $0.source.access[.role(reader)]?.grants.removeAll { $0.privilege == "USAGE" } },
      [
        "READER reads PUBLIC.ORDERS, but reader may not read it in the source; cure: REVOKE SELECT ON TABLE PUBLIC.ORDERS FROM ROLE READER"
      ]
    ),
    (
      "a column became the table",
      {
        $0.source.access[.role(reader)]?.grants.removeAll { $0.privilege == "SELECT" }
        $0.source.access[.role(reader)]?.grants.append(
          grant("SELECT", table("orders", column: "id")))
      },
      [
        "READER reads all of PUBLIC.ORDERS, but reader reads only id in the source; cure: REVOKE SELECT ON TABLE PUBLIC.ORDERS FROM ROLE READER"
      ]
    ),
    (
      "a role that nobody knew",
      { $0.target.readers[Migration.ORDERS]?.readers.append(reads("NEWCOMER")) },
      [
        "NEWCOMER reads PUBLIC.ORDERS, and stands for no role of the source (there is no newcomer); cure: REVOKE SELECT ON TABLE PUBLIC.ORDERS FROM ROLE NEWCOMER"
      ]
    ),
    (
      "a role within a role",
      {
        $0.target.members[RoleName(Identifier("READER"))] = RoleMembers(
          exists: true,
          members: [
            RoleMembers.Member(.role(RoleName(Identifier("BOSS")))),
            RoleMembers.Member(.user(Identifier("ANNA"))),
          ])
      },
      [
        "BOSS reads PUBLIC.ORDERS, through READER, and stands for no role of the source (there is no boss); cure: REVOKE SELECT ON TABLE PUBLIC.ORDERS FROM ROLE READER"
      ]
    ),
    (
      "PUBLIC",
      { $0.target.readers[Migration.ORDERS]?.readers.append(TableReaders.Reader(.everyone)) },
      [
        "PUBLIC, which is everyone, reads PUBLIC.ORDERS, but not in the source; cure: REVOKE SELECT ON TABLE PUBLIC.ORDERS FROM ROLE PUBLIC"
      ]
    ),
    (
      "PUBLIC on both sides",
      {
        $0.target.readers[Migration.ORDERS]?.readers.append(TableReaders.Reader(.everyone))
        $0.source.access[.everyone] = direct([
          grant("SELECT", table("orders")), grant("USAGE", schema),
        ])
      }, []
    ),
    (
      "a share and a user",
      {
        $0.target.readers[Migration.ORDERS] = TableReaders([
          TableReaders.Reader(.share(Identifier("S"))),
          TableReaders.Reader(.user(Identifier("ANNA"))),
        ])
      },
      [
        "user ANNA reads PUBLIC.ORDERS by a right of their own, beside all roles; cure: REVOKE SELECT ON TABLE PUBLIC.ORDERS FROM USER ANNA",
        "the share S shows PUBLIC.ORDERS to other accounts; cure: REVOKE SELECT ON TABLE PUBLIC.ORDERS FROM SHARE S",
      ]
    ),
    (
      "mapped, excused and the system's own",
      {
        $0.target.readers[Migration.ORDERS] = TableReaders(
          ["SYSADMIN", "LOADER", "ANALYST"].map(reads))
      }, []
    ),
  ]

  private static let schema = AccessObject(.schema, [Identifier("public")], word: "SCHEMA")

  private static func reads(_ role: String) -> TableReaders.Reader {
    TableReaders.Reader(.role(RoleName(Identifier(role))))
  }

  @Test(arguments: parity.indices)
  func noWiderThanSource(_ index: Int) throws {
    let (name, change, findings) = Self.parity[index]
    var migration = Migration()
    migration.head = """
      security:
        access:
          no_wider_than_source: { map: { reader: ANALYST }, except: { LOADER: it loads } }
      """
    if name != "mapped, excused and the system's own" {
      migration.head = "security: { access: no_wider_than_source }"
    }
    migration.source.access[.role(Self.reader)] = Self.direct([
      Self.grant("SELECT", Self.table("orders")), Self.grant("USAGE", Self.schema),
    ])
    migration.target.readers[Migration.ORDERS] = TableReaders([Self.reads("READER")])
    for role in ["READER", "NEWCOMER", "BOSS", "SYSADMIN", "LOADER", "ANALYST"] {
      migration.target.members[RoleName(Identifier(role))] = RoleMembers(exists: true)
    }
    change(&migration)
    let verdict = try migration.trace("security.access.orders").verdict
    #expect(verdict.findings == findings, "\(name)")
    #expect(verdict.outcome == (findings.isEmpty ? .passed : .failed), "\(verdict)")
  }

  /// Every table has an owner: a target that shows nobody hides somebody.
  @Test func hiddenReaders() throws {
    var migration = Migration()
    migration.head = "security: { access: no_wider_than_source }"
    let verdict = try migration.trace("security.access.orders").verdict
    #expect(verdict.outcome == .errored, "\(verdict)")
  }

  /// A target without a database in the spec is judged in all of its databases.
  @Test func noDatabaseNamed() throws {
    var migration = Migration()
    migration.head = "security: { roles: { target: { READER: { privileges: {} } } } }"
    let name = RoleName(Identifier("READER"))
    let object = AccessObject(
      .relation, ["SHOP", "PUBLIC", "ORDERS"].map { Identifier($0) }, word: "TABLE")
    migration.target.access[.role(name)] = Self.direct([AccessGrant("SELECT", on: object)])
    let verdict = try migration.trace("security.roles.target.READER.privileges").verdict
    #expect(verdict.outcome == .failed, "\(verdict)")
  }
}
