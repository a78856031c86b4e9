import Diagnostics
import Foundation
import Reporting
import SpecCore
import TestSupport
import Testing

/// The page for people who review and sign.
@Suite struct HTMLTests {
  /// As many lines as the samples' places need, one with a secret that does not belong there.
  static let spec = SourceFile(
    name: "specs/shop.yml",
    text: "version: 1\n# postgres://ada:hunter2secret@db/shop <script>\nname: Shop\n"
      + "# -----BEGIN PRIVATE KEY-----\n# c2VjcmV0\n# -----END PRIVATE KEY-----\n"
      + (7...80).map { "line_\($0): \u{202E}\"x\"\n" }.joined())

  private static func page(_ run: RunResult, limit: Int = 4_900_000) -> String {
    HTMLReporter(spec: spec, limit: limit).render(run)
  }

  /// The page without the style, which is the same in all.
  private static func content(_ page: String) -> String {
    let parts = page.components(separatedBy: "<style>")
    let behind = parts.last?.components(separatedBy: "</style>").last ?? ""
    return parts[0] + "<style></style>" + behind
  }

  @Test(arguments: Sample.all.filter { $0.name != "many" }) func golden(_ sample: Sample) {
    let page = Self.page(sample.run)
    expectGolden(Self.content(page), at: ReportingTests.golden(sample, "html"))
    #expect(page == Self.page(sample.run))
  }

  @Test(arguments: Sample.all) func saysTheVerdictFirst(_ sample: Sample) throws {
    let heading = try #require(Self.page(sample.run).firstMatch(of: /<h1>(.*)<\/h1>/)).output.1
    #expect(heading.contains(sample.run.conclusion.word))
    #expect(sample.run.environment.map(heading.contains) ?? true)
  }

