/// Follows a role through all roles that it holds, and through PUBLIC, to everything it may do.
struct AccessWalk: Sendable {
  enum Progress {
    case ask([Ask])
    case done
    case stop(Verdict)
  }

  /// How the role comes to somebody's rights.
  struct Path: Hashable, Sendable {
    /// The roles between, the nearest first; empty for the role itself.
    var roles: [RoleName] = []
    /// Whether the rights count only after SET ROLE.
    var needsSetRole = false

    /// `through REPORTING and BASE`, or nothing for the role's own.
    func words(_ holder: Principal) -> String {
      switch holder {
      case .everyone: return "through PUBLIC"
      case .user, .share, .role:
        guard !roles.isEmpty else { return "" }
        let list = roles.map(\.description).joined(separator: ", ")
        return needsSetRole ? "after SET ROLE through \(list)" : "through \(list)"
      }
    }
  }

  /// A right and where it comes from.
  struct Effective: Hashable, Sendable {
    let grant: AccessGrant
    let holder: Principal
    let path: Path
  }

  let side: Side
  let role: RoleName
  private var paths: [Principal: Path]
  private var known: [Principal: DirectAccess] = [:]
  private var asked: [Principal] = []

  init(_ side: Side, _ role: RoleName) {
    self.side = side
    self.role = role
    paths = [.role(role): Path(), .everyone: Path()]
  }

  /// Whether there is such a role; known when the walk is done.
  var exists: Bool { known[.role(role)]?.exists ?? false }

  /// The role itself and every role that it holds.
  var roles: Set<Identifier> {
    Set(
      known.keys.compactMap { principal in
        if case .role(let role) = principal { role.name } else { nil }
      })
  }

  /// Everything the role may do, directly or not.
  var effective: [Effective] {
    known.sorted { $0.key < $1.key }.flatMap { holder, access in
      access.grants.map { Effective(grant: $0, holder: holder, path: paths[holder] ?? Path()) }
    }
  }

  /// Powers with the path they come by; of other roles' attributes only SET ROLE gives any.
  var powers: [(power: RolePower, path: Path)] {
    known.sorted { $0.key < $1.key }.flatMap { holder, access -> [(power: RolePower, path: Path)] in
      var path = paths[holder] ?? Path()
      var found: [(power: RolePower, path: Path)] = []
      if case .role(let name) = holder, let power = RolePower(rawValue: name.name.name),
        power == .readAllData || power == .writeAllData
      {
        found.append((power, path))
      }
      if !path.roles.isEmpty { path.needsSetRole = true }
      return found + access.powers.map { ($0, path) }
    }
  }

  mutating func next(given answers: [Answer]) -> Progress {
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .stop(verdict) }
    for (principal, answer) in zip(asked, answers) {
      guard case .access(let access) = answer else {
        preconditionFailure("a principal's rights were asked for")
      }
      known[principal] = access
      let path = paths[principal] ?? Path()
      for held in access.roles {
        var next = path
        next.roles.append(held.role)
        next.needsSetRole = path.needsSetRole || !held.isInherited
        // The way that needs no SET ROLE tells more.
        if let old = paths[.role(held.role)], !old.needsSetRole || next.needsSetRole { continue }
        paths[.role(held.role)] = next
        known[.role(held.role)] = nil
      }
    }
    asked = paths.keys.filter { known[$0] == nil }.sorted()
    return asked.isEmpty ? .done : .ask(asks)
  }

  private var asks: [Ask] { asked.map { Ask(side, .access($0)) } }
}
