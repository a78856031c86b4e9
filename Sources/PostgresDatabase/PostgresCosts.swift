package import SpecCore

/// What PostgreSQL tells of a statement by EXPLAIN ANALYZE, which runs it and drops its rows.
///
/// Without TIMING, which would read the clock for each row of each node; the whole is timed all the
/// same. Tried on PostgreSQL 15.
package struct PostgresCosts: ExplainingAccount {
  package init() {}

  package var blockSize: SQL { "SELECT pg_catalog.current_setting('block_size')" }

  package func explaining(_ statement: String) -> SQL {
    "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) \(SQL(verbatim: statement))"
  }

  package func cost(_ rows: Rows, blockSize: Int) throws(DatabaseError) -> ExecutionCost {
    let text = rows.cells.compactMap { $0.first ?? nil }.joined(separator: "\n")
    guard let document = try? JSONValue.parse(text), let whole = document.elements?.first,
      let root = whole["Plan"], let execution = whole["Execution Time"]?.amount,
      let planning = whole["Planning Time"]?.amount
    else {
      throw DatabaseError(.protocolViolation, "the server's plan cannot be read")
    }
    var cost = ExecutionCost(seconds: (planning + execution) / 1_000)
    let hits = root.count("Shared Hit Blocks") + root.count("Local Hit Blocks")
    let reads = root.count("Shared Read Blocks") + root.count("Local Read Blocks")
    // BUFFERS tells all of them, or the server tells none.
    guard root["Shared Hit Blocks"] != nil, root["Temp Written Blocks"] != nil else {
      return cost
    }
    cost.scanned = (hits + reads) * blockSize
    cost.spilled = root.count("Temp Written Blocks") * blockSize
    if hits + reads > 0 {
      cost.evidence.append(.cached(percent: hits * 100 / (hits + reads)))
    }
    collect(root, blockSize, into: &cost.evidence)
    return cost
  }

  /// From so many rows on a scan or a join is worth a word.
  private static let many = 10_000.0

  private func collect(_ node: JSONValue, _ blockSize: Int, into found: inout [CostEvidence]) {
    let children = node["Plans"]?.elements ?? []
    let type = node["Node Type"]?.text ?? "a step"
    let loops = node["Actual Loops"]?.amount ?? 0
    let rows = (node["Actual Rows"]?.amount ?? 0) * loops
    if type == "Seq Scan", let table = node["Relation Name"]?.text {
      let filter = node["Filter"]?.text
      let read = rows + (node["Rows Removed by Filter"]?.amount ?? 0) * loops
      if let filter, read >= Self.many, rows <= read / 10 {
        found.append(
          .sequentialScan(
            table: table, read: Int(read), kept: Int(rows),
            columns: FilterColumns.names(in: filter)))
      }
    }
    let own =
      node.count("Temp Written Blocks")
      - children.map { $0.count("Temp Written Blocks") }.reduce(0, +)
    if own > 0 { found.append(.spill(operation: "the step \(type)", bytes: own * blockSize)) }
    if type.hasSuffix("Join") || type == "Nested Loop" {
      let input = children.prefix(2).map {
        ($0["Actual Rows"]?.amount ?? 0) * ($0["Actual Loops"]?.amount ?? 0)
      }.reduce(0, +)
      if rows >= 10 * Self.many, rows >= 10 * input {
        let condition =
          node["Hash Cond"]?.text ?? node["Merge Cond"]?.text ?? node["Join Filter"]?.text ?? ""
        found.append(.explodingJoin(condition: condition, input: Int(input), output: Int(rows)))
      }
    }
    for child in children { collect(child, blockSize, into: &found) }
  }
}

extension JSONValue {
  /// The number, where this is one; the server writes rows with or without decimals.
  fileprivate var amount: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }

  /// The member as a whole number; 0 where it is not there.
  fileprivate func count(_ name: String) -> Int { self[name]?.amount.map { Int($0) } ?? 0 }
}
