import Foundation

/// A file that could not be read or written, in words for the user.
struct DiskError: Error {
  let message: String
}

/// The only place that reads and writes files.
enum Disk {
  /// At most `limit` bytes of a file; one more than that when it is longer.
  static func read(_ path: String, limit: Int) throws(DiskError) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem("cannot read", path) }
    defer { if path != "-" { close(descriptor) } }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw DiskError(message: "cannot read \(path): it is a folder")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = buffer.withUnsafeMutableBytes {
        Foundation.read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw problem("cannot read", path)
      }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  /// At most so many bytes of the beginning (or from a place on) and of the end of a file, and how
  /// many it has.
  static func ends(
    of path: String, from start: Int = 0, head: Int, tail: Int
  ) throws(DiskError) -> (head: [UInt8], tail: [UInt8], size: Int) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem("cannot read", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw problem("cannot read", path) }
    let size = Int(status.st_size)
    func part(_ count: Int, at start: Int) throws(DiskError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      var filled = 0
      while filled < count {
        let got = bytes.withUnsafeMutableBytes { buffer in
          pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, start + filled)
        }
        if got < 0 {
          if errno == EINTR { continue }
          throw problem("cannot read", path)
        }
        guard got > 0 else { throw DiskError(message: "\(path) grew shorter while it was read") }
        filled += got
      }
      return bytes
    }
    return (
      try part(min(head, max(0, size - start)), at: start),
      try part(min(tail, size), at: size - min(tail, size)), size
    )
  }

  /// The names of all that lies in a folder, sorted.
  static func names(in folder: String) throws(DiskError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      // Asked again for the system's own word, which Foundation keeps to itself.
      guard let handle = opendir(folder) else { throw problem("cannot list", folder) }
      closedir(handle)
      throw DiskError(message: "cannot list \(folder)")
    }
  }

  /// The folder that a file or folder lies in; nothing for a name alone.
  ///
  /// Foundation's own ends the process for a name of one letter.
  static func folder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    let root = path.hasPrefix("/") ? "/" : ""
    return root + parts.dropLast().joined(separator: "/")
  }

  /// Makes sure that a report can be written there, before anything is run; missing folders are
  /// made.
  static func prepare(_ path: String) throws(DiskError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw DiskError(message: "cannot write \(path): it is a folder")
    }
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      // Renaming over a device would replace it by a file.
      throw DiskError(message: "cannot write \(path): it is not a regular file")
    }
    let folder = folder(of: path)
    do {
      if !folder.isEmpty {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      }
    } catch {
      throw problem("cannot write", path)
    }
    let probe = temporary(path)
    let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw problem("cannot write", path) }
    close(descriptor)
    unlink(probe)
  }

  /// Writes the file whole, then gives it its name: a reader never sees half of it.
  static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws(DiskError) {
    let draft = temporary(path)
    try write(Array(text.utf8), toNew: draft, named: path, mode: mode)
    guard rename(draft, path) == 0 else {
      let failure = problem("cannot write", path)
      unlink(draft)
      throw failure
    }
  }

  /// Writes a new file in a folder that has no name yet that anyone reads; the folder is made.
  static func write(_ bytes: [UInt8], to path: String, in draft: String) throws(DiskError) {
    do {
      try FileManager.default.createDirectory(atPath: draft, withIntermediateDirectories: true)
    } catch {
      throw problem("cannot write", path)
    }
    try write(bytes, toNew: path, named: path, mode: 0o644)
  }

  /// Writes a file whole and gives it a name that nothing has; the folder is made.
  static func writeNew(_ bytes: [UInt8], to path: String) throws(DiskError) {
    let folder = folder(of: path)
    let draft = "\(folder)/.\(getpid()).part"
    try write(bytes, to: draft, in: folder)
    defer { unlink(draft) }
    // A link, unlike a rename, never takes another file's place.
    guard link(draft, path) == 0 else { throw problem("cannot write", path) }
  }

  /// Sees that the names in a folder outlast a loss of power.
  static func flush(folder: String) throws(DiskError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem("cannot write", folder) }
    defer { close(descriptor) }
    // Some file systems cannot flush folders; they say so by EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw problem("cannot write", folder) }
  }

  /// Writes a file that is not there yet, to the disk itself; nothing of it is left after an error.
  private static func write(
    _ whole: [UInt8], toNew draft: String, named path: String, mode: mode_t
  ) throws(DiskError) {
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw problem("cannot write", path) }
    var bytes = whole[...]
    var failure: DiskError?
    while !bytes.isEmpty, failure == nil {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno != EINTR {
        failure = problem("cannot write", path)
      }
    }
    if failure == nil, fsync(descriptor) != 0, errno != EINVAL {
      failure = problem("cannot write", path)
    }
    if close(descriptor) != 0, failure == nil { failure = problem("cannot write", path) }
    if let failure {
      unlink(draft)
      throw failure
    }
  }

  private static func temporary(_ path: String) -> String { "\(path).\(getpid()).part" }

  private static func problem(_ what: String, _ path: String) -> DiskError {
    DiskError(message: "\(what) \(path): \(String(cString: strerror(errno)).lowercased())")
  }
}
