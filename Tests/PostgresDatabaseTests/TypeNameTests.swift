import PostgresDatabase
import SpecCore
import Testing

/// Types as authors write them, in the words of `format_type`.
@Suite struct TypeNameTests {
  private static let names: [(String, String?)] = [
    ("int", "integer"), ("INT8", "bigint"), ("int4[]", "integer[]"), ("int[][]", "integer[]"),
    ("varchar", "character varying"), ("varchar(20)", "character varying(20)"),
    ("VARCHAR ( 20 )", "character varying(20)"), ("varchar(5)[]", "character varying(5)[]"),
    ("char", "character(1)"), ("char(3)", "character(3)"), ("bit", "bit(1)"),
    ("bit varying(8)", "bit varying(8)"), ("numeric", "numeric"),
    ("decimal(12, 2)", "numeric(12,2)"),
    ("numeric(12)", "numeric(12,0)"), ("float8", "double precision"),
    ("double  precision", "double precision"), ("timestamp", "timestamp without time zone"),
    ("timestamptz(3)", "timestamp(3) with time zone"),
    ("timestamp(3) with time zone", "timestamp(3) with time zone"),
    ("time(0)", "time(0) without time zone"), ("interval(0)", "interval(0)"),
    ("jsonb", "jsonb"), ("order_status", "order_status"), ("\"Order Status\"", "\"Order Status\""),
    ("geometry(Point,4326)", "geometry(point,4326)"), ("", nil), ("  ", nil), ("int(", nil),
    ("int()", nil), ("[]", nil),
  ]

  @Test(arguments: names)
  func spelling(_ written: String, _ printed: String?) {
    let dialect = PostgresDialect(salt: "", seed: "")
    #expect(dialect.type(named: written)?.declared == printed)
  }
}
