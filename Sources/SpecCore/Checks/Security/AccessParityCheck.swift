/// Expects nobody to read a table in the target who could not read it in the source.
///
/// Asked of the target is who reads the table: by a right of its own or as owner, through roles within
/// roles, as PUBLIC, through a share. For each of them it is then asked whether the role of the source
/// that bears the name, or is mapped to it, reads as many columns.
struct AccessParityCheck: Check {
  /// Roles of the source and what they are called in the target, and readers that are excused.
  struct Names: Sendable {
    let engine: Engine
    /// Target's role to source's.
    let mapped: [RoleName: RoleName]
    let excused: [RoleName]

    /// The role of the source that a role of the target stands for.
    func source(of role: RoleName) -> RoleName {
      if let mapped = mapped[role] { return mapped }
      // Names that were not quoted fold to capitals there and to small letters here.
      let name = role.name.name
      let isFolded = engine == .snowflake && name == name.uppercased()
      return RoleName(isFolded ? Identifier(name.lowercased()) : role.name)
    }
  }

  private enum State: Sendable {
    case lookup
    case readers(TablePair, [Ask])
    case members(TablePair, [Ask])
    case source(TablePair)
    case rows(TablePair, RowParity)
  }

  let subject: TableSubject
  let names: Names
  /// Whether the spec says of the table who sees which rows.
  let hasRowAccess: Bool
  private var lookup: TableLookup
  private var state = State.lookup
  /// Everyone who reads in the target, and the roles between them and the right.
  private var readers: [Principal: [RoleName]] = [:]
  private var pending: [RoleName] = []
  private var walks: [RoleName: AccessWalk] = [:]
  private var askedWalks: [(role: RoleName, count: Int)] = []

  private var rowSecurity: Result<RowSecurity?, DatabaseError> = .success(nil)

  init(_ subject: TableSubject, names: Names, hasRowAccess: Bool = false) {
    self.subject = subject
    self.hasRowAccess = hasRowAccess
    self.names = names
    lookup = TableLookup(subject)
  }

