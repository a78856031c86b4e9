import Diagnostics
import YAMLSource

/// A tree as golden files hold it: one node a line, with its place, indented below its parent.
func dump(_ node: Node, indent: String = "") -> String {
  let range = node.range
  let start = "\(range.start.line):\(range.start.column)"
  let head = "\(indent)\(start)-\(range.end.line):\(range.end.column)"
  switch node.content {
  case .scalar(let text, let isPlain):
    return "\(head) \(isPlain ? "plain" : "quoted") \(text.debugDescription)\n"
  case .sequence(let items):
    return "\(head) sequence\n" + items.map { dump($0, indent: indent + "  ") }.joined()
  case .mapping(let entries):
    let lines = entries.map { entry in
      dump(entry.key, indent: indent + "  ") + dump(entry.value, indent: indent + "    ")
    }
    return "\(head) mapping\n" + lines.joined()
  }
}
