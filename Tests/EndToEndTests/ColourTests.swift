import Foundation
import Testing

/// When colours are used, and what a terminal is shown.
@Suite("Colours", .enabled(if: Package.isBuilt, "parity is not built"))
struct ColourTests {
  private static let escape = "\u{1B}["

  /// A rule: variables and flags, and whether there are colours where nobody looks.
  struct Rule: Sendable, CustomTestStringConvertible {
    let variables: [String: String]
    let flags: [String]
    let isColoured: Bool

    init(_ variables: [String: String], _ isColoured: Bool, _ flags: [String] = []) {
      self.variables = variables
      self.flags = flags
      self.isColoured = isColoured
    }

    var testDescription: String { "\(variables) \(flags)" }
  }

  @Test(
    "--color > NO_COLOR > CLICOLOR_FORCE > CLICOLOR and TERM > is a terminal",
    arguments: [
      Rule([:], false),
      Rule(["CLICOLOR_FORCE": "1"], true),
      Rule(["CLICOLOR_FORCE": "0"], false),
      Rule(["CLICOLOR_FORCE": ""], false),
      Rule(["CLICOLOR_FORCE": "1", "TERM": "dumb"], true),
      Rule(["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], false),
      Rule(["CLICOLOR_FORCE": "1", "NO_COLOR": ""], true),
      Rule(["CLICOLOR": "1"], false),
      Rule(["NO_COLOR": "1"], true, ["--color", "always"]),
      Rule(["CLICOLOR_FORCE": "1"], false, ["--color", "never"]),
      Rule(["CLICOLOR_FORCE": "1"], true, ["--color", "auto"]),
    ])
  func rules(rule: Rule) throws {
    let sandbox = try Sandbox(["a.yml": "version: 2\n"])
    let run = try sandbox.start(["validate", "a.yml"] + rule.flags, with: rule.variables).finish()
    #expect(run.status == 2)
    #expect(run.errors.contains(Self.escape) == rule.isColoured, "\(run.errors)")
  }

  /// Runs parity where its streams are a terminal; `nil` where there is no `script` to do so.
  private func onTerminal(
    _ sandbox: Sandbox, _ arguments: String, with more: [String: String] = [:]
  ) throws -> String? {
    let program = try Program(
      "/usr/bin/env", ["script", "-qec", "\(Package.binary) \(arguments)", "/dev/null"],
      in: sandbox.path, environment: sandbox.environment.merging(more) { _, new in new })
    let run = program.finish()
    return run.status == 127 ? nil : run.output
  }

  @Test(
    "on a terminal there are colours, unless variables say otherwise",
    arguments: [
      Rule(["TERM": "xterm"], true), Rule(["TERM": "dumb"], false),
      Rule(["TERM": "xterm", "NO_COLOR": "1"], false),
      Rule(["TERM": "xterm", "CLICOLOR": "0"], false),
    ])
  func terminal(rule: Rule) throws {
    let sandbox = try Sandbox(["a.yml": "version: 2\n"])
    guard let shown = try onTerminal(sandbox, "validate a.yml", with: rule.variables) else {
      return
    }
    #expect(shown.contains("E0"))
    #expect(shown.contains(Self.escape) == rule.isColoured, "\(shown)")
  }

  @Test("colours change nothing else")
  func onlyColours() throws {
    let sandbox = try Sandbox(["a.yml": "version: 2\nnmae: x\n"])
    let plain = try sandbox.parity("validate", "a.yml", "--color", "never").errors
    let coloured = try sandbox.parity("validate", "a.yml", "--color", "always").errors
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
  }

  @Test("machine-readable output has no colours")
  func machines() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    for arguments in [["schema"], ["run", "--list"], ["plan"]] {
      let run = try sandbox.start(arguments, with: ["CLICOLOR_FORCE": "1"]).finish()
      #expect(run.status == 0)
      #expect(!run.output.contains(Self.escape), "\(arguments)")
    }
  }
}
