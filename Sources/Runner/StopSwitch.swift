package import SpecCore
import Synchronization

/// Stops a run from outside: a signal, a deadline, or enough failures.
package final class StopSwitch: Sendable {
  private struct State {
    var reason: RunResult.Interruption?
    var failures = 0
    var next = 0
    var cancellations: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// Why the run was stopped, if it was.
  package var reason: RunResult.Interruption? { state.withLock { $0.reason } }

  /// Stops what is under way; only the first reason counts.
  package func stop(_ reason: RunResult.Interruption) {
    let cancellations = state.withLock { state in
      if state.reason == nil { state.reason = reason }
      return Array(state.cancellations.values)
    }
    for cancel in cancellations { cancel() }
  }

  /// Notes a failed case and stops the run when the limit is reached.
  func countFailure(limit: Int?) {
    let failures = state.withLock { state in
      state.failures += 1
      return state.failures
    }
    if let limit, failures >= limit { stop(.maxFailures) }
  }

  /// Carries work out in a task that the switch cancels.
  func run<Value: Sendable>(
    _ work: @escaping @Sendable () async -> Value,
    onStop: @escaping @Sendable () -> Void = {}
  ) async -> Value {
    let task = Task { await work() }
    let cancel: @Sendable () -> Void = {
      onStop()
      task.cancel()
    }
    let (number, isStopped) = state.withLock { state in
      state.next += 1
      state.cancellations[state.next] = cancel
      return (state.next, state.reason != nil)
    }
    if isStopped { cancel() }
    let value = await task.value
    state.withLock { $0.cancellations[number] = nil }
    return value
  }
}
