package import SpecCore

/// Files that are there for a test, by their paths.
package struct FakeFiles: Files {
  package var contents: [String: String]

  /// When a file was written, where that is known.
  package var modified: [String: Timestamp]
  /// Files that are no texts.
  package var binaries: [String: [UInt8]]

  package init(
    _ contents: [String: String] = [:], modified: [String: Timestamp] = [:],
    binaries: [String: [UInt8]] = [:]
  ) {
    self.contents = contents
    self.binaries = binaries
    self.modified = modified
  }

  /// A folder stands for every file below it; patterns are not known here.
  package func found(_ request: FileRequest) -> FoundFiles {
    var found = FoundFiles()
    for path in request.paths {
      let files = contents.mapValues { Array($0.utf8) }.merging(binaries) { $1 }
        .filter { $0.key == path || $0.key.hasPrefix(path + "/") }
      if files.isEmpty { found.missing.append(path) }
      found.files += files.map { path, bytes in
        if case .ends(let head, let tail) = request.portion {
          return FoundFile(
            path,
            .ends(
              head: Array(bytes.prefix(head)), tail: Array(bytes.suffix(tail)), size: bytes.count),
            modified: modified[path])
        }
        if case .part(let start, let count) = request.portion {
          return FoundFile(
            path,
            .ends(head: Array(bytes.dropFirst(start).prefix(count)), tail: [], size: bytes.count),
            modified: modified[path])
        }
        // Not the real digest: no test support knows it.
        let digest = FakeSide.digest(String(decoding: bytes, as: UTF8.self))
        return FoundFile(
          path, .bytes(bytes), modified: modified[path],
          sha256: request.isDigested ? digest + digest : nil)
      }
    }
    found.files.sort { $0.path < $1.path }
    return found
  }

  package func read(_ request: FileRequest) async -> FoundFiles { found(request) }
}
