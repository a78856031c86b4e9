import Crypto
import FoundationEssentials

/// The SHA-256 digest of some bytes.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes of the digest.
  package let bytes: [UInt8]

  /// Digests bytes that are all at hand.
  package init(of bytes: [UInt8]) { self.bytes = Array(SHA256.hash(data: bytes)) }

  /// Digests the UTF-8 bytes of a text.
  package init(of text: String) { self.init(of: Array(text.utf8)) }

  /// 64 lower-case hexadecimal digits.
  package var hex: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// Base64 with padding, as in `SHA256:…` fingerprints of Snowflake.
  package var base64: String { Data(bytes).base64EncodedString() }

  package var description: String { hex }
}
