import Foundation
import Testing

/// `parity lint`: no spec, no server.
@Suite("Lint, offline", .enabled(if: Package.isBuilt, "parity is not built"))
struct LintTests {
  /// A dbt project with findings in a model, a hook of each kind, and a script, and one allowed.
  static let project = [
    "shop/dbt_project.yml": """
    name: shop
    on-run-start: ["select 1", "grant usage on schema s to role r"]
    models:
      shop:
        +post-hook: |
          {% if true %}
          alter table {{ this }} add x int
          {% endif %}

    """,
    "shop/models/orders.sql": """
    {{ config(pre_hook="grant select on {{ this }} to role r") }}
    select * from {{ ref('a') }}
    where status = {{ var('status') }}
      -- parity: allow J1 because the list is fixed in CI
      and kind in ({{ var('kinds') }})

    """,
    "shop/models/orders.yml": """
    models:
      - name: orders
        config:
          post_hook: "revoke select on {{ this }} from role r"

    """,
    "shop/models/frame.py": "def model(dbt, session):\n  return session.sql(f'select {dbt.x}')\n",
    "shop/scripts/grants.sql": "grant select on orders to public;\n",
    "shop/target/compiled/shop/models/orders.sql": "grant all on orders to public;\n",
    "shop/dbt_packages/u/macros/m.sql": "{{ broken\n",
  ]

  /// `rule file:line:column` of each diagnostic of an output.
  private func places(_ output: String) -> [String] {
    output.matches(of: /error\[([A-Za-z0-9]+)\].*\n *--> (\S+)/).map { "\($0.1) \($0.2)" }
  }