  /// Snowflake's own roles, which stand above all others there ("Overview of Access Control").
  private static let systemRoles = [
    "ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN", "ORGADMIN", "GLOBALORGADMIN",
  ].map { RoleName(Identifier($0)) }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .lookup:
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair):
        let asks = [
          Ask(.target, .readers(pair.target.relation)),
          Ask(.source, .listing(.rowSecurity(pair.source.relation))),
        ]
        state = .readers(pair, asks)
        return .ask(asks)
      }
    case .readers(let pair, let asks):
      if let verdict = Verdict.unanswered(Array(answers.prefix(1)), asks: asks) {
        return .decide(verdict)
      }
      guard case .readers(let found) = answers.first else {
        preconditionFailure("readers were asked for")
      }
      switch answers.last {
      case .listing(let rows): rowSecurity = .success(RowSecurity(rows))
      case .failed(let error): rowSecurity = .failure(error)
      default: preconditionFailure("row-level security was asked for")
      }
      guard !found.readers.isEmpty else {
        // Every table has an owner.
        let reason =
          "the target shows no right on \(pair.target.relation), not even its owner's: the run's role may not see them"
        return .decide(
          Verdict(
            summary: reason,
            unchecked: [Verdict.Unchecked(type: "permission_denied", reason: reason)]
          ))
      }
      for reader in found.readers { add(reader.principal, through: []) }
      return askMembers(pair)
    case .members(let pair, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      for (ask, answer) in zip(asks, answers) {
        guard case .members(let role) = ask.question, case .members(let found) = answer else {
          preconditionFailure("members were asked for")
        }
        let path = (readers[.role(role)] ?? []) + [role]
        for member in found.members {
          // Users are a matter of `members:`; here it is about roles.
          if case .role = member.principal { add(member.principal, through: path) }
        }
      }
      return askMembers(pair)
    case .source(let pair): return walkOn(pair, answers)
    case .rows(let pair, var rows):
      let asks = rows.next(given: answers)
      state = .rows(pair, rows)
      return asks.isEmpty ? .decide(judge(pair, rows)) : .ask(asks)
    }
  }

  private mutating func add(_ principal: Principal, through path: [RoleName]) {
    guard readers[principal] == nil else { return }
    readers[principal] = path
    if case .role(let role) = principal { pending.append(role) }
  }

  private mutating func askMembers(_ pair: TablePair) -> Move {
    let asks = pending.map { Ask(.target, .members($0)) }
    pending = []
    guard asks.isEmpty else {
      state = .members(pair, asks)
      return .ask(asks)
    }
    for role in judged {
      walks[names.source(of: role)] = AccessWalk(.source, names.source(of: role))
    }
    // PUBLIC is part of every walk.
    if walks.isEmpty { walks[Self.nobody] = AccessWalk(.source, Self.nobody) }
    state = .source(pair)
    askedWalks = walks.keys.sorted().map { ($0, 0) }
    return walkOn(pair, [])
  }

  /// A role that cannot exist: what it may do, PUBLIC may.
  private static let nobody = RoleName(Identifier(""))

  /// The roles of the target that must have a counterpart.
  private var judged: [RoleName] {
    readers.keys.compactMap { principal in
      guard case .role(let role) = principal, !isExcused(role) else { return nil }
      return role
    }.sorted()
  }

  private func isExcused(_ role: RoleName) -> Bool {
    names.excused.contains(role)
      || (names.engine == .snowflake && Self.systemRoles.contains(role))
  }

  private mutating func walkOn(_ pair: TablePair, _ answers: [Answer]) -> Move {
    var rest = answers[...]
    var asks: [Ask] = []
    var next: [(role: RoleName, count: Int)] = []
    for (role, count) in askedWalks {
      guard var walk = walks[role] else { continue }
      switch walk.next(given: Array(rest.prefix(count))) {
      case .ask(let more):
        asks += more
        next.append((role, more.count))
      case .done: break
      case .stop(let verdict): return .decide(verdict)
      }
      rest = rest.dropFirst(count)
      walks[role] = walk
    }
    askedWalks = next
    guard asks.isEmpty else { return .ask(asks) }
    return compareRows(pair)
  }

  /// Whoever reads the table here and only some of its rows there.
  private mutating func compareRows(_ pair: TablePair) -> Move {
    var rows = RowParity(
      rowSecurity, source: pair.source, target: pair.target, engine: names.engine,
      hasRowAccess: hasRowAccess)
    for principal in readers.keys.sorted() {
      switch principal {
      case .role(let role) where !isExcused(role):
        guard let walk = walks[names.source(of: role)], walk.exists,
          reach(walk, pair.source) != .nothing
        else { continue }
        rows.add("\(role)", standsFor: walk)
      case .everyone:
        guard let walk = walks.values.first,
          reach(walk, pair.source, asPublic: true) != .nothing
        else { continue }
        rows.addPublic()
      case .role, .user, .share: continue
      }
    }
    let asks = rows.next(given: [])
    state = .rows(pair, rows)
    return asks.isEmpty ? .decide(judge(pair, rows)) : .ask(asks)
  }

  // MARK: Judgement

  /// What a role of the source reads of the table.
  private enum Reach: Hashable {
    case everything
    case columns(Set<Identifier>)
    case nothing
  }

  private func reach(_ walk: AccessWalk, _ table: TableCatalog, asPublic: Bool = false) -> Reach {
    let rights = walk.effective.filter { !asPublic || $0.holder == .everyone }
    if !asPublic,
      walk.powers.contains(where: { $0.power == .superuser || $0.power == .readAllData })
    {
      return .everything
    }
    let path = [table.relation.schema.schema, table.relation.name]
    let mayEnter = rights.contains { right in
      right.grant.object.kind == .schema && !right.grant.object.isFuture
        && right.grant.object.path == [path[0]]
        && ["USAGE", AccessGrant.ownership].contains(right.grant.privilege)
    }
    guard mayEnter else { return .nothing }
    var columns: Set<Identifier> = []
    for right in rights
    where right.grant.object.kind == .relation && right.grant.object.path == path
      && !right.grant.object.isFuture
      && ["SELECT", AccessGrant.ownership].contains(right.grant.privilege)
    {
      guard let column = right.grant.object.column else { return .everything }
      columns.insert(column)
    }
    if columns.isEmpty { return .nothing }
    return columns.isSuperset(of: table.columns.map(\.name)) ? .everything : .columns(columns)
  }

  /// Takes the right from whoever was given it.
  private func cure(_ principal: Principal, _ path: [RoleName], _ table: TableCatalog) -> String {
    let schema = table.relation.schema
    let names = [schema.database, schema.schema, table.relation.name].compactMap(\.self)
    let holder = path.first.map { Principal.role($0) } ?? principal
    let subject = RoleSubject("", .target, self.names.engine, database: nil)
    let word = table.kind == .view ? "VIEW" : "TABLE"
    return Cure.revoke(
      AccessGrant("SELECT", on: AccessObject(.relation, names, word: word)), from: holder, subject)
  }

  private func judge(_ pair: TablePair, _ rows: RowParity) -> Verdict {
    var findings: [String] = []
    let name = pair.target.relation.description
    for (principal, path) in readers.sorted(by: { $0.key < $1.key }) {
      // The nearest first.
      let between = path.reversed().map(\.description).joined(separator: ", ")
      let through = path.isEmpty ? "" : ", through \(between)"
      let cure = "; cure: \(cure(principal, path, pair.target))"
      switch principal {
      case .share(let share):
        findings.append("the share \(share) shows \(name) to other accounts\(cure)")
      case .user(let user):
        findings.append(
          "user \(user) reads \(name) by a right of their own, beside all roles\(cure)")
      case .everyone:
        guard let walk = walks.values.first else { continue }
        if reach(walk, pair.source, asPublic: true) != .everything {
          findings.append("PUBLIC, which is everyone, reads \(name), but not in the source\(cure)")
        }
      case .role(let role):
        if isExcused(role) { continue }
        let source = names.source(of: role)
        guard let walk = walks[source] else { continue }
        guard walk.exists else {
          findings.append(
            "\(role) reads \(name)\(through), and stands for no role of the source (there is no \(source))\(cure)"
          )
          continue
        }
        switch reach(walk, pair.source) {
        case .everything: break
        case .nothing:
          findings.append(
            "\(role) reads \(name)\(through), but \(source) may not read it in the source\(cure)")
        case .columns(let columns):
          findings.append(
            "\(role) reads all of \(name)\(through), but \(source) reads only "
              + "\(columns.sorted().map(\.name).joined(separator: ", ")) in the source\(cure)")
        }
      }
    }
    findings += rows.findings
    let judged = readers.keys.filter { principal in
      if case .role(let role) = principal { return !isExcused(role) }
      return true
    }
    let excused = readers.keys.compactMap { principal -> String? in
      if case .role(let role) = principal, isExcused(role) { return role.description }
      return nil
    }
    var notes = pair.notes + rows.notes
    if !excused.isEmpty {
      notes.append("not judged: \(excused.sorted().joined(separator: ", "))")
    }
    let summary =
      findings.isEmpty
      ? rows.unchecked.first?.reason ?? summary(findings, judged.count)
      : summary(findings, judged.count)
    return Verdict(
      summary: summary, type: "access_wider", findings: findings, unchecked: rows.unchecked,
      notes: notes)
  }

  private func summary(_ findings: [String], _ readers: Int) -> String {
    guard let first = findings.first else {
      return readers == 0
        ? "no role reads it" : "\(counted(readers, "reader")), none of them new"
    }
    let words = first.split(separator: ";").first.map(String.init) ?? first
    return findings.count == 1 ? words : "\(findings.count) read more than before"
  }
}
