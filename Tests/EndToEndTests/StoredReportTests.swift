import Foundation
import Testing

/// `parity report` from stored results; no database is there.
@Suite("stored reports")
struct StoredReportTests {
  private static let specText = "version: 1\nname: Shop\n" + (3...80).map { "# \($0)\n" }.joined()

  private static func fixture(_ name: String) throws -> String {
    try String(
      contentsOfFile: "\(Package.root)/Tests/ReportingTests/Fixtures/\(name).json", encoding: .utf8)
  }

  private static func sha256(_ name: String, in sandbox: Sandbox) throws -> String {
    let sum = try Program(
      "/usr/bin/sha256sum", [sandbox.file(name)], in: "/", environment: sandbox.environment
    ).finish()
    return String(sum.output.prefix(64))
  }

  /// A bundle as `parity run --evidence` lays it out, as far as reports read it.
  @discardableResult
  private static func bundle(
    _ folder: String, _ sample: String, in sandbox: Sandbox, previous: String = "null"
  ) throws -> String {
    try sandbox.write(specText, to: "\(folder)/spec.yml")
    let digest = try sha256("\(folder)/spec.yml", in: sandbox)
    let report = try fixture(sample).replacingOccurrences(
      of: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", with: digest)
    try sandbox.write(report, to: "\(folder)/report.json")
    try sandbox.write(
      "{\"side\":\"source\",\"seconds\":0.1}\n{\"side\":\"target\",\"seconds\":0.2}\n",
      to: "\(folder)/log.jsonl")
    try sandbox.write(
      """
      {"schema": "results/v1", "run": "r", "environment": "rehearsal", "verdict": "PASSED",
       "started": "2026-11-22T03:01:46Z", "finished": "2026-11-22T03:02:46Z",
       "counts": {"passed": 3, "failed": 0, "error": 0, "warned": 0, "skipped": 0},
       "previous": \(previous)}

      """, to: "\(folder)/results.json")
    return try seal(folder, in: sandbox)
  }

  /// Writes SHA256SUMS and returns its digest.
  @discardableResult
  private static func seal(_ folder: String, in sandbox: Sandbox) throws -> String {
    let sums = try ["log.jsonl", "report.json", "results.json", "spec.yml"].map {
      "\(try sha256("\(folder)/\($0)", in: sandbox))  \($0)\n"
    }
    try sandbox.write(sums.joined(), to: "\(folder)/SHA256SUMS")
    return try sha256("\(folder)/SHA256SUMS", in: sandbox)
  }

  @Test func everyReportFromABundle() throws {
    let sandbox = try Sandbox()
    let first = try Self.bundle("e/2026-11-22T030146Z-shop-x", "passed", in: sandbox)
    try Self.bundle(
      "e/2026-11-23T030146Z-shop-x", "mismatch", in: sandbox,
      previous: "{\"folder\": \"2026-11-22T030146Z-shop-x\", \"manifest_sha256\": \"\(first)\"}")
    let made = try sandbox.parity(
      "report", "e", "--html", "out/a.html", "--markdown", "out/a.md", "--junit", "out/a.xml",
      "--json", "out/a.json", "--metrics", "out/a.om")
    #expect(made.status == 0, "\(made.all)")
    #expect(made.errors.contains("e holds 2 runs; this is the newest, 2026-11-23T030146Z-shop-x"))
    let page = try #require(sandbox.read("out/a.html"))
    #expect(page.contains("log.jsonl beside this page holds 2 statements"))
    #expect(page.contains("The last 2 of 2 runs, this one last"))
    #expect(page.contains("<b>80</b> # 80"))
    #expect(sandbox.read("out/a.md")?.hasPrefix("## FAILED") == true)
    #expect(
      sandbox.read("out/a.json") == sandbox.read("e/2026-11-23T030146Z-shop-x/report.json"))
    #expect(sandbox.read("out/a.om")?.hasSuffix("# EOF\n") == true)
    #expect(sandbox.read("out/a.xml")?.contains("<failure") == true)
    let text = try sandbox.parity("report", "e/2026-11-22T030146Z-shop-x")
    #expect(text.status == 0 && text.output.contains("PASSED"), "\(text.all)")
    let plain = try sandbox.parity("report", "out/a.json")
    #expect(plain.status == 0 && plain.output.contains("FAILED  "), "\(plain.all)")
    if let python = Package.python,
      let shared = ProcessInfo.processInfo.environment["PARITY_SHARED"]
    {
      let checked = try Program(
        python, ["\(shared)/checks/html_check.py", sandbox.file("out/a.html")], in: "/",
        environment: sandbox.environment
      ).finish()
      #expect(checked.status == 0, "\(checked.all)")
    }
  }

