package import Cryptography
package import SpecCore

/// How a connection proves who it is, with everything needed to make a bearer token.
package enum Credentials: Sendable {
  /// A registered RSA key; a token is minted from it at need.
  case keyPair(RSAKey, account: String, user: String)
  /// A token that somebody else issued; the file is read again when the server refuses it.
  case token(Secret, type: TokenType, file: String?)

  /// What `X-Snowflake-Authorization-Token-Type` says; sent always, because the published schema
  /// and the manual disagree on what is assumed without it.
  package enum TokenType: String, Hashable, Sendable {
    case keyPair = "KEYPAIR_JWT"
    case accessToken = "PROGRAMMATIC_ACCESS_TOKEN"
    case oauth = "OAUTH"
  }

  package var type: TokenType {
    switch self {
    case .keyPair: .keyPair
    case .token(_, let type, _): type
    }
  }

  /// Reads the authenticator and what it needs; remarks on key files go to `notes`.
  package init(
    _ settings: ConnectionSettings, account: String, environment: [String: String],
    notes: inout [String]
  ) throws(DatabaseError) {
    let hasKey = settings.secret("private_key_file", "private_key_path", "private_key_raw") != nil
    // As in Snowflake's connector, a key decides when the connection names no method.
    let method = settings.text("authenticator") ?? (hasKey ? "SNOWFLAKE_JWT" : "SNOWFLAKE")
    switch method.uppercased() {
    case "SNOWFLAKE_JWT":
      let user = try settings.required("user").uppercased()
      let key = try Self.key(settings, environment, &notes)
      self = .keyPair(key, account: account, user: user)
    case "PROGRAMMATIC_ACCESS_TOKEN":
      self = try Self.token(.accessToken, settings, environment, &notes)
    case "OAUTH":
      self = try Self.token(.oauth, settings, environment, &notes)
    default:
      throw .unsupported(method, settings)
    }
  }

  private static func key(
    _ settings: ConnectionSettings, _ environment: [String: String], _ notes: inout [String]
  ) throws(DatabaseError) -> RSAKey {
    let pem: Secret
    let origin: String
    if let path = settings.text("private_key_file") ?? settings.text("private_key_path") {
      origin = expandingTilde(path, environment)
      pem = try contents(of: origin, what: "the private key", settings, &notes)
    } else if let raw = settings.secret("private_key_raw") {
      origin = "private_key_raw"
      pem = raw
    } else {
      throw DatabaseError(
        .configuration, "connection \(settings.name) has no private key",
        hint: "add `private_key_file = \"…\"` (PKCS#8, PEM)")
    }
    let spare =
      environment["PRIVATE_KEY_PASSPHRASE"] ?? environment["SNOWFLAKE_PRIVATE_KEY_FILE_PWD"]
    let own = settings.secret("private_key_file_pwd", "private_key_passphrase")
    let passphrase = own ?? spare.map(Secret.init)
    do throws(RSAKeyError) {
      return try RSAKey(pem: pem, passphrase: passphrase)
    } catch {
      throw .unusable(error, origin)
    }
  }

  private static func token(
    _ type: TokenType, _ settings: ConnectionSettings, _ environment: [String: String],
    _ notes: inout [String]
  ) throws(DatabaseError) -> Credentials {
    // As in Snowflake's connector, the file wins over the text.
    if let path = settings.text("token_file_path").map({ expandingTilde($0, environment) }) {
      let text = try contents(of: path, what: "the token file", settings, &notes)
      return .token(try usable(text, settings), type: type, file: path)
    }
    guard let token = settings.secret("token") else {
      throw DatabaseError(
        .configuration, "connection \(settings.name) has no token",
        hint: settings.remedy("token", fileKey: "token_file_path"))
    }
    return .token(try usable(token, settings), type: type, file: nil)
  }

  private static func contents(
    of path: String, what: String, _ settings: ConnectionSettings, _ notes: inout [String]
  ) throws(DatabaseError) -> Secret {
    guard let file = try PrivateFile(at: path, what: what) else {
      throw DatabaseError(
        .configuration, "\(what) \(path) of connection \(settings.name) does not exist")
    }
    notes += file.notes
    return Secret(file.text)
  }

  /// The token without surrounding white space; anything else that cannot stand in a header is an
  /// error here, since the HTTP client would quote it.
  private static func usable(
    _ token: Secret, _ settings: ConnectionSettings
  ) throws(DatabaseError) -> Secret {
    guard let usable = trimmedToken(token) else {
      throw DatabaseError(
        .configuration, "the token of connection \(settings.name) is empty or not one word")
    }
    return usable
  }
}

/// The token without white space around it, or nil when it could not stand in a header.
package func trimmedToken(_ token: Secret) -> Secret? {
  let words = token.reveal().split(whereSeparator: \.isWhitespace)
  guard words.count == 1, words[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
    return nil
  }
  return Secret(String(words[0]))
}

extension DatabaseError {
  fileprivate static func unsupported(_ method: String, _ settings: ConnectionSettings) -> Self {
    let hint =
      switch method.uppercased() {
      case "SNOWFLAKE", "USERNAME_PASSWORD_MFA":
        "passwords do not work over Snowflake's SQL API; register a public key with the user and "
          + "set authenticator = \"SNOWFLAKE_JWT\" with private_key_file, or use a "
          + "PROGRAMMATIC_ACCESS_TOKEN"
      case "EXTERNALBROWSER", "OAUTH_AUTHORIZATION_CODE":
        "a test run has no browser; use SNOWFLAKE_JWT with private_key_file, or a "
          + "PROGRAMMATIC_ACCESS_TOKEN"
      default:
        "supported are SNOWFLAKE_JWT, PROGRAMMATIC_ACCESS_TOKEN and OAUTH (with token)"
      }
    return Self(
      .configuration,
      "authenticator \(method) of connection \(settings.name) is not supported", hint: hint)
  }

  fileprivate static func unusable(_ error: RSAKeyError, _ origin: String) -> Self {
    switch error {
    case .unreadable:
      Self(
        .configuration, "\(origin) is not an RSA private key in PEM",
        hint: "convert it: openssl pkcs8 -topk8 -in KEY -out key.p8")
    case .passphraseMissing:
      Self(
        .configuration, "private key \(origin) is encrypted and there is no passphrase",
        hint: "set PRIVATE_KEY_PASSPHRASE")
    case .wrongPassphrase:
      Self(
        .configuration, "the passphrase does not open private key \(origin)",
        hint: "PRIVATE_KEY_PASSPHRASE comes after private_key_file_pwd of the connection")
    case .tooSmall(let bits):
      Self(
        .configuration, "private key \(origin) has \(bits) bits",
        hint: "Snowflake wants 2048 or more")
    case .cannotSign:
      Self(.configuration, "private key \(origin) cannot sign")
    }
  }
}
