/// Conditions that leave a value no freedom: it is one of a list, or a number.
enum AllowList {
  private static let telling: Set<String> = [
    "isdigit", "isnumeric", "isdecimal", "isalnum", "isidentifier",
  ]
  private static let numbers: Set<String> = ["number", "integer", "float", "boolean"]

  /// A name for a variable or for one of its parts, equal wherever it is written.
  static func key(_ value: JinjaExpression) -> String? {
    switch value.kind {
    case .name(let name): return name
    case .attribute(let base, let name): return key(base).map { "\($0).\(name)" }
    case .element(let base, let items):
      guard items.count == 1, let text = items.first?.literal else { return nil }
      return key(base).map { "\($0).\(text)" }
    case .call(let target, let arguments):
      guard let path = target.path, let name = arguments.first?.value.literal,
        case .variable = KnownCall(path)
      else { return nil }
      return "\(path.hasSuffix("env_var") ? "env_var" : "var")(\(name))"
    case .filter(let inner, let name, _):
      let keeps = ["lower", "upper", "trim", "string", "default", "d"].contains(name)
      return keeps ? key(inner) : nil
    default: return nil
    }
  }

  /// The values that are harmless where the condition is true, or where it is false.
  static func facts(
    _ condition: JinjaExpression, isTrue: Bool, isFixed: (JinjaExpression) -> Bool
  ) -> Set<String> {
    switch condition.kind {
    case .not(let inner): return facts(inner, isTrue: !isTrue, isFixed: isFixed)
    case .all(let items), .any(let items):
      let parts = items.map { facts($0, isTrue: isTrue, isFixed: isFixed) }
      var isEvery = false
      if case .all = condition.kind { isEvery = true }
      guard isEvery != isTrue else { return parts.reduce(into: []) { $0.formUnion($1) } }
      return parts.dropFirst().reduce(parts.first ?? []) { $0.intersection($1) }
    case .compare(let left, let sign, let right):
      switch (sign, isTrue) {
      case (.isIn, true), (.isNotIn, false):
        guard isList(right), isFixed(right) else { return [] }
        return found(left)
      case (.equal, true), (.notEqual, false):
        if isFixed(right), isConstant(right) { return found(left) }
        return isFixed(left) && isConstant(left) ? found(right) : []
      default: return []
      }
    case .test(let value, let name, let arguments):
      guard isTrue else { return [] }
      if numbers.contains(name) { return found(value) }
      guard let argument = arguments.first?.value, isFixed(argument) else { return [] }
      let isMember = name == "in" && isList(argument)
      let isEqual = ["eq", "equalto", "sameas"].contains(name) && isConstant(argument)
      return isMember || isEqual ? found(value) : []
    case .call(let target, _):
      guard isTrue, case .attribute(let value, let name) = target.kind, telling.contains(name)
      else { return [] }
      return found(value)
    default: return []
    }
  }

  private static func found(_ value: JinjaExpression) -> Set<String> {
    key(value).map { [$0] } ?? []
  }

  /// Whether membership in it says something: a part of a text is no member of a list.
  private static func isList(_ value: JinjaExpression) -> Bool {
    switch value.kind {
    case .list, .dictionary, .name, .attribute: true
    case .call(let target, _):
      ["keys", "values", "split"].contains(target.path?.split(separator: ".").last.map(String.init))
        || isMethod(target)
    case .filter(let inner, _, _): isList(inner)
    default: false
    }
  }

  private static func isMethod(_ target: JinjaExpression) -> Bool {
    guard case .attribute(_, let name) = target.kind else { return false }
    return ["keys", "values", "split"].contains(name)
  }

  private static func isConstant(_ value: JinjaExpression) -> Bool {
    switch value.kind {
    case .string, .constant, .name: true
    default: false
    }
  }
}
