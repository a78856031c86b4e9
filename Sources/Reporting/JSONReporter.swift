import Diagnostics
package import SpecCore

/// Writes everything a run found out, for programs; `docs/json-result.md` describes each field.
package struct JSONReporter: Reporter {
  /// The format's name; the number changes when a field goes away or changes its meaning.
  package static let format = "parity.run/1"

  package init() {}

  /// The document, indented by two blanks.
  package func render(_ result: RunResult) -> String { value(of: result).rendered() + "\n" }

  /// The document as a value, for bundles that hold it.
  package func value(of run: RunResult) -> JSONValue {
    .object([
      ("format", .string(Self.format)),
      ("run_id", .text(run.runID)),
      ("tool", .object([("name", .string("parity")), ("version", .text(run.toolVersion))])),
      ("conclusion", .string(run.conclusion.rawValue)),
      ("interruption", .optional(run.interruption?.rawValue)),
      ("strict", .bool(run.strict)),
      ("environment", .optional(run.environment)),
      ("started_at", .time(run.startedAt)),
      ("finished_at", .time(run.finishedAt)),
      ("seconds", .seconds(run.finishedAt.seconds(since: run.startedAt))),
      ("operator", .text(run.operatorName)),
      ("host", .text(run.hostName)),
      ("command", .optional(run.command)),
      ("spec", spec(run.spec)),
      ("source", side(run.source)),
      ("target", side(run.target)),
      ("counts", counts(run.counts)),
      ("waived", .array(run.cases.filter { $0.outcome == .waived }.map(waived))),
      ("exceptions", .array(run.exceptions.map(exception))),
      ("asked", .array(run.asked.map(Self.asked))),
      ("sign_off", run.signOff.map(Self.demand) ?? .null),
      ("suites", .array(run.suites.map(suite))),
      (
        "cases",
        .array(
          run.suites.flatMap { suite in
            suite.cases.map { JSONCase(result: $0, suite: suite.name, strict: run.strict).value }
          })
      ),
    ])
  }

  private func spec(_ spec: SpecIdentity) -> JSONValue {
    .object([
      ("path", .text(spec.path)),
      ("name", .text(spec.name)),
      ("slug", .text(spec.slug)),
      ("sha256", .text(spec.sha256)),
      ("owner", .optional(spec.owner)),
      ("description", .optional(spec.description)),
    ])
  }

  private func side(_ side: RunResult.SideResult) -> JSONValue {
    let declared = ("declared", JSONValue.text(side.declared))
    switch side.outcome {
    case .connected(let facts):
      return .object([declared, ("status", .string("connected"))] + members(of: facts))
    case .failed(let error):
      return .object([
        declared, ("status", .string("failed")),
        (
          "error",
          .object([
            ("type", .string(error.kind.rawValue)),
            ("message", .text(error.message)),
            ("hint", .optional(error.hint)),
            ("code", .optional(error.code)),
            ("query_id", .optional(error.queryID)),
          ])
        ),
      ])
    case .notTried: return .object([declared, ("status", .string("not_tried"))])
    }
  }

  private func members(of facts: SideFacts) -> [(String, JSONValue)] {
    [
      ("engine", .text(facts.engine)),
      ("version", .text(facts.version)),
      ("name", .text(facts.name)),
      ("fingerprint", .text(facts.fingerprint)),
      ("role", .text(facts.role)),
      ("read_point", .text(facts.readPoint)),
      ("read_at", .time(facts.readAt)),
      ("encryption", .text(facts.encryption)),
      ("replica", .optional(facts.replica)),
      ("notes", .texts(facts.notes)),
    ]
  }

  private func counts(_ counts: RunResult.Counts) -> JSONValue {
    .object([
      ("total", .integer(counts.total)),
      ("passed", .integer(counts.passed)),
      ("failed", .integer(counts.failed)),
      ("warned", .integer(counts.warned)),
      ("waived", .integer(counts.waived)),
      ("errored", .integer(counts.errored)),
      ("skipped", .integer(counts.skipped)),
    ])
  }

  /// What a reader must know before a good conclusion; the case itself has the rest.
  private func waived(_ result: CaseResult) -> JSONValue {
    .object([
      ("id", .text(result.id.description)),
      ("summary", .text(result.verdict.summary)),
      ("findings", .texts(result.verdict.findings)),
      ("waiver", result.waiver.map(Self.waiver) ?? .null),
    ])
  }

  /// A waiver as the spec has it.
  package static func waiver(_ waiver: Waiver) -> JSONValue {
    .object([
      ("check", .text(waiver.check.value)),
      ("because", .text(waiver.because)),
      ("owner", .text(waiver.owner)),
      ("expires", .string(waiver.expires.description)),
      ("ticket", .optional(waiver.ticket)),
      ("file", .text(waiver.range.file)),
      ("line", .integer(max(1, waiver.range.start.line))),
    ])
  }

  private func exception(_ exception: SpecException) -> JSONValue {
    .object([
      ("subject", .text(exception.subject)),
      ("sentence", .text(exception.sentence)),
      ("because", .optional(exception.because)),
      ("file", .text(exception.range.file)),
      ("line", .integer(max(1, exception.range.start.line))),
    ])
  }

  package static func asked(_ item: AskedItem) -> JSONValue {
    .object([
      ("id", .text(item.id.description)),
      ("clause", .text(item.clause)),
      ("question", .text(item.question)),
      ("approver", .text(item.approver)),
      ("within_seconds", item.within.map { .seconds($0) } ?? .null),
      ("file", .text(item.range.file)),
      ("line", .integer(max(1, item.range.start.line))),
    ])
  }

  package static func demand(_ demand: SignOffDemand) -> JSONValue {
    .object([
      ("signers", .optional(demand.signers)),
      (
        "required",
        .array(
          demand.required.map {
            .object([("role", .text($0.role)), ("email", .text($0.email))])
          })
      ),
    ])
  }

  private func suite(_ suite: SuiteResult) -> JSONValue {
    .object([
      ("name", .text(suite.name)),
      ("started_at", .time(suite.startedAt)),
      ("seconds", .seconds(suite.seconds)),
      ("cases", .integer(suite.cases.count)),
    ])
  }
}

extension JSONValue {
  /// A text of the run, without secrets.
  package static func text(_ text: String) -> JSONValue { .string(redacted(text)) }

  /// A text that may be missing.
  package static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

  /// A list of texts.
  package static func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .text($0) }) }

  /// A duration in seconds, to the microsecond; never below zero.
  package static func seconds(_ seconds: Double) -> JSONValue {
    // A clock may be set back while a run goes on.
    let microseconds = max(0, seconds) * 1_000_000 + 0.5
    guard microseconds < 9e18 else { return .null }
    return .number(Double(Int64(microseconds)) / 1_000_000)
  }

  /// A point in time in UTC; a fraction is written only where there is one.
  package static func time(_ time: Timestamp) -> JSONValue {
    let remainder = time.microseconds % 1_000_000
    let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
    guard fraction != 0 else { return .string(time.description) }
    let digits = String(fraction)
    let zeros = String(repeating: "0", count: 6 - digits.count)
    return .string("\(time.date)T\(time.time).\(zeros)\(digits)Z")
  }
}
