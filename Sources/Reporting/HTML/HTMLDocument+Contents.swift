import SpecCore

/// Figures of contents and of earlier runs.
extension HTMLDocument {
  /// How many tables are drawn; those that differ come first.
  private static let mostTables = 40

  /// Rows of an object on both sides.
  private struct Rows {
    let entry: Entry
    let source: ContentFacts.Content?
    let target: ContentFacts.Content?

    var isEqual: Bool { source?.rows == target?.rows }
    var most: Int { max(source?.rows ?? 0, target?.rows ?? 0) }
  }

  /// Rows on both sides, of every object that was counted.
  func rowsPerTable(_ page: inout HTMLWriter) {
    var seen: Set<ContentFacts> = []
    let all = entries.compactMap { entry -> Rows? in
      guard let content = entry.result.verdict.content,
        content.source?.rows != nil || content.target?.rows != nil
      else { return nil }
      // Several checks of one table know its rows; the first stands for them.
      var names = content
      names.source?.digest = nil
      names.target?.digest = nil
      guard seen.insert(names).inserted else { return nil }
      return Rows(entry: entry, source: content.source, target: content.target)
    }
    page.element("h3", text: "Rows of each table on both sides")
    guard let most = all.map(\.most).max() else {
      page.element("p", text: "No table was counted.")
      return
    }
    let shown = (all.filter { !$0.isEqual } + all.filter(\.isEqual)).prefix(Self.mostTables)
    let unequal = all.count { !$0.isEqual }
    page.element(
      "p",
      text: unequal == 0
        ? "\(counted(all.count, "table")), each with as many rows in the target as in the source."
        : "\(grouped(unequal)) of \(counted(all.count, "table")) have other numbers of rows on "
          + "both sides; they stand first.")
    table(
      "Rows of the source, the upper bar, and of the target, the lower one",
      ["Table", "Bars", "Source", "Target", "Difference"], numbers: [2, 3, 4], &page
    ) { rows in
      for each in shown { row(each, most, &rows) }
    }
    more(all.count - shown.count, "table", &page)
  }

  private func row(_ each: Rows, _ most: Int, _ rows: inout HTMLWriter) {
    let name = each.source?.name ?? each.target?.name ?? each.entry.result.id.object
    let (source, target) = (each.source?.rows, each.target?.rows)
    rows.element("tr") { row in
      row.element("th", [("scope", "row")]) { $0.element("code", text: line(name)) }
      row.element("td") { pair(source, target, of: most, &$0) }
      row.element("td", [("class", "n")], text: source.map(grouped) ?? "not known")
      row.element("td", [("class", "n")], text: target.map(grouped) ?? "not known")
      var difference = "–"
      if let source, let target {
        difference = (target > source ? "+" : "") + grouped(target - source)
      }
      row.element("td", [("class", "n")], text: difference)
    }
  }

  /// Two bars, the source's above the target's.
  private func pair(
    _ source: Int?, _ target: Int?, of most: Int, _ page: inout HTMLWriter
  ) {
    func width(_ rows: Int?) -> String {
      let rows = rows ?? 0
      return number(rows > 0 ? max(0.5, Double(rows) / Double(max(1, most)) * Self.width) : 0)
    }
    func words(_ rows: Int?) -> String { rows.map { "\(grouped($0)) rows" } ?? "not known" }
    page.element(
      "svg",
      [
        ("class", "bar pair"), ("viewBox", "0 0 100 16"), ("preserveAspectRatio", "none"),
        ("role", "img"),
      ]
    ) { drawing in
      drawing.element(
        "title", text: "source \(words(source)), target \(words(target))")
      drawing.element(
        "rect", [("class", "fill one"), ("width", width(source)), ("height", "7")]
      ) { _ in }
      drawing.element(
        "rect",
        [("class", "fill two"), ("y", "9"), ("width", width(target)), ("height", "7")]
      ) { _ in }
    }
  }

  // MARK: Earlier runs

  /// The runs of the chain, this one last; nothing where there was none before.
  func history(_ page: inout HTMLWriter) {
    guard let past = evidence?.history, !past.isEmpty else { return }
    let counts = run.counts
    let word: String =
      switch run.conclusion {
      case .passed: counts.warned + counts.waived > 0 ? "WARNED" : "PASSED"
      case .failed, .couldNotCheck, .nothingSelected, .interrupted: "FAILED"
      }
    let this = EvidenceFacts.PastRun(
      runID: run.runID, environment: run.environment ?? "default", startedAt: run.startedAt,
      seconds: seconds, verdict: word, passed: counts.passed,
      warned: counts.warned + counts.waived, failed: counts.failed, errored: counts.errored)
    let runs = past.suffix(Self.most - 1) + [this]
    let longest = runs.map(\.seconds).max() ?? 0
    page.element("h3", text: "The runs of this chain")
    table(
      "The last \(runs.count) of \(grouped(past.count + 1)) runs, this one last",
      [
        "Started", "Result", "Checks by outcome", "Passed", "Warned", "Failed", "Could not check",
        "Took", "Share", "Environment",
      ], numbers: [3, 4, 5, 6, 7], &page
    ) { rows in
      for each in runs { row(each, isThis: each == this, longest, &rows) }
    }
  }

  private func row(
    _ past: EvidenceFacts.PastRun, isThis: Bool, _ longest: Double, _ rows: inout HTMLWriter
  ) {
    let kind: StaticString =
      switch past.verdict {
      case "PASSED": "passed"
      case "WARNED": "warned"
      default: "failed"
      }
    rows.element("tr") { row in
      row.element(
        "th", [("scope", "row")], text: "\(past.startedAt)" + (isThis ? " (this run)" : ""))
      row.element("td") { badge(line(past.verdict), kind, &$0) }
      row.element("td") { outcomes(of: past, &$0) }
      for count in [past.passed, past.warned, past.failed, past.errored] {
        row.element("td", [("class", "n")], text: grouped(count))
      }
      row.element("td", [("class", "n")], text: duration(past.seconds))
      row.element("td") { bar(past.seconds, of: longest, "one", &$0) }
      row.element("td", text: line(past.environment))
    }
  }

  private func outcomes(of past: EvidenceFacts.PastRun, _ page: inout HTMLWriter) {
    let parts: [(StaticString, Int, String)] = [
      ("passed", past.passed, "passed"), ("warned", past.warned, "warned"),
      ("failed", past.failed, "failed"), ("errored", past.errored, "could not be checked"),
    ]
    let total = parts.reduce(0) { $0 + $1.1 }
    guard total > 0 else { return }
    page.element(
      "svg",
      [
        ("class", "bar"), ("viewBox", "0 0 100 8"), ("preserveAspectRatio", "none"),
        ("role", "img"),
      ]
    ) { drawing in
      let words = parts.filter { $0.1 > 0 }.map { "\(grouped($0.1)) \($0.2)" }
      drawing.element("title", text: words.joined(separator: ", "))
      var left = 0.0
      for (kind, count, _) in parts where count > 0 {
        let width = max(1, Double(count) / Double(total) * Self.width)
        drawing.element(
          "rect",
          [
            ("class", "fill \(kind)"), ("x", number(min(left, Self.width - width))),
            ("width", number(width)), ("height", "8"),
          ]
        ) { _ in }
        left += width
      }
    }
  }
}
