import Runner
import Testing

/// Which suites are begun when.
@Suite struct SuiteQueueTests {
  @Test("the largest come first, unknown ones among them; few large ones are under way at a time")
  func order() {
    var queue = SuiteQueue(sizes: [10, 5_000_000, .max, 300_000, 20, 0], width: 2)
    var begun: [Int] = []
    while let index = queue.next() { begun.append(index) }
    #expect(begun == [2, 1, 4, 0, 5])
    queue.finished(0)
    #expect(queue.next() == nil)
    queue.finished(2)
    #expect(queue.next() == 3)
    #expect(queue.next() == nil)
  }

  @Test("one at a time is one at a time, in the order of the spec")
  func sequential() {
    var queue = SuiteQueue(sizes: [10, 5_000_000, 20], width: 1)
    for expected in [0, 1, 2] {
      #expect(queue.next() == expected)
      #expect(queue.next() == nil)
      queue.finished(expected)
    }
    #expect(queue.next() == nil)
  }

  @Test("small ones are limited too", arguments: [2, 4])
  func limit(_ width: Int) {
    var queue = SuiteQueue(sizes: Array(repeating: 1, count: 100), width: width)
    var begun = 0
    while queue.next() != nil { begun += 1 }
    #expect(begun == 8 * width)
  }
}
