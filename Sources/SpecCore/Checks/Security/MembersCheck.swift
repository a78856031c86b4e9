/// Expects exactly the listed users and roles to hold a role directly.
struct MembersCheck: Check {
  let subject: RoleSubject
  /// As the spec writes them.
  let expected: [String]
  private var asks: [Ask] = []

  init(_ subject: RoleSubject, expected: [String]) {
    self.subject = subject
    self.expected = expected
  }

  private static let option = " WITH ADMIN OPTION"

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard !asks.isEmpty else {
      asks = [Ask(subject.side, .members(subject.role))]
      return .ask(asks)
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    guard case .members(let found) = answers.first else {
      preconditionFailure("members were asked for")
    }
    return .decide(found.exists ? judge(found.members) : subject.missing)
  }

  private func judge(_ members: [RoleMembers.Member]) -> Verdict {
    let wanted = expected.map { text -> (name: RoleName, isAdmin: Bool, text: String) in
      let isAdmin = text.hasSuffix(Self.option)
      let name = isAdmin ? String(text.dropLast(Self.option.count)) : text
      return (RoleSubject.role(name, subject.engine), isAdmin, text)
    }
    var findings: [String] = []
    let role = subject.reference(.role(subject.role))
    for member in members {
      let title = Self.title(member.principal)
      let listed = wanted.filter { Self.isMeant($0.name, member.principal) }
      if listed.isEmpty {
        findings.append("extra: \(title); cure: \(revoke(role, member.principal))")
      } else if member.isAdmin, !listed.contains(where: \.isAdmin) {
        findings.append(
          "extra: \(title) may give the role to others; cure: REVOKE ADMIN OPTION FOR \(role) "
            + "FROM \(subject.reference(member.principal))")
      }
    }
    for each in wanted
    where !members.contains(where: {
      Self.isMeant(each.name, $0.principal) && ($0.isAdmin || !each.isAdmin)
    }) {
      findings.append("missing: \(each.text); cure: \(grant(role, each.name))")
    }
    var notes: [String] = []
    let roles = members.compactMap { member -> String? in
      if case .role(let role) = member.principal, subject.engine == .snowflake {
        return role.description
      }
      return nil
    }
    if !roles.isEmpty {
      notes.append("passed on to whoever holds \(roles.sorted().joined(separator: ", "))")
    }
    return Verdict(
      summary: findings.isEmpty
        ? members.isEmpty ? "nobody holds it" : "\(counted(members.count, "member")), as expected"
        : findings.map { $0.split(separator: ";").first.map(String.init) ?? $0 }
          .joined(separator: ", "),
      type: "members_differ", findings: findings, notes: notes)
  }

  /// Whether the name in the spec means this member; a user and a role may bear one name.
  private static func isMeant(_ name: RoleName, _ principal: Principal) -> Bool {
    switch principal {
    case .role(let role): role == name
    case .user(let user): name.database == nil && name.name == user
    case .share, .everyone: false
    }
  }

  private static func title(_ principal: Principal) -> String {
    switch principal {
    case .user(let user): "user \(user)"
    case .role(let role): "\(role)"
    case .share, .everyone: "\(principal)"
    }
  }

  private func revoke(_ role: String, _ principal: Principal) -> String {
    "REVOKE \(role) FROM \(subject.reference(principal))"
  }

  private func grant(_ role: String, _ name: RoleName) -> String {
    subject.engine == .postgres
      ? "GRANT \(role) TO \(subject.engine.written(name.name))"
      : "GRANT \(role) TO USER \(name)"
  }
}
