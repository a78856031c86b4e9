import Foundation

/// A file that lines are added to, each of them there for readers as soon as it is written.
struct LineFile {
  private let path: String
  private let descriptor: Int32

  /// Opens the file at its end, so that a watch begun again goes on where the last one stopped.
  init(_ path: String) throws(DiskError) {
    let folder = Disk.folder(of: path)
    if !folder.isEmpty {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw DiskError(message: "cannot write \(path): its folder cannot be made")
      }
    }
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.problem(path) }
    self.path = path
  }

  /// Adds a line, with its line break, as one write where the system allows it.
  func add(_ line: String) throws(DiskError) {
    var bytes = Array(line.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno != EINTR && errno != EAGAIN {
        throw Self.problem(path)
      }
    }
  }

  /// Ends it.
  func end() { close(descriptor) }

  private static func problem(_ path: String) -> DiskError {
    DiskError(message: "cannot write \(path): \(String(cString: strerror(errno)).lowercased())")
  }
}
