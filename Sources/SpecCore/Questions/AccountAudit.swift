/// A view of SNOWFLAKE.ACCOUNT_USAGE that audits read, with what its page says of it.
package enum AccountView: String, Hashable, Sendable, CaseIterable {
  case loginHistory = "LOGIN_HISTORY"
  case queryHistory = "QUERY_HISTORY"
  case grantsToUsers = "GRANTS_TO_USERS"
  case grantsToRoles = "GRANTS_TO_ROLES"

  /// The full name.
  package var name: String { "SNOWFLAKE.ACCOUNT_USAGE.\(rawValue)" }

  /// How long it may take until something that happened is in it, in minutes.
  package var latency: Int { self == .queryHistory ? 45 : 120 }

  /// `45 minutes`, `2 hours`.
  package var latencyWords: String { latency < 60 ? "\(latency) minutes" : "\(latency / 60) hours" }

  /// Whether it holds events of the last year, rather than what is or was there.
  package var isHistory: Bool { self == .loginHistory || self == .queryHistory }
}

/// Events of a Snowflake account, counted by who did what.
///
/// The rows have these columns, where they apply: WHO (a user, or a role), ADDRESS, OBJECT_NAME, ROLE,
/// GRANTED_BY, KIND, QUERY_ID, DETAIL, OTHERS (how many users or addresses besides), TIMES, FIRST_AT
/// and LAST_AT (seconds since 1970), and in every row TOTAL (how many events in all) and GROUP_COUNT
/// (how many rows there would be without the limit).
package struct AccountAudit: Hashable, Sendable {
  package enum Events: Hashable, Sendable {
    case failedLogins
    /// More than so many failed logins of one user, or from one address, within so many seconds.
    case failedBursts(max: Int, seconds: Int)
    /// Logins of users who had failed so often within so many seconds before.
    case loginsAfterFailures(Int, seconds: Int)
    /// All that succeeded, by user and address.
    case logins
    case passwordLogins
    case adminGrants
    case grantsToPublic
    case ownershipTransfers
    case unloads
    case networkPolicyChanges
  }

  package let events: Events
  package let window: AuditWindow

  package init(_ events: Events, _ window: AuditWindow) {
    self.events = events
    self.window = window
  }

  /// The most rows that are asked for.
  package static let limit = 1_000
}
