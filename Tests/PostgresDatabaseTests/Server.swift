import CLibPQ
import Glibc
import PostgresDatabase
import SpecCore
import Testing

/// Tests against a server, one after the other, for servers have few connections to spare.
@Suite(.enabled(if: Server.url != nil, Server.skipped), .serialized) struct LiveTests {}

/// The server the live tests use, as a superuser; `nil` skips them.
enum Server {
  static let url = variable("PARITY_TEST_POSTGRES_URL")
  /// A hot standby of any server, and a server with TLS; each optional.
  static let standbyURL = variable("PARITY_TEST_POSTGRES_STANDBY_URL")
  static let tlsURL = variable("PARITY_TEST_POSTGRES_TLS_URL")

  static let skipped: Comment = "PARITY_TEST_POSTGRES_URL names no server"
  static let password = "s3cr3t-Pa55@word"

  /// What the tests read; made once a process.
  static let fixture: Void = {
    administer(
      """
      DO $$ BEGIN
        PERFORM pg_advisory_xact_lock(7411);
        IF to_regrole('parity_scram') IS NULL THEN CREATE ROLE parity_scram; END IF;
        IF to_regrole('parity_reader') IS NULL THEN CREATE ROLE parity_reader LOGIN; END IF;
        IF to_regrole('parity_secret') IS NULL THEN
          CREATE ROLE parity_secret LOGIN PASSWORD '\(password)' IN ROLE parity_scram;
        END IF;
        DROP SCHEMA IF EXISTS parity_live CASCADE;
        CREATE SCHEMA parity_live;
        GRANT USAGE ON SCHEMA parity_live TO parity_reader;
        CREATE TABLE parity_live.items AS SELECT n AS id, 'item ' || n AS name
          FROM generate_series(1, 1000) n;
        CREATE TABLE parity_live.hidden (id int);
        CREATE TABLE parity_live.guarded AS SELECT 1 AS id;
        ALTER TABLE parity_live.guarded ENABLE ROW LEVEL SECURITY;
        CREATE POLICY none ON parity_live.guarded USING (false);
        GRANT SELECT ON parity_live.items, parity_live.guarded TO parity_reader;
      END $$
      """)
  }()

  /// Connects as `user`, or as the superuser.
  static func connect(
    jobs: Int = 1, user: String? = nil, statementTimeout: Double? = nil
  ) async throws -> any Database {
    _ = fixture
    var url = try #require(Server.url)
    if let user { url += (url.contains("?") ? "&" : "?") + "user=\(user)" }
    return try await open(url, jobs: jobs, statementTimeout: statementTimeout)
  }

  static func open(
    _ url: String, jobs: Int = 1, statementTimeout: Double? = nil, sslmode: String? = nil,
    sslrootcert: String? = nil
  ) async throws(DatabaseError) -> any Database {
    try await PostgresConnector(
      options: PostgresOptions(
        url: url, sslmode: sslmode, sslrootcert: sslrootcert, statementTimeout: statementTimeout,
        applicationName: "parity-test-run", jobs: jobs),
      dialect: { PostgresDialect(salt: "test", seed: "abcdefghijklmnoABCDEFGHIJKLMNO") }
    ).connect()
  }

  /// The superuser's URL with another database, user and password.
  static func url(
    database: String? = nil, user: String? = nil, password: String? = nil, port: Int? = nil
  ) throws -> String {
    var url = try #require(Server.url)
    let settings = [
      database.map { "dbname=\($0)" }, user.map { "user=\($0)" },
      password.map { "password=\($0)" }, port.map { "port=\($0)" },
    ]
    for setting in settings.compactMap(\.self) { url += (url.contains("?") ? "&" : "?") + setting }
    return url
  }

  /// Runs a statement as the superuser, writes allowed, and returns its first cell.
  @discardableResult
  static func administer(_ sql: String, on url: String? = Server.url) -> String? {
    let connection = PQconnectdb(url ?? "")
    defer { PQfinish(connection) }
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
      Issue.record("\(sql): \(String(cString: PQerrorMessage(connection)))")
      return nil
    }
    return PQntuples(result) > 0 ? String(cString: PQgetvalue(result, 0, 0)) : nil
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}

/// The first cell of a statement's answer.
func cell(_ database: any Database, _ sql: String) async throws(DatabaseError) -> String? {
  try await database.rows(of: Statement(sql)).cells.first?.first ?? nil
}

/// The error that `body` ends with.
func failure<Value>(
  _ location: SourceLocation = #_sourceLocation, of body: () async throws -> Value
) async throws -> DatabaseError {
  do {
    _ = try await body()
  } catch let error as DatabaseError {
    return error
  }
  Issue.record("no error was thrown", sourceLocation: location)
  throw CancellationError()
}
