import ArgumentParser
import Diagnostics
import Foundation
import Reporting
import SpecCore

extension ColourChoice: ExpressibleByArgument {}

/// Which specs, and how their mistakes are shown.
struct SpecOptions: ParsableArguments {
  @Argument(
    help:
      "Spec files; `-` is standard input. Default: parity.yml, then specs/*.yml, up to the repository's root."
  )
  var specs: [String] = []

  @Option(help: "When to use colours.")
  var color = ColourChoice.auto

  /// The process's variables.
  var environment: [String: String] { ProcessInfo.processInfo.environment }

  func look(_ terminal: Terminal) -> Look { color.look(for: terminal, environment: environment) }

  /// Reads all specs; shows every mistake of every file and throws when there is one.
  func read() throws(ExitStatus) -> [SpecFile] {
    let paths = specs.isEmpty ? SpecFile.discover() : specs
    guard !paths.isEmpty else {
      Terminal.errors.write(
        """
        error: no spec was named, and there is no parity.yml and no specs/*.yml here or above
        five lines are enough:

          version: 1
          name: Shop
          source: { postgres: $DATABASE_URL }
          target: { snowflake: shop, database: SHOP, schema: PUBLIC }
          tables: all

        """)
      throw .wrong
    }
    var files: [SpecFile] = []
    var mistakes = 0
    for path in paths {
      switch SpecFile.read(path) {
      case .success(let file): files.append(file)
      case .failure(let failure):
        mistakes += failure.diagnostics.count
        show(failure)
      }
    }
    let slugs = Dictionary(grouping: files, by: \.identity.slug).filter { $0.value.count > 1 }
    for (slug, same) in slugs.sorted(by: { $0.key < $1.key }) {
      let paths = same.map(\.path).joined(separator: " and ")
      Terminal.errors.write("error: \(paths) are both called `\(slug)`: their results would mix\n")
      mistakes += 1
    }
    guard mistakes == 0 else {
      Terminal.errors.write("\(counted(mistakes, "mistake")) in \(counted(paths.count, "spec"))\n")
      throw .wrong
    }
    return files
  }

  private func show(_ failure: SpecFailure) {
    let renderer = DiagnosticRenderer(
      files: [failure.source?.masked(failure.secrets)].compactMap(\.self),
      style: look(.errors).style)
    Terminal.errors.write(renderer.render(failure.diagnostics) + "\n")
  }
}

/// Which checks.
struct SelectionOptions: ParsableArguments {
  @Option(name: .customLong("env"), help: "The environment of the spec (PARITY_ENV).")
  var environmentName: String?

  @Option(
    help:
      "Only these: table:orders, check:checksum, tag:pii, section:tables, sop:2b, or an id, with * for any text."
  )
  var select: [String] = []

  @Option(help: "All but these; same words as --select.")
  var exclude: [String] = []

  @Flag(help: "Only what the target has and the source lacks: what a rollback would lose.")
  var reverse = false

  /// The environment asked for, by flag or variable.
  var chosenEnvironment: String? {
    environmentName ?? ProcessInfo.processInfo.environment["PARITY_ENV"]
  }

  /// Reads the words, or says what is wrong with them.
  func selection(lastFailed: [String]? = nil) throws(ExitStatus) -> Selection {
    do throws(Selection.Mistake) {
      return try Selection(select: select, exclude: exclude, lastFailed: lastFailed)
    } catch {
      Terminal.errors.write("error: `\(error.word)` selects nothing: \(error.reason)\n")
      throw .wrong
    }
  }

  /// Refuses words that fit no check of any plan: a typing error must not make a run smaller, or
  /// leave in what was to be left out.
  func demandMatches(in plans: [Plan]) throws(ExitStatus) {
    let selection = try selection()
    let steps = plans.flatMap(\.steps)
    let idle = selection.words(without: plans)
    guard !idle.isEmpty else { return }
    let known = Set(
      steps.flatMap { [$0.id.description, "table:\($0.id.object)", "check:\($0.id.check)"] }
    )
    .union(steps.flatMap { $0.tags.map { "tag:\($0)" } })
    .union(plans.flatMap(\.waivers).map(\.id.description))
    for word in idle {
      let near =
        nearestName(to: word, among: known.sorted()).map { "; did you mean `\($0)`?" } ?? ""
      Terminal.errors.write("error: `\(word)` fits no check\(near)\n")
    }
    let isAnyWanted = plans.contains { !$0.selected(by: selection).ids.isEmpty }
    throw isAnyWanted ? .wrong : .nothingSelected
  }

  /// The two sides of the environment asked for.
  func sides(_ file: SpecFile) throws(ExitStatus) -> (PostgresConnection, TargetConnection) {
    switch file.spec.sides(environment: chosenEnvironment) {
    case .found(let source, let target): return (source, target)
    case .unknown(let available):
      let list = available.isEmpty ? "none" : available.joined(separator: ", ")
      if let name = chosenEnvironment {
        let near = nearestName(to: name, among: available).map { "; did you mean `\($0)`?" } ?? ""
        Terminal.errors.write(
          "error: \(file.identity.path) has no environment `\(name)` (it has: \(list))\(near)\n")
      } else {
        Terminal.errors.write(
          "error: \(file.identity.path) is run against one of several environments: "
            + "say which with --env NAME (it has: \(list))\n")
      }
      throw .wrong
    }
  }
}
