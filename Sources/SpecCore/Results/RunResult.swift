package import Diagnostics

/// All that came of a run; every report is a function of this value.
package struct RunResult: Hashable, Sendable {
  /// Unique per run, also the query tag on both sides: `parity-20261123T030146Z-9f86d0`.
  package var runID: String
  package var toolVersion: String
  package var spec: SpecIdentity
  package var environment: String?
  /// The user and host that ran it, as the operating system says.
  package var operatorName: String
  package var hostName: String
  package var startedAt: Timestamp
  package var finishedAt: Timestamp
  package var source: SideResult
  package var target: SideResult
  /// Everything the spec excuses, with the reason it gives; shown first.
  package var exceptions: [SpecException]
  /// In plan order.
  package var suites: [SuiteResult]
  /// What people are asked, whatever was selected.
  package var asked: [AskedItem] = []
  /// Who must sign; `nil` where the spec does not say.
  package var signOff: SignOffDemand?
  /// Set when the run was stopped before all cases were decided.
  package var interruption: Interruption?
  /// Warnings count as failures (`--strict`).
  package var strict: Bool
  /// The command that does the same again, where it is not `parity run` of the spec.
  package var command: String?

  package init(
    runID: String, toolVersion: String, spec: SpecIdentity, environment: String?,
    operatorName: String, hostName: String, startedAt: Timestamp, finishedAt: Timestamp,
    source: SideResult, target: SideResult, exceptions: [SpecException] = [],
    suites: [SuiteResult], interruption: Interruption? = nil, strict: Bool = false
  ) {
    self.runID = runID
    self.toolVersion = toolVersion
    self.spec = spec
    self.environment = environment
    self.operatorName = operatorName
    self.hostName = hostName
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.source = source
    self.target = target
    self.exceptions = exceptions
    self.suites = suites
    self.interruption = interruption
    self.strict = strict
  }

  /// Why a run ended early.
  package enum Interruption: String, Hashable, Sendable {
    /// Ctrl-C.
    case interrupt
    /// SIGTERM.
    case terminate
    /// `--timeout` passed.
    case deadline
    /// `-x` or `--max-fail` was reached.
    case maxFailures = "max_failures"
  }

  /// One side: how it was named in the spec, and what it turned out to be.
  package struct SideResult: Hashable, Sendable {
    /// As the spec writes it, without secrets: `postgres $DATABASE_URL`.
    package var declared: String
    package var outcome: Outcome

    package init(declared: String, outcome: Outcome) {
      self.declared = declared
      self.outcome = outcome
    }

    package enum Outcome: Hashable, Sendable {
      case connected(SideFacts)
      case failed(DatabaseError)
      case notTried
    }

    /// The facts, where there was a connection.
    package var facts: SideFacts? {
      if case .connected(let facts) = outcome { facts } else { nil }
    }
  }

  /// Cases of one outcome and severity.
  package struct Counts: Hashable, Sendable {
    package var passed = 0
    /// Failed with severity error (with `--strict` also those with severity warn).
    package var failed = 0
    /// Failed with severity warn.
    package var warned = 0
    /// Failed, and excused for now by a waiver, whatever the severity.
    package var waived = 0
    package var errored = 0
    package var skipped = 0

    package init() {}

    package var total: Int { passed + failed + warned + waived + errored + skipped }
  }

  /// Every case in plan order.
  package var cases: [CaseResult] { suites.flatMap(\.cases) }

  /// How many cases ended how.
  package var counts: Counts {
    cases.reduce(into: Counts()) { counts, each in
      switch each.outcome {
      case .passed: counts.passed += 1
      case .failed where each.severity == .warn && !strict: counts.warned += 1
      case .failed: counts.failed += 1
      case .waived: counts.waived += 1
      case .errored: counts.errored += 1
      case .skipped: counts.skipped += 1
      }
    }
  }

  /// Whether a database could not be reached or read before anything was planned.
  private var isUnreached: Bool {
    [source, target].contains { if case .failed = $0.outcome { true } else { false } }
  }

  /// The run in one word, as the exit code will say.
  package enum Conclusion: String, Hashable, Sendable {
    case passed, failed
    case couldNotCheck = "could_not_check"
    case nothingSelected = "nothing_selected"
    case interrupted
  }

  /// What the exit code says: a failure seen wins over what could not be checked.
  ///
  /// A skipped case keeps a run from passing, because nobody looked; a waived failure does not.
  package var conclusion: Conclusion {
    if interruption == .interrupt || interruption == .terminate { return .interrupted }
    let counts = counts
    if counts.total == 0 { return isUnreached ? .couldNotCheck : .nothingSelected }
    if counts.failed > 0 { return .failed }
    return counts.errored > 0 || counts.skipped > 0 ? .couldNotCheck : .passed
  }
}

/// Which spec was run, exactly.
package struct SpecIdentity: Hashable, Sendable {
  /// Relative to the repository's root (else the working folder), with `/`.
  package var path: String
  /// The `name:` of the spec.
  package var name: String
  /// First part of every id: the file's base name, `shop`.
  package var slug: String
  /// SHA-256 of the file's bytes, hex.
  package var sha256: String
  package var owner: String?
  package var description: String?

  package init(
    path: String, name: String, slug: String, sha256: String, owner: String? = nil,
    description: String? = nil
  ) {
    self.path = path
    self.name = name
    self.slug = slug
    self.sha256 = sha256
    self.owner = owner
    self.description = description
  }
}

