/// Expects a connection of the run to have been encrypted.
struct TransitCheck: Check {
  let side: Side
  let demand: TransitDemand
  private var asks: [Ask] = []

  init(_ side: Side, _ demand: TransitDemand) {
    self.side = side
    self.demand = demand
  }

  /// Versions that are not known to be broken (RFC 8996 deprecates those before).
  private static let sound = ["TLSv1.2", "TLSv1.3", "TLSv1.2 or later"]

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard !asks.isEmpty else {
      asks = [Ask(side, .link)]
      return .ask(asks)
    }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    guard case .link(let link) = answers.first else {
      preconditionFailure("the link was asked for")
    }
    return .decide(judge(link))
  }

  private func judge(_ link: LinkProtection) -> Verdict {
    var verdict = Verdict(summary: "\(link)", type: "not_encrypted")
    switch link {
    case .loopback:
      verdict.unchecked = [
        Verdict.Unchecked(
          type: "not_in_transit",
          reason: "the connection did not leave this machine, so it shows nothing about encryption",
          remedy: "run from where the data will be read, or say `in_transit: skip`")
      ]
      verdict.summary = "the connection did not leave this machine"
    case .none: verdict.findings = ["the connection was not encrypted"]
    case .gssapi:
      verdict.unchecked = [
        Verdict.Unchecked(
          type: "not_comparable",
          reason: "the connection was protected by GSSAPI, which does not tell how",
          remedy: "use TLS: `sslmode: verify-full`")
      ]
    case .tls(let version, _, let identity):
      if !Self.sound.contains(version) {
        verdict.findings.append("\(version) is no longer held to be safe")
      }
      switch (demand, identity) {
      case (.verified, .certificateOnly):
        verdict.findings.append("the server's certificate was verified, but not its name")
      case (.verified, .unknown): verdict.findings.append("the server did not prove who it is")
      default: break
      }
    }
    return verdict
  }
}

/// Somebody answers for encryption where the data lie: no database proves it of itself.
struct RestCheck: Check {
  let side: Side
  let attestation: Attestation?

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard let attestation, let statement = attestation.statement, let by = attestation.by,
      let date = attestation.date
    else {
      let reason = "nothing that can be asked shows how the disks are encrypted"
      return .decide(
        Verdict(
          summary: reason,
          unchecked: [
            Verdict.Unchecked(
              type: "not_attested", reason: reason,
              remedy:
                "let somebody answer for it: `at_rest: { \(side.rawValue): { statement: …, by: …, date: … } }`"
            )
          ]))
    }
    let words = "attested by \(by) on \(date): \(statement)"
    if let today = dialects.readAt?.day, date > today {
      return .decide(
        Verdict(
          summary: "attested for a day to come", type: "attestation_invalid",
          findings: ["\(words); that day has not come (today is \(today))"]))
    }
    return .decide(
      Verdict(summary: words, notes: ["this is somebody's word, not a measurement"]))
  }
}
