import CryptoExtras
import Cryptography
import Foundation
import Testing

/// The keys in `Fixtures` were made for these tests and open nothing.
@Suite("RSA keys")
struct RSAKeyTests {
  private let passphrase = Secret("open sesame")

  @Test("reads encrypted keys, PKCS#8 and PKCS#1", arguments: ["encrypted.p8", "legacy.pem"])
  func encrypted(_ name: String) throws {
    let key = try RSAKey(pem: fixture(name), passphrase: passphrase)
    // As `openssl rsa -pubout -outform DER | openssl dgst -sha256 -binary | base64` says it.
    #expect(key.fingerprint == "SHA256:+Mw6jyco/vJfwhnMdDmJN/Gmx86pVqOnzPR2omP54Rk=")
  }

  @Test("asks for a passphrase, and says when it is the wrong one")
  func passphrases() throws {
    let pem = try fixture("encrypted.p8")
    #expect(throws: RSAKeyError.passphraseMissing) { try RSAKey(pem: pem) }
    #expect(throws: RSAKeyError.passphraseMissing) { try RSAKey(pem: pem, passphrase: Secret("")) }
    #expect(throws: RSAKeyError.wrongPassphrase) {
      try RSAKey(pem: pem, passphrase: Secret("open barley"))
    }
  }

  @Test("refuses small keys, plain or encrypted")
  func sizes() throws {
    let small = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1_024))
    #expect(throws: RSAKeyError.tooSmall(bits: 1_024)) {
      try RSAKey(pem: Secret(small.pkcs8PEMRepresentation))
    }
    let encrypted = try fixture("small_encrypted.p8")
    #expect(throws: RSAKeyError.tooSmall(bits: 1_024)) {
      try RSAKey(pem: encrypted, passphrase: passphrase)
    }
  }

  @Test(
    "refuses what is no private key",
    arguments: ["", "hello", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
  func unreadable(_ text: String) {
    #expect(throws: RSAKeyError.unreadable) { try RSAKey(pem: Secret(text)) }
  }

  @Test("reads plain keys in every form they travel in")
  func forms() throws {
    let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    let pem = key.pkcs8PEMRepresentation
    let expected = try RSAKey(pem: Secret(pem)).fingerprint
    let texts = [
      key.pemRepresentation, pem.split(separator: "\n").joined(separator: "\\n"),
      key.pkcs8DERRepresentation.base64EncodedString(),
    ]
    for text in texts { #expect(try RSAKey(pem: Secret(text)).fingerprint == expected) }
  }

  @Test("signs so that the public half verifies it")
  func signs() throws {
    let key = try RSAKey(pem: fixture("encrypted.p8"), passphrase: passphrase)
    let message = Array("text".utf8)
    let signature = _RSA.Signing.RSASignature(rawRepresentation: try key.signature(over: message))
    let verifier = try _RSA.Signing.PublicKey(pemRepresentation: key.publicPEM)
    #expect(verifier.isValidSignature(signature, for: message, padding: .insecurePKCS1v1_5))
    #expect(!verifier.isValidSignature(signature, for: [1], padding: .insecurePKCS1v1_5))
  }
}

/// The text of a file beside this one.
func fixture(_ name: String, beside file: String = #filePath) throws -> Secret {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
  let place = folder.appendingPathComponent("Fixtures/\(name)")
  return Secret(try String(contentsOf: place, encoding: .utf8))
}
