import Diagnostics
import Foundation
import Injection
import TestSupport
import Testing

/// What files tell of one another, what cannot be read, and what is said of it.
@Suite struct LintTests {
  private func places(_ report: LintReport) -> [String] {
    report.findings.map { "\($0.rule.rawValue) \($0.file):\($0.line):\($0.column)" }
  }

  @Test func macrosOfOtherFiles() {
    let macros = LintFile(
      path: "macros/a.sql",
      text: """
        {% macro paste(x) %}{{ x }}{% endmacro %}
        {% macro give() %}{% do return(run_query('select a from t')) %}{% endmacro %}
        {% macro share() %}
          grant select on {{ this }} to role r
        {% endmacro %}
        """, kind: .dbt)
    let model = LintFile(
      path: "models/m.sql",
      text: """
        select {{ paste(1) }}, {{ paste(var('x')) }},
        '{{ give() }}', {{ loud(var('y')) }}
        """, kind: .dbt)
    let hook = LintFile(
      path: "dbt_project.yml", text: "{{ share() }}", kind: .hook, line: 7, column: 5)
    let report = InjectionLint(files: [model, macros, hook]).findings()
    #expect(
      places(report) == [
        "J1 models/m.sql:1:27", "J3 models/m.sql:2:5", "J1 models/m.sql:2:20",
        "J4 dbt_project.yml:7:8",
      ])
  }

  @Test func viewsAndTablesOfDifferentFiles() {
    let report = InjectionLint(files: [
      LintFile(path: "view.sql", text: "create view v as select * from s.t;", kind: .sql),
      LintFile(
        path: "rls.sql", text: "alter table only s.t enable row level security;", kind: .sql),
    ]).findings()
    #expect(places(report) == ["P3 view.sql:1:13"])
  }

  /// The place of a snippet is that of its file; later lines count from their own start.
  @Test func snippets() {
    let text = "delete from t;\ngrant select on t to role {{ var('r') }}"
    let hook = LintFile(path: "dbt_project.yml", text: text, kind: .hook, line: 12, column: 9)
    let report = InjectionLint(files: [hook]).findings()
    #expect(places(report) == ["J4 dbt_project.yml:13:1", "J4 dbt_project.yml:13:30"])
    let inFirst = LintFile(path: "a.yml", text: "alter table t", kind: .hook, line: 3, column: 20)
    #expect(places(InjectionLint(files: [inFirst]).findings()) == ["J4 a.yml:3:20"])
  }

  @Test(arguments: [
    ("{{ var('x') ", LintFile.Kind.dbt, 1, 1, "{{"),
    ("select 1\n  {% if x", .dbt, 2, 3, "{%"),
    ("{# never", .dbt, 1, 1, "{#"),
    ("a {{ 'text }}", .dbt, 1, 6, "quotes"),
    ("{% raw %} {{ x }}", .dbt, 1, 1, "raw"),
    ("{% if x %} a", .dbt, 1, 1, "endif"),
    ("{% for x in y %} a {% endif %}", .dbt, 1, 1, "endfor"),
    ("a {% endif %}", .dbt, 1, 3, "not begun"),
    ("{{ a b }}", .dbt, 1, 6, "understood"),
    ("{{ }}", .dbt, 1, 4, "understood"),
    ("{% unheard %}", .dbt, 1, 1, "not known"),
    ("select 'a", .dbt, 1, 8, "quotes"),
    ("select 'a", .sql, 1, 8, "quotes"),
    ("select \"a", .sql, 1, 8, "name"),
    ("select $$a", .sql, 1, 8, "dollar"),
    ("a /* b c * /", .sql, 1, 3, "/*"),
    ("do $$ begin execute 'a; end $$", .sql, 1, 21, "quotes"),
    ("create function f() returns text language python as $$ x = 'a $$", .sql, 1, 60, "quotes"),
  ])
  func unreadable(_ text: String, _ kind: LintFile.Kind, _ line: Int, _ column: Int, _ word: String)
  {
    let report = InjectionLint(files: [LintFile(path: "a.sql", text: text, kind: kind)]).findings()
    let found = report.unreadable.first
    #expect(found?.place.start.line == line && found?.place.start.column == column, "\(report)")
    #expect(found?.reason.contains(word) == true, "\(report)")
  }

  /// What stands before an unfinished tag is judged all the same.
  @Test func halfRead() {
    let file = LintFile(path: "a.sql", text: "{{ var('x') }} {{ var('y'", kind: .dbt)
    let report = InjectionLint(files: [file]).findings()
    #expect(places(report) == ["J1 a.sql:1:4"])
    #expect(report.unreadable.count == 1)
  }

  @Test func words() throws {
    let text = "copy into 's3://x' from t credentials = (aws_secret_key = 'hidden');"
    let report = InjectionLint(files: [LintFile(path: "a.sql", text: text, kind: .sql)]).findings()
    let finding = try #require(report.findings.first)
    #expect(finding.expression == "credentials")
    #expect(!"\(report)".contains("hidden"))
    let model = LintFile(path: "m.sql", text: "a = {{ var('s', \"'paid'\") }}", kind: .dbt)
    let found = try #require(InjectionLint(files: [model]).findings().findings.first)
    #expect(found.expression == "var('s', \"'paid'\")")
    let secret = LintFile(path: "m.sql", text: "a = {{ var('password', 'hidden') }}", kind: .dbt)
    let secrets = InjectionLint(files: [secret]).findings()
    #expect(secrets.findings.map(\.expression) == ["var('password', …)", "var('password', …)"])
    #expect(!"\(secrets)".contains("hidden"))
  }

  @Test func reasons() throws {
    let text = "-- parity: allow S5 because everyone may count\ngrant select on t to public;"
    let report = InjectionLint(files: [LintFile(path: "a.sql", text: text, kind: .sql)]).findings()
    #expect(report.findings.isEmpty)
    let allowed = try #require(report.allowed.first)
    #expect(allowed.reason == "everyone may count")
    #expect(allowed.finding.rule == .broadGrant)
  }

  /// A byte order mark counts for nothing, and a dialect may be given.
  @Test func textsAsTheyCome() {
    let marked = LintFile(path: "a.sql", text: "\u{FEFF}{{ var('x') }}", kind: .dbt)
    #expect(places(InjectionLint(files: [marked]).findings()) == ["J1 a.sql:1:4"])
    let text = "select 'a\\'; grant select on t to public; --'"
    let postgres = LintFile(path: "a.sql", text: text, kind: .sql, dialect: .postgres)
    #expect(places(InjectionLint(files: [postgres]).findings()) == ["S5 a.sql:1:14"])
    let snowflake = LintFile(path: "a.sql", text: text, kind: .sql, dialect: .snowflake)
    #expect(places(InjectionLint(files: [snowflake]).findings()) == [])
  }
}

