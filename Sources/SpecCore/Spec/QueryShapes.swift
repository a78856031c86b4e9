import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The text of one query that only reads.
  static var query: Shape<String> {
    Shape<String>.text.map { text, node, diagnostics in
      switch ReadOnlySQL.read(text) {
      case .success: return text
      case .failure(let problem):
        diagnostics.append(Diagnostic(.query(problem.words), at: node.range))
        return nil
      }
    }
  }
}

extension Diagnostic.Message {
  static func query(_ problem: String) -> Self {
    Self(
      "E0114", "this query cannot be used: \(problem)",
      label: "one statement that only reads, and nothing else")
  }
}
