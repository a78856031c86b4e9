/// Decides a point of the account from lists of it.
///
/// Views of ACCOUNT_USAGE are complete for whoever may read them, and late; SHOW gives what the role
/// may see, so that nothing shown proves nothing.
struct PointJudgement {
  let point: AccountPoint
  let limits: PointLimits
  /// In the order of the check's questions.
  let lists: [[ListedRow]]
  /// When the account was read.
  let now: Timestamp?

  static let adminRoles = ["ACCOUNTADMIN", "SECURITYADMIN"]

  /// What was found so far.
  private struct Draft {
    var findings: [String] = []
    var unchecked: [Verdict.Unchecked] = []
    var notes: [String] = []
    /// What was looked at, for a verdict without findings.
    var summary = ""

    mutating func doubt(_ reason: String, _ remedy: String? = nil, type: String = "not_visible") {
      unchecked.append(Verdict.Unchecked(type: type, reason: reason, remedy: remedy))
    }
  }

  var verdict: Verdict {
    var draft = Draft()
    switch point {
    case .singleSignOn:
      integration(["SAML2", "EXTERNAL_OAUTH"], "single sign-on", &draft)
    case .provisioning: integration(["SCIM"], "provisioning", &draft)
    case .singleSignOnPasswords:
      integration(["SAML2", "EXTERNAL_OAUTH"], "single sign-on", &draft)
      if draft.findings.isEmpty, draft.unchecked.isEmpty {
        eachUser(1, &draft, where: { !$0.isService }) { user in
          user.hasPassword.map {
            $0
              ? "\(user.name) may log in by password besides; cure: ALTER USER \(user.written) UNSET PASSWORD"
              : nil
          }
        }
      } else {
        // Without single sign-on there is nothing to judge; whether there is any, another point says.
        draft.findings = []
        draft.doubt("it is not known that anybody logs in by single sign-on")
      }
    case .secondFactor:
      eachUser(0, &draft, where: { !$0.isService }) { user in
        guard let hasPassword = user.hasPassword else { return nil }
        guard hasPassword, user.hasSecondFactor != true else { return .some(nil) }
        return
          "\(user.name) may log in by password without a second factor; cure: ALTER USER \(user.written) UNSET PASSWORD, or \(user.name) enrols one"
      }
    case .serviceKeys: serviceKeys(&draft)
    case .dormantUsers: dormant(&draft)
    case .admins: admins(&draft)
    case .adminEmail:
      for user in holders(["ACCOUNTADMIN"], users: 0, roles: 1, &draft)
      where !isExcused(user.name, &draft) && (user.email ?? "").isEmpty {
        draft.findings.append(
          "\(user.name) holds ACCOUNTADMIN and has no e-mail address; cure: ALTER USER \(user.written) SET EMAIL = '…'"
        )
      }
    case .adminDefaultRole:
      eachUser(0, &draft) { user in
        guard let role = user.defaultRole, Self.adminRoles.contains(role) else { return .some(nil) }
        return
          "\(user.name) works as \(role) by default; cure: ALTER USER \(user.written) SET DEFAULT_ROLE = …"
      }
    case .secondaryRoles: secondaryRoles(&draft)
    case .passwordLength: passwordLength(&draft)
    case .adminSessions: sessions(&draft)
    case .adminInheritance, .adminTasks, .adminProcedures: adminGrants(&draft)
    case .serviceNetworkPolicy: serviceNetworks(&draft)
    case .stages: stages(&draft)
    case .monitoring, .keyRotation, .networkPolicy, .rekeying, .stageEncryption, .criticalRetention,
      .leastRetention, .stageCreation, .stageOperation, .inlineURL, .triSecret, .masking,
      .rowAccess:
      preconditionFailure("\(point) is decided elsewhere")
    }
    return finished(draft)
  }

  private func finished(_ draft: Draft) -> Verdict {
    var draft = draft
    if ![.singleSignOn, .provisioning].contains(point) {
      draft.notes.append("as the account was some time ago: these views are up to two hours late")
    }
    let first = draft.findings.first.map { text in
      draft.findings.count == 1
        ? String(text.split(separator: ";")[0]) : "\(draft.findings.count) findings"
    }
    return Verdict(
      summary: first ?? draft.unchecked.first?.reason ?? draft.summary,
      type: "account_point", findings: draft.findings, unchecked: draft.unchecked,
      notes: draft.notes)
  }

