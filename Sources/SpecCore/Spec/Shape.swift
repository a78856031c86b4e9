package import Diagnostics
package import YAMLSource

/// A value with the place where the spec writes it.
package struct Located<Value: Hashable & Sendable>: Hashable, Sendable {
  package let value: Value
  package let range: SourceRange

  package init(_ value: Value, at range: SourceRange) {
    self.value = value
    self.range = range
  }
}

/// How a value is written: read from a node, and described by a JSON Schema, by one declaration.
package struct Shape<Value: Sendable>: Sendable {
  /// What `parity schema` prints for it (draft-07).
  package let schema: JSONValue
  /// Reads a node, or reports why it cannot.
  package let read: @Sendable (Node, inout [Diagnostic]) -> Value?

  package init(
    schema: JSONValue, read: @escaping @Sendable (Node, inout [Diagnostic]) -> Value?
  ) {
    self.schema = schema
    self.read = read
  }

  /// The same way of writing, read as something else; `nil` when `transform` has reported a mistake.
  package func map<Other: Sendable>(
    _ transform: @escaping @Sendable (Value, Node, inout [Diagnostic]) -> Other?
  ) -> Shape<Other> {
    Shape<Other>(schema: schema) { node, diagnostics in
      guard let value = read(node, &diagnostics) else { return nil }
      return transform(value, node, &diagnostics)
    }
  }
}

extension Shape where Value: Hashable {
  /// The value with its place.
  package var located: Shape<Located<Value>> {
    map { value, node, _ in Located(value, at: node.range) }
  }
}

extension Shape where Value == String {
  /// Text that is not empty.
  package static var text: Self {
    Shape(schema: ["type": "string", "minLength": 1]) { node, diagnostics in
      guard case .scalar(let text, _) = node.content, !node.isNull, !text.isEmpty else {
        diagnostics.append(Diagnostic(.expected("text"), at: node.range))
        return nil
      }
      return text
    }
  }

  /// Text of a pattern that `test` decides and `pattern` tells the editors.
  package static func text(
    like pattern: String, called description: String, _ test: @escaping @Sendable (String) -> Bool
  ) -> Self {
    Shape(schema: [
      "type": "string", "pattern": .string(pattern), "description": .string(description),
    ]) {
      node, diagnostics in
      guard let text = text.read(node, &diagnostics) else { return nil }
      guard test(text) else {
        diagnostics.append(Diagnostic(.expected(description), at: node.range))
        return nil
      }
      return text
    }
  }

  /// The one word, and nothing else.
  package static func word(_ word: String) -> Self {
    Shape(schema: ["const": .string(word)]) { node, diagnostics in
      guard case .scalar(let text, _) = node.content, text == word else {
        diagnostics.append(Diagnostic(.expected("`\(word)`"), at: node.range))
        return nil
      }
      return text
    }
  }

  /// Any single value as its text: a list of values may mix numbers and words.
  package static var scalar: Self {
    Shape(schema: ["type": ["string", "number", "boolean"]]) { node, diagnostics in
      guard case .scalar(let text, _) = node.content, !node.isNull else {
        diagnostics.append(Diagnostic(.expected("a single value"), at: node.range))
        return nil
      }
      return text
    }
  }
}

extension Shape where Value == Int {
  /// A whole number written in plain decimal digits, within bounds.
  package static func integer(_ bounds: ClosedRange<Int>) -> Self {
    Shape(
      schema: [
        "type": "integer", "minimum": .integer(bounds.lowerBound),
        "maximum": .integer(bounds.upperBound),
      ]
    ) { node, diagnostics in
      guard case .scalar(let text, isPlain: true) = node.content, isPlainDecimal(text),
        let number = Int(text), bounds.contains(number)
      else {
        diagnostics.append(
          Diagnostic(
            .expected(Self.words(bounds)),
            at: node.range))
        return nil
      }
      return number
    }
  }
}

extension Shape where Value == Int {
  private static func words(_ bounds: ClosedRange<Int>) -> String {
    if bounds.lowerBound == bounds.upperBound { return "the number \(bounds.lowerBound)" }
    return bounds.upperBound == .max
      ? "a whole number from \(bounds.lowerBound)"
      : "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
  }
}

/// `0`, `42`, `-7`: no sign games, no leading zeros, no underscores, no other bases.
private func isPlainDecimal(_ text: String) -> Bool {
  let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
  guard let first = digits.first, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
    return false
  }
  return first != UInt8(ascii: "0") || digits.count == 1
}

extension Shape where Value == Bool {
  /// `true` or `false`, unquoted; `yes`, `no`, `on` and `off` are text and refused.
  package static var flag: Self {
    Shape(schema: ["type": "boolean"]) { node, diagnostics in
      switch node.content {
      case .scalar(text: "true", isPlain: true): return true
      case .scalar(text: "false", isPlain: true): return false
      default:
        diagnostics.append(Diagnostic(.expected("`true` or `false`"), at: node.range))
        return nil
      }
    }
  }
}

