import Diagnostics

extension Planner {
  /// The suites of `audit`: one for each side that anything is expected of.
  func auditSuites(_ audit: AuditSpec, _ policy: NetworkPolicySpec?) -> [Plan.Suite] {
    var suites: [Plan.Suite] = []
    func add(_ side: Side, _ title: String, _ steps: [Plan.Step]) {
      guard !steps.isEmpty else { return }
      suites.append(
        Plan.Suite(
          name: "\(slug).security.audit.\(side.rawValue)", title: title, steps: steps))
    }
    func step(
      _ side: Side, _ check: String, _ demand: Located<AuditDemand>, _ sentence: String,
      _ implementation: any Check
    ) -> Plan.Step {
      Plan.Step(
        id: CheckID(
          spec: slug, section: "security", object: "audit.\(side.rawValue)", check: check),
        clause: "5a.vi", sentence: sentence, range: demand.range,
        severity: demand.value.severity ?? .error, tags: [], check: implementation)
    }
    if let log = audit.source {
      add(
        .source, "what the log of Postgres tells",
        LogEvent.allCases.compactMap { event in
          log[event].map {
            step(
              .source, event.rawValue, $0, Sentence.audit(audit, log, event, $0.value),
              LogAuditCheck(event, audit, log, $0.value))
          }
        })
    }
    let name = policy?.name.map { identifier($0.value) }
    add(
      .target, "what the records of \(target.title) tell",
      AccountEvent.allCases.compactMap { event in
        audit[event].map {
          step(
            .target, event.rawValue, $0,
            Sentence.audit(audit, event, $0.value, place: target.title, policy: policy),
            AccountAuditCheck(
              event, audit, $0.value, allowed: policy?.allowed?.map(\.value), policy: name))
        }
      })
    return suites
  }

  private func identifier(_ name: String) -> Identifier {
    let part = QualifiedName(name)?.table
    return Identifier(part.map { $0.isQuoted ? $0.text : Engine.snowflake.folded($0.text) } ?? name)
  }

  /// What the audit tolerates or excuses.
  func auditExceptions(_ audit: AuditSpec) -> [SpecException] {
    var found: [SpecException] = []
    func add(
      _ side: Side, _ check: String, _ demand: Located<AuditDemand>, _ counted: (Int) -> String
    ) {
      func exception(_ sentence: String, _ because: String?, _ range: SourceRange) {
        found.append(
          SpecException(
            subject: "\(slug).security.audit.\(side.rawValue).\(check)", sentence: sentence,
            because: because, range: range))
      }
      if demand.value.most > 0 {
        let within = demand.value.within.map { " of one user or address within \($0.words)" } ?? ""
        exception("Accepted: up to \(counted(demand.value.most))\(within).", nil, demand.range)
      }
      for pair in demand.value.except ?? [] {
        exception(
          "\(pair.name.value) is excused from the audit of \(check).", pair.value, pair.name.range)
      }
      if demand.value.severity == .warn {
        exception("failures of the audit of \(check) only warn.", nil, demand.range)
      }
    }
    for event in LogEvent.allCases {
      if let demand = audit.source?[event] {
        add(.source, event.rawValue, demand) { event.counted($0) }
      }
    }
    if let log = audit.source, let gap = log.maxGap {
      found.append(
        SpecException(
          subject: "\(slug).security.audit.source",
          sentence: "Accepted: up to \(gap.words) without any line of the log.", because: nil,
          range: log.range))
    }
    for event in AccountEvent.allCases {
      if let demand = audit[event] {
        add(.target, event.rawValue, demand) { event.counted($0) }
      }
    }
    return found
  }
}

extension Sentence {
  /// What an account's records must show, with the view's latency.
  static func audit(
    _ audit: AuditSpec, _ event: AccountEvent, _ demand: AuditDemand, place: String,
    policy: NetworkPolicySpec?
  ) -> String {
    var what = event.counted(demand.most == 1 ? 1 : 2)
    what.removeSubrange(..<(what.firstIndex(of: " ").map(what.index(after:)) ?? what.startIndex))
    if event == .loginsOutsideNetworkPolicy {
      let name = policy?.name.map { " \($0.value)" } ?? " that is in force"
      let list = policy?.allowed.map { " (\($0.map(\.value).joined(separator: ", ")))" } ?? ""
      what += "\(name)\(list)"
    }
    return
      "\(place) records \(amount(what, demand, isBurst: event == .failedLogins, follows: event == .loginsAfterFailures)) "
      + "\(audit.windowWords)\(excused(demand)). The record is up to \(event.view.latencyWords) late."
  }

  /// What the source's log must show.
  static func audit(
    _ audit: AuditSpec, _ log: LogAuditSpec, _ event: LogEvent, _ demand: AuditDemand
  ) -> String {
    var what = event.counted(demand.most == 1 ? 1 : 2)
    what.removeSubrange(..<(what.firstIndex(of: " ").map(what.index(after:)) ?? what.startIndex))
    let files = (log.log ?? []).map(\.value).joined(separator: ", ")
    return "The log of Postgres (\(files)) tells of "
      + "\(amount(what, demand, isBurst: event == .failedLogins, follows: event == .loginsAfterFailures)) "
      + "\(audit.windowWords)\(excused(demand))."
  }

  private static func amount(
    _ what: String, _ demand: AuditDemand, isBurst: Bool, follows: Bool
  ) -> String {
    let most = demand.most == 0 ? "no" : "at most \(grouped(demand.most))"
    if isBurst, let within = demand.within {
      return "\(most) \(what) of one user or from one address within any \(within.words)"
    }
    if follows {
      let failures = demand.failures ?? AccountAuditCheck.usualFailures
      let within = demand.within ?? AccountAuditCheck.usualWithin
      return "\(most) \(what) (\(failures) or more within \(within.words))"
    }
    return "\(most) \(what)"
  }

  private static func excused(_ demand: AuditDemand) -> String {
    let names = (demand.except ?? []).map(\.name.value)
    return names.isEmpty ? "" : ", but for \(names.joined(separator: ", "))"
  }
}
