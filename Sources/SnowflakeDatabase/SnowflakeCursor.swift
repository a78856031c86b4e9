package import SpecCore

/// The rows of one result: a partition in memory, the next one on its way, a few rows as strings.
package actor SnowflakeCursor: RowCursor {
  private let client: StatementClient
  private let handle: String
  private let width: Int
  private let partitionRows: [Int]
  private var scanner: RowScanner
  private var number = 0
  private var upcoming: Task<Result<Partition, DatabaseError>, Never>?

  /// Rows handed out at a time.
  private static let batch = 4_096

  package init(_ result: StatementResult, client: StatementClient) {
    self.client = client
    handle = result.handle
    width = result.columns.count
    partitionRows = result.partitionRows
    scanner = RowScanner(result.first, width: width)
  }

  package func next() async throws(DatabaseError) -> [[String?]]? {
    while true {
      prefetch()
      let rows = try scan()
      if !rows.isEmpty { return rows }
      guard scanner.count == partitionRows[number] else {
        throw .incomplete(number, scanner.count, of: partitionRows[number], handle)
      }
      guard let arriving = upcoming else { return nil }
      let outcome = await withTaskCancellationHandler {
        await arriving.value
      } onCancel: {
        arriving.cancel()
      }
      upcoming = nil
      scanner = RowScanner(try outcome.get(), width: width)
      number += 1
    }
  }

  package func close() {
    upcoming?.cancel()
    upcoming = nil
  }

  private func prefetch() {
    let next = number + 1
    guard upcoming == nil, next < partitionRows.count else { return }
    upcoming = Task { [client, handle] in
      do throws(DatabaseError) {
        return .success(try await client.partition(next, of: handle))
      } catch {
        return .failure(error)
      }
    }
  }

  private func scan() throws(DatabaseError) -> [[String?]] {
    do throws(JSONFault) {
      return try scanner.next(Self.batch)
    } catch {
      throw DatabaseError(
        .protocolViolation,
        "partition \(number) of Snowflake's answer cannot be read at byte \(error.at)",
        hint: "every row must be an array of \(width) strings or nulls", queryID: handle)
    }
  }
}

extension DatabaseError {
  fileprivate static func incomplete(
    _ number: Int, _ count: Int, of announced: Int, _ handle: String
  ) -> Self {
    Self(
      .protocolViolation,
      "partition \(number) of Snowflake's answer has \(count) rows, \(announced) were announced",
      hint: "an incomplete result proves nothing", queryID: handle)
  }
}
