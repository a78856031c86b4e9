package import Diagnostics

/// A value of a YAML document with its place; scalars stay text, typed by the field they stand in.
package struct Node: Hashable, Sendable {
  /// What a node holds.
  package enum Content: Hashable, Sendable {
    /// A single value; `isPlain` is false when it was quoted or written as a block.
    case scalar(text: String, isPlain: Bool)
    /// A list, in the order written.
    case sequence([Node])
    /// Named values, in the order written; no name occurs twice.
    case mapping([Entry])
  }

  /// One named value of a mapping.
  package struct Entry: Hashable, Sendable {
    /// The key as a node, always a scalar, for its place.
    package let key: Node
    /// The value below the key; a null scalar where nothing is written.
    package let value: Node
    /// The key's text.
    package var name: String {
      guard case .scalar(let text, _) = key.content else {
        preconditionFailure("a key is a scalar: every reader refuses others")
      }
      return text
    }

    package init(key: Node, value: Node) {
      self.key = key
      self.value = value
    }
  }

  /// What the node holds.
  package let content: Content
  /// Where the node is written; a block collection ends where its last value ends.
  package let range: SourceRange

  package init(content: Content, range: SourceRange) {
    self.content = content
    self.range = range
  }

  /// Whether nothing is written, or an unquoted `~` or `null`.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return text.isEmpty || text == "~" || text == "null"
  }
}
