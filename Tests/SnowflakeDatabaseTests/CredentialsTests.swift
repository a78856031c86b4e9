import CryptoExtras
import Cryptography
import Foundation
import SnowflakeDatabase
import SpecCore
import Testing

@Suite("credentials")
struct CredentialsTests {
  private func credentials(
    _ values: [String: String], environment: [String: String] = [:]
  ) throws -> (Credentials, notes: [String]) {
    var notes: [String] = []
    let settings = ConnectionSettings(name: "c", values: values.mapValues(Secret.init))
    let credentials = try Credentials(
      settings, account: "ORG-ACC", environment: environment, notes: &notes)
    return (credentials, notes)
  }

  private func newKey() throws -> String {
    try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation
  }

  @Test("a key is read from a file or a variable, and decides where no method is named")
  func keys() throws {
    let home = try TemporaryFolder()
    let pem = try newKey()
    let fingerprint = try RSAKey(pem: Secret(pem)).fingerprint
    try home.write("key.p8", pem, permissions: 0o640)
    for (key, value) in [
      ("private_key_file", "~/key.p8"), ("private_key_path", home.path + "/key.p8"),
      ("private_key_raw", pem),
    ] {
      let (found, notes) = try credentials(
        ["user": "anna", key: value], environment: ["HOME": home.path])
      guard case .keyPair(let rsa, "ORG-ACC", "ANNA") = found else {
        Issue.record("\(key) gave \(found)")
        continue
      }
      #expect(rsa.fingerprint == fingerprint)
      #expect(found.type.rawValue == "KEYPAIR_JWT")
      #expect(notes.isEmpty == (key == "private_key_raw"))
    }
  }

  @Test("a key that others may replace is refused")
  func writableKey() throws {
    let home = try TemporaryFolder()
    let path = try home.write("key.p8", newKey(), permissions: 0o660)
    let error = #expect(throws: DatabaseError.self) {
      try credentials(["user": "a", "private_key_file": path])
    }
    #expect(error?.message.contains("can be changed by group or others") == true)
  }

  @Test("tokens come from the file before the text, without white space")
  func tokens() throws {
    let home = try TemporaryFolder()
    let path = try home.write("token", "from-file\n")
    let (access, _) = try credentials([
      "authenticator": "programmatic_access_token", "token": "text", "token_file_path": path,
    ])
    guard case .token(let token, .accessToken, path) = access else {
      Issue.record("\(access)")
      return
    }
    #expect(token.reveal() == "from-file")
    let (oauth, _) = try credentials(["authenticator": "OAUTH", "token": " text "])
    guard case .token(Secret("text"), .oauth, nil) = oauth else {
      Issue.record("\(oauth)")
      return
    }
  }

  @Test(
    "what cannot work is refused with a way out, and without the secret",
    arguments: [
      (["user": "a", "password": "hunter2"], "authenticator SNOWFLAKE", "public key"),
      (["authenticator": "externalbrowser"], "authenticator externalbrowser", "no browser"),
      (["authenticator": "https://x.okta.com"], "not supported", "PROGRAMMATIC_ACCESS_TOKEN"),
      (["authenticator": "SNOWFLAKE_JWT", "user": "a"], "no private key", "private_key_file"),
      (["private_key_raw": "hunter2"], "has no user", "user = "),
      (["private_key_raw": "hunter2", "user": "a"], "not an RSA private key", "openssl"),
      (["private_key_file": "/none/key", "user": "a"], "does not exist", ""),
      (["authenticator": "OAUTH"], "has no token", "SNOWFLAKE_CONNECTIONS_C_TOKEN"),
      (["authenticator": "OAUTH", "token": "hunter2\nx: y"], "not one word", ""),
      (["authenticator": "OAUTH", "token": "hunter2é"], "not one word", ""),
    ] as [([String: String], String, String)])
  func refused(_ values: [String: String], _ message: String, _ hint: String) {
    let error = #expect(throws: DatabaseError.self) { try credentials(values) }
    #expect(error?.kind == .configuration)
    #expect(error?.message.contains(message) == true)
    #expect(hint.isEmpty || error?.hint?.contains(hint) == true)
    #expect(!String(reflecting: error).contains("hunter2"))
  }
}

@Suite("tokens")
struct TokenSourceTests {

  private func claims(_ token: Secret) throws -> [String: Any] {
    let part = try #require(token.reveal().split(separator: ".").dropFirst().first)
    let padded = part + String(repeating: "=", count: (4 - part.count % 4) % 4)
    let data = try #require(Data(base64Encoded: String(padded)))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("a key mints tokens that are valid for less than an hour, in whole seconds")
  func mints() async throws {
    let key = try RSAKey(
      pem: Secret(try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation))
    let source = TokenSource(
      .keyPair(key, account: "ORG-ACC", user: "ANNA"), clock: .still(epoch: 1_795_402_907))
    let token = try await source.token()
    let claims = try claims(token)
    #expect(claims["iss"] as? String == "ORG-ACC.ANNA.\(key.fingerprint)")
    #expect(claims["sub"] as? String == "ORG-ACC.ANNA")
    #expect(claims["iat"] as? Int == 1_795_402_907)
    #expect(claims["exp"] as? Int == 1_795_402_907 + 3_540)
    #expect(try await source.token() == token)
    #expect(try await source.renew(token))
  }

  @Test("a minted token is replaced five minutes before it ends")
  func renews() async throws {
    let key = try RSAKey(
      pem: Secret(try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation))
    let moments = Moments([0, 0, 3_239, 3_240, 3_240])
    var world = Surroundings.still()
    world.epochSeconds = { moments.next() }
    let source = TokenSource(.keyPair(key, account: "A", user: "B"), clock: world)
    let first = try await source.token()
    #expect(try await source.token() == first)
    #expect(try await source.token() == first)
    #expect(try await source.token() != first)
  }

  @Test("a token from a file is read again when it was refused")
  func files() async throws {
    let home = try TemporaryFolder()
    let path = try home.write("token", "old")
    let source = TokenSource(.token(Secret("old"), type: .oauth, file: path), clock: .still())
    let old = try await source.token()
    #expect(try await source.renew(old) == false)
    try home.write("token", "new\n")
    #expect(try await source.renew(old))
    #expect(try await source.token() == Secret("new"))
    #expect(try await source.renew(old))
  }

  @Test("a token that was given as text cannot be renewed")
  func texts() async throws {
    let source = TokenSource(.token(Secret("t"), type: .oauth, file: nil), clock: .still())
    #expect(try await source.renew(source.token()) == false)
  }
}
