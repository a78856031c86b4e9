import Diagnostics

/// Which nodes of a dbt project are meant, in dbt's own words.
///
/// Source: https://docs.getdbt.com/reference/node-selection/syntax and the pages below it. Entries of
/// a list, and words parted by blanks, are united; words joined by commas are intersected.
package struct DbtSelection: Hashable, Sendable {
  /// Each a list of words that must all hold.
  package let alternatives: [[Term]]

  /// One word, such as `tag:migrated+`.
  package struct Term: Hashable, Sendable {
    package let method: Method
    package let value: String
    /// How far upwards; `nil` for not at all, `Int.max` for all the way.
    package let parents: Int?
    /// How far downwards.
    package let children: Int?
    /// `@`: what is built from it, and everything that is needed for that.
    package let isBuild: Bool
  }

  /// What a word looks at.
  package enum Method: Hashable, Sendable {
    case fqn, tag, path, file, package, resourceType, source, exposure, testName, testType, group
    case access, result
    /// `config.materialized`: the path within the configuration.
    case config([String])

    static let words: [String: Method] = [
      "fqn": .fqn, "name": .fqn, "tag": .tag, "path": .path, "file": .file, "package": .package,
      "resource_type": .resourceType, "source": .source, "exposure": .exposure,
      "test_name": .testName, "test_type": .testType, "group": .group, "access": .access,
      "result": .result,
    ]

    /// Methods of dbt that need what a manifest does not hold.
    static let refused = [
      "state": "an earlier manifest to compare with", "source_status": "sources.json",
      "selector": "selectors.yml, whose definitions are not resolved here",
      "metric": "the semantic layer", "saved_query": "the semantic layer",
      "semantic_model": "the semantic layer", "unit_test": "a name: use test_type:unit",
      "version": "versions of models",
    ]
  }

  /// What is wrong with a selection.
  package struct Mistake: Error, Hashable, Sendable {
    package let reason: String
    package let hint: String?
  }

  /// Reads one entry of `select:` or `exclude:`.
  package init(_ text: String) throws(Mistake) {
    var alternatives: [[Term]] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" }) {
      var terms: [Term] = []
      for part in word.split(separator: ",", omittingEmptySubsequences: false) {
        terms.append(try Self.term(String(part)))
      }
      alternatives.append(terms)
    }
    guard !alternatives.isEmpty else { throw Mistake(reason: "nothing is selected", hint: nil) }
    self.alternatives = alternatives
  }

  private init(alternatives: [[Term]]) { self.alternatives = alternatives }

  /// What any of them selects.
  package static func united(_ selections: [DbtSelection]) -> DbtSelection {
    DbtSelection(alternatives: selections.flatMap(\.alternatives))
  }

  private static func term(_ text: String) throws(Mistake) -> Term {
    var rest = text[...]
    let isBuild = rest.first == "@"
    if isBuild { rest = rest.dropFirst() }
    var parents: Int?
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    if rest.dropFirst(digits.count).first == "+" {
      parents = digits.isEmpty ? .max : Int(digits)
      rest = rest.dropFirst(digits.count + 1)
    }
    var children: Int?
    if let plus = rest.lastIndex(of: "+"),
      rest[rest.index(after: plus)...].allSatisfy({ $0.isASCII && $0.isNumber })
    {
      let depth = rest[rest.index(after: plus)...]
      children = depth.isEmpty ? .max : Int(depth)
      rest = rest[..<plus]
    }
    var method: Method?
    if let colon = rest.firstIndex(of: ":") {
      method = try self.method(String(rest[..<colon]))
      rest = rest[rest.index(after: colon)...]
    }
    let value = String(rest)
    guard !value.isEmpty else {
      throw Mistake(
        reason: "`\(text)` selects nothing", hint: "write a model's name, or tag:NAME, or path:…")
    }
    return Term(
      method: method ?? usual(value), value: value, parents: parents, children: children,
      isBuild: isBuild)
  }

  /// A value without method is a file, a path or a name, by its looks.
  private static func usual(_ value: String) -> Method {
    if value.contains("/") { return .path }
    if [".sql", ".py", ".csv"].contains(where: value.lowercased().hasSuffix) { return .file }
    return .fqn
  }

  private static func method(_ name: String) throws(Mistake) -> Method {
    if let method = Method.words[name] { return method }
    if name.hasPrefix("config.") {
      return .config(name.split(separator: ".").dropFirst().map(String.init))
    }
    if let need = Method.refused[name] {
      throw Mistake(
        reason: "`\(name):` cannot be resolved: it needs \(need)",
        hint: "name the models, their tag or their folder")
    }
    let near = nearestName(to: name, among: Array(Method.words.keys).sorted())
    throw Mistake(
      reason: "dbt has no selection method `\(name)`", hint: near.map { "did you mean `\($0):`?" })
  }

  /// The words before a colon that are understood.
  package static var methods: [String] { Method.words.keys.sorted() + ["config.NAME"] }
}

