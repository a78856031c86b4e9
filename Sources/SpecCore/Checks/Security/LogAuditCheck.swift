/// Expects an exported log of Postgres to tell of something not at all, or not more often than so.
///
/// A log that has no line of the database, that has gaps, or that was not set to log what is asked
/// about, shows nothing.
struct LogAuditCheck: Check {
  let event: LogEvent
  let audit: AuditSpec
  let log: LogAuditSpec
  let demand: AuditDemand
  private var window: AuditWindow?

  init(_ event: LogEvent, _ audit: AuditSpec, _ log: LogAuditSpec, _ demand: AuditDemand) {
    self.event = event
    self.audit = audit
    self.log = log
    self.demand = demand
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard let window else {
      guard let readAt = dialects.readAt, let window = audit.window(readAt: readAt) else {
        return .decide(
          Verdict(
            Verdict.Unchecked(type: "no_read_point", reason: "the run has no read point yet")))
      }
      if let obstacle = window.obstacle(readAt: readAt) { return .decide(Verdict(obstacle)) }
      self.window = window
      return .read(FileRequest((log.log ?? []).map(\.value)))
    }
    guard case .files(let found) = answers.first else {
      preconditionFailure("files were asked for")
    }
    return .decide(judge(found, window))
  }

  // MARK: Judging

  private func judge(_ found: FoundFiles, _ window: AuditWindow) -> Verdict {
    var reader = LogReader(window)
    for file in found.files {
      if let bytes = file.bytes { reader.read(bytes) }
    }
    let tally = reader.tally
    let judgement = AuditJudgement(
      demand: limit, counted: { event.counted($0) }, window: window.words)
    var verdict = judgement.verdict(groups(tally), hidden: tally.hidden[event] ?? 0)
    verdict.unchecked += found.problems + gaps(tally, files: found.files.count)
    if verdict.findings.isEmpty, let first = verdict.unchecked.first {
      verdict.summary = first.reason
    }
    if let first = tally.first, let last = tally.last {
      verdict.notes.append(
        "the log has \(counted(tally.messagesInWindow, "message")) of Postgres \(window.words), in "
          + "\(counted(found.files.count, "file")); the first line is of \(first), the last of \(last)"
      )
    }
    if isAboutStatements {
      verdict.notes.append("what functions and DO blocks did is in no log of statements")
    }
    if event == .unencryptedLogins, tally.localLogins > 0 {
      verdict.notes.append(
        "left out: \(counted(tally.localLogins, "login")) from the server's own machine")
    }
    return verdict
  }

  /// Of bursts, every one is too many.
  private var limit: AuditDemand {
    guard isBurst else { return demand }
    var demand = demand
    demand.max = 0
    return demand
  }

  private var isBurst: Bool { event == .failedLogins && demand.within != nil }

  private var isAboutStatements: Bool {
    switch event {
    case .grants, .grantsToPublic, .roleChanges, .ownershipTransfers, .unloads, .ddl: true
    case .failedLogins, .loginsAfterFailures, .unencryptedLogins, .permissionDenied: false
    }
  }

  /// What keeps silence from meaning anything.
  private func gaps(_ tally: LogTally, files: Int) -> [Verdict.Unchecked] {
    var found: [Verdict.Unchecked] = []
    func add(_ type: String, _ reason: String, _ remedy: String?) {
      found.append(Verdict.Unchecked(type: type, reason: reason, remedy: remedy))
    }
    let export =
      "export it again: a log drain's files, or `heroku logs -p postgres`; only plans from Standard "
      + "up write logs"
    if tally.undated > 0 {
      add(
        "undated_lines",
        "\(counted(tally.undated, "message")) of Postgres bear no time with a zone that is known, so "
          + "that it is not known whether they belong to the window",
        "export the log with times in UTC, as Heroku writes them")
    }
    guard tally.messages > 0 else {
      if files > 0 {
        add("not_a_log", "no line of the log is a message of Postgres: that shows nothing", export)
      }
      return found
    }
    guard tally.messagesInWindow > 0 else {
      add(
        "nothing_recorded",
        "no message of Postgres in the log is of the time \(tally.window.words): that shows nothing",
        export)
      return found
    }
    let gap = tally.gap
    if gap.seconds >= (log.maxGap?.seconds ?? LogAuditSpec.usualGap(tally.window)) {
      add(
        "log_has_gaps",
        "the log has no line of the database for \(Self.hours(gap.seconds)) from \(gap.from) on: that "
          + "shows nothing", "\(export); where the database was silent, say `max_gap`")
    }
    if tally.lost > 0 {
      add(
        "log_has_gaps",
        "Logplex tells that it dropped \(counted(tally.lost, "message")) in the window",
        "have the drain take what it is sent (Heroku's errors L10 to L13)")
    }
    if tally.hasOverflow {
      add(
        "too_many_events", "more logins are in the log than can be looked at",
        "take a shorter window")
    }
    if let silence = silence(tally) { found.append(silence) }
    return found
  }

