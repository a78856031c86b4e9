package import Diagnostics
package import YAMLSource

/// A field of an object in a spec: its name, its meaning, its way of writing, where it is kept.
package struct Field<Owner: Sendable>: Sendable {
  package let name: String
  package let isRequired: Bool
  /// Whether nothing, or the word null, is a value of the field.
  package let isNullable: Bool
  package let schema: JSONValue
  /// Reads the value into the owner.
  let read: @Sendable (Node, inout Owner, inout [Diagnostic]) -> Void

  /// A field with its one-sentence meaning, which editors show.
  package init<Value: Sendable>(
    _ name: String, _ path: any WritableKeyPath<Owner, Value?> & Sendable, _ shape: Shape<Value>,
    required: Bool = false, nullable: Bool = false, _ meaning: String
  ) {
    self.name = name
    isNullable = nullable
    isRequired = required
    schema = shape.schema.described(meaning)
    read = { node, owner, diagnostics in
      if let value = shape.read(node, &diagnostics) { owner[keyPath: path] = value }
    }
  }

  /// A field of a later version: refused in plain words, never skipped.
  package init(unsupported name: String, _ meaning: String) {
    self.name = name
    isRequired = false
    isNullable = false
    schema = ["not": [:], "description": .string("Not supported by this version: \(meaning)")]
    read = { node, _, diagnostics in
      diagnostics.append(Diagnostic(.unsupported(name, meaning), at: node.range))
    }
  }
}

extension Shape {
  /// An object whose fields are declared; unknown and missing ones are reported.
  package static func object(
    _ title: String, _ initial: @escaping @Sendable (SourceRange) -> Value,
    fields: [Field<Value>], atLeastOne: Bool = true, extra: [(String, JSONValue)] = [],
    check: @escaping @Sendable (Value, Node, inout [Diagnostic]) -> Void = { _, _, _ in }
  ) -> Self {
    var schema: [(String, JSONValue)] = [
      ("type", "object"), ("additionalProperties", false),
      ("properties", .object(fields.map { ($0.name, $0.schema) })),
    ]
    let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { schema.append(("required", .array(required))) }
    if atLeastOne { schema.append(("minProperties", 1)) }
    schema += extra
    let names = fields.map(\.name)
    return Shape(schema: .object(schema)) { node, diagnostics in
      guard case .mapping(let entries) = node.content, !(atLeastOne && entries.isEmpty) else {
        diagnostics.append(Diagnostic(.notObject(title, names), at: node.range))
        return nil
      }
      var value = initial(node.range)
      let mistakesBefore = diagnostics.count
      for entry in entries {
        guard let field = fields.first(where: { $0.name == entry.name }) else {
          diagnostics.append(
            Diagnostic(.unknown(entry.name, in: title, names), at: entry.key.range))
          continue
        }
        if entry.value.isNull, !field.isNullable {
          diagnostics.append(Diagnostic(.empty(entry.name), at: entry.key.range))
          continue
        }
        field.read(entry.value, &value, &diagnostics)
      }
      for field in fields
      where field.isRequired && !entries.contains(where: { $0.name == field.name }) {
        diagnostics.append(
          Diagnostic(.missing(field.name, in: title), at: node.range.opening))
      }
      if diagnostics.count == mistakesBefore { check(value, node, &diagnostics) }
      return value
    }
  }
}

extension SourceRange {
  /// The first line's worth of a long range: enough to point at.
  var opening: SourceRange { SourceRange(file: file, start: start, end: start) }
}

extension JSONValue {
  /// The same schema with a description, which editors show; the outer words win.
  func described(_ meaning: String) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.0 != "description" } + [("description", .string(meaning))])
  }
}

extension Diagnostic.Message {
  fileprivate static func unknown(_ name: String, in title: String, _ known: [String]) -> Self {
    Self(
      "E0107", "unknown field `\(name)`",
      label: nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
        ?? "not a field of \(title)",
      notes: ["fields of \(title): \(known.joined(separator: ", "))"])
  }

  fileprivate static func missing(_ name: String, in title: String) -> Self {
    Self("E0108", "\(title) needs the field `\(name)`", label: "`\(name):` is missing here")
  }

  fileprivate static func empty(_ name: String) -> Self {
    Self(
      "E0101", "`\(name)` has no value", label: "write a value behind the colon, or leave it out")
  }

  fileprivate static func notObject(_ title: String, _ names: [String]) -> Self {
    Self(
      "E0100", "expected the fields of \(title)", label: "write `field: value` lines",
      notes: ["fields of \(title): \(names.joined(separator: ", "))"])
  }

  fileprivate static func unsupported(_ name: String, _ meaning: String) -> Self {
    Self(
      "E0106", "`\(name)` is not supported by this version",
      label: "a section that is not carried out may not stand in a spec",
      notes: [meaning, "take it out, or use a version of parity that supports it"])
  }
}
