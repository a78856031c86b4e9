import SpecCore

/// One row of the table of type pairs, which is also the table of `docs/types.md`.
struct TypePair: Sendable {
  let source: ColumnType
  let target: ColumnType
  /// What the values are compared as; `nil` where they cannot be compared yet.
  let form: CanonicalForm?
  /// How many losses are named.
  let losses: Int

  init(
    _ source: (String, LogicalType), _ target: (String, LogicalType), _ form: CanonicalForm?,
    _ losses: Int = 0
  ) {
    self.source = ColumnType(declared: source.0, logical: source.1)
    self.target = ColumnType(declared: target.0, logical: target.1)
    self.form = form
    self.losses = losses
  }
}

/// The types of both sides, as they are declared.
enum Types {
  typealias Declared = (String, LogicalType)

  static let smallint: Declared = ("smallint", .integer(digits: 5))
  static let integer: Declared = ("integer", .integer(digits: 10))
  static let bigint: Declared = ("bigint", .integer(digits: 19))
  static let numeric: Declared = ("numeric", .unboundedDecimal)
  static let real: Declared = ("real", .float(bits: 24))
  static let double: Declared = ("double precision", .float(bits: 53))
  static let bool: Declared = ("boolean", .boolean)
  static let text: Declared = ("text", .text(limit: nil))
  static let mood: Declared = ("enum (sad, happy)", .enumeration(labels: ["sad", "happy"]))
  static let uuid: Declared = ("uuid", .uuid)
  static let bytea: Declared = ("bytea", .binary(limit: nil))
  static let date: Declared = ("date", .date)
  static let timetz: Declared = ("time with time zone", .timeWithZone)
  static let interval: Declared = ("interval", .interval)
  static let jsonb: Declared = ("jsonb", .json)
  static let array: Declared = ("integer[]", .array(of: .integer(digits: 10)))
  static let inet: Declared = ("inet", .textual(name: "inet", limit: 49))
  static let range: Declared = ("int4range", .textual(name: "int4range", limit: nil))
  static let point: Declared = ("point", .other(name: "point"))

  static func numeric(_ precision: Int, _ scale: Int) -> Declared {
    (
      "numeric(\(precision),\(scale))",
      scale == 0
        ? .integer(digits: precision) : .decimal(precision: precision, scale: scale)
    )
  }
  static func varchar(_ limit: Int) -> Declared { ("varchar(\(limit))", .text(limit: limit)) }
  static func char(_ length: Int) -> Declared { ("char(\(length))", .paddedText(length: length)) }
  static func time(_ digits: Int) -> Declared { ("time(\(digits))", .time(fraction: digits)) }
  static func timestamp(_ digits: Int) -> Declared {
    ("timestamp(\(digits))", .timestamp(fraction: digits))
  }
  static func timestamptz(_ digits: Int) -> Declared {
    ("timestamptz(\(digits))", .instant(fraction: digits))
  }

  static let FLOAT: Declared = ("FLOAT", .float(bits: 53))
  static let DECFLOAT: Declared = ("DECFLOAT", .decimalFloat)
  static let BOOLEAN: Declared = ("BOOLEAN", .boolean)
  static let UUID: Declared = ("UUID", .uuid)
  static let DATE: Declared = ("DATE", .date)
  static let VARIANT: Declared = ("VARIANT", .json)
  static let ARRAY: Declared = ("ARRAY", .array(of: .json))
  static let OBJECT: Declared = ("OBJECT", .json)
  static let GEOGRAPHY: Declared = ("GEOGRAPHY", .other(name: "GEOGRAPHY"))

  static func NUMBER(_ precision: Int, _ scale: Int = 0) -> Declared {
    (
      "NUMBER(\(precision),\(scale))",
      scale == 0 ? .integer(digits: precision) : .decimal(precision: precision, scale: scale)
    )
  }
  static func VARCHAR(_ limit: Int = 16_777_216) -> Declared {
    ("VARCHAR(\(limit))", .text(limit: limit))
  }
  static func BINARY(_ limit: Int = 8_388_608) -> Declared {
    ("BINARY(\(limit))", .binary(limit: limit))
  }
  static func TIME(_ digits: Int) -> Declared { ("TIME(\(digits))", .time(fraction: digits)) }
  static func NTZ(_ digits: Int) -> Declared {
    ("TIMESTAMP_NTZ(\(digits))", .timestamp(fraction: digits))
  }
  static func TZ(_ digits: Int) -> Declared {
    ("TIMESTAMP_TZ(\(digits))", .instant(fraction: digits))
  }
}

