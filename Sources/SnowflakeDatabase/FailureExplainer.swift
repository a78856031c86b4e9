import SpecCore

/// Puts what the SQL API answers into the words and classes of ``DatabaseError``.
package struct FailureExplainer: Hashable, Sendable {
  /// The server's address, for messages.
  package var origin: String
  /// Who we say we are, without secrets: `user PARITY, key SHA256:…`.
  package var identity: String

  package init(origin: String = "the server", identity: String = "the connection") {
    self.origin = origin
    self.identity = identity
  }

  /// An answer that repeating does not cure.
  func explain(
    _ status: Int, _ head: StatementReply?, _ handle: String?, _ call: StatementMachine.Call
  ) -> DatabaseError {
    let words = head?.message.map(oneLine)
    var error =
      switch status {
      case 400: badRequest(words)
      case 401: refused(head?.code, words)
      case 403: head?.sqlState == "42501" ? denied(words) : forbidden(words)
      case 404: isSubmit(call) ? noSuchServer(status) : forgotten(words)
      case 300..<400, 405, 415: noSuchServer(status)
      case 408: timedOut(words)
      case 422: sqlFailure(code: head?.code, state: head?.sqlState, words: words)
      case 522: DatabaseError(.encryptionFailed, words ?? "the certificate is not valid")
      default: DatabaseError(.protocolViolation, "\(origin) answered with HTTP status \(status)")
      }
    error.code = head?.code ?? "HTTP \(status)"
    error.queryID = head?.statementHandle ?? handle
    return error
  }

  /// An answer that was repeated as often as the policy allows.
  func exhausted(
    _ status: Int, _ head: StatementReply?, _ handle: String?, _ attempts: Int
  ) -> DatabaseError {
    let words = head?.message.map { ": \(oneLine($0))" } ?? ""
    // Overload passes by itself, so the kind differs from that of a server that is broken.
    let isOverload = status == 429 || status == 503
    return DatabaseError(
      isOverload ? .throttled : .connectionLost,
      "Snowflake still answered with HTTP status \(status) after \(attempts) attempts\(words)",
      hint: isOverload ? "run fewer statements at a time with --jobs, or try later" : nil,
      code: head?.code ?? "HTTP \(status)", queryID: head?.statementHandle ?? handle)
  }

  /// A request without an answer.
  func explain(_ failure: WireFailure, _ handle: String?) -> DatabaseError {
    var error =
      switch failure {
      case .unreachable(let reason):
        DatabaseError(
          .unreachable, "\(origin) cannot be reached: \(reason)",
          hint: "check account, host and region of the connection, and HTTPS_PROXY")
      case .untrusted(let reason):
        DatabaseError(
          .encryptionFailed, "TLS with \(origin) failed: \(reason)",
          hint: "behind an intercepting proxy, name its certificate in SSL_CERT_FILE")
      case .lost(let reason):
        DatabaseError(.connectionLost, "the connection to \(origin) broke: \(reason)")
      case .silent:
        DatabaseError(.connectionLost, "\(origin) did not answer in time")
      case .tooLarge(let limit):
        DatabaseError(
          .protocolViolation, "an answer of \(origin) is larger than \(limit) bytes")
      case .refused(let reason):
        DatabaseError(.configuration, "the request could not be sent: \(reason)")
      case .cancelled:
        DatabaseError(.cancelled, "the statement was cancelled")
      }
    error.queryID = handle
    return error
  }

  private func isSubmit(_ call: StatementMachine.Call) -> Bool {
    if case .submit = call { return true }
    return false
  }

  private func refused(_ code: String?, _ words: String?) -> DatabaseError {
    let hint =
      switch code {
      case "390144":
        "compare RSA_PUBLIC_KEY_FP of DESC USER with \(identity), check account and user, and "
          + "this machine's clock"
      case "390303", "390318": "the token has expired or is of another account; get a new one"
      default: "check \(identity), and whether the user may log in this way"
      }
    return DatabaseError(
      .authenticationFailed, words ?? "\(origin) refused the credentials", hint: hint)
  }

  private func forbidden(_ words: String?) -> DatabaseError {
    DatabaseError(
      .configuration, words ?? "\(origin) forbids the request",
      hint: "check account and host of the connection, and the account's network policy")
  }

  private func noSuchServer(_ status: Int) -> DatabaseError {
    DatabaseError(
      .configuration, "there is no SQL API at \(origin) (HTTP status \(status))",
      hint: "check account, region and host of the connection")
  }

  private func forgotten(_ words: String?) -> DatabaseError {
    DatabaseError(
      .statementFailed, words ?? "Snowflake no longer knows the statement",
      hint: "results are kept for 24 hours")
  }

  private func badRequest(_ words: String?) -> DatabaseError {
    DatabaseError(
      .protocolViolation, words ?? "Snowflake could not read the request",
      hint: "this is a mistake of Parity's; please report it")
  }

  private func timedOut(_ words: String?) -> DatabaseError {
    DatabaseError(
      .timeout, words ?? "the statement passed its time limit",
      hint: "raise statement_timeout, or use a larger warehouse")
  }

  private func denied(_ words: String?) -> DatabaseError {
    DatabaseError(.permissionDenied, words ?? "insufficient privileges", hint: grantHint)
  }
}

