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
    var output: [UInt8]
    /// What it said to standard error.
    var words: String

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// Runs it to its end with these bytes as its standard input; `nil` where it cannot be started.
  ///
  /// What asks for passphrases does so on the terminal itself.
  func run(
    _ arguments: [String], environment: [String: String], input: [UInt8] = []
  ) -> Outcome? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = environment
    let (output, errors, source) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = source
    do {
      try process.run()
      // Records and statements are shorter than what a pipe holds, so that nobody waits here.
      try source.fileHandleForWriting.write(contentsOf: Data(input.prefix(60_000)))
      try source.fileHandleForWriting.close()
    } catch {
      if process.isRunning { process.terminate() }
      return nil
    }
    let said = output.fileHandleForReading.readDataToEndOfFile()
    let words = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: Array(said),
      words: String(decoding: words, as: UTF8.self))
  }
}
