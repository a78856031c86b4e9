package import SpecCore

/// Carries a plan out against both databases and says what came of it.
package struct Runner: Sendable {
  /// Everything about a run that is known before it begins.
  package struct Request: Sendable {
    package var runID: String
    package var toolVersion: String
    package var spec: SpecIdentity
    package var environment: String?
    package var operatorName: String
    package var hostName: String
    package var declaredSource: String
    package var declaredTarget: String
    package var strict: Bool
    /// Statements at a time on each side, and large tables at a time.
    package var width: Int
    /// Seconds after which the run is stopped.
    package var timeout: Double?
    /// Failed cases after which the run is stopped.
    package var maxFailures: Int?
    package var method: DigestMethod

    package init(
      runID: String, toolVersion: String, spec: SpecIdentity, environment: String?,
      operatorName: String, hostName: String, declaredSource: String, declaredTarget: String,
      strict: Bool, width: Int, timeout: Double?, maxFailures: Int?,
      method: DigestMethod = .fast
    ) {
      self.runID = runID
      self.toolVersion = toolVersion
      self.spec = spec
      self.environment = environment
      self.operatorName = operatorName
      self.hostName = hostName
      self.declaredSource = declaredSource
      self.declaredTarget = declaredTarget
      self.strict = strict
      self.width = width
      self.timeout = timeout
      self.maxFailures = maxFailures
      self.method = method
    }
  }

  package let request: Request
  package let source: any Connector
  package let target: any Connector
  /// The plan, given the source's tables where it needs them.
  package let plan: @Sendable (SchemaCatalog?) -> Plan
  package let neededCatalog: SchemaName?
  package let now: @Sendable () -> Timestamp
  package let events: @Sendable (RunEvent) -> Void
  /// Takes every differing row that is read.
  package let differences: (any DifferenceSink)?
  /// Reads what the spec names on this machine.
  package let files: any Files
  package let stop: StopSwitch

  package init(
    request: Request, source: any Connector, target: any Connector,
    neededCatalog: SchemaName?, plan: @escaping @Sendable (SchemaCatalog?) -> Plan,
    now: @escaping @Sendable () -> Timestamp, stop: StopSwitch,
    files: any Files,
    differences: (any DifferenceSink)? = nil,
    events: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.request = request
    self.source = source
    self.target = target
    self.neededCatalog = neededCatalog
    self.plan = plan
    self.now = now
    self.stop = stop
    self.files = files
    self.events = events
    self.differences = differences
  }

  /// At most so many times is a case asked again after a lost connection or a conflict.
  private static let retries = 2

  /// Runs to the end, or to the first reason to stop; always returns what was finished.
  package func run() async -> RunResult {
    let startedAt = now()
    var result = await withDeadline { await attempts(startedAt: startedAt) }
    result.interruption = stop.reason
    result.finishedAt = now()
    return result
  }

  private func withDeadline(_ work: @Sendable () async -> RunResult) async -> RunResult {
    let timer = request.timeout.map { seconds in
      Task { [stop] in
        do {
          try await Task.sleep(for: .seconds(seconds))
          stop.stop(.deadline)
        } catch {
          // Cancelled: the run ended in time.
        }
      }
    }
    defer { timer?.cancel() }
    return await work()
  }

  private func emptyResult(startedAt: Timestamp) -> RunResult {
    RunResult(
      runID: request.runID, toolVersion: request.toolVersion, spec: request.spec,
      environment: request.environment, operatorName: request.operatorName,
      hostName: request.hostName, startedAt: startedAt, finishedAt: startedAt,
      source: RunResult.SideResult(declared: request.declaredSource, outcome: .notTried),
      target: RunResult.SideResult(declared: request.declaredTarget, outcome: .notTried),
      suites: [], strict: request.strict)
  }

  private func attempts(startedAt: Timestamp) async -> RunResult {
    var result = emptyResult(startedAt: startedAt)
    let day = startedAt.day
    guard var sides = await connect(&result) else {
      let plan = plan(nil)
      result.exceptions = plan.exceptions
      (result.asked, result.signOff) = (plan.asked, plan.signOff)
      result.suites = unreached(plan, result)
      return judged(result, plan, on: day)
    }
    let planned: Plan
    switch await wholePlan(sides) {
    case .success(let plan): planned = plan
    case .failure(let error):
      result.source.outcome = .failed(error)
      await sides.close()
      return result
    }
    result.exceptions = planned.exceptions
    (result.asked, result.signOff) = (planned.asked, planned.signOff)
    events(.planned(suites: planned.outline))
    result.suites = await run(planned.suites, sides, on: day)
    await sides.close()
    for _ in 0..<Self.retries {
      let again = Self.transient(planned, result.suites)
      if again.isEmpty || stop.reason != nil { break }
      // A reconnect that fails must not hide what the first connection was.
      var reconnected = result
      guard let fresh = await connect(&reconnected) else { break }
      result = reconnected
      sides = fresh
      let repeated = await run(again, sides, on: day)
      await sides.close()
      result.suites = Self.replacing(result.suites, by: repeated)
    }
    return judged(await rechecked(result, planned, on: day), planned, on: day)
  }

  /// The result with the cases that judge the waivers, which come first in every report.
  private func judged(_ result: RunResult, _ plan: Plan, on day: CalendarDay) -> RunResult {
    guard let suite = plan.waiverSuite(given: result.suites, startedOn: day, at: now()) else {
      return result
    }
    events(.suiteStarted(name: suite.name))
    for each in suite.cases { events(.caseFinished(each)) }
    events(.suiteFinished(suite))
    var result = result
    result.suites.insert(suite, at: 0)
    return result
  }

  /// Asks once more, from new read points, where differences may have been on their way; waits for
  /// the longest lag among them first.
  private func rechecked(
    _ first: RunResult, _ plan: Plan, on day: CalendarDay
  ) async -> RunResult {
    let open = first.suites.flatMap(\.cases).filter { $0.verdict.recheckAfter != nil }
    guard let wait = open.compactMap(\.verdict.recheckAfter).max(), stop.reason == nil else {
      return first
    }
    let ids = Set(open.map(\.id))
    events(.waiting(seconds: wait, cases: ids.count))
    await stop.run {
      // Cancelled by whatever stops the run, which the next line sees.
      try? await Task.sleep(for: .seconds(wait))
    }
    var result = first
    guard stop.reason == nil, let sides = await connect(&result) else { return first }
    let repeated = await run(plan.filtered { ids.contains($0.id) }.suites, sides, on: day)
    await sides.close()
    result.suites = Self.replacing(result.suites, by: repeated)
    return result
  }

  /// The source first: its snapshot must not be younger than the target's read point.
  private func connect(_ result: inout RunResult) async -> Sides? {
    func attempt(
      _ side: Side, _ connector: any Connector, _ report: inout RunResult.SideResult
    ) async -> (any Database)? {
      events(.connecting(side, declared: report.declared))
      let outcome = await stop.run { () async -> Result<any Database, DatabaseError> in
        do throws(DatabaseError) {
          return .success(try await connector.connect())
        } catch {
          return .failure(error)
        }
      }
      switch outcome {
      case .success(let database):
        report.outcome = .connected(database.facts)
        events(.connected(side, database.facts))
        return database
      case .failure(let error):
        report.outcome = .failed(error)
        events(.connectionFailed(side, error))
        return nil
      }
    }
    let sourceDatabase = await attempt(.source, source, &result.source)
    let targetDatabase = await attempt(.target, target, &result.target)
    if let sourceDatabase, let targetDatabase {
      return Sides(
        source: sourceDatabase, target: targetDatabase, method: request.method)
    }
    await sourceDatabase?.close()
    await targetDatabase?.close()
    return nil
  }

  private func wholePlan(_ sides: Sides) async -> Result<Plan, DatabaseError> {
    guard let neededCatalog else { return .success(plan(nil)) }
    let reply = await stop.run { await sides.reply(to: Ask(.source, .schema(neededCatalog))) }
    switch reply.answer {
    case .schema(let catalog) where !catalog.isVisible:
      return .failure(
        DatabaseError(
          .missingObject, "the schema \(neededCatalog) is not there, or the role may not see it"))
    case .schema(let catalog) where !catalog.tables.contains { $0.kind == .table }:
      // What a wrong address looks like: comparing nothing must not look like success.
      return .failure(
        DatabaseError(
          .missingObject, "there is no table in \(neededCatalog)",
          hint: "is this the right database, and the right schema?"))
    case .schema(let catalog): return .success(plan(catalog))
    case .failed(let error): return .failure(error)
    default: preconditionFailure("a schema question is answered by a schema or an error")
    }
  }

  /// Every case of a plan whose databases were not reached.
  private func unreached(_ plan: Plan, _ result: RunResult) -> [SuiteResult] {
    var unchecked: [Verdict.Unchecked] = []
    for (side, outcome) in [(Side.source, result.source), (.target, result.target)] {
      if case .failed(let error) = outcome.outcome {
        unchecked.append(Verdict.Unchecked(error, on: side))
      }
    }
    let verdict = Verdict(
      summary: unchecked.first?.reason.split(separator: "\n").first.map(String.init)
        ?? "not connected", unchecked: unchecked)
    return plan.suites.map { suite in
      SuiteResult(
        name: suite.name, startedAt: now(), seconds: 0,
        cases: suite.steps.map { CaseResult(unfinished: $0, verdict, at: now()) })
    }
  }

  private func run(
    _ suites: [Plan.Suite], _ sides: Sides, on day: CalendarDay
  ) async -> [SuiteResult] {
    let shared = Shared(
      catalogs: CatalogCache(sides), lints: LintCache(files), timings: TimingCache(sides))
    // What is measured is measured while nothing else loads the databases: suites that want it so
    // wait until all others have ended, and then come one after the other.
    let beside = suites.indices.filter { !suites[$0].isAlone }
    let alone = suites.indices.filter { suites[$0].isAlone }
    let results = await stop.run {
      var results = await run(beside.map { suites[$0] }, sides, shared, on: day).reduce(
        into: [Int: SuiteResult]()
      ) { $0[beside[$1.key]] = $1.value }
      for index in alone { results[index] = await run(suites[index], sides, shared, on: day) }
      return results
    } onStop: {
      Task { await shared.catalogs.cancel() }
    }
    return suites.indices.compactMap { results[$0] }
  }

  /// What the suites of a run share.
  private struct Shared: Sendable {
    let catalogs: CatalogCache
    let lints: LintCache
    let timings: TimingCache
  }

  /// Suites side by side, by their positions.
  private func run(
    _ suites: [Plan.Suite], _ sides: Sides, _ shared: Shared, on day: CalendarDay
  ) async -> [Int: SuiteResult] {
    var queue = await SuiteQueue(suites, shared.catalogs, width: request.width)
    return await withTaskGroup(of: (Int, SuiteResult).self) { group in
      var results: [Int: SuiteResult] = [:]
      while true {
        while let index = queue.next() {
          let suite = suites[index]
          let sides = sides.forLargeTable(queue.isLarge(index))
          group.addTask { (index, await run(suite, sides, shared, on: day)) }
        }
        guard let (index, result) = await group.next() else { return results }
        results[index] = result
        queue.finished(index)
      }
    }
  }

  private func run(
    _ suite: Plan.Suite, _ sides: Sides, _ shared: Shared, on day: CalendarDay
  ) async -> SuiteResult {
    let start = ContinuousClock.now
    let startedAt = now()
    events(.suiteStarted(name: suite.name))
    let run = SuiteRun(
      sides: sides, catalogs: shared.catalogs, now: now, day: day,
      finished: { result in
        events(.caseFinished(result))
        if result.outcome == .failed, result.severity == .error || request.strict {
          stop.countFailure(limit: request.maxFailures)
        }
      }, progress: events, differences: differences, files: files,
      lints: shared.lints, timings: shared.timings)
    let cases = await run.run(suite.steps)
    let result = SuiteResult(
      name: suite.name, startedAt: startedAt, seconds: start.duration(to: .now).inSeconds,
      cases: cases)
    events(.suiteFinished(result))
    return result
  }

  // MARK: Asking again

  private static let transientTypes: Set<String> = [
    DatabaseError.Kind.connectionLost.rawValue, DatabaseError.Kind.conflict.rawValue,
  ]

  /// The steps that ended with nothing but transient errors.
  private static func transient(_ plan: Plan, _ results: [SuiteResult]) -> [Plan.Suite] {
    let ids = Set(
      results.flatMap(\.cases).filter { result in
        result.outcome == .errored
          && result.verdict.unchecked.contains { transientTypes.contains($0.type) }
      }.map(\.id))
    return plan.filtered { ids.contains($0.id) }.suites
  }

  private static func replacing(
    _ results: [SuiteResult], by repeated: [SuiteResult]
  ) -> [SuiteResult] {
    let byID = Dictionary(
      repeated.flatMap(\.cases).map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    return results.map { suite in
      var suite = suite
      suite.cases = suite.cases.map { old in
        guard var new = byID[old.id] else { return old }
        if !old.verdict.findings.isEmpty, new.verdict.findings.isEmpty, new.outcome == .errored {
          // What was seen to differ stays seen, waived or not.
          var old = old
          old.statements += new.statements
          old.verdict.notes.append("asked again, without an answer: \(new.verdict.summary)")
          return old
        }
        new.retries = old.retries + old.verdict.unchecked
        new.statements = old.statements + new.statements
        new.verdict.notes.append("asked again from a new snapshot after: \(old.verdict.summary)")
        return new
      }
      return suite
    }
  }
}

extension CaseResult {
  /// A case that was never asked.
  init(unfinished step: Plan.Step, _ verdict: Verdict, at time: Timestamp) {
    self.init(
      id: step.id, clause: step.clause, sentence: step.sentence, range: step.range,
      severity: step.severity, tags: step.tags, outcome: .errored, verdict: verdict,
      startedAt: time, seconds: 0)
  }
}