private let grantHint = "grant the role of the connection what is missing, or name another role"

/// A statement that Snowflake refused or gave up, by its code and then its SQLSTATE.
private func sqlFailure(code: String?, state: String?, words: String?) -> DatabaseError {
  let words = words ?? "the statement failed"
  switch code {
  case "002003", "002043":
    return DatabaseError(
      .missingObject, words,
      hint: "it does not exist, or the role may not see it; names are case-sensitive here")
  // One of several statements failed; only the words tell how.
  case "100132" where words.contains("Insufficient privileges"):
    return DatabaseError(.permissionDenied, innermost(words), hint: grantHint)
  case "100132" where words.contains("does not exist or not authorized"):
    return DatabaseError(.missingObject, innermost(words))
  case "003001": return DatabaseError(.permissionDenied, words, hint: grantHint)
  case "000904":
    return DatabaseError(
      .statementFailed, words,
      hint: "no such column; Snowflake folds unquoted names to upper case")
  case "001003":
    return DatabaseError(
      .statementFailed, words, hint: "look at where: and other SQL of the spec, if it has any")
  case "000606":
    return DatabaseError(
      .configuration, words,
      hint: "add `warehouse:` to the target, and grant the role USAGE on it")
  case "000630":
    return DatabaseError(
      .timeout, words, hint: "raise statement_timeout, or the warehouse's own limit")
  case "000604": return DatabaseError(.cancelled, words)
  case "000707":
    return DatabaseError(
      .readPointUnavailable, words,
      hint: "the table is younger than the run, or DATA_RETENTION_TIME_IN_DAYS is too short")
  case "390189":
    return DatabaseError(
      .configuration, words, hint: "grant the role to the user, or correct `role:`")
  case "390190", "390201":
    return DatabaseError(
      .configuration, words, hint: "correct `database:`, `schema:` or `warehouse:`")
  default: return byState(state, words)
  }
}

/// The failing statement's own words, without those of the procedure around the statements.
private func innermost(_ words: String) -> String {
  guard
    let start = words.ranges(of: "SQL ").first(where: {
      words[$0.upperBound...].hasPrefix("access")
        || words[$0.upperBound...].hasPrefix("compilation")
    })
  else { return words }
  let rest = words[start.lowerBound...]
  return String(rest.firstRange(of: " in SYSTEM$MULTISTMT").map { rest[..<$0.lowerBound] } ?? rest)
}

private func byState(_ state: String?, _ words: String) -> DatabaseError {
  switch state {
  case "42501": DatabaseError(.permissionDenied, words, hint: grantHint)
  case "42S02": DatabaseError(.missingObject, words)
  case "57014": DatabaseError(.cancelled, words)
  default: DatabaseError(.statementFailed, words)
  }
}

/// The text on one line, with single spaces.
func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