  @Test("a project: every place with its caret and cure, what is allowed, exit 1")
  func project() throws {
    let sandbox = try Sandbox(Self.project)
    let run = try sandbox.parity("lint", "shop")
    #expect(run.status == 1)
    #expect(run.errors.isEmpty)
    #expect(
      places(run.output) == [
        "J4 shop/dbt_project.yml:2:29", "J4 shop/dbt_project.yml:7:7",
        "S2 shop/models/frame.py:2:22", "J4 shop/models/orders.sql:1:21",
        "J1 shop/models/orders.sql:3:19", "J4 shop/models/orders.yml:4:19",
        "S5 shop/scripts/grants.sql:1:1",
      ])
    #expect(
      run.output.contains(
        """
          |
        3 | where status = {{ var('status') }}
          |                   ^^^^^^^^^^^^^
          |
          = cure: 
        """))
    #expect(run.output.contains("= help: parity explain J1"))
    #expect(run.output.contains("  - shop/models/orders.sql:5:19: J1: `var('kinds')`: "))
    #expect(run.output.contains("Because: the list is fixed in CI\n"))
    #expect(
      run.output.hasSuffix(
        """
        FAILED  7 findings in 5 files, 1 allowed; read: 1 template, 1 SQL file, 2 files of properties, \
        1 Python model
        left out, as dbt makes them: shop/dbt_packages, shop/target

        """))
    for folder in [".", "./shop/", "shop/../shop"] {
      #expect(places(try sandbox.parity("lint", folder).output).count == 7, "\(folder)")
    }
    #expect(places(try sandbox.parity("lint", ".", in: "shop").output).count == 7)
    #expect(try sandbox.parity("lint", sandbox.file("shop")).status == 1)
    let compiled = try sandbox.parity("lint", "shop", "--compiled")
    #expect(places(compiled.output).contains("S5 shop/target/compiled/shop/models/orders.sql:1:1"))
    let named = try sandbox.parity("lint", "shop/target/compiled")
    #expect(places(named.output) == ["S5 shop/target/compiled/shop/models/orders.sql:1:1"])
  }

  @Test("what is left out on purpose is counted and told")
  func excluded() throws {
    let sandbox = try Sandbox(Self.project)
    let rules = try sandbox.parity("lint", "shop", "--rules", "j1,S1")
    #expect(places(rules.output) == ["J1 shop/models/orders.sql:3:19"])
    #expect(rules.output.hasSuffix("only these rules were looked at: J1, S1\n"))
    let files = try sandbox.parity(
      "lint", "shop", "--exclude", "shop/models", "--exclude", "*_project.yml")
    #expect(places(files.output) == ["S5 shop/scripts/grants.sql:1:1"])
    #expect(files.output.contains("6 findings excluded"))
    let all = try sandbox.parity("lint", "shop", "--exclude", "*")
    #expect(all.status == 0)
    #expect(all.output.hasPrefix("PASSED  nothing found, 7 findings excluded; read: 1 template"))
  }

  @Test("nothing found: exit 0")
  func clean() throws {
    let sandbox = try Sandbox(["a.sql": "select 1", "b/c.ddl": "create table t (a int);"])
    let run = try sandbox.parity("lint", ".")
    #expect(run.status == 0)
    #expect(run.output == "PASSED  nothing found; read: 2 SQL files\n")
    #expect(run.errors.isEmpty)
  }

  @Test(
    "what could not be read is no pass: exit 3, by name",
    arguments: [
      (["a.sql": "select 'x"], ["a.sql"], "a.sql:1:8"),
      (["a.sql": "{% if x %}"], ["."], "a.sql:1:1"),
      (["a.sql": "select 1"], ["a.sql", "b.sql"], "b.sql"),
      (["a.md": "text"], ["."], "nothing to read in ."),
      ([:], ["nowhere"], "nothing to read in nowhere"),
      (["d/dbt_project.yml": "a: [", "d/models/a.sql": "select 1"], ["d"], "dbt_project.yml:1:"),
      (["d/dbt_project.yml": "model-paths: [../e]"], ["d"], "the folder e of this project"),
      (["a.json": "{}"], ["a.json"], "no manifest"),
      (["a.sql": "a\u{0}b"], ["."], "a.sql could not be read: it holds bytes of zero"),
    ])
  func unreadable(files: [String: String], paths: [String], words: String) throws {
    let sandbox = try Sandbox(files)
    let run = try sandbox.start(["lint"] + paths).finish()
    #expect(run.status == 3, "\(run.all)")
    #expect(run.all.contains(words), "\(run.all)")
    #expect(run.output.contains("COULD NOT CHECK"))
  }

  @Test("bytes that are no UTF-8, links that lead nowhere, folders and files that may not be read")
  func disk() throws {
    let sandbox = try Sandbox(["a/good.sql": "select 1"])
    try sandbox.write(Data([0x61, 0xE9, 0x62]), to: "a/latin.sql")
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.file("a/gone.sql"), withDestinationPath: "nowhere.sql")
    // A link to a folder above, which would never end, and one to models elsewhere.
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.file("a/loop"), withDestinationPath: "..")
    try sandbox.write("grant select on t to public;", to: "elsewhere/b.sql")
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.file("a/linked"), withDestinationPath: "../elsewhere")
    let run = try sandbox.parity("lint", "a")
    #expect(run.status == 1)
    #expect(run.errors.contains("latin.sql could not be read: it is not UTF-8"))
    #expect(run.errors.contains("gone.sql could not be read: "))
    #expect(run.output.contains("b.sql:1:1"))
    #expect(run.output.contains("1 finding in 1 file"), "each file once: \(run.output)")
    guard geteuid() != 0 else { return }
    try sandbox.write("select 1", to: "closed/a.sql")
    chmod(sandbox.file("closed"), 0)
    defer { chmod(sandbox.file("closed"), 0o700) }
    #expect(try sandbox.parity("lint", "closed").status == 3)
    #expect(try sandbox.parity("lint", ".").errors.contains("closed"))
  }

  @Test(
    "wrong usage: exit 2, and nothing is read",
    arguments: [
      ["lint"], ["lint", "."], ["lint", "a.sql", "--rules", "J9"],
      ["lint", "a.sql", "--rules", ""], ["lint", "a.sql", "--rules", "J1,"],
      ["lint", "a.sql", "--format", "xml"], ["lint", "a.sql", "--junit", ""],
      ["lint", "a.sql", "--junit", "/proc/a.xml"], ["lint", "a.sql", "--exclude", ""],
      ["lint", ""], ["lint", "a.sql", "--dialect", "oracle"],
    ])
  func usage(arguments: [String]) throws {
    let sandbox = try Sandbox(["a.sql": "select 1"])
    let run = try sandbox.start(arguments).finish()
    if arguments == ["lint", "."] || arguments.last == "J1," {
      #expect(run.status == 0)
    } else {
      #expect(run.status == 2, "\(run.all)")
      #expect(run.output.isEmpty && !run.errors.isEmpty)
    }
  }

  @Test("secrets are not shown")
  func secrets() throws {
    let sandbox = try Sandbox([
      "a.sql": "copy into 's3://b' from t credentials = (aws_secret_key = 'hidden1');",
      "b.sql": "select '{{ var('password', 'hidden2') }}' from {{ var('t') }}",
      "c.sql": "-- parity: allow J5 because x\nselect '{{ var('api_token', 'hidden3') }}'",
      "d.sql":
        "copy into 's3://b' from t credentials = (\n  aws_key_id='hidden4' x='{{ var('y') }}')",
    ])
    for format in [["--format", "text"], ["--format", "json"], ["--junit", "j.xml"]] {
      let run = try sandbox.start(["lint", "."] + format).finish()
      #expect(run.status == 1)
      #expect(!run.all.contains("hidden"), "\(run.all)")
      #expect(sandbox.read("j.xml")?.contains("hidden") != true)
    }
  }

  @Test("--format json: everything, for programs")
  func json() throws {
    let sandbox = try Sandbox(
      Self.project.merging(["shop/models/broken.sql": "select 'a"]) { $1 })
    let run = try sandbox.parity("lint", "shop", "--format", "json")
    #expect(run.status == 1)
    let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
    let root = try #require(value as? [String: Any])
    #expect(root["format"] as? String == "parity.lint/1")
    #expect(root["conclusion"] as? String == "failed")
    let findings = try #require(root["findings"] as? [[String: Any]])
    #expect(findings.count == 7)
    let model = findings.first { $0["rule"] as? String == "J1" }
    #expect(model?["file"] as? String == "shop/models/orders.sql")
    #expect(model?["line"] as? Int == 3 && model?["column"] as? Int == 19)
    #expect(model?["expression"] as? String == "var('status')")
    let allowed = try #require(root["allowed"] as? [[String: Any]])
    #expect(allowed.map { $0["because"] as? String } == ["the list is fixed in CI"])
    let unread = try #require(root["could_not_read"] as? [[String: Any]])
    #expect(unread.map { $0["file"] as? String } == ["shop/models/broken.sql"])
    #expect((root["left_out"] as? [String])?.count == 2)
  }

  @Test("--junit: a case for each rule and file, errors for what could not be read")
  func junit() throws {
    let sandbox = try Sandbox(
      Self.project.merging(["shop/models/broken.sql": "select 'a"]) { $1 })
    let run = try sandbox.parity("lint", "shop", "--junit", "out/lint.xml")
    #expect(run.status == 1)
    let text = try #require(sandbox.read("out/lint.xml"))
    #expect(text.contains("tests=\"18\" failures=\"6\" errors=\"1\""), "\(text)")
    #expect(
      text.contains(
        "<testcase name=\"J1 shop/models/orders.sql\" classname=\"lint.injection\" "
          + "file=\"shop/models/orders.sql\" line=\"3\""))
    #expect(text.contains("shop/models/orders.sql:3:19: `var('status')`"))
    #expect(text.contains("again   parity lint shop"))
    #expect(!text.contains("parity run"))
  }

  @Test("every rule that is shown can be explained")
  func explained() throws {
    let sandbox = try Sandbox()
    for rule in ["J1", "j5", "S6", "P3", "allow", "E0021"] {
      let run = try sandbox.parity("explain", rule)
      #expect(run.status == 0)
      #expect(run.output.lowercased().hasPrefix(rule.lowercased() + ": "))
    }
  }

  @Test("5,000 models in less than two seconds")
  func speed() throws {
    let sandbox = try Sandbox(["p/dbt_project.yml": "name: p"])
    let columns = (0..<15).map { "  coalesce(c\($0), \($0)) as c\($0)," }.joined(separator: "\n")
    for number in 0..<5_000 {
      try sandbox.write(
        "{{ config(tags=['a']) }}\nselect\n\(columns)\n  {{ var('d') | int }} as d\n"
          + "from {{ ref('m\(number + 1)') }}\n", to: "p/models/g\(number % 50)/m\(number).sql")
    }
    let run = try sandbox.parity("lint", "p")
    #expect(run.status == 0)
    #expect(run.output.contains("5,000 templates"))
    // One thread does it all, so that this is the time on a machine with nothing else to do.
    #expect(run.processorSeconds < 2, "\(run.processorSeconds) s")
  }

  /// A project that dbt itself has read, with one injection planted in it.
  @Test(
    "the planted injection of a manifest that dbt wrote",
    .enabled(
      if: ProcessInfo.processInfo.environment["PARITY_SHARED"] != nil,
      "PARITY_SHARED names no folder with data/dbt"))
  func planted() throws {
    let shared = try #require(ProcessInfo.processInfo.environment["PARITY_SHARED"])
    let sandbox = try Sandbox()
    let run = try sandbox.parity("lint", "\(shared)/data/dbt")
    #expect(run.status == 1)
    #expect(
      places(run.output) == ["J1 \(shared)/data/dbt/models/marts/orders_by_status.sql:2:57"])
    #expect(run.output.contains("FAILED  1 finding in 1 file; read: 6 templates"))
    let compiled = try sandbox.parity("lint", "\(shared)/data/dbt/manifest.json", "--compiled")
    #expect(places(compiled.output).count == 1)
    #expect(compiled.output.contains("compiled files"))
  }

  @Test("the example: one finding, one allowed")
  func example() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.parity("lint", "\(Package.root)/examples/injection/analytics")
    #expect(run.status == 1)
    #expect(places(run.output).map { $0.prefix(2) } == ["J1"])
    #expect(run.output.contains("1 finding in 1 file, 1 allowed"))
    let plan = try sandbox.parity("plan", "\(Package.root)/examples/injection/parity.yml")
    #expect(plan.status == 0, "\(plan.all)")
    #expect(plan.output.contains("5a.v  J1"))
  }
}