extension TypePair {
  static let numbers: [TypePair] = [
    TypePair(Types.smallint, Types.NUMBER(5), .number),
    TypePair(Types.smallint, Types.NUMBER(4), .number, 1),
    TypePair(Types.integer, Types.NUMBER(38), .number),
    TypePair(Types.integer, Types.NUMBER(9), .number, 1),
    TypePair(Types.integer, Types.NUMBER(12, 2), .number),
    TypePair(Types.integer, Types.NUMBER(11, 2), .number, 1),
    TypePair(Types.bigint, Types.NUMBER(19), .number),
    TypePair(Types.bigint, Types.NUMBER(18), .number, 1),
    TypePair(Types.integer, Types.FLOAT, .float64),
    TypePair(Types.bigint, Types.FLOAT, .float64, 1),
    TypePair(Types.bigint, Types.DECFLOAT, nil),
    TypePair(Types.bigint, Types.VARCHAR(), nil, 1),
    TypePair(Types.integer, Types.BOOLEAN, nil, 1),
    TypePair(Types.numeric(12, 2), Types.NUMBER(12, 2), .number),
    TypePair(Types.numeric(12, 2), Types.NUMBER(38, 4), .number),
    TypePair(Types.numeric(12, 2), Types.NUMBER(12, 1), .number, 1),
    TypePair(Types.numeric(12, 2), Types.NUMBER(12, 3), .number, 1),
    TypePair(Types.numeric(12, 2), Types.NUMBER(10, 1), .number, 2),
    TypePair(Types.numeric(12, 2), Types.NUMBER(38), .number, 1),
    TypePair(Types.numeric(12, 2), Types.NUMBER(9), .number, 2),
    TypePair(Types.numeric(12, 2), Types.FLOAT, .float64, 1),
    TypePair(Types.numeric(16, 2), Types.FLOAT, .float64, 1),
    TypePair(Types.numeric(38, 10), Types.DECFLOAT, nil),
    TypePair(Types.numeric(50, 10), Types.DECFLOAT, nil, 1),
    TypePair(Types.numeric(50, 0), Types.NUMBER(38), .number, 1),
    TypePair(Types.numeric, Types.NUMBER(38, 10), .number, 1),
    TypePair(Types.numeric, Types.NUMBER(38), .number, 1),
    TypePair(Types.numeric, Types.FLOAT, .float64, 1),
    TypePair(Types.numeric, Types.DECFLOAT, nil, 1),
    TypePair(Types.real, Types.FLOAT, .float32),
    TypePair(Types.double, Types.FLOAT, .float64),
    TypePair(Types.double, Types.NUMBER(38, 10), nil, 1),
    TypePair(Types.real, Types.NUMBER(38), nil, 1),
    TypePair(Types.double, Types.DECFLOAT, nil, 1),
    TypePair(Types.bool, Types.BOOLEAN, .boolean),
    TypePair(Types.bool, Types.NUMBER(1), nil, 1),
    TypePair(Types.bool, Types.VARCHAR(5), nil, 1),
  ]

  static let texts: [TypePair] = [
    TypePair(Types.text, Types.VARCHAR(), .text),
    TypePair(Types.text, Types.VARCHAR(134_217_728), .text),
    TypePair(Types.text, Types.VARCHAR(255), .text, 1),
    TypePair(Types.varchar(80), Types.VARCHAR(80), .text),
    TypePair(Types.varchar(80), Types.VARCHAR(79), .text, 1),
    TypePair(Types.char(3), Types.VARCHAR(3), .trimmedText),
    TypePair(Types.char(3), Types.VARCHAR(2), .trimmedText, 1),
    TypePair(Types.mood, Types.VARCHAR(5), .text),
    TypePair(Types.mood, Types.VARCHAR(4), .text, 1),
    TypePair(Types.uuid, Types.VARCHAR(36), .uuid),
    TypePair(Types.uuid, Types.VARCHAR(35), .uuid, 1),
    TypePair(Types.uuid, Types.UUID, .uuid),
    TypePair(Types.uuid, Types.BINARY(16), nil, 1),
    TypePair(Types.inet, Types.VARCHAR(49), .text),
    TypePair(Types.inet, Types.VARCHAR(48), .text, 1),
    TypePair(Types.range, Types.VARCHAR(), .text),
    TypePair(Types.range, Types.VARCHAR(100), .text, 1),
    TypePair(Types.bytea, Types.BINARY(), .hex),
    TypePair(Types.bytea, Types.BINARY(100), .hex, 1),
    TypePair(Types.bytea, Types.VARCHAR(), nil, 1),
    TypePair(Types.text, Types.NUMBER(38), nil, 1),
    TypePair(Types.text, Types.VARIANT, nil, 1),
    TypePair(Types.point, Types.VARCHAR(), .text, 1),
    TypePair(Types.point, Types.GEOGRAPHY, nil, 1),
  ]

