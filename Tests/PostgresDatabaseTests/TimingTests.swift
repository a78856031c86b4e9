import PostgresDatabase
import SpecCore
import Testing

/// What PostgreSQL's words for a plan are read as.
@Suite struct PostgresCostTests {
  private func cost(_ plan: String) throws -> ExecutionCost {
    let text = "[{\"Plan\": \(plan), \"Planning Time\": 0.5, \"Execution Time\": 12.25}]"
    return try PostgresCosts().cost(
      Rows(columns: ["QUERY PLAN"], cells: [[text]]), blockSize: 8_192)
  }

  private static let blocks =
    "\"Shared Hit Blocks\": 30, \"Shared Read Blocks\": 10, \"Local Hit Blocks\": 0, "
    + "\"Local Read Blocks\": 0, \"Temp Written Blocks\": "

  @Test func times() throws {
    let cost = try cost("{\"Node Type\": \"Result\", \(Self.blocks) 0}")
    #expect(cost.seconds == 0.012_75)
    #expect(cost.scanned == 40 * 8_192)
    #expect(cost.spilled == 0)
    #expect(cost.queued == nil)
    #expect(cost.evidence == [.cached(percent: 75)])
  }

  @Test("a server that tells no blocks tells no bytes")
  func silent() throws {
    let cost = try cost("{\"Node Type\": \"Result\"}")
    #expect(cost.seconds != nil && cost.scanned == nil && cost.spilled == nil)
  }

  @Test func spillingNode() throws {
    let cost = try cost(
      """
      {"Node Type": "Limit", \(Self.blocks) 5, "Plans": [
        {"Node Type": "Sort", \(Self.blocks) 5, "Plans": [{"Node Type": "Seq Scan", \(Self.blocks) 0}]}]}
      """)
    #expect(cost.spilled == 5 * 8_192)
    #expect(cost.evidence.contains(.spill(operation: "the step Sort", bytes: 5 * 8_192)))
    #expect(cost.evidence.count == 2)
  }

  @Test(
    "a parallel scan counts the rows of all its loops",
    arguments: [(30_000.0, true), (3_000, false)])
  func scan(_ removed: Double, _ isTold: Bool) throws {
    let cost = try cost(
      """
      {"Node Type": "Gather", \(Self.blocks) 0, "Plans": [{"Node Type": "Seq Scan", "Relation Name": "orders",
        "Filter": "(customer_id = 42)", "Actual Rows": 10.00, "Actual Loops": 3,
        "Rows Removed by Filter": \(removed), \(Self.blocks) 0}]}
      """)
    let read = Int((10 + removed) * 3)
    let scan = CostEvidence.sequentialScan(
      table: "orders", read: read, kept: 30, columns: ["customer_id"])
    #expect(cost.evidence.contains(scan) == isTold, "\(cost.evidence)")
  }

  @Test func explodingJoin() throws {
    let cost = try cost(
      """
      {"Node Type": "Hash Join", "Hash Cond": "(a.k = b.k)", "Actual Rows": 1000000, "Actual Loops": 1,
       \(Self.blocks) 0, "Plans": [
        {"Node Type": "Seq Scan", "Actual Rows": 1000, "Actual Loops": 1},
        {"Node Type": "Hash", "Actual Rows": 1000, "Actual Loops": 1}]}
      """)
    #expect(
      cost.evidence.contains(
        .explodingJoin(condition: "(a.k = b.k)", input: 2_000, output: 1_000_000)))
  }

  @Test(arguments: ["", "[]", "[{}]", "no", "[{\"Plan\": {}, \"Execution Time\": 1}]"])
  func unreadable(_ text: String) {
    #expect(throws: DatabaseError.self) {
      try PostgresCosts().cost(Rows(columns: ["QUERY PLAN"], cells: [[text]]), blockSize: 8_192)
    }
  }
}

extension LiveTests {
  /// Clients of a measurement on a real server.
  @Suite struct LaneTests {
    private static let schema = SchemaName(schema: Identifier("parity_live"))

    @Test("a client finds names in its schema, counts rows, and leaves nothing behind")
    func execution() async throws {
      let database = try await Server.connect(jobs: 2)
      let lanes = try await database.lanes(1, in: Self.schema)
      let lane = try #require(lanes.first)
      let execution = try await lane.execute("SELECT * FROM items ORDER BY id -- all")
      #expect(execution.rows == 1_000 && execution.seconds > 0 && execution.queryID == nil)
      #expect(try await lane.execute("SELECT 1 WHERE false").rows == 0)
      let jit = try await lane.rows(
        of: "SELECT setting = reset_val FROM pg_settings WHERE name = 'jit'")
      #expect(jit.cells == [["t"]], "the server compiles as it is set to")
      let error = await #expect(throws: DatabaseError.self) {
        try await lane.execute("SELECT * FROM nowhere")
      }
      #expect(error?.kind == .missingObject)
      #expect(try await lane.execute("SELECT 1").rows == 1, "an error does not poison the next")
      await #expect(throws: DatabaseError.self) {
        try await lane.execute("CREATE TABLE parity_live.made (a int)")
      }
      await lane.close()
      let path = try await database.rows(of: Statement("SELECT current_setting('search_path')"))
      #expect(path.cells == [["\"\""]])
      await database.close()
    }

    @Test("there may be more clients than connections are kept; they run at once, and go")
    func clients() async throws {
      let database = try await Server.connect(jobs: 2)
      let lanes = try await database.lanes(5, in: Self.schema)
      let pids = try await withThrowingTaskGroup(of: String?.self) { group in
        for lane in lanes {
          group.addTask {
            try await lane.rows(of: "SELECT pg_backend_pid(), pg_sleep(0.1)").cells[0][0]
          }
        }
        return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(pids.count == 5)
      for lane in lanes { await lane.close() }
      let left = try await database.rows(
        of: Statement(
          "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'parity-test-run'"
            + " AND pid IN (\(pids.compactMap(\.self).joined(separator: ", ")))"))
      #expect(left.cells.first?.first.flatMap { $0 }.flatMap { Int($0) } ?? 9 <= 2)
      await database.close()
    }

    @Test("a real plan tells what it cost")
    func explained() async throws {
      let database = try await Server.connect()
      let lanes = try await database.lanes(1, in: Self.schema)
      let lane = try #require(lanes.first)
      let costs = PostgresCosts()
      let dialect = database.dialect
      let size = try await lane.rows(of: dialect.render(costs.blockSize))
      #expect(size.cells == [["8192"]])
      let plan = try await lane.rows(
        of: dialect.render(costs.explaining("SELECT * FROM items WHERE name = 'item 3'")))
      let cost = try costs.cost(plan, blockSize: 8_192)
      #expect((cost.seconds ?? 0) > 0 && (cost.scanned ?? 0) > 0 && cost.spilled == 0)
      let sorted = try await lane.rows(
        of: dialect.render(
          costs.explaining(
            "SELECT repeat('x', 1000) || n FROM generate_series(1, 20000) n ORDER BY 1")))
      let spilled = try costs.cost(sorted, blockSize: 8_192)
      #expect((spilled.spilled ?? 0) > 0)
      #expect(spilled.evidence.contains { if case .spill = $0 { true } else { false } })
      await lane.close()
      await database.close()
    }
  }
}
