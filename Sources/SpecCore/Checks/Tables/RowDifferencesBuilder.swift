/// Puts the result of a merge and the fetched rows into words.
struct RowDifferencesBuilder {
  private let plan: ChecksumPlan
  private let dialects: Dialects

  init(_ plan: ChecksumPlan, _ dialects: Dialects) {
    self.plan = plan
    self.dialects = dialects
  }

  private var columns: [TablePair.ColumnPair] { plan.columns }

  func build(_ result: RowMerge.Result, _ rows: [Side: [[String?]]]) -> RowDifferences {
    let shown = rowsByKey(rows)
    let keys = result.examples.compactMap { example in
      shown[.source]?[example.keyDigest] ?? shown[.target]?[example.keyDigest]
    }.map { Array($0.prefix(plan.key.count)) }
    return differences(
      counts: (result.modified, result.added, result.removed), result.columns,
      result.examples.map { example(for: $0, shown) }, keys: keys)
  }

  /// The same for rows that came with their keys and values.
  func build(_ result: KeyedMerge.Result) -> RowDifferences {
    differences(
      counts: (result.modified, result.added, result.removed), result.columns,
      result.examples.map { difference in
        RowDifferences.Example(
          kind: difference.kind,
          key: zip(difference.key, plan.key).map { shown($0, $1) },
          cells: difference.cells.map { cell(columns[$0.column], $0.source, $0.target) })
      }, keys: result.examples.map(\.key))
  }

  private func differences(
    counts numbers: (modified: Int, added: Int, removed: Int), _ byColumn: [Int],
    _ examples: [RowDifferences.Example], keys: [[String?]]
  ) -> RowDifferences {
    let counts = zip(columns, byColumn).filter { $0.1 > 0 }
      .map { RowDifferences.ColumnCount(column: $0.title, rows: $1) }
      .sorted { $0.rows == $1.rows ? $0.column < $1.column : $0.rows > $1.rows }
    var likely: [String] = []
    for cause in examples.flatMap(\.cells).compactMap(\.likely) where !likely.contains(cause) {
      likely.append(cause)
    }
    for column in columns where counts.contains(where: { $0.column == column.title }) {
      for loss in column.pairing.losses { likely.append("\(column.title): \(loss)") }
    }
    return RowDifferences(
      identical: max(0, plan.rows(.source) - numbers.modified - numbers.removed),
      modified: numbers.modified, added: numbers.added, removed: numbers.removed, columns: counts,
      keyColumns: plan.key.isEmpty ? columns.prefix(4).map(\.title) : plan.key.map(\.title),
      examples: examples, likely: likely, sourceSQL: statement(.source, counts, keys),
      targetSQL: statement(.target, counts, keys))
  }

  /// Fetched rows by key digest, without the digest.
  private func rowsByKey(_ rows: [Side: [[String?]]]) -> [Side: [String: [String?]]] {
    rows.mapValues { cells in
      Dictionary(
        cells.compactMap { row in row.first?.map { ($0, Array(row.dropFirst())) } },
        uniquingKeysWith: { first, _ in first })
    }
  }

  private func example(
    for example: RowMerge.Example, _ byKey: [Side: [String: [String?]]]
  ) -> RowDifferences.Example {
    let source = byKey[.source]?[example.keyDigest]
    let target = byKey[.target]?[example.keyDigest]
    let width = plan.key.count
    let keyColumns = plan.key.isEmpty ? Array(columns.prefix(4)) : plan.key
    let row = source ?? target ?? []
    let key = keyColumns.indices.map { index in
      index < row.count
        ? shown(row[index], keyColumns[index]) : "key digest \(example.keyDigest.prefix(12))"
    }
    let cells = example.columns.filter { $0 < columns.count }.map { index in
      let column = columns[index]
      let left = source.flatMap { width + index < $0.count ? $0[width + index] : nil }
      let right = target.flatMap { width + index < $0.count ? $0[width + index] : nil }
      guard source != nil, target != nil else {
        return RowDifferences.Cell(
          column: column.title, source: "(not fetched)", target: "(not fetched)")
      }
      return cell(column, left, right)
    }
    return RowDifferences.Example(kind: example.kind, key: key, cells: cells)
  }

  private func cell(
    _ column: TablePair.ColumnPair, _ source: String?, _ target: String?
  ) -> RowDifferences.Cell {
    RowDifferences.Cell(
      column: column.title, source: shown(source, column), target: shown(target, column),
      likely: plan.isSensitive(column)
        ? nil : LikelyCause.of(source, target, form: column.pairing.form ?? .text))
  }

