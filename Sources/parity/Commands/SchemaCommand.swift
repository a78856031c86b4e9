import ArgumentParser
import SpecCore

/// Prints the JSON Schema of specs, for editors.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema (draft-07) of specs of this version.")

  func run() throws {
    Terminal.output.write(SpecReader.jsonSchema.rendered() + "\n")
  }
}
