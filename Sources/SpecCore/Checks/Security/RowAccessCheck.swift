/// Expects some roles to see all rows of a table, and others exactly the rows of a condition, or none.
///
/// Rows are counted, and told apart by the digests of their keys. All rows are those of the source; the
/// rows of a condition are those that somebody sees who sees all rows of the target.
struct RowAccessCheck: Check {
  /// Whom the spec speaks about.
  struct Roles: Sendable {
    let all: [RoleName]
    let some: [(role: RoleName, predicate: String)]
    let none: [RoleName]
    /// Named elsewhere in the spec: they must not see all rows.
    let others: [RoleName]
  }

  /// How many rows, and which.
  struct Extent: Hashable, Sendable {
    let rows: Int
    let digest: [String?]

    /// The answer to a count and a digest of keys.
    init?(_ answer: Answer?) {
      guard case .measures(let measures) = answer, measures.count == 2,
        let rows = measures[0].first?.flatMap({ Int($0) })
      else { return nil }
      self.rows = rows
      digest = measures[1]
    }
  }

  private enum State: Sendable {
    case lookup
    case whole([Ask])
    case roles
  }

  let subject: TableSubject?
  let place: PolicyPlace
  let policy: QualifiedName
  let roles: Roles
  private var lookup: TableLookup?
  private var state = State.lookup
  private var views: RoleViews?
  private var relation = ""
  private var notes: [String] = []
  /// All rows of the source.
  private var source: Extent?
  /// What the run itself sees: all rows, then the rows of each condition.
  private var own: [Extent?] = []