/// A project that dbt itself has read, with one injection planted in it.
@Suite struct ProjectTests {
  static let folder = ProcessInfo.processInfo.environment["PARITY_SHARED"]

  @Test(.enabled(if: folder != nil, "PARITY_SHARED names no folder with data/dbt"))
  func plantedInjection() throws {
    let path = try #require(Self.folder) + "/data/dbt/manifest.json"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let manifest = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let nodes = try #require(manifest["nodes"] as? [String: [String: Any]])
    var files: [LintFile] = []
    for (_, node) in nodes.sorted(by: { $0.key < $1.key }) {
      let path = try #require(node["original_file_path"] as? String)
      let raw = try #require(node["raw_code"] as? String)
      files.append(LintFile(path: path, text: raw, kind: .dbt))
      if let compiled = node["compiled_code"] as? String {
        files.append(LintFile(path: "target/compiled/\(path)", text: compiled, kind: .compiled))
      }
    }
    #expect(files.count >= 15)
    let report = InjectionLint(files: files).findings()
    #expect(report.findings.map(\.file) == ["models/marts/orders_by_status.sql"])
    #expect(report.findings.map(\.rule) == [.variableInSQL])
    #expect(report.findings.map(\.expression) == ["var('status', \"'paid'\")"])
    #expect(report.findings.map(\.line) == [2] && report.findings.map(\.column) == [57])
    #expect(report.unreadable.isEmpty && report.informational.isEmpty && report.allowed.isEmpty)
  }
}
