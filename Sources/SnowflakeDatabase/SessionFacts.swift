package import SpecCore

/// What the server says about account, user and clock when the connection is made.
package struct SessionFacts: Hashable, Sendable {
  package let version: String
  package let organization: String?
  package let account: String
  package let locator: String?
  package let region: String?
  package let user: String
  package let role: String
  package let warehouse: String?
  package let database: String
  /// The run's read point: the server's clock, down to whole milliseconds.
  package let readPoint: Timestamp

  /// One statement for all of it; portable core only, and an alias on every column.
  package static let statement = """
    SELECT CURRENT_VERSION() AS PARITY_VERSION, \
    CURRENT_ORGANIZATION_NAME() AS PARITY_ORGANIZATION, \
    CURRENT_ACCOUNT_NAME() AS PARITY_ACCOUNT, \
    CURRENT_ACCOUNT() AS PARITY_LOCATOR, \
    CURRENT_REGION() AS PARITY_REGION, \
    CURRENT_USER() AS PARITY_USER, \
    CURRENT_ROLE() AS PARITY_ROLE, \
    CURRENT_WAREHOUSE() AS PARITY_WAREHOUSE, \
    CURRENT_DATABASE() AS PARITY_DATABASE, \
    DATE_PART(EPOCH_MICROSECOND, CURRENT_TIMESTAMP()) AS PARITY_NOW
    """

  /// Tells whether quoted names keep their case, on which every statement relies.
  package static let parameterStatement =
    "SHOW PARAMETERS LIKE 'QUOTED_IDENTIFIERS_IGNORE_CASE' IN SESSION"

  /// Reads the answer to ``statement``.
  ///
  /// A role or database other than the one asked for is an error: the report would name one and
  /// the rows come from another.
  package init(_ rows: Rows, asked: StatementContext) throws(DatabaseError) {
    guard rows.columns.count == 10, let cells = rows.cells.first, rows.cells.count == 1 else {
      throw .unreadable(rows.queryID)
    }
    guard let version = cells[0], let now = cells[9].flatMap(Int64.init) else {
      throw .unreadable(rows.queryID)
    }
    guard let database = cells[8] else { throw .noDatabase }
    self.version = version
    organization = cells[1]
    account = cells[2] ?? cells[3] ?? "unknown"
    locator = cells[3]
    region = cells[4]
    user = cells[5] ?? "unknown"
    role = cells[6] ?? "unknown"
    warehouse = cells[7]
    self.database = bare(database)
    readPoint = Timestamp(microseconds: now - now % 1_000)
    if let asked = asked.database, asked != self.database {
      throw .other("database", asked, self.database)
    }
    if let asked = asked.role, asked != bare(role) { throw .other("role", asked, role) }
  }

  /// `2026-11-23 03:01:47.123 +0000`, as it stands in `AT (TIMESTAMP => …)`.
  package var readPointLiteral: String {
    let digits = String(readPoint.microseconds / 1_000 % 1_000)
    let milliseconds = String(repeating: "0", count: 3 - digits.count) + digits
    return "\(readPoint.date) \(readPoint.time).\(milliseconds) +0000"
  }

  /// The facts of the reports.
  package func sideFacts(link: LinkProtection, notes: [String]) -> SideFacts {
    let name = [organization, account].compactMap(\.self).joined(separator: "-")
    let identity = [organization ?? "", account, region ?? locator ?? "", database]
    return SideFacts(
      engine: "Snowflake", version: version, name: "\(name).\(database)",
      fingerprint: "snowflake:" + identity.joined(separator: "/"),
      role: "\(role) (user \(user), \(warehouse.map { "warehouse \($0)" } ?? "no warehouse"))",
      readPoint: "AT \(readPointLiteral)", readAt: readPoint, link: link, notes: notes)
  }

  /// Refuses a session in which `"Tab"` would silently mean `TAB`.
  package static func requireExactNames(_ rows: Rows) throws(DatabaseError) {
    guard let value = rows.position(of: "value"), let key = rows.position(of: "key"),
      let row = rows.cells.first(where: { $0[key] == "QUOTED_IDENTIFIERS_IGNORE_CASE" })
    else {
      throw DatabaseError(
        .protocolViolation, "Snowflake does not tell QUOTED_IDENTIFIERS_IGNORE_CASE",
        queryID: rows.queryID)
    }
    guard row[value]?.lowercased() == "false" else {
      throw DatabaseError(
        .configuration,
        "QUOTED_IDENTIFIERS_IGNORE_CASE is TRUE: quoted names would mean other objects",
        hint: "ALTER USER … SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE")
    }
  }
}

/// The name without the quotes some context functions put around unusual ones.
private func bare(_ name: String) -> String { name.hasPrefix("\"") ? catalogName(name) : name }

extension DatabaseError {
  fileprivate static func unreadable(_ handle: String?) -> Self {
    Self(
      .protocolViolation, "Snowflake's answer about the session cannot be read", queryID: handle)
  }

  fileprivate static let noDatabase = Self(
    .configuration, "the session has no database",
    hint: "add `database:` to the target or to the connection, and grant the role USAGE on it")

  fileprivate static func other(_ what: String, _ asked: String, _ actual: String) -> Self {
    Self(
      .configuration, "\(what) \(asked) was asked for, and Snowflake uses \(actual)",
      hint: "names fold to upper case; write '\"\(asked)\"' to keep one as it is")
  }
}
