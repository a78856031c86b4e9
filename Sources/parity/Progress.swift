import Diagnostics
import Foundation
import Reporting
import SpecCore
import Synchronization

/// Shows a run while it goes on: two lines that redraw on a terminal, a line a case elsewhere.
final class Progress: Sendable {
  private struct State {
    var total = 0
    var done = 0
    var failed = 0
    var warned = 0
    var errored = 0
    var running: [String: (since: ContinuousClock.Instant, left: [CheckID])] = [:]
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
        for suite in suites { state.running[suite.name] = (.now, suite.cases) }
      case .suiteStarted(let name):
        state.order.append(name)
        state.running[name]?.since = .now
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
        guard let running = state.running[name], let id = running.left.first else { continue }
        terminal.write(waitingLine(id, seconds: seconds(since: running.since)) + "\n")
      }
    }
  }

  /// Takes the redrawn lines away, for good.
  func end() {
    if isLive { state.withLock { erase(&$0) } }
  }

  private func seconds(since instant: ContinuousClock.Instant) -> Double {
    let (seconds, attoseconds) = instant.duration(to: .now).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  private func erase(_ state: inout State) {
    if state.drawn > 0 { terminal.write("\u{1B}[\(state.drawn)A\u{1B}[0J") }
    state.drawn = 0
  }

  private func draw(_ state: inout State) {
    erase(&state)
    guard state.total > 0 else { return }
    let width = terminal.width
    var lines: [String] = []
    if let name = state.order.first, let running = state.running[name] {
      let others = state.order.count > 1 ? ", and \(state.order.count - 1) more" : ""
      lines.append(
        runningLine(
          suite: name, words: (running.left.first?.check ?? "") + others, frame: state.frame,
          elapsed: seconds(since: running.since), look: look, width: width))
    }
    lines.append(
      progressLine(
        done: state.done, total: state.total, failed: state.failed, warned: state.warned,
        errored: state.errored, elapsed: seconds(since: start), width: width, look: look))
    terminal.write(lines.map { $0 + "\n" }.joined())
    state.drawn = lines.count
  }
}
