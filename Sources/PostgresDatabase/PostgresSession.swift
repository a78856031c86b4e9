/// The statements that set a session up; all of it ends with the transaction, so that nothing is
/// left behind on a server connection that a pooler hands to others.
struct PostgresSession: Sendable {
  /// The longest a statement may run, in seconds; `nil` leaves the server's own limit.
  let statementTimeout: Double?

  /// Begins the transaction, on the snapshot with this id or on one of its own.
  func opening(on snapshot: String?) -> String {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    guard let snapshot else { return begin }
    return begin + "; SET TRANSACTION SNAPSHOT '\(snapshot.replacing("'", with: "''"))'"
  }

  /// Makes values print alike everywhere, guards against surprises, and sets the savepoint.
  var preparing: String {
    var settings = [
      "search_path": "''", "client_encoding": "'UTF8'", "standard_conforming_strings": "on",
      "timezone": "'UTC'", "datestyle": "'ISO, YMD'", "intervalstyle": "'postgres'",
      "extra_float_digits": "1", "bytea_output": "'hex'",
      // A policy that would hide rows becomes an error.
      "row_security": "off", "default_transaction_read_only": "on", "lock_timeout": "'30s'",
      "idle_in_transaction_session_timeout": "0",
      // A cursor is read to its end: plan for all rows, not for the first.
      "cursor_tuple_fraction": "1",
    ]
    if let statementTimeout {
      settings["statement_timeout"] = "\(Self.milliseconds(statementTimeout))"
    }
    let path = "SET LOCAL search_path = ''"
    let lines = settings.sorted { $0.key < $1.key }.map { "SET LOCAL \($0.key) = \($0.value)" }
    return ([path] + lines + [Self.younger, "SAVEPOINT \(Self.savepoint)"]).joined(separator: "; ")
  }

  /// Forgets everything since the savepoint, which stays.
  static let settling = "ROLLBACK TO SAVEPOINT \(savepoint)"

  /// Gives the snapshot an id under which other connections can have it.
  static let sharing = "SELECT pg_catalog.pg_export_snapshot()"

  /// Goes on as another role until the next settling; policies apply to it as they always do.
  static func acting(as role: String) -> String {
    let name = role.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
    return "SET LOCAL row_security = on; SET LOCAL ROLE \"\(name)\""
  }

  /// Another search path and time zone until the next settling; `nil` where none is wanted.
  static func surrounding(schema: String?, zone: String?) -> String? {
    var settings: [String] = []
    if let schema {
      let name = schema.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"")
      settings.append("SET LOCAL search_path = \"\(name)\"")
    }
    if let zone {
      settings.append("SET LOCAL timezone = '\(zone.replacing("'", with: "''"))'")
    }
    return settings.isEmpty ? nil : settings.joined(separator: "; ")
  }

  /// Goes on as an application would until the next settling: names are looked up in the schema, and
  /// the server compiles where it is set to.
  static func serving(_ schema: String) -> String {
    let name = schema.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
    let path = schema == "public" ? "public" : "\"\(name)\", public"
    return "SET LOCAL search_path = \(path); SET LOCAL jit TO DEFAULT"
  }

  /// Limits the statements until the next settling, in seconds.
  static func limiting(to seconds: Double) -> String {
    "SET LOCAL statement_timeout = \(milliseconds(seconds))"
  }

  /// A limit as the server wants it: whole milliseconds, at least one, for zero means none.
  static func milliseconds(_ seconds: Double) -> Int {
    let most = Double(Int32.max)
    return Int(max(1, min(most, (seconds * 1_000).rounded(.up))))
  }

  private static let savepoint = "parity_statement"

  /// Settings that older servers, or servers on other systems, do not have.
  private static let younger = """
    SELECT pg_catalog.set_config(w.name, w.setting, true)
    FROM (VALUES ('jit', 'off'), ('transaction_timeout', '0'), ('idle_session_timeout', '0'),
      ('client_connection_check_interval', '10s')) AS w (name, setting)
    JOIN pg_catalog.pg_settings s ON s.name = w.name
    WHERE w.name <> 'client_connection_check_interval' OR pg_catalog.version() LIKE '%linux%'
    """
}
