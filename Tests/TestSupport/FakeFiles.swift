package import SpecCore

/// Files that are there for a test, by their paths.
package struct FakeFiles: Files {
  package var contents: [String: String]

  /// When a file was written, where that is known.
  package var modified: [String: Timestamp]

  package init(_ contents: [String: String] = [:], modified: [String: Timestamp] = [:]) {
    self.contents = contents
    self.modified = modified
  }

  /// A folder stands for every file below it; patterns are not known here.
  package func found(_ request: FileRequest) -> FoundFiles {
    var found = FoundFiles()
    for path in request.paths {
      let files = contents.filter { $0.key == path || $0.key.hasPrefix(path + "/") }
      if files.isEmpty { found.missing.append(path) }
      found.files += files.map {
        FoundFile($0.key, .bytes(Array($0.value.utf8)), modified: modified[$0.key])
      }
    }
    found.files.sort { $0.path < $1.path }
    return found
  }

  package func read(_ request: FileRequest) async -> FoundFiles { found(request) }
}
