package import SpecCore

/// What of a run people have yet to say: questions that no database answers, and signatures.
package struct OpenSignOff {
  private let run: RunResult

  package init(of run: RunResult) { self.run = run }

  /// `sign-off open: 2 questions, 4 signatures`; `nil` where nobody is asked for anything.
  package var line: String? {
    let parts = [(run.asked.count, "question"), (run.signOff?.required.count ?? 0, "signature")]
      .filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
    return parts.isEmpty ? nil : "sign-off open: \(parts.joined(separator: ", "))"
  }

  /// The questions, for people.
  package var lines: [String] {
    guard !run.asked.isEmpty else { return [] }
    return ["asked of people, who answer with `parity attest`: \(grouped(run.asked.count))"]
      + run.asked.flatMap { item in
        [
          "  \(oneLine(item.id.description)): \(oneLine(item.question))",
          "    of \(oneLine(item.approver))  (\(place(of: item.range)))",
        ]
      }
  }

  /// The questions as cases that nobody has carried out, so that nothing unanswered looks green.
  package var suites: [SuiteResult] {
    run.asked.map { item in
      let summary =
        "asked of \(item.approver): \(item.question) (answer with `parity attest`)"
      let result = CaseResult(
        id: item.id, clause: item.clause, sentence: item.question, range: item.range,
        severity: .error, outcome: .skipped, verdict: Verdict(summary: summary),
        startedAt: run.startedAt, seconds: 0)
      return SuiteResult(
        name: item.id.suite, startedAt: run.startedAt, seconds: 0, cases: [result])
    }
  }
}
