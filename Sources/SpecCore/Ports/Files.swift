/// Files that a spec names, read on the machine that runs Parity.
package protocol Files: Sendable {
  /// Reads what the request names. What cannot be read is told in the answer, file by file.
  func read(_ request: FileRequest) async -> FoundFiles
}

/// Which files a check wants.
package struct FileRequest: Hashable, Sendable {
  /// Files, folders and patterns as the spec names them, from the spec's folder.
  ///
  /// In a pattern `*` and `?` stand for a part of a name, and `**` for any folders.
  package let paths: [String]
  /// Endings such as `.sql`, of the files that count below a folder; all, where it is empty.
  package let endings: [String]
  /// The most bytes that all files together may have.
  package let limit: Int
  /// Folders that are not looked into below others; one that is named itself is.
  package let skipped: [SkippedFolder]
  /// How much of each file is read.
  package let portion: Portion
  /// Whether the SHA-256 of each file that is read whole is told as well.
  package let isDigested: Bool

  package init(
    _ paths: [String], endings: [String] = [], limit: Int = 268_435_456,
    skipped: [SkippedFolder] = [], portion: Portion = .whole, isDigested: Bool = false
  ) {
    self.portion = portion
    self.isDigested = isDigested
    self.paths = paths
    self.endings = endings
    self.limit = limit
    self.skipped = skipped
  }

  /// How much of a file is read.
  package enum Portion: Hashable, Sendable {
    case whole
    /// So many bytes of its beginning and of its end, which may be the same ones.
    case ends(head: Int, tail: Int)
    /// At most so many bytes from a place on, told as the beginning.
    case part(from: Int, count: Int)
  }

  /// A folder of this name that lies beside a file of that name.
  package struct SkippedFolder: Hashable, Sendable {
    package let name: String
    package let sibling: String

    package init(_ name: String, beside sibling: String) {
      self.name = name
      self.sibling = sibling
    }
  }
}

/// What there was.
package struct FoundFiles: Hashable, Sendable {
  /// In the order of their paths, each once.
  package var files: [FoundFile]
  /// Paths of the request that led to no file.
  package var missing: [String]
  /// Folders that the request skips.
  package var skipped: [String]

  package init(_ files: [FoundFile] = [], missing: [String] = [], skipped: [String] = []) {
    self.files = files
    self.missing = missing
    self.skipped = skipped
  }

  /// What a check could not look at, in sentences.
  package var problems: [Verdict.Unchecked] {
    missing.map {
      Verdict.Unchecked(
        type: "missing_file", reason: "there is no file \($0)",
        remedy: "paths begin at the spec's folder; is the file made before Parity runs?")
    }
      + files.compactMap { file in
        guard case .unreadable(let reason) = file.content else { return nil }
        return Verdict.Unchecked(
          type: "unreadable_file", reason: "\(file.path) could not be read: \(reason)")
      }
  }
}

/// One file.
package struct FoundFile: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case bytes([UInt8])
    /// The beginning and the end, of a file with so many bytes.
    case ends(head: [UInt8], tail: [UInt8], size: Int)
    /// Why not, in lower case.
    case unreadable(String)
  }

  /// From the spec's folder.
  package let path: String
  package let content: Content
  /// When it was last written; `nil` where that is not known.
  package let modified: Timestamp?
  /// In hexadecimal, where it was asked for and the file could be read whole.
  package let sha256: String?

  package init(
    _ path: String, _ content: Content, modified: Timestamp? = nil, sha256: String? = nil
  ) {
    self.sha256 = sha256
    self.path = path
    self.content = content
    self.modified = modified
  }

  /// The bytes, where they could be read.
  package var bytes: [UInt8]? {
    if case .bytes(let bytes) = content { bytes } else { nil }
  }
}
