import Crypto
import FoundationEssentials

/// An Ed25519 private key (RFC 8032), for signatures that machines make.
package struct Ed25519Key: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// Reads the key from PEM, as `openssl genpkey -algorithm ed25519` writes it: PKCS#8, not
  /// encrypted.
  package init(pem secret: Secret) throws(Ed25519Error) {
    guard let der = PEM.bytes(of: secret.reveal(), "PRIVATE KEY") else { throw .unreadable }
    // PrivateKeyInfo with the algorithm 1.3.101.112 and 32 bytes in two octet strings (RFC 8410).
    let prefix: [UInt8] = [
      0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
      0x20,
    ]
    guard der.count == prefix.count + 32, der.starts(with: prefix) else { throw .unreadable }
    do {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: der.dropFirst(prefix.count))
    } catch {
      throw .unreadable
    }
  }

  /// The public half.
  package var publicKey: Ed25519PublicKey { Ed25519PublicKey(key: key.publicKey) }

  /// The 64 bytes of a signature.
  package func signature(of bytes: [UInt8]) throws(Ed25519Error) -> [UInt8] {
    do {
      return Array(try key.signature(for: bytes))
    } catch {
      throw .unusable
    }
  }
}

/// An Ed25519 public key.
package struct Ed25519PublicKey: Sendable {
  fileprivate let key: Curve25519.Signing.PublicKey

  fileprivate init(key: Curve25519.Signing.PublicKey) { self.key = key }

  /// SubjectPublicKeyInfo of the algorithm 1.3.101.112 (RFC 8410), before the 32 bytes.
  private static let prefix: [UInt8] = [
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  /// Reads the key from PEM, as `openssl pkey -pubout` writes it.
  package init(pem text: String) throws(Ed25519Error) {
    guard let der = PEM.bytes(of: text, "PUBLIC KEY"), der.count == Self.prefix.count + 32,
      der.starts(with: Self.prefix)
    else { throw .unreadable }
    do {
      key = try Curve25519.Signing.PublicKey(rawRepresentation: der.dropFirst(Self.prefix.count))
    } catch {
      throw .unreadable
    }
  }

  /// The key as SubjectPublicKeyInfo in DER.
  package var der: [UInt8] { Self.prefix + Array(key.rawRepresentation) }

  /// Whether the signature was made over these bytes with the private half.
  package func isValid(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    key.isValidSignature(signature, for: bytes)
  }
}

/// A key that cannot be used.
package enum Ed25519Error: Error {
  /// Not PEM, of another algorithm, or encrypted.
  case unreadable
  /// The library refused to sign.
  case unusable
}

/// Keys in text (RFC 7468).
private enum PEM {
  /// The bytes between the lines of this label; `nil` where the text is anything else.
  static func bytes(of text: String, _ label: String) -> [UInt8]? {
    // Keys travel in environment variables with `\n` written as two characters.
    var lines = text.split(separator: "\\n").joined(separator: "\n").split(
      whereSeparator: \.isNewline
    )
    .map { $0.filter { !$0.isWhitespace || $0 == " " } }
    lines.removeAll { $0.allSatisfy(\.isWhitespace) }
    guard lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----",
      let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    else { return nil }
    return Array(data)
  }
}
