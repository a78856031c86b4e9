import Foundation
import PostgresDatabase
import SpecCore
import Testing

/// What can be said of a connection string before a server is asked.
@Suite struct ConnectionStringTests {
  @Test(arguments: [
    "postgres://app:hunter2%zz@localhost/shop", "postgres://app:hun@ter2@localhost/shop",
    "postgres://app:hun/ter2@localhost/shop", "mysql://app:hunter2@localhost/shop",
    "host=localhost password hunter2",
  ]) func unreadableURLIsRefusedWithoutItsPassword(url: String) async throws {
    let error = try await failure { try await Server.open(url) }
    #expect(error.kind == .configuration)
    #expect(error.hint?.contains("percent-encode") == true)
    #expect(!"\(error)".contains("ter2"))
  }

  @Test func missingCertificateFileIsRefused() async throws {
    let error = try await failure {
      try await Server.open("postgres://localhost/shop", sslrootcert: "/nowhere/root.crt")
    }
    #expect(error.kind == .configuration)
    #expect(error.message == "the certificate file /nowhere/root.crt cannot be read")
  }

  @Test func unknownModeIsRefused() async throws {
    let error = try await failure {
      try await Server.open("postgres://localhost/shop", sslmode: "sometimes")
    }
    #expect(error.kind == .configuration)
  }

  @Test func closedPortIsUnreachable() async throws {
    let error = try await failure {
      try await Server.open("postgres://app:hunter2@127.0.0.1:1/shop")
    }
    #expect(error.kind == .unreachable)
    #expect(error.message.contains("127.0.0.1"))
    #expect(!"\(error)".contains("hunter2"))
  }

  @Test func unknownHostIsUnreachable() async throws {
    let error = try await failure {
      try await Server.open("postgres://app:hunter2@db.invalid/shop")
    }
    #expect(error.kind == .unreachable)
  }

  @Test func silentServerIsGivenUp() async throws {
    let (port, socket) = try silentPort()
    defer { close(socket) }
    let start = ContinuousClock.now
    let error = try await failure {
      try await Server.open("postgres://app@127.0.0.1:\(port)/shop?connect_timeout=2")
    }
    #expect(error.kind == .unreachable)
    #expect(error.message.contains("timeout expired"))
    #expect(start.duration(to: .now) < .seconds(30))
  }

  @Test func connectingCanBeCancelled() async throws {
    let (port, socket) = try silentPort()
    defer { close(socket) }
    let start = ContinuousClock.now
    let task = Task {
      try await Server.open("postgres://app@127.0.0.1:\(port)/shop?connect_timeout=120")
    }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    let error = try await failure { try await task.value }
    #expect(error.kind == .cancelled)
    #expect(start.duration(to: .now) < .seconds(60))
  }

  /// A port that takes connections and never says a word.
  private func silentPort() throws -> (port: UInt16, socket: Int32) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, size) == 0 && listen(listener, 8) == 0
          && getsockname(listener, pointer, &size) == 0
      }
    }
    try #require(isBound)
    return (UInt16(bigEndian: address.sin_port), listener)
  }
}

extension LiveTests {
  /// Who the server is and how it is reached.
  @Suite struct ConnectionTests {
    @Test func factsSayWhoAndWhenAndHow() async throws {
      let database = try await Server.connect(jobs: 2, user: "parity_reader")
      let facts = database.facts
      #expect(facts.engine == "PostgreSQL")
      #expect(facts.version.first?.isNumber == true)
      #expect(facts.name.contains(" on "))
      #expect(facts.fingerprint.hasPrefix("system:"))
      #expect(facts.role == "parity_reader")
      #expect(facts.readPoint.contains("snapshot ") && facts.readPoint.contains("LSN "))
      #expect(facts.readAt.description > "2020")
      #expect(facts.encryption == "none (loopback)")
      #expect(facts.replica == nil)
      #expect(facts.notes == [])
      #expect(database.width == 2)
      await database.close()
    }

