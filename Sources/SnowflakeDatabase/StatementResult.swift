/// A statement that succeeded: what its rows are, and the first partition of them.
package struct StatementResult: Hashable, Sendable {
  /// Snowflake's name for the statement, by which partitions are fetched.
  package let handle: String
  package let columns: [String]
  /// What the server says of each column's type.
  package let types: [ColumnType]
  /// How many rows each partition holds.
  package let partitionRows: [Int]
  package let first: Partition
  /// Of a request of several statements, the handles of their own results, in their order: the rows
  /// here only say that all of them ran.
  package let parts: [String]

  package init(
    handle: String, columns: [String], types: [ColumnType] = [], partitionRows: [Int],
    first: Partition, parts: [String] = []
  ) {
    self.types = types
    self.parts = parts
    self.handle = handle
    self.columns = columns
    self.partitionRows = partitionRows
    self.first = first
  }

  /// A type as an answer's `rowType` tells it: `fixed` with precision and scale, `text` with a length.
  package struct ColumnType: Hashable, Sendable {
    package let name: String
    package let precision: Int?
    package let scale: Int?
    package let length: Int?
    package let isNullable: Bool

    package init(
      name: String, precision: Int? = nil, scale: Int? = nil, length: Int? = nil,
      isNullable: Bool = true
    ) {
      self.name = name
      self.precision = precision
      self.scale = scale
      self.length = length
      self.isNullable = isNullable
    }
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
