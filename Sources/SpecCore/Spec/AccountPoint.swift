package import Diagnostics

/// A point of how a Snowflake account should be set up, which a spec turns on by its name.
///
/// Most are points of the CIS Snowflake Foundations Benchmark; wording and thresholds ours.
package enum AccountPoint: String, Hashable, Sendable, CaseIterable {
  case singleSignOn = "sso"
  case provisioning = "scim"
  case singleSignOnPasswords = "sso_passwords"
  case secondFactor = "mfa"
  case passwordLength = "password_length"
  case serviceKeys = "service_keys"
  case keyRotation = "key_rotation"
  case dormantUsers = "dormant_users"
  case adminSessions = "admin_sessions"
  case admins
  case adminEmail = "admin_email"
  case adminDefaultRole = "admin_default_role"
  case adminInheritance = "admin_inheritance"
  case adminTasks = "admin_tasks"
  case adminProcedures = "admin_procedures"
  case monitoring
  case networkPolicy = "network_policy"
  case serviceNetworkPolicy = "service_network_policy"
  case rekeying
  case stageEncryption = "stage_encryption"
  case criticalRetention = "critical_retention"
  case leastRetention = "least_retention"
  case stageCreation = "stage_creation"
  case stageOperation = "stage_operation"
  case stages
  case inlineURL = "inline_url"
  case triSecret = "tri_secret"
  case masking
  case rowAccess = "row_access"
  /// Not a point of the benchmark.
  case secondaryRoles = "secondary_roles"

  /// Its number in the benchmark; `nil` for a point that is not of it.
  package var number: String? {
    switch self {
    case .singleSignOn: "1.1"
    case .provisioning: "1.2"
    case .singleSignOnPasswords: "1.3"
    case .secondFactor: "1.4"
    case .passwordLength: "1.5"
    case .serviceKeys: "1.6"
    case .keyRotation: "1.7"
    case .dormantUsers: "1.8"
    case .adminSessions: "1.9"
    case .admins: "1.10"
    case .adminEmail: "1.11"
    case .adminDefaultRole: "1.12"
    case .adminInheritance: "1.13"
    case .adminTasks: "1.14, 1.15"
    case .adminProcedures: "1.16, 1.17"
    case .monitoring: "2.1 to 2.9"
    case .networkPolicy: "3.1"
    case .serviceNetworkPolicy: "3.2"
    case .rekeying: "4.1"
    case .stageEncryption: "4.2"
    case .criticalRetention: "4.3"
    case .leastRetention: "4.4"
    case .stageCreation: "4.5"
    case .stageOperation: "4.6"
    case .stages: "4.7"
    case .inlineURL: "4.8"
    case .triSecret: "4.9"
    case .masking: "4.10"
    case .rowAccess: "4.11"
    case .secondaryRoles: nil
    }
  }

  /// What a spec may say about the point besides that it is required.
  package enum Setting: Hashable, Sendable {
    /// Names that are excused, each with a reason.
    case except
    /// A length of time, with the one that counts where nothing is said, in days.
    case after(days: Int)
    case atLeast(Int)
    case atMost(Int)
  }

  package var settings: [Setting] {
    switch self {
    case .singleSignOnPasswords, .secondFactor, .serviceKeys, .adminEmail, .adminDefaultRole,
      .adminInheritance, .adminTasks, .adminProcedures, .serviceNetworkPolicy, .stages,
      .secondaryRoles:
      [.except]
    case .dormantUsers: [.except, .after(days: 90)]
    case .passwordLength: [.atLeast(14), .except]
    case .adminSessions: [.atMost(15), .except]
    case .admins: [.atLeast(2), .atMost(5)]
    case .criticalRetention: [.atLeast(90)]
    case .leastRetention: [.atLeast(7)]
    case .masking, .rowAccess: [.except]
    case .singleSignOn, .provisioning, .keyRotation, .monitoring, .networkPolicy, .rekeying,
      .stageEncryption,
      .stageCreation, .stageOperation, .inlineURL, .triSecret:
      []
    }
  }
}

/// What the spec says of one point.
package struct PointSpec: Hashable, Sendable {
  package var except: [Excuse]?
  package var after: TimeSpan?
  package var atLeast: Int?
  package var atMost: Int?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// Somebody or something that an expectation leaves out.
package struct Excuse: Hashable, Sendable {
  package let name: Located<String>
  package let because: String

  package init(_ name: Located<String>, because: String) {
    self.name = name
    self.because = because
  }
}

/// Points that the spec turns on, with what it says of them.
package struct AccountSpec: Sendable {
  private var points: [AccountPoint: PointSpec] = [:]

  package init() {}

  package subscript(point: AccountPoint) -> PointSpec? {
    get { points[point] }
    set { points[point] = newValue }
  }
}

/// All points of the benchmark, but for those that are left out.
package struct BaselineSpec: Hashable, Sendable {
  package var except: [Excuse]?

  package init() {}

  /// Whether the point is left out, and why.
  package func excuse(of point: AccountPoint) -> Excuse? {
    (except ?? []).first { $0.name.value == point.rawValue }
  }
}
