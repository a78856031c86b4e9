import Diagnostics

/// A role that a spec speaks about.
struct RoleSubject: Sendable {
  let side: Side
  let engine: Engine
  let role: RoleName
  /// As the spec writes it.
  let title: String
  /// The database that unqualified expectations are about, where the side names one.
  let database: Identifier?

  init(_ name: String, _ side: Side, _ engine: Engine, database: Identifier?) {
    self.side = side
    self.engine = engine
    self.database = database
    title = name
    role = Self.role(name, engine)
  }

  /// A role's or user's name as the catalog spells it.
  static func role(_ name: String, _ engine: Engine) -> RoleName {
    guard let parts = QualifiedName(name)?.parts, parts.count <= 2 else {
      return RoleName(Identifier(name))
    }
    let names = parts.map { Identifier($0.isQuoted ? $0.text : engine.folded($0.text)) }
    // In Postgres a dot is no separator of roles.
    guard names.count == 2 else { return RoleName(names[0]) }
    return engine == .snowflake
      ? RoleName(database: names[0], names[1]) : RoleName(Identifier(name))
  }

  /// The words for a reader: `Postgres` or `Snowflake`.
  var place: String { engine == .postgres ? "Postgres" : "Snowflake" }

  /// `ROLE X` as GRANT and REVOKE write it.
  func reference(_ principal: Principal) -> String {
    switch (principal, engine) {
    case (.everyone, .postgres): "PUBLIC"
    case (.everyone, .snowflake): "ROLE PUBLIC"
    case (.user(let user), _): "USER \(engine.written(user))"
    case (.share(let share), _): "SHARE \(engine.written(share))"
    case (.role(let role), .postgres): engine.written(role.name)
    case (.role(let role), .snowflake):
      role.database.map { "DATABASE ROLE \(engine.written([$0, role.name]))" }
        ?? "ROLE \(engine.written(role.name))"
    }
  }

  /// Why nothing can be said of a role that the catalog does not list.
  var missing: Verdict {
    let reason = "there is no role \(title) in \(place)"
    return Verdict(summary: reason, type: "missing_role", findings: [reason])
  }
}

/// The statements that would cure a right too many or too few.
enum Cure {
  static func revoke(_ grant: AccessGrant, from principal: Principal, _ subject: RoleSubject)
    -> String
  {
    let target = "FROM \(subject.reference(principal))"
    if grant.privilege == AccessGrant.ownership {
      return subject.engine == .postgres
        ? "ALTER \(grant.object.word) \(name(grant.object, subject)) OWNER TO …"
        : "GRANT OWNERSHIP ON \(grant.object.word) \(name(grant.object, subject)) TO ROLE … COPY CURRENT GRANTS"
    }
    if grant.object.isFuture, subject.engine == .postgres {
      return
        "\(defaults(grant, subject)) REVOKE \(grant.privilege) ON \(grant.object.word)S \(target)"
    }
    return "REVOKE \(what(grant, subject)) \(target)"
  }

  static func revokeOption(_ grant: AccessGrant, from principal: Principal, _ subject: RoleSubject)
    -> String
  {
    "REVOKE GRANT OPTION FOR \(what(grant, subject)) FROM \(subject.reference(principal))"
  }

  static func grant(_ privilege: String, _ object: AccessObject, _ subject: RoleSubject) -> String {
    let option = " WITH GRANT OPTION"
    let isGrantable = privilege.hasSuffix(option)
    let bare = isGrantable ? String(privilege.dropLast(option.count)) : privilege
    let grant = AccessGrant(bare, on: object)
    let target = "TO \(subject.reference(.role(subject.role)))\(isGrantable ? option : "")"
    if object.isFuture, subject.engine == .postgres {
      return "\(defaults(grant, subject)) GRANT \(bare) ON \(object.word)S \(target)"
    }
    return "GRANT \(what(grant, subject)) \(target)"
  }

  private static func what(_ grant: AccessGrant, _ subject: RoleSubject) -> String {
    let object = grant.object
    let name = name(object, subject)
    if object.isFuture {
      let place = object.path.count > 1 ? "SCHEMA" : "DATABASE"
      return "\(grant.privilege) ON FUTURE \(object.word)S IN \(place) \(name)"
    }
    switch subject.engine {
    case .postgres:
      let column = object.column.map { " (\(subject.engine.written($0)))" } ?? ""
      let kind = object.kind == .relation ? "" : "\(object.word) "
      return "\(grant.privilege)\(column) ON \(kind)\(name)"
    case .snowflake: return "\(grant.privilege) ON \(object.word) \(name)"
    }
  }

  private static func defaults(_ grant: AccessGrant, _ subject: RoleSubject) -> String {
    let creator = grant.creator.map(subject.engine.written) ?? "…"
    let place = grant.object.path.first.map { $0.name == "*" ? "" : " IN SCHEMA \($0.name)" } ?? ""
    return "ALTER DEFAULT PRIVILEGES FOR ROLE \(creator)\(place)"
  }

  private static func name(_ object: AccessObject, _ subject: RoleSubject) -> String {
    subject.engine.written(object.path)
  }
}
