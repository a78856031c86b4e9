import FoundationEssentials

/// What every request says besides the statement: as whom, where and how it is to run.
///
/// The SQL API has no session, so all of it travels with each statement.
package struct StatementContext: Hashable, Sendable {
  /// Names as the catalog spells them; the API compares letter by letter.
  package var database: String?
  package var schema: String?
  package var role: String?
  package var warehouse: String?
  /// Stands in Snowflake's query history beside each statement.
  package var queryTag: String

  package init(
    database: String? = nil, schema: String? = nil, role: String? = nil, warehouse: String? = nil,
    queryTag: String
  ) {
    self.database = database
    self.schema = schema
    self.role = role
    self.warehouse = warehouse
    self.queryTag = queryTag
  }

  /// The JSON body that submits a statement.
  ///
  /// The limit is rounded up to whole seconds and never 0, which would mean a week.
  ///
  /// With a role of its own the statement runs with that role's rights alone: by default a user's
  /// secondary roles would add all others that the user holds.
  package func body(
    _ sql: String, limit: Double?, aloneAs own: String? = nil, zone: String? = nil
  ) -> [UInt8] {
    let request = Request(
      statement: own == nil ? sql : "USE SECONDARY ROLES NONE; \(sql)",
      timeout: limit.map { Int(min(604_800, max(1, $0.rounded(.up)))) },
      database: database, schema: schema, role: own ?? role, warehouse: warehouse,
      parameters: Parameters(
        timezone: zone ?? "UTC", queryTag: queryTag, statements: own.map { _ in "2" }))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(request))
    } catch {
      preconditionFailure("a request of strings and numbers must encode: \(error)")
    }
  }
}

private struct Request: Encodable {
  let statement: String
  let timeout: Int?
  let database: String?
  let schema: String?
  let role: String?
  let warehouse: String?
  let parameters: Parameters
}

/// The session parameters the API lets a request set; the formats of dates and times stay unset,
/// so that cells come as numbers that no account setting can change.
private struct Parameters: Encodable {
  let timezone: String
  let queryTag: String
  let useCachedResult = false
  let rowsPerResultset = 0
  let binaryOutputFormat = "HEX"
  /// How many statements the text holds; `nil` for one.
  let statements: String?

  enum CodingKeys: String, CodingKey {
    case timezone
    case statements = "MULTI_STATEMENT_COUNT"
    case queryTag = "query_tag"
    case useCachedResult = "use_cached_result"
    case rowsPerResultset = "rows_per_resultset"
    case binaryOutputFormat = "binary_output_format"
  }
}