  @Test(arguments: Sample.all) func loadsNothing(_ sample: Sample) {
    let page = Self.page(sample.run)
    #expect(page.has("default-src &#39;none&#39;"))
    for word in ["<script", "<link", "<img", " src=", " onclick", "url(", "@import"] {
      #expect(!page.has(word), "\(word)")
    }
    let anchors = Set(page.matches(of: /\ id="([^"]*)"/).map(\.output.1))
    for link in page.matches(of: /href="([^"]*)"/).map(\.output.1) {
      #expect(link.hasPrefix("#") && anchors.contains(link.dropFirst()), "\(link)")
    }
  }

  @Test func everyCheckIsThereOnce() throws {
    let sample = try #require(Sample.all.first { $0.name == "mismatch" })
    let page = Self.page(sample.run)
    for result in sample.run.cases {
      #expect(page.count(of: " id=\"check-\(result.id)\"") == 1)
    }
  }

  @Test func whatNothingProvesIsNotCovered() throws {
    let sample = try #require(Sample.all.first { $0.name == "passed" })
    let page = Self.page(sample.run)
    #expect(page.count(of: "NOT COVERED</span>") == 18)
    #expect(page.has("18 clauses of 20 are NOT COVERED by this run."))
    // Proved by checks of 2b: row counts are the half of 2a.
    #expect(page.has("<th scope=\"row\">2a</th><td>"))
    var production = sample.run
    production.environment = "production"
    #expect(Self.page(production).count(of: "NOT COVERED</span>") == 17)
    production.suites = []
    #expect(Self.page(production).count(of: "NOT COVERED</span>") == 20)
  }

  @Test func secretsAreMasked() {
    for sample in Sample.all {
      let page = Self.page(sample.run)
      for secret in ["hunter2secret", "c2VjcmV0"] { #expect(!page.has(secret)) }
      #expect(page.has("id=\"L6\"><b>6</b> (private key)"))
      #expect(page.has("id=\"L7\"><b>7</b> line_7: U+202E&quot;x&quot;"))
    }
  }

  // MARK: Hostile text

  /// Text of every kind that could leave its place on a page.
  static let hostile = [
    "<script>alert(1)</script>", "</title></style></pre><img src=x onerror=alert(1)>",
    "\" onclick=\"alert(1)", "' autofocus onfocus='x", "&lt;b&gt; &#60;script&#62; &amp",
    "<!-- -->]]><![CDATA[", "javascript:alert(1)", "a\u{0}b\u{7}c\u{1B}[31m",
    "\u{202E}gnp.exe\u{2066}", "\u{200B}\u{FEFF}\u{FFFF}\u{2028}", "line\nbreak\r\nand\ttab",
    String(repeating: "<b>&\"'", count: 15_000), String(repeating: "x", count: 100_000), "שלום",
  ]

  /// A run that holds the text wherever a run can hold text.
  private static func run(_ text: String) -> RunResult {
    let rows = RowDifferences(
      identical: 1, modified: 1, added: 1, removed: 1, columns: [.init(column: text, rows: 1)],
      keyColumns: [text],
      examples: [
        .init(
          kind: .modified, key: [text],
          cells: [.init(column: text, source: text, target: text + "1", likely: text)]),
        .init(kind: .added, key: [text]), .init(kind: .removed, key: [text]),
      ], likely: [text], sourceSQL: text, targetSQL: text)
    let statement = ExecutedStatement(
      side: .source, sql: text, seconds: 1, rows: 1, queryID: text)
    let verdict = Verdict(
      summary: text, type: text, findings: [text, text],
      unchecked: [.init(type: text, reason: text, remedy: text)], notes: [text], rows: rows)
    var result = Sample.result(
      "tables.orders", "checksum", sentence: text, statements: [statement],
      retries: [.init(type: text, reason: text)], verdict)
    result.id = CheckID(spec: text, section: text, object: text, check: text)
    result.tags = [text]
    result.clause = text
    var passed = result
    passed.verdict = Verdict(summary: text, notes: [text])
    passed.outcome = .passed
    var run = Sample.run(
      [Sample.suite(text, [result, passed])], environment: text,
      source: .failed(DatabaseError(.permissionDenied, text, hint: text, code: text)),
      exceptions: [
        SpecException(subject: text, sentence: text, because: text, range: Sample.range(3))
      ])
    run.runID = text
    run.toolVersion = text
    run.operatorName = text
    run.hostName = text
    run.command = text
    run.spec = SpecIdentity(
      path: text, name: text, slug: text, sha256: text, owner: text, description: text)
    return run
  }

  /// Elements and the names of their attributes, in order.
  private static func skeleton(_ page: String) -> [String] {
    content(page).matches(of: /<[^>]*>/).map {
      String($0.output).replacing(/"[^"]*"/, with: "")
    }
  }

  @Test(arguments: hostile.indices) func textStaysText(_ index: Int) {
    let text = Self.hostile[index]
    let spec = SourceFile(
      name: "shop.yml", text: text.split { $0.isNewline }.joined(separator: " "))
    let page = HTMLReporter(spec: spec).render(Self.run(text))
    let harmless = HTMLReporter(spec: SourceFile(name: "shop.yml", text: "word"))
      .render(Self.run("word"))
    #expect(Self.skeleton(page) == Self.skeleton(harmless))
    #expect(
      !page.unicodeScalars.contains { $0 != "\n" && HiddenCharacter($0) != nil },
      "a character is hidden")
    #expect(page.utf8.count < 2_000_000)
  }

  // MARK: Length

  @Test func fiveThousandChecksFit() {
    let run = Self.large(suites: 100, cases: 50, statement: 3_000)
    let page = Self.page(run)
    #expect(page.utf8.count <= 4_900_000)
    #expect(page.has("This page is shortened so that it can be opened: "))
    // Each is named, whatever is left out.
    let named = Set(
      page.components(separatedBy: "</span>").map { piece in
        String(
          piece[(piece.range(of: ">", options: .backwards)?.upperBound ?? piece.startIndex)...])
      })
    #expect(run.cases.allSatisfy { named.contains($0.id.description) })
  }

  @Test func whatPassedGoesFirst() {
    let run = Self.large(suites: 4, cases: 30, statement: 5_000)
    let whole = Self.page(run)
    #expect(!whole.has("This page is shortened"))
    let failed = run.cases.count { $0.outcome == .failed }
    for (limit, remark) in [
      (whole.utf8.count - 1, "the statements of passed checks are left out"),
      (330_000, "passed checks have one line each"),
    ] {
      let page = Self.page(run, limit: limit)
      #expect(page.utf8.count <= limit)
      #expect(page.has(remark), "\(limit)")
      #expect(page.count(of: "<details class=\"check failed\"") == failed, "\(limit)")
    }
  }

  @Test func theLastStepAlwaysEnds() {
    let page = Self.page(Self.large(suites: 300, cases: 40, statement: 10), limit: 10)
    #expect(page.utf8.count < 1_000_000)
    #expect(page.hasSuffix("</html>\n"))
    #expect(page.has("the first 50 are told"))
  }

  private static func large(suites: Int, cases: Int, statement: Int) -> RunResult {
    var run = Sample.many(suites: suites, cases: cases)
    let sql = "SELECT '" + String(repeating: "<", count: statement) + "'"
    for suite in run.suites.indices {
      for each in run.suites[suite].cases.indices {
        run.suites[suite].cases[each].statements = [
          ExecutedStatement(side: .source, sql: sql, seconds: 0.1, rows: 1)
        ]
      }
    }
    return run
  }

  // MARK: What another program makes of it

  private static let checker = ProcessInfo.processInfo.environment["PARITY_SHARED"]
    .map { "\($0)/checks/html_check.py" }
  private static let isCheckable =
    ReaderTests.python != nil && checker.map(FileManager.default.fileExists(atPath:)) == true

  @Test(.enabled(if: isCheckable, "PARITY_SHARED names no folder with checks/html_check.py"))
  func checkerFindsNothing() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("parity-html-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let checker = try #require(Self.checker)
    let python = try #require(ReaderTests.python)
    for sample in Sample.all {
      let file = folder.appendingPathComponent("\(sample.name).html").path
      try Data(Self.page(sample.run).utf8).write(to: URL(fileURLWithPath: file))
      let (status, output) = try ReaderTests.run(
        python, [checker, file, "--secret", "hunter2secret"])
      #expect(status == 0, "\(sample.name): \(output)")
    }
  }
}

extension String {
  /// Whether the text holds these bytes; pages are long, and characters are slow to compare.
  fileprivate func has(_ part: String) -> Bool { range(of: part, options: .literal) != nil }

  /// How often the text holds these bytes.
  fileprivate func count(of part: String) -> Int { components(separatedBy: part).count - 1 }
}
