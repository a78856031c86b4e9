import SpecCore

/// What was measured of a query, as lines of a table: a line for each side and clock.
struct TimingTable {
  let timings: Timings

  /// The names of the columns; the first two hold words, the others numbers.
  static let heads = [
    "side", "clock", "runs", "p50", "p95", "max", "first", "rows", "read", "aside", "waited",
  ]

  /// The cells below the heads, a row for each side and clock; none where nothing was measured.
  var rows: [[String]] { timings.sides.flatMap(rows) }

  /// What holds for all rows.
  var remarks: [String] {
    let load = timings.clients > 1 ? ["\(timings.clients) clients at once"] : []
    return load
      + timings.sides.compactMap { side in
        let sizes = Set(side.warm.compactMap { $0.cost?.warehouseSize }).sorted()
        return sizes.isEmpty ? nil : "warehouse  \(sizes.joined(separator: ", "))"
      }
  }

  /// The head and the lines, indented by two columns; none where nothing was measured.
  var lines: [String] {
    let rows = rows
    guard !rows.isEmpty else { return [] }
    let table = [Self.heads] + rows
    let widths = Self.heads.indices.map { column in
      table.map { displayWidth(of: $0[column]) }.max() ?? 0
    }
    let lines = table.map { cells in
      let padded = zip(cells, widths).enumerated().map { position, cell in
        // Words begin at the left, numbers end at the right.
        position < 2 ? Padding.left(cell.0, cell.1) : Padding.right(cell.0, cell.1)
      }
      return trimmed("  " + padded.joined(separator: "  "))
    }
    return lines + remarks.map { "  \($0)" }
  }

  /// A line for each clock that tells something; resources stand in the first.
  private func rows(_ side: SideTimings) -> [[String]] {
    let clocks = [TimingClock.server, .wire].filter { clock in
      side.cold?.seconds(by: clock) != nil || side.warm.contains { $0.seconds(by: clock) != nil }
    }
    return clocks.enumerated().map { position, clock in
      let times = side.warm.compactMap { $0.seconds(by: clock) }.sorted()
      func time(_ percent: Int) -> String {
        percentile(percent, of: times).map { spoken(seconds: $0) } ?? "-"
      }
      let costs = position == 0 ? side.warm.compactMap(\.cost) : []
      let counts = side.warm.compactMap(\.rows)
      func most<Value: Comparable>(_ values: [Value], _ words: (Value) -> String) -> String {
        values.max().map(words) ?? "-"
      }
      return [
        side.side.rawValue, clock.rawValue, grouped(times.count), time(50), time(95), time(100),
        side.cold?.seconds(by: clock).map { spoken(seconds: $0) } ?? "-",
        position == 0 ? most(counts) { grouped($0) } : "",
        position == 0 ? most(costs.compactMap(\.scanned)) { ByteCount($0).words } : "",
        position == 0 ? most(costs.compactMap(\.spilled)) { ByteCount($0).words } : "",
        position == 0 ? most(costs.compactMap(\.queued)) { spoken(seconds: $0) } : "",
      ]
    }
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}

/// Blanks up to a width.
private enum Padding {
  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - displayWidth(of: text)))
  }

  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(of: text))) + text
  }
}
