package import SpecCore

extension RunComparison {
  /// Compares two runs, with the texts of their specs where those are at hand.
  package init(
    from earlier: RunResult, to later: RunResult, earlierSpec: String? = nil,
    laterSpec: String? = nil
  ) {
    self.earlier = Run(earlier)
    self.later = Run(later)
    readCases(earlier, later)
    rows = Self.rows(earlier, later)
    queries = Self.queries(earlier, later)
    facts = Self.facts(earlier, later)
    excuses = Self.changes(Self.excuses(earlier), Self.excuses(later))
    people = Self.changes(Self.people(earlier), Self.people(later))
    if earlier.spec.sha256 != later.spec.sha256 {
      var lines: [LineChange]?
      if let earlierSpec, let laterSpec { lines = LineChange.between(earlierSpec, laterSpec) }
      spec = SpecChange(before: earlier.spec.sha256, after: later.spec.sha256, lines: lines)
    }
  }

  // MARK: Checks

  private mutating func readCases(_ earlier: RunResult, _ later: RunResult) {
    let before = Self.numbered(earlier)
    let after = Self.numbered(later)
    let known = Dictionary(before.map { ($0.key, $0.result) }, uniquingKeysWith: { $1 })
    let kept = Set(after.map(\.key))
    for (key, each) in after {
      let standing = each.standing(strict: later.strict)
      guard let old = known[key] else {
        appeared.append(
          Change(id: each.id.description, after: standing, summaryAfter: each.message))
        continue
      }
      read(old, old.standing(strict: earlier.strict), each, standing)
    }
    // What was wrong with the earlier run itself is told by the verdict, and a waiver that ended by
    // what is excused; neither proved anything.
    vanished = before.filter { key, each in
      !kept.contains(key) && ![RunResult.ownSection, Waiver.section].contains(each.id.section)
    }.map { _, each in
      Change(
        id: each.id.description, before: each.standing(strict: earlier.strict),
        summaryBefore: each.message)
    }
  }

  /// The id of a case, and which case of that id it is: ids should be unique, but nothing may be
  /// lost where they are not.
  private struct Key: Hashable {
    let id: CheckID
    let number: Int
  }

  private static func numbered(_ run: RunResult) -> [(key: Key, result: CaseResult)] {
    var counts: [CheckID: Int] = [:]
    return run.reportedSuites.flatMap(\.cases).map { result in
      counts[result.id, default: 0] += 1
      return (Key(id: result.id, number: counts[result.id, default: 0]), result)
    }
  }

  private mutating func read(
    _ old: CaseResult, _ was: Standing, _ new: CaseResult, _ standing: Standing
  ) {
    let change = Change(
      id: new.id.description, before: was, after: standing, summaryBefore: old.message,
      summaryAfter: new.message)
    let isUnseen = { (standing: Standing) in standing == .errored || standing == .skipped }
    if was != standing {
      switch standing {
      case .failed: newlyFailing.append(change)
      case .errored, .skipped:
        if isUnseen(was) { otherwise.append(change) } else { newlyUnchecked.append(change) }
      case .passed: healed.append(change)
      case .warned, .waived:
        if was == .passed { newlyExcused.append(change) } else { otherwise.append(change) }
      }
    }
    if standing != .passed, was != .passed {
      let before = Self.findings(old)
      let after = Self.findings(new)
      let (was, now) = (Set(before), Set(after))
      if was != now {
        findings.append(
          FindingChange(
            id: new.id.description, section: new.id.section,
            added: after.filter { !was.contains($0) }, removed: before.filter { !now.contains($0) })
        )
      }
    }
    if new.id.section == "security", was == standing, standing == .passed,
      old.message != new.message
    {
      grants.append(change)
    }
  }

  private static func findings(_ result: CaseResult) -> [String] {
    result.verdict.findings.map { oneLine(redacted($0)) }
      + result.verdict.unchecked.map { "could not check: \(oneLine(redacted($0.reason)))" }
  }

  // MARK: Numbers

