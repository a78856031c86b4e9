import ArgumentParser
import CMalloc
import Foundation

/// The command: its sub-commands, and how its errors become exit codes.
@main
struct Parity: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "parity",
    abstract: "Prove that a migration from Postgres to Snowflake is right.",
    discussion: """
      Exit codes: 0 every selected check passed, 1 the sides differ, 2 usage, spec or \
      configuration wrong, 3 could not check, 4 nothing selected, 5 not \
      signed by everyone (verify), 130 or 143 interrupted.
      """,
    version: version,
    subcommands: [
      ValidateCommand.self, PlanCommand.self, RunCommand.self, LintCommand.self,
      WatchCommand.self, SignCommand.self, AttestCommand.self, VerifyCommand.self,
      ReportCommand.self, SchemaCommand.self, ExplainCommand.self,
    ])

  static func main() async {
    parity_give_memory_back()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let status as ExitStatus {
      Foundation.exit(status.rawValue)
    } catch {
      let code = exitCode(for: error)
      var message = fullMessage(for: error)
      if message.hasPrefix("Error:") { message = "error:" + message.dropFirst(6) }
      // ArgumentParser says 64 for wrong usage; our table says 2. Help and version are success.
      if code.isSuccess {
        if !message.isEmpty { Terminal.output.write(message + "\n") }
        Foundation.exit(ExitStatus.passed.rawValue)
      }
      Terminal.errors.write(message + "\n")
      Foundation.exit(ExitStatus.wrong.rawValue)
    }
  }
}

/// The exit codes, one by one as `docs/exit-codes.md` lists them.
enum ExitStatus: Int32, Error {
  case passed = 0
  case failed = 1
  /// Usage, spec or configuration wrong; no database was asked anything.
  case wrong = 2
  case couldNotCheck = 3
  case nothingSelected = 4
  /// Only of `verify`: the result is good, but not everyone has signed.
  case incomplete = 5
  case interrupted = 130
  case terminated = 143
}
