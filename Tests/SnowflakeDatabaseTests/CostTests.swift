import SnowflakeDatabase
import SpecCore
import Testing

/// What Snowflake's records of executions are read as.
@Suite struct SnowflakeCostTests {
  private let costs = SnowflakeCosts()

  @Test func executions() throws {
    let rows = Rows(
      columns: [],
      cells: [
        ["a", "1500", "100", "0", "250", "123456", "X-Small", "SUCCESS"],
        ["b", "20", "0", "0", nil, nil, nil, "success"],
        ["c", "0", "0", "0", "0", "0", nil, "RUNNING"],
        ["d", "9", "0", "0", "0", "0", nil, "FAIL"],
      ])
    let found = try costs.costs(rows)
    #expect(
      found["a"]
        == ExecutionCost(seconds: 1.5, queued: 0.35, scanned: 123_456, warehouseSize: "X-Small"))
    #expect(
      found["b"] == ExecutionCost(seconds: 0.02), "a part that is missing makes the sum unknown")
    #expect(found.count == 2, "what still runs, or failed, has no record to be judged by")
    #expect(throws: DatabaseError.self) { try costs.costs(Rows(columns: [], cells: [["a"]])) }
  }

  @Test func operators() throws {
    let rows = Rows(
      columns: [],
      cells: [
        ["a", "Result", "{\"input_rows\": 3}", "{}"],
        [
          "a", "TableScan",
          "{\"io\": {\"percentage_scanned_from_cache\": 0.25}, \"pruning\": {\"partitions_scanned\": 95, \"partitions_total\": 100}}",
          "{\"table_name\": \"SHOP.PUBLIC.ORDERS\"}",
        ],
        ["a", "Filter", "{}", "{\"filter_condition\": \"ORDERS.CUSTOMER_ID = 42\"}"],
        [
          "a", "Sort",
          "{\"spilling\": {\"bytes_spilled_local_storage\": 10, \"bytes_spilled_remote_storage\": 5}}",
          nil,
        ],
        [
          "b", "Join", "{\"input_rows\": 2000, \"output_rows\": 1000000}",
          "{\"equality_join_condition\": \"(A.K = B.K)\"}",
        ],
        [
          "c", "TableScan",
          "{\"pruning\": {\"partitions_scanned\": 10, \"partitions_total\": 100}}", "{}",
        ],
        [
          "d", "TableScan", "{\"pruning\": {\"partitions_scanned\": 3, \"partitions_total\": 3}}",
          "{}",
        ],
      ])
    var found = ["a": ExecutionCost(seconds: 1), "e": ExecutionCost(seconds: 1)]
    try costs.add(rows, to: &found)
    #expect(found["a"]?.spilled == 15)
    #expect(
      found["a"]?.evidence == [
        .unpruned(table: "SHOP.PUBLIC.ORDERS", scanned: 95, total: 100, columns: ["CUSTOMER_ID"]),
        .cached(percent: 25), .spill(operation: "the step Sort", bytes: 15),
      ])
    #expect(
      found["b"]?.evidence
        == [.explodingJoin(condition: "(A.K = B.K)", input: 2_000, output: 1_000_000)])
    #expect(found["c"]?.evidence == [] && found["d"]?.evidence == [])
    #expect(found["e"]?.spilled == nil, "of whom nothing is told, nothing is known")
    #expect(throws: DatabaseError.self) {
      try costs.add(Rows(columns: [], cells: [["a", "Sort", "{", "{}"]]), to: &found)
    }
  }

  @Test func statements() {
    let dialect = SnowflakeDialect(readPoint: nil, salt: "", seed: "")
    let text = dialect.render(costs.executions(["a", "it's"]))
    #expect(text.hasSuffix("WHERE QUERY_ID IN ('a', 'it''s')"))
    #expect(dialect.render(costs.operators(["a", "b"])).contains("('a')) UNION ALL SELECT"))
  }

  @Test func grants() {
    #expect(
      costs.explained(DatabaseError(.permissionDenied, "no")).hint?.contains("MONITOR") == true)
    #expect(costs.explained(DatabaseError(.timeout, "no")).hint == nil)
  }
}

extension LiveTests {
  @Test("a query is run to its last partition, and its record is found (stand-in)")
  func lane() async throws {
    let costs = SnowflakeCosts()
    try await Live.shared?.with { database in
      let schema = SchemaName(database: Identifier("STANDIN"), schema: Identifier("PUBLIC"))
      let lanes = try await database.lanes(6, in: schema)
      let executions = try await withThrowingTaskGroup(of: Execution.self) { group in
        for lane in lanes {
          group.addTask {
            try await lane.execute(
              "SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS N FROM TABLE(GENERATOR(ROWCOUNT => 25000))"
            )
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for lane in lanes { await lane.close() }
      #expect(executions.map(\.rows) == Array(repeating: 25_000, count: 6))
      let ids = executions.compactMap(\.queryID)
      #expect(Set(ids).count == 6)
      let rows = try await database.rows(
        of: Statement(database.dialect.render(costs.executions(ids))))
      var found = try costs.costs(rows)
      let operators = try await database.rows(
        of: Statement(database.dialect.render(costs.operators(ids))))
      try costs.add(operators, to: &found)
      for (execution, id) in zip(executions, ids) {
        let cost = try #require(found[id])
        #expect((cost.seconds ?? 9) <= execution.seconds, "the server's part lies within")
        #expect(cost.queued == 0 && cost.spilled == 0 && cost.scanned == nil)
      }
    }
  }
}
