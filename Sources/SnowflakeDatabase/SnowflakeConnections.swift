import Cryptography
import Diagnostics
package import SpecCore

/// All connections this user has, as Snowflake's own tools see them.
///
/// `connections.toml` wins as a whole over `[connections.*]` of `config.toml`;
/// `SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>` wins over both; plain `SNOWFLAKE_<KEY>` fills what is
/// still missing.
package struct SnowflakeConnections: Sendable {
  /// The names in the file, sorted.
  package let names: [String]
  /// The connection that is meant when none is named, from `SNOWFLAKE_DEFAULT_CONNECTION_NAME` or
  /// `default_connection_name`.
  package let defaultName: String?
  /// The file the connections were read from, or that was looked for first when there is none.
  package let file: String

  private let connections: [String: [String: Secret]]
  private let environment: [String: Secret]
  private let notes: [String]

  /// Reads the files in the folder; only unusable files are errors, missing ones are not.
  package init(environment: [String: String]) throws(DatabaseError) {
    let folder = ConnectionFolder(environment: environment)
    let config = try PrivateFile(at: folder.configFile, what: "the Snowflake configuration")
    let own = try PrivateFile(at: folder.connectionsFile, what: "the connection file")
    let general = try config.map { (file) throws(DatabaseError) in
      try ConnectionFile(configTOML: file.text, path: folder.configFile)
    }
    let special = try own.map { (file) throws(DatabaseError) in
      try ConnectionFile(connectionsTOML: file.text, path: folder.connectionsFile)
    }
    connections = special?.connections ?? general?.connections ?? [:]
    file = special == nil && general != nil ? folder.configFile : folder.connectionsFile
    names = connections.keys.sorted()
    defaultName = environment["SNOWFLAKE_DEFAULT_CONNECTION_NAME"] ?? general?.defaultName
    notes = [folder.note].compactMap(\.self) + (config?.notes ?? []) + (own?.notes ?? [])
    self.environment = environment.mapValues(Secret.init)
  }

  /// The connection with this name; the environment alone may define one.
  package func settings(for name: String) throws(DatabaseError) -> ConnectionSettings {
    var values = connections[name] ?? [:]
    let overriding = Self.keys.compactMap { key in
      environment[Self.variable(key, of: name)].map { (key, $0) }
    }
    guard connections[name] != nil || !overriding.isEmpty else { throw missing(name) }
    values.merge(overriding) { _, later in later }
    for key in Self.keys where values[key] == nil {
      values[key] = environment["SNOWFLAKE_\(key.uppercased())"]
    }
    return ConnectionSettings(name: name, values: values, notes: notes)
  }

  /// The environment variable that overrides a key of a connection.
  package static func variable(_ key: String, of name: String) -> String {
    "SNOWFLAKE_CONNECTIONS_\(name.uppercased())_\(key.uppercased())"
  }

  /// Every key that is understood; others in the file are left to the tools they are for.
  package static let keys = [
    "account", "authenticator", "database", "host", "password", "port", "private_key_file",
    "private_key_file_pwd", "private_key_passphrase", "private_key_path", "private_key_raw",
    "protocol", "region", "role", "schema", "token", "token_file_path", "user", "warehouse",
  ]

  private func missing(_ name: String) -> DatabaseError {
    let known =
      names.isEmpty
      ? "no connection is defined there" : "it has \(names.joined(separator: ", "))"
    let near = nearestName(to: name, among: names).map { "did you mean \($0)? " } ?? ""
    return DatabaseError(
      .configuration, "there is no Snowflake connection \(name) in \(file); \(known)",
      hint:
        "\(near)add a table [\(name)] to that file, or set \(Self.variable("account", of: name))"
        + " and its like")
  }
}
