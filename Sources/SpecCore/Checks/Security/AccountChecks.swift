/// Expects a parameter of the Snowflake account to have a value.
struct ParameterCheck: Check {
  let name: String
  let demand: ParameterDemand
  private var asks: [Ask] = []

  init(_ name: String, _ demand: ParameterDemand) {
    self.name = name.uppercased()
    self.demand = demand
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard !asks.isEmpty else {
      asks = [Ask(.target, .accountParameters)]
      return .ask(asks)
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    guard case .settings(let settings) = answers.first else {
      preconditionFailure("parameters were asked for")
    }
    guard let value = settings[name] else {
      let reason = "\(name) is no parameter of the account, or the role may not see it"
      return .decide(
        Verdict(
          summary: reason, unchecked: [Verdict.Unchecked(type: "missing_object", reason: reason)]))
    }
    var verdict = Verdict(summary: "\(name) is \(shown(value))", type: "parameter_differs")
    switch demand {
    case .exactly(let wanted) where value.lowercased() != wanted.lowercased():
      verdict.findings = [
        "\(name) is \(shown(value)), not \(wanted); cure: ALTER ACCOUNT SET \(name) = \(wanted)"
      ]
    case .atLeast(let least) where (Int(value) ?? -1) < least:
      verdict.findings = [
        "\(name) is \(shown(value)), less than \(least); cure: ALTER ACCOUNT SET \(name) = \(least)"
      ]
    case .exactly, .atLeast: break
    }
    return .decide(verdict)
  }

  private func shown(_ value: String) -> String { value.isEmpty ? "not set" : value }
}

/// Expects a network policy to be in force for the whole account, with exactly these addresses.
struct NetworkPolicyCheck: Check {
  let name: String
  let allowed: [String]?
  private var asks: [Ask] = []

  init(_ name: String, allowed: [String]?) {
    self.name = name
    self.allowed = allowed
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard !asks.isEmpty else {
      asks = [
        Ask(.target, .accountParameters), Ask(.target, .networkPolicy(identifier)),
      ]
      return .ask(asks)
    }
    return .decide(judge(answers))
  }

  private var identifier: Identifier {
    let part = QualifiedName(name)?.table
    return Identifier(part.map { $0.isQuoted ? $0.text : Engine.snowflake.folded($0.text) } ?? name)
  }

  private func judge(_ answers: [Answer]) -> Verdict {
    if let verdict = Verdict.unanswered(Array(answers.prefix(1)), asks: Array(asks.prefix(1))) {
      return verdict
    }
    guard case .settings(let parameters) = answers.first, answers.count == 2 else {
      preconditionFailure("parameters were asked for")
    }
    var findings: [String] = []
    let inForce = parameters["NETWORK_POLICY"] ?? ""
    let cure = "cure: ALTER ACCOUNT SET NETWORK_POLICY = \(Engine.snowflake.written(identifier))"
    if inForce.isEmpty {
      findings.append("no network policy is in force: one may log in from anywhere; \(cure)")
    } else if inForce != identifier.name {
      findings.append("\(inForce) is in force, not \(identifier.name); \(cure)")
    }
    var verdict = Verdict(
      summary: "", type: "network_policy_differs",
      notes: ["a user's own network policy overrides the account's; those are not looked at"])
    switch answers[1] {
    case .settings(let policy):
      let judged = Self.judged(identifier.name, policy, allowed: allowed)
      findings += judged.findings
      verdict.unchecked += judged.unchecked
    case .failed(let error):
      verdict.unchecked.append(Verdict.Unchecked(error, on: .target))
    default: preconditionFailure("a network policy was asked for")
    }
    verdict.findings = findings
    verdict.summary =
      findings.first ?? verdict.unchecked.first?.reason
      ?? "\(identifier.name) is in force"
    return verdict
  }

  /// A policy by its lists: never everywhere, and exactly what is allowed where that is said.
  static func judged(_ name: String, _ policy: [String: String], allowed: [String]?) -> Verdict {
    var verdict = Verdict(summary: "\(name) is in force", type: "network_policy_differs")
    let found = (policy["ALLOWED_IP_LIST"] ?? "").split { ",()[]' ".contains($0) }.map(String.init)
    let open = found.filter { $0.hasSuffix("/0") }
    for range in open { verdict.findings.append("\(name) allows \(range), which is everywhere") }
    if found.isEmpty {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_visible",
          reason:
            "\(name) shows no address that it allows: whether that is none or all is not known"))
    }
    if let allowed {
      verdict.findings += found.filter { !allowed.contains($0) && !open.contains($0) }
        .map { "extra: \($0) may log in" }
      verdict.findings += allowed.filter { !found.contains($0) }
        .map { "missing: \($0) may not log in" }
    }
    if let rules = policy["ALLOWED_NETWORK_RULE_LIST"], !rules.isEmpty {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "unsupported",
          reason: "\(name) also allows what network rules say, which are not read"))
    }
    verdict.summary =
      verdict.findings.first ?? verdict.unchecked.first?.reason ?? verdict.summary
    return verdict
  }
}