  private func isExcused(_ name: String, _ draft: inout Draft) -> Bool {
    guard limits.except.contains(where: { $0.uppercased() == name.uppercased() }) else {
      return false
    }
    let note = "left out: \(name)"
    if !draft.notes.contains(note) { draft.notes.append(note) }
    return true
  }

  // MARK: Users

  /// Users who may log in; without any, the list shows nothing.
  private func active(_ list: Int, _ draft: inout Draft) -> [AccountUser] {
    let users = lists[list].compactMap(AccountUser.init).filter(\.isActive)
    if users.isEmpty {
      draft.doubt(
        "the account shows no user at all, though the run is one",
        "a new account's view SNOWFLAKE.ACCOUNT_USAGE.USERS fills within two hours")
    }
    return users.sorted { $0.name < $1.name }
  }

  /// Judges each: a finding, nothing, or `nil` where the view does not say.
  private func eachUser(
    _ list: Int, _ draft: inout Draft, where isMeant: (AccountUser) -> Bool = { _ in true },
    _ judge: (AccountUser) -> String??
  ) {
    let users = active(list, &draft).filter(isMeant)
    for user in users where !isExcused(user.name, &draft) {
      switch judge(user) {
      case .some(.some(let finding)): draft.findings.append(finding)
      case .some(.none): break
      case .none: draft.doubt("the account does not tell how \(user.name) logs in")
      }
    }
    draft.summary = "\(counted(users.count, "user")) looked at"
  }

  private func serviceKeys(_ draft: inout Draft) {
    eachUser(0, &draft, where: \.isService) { user in
      if user.hasPassword == true {
        return
          "\(user.name), a user of a service, has a password; cure: ALTER USER \(user.written) SET TYPE = SERVICE"
      }
      guard user.hasKey == true || user.hasWorkloadIdentity == true else {
        return
          "\(user.name), a user of a service, has no key; cure: ALTER USER \(user.written) SET RSA_PUBLIC_KEY = '…'"
      }
      return .some(nil)
    }
    if draft.unchecked.isEmpty, draft.summary == "0 users looked at" {
      draft.notes.append(
        "no user has the type SERVICE or LEGACY_SERVICE; services that log in as people are judged as people"
      )
    }
  }

  private func dormant(_ draft: inout Draft) {
    guard let now else { return draft.doubt("when the account was read is not known") }
    let oldest = Double(now.microseconds) / 1_000_000 - limits.after * 86_400
    eachUser(0, &draft) { user in
      let cure = "cure: ALTER USER \(user.written) SET DISABLED = TRUE"
      if let last = user.lastLogin {
        guard last < oldest else { return .some(nil) }
        let days = Int((Double(now.microseconds) / 1_000_000 - last) / 86_400)
        return "\(user.name) has not logged in for \(counted(days, "day")); \(cure)"
      }
      guard let created = user.created else { return nil }
      return created < oldest
        ? "\(user.name) has never logged in, or not for a year; \(cure)" : .some(nil)
    }
  }

  /// Active users who hold one of the roles directly.
  private func holders(
    _ names: [String], users: Int, roles: Int, _ draft: inout Draft
  ) -> [AccountUser] {
    let holders = Set(
      lists[roles].compactMap { row in
        row["role"].flatMap { names.contains($0) ? row["grantee_name"] : nil }
      })
    let found = active(users, &draft).filter { holders.contains($0.name) }
    if holders.isEmpty {
      draft.doubt(
        "the account shows nobody who holds \(names.joined(separator: " or ")), though somebody must",
        "a new account's view SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_USERS fills within two hours")
    }
    draft.summary =
      "held by \(found.isEmpty ? "nobody" : found.map(\.name).joined(separator: ", "))"
    return found
  }

  private func admins(_ draft: inout Draft) {
    let found = holders(["ACCOUNTADMIN"], users: 0, roles: 1, &draft)
    guard draft.unchecked.isEmpty else { return }
    let names = found.map(\.name).joined(separator: ", ")
    if found.count < limits.atLeast {
      draft.findings.append(
        "\(counted(found.count, "active user holds", "active users hold")) ACCOUNTADMIN (\(names)), fewer than \(limits.atLeast): who lets the account's owners in when one is away?; cure: GRANT ROLE ACCOUNTADMIN TO USER …"
      )
    }
    if found.count > limits.atMost {
      draft.findings.append(
        "\(found.count) active users hold ACCOUNTADMIN (\(names)), more than \(limits.atMost); cure: REVOKE ROLE ACCOUNTADMIN FROM USER …"
      )
    }
  }