  static let times: [TypePair] = [
    TypePair(Types.date, Types.DATE, .date),
    TypePair(Types.date, Types.NTZ(9), nil, 1),
    TypePair(Types.date, Types.VARCHAR(10), nil, 1),
    TypePair(Types.time(6), Types.TIME(9), .time),
    TypePair(Types.time(6), Types.TIME(6), .time),
    TypePair(Types.time(6), Types.TIME(0), .time, 1),
    TypePair(Types.time(0), Types.TIME(0), .time),
    TypePair(Types.timetz, Types.TIME(9), nil, 1),
    TypePair(Types.timetz, Types.VARCHAR(), .text),
    TypePair(Types.timestamp(6), Types.NTZ(9), .moment),
    TypePair(Types.timestamp(6), Types.NTZ(3), .moment, 1),
    TypePair(Types.timestamp(3), Types.NTZ(3), .moment),
    TypePair(Types.timestamp(6), Types.TZ(9), .moment, 1),
    TypePair(Types.timestamp(6), Types.TZ(3), .moment, 2),
    TypePair(Types.timestamp(6), Types.DATE, nil, 1),
    TypePair(Types.timestamptz(6), Types.TZ(9), .moment),
    TypePair(Types.timestamptz(6), Types.TZ(3), .moment, 1),
    TypePair(Types.timestamptz(6), Types.NTZ(9), .moment, 1),
    TypePair(Types.timestamptz(6), Types.NTZ(3), .moment, 2),
    TypePair(Types.timestamptz(6), Types.VARCHAR(), nil, 1),
    TypePair(Types.interval, Types.VARCHAR(), .text),
    TypePair(Types.interval, Types.NUMBER(38), nil, 1),
  ]

  static let documents: [TypePair] = [
    TypePair(Types.jsonb, Types.VARIANT, .json),
    TypePair(Types.jsonb, Types.OBJECT, .json),
    TypePair(Types.jsonb, Types.VARCHAR(), .json),
    TypePair(Types.jsonb, Types.VARCHAR(1_000), .json, 1),
    TypePair(Types.jsonb, Types.ARRAY, nil, 1),
    TypePair(Types.array, Types.ARRAY, .json),
    TypePair(Types.array, Types.VARIANT, .json),
    TypePair(Types.array, Types.VARCHAR(), .json),
    TypePair(Types.array, Types.NUMBER(38), nil, 1),
  ]

  /// What a second Postgres as target may be.
  static let rehearsals: [TypePair] = [
    TypePair(Types.numeric, Types.numeric, .number),
    TypePair(Types.numeric(12, 2), Types.numeric, .number),
    TypePair(Types.real, Types.real, .float32),
    TypePair(Types.double, Types.real, .float64, 1),
    TypePair(Types.text, Types.text, .text),
    TypePair(Types.text, Types.varchar(80), .text, 1),
    TypePair(Types.char(3), Types.char(2), .trimmedText, 1),
    TypePair(Types.mood, Types.mood, .text),
    TypePair(Types.mood, ("enum (sad)", .enumeration(labels: ["sad"])), .text, 1),
    TypePair(Types.inet, Types.inet, .text),
    TypePair(
      ("bit(8)", .textual(name: "bit", limit: 8)), ("bit(4)", .textual(name: "bit", limit: 4)),
      .text, 1),
    TypePair(Types.bytea, Types.bytea, .hex),
    TypePair(Types.timestamptz(6), Types.timestamptz(3), .moment, 1),
    TypePair(Types.timetz, Types.timetz, .text),
    TypePair(Types.interval, Types.interval, .text),
    TypePair(Types.interval, ("interval(0)", .interval), .text, 1),
    TypePair(Types.jsonb, Types.jsonb, .json),
    TypePair(Types.array, Types.array, .json),
    TypePair(Types.array, ("smallint[]", .array(of: .integer(digits: 5))), .json, 1),
    TypePair(Types.array, ("text[]", .array(of: .text(limit: nil))), .json, 1),
    TypePair(Types.point, Types.point, .text),
    TypePair(Types.point, ("circle", .other(name: "circle")), nil, 1),
  ]

  static let all = numbers + texts + times + documents + rehearsals
}
