import SpecCore

/// The procedure clause by clause: what proves it, what came of that, and what nothing proves.
extension HTMLDocument {
  func clauses(_ page: inout HTMLWriter) {
    let rows = ProcedureClause.all.map { clause in
      (clause, entries.filter { clause.isServed(by: $0.result) })
    }
    let open = rows.filter { !isCovered($0.0, by: $0.1) }.count
    section("clauses", "The migration procedure, clause by clause", &page) { section in
      section.element(
        "p",
        text: open == 0
          ? "Every clause is covered."
          : "\(counted(open, "clause")) of \(rows.count) \(open == 1 ? "is" : "are") NOT COVERED by "
            + "this run. A clause that is not covered was not proved, whatever the verdict says.")
      table(
        "Clauses, the checks that prove them, and what came of those",
        ["Clause", "What it asks", "Result", "Checks"], &section
      ) { body in
        for (clause, served) in rows { row(clause, served, &body) }
        let others = entries.filter { entry in
          !rows.contains { $0.0.isServed(by: entry.result) }
        }
        if !others.isEmpty { rest(others, &body) }
      }
    }
  }

  private func isCovered(_ clause: ProcedureClause, by served: [Entry]) -> Bool {
    !served.isEmpty || clause.id == "11" && isProduction
  }

  /// The verification after the cut-over is the same run, of this environment.
  private var isProduction: Bool { run.environment == "production" && !run.suites.isEmpty }

  private func row(
    _ clause: ProcedureClause, _ served: [Entry], _ rows: inout HTMLWriter
  ) {
    rows.element("tr") { row in
      row.element("th", [("scope", "row")], text: clause.id)
      row.element("td", text: clause.asks)
      if !served.isEmpty {
        row.element("td") { result(of: served, &$0) }
        row.element("td") { tally(served, &$0) }
      } else if isCovered(clause, by: served) {
        row.element("td") { badge(verdict, verdictKind, &$0) }
        row.element(
          "td",
          text: "This whole run, which was of the environment production. "
            + "Its date says whether that was after the cut-over.")
      } else {
        row.element("td") { badge("NOT COVERED", "open", &$0) }
        row.element("td", text: clause.cover)
      }
    }
  }

  private func rest(_ others: [Entry], _ rows: inout HTMLWriter) {
    rows.element("tr") { row in
      row.element("th", [("scope", "row")], text: "–")
      row.element("td", text: "Checks of no clause, such as those of the spec's own waivers")
      row.element("td") { result(of: others, &$0) }
      row.element("td") { tally(others, &$0) }
    }
  }

  /// The worst of the clause's checks, in a word.
  private func result(of served: [Entry], _ page: inout HTMLWriter) {
    let order: [Standing] = [.failed, .errored, .skipped, .waived, .warned]
    let worst = order.first { standing in served.contains { $0.standing == standing } } ?? .passed
    badge(worst.label, worst.kind, &page)
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