  private func secondaryRoles(_ draft: inout Draft) {
    if lists[1].isEmpty {
      draft.doubt("the account shows nobody who holds any role, though somebody must")
    }
    var roles: [String: Set<String>] = [:]
    for row in lists[1] {
      guard let user = row["grantee_name"], let role = row["role"] else { continue }
      roles[user, default: []].insert(role)
    }
    eachUser(0, &draft) { user in
      let all = roles[user.name] ?? []
      guard all.count > 1 else { return .some(nil) }
      let others = all.subtracting([user.defaultRole ?? ""]).sorted()
      // Nothing said once meant none, and since 2024 all: it depends on the account.
      guard let secondary = user.secondaryRoles, !secondary.isEmpty else { return nil }
      guard secondary.uppercased().contains("ALL") else { return .some(nil) }
      return
        "\(user.name) works with all roles at once: beside \(user.defaultRole ?? "no default role") also \(others.joined(separator: ", ")); cure: ALTER USER \(user.written) SET DEFAULT_SECONDARY_ROLES = ()"
    }
  }

  // MARK: Policies

  /// The policy of one kind that is in force for a user or the account, where there is one.
  private func passwordLength(_ draft: inout Draft) {
    var isOfAccount = false
    for row in lists[0] {
      let name = row["policy_name"] ?? "?"
      let entity = row["entity"] ?? "?"
      let ofAccount = row["domain"] == "ACCOUNT"
      isOfAccount = isOfAccount || ofAccount
      if !ofAccount, isExcused(entity, &draft) { continue }
      let holder = ofAccount ? "the account" : entity
      guard let length = row["least"].flatMap({ Int($0) }) else {
        draft.doubt("what the password policy \(name) of \(holder) says is not shown")
        continue
      }
      if length < limits.atLeast {
        draft.findings.append(
          "the password policy \(name) of \(holder) is content with \(counted(length, "character")); cure: ALTER PASSWORD POLICY \(name) SET PASSWORD_MIN_LENGTH = \(limits.atLeast)"
        )
      }
    }
    if !isOfAccount {
      draft.findings.append(
        "the account has no password policy; cure: ALTER ACCOUNT SET PASSWORD POLICY …")
    }
    draft.summary = "\(counted(lists[0].count, "policy", "policies")) in force"
  }

  private func sessions(_ draft: inout Draft) {
    var minutes: [String: (policy: String, idle: Int?)] = [:]
    var account: (policy: String, idle: Int?)?
    for row in lists[0] {
      let found = (row["policy_name"] ?? "?", row["idle"].flatMap { Int($0) })
      if row["domain"] == "ACCOUNT" {
        account = found
      } else if let user = row["entity"] {
        minutes[user] = found
      }
    }
    for user in holders(Self.adminRoles, users: 1, roles: 2, &draft)
    where !isExcused(user.name, &draft) {
      guard let policy = minutes[user.name] ?? account else {
        draft.findings.append(
          "no session policy ends the sessions of \(user.name); cure: ALTER USER \(user.written) SET SESSION POLICY …"
        )
        continue
      }
      guard let idle = policy.idle else {
        draft.doubt("what the session policy \(policy.policy) says is not shown")
        continue
      }
      if idle > limits.atMost {
        draft.findings.append(
          "sessions of \(user.name) end after \(counted(idle, "idle minute")) only; cure: ALTER SESSION POLICY \(policy.policy) SET SESSION_IDLE_TIMEOUT_MINS = \(limits.atMost)"
        )
      }
    }
  }

  private func serviceNetworks(_ draft: inout Draft) {
    let covered = Set(
      lists[1].filter { $0["domain"] == "USER" }.compactMap { $0["entity"] })
    eachUser(0, &draft, where: \.isService) { user in
      covered.contains(user.name)
        ? .some(nil)
        : "\(user.name), a user of a service, has no network policy of its own; cure: ALTER USER \(user.written) SET NETWORK_POLICY = …"
    }
  }

  // MARK: Rights

