/// What a run wants of its Snowflake side.
package struct SnowflakeOptions: Sendable {
  /// The name of a connection in the user's files, or of `SNOWFLAKE_CONNECTIONS_<NAME>_*`.
  package var connection: String
  /// The connection itself, where it does not come from those files.
  package var settings: ConnectionSettings?
  /// What the spec says instead of the connection; names fold to upper case unless quoted.
  package var database: String?
  package var schema: String?
  package var role: String?
  package var warehouse: String?
  /// The longest a statement may run, in seconds; `nil` leaves the account's own limit.
  package var statementTimeout: Double?
  /// Written to Snowflake's query history with each statement: the run's id.
  package var queryTag: String
  /// How many statements run at a time.
  package var jobs: Int
  /// The environment, with `HOME`, `SNOWFLAKE_*` and `HTTPS_PROXY`.
  package var environment: [String: String]
  /// `parity/VERSION`.
  package var userAgent: String

  package init(
    connection: String, settings: ConnectionSettings? = nil, database: String? = nil,
    schema: String? = nil, role: String? = nil,
    warehouse: String? = nil, statementTimeout: Double? = nil, queryTag: String, jobs: Int = 4,
    environment: [String: String], userAgent: String
  ) {
    self.connection = connection
    self.settings = settings
    self.database = database
    self.schema = schema
    self.role = role
    self.warehouse = warehouse
    self.statementTimeout = statementTimeout
    self.queryTag = queryTag
    self.jobs = jobs
    self.environment = environment
    self.userAgent = userAgent
  }

  /// The context of every request: the spec before the connection.
  func context(_ settings: ConnectionSettings) -> StatementContext {
    func name(_ own: String?, _ key: String) -> String? {
      (own ?? settings.text(key)).map(catalogName)
    }
    return StatementContext(
      database: name(database, "database"), schema: name(schema, "schema"),
      role: name(role, "role"), warehouse: name(warehouse, "warehouse"), queryTag: queryTag)
  }
}

/// Prints the connection's name alone: the environment may hold passwords.
extension SnowflakeOptions: CustomStringConvertible, CustomReflectable {
  package var description: String { "Snowflake connection \(connection)" }
  package var customMirror: Mirror { Mirror(self, children: ["connection": connection]) }
}

/// The name as the catalog spells it: `shop` is SHOP, `"shop"` stays as it is.
package func catalogName(_ text: String) -> String {
  guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else {
    return text.uppercased()
  }
  return text.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
    .joined(separator: "\"")
}
