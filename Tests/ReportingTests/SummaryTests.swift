import Foundation
import Reporting
import SpecCore
import TestSupport
import Testing

/// The Markdown summary, and the numbers for those who graph them.
@Suite struct SummaryTests {
  @Test(arguments: Sample.all.filter { ["mismatch", "waived", "hostile"].contains($0.name) })
  func golden(_ sample: Sample) {
    expectGolden(
      MarkdownReporter(reportPath: "out/report.html").render(sample.run),
      at: ReportingTests.golden(sample, "md"))
  }

  @Test(arguments: Sample.all) func saysTheVerdictFirst(_ sample: Sample) {
    let text = MarkdownReporter().render(sample.run)
    #expect(text.hasPrefix("## \(sample.run.conclusion.word)"))
  }

  @Test(arguments: [0, 1_500, 3_000, 1_000_000]) func staysWithinTheLimit(_ limit: Int) {
    let run = Sample.many(suites: 30, cases: 60)
    let text = MarkdownReporter(limit: limit, most: 10_000).render(run)
    #expect(text.utf8.count <= max(limit, 1_000))
    #expect(text.contains("more part") == (limit < 1_000_000))
    #expect(text.contains("Run `parity-20261123T030146Z-9f86d0`"))
  }

  @Test func tellsHowManyMore() {
    let text = MarkdownReporter(most: 5).render(Sample.many(suites: 10, cases: 30))
    #expect(text.contains("- and 95 more, which the reports list"))
  }

  @Test func markupIsShownAsItIs() {
    var run = Sample.signed
    run.spec.name = "<img src=x> [a](https://x) @ada `c` *b* | #1"
    let text = MarkdownReporter().render(run)
    #expect(!text.contains("<img") && !text.contains("](") && !text.contains("@ada"))
    #expect(text.contains("### Asked of people"))
    #expect(text.contains("`shop.uat.month_end_report.accepted`"))
  }

  // MARK: OpenMetrics

  @Test func metricsGolden() throws {
    let sample = try #require(Sample.all.first { $0.name == "timings" })
    expectGolden(MetricsReporter().render(sample.run), at: ReportingTests.golden(sample, "om.txt"))
    expectGolden(MetricsReporter().render(Sample.signed), at: "\(fixtures)/signed.om.txt")
  }

  @Test(arguments: Sample.all) func metricsAreValid(_ sample: Sample) throws {
    try OpenMetrics.expectValid(MetricsReporter().render(sample.run))
  }

  @Test(arguments: 0..<20) func metricsOfAnyRunAreValid(_ seed: UInt64) throws {
    var random = RandomRun(seed: seed)
    try OpenMetrics.expectValid(MetricsReporter().render(random.run()))
  }

  /// Prometheus' own reader, where it is installed.
  @Test(.enabled(if: ReaderTests.python != nil)) func prometheusReadsThem() throws {
    let python = try #require(ReaderTests.python)
    let script = """
      import sys
      try:
          from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
      except ImportError:
          print("not installed"); sys.exit(0)
      for path in sys.argv[1:]:
          families = {f.name: f for f in read(open(path, encoding="utf-8", newline="").read())}
          assert families["parity_run_checks"].type == "gauge", path
          assert families["parity_run"].samples[0].name == "parity_run_info", path
          print(len(families))
      """
    let files = Sample.all.map { sample in
      FileManager.default.temporaryDirectory.appendingPathComponent(
        "parity-\(UUID().uuidString)-\(sample.name).om.txt")
    }
    for (file, sample) in zip(files, Sample.all) {
      try MetricsReporter().render(sample.run).write(to: file, atomically: true, encoding: .utf8)
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    let (status, output) = try ReaderTests.run(python, ["-c", script] + files.map(\.path))
    #expect(status == 0, "\(output)")
  }
}

/// A strict reader of OpenMetrics 1.0 text, as far as gauges and infos go.
enum OpenMetrics {
  static func expectValid(_ text: String) throws {
    #expect(text.hasSuffix("# EOF\n"))
    #expect(!text.contains("\n\n"))
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0) }
    #expect(lines.popLast() == "" && lines.popLast() == "# EOF")
    var family = ""
    var type = ""
    var ended: Set<String> = []
    var seen: Set<String> = []
    for line in lines {
      if line.hasPrefix("# ") {
        let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
        try #require(parts.count == 4, "\(line)")
        if parts[1] == "TYPE" {
          #expect(!ended.contains(parts[2]), "\(line)")
          ended.insert(parts[2])
          (family, type) = (parts[2], parts[3])
          #expect(type == "gauge" || type == "info")
        } else {
          #expect(parts[2] == family && ["UNIT", "HELP"].contains(parts[1]), "\(line)")
          if parts[1] == "UNIT" { #expect(family.hasSuffix("_" + parts[3])) }
        }
        continue
      }
      let name = type == "info" ? "\(family)_info" : family
      let label = #"[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\\\|\\"|\\n)*""#
      let pattern = try Regex("\(name)\\{\(label)(?:,\(label))*\\} (?:-?[0-9.]+(?:e-?[0-9]+)?|NaN)")
      #expect((try pattern.wholeMatch(in: line)) != nil, "\(line)")
      let labels = line.prefix(line.count - (line.split(separator: " ").last?.count ?? 0))
      #expect(seen.insert(String(labels)).inserted, "twice: \(line)")
    }
  }
}
