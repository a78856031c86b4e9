import ArgumentParser
import Diagnostics
import Foundation
import Injection
import Reporting
import SpecCore

/// The rules of quoting that SQL is read by.
enum LintDialect: String, CaseIterable, ExpressibleByArgument {
  case auto, postgres, snowflake

  var dialect: LintFile.Dialect? {
    switch self {
    case .auto: nil
    case .postgres: .postgres
    case .snowflake: .snowflake
    }
  }
}

/// Looks for places where a value can become a command of the database; no spec, no network.
struct LintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Look for SQL injection in dbt projects and SQL files; no network.",
    discussion: """
      Reads models, macros, snapshots, tests and hooks of dbt projects, and files ending in .sql, .ddl, \
      .psql or .pgsql. Nothing is rendered and nothing is run. A comment `-- parity: allow J1 because …` \
      allows what stands on its line or the next, and is listed. `parity explain J1` says what a rule means.

      Exit codes: 0 nothing found, 1 something found, 2 usage wrong, 3 something could not be read, or \
      there was nothing to read.
      """)

  @Argument(
    help:
      "Files, folders, dbt projects, or patterns such as 'sql/**/*.sql'; also a manifest.json of dbt."
  )
  var paths: [String]

  @Option(help: "Only these rules, such as J1,S1.")
  var rules: String?

  @Option(
    help: "Leave out what is found in these files; * stands for any text. It is counted.")
  var exclude: [String] = []

  @Flag(help: "Also read the SQL that dbt made of templates (target/compiled, target/run).")
  var compiled = false

  @Option(help: "How quotes and escapes are read; auto: as each file's own quotes tell.")
  var dialect = LintDialect.auto

  @Option(help: "Write JUnit XML there.")
  var junit: String?

  @Option(name: .customLong("junit-profile"), help: "For which readers the JUnit XML is written.")
  var junitProfile = JUnitProfile.located

  @Option(help: "What standard output carries.")
  var format = OutputFormat.text

  @Option(help: "When to use colours.")
  var color = ColourChoice.auto

  private var environment: [String: String] { ProcessInfo.processInfo.environment }

  func validate() throws {
    _ = try chosenRules()
    if paths.contains(where: \.isEmpty) { throw ValidationError("A path is empty.") }
    if exclude.contains(where: \.isEmpty) { throw ValidationError("--exclude takes a path.") }
  }

  private func chosenRules() throws -> Set<LintRule> {
    guard let rules else { return Set(LintRule.allCases) }
    let names = rules.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let known = LintRule.allCases.map(\.rawValue)
    let chosen = try names.map { name in
      guard
        let rule = LintRule.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() })
      else {
        let near = nearestName(to: name.uppercased(), among: known).map { "; did you mean \($0)?" }
        throw ValidationError(
          "There is no rule \(name)\(near ?? ""). Known: \(known.joined(separator: " ")).")
      }
      return rule
    }
    guard !chosen.isEmpty else { throw ValidationError("--rules names no rule.") }
    return Set(chosen)
  }

  func run() async throws {
    let report = try reportPath()
    let startedAt = Composition.now()
    let request = InjectionRequest(
      paths, includesCompiled: compiled, dialect: dialect.dialect)
    let found = await DiskFiles(besides: "-").read(request.files)
    let result = LintResult(
      reading: InjectionReading(of: found, request), rules: try chosenRules(), excluded: exclude,
      startedAt: startedAt, finishedAt: Composition.now())
    switch format {
    case .text:
      let look = color.look(for: .output, environment: environment)
      Terminal.output.write(LintText(result, style: look.style).text)
    case .json: Terminal.output.write(LintJSON(result).text)
    }
    let errors = color.look(for: .errors, environment: environment)
    Terminal.errors.write(LintText(result, style: errors.style).problems)
    var status = result.status
    if let report {
      let text = JUnitReporter(profile: junitProfile).render(
        LintRun(result, found, paths: paths).result)
      do throws(DiskError) {
        try Disk.write(text, to: report)
      } catch {
        Terminal.errors.write("error: \(error.message)\n")
        if status == .passed { status = .couldNotCheck }
      }
    }
    if status != .passed { throw status }
  }

  /// Where the report goes, shown to be writable before anything is read.
  private func reportPath() throws -> String? {
    if let junit, junit.isEmpty {
      Terminal.errors.write("error: a report's path is empty; nothing was read\n")
      throw ExitStatus.wrong
    }
    // No variable: one that is set for `parity run` would make the two reports one.
    guard let path = junit else { return nil }
    do throws(DiskError) {
      try Disk.prepare(path)
    } catch {
      Terminal.errors.write("error: \(error.message); nothing was read\n")
      throw ExitStatus.wrong
    }
    return path
  }
}
