package import SpecCore

/// Lets a bounded number of statements run at a time, in the order they came.
package actor Turnstile {
  private var free: Int
  private var queue: [(ticket: Int, waiter: CheckedContinuation<Bool, Never>)] = []
  private var tickets = 0

  package init(width: Int) { free = max(1, width) }

  /// Waits for a place, which ``leave()`` must give back; a cancelled task gets none.
  package func enter() async throws(DatabaseError) {
    if free > 0 {
      free -= 1
      return
    }
    tickets += 1
    let ticket = tickets
    let isAdmitted = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if Task.isCancelled {
          waiter.resume(returning: false)
        } else {
          queue.append((ticket, waiter))
        }
      }
    } onCancel: {
      Task { await self.forget(ticket) }
    }
    guard isAdmitted else {
      throw DatabaseError(.cancelled, "the statement was cancelled before it was sent")
    }
  }

  /// Gives the place to whoever has waited longest.
  package func leave() {
    if queue.isEmpty {
      free += 1
    } else {
      queue.removeFirst().waiter.resume(returning: true)
    }
  }

  private func forget(_ ticket: Int) {
    guard let place = queue.firstIndex(where: { $0.ticket == ticket }) else { return }
    queue.remove(at: place).waiter.resume(returning: false)
  }
}
