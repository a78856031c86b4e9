import Diagnostics
import Injection
import SpecCore
import TestSupport
import Testing

/// Which files of a request are read, and as what.
@Suite struct InjectionReadingTests {
  private func reading(
    _ contents: [String: String], _ paths: [String] = ["shop"], compiled: Bool = false
  ) -> InjectionReading {
    let request = InjectionRequest(paths, includesCompiled: compiled)
    return InjectionReading(of: FakeFiles(contents).found(request.files), request)
  }

  /// `path kind` for each file that is read.
  private func kinds(_ reading: InjectionReading) -> [String] {
    reading.files.map { file in
      let kind =
        switch file.kind {
        case .dbt: "template"
        case .sql: "sql"
        case .compiled: "compiled"
        case .hook: "hook"
        case .python: "python"
        case .properties(let isProject): isProject ? "project" : "properties"
        }
      return "\(file.path) \(kind)"
    }
  }

  private static let project = ["shop/dbt_project.yml": "name: shop"]

  @Test(arguments: [
    ("shop/models/a.sql", "select 1", ["shop/models/a.sql template"]),
    ("shop/models/a.yml", "version: 2", ["shop/models/a.yml properties"]),
    ("shop/models/a.py", "x = 1", ["shop/models/a.py python"]),
    ("shop/scripts/a.sql", "select 1", ["shop/scripts/a.sql sql"]),
    ("shop/scripts/a.sql", "select {{ var('x') }}", ["shop/scripts/a.sql template"]),
    ("shop/scripts/a.ddl", "select 1", ["shop/scripts/a.ddl sql"]),
    ("shop/packages.yml", "packages: []", []), ("shop/scripts/a.py", "x = 1", []),
    ("shop/target/compiled/shop/models/a.sql", "select 1", []),
    ("shop/target/run/shop/models/a.sql", "select 1", []),
    ("shop/dbt_packages/u/macros/a.sql", "{{ var('x') }}", []),
    ("shop/web/manifest.json", "{}", []),
  ])
  func inProject(_ path: String, _ text: String, _ expected: [String]) {
    let reading = reading(Self.project.merging([path: text]) { $1 })
    #expect(kinds(reading) == (["shop/dbt_project.yml project"] + expected).sorted())
    #expect(reading.problems.isEmpty, "\(reading.problems)")
  }

  @Test(arguments: [
    ("a.sql", "select 1", ["shop"], []), ("shop/a.sql", "select 1", ["shop"], ["shop/a.sql sql"]),
    ("shop/a.sql", "{% if x %}a{% endif %}", ["shop"], ["shop/a.sql template"]),
    ("shop/a.sql", "select '{{1,2},{3,4}}'::int[]", ["shop"], ["shop/a.sql sql"]),
    ("shop/a.sql", "select '{{a,b},{c,d}}'", ["shop"], ["shop/a.sql sql"]),
    ("shop/a.sql", "{{x}}", ["shop"], ["shop/a.sql template"]),
    ("shop/a.sql", "{{- 'a' ~ x }}", ["shop"], ["shop/a.sql template"]),
    ("shop/a.sql", "{{- x | int }}", ["shop"], ["shop/a.sql template"]),
    ("shop/a.sql", "{{ 'a' ~ x }}", ["shop"], ["shop/a.sql template"]),
    ("shop/a.txt", "select 1", ["shop/a.txt"], ["shop/a.txt sql"]),
    ("shop/a.yml", "a: b", ["shop/a.yml"], ["shop/a.yml properties"]),
    ("shop/a.py", "a = 1", ["shop/a.py"], ["shop/a.py python"]),
    (
      "t/target/compiled/p/a.sql", "select 1", ["t/target/compiled"],
      ["t/target/compiled/p/a.sql compiled"]
    ),
    ("shop/target/a.sql", "select 1", ["shop"], ["shop/target/a.sql sql"]),
  ])
  func alone(_ path: String, _ text: String, _ paths: [String], _ expected: [String]) {
    let reading = reading([path: text], paths)
    #expect(kinds(reading) == expected)
    #expect(reading.problems.isEmpty == !expected.isEmpty, "\(reading.problems)")
  }

