import Reporting
import SpecCore
import Testing

/// What is said of rows that are being read: nothing that is not known.
@Suite struct RowProgressTests {
  private func progress(
    _ source: Int, _ target: Int, _ read: (Side, rows: Int, at: Double)...
  ) -> RowProgress {
    var progress = RowProgress(rows: [.source: source, .target: target])
    for (side, rows, time) in read { progress.add(rows, on: side, at: time) }
    return progress
  }

  @Test("before anything was read only the number is known")
  func beginning() {
    let progress = progress(10_000_000, 10_000_000)
    #expect(progress.words(at: 7) == ["10,000,000 rows", "10.0M rows"])
    #expect(progress.secondsLeft(at: 7) == nil)
  }

  @Test("the side that is behind is told of")
  func behind() {
    let progress = progress(
      10_000_000, 9_000_000, (.source, 5_000_000, 10), (.target, 1_000_000, 5),
      (.target, 800_000, 9))
    #expect(progress.secondsLeft(at: 9) == 36)
    #expect(
      progress.words(at: 9) == [
        "1,800,000 of 9,000,000 rows, 200,000/s, about 36s left",
        "1.8M of 9.0M rows, 200k/s, 36s left", "1.8M of 9.0M rows, 36s left", "1.8M of 9.0M rows",
      ])
    // The clock runs on while a statement goes on; an estimate that was wrong is not repeated.
    #expect(progress.words(at: 15).first?.hasSuffix("about 30s left") == true)
    #expect(progress.words(at: 46).first == "1,800,000 of 9,000,000 rows, 200,000/s")
  }

  @Test("a moment and a handful of rows tell of no speed and no end")
  func tooEarly() {
    #expect(
      progress(10_000, 10_000, (.source, 9_000, 1), (.target, 9_000, 1.9)).words(at: 5)
        == ["9,000 of 10,000 rows", "9.0k of 10.0k rows"])
    let few = progress(1_000_000, 1_000_000, (.source, 9_000, 3), (.target, 9_000, 3))
    #expect(few.words(at: 3).first == "9,000 of 1,000,000 rows, 3,000/s")
    #expect(few.secondsLeft(at: 3) == nil)
    // One side alone does not tell when both will be there.
    #expect(progress(5_000, 5_000, (.source, 4_000, 4)).secondsLeft(at: 4) == nil)
  }

  @Test("what is read takes no time any more; more rows than were counted have no end")
  func ending() {
    let done = progress(5_000, 5_000, (.source, 5_000, 4), (.target, 5_000, 5))
    #expect(done.words(at: 6) == ["5,000 of 5,000 rows", "5.0k of 5.0k rows"])
    #expect(done.secondsLeft(at: 6) == 0)
    #expect(
      progress(10, 10, (.source, 12, 4), (.target, 11, 4)).words(at: 6) == ["11 rows"])
    #expect(progress(0, 0).words(at: 6) == [])
    #expect(progress(0, 7).words(at: 6) == ["7 rows"])
    #expect(RowProgress(rows: [:]).words(at: 6) == [])
  }

  @Test(
    "short numbers never say too much",
    arguments: [
      (999, "999"), (1_000, "1.0k"), (1_999, "1.9k"), (99_999, "99.9k"), (140_000, "140k"),
      (999_999, "999k"), (4_299_999, "4.2M"), (1_250_000_000, "1.2G"),
    ])
  func short(_ number: Int, _ words: String) {
    #expect(progress(number, number).words(at: 0).last == "\(words) rows")
  }
}
