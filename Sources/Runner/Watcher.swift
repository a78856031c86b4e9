package import SpecCore

/// Looks at both databases again and again until the target is ready or nobody waits any longer.
///
/// Nothing is written to either. Every look has read points of its own, the source's first: what the
/// target lacks then was in the source before.
package struct Watcher: Sendable {
  package struct Request: Sendable {
    /// Seconds from the beginning of one look to that of the next.
    package var every: Double
    /// Seconds after which nobody waits any longer.
    package var deadline: Double
    /// Whether one look is all.
    package var once: Bool
    /// Tables looked at at a time.
    package var width: Int
    package var ready: ReadyCondition
    package var stalledAfter: Int

    package init(
      every: Double, deadline: Double, once: Bool, width: Int, ready: ReadyCondition,
      stalledAfter: Int
    ) {
      self.every = every
      self.deadline = deadline
      self.once = once
      self.width = width
      self.ready = ready
      self.stalledAfter = stalledAfter
    }
  }

  /// How it ended, with how everything stood at last; no report where no look came to its end.
  package struct Result: Sendable {
    package let end: End
    package let report: WatchReport?
  }

  package enum End: Hashable, Sendable {
    case ready
    case deadline
    /// The one look that was asked for.
    case once
    case interrupted(RunResult.Interruption)
    /// Names under `watch:` that no table has.
    case unknownTables([String])
    /// Nothing is selected.
    case nothing
  }

  /// Who the two sides were in a look, where they were reached.
  package typealias Facts = [Side: SideFacts]

  package let request: Request
  package let source: any Connector
  package let target: any Connector
  package let neededCatalog: SchemaName?
  /// What is watched, given the source's tables where it needs them.
  package let plan: @Sendable (SchemaCatalog?) -> WatchPlan
  package let now: @Sendable () -> Timestamp
  package let stop: StopSwitch
  package let report: @Sendable (WatchReport, Facts) -> Void

  package init(
    request: Request, source: any Connector, target: any Connector, neededCatalog: SchemaName?,
    plan: @escaping @Sendable (SchemaCatalog?) -> WatchPlan,
    now: @escaping @Sendable () -> Timestamp, stop: StopSwitch,
    report: @escaping @Sendable (WatchReport, Facts) -> Void
  ) {
    self.request = request
    self.source = source
    self.target = target
    self.neededCatalog = neededCatalog
    self.plan = plan
    self.now = now
    self.stop = stop
    self.report = report
  }

  /// So many looks may pass before the catalogs are asked again in any case.
  private static let catalogAge = 20

  /// Watches to the end.
  package func run() async -> Result {
    let timer = Task { [stop, deadline = request.deadline] in
      do {
        try await Task.sleep(for: .seconds(deadline))
        stop.stop(.deadline)
      } catch {
        // Cancelled: it ended in time.
      }
    }
    defer { timer.cancel() }
    var state = WatchState(ready: request.ready, stalledAfter: request.stalledAfter)
    var tables: [TableWatch]?
    var last: WatchReport?
    var age = 0
    var next = ContinuousClock.now
    while stop.reason == nil {
      next += .seconds(request.every)
      age += 1
      // The catalog is asked again before anybody is told that the target is ready.
      let again = state.isAlmostReady || age >= Self.catalogAge
      if again { age = 0 }
      let known = tables
      let look = await stop.run { await attempt(known, again: again) }
      // What a look could not finish because it was stopped tells nothing.
      if stop.reason != nil { break }
      if !look.unknown.isEmpty { return Result(end: .unknownTables(look.unknown), report: last) }
      if let found = look.tables, found.isEmpty { return Result(end: .nothing, report: last) }
      tables = look.tables
      let report = state.add(look.tick)
      last = report
      self.report(report, look.facts)
      if request.once { return Result(end: .once, report: report) }
      if report.isReady { return Result(end: .ready, report: report) }
      let due = next
      await stop.run {
        // Cancelled by whatever stops the watch, which the loop sees.
        try? await Task.sleep(until: due, clock: .continuous)
      }
      // A look that took longer than the interval is not made up for.
      next = max(next, .now)
    }
    switch stop.reason {
    case .deadline?, nil: return Result(end: .deadline, report: last)
    case let reason?: return Result(end: .interrupted(reason), report: last)
    }
  }

  /// One look, and what was learnt for the next.
  private struct Look: Sendable {
    var tick: WatchTick
    var tables: [TableWatch]?
    var facts: Facts = [:]
    var unknown: [String] = []
  }

  private func attempt(_ known: [TableWatch]?, again: Bool) async -> Look {
    let at = now()
    var failures: [Side: String] = [:]
    let first = await connect(source, .source, &failures)
    let second = await connect(target, .target, &failures)
    guard let first, let second else {
      await first?.close()
      await second?.close()
      return Look(tick: WatchTick(at: at, failures: failures), tables: known)
    }
    let sides = Sides(source: first, target: second)
    var look = await readings(at: at, sides, known, again: again)
    look.facts = [.source: first.facts, .target: second.facts]
    await sides.close()
    return look
  }

  private func connect(
    _ connector: any Connector, _ side: Side, _ failures: inout [Side: String]
  ) async -> (any Database)? {
    do throws(DatabaseError) {
      return try await connector.connect()
    } catch {
      failures[side] = Verdict.Unchecked(error).reason
      return nil
    }
  }

  private func readings(
    at: Timestamp, _ sides: Sides, _ known: [TableWatch]?, again: Bool
  ) async -> Look {
    let catalogs = CatalogCache(sides)
    let replica = WatchTick.Replica(sides.source.facts)
    let tables: [TableWatch]
    if let known {
      tables = known
    } else {
      var catalog: SchemaCatalog?
      if let neededCatalog {
        switch await catalogs.answer(to: Ask(.source, .schema(neededCatalog))) {
        case .schema(let found) where found.isVisible: catalog = found
        case .failed(let error):
          let reason = Verdict.Unchecked(error).reason
          return Look(tick: WatchTick(at: at, failures: [.source: reason]), tables: nil)
        default:
          let reason = "the schema \(neededCatalog) is not there, or the role may not see it"
          return Look(tick: WatchTick(at: at, failures: [.source: reason]), tables: nil)
        }
      }
      let planned = plan(catalog)
      tables = planned.tables
      if !planned.unknown.isEmpty || tables.isEmpty {
        return Look(tick: WatchTick(at: at), tables: tables, unknown: planned.unknown)
      }
    }
    let found = await withTaskGroup(of: (Int, TableReading, TablePair?).self) { group in
      var found: [Int: (TableReading, TablePair?)] = [:]
      for (position, table) in tables.enumerated() {
        if position >= request.width, let (index, reading, pair) = await group.next() {
          found[index] = (reading, pair)
        }
        group.addTask {
          let (reading, pair) = await read(table, sides, catalogs, again: again)
          return (position, reading, pair)
        }
      }
      for await (index, reading, pair) in group { found[index] = (reading, pair) }
      return found
    }
    var learnt = tables
    var readings: [(table: WatchedTable, reading: TableReading)] = []
    for (position, table) in tables.enumerated() {
      guard let (reading, pair) = found[position] else {
        preconditionFailure("every table is looked at")
      }
      learnt[position].pair = pair
      // A statement that failed may have met a table of another shape.
      if case .failed = reading { learnt[position].pair = nil }
      readings.append((table.table, reading))
    }
    return Look(tick: WatchTick(at: at, replica: replica, readings: readings), tables: learnt)
  }

  private func read(
    _ table: TableWatch, _ sides: Sides, _ catalogs: CatalogCache, again: Bool
  ) async -> (TableReading, TablePair?) {
    var look = table.look(again: again)
    var answers: [Answer] = []
    while true {
      switch look.next(given: answers, dialects: sides.dialects) {
      case .done(let reading): return (reading, look.pair)
      case .ask(let asks):
        answers = await withTaskGroup(of: (Int, Answer).self) { group in
          for (position, ask) in asks.enumerated() {
            group.addTask {
              ask.question.isCatalog
                ? (position, await catalogs.answer(to: ask))
                : (position, await sides.reply(to: ask).answer)
            }
          }
          var found: [Int: Answer] = [:]
          for await (position, answer) in group { found[position] = answer }
          return asks.indices.compactMap { found[$0] }
        }
      case .merge(let merge):
        answers = [await sides.reply(to: merge, { _, _ in }).answer]
      }
    }
  }
}
