import Diagnostics
import SpecCore
import TestSupport
import Testing

/// Points of how the account is set up, from the lists that it keeps.
@Suite struct AccountPointTests {
  typealias Line = [String: String]

  /// 2026-11-27 12:00:00 UTC.
  private static let now = Timestamp(microseconds: 1_795_780_800_000_000)

  private static func seconds(daysAgo days: Double) -> String {
    "\(Double(now.microseconds) / 1_000_000 - days * 86_400)"
  }

  private static func user(_ name: String, _ more: Line = [:]) -> Line {
    [
      "name": name, "disabled": "false", "has_password": "false", "has_mfa": "false",
      "last_login": seconds(daysAgo: 1), "created": seconds(daysAgo: 400),
    ].merging(more) { $1 }
  }

  private static let adminGrant = [
    "granted_on": "ROLE", "name": "SECURITYADMIN", "grantee_name": "ACCOUNTADMIN",
    "privilege": "USAGE",
  ]

  /// A well-kept account.
  private static let kept: [Listing: [Line]] = [
    .users: [
      user("ANN", ["has_password": "true", "has_mfa": "true", "email": "ann@example.com"]),
      user("BOB", ["email": "bob@example.com"]),
      user("BOT", ["type": "SERVICE", "has_rsa_public_key": "true"]).filter {
        $0.key != "has_password"
      },
      user("GONE", ["disabled": "true", "has_password": "true", "last_login": "0"]),
    ],
    .userRoles: [
      ["role": "ACCOUNTADMIN", "grantee_name": "ANN"],
      ["role": "ACCOUNTADMIN", "grantee_name": "BOB"],
    ],
    .adminGrants: [adminGrant],
    .securityIntegrations: [
      ["name": "OKTA", "type": "SAML2", "enabled": "true"],
      ["name": "SYNC", "type": "SCIM - OKTA", "enabled": "true"],
    ],
    .passwordPolicies: [["policy_name": "LONG", "domain": "ACCOUNT", "least": "14"]],
    .sessionPolicies: [["policy_name": "SHORT", "domain": "ACCOUNT", "idle": "15"]],
    .networkPolicies: [["policy_name": "OFFICE", "domain": "USER", "entity": "BOT"]],
    .externalStages: [
      ["database_name": "SHOP", "schema_name": "PUBLIC", "name": "OUT", "url": "s3://b/"]
    ],
    .shownStages: [
      [
        "database_name": "SHOP", "schema_name": "PUBLIC", "name": "OUT", "url": "s3://b/",
        "storage_integration": "S3",
      ]
    ],
  ]

  private static func verdict(
    _ point: String, _ change: (inout [Listing: [Line]]) -> Void = { _ in }
  ) throws -> Verdict {
    var lists = kept
    change(&lists)
    var migration = Migration()
    let name = point.prefix { $0 != ":" }
    migration.head =
      "security:\n  account: { \(name == point ? "\(point): required" : point) }"
    for (listing, lines) in lists {
      migration.target.listings[listing] = lines.map { ListedRow($0) }
    }
    let check = try migration.step("security.account.\(name)").check
    return try Migration.trace(
      check, source: migration.source, target: migration.target, readAt: now
    ).verdict
  }

  @Test(
    "A well-kept account passes",
    arguments: [
      "sso", "scim", "mfa", "password_length", "service_keys", "dormant_users", "admin_sessions",
      "admins", "admin_email", "admin_default_role", "admin_inheritance", "admin_tasks",
      "admin_procedures", "service_network_policy", "stages", "secondary_roles",
    ])
  func kept(_ point: String) throws {
    let verdict = try Self.verdict(point)
    #expect(verdict.outcome == .passed, "\(verdict)")
    #expect(!verdict.summary.isEmpty)
  }

