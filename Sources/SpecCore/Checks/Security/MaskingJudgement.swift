/// Judges what each role sees of a masked column.
struct MaskingJudgement {
  let check: MaskingCheck
  let truth: TrueValues
  let views: RoleViews
  /// The relation's name in a statement.
  let relation: String
  let isView: Bool
  private var findings: [String] = []
  private var unchecked: [Verdict.Unchecked] = []
  private var notes: [String] = []
  /// Roles whose values were seen to be as they must be, with the rows that showed it.
  private var clear: [(role: RoleName, rows: Int)] = []
  private var masked: [(role: RoleName, rows: Int)] = []

  init(check: MaskingCheck, truth: TrueValues, views: RoleViews, relation: String, isView: Bool) {
    self.check = check
    self.truth = truth
    self.views = views
    self.relation = relation
    self.isView = isView
    notes = check.notes
    for role in check.roles.clear { judgeClear(role) }
    for role in check.roles.masked { judgeMasked(role, isListed: true) }
    for role in check.roles.others { judgeMasked(role, isListed: false) }
    noteOwn()
    notes += views.notes
    if masked.isEmpty, findings.isEmpty, unchecked.isEmpty {
      unchecked.append(
        Verdict.Unchecked(
          type: "no_control",
          reason:
            "no role was seen that must not see the values of \(title), so that nothing shows "
            + "that they are masked",
          remedy: "name a role that reads them in `masked_for:`"))
    }
  }

  private var title: String { check.title }

  var verdict: Verdict {
    Verdict(
      summary: findings.first?.firstClause ?? unchecked.first?.reason.firstLine ?? summary,
      type: "masking_not_effective", findings: findings, unchecked: unchecked, notes: notes)
  }

  private var summary: String {
    func list(_ roles: [(role: RoleName, rows: Int)]) -> String {
      roles.map { "\($0.role) (\(counted($0.rows, "row")))" }.joined(separator: ", ")
    }
    return [
      clear.isEmpty ? nil : "clear for \(list(clear))", "masked for \(list(masked))",
    ].compactMap(\.self).joined(separator: ", ")
  }

  private func sighting(_ role: RoleName) -> TrueValues.Sighting? {
    guard case .rows(let rows) = views.views[role]?.answers?.first else { return nil }
    return truth.sighting(rows)
  }

  /// Why a role's rows show nothing; `nil` where they show something.
  private func silence(_ sight: TrueValues.Sighting, _ role: RoleName) -> Verdict.Unchecked? {
    let reason: String
    if sight.rows > MaskingCheck.most {
      reason =
        "\(role) sees more than \(grouped(MaskingCheck.most)) rows of \(title), which are too many to "
        + "look at without a key"
    } else if sight.rows == 0 {
      reason = "\(role) sees no row of \(title), so that nothing shows what it would get"
    } else if sight.judged == 0 {
      reason =
        sight.unmatched > 0
        ? "the rows of \(title) that \(role) sees have keys that the source does not have, so that "
          + "their values could not be judged"
        : "the rows of \(title) that \(role) sees have no value that could be judged"
    } else {
      return nil
    }
    return Verdict.Unchecked(type: "no_control", reason: reason)
  }

  private mutating func noteRows(_ sight: TrueValues.Sighting, _ role: RoleName) {
    if sight.rows < truth.rows {
      notes.append(
        "\(role) sees \(grouped(sight.rows)) of \(counted(truth.rows, "row")) of \(title)")
    }
  }

  // MARK: Roles that see the values

  private mutating func judgeClear(_ role: RoleName) {
    let view = views.views[role]
    if let refusal = view?.refusal {
      // A view may well be nobody's business; the column itself must be seen.
      guard check.also == nil else {
        notes.append("\(role) may not read \(title): \(refusal)")
        return
      }
      findings.append(
        "\(role) may not read \(title) at all: \(refusal); cure: GRANT SELECT ON "
          + "\(isView ? "VIEW" : "TABLE") \(relation) TO ROLE \(check.place.engine.written(role.name))"
      )
      return
    }
    guard let sight = sighting(role) else {
      unchecked.append(views.unknown(role, title))
      return
    }
    if let silence = silence(sight, role) {
      unchecked.append(silence)
      return
    }
    noteRows(sight, role)
    if sight.different > 0 {
      let own = check.own.map { $0 == sight } ?? false
      let remark = own ? ", and neither does the run itself: the data may differ" : ""
      findings.append(
        "\(role) does not see the true value of \(title) in \(Self.part(sight.different, sight.judged))"
          + "\(remark); cure: ALTER MASKING POLICY \(check.policy) SET BODY -> …")
    } else if truth.isKeyed, sight.unmatched > 0 {
      unchecked.append(unmatched(sight, role))
    } else {
      clear.append((role, sight.judged))
    }
  }

  // MARK: Roles that must not

  private mutating func judgeMasked(_ role: RoleName, isListed: Bool) {
    let refusal = views.views[role]?.refusal
    if !isListed, let refusal {
      notes.append("\(role) may not read \(title): \(refusal)")
      return
    }
    guard let sight = sighting(role) else {
      unchecked.append(views.unknown(role, title))
      return
    }
    if let silence = silence(sight, role) {
      unchecked.append(silence)
      return
    }
    noteRows(sight, role)
    if sight.given > 0 {
      findings.append(
        "\(role) \(refusal == nil ? "sees" : "may not read yet, and would see") the true value of "
          + "\(title) in \(Self.part(sight.given, sight.judged)); cure: "
          + "\(attach), or ALTER MASKING POLICY \(check.policy) SET BODY -> … where it is attached")
    } else if sight.unmatched > 0 {
      unchecked.append(unmatched(sight, role))
    } else {
      if sight.same > 0 {
        notes.append(
          "what \(role) sees happens to be the true value of \(title) in "
            + "\(Self.part(sight.same, sight.judged)), as it is in rows with other values")
      }
      masked.append((role, sight.judged))
    }
  }

  private func unmatched(
    _ sight: TrueValues.Sighting, _ role: RoleName
  ) -> Verdict.Unchecked {
    Verdict.Unchecked(
      type: "no_control",
      reason:
        "\(Self.part(sight.unmatched, sight.rows)) of \(title) that \(role) sees have keys that "
        + "the source does not have, so that their values could not be judged")
  }

  private var attach: String {
    let column = (check.also ?? check.place).column.map { part in
      check.place.engine.written(
        Identifier(part.isQuoted ? part.text : check.place.engine.folded(part.text)))
    }
    return "ALTER \(isView ? "VIEW" : "TABLE") \(relation) MODIFY COLUMN \(column ?? "…") "
      + "SET MASKING POLICY \(check.policy)"
  }

  private static func part(_ some: Int, _ all: Int) -> String {
    "\(grouped(some)) of \(counted(all, "row"))"
  }

  private mutating func noteOwn() {
    guard let own = check.own, own.judged > 0 else {
      notes.append("the run itself sees nothing of \(title)")
      return
    }
    notes.append(
      own.given == 0
        ? "the run itself does not see the true values of \(title)"
        : "the run itself sees the true value of \(title) in \(Self.part(own.same, own.judged))")
  }
}