  init(
    _ subject: TableSubject?, _ place: PolicyPlace, policy: QualifiedName, roles: Roles
  ) {
    self.subject = subject
    self.place = place
    self.policy = policy
    self.roles = roles
    lookup = subject.map { TableLookup($0) }
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .lookup:
      guard var lookup else {
        return .decide(
          MaskingCheck.unknown(
            "\(place.title) is not among the tables that are compared, so that nothing tells how many "
              + "rows there are", remedy: "list the table under `tables:`"))
      }
      defer { self.lookup = lookup }
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair): return askWhole(pair, dialects)
      }
    case .whole(let asks):
      if let verdict = Verdict.unanswered(Array(answers.prefix(1)), asks: Array(asks.prefix(1))) {
        return .decide(verdict)
      }
      guard let source = Extent(answers.first) else {
        return .decide(MaskingCheck.unknown("the rows of the source could not be counted"))
      }
      self.source = source
      own = answers.dropFirst().map { Extent($0) }
      guard source.rows > 0 else {
        return .decide(
          MaskingCheck.unknown(
            "\(place.title) has no row in the source, so that nothing can be seen of it"))
      }
      state = .roles
      return askRoles([], dialects)
    case .roles: return askRoles(answers, dialects)
    }
  }

  private mutating func askWhole(_ pair: TablePair, _ dialects: Dialects) -> Move {
    guard let subject else { preconditionFailure("only a table of the spec is looked up") }
    notes = pair.notes
    relation = place.written(pair.target.relation)
    let key = ChecksumPlan(subject, pair, dialects).key
    guard !key.isEmpty else {
      return .decide(
        MaskingCheck.unknown(
          "\(place.title) has no key to tell its rows apart by",
          remedy: "name the columns that identify a row: `key: [...]`"))
    }
    let filter = subject.spec.filter?.value
    func question(_ side: Side, _ predicate: String? = nil) -> Question {
      let parts = [filter?[side], predicate].compactMap(\.self)
      let whole = parts.count > 1 ? parts.map { "(\($0))" }.joined(separator: " AND ") : parts.first
      return .aggregate(
        Scan(relation: pair[side].relation, filter: whole),
        [.rowCount, .digest(key.compactMap { $0.canonical(side, dialects) })])
    }
    let conditions = roles.some.map { question(.target, $0.predicate) }
    let whole = question(.target)
    var questions: [RoleName: [Question]] = [:]
    for role in roles.some.map(\.role) + roles.none + roles.others { questions[role] = [whole] }
    // Whoever sees all rows can also tell which rows a condition gives.
    for role in roles.all { questions[role] = [whole] + conditions }
    views = RoleViews(questions, optional: roles.others, .rowAccess)
    let asks =
      [Ask(.source, question(.source))] + ([whole] + conditions).map { Ask(.target, $0) }
    state = .whole(asks)
    return .ask(asks)
  }

  private mutating func askRoles(_ answers: [Answer], _ dialects: Dialects) -> Move {
    guard var views else { preconditionFailure("the whole was asked first") }
    let progress = views.next(given: answers, dialects: dialects)
    self.views = views
    switch progress {
    case .ask(let asks): return .ask(asks)
    case .done: return .decide(judge(views))
    }
  }

  // MARK: Judgement

  private func judge(_ views: RoleViews) -> Verdict {
    guard let source else { preconditionFailure("the source was asked first") }
    var findings: [String] = []
    var unchecked: [Verdict.Unchecked] = []
    var notes = notes
    var seen: [String] = []
    func extents(_ role: RoleName) -> [Extent?]? {
      views.views[role]?.answers.map { $0.map { Extent($0) } }
    }
    func extent(_ role: RoleName) -> Extent? { extents(role)?.first ?? nil }
    let body = "; cure: ALTER ROW ACCESS POLICY \(policy) SET BODY -> …"

    // Who sees all rows tells which rows a condition gives.
    let whole =
      own.first == .some(.some(source))
      ? own : roles.all.lazy.compactMap { extents($0) }.first { $0.first == .some(.some(source)) }
    if own.first != .some(.some(source)) {
      let rows = own.first.flatMap { $0 }.map { grouped($0.rows) } ?? "none"
      notes.append(
        "the run itself sees \(rows) of \(counted(source.rows, "row")) of \(place.title), or other rows"
      )
    }
    for role in roles.all {
      guard let found = extent(role), views.views[role]?.refusal == nil else {
        if let refusal = views.views[role]?.refusal {
          findings.append(unreadable(role, refusal))
        } else {
          unchecked.append(views.unknown(role, place.title))
        }
        continue
      }
      if found == source {
        seen.append("\(role) all")
      } else {
        let same = own.first == .some(.some(found))
        findings.append(
          "\(role) sees \(Self.part(found, source)) of \(place.title), not all"
            + (same ? ", and neither does the run itself: the data may differ" : "") + body)
      }
    }
    for (position, pair) in roles.some.enumerated() {
      let (role, predicate) = (pair.role, pair.predicate)
      if let refusal = views.views[role]?.refusal {
        findings.append(unreadable(role, refusal))
        continue
      }
      guard let found = extent(role) else {
        unchecked.append(views.unknown(role, place.title))
        continue
      }
      guard let whole, let expected = whole[1 + position] else {
        unchecked.append(
          Verdict.Unchecked(
            type: "no_control",
            reason:
              "which rows of \(place.title) fulfil \(predicate) is not known: neither the run nor "
              + "a role of `sees_all:` was seen to read all rows, or the condition could not be asked"
          ))
        continue
      }
      if expected.rows == 0 || expected == source {
        let words = expected.rows == 0 ? "no row" : "every row"
        unchecked.append(
          Verdict.Unchecked(
            type: "no_control",
            reason:
              "\(words) of \(place.title) fulfils \(predicate), so that nothing shows whether "
              + "\(role) sees these and no others"))
      } else if found == expected {
        seen.append("\(role) \(grouped(found.rows))")
      } else {
        let which = found.rows == expected.rows ? "as many, but not the same" : "not the same"
        findings.append(
          "\(role) sees \(Self.part(found, source)) of \(place.title), and \(grouped(expected.rows)) "
            + "fulfil \(predicate), \(which)\(body)")
      }
    }
    for role in roles.none {
      guard let found = extent(role) else {
        unchecked.append(views.unknown(role, place.title))
        continue
      }
      if found.rows == 0 {
        seen.append("\(role) none")
      } else {
        findings.append(
          "\(role) sees \(Self.part(found, source)) of \(place.title), not none\(body)")
      }
    }
    for role in roles.others {
      if let refusal = views.views[role]?.refusal {
        notes.append("\(role) may not read \(place.title): \(refusal)")
        continue
      }
      guard let found = extent(role) else {
        unchecked.append(views.unknown(role, place.title))
        continue
      }
      if found == source {
        findings.append(
          "\(role) sees all rows of \(place.title), and is not among `sees_all:`\(body)")
      } else {
        seen.append("\(role) \(grouped(found.rows))")
      }
    }
    return Verdict(
      summary: findings.first?.firstClause ?? unchecked.first?.reason.firstLine
        ?? "of \(counted(source.rows, "row")): \(seen.joined(separator: ", "))",
      type: "row_access_not_effective", findings: findings, unchecked: unchecked,
      notes: notes + views.notes)
  }

  private func unreadable(_ role: RoleName, _ refusal: String) -> String {
    "\(role) may not read \(place.title) at all: \(refusal); cure: GRANT SELECT ON TABLE \(relation) "
      + "TO ROLE \(place.engine.written(role.name))"
  }

  private static func part(_ found: Extent, _ source: Extent) -> String {
    "\(grouped(found.rows)) of \(counted(source.rows, "row"))"
  }
}
