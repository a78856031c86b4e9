/// Why a database could not answer: the world's fault, never the data's.
///
/// A check that meets one ends as *could not check*, never as pass or fail.
package struct DatabaseError: Error, Hashable, Sendable {
  /// What went wrong, in classes that decide retry, wording and the reports' `type`.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// No server answered at the address, or the name did not resolve.
    case unreachable
    /// The server refused the credentials.
    case authenticationFailed = "authentication_failed"
    /// TLS could not be established as demanded.
    case encryptionFailed = "encryption_failed"
    /// A variable, connection file, key or option is missing or wrong.
    case configuration
    /// The role lacks a privilege.
    case permissionDenied = "permission_denied"
    /// The object does not exist, or the role may not know that it does.
    case missingObject = "missing_object"
    /// The statement was refused or failed while it ran.
    case statementFailed = "statement_failed"
    /// The statement or the run passed its time limit.
    case timeout
    /// Somebody asked to stop (Ctrl-C, `--max-fail`).
    case cancelled
    /// The connection broke after it had been made.
    case connectionLost = "connection_lost"
    /// A snapshot conflict that a new transaction may cure (SQLSTATE 40001).
    case conflict
    /// The server asked for patience longer than we have.
    case throttled
    /// Time Travel does not reach the run's read point for this object.
    case readPointUnavailable = "read_point_unavailable"
    /// The server answered in a way the protocol does not allow.
    case protocolViolation = "protocol_violation"
    /// This side cannot do what was asked.
    case unsupported
  }

  package var kind: Kind
  /// One sentence, lower case, without secrets: usually the server's own words.
  package var message: String
  /// What to do about it.
  package var hint: String?
  /// SQLSTATE or the vendor's code.
  package var code: String?
  package var queryID: String?

  package init(
    _ kind: Kind, _ message: String, hint: String? = nil, code: String? = nil,
    queryID: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.code = code
    self.queryID = queryID
  }

  /// Whether the same question from a new snapshot may be answered: lost connections and 40001,
  /// never a timeout or a cancellation.
  package var isTransient: Bool { kind == .connectionLost || kind == .conflict }
}
