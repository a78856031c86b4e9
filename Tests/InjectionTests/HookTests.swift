import Diagnostics
import Injection
import TestSupport
import Testing
import YAMLSource

/// Hooks of `dbt_project.yml` and of files of properties, each at the place where it is written.
@Suite struct HookTests {
  private func report(_ text: String, isProject: Bool = true, path: String = "p.yml") -> LintReport
  {
    let kind = LintFile.Kind.properties(isProject: isProject)
    return InjectionLint(files: [LintFile(path: path, text: text, kind: kind)]).findings()
  }

  private func places(_ report: LintReport) -> [String] {
    report.findings.map { "\($0.rule.rawValue) \($0.line):\($0.column)" }
  }

  /// Ways to write a hook, with the place of what is found in it.
  @Test(arguments: [
    ("on-run-start: grant a to role b", ["J4 1:15"]),
    ("on-run-start: \"grant a to role b\"", ["J4 1:16"]),
    ("on-run-end: 'grant a to role b'", ["J4 1:14"]),
    ("on-run-end: ['select 1', 'grant a to role b']", ["J4 1:27"]),
    ("on-run-end:\n  - select 1\n  - grant a to role b", ["J4 3:5"]),
    ("on-run-start: |\n  select 1;\n  grant a to role b", ["J4 3:3"]),
    ("on-run-start: |2-\n    select 1;\n    grant a to role b", ["J4 3:5"]),
    ("on-run-start: >\n  select 1;\n\n  grant a\n  to role b", ["J4 4:3"]),
    ("on-run-start: \"select 1;\\n\\tgrant a to role b\"", ["J4 1:29"]),
    ("on-run-start: \"select 'é\\u00e9\\x41';grant a to role b\"", ["J4 1:37"]),
    ("on-run-start: \"select 1; \\\n    grant a to role b\"", ["J4 2:5"]),
    ("on-run-start: 'select ''a'';grant a to role b'", ["J4 1:29"]),
    ("on-run-start: select 1;\n  grant a\n  to role b", ["J4 2:3"]),
    ("on-run-start: { sql: grant a to role b, transaction: false }", ["J4 1:22"]),
    ("on-run-start:\n  - sql: |\n      alter table t\n    transaction: true", ["J4 3:7"]),
    ("on-run-start: &a grant a to role b\non-run-end: *a", ["J4 1:18"]),
    ("on-run-start: !!str 'grant a to role b'", ["J4 1:22"]),
    ("models: { +post-hook: alter table t }", ["J4 1:23"]),
    ("models: { shop: { marts: { post_hook: alter table t } } }", ["J4 1:39"]),
    ("models:\n  +pre_hook:\n    - alter table t\n    - select 1", ["J4 3:7"]),
    ("models:\n  - name: a\n    config: { pre-hook: alter table t }", ["J4 3:25"]),
    ("snapshots: { +post-hook: revoke a from b }", ["J4 1:26"]),
    ("x: &h\n  +post-hook: alter table t\nmodels:\n  <<: *h", ["J4 2:15"]),
    ("models: { +post-hook: \"{{ var('x') }}\" }", ["J4 1:27"]),
    ("models: { +post-hook: 'a = ''{{ var(''x'') }}''' }", ["J4 1:33"]),
    ("\u{FEFF}on-run-end: grant a to role b", ["J4 1:13"]),
    ("a: é\non-run-end: grant a to role b", ["J4 2:13"]),
    ("on-run-end: grant a to role b\r\na: b\r\n", ["J4 1:13"]),
    ("on-run-end: |\r\n  select 1;\r\n  grant a to role b\r\n", ["J4 3:3"]),
    ("# on-run-end: grant a to role b", []),
    ("on-run-end: [select 1, ~, '']", []),
    ("models:\n  - name: grant a to role b\n    description: grant a to role b", []),
    ("vars: { x: grant a to role b }", []),
  ])
  func found(_ text: String, _ expected: [String]) {
    let report = report(text)
    #expect(places(report) == expected, "\(report)")
    #expect(report.unreadable.isEmpty)
  }

  /// Hooks of a whole run stand in `dbt_project.yml` alone.
  @Test func runsBelongToProjects() {
    #expect(places(report("on-run-end: grant a to role b", isProject: false)).isEmpty)
    #expect(places(report("a: { on-run-end: grant a to role b }")).isEmpty)
  }

  @Test(arguments: [
    ("# parity: allow J4 because x\non-run-end: grant a to role b", ["x"]),
    ("on-run-end: grant a to role b # parity: allow J4 because x", ["x"]),
    ("on-run-end:\n  # parity: allow J4 because x\n  - grant a to role b", ["x"]),
    ("# parity: allow J4 because x\non-run-end: |\n  select 1;\n  grant a to role b", ["x"]),
    ("on-run-end: |\n  -- parity: allow J4 because x\n  grant a to role b", ["x"]),
    ("on-run-end: |\n  {# parity: allow J4 because x #}\n  grant a to role b", ["x"]),
  ])
  func allowed(_ text: String, _ reasons: [String]) {
    let report = report(text)
    #expect(report.findings.isEmpty, "\(report)")
    #expect(report.allowed.map(\.reason) == reasons)
  }

