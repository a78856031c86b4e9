import SpecCore

/// The procedure clause by clause: what proves it, what came of that, and what nothing proves.
extension HTMLDocument {
  func clauses(_ page: inout HTMLWriter) {
    let rows = ProcedureClause.all.map { clause in
      (clause, entries.filter { clause.isServed(by: $0.result) })
    }
    let states = rows.map { state(of: $0.0, by: $0.1) }
    let uncovered = states.filter { !$0.isCovered }.count
    section("clauses", "The migration procedure, clause by clause", &page) { section in
      section.element(
        "p",
        text: uncovered == 0
          ? "Every clause is covered."
          : "\(counted(uncovered, "clause")) of \(rows.count) \(uncovered == 1 ? "is" : "are") NOT "
            + "COVERED by this run. A clause that is not covered was not proved, whatever the "
            + "verdict says.")
      let open = states.filter { $0.isCovered && $0.isOpen }.count
      if open > 0 {
        section.element(
          "p", text: "\(counted(open, "clause")) \(open == 1 ? "waits" : "wait") for people.")
      }
      table(
        "Clauses, the checks that prove them, and what came of those",
        ["Clause", "What it asks", "Result", "Checks"], &section
      ) { body in
        for ((clause, served), state) in zip(rows, states) { row(clause, served, state, &body) }
        let others = entries.filter { entry in
          !rows.contains { $0.0.isServed(by: entry.result) }
        }
        if !others.isEmpty { rest(others, &body) }
      }
    }
  }

  /// What came of a clause, and why.
  private struct State {
    var word: String
    var kind: StaticString
    /// Beside the checks, or in their place.
    var reasons: [String] = []
    var isCovered = true
    var isOpen = false
    /// Failures first, then what could not be seen, then what is open.
    var rank: Int
  }

  private func state(of clause: ProcedureClause, by served: [Entry]) -> State {
    var states: [State] = []
    if !served.isEmpty {
      let worst = worst(of: served)
      let rank = [Standing.failed: 5, .errored: 4, .skipped: 3, .waived: 1, .warned: 1][worst] ?? 0
      states.append(State(word: worst.label, kind: worst.kind, rank: rank))
    }
    states += run.asked.filter { clause.ids.contains($0.clause) }.map { item in
      state(of: standing(of: item), "\(item.id): \(item.approver)")
    }
    switch clause.id {
    case "6":
      if let count = evidence?.loggedStatements, count > 0 {
        let words = "log.jsonl beside this page holds \(counted(count, "statement"))"
        states.append(State(word: "COVERED", kind: "passed", reasons: [words], rank: 0))
      }
    case "9":
      states += (run.signOff?.required ?? []).map {
        state(of: standing(of: $0), "\($0.role) (\($0.email))")
      }
    case "11" where isProduction:
      let words =
        "This whole run, which was of the environment production. "
        + "Its date says whether that was after the cut-over."
      let isGood = run.conclusion == .passed
      states.append(
        State(word: verdict, kind: verdictKind, reasons: [words], rank: isGood ? 0 : 5))
    default: break
    }
    guard var whole = states.max(by: { $0.rank < $1.rank }) else {
      return State(
        word: "NOT COVERED", kind: "open", reasons: [clause.cover], isCovered: false, rank: 0)
    }
    whole.reasons = states.flatMap(\.reasons)
    whole.isOpen = states.contains(where: \.isOpen)
    return whole
  }

  private func state(of answer: Answer, _ whom: String) -> State {
    let said = answer.record.map { "\($0.meaning.rawValue) by \($0.name), \($0.signedAt)" }
    switch answer {
    case .yes:
      return State(word: "COVERED", kind: "passed", reasons: ["\(whom): \(said ?? "")"], rank: 0)
    case .no:
      return State(word: "FAILED", kind: "failed", reasons: ["\(whom): \(said ?? "")"], rank: 5)
    case .unreliable:
      return State(
        word: "COULD NOT CHECK", kind: "errored",
        reasons: ["\(whom): the records cannot be relied on"], rank: 4)
    case .none, .notLookedAt:
      let why = signOff == nil ? "signatures are not looked at here" : "no answer yet"
      return State(word: "OPEN", kind: "open", reasons: ["\(whom): \(why)"], isOpen: true, rank: 2)
    }
  }

  /// The verification after the cut-over is the same run, of this environment.
  private var isProduction: Bool { run.environment == "production" && !run.suites.isEmpty }

  private func row(
    _ clause: ProcedureClause, _ served: [Entry], _ state: State, _ rows: inout HTMLWriter
  ) {
    rows.element("tr") { row in
      row.element("th", [("scope", "row")], text: clause.id)
      row.element("td", text: clause.asks)
      row.element("td") { badge(state.word, state.kind, &$0) }
      row.element("td") { cell in
        if !served.isEmpty { tally(served, &cell) }
        let shown = state.reasons.prefix(min(20, shortening.entries)).map(line)
        let left = state.reasons.count - shown.count
        let words = shown + (left > 0 ? ["and \(grouped(left)) more"] : [])
        if !words.isEmpty {
          cell.write((served.isEmpty ? "" : "; ") + words.joined(separator: "; "))
        }
      }
    }
  }

  private func rest(_ others: [Entry], _ rows: inout HTMLWriter) {
    let worst = worst(of: others)
    rows.element("tr") { row in
      row.element("th", [("scope", "row")], text: "–")
      row.element("td", text: "Checks of no clause, such as those of the spec's own waivers")
      row.element("td") { badge(worst.label, worst.kind, &$0) }
      row.element("td") { tally(others, &$0) }
    }
  }

  private func worst(of served: [Entry]) -> Standing {
    let order: [Standing] = [.failed, .errored, .skipped, .waived, .warned]
    return order.first { standing in served.contains { $0.standing == standing } } ?? .passed
  }

  /// `57 checks: 55 passed, 2 failed`; what did not pass leads to the first such check.
  private func tally(_ served: [Entry], _ page: inout HTMLWriter) {
    page.write("\(counted(served.count, "check")): ")
    var isFirst = true
    for standing in Standing.allCases {
      let members = served.filter { $0.standing == standing }
      guard let first = members.first else { continue }
      if !isFirst { page.write(", ") }
      isFirst = false
      let words = "\(grouped(members.count)) \(standing.participle)"
      if standing != .passed, first.isTold {
        page.element("a", [("href", "#\(first.anchor)")], text: words)
      } else {
        page.write(words)
      }
    }
  }
}

extension Standing {
  /// `3 failed`, `2 could not be checked`.
  var participle: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .warned: "warned"
    case .waived: "waived"
    case .errored: "could not be checked"
    case .skipped: "skipped"
    }
  }
}
