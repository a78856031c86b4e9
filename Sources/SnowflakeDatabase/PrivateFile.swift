import Glibc
package import SpecCore

/// A file that holds secrets, read once, together with what its permissions say.
package struct PrivateFile: Sendable {
  /// The whole text.
  package let text: String
  /// Remarks on its permissions for the reports; empty when only the owner may touch it.
  package let notes: [String]

  /// Reads a file of at most one mebibyte, or returns nil when there is none.
  ///
  /// A file that group or others may write to is refused, because whoever can write it chooses
  /// the account that is tested; one they may read, or that somebody else owns, is remarked upon.
  /// Permissions and text come from one open file, so that nobody can swap it in between.
  package init?(at path: String, what: String) throws(DatabaseError) {
    // A pipe in the file's place must not make us wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      guard errno == ENOENT || errno == ENOTDIR else {
        throw .unreadable(path, what: what, reason: String(cString: strerror(errno)))
      }
      return nil
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path, what: what, reason: "it is not a regular file")
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      throw .writableByOthers(path, what: what)
    }
    var notes: [String] = []
    if status.st_mode & (S_IRGRP | S_IROTH | S_IXGRP | S_IXOTH) != 0 {
      notes.append("\(what) \(path) may be read by others; `chmod 0600` it")
    }
    if status.st_uid != 0, status.st_uid != geteuid() {
      notes.append("\(what) \(path) belongs to another user")
    }
    text = try Self.text(of: descriptor, path: path, what: what)
    self.notes = notes
  }

  private static func text(
    of descriptor: Int32, path: String, what: String
  ) throws(DatabaseError) -> String {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw .unreadable(path, what: what, reason: String(cString: strerror(errno)))
      }
      if count == 0 { break }
      bytes += part[..<count]
      guard bytes.count <= 1_048_576 else {
        throw .unreadable(path, what: what, reason: "it is larger than 1 MiB")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .unreadable(path, what: what, reason: "it is not UTF-8")
    }
    return text
  }

  /// Whether there is anything at the path, for finding the folder of connections.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

extension DatabaseError {
  fileprivate static func unreadable(_ path: String, what: String, reason: String) -> Self {
    Self(.configuration, "cannot read \(what) \(path): \(reason)")
  }

  fileprivate static func writableByOthers(_ path: String, what: String) -> Self {
    Self(
      .configuration, "\(what) \(path) can be changed by group or others",
      hint: "make it yours alone: chmod 0600 \(path)")
  }
}