  private static func rows(_ earlier: RunResult, _ later: RunResult) -> [RowChange] {
    let before = Dictionary(
      earlier.suites.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return later.suites.flatMap { suite -> [RowChange] in
      guard let old = before[suite.name] else { return [] }
      return Side.allCases.compactMap { side in
        guard let was = rows(old, side), let now = rows(suite, side), was != now else {
          return nil
        }
        return RowChange(object: suite.name, side: side, before: was, after: now)
      }
    }
  }

  private static func rows(_ suite: SuiteResult, _ side: Side) -> Int? {
    suite.cases.lazy.compactMap { $0.verdict.content?[side]?.rows }.first
  }

  private static func queries(_ earlier: RunResult, _ later: RunResult) -> [QueryChange] {
    func timings(_ run: RunResult) -> [(String, Timings)] {
      run.suites.compactMap { suite in
        suite.cases.lazy.compactMap(\.verdict.timings).first.map { (suite.name, $0) }
      }
    }
    let before = Dictionary(timings(earlier), uniquingKeysWith: { first, _ in first })
    return timings(later).flatMap { name, timings -> [QueryChange] in
      timings.sides.flatMap { side -> [QueryChange] in
        guard let old = before[name]?[side.side] else { return [] }
        // By the server's clock where both runs were told it: the wire has its own weather.
        for clock in [TimingClock.server, .wire] {
          guard let was = old.times(by: clock), let now = side.times(by: clock) else { continue }
          return [(50, "p50"), (95, "p95")].compactMap { percent, label in
            guard let first = percentile(percent, of: was),
              let second = percentile(percent, of: now)
            else { return nil }
            let change = second > first ? second - first : first - second
            guard change > seconds, change > share * min(first, second) else { return nil }
            return QueryChange(
              query: name, side: side.side, clock: clock, percentile: label, before: first,
              after: second)
          }
        }
        return []
      }
    }
  }

  // MARK: Facts

  private static func facts(_ earlier: RunResult, _ later: RunResult) -> [FactChange] {
    var pairs: [(String, String, String)] = [
      ("environment", earlier.environment ?? "default", later.environment ?? "default"),
      ("spec's path", earlier.spec.path, later.spec.path),
      ("parity's version", earlier.toolVersion, later.toolVersion),
      ("strict", earlier.strict ? "yes" : "no", later.strict ? "yes" : "no"),
      ("operator", earlier.operatorName, later.operatorName),
      ("host", earlier.hostName, later.hostName),
    ]
    for (name, old, new) in [
      ("source", earlier.source, later.source), ("target", earlier.target, later.target),
    ] {
      pairs.append(("\(name), as declared", old.declared, new.declared))
      pairs.append(("\(name), connection", state(old), state(new)))
      guard let was = old.facts, let now = new.facts else { continue }
      pairs += [
        ("\(name), engine", "\(was.engine) \(was.version)", "\(now.engine) \(now.version)"),
        ("\(name), database", was.name, now.name),
        ("\(name), fingerprint", was.fingerprint, now.fingerprint),
        ("\(name), role", was.role, now.role),
        ("\(name), encryption", was.encryption, now.encryption),
      ]
    }
    return pairs.filter { $0.1 != $0.2 }.map {
      FactChange(name: $0.0, before: oneLine(redacted($0.1)), after: oneLine(redacted($0.2)))
    }
  }

  private static func state(_ side: RunResult.SideResult) -> String {
    switch side.outcome {
    case .connected: "connected"
    case .failed(let error): "failed (\(error.kind.rawValue)): \(error.message)"
    case .notTried: "not tried"
    }
  }

  private static func excuses(_ run: RunResult) -> [String] {
    // Waivers stand among the exceptions of a run, each once.
    let told = Set(run.exceptions.map(\.subject))
    let waivers = run.cases.compactMap(\.waiver).filter { !told.contains($0.check.value) }.map {
      "waiver of \($0.check.value) \($0.terms): \($0.because)"
    }
    let exceptions = run.exceptions.map {
      "exception of \($0.subject): \($0.sentence)"
        + ($0.because.map { " because: \($0)" } ?? "")
    }
    return exceptions + waivers
  }

  private static func people(_ run: RunResult) -> [String] {
    (run.signOff?.required ?? []).map { "\($0.role) (\($0.email)) must sign" }
      + run.asked.map { "\($0.id), answered by \($0.approver): \($0.question)" }
  }

  /// What came and went, each once, in the order of the lists.
  private static func changes(_ before: [String], _ after: [String]) -> [ListChange] {
    let (was, now) = (Set(before), Set(after))
    var told: Set<String> = []
    let gone = before.filter { !now.contains($0) && told.insert($0).inserted }
    let new = after.filter { !was.contains($0) && told.insert($0).inserted }
    return gone.map { ListChange(words: oneLine(redacted($0)), isAdded: false) }
      + new.map { ListChange(words: oneLine(redacted($0)), isAdded: true) }
  }
}

extension RunComparison.Run {
  init(_ run: RunResult) {
    self.init(
      id: run.runID, startedAt: run.startedAt, environment: run.environment ?? "default",
      conclusion: run.conclusion, specSHA256: run.spec.sha256)
  }
}
