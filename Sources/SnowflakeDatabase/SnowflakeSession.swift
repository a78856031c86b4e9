package import SpecCore

/// The Snowflake side of a run: every statement under one role, warehouse and query tag, reading
/// at one point in time.
package struct SnowflakeSession: Database {
  package let facts: SideFacts
  package let dialect: any Dialect
  package let width: Int

  let client: StatementClient
  let context: StatementContext
  let statementTimeout: Double?

  /// A warehouse divides one statement's work by itself; of several million rows each statement reads
  /// the micro-partitions that hold its keys.
  package func worthSplitting(_ order: KeyOrder) -> Int { 16_384 }

  package func rows(of statement: Statement) async throws(DatabaseError) -> Rows {
    let result = try await run(statement)
    return try await client.rows(of: result)
  }

  package func columns(of statement: Statement) async throws(DatabaseError) -> [ColumnCatalog] {
    let result = try await run(statement)
    guard result.types.count == result.columns.count else {
      throw DatabaseError(
        .protocolViolation, "Snowflake does not tell the types of a result", queryID: result.handle)
    }
    return zip(result.columns, result.types).map { name, type in
      ColumnCatalog(
        name: Identifier(name), type: SnowflakeDialect.columnType(type), isNullable: type.isNullable
      )
    }
  }

  package func open(_ statement: Statement) async throws(DatabaseError) -> any RowCursor {
    SnowflakeCursor(try await run(statement), client: client)
  }

  package func lanes(
    _ count: Int, in schema: SchemaName
  ) async throws(DatabaseError) -> [any TimedLane] {
    var own = context
    own.database = schema.database?.name ?? context.database
    own.schema = schema.schema.name
    let lane = SnowflakeLane(client: client, context: own, limit: statementTimeout)
    return Array(repeating: lane, count: count)
  }

  package func close() async { await client.close() }

  private func run(_ statement: Statement) async throws(DatabaseError) -> StatementResult {
    let limit = statement.timeout ?? statementTimeout
    guard let role = statement.role else {
      return try await client.run(
        context.body(statement.sql, limit: limit, zone: statement.zone), limit: limit)
    }
    guard role.database == nil else {
      throw DatabaseError(
        .unsupported, "nobody can act as a database role (\(role))",
        hint: "name an account role that holds it")
    }
    let whole = try await client.run(
      context.body(statement.sql, limit: limit, aloneAs: role.name.name), limit: limit)
    // The answer to several statements only says that all ran; the last one's rows are its own.
    guard let last = whole.parts.last else {
      throw DatabaseError(
        .protocolViolation, "Snowflake does not tell the results of several statements",
        queryID: whole.handle)
    }
    return try await client.result(of: last)
  }
}

extension StatementClient {
  /// All rows of a result that is known to be small.
  func rows(of result: StatementResult) async throws(DatabaseError) -> Rows {
    let cursor = SnowflakeCursor(result, client: self)
    var cells: [[String?]] = []
    do throws(DatabaseError) {
      while let batch = try await cursor.next() { cells += batch }
    } catch {
      await cursor.close()
      throw error
    }
    await cursor.close()
    return Rows(columns: result.columns, cells: cells, queryID: result.handle)
  }
}