  @Test func compiledWhereAsked() {
    let files = Self.project.merging([
      "shop/target/compiled/a.sql": "select 1", "shop/target/other.sql": "select 1",
    ]) { $1 }
    let left = reading(files)
    #expect(left.skipped == ["shop/target"])
    let asked = reading(files, compiled: true)
    #expect(kinds(asked).contains("shop/target/compiled/a.sql compiled"))
    let named = reading(files, ["shop", "shop/target/compiled"])
    #expect(kinds(named).contains("shop/target/compiled/a.sql compiled"))
  }

  /// Nothing that could not be read, and nothing that is not there, is passed over.
  @Test func whatIsMissing() {
    #expect(reading([:]).problems.count == 1)
    #expect(reading(["shop/a.md": "x"]).problems.count == 1)
    #expect(reading(["shop/a.sql": "select 1"], ["shop", "sql"]).problems.count == 1)
    #expect(
      reading(["shop/a.sql": "a\u{0}"]).problems.first?.unchecked.reason.contains("zero") == true)
    let found = FoundFiles([
      FoundFile("shop/a.sql", .bytes([0x61, 0xFF])), FoundFile("shop/b.sql", .unreadable("no")),
      FoundFile("shop/c.yml", .unreadable("no")), FoundFile("shop/d.py", .bytes([0xFF])),
    ])
    let reading = InjectionReading(of: found, InjectionRequest(["shop"]))
    #expect(reading.problems.map(\.unchecked.type) == ["unreadable_file", "unreadable_file"])
    #expect(reading.problems.contains { $0.unchecked.reason.contains("not UTF-8") })
    let outside = self.reading([
      "shop/dbt_project.yml": "model-paths: [models, ../shared, \"{{ var('m') }}\"]"
    ])
    #expect(
      outside.problems.map { $0.unchecked.reason.prefix(25) } == [
        "shop/dbt_project.yml:1:34", "shop/dbt_project.yml:1:23",
      ])
    #expect(outside.problems.count == 2, "\(outside.problems)")
  }

  private static let manifest = """
    {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
     "project_name": "shop"},
     "nodes": {
      "model.shop.a": {"package_name": "shop", "resource_type": "model", "language": "sql",
        "original_file_path": "models/a.sql", "raw_code": "a = {{ var('x') }}",
        "compiled_code": "a = 1", "compiled_path": "target/compiled/shop/models/a.sql",
        "config": {"post-hook": [{"sql": "grant select on t to role r"}]}},
      "model.u.b": {"package_name": "u", "resource_type": "model",
        "original_file_path": "models/b.sql", "raw_code": "{{ var('x') }}"},
      "test.shop.c": {"package_name": "shop", "resource_type": "test",
        "original_file_path": "models/a.yml", "raw_code": "{{ test_unique() }}",
        "test_metadata": {"name": "unique"}},
      "operation.shop.d": {"package_name": "shop", "resource_type": "operation",
        "name": "shop-on-run-end-0",
        "original_file_path": "./dbt_project.yml", "raw_code": "alter table t"}},
     "macros": {"macro.shop.m": {"package_name": "shop", "name": "m",
        "original_file_path": "macros/m.sql", "macro_sql": "{% macro m() %}a{% endmacro %}"}}}
    """

  @Test func manifests() {
    let found = reading(["shop/target/manifest.json": Self.manifest], ["shop/target/manifest.json"])
    #expect(
      kinds(found) == [
        "shop/dbt_project.yml, shop-on-run-end-0 hook", "shop/macros/m.sql, macro m template",
        "shop/models/a.sql template", "shop/models/a.sql, post-hook 1 hook",
      ])
    #expect(
      found.report.findings.map { "\($0.rule.rawValue) \($0.file):\($0.line):\($0.column)" } == [
        "J4 shop/dbt_project.yml, shop-on-run-end-0:1:1", "J1 shop/models/a.sql:1:8",
        "J4 shop/models/a.sql, post-hook 1:1:1",
      ])
    let compiled = reading(["data/manifest.json": Self.manifest], ["data"], compiled: true)
    #expect(kinds(compiled).contains("target/compiled/shop/models/a.sql compiled"))
    for text in ["", "{", "{}", "[1]", "{\"metadata\": {\"dbt_schema_version\": \"x\"}}"] {
      #expect(reading(["a/m.json": text], ["a/m.json"]).problems.count == 1, "\(text)")
    }
  }
}

/// The lint as checks of a spec.
@Suite struct InjectionCheckTests {
  private static let project = FakeFiles([
    "shop/dbt_project.yml": "name: shop\non-run-end: grant usage on schema s to role r",
    "shop/models/a.sql": "select {{ var('a') }},\n  {{ var('b') }}",
    "shop/models/old/b.sql":
      "-- parity: allow J1 because the list is fixed\nselect {{ var('c') }}",
  ])

