import SpecCore
import TestSupport
import Testing

/// Expressions as Postgres' catalog prints them, said to the other side or refused.
@Suite struct ExpressionTests {
  private static let columns: [Identifier: Identifier] = Dictionary(
    uniqueKeysWithValues: ["a", "b", "amount", "name", "status", "d", "flag", "Mixed"].map {
      (Identifier($0), Identifier($0.uppercased()))
    })

  private func said(_ text: String) -> String? {
    ExpressionParser.parse(text)
      .flatMap { FakeDialect().predicate($0, columns: Self.columns) }
      .map { FakeDialect().render($0) }
  }

  static let spoken: [(String, String)] = [
    ("(amount >= (0)::numeric)", #"("AMOUNT") >= (0)"#),
    ("((amount > (0)::numeric) AND (a < b))", #"(("AMOUNT") > (0)) AND (("A") < ("B"))"#),
    ("a = 1 OR a = 2 AND b = 3", #"(("A") = (1)) OR ((("A") = (2)) AND (("B") = (3)))"#),
    ("(NOT flag)", #"NOT ("FLAG")"#),
    ("(name IS NOT NULL)", #"NOT (("NAME") IS NULL)"#),
    ("(flag IS TRUE)", #"COALESCE(("FLAG") = TRUE, FALSE)"#),
    ("((status)::text = 'new'::text)", #"("STATUS") = ('new')"#),
    (
      "((status)::text = ANY ((ARRAY['new'::character varying, 'it''s'::character varying])::text[]))",
      #"("STATUS") IN ('new', 'it''s')"#
    ),
    ("(status <> ALL (ARRAY['x'::text]))", #"NOT (("STATUS") IN ('x'))"#),
    ("(status = 'new'::order_status)", #"("STATUS") = ('new')"#),
    ("(status = 'new'::public.order_status)", #"("STATUS") = ('new')"#),
    (#"(status = 'new'::"Status")"#, #"("STATUS") = ('new')"#),
    ("(d >= '2020-01-01'::date)", #"("D") >= (CAST('2020-01-01' AS DATE))"#),
    (
      "(d < '2020-01-01 00:00:00'::timestamp without time zone)",
      #"("D") < (CAST('2020-01-01 00:00:00' AS TIMESTAMP))"#
    ),
    ("(length(name) <= 10)", #"(LENGTH("NAME")) <= (10)"#),
    ("(char_length((name)::text) > 0)", #"(LENGTH("NAME")) > (0)"#),
    ("(name ~~ 'a%'::text)", #"("NAME") LIKE ('a%')"#),
    ("(name !~~* 'a%'::text)", #"NOT (("NAME") ILIKE ('a%'))"#),
    ("(name ~ '^[a-z]+$'::text)", #"REGEX("NAME", '^[a-z]+$')"#),
    ("((a % 2) = 0)", #"(MOD("A", 2)) = (0)"#),
    ("(a + b * 2 > 3)", #"(("A") + (("B") * (2))) > (3)"#),
    ("(amount > '-5'::integer)", #"("AMOUNT") > (- (5))"#),
    ("(COALESCE(a, 0) >= 0)", #"(COALESCE("A", 0)) >= (0)"#),
    (#"("Mixed" > 0)"#, #"("MIXED") > (0)"#),
    ("(flag = true)", #"("FLAG") = (TRUE)"#),
    ("(a BETWEEN 1 AND 2)", #"(("A") >= (1)) AND (("A") <= (2))"#),
  ]

  @Test(arguments: spoken)
  func isSaid(_ text: String, _ expected: String) { #expect(said(text) == expected) }

  static let refused = [
    "", "(", "(a > 0", "a > 0)", "(a / b) > 1", "((a)::integer > 5)", "(amount)::numeric(10,1) > 1",
    "((name)::character varying(3) = 'abc'::text)", "(5.5)::integer = 6", "(unknown > 0)",
    "(f(a) > 0)", "CASE WHEN a > 0 THEN true END", "(a IN (SELECT 1))", "EXISTS (SELECT 1)",
    "(name < 'x'::text)", "('x'::text < name)", "(name >= upper(name))", "(a > now())",
    "(a IS DISTINCT FROM b)", "(a IS NOT TRUE)", "(name LIKE 'a!%' ESCAPE '!')",
    "(name COLLATE \"C\" = 'a')", "(name ~~ 'a\\%'::text)", "(name ~~ b)", "(name ~* 'x'::text)",
    "(status = ANY ('{a,b}'::text[]))", "(status <> ALL ('{a,b}'::text[]))", "(a[1] > 0)",
    "(d > (now() - '1 day'::interval))", "E'a' = name", "a = 1; DROP TABLE t",
    "(a @> b)", "(a & 1) = 0", "(a ^ 2) > 1", "row(a, b) = row(1, 2)", "(a = b = a)", "1.5.2 > a",
    "nextval('s'::regclass) > a",
    "(name = 'a)", "\"Unknown\" = 1", "(a > 0) AND", "lower(name, name) = 'x'", "coalesce(a) = 1",
    "(flag)::integer = 1", "(CURRENT_USER = name)", "((d)::date = '2020-01-01'::date)",
  ]

  @Test(arguments: refused)
  func isRefused(_ text: String) { #expect(said(text) == nil) }

  static let pairs: [(String, String, Bool)] = [
    ("0", "0.00", true), ("'-5'::integer", "-5", true), ("5", "-5", false), ("1", "2", false),
    ("'a'::text", "'a'", true), ("'a'", "'A'", false), ("'\u{E9}'", "'e\u{301}'", false),
    ("true", "TRUE", true), ("now()", "CURRENT_TIMESTAMP", true), ("now()", "CURRENT_DATE", false),
    ("a = 1", "A = 1.0", true), ("a = 1", "A = 2", false), ("a = 1", "B = 1", false),
    ("a > 1", "A >= 1", false), ("a = 1 AND b = 2", "A = 1 AND B = 2", true),
    ("a IN (1, 2)", "A IN (1, 2)", true), ("a IN (1, 2)", "A IN (1)", false),
    ("a IN (1, 2)", "A NOT IN (1, 2)", false), ("a IS NULL", "A IS NOT NULL", false),
    ("length(a) = 1", "LENGTH(A) = 1", true), ("length(a) = 1", "OCTET_LENGTH(A) = 1", false),
    ("'2020-01-01'::date", "CAST('2020-01-01' AS DATE)", true),
    ("'2020-01-01'::date", "'2020-01-02'::date", false),
    ("'2020-01-01'::date", "'2020-01-01'::timestamp", false),
    ("a ~ 'x'", "A ~ 'x'", true), ("a ~ 'x'", "A ~ 'y'", false),
    ("flag IS TRUE", "FLAG IS TRUE", true), ("flag IS TRUE", "FLAG IS FALSE", false),
    ("5.", "6.", false), ("'007'::text", "'7'::text", false),
  ]

  @Test(arguments: pairs)
  func isSame(_ source: String, _ target: String, _ expected: Bool) throws {
    let one = try #require(ExpressionParser.parse(source))
    let other = try #require(ExpressionParser.parse(target))
    #expect(one.isSame(as: other) == expected)
    #expect(other.isSame(as: one) == expected)
    #expect(one.isSame(as: one))
  }

  @Test(arguments: ["text", "character varying", "numeric", "date", "boolean", "jsonb"])
  func castNull(_ type: String) {
    #expect(ExpressionParser.parse("NULL::\(type)") == .null)
  }

  @Test func unquotedNamesFold() {
    #expect(ExpressionParser.parse("Total", foldsUpper: true) == .column(Identifier("TOTAL")))
    #expect(ExpressionParser.parse("Total") == .column(Identifier("total")))
    #expect(ExpressionParser.parse("\"Total\"", foldsUpper: true) == .column(Identifier("Total")))
  }
}
