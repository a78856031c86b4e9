import SpecCore
import TestSupport
import Testing

/// What a run tells of the rows it reads.
@Suite struct ReadingTests {
  @Test("rows that were counted are announced, told of as they come, and taken back")
  func merge() async throws {
    var harness = Harness()
    harness.tableCount = 1
    harness.spec = "[t0]"
    @Sendable func rows(_ numbers: ClosedRange<Int>) -> [[String?]] {
      numbers.map {
        [String(repeating: "\($0)", count: 32), String(repeating: "a", count: 32), ""]
      }
    }
    let source = harness.database(.source, stream: { _ in .success([rows(1...2), rows(3...3)]) })
    let target = harness.database(
      .target,
      reply: { sql in
        sql.contains("LOW(") ? .success(Rows(columns: [], cells: [["2", "1", "2"]])) : nil
      }, stream: { _ in .success([rows(1...2)]) })
    let outcome = try await harness.run(source, target) { $0.id.check == "checksum" }
    let told = outcome.events.filter { $0.hasPrefix("read") }
    let name = "run.tables.t0.checksum"
    #expect(told.first == "reading \(name) 3 2")
    #expect(told.last == "reading \(name) 0 0")
    #expect(
      told.dropFirst().dropLast().sorted() == [
        "read \(name) source 1", "read \(name) source 2", "read \(name) target 2",
      ])
    #expect(source.openCursors == 0 && target.openCursors == 0)
  }

  @Test("where nothing was counted nothing is told")
  func nothing() async throws {
    let harness = Harness()
    let outcome = try await harness.run(harness.database(.source), harness.database(.target))
    #expect(!outcome.events.contains { $0.hasPrefix("read") })
  }
}
