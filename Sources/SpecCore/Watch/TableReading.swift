/// A table that is watched.
package struct WatchedTable: Hashable, Sendable {
  /// The name as the spec writes it.
  package let title: String
  /// How many rows it must have to be ready.
  package let rows: RowCountExpectation

  package init(title: String, rows: RowCountExpectation = .equal) {
    self.title = title
    self.rows = rows
  }
}

/// What one look at a table came to.
package enum TableReading: Hashable, Sendable {
  case seen(Seen)
  /// It could not be looked at; a sentence says why.
  case failed(String)

  package struct Seen: Hashable, Sendable {
    package var source: Int
    package var target: Int
    package var mark: Mark
    package var newest: Newest

    package init(source: Int, target: Int, mark: Mark, newest: Newest) {
      self.source = source
      self.target = target
      self.mark = mark
      self.newest = newest
    }
  }

  /// The high-water marks of both sides.
  package enum Mark: Hashable, Sendable {
    /// `nil` for a side where no row has a value; the values of a sensitive column are not shown.
    case column(String, source: HighWater?, target: HighWater?, isHidden: Bool = false)
    /// The spec says that there is none.
    case none
    /// A sentence says why there is none.
    case unknown(String)
  }

  /// What comparing the newest rows came to: those of the source with the greatest marks, up to the
  /// smaller of both sides' marks, so that rows on their way are not judged.
  package enum Newest: Hashable, Sendable {
    /// So many rows are the same on both sides.
    case equal(rows: Int)
    /// Of so many rows, so many differ or are on one side only.
    case differs(rows: Int, differing: Int)
    /// No row has come yet.
    case nothing
    /// The spec does not ask; a sentence says where.
    case notAsked(String)
    case unknown(String)
  }
}

/// What one tick saw.
package struct WatchTick: Sendable {
  package let at: Timestamp
  /// Sides that were not reached, with the reason.
  package let failures: [Side: String]
  package let replica: Replica
  /// Empty where a side was not reached.
  package let readings: [(table: WatchedTable, reading: TableReading)]

  package init(
    at: Timestamp, failures: [Side: String] = [:], replica: Replica = .none,
    readings: [(table: WatchedTable, reading: TableReading)] = []
  ) {
    self.at = at
    self.failures = failures
    self.replica = replica
    self.readings = readings
  }

  /// What the source is a copy of.
  package enum Replica: Hashable, Sendable {
    /// The source is a database of its own.
    case none
    /// It follows another, so many seconds behind.
    case behind(Double)
    /// It follows another and cannot tell how far behind it is.
    case unknown

    /// As a connection's facts tell it.
    package init(_ facts: SideFacts) {
      self = facts.replica == nil ? .none : facts.replicaLag.map { .behind($0) } ?? .unknown
    }
  }
}
