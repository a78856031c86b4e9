import Diagnostics
import Testing

@Suite struct NearestNameTests {
  private static let fields = ["row_count", "columns", "checksum", "key", "where", "severity"]

  @Test(arguments: [
    ("row_counts", "row_count"), ("rowcount", "row_count"), ("Row_Count", "row_count"),
    ("colunms", "columns"), ("ceksum", "checksum"), ("keys", "key"), ("kye", "key"),
    ("were", "where"), ("serverity", "severity"), ("key", "key"),
  ])
  func near(word: String, expected: String) {
    #expect(nearestName(to: word, among: Self.fields) == expected)
  }

  @Test(arguments: ["", "k", "kyeee", "count", "rows", "tables", "ke_ys"])
  func far(word: String) {
    #expect(nearestName(to: word, among: Self.fields) == nil)
  }

  @Test func theFirstOfEquallyNearNamesWins() {
    #expect(nearestName(to: "tabel", among: ["label", "table"]) == "label")
    #expect(nearestName(to: "cat", among: ["car", "bat"]) == "car")
    #expect(nearestName(to: "cat", among: []) == nil)
  }

  @Test func endlessWordsAreNotCompared() {
    let word = String(repeating: "x", count: 100_000)
    #expect(nearestName(to: word, among: [word]) == nil)
  }
}
