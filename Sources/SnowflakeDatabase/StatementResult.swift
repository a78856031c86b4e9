/// A statement that succeeded: what its rows are, and the first partition of them.
package struct StatementResult: Hashable, Sendable {
  /// Snowflake's name for the statement, by which partitions are fetched.
  package let handle: String
  package let columns: [String]
  /// How many rows each partition holds.
  package let partitionRows: [Int]
  package let first: Partition
  /// Of a request of several statements, the handles of their own results, in their order: the rows
  /// here only say that all of them ran.
  package let parts: [String]

  package init(
    handle: String, columns: [String], partitionRows: [Int], first: Partition, parts: [String] = []
  ) {
    self.parts = parts
    self.handle = handle
    self.columns = columns
    self.partitionRows = partitionRows
    self.first = first
  }
}

/// Rows as they came over the wire, decoded only when they are asked for.
package struct Partition: Hashable, Sendable {
  /// The whole answer.
  package let body: [UInt8]
  /// Where in it the array of rows stands; nil when there is none.
  package let rows: Range<Int>?

  package init(body: [UInt8], rows: Range<Int>?) {
    self.body = body
    self.rows = rows
  }
}
