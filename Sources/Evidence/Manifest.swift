import Cryptography

/// The list of a bundle's files with their digests, as `sha256sum --check` reads it.
package struct Manifest: Hashable, Sendable {
  package let entries: [Entry]

  package struct Entry: Hashable, Sendable {
    package let name: String
    /// 64 lower-case hexadecimal digits.
    package let sha256: String
  }

  /// A list that cannot be read.
  package struct Mistake: Error, Hashable {
    /// What is wrong, to stand behind the file's name.
    package let reason: String
  }

  /// Of files with their bytes, in this order.
  package init(files: [(name: String, bytes: [UInt8])]) {
    entries = files.map { Entry(name: $0.name, sha256: SHA256Digest(of: $0.bytes).hex) }
  }

  /// Reads `SHA256SUMS` as this program writes it, and nothing looser: plain names of files in the
  /// same folder, each once.
  package init(parsing bytes: [UInt8]) throws(Mistake) {
    guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else {
      throw Mistake(reason: "is cut short, or no text")
    }
    var entries: [Entry] = []
    for (number, line) in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      let digest = line.prefix(64)
      let name = line.dropFirst(66)
      guard digest.utf8.count == 64, digest.allSatisfy({ "0123456789abcdef".contains($0) }),
        line.dropFirst(64).hasPrefix("  "), !name.isEmpty, !name.contains("/"), name != ".",
        name != "..", !name.contains("\\")
      else { throw Mistake(reason: "has a line \(number + 1) that is no digest and name") }
      entries.append(Entry(name: String(name), sha256: String(digest)))
    }
    guard Set(entries.map(\.name)).count == entries.count else {
      throw Mistake(reason: "names a file twice")
    }
    self.entries = entries
  }

  /// The file `SHA256SUMS`.
  package var text: String { entries.map { "\($0.sha256)  \($0.name)\n" }.joined() }
}
