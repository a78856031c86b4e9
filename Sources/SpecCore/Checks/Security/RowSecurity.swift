/// Row-level security of a table in Postgres, and whom it restricts.
///
/// Page "Row Security Policies": where it is on, a role reads the rows that some permissive policy for it
/// gives and no restrictive one takes away, and none without a permissive one. Superusers, roles with
/// BYPASSRLS and, unless it is forced, the table's owner are exempt.
struct RowSecurity: Hashable, Sendable {
  private struct Policy: Hashable, Sendable {
    let name: String
    let isPermissive: Bool
    /// Empty for PUBLIC.
    var roles: Set<Identifier>
    var isForAll: Bool
    /// The condition of the rows that may be read.
    let rule: String?
  }

  let isEnabled: Bool
  let isForced: Bool
  let owner: Identifier?
  private let policies: [Policy]

  /// What becomes of a reader.
  enum Effect: Hashable, Sendable {
    /// Reads every row, because of this, where it is not plain.
    case everything(because: String?)
    /// Only what these policies give; none for no row at all.
    case restricted([String])
  }

  /// The rows of the listing; `nil` where there is none, which is no table.
  init?(_ rows: [ListedRow]) {
    guard let first = rows.first, let isEnabled = first.isTrue("enabled") else { return nil }
    self.isEnabled = isEnabled
    isForced = first.isTrue("forced") ?? false
    owner = first["owner"].map { Identifier($0) }
    var policies: [Policy] = []
    for row in rows {
      // Policies of other statements say nothing of reading.
      guard let name = row["policy"], ["r", "*"].contains(row["command"] ?? "*")
      else { continue }
      let role = row["role"].map { Identifier($0) }
      if let position = policies.firstIndex(where: { $0.name == name }) {
        if let role { policies[position].roles.insert(role) }
        policies[position].isForAll = policies[position].isForAll || role == nil
      } else {
        policies.append(
          Policy(
            name: name, isPermissive: row.isTrue("permissive") ?? true,
            roles: role.map { [$0] } ?? [], isForAll: role == nil, rule: row["rule"]))
      }
    }
    self.policies = policies
  }

  /// What a role reads that has all these roles, itself among them.
  func effect(on walk: AccessWalk, table: [Identifier]) -> Effect {
    guard isEnabled else { return .everything(because: nil) }
    if walk.powers.contains(where: { $0.power == .superuser }) {
      return .everything(because: "a superuser")
    }
    if walk.powers.contains(where: { $0.power == .bypassrls }) {
      return .everything(because: "BYPASSRLS")
    }
    let isOwner = walk.effective.contains { right in
      right.grant.privilege == AccessGrant.ownership && right.grant.object.kind == .relation
        && right.grant.object.path == table
    }
    if isOwner, !isForced { return .everything(because: "the owner") }
    return effect { $0.isForAll || !$0.roles.isDisjoint(with: walk.roles) }
  }

  /// What everybody reads: whoever has no role but PUBLIC.
  var effectOnPublic: Effect {
    isEnabled ? effect { $0.isForAll } : .everything(because: nil)
  }

  private func effect(_ isFor: (Policy) -> Bool) -> Effect {
    let ours = policies.filter(isFor)
    let permissive = ours.filter(\.isPermissive)
    let restrictive = ours.filter { !$0.isPermissive && $0.rule != "true" }
    if restrictive.isEmpty, let all = permissive.first(where: { $0.rule == "true" }) {
      return .everything(because: "the policy \(all.name), which gives every row")
    }
    return .restricted(permissive.isEmpty ? [] : (permissive + restrictive).map(\.name).sorted())
  }
}
