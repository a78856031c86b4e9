import Foundation
import Injection
import TestSupport
import Testing

/// Constructs, each with a mark under every place that is to be found, and none elsewhere.
///
/// A mark is a comment with `^` under the first character and the names of the rules; where the
/// comment's own signs stand in the way, `@` and the column take its place. `info` and `allowed` say
/// what becomes of the finding. The lines with marks are taken out before the file is read.
@Suite struct CorpusTests {
  @Test(arguments: Fixture.all("sql", in: "Corpus"))
  func marks(_ fixture: Fixture) throws {
    let marked = MarkedFile(fixture.name, String(decoding: try fixture.bytes(), as: UTF8.self))
    let report = InjectionLint(files: [marked.file]).findings()
    let found = Set(described(report))
    let missing = marked.expected.subtracting(found).sorted()
    let surplus = found.subtracting(marked.expected).sorted()
    #expect(missing.isEmpty, "not found (place in the file without marks)")
    #expect(surplus.isEmpty, "found by mistake (place in the file without marks)")
    #expect(report.unreadable.map(\.reason) == [])
    for finding in report.findings + report.informational {
      #expect(!finding.sentence.isEmpty && !finding.remedy.isEmpty && !finding.expression.isEmpty)
    }
  }

  /// One line for each finding, as marks are written.
  private func described(_ report: LintReport) -> [String] {
    report.findings.map { place($0) }
      + report.informational.map { "\(place($0)) info" }
      + report.allowed.map { "\(place($0.finding)) allowed" }
  }

  private func place(_ finding: LintReport.Finding) -> String {
    "\(finding.line):\(finding.column) \(finding.rule.rawValue)"
  }

  @Test func corpusIsLarge() throws {
    let marks = try Fixture.all("sql", in: "Corpus").map {
      MarkedFile($0.name, String(decoding: try $0.bytes(), as: UTF8.self)).expected.count
    }
    #expect(marks.reduce(0, +) >= 60)
  }
}

/// A fixture without its marks, and what they say.
struct MarkedFile {
  let file: LintFile
  /// `line:column rule`, and what becomes of the finding.
  let expected: Set<String>

  init(_ name: String, _ text: String) {
    var lines: [Substring] = []
    var expected: Set<String> = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard let mark = Self.mark(line) else {
        lines.append(line)
        continue
      }
      for rule in mark.rules {
        expected.insert("\(lines.count):\(mark.column) \(rule)\(mark.fate)")
      }
    }
    self.expected = expected
    let kind: LintFile.Kind =
      name.contains(".dbt.")
      ? .dbt
      : name.contains(".hook.")
        ? .hook
        : name.contains(".compiled.") ? .compiled : .sql
    file = LintFile(path: name, text: lines.joined(separator: "\n"), kind: kind)
  }

  private static func mark(_ line: Substring) -> (column: Int, rules: [String], fate: String)? {
    guard
      let match = line.wholeMatch(
        of: /(?:--|\/\/|#) *(\^|@[0-9]+) ((?:[A-Z][0-9] ?|allow ?|info|allowed)+)/)
    else { return nil }
    var rules = match.2.split(separator: " ").map(String.init)
    let fate = rules.last == "info" || rules.last == "allowed" ? " \(rules.removeLast())" : ""
    if let number = Int(match.1.dropFirst()) { return (number, rules, fate) }
    let column = line.distance(from: line.startIndex, to: match.1.startIndex) + 1
    return (column, rules, fate)
  }
}
