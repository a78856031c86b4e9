import Cryptography

/// The list of a bundle's files with their digests, as `sha256sum --check` reads it.
package struct Manifest: Hashable, Sendable {
  package let entries: [Entry]

  package struct Entry: Hashable, Sendable {
    package let name: String
    /// 64 lower-case hexadecimal digits.
    package let sha256: String
  }

  /// Of files with their bytes, in this order.
  package init(files: [(name: String, bytes: [UInt8])]) {
    entries = files.map { Entry(name: $0.name, sha256: SHA256Digest(of: $0.bytes).hex) }
  }

  /// The file `SHA256SUMS`.
  package var text: String { entries.map { "\($0.sha256)  \($0.name)\n" }.joined() }
}