  /// What is changed, what is asked, what comes of it, and words of it.
  static let cases:
    [(String, String, @Sendable (inout [Listing: [Line]]) -> Void, Outcome, String)] = [
      (
        "a password alone", "mfa", { $0[.users]?.append(user("EVE", ["has_password": "true"])) },
        .failed, "EVE may log in by password without a second factor"
      ),
      (
        "who is excused", "mfa: { except: { eve: break glass } }",
        { $0[.users]?.append(user("EVE", ["has_password": "true"])) }, .passed, "left out: EVE"
      ),
      (
        "not told whether there is a password", "mfa",
        { $0[.users]?.append(user("EVE").filter { $0.key != "has_password" }) }, .errored,
        "does not tell how EVE logs in"
      ),
      ("no users shown", "mfa", { $0[.users] = [] }, .errored, "no user at all"),
      (
        "a service's password", "service_keys",
        { $0[.users]?.append(user("B2", ["type": "LEGACY_SERVICE", "has_password": "true"])) },
        .failed, "B2, a user of a service, has a password"
      ),
      (
        "a service without key", "service_keys",
        { $0[.users]?.append(user("B2", ["type": "SERVICE"])) }, .failed,
        "B2, a user of a service, has no key"
      ),
      (
        "workload identity", "service_keys",
        { $0[.users]?.append(user("B2", ["type": "SERVICE", "has_workload_identity": "true"])) },
        .passed, "2 users looked at"
      ),
      (
        "idle", "dormant_users",
        { $0[.users]?.append(user("OLD", ["last_login": seconds(daysAgo: 91)])) }, .failed,
        "OLD has not logged in for 91 days"
      ),
      (
        "idle, but not so long", "dormant_users: { after: 120d }",
        { $0[.users]?.append(user("OLD", ["last_login": seconds(daysAgo: 91)])) }, .passed,
        "looked at"
      ),
      (
        "never there", "dormant_users",
        { $0[.users]?.append(user("OLD").filter { $0.key != "last_login" }) }, .failed,
        "OLD has never logged in"
      ),
      (
        "new", "dormant_users",
        {
          $0[.users]?.append(
            user("NEW", ["created": seconds(daysAgo: 3)]).filter { $0.key != "last_login" })
        }, .passed, "looked at"
      ),
      ("too few", "admins", { $0[.userRoles]?.removeLast() }, .failed, "1 active user holds"),
      ("too many", "admins: { at_least: 1, at_most: 1 }", { _ in }, .failed, "more than 1"),
      ("nobody shown", "admins", { $0[.userRoles] = [] }, .errored, "though somebody must"),
      (
        "a disabled one does not count", "admins",
        { $0[.userRoles]?[1] = ["role": "ACCOUNTADMIN", "grantee_name": "GONE"] }, .failed,
        "1 active user holds"
      ),
      (
        "no address", "admin_email",
        { $0[.users]?[1] = user("BOB") }, .failed,
        "BOB holds ACCOUNTADMIN and has no e-mail address"
      ),
      (
        "default role", "admin_default_role",
        { $0[.users]?.append(user("EVE", ["default_role": "SECURITYADMIN"])) }, .failed,
        "EVE works as SECURITYADMIN by default"
      ),
      (
        "inherited", "admin_inheritance",
        {
          $0[.adminGrants]?.append([
            "granted_on": "ROLE", "name": "ACCOUNTADMIN", "grantee_name": "DEVS",
            "privilege": "USAGE",
          ])
        }, .failed, "DEVS holds ACCOUNTADMIN; cure: REVOKE ROLE ACCOUNTADMIN FROM ROLE DEVS"
      ),
      (
        "the view shows nothing", "admin_inheritance", { $0[.adminGrants] = [] }, .errored,
        "does not show that ACCOUNTADMIN holds SECURITYADMIN"
      ),
      (
        "a task", "admin_tasks",
        {
          $0[.adminGrants]?.append([
            "granted_on": "TASK", "name": "T", "table_catalog": "D", "table_schema": "S",
            "grantee_name": "ACCOUNTADMIN", "privilege": "OWNERSHIP",
          ])
        }, .failed, "D.S.T belongs to ACCOUNTADMIN"
      ),
      (
        "no single sign-on shown", "sso", { $0[.securityIntegrations]?.removeFirst() }, .errored,
        "there is none, or the run's role may not see it"
      ),
      (
        "single sign-on switched off", "sso",
        { $0[.securityIntegrations]?[0]["enabled"] = "false" }, .failed,
        "OKTA for single sign-on is not enabled"
      ),
      (
        "a password beside single sign-on", "sso_passwords", { _ in }, .failed,
        "ANN may log in by password besides"
      ),
      (
        "no single sign-on to be beside", "sso_passwords",
        { $0[.securityIntegrations] = [] }, .errored,
        "not known that anybody logs in by single sign-on"
      ),
      (
        "no password policy", "password_length", { $0[.passwordPolicies] = [] }, .failed,
        "no password policy"
      ),
      (
        "a weaker one for a user", "password_length",
        {
          $0[.passwordPolicies]?.append([
            "policy_name": "P", "domain": "USER", "entity": "EVE", "least": "8",
          ])
        },
        .failed, "the password policy P of EVE is content with 8 characters"
      ),
      (
        "a policy whose text is not shown", "password_length",
        { $0[.passwordPolicies]?[0]["least"] = nil }, .errored, "is not shown"
      ),
      (
        "long sessions", "admin_sessions",
        {
          $0[.sessionPolicies]?.append([
            "policy_name": "L", "domain": "USER", "entity": "BOB", "idle": "240",
          ])
        },
        .failed, "sessions of BOB end after 240 idle minutes only"
      ),
      (
        "no session policy", "admin_sessions", { $0[.sessionPolicies] = [] }, .failed,
        "no session policy ends the sessions of ANN"
      ),
      (
        "a service's network", "service_network_policy", { $0[.networkPolicies] = [] }, .failed,
        "BOT, a user of a service, has no network policy of its own"
      ),
      (
        "a stage without integration", "stages",
        { $0[.shownStages]?[0]["storage_integration"] = nil }, .failed,
        "the stage SHOP.PUBLIC.OUT leads outside without an integration"
      ),
      ("a stage that is not shown", "stages", { $0[.shownStages] = [] }, .errored, "is not shown"),
      (
        "a stage for everyone", "stages",
        {
          $0[.adminGrants]?.append([
            "granted_on": "STAGE", "name": "IN", "table_catalog": "D", "table_schema": "S",
            "grantee_name": "PUBLIC", "privilege": "READ",
          ])
        }, .failed, "everyone has READ on the stage D.S.IN"
      ),
      (
        "all roles at once", "secondary_roles",
        {
          $0[.users]?.append(
            user("EVE", ["default_role": "A", "default_secondary_role": #"["ALL"]"#]))
          $0[.userRoles]? += [
            ["role": "A", "grantee_name": "EVE"], ["role": "B", "grantee_name": "EVE"],
          ]
        }, .failed, "EVE works with all roles at once: beside A also B"
      ),
      (
        "one role", "secondary_roles",
        {
          $0[.users]?.append(
            user("EVE", ["default_role": "A", "default_secondary_role": #"["ALL"]"#]))
          $0[.userRoles]?.append(["role": "A", "grantee_name": "EVE"])
        }, .passed, "looked at"
      ),
      (
        "two roles, and nothing said", "secondary_roles",
        {
          $0[.users]?.append(user("EVE", ["default_role": "A"]))
          $0[.userRoles]? += [
            ["role": "A", "grantee_name": "EVE"], ["role": "B", "grantee_name": "EVE"],
          ]
        }, .errored, "does not tell how EVE"
      ),
      (
        "nobody is shown to hold a role", "secondary_roles", { $0[.userRoles] = [] }, .errored,
        "nobody who holds any role"
      ),
      (
        "no grants shown", "stages", { $0[.adminGrants] = [] }, .errored,
        "does not show that ACCOUNTADMIN holds SECURITYADMIN"
      ),
      ("nothing shows it", "tri_secret", { _ in }, .errored, "nothing that can be asked"),
      ("nothing shows it", "key_rotation", { _ in }, .errored, "nothing that can be asked"),
    ]

  @Test("A point of the account", arguments: cases.indices)
  func point(_ index: Int) throws {
    let (title, point, change, outcome, words) = Self.cases[index]
    let verdict = try Self.verdict(point, change)
    #expect(verdict.outcome == outcome, "\(title): \(verdict)")
    let said =
      [verdict.summary] + verdict.findings + verdict.unchecked.map(\.reason) + verdict.notes
    #expect(said.contains { $0.contains(words) }, "\(title): \(verdict)")
    #expect(verdict.findings.allSatisfy { $0.contains("; cure: ") }, "\(title): \(verdict)")
  }

  @Test func aListThatMayNotBeReadIsNoPass() throws {
    for point in ["mfa", "admins", "stages", "password_length", "admin_inheritance"] {
      let verdict = try Self.verdict(point) { $0 = [:] }
      #expect(verdict.outcome == .errored, "\(point): \(verdict)")
    }
  }

  // MARK: The baseline

  private static func plan(_ security: String) throws -> Plan {
    var migration = Migration()
    migration.head = "security:\n\(security)"
    return try migration.plan()
  }

  @Test func theBaselineTurnsAllPointsOn() throws {
    let plan = try Self.plan("  baseline: cis")
    let found = plan.steps.map { "\($0.id)" }.filter { $0.contains(".security.account.") }
    for point in AccountPoint.allCases where point.number != nil {
      #expect(found.contains { $0.hasSuffix(".account.\(point.rawValue)") }, "\(point)")
    }
    #expect(!found.contains { $0.hasSuffix("secondary_roles") })
    #expect(Set(found).count == found.count)
  }

  @Test func whatIsLeftOutIsAnException() throws {
    let plan = try Self.plan(
      """
        baseline: { cis: { except: { scim: We are eight. } } }
        account: { dormant_users: { after: 30d, except: { ROOT: in the safe } } }
      """)
    #expect(!plan.steps.contains { "\($0.id)".hasSuffix(".scim") })
    #expect(
      plan.exceptions.contains {
        $0.sentence.contains("Users come and go by a provisioning integration (SCIM) (CIS 1.2)")
          && $0.because == "We are eight."
      })
    #expect(plan.exceptions.contains { $0.sentence.hasPrefix("ROOT is left out of: ") })
    let dormant = try #require(plan.steps.first { "\($0.id)".hasSuffix(".dormant_users") })
    #expect(dormant.sentence == "Whoever has not logged in for 30d is disabled (CIS 1.8).")
  }

  @Test(
    "Mistakes are named",
    arguments: [
      ("  baseline: iso", "`cis`"), ("  account: { mfa: yes }", "required"),
      ("  account: { mfq: required }", "mfa"),
      ("  account: { rekeying: { at_least: 1 } }", "required"),
      ("  account: { mfa: { at_least: 1 } }", "except"),
      ("  baseline: { cis: { except: { mfq: a } } }", "mfa"),
    ])
  func mistakes(_ security: String, _ words: String) throws {
    let error = try #require(throws: DiagnosticsError.self) { try Self.plan(security) }
    let text = error.diagnostics.map { "\($0.message)" }.joined()
    #expect(text.contains(words), "\(text)")
  }

  // MARK: Sensitive columns

  @Test(
    "Columns that the spec calls sensitive are masked",
    arguments: [
      ([["ref_column_name": "EMAIL"]], Outcome.passed),
      ([], .failed),
      ([["ref_column_name": "EMAIL", "policy_status": "INACTIVE"]], .failed),
      ([["ref_column_name": "ID"]], .failed),
      ([["ref_column_name": "EMAIL", "policy_kind": "ROW_ACCESS_POLICY"]], .failed),
    ] as [([Line], Outcome)])
  func masked(_ lines: [Line], _ outcome: Outcome) throws {
    var migration = Migration()
    migration.head = "security:\n  account: { masking: required }"
    migration.tables = "orders: { sensitive: [email] }"
    migration.target.listings[.accountPolicyReferences(Migration.ORDERS)] = lines.map { line in
      let whole = ["policy_kind": "MASKING_POLICY", "policy_status": "ACTIVE"]
      return ListedRow(whole.merging(line) { $1 })
    }
    let verdict = try migration.trace("security.account.masking.orders").verdict
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  @Test func nothingSensitiveIsNotChecked() throws {
    var migration = Migration()
    migration.head = "security:\n  account: { masking: required }"
    let verdict = try migration.trace("security.account.masking").verdict
    #expect(verdict.outcome == .errored, "\(verdict)")
  }
}
