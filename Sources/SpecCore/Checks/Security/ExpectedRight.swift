/// A right that a spec lists, with its object in the words of an engine.
struct ExpectedRight: Hashable, Sendable {
  /// As the spec writes it: `SELECT`, or `SELECT WITH GRANT OPTION`.
  let privilege: String
  let object: AccessObject
  /// As the spec writes it.
  let title: String

  init(_ privilege: String, _ object: GrantedObject, title: String, _ engine: Engine) {
    self.privilege = privilege
    self.title = title
    self.object = Self.object(object, engine)
  }

  static func object(_ written: GrantedObject, _ engine: Engine) -> AccessObject {
    let names = written.name.parts.map {
      Identifier($0.isQuoted ? $0.text : engine.folded($0.text))
    }
    if let future = written.future {
      let kind: AccessObject.Kind =
        switch future {
        case "SCHEMA": .schema
        case "SEQUENCE": .sequence
        case "FUNCTION", "PROCEDURE": .function
        case "STAGE", "TASK", "STREAM", "PIPE", "TYPE": .other
        default: .relation
        }
      return AccessObject(kind, names, word: future, isFuture: true)
    }
    switch (engine, names.count) {
    case (.snowflake, 1): return AccessObject(.database, names, word: "DATABASE")
    case (.snowflake, 2), (.postgres, 1): return AccessObject(.schema, names, word: "SCHEMA")
    case (.postgres, 3):
      return AccessObject(
        .relation, Array(names.prefix(2)), column: names[2], word: "TABLE")
    default: return AccessObject(.relation, names, word: "TABLE")
    }
  }

  /// The privilege without its option.
  var bare: String { isGrantable ? String(privilege.dropLast(Self.option.count)) : privilege }

  var isGrantable: Bool { privilege.hasSuffix(Self.option) }

  static let option = " WITH GRANT OPTION"

  /// Whether a right of the database is about this object: sequences are named like tables.
  func isAbout(_ other: AccessObject) -> Bool {
    if object.isSame(other) { return true }
    return object.kind == .relation && other.kind == .sequence && !object.isFuture
      && !other.isFuture && object.path == other.path
  }
}
