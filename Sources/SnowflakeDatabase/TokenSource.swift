package import Cryptography
package import SpecCore

/// Hands out the bearer token of a connection and renews it before it expires.
package actor TokenSource {
  private let credentials: Credentials
  private let clock: Surroundings
  private var current: (token: Secret, renewAt: Int)?

  /// Seconds a minted token is valid; Snowflake refuses more than an hour.
  private static let lifetime = 3_540
  /// Seconds before its end at which a token is replaced: longer than any one request.
  private static let margin = 300

  package init(_ credentials: Credentials, clock: Surroundings) {
    self.credentials = credentials
    self.clock = clock
  }

  /// The token to send now.
  package func token() throws(DatabaseError) -> Secret {
    if let current, clock.epochSeconds() < current.renewAt { return current.token }
    return try make()
  }

  /// Replaces a token the server refused; false when no other is to be had.
  ///
  /// Of several statements refused together only the first makes a new token.
  package func renew(_ refused: Secret) throws(DatabaseError) -> Bool {
    if let current, current.token != refused { return true }
    let latest = try make()
    // A key mints the same token twice within a second; it still deserves its one more try.
    return credentials.type == .keyPair || latest != refused
  }

  private func make() throws(DatabaseError) -> Secret {
    switch credentials {
    case .keyPair(let key, let account, let user):
      let now = clock.epochSeconds()
      let subject = "\(account).\(user)"
      let unsigned = JSONWebToken(
        issuer: "\(subject).\(key.fingerprint)", subject: subject, issuedAt: now,
        expiresAt: now + Self.lifetime)
      let token: Secret
      do throws(RSAKeyError) {
        token = try unsigned.signed(with: key)
      } catch {
        throw DatabaseError(.configuration, "the private key cannot sign")
      }
      current = (token, now + Self.lifetime - Self.margin)
      return token
    case .token(let token, _, let file):
      let latest = try file.flatMap { (path) throws(DatabaseError) in
        try PrivateFile(at: path, what: "the token file").flatMap {
          trimmedToken(Secret($0.text))
        }
      }
      current = (latest ?? token, .max)
      return latest ?? token
    }
  }
}
