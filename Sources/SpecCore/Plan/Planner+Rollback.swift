import Diagnostics

extension Planner {
  /// The suites of the section `rollback`.
  func rollbackSuites(_ subjects: [TableSubject]) -> [Plan.Suite] {
    guard let rollback = spec.rollback else { return [] }
    let migrated = subjects.filter { $0.spec.onlyIn?.value != .source }
    var suites: [Plan.Suite] = []
    func add(
      _ object: String, _ check: String, _ range: SourceRange, _ title: String,
      _ sentence: String, _ implementation: any Check
    ) {
      let id = CheckID(spec: slug, section: "rollback", object: object, check: check)
      suites.append(
        Plan.Suite(
          name: id.suite, title: title,
          steps: [
            Plan.Step(
              id: id, clause: "8b", sentence: sentence, range: range, severity: .error, tags: [],
              check: implementation)
          ]))
    }
    if let plan = rollback.plan {
      add(
        "plan", "exists", plan.range, "the plan of the way back",
        "The plan of the way back is written down in \(plan.value), and its digest is recorded.",
        PlanFileCheck(plan.value))
    }
    if let backup = rollback.backup, let age = backup.value.newerThan {
      let file = backup.value.file.map { " (\($0.value))" } ?? ""
      add(
        "backup", "recent", backup.range, "the backup of Postgres",
        "The newest backup of Postgres\(file) is whole, holds the tables, and was made at most "
          + "\(age.words) before this run.",
        BackupCheck(backup.value.file?.value, newerThan: age, holding: subjects))
    }
    if let travel = rollback.timeTravel, let least = travel.value.atLeast {
      add(
        "time_travel", "retention", travel.range, "Time Travel",
        "Every migrated table can be read in \(target.title) as it was \(least.words) ago (Time "
          + "Travel).",
        RetentionCheck(migrated, atLeast: least, in: target.engine))
    }
    if let snapshot = rollback.snapshot {
      add(
        "snapshot", "complete", snapshot.range, "the clone made at cut-over",
        "The zero-copy clone \(snapshot.value), made at cut-over, holds every migrated table.",
        SnapshotCheck(
          migrated, in: SnapshotPlace(snapshot.value, target: targetSchema, in: target.engine),
          of: target.engine))
    }
    return suites
  }

  /// What people are asked, in the order of the procedure.
  var asked: [AskedItem] {
    let accepted = (spec.acceptance ?? []).compactMap { entry -> AskedItem? in
      guard let question = entry.value.ask, let approver = entry.value.approver else { return nil }
      return AskedItem(
        id: CheckID(spec: slug, section: "uat", object: entry.name.value, check: "accepted"),
        clause: "7", question: question, approver: approver.value, range: entry.name.range)
    }
    guard let rollback = spec.rollback, let rehearsed = rollback.rehearsed,
      let within = rehearsed.within, let approver = rehearsed.approver
    else { return accepted }
    let plan = rollback.plan.map { " as \($0.value) says" } ?? ""
    return accepted + [
      AskedItem(
        id: CheckID(spec: slug, section: "rollback", object: "rehearsal", check: "rehearsed"),
        clause: "8b",
        question: "The way back was rehearsed\(plan), at most \(within.words) before this run.",
        approver: approver.value, within: within.seconds, range: rehearsed.range)
    ]
  }

  /// Who must sign.
  var signOff: SignOffDemand? {
    spec.signOff.map { section in
      SignOffDemand(
        signers: section.signers?.value,
        required: (section.required ?? []).map {
          SignOffDemand.Signer(role: $0.name.value, email: $0.value.value)
        })
    }
  }
}
