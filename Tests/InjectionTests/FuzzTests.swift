import Diagnostics
import Injection
import TestSupport
import Testing

/// Whatever the bytes are, reading ends, and every place it names is in the file.
@Suite struct FuzzTests {
  private static let kinds: [LintFile.Kind] = [
    .dbt, .sql, .compiled, .hook, .python, .properties(isProject: true),
  ]
  private static let pieces: [[UInt8]] = [
    "{{", "}}", "{%", "%}", "{#", "#}", "'", "\"", "$$", "$a$", "--", "/*", "*/", "//", "(", ")",
    "[", "]", "{", "}", "|", "~", "+", "%", ".", ",", ";", ":", "=", "\\", "\n", " ", "if ",
    "endif ",
    "for x in ", "endfor ", "set a ", "endset ", "macro m(a) ", "endmacro ", "raw ", "endraw ",
    "var('x') ", "run_query(", "config(post_hook=", "execute ", "immediate ", "create ",
    "procedure ",
    "language ", "plpgsql ", "javascript ", "python ", "as ", "begin ", "end ", "declare ", "case ",
    "format(", "'%s' ", "x ", "é", "\u{1}", "\u{0}", "\r", "-- parity: allow J1 because x\n",
    "not ",
    "is ", "in ", "call statement(1) ", "endcall ", "grant ", "to ", "public ", "sqlText: ", "f\"{",
    "else ", "elif ", "{{ var('x') }}",
  ].map { Array($0.utf8) }

  @Test(arguments: 1...10)
  func randomPieces(seed: Int) {
    var dice = Dice(seed: seed)
    for _ in 0..<60 {
      var bytes: [UInt8] = []
      for _ in 0..<dice.roll(60) {
        if dice.isLucky(oneIn: 12) {
          bytes.append(UInt8(dice.roll(256)))
        } else {
          bytes += dice.pick(Self.pieces)
        }
      }
      check(bytes, dice.pick(Self.kinds))
    }
  }

  @Test(arguments: Fixture.all("sql", in: "Corpus"))
  func mutations(_ fixture: Fixture) throws {
    let original = try fixture.bytes()
    var dice = Dice(seed: original.count)
    for _ in 0..<12 {
      var bytes = original
      for _ in 0...dice.roll(4) {
        let place = dice.roll(bytes.count + 1)
        let end = min(bytes.count, place + dice.roll(8))
        bytes.replaceSubrange(
          place..<end, with: dice.isLucky(oneIn: 3) ? [] : dice.pick(Self.pieces))
      }
      for kind in Self.kinds { check(bytes, kind) }
    }
  }

  /// Files cut off anywhere are read up to there.
  @Test(arguments: Fixture.all("sql", in: "Corpus"))
  func prefixes(_ fixture: Fixture) throws {
    let original = try fixture.bytes()
    for end in stride(from: 0, to: original.count, by: 41) {
      check(Array(original[..<end]), fixture.name.contains(".dbt.") ? .dbt : .sql)
    }
  }

  /// Nothing that is repeated without end takes the stack or the clock with it.
  @Test(arguments: [
    "(", "[", "{", "{{ (", "{{ [", "{{ {'a': ", "{{ a.b(", "{{ not ", "{{ -", "{% if x %}",
    "{% for x in y %}", "{% macro m() %}", "{% set a %}", "{{ a if b else ", "{{ a | b ", "{{ a.b",
    "/*", "$a$", "'", "create procedure p() as begin ", "case when ", "execute 'a' || ",
    "{{ a ~ b ~ ", "{{ a }}", "execute immediate (", "x := x || y; execute immediate x; ",
    "do $$ begin execute a || b; ", "create function f() as '", "format('%s', ",
  ])
  func repetitions(_ piece: String) {
    for kind in Self.kinds {
      check(Array(String(repeating: piece, count: 1_000).utf8), kind)
    }
  }

  private func check(_ bytes: [UInt8], _ kind: LintFile.Kind) {
    let text = String(decoding: bytes, as: UTF8.self)
    let file = LintFile(path: "fuzz.sql", text: text, kind: kind)
    let report = InjectionLint(files: [file]).findings()
    let source = SourceFile(name: file.path, text: text)
    let places =
      report.findings.map(\.place) + report.informational.map(\.place)
      + report.allowed.map(\.finding.place) + report.unreadable.map(\.place)
    for place in places {
      #expect(place.start <= place.end && place.end.offset <= source.text.utf8.count)
      #expect(source.position(at: place.start.offset) == place.start, "\(text.debugDescription)")
    }
  }
}