  /// What the server was evidently not set to log.
  private func silence(_ tally: LogTally) -> Verdict.Unchecked? {
    switch event {
    case .loginsAfterFailures, .unencryptedLogins:
      guard tally.authorized == 0 else { return nil }
      return Verdict.Unchecked(
        type: "not_logged",
        reason: "the log tells of no login that succeeded: the server was not set to log them",
        remedy: "heroku pg:settings:log-connections on, before the window begins")
    case .unloads:
      guard tally.loggedReads == 0 else { return nil }
      return Verdict.Unchecked(
        type: "not_logged",
        reason: "the log has no statement that only reads: the server was not set to log COPY … TO",
        remedy: "heroku pg:settings:log-statement all, before the window begins")
    case .grants, .grantsToPublic, .roleChanges, .ownershipTransfers, .ddl:
      guard tally.loggedStatements == 0 else { return nil }
      return Verdict.Unchecked(
        type: "not_logged",
        reason: "the log has no statement at all: the server was not set to log any, or none was "
          + "given",
        remedy:
          "heroku pg:settings:log-statement ddl, before the window begins; a harmless COMMENT "
          + "ON in it shows that it works")
    case .failedLogins, .permissionDenied: return nil
    }
  }

  private static func hours(_ seconds: Double) -> String {
    seconds < 7_200 ? "\(Int(seconds / 60)) minutes" : "\(Int(seconds / 3_600)) hours"
  }

  // MARK: Events

  private func groups(_ tally: LogTally) -> [AuditJudgement.Group] {
    if isBurst { return bursts(tally.failures) }
    if event == .loginsAfterFailures { return logins(tally) }
    let found = tally.groups.filter { $0.key.event == event }
    let sorted = found.sorted { left, right in
      (left.value.first, left.key.user ?? "", left.key.what)
        < (right.value.first, right.key.user ?? "", right.key.what)
    }
    return sorted.map { group, count in
      AuditJudgement.Group(
        names: [group.user, group.address].compactMap(\.self), count: count.times,
        sentence: sentence(group, count))
    }
  }

  private func sentence(_ group: LogTally.Group, _ count: LogTally.Count) -> String {
    let who = group.user ?? "somebody (the log does not tell who)"
    let origin = group.address.map { " from \($0)" } ?? ""
    let often = Self.often(count.times)
    let when = Self.when(count.first, count.last)
    let written = Engine.postgres.written(Identifier(group.user ?? "…"))
    switch event {
    case .failedLogins, .loginsAfterFailures:
      return
        "\(who) failed to log in \(often)\(origin), \(when) (\(group.what)); cure: unless it was "
        + "their own mistake: heroku pg:credentials:rotate, or ALTER ROLE \(written) NOLOGIN"
    case .unencryptedLogins:
      return
        "\(who) logged in \(often) without TLS\(origin), \(when); cure: sslmode=require in that "
        + "client's connection string"
    case .permissionDenied:
      return
        "\(who) was refused \(often)\(origin), \(when): \(group.what); cure: find out why it was "
        + "tried; a right that is needed is given by GRANT"
    case .grants, .grantsToPublic, .roleChanges, .ownershipTransfers, .ddl, .unloads:
      return "\(who) ran \(group.what) \(often)\(origin), \(when); cure: \(cure(group.what))"
    }
  }

  private func cure(_ statement: String) -> String {
    switch event {
    case .grants, .grantsToPublic:
      "take back by REVOKE, or give again by GRANT, what was not meant"
    case .roleChanges: "ALTER ROLE … or DROP ROLE … where it was not meant"
    case .ownershipTransfers: "ALTER … OWNER TO the owner before, where it was not meant"
    case .unloads: "find out where the rows went; REVOKE SELECT where it was not meant"
    default: "bring the schema back to what was agreed, where it was not meant"
    }
  }

