import Foundation
import Testing

/// A small shop on both servers, made once for all tests of this process.
///
/// `customers` and `orders` are alike on both sides, `changed` has one other value, `short` lacks a
/// row in the target, `gone` the whole table, and reading `slow` takes ten
/// seconds, `slowish` and `killed` a second and a half.
struct Shop {
  /// The database in Postgres.
  let database = "parity_e2e_\(getpid())"
  /// The database in Snowflake.
  let target = "PARITY_E2E_\(getpid())"

  private static let made = Result { try Shop() }

  /// The shop; made at the first call.
  static func shared() throws -> Shop { try made.get() }

  private init() throws {
    try Servers.psql("CREATE DATABASE \(database)")
    atexit {
      _ = try? Servers.psql("DROP DATABASE parity_e2e_\(getpid()) WITH (FORCE)")
      for role in Shop.roles { _ = try? Servers.psql("DROP ROLE IF EXISTS \(role)") }
      try? Standin.shared().run("DROP DATABASE PARITY_E2E_\(getpid())")
    }
    try Servers.psql(Self.source, database: database)
    try fill(Standin.shared())
  }

  /// Makes the target's tables.
  func fill(_ standin: Standin) throws {
    try standin.run("CREATE DATABASE \(target)")
    for statement in Self.destination.components(separatedBy: ";\n") where !statement.isEmpty {
      try standin.run(statement.replacingOccurrences(of: "T.", with: "\(target).PUBLIC."))
    }
  }

  /// A role of Postgres that only this process uses.
  static func role(_ name: String) -> String { "parity_e2e_\(getpid())_\(name)" }

  private static let roles = ["blind", "columns", "rows", "locked"].map(role)

  private static let source = """
    CREATE TABLE customers (id int PRIMARY KEY, email text NOT NULL, city varchar(20));
    INSERT INTO customers SELECT n, 'c' || n || '@example.com', 'Bern' FROM generate_series(1, 5) n;
    CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers,
      total numeric(10,2) NOT NULL);
    INSERT INTO orders SELECT n, n % 5 + 1, n * 1.25 FROM generate_series(1, 8) n;
    CREATE TABLE changed (id int PRIMARY KEY, note text);
    INSERT INTO changed VALUES (1, 'one'), (2, 'two');
    CREATE TABLE short (id int PRIMARY KEY);
    INSERT INTO short VALUES (1), (2), (3);
    CREATE TABLE gone (id int PRIMARY KEY);
    CREATE VIEW killed AS SELECT n AS id FROM generate_series(1, 15) n WHERE pg_sleep(0.1) IS NOT NULL;
    CREATE VIEW killed_too AS SELECT n AS id FROM generate_series(1, 15) n WHERE pg_sleep(0.1) IS NOT NULL;
    CREATE VIEW slowish AS SELECT n AS id FROM generate_series(1, 15) n WHERE pg_sleep(0.1) IS NOT NULL;
    CREATE VIEW slow AS SELECT n AS id FROM generate_series(1, 100) n WHERE pg_sleep(0.1) IS NOT NULL;
    """

  private static let destination = """
    CREATE TABLE T.CUSTOMERS (ID NUMBER(10,0) NOT NULL PRIMARY KEY, EMAIL VARCHAR NOT NULL,
      CITY VARCHAR(20));
    INSERT INTO T.CUSTOMERS VALUES (1, 'c1@example.com', 'Bern'), (2, 'c2@example.com', 'Bern'),
      (3, 'c3@example.com', 'Bern'), (4, 'c4@example.com', 'Bern'), (5, 'c5@example.com', 'Bern');
    CREATE TABLE T.ORDERS (ID NUMBER(10,0) NOT NULL PRIMARY KEY, CUSTOMER_ID NUMBER(10,0) NOT NULL
      REFERENCES T.CUSTOMERS (ID), TOTAL NUMBER(10,2) NOT NULL);
    INSERT INTO T.ORDERS VALUES (1, 2, 1.25), (2, 3, 2.50), (3, 4, 3.75), (4, 5, 5.00),
      (5, 1, 6.25), (6, 2, 7.50), (7, 3, 8.75), (8, 4, 10.00);
    CREATE TABLE T.CHANGED (ID NUMBER(10,0) NOT NULL PRIMARY KEY, NOTE VARCHAR);
    INSERT INTO T.CHANGED VALUES (1, 'one'), (2, 'TWO');
    CREATE TABLE T.SHORT (ID NUMBER(10,0) NOT NULL PRIMARY KEY);
    INSERT INTO T.SHORT VALUES (1), (2);
    CREATE TABLE T.SLOW (ID NUMBER(10,0));
    CREATE TABLE T.SLOWISH AS SELECT COLUMN1::NUMBER(10,0) AS ID FROM VALUES (1), (2), (3), (4), (5),
      (6), (7), (8), (9), (10), (11), (12), (13), (14), (15);
    CREATE VIEW T.KILLED AS SELECT ID FROM T.SLOWISH;
    CREATE VIEW T.KILLED_TOO AS SELECT ID FROM T.SLOWISH
    """

  /// A spec of some of its tables, such as `[orders]`; other tables are not mentioned in results.
  func spec(_ tables: String, connection: String = "standin", options: String = "") -> String {
    let lines = tables.components(separatedBy: "\n").map { "  \($0)" }.joined(separator: "\n")
    return """
      version: 1
      name: Shop
      source: { postgres: $DATABASE_URL, sslmode: disable }
      target: { snowflake: \(connection), database: \(target), schema: PUBLIC\(options) }
      unlisted_tables: ignore
      tables:
      \(lines)

      """
  }

  /// A folder with `shop.yml`, where both servers are reached.
  func sandbox(_ tables: String, options: String = "") throws -> Sandbox {
    let sandbox = try Sandbox(["shop.yml": spec(tables, options: options)])
    sandbox.environment["DATABASE_URL"] = Servers.address(database: database)
    sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
    return sandbox
  }

  /// A folder with a connections.toml of its own: the stand-in's with lines replaced.
  func sandbox(
    _ standin: Standin, replacing old: String, by new: String, connection: String
  ) throws -> Sandbox {
    let sandbox = try sandbox("[orders]")
    let lines = try standin.connections().components(separatedBy: "\n").map {
      !old.isEmpty && $0.hasPrefix(old) ? new : $0
    }
    try sandbox.write(lines.joined(separator: "\n"), to: "snow/connections.toml")
    chmod(sandbox.file("snow/connections.toml"), 0o600)
    sandbox.environment["SNOWFLAKE_HOME"] = sandbox.file("snow")
    try sandbox.write(spec("[orders]", connection: connection), to: "shop.yml")
    return sandbox
  }

  /// Creates a role for one test; tests share the database, so it gets nothing by default.
  func makeRole(_ name: String, _ more: String...) throws -> String {
    let role = Self.role(name)
    try Servers.psql(
      (["DROP ROLE IF EXISTS \(role)", "CREATE ROLE \(role) LOGIN"] + more)
        .joined(separator: ";\n").replacingOccurrences(of: "ROLE_", with: role),
      database: database)
    return role
  }
}

/// All suites that need servers.
@Suite("With servers", .enabled(if: Servers.areThere, Servers.reason))
enum Live {}