    @Test func sessionPrintsValuesAlikeEverywhere() async throws {
      let database = try await Server.connect()
      let wanted = [
        "application_name": "parity-test-run", "TimeZone": "UTC", "DateStyle": "ISO, YMD",
        "IntervalStyle": "postgres", "extra_float_digits": "1", "bytea_output": "hex",
        "row_security": "off", "search_path": "\"\"", "jit": "off", "client_encoding": "UTF8",
        "transaction_isolation": "repeatable read", "transaction_read_only": "on",
        "default_transaction_read_only": "on", "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "0", "client_connection_check_interval": "10s",
      ]
      let rows = try await database.rows(
        of: Statement("SELECT name, current_setting(name) FROM pg_settings"))
      let found = Dictionary(uniqueKeysWithValues: rows.cells.map { ($0[0] ?? "", $0[1] ?? "") })
      for (name, value) in wanted { #expect(found[name] == value, "\(name)") }
      await database.close()
    }

    @Test func unknownDatabaseIsMissing() async throws {
      let url = try Server.url(database: "parity_no_such_database")
      let error = try await failure { try await Server.open(url) }
      #expect(error.kind == .missingObject)
      #expect(error.code == "3D000")
      #expect(error.message.contains("database \"parity_no_such_database\" does not exist"))
      #expect(!error.message.contains("FATAL"))
    }

    @Test func unencryptedServerIsRefusedWhereEncryptionIsDemanded() async throws {
      let url = try #require(Server.url)
      guard Server.administer("SHOW ssl") == "off" else { return }
      let error = try await failure { try await Server.open(url, sslmode: "require") }
      #expect(error.kind == .encryptionFailed)
      #expect(error.hint?.contains("sslmode=disable") == true)
    }

    @Test(
      .enabled(if: Server.url != nil, Server.skipped),
      .enabled("pg_hba.conf demands no password of members of parity_scram") {
        _ = Server.fixture
        return Server.administer(
          """
          SELECT count(*) FROM pg_hba_file_rules
          WHERE '+parity_scram' = ANY (user_name) AND auth_method = 'scram-sha-256'
          """) != "0"
      })
    func passwordsAreCheckedAndNeverTold() async throws {
      let written = "s3cr3t-Pa55%40word"
      let good = try await Server.open(try Server.url(user: "parity_secret", password: written))
      #expect(good.facts.role == "parity_secret")
      #expect(!"\(good.facts)".contains("s3cr3t"))
      await good.close()

      let url = try Server.url(user: "parity_secret", password: "wr0ng-Pa55")
      let wrong = try await failure { try await Server.open(url) }
      #expect(wrong.kind == .authenticationFailed)
      #expect(wrong.code == "28P01")
      #expect(!"\(wrong)".contains("wr0ng"))

      let none = try await failure { try await Server.open(try Server.url(user: "parity_secret")) }
      #expect(none.kind == .authenticationFailed)
      #expect(none.hint?.contains(".pgpass") == true)
    }

    @Test func passwordInTheServersWordsIsTakenOut() async throws {
      _ = Server.fixture
      let url = try Server.url(user: "parity_reader", password: "s3cr3t%2DPa55")
      let database = try await Server.open(url)
      let error = try await failure {
        try await cell(database, "SELECT 's3cr3t-Pa55 at postgres://me:other@host/db'::int")
      }
      #expect(error.code == "22P02")
      #expect(error.message.contains("••• at postgres://me:•••@host/db"))
      await database.close()
    }

    @Test func secondHostAnswersWhenTheFirstDoesNot() async throws {
      let url = try #require(Server.url)
      let address = try #require(Server.administer("SELECT host(inet_server_addr())", on: url))
      let port = try #require(Server.administer("SHOW port", on: url))
      let user = try #require(Server.administer("SELECT current_user", on: url))
      let database = try await Server.open(
        "postgres://\(user)@127.0.0.1:1,\(address):\(port)/postgres", jobs: 2)
      #expect(database.facts.name == "postgres on \(address):\(port)")
      #expect(database.width == 2)
      await database.close()
    }

    @Test(.enabled(if: Server.standbyURL != nil, "PARITY_TEST_POSTGRES_STANDBY_URL is not set"))
    func followerSharesItsSnapshotToo() async throws {
      let database = try await Server.open(try #require(Server.standbyURL), jobs: 3)
      #expect(database.facts.replica?.hasPrefix("hot standby") == true)
      #expect(database.facts.readPoint.contains("LSN "))
      #expect(database.width == 3)
      await database.close()
    }

    @Test(.enabled(if: Server.tlsURL != nil, "PARITY_TEST_POSTGRES_TLS_URL is not set"))
    func unverifiedEncryptionIsNoted() async throws {
      let database = try await Server.open(try #require(Server.tlsURL), sslmode: "require")
      #expect(database.facts.encryption.hasPrefix("TLSv1."))
      #expect(database.facts.encryption.hasSuffix("server not verified"))
      #expect(database.facts.notes == ["TLS without server verification"])
      await database.close()
    }
  }
}
