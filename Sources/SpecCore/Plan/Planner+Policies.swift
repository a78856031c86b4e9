import Diagnostics

extension Planner {
  /// The suites of `masking` and `row_access`.
  func policySuites(_ subjects: [TableSubject]) -> [Plan.Suite] {
    let masks = spec.security?.masking ?? []
    let covered = masks.flatMap { entry in
      ([ColumnName(entry.name.value)].compactMap(\.self)
        + (entry.value.also ?? []).map(\.value)).map(place)
    }
    return masks.compactMap { suite($0, subjects, covered) }
      + (spec.security?.rowAccess ?? []).compactMap { suite($0, subjects) }
  }

  private func place(_ name: ColumnName) -> PolicyPlace {
    PolicyPlace(
      table: TableSubject.SideName(name.table, in: targetSchema, of: target.engine),
      column: name.column, title: name.description)
  }

  /// The table of the spec that lies there in the target.
  private func subject(
    of table: TableSubject.SideName, among subjects: [TableSubject]
  ) -> TableSubject? {
    subjects.first { subject in
      let (one, other) = (subject.target, table)
      let isSameSchema =
        one.schema.schema == other.schema.schema
        && (one.schema.database == nil || other.schema.database == nil
          || one.schema.database == other.schema.database)
      let isExact = one.name.isQuoted && other.name.isQuoted
      return isSameSchema
        && (isExact
          ? one.name.text == other.name.text
          : sameName(one.name.text, Identifier(other.name.text)))
    }
  }

  private func roles(_ names: [Located<String>]?) -> [RoleName] {
    (names ?? []).map { RoleSubject.role($0.value, target.engine) }
  }

  /// Roles of the target that the spec speaks about elsewhere; nobody can act as a database role.
  private func others(than listed: [RoleName]) -> [RoleName] {
    (spec.security?.roles?[.target] ?? []).map { RoleSubject.role($0.name.value, target.engine) }
      .filter { $0.database == nil && !listed.contains($0) }
  }

  // MARK: Masking

  private func suite(
    _ entry: MapEntry<MaskingSpec>, _ subjects: [TableSubject], _ covered: [PolicyPlace]
  ) -> Plan.Suite? {
    guard let name = ColumnName(entry.name.value), let policy = entry.value.policy else {
      return nil
    }
    let mask = entry.value
    let place = place(name)
    let (clear, masked) = (roles(mask.clearFor?.value), roles(mask.maskedFor))
    let all = MaskingCheck.Roles(
      clear: clear, masked: masked, others: others(than: clear + masked))
    let object = "masking.\(Self.policyID(entry.name.value))"
    func step(
      _ check: String, _ range: SourceRange, _ sentence: String, _ implementation: any Check
    ) -> Plan.Step {
      Plan.Step(
        id: CheckID(spec: slug, section: "security", object: object, check: check),
        clause: "5a.ii", sentence: sentence, range: range, severity: mask.severity ?? .error,
        tags: [], check: implementation)
    }
    let subject = subject(of: place.table, among: subjects)
    func effective(_ also: PolicyPlace?) -> MaskingCheck {
      MaskingCheck(subject, place, also: also, policy: policy.value, roles: all, covered: covered)
    }
    let steps =
      [
        step(
          "attached", policy.range,
          "The masking policy \(policy.value) is attached to \(place.title) in \(target.title).",
          PolicyAttachedCheck(place, .masking, policy.value)),
        step(
          "effective", entry.name.range, Sentence.masking(place.title, all), effective(nil)),
      ]
      + (mask.also ?? []).map { also in
        step(
          "also.\(Self.policyID(also.value.description))", also.range,
          "Whoever must not see the values of \(place.title) does not see them in \(also.value) either.",
          effective(self.place(also.value)))
      }
    return Plan.Suite(
      name: "\(slug).security.\(object)", title: "masking of \(place.title)", steps: steps)
  }

  private static func policyID(_ name: String) -> String {
    String(name.map { $0.isWhitespace || $0 == "\"" ? "_" : $0 })
  }

  // MARK: Row access

