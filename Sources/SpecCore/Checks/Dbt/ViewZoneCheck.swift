/// Expects a view to give the same rows in sessions of any time zone.
///
/// `CURRENT_DATE`, casts of points in time to dates and the like follow the session's time zone, which
/// is another for an application, a dashboard and whoever tests (Snowflake's own default is that of
/// Los Angeles). Asked in two zones that never have the same day. The original is not asked: it is
/// read in UTC.
struct ViewZoneCheck: Check {
  /// UTC−11 and UTC+14: 25 hours apart the year round.
  static let zones = ["Pacific/Pago_Pago", "Pacific/Kiritimati"]

  private enum State: Sendable {
    case lookup
    case asking(ChecksumPlan, [Ask])
    /// Asked a second time in the first zone, with what it gave the first time.
    case again(ChecksumPlan, [[String?]], [Ask])
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
        let asks = Self.zones.map { Ask(.target, question(plan, $0)) }
        state = .asking(plan, asks)
        return .ask(asks)
      }
    case .asking(let plan, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      let found = answers.compactMap { answer -> [[String?]]? in
        if case .measures(let cells) = answer { cells } else { nil }
      }
      guard found.count == 2 else { preconditionFailure("measures were asked for") }
      if found[0] == found[1] {
        return .decide(
          Verdict(
            summary: "the same in sessions of \(Self.zones.joined(separator: " and "))",
            notes: remarks(plan)))
      }
      let again = [Ask(.target, question(plan, Self.zones[0]))]
      state = .again(plan, found[0], again)
      return .ask(again)
    case .again(let plan, let first, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      guard case .measures(let second) = answers.first else {
        preconditionFailure("measures were asked for")
      }
      let words = finding(isSteady: first == second)
      return .decide(
        Verdict(
          summary: words, type: "session_zone", findings: [words], notes: remarks(plan)))
    }
  }

  private func finding(isSteady: Bool) -> String {
    isSteady
      ? "\(subject.target) gives other rows in another time zone: it depends on the session's "
        + "(CURRENT_DATE, or a date taken from a point in time)"
      : "\(subject.target) gives other rows when it is asked twice: its query leaves them open (a "
        + "LIMIT whose order does not decide, a random value, the time of day)"
  }

  private func question(_ plan: ChecksumPlan, _ zone: String) -> Question {
    .viewed(
      .aggregate(plan.scan(.target), [.rowCount, .digest(plan.compared(.target))]), as: .zone(zone))
  }

  private func remarks(_ plan: ChecksumPlan) -> [String] {
    let left = plan.streamed.map(\.title)
    return left.isEmpty ? [] : ["not looked at: \(left.joined(separator: ", "))"]
  }
}
