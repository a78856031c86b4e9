/// Decides whether what was measured keeps a budget.
struct TimingJudgement {
  private let budget: TimingBudget
  private let query: TimedQuery
  private let timings: Timings

  init(_ budget: TimingBudget, _ query: TimedQuery, _ timings: Timings) {
    self.budget = budget
    self.query = query
    self.timings = timings
  }

  var verdict: Verdict {
    var verdict = judged
    verdict.timings = timings
    if !verdict.findings.isEmpty, let measured = timings[query.side] {
      let advice = TimingAdvice(timings: measured, title: query.title(query.side)).sentences
      if let first = advice.first { verdict.findings[0] += "; cure: \(first)" }
      verdict.notes += advice.dropFirst().map { "might help as well: \($0)" }
    }
    if verdict.findings.isEmpty, let first = verdict.unchecked.first {
      verdict.summary = first.reason.firstLine
    }
    return verdict
  }

  private var judged: Verdict {
    guard let measured = timings[query.side], query.texts.keys.allSatisfy({ timings[$0] != nil })
    else { return Verdict(Self.nothing) }
    for side in timings.sides where side.failure == nil && side.warm.count != query.runs {
      return Verdict(
        Verdict.Unchecked(
          type: "nothing_measured",
          reason: "only \(side.warm.count) of \(counted(query.runs, "run")) were measured in "
            + query.title(side.side)))
    }
    switch budget {
    case .p50(let most): return time(measured, 50, "half of the runs", most)
    case .p95(let most): return time(measured, 95, "95 of 100 runs", most)
    case .max(let most): return time(measured, 100, "every run", most)
    case .cold(let most): return cold(measured, most)
    case .rows(let wanted): return rows(measured, wanted)
    case .scanned(let most):
      return bytes(
        measured, most, \.scanned, "read", "of tables", untold: measured.untold, "scanned")
    case .spilled(let most):
      return bytes(
        measured, most, \.spilled, "wrote", "aside for want of memory",
        untold: measured.untoldOperators ?? measured.untold, "wrote aside")
    case .queued(let most): return queued(measured, most)
    case .versusSource(let factor): return versus(measured, factor)
    }
  }

  private static let nothing = Verdict.Unchecked(
    type: "nothing_measured", reason: "the query was not run")

  // MARK: Times

  /// The clock that decides of these sides; an obstacle where it does not tell.
  private func clock(_ sides: [SideTimings]) -> Result<TimingClock, Obstacle> {
    for side in sides {
      if let failure = side.failure { return .failure(Obstacle(unchecked: failed(failure, side))) }
      if side.warm.isEmpty { return .failure(Obstacle(unchecked: Self.nothing)) }
    }
    if query.clock == .wire {
      return sides.allSatisfy { $0.times(by: .wire) != nil }
        ? .success(.wire) : .failure(Obstacle(unchecked: Self.nothing))
    }
    guard let silent = sides.first(where: { $0.times(by: .server) == nil }) else {
      return .success(.server)
    }
    if query.clock == .server {
      return .failure(Obstacle(unchecked: untold("how long runs took", silent, silent.untold)))
    }
    return sides.allSatisfy { $0.times(by: .wire) != nil }
      ? .success(.wire) : .failure(Obstacle(unchecked: Self.nothing))
  }

  private struct Obstacle: Error {
    let unchecked: Verdict.Unchecked
  }

  private func failed(_ error: DatabaseError, _ side: SideTimings) -> Verdict.Unchecked {
    var unchecked = Verdict.Unchecked(error, on: side.side)
    let count = side.warm.count
    if count > 0 || side.cold != nil {
      unchecked.reason += " (after \(counted(count, "measured run")))"
    }
    return unchecked
  }

  private func untold(
    _ what: String, _ side: SideTimings, _ error: DatabaseError?
  ) -> Verdict.Unchecked {
    guard let error else {
      let remedy =
        side.engine == "Snowflake"
        ? "run it again; the record of a query may come late, or be kept from the role: GRANT MONITOR ON "
          + "WAREHOUSE … TO ROLE …"
        : "take this budget out: the server keeps no such record"
      return Verdict.Unchecked(
        type: "not_told", reason: "\(query.title(side.side)) does not tell \(what)",
        remedy: remedy)
    }
    var unchecked = Verdict.Unchecked(error, on: side.side)
    unchecked.reason = "\(query.title(side.side)) does not tell \(what): \(unchecked.reason)"
    return unchecked
  }

  private func words(_ clock: TimingClock) -> String {
    clock == .server ? "by the server's clock" : "on the wire"
  }

