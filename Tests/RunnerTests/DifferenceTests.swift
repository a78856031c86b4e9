import Runner
import SpecCore
import Synchronization
import TestSupport
import Testing

/// What is handed out of differing rows, and what a run then says of them.
@Suite struct DifferenceTests {
  /// Writes down what it is told, and has something to say of whatever is not whole.
  private final class Sink: DifferenceSink {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    func begin(_ id: CheckID) { state.withLock { $0.append("begin \(id.object)") } }

    func add(
      _ id: CheckID, _ comparison: Move.Comparison, _ differences: [KeyedMerge.Difference]
    ) {
      let keys = differences.map { $0.key.map { $0 ?? "" }.joined(separator: "-") }
      state.withLock { $0.append("add \(id.object) \(keys.joined(separator: ","))") }
    }

    func end(_ id: CheckID, _ extent: DifferenceExtent) -> String? {
      let (word, reason): (String, String?) =
        switch extent {
        case .nothing: ("nothing", nil)
        case .whole: ("whole", nil)
        case .part(let reason): ("part", reason)
        case .unknown(let reason): ("unknown", reason)
        }
      state.withLock { $0.append("end \(id.object) \(word)") }
      return reason.map { "the sink says: \($0)" }
    }
  }

  private static let source = [["1", "1"], ["2", "2"], ["3", "3"]]
  private static let target = [["1", "0"], ["2", "2"], ["3", "0"]]

  /// One table of three rows that differ in their documents only.
  private func harness(_ sink: Sink) -> Harness {
    var harness = Harness()
    harness.tableCount = 1
    harness.spec = "[t0]"
    harness.method = .fast
    harness.hasDocument = true
    harness.differences = sink
    return harness
  }

  /// A side whose keys have this fingerprint, and whose rows are read as these.
  private static func database(
    _ harness: Harness, _ side: Side, keys: Character = "a", _ rows: [[String?]],
    breaking: @escaping @Sendable (String) -> DatabaseError? = { _ in nil }
  ) -> FakeDatabase {
    let digests = String(repeating: keys, count: 16)
    return harness.database(
      side,
      reply: { sql in
        sql.contains("AS digests")
          ? .success(Rows(columns: [], cells: [["0", "3", digests]])) : nil
      }, stream: { _ in .success(rows.map { [$0] }) }, breaking: breaking)
  }

  private static func isChecksum(_ step: Plan.Step) -> Bool { step.id.check == "checksum" }

  @Test func everyRow() async throws {
    let sink = Sink()
    let harness = harness(sink)
    let outcome = try await harness.run(
      Self.database(harness, .source, Self.source),
      Self.database(harness, .target, Self.target), where: Self.isChecksum)
    let each = try #require(outcome.cases("checksum").first)
    #expect(each.outcome == .failed, "\(each.verdict)")
    #expect(sink.lines == ["begin t0", "add t0 1", "add t0 3", "end t0 whole"])
    #expect(!each.verdict.notes.contains { $0.contains("the sink says") })
  }

  /// A case that is asked again begins anew, so that nobody takes a row twice; and the rows that
  /// were read before the connection was lost are counted.
  @Test func askedAgain() async throws {
    let sink = Sink()
    let harness = harness(sink)
    let lost = Self.database(
      harness, .target, Array(Self.target.prefix(2)),
      breaking: { _ in DatabaseError(.connectionLost, "gone") })
    let source = Self.database(harness, .source, Self.source)
    let good = Self.database(harness, .target, Self.target)
    let outcome = try await harness.run(
      FakeConnector([.success(source)]), FakeConnector([.success(lost), .success(good)]),
      where: Self.isChecksum)
    let each = try #require(outcome.cases("checksum").first)
    #expect(each.outcome == .failed && each.retries.count == 1, "\(each.verdict)")
    #expect(
      sink.lines == [
        "begin t0", "add t0 1", "end t0 unknown", "begin t0", "add t0 1", "add t0 3",
        "end t0 whole",
      ])
    let read = each.statements.filter { $0.sql.contains("NULLS LAST") }
    #expect(read.map(\.side) == [.source, .target, .source, .target])
    #expect(read.dropFirst().first?.rows == 2)
    #expect((read.first?.rows ?? 0) >= 2)
    #expect(read.suffix(2).map(\.rows) == [3, 3])
    #expect(source.openCursors == 0 && lost.openCursors == 0)
  }

  /// Contents that are known to differ, but not where: what was handed out is not all.
  @Test func notWhole() async throws {
    let sink = Sink()
    let harness = harness(sink)
    let outcome = try await harness.run(
      Self.database(harness, .source, Self.source),
      Self.database(
        harness, .target, keys: "b", [],
        breaking: { _ in DatabaseError(.connectionLost, "gone") }), where: Self.isChecksum)
    let each = try #require(outcome.cases("checksum").first)
    #expect(each.outcome == .failed)
    #expect(sink.lines == ["begin t0", "end t0 part"])
    #expect(each.verdict.notes.last == "the sink says: gone")
  }

  @Test func nothingDiffers() async throws {
    let sink = Sink()
    let harness = harness(sink)
    let outcome = try await harness.run(
      Self.database(harness, .source, Self.source),
      Self.database(harness, .target, Self.source), where: Self.isChecksum)
    #expect(outcome.cases("checksum").allSatisfy { $0.outcome == .passed })
    #expect(sink.lines == ["begin t0", "end t0 nothing"])
  }

  /// Where rows are compared in the order of digests none is handed out, and the case says so.
  @Test func byDigests() async throws {
    let sink = Sink()
    var harness = harness(sink)
    harness.method = .md5
    harness.hasDocument = false
    let row = String(repeating: "a", count: 32)
    let target = harness.database(
      .target,
      reply: { sql in
        sql.contains("LOW(") ? .success(Rows(columns: [], cells: [["3", "1", "2"]])) : nil
      }, stream: { _ in .success([[[row, row, ""]]]) })
    let outcome = try await harness.run(
      harness.database(.source), target, where: Self.isChecksum)
    let each = try #require(outcome.cases("checksum").first)
    #expect(each.outcome == .failed, "\(each.verdict)")
    #expect(sink.lines == ["begin t0", "end t0 part"])
    #expect(each.verdict.notes.contains { $0.contains("MD5 of each row, a way that writes none") })
  }
}
