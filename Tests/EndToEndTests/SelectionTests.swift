import Foundation
import Testing

extension Live {
  /// Which checks are run, and in which order they are told.
  @Suite("Selection and order (stand-in)")
  struct SelectionTests {
    let shop = Result { try Shop.shared() }
    private let tables = """
      customers: { tags: [pii, core] }
      orders: { tags: [core] }
      changed:
      short:
      """

    @Test(
      "words that select (stand-in)",
      arguments: [
        (["--select", "table:orders"], 5), (["--select", "table:ORDERS"], 5),
        (["--select", "check:checksum"], 4), (["--select", "tag:core"], 10),
        (["--select", "tag:pii,table:short"], 10), (["--select", "sop:2c"], 4),
        (["--select", "sop:2"], 20), (["--select", "section:tables"], 20),
        (["--select", "shop.tables.orders"], 5), (["--select", "shop.tables.orders.columns"], 1),
        (["--select", "*.checksum"], 4), (["--select", "shop.*.c*.columns"], 2),
        (["--select", "table:orders", "--select", "table:short"], 10),
        (["--exclude", "table:changed,table:short"], 10),
        (["--select", "tag:core", "--exclude", "check:constraints"], 8),
      ])
    func words(arguments: [String], count: Int) throws {
      let sandbox = try shop.get().sandbox(tables)
      let list = try sandbox.start(["run", "shop.yml", "--list"] + arguments).finish()
      #expect(list.status == 0)
      #expect(list.output.split(separator: "\n").count == count, "\(list.all)")
    }

    @Test("what is listed is what is run (stand-in)")
    func listed() throws {
      let sandbox = try shop.get().sandbox(tables)
      let arguments = ["shop.yml", "--select", "tag:core", "--exclude", "check:constraints"]
      let list = try sandbox.start(["run", "--list"] + arguments).finish()
      let run = try sandbox.start(["run", "--format", "json"] + arguments).finish()
      #expect(run.status == 0)
      let ids = try JSONReport(run.output).cases.map(\.id)
      #expect(ids == list.output.split(separator: "\n").map(String.init))
    }

    @Test("--last-failed: only what did not pass, nothing left is exit 4 (stand-in)")
    func lastFailed() throws {
      let sandbox = try shop.get().sandbox(tables)
      let first = try sandbox.parity("run", "shop.yml", "--last-failed")
      #expect(first.errors.contains("everything is selected"))
      #expect(first.status == 1)
      let second = try sandbox.parity("run", "shop.yml", "--last-failed", "--format", "json")
      #expect(second.status == 1)
      #expect(
        try JSONReport(second.output).cases.map(\.id) == [
          "shop.tables.changed.checksum", "shop.tables.short.row_count",
          "shop.tables.short.checksum",
        ])
      try sandbox.write(try shop.get().spec("[customers, orders]"), to: "shop.yml")
      #expect(try sandbox.parity("run", "shop.yml").status == 0)
      let none = try sandbox.parity("run", "shop.yml", "--last-failed")
      #expect(none.status == 4, "\(none.all)")
      #expect(none.errors.contains("nothing is selected"))
    }

    @Test("nothing selected and reports wanted: exit 4, the report says so (stand-in)")
    func nothing() throws {
      let sandbox = try shop.get().sandbox("[customers]")
      let report = try sandbox.report("--select", "table:customers", "--exclude", "*")
      #expect(report.run.status == 4)
      #expect(report.junit.contains("nothing_selected"))
      #expect(report.junit.contains("errors=\"1\""))
    }

    @Test("-x and --max-fail stop, what was not run is no pass (stand-in)")
    func stops() throws {
      let sandbox = try shop.get().sandbox(
        "changed:\nshort:\nslow: { constraints: skip, checksum: skip }")
      let first = try sandbox.report("-x", "--jobs", "1")
      #expect(first.run.status == 1)
      #expect(first.json.interruption == "max_failures")
      #expect(first.json.cases.count == 13)
      #expect(first.json.outcome("slow.row_count") == "errored")
      let second = try sandbox.report("--max-fail", "2", "--jobs", "1")
      #expect(second.run.status == 1)
      #expect(second.json.count("failed") >= 2)
      #expect(second.run.seconds < 8)
    }

    @Test("several specs: a report each, the worst exit code (stand-in)")
    func severalSpecs() throws {
      let shop = try shop.get()
      let sandbox = try shop.sandbox("[orders]")
      try sandbox.write(shop.spec("[changed]"), to: "second.yml")
      let run = try sandbox.parity(
        "run", "second.yml", "shop.yml", "--junit", "out/{spec}.xml", "--json", "out/{spec}.json")
      #expect(run.status == 1)
      #expect(
        sandbox.files(in: "out") == ["second.json", "second.xml", "shop.json", "shop.xml"])
      #expect(try JSONReport(sandbox.read("out/shop.json")).conclusion == "passed")
      #expect(try JSONReport(sandbox.read("out/second.json")).conclusion == "failed")
    }

    @Test("several specs, one without its variable: exit 2, and nothing was run (stand-in)")
    func oneMisconfigured() throws {
      let shop = try shop.get()
      let sandbox = try shop.sandbox("[changed]")
      try sandbox.write(
        shop.spec("[orders]").replacingOccurrences(of: "$DATABASE_URL", with: "$NOT_SET"),
        to: "second.yml")
      let run = try sandbox.parity("run", "shop.yml", "second.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("NOT_SET"))
      #expect(!run.errors.contains("connecting"), "\(run.all)")
    }

    @Test("results stand in plan order, whatever --jobs (stand-in)")
    func order() throws {
      let sandbox = try shop.get().sandbox(tables)
      let list = try sandbox.parity("run", "shop.yml", "--list").output.split(separator: "\n")
      var facts: Set<String> = []
      for jobs in ["1", "8"] {
        let report = try sandbox.report("--jobs", jobs)
        #expect(report.json.cases.map(\.id) == list.map(String.init))
        facts.insert(report.json.cases.map { "\($0.id) \($0.outcome) \($0.summary)" }.joined())
        let names = report.junit.matches(of: /<testcase name="([^"]+)"/).map { String($0.output.1) }
        #expect(names == list.map { $0.split(separator: ".").suffix(1).joined() })
      }
      #expect(facts.count == 1, "the same databases, other results")
    }

    @Test("`tables: all` in a schema without tables is no pass (stand-in)")
    func emptySchema() throws {
      let shop = try shop.get()
      try Servers.psql("CREATE SCHEMA IF NOT EXISTS nothing_here", database: shop.database)
      let sandbox = try shop.sandbox("[orders]")
      let text = shop.spec("[orders]")
        .replacingOccurrences(
          of: "sslmode: disable", with: "sslmode: disable, schema: nothing_here"
        )
        .replacingOccurrences(of: "tables:\n  [orders]", with: "tables: all")
      for text in [text, text.replacingOccurrences(of: "unlisted_tables: ignore\n", with: "")] {
        try sandbox.write(text, to: "shop.yml")
        let run = try sandbox.parity("run", "shop.yml")
        #expect([3, 4].contains(run.status), "\(run.all)")
        #expect(!run.output.contains("PASSED"))
      }
    }
  }
}
