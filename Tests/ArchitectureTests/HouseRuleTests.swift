import Foundation
import Testing

/// Rules of the house that the compiler and the formatter do not know.
@Suite struct HouseRuleTests {
  /// What may not stand in code, with the rule it breaks.
  private static func brokenRule(_ code: String) -> String? {
    let mayBreak = ["public ", "open ", "try!", "as!", "unchecked", "unsafe"]
    guard mayBreak.contains(where: code.contains) else { return nil }
    if code.contains(/\b(public|open) (static |final |mutating )*(let|var|func|init|struct|enum)\b/)
      || code.contains(
        /\b(public|open) (final )*(class|actor|protocol|extension|import|typealias)\b/)
    {
      return "`package`, never `public`"
    }
    if code.contains(/\btry!/) { return "errors are handled" }
    if code.contains(/\bas!/) { return "casts may fail" }
    if code.contains(/@unchecked Sendable/) { return "what crosses tasks is safe" }
    if code.contains(/nonisolated\(unsafe\)/) { return "no hidden state" }
    return nil
  }

  @Test(arguments: SourceTree.sources)
  func words(_ file: SourceTree.File) {
    for line in file.code {
      if let rule = Self.brokenRule(line.text) {
        Issue.record("\(rule): \(file.path):\(line.number): \(line.text)")
      }
    }
  }

  @Test func rulesAreSeen() {
    for code in ["public let a = 1", "try! a()", "a as! B", "public import A"] {
      #expect(Self.brokenRule(code) != nil)
    }
    #expect(Self.brokenRule("package let schema = a.publicName") == nil)
  }

  @Test(arguments: SourceTree.sources)
  func length(_ file: SourceTree.File) {
    #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
  }

  /// Work that is left is an issue, not a comment.
  @Test(
    arguments: SourceTree.texts.filter { $0.path.hasSuffix(".swift") || $0.path.hasSuffix(".py") })
  func nothingIsPutOff(_ file: SourceTree.File) {
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
    for (number, line) in file.lines.enumerated() {
      #expect(!words.contains { line.contains($0) }, "\(file.path):\(number + 1): \(line)")
    }
  }

  /// Nothing in the repository knows the machine it was written on, or where packages come from.
  @Test func placesAreNotNamed() throws {
    #expect(SourceTree.texts.contains { $0.path == "Package.swift" })
    let roots = ["/wo" + "rk/", "/ro" + "ot/", "/Us" + "ers/"]
    let registries = [
      "artif" + "actory", "jf" + "rog", "verda" + "ccio", "dev" + "pi", "index" + "-url",
      "GOP" + "ROXY", ".inter" + "nal/", ".co" + "rp/",
    ]
    for file in SourceTree.texts {
      for (number, line) in file.lines.enumerated() {
        guard line.utf8.count > 4 else { continue }
        let place = "\(file.path):\(number + 1): \(line.prefix(160))"
        if roots.contains(where: { Self.begins($0, in: line) }) {
          Issue.record("a path of one machine: \(place)")
        }
        if registries.contains(where: { line.contains($0) || line.contains($0.lowercased()) }) {
          Issue.record("a package registry: \(place)")
        }
      }
    }
  }

  /// Whether a path begins with this, rather than holding it further in.
  private static func begins(_ path: String, in line: String) -> Bool {
    guard let range = line.firstRange(of: path) else { return false }
    guard range.lowerBound > line.startIndex else { return true }
    let before = line[line.index(before: range.lowerBound)]
    return !before.isLetter && !before.isNumber && !"._-}".contains(before)
  }

  /// Dependencies come from their authors' own repositories.
  @Test func dependencies() throws {
    let manifest = try #require(SourceTree.texts.first { $0.path == "Package.swift" })
    for line in manifest.lines {
      guard let url = line.firstMatch(of: /url: "([^"]+)"/)?.1 else { continue }
      #expect(url.hasPrefix("https://github.com/"), "\(url)")
      #expect(line.contains("exact:"), "\(line)")
    }
  }
}
