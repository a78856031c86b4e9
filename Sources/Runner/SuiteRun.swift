import SpecCore

/// Carries out the steps of one suite in rounds: all their questions of a round go out together.
struct SuiteRun {
  private struct Active {
    let step: Plan.Step
    var check: any Check
    var answers: [Answer] = []
    /// Questions of the last move that do not have all their answers yet.
    var open: [Ask] = []
    /// Their answers so far.
    var early: [Ask: Answer] = [:]
    var seconds = 0.0
    var statements: [ExecutedStatement] = []
    /// Whether rows were compared in the order of digests.
    var isMerged = false
    let startedAt: Timestamp

    /// Hands the answers to the last move out once they are all there.
    mutating func settle() {
      let found = open.compactMap { early[$0] }
      guard !open.isEmpty, found.count == open.count else { return }
      answers = found
      (open, early) = ([], [:])
    }
  }

  private enum Pending {
    case asks([Ask])
    case merge(Move.Merge)
    case compare(Move.Comparison)
    case follow(Following)
    case read(FileRequest)
    case lint(InjectionRequest)
    case measure(TimingRequest)
  }

  let sides: Sides
  let catalogs: CatalogCache
  let now: @Sendable () -> Timestamp
  /// The day the run began, which decides whether a waiver counts.
  let day: CalendarDay
  /// Called as soon as a case is decided.
  let finished: @Sendable (CaseResult) -> Void
  /// Called while rows are read.
  let progress: @Sendable (RunEvent) -> Void
  /// Takes every differing row that is read.
  let differences: (any DifferenceSink)?
  let files: any Files
  let lints: LintCache
  let timings: TimingCache

  /// The cases in the order of the steps.
  func run(_ steps: [Plan.Step]) async -> [CaseResult] {
    var active = steps.map { Active(step: $0, check: $0.check, startedAt: now()) }
    var results: [Int: CaseResult] = [:]
    for step in steps { differences?.begin(step.id) }
    while results.count < active.count {
      var pending: [Int: Pending] = [:]
      for index in active.indices where results[index] == nil {
        if !active[index].open.isEmpty {
          pending[index] = .asks(active[index].open)
          continue
        }
        switch active[index].check.next(given: active[index].answers, dialects: sides.dialects) {
        case .decide(let verdict):
          let result = result(active[index], verdict)
          results[index] = result
          finished(result)
        case .ask(let asks):
          active[index].open = asks
          pending[index] = .asks(asks)
        case .merge(let merge): pending[index] = .merge(merge)
        case .compare(let comparison): pending[index] = .compare(comparison)
        case .follow(let following): pending[index] = .follow(following)
        case .read(let request): pending[index] = .read(request)
        case .lint(let request): pending[index] = .lint(request)
        case .measure(let request): pending[index] = .measure(request)
        }
      }
      await answer(pending, &active)
    }
    return active.indices.compactMap { results[$0] }
  }

  private func result(_ active: Active, _ verdict: Verdict) -> CaseResult {
    var verdict = verdict
    let extent = DifferenceExtent(verdict, isMerged: active.isMerged)
    if let note = differences?.end(active.step.id, extent) { verdict.notes.append(note) }
    let waiver = verdict.findings.isEmpty ? nil : active.step.waiver(on: day)
    return CaseResult(
      id: active.step.id, clause: active.step.clause, sentence: active.step.sentence,
      range: active.step.range, severity: active.step.severity, tags: active.step.tags,
      outcome: waiver == nil ? verdict.outcome : verdict.waivedOutcome, waiver: waiver,
      verdict: verdict, startedAt: active.startedAt, seconds: active.seconds,
      statements: active.statements)
  }

