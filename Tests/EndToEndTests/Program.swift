import Foundation

/// What a program left behind when it ended.
struct Outcome: Sendable {
  /// The exit code; 128 and the signal's number when a signal ended it.
  let status: Int32
  let output: String
  let errors: String
  let seconds: Double
  /// How long processors worked for it, which other programs change little.
  let processorSeconds: Double
  /// The most memory it ever had, in MiB.
  let mebibytes: Int
  /// Whether it had to be killed because it took too long.
  let isOverdue: Bool

  /// Everything it said.
  var all: String { output + errors }
}

/// Something that went wrong with a test's own means.
struct Trouble: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Where a program's standard input comes from.
enum Input: Sendable {
  case nothing
  case text(String)
  case file(String)
}

/// Where a program's standard output goes.
enum Output: Sendable {
  case kept
  /// A pipe that nobody reads any more.
  case closedPipe
  /// A device such as `/dev/full`.
  case file(String)
}

/// A program that runs as a user's shell would run it, in a process group of its own.
final class Program: Sendable {
  /// The process's number.
  let pid: pid_t
  private let folder: URL
  private let begin = ContinuousClock.now

  /// Starts the program with exactly these variables.
  init(
    _ path: String, _ arguments: [String], in directory: String, environment: [String: String],
    input: Input = .nothing, output: Output = .kept
  ) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("parity-e2e-io-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var source = "/dev/null"
    switch input {
    case .nothing: break
    case .file(let path): source = path
    case .text(let text):
      source = folder.path + "/in"
      try Data(text.utf8).write(to: URL(fileURLWithPath: source))
    }
    posix_spawn_file_actions_addopen(&actions, 0, source, O_RDONLY, 0)
    let created = O_WRONLY | O_CREAT | O_TRUNC
    var pipeEnds: [Int32] = [-1, -1]
    switch output {
    case .kept: posix_spawn_file_actions_addopen(&actions, 1, folder.path + "/out", created, 0o600)
    case .file(let path): posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY, 0)
    case .closedPipe:
      guard pipe(&pipeEnds) == 0 else { throw Trouble("no pipe") }
      close(pipeEnds[0])
      posix_spawn_file_actions_adddup2(&actions, pipeEnds[1], 1)
    }
    defer { if pipeEnds[1] >= 0 { close(pipeEnds[1]) } }
    posix_spawn_file_actions_addopen(&actions, 2, folder.path + "/err", created, 0o600)
    // `env` changes the folder and then becomes the program: the same process.
    pid = try Self.spawn(
      "/usr/bin/env", ["-C", directory, path] + arguments, environment, &actions)
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String: String],
    _ actions: inout posix_spawn_file_actions_t
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals as in a fresh shell, whatever the test runner did to its own.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var pid: pid_t = 0
    let problem = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
    guard problem == 0 else {
      throw Trouble("cannot start \(path): \(String(cString: strerror(problem)))")
    }
    return pid
  }

  /// What it wrote to standard output so far.
  var outputSoFar: String { text("out") }

  /// What it wrote to standard error so far.
  var errorsSoFar: String { text("err") }

  private func text(_ name: String) -> String {
    let bytes = (try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Sends a signal to it.
  func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for its end, and ends it when it takes too long.
  func finish(within limit: Double = 20) -> Outcome {
    var status: Int32 = 0
    var usage = rusage()
    var isOverdue = false
    while wait4(pid, &status, WNOHANG, &usage) == 0 {
      if seconds > limit, !isOverdue {
        isOverdue = true
        kill(-pid, SIGKILL)
      }
      usleep(2_000)
    }
    let number = status & 0x7F
    let outcome = Outcome(
      status: number == 0 ? (status >> 8) & 0xFF : 128 + number, output: outputSoFar,
      errors: errorsSoFar, seconds: seconds,
      processorSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
      mebibytes: usage.ru_maxrss / 1_024,
      isOverdue: isOverdue)
    try? FileManager.default.removeItem(at: folder)
    return outcome
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  private var seconds: Double {
    let (seconds, attoseconds) = begin.duration(to: .now).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}

/// Looks every few milliseconds until something is true; false when it did not become so in time.
func eventually(within limit: Double = 10, _ condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(limit)
  while ContinuousClock.now < end {
    if try condition() { return true }
    usleep(10_000)
  }
  return false
}
