import Diagnostics
import SpecCore
import TestSupport
import Testing

/// What the views of a Snowflake account tell, and when their silence tells nothing.
@Suite struct AccountAuditTests {
  private static let readAt = Timestamp(utc: "2026-11-27T12:00Z")

  /// `2026-11-27T10:00:00Z`, in seconds.
  private static let ten = "1795773600"

  private static func row(_ values: [String: String]) -> ListedRow {
    ListedRow(
      ["times": "1", "total": "1", "group_count": "1", "first_at": ten, "last_at": ten].merging(
        values
      ) { _, new in new })
  }

  /// The verdict where the account answers with these rows, and its views hold so many records.
  private static func verdict(
    _ expectation: String, _ rows: [ListedRow], since: String = "7d", records: String? = "12",
    head: String = "", policy: [String: String]? = nil, inForce: String = "",
    error: DatabaseError? = nil
  ) throws -> (verdict: Verdict, asks: [Ask]) {
    var migration = Migration()
    migration.head = "security:\n  audit: { since: \(since), \(expectation) }\n\(head)"
    let check = try #require(expectation.split(separator: ":").first)
    migration.target.parameters["NETWORK_POLICY"] = inForce
    if let policy { migration.target.networkPolicies[Identifier("CORP")] = policy }
    migration.target.override = { question in
      switch question {
      case .listing(.audit): error.map { .failed($0) } ?? .listing(rows)
      case .listing(.recorded):
        .listing(records.map { [ListedRow(["records": $0, "newest_at": ten])] } ?? [])
      default: nil
      }
    }
    let trace = try Migration.trace(
      migration.step("security.audit.target.\(check)").check, source: migration.source,
      target: migration.target, readAt: readAt)
    return (trace.verdict, trace.asks)
  }

  static let cases: [(String, [[String: String]], String)] = [
    (
      "failed_logins",
      [
        [
          "who": "BOB", "address": "203.0.113.9", "times": "7",
          "detail": "INCORRECT_USERNAME_PASSWORD",
        ]
      ],
      "BOB failed to log in 7 times from 203.0.113.9, at 2026-11-27T10:00:00Z (INCORRECT_USERNAME_PASSWORD); cure: unless BOB says that it was them: ALTER USER BOB SET DISABLED = TRUE"
    ),
    (
      "failed_logins", [["address": "203.0.113.9"]],
      "somebody without a user name failed to log in once from 203.0.113.9, at 2026-11-27T10:00:00Z; cure: keep 203.0.113.9 out by the network policy"
    ),
    (
      "logins_after_failures", [["who": "bo b", "address": "203.0.113.9", "others": "6"]],
      "bo b logged in once from 203.0.113.9, at 2026-11-27T10:00:00Z, after up to 6 failed logins shortly before; cure: unless bo b says that it was them: ALTER USER \"bo b\" SET DISABLED = TRUE"
    ),
    (
      "password_logins_without_mfa", [["who": "EVE", "times": "2"]],
      "EVE logged in twice by password alone, at 2026-11-27T10:00:00Z; cure: enrol a second factor for EVE, or, where it is a service with a key, ALTER USER EVE SET TYPE = SERVICE"
    ),
    (
      "admin_grants",
      [
        ["who": "EVE", "object_name": "ACCOUNTADMIN", "kind": "USER", "granted_by": "ACCOUNTADMIN"]
      ],
      "user EVE was given ACCOUNTADMIN by ACCOUNTADMIN, at 2026-11-27T10:00:00Z; cure: REVOKE ROLE ACCOUNTADMIN FROM USER EVE"
    ),
    (
      "admin_grants",
      [["who": "LOADER", "object_name": "MANAGE GRANTS", "kind": "ACCOUNT ROLE", "others": "1"]],
      "role LOADER was given MANAGE GRANTS, at 2026-11-27T10:00:00Z, and it was taken back since; cure: REVOKE MANAGE GRANTS ON ACCOUNT FROM ROLE LOADER"
    ),
    (
      "grants_to_public",
      [
        [
          "detail": "SELECT", "kind": "TABLE", "object_name": "SHOP.PUBLIC.ORDERS",
          "granted_by": "SYSADMIN",
        ]
      ],
      "PUBLIC was given SELECT on table SHOP.PUBLIC.ORDERS by SYSADMIN, at 2026-11-27T10:00:00Z; cure: REVOKE SELECT ON TABLE SHOP.PUBLIC.ORDERS FROM ROLE PUBLIC"
    ),
    (
      "grants_to_public", [["detail": "USAGE", "kind": "ROLE", "object_name": "ADMIN"]],
      "PUBLIC was given the role ADMIN, at 2026-11-27T10:00:00Z; cure: REVOKE ROLE ADMIN FROM ROLE PUBLIC"
    ),
    (
      "ownership_transfers",
      [["who": "EVE", "role": "SYSADMIN", "kind": "GRANT", "query_id": "01-ab"]],
      "EVE gave ownership away once, at 2026-11-27T10:00:00Z, as SYSADMIN (GRANT, first query 01-ab); cure: "
    ),
    (
      "unloads",
      [
        [
          "who": "EVE", "role": "R", "kind": "UNLOAD", "others": "1200", "bytes_out": "99000",
          "last_at": "1795773660",
        ]
      ],
      "EVE wrote data to files once, between 2026-11-27T10:00:00Z and 2026-11-27T10:01:00Z, as R (UNLOAD): 1,200 rows, 99,000 bytes to elsewhere; cure: "
    ),
    (
      "network_policy_changes", [["who": "EVE", "role": "R", "kind": "ALTER_ACCOUNT"]],
      "EVE changed who may log in once, at 2026-11-27T10:00:00Z, as R (ALTER_ACCOUNT); cure: "
    ),
  ]

