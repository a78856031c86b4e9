/// Expects something not to have happened in a Snowflake account, or not more often than so.
///
/// That a view shows nothing says nothing while it holds nothing at all: it is also asked whether
/// anything is recorded in the window.
struct AccountAuditCheck: Check {
  let event: AccountEvent
  let audit: AuditSpec
  let demand: AuditDemand
  /// What the spec's `network_policy` allows, where it says so.
  var allowed: [String]?
  /// The policy that it names.
  var policy: Identifier?

  private var asks: [Ask] = []
  private var first: [Answer] = []
  private var window: AuditWindow?

  init(
    _ event: AccountEvent, _ audit: AuditSpec, _ demand: AuditDemand, allowed: [String]? = nil,
    policy: Identifier? = nil
  ) {
    self.event = event
    self.audit = audit
    self.demand = demand
    self.allowed = allowed
    self.policy = policy
  }

  /// How long views of what happened keep it (pages of the views).
  private static let kept = 365.0 * 86_400

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard let window else { return begin(dialects.readAt) }
    if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
    if first.isEmpty {
      first = answers
      if let obstacle = silence(answers, window) {
        return .decide(noted(Verdict(obstacle), window))
      }
      if event == .loginsOutsideNetworkPolicy, allowed == nil { return judgePolicy(answers) }
      return .decide(judge(answers, window, allowed.map { LoginRanges(allowed: $0) }))
    }
    guard case .settings(let lists) = answers.first else {
      preconditionFailure("a network policy was asked for")
    }
    return .decide(judge(first, window, LoginRanges(lists)))
  }

  // MARK: Asking

  private mutating func begin(_ readAt: Timestamp?) -> Move {
    guard let readAt, let window = audit.window(readAt: readAt) else {
      return .decide(
        Verdict(
          Verdict.Unchecked(type: "no_read_point", reason: "the run has no read point yet")))
    }
    if let obstacle = window.obstacle(readAt: readAt, lateBy: event.view.latency) {
      return .decide(Verdict(obstacle))
    }
    if event.view.isHistory, window.from < readAt.moved(by: -Self.kept) {
      return .decide(
        Verdict(
          Verdict.Unchecked(
            type: "window_too_old",
            reason: "the window begins at \(window.from), and \(event.view.name) keeps a year",
            remedy: "let the window begin later")))
    }
    self.window = window
    readPoint = readAt
    asks = views.map { Ask(.target, .listing(.recorded($0, $0.isHistory ? window : nil))) }
    asks.append(Ask(.target, .listing(.audit(AccountAudit(events, window)))))
    if event == .loginsOutsideNetworkPolicy, allowed == nil, policy == nil {
      asks.append(Ask(.target, .accountParameters))
    }
    return .ask(asks)
  }

  private var readPoint: Timestamp?

  private var views: [AccountView] {
    event == .adminGrants ? [.grantsToUsers, .grantsToRoles] : [event.view]
  }

  private var events: AccountAudit.Events {
    switch event {
    case .failedLogins:
      demand.within.map { .failedBursts(max: demand.most, seconds: Int($0.seconds)) }
        ?? .failedLogins
    case .loginsAfterFailures:
      .loginsAfterFailures(
        demand.failures ?? Self.usualFailures,
        seconds: Int((demand.within ?? Self.usualWithin).seconds))
    case .loginsOutsideNetworkPolicy: .logins
    case .passwordLogins: .passwordLogins
    case .adminGrants: .adminGrants
    case .grantsToPublic: .grantsToPublic
    case .ownershipTransfers: .ownershipTransfers
    case .unloads: .unloads
    case .networkPolicyChanges: .networkPolicyChanges
    }
  }

  static let usualFailures = 5
  static let usualWithin = TimeSpan(seconds: 1_800)

  private mutating func judgePolicy(_ answers: [Answer]) -> Move {
    var name = policy
    if name == nil, case .settings(let parameters)? = answers.last {
      name = parameters["NETWORK_POLICY"].flatMap { $0.isEmpty ? nil : Identifier($0) }
    }
    guard let name else {
      return .decide(
        Verdict(
          Verdict.Unchecked(
            type: "no_network_policy",
            reason: "no network policy is in force for the account, and the spec names none: "
              + "nothing is outside it",
            remedy: "put one in force, or say `network_policy: { name:, allowed: }`")))
    }
    asks = [Ask(.target, .networkPolicy(name))]
    return .ask(asks)
  }

  // MARK: Judging

  /// What keeps an empty answer from meaning anything.
  private func silence(_ answers: [Answer], _ window: AuditWindow) -> Verdict.Unchecked? {
    for (view, answer) in zip(views, answers) {
      guard case .listing(let rows) = answer, let row = rows.first,
        let records = row["records"].flatMap({ Int($0) })
      else {
        return Verdict.Unchecked(
          type: "protocol_violation", reason: "\(view.name) did not tell how much it holds")
      }
      if records == 0 {
        let place = view.isHistory ? " \(window.words)" : ""
        return Verdict.Unchecked(
          type: "nothing_recorded",
          reason: "\(view.name) holds nothing at all\(place), of nobody: that shows nothing",
          remedy: "look whether the view is filled in this account, or take a longer window")
      }
    }
    return nil
  }

  private func judge(
    _ answers: [Answer], _ window: AuditWindow, _ ranges: LoginRanges?
  ) -> Verdict {
    guard answers.count > views.count, case .listing(let rows) = answers[views.count] else {
      preconditionFailure("events were asked for")
    }
    var events: [AccountEventGroup] = []
    for row in rows {
      guard let group = AccountEventGroup(row) else {
        return Verdict(
          Verdict.Unchecked(
            type: "protocol_violation",
            reason: "\(event.view.name) was answered in a way that cannot be read"))
      }
      events.append(group)
    }
    let all = events.first?.total ?? 0
    let hidden = max(0, all - events.reduce(0) { $0 + $1.times })
    var notes: [String] = []
    var unchecked: [Verdict.Unchecked] = []
    if event == .loginsOutsideNetworkPolicy {
      guard let ranges else { preconditionFailure("what is allowed is known") }
      let outside = ranges.outside(events)
      events = outside.groups
      notes += outside.notes
      unchecked += outside.unchecked
      if hidden > 0 {
        unchecked.append(
          Verdict.Unchecked(
            type: "too_many_events",
            reason: "more than \(grouped(AccountAudit.limit)) pairs of user and address logged in; "
              + "\(grouped(hidden)) logins were not looked at", remedy: "take a shorter window"))
      }
    }
    if case .failedBursts = self.events { events = AccountEventGroup.withoutEchoes(events) }
    let judgement = AuditJudgement(
      demand: limit, counted: { event.counted($0) }, window: window.words)
    var verdict = judgement.verdict(
      events.map { group in
        AuditJudgement.Group(
          names: group.names, count: group.times, sentence: group.sentence(event, demand))
      }, hidden: event == .loginsOutsideNetworkPolicy ? 0 : hidden)
    verdict.notes += notes
    verdict.unchecked += unchecked
    if verdict.findings.isEmpty, let first = verdict.unchecked.first {
      verdict.summary = first.reason
    }
    return noted(verdict, window)
  }

  /// Of bursts, every one is too many.
  private var limit: AuditDemand {
    guard case .failedBursts = events else { return demand }
    var demand = demand
    demand.max = 0
    return demand
  }

  /// The verdict with what it rests on.
  private func noted(_ verdict: Verdict, _ window: AuditWindow) -> Verdict {
    var verdict = verdict
    let names = views.map(\.name).joined(separator: " and ")
    var note = "looked at \(names) \(window.words)"
    let seen = readPoint?.moved(by: Double(-60 * event.view.latency))
    if let seen, window.to > seen {
      note +=
        "; it may be up to \(event.view.latencyWords) late, so that what happened after "
        + "\(seen) need not be in it yet"
    }
    verdict.notes.append(note)
    switch event {
    case .grantsToPublic:
      verdict.notes.append(
        "the view does not list every kind of object, nor grants on objects to come")
    case .ownershipTransfers, .networkPolicyChanges:
      verdict.notes.append("statements are known by their kind and their words")
    default: break
    }
    return verdict
  }
}

