import PostgresDatabase
import SpecCore
import Testing

extension LiveTests {
  /// What becomes of statements, good and bad.
  @Suite struct StatementTests {
    @Test func cellsAreTextAndNull() async throws {
      let database = try await Server.connect()
      let rows = try await database.rows(
        of: Statement(
          "SELECT 1 AS one, NULL AS none, 'Zoë 🧮 \u{1F468}\u{200D}\u{1F469}' AS \"Täxt\", true AS b"
        ))
      #expect(rows.columns == ["one", "none", "Täxt", "b"])
      #expect(rows.cells == [["1", nil, "Zoë 🧮 \u{1F468}\u{200D}\u{1F469}", "t"]])
      await database.close()
    }

    @Test func errorDoesNotPoisonTheNextStatement() async throws {
      let database = try await Server.connect()
      let snapshot = try await cell(database, "SELECT pg_current_snapshot()")
      for _ in 0..<3 {
        let error = try await failure { try await cell(database, "SELECT 1 / 0") }
        #expect(error.kind == .statementFailed)
        #expect(error.code == "22012")
        #expect(error.message == "division by zero")
      }
      #expect(try await cell(database, "SELECT pg_current_snapshot()") == snapshot)
      await database.close()
    }

    @Test func settingsAndLocksEndWithTheirStatement() async throws {
      let database = try await Server.connect()
      _ = try await cell(database, "SELECT set_config('search_path', 'parity_live', false)")
      _ = try await cell(database, "SELECT count(*) FROM parity_live.items")
      let path = try await cell(database, "SELECT current_setting('search_path')")
      #expect(path == "\"\"")
      let locks = try await cell(
        database,
        """
        SELECT count(*) FROM pg_locks
        WHERE pid = pg_backend_pid() AND relation = to_regclass('parity_live.items')
        """)
      #expect(locks == "0")
      await database.close()
    }

    @Test func snapshotIsSharedAndFixed() async throws {
      let database = try await Server.connect(jobs: 3)
      Server.administer("INSERT INTO parity_live.items VALUES (100000, 'later')")
      // The sleep keeps the connections apart.
      let seen = try await withThrowingTaskGroup(of: [String?].self) { group in
        for _ in 0..<3 {
          group.addTask {
            let rows = try await database.rows(
              of: Statement(
                """
                SELECT pg_backend_pid(), (SELECT count(*) FROM parity_live.items WHERE id > 99999),
                  pg_current_snapshot(), pg_sleep(0.5)
                """))
            return rows.cells[0]
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(seen.map { $0[0] }).count == 3)
      #expect(Set(seen.map { $0[1] }) == ["0"])
      #expect(Set(seen.map { $0[2] }).count == 1)
      await database.close()
      Server.administer("DELETE FROM parity_live.items WHERE id > 99999")
    }

    @Test(arguments: [
      ("CREATE TABLE parity_live.t (id int)", "25006"),
      ("DELETE FROM parity_live.items", "25006"),
      ("SET TRANSACTION READ WRITE", "25001"),
      ("SELECT 1; DELETE FROM parity_live.items", "42601"),
      ("SELECT 1; COMMIT; DELETE FROM parity_live.items", "42601"),
    ]) func writesAreRefused(sql: String, code: String) async throws {
      let database = try await Server.connect()
      let error = try await failure { try await cell(database, sql) }
      #expect(error.kind == .statementFailed)
      #expect(error.code == code)
      #expect(try await cell(database, "SELECT count(*) FROM parity_live.items") == "1000")
      await database.close()
    }

    @Test(arguments: ["COMMIT", "ROLLBACK", "COMMIT AND CHAIN"])
    func endingTheTransactionIsAnError(sql: String) async throws {
      let database = try await Server.connect(jobs: 2)
      let error = try await failure { try await cell(database, sql) }
      #expect(error.kind == .statementFailed)
      await database.close()
    }

    @Test func copyIsRefused() async throws {
      let database = try await Server.connect(jobs: 2)
      let error = try await failure {
        try await cell(database, "COPY parity_live.items TO STDOUT")
      }
      #expect(error.kind == .unsupported)
      #expect(try await cell(database, "SELECT 1") == "1")
      await database.close()
    }

    @Test func missingThingsAreNamed() async throws {
      let database = try await Server.connect()
      for (sql, code) in [
        ("SELECT * FROM parity_live.nothing", "42P01"), ("SELECT nothing FROM pg_class", "42703"),
      ] {
        let error = try await failure { try await cell(database, sql) }
        #expect(error.kind == .missingObject)
        #expect(error.code == code)
        #expect(error.message.contains("nothing\" does not exist"))
      }
      await database.close()
    }

    @Test func deniedTablesComeWithTheGrant() async throws {
      let database = try await Server.connect(user: "parity_reader")
      let denied = try await failure {
        try await cell(database, "SELECT 1 FROM parity_live.hidden")
      }
      #expect(denied.kind == .permissionDenied)
      #expect(denied.code == "42501")
      #expect(denied.message == "permission denied for table hidden")
      #expect(denied.hint == "GRANT SELECT ON hidden TO parity_reader")
      await database.close()
    }

    @Test func hiddenRowsAreAnErrorNotASmallerCount() async throws {
      let database = try await Server.connect(user: "parity_reader")
      let error = try await failure {
        try await cell(database, "SELECT count(*) FROM parity_live.guarded")
      }
      #expect(error.kind == .permissionDenied)
      #expect(error.hint?.contains("BYPASSRLS") == true)
      await database.close()
    }

    @Test func textThatIsNotUTF8IsAnError() async throws {
      _ = Server.fixture
      if Server.administer("SELECT count(*) FROM pg_database WHERE datname = 'parity_ascii'") == "0"
      {
        Server.administer(
          """
          CREATE DATABASE parity_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'
          """)
      }
      let database = try await Server.open(try Server.url(database: "parity_ascii"))
      let error = try await failure { try await cell(database, "SELECT E'caf\\351'") }
      #expect(error.kind == .statementFailed)
      #expect(error.code == "22021")
      #expect(error.hint?.contains("encoding") == true)
      #expect(try await cell(database, "SELECT 'café'") == "café")
      await database.close()
    }
  }
}
