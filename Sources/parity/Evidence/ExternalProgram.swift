import Foundation

/// A program of the system that is run without a shell.
struct ExternalProgram {
  /// Where it is.
  let path: String

  /// Looks for the program in the folders of `PATH`; `nil` where it is in none.
  init?(_ name: String, environment: [String: String]) {
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }
      .first { $0.hasPrefix("/") && FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    path = found
  }

  /// What came of it.
  struct Outcome {
    var status: Int32
    var output: String
  }

  /// Runs it to its end; what it says to standard error is dropped. `nil` where it cannot be
  /// started.
  func run(_ arguments: [String], environment: [String: String]) -> Outcome? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      return nil
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }
}
