import Reporting
import SpecCore

/// What a check came to, in the words that readers of test results share.
package enum RecordedStatus: String, Hashable, Sendable, CaseIterable {
  case passed, failed, error, warned, skipped
}

extension EvidenceBundle {
  /// A check or a question as `results.json` lists it.
  struct RecordedCheck {
    let id: String
    let status: RecordedStatus
    let clause: String
    let statement: String
    /// A failure that a waiver of the spec excuses; its status is `warned`, so that it is seen.
    let isWaived: Bool
  }

  /// Every check in the order of the plan, then what people are asked.
  var checks: [RecordedCheck] {
    run.reportedSuites.flatMap(\.cases).map { result in
      let status: RecordedStatus =
        switch result.standing(strict: run.strict) {
        case .passed: .passed
        case .failed: .failed
        case .errored: .error
        case .warned, .waived: .warned
        case .skipped: .skipped
        }
      return RecordedCheck(
        id: result.id.description, status: status, clause: result.clause,
        statement: result.sentence, isWaived: result.outcome == .waived)
    }
      + run.asked.map {
        RecordedCheck(
          id: $0.id.description, status: .skipped, clause: $0.clause, statement: $0.question,
          isWaived: false)
      }
  }

  /// The word of in-toto's test results: what could not be checked counts as failed, because a
  /// verdict must not improve by leaving something out.
  package var verdict: String {
    let statuses = Set(checks.map(\.status))
    if statuses.contains(.failed) || statuses.contains(.error) { return "FAILED" }
    return statuses.contains(.warned) ? "WARNED" : "PASSED"
  }

  /// `results.json`: the run in short.
  var results: JSONValue {
    let checks = checks
    return .object([
      ("schema", "results/v1"),
      ("run", .text(run.runID)),
      ("environment", .text(environment)),
      ("verdict", .string(verdict)),
      ("conclusion", .string(run.conclusion.rawValue)),
      ("started", .string(run.startedAt.description)),
      ("finished", .string(max(run.startedAt, run.finishedAt).description)),
      ("operator", .text(run.operatorName)),
      ("host", .text(run.hostName)),
      (
        "tool",
        .object([
          ("name", "parity"), ("version", .text(run.toolVersion)),
          ("sha256", .string(origin.toolSHA256)),
        ])
      ),
      (
        "spec",
        .object([
          ("path", .text(run.spec.path)), ("name", .text(run.spec.name)),
          ("slug", .text(run.spec.slug)), ("sha256", .string(run.spec.sha256)),
          (
            "git",
            origin.git.map {
              .object([("commit", .text($0.commit)), ("dirty", .bool($0.isDirty))])
            } ?? .null
          ),
        ])
      ),
      (
        "previous",
        previous.map {
          .object([
            ("run", .text($0.run)), ("folder", .text($0.folder)),
            ("manifest_sha256", .string($0.manifestSHA256)),
          ])
        } ?? .null
      ),
      ("selection", .texts(origin.selection)),
      ("digest_seed", .string(origin.seed)),
      (
        "inputs",
        .array(
          origin.inputs.sorted().map {
            .object([("path", .text($0.path)), ("sha256", .string($0.sha256))])
          })
      ),
      (
        "counts",
        .object(
          RecordedStatus.allCases.map { status in
            (status.rawValue, .integer(checks.filter { $0.status == status }.count))
          })
      ),
      ("exceptions", .integer(run.exceptions.count)),
      ("asked", .array(run.asked.map(JSONReporter.asked))),
      ("sign_off", run.signOff.map(JSONReporter.demand) ?? .null),
      ("checks", .array(checks.map(Self.check))),
    ])
  }

  private static func check(_ check: RecordedCheck) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("id", .text(check.id)), ("status", .string(check.status.rawValue)),
      ("sop", .array(check.clause.isEmpty ? [] : [.string(check.clause)])),
      ("statement", .text(check.statement)),
    ]
    if check.isWaived { members.append(("waived", true)) }
    return .object(members)
  }
}
