import Diagnostics
import Foundation
import Reporting
import SpecCore
import Synchronization

/// Shows a run while it goes on: a few lines that redraw on a terminal, a line a case elsewhere.
final class Progress: Sendable {
  /// A suite that is not finished.
  private struct Running {
    var since = ContinuousClock.now
    var left: [CheckID]
    var reading: [CheckID: (since: ContinuousClock.Instant, rows: RowProgress)] = [:]

    /// The case to name: the first one of whose rows something is known, else the first one.
    var shown: CheckID? { left.first { reading[$0] != nil } ?? left.first }
  }

  private struct State {
    var total = 0
    var done = 0
    var failed = 0
    var warned = 0
    var errored = 0
    var running: [String: Running] = [:]
    var order: [String] = []
    var drawn = 0
    var frame = 0
    var idWidth = 0
    var lastHeartbeat = ContinuousClock.now
  }

  private let state = Mutex(State())
  private let look: Look
  private let strict: Bool
  /// Whether lines redraw.
  let isLive: Bool
  private let isSilent: Bool
  private let start = ContinuousClock.now
  private let terminal = Terminal.errors

  init(look: Look, strict: Bool, isLive: Bool, isSilent: Bool) {
    self.look = look
    self.strict = strict
    self.isLive = isLive
    self.isSilent = isSilent
  }

  func handle(_ event: RunEvent) {
    if isSilent { return }
    state.withLock { state in
      switch event {
      case .connecting(let side, let declared):
        show("connecting to the \(side.rawValue): \(declared)", &state)
      case .connected(let side, let facts):
        show("\(side.rawValue): \(facts.engine) \(facts.version), \(facts.name)", &state)
        for note in facts.notes { show("note: \(note)", &state) }
      case .connectionFailed(let side, let error):
        show("no connection to the \(side.rawValue): \(error.message)", &state)
      case .waiting(let seconds, let cases):
        show(
          "\(counted(cases, "case")) with differences: asked again in \(TimeSpan(seconds: seconds).words), "
            + "in case changes are on their way", &state)
      case .planned(let suites):
        state.total = suites.map(\.cases.count).reduce(0, +)
        let lengths = suites.flatMap(\.cases).map(\.description.count).filter { $0 <= 72 }
        state.idWidth = lengths.max() ?? 0
        for suite in suites { state.running[suite.name] = Running(left: suite.cases) }
      case .suiteStarted(let name):
        state.order.append(name)
        state.running[name]?.since = .now
      case .reading(let id, let rows):
        state.running[id.suite]?.reading[id] =
          rows.isEmpty ? nil : (.now, RowProgress(rows: rows))
      case .read(let id, let side, let rows):
        if let since = state.running[id.suite]?.reading[id]?.since {
          state.running[id.suite]?.reading[id]?.rows.add(
            rows, on: side, at: seconds(since: since))
        }
        // The next redrawing by the clock is soon enough.
        return
      case .caseFinished(let result): finished(result, &state)
      case .suiteFinished(let suite):
        state.order.removeAll { $0 == suite.name }
        state.running[suite.name] = nil
        if isLive {
          erase(&state)
          for line in suiteLines(suite, look: look, width: terminal.width, strict: strict) {
            terminal.write(line + "\n")
          }
        }
      }
      if isLive { draw(&state) }
    }
  }

  private func finished(_ result: CaseResult, _ state: inout State) {
    state.done += 1
    switch result.standing(strict: strict) {
    case .failed: state.failed += 1
    case .warned: state.warned += 1
    case .errored: state.errored += 1
    default: break
    }
    state.running[result.id.suite]?.left.removeAll { $0 == result.id }
    state.running[result.id.suite]?.reading[result.id] = nil
    guard !isLive else { return }
    Terminal.output.write(
      caseLine(result, look: look, strict: strict, idWidth: state.idWidth) + "\n")
  }

  private func show(_ line: String, _ state: inout State) {
    if isLive { erase(&state) }
    terminal.write(look.style.dim(line) + "\n")
  }

  /// Redraws, or every 30 seconds tells a log what is still being asked.
  func tick() {
    if isSilent { return }
    state.withLock { state in
      if isLive {
        state.frame += 1
        draw(&state)
        return
      }
      guard state.lastHeartbeat.duration(to: .now) >= .seconds(30) else { return }
      state.lastHeartbeat = .now
      for name in state.order {
        guard let running = state.running[name], let id = running.shown else { continue }
        let elapsed = seconds(since: running.since)
        // Small tables come and go, many at a time: the next line about each is its result.
        guard elapsed >= 5 else { continue }
        terminal.write(
          waitingLine(id, seconds: elapsed, rows: words(running, id).first) + "\n")
      }
    }
  }

  /// Takes the redrawn lines away, for good.
  func end() {
    if isLive { state.withLock { erase(&$0) } }
  }

  /// What is known of the rows that a case reads.
  private func words(_ running: Running, _ id: CheckID) -> [String] {
    guard let reading = running.reading[id] else { return [] }
    return reading.rows.words(at: seconds(since: reading.since))
  }

  private func seconds(since instant: ContinuousClock.Instant) -> Double {
    let (seconds, attoseconds) = instant.duration(to: .now).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  private func erase(_ state: inout State) {
    if state.drawn > 0 { terminal.write("\u{1B}[\(state.drawn)A\u{1B}[0J") }
    state.drawn = 0
  }

  /// So many suites have a line of their own at the most.
  private static let mostLines = 4

  private func draw(_ state: inout State) {
    erase(&state)
    guard state.total > 0 else { return }
    let width = terminal.width
    var lines: [String] = []
    let told = state.order.filter { state.running[$0]?.reading.isEmpty == false }
    let shown = Array((told.isEmpty ? state.order.prefix(1) : told.prefix(Self.mostLines)))
    for (position, name) in shown.enumerated() {
      guard let running = state.running[name] else { continue }
      let id = running.shown
      lines.append(
        runningLine(
          suite: name, words: id?.check ?? "", rows: id.map { words(running, $0) } ?? [],
          others: position + 1 == shown.count ? state.order.count - shown.count : 0,
          frame: state.frame, elapsed: seconds(since: running.since), look: look, width: width))
    }
    var atLeast: Double? = 0
    for reading in state.running.values.flatMap(\.reading.values) {
      let left = reading.rows.secondsLeft(at: seconds(since: reading.since))
      atLeast = left.flatMap { left in atLeast.map { max(left, $0) } }
    }
    lines.append(
      progressLine(
        done: state.done, total: state.total, failed: state.failed, warned: state.warned,
        errored: state.errored, elapsed: seconds(since: start), atLeast: atLeast,
        width: width, look: look))
    terminal.write(lines.map { $0 + "\n" }.joined())
    state.drawn = lines.count
  }
}