extension Shape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of an enumeration's words.
  package static var choice: Self {
    let words = Value.allCases.map(\.rawValue)
    return Shape(schema: ["enum": .array(words.map(JSONValue.string))]) { node, diagnostics in
      guard case .scalar(let text, _) = node.content, let value = Value(rawValue: text) else {
        diagnostics.append(Diagnostic(.choice(node, words), at: node.range))
        return nil
      }
      return value
    }
  }
}

extension Shape {
  /// A list with at least one entry, no entry twice.
  package static func list<Element: Hashable & Sendable>(
    of element: Shape<Element>
  ) -> Shape<[Located<Element>]> where Value == [Located<Element>] {
    let schema: JSONValue = [
      "type": "array", "items": element.schema, "minItems": 1, "uniqueItems": true,
    ]
    return Shape(schema: schema) { node, diagnostics in
      guard case .sequence(let nodes) = node.content, !nodes.isEmpty else {
        diagnostics.append(Diagnostic(.expected("a list with at least one entry"), at: node.range))
        return nil
      }
      var seen: [Element: SourceRange] = [:]
      var values: [Located<Element>] = []
      for each in nodes {
        guard let value = element.read(each, &diagnostics) else { continue }
        if let first = seen[value] {
          diagnostics.append(
            Diagnostic(
              .twice, at: each.range,
              related: [Diagnostic.Related(range: first, text: "first here")]))
        } else {
          seen[value] = each.range
          values.append(Located(value, at: each.range))
        }
      }
      return values
    }
  }

  /// Named values, in the order written; `isOptional` allows a name with nothing behind it.
  package static func map<Element: Sendable>(
    of element: Shape<Element>, empty: (@Sendable (Node) -> Element)? = nil
  ) -> Shape<[MapEntry<Element>]> where Value == [MapEntry<Element>] {
    let inner: JSONValue =
      empty == nil ? element.schema : ["anyOf": [["type": "null"], element.schema]]
    let schema: JSONValue = [
      "type": "object", "minProperties": 1, "additionalProperties": inner,
    ]
    return Shape(schema: schema) { node, diagnostics in
      guard case .mapping(let entries) = node.content, !entries.isEmpty else {
        diagnostics.append(
          Diagnostic(.expected("names with values, one a line: `name: …`"), at: node.range))
        return nil
      }
      return entries.compactMap { entry in
        let name = Located(entry.name, at: entry.key.range)
        if let empty, entry.value.isNull { return MapEntry(name: name, value: empty(entry.key)) }
        return element.read(entry.value, &diagnostics).map { MapEntry(name: name, value: $0) }
      }
    }
  }

  /// The first shape whose kind of node fits; `expected` names them all where none does.
  package static func either(
    _ expected: String, _ alternatives: [Alternative<Value>]
  ) -> Self {
    Shape(schema: ["anyOf": .array(alternatives.map(\.shape.schema))]) { node, diagnostics in
      for each in alternatives where each.fits(node) { return each.shape.read(node, &diagnostics) }
      diagnostics.append(Diagnostic(.expected(expected), at: node.range))
      return nil
    }
  }
}

/// A name and what stands behind it.
package struct MapEntry<Value: Sendable>: Sendable {
  package let name: Located<String>
  package let value: Value

  package init(name: Located<String>, value: Value) {
    self.name = name
    self.value = value
  }
}

/// One way of several to write a value, told apart by the kind of node.
package struct Alternative<Value: Sendable>: Sendable {
  package let fits: @Sendable (Node) -> Bool
  package let shape: Shape<Value>

  /// A list.
  package static func list(_ shape: Shape<Value>) -> Self {
    Self(fits: { if case .sequence = $0.content { true } else { false } }, shape: shape)
  }

  /// Names with values; with `key`, only those that hold this name.
  package static func mapping(_ shape: Shape<Value>, key: String? = nil) -> Self {
    Self(
      fits: { node in
        guard case .mapping(let entries) = node.content else { return false }
        return key.map { key in entries.contains { $0.name == key } } ?? true
      }, shape: shape)
  }

  /// A number.
  package static func number(_ shape: Shape<Value>) -> Self {
    Self(
      fits: { node in
        guard case .scalar(let text, isPlain: true) = node.content, let first = text.utf8.first
        else { return false }
        return (0x30...0x39).contains(first) || first == UInt8(ascii: "-")
      }, shape: shape)
  }

  /// Any single value.
  package static func scalar(_ shape: Shape<Value>) -> Self {
    Self(
      fits: { if case .scalar = $0.content, !$0.isNull { true } else { false } }, shape: shape)
  }
}

extension Diagnostic.Message {
  static func expected(_ what: String) -> Self {
    Self("E0101", "expected \(what)", label: "expected \(what)")
  }

  static let twice = Self("E0109", "this entry is in the list already", label: "second time")

  fileprivate static func choice(_ node: Node, _ words: [String]) -> Self {
    var label = "expected \(sentence(words))"
    if case .scalar(let text, _) = node.content, let near = nearestName(to: text, among: words) {
      label = "did you mean `\(near)`?"
    }
    return Self("E0102", "expected \(sentence(words))", label: label)
  }

  /// One of several words in backquotes, joined by "or".
  static func sentence(_ words: [String]) -> String {
    let quoted = words.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "nothing" }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
  }
}
