/// How patiently refused and lost requests are repeated.
///
/// The budget is per trouble, not per statement: an answer that makes progress starts it anew, so
/// that a statement of hours survives many short outages and gives up on one long one.
package struct RetryPolicy: Hashable, Sendable {
  /// How often one request is sent at most.
  package var attempts: Int
  /// Seconds from the first failure after which nothing is repeated any more.
  package var budget: Double
  /// The longest wait before the second attempt, in seconds; doubled for each further one.
  package var base: Double
  /// The longest wait ever, in seconds.
  package var cap: Double

  package init(
    attempts: Int = 5, budget: Double = 60, base: Double = 0.5, cap: Double = 16
  ) {
    self.attempts = attempts
    self.budget = budget
    self.base = base
    self.cap = cap
  }

  /// Seconds to wait after so many failures in a row, or nil when it is time to give up.
  ///
  /// Half of the wait is fixed and half is chance, so that clients refused together do not come
  /// back together; a wish of the server is obeyed as long as the budget allows.
  package func wait(
    after failures: Int, since first: Double, now: Double, wish: Double?, chance: Double
  ) -> Double? {
    guard failures < attempts else { return nil }
    let longest = min(cap, base * Double(1 << min(failures - 1, 20)))
    let wait = max(longest / 2 + longest / 2 * chance, wish ?? 0)
    return now + wait - first <= budget ? wait : nil
  }
}
