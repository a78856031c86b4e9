import FoundationEssentials

/// What the world gives besides the network: clocks, sleep, chance and fresh identifiers.
///
/// All of it is passed in, so that hours of waiting can be tested in no time.
package struct Surroundings: Sendable {
  /// Seconds since 1970 by the wall clock, rounded down.
  package var epochSeconds: @Sendable () -> Int
  /// Seconds since some fixed moment, by a clock that is never set.
  package var uptime: @Sendable () -> Double
  /// Waits that many seconds, or throws when the task is cancelled.
  package var sleep: @Sendable (Double) async throws -> Void
  /// A number from 0 up to, not including, 1.
  package var chance: @Sendable () -> Double
  /// A UUID that nobody used before.
  package var freshID: @Sendable () -> String

  package init(
    epochSeconds: @escaping @Sendable () -> Int, uptime: @escaping @Sendable () -> Double,
    sleep: @escaping @Sendable (Double) async throws -> Void,
    chance: @escaping @Sendable () -> Double, freshID: @escaping @Sendable () -> String
  ) {
    self.epochSeconds = epochSeconds
    self.uptime = uptime
    self.sleep = sleep
    self.chance = chance
    self.freshID = freshID
  }

  /// The real ones.
  package static let real = Surroundings(
    epochSeconds: { Int(Date().timeIntervalSince1970) },
    uptime: {
      let elapsed = ContinuousClock.now - start
      return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    },
    sleep: { try await Task.sleep(for: .seconds($0)) },
    chance: { Double.random(in: 0..<1) },
    freshID: { UUID().uuidString.lowercased() })
}

private let start = ContinuousClock.now
