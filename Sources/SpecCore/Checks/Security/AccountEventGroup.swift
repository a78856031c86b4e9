/// One row of what ``AccountAudit`` asks for.
struct AccountEventGroup {
  let who: String?
  let address: String?
  let object: String?
  let role: String?
  let grantedBy: String?
  let kind: String?
  let queryID: String?
  let detail: String?
  /// Another user or address of the same burst.
  let firstOther: String?
  let others: Int
  let bytesOut: Int
  let times: Int
  let first: Timestamp
  let last: Timestamp
  let burst: Timestamp?
  let total: Int

  /// `nil` where a count or a time is missing.
  init?(_ row: ListedRow) {
    func number(_ column: String) -> Int? {
      row[column].flatMap { text in Int(text.prefix { $0 != "." }) }
    }
    func moment(_ column: String) -> Timestamp? {
      number(column).map { Timestamp(microseconds: Int64($0) * 1_000_000) }
    }
    guard let times = number("times"), let total = number("total"), let first = moment("first_at"),
      let last = moment("last_at")
    else { return nil }
    self.times = times
    self.total = total
    self.first = first
    self.last = last
    who = row["who"]
    address = row["address"]
    object = row["object_name"]
    role = row["role"]
    grantedBy = row["granted_by"].flatMap { $0.isEmpty ? nil : $0 }
    kind = row["kind"]
    queryID = row["query_id"]
    detail = row["detail"]
    firstOther = row["first_other"]
    others = number("others") ?? 0
    bytesOut = number("bytes_out") ?? 0
    burst = moment("burst_at")
  }

  /// Bursts by address that are the same as one by user are not told twice.
  static func withoutEchoes(_ groups: [Self]) -> [Self] {
    let users = groups.filter { $0.kind == "user" }.map(\.who)
    return groups.filter { group in
      !(group.kind == "address" && group.others == 1 && users.contains(group.firstOther))
    }
  }

  /// By which the events may be excused.
  var names: [String] { [who, address, object, role].compactMap(\.self) }

  // MARK: Sentences

  private var when: String {
    first == last ? "at \(first)" : "between \(first) and \(last)"
  }

  private var often: String {
    times == 1 ? "once" : times == 2 ? "twice" : "\(grouped(times)) times"
  }

  private var origin: String { address.map { " from \($0)" } ?? "" }

  private var person: String { who ?? "somebody without a user name" }

  private var written: String { Engine.snowflake.written(Identifier(who ?? "")) }

  /// What to do about a user's login that may not have been theirs.
  private var lockOut: String {
    who == nil
      ? "keep \(address ?? "the address") out by the network policy"
      : "unless \(person) says that it was them: ALTER USER \(written) SET DISABLED = TRUE"
  }

  func sentence(_ event: AccountEvent, _ demand: AuditDemand) -> String {
    switch event {
    case .failedLogins: failedLogin(demand)
    case .loginsAfterFailures:
      "\(person) logged in \(often)\(origin), \(when), after up to \(counted(others, "failed login"))"
        + " shortly before; cure: \(lockOut)"
    case .loginsOutsideNetworkPolicy:
      "\(person) logged in \(often)\(origin), which the network policy does not allow, \(when); "
        + "cure: \(lockOut)"
    case .passwordLogins:
      "\(person) logged in \(often)\(origin) by password alone, \(when); cure: enrol a second factor"
        + " for \(person), or, where it is a service with a key, ALTER USER \(written) SET TYPE = SERVICE"
    case .adminGrants: adminGrant
    case .grantsToPublic: publicGrant
    case .ownershipTransfers:
      "\(person) gave ownership away \(often), \(statement); cure: SHOW GRANTS ON the object, and "
        + "GRANT OWNERSHIP ON … TO ROLE … back where it was not meant"
    case .unloads:
      "\(person) wrote data to files \(often), \(statement)\(amount); cure: ALTER ACCOUNT SET "
        + "PREVENT_UNLOAD_TO_INLINE_URL = TRUE, and look at what was written where"
    case .networkPolicyChanges:
      "\(person) changed who may log in \(often), \(statement); cure: DESCRIBE NETWORK POLICY, and "
        + "put back what was not meant"
    }
  }

  private func failedLogin(_ demand: AuditDemand) -> String {
    guard let within = demand.within, let burst else {
      let reason = detail.map { " (\($0))" } ?? ""
      return "\(person) failed to log in \(often)\(origin), \(when)\(reason); cure: \(lockOut)"
    }
    let more = "more than \(grouped(demand.most)) within \(within.words), first at \(burst)"
    if kind == "address" {
      return "\(counted(times, "login")) from \(who ?? "?") failed, of \(counted(others, "user")), "
        + "\(when): \(more); cure: keep \(who ?? "it") out by the network policy"
    }
    let whence =
      others > 1 ? " from \(others) addresses" : firstOther.map { " from \($0)" } ?? ""
    return "\(person) failed to log in \(often)\(whence), \(when): \(more); cure: \(lockOut)"
  }

  private var giver: String { grantedBy.map { " by \($0)" } ?? "" }

  private var isTakenBack: String {
    others >= times ? ", and it was taken back since" : ""
  }

  private var adminGrant: String {
    let isUser = kind == "USER"
    let grantee = "\(isUser ? "user" : "role") \(person)"
    let right = object ?? "?"
    let target = "\(isUser ? "USER" : "ROLE") \(written)"
    let cure =
      right == "MANAGE GRANTS"
      ? "REVOKE MANAGE GRANTS ON ACCOUNT FROM \(target)"
      : "REVOKE ROLE \(Engine.snowflake.written(Identifier(right))) FROM \(target)"
    return "\(grantee) was given \(right)\(giver), \(when)\(isTakenBack); cure: \(cure)"
  }

  private var publicGrant: String {
    let type = (kind ?? "OBJECT").replacing("_", with: " ")
    let place = object ?? "?"
    let isRole = type.hasSuffix("ROLE") && detail == "USAGE"
    let right = isRole ? "the" : "\(detail ?? "a right") on"
    let revoke = isRole ? "\(type) \(place)" : "\(detail ?? "…") ON \(type) \(place)"
    return
      "PUBLIC was given \(right) \(type.lowercased()) \(place)\(giver), \(when)\(isTakenBack); "
      + "cure: REVOKE \(revoke) FROM ROLE PUBLIC"
  }

  /// Where a statement is found again.
  private var statement: String {
    let first = queryID.map { ", first query \($0)" } ?? ""
    return "\(when), as \(role ?? "no role") (\(kind ?? "unknown kind")\(first))"
  }

  private var amount: String {
    var parts: [String] = []
    if others > 0 { parts.append(counted(others, "row")) }
    if bytesOut > 0 { parts.append("\(grouped(bytesOut)) bytes to elsewhere") }
    return parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"
  }
}