  /// Whether the list of grants shows the one that Snowflake made itself, in every account; a doubt
  /// where it does not.
  private func showsGrants(_ rows: [ListedRow], _ draft: inout Draft) -> Bool {
    let isThere = rows.contains {
      $0["granted_on"] == "ROLE" && $0["name"] == "SECURITYADMIN"
        && $0["grantee_name"] == "ACCOUNTADMIN"
    }
    if !isThere {
      draft.doubt(
        "the account does not show that ACCOUNTADMIN holds SECURITYADMIN, which is so in every account",
        "a new account's view SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_ROLES fills within two hours")
    }
    return isThere
  }

  private func adminGrants(_ draft: inout Draft) {
    let rows = lists[0]
    guard showsGrants(rows, &draft) else { return }
    let kind =
      switch point {
      case .adminTasks: "TASK"
      case .adminProcedures: "PROCEDURE"
      default: "ROLE"
      }
    var seen: Set<String> = []
    for row in rows where row["granted_on"] == kind {
      let name = row["name"] ?? "?"
      let grantee = row["grantee_name"] ?? "?"
      let privilege = row["privilege"] ?? "?"
      let place = [row["table_catalog"], row["table_schema"], name].compactMap(
        \.self
      )
      .joined(separator: ".")
      if kind == "ROLE" {
        if grantee == "ACCOUNTADMIN" || isExcused(grantee, &draft) { continue }
        draft.findings.append(
          "\(grantee) holds \(name); cure: REVOKE ROLE \(name) FROM ROLE \(grantee)")
      } else if seen.insert("\(place) \(grantee) \(privilege)").inserted, !isExcused(name, &draft) {
        let verb = privilege == AccessGrant.ownership ? "belongs to" : "may be used by"
        draft.findings.append(
          "\(place) \(verb) \(grantee) (\(privilege)); cure: "
            + (privilege == AccessGrant.ownership
              ? "GRANT OWNERSHIP ON \(kind) \(place) TO ROLE …"
              : "REVOKE \(privilege) ON \(kind) \(place) FROM ROLE \(grantee)"))
      }
    }
    draft.summary = "none"
  }

  // MARK: Ways in and out

  /// Enabled integrations of one of the types; their names tell more than SHOW promises to know.
  private func integration(_ types: [String], _ purpose: String, _ draft: inout Draft) {
    let found = lists[0].filter { row in
      types.contains { (row["type"] ?? "").uppercased().hasPrefix($0) }
    }
    let enabled = found.filter { $0.isTrue("enabled") == true }
    if let first = enabled.first {
      draft.summary = "by the integration \(first["name"] ?? "?")"
    } else if let first = found.first {
      let name = first["name"] ?? "?"
      draft.findings.append(
        "the integration \(name) for \(purpose) is not enabled; cure: ALTER SECURITY INTEGRATION \(name) SET ENABLED = TRUE"
      )
    } else {
      draft.doubt(
        "no integration for \(purpose) is shown: there is none, or the run's role may not see it",
        "GRANT USAGE ON INTEGRATION … TO ROLE of the run, for its time")
    }
  }

  private func stages(_ draft: inout Draft) {
    func name(_ row: ListedRow) -> String {
      ["database_name", "schema_name", "name"].map { row[$0] ?? "?" }.joined(separator: ".")
    }
    let outside = lists[0].filter { !($0["url"] ?? "").isEmpty }
    let shown = Dictionary(lists[1].map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    for row in outside {
      let name = name(row)
      if isExcused(name, &draft) { continue }
      guard let details = shown[name] else {
        draft.doubt(
          "whether the stage \(name) has an integration is not shown",
          "GRANT USAGE ON STAGE \(name) TO ROLE of the run, for its time")
        continue
      }
      if (details["storage_integration"] ?? "").isEmpty {
        draft.findings.append(
          "the stage \(name) leads outside without an integration; cure: ALTER STAGE \(name) SET STORAGE_INTEGRATION = …"
        )
      }
    }
    _ = showsGrants(lists[2], &draft)
    for row in lists[2]
    where row["granted_on"] == "STAGE" && row["grantee_name"] == "PUBLIC" {
      let stage = [row["table_catalog"], row["table_schema"], row["name"]]
        .compactMap(\.self).joined(separator: ".")
      let privilege = row["privilege"] ?? "?"
      if isExcused(stage, &draft) { continue }
      draft.findings.append(
        "everyone has \(privilege) on the stage \(stage); cure: REVOKE \(privilege) ON STAGE \(stage) FROM ROLE PUBLIC"
      )
    }
    draft.summary = "\(counted(outside.count, "stage leads", "stages lead")) outside"
  }
}
