package import Cryptography
package import SpecCore

/// One named connection after files and environment were laid over each other.
package struct ConnectionSettings: Sendable {
  /// The name the spec gives it.
  package let name: String
  /// Remarks for the reports, such as "connections.toml may be read by others".
  package let notes: [String]
  /// Key (lower case) to value; all are kept as secrets, since some of them are.
  private let values: [String: Secret]
  /// The place in dbt's profiles, where the connection comes from there.
  private let profile: String?

  package init(
    name: String, values: [String: Secret], notes: [String] = [], profile: String? = nil
  ) {
    self.name = name
    self.values = values
    self.notes = notes
    self.profile = profile
  }

  /// How a value is given to the connection; `fileKey` is its name in Snowflake's own files.
  func remedy(_ key: String, fileKey: String? = nil) -> String {
    if let profile { return "add `\(key):` to the output at \(profile)" }
    return "add `\(fileKey ?? key) = \"…\"` to it, or set "
      + SnowflakeConnections.variable(key, of: name)
  }

  /// A value that is not secret, or nil when it is absent or empty.
  package func text(_ key: String) -> String? {
    guard let value = values[key]?.reveal(), !value.isEmpty else { return nil }
    return value
  }

  /// The first of these keys that has a value, still hidden.
  package func secret(_ keys: String...) -> Secret? {
    for key in keys {
      if let value = values[key], !value.reveal().isEmpty { return value }
    }
    return nil
  }

  /// A value the connection cannot do without.
  package func required(_ key: String) throws(DatabaseError) -> String {
    guard let value = text(key) else {
      throw DatabaseError(
        .configuration, "connection \(name) has no \(key)",
        hint: remedy(key))
    }
    return value
  }
}