  @Test(arguments: [
    ("# parity: allow J4\non-run-end: grant a to role b", ["allow 1:3", "J4 2:13"]),
    ("# parity: allow J4 because x\na: b", ["allow 1:3"]),
    ("a: '# parity: allow J4 because x'", []),
    ("a: |\n  # parity: allow J4 because x", []),
    ("a: b#parity: allow J4 because x", []),
    ("# parity: allow J4 because x\n\non-run-end: grant a to role b", ["allow 1:3", "J4 3:13"]),
  ])
  func notAllowed(_ text: String, _ expected: [String]) {
    #expect(places(report(text)) == expected)
  }

  @Test(arguments: [
    ("a: [", 1), ("a: \"b", 1), ("a: *b", 1), ("a:\n\t- b", 2), ("a: 1\n---\nb: 2", 2),
    ("on-run-end: \"{{ var('x' \"", 1), ("on-run-end: |\n  select 1;\n  select 'a", 3),
  ])
  func unreadable(_ text: String, _ line: Int) throws {
    let found = try #require(report(text).unreadable.first)
    #expect(found.place.start.line == line, "\(found)")
    #expect(!found.reason.isEmpty)
  }

  @Test func macrosInHooks() {
    let macros = LintFile(
      path: "m.sql", text: "{% macro share() %}grant a to role b{% endmacro %}", kind: .dbt)
    let hooks = LintFile(
      path: "p.yml", text: "on-run-end:\n  - \"{{ share() }}\"",
      kind: .properties(isProject: true))
    let report = InjectionLint(files: [macros, hooks]).findings()
    #expect(report.findings.map { "\($0.file):\($0.line):\($0.column)" } == ["p.yml:2:9"])
  }

  @Test func pythonModels() {
    let text = """
      def model(dbt, session):
        # parity: allow S2 because the name is checked above
        a = session.sql(f"select * from {name}")
        return session.sql("select " + dbt.config.get("columns"))
      """
    let file = LintFile(path: "m.py", text: text, kind: .python)
    let report = InjectionLint(files: [file]).findings()
    #expect(places(report) == ["S2 4:22"] && report.allowed.map(\.finding.line) == [3])
    let broken = LintFile(path: "m.py", text: "a = 'x\n", kind: .python)
    #expect(InjectionLint(files: [broken]).findings().unreadable.count == 1)
  }
}

/// Hooks written in random ways are found at the very place; random bytes are survived.
@Suite struct HookFuzzTests {
  private static let words = [
    "select", "1", "'a'", "é", "-", "x:y", "a,b", "#x", "{{ this }}", "{% if a %}b{% endif %}",
    "*", "100%", "日本", "[1]", "@",
  ]

  /// Each way to write a text in YAML, at some indentation; `nil` where it cannot be written so.
  private func written(_ lines: [String], _ indent: Int, _ dice: inout Dice) -> String? {
    let margin = String(repeating: " ", count: indent)
    let text = lines.joined(separator: "\n")
    switch dice.roll(6) {
    case 0:
      return "|\n" + lines.map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n") + "\n"
    case 1:
      // Blank lines keep line breaks in a folded text.
      return ">-\n" + lines.map { margin + $0 }.joined(separator: "\n\n") + "\n"
    case 2:
      let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n")
      return "\"\(escaped)\""
    case 3:
      return "'" + lines.joined(separator: "\n\n\(margin)").replacing("'", with: "''") + "'"
    case 4:
      let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n\\\n\(margin)").replacing("é", with: "\\u00e9")
      return "\"\(escaped)\""
    default:
      let isPlain = !text.contains { "#:,[]{}&*!|>'\"%@`-".contains($0) } && !text.isEmpty
      return isPlain ? lines.joined(separator: "\n\n\(margin)") : nil
    }
  }

  @Test(arguments: 1...40)
  func places(seed: Int) throws {
    var dice = Dice(seed: seed)
    for _ in 0..<60 {
      var lines = (0..<dice.roll(4)).map { _ in
        "-- " + (0...dice.roll(4)).map { _ in dice.pick(Self.words) }.joined(separator: " ")
      }
      if dice.isLucky(oneIn: 2) { lines = lines.map { String($0.dropFirst(3)) + " ;" } }
      let isComment = lines.contains { $0.hasPrefix("--") }
      lines.append("grant usage on schema s to role r")
      guard let text = written(lines, 6, &dice) else { continue }
      let file =
        switch dice.roll(3) {
        case 0: "name: é\nmodels:\n    +post-hook: \(text)\n"
        case 1: "name: x\nmodels:\n  shop:\n    +pre-hook:\n    - \(text)\n"
        default: "# é\nmodels:\n    +pre-hook:\n     sql: \(text)\n"
        }
      let source = SourceFile(name: "p.yml", text: file)
      let node = try? YAMLParser.parseForeign(source)
      guard node != nil, file.contains("grant usage") else { continue }
      let offset = try #require(file.utf8.firstRange(of: "grant usage".utf8)).lowerBound
      let wanted = source.position(at: file.utf8.distance(from: file.utf8.startIndex, to: offset))
      let report = InjectionLint(files: [
        LintFile(path: "p.yml", text: file, kind: .properties(isProject: true))
      ]).findings()
      // A quote or tag before it may swallow the grant; what is found must be in its place.
      let found = report.findings.filter { $0.rule == .hook && $0.expression == "grant" }
      if let first = found.first {
        #expect(first.place.start == wanted, "\(file)")
      } else if !isComment {
        #expect(!report.unreadable.isEmpty || lines.contains { !$0.hasSuffix(";") }, "\(file)")
      }
    }
  }

