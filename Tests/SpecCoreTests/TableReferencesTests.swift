import SpecCore
import TestSupport
import Testing

/// What the text of a view reads.
@Suite struct TableReferencesTests {
  @Test(
    "tables that are read",
    arguments: [
      ("create or replace view V as select * from A", "A"),
      ("CREATE VIEW D.S.V (x, y) AS (SELECT x, y FROM \"D\".\"S\".\"T\" t)", "D.S.T"),
      ("select a.x from a, b, (select 1 from c) q where a.x = b.x", "a b c"),
      ("select * from a left join b on a.x = b.x join s.c using (x)", "a b s.c"),
      ("select * from (a join b on true) join c on true", "a b c"),
      (
        "with w as (select * from a), v(x) as (select * from w) select * from w join v on true", "a"
      ),
      ("select extract(day from at), trim(both 'x' from y), substring(z from 2) from t", "t"),
      ("select * from t where x is distinct from y and z is not distinct from u", "t"),
      ("select (select max(x) from b), 'from c' from a -- from d\n /* join e */", "b a"),
      (
        "select * from a where x in (select x from b) union all select * from c order by 1", "a b c"
      ),
      ("select * from a, lateral flatten(input => a.x) f, table(flatten(a.y))", "a"),
      (
        "select count(*) over (partition by x order by y rows between 1 preceding and current row) from a",
        "a"
      ),
      ("select * from only a cross join lateral (select * from b where b.x = a.x) l", "a b"),
      ("select * from A, a, \"a\"", "A a \"a\""),
      ("select 1", ""),
      (
        "with recursive r as (select 1 x union all select x + 1 from r join t on true) select * from r",
        "t"
      ),
    ])
  func reads(_ text: String, _ names: String) {
    let found = TableReferences(ofView: text)
    #expect(found.unknown.isEmpty)
    let shown = found.names.map { parts in
      parts.map { $0.isQuoted && parts.count == 1 ? "\"\($0.text)\"" : $0.text }
        .joined(separator: ".")
    }
    #expect(shown.joined(separator: " ") == names)
  }

  @Test(
    "what cannot be followed is said",
    arguments: [
      "select * from my_function(1)", "select * from table(udtf(1))", "select * from @stage/file",
      "select * from identifier('a')", "select * from a.b.c.d", "create view v",
      "select * from 'a'",
    ])
  func isUnknown(_ text: String) {
    #expect(!TableReferences(ofView: text).unknown.isEmpty)
  }

  @Test("any text is read to its end", arguments: 0..<200)
  func anything(_ seed: Int) {
    var dice = Dice(seed: seed)
    let words = [
      "select", "from", "join", "with", "as", "(", ")", ",", ".", "a", "\"b", "'", "--", "/*", "\n",
      "table", "lateral", "*", "$$", "é", "\\",
    ]
    let text = (0..<Int.random(in: 0...40, using: &dice)).map { _ in
      words[Int.random(in: 0..<words.count, using: &dice)]
    }.joined(separator: " ")
    let found = TableReferences(ofView: text)
    #expect(found.names.allSatisfy { (1...3).contains($0.count) })
  }
}
