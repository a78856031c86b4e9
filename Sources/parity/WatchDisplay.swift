import Reporting
import Runner
import SpecCore
import Synchronization

/// Shows a watch while it goes on: a table that redraws on a terminal, lines elsewhere, JSON for
/// programs.
final class WatchDisplay: Sendable {
  private struct State {
    var report: WatchReport?
    var drawn = 0
    /// The line of each table that a log has seen last.
    var lines: [String: String] = [:]
    var failures: [Side: String] = [:]
    var readyTicks = 0
    var lastLine = ContinuousClock.now
    var lastReport = ContinuousClock.now
    var isFileBroken = false
    var isOver = false
  }

  private let state = Mutex(State())
  private let view: WatchView
  private let json: WatchJSON
  private let isLive: Bool
  private let isJSON: Bool
  private let file: LineFile?
  /// So long after a look the next one should have come to its end.
  private let patience: Duration
  private let terminal = Terminal.errors

  init(
    view: WatchView, json: WatchJSON, every: Double, isLive: Bool, isJSON: Bool, file: LineFile?
  ) {
    // Two ticks; in less than five seconds nobody wonders.
    patience = .seconds(max(2 * every, 5))
    self.view = view
    self.json = json
    self.isLive = isLive
    self.isJSON = isJSON
    self.file = file
  }

  /// Whether a line could not be added to the file of lines.
  var isFileBroken: Bool { state.withLock { $0.isFileBroken } }

  /// Says what is waited for.
  func begin(_ condition: ReadyCondition, deadline: Double, once: Bool) {
    guard !isJSON, !once else { return }
    terminal.write(view.opening(condition, deadline: deadline) + "\n")
  }

  /// A tick is over.
  func show(_ report: WatchReport, _ facts: [Side: SideFacts]) {
    state.withLock { state in
      add(json.line(report, facts: facts), &state)
      state.report = report
      state.lastReport = .now
      if isJSON { return }
      if isLive {
        draw(&state)
      } else {
        log(report, &state)
      }
    }
  }

  /// Draws again, for a window that has changed its width, and tells when nothing answers.
  func tick() {
    if isJSON { return }
    state.withLock { state in
      if isLive {
        draw(&state)
      } else if let silence = silence(state), state.lastLine.duration(to: .now) >= patience {
        state.lastLine = .now
        Terminal.output.write("\(Composition.now().time) ...   \(silence)\n")
      }
    }
  }

  private func silence(_ state: State) -> String? {
    let waited = state.lastReport.duration(to: .now)
    guard waited >= patience else { return nil }
    return view.silence(since: state.report, seconds: Double(waited.components.seconds))
  }

  /// Says how it ended; the table stays on the screen.
  func end(_ result: Watcher.Result, _ status: ExitStatus) {
    let (word, sentence) = Self.words(result)
    state.withLock { state in
      add(
        json.line(
          end: word, sentence: sentence, result.report, at: Composition.now(),
          exitCode: Int(status.rawValue)), &state)
      file?.end()
      guard !isJSON else { return }
      state.isOver = true
      if isLive { draw(&state) }
      let isRefused = status == .wrong || status == .nothingSelected
      (isRefused ? terminal : Terminal.output).write((isRefused ? "error: " : "") + sentence + "\n")
    }
  }

  private static func words(_ result: Watcher.Result) -> (end: String, sentence: String) {
    switch (result.end, result.report) {
    case (.ready, let report?): ("ready", WatchView.ready(report))
    case (.once, let report?): ("once", WatchView.once(report))
    case (.interrupted, let report):
      (
        "interrupted",
        WatchView.notReady("STOPPED after \(counted(report?.number ?? 0, "tick"))", report)
      )
    case (.unknownTables(let names), _):
      (
        "refused",
        "`watch:` names \(names.map { "`\($0)`" }.joined(separator: ", ")), which the source does not have"
      )
    case (.nothing, _): ("refused", "nothing is selected")
    case (_, let report): ("deadline", WatchView.notReady("DEADLINE passed", report))
    }
  }

  private func add(_ line: String, _ state: inout State) {
    if isJSON { Terminal.output.write(line) }
    guard let file, !state.isFileBroken else { return }
    do throws(DiskError) {
      try file.add(line)
    } catch {
      state.isFileBroken = true
      terminal.write("error: \(error.message)\n")
    }
  }

  private func draw(_ state: inout State) {
    guard let report = state.report else { return }
    let silence = state.isOver ? nil : silence(state)
    if state.drawn > 0 { terminal.write("\u{1B}[\(state.drawn)A\u{1B}[0J") }
    let lines = view.lines(report, width: terminal.width, silence: silence)
    terminal.write(lines.map { $0 + "\n" }.joined())
    state.drawn = lines.count
  }

  /// What has changed since the last line, or after 30 seconds that nothing has.
  private func log(_ report: WatchReport, _ state: inout State) {
    var lines: [String] = []
    for side in Side.allCases where report.failures[side] != state.failures[side] {
      let reason = report.failures[side]
      lines.append(
        reason.map { view.failure($0, side) } ?? "OK    the \(side.rawValue) is reached again")
    }
    // Without a connection the tables have nothing new to say.
    if report.failures.isEmpty {
      for table in report.tables {
        let line = view.line(table)
        if state.lines[table.title] != line { lines.append(line) }
        state.lines[table.title] = line
      }
      if report.readyTicks != state.readyTicks {
        lines.append(view.progress(report))
      }
    } else if state.readyTicks > 0 {
      lines.append(view.progress(report))
    }
    state.failures = report.failures
    state.readyTicks = report.readyTicks
    if lines.isEmpty, state.lastLine.duration(to: .now) >= .seconds(30) {
      lines = [view.unchanged(report)]
    }
    guard !lines.isEmpty else { return }
    state.lastLine = .now
    let head = "\(report.at.time) #\(report.number)"
    Terminal.output.write(lines.map { "\(head) \($0)\n" }.joined())
  }
}
