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
      Terminal.output.write("\(file.identity.path): \(tables ?? "nothing") to check, no mistakes\n")
    }
  }
}
