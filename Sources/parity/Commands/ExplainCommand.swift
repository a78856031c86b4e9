import ArgumentParser
import Diagnostics
import SpecCore
import YAMLSource

/// Says what a code of a message means.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say what the code of a message means: parity explain E0107.")

  @Argument(help: "A code such as E0107.")
  var code: String

  func run() throws {
    let all = YAMLParser.explanations + SpecReader.explanations
    guard let found = all.first(where: { $0.code == code.uppercased() }) else {
      let codes = all.map(\.code).sorted()
      let near = nearestName(to: code.uppercased(), among: codes).map { "; did you mean \($0)?" }
      Terminal.errors.write(
        "error: there is no message \(code)\(near ?? "")\nknown: \(codes.joined(separator: " "))\n")
      throw ExitStatus.wrong
    }
    Terminal.output.write("\(found.code): \(found.title)\n\n\(found.text)\n")
  }
}
