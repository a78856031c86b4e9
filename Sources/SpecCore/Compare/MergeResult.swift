/// What comparing the rows of both sides came to.
package struct MergeResult<Example: Hashable & Sendable>: Hashable, Sendable {
  package var identical = 0
  package var modified = 0
  package var added = 0
  package var removed = 0
  /// Modified rows by the position of the column.
  package var columns: [Int]
  /// Values that differ in a way that does not count, by the position of the column.
  package var excused: [Int]
  /// The first differing rows.
  package var examples: [Example] = []
  /// Rows that differ in nothing but a text that cannot be read as its column demands.
  package var unreadable = 0
  /// Differing rows that were changed too recently to be judged, by the sides that have them.
  package var inFlight: [Side: Int] = [:]
  /// Differing rows by the value of the segment column.
  package var segments: [String?: Int] = [:]

  package init(columns: Int) {
    self.columns = Array(repeating: 0, count: columns)
    excused = self.columns
  }

  package var differing: Int { modified + added + removed }

  /// Rows seen on a side.
  package func rows(_ side: Side) -> Int {
    identical + modified + (side == .source ? removed : added) + inFlight[side, default: 0]
  }

  /// Whether every row of both sides was seen.
  func accounts(for rows: [Side: Int]) -> Bool {
    Side.allCases.allSatisfy { self.rows($0) == rows[$0] }
  }

  /// Up to so many segments are told apart.
  private static var mostSegments: Int { 1_000 }

  /// Counts differing rows of one segment.
  mutating func count(_ rows: Int, inSegment value: String?) {
    let isKnown = segments[value] != nil || segments.count < Self.mostSegments
    segments[isKnown ? value : "(other values)", default: 0] += rows
  }
}

/// What the columns of rows that are compared here mean besides their values.
package struct RowRoles: Hashable, Sendable {
  /// When differing values of a column count as the same, by its position.
  package var rules: [Int: [ValueRule]] = [:]
  /// Positions of columns whose values are compared here but shown nowhere.
  package var hidden: Set<Int> = []
  /// Positions of columns that are read and not compared.
  package var ignored: Set<Int> = []
  /// The moment of a row's last change, and between which moments it is too recent to be judged.
  package var recent: Recent?
  /// The column by whose values differing rows are counted.
  package var segment: Int?
  /// Whether rows that the target lacks are counted, and told no further.
  package var leavesOutRemoved = false

  package struct Recent: Hashable, Sendable {
    package let column: Int
    /// Microseconds since 1970.
    ///
    /// A moment far ahead of the clock is a wrong value, not a late row.
    package let moments: ClosedRange<Int64>

    package init(column: Int, moments: ClosedRange<Int64>) {
      self.column = column
      self.moments = moments
    }
  }

  package init() {}

  /// What two values of a column are to each other.
  enum Opinion {
    /// Byte by byte.
    case same
    /// By a rule.
    case excused
    case different
    /// Different texts of which one cannot be read.
    case unreadable
  }

  func opinion(_ column: Int, _ source: String?, _ target: String?) -> Opinion {
    if ByteOrder.isSame(source, target) || ignored.contains(column) { return .same }
    var isUnreadable = false
    for rule in rules[column] ?? [] {
      switch rule.accepts(source, target) {
      case true?: return .excused
      case nil: isUnreadable = true
      case false?: break
      }
    }
    return isUnreadable ? .unreadable : .different
  }

  /// Whether a row, given what its columns hold, was changed too recently to be judged.
  func isRecent(_ value: (Int) -> String?) -> Bool {
    guard let recent, let text = value(recent.column),
      let moment = ShownValue.microseconds(text)
    else { return false }
    return recent.moments.contains(moment.0)
  }
}

/// What two rows of one key are to each other.
struct RowComparison {
  /// Positions of differing columns.
  var different: [Int] = []
  /// Positions of columns that differ in a way that does not count.
  var excused: [Int] = []
  var isUnreadable = false

  /// Whether the rows count as the same.
  var isSame: Bool { different.isEmpty && !isUnreadable }

  mutating func add(_ column: Int, _ opinion: RowRoles.Opinion) {
    switch opinion {
    case .same: break
    case .excused: excused.append(column)
    case .different: different.append(column)
    case .unreadable: isUnreadable = true
    }
  }
}