  private func shown(_ value: String?, _ column: TablePair.ColumnPair) -> String {
    guard let value else { return "(null)" }
    if plan.isSensitive(column) {
      return value == KeyedMerge.hiddenText ? value : "digest \(value.prefix(12))"
    }
    return ShownValue.of(value, form: column.pairing.form ?? .text)
  }

  /// A statement that shows the example rows, where their keys may be written out.
  private func statement(
    _ side: Side, _ counts: [RowDifferences.ColumnCount], _ keys: [[String?]]
  ) -> String? {
    guard !plan.key.isEmpty, !plan.key.contains(where: plan.isSensitive) else { return nil }
    let atFault = columns.filter { column in
      counts.contains { $0.column == column.title } && !plan.key.contains(column)
        && !plan.isSensitive(column)
    }
    let fields = (plan.key + atFault.prefix(8)).map { column -> SQL in
      "\(side == .source ? column.source.name : column.target.name)"
    }
    var conditions: [SQL] = []
    for row in keys {
      var parts: [SQL] = []
      for (column, value) in zip(plan.key, row) {
        let name: SQL = "\(side == .source ? column.source.name : column.target.name)"
        guard let value else {
          parts.append("\(name) IS NULL")
          continue
        }
        switch column.pairing.form {
        case .number: parts.append("\(name) = \(SQL(verbatim: value))")
        case .text, .uuid, .trimmedText: parts.append("\(name) = \(literal: value)")
        case .date, .moment:
          parts.append(
            "\(name) = \(literal: ShownValue.of(value, form: column.pairing.form ?? .text))")
        default: return nil
        }
      }
      let condition = parts.joined(by: " AND ")
      if !conditions.contains(condition) { conditions.append(condition) }
    }
    guard !conditions.isEmpty else { return nil }
    let sql: SQL =
      """
      SELECT \(fields.joined(by: ", ")) FROM \(table: plan.pair[side].relation) \
      WHERE \(conditions.joined(by: " OR "))
      """
    return dialects[side].render(sql) + ";"
  }
}

/// Canonical text as a person reads it.
package enum ShownValue {
  package static func of(_ text: String, form: CanonicalForm) -> String {
    switch form {
    case .moment: moment(text) ?? text
    case .date: date(text) ?? text
    case .time: time(text) ?? text
    case .float64, .float32: float(text) ?? text
    default: text
    }
  }

  private static func parts(_ text: String) -> (seconds: Int64, fraction: String)? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let seconds = Int64(parts[0]), seconds.magnitude < 9_000_000_000_000,
      Int(parts[1]) != nil
    else { return nil }
    var digits = String(repeating: "0", count: max(0, 9 - parts[1].count)) + parts[1]
    while digits.last == "0" { digits.removeLast() }
    return (seconds, digits.isEmpty ? "" : ".\(digits)")
  }

  private static func date(_ text: String) -> String? {
    // Beyond that the microseconds of a date do not fit.
    guard let days = Int64(text), days.magnitude < 100_000_000 else { return nil }
    return Timestamp(microseconds: days * 86_400_000_000).date
  }

  /// Microseconds since 1970 and the nanoseconds behind them.
  static func microseconds(_ text: String) -> (Int64, Int64)? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    // Room for the arithmetic of calendars on either side.
    guard let whole = Int64(parts[0]), whole.magnitude < 9_000_000_000_000_000_000 else {
      return nil
    }
    if parts.count == 1 { return (whole, 0) }
    guard parts.count == 2, let rest = Int64(parts[1]), (0..<1_000).contains(rest) else {
      return nil
    }
    return (whole, rest)
  }

  private static func moment(_ text: String) -> String? {
    guard let (microseconds, rest) = microseconds(text) else { return nil }
    let stamp = Timestamp(microseconds: microseconds)
    var fraction = microseconds % 1_000_000
    if fraction < 0 { fraction += 1_000_000 }
    var digits = "\(1_000_000_000 + fraction * 1_000 + rest)".dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(stamp.date) \(stamp.time)\(digits.isEmpty ? "" : ".\(digits)")"
  }

  private static func time(_ text: String) -> String? {
    parts(text).map { seconds, fraction in
      seconds == 86_400
        ? "24:00:00" : "\(Timestamp(microseconds: seconds * 1_000_000).time)\(fraction)"
    }
  }

  /// `7205759403792794p-56` as `0.1`; 24-bit mantissas as Float prints them.
  static func value(_ text: String) -> Double? {
    let parts = text.split(separator: "p")
    guard parts.count == 2, let mantissa = Double(parts[0]), let exponent = Int(parts[1]) else {
      return Double(text)
    }
    return Double(
      sign: mantissa < 0 ? .minus : .plus, exponent: exponent, significand: abs(mantissa))
  }

  private static func float(_ text: String) -> String? {
    guard text.contains("p"), let value = value(text) else { return nil }
    return value.description
  }
}
