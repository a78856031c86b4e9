import Foundation
import Testing

extension Live {
  /// Failures that a spec excuses for a while.
  @Suite("Waivers (stand-in)")
  struct WaiverTests {
    let shop = Result { try Shop.shared() }

    /// A folder with a spec of two tables, of which `changed` differs in one value.
    private func sandbox(
      _ tables: String = "[orders, changed]", expires: String = "9999-12-31",
      check: String = "shop.tables.changed.checksum"
    ) throws -> Sandbox {
      let sandbox = try shop.get().sandbox(tables)
      let spec = try shop.get().spec(tables)
      try sandbox.write(
        spec + """
          waivers:
            - check: \(check)
              because: the loader changes case until release 42
              owner: dan@example.com
              expires: \(expires)
              ticket: OPS-123

          """, to: "shop.yml")
      return sandbox
    }

    /// The outcome of the case with this id; the one that judges its waiver ends in the same words.
    private func outcome(_ id: String, _ report: Report) -> String? {
      report.json.cases.first { $0.id == id }?.outcome
    }

    @Test("a waived failure: exit 0, first in every report, nowhere passed")
    func waived() throws {
      let sandbox = try sandbox()
      let report = try sandbox.report("--annotations", "github")
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(outcome("shop.tables.changed.checksum", report) == "waived")
      #expect(report.json.cases.first?.id == "shop.waivers.shop.tables.changed.checksum")
      #expect(report.json.cases.first?.outcome == "passed")
      #expect(report.json.counted("waived") == 1 && report.json.counted("failed") == 0)
      let lines = report.run.output.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("WAIVED shop.tables.changed.checksum") })
      #expect(lines.contains { $0.hasPrefix("PASSED with 1 waived") })
      #expect(lines.contains { $0.hasPrefix("::warning file=shop.yml") })
      #expect(report.run.output.contains("TWO"), "the rows are shown")
      #expect(
        report.junit.contains("<skipped message=\"waived until 9999-12-31 by dan@example.com"))
      #expect(report.junit.contains("TWO"), "JUnit shows the rows")
      #expect(!report.junit.contains("<failure"))
      // It is known: nothing is left for the next run.
      #expect(try sandbox.parity("run", "--last-failed", "shop.yml").status == 4)
      let plan = try sandbox.parity("plan", "shop.yml")
      #expect(
        plan.output.contains(
          "A failure of shop.tables.changed.checksum is waived until 9999-12-31 by dan@example.com "
            + "(OPS-123). Because: the loader changes case until release 42."))
    }

    @Test("an expired waiver: exit 1, and --last-failed runs both cases again")
    func expired() throws {
      let sandbox = try sandbox(expires: "2026-01-31")
      let report = try sandbox.report()
      #expect(report.run.status == 1)
      #expect(outcome("shop.tables.changed.checksum", report) == "failed")
      #expect(report.json.counted("failed") == 2)
      #expect(report.junit.contains("type=\"waiver_expired\""))
      let again = try sandbox.parity("run", "shop.yml", "--last-failed", "--format", "json")
      #expect(try JSONReport(again.output).cases.count == 2)
    }

    @Test("a waiver that nobody needs: exit 1; of a part without its check: exit 0")
    func unused() throws {
      let sandbox = try sandbox(check: "shop.tables.orders.checksum")
      let report = try sandbox.report("--select", "table:orders")
      #expect(report.run.status == 1)
      #expect(report.junit.contains("type=\"waiver_unused\""))
      #expect(report.run.output.contains("not needed: shop.tables.orders.checksum passed"))
      let part = try sandbox.report("--select", "table:orders", "--exclude", "check:checksum")
      #expect(part.run.status == 0 && part.json.cases.allSatisfy { $0.id.contains(".orders.") })
      let list = try sandbox.parity("run", "shop.yml", "--list", "--select", "section:waivers")
      #expect(
        list.output == """
          shop.waivers.shop.tables.orders.checksum
          shop.tables.orders.checksum

          """)
    }

    @Test("an unknown check: exit 2 offline; with tables found at run time: exit 1")
    func unknown() throws {
      let listed = try sandbox(check: "shop.tables.order.checksum")
      for command in ["validate", "plan", "run"] {
        let run = try listed.parity(command, "shop.yml")
        #expect(run.status == 2, "\(run.all)")
        #expect(run.errors.contains("did you mean `shop.tables.orders.checksum`?"))
      }
      let found = try sandbox("all", check: "shop.tables.order.checksum")
      try found.write(
        try #require(found.read("shop.yml"))
          .replacingOccurrences(of: "tables:\n  all", with: "tables: all"), to: "shop.yml")
      let run = try found.parity("run", "shop.yml")
      #expect(run.status == 1)
      #expect(run.output.contains("did you mean shop.tables.orders.checksum?"), "\(run.all)")
    }
  }
}
