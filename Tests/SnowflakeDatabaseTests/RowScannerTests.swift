import SnowflakeDatabase
import Testing

@Suite("reading rows")
struct RowScannerTests {
  private func scanner(_ rows: String, width: Int) -> RowScanner {
    let body = Array(rows.utf8)
    return RowScanner(Partition(body: body, rows: 0..<body.count), width: width)
  }

  @Test("cells stay as Snowflake wrote them")
  func cells() throws {
    var scanner = scanner(
      #"[ ["1.10", null ,"" ], ["null","1616173619.000000000 1500","Zoë ☃"],[1.50,true,"x"] ]"#,
      width: 3)
    #expect(
      try scanner.next(10) == [
        ["1.10", nil, ""], ["null", "1616173619.000000000 1500", "Zoë ☃"], ["1.50", "true", "x"],
      ])
    #expect(try scanner.next(10) == [])
    #expect(scanner.count == 3)
  }

  @Test("every escape of JSON is undone")
  func escapes() throws {
    var scanner = scanner(
      #"[["\"\\\/\b\f\n\r\t","\u0041\u00e9\u2603\uD83D\uDE00","\u0000","a\\"]]"#, width: 4)
    #expect(
      try scanner.next(1) == [
        ["\"\\/\u{8}\u{C}\n\r\t", "A\u{E9}\u{2603}\u{1F600}", "\u{0}", "a\\"]
      ])
  }

  @Test("rows come in batches")
  func batches() throws {
    var scanner = scanner(
      "[" + (0..<10).map { "[\"\($0)\"]" }.joined(separator: ",") + "]", width: 1)
    #expect(try scanner.next(4).count == 4)
    #expect(try scanner.next(4).count == 4)
    #expect(try scanner.next(4) == [["8"], ["9"]])
    #expect(try scanner.next(4) == [])
  }

  @Test("a batch of large cells ends before the rows do")
  func largeCells() throws {
    var scanner = scanner(#"[["aaaaaaaaaa"],["b"],["c"]]"#, width: 1)
    #expect(try scanner.next(9, bytes: 10) == [["aaaaaaaaaa"]])
    #expect(try scanner.next(9, bytes: 10) == [["b"], ["c"]])
  }

  @Test("no rows are no rows")
  func empty() throws {
    var none = RowScanner(Partition(body: [], rows: nil), width: 2)
    #expect(try none.next(5) == [])
    var scanner = scanner("[ ]", width: 2)
    #expect(try scanner.next(5) == [])
  }

  @Test(
    "what is not exactly such an array is refused",
    arguments: [
      "[", "[[", #"[["a""#, #"[["a"]"#, #"[["a"],]"#, #"[["a",]]"#, #"[[,"a"]]"#, #"["a"]"#,
      #"[["a" "b"]]"#, #"[["a"]["b"]]"#, #"[["a"]]]"#, #"[["a","b"]]"#, "[[]]", #"[[{"a":1}]]"#,
      #"[[["a"]]]"#, #"[["\x"]]"#, #"[["\u12"]]"#, #"[["\u12zz"]]"#, #"[["\ud83d"]]"#,
      #"[["\ude00\ud83d"]]"#, #"[["\ud83d\u0041"]]"#, "[[\"a\nb\"]]", #"[["a\"]]"#, "[[nil,]]",
    ])
  func malformed(_ text: String) {
    var scanner = scanner(text, width: 1)
    #expect(throws: JSONFault.self) { while try !scanner.next(1).isEmpty {} }
  }

  @Test("bytes that are not UTF-8 are refused, not repaired")
  func encoding() {
    let body: [UInt8] = Array(#"[["a"#.utf8) + [0xFF] + Array(#""]]"#.utf8)
    var scanner = RowScanner(Partition(body: body, rows: 0..<body.count), width: 1)
    #expect(throws: JSONFault.self) { try scanner.next(1) }
  }
}

@Suite("taking answers apart")
struct AnswerPartsTests {
  private func parts(_ text: String) -> (head: String, rows: String?)? {
    let body = Array(text.utf8)
    guard let parts = AnswerParts(body) else { return nil }
    return (
      String(decoding: parts.head, as: UTF8.self),
      parts.rows.map { String(decoding: body[$0], as: UTF8.self) }
    )
  }

  @Test("the rows are set apart wherever they stand")
  func apart() {
    let first = parts(#" { "data" : [["]}\""]] , "code":"1", "x":{"data":[1]} } "#)
    #expect(first?.head == #"{"code":"1","x":{"data":[1]}}"#)
    #expect(first?.rows == #"[["]}\""]]"#)
    let last = parts(#"{"code":"1","data":[]}"#)
    #expect(last?.head == #"{"code":"1"}"#)
    #expect(last?.rows == "[]")
  }

  @Test("a bare array is a partition")
  func bare() {
    #expect(parts(#"[["a"]]"#)?.rows == #"[["a"]]"#)
    #expect(parts(#"{"data":null}"#)?.head == "{}")
  }

  @Test(
    "what is cut off or goes on is no answer",
    arguments: [
      "", "{", #"{"a"}"#, #"{"a":1"#, #"{"a":1,}"#, #"{"a":1}x"#, #"{"a":"b"#, "x",
      #"{"a":1 "b":2}"#, #"{"a":}"#,
    ])
  func broken(_ text: String) {
    #expect(parts(text) == nil)
  }
}