/// Something the spec leaves out or tolerates on purpose.
package struct SpecException: Hashable, Sendable {
  /// `shop.tables.orders.columns.legacy_flag`.
  package var subject: String
  /// What is excused, in a sentence.
  package var sentence: String
  /// The reason the author gave; `nil` where the language does not ask for one.
  package var because: String?
  package var range: SourceRange

  package init(subject: String, sentence: String, because: String?, range: SourceRange) {
    self.subject = subject
    self.sentence = sentence
    self.because = because
    self.range = range
  }
}

/// The cases of one object.
package struct SuiteResult: Hashable, Sendable {
  /// `shop.tables.orders`: dotted, and unique in the run.
  package var name: String
  package var startedAt: Timestamp
  /// Wall time in seconds.
  package var seconds: Double
  package var cases: [CaseResult]

  package init(name: String, startedAt: Timestamp, seconds: Double, cases: [CaseResult]) {
    self.name = name
    self.startedAt = startedAt
    self.seconds = seconds
    self.cases = cases
  }
}

/// One check on one object and what came of it.
package struct CaseResult: Hashable, Sendable {
  package var id: CheckID
  /// The clause of the migration procedure it proves: `2b`.
  package var clause: String
  /// What it expects, for readers who know neither YAML nor SQL.
  package var sentence: String
  /// Where the spec asks for it.
  package var range: SourceRange
  package var severity: CaseSeverity
  package var tags: [String]
  package var outcome: Outcome
  /// The waiver that excuses the findings, where there are both.
  ///
  /// The outcome is then `waived`, or `errored` where parts could not be checked besides.
  package var waiver: Waiver?
  /// For a skipped case the summary says why.
  package var verdict: Verdict
  package var startedAt: Timestamp
  /// Wall time of its statements, in seconds; a fused statement counts for every case it serves.
  package var seconds: Double
  package var statements: [ExecutedStatement]
  /// Transient errors after which the case was asked again from a new snapshot.
  package var retries: [Verdict.Unchecked]

  package init(
    id: CheckID, clause: String, sentence: String, range: SourceRange, severity: CaseSeverity,
    tags: [String] = [], outcome: Outcome, waiver: Waiver? = nil, verdict: Verdict,
    startedAt: Timestamp, seconds: Double, statements: [ExecutedStatement] = [],
    retries: [Verdict.Unchecked] = []
  ) {
    self.id = id
    self.clause = clause
    self.sentence = sentence
    self.range = range
    self.severity = severity
    self.tags = tags
    self.outcome = outcome
    self.waiver = waiver
    self.verdict = verdict
    self.startedAt = startedAt
    self.seconds = seconds
    self.statements = statements
    self.retries = retries
  }
}

/// Whether a failure fails the run.
package enum CaseSeverity: String, Hashable, Sendable, CaseIterable {
  case error
  case warn
}

/// A statement that was sent, without values.
package struct ExecutedStatement: Hashable, Sendable {
  package var side: Side
  package var sql: String
  package var seconds: Double
  package var rows: Int
  package var queryID: String?

  package init(side: Side, sql: String, seconds: Double, rows: Int, queryID: String? = nil) {
    self.side = side
    self.sql = sql
    self.seconds = seconds
    self.rows = rows
    self.queryID = queryID
  }
}

/// The name of a case: `SPEC.SECTION.OBJECT.CHECK`, such as `shop.tables.orders.checksum`.
package struct CheckID: Hashable, Sendable, CustomStringConvertible {
  package let spec: String
  /// `tables`.
  package let section: String
  /// `orders`; holds no blanks and no dots, and nothing where a section has no objects.
  package let object: String
  /// `checksum`, or `columns.status.accepted_values`.
  package let check: String

  package init(spec: String, section: String, object: String, check: String) {
    self.spec = spec
    self.section = section
    self.object = object
    self.check = check
  }

  package var description: String { "\(suite).\(check)" }

  /// The id without the check.
  package var suite: String {
    object.isEmpty ? "\(spec).\(section)" : "\(spec).\(section).\(object)"
  }
}

/// What happens while a run goes on; for progress only, never for reports.
package enum RunEvent: Sendable {
  case connecting(Side, declared: String)
  case connected(Side, SideFacts)
  case connectionFailed(Side, DatabaseError)
  /// Some cases are asked once more after so many seconds, because changes may be on their way.
  case waiting(seconds: Double, cases: Int)
  /// The plan is known: names of suites and of their cases, in order.
  case planned(suites: [(name: String, cases: [CheckID])])
  case suiteStarted(name: String)
  /// A case begins to read so many rows on each side; none where it has read them, or where their
  /// number is not known.
  case reading(CheckID, rows: [Side: Int])
  /// So many more of them were read.
  case read(CheckID, Side, rows: Int)
  case caseFinished(CaseResult)
  case suiteFinished(SuiteResult)
}