extension DbtGraph {
  /// The ids of the nodes that are selected and not excluded.
  ///
  /// With the results `result:` can be told; without, it selects nothing.
  package func selected(
    _ wanted: DbtSelection, except unwanted: DbtSelection? = nil, results: DbtRunResults? = nil
  ) -> Set<String> {
    let all = ids(wanted, results)
    return unwanted.map { all.subtracting(ids($0, results)) } ?? all
  }

  private func ids(_ selection: DbtSelection, _ results: DbtRunResults?) -> Set<String> {
    selection.alternatives.reduce(into: Set<String>()) { all, terms in
      var common: Set<String>?
      for term in terms {
        let found = ids(term, results)
        common = common?.intersection(found) ?? found
      }
      all.formUnion(common ?? [])
    }
  }

  private func ids(_ term: DbtSelection.Term, _ results: DbtRunResults?) -> Set<String> {
    let found = Set(nodes.values.filter { matches($0, term, results) }.map(\.id))
    var all = found
    if term.isBuild {
      let below = reached(from: found, depth: .max) { children[$0] ?? [] }
      all.formUnion(below)
      all.formUnion(reached(from: below.union(found), depth: .max) { nodes[$0]?.parents ?? [] })
    }
    if let depth = term.parents {
      all.formUnion(reached(from: found, depth: depth) { nodes[$0]?.parents ?? [] })
    }
    if let depth = term.children {
      all.formUnion(reached(from: found, depth: depth) { children[$0] ?? [] })
    }
    return all.filter { nodes[$0] != nil }
  }

  /// Everything within so many steps.
  func reached(
    from start: Set<String>, depth: Int, _ next: (String) -> [String]
  ) -> Set<String> {
    var all: Set<String> = []
    var edge = start
    var steps = 0
    while !edge.isEmpty, steps < depth {
      edge = Set(edge.flatMap(next)).subtracting(all).subtracting(start)
      all.formUnion(edge)
      steps += 1
    }
    return all
  }

  private func matches(
    _ node: DbtNode, _ term: DbtSelection.Term, _ results: DbtRunResults?
  ) -> Bool {
    let value = term.value
    switch term.method {
    case .fqn: return isNamed(node, value)
    case .tag: return node.tags.contains { fileMatch($0, value) }
    case .path: return isAt(node, value)
    case .file:
      let name = node.path.split(separator: "/").last.map(String.init) ?? ""
      let stem = name.split(separator: ".").dropLast().joined(separator: ".")
      return fileMatch(name, value) || fileMatch(stem, value)
    case .package: return fileMatch(node.package, value == "this" ? project : value)
    case .resourceType: return node.kind.rawValue == value
    case .source:
      guard node.kind == .source, let group = node.sourceName else { return false }
      let parts = value.split(separator: ".").map(String.init)
      switch parts.count {
      case 1: return fileMatch(group, parts[0])
      case 2: return fileMatch(group, parts[0]) && fileMatch(node.name, parts[1])
      case 3:
        return fileMatch(node.package, parts[0]) && fileMatch(group, parts[1])
          && fileMatch(node.name, parts[2])
      default: return false
      }
    case .exposure: return node.kind == .exposure && fileMatch(node.name, value)
    case .testName: return node.test?.name.map { fileMatch($0, value) } ?? false
    case .testType:
      switch value {
      case "unit": return node.kind == .unitTest
      case "data": return node.kind == .test
      case "generic", "schema": return node.kind == .test && node.test?.name != nil
      case "singular": return node.kind == .test && node.test?.name == nil
      default: return false
      }
    case .group: return node.group.map { fileMatch($0, value) } ?? false
    case .access: return node.access == value
    case .result: return results?.results[node.id]?.status == value
    case .config(let path):
      var found = node.config
      for part in path { found = found?[part] }
      return isConfigured(found, value)
    }
  }

