import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The text of one query that reads.
  static var query: Shape<String> {
    Shape(schema: ["type": "string", "minLength": 1]) { node, diagnostics in
      guard let text = Shape<String>.text.read(node, &diagnostics) else { return nil }
      if let problem = QueryGuard.problem(in: text) {
        diagnostics.append(Diagnostic(.query(problem), at: node.range))
        return nil
      }
      return text
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func query(_ problem: String) -> Self {
    Self("E0114", "this query cannot be used: \(problem)", label: "one SELECT, and nothing else")
  }
}
