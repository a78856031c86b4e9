import Diagnostics

extension Planner {
  /// The suites of the `security` section, in its order.
  func securitySuites(_ subjects: [TableSubject]) -> [Plan.Suite] {
    guard let security = spec.security else { return [] }
    var suites: [Plan.Suite] = []
    if let encryption = security.encryption, let suite = suite(encryption) { suites.append(suite) }
    for side in Side.allCases {
      for entry in security.roles?[side] ?? [] { suites.append(suite(entry, side)) }
    }
    if let access = security.access, let suite = suite(access, subjects) { suites.append(suite) }
    suites += policySuites(subjects)
    if let suite = accountSuite(security, subjects) { suites.append(suite) }
    if let injection = security.injection { suites.append(suite(injection)) }
    if let audit = security.audit { suites += auditSuites(audit, security.networkPolicy) }
    return suites
  }

  // MARK: Access

  private func suite(
    _ access: Located<AccessParitySpec>, _ subjects: [TableSubject]
  ) -> Plan.Suite? {
    var mapped: [RoleName: RoleName] = [:]
    for pair in access.value.map ?? [] {
      mapped[RoleSubject.role(pair.value, target.engine)] = RoleSubject.role(
        pair.name.value, .postgres)
    }
    let names = AccessParityCheck.Names(
      engine: target.engine, mapped: mapped,
      excused: (access.value.except ?? []).map { RoleSubject.role($0.name.value, target.engine) })
    let steps = subjects.filter { $0.spec.onlyIn == nil }.map { subject in
      Plan.Step(
        id: CheckID(
          spec: slug, section: "security", object: "access", check: Self.safe(subject.object)),
        clause: "5a.ii",
        sentence:
          "Nobody reads \(subject.title) in \(target.title) who could not read it in Postgres.",
        range: access.range, severity: .error, tags: (subject.spec.tags ?? []).map(\.value),
        check: AccessParityCheck(
          subject, names: names, hasRowAccess: hasRowAccess(subject)))
    }
    return steps.isEmpty
      ? nil
      : Plan.Suite(
        name: "\(slug).security.access", title: "who reads more than before", steps: steps)
  }

  private func engine(_ side: Side) -> Engine { side == .source ? .postgres : target.engine }

  private func place(_ side: Side) -> String { side == .source ? "Postgres" : target.title }

  private func home(_ side: Side) -> SchemaName { side == .source ? sourceSchema : targetSchema }

  // MARK: Roles

  private func suite(_ entry: MapEntry<RoleSpec>, _ side: Side) -> Plan.Suite {
    let role = entry.value
    let subject = RoleSubject(
      entry.name.value, side, engine(side), database: home(side).database)
    let object = "roles.\(side.rawValue).\(Self.safe(entry.name.value))"
    let title = "\(entry.name.value) (\(place(side)))"
    func step(
      _ check: String, _ clause: String, _ range: SourceRange, _ sentence: String,
      _ implementation: any Check
    ) -> Plan.Step {
      Plan.Step(
        id: CheckID(spec: slug, section: "security", object: object, check: check),
        clause: clause, sentence: sentence, range: range, severity: role.severity ?? .error,
        tags: [], check: implementation)
    }
    var steps: [Plan.Step] = []
    if let members = role.members {
      let names = members.value.map(\.value)
      steps.append(
        step(
          "members", "5a.iv", members.range, Sentence.members(title, names),
          MembersCheck(subject, expected: names)))
    }
    if let privileges = role.privileges {
      let expected = privileges.value.flatMap { entry -> [ExpectedRight] in
        guard let object = GrantedObject(entry.object.value) else { return [] }
        return entry.privileges.map {
          ExpectedRight($0.value, object, title: entry.object.value, subject.engine)
        }
      }
      steps.append(
        step(
          "privileges", "5a.iv", privileges.range, Sentence.privileges(title, expected),
          PrivilegesCheck(
            subject, expected: expected, powers: (role.powers ?? []).map(\.value))))
    }
    for (word, attempts, expectation) in [
      ("denied", role.denied, AttemptCheck.Expectation.refused),
      ("allowed", role.allowed, .allowed),
    ] {
      for attempt in attempts ?? [] {
        let name = Self.safe(attempt.value.description.replacing(" ", with: "-"), keepsDots: true)
        steps.append(
          step(
            "\(word).\(name)", "5a.ii", attempt.range,
            Sentence.attempt(title, attempt.value, expectation),
            AttemptCheck(subject, attempt.value, expectation, home: home(side))))
      }
    }
    return Plan.Suite(
      name: "\(slug).security.\(object)", title: "role \(title)", steps: steps)
  }

  static func safe(_ name: String, keepsDots: Bool = false) -> String {
    String(
      name.map { character in
        (character == "." && !keepsDots) || character.isWhitespace || character == "\""
          ? "_" : character
      })
  }

