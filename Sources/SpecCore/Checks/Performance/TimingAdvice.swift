/// What would help a query that missed a budget, from what the server told of its runs.
struct TimingAdvice {
  let timings: SideTimings
  let title: String

  /// Each cure in a sentence without a full stop, the likeliest first; none without evidence.
  var sentences: [String] {
    let costs = timings.warm.compactMap(\.cost)
    var found: [String] = []
    var seen: Set<CostEvidence> = []
    // The runs are of one statement: what is worst in any of them is told once.
    for evidence in costs.flatMap(\.evidence).sorted(by: Self.isWorse) {
      guard !seen.contains(where: { Self.isSame($0, evidence) }) else { continue }
      seen.insert(evidence)
      if let sentence = sentence(evidence) { found.append(sentence) }
    }
    if let queued = costs.compactMap(\.queued).max(), queued > 0 {
      found.append(
        "it waited up to \(spoken(seconds: queued)) for its turn: let the warehouse scale out "
          + "(MAX_CLUSTER_COUNT), or give the query one of its own")
    }
    return found
  }

  private static func weight(_ evidence: CostEvidence) -> Int {
    switch evidence {
    case .spill: 4
    case .explodingJoin: 3
    case .sequentialScan: 2
    case .unpruned: 1
    case .cached: 0
    }
  }

  private static func isWorse(_ left: CostEvidence, _ right: CostEvidence) -> Bool {
    if weight(left) != weight(right) { return weight(left) > weight(right) }
    switch (left, right) {
    case (.spill(_, let one), .spill(_, let other)): return one > other
    case (.explodingJoin(_, _, let one), .explodingJoin(_, _, let other)): return one > other
    case (.sequentialScan(_, let one, _, _), .sequentialScan(_, let other, _, _)):
      return one > other
    case (.unpruned(_, let one, _, _), .unpruned(_, let other, _, _)): return one > other
    default: return false
    }
  }

  private static func isSame(_ left: CostEvidence, _ right: CostEvidence) -> Bool {
    switch (left, right) {
    case (.spill, .spill): true
    case (.explodingJoin(let one, _, _), .explodingJoin(let other, _, _)): one == other
    case (.sequentialScan(let one, _, _, _), .sequentialScan(let other, _, _, _)): one == other
    case (.unpruned(let one, _, _, _), .unpruned(let other, _, _, _)): one == other
    case (.cached, .cached): true
    default: false
    }
  }

  private func sentence(_ evidence: CostEvidence) -> String? {
    switch evidence {
    case .spill(let operation, let bytes):
      let more =
        timings.engine == "Snowflake"
        ? "a larger warehouse, or fewer rows and columns"
        : "more work_mem, or fewer rows and columns"
      return "\(operation) wrote \(ByteCount(bytes).words) aside for want of memory: \(more)"
    case .explodingJoin(let condition, let input, let output):
      let on = condition.isEmpty ? "a join without a condition" : "the join on \(condition)"
      return
        "\(on) turns \(counted(input, "row")) into \(grouped(output)): join on the whole key, or "
        + "make the rows of one side unique before"
    case .sequentialScan(let table, let read, let kept, let columns):
      let what = "all \(counted(read, "row")) of \(table) are read for \(grouped(kept)) of them"
      guard !columns.isEmpty else { return "\(what): an index on what the filter compares" }
      let list = columns.map { Engine.postgres.written(Identifier($0)) }.joined(separator: ", ")
      return "\(what): CREATE INDEX ON \(table) (\(list))"
    case .unpruned(let table, let scanned, let total, let columns):
      let what =
        "\(grouped(scanned)) of \(grouped(total)) micro-partitions of \(table) are read"
      guard !columns.isEmpty else {
        return "\(what): filter by a column that the table is ordered by"
      }
      let list = columns.joined(separator: ", ")
      return "\(what): ALTER TABLE \(table) CLUSTER BY (\(list))"
    case .cached: return nil
    }
  }
}