/// The addresses that may log in.
struct LoginRanges {
  private let allowed: [AddressRange]
  private let blocked: [AddressRange]
  /// Entries that are no IPv4 address.
  private let unreadable: [String]
  private let hasRules: Bool

  /// Exactly these.
  init(allowed: [String]) { self.init(["ALLOWED_IP_LIST": allowed.joined(separator: ",")]) }

  /// What a network policy says, as DESCRIBE NETWORK POLICY prints it.
  init(_ policy: [String: String]) {
    func list(_ name: String) -> [String] {
      (policy[name] ?? "").split { ",()[]' \"".contains($0) }.map(String.init)
    }
    let (allowed, blocked) = (list("ALLOWED_IP_LIST"), list("BLOCKED_IP_LIST"))
    self.allowed = allowed.compactMap { AddressRange($0) }
    self.blocked = blocked.compactMap { AddressRange($0) }
    unreadable = (allowed + blocked).filter { AddressRange($0) == nil }
    hasRules = ["ALLOWED_NETWORK_RULE_LIST", "BLOCKED_NETWORK_RULE_LIST"].contains {
      !list($0).isEmpty
    }
  }

  /// What Snowflake writes where it logged in itself.
  private static let own = ["0.0.0.0", "INTERNAL", "INTERNAL_SNOWFLAKE_IP"]

  /// The logins from elsewhere, and what could not be told.
  func outside(
    _ logins: [AccountEventGroup]
  ) -> (groups: [AccountEventGroup], notes: [String], unchecked: [Verdict.Unchecked]) {
    var groups: [AccountEventGroup] = []
    var unchecked: [Verdict.Unchecked] = []
    var (inner, odd) = (0, [String: Int]())
    for login in logins {
      let address = login.address ?? ""
      if Self.own.contains(address) {
        inner += login.times
      } else if !AddressRange.isAddress(address) {
        odd[address.isEmpty ? "no address" : address, default: 0] += login.times
      } else if !allowed.contains(where: { $0.contains(address) == true })
        || blocked.contains(where: { $0.contains(address) == true })
      {
        groups.append(login)
      }
    }
    var notes = [
      "judged by the policy as it is now; a user's own network policy is not looked at"
    ]
    if inner > 0 { notes.append("left out: \(counted(inner, "login")) by Snowflake itself") }
    if !odd.isEmpty {
      let list = odd.sorted { $0.key < $1.key }.prefix(5).map { "\($0.key) (\(grouped($0.value)))" }
      unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason: "logins from what is no IPv4 address: \(list.joined(separator: ", "))"))
    }
    if !unreadable.isEmpty {
      unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason: "the policy has entries that are no IPv4 address or range: "
            + unreadable.joined(separator: ", ")))
    }
    if hasRules {
      // Whether a rule allows or forbids an address is not known.
      unchecked.append(
        Verdict.Unchecked(
          type: "unsupported",
          reason: "the policy also has network rules, which are not read"
            + (groups.isEmpty
              ? ""
              : "; they may allow the \(counted(groups.count, "pair")) of user and address "
                + "that its lists do not"),
          remedy: "say which addresses are right: `network_policy: { name:, allowed: }`"))
      groups = []
    }
    return (groups, notes, unchecked)
  }
}
