import Foundation

/// The folder that files of differences go to, and the record of which files there are Parity's.
///
/// It holds what one run found, so files of an earlier run are removed when it is opened: those
/// that the record names and that still begin as such files do. No other file is ever removed or
/// written over.
final class DifferenceFolder: Sendable {
  private static let recordName = ".parity-differences"
  private static let recordTitle = "parity.differences/1"

  /// As the user wrote it.
  let path: String
  /// The open record: locked, so that two runs never share a folder.
  private let record: Int32

  /// Makes the folder where it is missing, takes it for this run, and empties it of an earlier one.
  init(_ path: String) throws(DiskError) {
    guard !path.isEmpty else {
      throw DiskError(message: "the folder for --differences has no name")
    }
    self.path = path
    try Disk.prepare("\(path)/differences")
    let name = "\(path)/\(Self.recordName)"
    let descriptor = open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw Self.problem("cannot write", name) }
    do throws(DiskError) {
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        throw DiskError(message: "cannot write \(path): another run, or spec, writes there")
      }
      try Self.clear(path, record: name)
      // The old names are forgotten only when their files are gone.
      guard ftruncate(descriptor, 0) == 0 else { throw Self.problem("cannot write", name) }
      try Self.append("\(Self.recordTitle)\n", to: descriptor, name)
    } catch {
      close(descriptor)
      throw error
    }
    record = descriptor
  }

  deinit { close(record) }

  /// The path of a file in the folder.
  func path(of name: String) -> String { "\(path)/\(name)" }

  /// Makes a file that must not be there yet.
  func create(_ name: String) throws(DiskError) -> FileHandle {
    try claim(name)
    let path = path(of: name)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.problem("cannot write", path) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Gives a file of this run another name, which must not be taken.
  func rename(_ name: String, to new: String) throws(DiskError) {
    try claim(new)
    guard Foundation.rename(path(of: name), path(of: new)) == 0 else {
      throw Self.problem("cannot write", path(of: new))
    }
  }

  /// Removes a file of this run.
  func remove(_ name: String) throws(DiskError) {
    guard unlink(path(of: name)) == 0 else { throw Self.problem("cannot remove", path(of: name)) }
  }

  /// Records a name as this run's, before its file is there, so that no file is ever forgotten.
  private func claim(_ name: String) throws(DiskError) {
    let path = path(of: name)
    var status = stat()
    guard lstat(path, &status) != 0 else {
      throw DiskError(message: "cannot write \(path): such a file is there, and no run wrote it")
    }
    try Self.append("\(name)\n", to: record, self.path(of: Self.recordName))
  }

  private static func clear(_ path: String, record: String) throws(DiskError) {
    let bytes = try Disk.read(record, limit: 64_000_000)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    guard let title = lines.first else { return }
    guard title == recordTitle else {
      throw DiskError(message: "cannot write \(record): such a file is there, and no run wrote it")
    }
    for name in Set(lines.dropFirst()) where !name.contains("/") {
      let file = "\(path)/\(name)"
      guard try isOurs(file) else { continue }
      guard unlink(file) == 0 else { throw problem("cannot remove", file) }
    }
  }

  /// Whether it is a file that begins as a file of differences does, or holds nothing yet.
  private static func isOurs(_ path: String) throws(DiskError) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    if status.st_size == 0 { return true }
    let start = String(decoding: try Disk.read(path, limit: 65_536), as: UTF8.self)
    guard start.hasPrefix(DifferenceFiles.headStart), let end = start.firstRange(of: "\r\n") else {
      return false
    }
    return start[..<end.lowerBound].hasSuffix(DifferenceFiles.headEnd)
  }

  private static func append(
    _ text: String, to descriptor: Int32, _ path: String
  ) throws(DiskError) {
    let bytes = Array(text.utf8)
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw problem("cannot write", path) }
  }

  private static func problem(_ what: String, _ path: String) -> DiskError {
    DiskError(message: "\(what) \(path): \(String(cString: strerror(errno)).lowercased())")
  }
}