  private static let pieces = [
    "on-run-start:", "models:", "+post-hook:", "pre_hook: ", "- ", "\n", "\n  ", "\n    ", " ", "|",
    ">", "|2-\n", "'", "''", "\"", "\\\"", "\\n", "\\x4", "\\", "&a ", "*a", "!!str ", "<<: ", "{",
    "}", "[", "]", ", ", ": ", "grant a to role b", "{{ var('x') }}", "{% if a %}",
    "# parity: allow J4 because x", "-- parity: allow J4 because x", "é", "\u{200B}", "\t", "\r\n",
    "\u{FEFF}", "sql: ", "---\n", "$$", ";",
  ]

  @Test(arguments: 1...20)
  func randomFiles(seed: Int) {
    var dice = Dice(seed: seed)
    for _ in 0..<150 {
      let text = (0..<dice.roll(40)).map { _ in dice.pick(Self.pieces) }.joined()
      let file = LintFile(path: "p.yml", text: text, kind: .properties(isProject: true))
      let report = InjectionLint(files: [file]).findings()
      let source = SourceFile(name: "p.yml", text: text)
      let places =
        report.findings.map(\.place) + report.allowed.map(\.finding.place)
        + report.unreadable.map(\.place)
      for place in places {
        #expect(place.start <= place.end && place.end.offset <= source.text.utf8.count)
        #expect(
          place.start.line == 0 || source.position(at: place.start.offset) == place.start,
          "\(text.debugDescription)")
      }
    }
  }
}

/// What `dbt_project.yml` says of folders.
@Suite struct DbtProjectTests {
  private func project(_ text: String, root: String = "shop") throws -> DbtProject {
    DbtProject(
      root: root,
      try YAMLParser.parseForeign(SourceFile(name: "\(root)/dbt_project.yml", text: text)))
  }

  @Test(arguments: [
    ("", "models/a.sql", DbtProject.Part.template), ("", "macros/x/a.sql", .template),
    ("", "snapshots/a.sql", .template), ("", "tests/a.sql", .template),
    ("", "analyses/a.sql", .template), ("", "functions/a.sql", .template),
    ("", "models/a.yml", .properties), ("", "seeds/a.yaml", .properties), ("", "x/a.yml", .other),
    ("", "models/a.py", .python), ("", "macros/a.py", .other), ("", "models/a.md", .other),
    ("", "dbt_project.yml", .project), ("", "models/dbt_project.yml", .properties),
    ("", "target/compiled/shop/models/a.sql", .compiled), ("", "target/run/a.sql", .compiled),
    ("", "target/manifest.json", .madeByDbt), ("", "dbt_packages/u/macros/a.sql", .madeByDbt),
    ("", "modelsx/a.sql", .other), ("", "scripts/a.sql", .other),
    ("model-paths: [src]", "src/a.sql", .template), ("model-paths: [src]", "models/a.sql", .other),
    ("model-paths: src", "src/a.sql", .template), ("source-paths: [src]", "src/a.sql", .template),
    ("model-paths: [./src/]", "src/a.sql", .template), ("model-paths: [.]", "a.sql", .template),
    ("target-path: out", "out/compiled/a.sql", .compiled),
    ("target-path: out", "target/a.sql", .other),
    ("packages-install-path: p", "p/a.sql", .madeByDbt),
    ("model-paths:", "models/a.sql", .template),
  ])
  func parts(_ text: String, _ path: String, _ part: DbtProject.Part) throws {
    #expect(try project(text).part(of: path) == part)
  }

  @Test func paths() throws {
    let outside = try project("model-paths: [models, ../shared/models]")
    #expect(outside.outside.map(\.path) == ["shared/models"])
    let unknown = try project("model-paths:\n  - \"{{ env_var('M') }}\"")
    #expect(unknown.unknown.map(\.place.start.line) == [2])
    #expect(try project("").inner("shop/models/a.sql") == "models/a.sql")
    #expect(try project("").inner("shopping/a.sql") == nil)
    #expect(try project("", root: "").inner("models/a.sql") == "models/a.sql")
    #expect(try project("target-path: out").targetFolder == "shop/out")
  }
}
