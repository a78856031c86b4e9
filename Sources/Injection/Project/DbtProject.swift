package import Diagnostics
package import YAMLSource

/// Which folders of a dbt project hold what, as `dbt_project.yml` says.
package struct DbtProject: Hashable, Sendable {
  /// What a file of a project is to the lint.
  package enum Part: Hashable, Sendable {
    /// A template: a model, macro, snapshot, analysis, test or function.
    case template
    /// A model in Python.
    case python
    /// `dbt_project.yml` itself.
    case project
    /// A file of properties, which may hold hooks.
    case properties
    /// SQL that dbt made of templates.
    case compiled
    /// Something that dbt wrote and that is no SQL, or an installed package.
    case madeByDbt
    /// Not dbt's.
    case other
  }

  /// The folder of `dbt_project.yml`; empty for the folder that paths begin at.
  package let root: String
  private let templates: [String]
  private let models: [String]
  private let seeds: [String]
  private let target: String
  private let packages: [String]
  /// Folders that cannot be told from the file, each with its place.
  package let unknown: [LintReport.Unreadable]
  /// Folders outside of `root`, from where paths begin, each with its place.
  package let outside: [(path: String, place: SourceRange)]

  /// Reads what `dbt_project.yml` says of folders; everything else has dbt's default.
  package init(root: String, _ node: Node) {
    self.root = root
    var unknown: [LintReport.Unreadable] = []
    var outside: [(path: String, place: SourceRange)] = []
    func paths(_ names: [String], _ usual: [String]) -> [String] {
      let written = Self.entries(node).last { names.contains($0.name) && !$0.value.isNull }
      guard let entry = written else { return usual }
      let items =
        if case .sequence(let items) = entry.value.content { items } else { [entry.value] }
      return items.compactMap { item in
        guard case .scalar(let text, _) = item.content, !item.isNull else { return nil }
        guard !text.contains("{{"), !text.contains("{%") else {
          let reason =
            "the folder \(text) is worked out when dbt runs: name it yourself, beside the project"
          unknown.append(LintReport.Unreadable(place: item.range, reason: reason))
          return nil
        }
        let path = Self.normal(root, text)
        guard let inner = Self.inner(path, of: root) else {
          outside.append((path, item.range))
          return nil
        }
        return inner
      }
    }
    models = paths(["model-paths", "source-paths"], ["models"])
    templates =
      models + paths(["macro-paths"], ["macros"]) + paths(["snapshot-paths"], ["snapshots"])
      + paths(["analysis-paths"], ["analyses"]) + paths(["test-paths"], ["tests"])
      + paths(["function-paths"], ["functions"])
    seeds = paths(["seed-paths", "data-paths"], ["seeds"])
    target = paths(["target-path"], ["target"]).first ?? "target"
    packages = paths(["packages-install-path", "modules-path"], ["dbt_packages"]) + ["dbt_modules"]
    self.unknown = unknown
    self.outside = outside
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.root == right.root && left.templates == right.templates && left.seeds == right.seeds
      && left.target == right.target && left.packages == right.packages
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(root)
    hasher.combine(templates)
  }

  private static func entries(_ node: Node) -> [Node.Entry] {
    if case .mapping(let entries) = node.content { entries } else { [] }
  }

  /// The folder that dbt writes to, from where paths begin.
  package var targetFolder: String { Self.joined(root, target) }

  /// The path inside the project; `nil` for one outside.
  package func inner(_ path: String) -> String? { Self.inner(path, of: root) }

  /// What the file at this path, inside the project, is.
  package func part(of inner: String) -> Part {
    let name = inner.lowercased()
    let isProperties = name.hasSuffix(".yml") || name.hasSuffix(".yaml")
    if inner == "dbt_project.yml" { return .project }
    if packages.contains(where: { Self.inner(inner, of: $0) != nil }) { return .madeByDbt }
    if let made = Self.inner(inner, of: target) {
      let isSQL = made.hasPrefix("compiled/") || made.hasPrefix("run/")
      return isSQL && name.hasSuffix(".sql") ? .compiled : .madeByDbt
    }
    let isTemplate = templates.contains { Self.inner(inner, of: $0) != nil }
    if isProperties {
      return isTemplate || seeds.contains { Self.inner(inner, of: $0) != nil }
        ? .properties : .other
    }
    guard isTemplate else { return .other }
    if name.hasSuffix(".sql") { return .template }
    return name.hasSuffix(".py") && models.contains { Self.inner(inner, of: $0) != nil }
      ? .python : .other
  }

  // MARK: Paths

  private static func joined(_ root: String, _ path: String) -> String {
    root.isEmpty ? path : path.isEmpty ? root : "\(root)/\(path)"
  }

  /// The path from where `root` begins, without `.` and, as far as that is possible, `..`.
  private static func normal(_ root: String, _ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : joined(root, path)
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return (whole.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// What of a path is inside a folder; `nil` for a path that is not.
  private static func inner(_ path: String, of folder: String) -> String? {
    if folder.isEmpty { return path.hasPrefix("/") || path.hasPrefix("../") ? nil : path }
    if path == folder { return "" }
    return path.hasPrefix("\(folder)/") ? String(path.dropFirst(folder.count + 1)) : nil
  }
}
