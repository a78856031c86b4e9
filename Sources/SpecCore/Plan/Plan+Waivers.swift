import Diagnostics

extension Plan {
  /// A waiver of the spec; whether it is right is a case of its own.
  package struct WaiverStep: Sendable {
    package let id: CheckID
    package let waiver: Waiver
    /// The checks of the whole plan that it names, whether they are selected or not.
    package let checks: [CheckID]
    /// The id that was most likely meant, where it names none.
    package let nearest: String?

    /// What the case expects.
    package var sentence: String {
      "The waiver of \(waiver.check.value) has not expired and is needed."
    }
  }

  /// The part of the plan that is wanted, with the waivers that it can judge.
  ///
  /// A waiver is judged where all its checks are wanted: of a part nobody could say that it is not
  /// needed. Who asks for the waiver itself asks for its checks.
  package func selected(by selection: Selection) -> Plan {
    let asked = waivers.filter(selection.asks)
    let askedIDs = Set(asked.map(\.id))
    let named = Set(asked.flatMap(\.checks))
    var plan = filtered { step in
      selection.includes(step) || named.contains(step.id) && !selection.excludes(step)
    }
    let wanted = Set(plan.steps.map(\.id))
    plan.waivers = waivers.filter { each in
      if askedIDs.contains(each.id) { return true }
      if selection.excludes(each) { return false }
      return each.checks.isEmpty ? selection.isOfAll : each.checks.allSatisfy(wanted.contains)
    }
    return plan
  }

  /// The suites of the results with the ids of their cases, in order; waivers come first.
  package var outline: [(name: String, cases: [CheckID])] {
    let judged = waivers.first.map { [(name: $0.id.suite, cases: waivers.map(\.id))] } ?? []
    return judged + suites.map { (name: $0.name, cases: $0.steps.map(\.id)) }
  }

  /// The suite that judges the waivers, given all other results of a run that began on this day.
  package func waiverSuite(
    given suites: [SuiteResult], startedOn day: CalendarDay, at time: Timestamp
  ) -> SuiteResult? {
    guard let first = waivers.first else { return nil }
    let results = Dictionary(
      suites.flatMap(\.cases).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let cases = waivers.map { each in
      let verdict = each.verdict(given: results, startedOn: day, isPlanOpen: isOpen)
      return CaseResult(
        id: each.id, clause: "", sentence: each.sentence, range: each.waiver.range,
        severity: .error, outcome: verdict.outcome, verdict: verdict, startedAt: time, seconds: 0)
    }
    return SuiteResult(name: first.id.suite, startedAt: time, seconds: 0, cases: cases)
  }
}

extension Plan.WaiverStep {
  /// Whether the waiver is in force and needed, or why nobody can say so.
  fileprivate func verdict(
    given results: [CheckID: CaseResult], startedOn day: CalendarDay, isPlanOpen: Bool
  ) -> Verdict {
    let found = checks.compactMap { results[$0] }
    if waiver.isExpired(on: day) { return expired(found, day) }
    if checks.isEmpty {
      return isPlanOpen
        ? .unjudged("the tables are not known, so \(waiver.check.value) may be among their checks")
        : .unused("no check has the id \(waiver.check.value)\(guess)")
    }
    let excused = found.filter { $0.waiver == waiver }
    if !excused.isEmpty { return needed(excused) }
    if let open = found.first(where: { [.errored, .skipped].contains($0.outcome) }) {
      return .unjudged("\(open.id) could not be checked: \(open.verdict.summary)")
    }
    if let left = checks.first(where: { results[$0] == nil }) {
      return .unjudged("\(left) was not selected")
    }
    if let other = found.first(where: { $0.waiver != nil }), let first = other.waiver {
      return .unused(
        "not needed: \(other.id) is waived already, in line \(first.range.start.line)")
    }
    let words =
      found.count == 1
      ? "\(found[0].id) passed" : "none of the \(grouped(found.count)) checks it names failed"
    return .unused("not needed: \(words)")
  }

  private var guess: String { nearest.map { "; did you mean \($0)?" } ?? "" }

  private func needed(_ excused: [CaseResult]) -> Verdict {
    let words =
      excused.count == 1
      ? "\(excused[0].id): \(excused[0].verdict.summary)"
      : "\(grouped(excused.count)) checks are waived, the first is \(excused[0].id)"
    return Verdict(
      summary: "needed \(waiver.terms): \(words)",
      notes: ["because: \(waiver.because)"]
        + excused.map { "waived: \($0.id): \($0.verdict.summary)" })
  }

  private func expired(_ found: [CaseResult], _ day: CalendarDay) -> Verdict {
    let states = found.map { "\($0.id): \($0.outcome.rawValue), \($0.verdict.summary)" }
    let summary = "expired: it counted \(waiver.terms), and the run began on \(day)"
    return Verdict(
      summary: summary, type: "waiver_expired", findings: [summary],
      notes: ["because: \(waiver.because)"] + states)
  }
}

extension Verdict {
  fileprivate static func unused(_ reason: String) -> Verdict {
    Verdict(
      summary: reason, type: "waiver_unused", findings: [reason],
      notes: ["take it out of the spec: it would hide the next failure"])
  }

  fileprivate static func unjudged(_ reason: String) -> Verdict {
    Verdict(
      summary: "whether it is needed is not known: \(reason)",
      unchecked: [
        Unchecked(
          type: "waiver_unjudged", reason: reason,
          remedy: "run all checks that the waiver names, until each has passed or failed")
      ])
  }
}
