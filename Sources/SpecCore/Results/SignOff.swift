package import Diagnostics

/// Something that a person must say, because no database can: acceptance by users, a rehearsal.
package struct AskedItem: Hashable, Sendable {
  /// `shop.uat.month_end_report.accepted`.
  package var id: CheckID
  /// The clause of the procedure it proves: `7`.
  package var clause: String
  /// What is asked, as a question or a sentence that ends in a full stop.
  package var question: String
  /// The role whose answer counts: `data_owner`.
  package var approver: String
  /// What was attested must have happened at most so many seconds before the run began; `nil`
  /// where no day is asked for.
  package var within: Double?
  /// Where the spec asks for it.
  package var range: SourceRange

  package init(
    id: CheckID, clause: String, question: String, approver: String, within: Double? = nil,
    range: SourceRange
  ) {
    self.id = id
    self.clause = clause
    self.question = question
    self.approver = approver
    self.within = within
    self.range = range
  }
}

/// Who must sign, as the spec says.
package struct SignOffDemand: Hashable, Sendable {
  /// The file of allowed signers, as ssh-keygen(1) describes it, from the spec's folder; `nil`
  /// where the spec names none.
  package var signers: String?
  /// In the order of the spec.
  package var required: [Signer]

  package init(signers: String?, required: [Signer]) {
    self.signers = signers
    self.required = required
  }

  /// A role and who holds it.
  package struct Signer: Hashable, Sendable {
    package var role: String
    /// The principal in the file of allowed signers.
    package var email: String

    package init(role: String, email: String) {
      self.role = role
      self.email = email
    }
  }

  /// Who holds a role.
  package func email(of role: String) -> String? { required.first { $0.role == role }?.email }
}

/// What people have signed of a run, and what is still open.
package struct SignOffState: Hashable, Sendable {
  /// Every record found, in the order they were signed.
  package var records: [Record]
  /// What is missing, each in a sentence: `qa_lead (carol@example.com) has not signed`.
  package var open: [String]
  /// What is wrong, each in a sentence; anything here means that the records cannot be relied on.
  package var problems: [String]

  package init(records: [Record] = [], open: [String] = [], problems: [String] = []) {
    self.records = records
    self.open = open
    self.problems = problems
  }

  /// Whether everything that is asked was signed and accepted.
  package var isComplete: Bool { open.isEmpty && problems.isEmpty }

  /// A signed record of a person, as it stands in the bundle.
  package struct Record: Hashable, Sendable {
    /// `approvals/qa_lead.json`.
    package var file: String
    /// The case that was answered; `nil` for an approval of the whole.
    package var item: String?
    package var role: String
    package var name: String
    package var email: String
    package var meaning: Meaning
    package var signedAt: Timestamp
    /// The day on which what is attested happened, where one was asked for.
    package var performedOn: CalendarDay?
    package var comment: String?
    /// Whether a newer record of the same role takes its place.
    package var isSuperseded: Bool

    package init(
      file: String, item: String? = nil, role: String, name: String, email: String,
      meaning: Meaning, signedAt: Timestamp, performedOn: CalendarDay? = nil,
      comment: String? = nil, isSuperseded: Bool = false
    ) {
      self.file = file
      self.item = item
      self.role = role
      self.name = name
      self.email = email
      self.meaning = meaning
      self.signedAt = signedAt
      self.performedOn = performedOn
      self.comment = comment
      self.isSuperseded = isSuperseded
    }

    /// What a signature says (21 CFR 11.50 asks for it in the record).
    package enum Meaning: String, Hashable, Sendable, CaseIterable {
      /// The whole result is approved.
      case approved
      /// An approval given before no longer holds.
      case withdrawn
      /// What was asked is answered with yes.
      case accepted
      /// What was asked is answered with no.
      case rejected
    }
  }
}

/// What stands beside a result in its bundle of evidence.
package struct EvidenceFacts: Hashable, Sendable {
  /// Statements in `log.jsonl`.
  package var loggedStatements: Int
  /// The runs of the chain before this one, oldest first.
  package var history: [PastRun]
  /// `nil` where nobody looked for signatures.
  package var signOff: SignOffState?

  package init(
    loggedStatements: Int, history: [PastRun] = [], signOff: SignOffState? = nil
  ) {
    self.loggedStatements = loggedStatements
    self.history = history
    self.signOff = signOff
  }

  /// An earlier run, as its bundle tells.
  package struct PastRun: Hashable, Sendable {
    package var runID: String
    package var environment: String
    package var startedAt: Timestamp
    package var seconds: Double
    /// `PASSED`, `WARNED` or `FAILED`.
    package var verdict: String
    package var passed: Int
    package var warned: Int
    package var failed: Int
    package var errored: Int

    package init(
      runID: String, environment: String, startedAt: Timestamp, seconds: Double, verdict: String,
      passed: Int, warned: Int, failed: Int, errored: Int
    ) {
      self.runID = runID
      self.environment = environment
      self.startedAt = startedAt
      self.seconds = seconds
      self.verdict = verdict
      self.passed = passed
      self.warned = warned
      self.failed = failed
      self.errored = errored
    }
  }
}
