import SpecCore

/// Which rows of a table differ: how many, in which columns, and the first examples.
extension HTMLDocument {
  func differences(_ rows: RowDifferences, _ page: inout HTMLWriter) {
    table(
      "Rows of both sides",
      [
        "", "Identical", "Modified", "Only in the source", "Only in the target", "Source", "Target",
      ],
      numbers: [1, 2, 3, 4, 5, 6], &page
    ) { body in
      let source = rows.identical + rows.modified + rows.removed
      let target = rows.identical + rows.modified + rows.added
      body.element("tr") { row in
        row.element("th", [("scope", "row")], text: "Rows")
        for number in [
          rows.identical, rows.modified, rows.removed, rows.added, source, target,
        ] {
          row.element("td", [("class", "n")], text: grouped(number))
        }
      }
    }
    columns(rows, &page)
    modified(rows, &page)
    keys(of: .removed, rows.removed, rows, &page)
    keys(of: .added, rows.added, rows, &page)
  }

  /// Columns at fault, each with a bar for how many of the modified rows differ in it.
  private func columns(_ rows: RowDifferences, _ page: inout HTMLWriter) {
    guard !rows.columns.isEmpty else { return }
    table("Columns at fault", ["Column", "Rows", "Of the modified rows"], numbers: [1], &page) {
      body in
      for column in rows.columns.prefix(shortening.cells) {
        body.element("tr") { row in
          row.element("th", [("scope", "row")]) { value(column.column, &$0) }
          row.element("td", [("class", "n")], text: grouped(column.rows))
          row.element("td") { bar(Double(column.rows), of: Double(rows.modified), "bad", &$0) }
        }
      }
    }
    more(rows.columns.count - shortening.cells, "column", &page)
  }

  /// A line for each differing cell.
  private func modified(_ rows: RowDifferences, _ page: inout HTMLWriter) {
    let examples = rows.examples.prefix(RowLines.mostExamples).filter { $0.kind == .modified }
    guard !examples.isEmpty else { return }
    let keys = rows.keyColumns.isEmpty ? ["row"] : rows.keyColumns
    table(
      "Modified rows: the first \(grouped(examples.count)) of \(grouped(rows.modified))",
      keys.map { shownValue($0, look: .plain) } + ["Column", "Source", "Target", "Likely"], &page
    ) { body in
      for (number, example) in examples.enumerated() {
        let key = example.key.isEmpty ? ["(\(number + 1))"] : example.key
        for cell in example.cells.prefix(shortening.cells) {
          body.element("tr") { row in
            // A key of the wrong length must not push the values below other headings.
            for place in keys.indices {
              let kind: [HTMLWriter.Attribute] = [("scope", "row")]
              row.element("th", kind) { value(place < key.count ? key[place] : nil, &$0) }
            }
            let (source, target) = shownPair(
              redacted(cell.source), redacted(cell.target), look: .plain)
            row.element("td") { value(cell.column, &$0) }
            row.element("td") { $0.element("code", text: source) }
            row.element("td") { $0.element("code", text: target) }
            row.element("td", text: cell.likely.map(line) ?? "–")
          }
        }
      }
    }
  }

  private func keys(
    of kind: RowDifferences.Example.Kind, _ total: Int, _ rows: RowDifferences,
    _ page: inout HTMLWriter
  ) {
    let listed = rows.examples.prefix(RowLines.mostExamples)
      .filter { $0.kind == kind && !$0.key.isEmpty }
    guard !listed.isEmpty else { return }
    let side = kind == .removed ? "source" : "target"
    let columns =
      rows.keyColumns.isEmpty ? listed[0].key.indices.map { "key \($0 + 1)" } : rows.keyColumns
    table(
      "Rows only in the \(side): the first \(grouped(listed.count)) of \(grouped(total))",
      columns.map { shownValue($0, look: .plain) }, &page
    ) { body in
      for example in listed {
        body.element("tr") { row in
          for place in columns.indices {
            row.element("td") { value(place < example.key.count ? example.key[place] : nil, &$0) }
          }
        }
      }
    }
  }

  /// A value or a name of the databases, shown as carefully as on a terminal.
  private func value(_ text: String?, _ page: inout HTMLWriter) {
    guard let text else { return }
    page.element("code", text: shownValue(redacted(text), look: .plain))
  }
}
