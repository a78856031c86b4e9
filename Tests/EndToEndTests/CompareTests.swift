import Foundation
import Testing

extension Live {
  /// What a run says about databases that can be reached.
  @Suite("Comparing (stand-in)")
  struct CompareTests {
    let shop = Result { try Shop.shared() }

    @Test("all is alike: exit 0 (stand-in)")
    func alike() throws {
      let report = try shop.get().sandbox("[customers, orders]").report()
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.json.cases.count == 10)
      #expect(report.json.count("passed") == 10)
      #expect(report.run.output.contains("PASSED  10 passed"))
    }

    @Test("one other value: exit 1, and both values are shown (stand-in)")
    func changed() throws {
      let report = try shop.get().sandbox("[changed, orders]").report()
      #expect(report.run.status == 1)
      #expect(report.json.outcome("changed.checksum") == "failed")
      #expect(report.json.count("failed") == 1)
      #expect(report.run.output.contains("TWO"))
    }

    @Test("a row is missing: exit 1, and the counts are shown (stand-in)")
    func short() throws {
      let report = try shop.get().sandbox("[short]").report()
      #expect(report.run.status == 1)
      #expect(report.json.outcome("short.row_count") == "failed")
      #expect(report.json.outcome("short.checksum") == "failed")
      #expect(report.run.output.contains("3") && report.run.output.contains("2"))
    }

    @Test("a table is missing in the target: exit 1, `exists` fails (stand-in)")
    func missingTable() throws {
      let report = try shop.get().sandbox("[gone, orders]").report()
      #expect(report.run.status == 1)
      #expect(report.json.outcome("gone.exists") == "failed")
      #expect(report.json.outcome("gone.checksum") == "errored")
      #expect(report.json.count("failed") == 1)
    }

    @Test("a table is missing in the source: exit 1, and the nearest name is shown (stand-in)")
    func misspelt() throws {
      let report = try shop.get().sandbox("[ordres]").report()
      #expect(report.run.status == 1)
      #expect(report.json.outcome("ordres.exists") == "failed")
      #expect(report.run.output.contains("did you mean orders"))
    }

    @Test("a table on one side only that is on both: exit 1 (stand-in)")
    func onlyIn() throws {
      let report = try shop.get()
        .sandbox("orders: { only_in: source, because: it stays behind }").report()
      #expect(report.run.status == 1)
      #expect(report.json.outcome("orders.exists") == "failed")
    }

    @Test("warnings pass, with --strict they fail (stand-in)")
    func strict() throws {
      let sandbox = try shop.get().sandbox("changed: { severity: warn }")
      let mild = try sandbox.report()
      #expect(mild.run.status == 0)
      #expect(mild.run.output.contains("1 warned"))
      let strict = try sandbox.report("--strict")
      #expect(strict.run.status == 1)
      #expect(strict.json.counted("failed") == 1)
    }

    @Test("sensitive values are shown nowhere (stand-in)")
    func sensitive() throws {
      let report = try shop.get().sandbox("changed: { sensitive: [note] }")
        .report(secrets: ["'two'", "\"TWO\"", " two ", " TWO "])
      #expect(report.run.status == 1)
      for text in [report.run.all, report.junit] {
        #expect(!text.contains("TWO"))
        #expect(!text.contains("two"))
      }
    }

    @Test("nothing is sent but statements that read (stand-in)")
    func readOnly() throws {
      let report = try shop.get().sandbox("[customers, orders, changed]").report()
      #expect(report.json.statements.count > 5)
      for sql in report.json.statements {
        let verb = sql.drop { $0 == "(" }.prefix { $0.isLetter }
        #expect(["SELECT", "SHOW", "DESCRIBE", "WITH"].contains(verb), "\(sql)")
      }
    }
  }
}
