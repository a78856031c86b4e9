import Foundation
import Testing

/// Commands that need no server.
@Suite("Commands, offline", .enabled(if: Package.isBuilt, "parity is not built"))
struct CommandTests {
  @Test("--version and --help, and help of every command: exit 0, on stdout")
  func help() throws {
    let sandbox = try Sandbox()
    let version = try sandbox.parity("--version")
    #expect(version.status == 0)
    #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    let help = try sandbox.parity("--help")
    #expect(help.output.contains("Exit codes"))
    for command in ["validate", "plan", "run", "lint", "schema", "explain"] {
      #expect(help.output.contains(command))
      let run = try sandbox.parity(command, "--help")
      #expect(run.status == 0)
      #expect(run.output.contains("USAGE: parity \(command)"))
      #expect(run.errors.isEmpty)
    }
  }

  @Test(
    "wrong usage: exit 2, on stderr",
    arguments: [
      ["frobnicate"], ["run", "--nope"], ["run", "--jobs", "0"], ["run", "--jobs", "many"],
      ["run", "--max-fail", "0"], ["run", "--timeout", "soon"], ["run", "--timeout", "-1s"],
      ["run", "--format", "xml"], ["validate", "--color", "blue"], ["explain"],
      ["explain", "E9999"], ["run", "--select", "colour:red"], ["run", "--select", "table:"],
    ])
  func usage(arguments: [String]) throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    let run = try sandbox.start(arguments).finish()
    #expect(run.status == 2, "\(run.all)")
    #expect(run.output.isEmpty)
    #expect(!run.errors.isEmpty)
  }

  @Test(
    "variables are read as closely as flags",
    arguments: [
      ("PARITY_TIMEOUT", "soon"), ("PARITY_JOBS", "many"), ("PARITY_JOBS", "0"),
      ("PARITY_JOBS", "65"),
    ])
  func variables(name: String, value: String) throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    let run = try sandbox.parity("run", with: [name: value])
    #expect(run.status == 2)
    #expect(run.errors.contains(name))
  }

  @Test("validate: exit 0, one line a spec")
  func validate() throws {
    let sandbox = try Sandbox(["a.yml": shopSpec, "b.yml": shopSpec])
    let run = try sandbox.parity("validate", "a.yml", "b.yml")
    #expect(run.status == 0)
    #expect(
      run.output == "a.yml: 3 tables to check, no mistakes\nb.yml: 3 tables to check, no mistakes\n"
    )
    #expect(run.errors.isEmpty)
  }

  @Test("validate: every mistake of every spec in one run, exit 2")
  func everyMistake() throws {
    let wrong = shopSpec.replacingOccurrences(of: "severity: warn", with: "severity: wran")
      .replacingOccurrences(of: "tags:", with: "tgas:")
    let sandbox = try Sandbox(["a.yml": wrong, "b.yml": "version: 2\n", "c.yml": shopSpec])
    let run = try sandbox.parity("validate", "a.yml", "b.yml", "c.yml", "no.yml")
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    for text in ["`tgas`", "did you mean `tags`", "did you mean `warn`", "b.yml", "no.yml"] {
      #expect(run.errors.contains(text), "\(text) in \(run.errors)")
    }
    #expect(run.errors.contains(" --> a.yml:8:5"))
    #expect(run.errors.contains("in 4 specs"))
  }

  @Test("every code that is shown can be explained")
  func explain() throws {
    let sandbox = try Sandbox(["a.yml": "version: 2\nnmae: x\ntables: 5\n"])
    let run = try sandbox.parity("validate", "a.yml")
    let codes = Set(run.errors.matches(of: /E\d{4}/).map { String($0.output) })
    #expect(!codes.isEmpty)
    for code in codes {
      let explained = try sandbox.parity("explain", code.lowercased())
      #expect(explained.status == 0)
      #expect(explained.output.hasPrefix("\(code): "))
    }
  }

  @Test("plan: sentences, exit 0, the same bytes each time")
  func plan() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    let first = try sandbox.parity("plan")
    #expect(first.status == 0)
    #expect(first.output.hasPrefix("Shop  (parity.yml, sha256:"))
    #expect(first.output.contains("15 checks planned"))
    #expect(first.output.contains("customers: every value of every row is the same"))
    #expect(first.output.contains("Exceptions"))
    #expect(first.errors.isEmpty)
    for _ in 0..<3 {
      let again = try sandbox.parity("plan", with: ["TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"])
      #expect(again.output == first.output)
    }
  }

  @Test("plan and validate need neither variables nor connections, --list neither")
  func noVariables() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    for arguments in [["plan"], ["validate"], ["run", "--list"]] {
      let run = try sandbox.start(arguments, with: ["SNOWFLAKE_HOME": "/nonexistent"]).finish()
      #expect(run.status == 0, "\(run.all)")
      #expect(run.seconds < 2)
    }
  }

  @Test("--list: an id a line, in plan order, and what selects nothing is exit 4 or 2")
  func list() throws {
    let sandbox = try Sandbox(["specs/shop.yml": shopSpec])
    let all = try sandbox.parity("run", "--list")
    let ids = all.output.split(separator: "\n")
    #expect(all.status == 0)
    #expect(ids.count == 15)
    #expect(ids.first == "shop.tables.customers.exists")
    #expect(ids.last == "shop.coverage.public.unlisted_tables")
    #expect(Set(ids).count == ids.count)
    let none = try sandbox.parity("run", "--list", "--select", "table:customers", "--exclude", "*")
    #expect(none.status == 4)
    #expect(none.output.isEmpty)
  }

  @Test("a run of which nothing is selected: exit 4, no server is asked")
  func nothingSelected() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    let run = try sandbox.parity("run", "--select", "table:orders", "--exclude", "table:orders")
    #expect([2, 4].contains(run.status), "\(run.all)")
    #expect(!run.all.contains("PASSED"))
  }

  @Test("a misspelt word selects nothing: said, and never a run of what is left")
  func misspeltSelection() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    for arguments in [
      ["--select", "table:ordres"], ["--select", "table:orders,table:custmers"],
      ["--select", "tag:pij"], ["--exclude", "table:ordres"],
    ] {
      let run = try sandbox.start(["run", "--list"] + arguments).finish()
      let real = try sandbox.start(["run"] + arguments).finish()
      #expect([2, 4].contains(real.status))
      #expect(real.errors.contains(arguments[1].split(separator: ",").last ?? ""), "\(real.all)")
      #expect([2, 4].contains(run.status), "\(arguments): \(run.all)")
    }
  }

  @Test("a spec behind --select or --exclude is not taken for a word")
  func specBehindSelection() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec, "other.yml": shopSpec])
    for option in ["--select", "--exclude"] {
      let run = try sandbox.parity("run", "--list", option, "table:orders", "other.yml")
      #expect(run.status == 2 || !run.output.contains("parity.tables"), "\(run.all)")
    }
  }

  @Test("two specs of one name are refused: their reports and ids would be the same")
  func sameSlug() throws {
    let sandbox = try Sandbox(["a/shop.yml": shopSpec, "b/shop.yml": shopSpec])
    for pair in [["a/shop.yml", "b/shop.yml"], ["a/shop.yml", "a/shop.yml"]] {
      let run = try sandbox.start(["run"] + pair + ["--json", "out/{spec}.json"]).finish()
      #expect(run.status == 2)
      #expect(run.errors.contains("shop"), "\(run.all)")
      #expect(!run.errors.contains("variable"), "\(run.all)")
    }
  }

  @Test("several specs and one report path: exit 2, before anything is run")
  func severalSpecsOneReport() throws {
    let sandbox = try Sandbox(["a.yml": shopSpec, "b.yml": shopSpec])
    let run = try sandbox.parity("run", "a.yml", "b.yml", "--junit", "out/run.xml")
    #expect(run.status == 2)
    #expect(run.errors.contains("{spec}"))
    #expect(run.output.isEmpty)
  }

  @Test("environments: plan needs none, run wants one, the nearest name is said")
  func environments() throws {
    let sides = """
      source: { postgres: $A_URL }
          target: { snowflake: shop, database: SHOP, schema: PUBLIC }
      """
    let text = """
      version: 1
      name: Shop
      environments:
        rehearsal:
          \(sides)
        production:
          \(sides)
      tables: [orders]

      """
    let sandbox = try Sandbox(["parity.yml": text])
    #expect(try sandbox.parity("plan").status == 0)
    let none = try sandbox.parity("run")
    #expect(none.status == 2)
    #expect(none.errors.contains("--env"))
    #expect(none.errors.contains("rehearsal, production"))
    let wrong = try sandbox.parity("run", "--env", "prodution")
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("did you mean `production`?"))
    let byVariable = try sandbox.parity("run", with: ["PARITY_ENV": "rehearsal"])
    #expect(byVariable.status == 2)
    #expect(byVariable.errors.contains("A_URL"))
  }
}
