import Diagnostics
import Reporting
import SpecCore

extension EvidenceBundle {
  /// `plan.json`: what was to be checked, in sentences, with the statements that were sent for it.
  var planned: JSONValue {
    let sent = Dictionary(
      run.cases.map { ($0.id, $0.statements) }, uniquingKeysWith: { first, _ in first })
    return .object([
      ("format", "parity.plan/1"),
      (
        "spec",
        .object([("path", .text(run.spec.path)), ("sha256", .string(run.spec.sha256))])
      ),
      ("environment", .text(environment)),
      ("source", .text(run.source.declared)),
      ("target", .text(run.target.declared)),
      (
        "exceptions",
        .array(
          run.exceptions.map {
            .object([
              ("subject", .text($0.subject)), ("sentence", .text($0.sentence)),
              ("because", .optional($0.because)),
            ])
          })
      ),
      ("asked", .array(run.asked.map(JSONReporter.asked))),
      ("sign_off", run.signOff.map(JSONReporter.demand) ?? .null),
      ("suites", .array((plan?.suites ?? []).map { suite($0, sent) })),
    ])
  }

  private func suite(_ suite: Plan.Suite, _ sent: [CheckID: [ExecutedStatement]]) -> JSONValue {
    .object([
      ("name", .text(suite.name)),
      ("title", .text(suite.title)),
      (
        "checks",
        .array(
          suite.steps.map { step in
            .object([
              ("id", .text(step.id.description)),
              ("sop", .string(step.clause)),
              ("statement", .text(step.sentence)),
              ("severity", .string(step.severity.rawValue)),
              ("tags", .texts(step.tags)),
              ("line", .integer(max(1, step.range.start.line))),
              ("sql", .array((sent[step.id] ?? []).map(Self.statement))),
            ])
          })
      ),
    ])
  }

  private static func statement(_ statement: ExecutedStatement) -> JSONValue {
    .object([("side", .string(statement.side.rawValue)), ("text", .text(statement.sql))])
  }
}
