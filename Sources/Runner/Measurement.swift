import SpecCore

/// What was measured, once for all budgets of a query.
///
/// Nothing is measured twice at once: suites that measure are carried out alone.
actor TimingCache {
  private let sides: Sides
  private var known: [TimingRequest: Reply] = [:]

  init(_ sides: Sides) { self.sides = sides }

  /// The timings, with the statements for every case that they serve.
  func reply(to request: TimingRequest) async -> Reply {
    if let found = known[request] { return found }
    let reply = await Measurement(sides: sides, request: request).run()
    known[request] = reply
    return reply
  }
}

/// Runs one query again and again, first on one side and then on the other, so that neither slows
/// the other down.
struct Measurement {
  let sides: Sides
  let request: TimingRequest

  func run() async -> Reply {
    var timings = Timings([], clients: request.clients)
    var statements: [ExecutedStatement] = []
    for side in Side.allCases {
      guard let sql = request.statements[side], let schema = request.schemas[side] else { continue }
      let start = ContinuousClock.now
      let measured = await measure(sql, on: side, in: schema)
      let slowest = measured.warm.max { ($0.wire ?? 0) < ($1.wire ?? 0) } ?? measured.cold
      statements.append(
        ExecutedStatement(
          side: side, sql: sql, seconds: start.duration(to: .now).inSeconds,
          rows: slowest?.rows ?? 0, queryID: slowest?.queryID))
      timings.sides.append(measured)
    }
    return Reply(answer: .timings(timings), statements: statements)
  }

  private func measure(_ sql: String, on side: Side, in schema: SchemaName) async -> SideTimings {
    let database = sides[side]
    var measured = SideTimings(side: side, engine: database.facts.engine)
    var lanes: [any TimedLane] = []
    do throws(DatabaseError) {
      lanes = try await database.lanes(request.clients, in: schema)
      try await fill(&measured, sql, lanes, database)
    } catch {
      measured.failure = error
    }
    for lane in lanes { await lane.close() }
    if case .recording(let account) = database.dialect.costs {
      await look(up: account, for: &measured, database)
    }
    return measured
  }

  private func fill(
    _ measured: inout SideTimings, _ sql: String, _ lanes: [any TimedLane],
    _ database: any Database
  ) async throws(DatabaseError) {
    guard let first = lanes.first else {
      throw DatabaseError(.unsupported, "the database gives no connection to measure by")
    }
    let subject = try await Subject(sql, first, database.dialect)
    measured.cold = try await subject.cold(on: first, by: request.coldClock)
    let tally = Tally(left: request.runs)
    await withTaskGroup(of: Void.self) { group in
      for lane in lanes {
        group.addTask { [warmup = request.warmup] in
          do throws(DatabaseError) {
            for _ in 0..<warmup {
              // What befalls one client ends the measurement.
              guard await tally.goesOn else {
                throw DatabaseError(.cancelled, "the run was stopped")
              }
              _ = try await lane.execute(sql)
            }
            await tally.warm(of: lanes.count)
            while await tally.take() { await tally.add(try await subject.sample(on: lane)) }
          } catch {
            await tally.fail(error)
          }
        }
      }
    }
    measured.warm = await tally.samples
    if let failure = await tally.failure { throw failure }
    if Task.isCancelled { throw DatabaseError(.cancelled, "the run was stopped") }
  }

  /// Adds what the server recorded of each execution.
  private func look(
    up account: any RecordingAccount, for measured: inout SideTimings, _ database: any Database
  ) async {
    let ids = ([measured.cold].compactMap(\.self) + measured.warm).compactMap(\.queryID)
    guard !ids.isEmpty, measured.failure?.kind != .cancelled else { return }
    let dialect = database.dialect
    var costs: [String: ExecutionCost] = [:]
    // A record may come a moment after its query; what does not come is not told.
    for attempt in 0..<3 {
      let missing = ids.filter { costs[$0] == nil }
      if missing.isEmpty || Task.isCancelled { break }
      do throws(DatabaseError) {
        if attempt > 0 { await Self.pause() }
        for part in Self.parts(missing, of: 500) {
          let rows = try await database.rows(
            of: Statement(dialect.render(account.executions(part))))
          costs.merge(try account.costs(rows)) { _, new in new }
        }
      } catch {
        measured.untold = account.explained(error)
        break
      }
    }
    do throws(DatabaseError) {
      for part in Self.parts(ids, of: 50) {
        let rows = try await database.rows(
          of: Statement(dialect.render(account.operators(part))))
        try account.add(rows, to: &costs)
      }
    } catch {
      measured.untoldOperators = account.explained(error)
    }
    func told(_ sample: TimingSample) -> TimingSample {
      var sample = sample
      sample.cost = sample.queryID.flatMap { costs[$0] }
      return sample
    }
    measured.cold = measured.cold.map(told)
    measured.warm = measured.warm.map(told)
  }