  // MARK: Encryption

  private func suite(_ encryption: EncryptionSpec) -> Plan.Suite? {
    var steps: [Plan.Step] = []
    func add(
      _ side: Side, _ check: String, _ range: SourceRange, _ sentence: String,
      _ implementation: any Check
    ) {
      steps.append(
        Plan.Step(
          id: CheckID(
            spec: slug, section: "security", object: "encryption.\(side.rawValue)", check: check),
          clause: "5a.iii", sentence: sentence, range: range, severity: .error, tags: [],
          check: implementation))
    }
    if let transit = encryption.inTransit, transit.value != .skip {
      for side in Side.allCases {
        let identity = transit.value == .verified ? ", to a server that proved its identity" : ""
        add(
          side, "in_transit", transit.range,
          "The connection to \(place(side)) was encrypted by TLS 1.2 or later\(identity).",
          TransitCheck(side, transit.value))
      }
    }
    if let rest = encryption.atRest, rest.value != .skip {
      for side in Side.allCases {
        var attestation: Attestation?
        if case .attested(let sides) = rest.value { attestation = sides[side] }
        add(
          side, "at_rest", rest.range,
          "The data of \(place(side)) are encrypted where they lie, and somebody answers for it.",
          RestCheck(side: side, attestation: attestation))
      }
    }
    return steps.isEmpty
      ? nil
      : Plan.Suite(name: "\(slug).security.encryption", title: "encryption", steps: steps)
  }

  /// With one full stop.
  private static func sentence(_ text: String) -> String { text.last == "." ? text : "\(text)." }

  // MARK: Exceptions

  /// What the section leaves out or takes somebody's word for.
  var securityExceptions: [SpecException] {
    guard let security = spec.security else { return [] }
    var found: [SpecException] = []
    func add(_ subject: String, _ sentence: String, _ because: String?, _ range: SourceRange) {
      found.append(
        SpecException(
          subject: "\(slug).security.\(subject)", sentence: sentence, because: because,
          range: range))
    }
    if let transit = security.encryption?.inTransit, transit.value == .skip {
      add("encryption", "Encryption in transit is not looked at.", nil, transit.range)
    }
    switch security.encryption?.atRest {
    case .some(let rest) where rest.value == .skip:
      add("encryption", "Encryption at rest is not looked at.", nil, rest.range)
    case .some(let rest):
      guard case .attested(let sides) = rest.value else { break }
      for side in Side.allCases {
        guard let attestation = sides[side] else { continue }
        add(
          "encryption.\(side.rawValue).at_rest",
          "Encryption at rest of the \(side.rawValue) is attested, not measured: "
            + "\(Self.sentence(attestation.statement ?? ""))",
          [attestation.by, attestation.date?.description].compactMap(\.self).joined(
            separator: ", "),
          rest.range)
      }
    case nil: break
    }
    for pair in security.access?.value.except ?? [] {
      add(
        "access", "\(pair.name.value) may read what no role of Postgres did.", pair.value,
        pair.name.range)
    }
    found += accountExceptions(security)
    found += policyExceptions
    for side in Side.allCases {
      for entry in security.roles?[side] ?? [] {
        let object = "roles.\(side.rawValue).\(Self.safe(entry.name.value))"
        if entry.value.severity == .warn {
          add(object, "failures of \(entry.name.value) only warn.", nil, entry.name.range)
        }
        for power in entry.value.powers ?? [] {
          add(
            object, "\(entry.name.value) is meant to have the power \(power.value.rawValue).", nil,
            power.range)
        }
      }
    }
    if let injection = security.injection { found += exceptions(injection) }
    if let audit = security.audit { found += auditExceptions(audit) }
    return found
  }
}

extension Sentence {
  static func members(_ title: String, _ names: [String]) -> String {
    names.isEmpty
      ? "Nobody holds the role \(title)."
      : "Exactly these hold the role \(title): \(names.joined(separator: ", "))."
  }

  static func privileges(_ title: String, _ rights: [ExpectedRight]) -> String {
    guard !rights.isEmpty else { return "\(title) may do nothing with any table." }
    var objects: [(name: String, privileges: [String])] = []
    for right in rights {
      if let position = objects.firstIndex(where: { $0.name == right.title }) {
        objects[position].privileges.append(right.privilege)
      } else {
        objects.append((right.title, [right.privilege]))
      }
    }
    let list = objects.map { "\($0.privileges.joined(separator: ", ")) on \($0.name)" }
    return
      "\(title) may do exactly this, also through other roles: \(list.joined(separator: "; "))."
  }

  static func attempt(
    _ title: String, _ attempt: AccessAttempt, _ expectation: AttemptCheck.Expectation
  ) -> String {
    switch expectation {
    case .refused: "\(title) tries to \(attempt.words), and is refused."
    case .allowed: "\(title) tries to \(attempt.words), and is not refused."
    }
  }
}