  private func time(
    _ measured: SideTimings, _ percent: Int, _ share: String, _ most: TimeSpan
  ) -> Verdict {
    var verdict = Verdict(summary: "", type: budget.type)
    let clock: TimingClock
    switch self.clock([measured]) {
    case .success(let found): clock = found
    case .failure(let obstacle):
      verdict.unchecked = [obstacle.unchecked]
      // A run that was too long stays so, whatever the others would have been.
      if percent == 100, measured.failure != nil, let longest = longest(measured),
        longest > most.seconds
      {
        verdict.summary = "a run took \(spoken(seconds: longest))"
        verdict.findings = [
          "a run took \(spoken(seconds: longest)), and every run should take at most "
            + spoken(seconds: most.seconds)
        ]
      }
      return verdict
    }
    let times = measured.times(by: clock) ?? []
    guard let value = percentile(percent, of: times) else { return Verdict(Self.nothing) }
    let other: TimingClock = clock == .server ? .wire : .server
    let beside =
      measured.times(by: other).flatMap { percentile(percent, of: $0) }
      .map { " (\(spoken(seconds: $0)) \(words(other)))" } ?? ""
    let name = percent == 100 ? "longest" : "p\(percent)"
    let said =
      "\(name) \(spoken(seconds: value)) of \(counted(times.count, "run")) \(words(clock))\(beside)"
    verdict.summary = "\(said), at most \(spoken(seconds: most.seconds))"
    if value > most.seconds {
      verdict.summary = "\(said), more than \(spoken(seconds: most.seconds))"
      verdict.findings = [
        "\(share) should take at most \(spoken(seconds: most.seconds)) in "
          + "\(query.title(measured.side)): \(said)"
      ]
    }
    verdict.notes += notes([measured], clock)
    if percent < 100, times.count > 1, percentile(percent, of: times) == times.last,
      (times.count * percent + 99) / 100 == times.count
    {
      let needed = percent == 95 ? 20 : 2
      verdict.notes.append(
        "of \(counted(times.count, "run")) the \(percent)th percentile is the longest one; "
          + "\(needed) runs or more tell them apart")
    } else if times.count == 1 {
      verdict.notes.append("of one run every percentile is that run")
    }
    return verdict
  }

  private func longest(_ measured: SideTimings) -> Double? {
    measured.warm.compactMap { sample in
      query.clock.map { sample.seconds(by: $0) } ?? sample.cost?.seconds ?? sample.wire
    }.max()
  }

  private func notes(_ sides: [SideTimings], _ clock: TimingClock) -> [String] {
    guard clock == .wire, query.clock == nil else { return [] }
    return sides.filter { $0.times(by: .server) == nil }.map { side in
      let reason = side.untold.map { " (\($0.message))" } ?? ""
      let remedy = side.untold?.hint.map { "; \($0)" } ?? ""
      return "judged on the wire: \(query.title(side.side)) does not tell how long runs "
        + "took\(reason)\(remedy)"
    }
  }

  private func cold(_ measured: SideTimings, _ most: TimeSpan) -> Verdict {
    var verdict = Verdict(summary: "", type: budget.type)
    guard let sample = measured.cold else {
      verdict.unchecked = [measured.failure.map { failed($0, measured) } ?? Self.nothing]
      return verdict
    }
    let clock: TimingClock
    if query.clock != .wire, sample.cost?.seconds != nil {
      clock = .server
    } else if query.clock != .server, sample.wire != nil {
      clock = .wire
    } else {
      verdict.unchecked = [untold("how long the first run took", measured, measured.untold)]
      return verdict
    }
    guard let seconds = sample.seconds(by: clock) else { return Verdict(Self.nothing) }
    let said = "\(spoken(seconds: seconds)) \(words(clock))"
    verdict.summary = "first run \(said), at most \(spoken(seconds: most.seconds))"
    if seconds > most.seconds {
      verdict.summary = "first run \(said), more than \(spoken(seconds: most.seconds))"
      verdict.findings = [
        "the first run should take at most \(spoken(seconds: most.seconds)) in "
          + "\(query.title(measured.side)), and took \(said)"
      ]
    }
    for case .cached(let percent) in sample.cost?.evidence ?? [] where percent > 0 {
      verdict.notes.append(
        "\(percent) % of what it read was in the server's memory already: a run after a restart may "
          + "take longer")
    }
    return verdict
  }

