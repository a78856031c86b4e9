package import SpecCore

extension SnowflakeDialect {
  /// A cell of the SQL API (page "Handling responses"), in canonical text: dates as days, times as
  /// seconds with a fraction, points in time with their offset behind.
  package func canonicalText(of column: CanonicalColumn, cell: String) -> String? {
    if column.zone != nil { return nil }
    switch column.form {
    case .number: return CellText.number(cell)
    case .float64: return CellText.float(cell, bits: 53)
    case .float32: return CellText.float(cell, bits: 24)
    case .boolean: return ["true": "true", "false": "false", "1": "true", "0": "false"][cell]
    case .text:
      // JSON as text would need Snowflake's own printing.
      if case .json = column.type { return nil }
      return cell
    case .trimmedText: return CellText.trimmed(cell)
    case .uuid: return cell.lowercased()
    case .hex: return cell.lowercased()
    case .date: return Int(cell) == nil ? CellText.days(cell) : cell
    case .time: return CellText.seconds(cell)
    case .moment: return CellText.epoch(cell.prefix { $0 != " " })
    case .json: return cell
    }
  }
}
