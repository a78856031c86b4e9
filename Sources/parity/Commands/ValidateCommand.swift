import ArgumentParser
import SpecCore

/// Reads specs and says what is wrong with them, without variables or a network.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Read specs and show every mistake; no network.")

  @OptionGroup var options: SpecOptions

  func run() throws {
    let files = try options.read()
    for file in files {
      let tables = file.spec.tables.map {
        $0.isAll ? "all tables" : counted($0.named.count, "table")
      }
      let queries = file.spec.performance.map { counted($0.count, "query", "queries") }
      let security = tables == nil && file.spec.security != nil ? "security" : nil
      let what = [tables, queries, security].compactMap(\.self).joined(separator: " and ")
      Terminal.output.write("\(file.identity.path): \(what) to check, no mistakes\n")
    }
  }
}
