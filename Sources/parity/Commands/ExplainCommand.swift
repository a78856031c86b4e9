import ArgumentParser
import Diagnostics
import Injection
import SpecCore
import YAMLSource

/// Says what a code of a message means.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what a message or a check means: parity explain E0107, row_count, or J1.")

  @Argument(
    help: "A code such as E0107, a check such as row_count, or a rule of the lint such as J1.")
  var code: String

  func run() throws {
    let all =
      YAMLParser.explanations + SpecReader.explanations + SpecReader.checkExplanations
      + [LintText.unreadable]
      + LintRule.allCases.map { ($0.rawValue, $0.explanation.title, $0.explanation.text) }
    guard let found = all.first(where: { $0.code.lowercased() == code.lowercased() }) else {
      let codes = all.map(\.code).sorted()
      let near = nearestName(to: code, among: codes).map { "; did you mean \($0)?" }
      Terminal.errors.write(
        "error: there is no message or check \(code)\(near ?? "")\nknown: \(codes.joined(separator: " "))\n"
      )
      throw ExitStatus.wrong
    }
    Terminal.output.write("\(found.code): \(found.title)\n\n\(found.text)\n")
  }
}