  private func verdict(
    _ injection: String, _ rule: String = "J1", files: FakeFiles = project
  ) throws -> Verdict {
    var migration = Migration()
    migration.head = "security:\n  injection: \(injection)"
    return try migration.trace("security.injection.\(rule)", files: files).verdict
  }

  @Test func found() throws {
    let verdict = try verdict("[shop]")
    #expect(verdict.outcome == .failed)
    #expect(verdict.summary == "2 places in 1 file, 1 allowed by a comment")
    #expect(verdict.findings.count == 2)
    #expect(verdict.findings[0].hasPrefix("shop/models/a.sql:1:11: `var('a')`: "))
    #expect(verdict.findings.allSatisfy { $0.contains("; cure: ") })
    #expect(verdict.notes.count == 1)
    #expect(verdict.notes[0].hasPrefix("allowed: shop/models/old/b.sql:2:11: `var('c')`: "))
    #expect(verdict.notes[0].hasSuffix("because: the list is fixed"))
  }

  @Test(arguments: [
    ("[shop]", "J4", Outcome.failed, "1 place in 1 file"),
    ("[shop]", "S1", .passed, "nothing found in 2 templates, 1 file of properties"),
    ("[shop]", "allow", .passed, "nothing found in 2 templates, 1 file of properties"),
    (
      "{ paths: [shop/models/old] }", "J1", .passed,
      "nothing found in 1 template, 1 allowed by a comment"
    ),
    (
      "{ paths: [shop], except: { shop/models/a.sql: old } }", "J1", .passed,
      "nothing found in 2 templates, 1 file of properties, 2 excused, 1 allowed by a comment"
    ),
    (
      "{ paths: [shop], except: { shop/models: old } }", "J1", .passed,
      "nothing found in 2 templates, 1 file of properties, 2 excused, 1 allowed by a comment"
    ),
    (
      "{ paths: [shop], except: { \"*/a.sql\": old } }", "J1", .passed,
      "nothing found in 2 templates, 1 file of properties, 2 excused, 1 allowed by a comment"
    ),
    (
      "{ paths: [shop], except: { shop/mod: old } }", "J1", .failed,
      "2 places in 1 file, 1 allowed by a comment"
    ),
  ])
  func outcomes(_ spec: String, _ rule: String, _ outcome: Outcome, _ summary: String) throws {
    let verdict = try verdict(spec, rule)
    #expect(verdict.outcome == outcome && verdict.summary == summary, "\(verdict)")
    if outcome == .passed { #expect(verdict.unchecked.isEmpty) }
  }

  /// What could not be read is no pass of any rule.
  @Test(arguments: [
    ([:], "nothing to read in shop"), (["shop/a.sql": "select 'a"], "shop/a.sql:1:8"),
    (["shop/a.sql": "a\u{0}b"], "zero"), (["shop/a.md": "x"], "nothing to read in shop"),
    (["shop/a.sql": "{% if x %}"], "shop/a.sql:1:1"),
  ])
  func couldNotCheck(_ files: [String: String], _ words: String) throws {
    for rule in ["J1", "S1", "P3", "allow"] {
      let verdict = try verdict("[shop]", rule, files: FakeFiles(files))
      #expect(verdict.outcome == .errored, "\(verdict)")
      #expect(verdict.unchecked.first?.reason.contains(words) == true, "\(verdict)")
    }
  }

  /// Each rule stands in the plan with a sentence of its own, and what is left out among the exceptions.
  @Test func plan() throws {
    var migration = Migration()
    migration.head = "security:\n  injection: { paths: [a, b], except: { J4: old hooks } }"
    let plan = try migration.plan()
    let suite = try #require(plan.suites.last)
    #expect(suite.title == "injection (a, b)")
    #expect(suite.steps.count == LintRule.allCases.count - 1)
    #expect(Set(suite.steps.map(\.sentence)).count == suite.steps.count)
    #expect(suite.steps.allSatisfy { $0.clause == "5a.v" })
    let words = plan.exceptions.map(\.sentence)
    #expect(
      words.contains { $0.contains("a hook changes rights or objects (J4) is not looked for") })
    #expect(plan.exceptions.contains { $0.because == "old hooks" })
    #expect(words.contains { $0.contains("parity: allow RULE") })
  }
}
