import SpecCore
import TestSupport
import Testing

/// Names, lengths of time, predicates and selections as an author writes them.
@Suite struct NameTests {
  static let names: [(String, [String]?)] = [
    ("orders", ["orders"]), ("legacy.orders", ["legacy", "orders"]),
    ("shop.legacy.orders", ["shop", "legacy", "orders"]), ("\"Order Items\"", ["!Order Items"]),
    ("legacy.\"a.b\"", ["legacy", "!a.b"]), ("\"A\".\"B\"", ["!A", "!B"]), ("_x", ["_x"]),
    ("a$1", ["a$1"]), ("größe", ["größe"]), ("表", ["表"]),
    ("", nil), (".", nil), ("a.", nil), (".a", nil), ("a..b", nil), ("a.b.c.d", nil), ("1a", nil),
    ("$a", nil), ("a b", nil), ("a-b", nil), ("\"", nil), ("\"\"", nil), ("\"a", nil),
    ("\"a\"b", nil), ("\"a\"\"b\"", nil), ("a\"b\"", nil), ("a;b", nil), ("a.\"", nil),
  ]

  @Test(arguments: names)
  func qualifiedName(_ text: String, _ parts: [String]?) {
    let name = QualifiedName(text)
    #expect(name?.parts.map { ($0.isQuoted ? "!" : "") + $0.text } == parts)
    if let name { #expect(name.description == text) }
  }

  static let spans: [(String, Double?)] = [
    ("800ms", 0.8), ("5s", 5), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("1.5h", 5_400),
    ("0s", 0), ("", nil), ("5", nil), ("s", nil), ("5 s", nil), ("-5s", nil), (".5s", nil),
    ("5.s", nil), ("1.2.3s", nil), ("5S", nil), ("5sec", nil), ("٥s", nil), ("1e3s", nil),
    ("infs", nil), ("0x5s", nil),
  ]

  @Test(arguments: spans)
  func timeSpan(_ text: String, _ seconds: Double?) { #expect(TimeSpan(text)?.seconds == seconds) }

  static let predicates: [(String, String?)] = [
    ("status <> 'new'", nil), ("a = 'it''s'", nil), ("a = ';'", nil), ("a = '--'", nil),
    ("(a) and (b)", nil), ("a - -1 > 0", nil), ("a / 2 > 1", nil), ("\"a;b\" = 1", nil),
    ("a = '('", nil), ("\"we\"\"ird\" = 1", nil),
    ("a = 1; drop table t", "`;`"), ("a = 1 -- b", "comments"), ("a = 1 /* b */", "comments"),
    ("a = 1 // b", "comments"), ("a = 1) or (1 = 1", "closed that was not opened"),
    ("(a = 1", "not closed"), ("a = 'x", "not closed"), ("\"a = 1", "not closed"),
    ("a = '\\'", "backslash"), ("a = $$x$$", "`$`"), ("a = $x$'$x$) ; delete from t; --'", "`$`"),
    ("a = $1", "`$`"), (")(", "closed that was not opened"), ("'' -- '", "comments"),
    ("a = ''' ; '", nil), ("a = '''; drop", "not closed"),
  ]

  @Test(arguments: predicates)
  func predicate(_ text: String, _ problem: String?) {
    let found = PredicateGuard.problem(in: text)
    if let problem {
      #expect(found?.contains(problem) == true, "\(found ?? "nothing")")
    } else {
      #expect(found == nil)
    }
  }

  // MARK: Selections

  static let selections: [([String], [String], [String]?, [String])] = [
    ([], [], nil, ["o.exists", "o.row_count", "o.checksum", "c.exists", "c.columns.id.unique"]),
    (["table:o"], [], nil, ["o.exists", "o.row_count", "o.checksum"]),
    (["table:O"], [], nil, ["o.exists", "o.row_count", "o.checksum"]),
    (["check:exists"], [], nil, ["o.exists", "c.exists"]),
    (["check:unique"], [], nil, ["c.columns.id.unique"]),
    (["check:columns"], [], nil, ["c.columns.id.unique"]),
    (["check:row"], [], nil, []),
    (["tag:pii"], [], nil, ["c.exists", "c.columns.id.unique"]),
    (["sop:2a"], [], nil, ["o.exists", "c.exists"]),
    (
      ["sop:2"], [], nil,
      ["o.exists", "o.row_count", "o.checksum", "c.exists", "c.columns.id.unique"]
    ),
    (["section:tables"], ["table:c"], nil, ["o.exists", "o.row_count", "o.checksum"]),
    (["shop.tables.o"], [], nil, ["o.exists", "o.row_count", "o.checksum"]),
    (["shop.tables"], ["check:exists"], nil, ["o.row_count", "o.checksum", "c.columns.id.unique"]),
    (["shop.tables.o.exists"], [], nil, ["o.exists"]),
    (["shop.tables.o.exist"], [], nil, []),
    (["*.exists"], [], nil, ["o.exists", "c.exists"]),
    (["id:*.checksum"], [], nil, ["o.checksum"]),
    (["*o*s"], [], nil, ["o.exists", "c.exists"]),
    (
      ["table:o,table:c"], ["check:checksum, check:exists"], nil,
      ["o.row_count", "c.columns.id.unique"]
    ),
    ([], [], ["shop.tables.o.checksum"], ["o.checksum"]),
    (["table:c"], [], ["shop.tables.o.checksum"], []),
    ([], [], [], []),
  ]

  private static func step(_ object: String, _ check: String) throws -> Plan.Step {
    var migration = Migration()
    migration.tables = """
      o: { checksum: all }
      c: { tags: [pii], columns: { id: { unique: true } } }
      """
    let plan = try migration.plan()
    return try #require(plan.steps.first { $0.id.object == object && $0.id.check == check })
  }

  @Test(arguments: selections)
  func selection(
    _ select: [String], _ exclude: [String], _ lastFailed: [String]?, _ expected: [String]
  ) throws {
    let selection = try Selection(select: select, exclude: exclude, lastFailed: lastFailed)
    let all = [
      ("o", "exists"), ("o", "row_count"), ("o", "checksum"), ("c", "exists"),
      ("c", "columns.id.unique"),
    ]
    let steps = try all.map { try Self.step($0, $1) }
    let found = steps.filter(selection.includes).map { "\($0.id.object).\($0.id.check)" }
    #expect(found == expected)
  }

  @Test(arguments: ["colour:x", "table:", "tag:", ":x", "a:b:c"])
  func mistakes(_ word: String) {
    #expect(throws: Selection.Mistake.self) { try Selection(select: [word], exclude: []) }
    #expect(throws: Selection.Mistake.self) { try Selection(select: [], exclude: [word]) }
  }

  @Test func wordsThatFitNothing() throws {
    let selection = try Selection(select: ["table:o", "table:x"], exclude: ["tag:y"])
    var migration = Migration()
    migration.tables = "o: { checksum: all }"
    #expect(selection.words(without: [try migration.plan()]) == ["table:x", "tag:y"])
    #expect(selection.words(without: []) == ["table:o", "table:x", "tag:y"])
  }

  /// Many stars take no exponential time.
  @Test func stars() throws {
    let pattern = String(repeating: "*s", count: 60) + "x"
    let selection = try Selection(select: [pattern], exclude: [])
    #expect(!selection.includes(try Self.step("o", "exists")))
  }
}