  private static func often(_ times: Int) -> String {
    times == 1 ? "once" : times == 2 ? "twice" : "\(grouped(times)) times"
  }

  private static func when(_ first: Timestamp, _ last: Timestamp) -> String {
    first == last ? "at \(first)" : "between \(first) and \(last)"
  }

  // MARK: Bursts

  /// More failures than are allowed within the time, by user and by address.
  private func bursts(_ failures: [LogTally.Login]) -> [AuditJudgement.Group] {
    let within = demand.within ?? AccountAuditCheck.usualWithin
    let span = Int64(within.seconds * 1_000_000)
    var groups: [AuditJudgement.Group] = []
    var users: Set<String> = []
    func look(_ name: (LogTally.Login) -> String, _ other: (LogTally.Login) -> String, isUser: Bool)
    {
      let grouped = Dictionary(grouping: failures.filter { !name($0).isEmpty }, by: name)
      for (who, found) in grouped.sorted(by: { $0.key < $1.key }) {
        let times = found.map(\.time).sorted()
        guard
          let start = times.indices.first(where: { position in
            position + demand.most < times.count
              && times[position + demand.most].microseconds - times[position].microseconds <= span
          }), let first = times.first, let last = times.last
        else { continue }
        let others = Set(found.map(other)).filter { !$0.isEmpty }
        // One user from one address is one burst.
        if !isUser, others.count == 1, let only = others.first, users.contains(only) { continue }
        if isUser { users.insert(who) }
        let whence =
          others.count == 1
          ? " \(isUser ? "from" : "as") \(others.first ?? "")"
          : others.isEmpty
            ? "" : isUser ? " from \(others.count) addresses" : " as \(others.count) users"
        let title = isUser ? "\(who) failed to log in" : "logins from \(who) failed"
        groups.append(
          AuditJudgement.Group(
            names: [who] + (others.count == 1 ? Array(others) : []), count: times.count,
            sentence:
              "\(title) \(Self.often(times.count))\(whence), \(Self.when(first, last)): more "
              + "than \(SpecCore.grouped(demand.most)) within \(within.words), first at "
              + "\(times[start]); cure: heroku pg:credentials:rotate, and find out who it was"))
      }
    }
    look(\.user, \.address, isUser: true)
    look(\.address, \.user, isUser: false)
    return groups
  }

  /// Logins shortly after so many failures of the same user.
  private func logins(_ tally: LogTally) -> [AuditJudgement.Group] {
    let needed = demand.failures ?? AccountAuditCheck.usualFailures
    let span = Int64((demand.within ?? AccountAuditCheck.usualWithin).seconds * 1_000_000)
    let failures = Dictionary(grouping: tally.failures, by: \.user).mapValues {
      $0.map(\.time.microseconds).sorted()
    }
    var found: [String: (login: LogTally.Login, count: LogTally.Count)] = [:]
    for login in tally.logins {
      guard let times = failures[login.user], times.count >= needed else { continue }
      let end = login.time.microseconds
      let before = Self.position(of: end + 1, in: times) - Self.position(of: end - span, in: times)
      guard before >= needed else { continue }
      let key = "\(login.user)\u{0}\(login.address)"
      var entry = found[key] ?? (login, LogTally.Count(first: login.time, last: login.time))
      entry.count.times += 1
      entry.count.first = min(entry.count.first, login.time)
      entry.count.last = max(entry.count.last, login.time)
      found[key] = entry
    }
    return found.sorted { $0.key < $1.key }.map { _, entry in
      let address = entry.login.address
      let origin = address.isEmpty ? "" : " from \(address)"
      let written = Engine.postgres.written(Identifier(entry.login.user))
      return AuditJudgement.Group(
        names: [entry.login.user, address].filter { !$0.isEmpty }, count: entry.count.times,
        sentence: "\(entry.login.user) logged in \(Self.often(entry.count.times))\(origin), "
          + "\(Self.when(entry.count.first, entry.count.last)), after \(needed) or more failed logins "
          + "shortly before; cure: unless it was them: heroku pg:credentials:rotate, or ALTER ROLE "
          + "\(written) NOLOGIN")
    }
  }

  /// How many of the sorted times are before this one.
  private static func position(of time: Int64, in times: [Int64]) -> Int {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
