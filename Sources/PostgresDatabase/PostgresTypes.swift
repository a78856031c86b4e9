import SpecCore

extension PostgresDialect {
  /// What a column of `pg_attribute` can hold.
  ///
  /// `declared` is `format_type` of the column, `base` the `typname` of its type or of a domain's
  /// base type, `modifier` the `atttypmod` that goes with it (-1 for none), `element` the element
  /// type's name for an array, `labels` those of an enumeration.
  static func columnType(
    declared: String, base: String, modifier: Int, element: String?, labels: [String],
    isComposite: Bool
  ) -> ColumnType {
    if let element {
      let inner = columnType(
        declared: element, base: element, modifier: modifier, element: nil, labels: [],
        isComposite: false)
      return ColumnType(declared: declared, logical: .array(of: inner.logical))
    }
    if !labels.isEmpty {
      return ColumnType(declared: declared, logical: .enumeration(labels: labels))
    }
    let logical: LogicalType =
      isComposite ? .other(name: base) : logicalType(base, modifier: modifier)
    return ColumnType(declared: declared, logical: logical)
  }

  private static func logicalType(_ base: String, modifier: Int) -> LogicalType {
    // Varlena modifiers count their four-byte header (pg_type.h, varchar.c, numeric.c).
    let length = modifier >= 4 ? modifier - 4 : nil
    switch base {
    case "int2": return .integer(digits: 5)
    case "int4": return .integer(digits: 10)
    case "int8": return .integer(digits: 19)
    case "oid": return .integer(digits: 10)
    case "numeric": return numeric(modifier)
    case "money": return .decimal(precision: 19, scale: 2)
    case "float4": return .float(bits: 24)
    case "float8": return .float(bits: 53)
    case "bool": return .boolean
    case "varchar": return .text(limit: length)
    case "bpchar": return length.map { .paddedText(length: $0) } ?? .text(limit: nil)
    case "text", "citext": return .text(limit: nil)
    case "name": return .text(limit: 63)
    case "uuid": return .uuid
    case "bytea": return .binary(limit: nil)
    case "date": return .date
    case "time": return .time(fraction: modifier < 0 ? 6 : modifier)
    case "timetz": return .timeWithZone
    case "timestamp": return .timestamp(fraction: modifier < 0 ? 6 : modifier)
    case "timestamptz": return .instant(fraction: modifier < 0 ? 6 : modifier)
    case "json", "jsonb": return .json
    case "interval": return .interval
    case "inet", "cidr": return .textual(name: base, limit: 49)
    case "macaddr": return .textual(name: base, limit: 17)
    case "macaddr8": return .textual(name: base, limit: 23)
    case "pg_lsn": return .textual(name: base, limit: 17)
    case "bit": return .textual(name: base, limit: modifier > 0 ? modifier : 1)
    case "varbit": return .textual(name: base, limit: modifier > 0 ? modifier : nil)
    case "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange",
      "int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange",
      "datemultirange", "xml", "tsvector", "tsquery", "ltree", "lquery":
      return .textual(name: base, limit: nil)
    default: return .other(name: base)
    }
  }

  /// `numeric(p,s)`: scale is the low 11 bits, signed, since PostgreSQL 15.
  private static func numeric(_ modifier: Int) -> LogicalType {
    guard modifier >= 4 else { return .unboundedDecimal }
    let packed = modifier - 4
    let precision = (packed >> 16) & 0xFFFF
    let scale = ((packed & 0x7FF) ^ 1_024) - 1_024
    if scale == 0 { return .integer(digits: precision) }
    // numeric(5,-2) holds up to 7 digits and no fraction; numeric(3,5) only fractions.
    if scale < 0 { return .integer(digits: precision - scale) }
    return .decimal(precision: max(precision, scale), scale: scale)
  }
}
