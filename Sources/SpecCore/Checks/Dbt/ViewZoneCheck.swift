/// Expects a view to give the same rows in sessions of any time zone.
///
/// `CURRENT_DATE`, casts of points in time to dates and the like follow the session's time zone, which
/// is another for an application, a dashboard and whoever tests (Snowflake's own default is that of
/// Los Angeles). Asked in two zones that never have the same day. That the original depends on it is
/// only noted: it is read in UTC.
struct ViewZoneCheck: Check {
  /// UTC−11 and UTC+14: 25 hours apart the year round.
  static let zones = ["Pacific/Pago_Pago", "Pacific/Kiritimati"]

  private enum State: Sendable {
    case lookup
    case asking(ChecksumPlan, [Ask])
    /// The differing sides are asked a second time in the first zone.
    case again(ChecksumPlan, [Side: [[String?]]], [Ask])
  }

  let subject: TableSubject
  private var lookup: TableLookup
  private var state = State.lookup

  init(_ subject: TableSubject) {
    self.subject = subject
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .lookup:
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair):
        let plan = ChecksumPlan(subject, pair, dialects).byRows()
        guard plan.isPossible, !plan.digested.isEmpty else {
          return .decide(plan.nothingComparable)
        }
        let asks = Side.allCases.flatMap { side in
          Self.zones.map { Ask(side, question(plan, side, $0)) }
        }
        state = .asking(plan, asks)
        return .ask(asks)
      }
    case .asking(let plan, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      var found: [Side: [[[String?]]]] = [:]
      for (ask, answer) in zip(asks, answers) {
        if case .measures(let cells) = answer { found[ask.side, default: []].append(cells) }
      }
      let differing = Side.allCases.filter { side in
        found[side].map { Set($0).count > 1 } ?? true
      }
      if differing.isEmpty { return .decide(agreement(plan)) }
      let again = differing.map { Ask($0, question(plan, $0, Self.zones[0])) }
      state = .again(
        plan, found.compactMapValues(\.first).filter { differing.contains($0.key) }, again)
      return .ask(again)
    case .again(let plan, let first, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      var verdict = Verdict(summary: "", type: "session_zone", notes: remarks(plan))
      for (ask, answer) in zip(asks, answers) {
        guard case .measures(let cells) = answer else { continue }
        let words = sentence(ask.side, isSteady: cells == first[ask.side])
        if ask.side == .target {
          verdict.findings.append(words)
        } else {
          verdict.notes.append(words)
        }
      }
      verdict.summary = verdict.findings.first ?? agreement(plan).summary
      return .decide(verdict)
    }
  }

  private func sentence(_ side: Side, isSteady: Bool) -> String {
    let name = "\(subject[side]) (\(side.rawValue))"
    return isSteady
      ? "\(name) gives other rows in another time zone: it depends on the session's (CURRENT_DATE, "
        + "or a date taken from a point in time)"
      : "\(name) gives other rows when it is asked twice: its query leaves them open (a LIMIT whose "
        + "order does not decide, a random value, the time of day)"
  }

  private func question(_ plan: ChecksumPlan, _ side: Side, _ zone: String) -> Question {
    .viewed(
      .aggregate(plan.scan(side), [.rowCount, .digest(plan.compared(side))]), as: .zone(zone))
  }

  private func agreement(_ plan: ChecksumPlan) -> Verdict {
    Verdict(
      summary: "the same in sessions of \(Self.zones.joined(separator: " and "))",
      notes: remarks(plan))
  }

  private func remarks(_ plan: ChecksumPlan) -> [String] {
    let left = plan.streamed.map(\.title)
    return left.isEmpty ? [] : ["not looked at: \(left.joined(separator: ", "))"]
  }
}
