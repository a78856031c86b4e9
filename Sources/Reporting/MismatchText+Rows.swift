import SpecCore

/// Which rows differ: how many of each class, the columns at fault, and the first examples.
struct RowLines {
  /// How many rows are shown; keys of the others are in the JSON report or found by the SQL.
  static let mostExamples = 10

  let rows: RowDifferences
  let look: Look

  var lines: [String] {
    var lines = [
      "  rows    \(grouped(rows.identical)) identical   \(grouped(rows.modified)) modified"
        + "   \(grouped(rows.removed)) removed   \(grouped(rows.added)) added"
    ]
    if !rows.columns.isEmpty {
      let counts = rows.columns.map { "\(oneLine($0.column)) \(grouped($0.rows))" }
      lines.append("  modified, by column: " + counts.joined(separator: ", "))
    }
    lines += table
    lines += keys(of: .removed, total: rows.removed)
    lines += keys(of: .added, total: rows.added)
    return lines
  }

  private var examples: ArraySlice<RowDifferences.Example> {
    rows.examples.prefix(Self.mostExamples)
  }

  /// One line a differing cell, in aligned columns.
  private var table: [String] {
    let modified = examples.filter { $0.kind == .modified }
    guard !modified.isEmpty else { return [] }
    let keys = rows.keyColumns.isEmpty ? ["row"] : rows.keyColumns
    var table = [keys.map { shownValue($0, look: look) } + ["column", "source", "target", ""]]
    for (number, example) in modified.enumerated() {
      let key = example.key.isEmpty ? ["(\(number + 1))"] : example.key
      // A key of the wrong length must not push the values below other headings.
      let shown = keys.indices.map { $0 < key.count ? shownValue(key[$0], look: look) : "" }
      for cell in example.cells {
        let (source, target) = shownPair(redacted(cell.source), redacted(cell.target), look: look)
        let likely = oneLine(cell.likely ?? "")
        table.append(shown + [shownValue(cell.column, look: look), source, target, likely])
      }
    }
    let widths = table[0].indices.map { column in
      table.map { displayWidth(of: $0[column]) }.max() ?? 0
    }
    var lines = table.map { row in
      var line = "    " + zip(row, widths).map { padded($0, to: $1) }.joined(separator: "   ")
      while line.last == " " { line.removeLast() }
      return line
    }
    if rows.modified > modified.count {
      let more = counted(rows.modified - modified.count, "more modified row")
      lines.append("    \(look.ellipsis) and \(more)")
    }
    return lines
  }

  /// `removed: id 48211, 48212 and 3 more`; keys of several columns stand in brackets.
  private func keys(of kind: RowDifferences.Example.Kind, total: Int) -> [String] {
    let listed = examples.filter { $0.kind == kind && !$0.key.isEmpty }
    guard !listed.isEmpty else { return [] }
    func joined(_ parts: [String]) -> String {
      let text = parts.map { shownValue($0, look: look) }.joined(separator: ", ")
      return parts.count == 1 ? text : "(\(text))"
    }
    let names = rows.keyColumns.isEmpty ? "" : joined(rows.keyColumns) + " "
    let more = total > listed.count ? " and \(grouped(total - listed.count)) more" : ""
    return ["  \(kind): \(names)\(listed.map { joined($0.key) }.joined(separator: ", "))\(more)"]
  }
}
