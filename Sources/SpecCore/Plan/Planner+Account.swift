import Diagnostics

/// The Snowflake account: parameters, the network policy, and points of how it is set up.
extension Planner {
  func accountSuite(_ security: SecuritySpec, _ subjects: [TableSubject]) -> Plan.Suite? {
    var steps: [Plan.Step] = []
    func add(
      _ check: String, _ range: SourceRange, _ sentence: String, clause: String = "5a.i",
      tags: [String] = [], _ implementation: any Check
    ) {
      steps.append(
        Plan.Step(
          id: CheckID(spec: slug, section: "security", object: "account", check: check),
          clause: clause, sentence: sentence, range: range, severity: .error, tags: tags,
          check: implementation))
    }
    for entry in security.parameters ?? [] {
      let name = entry.name.value.uppercased()
      let wanted =
        switch entry.value {
        case .exactly(let value): value
        case .atLeast(let least): "at least \(grouped(least))"
        }
      add(
        "parameters.\(Self.safe(name))", entry.name.range,
        "The parameter \(name) of the Snowflake account is \(wanted).",
        ParameterCheck(name, entry.value))
    }
    if let policy = security.networkPolicy, let name = policy.name {
      let allowed = policy.allowed?.map(\.value)
      let from = allowed.map { ": one may log in from \($0.joined(separator: ", ")) only" } ?? ""
      add(
        "network_policy", policy.range,
        "The network policy \(name.value) is in force for the Snowflake account\(from).",
        NetworkPolicyCheck(name.value, allowed: allowed))
    }
    for point in points(security) {
      let limits = PointLimits(point.point, point.spec)
      let number = point.point.number.map { " (CIS \($0))" } ?? ""
      let sentence = "\(point.point.sentence(limits))\(number)."
      for (check, title, implementation) in checks(of: point.point, limits, subjects) {
        add(
          check, point.range, title.map { "\($0): \(sentence)" } ?? sentence,
          clause: point.point.clause, tags: point.point.number == nil ? [] : ["cis"],
          implementation)
      }
    }
    return steps.isEmpty
      ? nil
      : Plan.Suite(name: "\(slug).security.account", title: "the Snowflake account", steps: steps)
  }

  private typealias Point = (point: AccountPoint, spec: PointSpec?, range: SourceRange)

  /// Points that are turned on, each once: by their names, else by the baseline.
  private func points(_ security: SecuritySpec) -> [Point] {
    AccountPoint.allCases.compactMap { point in
      // The checks of that section stand for it.
      if point == .monitoring, security.audit != nil { return nil }
      if let spec = security.account?[point] { return (point, spec, spec.range) }
      guard let baseline = security.baseline, point.number != nil,
        baseline.value.excuse(of: point) == nil
      else { return nil }
      // The section of its own says more.
      if point == .networkPolicy, security.networkPolicy != nil { return nil }
      return (point, nil, baseline.range)
    }
  }

  /// What judges a point; several where it is judged table by table.
  private func checks(
    of point: AccountPoint, _ limits: PointLimits, _ subjects: [TableSubject]
  ) -> [(check: String, title: String?, any Check)] {
    let parameter = { (name: String, demand: ParameterDemand) in
      [(point.rawValue, String?.none, ParameterCheck(name, demand) as any Check)]
    }
    switch point {
    case .rekeying: return parameter("PERIODIC_DATA_REKEYING", .exactly("true"))
    case .stageEncryption: return parameter("CLIENT_ENCRYPTION_KEY_SIZE", .exactly("256"))
    case .criticalRetention:
      return parameter("DATA_RETENTION_TIME_IN_DAYS", .atLeast(limits.atLeast))
    case .leastRetention:
      return parameter("MIN_DATA_RETENTION_TIME_IN_DAYS", .atLeast(limits.atLeast))
    case .stageCreation:
      return parameter("REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION", .exactly("true"))
    case .stageOperation:
      return parameter("REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION", .exactly("true"))
    case .inlineURL: return parameter("PREVENT_UNLOAD_TO_INLINE_URL", .exactly("true"))
    case .monitoring:
      return [
        (
          point.rawValue, nil,
          UndecidedCheck(
            reason: "the spec does not ask what happened: it has no `audit:`",
            remedy: "write `audit:` below `security:`, or leave the point out with the reason")
        )
      ]
    case .masking, .rowAccess:
      let sensitive = subjects.filter { subject in
        subject.spec.onlyIn == nil && !(subject.spec.sensitive ?? []).isEmpty
          && !limits.except.contains { sameName($0, Identifier(subject.title)) }
      }
      guard !sensitive.isEmpty else {
        return [
          (
            point.rawValue, nil,
            UndecidedCheck(
              reason:
                "the spec calls no column sensitive, so that nothing is known to need a policy",
              remedy:
                "name columns in `sensitive:` of their tables, or leave the point out with the reason"
            )
          )
        ]
      }
      return sensitive.map { subject in
        (
          "\(point.rawValue).\(Self.safe(subject.object))", subject.title,
          SensitiveCheck(subject, point == .masking ? .masking : .rowAccess)
        )
      }
    default: return [(point.rawValue, nil, PointCheck(point, limits))]
    }
  }

  /// What the account's sections leave out.
  func accountExceptions(_ security: SecuritySpec) -> [SpecException] {
    var found: [SpecException] = []
    func add(_ point: String, _ sentence: String, _ because: String, _ range: SourceRange) {
      found.append(
        SpecException(
          subject: "\(slug).security.account.\(point)", sentence: sentence, because: because,
          range: range))
    }
    for excuse in security.baseline?.value.except ?? [] {
      guard let point = AccountPoint(rawValue: excuse.name.value) else { continue }
      add(
        point.rawValue,
        "Not looked at: \(point.sentence(PointLimits(point, nil)))\(point.number.map { " (CIS \($0))" } ?? "").",
        excuse.because, excuse.name.range)
    }
    for point in AccountPoint.allCases {
      for excuse in security.account?[point]?.except ?? [] {
        add(
          point.rawValue,
          "\(excuse.name.value) is left out of: \(point.sentence(PointLimits(point, nil))).",
          excuse.because, excuse.name.range)
      }
    }
    return found
  }
}

extension AccountPoint {
  /// The clause of the procedure that it serves.
  fileprivate var clause: String {
    switch self {
    case .rekeying, .stageEncryption, .triSecret: "5a.iii"
    case .admins, .adminDefaultRole, .adminInheritance, .adminTasks, .adminProcedures,
      .secondaryRoles:
      "5a.iv"
    case .masking, .rowAccess: "5a.ii"
    default: "5a.i"
    }
  }
}
