/// What counts for a point of the account: the spec's words, else the usual ones.
struct PointLimits: Hashable, Sendable {
  /// Days.
  let after: Double
  let atLeast: Int
  let atMost: Int
  /// As the catalog may spell them; compared without case.
  let except: [String]

  init(_ point: AccountPoint, _ spec: PointSpec?) {
    var (after, atLeast, atMost) = (0.0, 0, Int.max)
    for setting in point.settings {
      switch setting {
      case .after(let days): after = spec?.after.map { $0.seconds / 86_400 } ?? Double(days)
      case .atLeast(let number): atLeast = spec?.atLeast ?? number
      case .atMost(let number): atMost = spec?.atMost ?? number
      case .except: break
      }
    }
    self.after = after
    self.atLeast = atLeast
    self.atMost = atMost
    except = (spec?.except ?? []).map(\.name.value)
  }

  /// The length of ``after`` for a sentence: `90d`.
  var afterWords: String { TimeSpan(seconds: after * 86_400).words }
}

extension AccountPoint {
  /// What must be true, in a sentence without its full stop.
  func sentence(_ limits: PointLimits) -> String {
    switch self {
    case .singleSignOn: "People log in to Snowflake by single sign-on"
    case .provisioning: "Users come and go by a provisioning integration (SCIM)"
    case .singleSignOnPasswords: "Where single sign-on is set up, people have no password besides"
    case .secondFactor: "Every person who may log in by password has a second factor"
    case .passwordLength: "Passwords have at least \(limits.atLeast) characters"
    case .serviceKeys: "Users of services log in by key or workload identity, and have no password"
    case .keyRotation: "Keys of users are changed at least every 180 days"
    case .dormantUsers: "Whoever has not logged in for \(limits.afterWords) is disabled"
    case .adminSessions:
      "Sessions of administrators end after at most \(counted(limits.atMost, "idle minute"))"
    case .admins:
      "Between \(limits.atLeast) and \(limits.atMost) users hold the role ACCOUNTADMIN"
    case .adminEmail: "Every holder of ACCOUNTADMIN has an e-mail address"
    case .adminDefaultRole: "Nobody works as an administrator by default"
    case .adminInheritance: "No other role holds ACCOUNTADMIN or SECURITYADMIN"
    case .adminTasks: "No task is owned by an administrator's role, or runs with its rights"
    case .adminProcedures:
      "No stored procedure is owned by an administrator's role, or runs with its rights"
    case .monitoring: "Logins, grants and changes of policies are watched"
    case .networkPolicy:
      "A network policy says from where one may log in, and that is not everywhere"
    case .serviceNetworkPolicy: "Every user of a service has a network policy of its own"
    case .rekeying: "Data are encrypted anew every year"
    case .stageEncryption: "Files on internal stages are encrypted by a key of 256 bits"
    case .criticalRetention: "Time Travel reaches back \(limits.atLeast) days"
    case .leastRetention:
      "No table can have less than \(counted(limits.atLeast, "day")) of Time Travel"
    case .stageCreation: "Stages outside can be created with an integration only"
    case .stageOperation: "Stages outside can be used with an integration only"
    case .stages: "Every stage outside has an integration, and none is open to everyone"
    case .inlineURL: "Nothing can be unloaded to an address in the statement"
    case .triSecret: "A key of the customer's own protects the account (Tri-Secret Secure)"
    case .masking: "Every column that the spec calls sensitive has a masking policy"
    case .rowAccess:
      "Every table with a column that the spec calls sensitive has a row access policy"
    case .secondaryRoles: "Nobody works with all their roles at once by default"
    }
  }
}