extension Live {
  /// The lint as checks of a spec, beside the tables.
  @Suite("Injection in a spec (stand-in)")
  struct InjectionTests {
    let shop = Result { try Shop.shared() }

    private func sandbox(_ injection: String) throws -> Sandbox {
      let sandbox = try shop.get().sandbox("[orders]")
      let spec = try shop.get().spec("[orders]")
      try sandbox.write(spec + "security:\n  injection: \(injection)\n", to: "shop.yml")
      for (path, text) in LintTests.project { try sandbox.write(text, to: path) }
      return sandbox
    }

    @Test("one check a rule, with places, cures and reasons in every report (stand-in)")
    func found() throws {
      let sandbox = try sandbox("[shop]")
      let report = try sandbox.report()
      #expect(report.run.status == 1, "\(report.run.all)")
      let failed = report.json.cases.filter { $0.outcome == "failed" }.map(\.id)
      #expect(failed == ["J1", "J4", "S2", "S5"].map { "shop.security.injection.\($0)" })
      #expect(
        report.json.summary("injection.J1") == "1 place in 1 file, 1 allowed by a comment")
      #expect(report.run.output.contains("shop/models/orders.sql:3:19: `var('status')`: "))
      #expect(report.run.output.contains("; cure: hold the value against"))
      #expect(report.json.text.contains("because: the list is fixed in CI"))
      #expect(report.junit.contains("name=\"J1\" classname=\"shop.security.injection\""))
      let listed = try sandbox.parity("run", "shop.yml", "--list", "--select", "section:security")
      #expect(listed.output.split(separator: "\n").count == 15)
    }

    @Test("what is excused passes and stands among the exceptions (stand-in)")
    func excused() throws {
      let sandbox = try sandbox(
        "{ paths: [shop], rules: [J1, J4], except: { \"shop/*\": moved next month } }")
      let report = try sandbox.report("--select", "section:security")
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.json.cases.count == 2)
      #expect(report.json.text.contains("what is found in shop/* is excused"))
      #expect(report.json.text.contains("excused: shop/models/orders.sql:3:19"))
    }

    @Test(
      "nothing read is nothing proved: exit 3 (stand-in)",
      arguments: ["[nowhere]", "[shop/models/broken.sql]", "[home]", "[shop, \"sql/**/*.sql\"]"])
    func couldNotCheck(injection: String) throws {
      let sandbox = try sandbox(injection)
      try sandbox.write("select 'a", to: "shop/models/broken.sql")
      let report = try sandbox.report("--select", "check:S1")
      #expect(report.run.status == 3, "\(report.run.all)")
      #expect(report.json.outcome("injection.S1") == "errored")
    }
  }
}
