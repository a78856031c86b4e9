/// Random numbers that are the same in every run (SplitMix64), so that a failure can be repeated.
package struct Dice: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, not including, `bound`.
  package mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// Whether a chance of one in so many came true.
  package mutating func isLucky(oneIn chances: Int) -> Bool { roll(chances) == 0 }

  /// One of the values.
  package mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }
}
