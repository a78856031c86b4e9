import Injection

/// What dbt wrote down of a project: the templates it read and the SQL it made of them.
///
/// Format: https://schemas.getdbt.com/dbt/manifest/v12.json, also v4 to v11, whose fields of interest are
/// the same but for `raw_sql` and `compiled_sql` before v7.
struct DbtManifest {
  /// Why a file is no manifest.
  struct Mistake: Error {
    /// In lower case.
    let reason: String
  }

  private let root: JSONValue
  private let project: String

  init(_ text: String) throws(Mistake) {
    do throws(JSONParseError) {
      root = try JSONValue.parse(text)
    } catch {
      throw Mistake(reason: "it is no JSON: \(error.reason), at byte \(error.offset)")
    }
    let version = root["metadata"]?["dbt_schema_version"]?.text ?? ""
    guard version.contains("/dbt/manifest/") else {
      throw Mistake(reason: "it is no manifest of dbt")
    }
    guard let project = root["metadata"]?["project_name"]?.text ?? Self.onlyPackage(root) else {
      throw Mistake(reason: "the manifest does not say of which project it is")
    }
    self.project = project
  }

  /// The project of a manifest from before it was written down, where all is of one.
  private static func onlyPackage(_ root: JSONValue) -> String? {
    let names = Set(members(root["nodes"]).compactMap { $0["package_name"]?.text })
    return names.count == 1 ? names.first : nil
  }

  private static func members(_ value: JSONValue?) -> [JSONValue] {
    guard case .object(let members) = value else { return [] }
    return members.map(\.1)
  }

  /// The templates of the project itself, but for files that are at hand.
  ///
  /// dbt keeps a model's text without blank lines at its beginning, so that lines count from the
  /// first that is not blank, and a macro's from its own.
  func files(
    below folder: String, dialect: LintFile.Dialect?, includesCompiled: Bool,
    isAtHand: (String) -> Bool
  ) -> [LintFile] {
    var files: [LintFile] = []
    func add(_ path: String, _ text: String?, _ kind: LintFile.Kind) {
      guard let text, !text.isEmpty else { return }
      files.append(LintFile(path: path, text: text, kind: kind, dialect: dialect))
    }
    for node in Self.members(root["nodes"]) where node["package_name"]?.text == project {
      guard let inner = node["original_file_path"]?.text else { continue }
      let kind = node["resource_type"]?.text ?? ""
      // A generic test is a call that dbt wrote; seeds are data.
      if kind == "seed" || node["test_metadata"]?["name"] != nil { continue }
      let plain = inner.hasPrefix("./") ? String(inner.dropFirst(2)) : inner
      let path = folder.isEmpty ? plain : "\(folder)/\(plain)"
      let raw = (node["raw_code"] ?? node["raw_sql"])?.text
      if !isAtHand(path) {
        if kind == "operation" {
          add("\(path), \(node["name"]?.text ?? "hook")", raw, .hook)
        } else {
          add(path, raw, node["language"]?.text == "python" ? .python : .dbt)
        }
        addHooks(of: node, path, raw, add)
      }
      if includesCompiled, let compiled = (node["compiled_code"] ?? node["compiled_sql"])?.text {
        let place = node["compiled_path"]?.text ?? "\(path), compiled"
        if !isAtHand(place) { add(place, compiled, .compiled) }
      }
    }
    for macro in Self.members(root["macros"]) where macro["package_name"]?.text == project {
      guard let inner = macro["original_file_path"]?.text else { continue }
      let path = folder.isEmpty ? inner : "\(folder)/\(inner)"
      guard !isAtHand(path) else { continue }
      add("\(path), macro \(macro["name"]?.text ?? "")", macro["macro_sql"]?.text, .dbt)
    }
    return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Hooks that do not stand in the model itself.
  private func addHooks(
    of node: JSONValue, _ path: String, _ raw: String?,
    _ add: (String, String?, LintFile.Kind) -> Void
  ) {
    for kind in ["pre-hook", "post-hook"] {
      for (number, hook) in (node["config"]?[kind]?.elements ?? []).enumerated() {
        guard let sql = hook["sql"]?.text ?? hook.text, raw?.contains(sql) != true else { continue }
        add("\(path), \(kind) \(number + 1)", sql, .hook)
      }
    }
  }
}