  @Test(arguments: cases.indices)
  func findings(_ index: Int) throws {
    let (check, values, words) = Self.cases[index]
    let rows = values.map { value in
      Self.row(value.merging(["total": value["times"] ?? "1"]) { old, _ in old })
    }
    let (bad, _) = try Self.verdict("\(check): none", rows)
    #expect(bad.outcome == .failed)
    #expect(bad.findings.count == 1 && bad.findings.allSatisfy { $0.hasPrefix(words) }, "\(bad)")
    let (good, _) = try Self.verdict("\(check): none", [])
    #expect(good.outcome == .passed, "\(good)")
    #expect(
      good.summary == "none, from 2026-11-20T12:00:00Z to 2026-11-27T12:00:00Z", "\(good)")
    let view = good.notes.joined(separator: "\n")
    #expect(view.contains("looked at SNOWFLAKE.ACCOUNT_USAGE."), "\(good)")
    #expect(view.contains("late, so that what happened after 2026-11-27T1"), "\(good)")
    // An empty view shows nothing, and neither does one that may not be seen.
    for records in ["0", nil] {
      let (silent, _) = try Self.verdict("\(check): none", [], records: records)
      #expect(silent.outcome == .errored, "\(silent)")
    }
    let (refused, _) = try Self.verdict(
      "\(check): none", [],
      error: DatabaseError(.missingObject, "no", hint: "GRANT IMPORTED PRIVILEGES"))
    #expect(
      refused.outcome == .errored && refused.unchecked.first?.remedy == "GRANT IMPORTED PRIVILEGES")
    let (late, asks) = try Self.verdict("\(check): none", rows, since: "44m")
    #expect(late.outcome == .errored && asks.isEmpty)
    #expect(late.unchecked.first?.type == "window_within_latency")
  }

  @Test(
    arguments: [
      ("{ max: 5 }", "5", Outcome.passed), ("{ max: 5 }", "6", .failed), ("none", "1", .failed),
      ("{ except: { BOB: ours } }", "6", .passed), ("{ except: { bob: ours } }", "6", .passed),
      ("{ except: { 203.0.113.9: ours } }", "6", .passed),
      ("{ except: { ALICE: ours } }", "6", .failed),
      ("{ max: 7, except: { ALICE: x } }", "6", .passed),
    ] as [(String, String, Outcome)])
  func limits(_ demand: String, _ times: String, _ outcome: Outcome) throws {
    let rows = [Self.row(["who": "BOB", "address": "203.0.113.9", "times": times, "total": times])]
    let (verdict, _) = try Self.verdict("failed_logins: \(demand)", rows)
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  /// Where only excused events came back, those that did not come back may be anybody's.
  @Test func hidden() throws {
    let rows = [Self.row(["who": "BOB", "times": "6", "total": "9"])]
    let (excused, _) = try Self.verdict("failed_logins: { except: { BOB: ours } }", rows)
    #expect(excused.outcome == .errored, "\(excused)")
    let (found, _) = try Self.verdict("failed_logins: none", rows)
    #expect(found.findings.last == "and 3 failed logins more", "\(found)")
  }

  @Test func bursts() throws {
    let rows = [
      Self.row([
        "kind": "user", "who": "BOB", "times": "8", "total": "24", "others": "1",
        "first_other": "203.0.113.9", "burst_at": Self.ten,
      ]),
      Self.row([
        "kind": "address", "who": "203.0.113.9", "times": "8", "total": "24", "others": "1",
        "first_other": "BOB", "burst_at": Self.ten,
      ]),
      Self.row([
        "kind": "address", "who": "198.51.100.7", "times": "8", "total": "24", "others": "8",
        "first_other": "A", "burst_at": Self.ten,
      ]),
    ]
    let (verdict, asks) = try Self.verdict("failed_logins: { max: 5, within: 10m }", rows)
    #expect(verdict.findings.count == 2, "\(verdict)")
    #expect(
      verdict.findings[0].hasPrefix(
        "BOB failed to log in 8 times from 203.0.113.9, at 2026-11-27T10:00:00Z: more than 5 within 10m"
      ))
    #expect(verdict.findings[1].hasPrefix("8 logins from 198.51.100.7 failed, of 8 users"))
    let window = AuditWindow(
      from: try #require(Timestamp(utc: "2026-11-20T12:00Z")), to: try #require(Self.readAt))
    #expect(
      asks.contains(
        Ask(
          .target, .listing(.audit(AccountAudit(.failedBursts(max: 5, seconds: 600), window))))))
    let (quiet, _) = try Self.verdict("failed_logins: { max: 5, within: 10m }", [])
    #expect(quiet.outcome == .passed)
  }

  private static func logins(_ addresses: [String?]) -> [ListedRow] {
    addresses.map { address in
      var values = ["who": "BOB", "total": "\(addresses.count)"]
      values["address"] = address
      return row(values)
    }
  }

  @Test(
    arguments: [
      (["203.0.113.9"], "203.0.113.0/24", Outcome.passed),
      (["203.0.114.9"], "203.0.113.0/24", .failed),
      (["203.0.113.9"], "203.0.113.9", .passed), (["203.0.113.8"], "203.0.113.9", .failed),
      (["203.0.113.9"], "0.0.0.0/0", .passed), (["0.0.0.0"], "203.0.113.9", .passed),
      ([nil], "203.0.113.9", .errored), (["2001:db8::1"], "203.0.113.9", .errored),
      (["2001:db8::1", "1.2.3.4"], "203.0.113.9", .failed), (["203.0.113.9"], "", .failed),
      (["203.0.113.200"], "203.0.113.128/25", .passed),
      (["203.0.113.100"], "203.0.113.128/25", .failed), (["0203.0.113.9"], "203.0.113.9", .errored),
    ] as [([String?], String, Outcome)])
  func outside(_ addresses: [String?], _ allowed: String, _ outcome: Outcome) throws {
    let rows = Self.logins(addresses)
    let (byForce, asks) = try Self.verdict(
      "logins_outside_network_policy: none", rows, policy: ["ALLOWED_IP_LIST": allowed],
      inForce: "CORP")
    #expect(byForce.outcome == outcome, "\(byForce)")
    #expect(asks.contains(Ask(.target, .networkPolicy(Identifier("CORP")))))
    guard !allowed.isEmpty else { return }
    let (bySpec, direct) = try Self.verdict(
      "logins_outside_network_policy: none", rows,
      head: "  network_policy: { name: corp, allowed: [\(allowed)] }")
    #expect(bySpec.outcome == outcome, "\(bySpec)")
    #expect(!direct.contains { $0.question == .accountParameters })
  }

  @Test func outsideWithoutPolicy() throws {
    let (none, _) = try Self.verdict(
      "logins_outside_network_policy: none", Self.logins(["203.0.113.9"]))
    #expect(none.unchecked.first?.type == "no_network_policy", "\(none)")
    let (blocked, _) = try Self.verdict(
      "logins_outside_network_policy: none", Self.logins(["203.0.113.9"]),
      policy: ["ALLOWED_IP_LIST": "203.0.113.0/24", "BLOCKED_IP_LIST": "203.0.113.9"],
      inForce: "CORP")
    #expect(blocked.outcome == .failed)
    let (rules, _) = try Self.verdict(
      "logins_outside_network_policy: none", Self.logins(["198.51.100.7"]),
      policy: ["ALLOWED_IP_LIST": "203.0.113.0/24", "ALLOWED_NETWORK_RULE_LIST": "A.B.C"],
      inForce: "CORP")
    #expect(rules.outcome == .errored, "\(rules)")
    let (gone, _) = try Self.verdict(
      "logins_outside_network_policy: none", Self.logins(["198.51.100.7"]), inForce: "CORP")
    #expect(gone.outcome == .errored, "\(gone)")
  }

  /// Windows of which nothing can be said.
  @Test(
    arguments: [
      ("2026-11-28", "empty_window"), ("2025-11-26", "window_too_old"), ("366d", "window_too_old"),
      ("119m", "window_within_latency"), ("2026-11-27T10:00Z", "window_within_latency"),
    ])
  func windows(_ since: String, _ type: String) throws {
    let (verdict, _) = try Self.verdict("failed_logins: none", [], since: since)
    #expect(verdict.unchecked.map(\.type) == [type], "\(verdict)")
  }

  /// Days and moments, forth and back.
  @Test func moments() throws {
    for (text, seconds) in [
      ("1970-01-01", 0), ("2000-02-29T23:59:59Z", 951_868_799),
      ("2026-11-27T10:00Z", 1_795_773_600),
    ] {
      let point = try #require(Timestamp(utc: text))
      #expect(point.microseconds == Int64(seconds) * 1_000_000, "\(text)")
    }
    for text in [
      "2026-02-29", "2026-11-27 10:00Z", "2026-11-27T24:00Z", "2026-11-27T10:00", "", "x",
    ] {
      #expect(Timestamp(utc: text) == nil, "\(text)")
    }
    for day in stride(from: Int64(-40_000), to: 60_000, by: 37) {
      let point = Timestamp(microseconds: day * 86_400_000_000)
      guard point.date.hasPrefix("1") || point.date.hasPrefix("2") else { continue }
      #expect(Timestamp(utc: point.date) == point, "\(point)")
    }
  }
}
