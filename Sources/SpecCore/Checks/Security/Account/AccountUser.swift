/// A user of a Snowflake account, as the view ACCOUNT_USAGE.USERS tells.
struct AccountUser: Hashable, Sendable {
  let name: String
  /// `PERSON`, `SERVICE`, `LEGACY_SERVICE`; people where nothing is said (page "CREATE USER").
  private let type: String
  let email: String?
  /// `nil` for users of services, who can have none, and where the view says nothing.
  let hasPassword: Bool?
  let hasSecondFactor: Bool?
  let hasKey: Bool?
  let hasWorkloadIdentity: Bool?
  let defaultRole: String?
  /// `["ALL"]`, `[]`, or nothing.
  let secondaryRoles: String?
  let isDisabled: Bool
  /// Seconds since 1970.
  let lastLogin: Double?
  let created: Double?

  init?(_ row: ListedRow) {
    guard let name = row["name"] else { return nil }
    self.name = name
    type = row["type"]?.uppercased() ?? ""
    email = row["email"]
    hasPassword = row.isTrue("has_password")
    hasSecondFactor = row.isTrue("has_mfa")
    hasKey = row.isTrue("has_rsa_public_key")
    hasWorkloadIdentity = row.isTrue("has_workload_identity")
    defaultRole = row["default_role"]
    secondaryRoles = row["default_secondary_role"]
    isDisabled = row.isTrue("disabled") ?? false
    lastLogin = row["last_login"].flatMap { Double($0) }
    created = row["created"].flatMap { Double($0) }
  }

  /// Somebody else than Snowflake itself, who may log in.
  var isActive: Bool { !isDisabled && name != "SNOWFLAKE" && type != "SNOWFLAKE_SERVICE" }

  var isService: Bool { type == "SERVICE" || type == "LEGACY_SERVICE" }

  /// For a statement.
  var written: String { Engine.snowflake.written(Identifier(name)) }
}
