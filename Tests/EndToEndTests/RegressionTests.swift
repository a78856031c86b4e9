import Foundation
import Testing

extension Live {
  /// The application's own tests, whose reports are read beside the data.
  @Suite("Regression")
  struct RegressionTests {
    let shop = Result { try Shop.shared() }

    private static let now = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: -60))

    private static func report(_ cases: String, at time: String = now) -> String {
      "<testsuites><testsuite name=\"checkout\" timestamp=\"\(time)\">\(cases)</testsuite></testsuites>"
    }

    private static let passing = "<testcase classname=\"shop.Cart\" name=\"total\"/>"

    /// A folder with a spec of these words, and reports.
    private func sandbox(_ regression: String, _ files: [String: String]) throws -> Sandbox {
      let sandbox = try shop.get().sandbox("[orders]")
      let spec = try #require(sandbox.read("shop.yml"))
      try sandbox.write(
        spec.replacingOccurrences(
          of: "unlisted_tables: ignore\n",
          with: "unlisted_tables: ignore\nregression: { \(regression) }\n"), to: "shop.yml")
      for (name, text) in files { try sandbox.write(text, to: name) }
      return sandbox
    }

    @Test("reports of today's green tests pass beside the data (Snowflake emulated)")
    func green() throws {
      let run = try sandbox(
        "junit: reports/*.xml, newer_than: 1h, expect: [checkout]",
        [
          "reports/a.xml": Self.report(Self.passing),
          // Without a time of its own: the file's counts.
          "reports/b.xml": "<testsuite name=\"plain\">\(Self.passing)</testsuite>",
        ]
      ).report()
      #expect(run.run.status == 0, "\(run.run.all)")
      #expect(run.json.summary("junit.found") == "2 reports, 2 suites, 2 tests")
      #expect(run.json.outcome("junit.suites.checkout") == "passed")
      #expect(run.json.text.contains("does not tell when its tests ran"))
    }

    @Test(
      "a test that failed is carried over by its name; a skipped one warns (Snowflake emulated)")
    func failed() throws {
      let run = try sandbox(
        "junit: reports, newer_than: 1h",
        [
          "reports/deep/a.xml": Self.report(
            "<testcase classname=\"shop.Cart\" name=\"total\"><failure message=\"3 is not 4\"/>"
              + "</testcase><testcase name=\"old\"><skipped/></testcase>")
        ]
      ).report("--select", "section:regression")
      #expect(run.run.status == 1, "\(run.run.all)")
      #expect(run.run.all.contains("shop.Cart.total: 3 is not 4 (reports/deep/a.xml)"))
      #expect(run.junit.contains("shop.Cart.total: 3 is not 4"))
      #expect(run.json.counted("warned") == 1)
      #expect(run.json.outcome("junit.age") == "passed")
    }

    @Test(
      "reports that show nothing never pass (Snowflake emulated)",
      arguments: [
        ("", 3, "is empty"), ("<html/>", 3, "its root element is <html>"),
        (report(""), 3, "holds no test"),
        (report(passing, at: "2020-01-01T00:00:00Z"), 1, "ran at 2020-01-01T00:00:00Z"),
      ])
    func nothing(_ text: String, _ status: Int32, _ words: String) throws {
      let run = try sandbox("junit: reports/*.xml, newer_than: 1h", ["reports/a.xml": text])
        .report("--select", "section:regression")
      #expect(run.run.status == status, "\(run.run.all)")
      #expect(run.run.all.contains(words), "\(run.run.all)")
      #expect(run.json.outcome("junit.passed") == "errored")
    }

    @Test("no report: could not check, and a plan needs none (Snowflake emulated)")
    func none() throws {
      let sandbox = try sandbox("junit: [reports/*.xml, more], newer_than: 1h", [:])
      let run = try sandbox.report("--select", "section:regression")
      #expect(run.run.status == 3, "\(run.run.all)")
      #expect(run.run.all.contains("there is no file reports/*.xml"))
      let plan = try sandbox.parity("plan", "shop.yml")
      #expect(plan.status == 0)
      #expect(plan.output.contains("Every one of the application's own tests"), "\(plan.output)")
    }
  }
}
