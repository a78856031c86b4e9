internal import SpecCore

/// Puts failures of libpq and the server into the run's classes and words.
struct PostgresErrors: Sendable {
  /// Takes secrets out of their words.
  let redaction: Redaction
  /// Whom hints about grants are for.
  var role = "the role"

  /// The failure as a database error, without secrets.
  func error(_ failure: PostgresFailure) -> DatabaseError {
    switch failure.cause {
    case .interrupted: return DatabaseError(.cancelled, "the statement was stopped on request")
    case .expired: return .overdue(code: failure.state)
    case .ended: return .transactionEnded
    case .unusable: return DatabaseError(.unsupported, words(failure.text))
    case .connection: return .lost(words(failure.text), code: failure.state)
    case .connecting:
      let said = Self.codeAndWords(of: failure.text)
      let message = words(said.text)
      guard let code = said.code else { return Self.unconnected(message) }
      return Self.refused(message, code: code) ?? classified(message, code: code)
    case .statement:
      return classified(words(failure.text), code: failure.state ?? "")
    }
  }

  /// One line, lower case at its start, without secrets.
  private func words(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingPrefix(while: \.isWhitespace) }
      .filter { !$0.hasPrefix("Is the server running") }
    let line = redaction(lines.joined(separator: "; "))
    guard let first = line.first, line.dropFirst().first?.isUppercase != true else { return line }
    return first.lowercased() + line.dropFirst()
  }

  // MARK: - Statements

  /// A failure by its SQLSTATE, with a way out.
  private func classified(_ message: String, code: String) -> DatabaseError {
    switch (code, code.prefix(2)) {
    case ("42501", _): return denied(message)
    case ("42P01", _), ("3F000", _), ("42703", _), ("42883", _), ("42704", _), ("3D000", _):
      return DatabaseError(.missingObject, message, hint: .spelling, code: code)
    case ("57014", _) where message.contains("user request"):
      return DatabaseError(
        .statementFailed, message, hint: "somebody stopped it on the server (pg_cancel_backend)",
        code: code)
    case ("57014", _): return .overdue(code: code)
    case ("55P03", _):
      return DatabaseError(
        .timeout, message, hint: "another session holds a lock on the table; run again later",
        code: code)
    case ("08P01", _) where message.contains("pooling mode"):
      return DatabaseError(.unsupported, message, hint: .pooler, code: code)
    case ("57P01", _), ("57P02", _), ("57P03", _), ("57P05", _), (_, "08"):
      return .lost(message, code: code)
    case ("25P03", _), ("25P04", _): return .lost(message, code: code)
    case ("40001", _), ("40P01", _):
      return DatabaseError(
        .conflict, message,
        hint: "on a follower, `max_standby_streaming_delay` sets how long"
          + " reads may hold back replay", code: code)
    case ("53300", _): return DatabaseError(.throttled, message, hint: .connections, code: code)
    case ("53100", _): return DatabaseError(.statementFailed, message, hint: .disk, code: code)
    case ("53200", _): return DatabaseError(.statementFailed, message, hint: .memory, code: code)
    case ("25006", _):
      return DatabaseError(
        .statementFailed, message, hint: "Parity reads only; a statement of a spec must not write",
        code: code)
    case ("0A000", _): return DatabaseError(.unsupported, message, code: code)
    case ("22021", _): return DatabaseError(.statementFailed, message, hint: .encoding, code: code)
    case ("XX001", _), ("XX002", _):
      return DatabaseError(
        .statementFailed, message, hint: "the server's own data are damaged; see its log",
        code: code)
    default:
      return DatabaseError(.statementFailed, message, code: code.isEmpty ? nil : code)
    }
  }

  /// A missing privilege, with the statement that grants it.
  private func denied(_ message: String) -> DatabaseError {
    if message.contains("row-level security") {
      return DatabaseError(
        .permissionDenied, message,
        hint: "a policy would hide rows from \(role): give it BYPASSRLS, or let the owner read",
        code: "42501")
    }
    var hint = "grant \(role) USAGE on the schema and SELECT on the relation"
    if let match = message.wholeMatch(of: /permission denied for (\D+?) (\S+)/) {
      let object = match.output.2
      switch match.output.1 {
      case "schema": hint = "GRANT USAGE ON SCHEMA \(object) TO \(role)"
      case "function", "procedure": hint = "GRANT EXECUTE ON FUNCTION \(object) TO \(role)"
      case "database": hint = "GRANT CONNECT ON DATABASE \(object) TO \(role)"
      default: hint = "GRANT SELECT ON \(object) TO \(role)"
      }
    }
    return DatabaseError(.permissionDenied, message, hint: hint, code: "42501")
  }

  // MARK: - Connecting

  /// A refusal by the server before the session began, where it means something else than later.
  private static func refused(_ message: String, code: String) -> DatabaseError? {
    switch code {
    case "28000" where message.contains("no encryption") || message.contains("SSL off"):
      DatabaseError(
        .encryptionFailed, message, hint: "the server wants TLS: set `sslmode` to require",
        code: code)
    case "28000" where message.contains("pg_hba.conf"):
      DatabaseError(
        .authenticationFailed, message,
        hint: "the server's pg_hba.conf does not let this user, database and address in", code: code
      )
    case "28P01", "28000":
      DatabaseError(.authenticationFailed, message, hint: .password, code: code)
    case "3D000":
      DatabaseError(
        .missingObject, message, hint: "see the last part of the URL, or PGDATABASE", code: code)
    case "08P01" where message.contains("authentication"):
      DatabaseError(.authenticationFailed, message, hint: .password, code: code)
    case "08P01", "0A000":
      DatabaseError(.protocolViolation, message, hint: .pooler, code: code)
    default: nil
    }
  }

  /// A failure that libpq found by itself; its words are English whatever the server speaks.
  private static func unconnected(_ message: String) -> DatabaseError {
    let known: [([String], DatabaseError.Kind, String)] = [
      (
        ["does not support SSL", "SSL was required"], .encryptionFailed,
        "the server has no TLS; on a trusted network say so with `sslmode=disable`"
      ),
      (
        ["certificate", "root.crt", "host name mismatch"], .encryptionFailed,
        "see `sslmode` and `sslrootcert`; the certificate must name the host for verify-full"
      ),
      (
        ["SSL", "TLS", "GSSAPI"], .encryptionFailed, "see `sslmode`, and the server's TLS settings"
      ),
      (
        ["no password supplied", "password", "authentication", "SCRAM", "channel binding"],
        .authenticationFailed, .password
      ),
      (
        ["could not translate host name", "Name or service not known"], .unreachable,
        "is the host spelt right, and does this machine reach its name server?"
      ),
      (["timeout expired"], .unreachable, "a firewall, a VPN, or an address list of the server?"),
      (
        ["refused", "No such file", "unreachable", "No route", "reset", "closed the connection"],
        .unreachable, "is the server running at this address and port?"
      ),
      (
        ["service", "invalid", "missing", "could not parse", "could not match"], .configuration,
        "see the connection URL, the PG* variables and the service file"
      ),
    ]
    for (marks, kind, hint) in known where marks.contains(where: { message.contains($0) }) {
      return DatabaseError(kind, message, hint: hint)
    }
    return DatabaseError(.unreachable, message)
  }

  /// Takes the SQLSTATE out of libpq's verbose words, and leaves what a reader wants.
  static func codeAndWords(of text: String) -> (code: String?, text: String) {
    let lines = text.split(whereSeparator: \.isNewline).filter { line in
      !["DETAIL:", "HINT:", "LOCATION:", "CONTEXT:"].contains { line.hasPrefix($0) }
    }
    let plain = lines.joined(separator: "\n")
    // `FATAL:  28P01: `, with the first word in the server's language.
    let mark = #/\S+: {2}(?<code>[0-9A-Z]{5}): /#
    guard let last = plain.matches(of: mark).last else { return (nil, plain) }
    return (String(last.output.code), plain.replacing(mark, with: ""))
  }
}

