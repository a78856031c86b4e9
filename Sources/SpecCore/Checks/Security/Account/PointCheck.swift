/// Expects one point of the account, by what its catalog and its views tell.
///
/// Points that are a parameter's value are a ``ParameterCheck``; those about columns that the spec
/// calls sensitive are a ``SensitiveCheck``.
struct PointCheck: Check {
  let point: AccountPoint
  let limits: PointLimits
  private var asks: [Ask] = []
  private var policyOfAccount: Identifier?

  init(_ point: AccountPoint, _ limits: PointLimits) {
    self.point = point
    self.limits = limits
  }

  /// What is asked of the account.
  private var questions: [Question] {
    switch point {
    case .singleSignOn, .provisioning: [.listing(.securityIntegrations)]
    case .singleSignOnPasswords: [.listing(.securityIntegrations), .listing(.users)]
    case .secondFactor, .serviceKeys, .dormantUsers, .adminDefaultRole: [.listing(.users)]
    case .passwordLength: [.listing(.passwordPolicies)]
    case .adminSessions: [.listing(.sessionPolicies), .listing(.users), .listing(.userRoles)]
    case .admins, .adminEmail, .secondaryRoles: [.listing(.users), .listing(.userRoles)]
    case .adminInheritance, .adminTasks, .adminProcedures: [.listing(.adminGrants)]
    case .networkPolicy: [.accountParameters]
    case .serviceNetworkPolicy: [.listing(.users), .listing(.networkPolicies)]
    case .stages: [.listing(.externalStages), .listing(.shownStages), .listing(.adminGrants)]
    case .monitoring, .keyRotation, .triSecret, .rekeying, .stageEncryption, .criticalRetention,
      .leastRetention, .stageCreation, .stageOperation, .inlineURL, .masking, .rowAccess:
      []
    }
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard !asks.isEmpty else {
      asks = questions.map { Ask(.target, $0) }
      return asks.isEmpty ? .decide(manual) : .ask(asks)
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    if point == .networkPolicy { return network(answers) }
    let lists = answers.map { answer -> [ListedRow] in
      guard case .listing(let rows) = answer else { preconditionFailure("lists were asked for") }
      return rows
    }
    return .decide(
      PointJudgement(point: point, limits: limits, lists: lists, now: dialects.readAt).verdict)
  }

  /// No statement shows it.
  private var manual: Verdict {
    let reason = "nothing that can be asked of the account shows it"
    return Verdict(
      summary: reason,
      unchecked: [
        Verdict.Unchecked(
          type: "not_comparable", reason: reason,
          remedy: "look yourself, and write who looked when: "
            + "`baseline: { cis: { except: { \(point.rawValue): … } } }`")
      ])
  }

  // MARK: The network policy

  private mutating func network(_ answers: [Answer]) -> Move {
    switch answers.first {
    case .settings(let parameters) where policyOfAccount == nil:
      let name = parameters["NETWORK_POLICY"] ?? ""
      guard !name.isEmpty else {
        let finding = "no network policy is in force: one may log in from anywhere"
        return .decide(
          Verdict(
            summary: finding, type: "no_network_policy",
            findings: ["\(finding); cure: ALTER ACCOUNT SET NETWORK_POLICY = …"]))
      }
      let identifier = Identifier(name)
      policyOfAccount = identifier
      asks = [Ask(.target, .networkPolicy(identifier))]
      return .ask(asks)
    case .settings(let policy):
      return .decide(
        NetworkPolicyCheck.judged(policyOfAccount?.name ?? "", policy, allowed: nil))
    default: preconditionFailure("parameters were asked for")
    }
  }
}