  private func answer(_ moves: [Int: Pending], _ active: inout [Active]) async {
    var pending = moves
    let order = pending.keys.sorted()
    var counts = AwaitedCounts(order.map { active[$0].check.countsAhead })
    var wanted: [Ask] = []
    var owners: [Ask: CheckID] = [:]
    for index in order {
      guard case .asks(let all) = pending[index] else { continue }
      let asks = all.filter { active[index].early[$0] == nil && !counts.awaits($0) }
      pending[index] = .asks(asks)
      wanted += asks
      guard begin(active[index]) else { continue }
      for ask in asks { owners[ask] = active[index].step.id }
    }
    let fusion = Fusion(wanted)
    let replies = await replies(to: fusion.asks, for: owners)
    var found: [FileRequest: FoundFiles] = [:]
    for index in order {
      let id = active[index].step.id
      defer {
        if active[index].check.rowsAhead != nil { progress(.reading(id, rows: [:])) }
      }
      let read: RowCounter = { [progress] in progress(.read(id, $0, rows: $1)) }
      switch pending[index] {
      case .asks(let asks):
        for ask in asks {
          let carrier = fusion.carrier(of: ask)
          var reply = replies[carrier] ?? Reply(answer: .failed(Self.lost))
          // A fused statement that fails may fail because of another check's part of it.
          if carrier != ask, case .failed(let error) = reply.answer, Self.mayBeAnothers(error) {
            let failed = reply
            reply = await sides.reply(to: ask)
            reply.statements = failed.statements + reply.statements
            active[index].early[ask] = reply.answer
          } else {
            active[index].early[ask] = fusion.part(of: reply.answer, for: ask)
          }
          active[index].seconds += reply.seconds
          active[index].statements += reply.statements
          counts.note(reply, to: ask)
        }
      case .merge(let merge):
        _ = begin(active[index])
        let reply = await sides.reply(to: merge, read)
        active[index].isMerged = true
        active[index].answers = [reply.answer]
        active[index].seconds += reply.statements.first?.seconds ?? 0
        active[index].statements += reply.statements
      case .compare(let comparison):
        _ = begin(active[index])
        let reply = await sides.reply(to: comparison, read) { [differences] found in
          differences?.add(id, comparison, found)
        }
        active[index].answers = [reply.answer]
        active[index].seconds += reply.statements.first?.seconds ?? 0
        active[index].statements += reply.statements
      case .follow(let following):
        _ = begin(active[index])
        let reply = await sides.reply(to: following, read)
        active[index].answers = [reply.answer]
        active[index].seconds += reply.seconds
        active[index].statements += reply.statements
      case .read(let request):
        let start = ContinuousClock.now
        // Several checks of a suite look at the same files.
        if found[request] == nil { found[request] = await files.read(request) }
        active[index].answers = [.files(found[request] ?? FoundFiles())]
        active[index].seconds += start.duration(to: .now).inSeconds
      case .lint(let request):
        let start = ContinuousClock.now
        active[index].answers = [.injection(await lints.reading(request))]
        active[index].seconds += start.duration(to: .now).inSeconds
      case .measure(let request):
        let reply = await timings.reply(to: request)
        active[index].answers = [reply.answer]
        active[index].seconds += reply.seconds
        active[index].statements += reply.statements
      case nil: break
      }
    }
    for index in order {
      for ask in active[index].open where active[index].early[ask] == nil {
        guard let reply = counts.reply(to: ask) else { continue }
        active[index].early[ask] = reply.answer
        active[index].seconds += reply.seconds
        active[index].statements += reply.statements
      }
      active[index].settle()
    }
  }

  /// Tells how many rows a check is about to read, where it knows.
  private func begin(_ active: Active) -> Bool {
    guard let rows = active.check.rowsAhead else { return false }
    progress(.reading(active.step.id, rows: rows))
    return true
  }

  private static let lost = DatabaseError(.protocolViolation, "a question was not put")

  private static func mayBeAnothers(_ error: DatabaseError) -> Bool {
    switch error.kind {
    case .permissionDenied, .missingObject, .statementFailed, .unsupported, .timeout: true
    default: false
    }
  }

  private func replies(to asks: [Ask], for owners: [Ask: CheckID]) async -> [Ask: Reply] {
    await withTaskGroup(of: (Ask, Reply).self) { group in
      for ask in asks {
        let owner = owners[ask]
        group.addTask { [sides, catalogs, progress] in
          if Task.isCancelled {
            return (ask, Reply(answer: .failed(DatabaseError(.cancelled, "the run was stopped"))))
          }
          if ask.question.isCatalog { return (ask, await catalogs.reply(to: ask)) }
          return (
            ask,
            await sides.reply(to: ask) { side, rows in
              if let owner { progress(.read(owner, side, rows: rows)) }
            }
          )
        }
      }
      var replies: [Ask: Reply] = [:]
      for await (ask, reply) in group { replies[ask] = reply }
      return replies
    }
  }
}