extension DatabaseError {
  static let transactionEnded = DatabaseError(
    .statementFailed, "the statement ended the transaction that holds the read point",
    hint: "a statement of a spec must not COMMIT or ROLLBACK")

  /// The statement ran too long.
  fileprivate static func overdue(code: String?) -> DatabaseError {
    DatabaseError(
      .timeout, "the statement passed its time limit",
      hint: "give it more time, an index, or a narrower `where`", code: code)
  }

  /// The connection broke.
  fileprivate static func lost(_ message: String, code: String?) -> DatabaseError {
    DatabaseError(.connectionLost, message.isEmpty ? "the connection broke" : message, code: code)
  }
}

extension String {
  fileprivate static let spelling =
    "is it spelt as in the catalog, and may the role see its schema?"
  fileprivate static let password =
    "see the user and password of the URL, PGPASSWORD, or ~/.pgpass (mode 0600)"
  fileprivate static let pooler =
    "is this a pooler? connect to the server itself, or let the pooler pool whole transactions"
  fileprivate static let connections =
    "use fewer `--jobs`, or wait until others let go of their connections"
  fileprivate static let disk =
    "the server has no room for temporary files; narrow the check, or free space"
  fileprivate static let memory = "the server is short of memory; try again with fewer `--jobs`"
  fileprivate static let encoding =
    "the text is not valid in the database's encoding (SQL_ASCII?); repair it at the source"
}