  private static func pause() async {
    // Cancelled by whatever stops the run, which the loop sees.
    try? await Task.sleep(for: .seconds(1))
  }

  private static func parts(_ ids: [String], of size: Int) -> [[String]] {
    stride(from: 0, to: ids.count, by: size).map { Array(ids[$0..<min($0 + size, ids.count)]) }
  }

  /// The query as this database is asked to run it.
  private struct Subject: Sendable {
    let sql: String
    /// What runs it once more and tells its cost, where the database keeps no records.
    private let explaining: (account: any ExplainingAccount, sql: String, blockSize: Int)?

    init(_ sql: String, _ lane: any TimedLane, _ dialect: any Dialect) async throws(DatabaseError) {
      self.sql = sql
      guard case .explaining(let account) = dialect.costs else {
        explaining = nil
        return
      }
      let rows = try await lane.rows(of: dialect.render(account.blockSize))
      guard let size = rows.cells.first?.first.flatMap({ $0 }).flatMap({ Int($0) }), size > 0 else {
        throw DatabaseError(.protocolViolation, "the server does not tell the size of its blocks")
      }
      explaining = (account, dialect.render(account.explaining(sql)), size)
    }

    /// The first execution of all; where the server would have to run it again to tell, only one of
    /// both is the first.
    func cold(
      on lane: any TimedLane, by clock: TimingClock
    ) async throws(DatabaseError) -> TimingSample {
      if explaining != nil, clock == .server {
        return TimingSample(cost: try await cost(on: lane))
      }
      return try await wire(on: lane)
    }

    /// One run that counts.
    func sample(on lane: any TimedLane) async throws(DatabaseError) -> TimingSample {
      var sample = try await wire(on: lane)
      sample.cost = try await cost(on: lane)
      return sample
    }

    private func wire(on lane: any TimedLane) async throws(DatabaseError) -> TimingSample {
      let execution = try await lane.execute(sql)
      return TimingSample(
        wire: execution.seconds, rows: execution.rows, queryID: execution.queryID)
    }

    private func cost(on lane: any TimedLane) async throws(DatabaseError) -> ExecutionCost? {
      guard let explaining else { return nil }
      let rows = try await lane.rows(of: explaining.sql)
      return try explaining.account.cost(rows, blockSize: explaining.blockSize)
    }
  }

  /// What the clients of one measurement share.
  private actor Tally {
    private var left: Int
    private(set) var samples: [TimingSample] = []
    private(set) var failure: DatabaseError?
    /// Clients that have warmed up, and those that wait for the others.
    private var warmed = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(left: Int) { self.left = left }

    var goesOn: Bool { failure == nil && !Task.isCancelled }

    /// Waits until all clients have warmed up, so that the load is whole when the runs begin.
    func warm(of clients: Int) async {
      warmed += 1
      if warmed >= clients || failure != nil {
        wakeAll()
        return
      }
      await withCheckedContinuation { waiting.append($0) }
    }

    /// Whether there is one more run to be done.
    func take() -> Bool {
      guard goesOn, left > 0 else { return false }
      left -= 1
      return true
    }

    func add(_ sample: TimingSample) { samples.append(sample) }

    /// The first failure counts; nothing is begun after it.
    func fail(_ error: DatabaseError) {
      failure = failure ?? error
      wakeAll()
    }

    private func wakeAll() {
      for each in waiting { each.resume() }
      waiting = []
    }
  }
}