  private func versus(_ measured: SideTimings, _ factor: Factor) -> Verdict {
    guard let source = timings[.source] else { return Verdict(Self.nothing) }
    var verdict = Verdict(summary: "", type: budget.type)
    let clock: TimingClock
    switch self.clock([source, measured]) {
    case .success(let found): clock = found
    case .failure(let obstacle):
      verdict.unchecked = [obstacle.unchecked]
      return verdict
    }
    guard let own = measured.times(by: clock).flatMap({ percentile(50, of: $0) }),
      let other = source.times(by: clock).flatMap({ percentile(50, of: $0) }), other > 0
    else { return Verdict(Self.nothing) }
    let ratio = shortDecimal(own / other)
    let said =
      "median \(spoken(seconds: own)) in \(query.title(.target)), \(spoken(seconds: other)) in "
      + "Postgres, \(words(clock)): \(ratio) times"
    verdict.summary = "\(said), at most \(factor.words)"
    if own > other * factor.value {
      verdict.summary = "\(said), more than \(factor.words)"
      verdict.findings = [
        "the median run should take at most \(factor.words) times as long as in Postgres: \(said)"
      ]
    }
    verdict.notes = notes([source, measured], clock)
    return verdict
  }

  // MARK: Resources

  private func rows(_ measured: SideTimings, _ wanted: RowBudget) -> Verdict {
    var verdict = Verdict(summary: "", type: budget.type)
    let counts = ([measured.cold].compactMap(\.self) + measured.warm).compactMap(\.rows)
    if let failure = measured.failure { verdict.unchecked = [failed(failure, measured)] }
    guard let first = counts.first else {
      if verdict.unchecked.isEmpty { verdict.unchecked = [Self.nothing] }
      return verdict
    }
    if let wrong = counts.first(where: { !wanted.admits($0) }) {
      verdict.summary = "\(counted(wrong, "row")), \(wanted.words) wanted"
      verdict.findings = [
        "the query should return \(wanted.words) in \(query.title(measured.side)), and returned "
          + counted(wrong, "row")
      ]
    } else {
      verdict.summary = "\(counted(first, "row")), \(wanted.words) wanted"
    }
    if Set(counts).count > 1 {
      verdict.notes.append(
        "not all runs returned as many rows: from \(grouped(counts.min() ?? 0)) to "
          + grouped(counts.max() ?? 0))
    }
    return verdict
  }

  /// Every run must keep the limit, and tell that it did.
  private func bytes(
    _ measured: SideTimings, _ most: ByteCount,
    _ path: KeyPath<ExecutionCost, Int?>, _ verb: String, _ place: String,
    untold error: DatabaseError?, _ past: String
  ) -> Verdict {
    var verdict = Verdict(summary: "", type: budget.type)
    let known = measured.warm.compactMap { $0.cost?[keyPath: path] }
    if let failure = measured.failure {
      verdict.unchecked = [failed(failure, measured)]
    } else if measured.warm.isEmpty {
      verdict.unchecked = [Self.nothing]
    } else if known.count < measured.warm.count {
      let left = measured.warm.count - known.count
      let which = known.isEmpty ? "runs" : "\(grouped(left)) of \(measured.warm.count) runs"
      verdict.unchecked = [untold("how many bytes \(which) \(past)", measured, error)]
    }
    guard let worst = known.max() else { return verdict }
    let amount = worst == 0 ? "nothing" : "up to \(ByteCount(worst).words)"
    let said = "runs \(verb) \(amount) \(place)"
    let limit = most.bytes == 0 ? "nothing" : "at most \(most.words)"
    verdict.summary = "\(said), \(limit) allowed"
    if worst > most.bytes {
      verdict.findings = [
        "a run \(verb) \(ByteCount(worst).words) \(place) in \(query.title(measured.side)), where "
          + "\(limit) is allowed"
      ]
    }
    return verdict
  }

  private func queued(_ measured: SideTimings, _ most: TimeSpan) -> Verdict {
    var verdict = Verdict(summary: "", type: budget.type)
    let known = measured.warm.compactMap { $0.cost?.queued }
    if let failure = measured.failure {
      verdict.unchecked = [failed(failure, measured)]
    } else if measured.warm.isEmpty {
      verdict.unchecked = [Self.nothing]
    } else if known.count < measured.warm.count {
      verdict.unchecked = [untold("how long runs waited", measured, measured.untold)]
    }
    guard let worst = known.max() else { return verdict }
    let said = worst == 0 ? "no run waited" : "a run waited \(spoken(seconds: worst))"
    let limit = most.seconds == 0 ? "nothing" : "at most \(spoken(seconds: most.seconds))"
    verdict.summary = "\(said), \(limit) allowed"
    if worst > most.seconds {
      verdict.findings = [
        "a run waited \(spoken(seconds: worst)) for its turn in \(query.title(measured.side)), "
          + "where \(limit) is allowed"
      ]
    }
    return verdict
  }
}
