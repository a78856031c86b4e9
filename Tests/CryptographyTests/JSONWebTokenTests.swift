import CryptoExtras
import Cryptography
import Foundation
import Testing

@Suite("JSON web tokens")
struct JSONWebTokenTests {
  @Test("have whole seconds and a signature that verifies")
  func signed() throws {
    let key = try RSAKey(pem: fixture("encrypted.p8"), passphrase: Secret("open sesame"))
    let token = JSONWebToken(
      issuer: "ORG-ACC.ANNA \"B\"\n", subject: "ORG-ACC.ANNA", issuedAt: 1_795_402_907,
      expiresAt: 1_795_406_447)
    let parts = try token.signed(with: key).reveal().split(separator: ".").map(String.init)
    #expect(parts.count == 3)
    #expect(try decoded(parts[0]) == Data(#"{"alg":"RS256","typ":"JWT"}"#.utf8))
    let claims =
      #"{"exp":1795406447,"iat":1795402907,"iss":"ORG-ACC.ANNA \"B\"\u000a","sub":"ORG-ACC.ANNA"}"#
    #expect(try decoded(parts[1]) == Data(claims.utf8))
    let signature = _RSA.Signing.RSASignature(rawRepresentation: try decoded(parts[2]))
    let verifier = try _RSA.Signing.PublicKey(pemRepresentation: key.publicPEM)
    #expect(
      verifier.isValidSignature(
        signature, for: Data("\(parts[0]).\(parts[1])".utf8), padding: .insecurePKCS1v1_5))
  }

  private func decoded(_ part: String) throws -> Data {
    #expect(!part.contains("="))
    let standard = part.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
    let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
    return try #require(Data(base64Encoded: String(standard) + padding))
  }
}
