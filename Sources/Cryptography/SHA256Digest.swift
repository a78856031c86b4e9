import Crypto
import FoundationEssentials

/// The SHA-256 digest of some bytes.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes of the digest.
  package let bytes: [UInt8]

  /// Digests bytes that are all at hand.
  package init(of bytes: [UInt8]) { self.bytes = Array(SHA256.hash(data: bytes)) }

  /// Digests bytes that come in parts; `next` gives none when there are no more.
  package init<Failure: Error>(
    ofParts next: () throws(Failure) -> [UInt8]
  ) throws(Failure) {
    var hash = SHA256()
    while true {
      let part = try next()
      if part.isEmpty { break }
      hash.update(data: part)
    }
    bytes = Array(hash.finalize())
  }

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
