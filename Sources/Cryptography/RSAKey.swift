import CryptoExtras
import FoundationEssentials

/// An RSA private key that signs with RSASSA-PKCS1-v1_5 and SHA-256 (RS256).
package struct RSAKey: Sendable {
  private let key: _RSA.Signing.PrivateKey

  /// Reads a key from PEM: PKCS#8 plain or encrypted, or PKCS#1.
  ///
  /// Base64 of a DER key without its PEM frame is read as PKCS#8, and `\n` written as two
  /// characters as a line end, because both are how keys travel in environment variables.
  package init(pem secret: Secret, passphrase: Secret? = nil) throws(RSAKeyError) {
    let text = Self.framed(secret.reveal())
    guard text.contains("ENCRYPTED") else {
      key = try Self.plain(text)
      return
    }
    guard let passphrase, !passphrase.reveal().isEmpty else { throw .passphraseMissing }
    let bytes = Array(passphrase.reveal().utf8)
    do {
      key = try _RSA.Signing.PrivateKey(encryptedPEMRepresentation: text) { set in set(bytes) }
    } catch {
      throw .wrongPassphrase
    }
    // Only the unencrypted initializer looks at the size by itself.
    guard key.keySizeInBits >= Self.smallest else { throw .tooSmall(bits: key.keySizeInBits) }
  }

  /// Snowflake registers no smaller keys.
  private static let smallest = 2048

  private static func plain(_ text: String) throws(RSAKeyError) -> _RSA.Signing.PrivateKey {
    let key: _RSA.Signing.PrivateKey
    do {
      key = try _RSA.Signing.PrivateKey(unsafePEMRepresentation: text)
    } catch {
      throw .unreadable
    }
    guard key.keySizeInBits >= smallest else { throw .tooSmall(bits: key.keySizeInBits) }
    return key
  }

  private static func framed(_ text: String) -> String {
    let lines = text.split(separator: "\\n").joined(separator: "\n")
    guard !lines.contains("-----BEGIN") else { return lines }
    let body = lines.filter { !$0.isWhitespace }
    return "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n"
  }

  /// `SHA256:` and the base64 digest of the public key's SubjectPublicKeyInfo, as `DESC USER`
  /// shows it in RSA_PUBLIC_KEY_FP; no secret.
  package var fingerprint: String {
    "SHA256:\(SHA256Digest(of: Array(key.publicKey.derRepresentation)).base64)"
  }

  /// The public half in PEM (SubjectPublicKeyInfo); no secret.
  package var publicPEM: String { key.publicKey.pemRepresentation }

  /// The signature over the SHA-256 digest of `bytes`.
  package func signature(over bytes: [UInt8]) throws(RSAKeyError) -> [UInt8] {
    do {
      let signature = try key.signature(for: bytes, padding: .insecurePKCS1v1_5)
      return Array(signature.rawRepresentation)
    } catch {
      throw .cannotSign
    }
  }
}

/// Why a private key cannot be used; none of these holds any part of the key.
package enum RSAKeyError: Error, Hashable, Sendable {
  /// Not a private RSA key in PEM.
  case unreadable
  /// The key is encrypted and no passphrase was given.
  case passphraseMissing
  /// The passphrase does not open the key, or the key is damaged.
  case wrongPassphrase
  /// Fewer than 2048 bits.
  case tooSmall(bits: Int)
  /// The library refused to sign; not known to happen with a key that was read.
  case cannotSign
}
