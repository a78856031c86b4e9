import CryptoExtras
import Foundation
import SnowflakeDatabase
import SpecCore
import Testing

@Suite("a Snowflake that answers (stand-in)", .enabled(if: Live.shared != nil, Live.reason))
struct LiveTests {
  private let live: Live

  init() throws { live = try #require(Live.shared) }

  @Test(
    "every way to log in leads to the same session (stand-in)",
    arguments: ["standin", "standin_encrypted", "standin_pat", "standin_oauth"])
  func logins(_ connection: String) async throws {
    let (facts, dialect) = try await live.with(connection) { ($0.facts, $0.dialect) }
    #expect(facts.engine == "Snowflake")
    #expect(facts.name.hasSuffix(".STANDIN"))
    #expect(facts.fingerprint.hasPrefix("snowflake:"))
    #expect(facts.role.hasPrefix("SYSADMIN (user "))
    #expect(facts.encryption == "none (loopback)")
    #expect(facts.readPoint.wholeMatch(of: /AT \d{4}-\d\d-\d\d [\d:]{8}\.\d{3} \+0000/) != nil)
    let age = Date().timeIntervalSince1970 - Double(facts.readAt.microseconds) / 1e6
    #expect((-60...60).contains(age))
    #expect(dialect is SnowflakeDialect)
  }

  @Test("cells are Snowflake's own text (stand-in)")
  func cells() async throws {
    let rows = try await live.with { database in
      try await database.rows(
        of: Statement(
          """
          SELECT 1.10::NUMBER(4,2) AS N, NULL::VARCHAR AS Z, '2024-02-29'::DATE AS D,
            '2024-02-29 01:02:03.5'::TIMESTAMP_NTZ AS T, TRUE AS B, TO_BINARY('DEAD', 'HEX') AS X,
            'Zoë "☃" 😀' AS S, '' AS E
          """))
    }
    #expect(rows.columns == ["N", "Z", "D", "T", "B", "X", "S", "E"])
    #expect(
      rows.cells == [
        ["1.10", nil, "19782", "1709168523.500000000", "true", "DEAD", "Zoë \"☃\" 😀", ""]
      ])
    #expect(rows.queryID?.isEmpty == false)
  }

  @Test("many rows come in order and whole, partition by partition (stand-in)")
  func partitions() async throws {
    let count = 25_000
    let batches = try await live.with { database in
      let cursor = try await database.open(
        Statement(
          "SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS N FROM TABLE(GENERATOR(ROWCOUNT => \(count)))"
            + " ORDER BY N"))
      var batches: [[[String?]]] = []
      while let batch = try await cursor.next() { batches.append(batch) }
      await cursor.close()
      return batches
    }
    #expect(batches.allSatisfy { $0.count <= 4_096 })
    #expect(batches.joined().elementsEqual((1...count).map { ["\($0)"] }))
  }

  @Test(
    "a statement that fails says so in Snowflake's words (stand-in)",
    arguments: [
      ("SELECT * FROM STANDIN.PUBLIC.NO_SUCH_TABLE", "002003", DatabaseError.Kind.missingObject),
      ("SELECT FROM WHERE", "001003", .statementFailed),
    ])
  func fails(_ sql: String, _ code: String, _ kind: DatabaseError.Kind) async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await live.with { try await $0.rows(of: Statement(sql)) }
    }
    #expect(error?.kind == kind)
    #expect(error?.code == code)
    #expect(error?.message.contains("\n") == false)
    #expect(error?.queryID != nil)
  }

  @Test("a statement that passes its limit is ended by the server (stand-in)")
  func timeout() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await live.with {
        try await $0.rows(of: Statement("SELECT SYSTEM$WAIT(30) AS W", timeout: 0.5))
      }
    }
    #expect(error?.kind == .timeout)
  }

  @Test("statements run side by side, as many as were asked for (stand-in)")
  func parallel() async throws {
    let start = ContinuousClock.now
    try await live.with(jobs: 4) { database in
      try await withThrowingTaskGroup(of: Rows.self) { group in
        for number in 0..<8 {
          group.addTask {
            try await database.rows(of: Statement("SELECT \(number) AS N, SYSTEM$WAIT(1) AS W"))
          }
        }
        let numbers = try await group.reduce(into: Set<String?>()) { $0.insert($1.cells[0][0]) }
        #expect(numbers.count == 8)
      }
    }
    #expect(ContinuousClock.now - start >= .seconds(2))
  }

  @Test("a role or warehouse that is none is an error of configuration (stand-in)")
  func context() async throws {
    let role = await #expect(throws: DatabaseError.self) {
      try await live.connect(role: "no_such_role")
    }
    #expect(role?.kind == .configuration)
    let warehouse = await #expect(throws: DatabaseError.self) {
      try await live.connect(warehouse: "no_such_warehouse")
    }
    #expect(warehouse?.kind == .configuration)
  }

  @Test("a key that is not registered is refused with a way out (stand-in)")
  func wrongKey() async throws {
    let folder = try TemporaryFolder()
    let pem = try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation
    let path = try folder.write("key.p8", pem)
    let error = await #expect(throws: DatabaseError.self) {
      try await live.connect(
        environment: ["SNOWFLAKE_CONNECTIONS_STANDIN_PRIVATE_KEY_FILE": path])
    }
    #expect(error?.kind == .authenticationFailed)
    #expect(error?.code == "390144")
    #expect(error?.hint?.contains("key SHA256:") == true)
  }

  @Test("a wrong token is refused and never quoted (stand-in)")
  func wrongToken() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await live.connect(
        "standin_pat", environment: ["SNOWFLAKE_CONNECTIONS_STANDIN_PAT_TOKEN": "hunter2"])
    }
    #expect(error?.kind == .authenticationFailed)
    #expect(!String(reflecting: error).contains("hunter2"))
  }

  @Test("a port where nobody listens is unreachable")
  func nobody() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await live.connect(environment: ["SNOWFLAKE_CONNECTIONS_STANDIN_PORT": "9"])
    }
    #expect(error?.kind == .unreachable)
    #expect(error?.message == "http://127.0.0.1:9 cannot be reached: connection refused")
  }

  @Test("TLS with a server that has none fails and is not repeated (stand-in)")
  func noTLS() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await live.connect(environment: ["SNOWFLAKE_CONNECTIONS_STANDIN_PROTOCOL": "https"])
    }
    #expect(error?.kind == .encryptionFailed)
  }
}
