package import Diagnostics

/// What must not have happened in a window of time, by the records that either side keeps.
package struct AuditSpec: Sendable {
  package var since: Located<AuditTime>?
  package var until: Located<AuditTime>?
  package var source: LogAuditSpec?
  /// What the records of the Snowflake account must show.
  package var target: [AccountEvent: Located<AuditDemand>] = [:]
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  subscript(event: AccountEvent) -> Located<AuditDemand>? {
    get { target[event] }
    set { target[event] = newValue }
  }
}

/// What the exported log of the source must show.
package struct LogAuditSpec: Sendable {
  /// Files, folders and patterns, from the spec's folder.
  package var log: [Located<String>]?
  /// The longest time without any line of the database that still counts as a whole log.
  package var maxGap: TimeSpan?
  package var demands: [LogEvent: Located<AuditDemand>] = [:]
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  subscript(event: LogEvent) -> Located<AuditDemand>? {
    get { demands[event] }
    set { demands[event] = newValue }
  }

  /// The gap in seconds where nothing is said: a quarter of the window, from two hours to a day.
  static func usualGap(_ window: AuditWindow) -> Double {
    min(86_400, max(7_200, window.to.seconds(since: window.from) / 4))
  }
}

/// A point in time, or so long before the run's read point.
package enum AuditTime: Hashable, Sendable {
  case before(TimeSpan)
  case at(Timestamp)

  /// `7d`, `2026-11-20`, `2026-11-20T08:00Z`.
  package init?(_ text: String) {
    if let span = TimeSpan(text) {
      guard span.seconds >= 1, span.seconds <= 3_660 * 86_400 else { return nil }
      self = .before(span)
    } else if let point = Timestamp(utc: text) {
      self = .at(point)
    } else {
      return nil
    }
  }

  func point(before readAt: Timestamp) -> Timestamp {
    switch self {
    case .before(let span):
      Timestamp(microseconds: readAt.microseconds - Int64(span.seconds * 1_000_000))
    case .at(let point): point
    }
  }

  /// For a sentence that is said before there is a run.
  var words: String {
    switch self {
    case .before(let span): "\(span.words) before the run"
    case .at(let point): "\(point)"
    }
  }
}

/// How much of something may have happened.
package struct AuditDemand: Hashable, Sendable {
  /// So many at most.
  package var max: Int?
  /// The time within which events count together.
  package var within: TimeSpan?
  /// How many failures make a burst.
  package var failures: Int?
  /// Users, roles, objects or addresses that are excused, with the reason.
  package var except: [AccessParitySpec.NamePair]?
  package var severity: CaseSeverity?

  package init() {}

  var most: Int { max ?? 0 }
}

/// Something that the views of a Snowflake account record.
package enum AccountEvent: String, Hashable, Sendable, CaseIterable {
  case failedLogins = "failed_logins"
  case loginsAfterFailures = "logins_after_failures"
  case loginsOutsideNetworkPolicy = "logins_outside_network_policy"
  case passwordLogins = "password_logins_without_mfa"
  case adminGrants = "admin_grants"
  case grantsToPublic = "grants_to_public"
  case ownershipTransfers = "ownership_transfers"
  case unloads
  case networkPolicyChanges = "network_policy_changes"

  /// The view that the events are in.
  package var view: AccountView {
    switch self {
    case .failedLogins, .loginsAfterFailures, .loginsOutsideNetworkPolicy, .passwordLogins:
      .loginHistory
    case .adminGrants: .grantsToUsers
    case .grantsToPublic: .grantsToRoles
    case .ownershipTransfers, .unloads, .networkPolicyChanges: .queryHistory
    }
  }

  /// `1 failed login`, `2 failed logins`.
  func counted(_ number: Int) -> String {
    switch self {
    case .failedLogins: SpecCore.counted(number, "failed login")
    case .loginsAfterFailures:
      SpecCore.counted(
        number, "login after a burst of failed ones", "logins after a burst of failed ones")
    case .loginsOutsideNetworkPolicy:
      SpecCore.counted(
        number, "login from outside the network policy",
        "logins from outside the network policy")
    case .passwordLogins:
      SpecCore.counted(
        number, "login by password without a second factor",
        "logins by password without a second factor")
    case .adminGrants:
      SpecCore.counted(
        number, "grant of an administrator's rights",
        "grants of an administrator's rights")
    case .grantsToPublic: SpecCore.counted(number, "grant to PUBLIC", "grants to PUBLIC")
    case .ownershipTransfers:
      SpecCore.counted(number, "transfer of ownership", "transfers of ownership")
    case .unloads: SpecCore.counted(number, "unload or download", "unloads or downloads")
    case .networkPolicyChanges:
      SpecCore.counted(number, "change of a network policy", "changes of network policies")
    }
  }
}

/// Something that a log of Postgres tells.
package enum LogEvent: String, Hashable, Sendable, CaseIterable {
  case failedLogins = "failed_logins"
  case loginsAfterFailures = "logins_after_failures"
  case unencryptedLogins = "unencrypted_logins"
  case permissionDenied = "permission_denied"
  case grants
  case grantsToPublic = "grants_to_public"
  case roleChanges = "role_changes"
  case ownershipTransfers = "ownership_transfers"
  case unloads
  case ddl

  /// `1 failed login`, `2 failed logins`.
  func counted(_ number: Int) -> String {
    switch self {
    case .failedLogins: SpecCore.counted(number, "failed login")
    case .loginsAfterFailures:
      SpecCore.counted(
        number, "login after a burst of failed ones", "logins after a burst of failed ones")
    case .unencryptedLogins: SpecCore.counted(number, "login without TLS", "logins without TLS")
    case .permissionDenied:
      SpecCore.counted(number, "refusal for want of a right", "refusals for want of a right")
    case .grants:
      SpecCore.counted(number, "GRANT, REVOKE or ALTER DEFAULT PRIVILEGES statement")
    case .grantsToPublic: SpecCore.counted(number, "grant to PUBLIC", "grants to PUBLIC")
    case .roleChanges:
      SpecCore.counted(
        number, "statement that makes, changes or drops a role",
        "statements that make, change or drop roles")
    case .ownershipTransfers:
      SpecCore.counted(number, "transfer of ownership", "transfers of ownership")
    case .unloads: SpecCore.counted(number, "COPY … TO statement")
    case .ddl:
      SpecCore.counted(
        number, "statement that changes the schema",
        "statements that change the schema")
    }
  }
}
