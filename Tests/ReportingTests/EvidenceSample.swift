import SpecCore

extension Sample {
  /// A run that asks people, with contents, a rollback and what stands beside it in its bundle.
  static let signed: RunResult = {
    var run = Sample.run([
      Sample.suite(
        "shop.tables.orders",
        [counted("tables.orders", rows: (48_211, 48_210)), counted("tables.people", rows: (7, 7))]),
      Sample.suite("shop.rollback.plan", [rollback]),
    ])
    run.asked = [item("uat", "month_end_report", "7"), item("rollback", "rehearsal", "8b")]
    run.signOff = SignOffDemand(
      signers: "allowed_signers",
      required: [
        .init(role: "project_manager", email: "alice@example.com"),
        .init(role: "qa_lead", email: "carol@example.com"),
      ])
    return run
  }()

  static func counted(_ place: String, rows: (Int, Int)) -> CaseResult {
    var verdict = Verdict(
      summary: "\(rows.0), \(rows.1)", type: "row_count_mismatch",
      findings: rows.0 == rows.1 ? [] : ["\(rows.0) ≠ \(rows.1)"])
    let name = place.split(separator: ".").last.map(String.init) ?? place
    verdict.content = ContentFacts(
      source: .init(name: "public.\(name)", rows: rows.0),
      target: .init(name: "PUBLIC.\(name)", rows: rows.1))
    return result(place, "row_count", verdict)
  }

  private static var rollback: CaseResult {
    var result = result("rollback.plan", "exists", Verdict(summary: "the plan is there"))
    result.clause = "8b"
    return result
  }

  private static func item(_ section: String, _ object: String, _ clause: String) -> AskedItem {
    AskedItem(
      id: CheckID(spec: "shop", section: section, object: object, check: "accepted"),
      clause: clause, question: "Does \(object) hold <what> was agreed?", approver: "data_owner",
      range: range(70))
  }

  static func record(
    _ role: String, _ email: String, _ meaning: SignOffState.Record.Meaning, item: String? = nil,
    isSuperseded: Bool = false
  ) -> SignOffState.Record {
    SignOffState.Record(
      file: "approvals/\(role).json", item: item, role: role, name: "Alice <Example>",
      email: email, meaning: meaning, signedAt: time(9_000), performedOn: CalendarDay("2026-11-20"),
      comment: "Read; go.", isSuperseded: isSuperseded)
  }

  static func evidence(_ signOff: SignOffState?, logged: Int = 12) -> EvidenceFacts {
    EvidenceFacts(
      loggedStatements: logged,
      history: [
        .init(
          runID: "parity-1", environment: "rehearsal", startedAt: time(-90_000), seconds: 240,
          verdict: "FAILED", passed: 40, warned: 1, failed: 9, errored: 2),
        .init(
          runID: "parity-2", environment: "rehearsal", startedAt: time(-9_000), seconds: 130,
          verdict: "PASSED", passed: 52, warned: 0, failed: 0, errored: 0),
      ], signOff: signOff)
  }
}
