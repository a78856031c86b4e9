import Diagnostics
package import SpecCore

extension RunResult {
  /// The suites that hold a case, and one of the run itself where those would look like a good
  /// run that it was not.
  ///
  /// Build servers take an empty report for a broken one or for a green one; both are wrong.
  package var reportedSuites: [SuiteResult] {
    let filled = suites.filter { !$0.cases.isEmpty }
    let counts = counts
    // Waivers are judged even where no check was run.
    let isEmpty = filled.flatMap(\.cases).allSatisfy { $0.id.section == Waiver.section }
    if interruption == nil || counts.failed + counts.errored > 0, !isEmpty { return filled }
    let cases = ownCases(isEmpty: isEmpty)
    let own = SuiteResult(
      name: "\(spec.slug).\(Self.ownSection)", startedAt: startedAt,
      seconds: isEmpty ? finishedAt.seconds(since: startedAt) : 0, cases: cases)
    return filled + [own]
  }

  /// The section of cases about the run itself, which no spec has.
  static let ownSection = "run"

  /// What went wrong with the run as a whole, as cases.
  private func ownCases(isEmpty: Bool) -> [CaseResult] {
    var cases: [CaseResult] = []
    for (side, result) in [(Side.source, source), (Side.target, target)] {
      guard isEmpty, case .failed(let error) = result.outcome else { continue }
      let unchecked = Verdict.Unchecked(error, on: side)
      cases.append(
        ownCase(
          "connection", side.rawValue, sentence: "The \(side.rawValue) can be read.",
          verdict: Verdict(
            summary: "no connection to the \(side.rawValue): \(error.message)",
            unchecked: [unchecked])))
    }
    if let interruption {
      cases.append(
        ownCase(
          "completion", "all", sentence: "The run comes to its end.",
          verdict: .only("interrupted", "the run was stopped: \(interruption.words)")))
    }
    if cases.isEmpty {
      cases.append(
        ownCase(
          "selection", "any", sentence: "At least one check is selected.",
          verdict: .only("nothing_selected", "nothing was selected: no check was run")))
    }
    return cases
  }

  private func ownCase(
    _ object: String, _ check: String, sentence: String, verdict: Verdict
  ) -> CaseResult {
    let start = SourcePosition(line: 1, column: 1, offset: 0)
    let id = CheckID(spec: spec.slug, section: Self.ownSection, object: object, check: check)
    return CaseResult(
      id: id, clause: "",
      sentence: sentence, range: SourceRange(file: spec.path, start: start, end: start),
      severity: .error, outcome: .errored, verdict: verdict, startedAt: startedAt, seconds: 0)
  }
}

extension Verdict {
  fileprivate static func only(_ type: String, _ reason: String) -> Self {
    Self(summary: reason, unchecked: [Unchecked(type: type, reason: reason)])
  }
}

extension RunResult.Interruption {
  /// Why, for people.
  package var words: String {
    switch self {
    case .interrupt: "interrupted by Ctrl-C"
    case .terminate: "asked to terminate"
    case .deadline: "its time limit passed"
    case .maxFailures: "the limit of failures was reached"
    }
  }
}
