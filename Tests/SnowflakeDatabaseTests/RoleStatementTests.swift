import SnowflakeDatabase
import SpecCore
import Testing

/// Statements that run as a role of their own, on the stand-in.
@Suite(.enabled(if: Live.shared != nil, Live.reason))
struct RoleStatementTests {
  @Test("a statement as another role returns its own rows, and nobody else's rights (stand-in)")
  func rows() async throws {
    let live = try #require(Live.shared)
    try await live.with { database in
      let role = RoleName(Identifier("PUBLIC"))
      let rows = try await database.rows(
        of: Statement(
          "SELECT CURRENT_ROLE() AS R, COLUMN1 AS N FROM VALUES (1), (2) ORDER BY 2", role: role))
      #expect(rows.columns == ["R", "N"])
      #expect(rows.cells == [["PUBLIC", "1"], ["PUBLIC", "2"]])
      let cursor = try await database.open(Statement("SELECT 7 AS N", role: role))
      #expect(try await cursor.next() == [["7"]])
      await cursor.close()
    }
  }

  @Test("a database role cannot be acted as")
  func databaseRole() async throws {
    let live = try #require(Live.shared)
    try await live.with { database in
      let role = RoleName(database: Identifier("STANDIN"), Identifier("X"))
      let error = await #expect(throws: DatabaseError.self) {
        try await database.rows(of: Statement("SELECT 1 AS N", role: role))
      }
      #expect(error?.kind == .unsupported)
    }
  }
}
