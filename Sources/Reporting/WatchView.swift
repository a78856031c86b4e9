import Diagnostics
package import SpecCore

/// How a watch is shown to people: a table that redraws, or lines in a log.
package struct WatchView: Sendable {
  private let look: Look
  private let title: String
  private let every: String

  /// The title is the spec's name, with its environment.
  package init(title: String, every: Double, look: Look) {
    self.title = title
    self.look = look
    self.every = TimeSpan(seconds: every).words
  }

  // MARK: On a terminal

  /// The whole table, at most `width` columns wide.
  ///
  /// `silence` is said above it, in red.
  package func lines(
    _ report: WatchReport, width: Int, silence: String? = nil
  ) -> [String] {
    let state =
      report.holds
      ? "good in \(grouped(report.readyTicks)) of \(counted(report.wantedTicks, "tick"))"
      : "not ready"
    var lines = [
      fitted(
        oneLine("\(title)  tick \(grouped(report.number))  \(report.at.time) UTC  \(state)"),
        to: width, look: look)
    ]
    if let silence { lines.append(trouble(silence, width, isError: true)) }
    for side in Side.allCases {
      guard let reason = report.failures[side] else { continue }
      lines.append(
        trouble("no connection to the \(side.rawValue): \(reason)", width, isError: true))
    }
    lines.append(look.style.dim(fitted(header, to: width, look: look)))
    for table in report.tables { lines += self.lines(table, at: report.at, width: width) }
    return lines
  }

  private var header: String {
    row(["table", "source", "target", "missing", "rows/s", "left", "lag", "newest"], mark: " ")
  }

  /// Columns of the table; with two blanks between them they fill 80.
  private static let widths = [13, 11, 11, 10, 7, 6, 6]

  private func row(_ cells: [String], mark: String) -> String {
    var line =
      "\(mark) \(padded(fitted(cells[0], to: Self.widths[0], look: look), to: Self.widths[0]))"
    for (cell, width) in zip(cells, Self.widths).dropFirst() {
      let text = fitted(cell, to: width, look: look)
      line += " " + String(repeating: " ", count: max(0, width - displayWidth(of: text))) + text
    }
    return line + " " + (cells.last ?? "")
  }

  private func lines(_ table: TableStanding, at time: Timestamp, width: Int) -> [String] {
    let (mark, paint) = mark(of: table)
    var lines: [String] = []
    if let seen = table.seen {
      let text = row(cells(table, seen), mark: mark)
      lines.append(paint(fitted(text, to: width, look: look)))
    } else {
      lines.append(paint(fitted("\(mark) \(oneLine(table.title))", to: width, look: look)))
    }
    for note in notes(table) {
      lines.append(trouble(note.text, width, isError: note.isError))
    }
    return lines
  }

  private func mark(of table: TableStanding) -> (String, (String) -> String) {
    if table.error != nil { return (look.usesUnicode ? "✗" : "x", look.style.red) }
    if table.isStalled { return ("!", look.style.red) }
    switch table.verdict {
    case .holds: return (look.usesUnicode ? "✓" : "+", look.style.green)
    case .waits: return (look.usesUnicode ? "…" : ".", { $0 })
    case .unknown: return ("?", look.style.yellow)
    }
  }

  private func cells(_ table: TableStanding, _ seen: TableReading.Seen) -> [String] {
    [
      oneLine(table.title), Self.number(seen.source, in: Self.widths[1]),
      Self.number(seen.target, in: Self.widths[2]),
      table.missing.map { Self.number($0, in: Self.widths[3]) } ?? "-",
      table.rate.map { Self.rate($0, in: Self.widths[4]) } ?? "-",
      table.secondsLeft.map { Self.short($0) } ?? "-",
      Self.lag(table.lag), Self.newest(seen.newest),
    ]
  }

  /// Digits that are cut off would make another number: where they have no room, in millions.
  private static func number(_ number: Int, in width: Int) -> String {
    let whole = grouped(number)
    return whole.utf8.count <= width ? whole : "\(grouped(number / 1_000_000))M"
  }

  private static func rate(_ rate: Double, in width: Int = 20) -> String {
    rate.isFinite && abs(rate) < 1e12 ? number(Int(rate.rounded()), in: width) : "-"
  }

  /// At most six columns: `59s`, `12m`, `5h`, `12d`.
  private static func short(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e9 else { return "-" }
    let whole = Int(seconds.rounded())
    switch abs(whole) {
    case 0..<100: return "\(whole)s"
    case 100..<6_000: return "\(whole / 60)m"
    case 6_000..<172_800: return "\(whole / 3_600)h"
    default: return "\(whole / 86_400)d"
    }
  }

  private static func lag(_ lag: WatchLag?) -> String {
    switch lag {
    case .seconds(let seconds)?: short(seconds)
    case .steps(let steps)?: steps.magnitude < 1_000_000 ? "\(steps)" : "\(steps / 1_000_000)M"
    case nil: "-"
    }
  }

  private static func newest(_ newest: TableReading.Newest) -> String {
    switch newest {
    case .equal: "equal"
    case .differs: "differs"
    case .nothing: "-"
    case .notAsked: "skipped"
    case .unknown: "unknown"
    }
  }

  /// What a reader must know of a table besides its numbers.
  private func notes(_ table: TableStanding) -> [(text: String, isError: Bool)] {
    var notes: [(text: String, isError: Bool)] = []
    if let error = table.error {
      let since = table.errorTicks > 1 ? " (\(grouped(table.errorTicks)) ticks in a row)" : ""
      let old = table.seen == nil ? "" : "; the numbers are older"
      notes.append(("error: \(error)\(since)\(old)", true))
    }
    if table.isStalled {
      notes.append(("STALLED: nothing has come for \(counted(table.idleTicks, "tick"))", true))
    }
    if table.shrunk > 0 {
      notes.append(("the source has lost \(counted(table.shrunk, "row"))", false))
    }
    if let missing = table.missing, missing < 0 {
      notes.append(("the target has \(counted(-missing, "row")) more than the source", false))
    }
    if table.error == nil, case .unknown(let reasons) = table.verdict {
      notes += reasons.map { ($0, false) }
    }
    return notes
  }

  private func trouble(_ text: String, _ width: Int, isError: Bool) -> String {
    let line = fitted("    \(oneLine(redacted(text)))", to: width, look: look)
    return isError ? look.style.red(line) : look.style.yellow(line)
  }

  // MARK: In a log

  /// A table as one line without a time, so that it is the same as long as nothing changes.
  package func line(_ table: TableStanding) -> String {
    let word =
      if table.error != nil { "ERR  " } else if table.isStalled { "STALL" } else {
        switch table.verdict {
        case .holds: "OK   "
        case .waits: "WAIT "
        case .unknown: "?    "
        }
      }
    var parts: [String] = []
    if let seen = table.seen {
      parts.append("\(grouped(seen.target)) of \(grouped(seen.source)) rows")
      if let missing = table.missing, missing > 0, let rate = table.rate {
        parts.append("\(Self.rate(rate)) rows/s")
      }
      if let left = table.secondsLeft { parts.append("about \(wholeDuration(left)) left") }
      if let lag = table.lag { parts.append("lag \(Self.lag(lag))") }
      parts.append("newest \(Self.newest(seen.newest))")
    }
    parts += notes(table).map(\.text)
    let text = oneLine(redacted("\(table.title)  \(parts.joined(separator: ", "))"))
    return "\(word) \(text)"
  }

  /// A side that is not reached.
  package func failure(_ reason: String, _ side: Side) -> String {
    oneLine(redacted("ERR   no connection to the \(side.rawValue): \(reason)"))
  }

  /// A look that takes longer than two should.
  package func silence(since report: WatchReport?, seconds: Double) -> String {
    let last = report.map { ", the numbers are of \($0.at.time) UTC" } ?? ""
    return "no answer for \(wholeDuration(seconds))\(last)"
  }

  /// In how many ticks in a row everything was good.
  package func progress(_ report: WatchReport) -> String {
    report.holds
      ? "GOOD  in \(grouped(report.readyTicks)) of \(counted(report.wantedTicks, "tick"))"
      : "WAIT  no longer good"
  }

  /// A sign of life where nothing has changed.
  package func unchanged(_ report: WatchReport) -> String {
    "...   as before: \(report.reasons.first.map { oneLine(redacted($0)) } ?? "good")"
  }

  /// What the first line says: what is waited for.
  package func opening(_ condition: ReadyCondition, deadline: Double) -> String {
    "\(oneLine(title)): every \(every) until \(condition.words), at most "
      + TimeSpan(seconds: deadline).words
  }

  // MARK: At the end

  /// Why the target is not ready, in at most so many parts.
  private static func because(_ report: WatchReport?) -> String {
    guard let report else { return "no look came to its end" }
    let reasons = report.reasons
    if reasons.isEmpty {
      return "it was for \(report.readyTicks) of \(counted(report.wantedTicks, "tick"))"
    }
    let more = reasons.count > 5 ? "; and \(grouped(reasons.count - 5)) more" : ""
    return reasons.prefix(5).joined(separator: "; ") + more
  }

  /// READY and after how many ticks.
  package static func ready(_ report: WatchReport) -> String {
    "READY after \(counted(report.number, "tick")): \(counted(report.tables.count, "table")) "
      + "good in \(counted(report.readyTicks, "tick")) in a row"
  }

  /// What one look came to.
  package static func once(_ report: WatchReport) -> String {
    if report.holds { return "GOOD in this tick: \(counted(report.tables.count, "table"))" }
    return oneLine(redacted("NOT READY: \(because(report))"))
  }

  /// `DEADLINE passed, not ready: orders: 1,204 rows behind`; `what` says why it ended.
  package static func notReady(_ what: String, _ report: WatchReport?) -> String {
    oneLine(redacted("\(what), not ready: \(because(report))"))
  }
}
