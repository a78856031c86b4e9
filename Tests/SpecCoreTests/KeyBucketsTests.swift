import SpecCore
import TestSupport
import Testing

/// Buckets of keys, divided among statements.
@Suite struct KeyBucketsTests {
  private static func numbers(_ buckets: KeyBuckets) -> [Int] { buckets.runs.flatMap { Array($0) } }

  @Test("every bucket is in exactly one part, in order, and the parts are about equal")
  func split() {
    var dice = Dice(seed: 5)
    let division = KeyDivision.ranges(KeyGrid(lower: -7, width: 64))
    for _ in 0..<2_000 {
      let all = (0..<dice.roll(200)).filter { _ in dice.roll(3) > 0 }
      let buckets = KeyBuckets(division, numbers: all)
      let parts = dice.roll(12) + 1
      let split = buckets.split(into: parts)
      #expect(split.flatMap(Self.numbers) == all)
      #expect(split.count <= parts)
      #expect(split.allSatisfy { $0.division == division && $0.count > 0 })
      let most = (all.count + parts - 1) / parts
      #expect(split.allSatisfy { $0.count <= max(1, most) })
    }
  }

  @Test("the hull holds every key of the buckets and no key of others beside them")
  func hull() throws {
    let grid = KeyGrid(lower: -10, width: 64)
    let hull = try #require(KeyBuckets(.ranges(grid), numbers: [2, 3, 9]).hull(in: grid))
    #expect((hull.first, hull.last) == (118, 629))
    #expect(KeyBuckets(.ranges(grid), numbers: []).hull(in: grid) == nil)
  }
}
