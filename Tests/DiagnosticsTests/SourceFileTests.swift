import Diagnostics
import Testing

@Suite struct SourceFileTests {
  @Test func linesEndAtLineFeeds() {
    let file = SourceFile(name: "a", text: "one\r\ntwo\rstill two\n\nfour")
    #expect(file.lineCount == 4)
    let lines = (0...5).map { file.line($0).map(String.init) }
    #expect(lines == [nil, "one", "two\rstill two", "", "four", nil])
  }

  @Test func anEmptyTextHasOneEmptyLine() {
    let file = SourceFile(name: "a", text: "")
    #expect(file.lineCount == 1)
    #expect(file.line(1) == "")
    #expect(file.position(at: 7) == SourcePosition(line: 1, column: 1, offset: 0))
  }

  @Test func columnsCountScalarsAndOffsetsCountBytes() {
    let file = SourceFile(name: "a", text: "x\n表e\u{301}y")
    #expect(file.position(at: 0) == SourcePosition(line: 1, column: 1, offset: 0))
    #expect(file.position(at: 2) == SourcePosition(line: 2, column: 1, offset: 2))
    #expect(file.position(at: 5) == SourcePosition(line: 2, column: 2, offset: 5))
    #expect(file.position(at: 8) == SourcePosition(line: 2, column: 4, offset: 8))
    #expect(file.position(at: 99) == SourcePosition(line: 2, column: 5, offset: 9))
  }

  @Test func slicesAreWidenedToWholeScalars() {
    let file = SourceFile(name: "a", text: "a表b")
    #expect(file[2..<3] == "表")
    #expect(file[0..<2] == "a表")
    #expect(file[-5..<99] == "a表b")
  }

  @Test func aLeadingByteOrderMarkIsDropped() {
    #expect(SourceFile(name: "a", text: "\u{FEFF}a\u{FEFF}").text == "a\u{FEFF}")
  }

  @Test func rangesSortByFileThenPlace() {
    let file = SourceFile(name: "b", text: "one\ntwo")
    let ranges = [file.range(4..<7), file.range(0..<3), file.range(0..<1), .none(file: "b")]
    #expect(ranges.sorted() == ranges.reversed())
    #expect(SourceRange.none(file: "a") < .none(file: "b"))
    #expect(SourceRange.none(file: "a").isNone && !file.range(0..<0).isNone)
  }
}