  private func suite(
    _ entry: MapEntry<RowAccessSpec>, _ subjects: [TableSubject]
  ) -> Plan.Suite? {
    guard let name = QualifiedName(entry.name.value), let policy = entry.value.policy else {
      return nil
    }
    let rows = entry.value
    let place = PolicyPlace(
      table: TableSubject.SideName(name, in: targetSchema, of: target.engine), column: nil,
      title: name.description)
    let all = RowAccessCheck.Roles(
      all: roles(rows.seesAll),
      some: (rows.sees ?? []).map {
        (RoleSubject.role($0.name.value, target.engine), $0.value)
      },
      none: roles(rows.seesNothing), others: others(than: roles(rows.roles)))
    let object = "row_access.\(Self.policyID(entry.name.value))"
    func step(
      _ check: String, _ range: SourceRange, _ sentence: String, _ implementation: any Check
    ) -> Plan.Step {
      Plan.Step(
        id: CheckID(spec: slug, section: "security", object: object, check: check),
        clause: "5a.ii", sentence: sentence, range: range, severity: rows.severity ?? .error,
        tags: [], check: implementation)
    }
    let columns = rows.columns?.map(\.value)
    let given = columns.map { ", and decides by \($0.joined(separator: ", "))" } ?? ""
    return Plan.Suite(
      name: "\(slug).security.\(object)", title: "row access to \(place.title)",
      steps: [
        step(
          "attached", policy.range,
          "The row access policy \(policy.value) is attached to \(place.title) in \(target.title)\(given).",
          PolicyAttachedCheck(place, .rowAccess, policy.value, columns: columns)),
        step(
          "effective", entry.name.range, Sentence.rowAccess(place.title, all),
          RowAccessCheck(
            subject(of: place.table, among: subjects), place, policy: policy.value, roles: all)),
      ])
  }

  /// Tables whose row access is a matter of `row_access:`.
  func hasRowAccess(_ subject: TableSubject) -> Bool {
    (spec.security?.rowAccess ?? []).contains { entry in
      guard let name = QualifiedName(entry.name.value) else { return false }
      let table = TableSubject.SideName(name, in: targetSchema, of: target.engine)
      return self.subject(of: table, among: [subject]) != nil
    }
  }

  // MARK: Exceptions

  /// What the sections leave to a warning.
  var policyExceptions: [SpecException] {
    let masks = (spec.security?.masking ?? []).filter { $0.value.severity == .warn }
      .map { ("masking", $0.name) }
    let rows = (spec.security?.rowAccess ?? []).filter { $0.value.severity == .warn }
      .map { ("row_access", $0.name) }
    return (masks + rows).map { section, name in
      SpecException(
        subject: "\(slug).security.\(section).\(Self.policyID(name.value))",
        sentence: "failures of \(section) of \(name.value) only warn.", because: nil,
        range: name.range)
    }
  }
}

extension Sentence {
  static func masking(_ title: String, _ roles: MaskingCheck.Roles) -> String {
    let clear = names(roles.clear)
    let masked = names(roles.masked)
    let what = "the true values of \(title)"
    let named = "role that the spec names for the target"
    let rest = roles.others.isEmpty ? "" : " (\(names(roles.others)))"
    if clear.isEmpty, masked.isEmpty {
      return roles.others.isEmpty
        ? "Nobody sees \(what)." : "No \(named)\(rest) sees \(what)."
    }
    let seers = clear.isEmpty ? "Nobody" : clear
    let others =
      masked.isEmpty
      ? "no other \(named) does\(rest)" : "\(masked) must not, nor any other \(named)\(rest)"
    return "\(seers) \(roles.clear.count > 1 ? "see" : "sees") \(what); \(others)."
  }

  static func rowAccess(_ title: String, _ roles: RowAccessCheck.Roles) -> String {
    var parts: [String] = []
    if !roles.all.isEmpty {
      parts.append(
        "\(names(roles.all)) \(roles.all.count > 1 ? "see" : "sees") every row of \(title)")
    }
    for (role, predicate) in roles.some {
      parts.append("\(role) sees exactly those rows of \(title) that fulfil \(predicate)")
    }
    if !roles.none.isEmpty {
      parts.append(
        "\(names(roles.none)) \(roles.none.count > 1 ? "see" : "sees") no row of \(title)")
    }
    if !roles.others.isEmpty { parts.append("\(names(roles.others)) must not see every row") }
    return parts.joined(separator: "; ") + "."
  }

  private static func names(_ roles: [RoleName]) -> String {
    let names = roles.map(\.description)
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return "\(names.dropLast().joined(separator: ", ")) and \(last)"
  }
}