  @Test(arguments: ["report.json", "spec.yml", "log.jsonl", "results.json"])
  func aChangedByteIsNamed(_ name: String) throws {
    let sandbox = try Sandbox()
    try Self.bundle("b", "passed", in: sandbox)
    let text = try #require(sandbox.read("b/\(name)"))
    try sandbox.write(text + " ", to: "b/\(name)")
    let made = try sandbox.parity("report", "b", "--html", "out/a.html")
    #expect(made.status == 1 && made.errors.contains("\(name) was changed"), "\(made.all)")
    #expect(sandbox.read("out/a.html") == nil)
    try FileManager.default.removeItem(atPath: sandbox.file("b/\(name)"))
    #expect(try sandbox.parity("report", "b").status == 1)
  }

  @Test func anotherSpecIsRefused() throws {
    let sandbox = try Sandbox()
    try Self.bundle("b", "passed", in: sandbox)
    try sandbox.write("version: 1\n", to: "b/spec.yml")
    try Self.seal("b", in: sandbox)
    let made = try sandbox.parity("report", "b")
    #expect(made.status == 1 && made.errors.contains("not the spec that was run"), "\(made.all)")
    try FileManager.default.removeItem(atPath: sandbox.file("b/SHA256SUMS"))
    #expect(try sandbox.parity("report", "b").status == 1)
  }

  @Test func aBrokenChainIsRefused() throws {
    let sandbox = try Sandbox()
    try Self.bundle("e/1", "passed", in: sandbox)
    try Self.bundle(
      "e/2", "passed", in: sandbox,
      previous: "{\"folder\": \"1\", \"manifest_sha256\": \"\(String(repeating: "0", count: 64))\"}"
    )
    let made = try sandbox.parity("report", "e/2")
    #expect(made.status == 1 && made.errors.contains("not the run that the chain names"))
    try Self.bundle(
      "e/2", "passed", in: sandbox, previous: "{\"folder\": \"gone\", \"manifest_sha256\": \"0\"}")
    let short = try sandbox.parity("report", "e/2")
    #expect(short.status == 0 && short.errors.contains("gone, is not at hand"), "\(short.all)")
  }

  @Test func comparesTwoResults() throws {
    let sandbox = try Sandbox()
    try Self.bundle("a", "passed", in: sandbox)
    try Self.bundle("b", "mismatch", in: sandbox)
    let worse = try sandbox.parity(
      "report", "b", "--compare", "a", "--markdown", "out/c.md", "--json", "out/c.json")
    #expect(worse.status == 1, "\(worse.all)")
    #expect(worse.output.contains("new checks that do not pass: 2"))
    #expect(worse.output.contains("verdict: 1\n  PASSED → FAILED"))
    #expect(sandbox.read("out/c.md")?.hasPrefix("## WORSE") == true)
    #expect(sandbox.read("out/c.json")?.contains("\"format\": \"parity.comparison/1\"") == true)
    let same = try sandbox.parity("report", "b", "--compare", "b")
    #expect(same.status == 0 && same.output.contains("UNCHANGED"), "\(same.all)")
  }

  @Test(arguments: [
    ["report", "b", "--html", "b/other.html"], ["report", "b", "--html", ""],
    ["report", "b", "--compare", "b", "--html", "x.html"], ["report", "nothing"],
    ["report", "empty"],
    ["report", "b", "--html", "x", "--json", "x"], ["report", "other.json"], ["report"],
  ])
  func wrongUsage(_ arguments: [String]) throws {
    let sandbox = try Sandbox(["other.json": "{\"format\": \"parity.run/9\"}", "empty/x.txt": ""])
    try Self.bundle("b", "passed", in: sandbox)
    let made = try sandbox.start(arguments).finish()
    #expect(made.status == 2, "\(made.all)")
    #expect(sandbox.read("b/other.html") == nil && sandbox.read("x") == nil)
  }
}

extension Live {
  /// Numbers and the job summary of real runs.
  @Suite("metrics and job summary (emulated)")
  struct SummaryTests {
    let shop = Result { try Shop.shared() }

    @Test("a run writes OpenMetrics and appends to the job summary (emulated)")
    func written() throws {
      let sandbox = try shop.get().sandbox("[orders, changed]")
      sandbox.environment["GITHUB_ACTIONS"] = "true"
      sandbox.environment["GITHUB_STEP_SUMMARY"] = sandbox.file("summary.md")
      sandbox.environment["PARITY_METRICS"] = "out/run.om"
      try sandbox.write("# before\n", to: "summary.md")
      let run = try sandbox.parity("run", "shop.yml", "--html", "out/report.html")
      #expect(run.status == 1, "\(run.all)")
      let summary = try #require(sandbox.read("summary.md"))
      #expect(summary.hasPrefix("# before\n## FAILED"))
      #expect(summary.contains("report: `out/report.html`"))
      #expect(summary.contains("`shop.tables.changed.checksum`"))
      let metrics = try #require(sandbox.read("out/run.om"))
      #expect(
        metrics.contains(
          "parity_run_checks{spec=\"shop\",environment=\"default\",outcome=\"failed\"} 1"))
      #expect(metrics.hasSuffix("# EOF\n"))
      // Without annotations nobody asked for a summary.
      _ = try sandbox.parity("run", "shop.yml", "--annotations", "none")
      #expect(sandbox.read("summary.md") == summary)
    }
  }
}
