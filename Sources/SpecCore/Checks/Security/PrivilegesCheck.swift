/// Expects a role's effective rights to be exactly those listed: its own, inherited ones, those of
/// PUBLIC, those of owners, and those on objects to come.
///
/// Tables and views are always judged, schemas, databases and sequences where the list names any.
struct PrivilegesCheck: Check {
  let subject: RoleSubject
  let expected: [ExpectedRight]
  let powers: [RolePower]
  private var walk: AccessWalk

  init(_ subject: RoleSubject, expected: [ExpectedRight], powers: [RolePower]) {
    self.subject = subject
    self.expected = expected
    self.powers = powers
    walk = AccessWalk(subject.side, subject.role)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch walk.next(given: answers) {
    case .ask(let asks): .ask(asks)
    case .stop(let verdict): .decide(verdict)
    case .done: .decide(walk.exists ? judge() : subject.missing)
    }
  }

  private func judge() -> Verdict {
    let (judged, unjudged) = divided(walk.effective)
    let isAlmighty = walk.powers.contains { $0.power == .superuser && !$0.path.needsSetRole }
    let extra = extra(judged)
    let missing = isAlmighty ? [] : missing(judged)
    var findings: [String] = []
    for (power, path) in walk.powers where !powers.contains(power) {
      findings.append("extra: \(Self.words(power))\(Self.origin(path.words(.role(subject.role))))")
    }
    let powerCount = findings.count
    findings += extra + missing
    var notes = [note(unjudged)].compactMap(\.self)
    if subject.engine == .snowflake {
      notes.append(
        "as SHOW GRANTS tells it to the role of the run; to act as more roles at once "
          + "(secondary roles) is a matter of each user")
    }
    let count = Set(judged.map { "\($0.grant.privilege) \($0.grant.object)" }).count
    let parts = [
      powerCount + extra.count > 0 ? "\(powerCount + extra.count) extra" : nil,
      missing.isEmpty ? nil : "\(missing.count) missing",
    ].compactMap(\.self)
    return Verdict(
      summary: parts.isEmpty
        ? "\(counted(count, "right")), all of them expected" : parts.joined(separator: ", "),
      type: "privileges_differ", findings: findings, notes: notes)
  }

  /// What the list decides about, and what it does not.
  private func divided(
    _ all: [AccessWalk.Effective]
  ) -> (judged: [AccessWalk.Effective], unjudged: [AccessWalk.Effective]) {
    var kinds: Set<AccessObject.Kind> = [.relation]
    for right in expected { kinds.insert(right.object.kind) }
    if all.contains(where: { each in
      each.grant.object.kind == .sequence && expected.contains { $0.isAbout(each.grant.object) }
    }) {
      kinds.insert(.sequence)
    }
    let databases = Set(
      ([subject.database] + expected.map(\.object.path.first)).compactMap(\.self))
    var judged: [AccessWalk.Effective] = []
    var unjudged: [AccessWalk.Effective] = []
    for each in all {
      let object = each.grant.object
      let isHere =
        subject.engine == .postgres || databases.isEmpty
        || object.path.first.map(databases.contains) ?? true
      if kinds.contains(object.kind), isHere {
        judged.append(each)
      } else {
        unjudged.append(each)
      }
    }
    return (judged, unjudged)
  }

  private func extra(_ judged: [AccessWalk.Effective]) -> [String] {
    var findings: [String] = []
    for each in judged {
      let grant = each.grant
      let listed = expected.filter { $0.isAbout(grant.object) }
      // An owner may do everything anyway.
      if listed.contains(where: { $0.bare == AccessGrant.ownership }) { continue }
      let origin = Self.origin(each.path.words(each.holder))
      if !listed.contains(where: { $0.bare == grant.privilege }) {
        // A right on the whole table covers its columns.
        if grant.object.column != nil, covers(grant) { continue }
        findings.append(
          "extra: \(Self.right(grant.privilege, grant.object))\(origin); "
            + "cure: \(Cure.revoke(grant, from: each.holder, subject))")
      } else if grant.isGrantable,
        !listed.contains(where: { $0.bare == grant.privilege && $0.isGrantable })
      {
        findings.append(
          "extra: \(Self.right(grant.privilege + ExpectedRight.option, grant.object))\(origin); "
            + "cure: \(Cure.revokeOption(grant, from: each.holder, subject))")
      }
    }
    return findings.uniqued
  }

  /// Whether the list gives the right of a column for its whole table.
  private func covers(_ grant: AccessGrant) -> Bool {
    expected.contains {
      $0.object.kind == .relation && $0.object.column == nil && !$0.object.isFuture
        && $0.object.path == grant.object.path && $0.bare == grant.privilege
    }
  }

  private func missing(_ judged: [AccessWalk.Effective]) -> [String] {
    expected.compactMap { right in
      let holders = judged.filter { each in
        let privilege = each.grant.privilege
        return right.isAbout(each.grant.object)
          && (privilege == AccessGrant.ownership
            || (privilege == right.bare && (each.grant.isGrantable || !right.isGrantable)))
      }
      if holders.contains(where: { !$0.path.needsSetRole }) { return nil }
      let remark = holders.first.map { " (only \($0.path.words($0.holder)))" } ?? ""
      return "missing: \(right.privilege) on \(right.title)\(remark); "
        + "cure: \(Cure.grant(right.privilege, right.object, subject))"
    }
  }

  private func note(_ unjudged: [AccessWalk.Effective]) -> String? {
    guard !unjudged.isEmpty else { return nil }
    let words = Dictionary(grouping: unjudged) { $0.grant.object.word.lowercased() }
      .map { "\($0.value.count) on \($0.key)" }.sorted()
    return "rights that the list does not decide about: \(words.joined(separator: ", "))"
  }

  private static func right(_ privilege: String, _ object: AccessObject) -> String {
    object.isFuture
      ? "\(privilege) on every \(object.word.lowercased()) to come in \(object.path.map(\.name).joined(separator: "."))"
      : "\(privilege) on \(object)"
  }

  private static func origin(_ words: String) -> String { words.isEmpty ? "" : ", \(words)" }

  private static func words(_ power: RolePower) -> String {
    switch power {
    case .superuser: "superuser: may do everything"
    case .bypassrls: "BYPASSRLS: no row-level policy holds"
    case .createrole: "CREATEROLE: may make roles and give them away"
    case .createdb: "CREATEDB: may make databases"
    case .replication: "REPLICATION: may copy the whole server"
    case .readAllData: "pg_read_all_data: reads every table"
    case .writeAllData: "pg_write_all_data: writes every table"
    }
  }
}

extension [String] {
  /// Each text once, where it stands first.
  var uniqued: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
