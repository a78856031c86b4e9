import SnowflakeDatabase
import SpecCore
import Testing

@Suite(
  "a Snowflake in trouble (stand-in)", .serialized,
  .enabled(if: Live.shared != nil, Live.reason),
  OwnStandin(options: ["--sync-window", "0.5", "--rows-per-partition", "100"]))
struct FaultTests {
  private let live: Live

  init() throws { live = try Live.own() }

  @Test(
    "what passes is waited for (stand-in)",
    arguments: ["429:3", "500:1", "502:1", "503:4", "504:2", "drop:2", "drop-after:1", "expire:1"])
  func passes(_ fault: String) async throws {
    let rows = try await live.with { database in
      try await live.arm(fault)
      return try await database.rows(of: Statement("SELECT 7 AS N"))
    }
    #expect(rows.cells == [["7"]])
  }

  @Test("a submission whose answer was lost does not run twice (stand-in)")
  func once() async throws {
    let rows = try await live.with { database in
      _ = try await database.rows(
        of: Statement("CREATE OR REPLACE TABLE STANDIN.PUBLIC.ONCE (N NUMBER(9,0))"))
      try await live.arm("drop-after:2")
      _ = try await database.rows(of: Statement("INSERT INTO STANDIN.PUBLIC.ONCE VALUES (1)"))
      return try await database.rows(of: Statement("SELECT COUNT(*) AS N FROM STANDIN.PUBLIC.ONCE"))
    }
    #expect(rows.cells == [["1"]])
  }

  @Test(
    "partitions and polls are repeated as well (stand-in)",
    arguments: ["partition-503:2", "partition-drop:2", "429-get:3", "503-get:3"])
  func gets(_ fault: String) async throws {
    let count = 950
    let cells = try await live.with { database in
      try await live.arm(fault)
      return try await database.rows(
        of: Statement(
          "SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS N, SYSTEM$WAIT(1) AS W"
            + " FROM TABLE(GENERATOR(ROWCOUNT => \(count))) ORDER BY N")
      ).cells
    }
    #expect(cells.map(\.first) == (1...count).map { "\($0)" })
  }

  @Test("a long statement is polled after the server stopped holding it (stand-in)")
  func polls() async throws {
    let rows = try await live.with { database in
      try await database.rows(of: Statement("SELECT 'x' AS X, SYSTEM$WAIT(2) AS W"))
    }
    #expect(rows.cells.first?.first == "x")
    #expect(try await live.log().contains { $0.hasPrefix("GET ") && $0.hasSuffix(" 202") })
  }

  @Test(
    "trouble that stays ends with its name (stand-in)",
    arguments: [
      ("429:99", DatabaseError.Kind.throttled), ("503:99", .throttled), ("500:99", .connectionLost),
      ("drop:99", .connectionLost), ("401:99", .authenticationFailed),
    ])
  func stays(_ fault: String, _ kind: DatabaseError.Kind) async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await live.with { database in
        try await live.arm(fault)
        return try await database.rows(of: Statement("SELECT 7 AS N"))
      }
    }
    try await live.arm("none")
    #expect(error?.kind == kind)
  }

  @Test(
    "cancelling the task cancels the statement on the server (stand-in)", arguments: [0.2, 1.5])
  func cancels(_ seconds: Double) async throws {
    let before = try await live.log().count
    let start = ContinuousClock.now
    let error = await #expect(throws: DatabaseError.self) {
      try await live.with { database in
        let task = Task { try await database.rows(of: Statement("SELECT SYSTEM$WAIT(60) AS W")) }
        try await Task.sleep(for: .seconds(seconds))
        task.cancel()
        return try await task.value
      }
    }
    #expect(error?.kind == .cancelled)
    #expect(ContinuousClock.now - start < .seconds(7))
    let lines = try await live.log().dropFirst(before)
    #expect(lines.contains { $0.hasPrefix("POST ") && $0.hasSuffix("/cancel? 200") })
  }
}
