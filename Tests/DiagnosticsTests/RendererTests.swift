import Diagnostics
import TestSupport
import Testing

/// What a diagnostic looks like, compared with golden files in `Fixtures/Rendered`.
@Suite struct RendererTests {
  /// A text in which `«` and `»` mark the range of the mistake, and `‹` and `›` related ones.
  private struct Marked {
    let file: SourceFile
    var main: SourceRange { file.range(spans["»"]?.first ?? 0..<0) }
    var related: [SourceRange] { (spans["›"] ?? []).map { file.range($0) } }
    private let spans: [Unicode.Scalar: [Range<Int>]]

    init(_ text: String, name: String = "specs/shop.yml") {
      var plain = String.UnicodeScalarView()
      var opened: [Int] = []
      var spans: [Unicode.Scalar: [Range<Int>]] = [:]
      var offset = 0
      for scalar in text.unicodeScalars {
        switch scalar {
        case "«", "‹": opened.append(offset)
        case "»", "›": spans[scalar, default: []].append((opened.popLast() ?? 0)..<offset)
        default:
          plain.append(scalar)
          offset += UTF8.width(scalar)
        }
      }
      file = SourceFile(name: name, text: String(plain))
      self.spans = spans
    }

    func diagnostic(_ message: Diagnostic.Message) -> Diagnostic {
      let related = related.map { Diagnostic.Related(range: $0, text: "first written here") }
      return Diagnostic(message, at: main, related: related)
    }
  }

  private let unknown = Diagnostic.Message(
    "E0107", "unknown field `row_counts`", label: "did you mean `row_count`?",
    notes: ["fields of a table: source, target, key, row_count"])

  /// Renders one mistake and compares it with the golden file of this name.
  private func expect(
    _ name: String, _ marked: Marked, _ message: Diagnostic.Message? = nil,
    style: Style = .plain, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let renderer = DiagnosticRenderer(files: [marked.file], style: style)
    let text = renderer.render([marked.diagnostic(message ?? unknown)])
    golden(text, name, sourceLocation: sourceLocation)
  }

  private func golden(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let path = Fixture.folder("Rendered") + "/\(name).txt"
    expectGolden(text, at: path, sourceLocation: sourceLocation)
  }

  @Test func aLine() {
    let above = String(repeating: "\n", count: 22)
    expect("line", Marked("\(above)    «row_counts»: equal\n"))
    expect("line-coloured", Marked("\(above)    «row_counts»: equal\n"), style: .coloured)
  }

  @Test func nothingWritten() {
    expect("empty-range", Marked("key:«»\n"))
    expect("end-of-file", Marked("key: x\n«»"))
    expect("empty-file", Marked("«»"))
    expect("line-break", Marked("key: x«\n»more\n"))
    expect("many-lines", Marked("key: «one\n  two\n  three»\n"))
  }

  @Test func widths() {
    expect("wide", Marked("表: «ＡＢ» x\n"))
    expect("combining", Marked("e\u{301}e\u{301}: «e\u{301}x» y\n"))
    expect("inside-a-character", Marked("e«\u{301}»x\n"))
    expect("emoji", Marked("🙂👍🏽⚠️🇩🇪1️⃣ «🙂x»\n"))
    expect("korean", Marked("한국어 «한»\n"))
    expect("tabs", Marked("\tkey:\t«value»\t# x\n"))
  }

  @Test func hiddenCharacters() {
    expect("hidden", Marked("a\u{7}b\u{202E}c «\u{200B}d» e\u{FEFF}\u{301}\n"))
    let nasty = Diagnostic.Message(
      "E0107", "a\u{1B}[31mb\nc", label: "d\u{202E}e", notes: ["one\u{7}\ntwo", ""])
    expect("hidden-words", Marked("«x»\n", name: "a\u{1B}[2Jb.yml"), nasty)
  }

  @Test func longLines() {
    let words = Array(repeating: "word", count: 60).joined(separator: " ")
    expect("long-start", Marked("«row_counts»: \(words)\n"))
    expect("long-middle", Marked("\(words) «row_counts» \(words)\n"))
    expect("long-end", Marked("\(words) «row_counts»\n"))
    expect("long-range", Marked("start «\(words)» end\n"))
    expect("long-empty-end", Marked("\(words)«»\n"))
    expect("long-wide", Marked("\(String(repeating: "表", count: 80))«表»\(words)\n"))
    expect("long-exact", Marked("«x»\(String(repeating: "y", count: 99))\n"))
    let endless = String(repeating: "x", count: 1_000_000)
    expect("long-endless", Marked("\(endless)«y»\(endless)\n"))
    expect("long-related", Marked("‹first› \(words) \(words) «second»\n"))
  }

  @Test func relatedPlaces() {
    expect("related", Marked("‹orders›: 1\nb: 2\nc: 3\n«orders»: 4\n"))
    expect("related-next-line", Marked("‹orders›: 1\n«orders»: 4\n"))
    expect("related-same-line", Marked("{ ‹a›: 1, «a»: 2 }\n"))
    expect("related-below", Marked("«orders»: 1\nb: 2\nc: 3\n‹orders›: 4\n"))
  }

  @Test func otherFiles() {
    let spec = Marked("«orders»: 1\n", name: "b.yml")
    let other = Marked("x: 1\n\n  «orders»: 2\n", name: "a.yml")
    let related = [
      Diagnostic.Related(range: other.main, text: "also written here"),
      Diagnostic.Related(range: .none(file: "c.yml"), text: "and somewhere here"),
    ]
    let diagnostic = Diagnostic(unknown, at: spec.main, related: related)
    let files = [spec.file, other.file]
    golden(DiagnosticRenderer(files: files, style: .plain).render([diagnostic]), "two-files")
    golden(DiagnosticRenderer(files: [], style: .plain).render([diagnostic]), "no-files")
  }

  @Test func manyAreSortedByPlace() {
    let first = Marked("«a»: 1\nb: 2\n")
    let file = first.file
    let diagnostics = [
      Diagnostic(.init("E0200", "third"), at: file.range(5..<6), severity: .warning),
      Diagnostic(.init("E0100", "second"), at: first.main),
      Diagnostic(.init("E0003", "first"), at: .none(file: file.name)),
      Diagnostic(.init("E0300", "zeroth"), at: .none(file: "earlier.yml")),
    ]
    golden(DiagnosticRenderer(files: [file], style: .plain).render(diagnostics), "sorted")
    golden(DiagnosticRenderer(files: [file], style: .coloured).render(diagnostics), "coloured")
    #expect(DiagnosticRenderer(files: [file], style: .plain).render([]).isEmpty)
  }

  @Test func stylesWrapOrLeaveText() {
    #expect(Style.plain.red("x") == "x")
    #expect(Style.coloured.red("x") == "\u{1B}[1;31mx\u{1B}[0m")
    #expect(Style.coloured.dim("").isEmpty)
  }
}
