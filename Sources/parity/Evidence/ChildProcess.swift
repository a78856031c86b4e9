import Foundation

/// A program of the system, run to its end without a shell.
///
/// Foundation's `Process` puts its child into a process group of its own, where it may not ask for
/// a passphrase on the terminal; this one stays in the group of the caller.
struct ChildProcess {
  /// Looked for on the `PATH`.
  let program: String
  let arguments: [String]
  let environment: [String: String]
  /// The folder it runs in; `nil` for the working folder.
  var folder: String?

  /// What it left behind.
  struct Ended {
    /// The exit code; 128 and the signal's number where a signal ended it.
    let status: Int32
    let output: String
    let errors: String
  }

  /// Why it could not be run.
  struct Failure: Error {
    let message: String
    /// Whether there is no such program.
    let isMissing: Bool
  }

  /// Gives it these bytes as standard input and keeps what it says.
  func run(input: [UInt8] = []) throws(Failure) -> Ended {
    let scratch = try Self.scratch()
    defer { scratch.remove() }
    do throws(DiskError) {
      try scratch.write(input, "in")
    } catch {
      throw Failure(message: error.message, isMissing: false)
    }
    let status = try spawn(
      input: scratch.path("in"), output: scratch.path("out"), errors: scratch.path("err"))
    func text(_ name: String) -> String {
      let bytes = (try? Disk.read(scratch.path(name), limit: 65_536)) ?? []
      return String(decoding: bytes, as: UTF8.self)
    }
    return Ended(status: status, output: text("out"), errors: text("err"))
  }

  /// Leaves the terminal to it, so that it may ask; its exit code.
  func runOnTerminal() throws(Failure) -> Int32 {
    try spawn(input: nil, output: "/dev/null", errors: nil)
  }

  private static func scratch() throws(Failure) -> ScratchFolder {
    do throws(DiskError) {
      return try ScratchFolder()
    } catch {
      throw Failure(message: error.message, isMissing: false)
    }
  }

  /// Streams without a path stay those of this process.
  private func spawn(input: String?, output: String?, errors: String?) throws(Failure) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input { posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0) }
    let create = O_WRONLY | O_CREAT | O_TRUNC
    if let output { posix_spawn_file_actions_addopen(&actions, 1, output, create, 0o600) }
    if let errors { posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o600) }
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var pid: pid_t = 0
    let problem = posix_spawnp(&pid, program, &actions, nil, &words, &variables)
    guard problem == 0 else {
      let reason = String(cString: strerror(problem)).lowercased()
      throw Failure(message: "cannot run \(program): \(reason)", isMissing: problem == ENOENT)
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else {
        throw Failure(message: "lost sight of \(program)", isMissing: false)
      }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

/// A folder that only this user can look into, for files that another program is given.
struct ScratchFolder {
  private let folder: String

  init() throws(DiskError) {
    let base = NSTemporaryDirectory()
    var template = Array("\(base.hasSuffix("/") ? base : base + "/")parity-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      let reason = String(cString: strerror(errno)).lowercased()
      throw DiskError(message: "cannot make a folder in \(base): \(reason)")
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func write(_ bytes: [UInt8], _ name: String) throws(DiskError) {
    guard FileManager.default.createFile(atPath: path(name), contents: Data(bytes)) else {
      throw DiskError(message: "cannot write \(path(name))")
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