  private func isConfigured(_ found: JSONValue?, _ value: String) -> Bool {
    switch found {
    case .string(let text): text.lowercased() == value.lowercased()
    case .bool(let flag): "\(flag)" == value.lowercased()
    case .integer(let number): "\(number)" == value
    case .array(let elements): elements.contains { isConfigured($0, value) }
    case .object(let members): members.contains { $0.0 == value }
    default: false
    }
  }

  /// By the model's name, or by package, folders and name joined by dots.
  ///
  /// Sources and exposures have methods of their own.
  private func isNamed(_ node: DbtNode, _ name: String) -> Bool {
    if node.kind == .source || node.kind == .exposure { return false }
    if node.fqn.last == name { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    return [node.fqn, Array(node.fqn.dropFirst())].contains { fqn in
      let flat = fqn.flatMap { $0.split(separator: ".").map(String.init) }
      guard flat.count >= parts.count else { return false }
      for (position, part) in parts.enumerated() {
        if part.contains(where: { "*?[]".contains($0) }) {
          return fileMatch(
            flat[position...].joined(separator: "."), parts[position...].joined(separator: "."))
        }
        if flat[position] != part { return false }
      }
      return true
    }
  }

  /// A file, a folder, or a pattern of either.
  private func isAt(_ node: DbtNode, _ value: String) -> Bool {
    var wanted = value.hasPrefix("./") ? String(value.dropFirst(2)) : value
    while wanted.hasSuffix("/") { wanted.removeLast() }
    if node.path == wanted || node.path.hasPrefix(wanted + "/") { return true }
    guard wanted.contains(where: { "*?[".contains($0) }) else { return false }
    let pattern = wanted.split(separator: "/").map(String.init)
    let path = node.path.split(separator: "/").map(String.init)
    return isMatch(path[...], pattern[...])
  }

  /// `**` stands for any folders; a pattern that ends above the file means all below.
  private func isMatch(_ path: ArraySlice<String>, _ pattern: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return true }
    if first == "**" {
      return (path.startIndex...path.endIndex).contains {
        isMatch(path[$0...], pattern.dropFirst())
      }
    }
    guard let segment = path.first, fileMatch(segment, first) else { return false }
    return isMatch(path.dropFirst(), pattern.dropFirst())
  }
}

/// Whether a text fits a pattern of a shell: `*`, `?`, `[abc]`, `[!abc]`, with regard to case.
func fileMatch(_ text: String, _ pattern: String) -> Bool {
  fileMatch(Array(text.unicodeScalars)[...], Array(pattern.unicodeScalars)[...])
}

private func fileMatch(
  _ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>
) -> Bool {
  var (text, pattern) = (text, pattern)
  // Where to go on when the last star must take one more.
  var star: (text: ArraySlice<Unicode.Scalar>, pattern: ArraySlice<Unicode.Scalar>)?
  while !text.isEmpty || !pattern.isEmpty {
    if let first = pattern.first {
      if first == "*" {
        star = (text, pattern)
        pattern = pattern.dropFirst()
        continue
      }
      if let next = text.first, let rest = taken(next, pattern) {
        text = text.dropFirst()
        pattern = rest
        continue
      }
    }
    guard let last = star, !last.text.isEmpty else { return false }
    text = last.text.dropFirst()
    star = (text, last.pattern)
    pattern = last.pattern.dropFirst()
  }
  return true
}

/// What is left of the pattern behind the scalar; `nil` where it does not fit.
private func taken(
  _ scalar: Unicode.Scalar, _ pattern: ArraySlice<Unicode.Scalar>
) -> ArraySlice<Unicode.Scalar>? {
  guard let first = pattern.first else { return nil }
  if first == "?" { return pattern.dropFirst() }
  guard first == "[", let close = pattern.dropFirst(2).firstIndex(of: "]") else {
    return first == scalar ? pattern.dropFirst() : nil
  }
  var set = pattern[(pattern.startIndex + 1)..<close]
  let isNegated = set.first == "!"
  if isNegated { set = set.dropFirst() }
  var isIn = false
  var index = set.startIndex
  while index < set.endIndex {
    if index + 2 < set.endIndex, set[index + 1] == "-" {
      isIn = isIn || (set[index]...max(set[index], set[index + 2])).contains(scalar)
      index += 3
    } else {
      isIn = isIn || set[index] == scalar
      index += 1
    }
  }
  return isIn != isNegated ? pattern[(close + 1)...] : nil
}
