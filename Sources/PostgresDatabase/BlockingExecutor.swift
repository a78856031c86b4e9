import Dispatch

/// A thread of its own for one connection, so that blocking C calls never hold up other tasks.
final class BlockingExecutor: SerialExecutor {
  private let queue: DispatchQueue

  /// `label` is for debuggers.
  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
    }
  }
}
