import Foundation
import Testing

extension Live {
  /// The page for people, written by real runs.
  @Suite("HTML report (stand-in)")
  struct HTMLReportTests {
    let shop = Result { try Shop.shared() }

    private static let checker = ProcessInfo.processInfo.environment["PARITY_SHARED"]
      .map { "\($0)/checks/html_check.py" }

    /// Expects what must hold for every page, and returns it.
    private func page(
      _ name: String, in sandbox: Sandbox, location: SourceLocation = #_sourceLocation
    ) throws -> String {
      let page = try #require(sandbox.read(name), "no page was written", sourceLocation: location)
      #expect(page.hasPrefix("<!doctype html>"), sourceLocation: location)
      #expect(page.hasSuffix("</html>\n"), sourceLocation: location)
      for secret in Standin.secrets(in: Servers.snowflakeHome) where secret.count > 5 {
        #expect(!page.contains(secret), "a secret is shown", sourceLocation: location)
      }
      guard let checker = Self.checker, let python = Package.python,
        FileManager.default.fileExists(atPath: checker)
      else { return page }
      let checked = try Program(
        python, [checker, sandbox.file(name)], in: "/",
        environment: ProcessInfo.processInfo.environment
      ).finish()
      #expect(checked.status == 0, "\(checked.all)", sourceLocation: location)
      return page
    }

    @Test("a failed run: the page tells it, with the rows and the spec (stand-in)")
    func failed() throws {
      let sandbox = try shop.get().sandbox("[orders, changed, short]")
      let run = try sandbox.parity("run", "shop.yml", "--html", "out/a/report.html")
      #expect(run.status == 1, "\(run.all)")
      #expect(run.output.contains("report: out/a/report.html"))
      let page = try page("out/a/report.html", in: sandbox)
      #expect(page.contains("<h1><span class=\"badge failed\">FAILED</span> Shop</h1>"))
      #expect(page.contains("<code>two</code></td><td><code>TWO</code>"))
      #expect(page.contains("id=\"check-shop.tables.changed.checksum\" open>"))
      #expect(page.contains("<a href=\"#L7\">shop.yml:7</a>"))
      #expect(page.contains("<b>2</b> name: Shop"))
      #expect(sandbox.files(in: "out/a") == ["report.html"])
    }

    @Test("no connection: the page says that nothing could be checked (stand-in)")
    func unreached() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      sandbox.environment["DATABASE_URL"] = "postgres://ada:hunter2secret@127.0.0.1:1/shop"
      let run = try sandbox.parity("run", "shop.yml", "--html", "out/report.html")
      #expect(run.status == 3, "\(run.all)")
      let page = try page("out/report.html", in: sandbox)
      #expect(page.contains("COULD NOT CHECK"))
      #expect(!page.contains("hunter2secret"))
    }

    @Test("an interrupted run: the page is written and says so (stand-in)")
    func interrupted() throws {
      let sandbox = try shop.get().sandbox(
        "orders:\n  severity: error\nslow: { constraints: skip, checksum: skip }")
      let program = try sandbox.start(["run", "shop.yml", "--html", "out/report.html"])
      #expect(try eventually { try Backends.count(reading: "slow") > 0 })
      program.signal(SIGINT)
      #expect(program.finish().status == 130)
      let page = try page("out/report.html", in: sandbox)
      #expect(page.contains("INTERRUPTED"))
      #expect(page.contains("stopped before its end: interrupted by Ctrl-C"))
    }

    @Test("PARITY_HTML counts like the flag, and several specs have a page each (stand-in)")
    func variable() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      try sandbox.write(shop.get().spec("[customers]"), to: "other.yml")
      let refused = try sandbox.parity(
        "run", "shop.yml", "other.yml", with: ["PARITY_HTML": "out/page.html"])
      #expect(refused.status == 2, "\(refused.all)")
      let run = try sandbox.parity(
        "run", "shop.yml", "other.yml", with: ["PARITY_HTML": "out/{spec}.html"])
      #expect(run.status == 0, "\(run.all)")
      #expect(sandbox.files(in: "out") == ["other.html", "shop.html"])
      #expect(try page("out/other.html", in: sandbox).contains("customers"))
      #expect(try !page("out/shop.html", in: sandbox).contains("customers.checksum"))
    }
  }
}
