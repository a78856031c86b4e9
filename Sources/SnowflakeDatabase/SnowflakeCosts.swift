package import SpecCore

/// What Snowflake tells of executions: the history of queries, without the lag of ACCOUNT_USAGE, and
/// the statistics of operators.
///
/// The SQL API has no session, so the history is asked for by user: everybody sees their own queries.
/// Facts: reference of QUERY_HISTORY_BY_USER and GET_QUERY_OPERATOR_STATS in Snowflake's documentation.
package struct SnowflakeCosts: RecordingAccount {
  package init() {}

  /// The limit counts before the condition, so it is the largest there is.
  package func executions(_ queryIDs: [String]) -> SQL {
    let ids = queryIDs.map { "\(literal: $0)" as SQL }.joined(by: ", ")
    return """
      SELECT QUERY_ID, TOTAL_ELAPSED_TIME, QUEUED_PROVISIONING_TIME, QUEUED_REPAIR_TIME, \
      QUEUED_OVERLOAD_TIME, BYTES_SCANNED, WAREHOUSE_SIZE, EXECUTION_STATUS \
      FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_USER(RESULT_LIMIT => 10000)) \
      WHERE QUERY_ID IN (\(ids))
      """
  }

  package func costs(_ rows: Rows) throws(DatabaseError) -> [String: ExecutionCost] {
    var found: [String: ExecutionCost] = [:]
    for cells in rows.cells {
      guard cells.count == 8, let id = cells[0] else {
        throw DatabaseError(.protocolViolation, "Snowflake's history of queries cannot be read")
      }
      // The record of a query that has just ended may still say that it runs.
      guard cells[7]?.uppercased() == "SUCCESS" else { continue }
      let waits = cells[2...4].map { $0.flatMap { Double($0) } }
      let queued = waits.reduce(Double?(0)) { sum, wait in
        sum.flatMap { sum in wait.map { sum + $0 } }
      }
      found[id] = ExecutionCost(
        seconds: cells[1].flatMap { Double($0) }.map { $0 / 1_000 },
        queued: queued.map { $0 / 1_000 }, scanned: cells[5].flatMap { Int($0) },
        warehouseSize: cells[6])
    }
    return found
  }

  package func operators(_ queryIDs: [String]) -> SQL {
    let parts = queryIDs.map { id in
      """
      SELECT QUERY_ID, OPERATOR_TYPE, OPERATOR_STATISTICS, OPERATOR_ATTRIBUTES \
      FROM TABLE(GET_QUERY_OPERATOR_STATS(\(literal: id)))
      """ as SQL
    }
    return parts.joined(by: " UNION ALL ")
  }

  package func add(
    _ rows: Rows, to costs: inout [String: ExecutionCost]
  ) throws(DatabaseError) {
    let found: [(id: String, step: Step)]
    do {
      found = try rows.cells.map { cells in
        guard cells.count == 4, let id = cells[0] else {
          throw JSONParseError(reason: "too few columns", offset: 0)
        }
        return (
          id,
          Step(
            type: cells[1] ?? "", statistics: try cells[2].map { try JSONValue.parse($0) },
            attributes: try cells[3].map { try JSONValue.parse($0) })
        )
      }
    } catch {
      throw DatabaseError(
        .protocolViolation, "Snowflake's statistics of operators cannot be read: \(error.words)")
    }
    for (id, steps) in Dictionary(grouping: found, by: \.id) {
      let steps = steps.map(\.step)
      costs[id, default: ExecutionCost()].spilled = steps.map(\.spilled).reduce(0, +)
      costs[id, default: ExecutionCost()].evidence += Self.evidence(steps)
    }
  }

  package func explained(_ error: DatabaseError) -> DatabaseError {
    guard error.kind == .permissionDenied || error.kind == .missingObject else { return error }
    var error = error
    error.hint =
      "GRANT MONITOR ON WAREHOUSE … TO ROLE …, of the warehouse and role of the connection"
    return error
  }

  // MARK: Evidence

  /// What one operator did.
  private struct Step {
    let type: String
    let statistics: JSONValue?
    let attributes: JSONValue?

    func count(_ group: String, _ name: String) -> Int {
      statistics?[group]?[name]?.whole ?? 0
    }

    /// Absent where nothing was spilled.
    var spilled: Int {
      count("spilling", "bytes_spilled_local_storage")
        + count("spilling", "bytes_spilled_remote_storage")
    }
  }

  /// Of so few micro-partitions nothing can be spared.
  private static let fewPartitions = 20

  private static func evidence(_ steps: [Step]) -> [CostEvidence] {
    let filters = steps.compactMap { $0.attributes?["filter_condition"]?.text }
    let columns = filters.flatMap { FilterColumns.names(in: $0) }
    return steps.flatMap { step -> [CostEvidence] in
      var found: [CostEvidence] = []
      if step.spilled > 0 {
        found.append(.spill(operation: "the step \(step.type)", bytes: step.spilled))
      }
      let scanned = step.count("pruning", "partitions_scanned")
      let total = step.count("pruning", "partitions_total")
      if total >= fewPartitions, scanned * 10 >= total * 9 {
        let table = step.attributes?["table_name"]?.text ?? "a table"
        found.append(.unpruned(table: table, scanned: scanned, total: total, columns: columns))
      }
      let input = step.statistics?["input_rows"]?.whole ?? 0
      let output = step.statistics?["output_rows"]?.whole ?? 0
      if step.type.contains("Join"), input > 0, output >= 100_000, output >= 10 * input {
        let condition =
          step.attributes?["equality_join_condition"]?.text
          ?? step.attributes?["additional_join_condition"]?.text ?? ""
        found.append(.explodingJoin(condition: condition, input: input, output: output))
      }
      if let cached = step.statistics?["io"]?["percentage_scanned_from_cache"]?.fraction,
        cached > 0
      {
        found.append(.cached(percent: Int((cached * 100).rounded())))
      }
      return found
    }
  }
}

extension JSONValue {
  /// The whole number, where this is one.
  fileprivate var whole: Int? {
    switch self {
    case .integer(let number): number
    case .number(let number) where number.magnitude < 9e15: Int(number)
    default: nil
    }
  }

  /// From 0 to 1.
  fileprivate var fraction: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}

extension Error {
  fileprivate var words: String { (self as? JSONParseError)?.reason ?? "\(self)" }
}
