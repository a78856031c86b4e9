/// Whose clock decides how long an execution took.
package enum TimingClock: String, Hashable, Sendable, CaseIterable {
  /// The server's own.
  case server
  /// Parity's: from sending the statement until its last row has arrived.
  case wire
}

/// One query to be measured, on one side or both.
package struct TimingRequest: Hashable, Sendable {
  /// What is run on each side that is measured.
  package let statements: [Side: String]
  /// What names without a schema mean there.
  package let schemas: [Side: SchemaName]
  /// Executions of all clients together that count.
  package let runs: Int
  /// Executions of each client before those.
  package let warmup: Int
  package let clients: Int
  /// By which clock the first execution is judged, where the server would have to run it again.
  package let coldClock: TimingClock

  package init(
    statements: [Side: String], schemas: [Side: SchemaName], runs: Int, warmup: Int, clients: Int,
    coldClock: TimingClock
  ) {
    self.statements = statements
    self.schemas = schemas
    self.runs = runs
    self.warmup = warmup
    self.clients = clients
    self.coldClock = coldClock
  }
}

/// What the server tells of one execution.
package struct ExecutionCost: Hashable, Sendable {
  /// From beginning to end by the server's clock, compiling and queueing included.
  package var seconds: Double?
  /// Of these, how long it waited for a place; `nil` where the server has no queue, or is silent.
  package var queued: Double?
  /// Bytes of tables that were read, from memory or not.
  package var scanned: Int?
  /// Bytes that were written aside because memory did not suffice.
  package var spilled: Int?
  /// What computed it: `X-Small`.
  package var warehouseSize: String?
  /// What made it slow or dear, if it was.
  package var evidence: [CostEvidence]

  package init(
    seconds: Double? = nil, queued: Double? = nil, scanned: Int? = nil, spilled: Int? = nil,
    warehouseSize: String? = nil, evidence: [CostEvidence] = []
  ) {
    self.seconds = seconds
    self.queued = queued
    self.scanned = scanned
    self.spilled = spilled
    self.warehouseSize = warehouseSize
    self.evidence = evidence
  }
}

/// Something in a plan that costs, and that can be cured.
package enum CostEvidence: Hashable, Sendable {
  /// A whole table was read for few of its rows; `columns` are those that chose them.
  case sequentialScan(table: String, read: Int, kept: Int, columns: [String])
  /// Hardly any micro-partition could be left out.
  case unpruned(table: String, scanned: Int, total: Int, columns: [String])
  /// An operator wrote aside what did not fit into memory.
  case spill(operation: String, bytes: Int)
  /// A join that gives many more rows than it gets.
  case explodingJoin(condition: String, input: Int, output: Int)
  /// What the first execution found in the server's memory already, in per cent.
  case cached(percent: Int)
}

/// One execution, or one on the wire and one that the server explained.
package struct TimingSample: Hashable, Sendable {
  /// Seconds from sending the statement until its last row had arrived.
  package var wire: Double?
  /// What the server told, where it did.
  package var cost: ExecutionCost?
  /// Rows that arrived.
  package var rows: Int?
  /// The server's own name for the execution.
  package var queryID: String?

  package init(
    wire: Double? = nil, cost: ExecutionCost? = nil, rows: Int? = nil, queryID: String? = nil
  ) {
    self.wire = wire
    self.cost = cost
    self.rows = rows
    self.queryID = queryID
  }

  /// Seconds by a clock.
  package func seconds(by clock: TimingClock) -> Double? {
    clock == .wire ? wire : cost?.seconds
  }
}

/// Everything that was measured of one query on one side.
package struct SideTimings: Hashable, Sendable {
  package var side: Side
  /// `Snowflake`.
  package var engine: String
  /// The first execution of the run.
  package var cold: TimingSample?
  /// Those that count, in the order they ended.
  package var warm: [TimingSample]
  /// An execution that failed; none was begun after it.
  package var failure: DatabaseError?
  /// Why the server tells nothing of its times and bytes.
  package var untold: DatabaseError?
  /// Why the server tells nothing of what operators did.
  package var untoldOperators: DatabaseError?

  package init(
    side: Side, engine: String, cold: TimingSample? = nil, warm: [TimingSample] = [],
    failure: DatabaseError? = nil, untold: DatabaseError? = nil,
    untoldOperators: DatabaseError? = nil
  ) {
    self.side = side
    self.engine = engine
    self.cold = cold
    self.warm = warm
    self.failure = failure
    self.untold = untold
    self.untoldOperators = untoldOperators
  }

  /// Seconds of all runs that count, in order of length; `nil` where the clock lacks one of them.
  package func times(by clock: TimingClock) -> [Double]? {
    let found = warm.compactMap { $0.seconds(by: clock) }
    return found.isEmpty || found.count < warm.count ? nil : found.sorted()
  }
}

/// What a measurement came to.
package struct Timings: Hashable, Sendable {
  /// Each side that was measured, once.
  package var sides: [SideTimings]
  package var clients: Int

  package init(_ sides: [SideTimings], clients: Int = 1) {
    self.sides = sides
    self.clients = clients
  }

  package subscript(_ side: Side) -> SideTimings? { sides.first { $0.side == side } }
}

/// The value that so many per cent of all values do not exceed, by the nearest rank: of `n` sorted
/// values the one at position ⌈n · percent / 100⌉; always one that was measured.
///
/// `nil` where there are none.
package func percentile(_ percent: Int, of sorted: [Double]) -> Double? {
  guard !sorted.isEmpty else { return nil }
  return sorted[max(1, (sorted.count * percent + 99) / 100) - 1]
}
