import SpecCore

/// Bars beside the numbers they stand for, so that a table tells the same without them.
extension HTMLDocument {
  /// How many bars of one kind are drawn.
  static let most = 12

  /// The widths of `viewBox`.
  static let width = 100.0

  // MARK: Checks by outcome

  /// One bar for all checks; the line above it says the same in words.
  func outcomes(_ page: inout HTMLWriter) {
    let counts = Standing.allCases.map { standing in
      (standing, entries.filter { $0.standing == standing }.count)
    }
    let total = counts.reduce(0) { $0 + $1.1 }
    guard total > 0 else { return }
    let words = counts.filter { $0.1 > 0 }.map { "\(grouped($0.1)) \($0.0.participle)" }
    page.element(
      "svg",
      [
        ("class", "outcomes"), ("viewBox", "0 0 100 4"), ("preserveAspectRatio", "none"),
        ("role", "img"), ("aria-label", "Checks by outcome: \(words.joined(separator: ", "))"),
      ]
    ) { drawing in
      var left = 0.0
      for (standing, count) in counts where count > 0 {
        // The smallest share is still seen: one failure among thousands.
        let width = max(0.6, Double(count) / Double(total) * Self.width)
        drawing.element(
          "rect",
          [
            ("class", "fill \(standing.kind)"), ("x", number(min(left, Self.width - width))),
            ("width", number(width)), ("height", "4"),
          ]
        ) { _ in }
        left += width
      }
    }
  }

  /// A bar of this share of the whole; the number that it stands for is beside it.
  func bar(
    _ value: Double, of whole: Double, _ kind: StaticString, _ page: inout HTMLWriter
  ) {
    let share = whole > 0 ? min(1, max(0, value / whole)) : 0
    page.element(
      "svg",
      [
        ("class", "bar"), ("viewBox", "0 0 100 8"), ("preserveAspectRatio", "none"),
        ("role", "img"),
      ]
    ) { drawing in
      drawing.element("title", text: "\(fixed(share * 100, decimals: 0)) % of the longest bar")
      drawing.element(
        "rect",
        [
          ("class", "fill \(kind)"),
          ("width", number(value > 0 ? max(0.5, share * Self.width) : 0)), ("height", "8"),
        ]
      ) { _ in }
    }
  }

  func number(_ value: Double) -> String { fixed(value, decimals: 2) }

  // MARK: The section

  func figures(_ page: inout HTMLWriter) {
    section("figures", "Figures", &page) { section in
      rowsPerTable(&section)
      longest(&section)
      latencies(&section)
      history(&section)
    }
  }

  /// The checks whose statements took longest.
  private func longest(_ page: inout HTMLWriter) {
    let slow = entries.enumerated().filter { $0.element.result.seconds > 0 }
      .sorted { left, right in
        let (first, second) = (left.element.result.seconds, right.element.result.seconds)
        return first != second ? first > second : left.offset < right.offset
      }
      .prefix(Self.most).map(\.element)
    page.element("h3", text: "The longest checks")
    guard let most = slow.first?.result.seconds else {
      page.element("p", text: "No check took any time.")
      return
    }
    table(
      "The \(slow.count) checks whose statements took longest", ["Check", "Took", "Share"],
      numbers: [1], &page
    ) { rows in
      for entry in slow {
        rows.element("tr") { row in
          row.element("th", [("scope", "row")]) { link(entry, &$0) }
          row.element("td", [("class", "n")], text: duration(entry.result.seconds))
          row.element("td") {
            bar(entry.result.seconds, of: most, entry.standing.kind, &$0)
          }
        }
      }
    }
  }

  // MARK: Latency

  /// The percentiles of every query that was measured, each once.
  private func latencies(_ page: inout HTMLWriter) {
    let measured = run.reportedSuites.compactMap { suite in
      suite.cases.lazy.compactMap(\.verdict.timings).first.map { (suite.name, $0) }
    }.filter { !TimingTable(timings: $0.1).rows.isEmpty }
    guard !measured.isEmpty else { return }
    page.element("h3", text: "Latency of queries")
    for (name, timings) in measured.prefix(shortening.entries) {
      page.element("p", [("class", "label")]) {
        $0.element("span", [("class", "id")], text: line(name))
      }
      percentiles(timings, &page)
    }
  }

  /// A bar for each percentile of each side, by the server's clock where it tells the time.
  private func percentiles(_ timings: Timings, _ page: inout HTMLWriter) {
    let bars = timings.sides.flatMap { side -> [(String, String, String, Double)] in
      let clock: TimingClock = side.times(by: .server) == nil ? .wire : .server
      guard let times = side.times(by: clock) else { return [] }
      return [(50, "p50"), (95, "p95"), (100, "max")].compactMap { percent, name in
        percentile(percent, of: times).map { (side.side.rawValue, clock.rawValue, name, $0) }
      }
    }
    guard let most = bars.map(\.3).max() else { return }
    table(
      "Percentiles of the runs that count", ["Side", "Clock", "Percentile", "Took", "Share"],
      numbers: [3], &page
    ) { rows in
      for (side, clock, name, seconds) in bars {
        rows.element("tr") { row in
          row.element("th", [("scope", "row")], text: side)
          row.element("td", text: clock)
          row.element("td", text: name)
          row.element("td", [("class", "n")], text: spoken(seconds: seconds))
          row.element("td") { bar(seconds, of: most, side == "source" ? "one" : "two", &$0) }
        }
      }
    }
  }

  /// What was measured of a query, in numbers.
  func latency(_ timings: Timings, _ page: inout HTMLWriter) {
    let measured = TimingTable(timings: timings)
    guard !measured.rows.isEmpty else { return }
    table("What was measured", TimingTable.heads, numbers: Set(2...10), &page) { body in
      for cells in measured.rows {
        body.element("tr") { row in
          for (column, words) in cells.enumerated() {
            let kind: [HTMLWriter.Attribute] = column < 2 ? [] : [("class", "n")]
            row.element("td", kind, text: words)
          }
        }
      }
    }
    for remark in measured.remarks { page.element("p", [("class", "small")], text: line(remark)) }
  }
}
