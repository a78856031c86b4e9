/// Where Snowflake's own tools keep their connections, found the way they find it.
package struct ConnectionFolder: Hashable, Sendable {
  /// The folder's path, without a slash at the end.
  package let path: String
  /// A remark for the reports, when the folder asked for is not the one that is read.
  package let note: String?

  /// Resolves `SNOWFLAKE_HOME`, else `~/.snowflake`, and where that does not exist the platform's
  /// folder, `$XDG_CONFIG_HOME/snowflake` or `~/.config/snowflake`.
  package init(environment: [String: String], exists: (String) -> Bool = PrivateFile.exists) {
    let asked = environment["SNOWFLAKE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    let wanted = expandingTilde(asked ?? "~/.snowflake", environment)
    guard !exists(wanted) else {
      path = wanted.count > 1 && wanted.hasSuffix("/") ? String(wanted.dropLast()) : wanted
      note = nil
      return
    }
    let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "~/.config"
    let platform = expandingTilde(base, environment) + "/snowflake"
    path = platform
    note = asked.map { "SNOWFLAKE_HOME names \($0), which does not exist; \(platform) is read" }
  }

  /// Connections only; what it says wins as a whole.
  package var connectionsFile: String { path + "/connections.toml" }

  /// Settings of all kinds, with connections under `[connections.NAME]`.
  package var configFile: String { path + "/config.toml" }
}

/// The path with a leading `~` replaced by `HOME`; no other user's folder is looked up.
package func expandingTilde(_ path: String, _ environment: [String: String]) -> String {
  guard path == "~" || path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
  return home + path.dropFirst()
}
