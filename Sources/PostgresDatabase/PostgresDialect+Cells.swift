package import SpecCore

extension PostgresDialect {
  /// A cell as the session prints it (ISO dates, UTC, shortest floats), in canonical text.
  package func canonicalText(of column: CanonicalColumn, cell: String) -> String? {
    if column.zone != nil { return nil }
    switch column.form {
    case .number: return CellText.number(cell)
    case .float64: return CellText.float(cell, bits: 53)
    case .float32: return CellText.float(cell, bits: 24)
    case .boolean: return ["t": "true", "f": "false"][cell]
    case .text: return cell
    case .trimmedText: return CellText.trimmed(cell)
    case .uuid: return cell.lowercased()
    case .hex: return cell.hasPrefix("\\x") ? String(cell.dropFirst(2)) : nil
    case .date: return Self.isInfinite(cell) ? "!\(cell)" : CellText.days(cell)
    case .time: return CellText.time(cell)
    case .moment:
      if Self.isInfinite(cell) { return "!\(cell)" }
      guard case .instant = column.type else { return CellText.moment(cell) }
      // The session is in UTC.
      return cell.hasSuffix("+00") ? CellText.moment(String(cell.dropLast(3))) : nil
    case .json:
      // An array's own text is no JSON.
      if case .array = column.type { return nil }
      return cell
    }
  }

  private static func isInfinite(_ cell: String) -> Bool {
    cell == "infinity" || cell == "-infinity"
  }
}
