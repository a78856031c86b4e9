package import SpecCore

extension SnowflakeDialect {
  /// A type as `DESCRIBE TABLE` prints it or as an author writes it, synonyms resolved (page
  /// "Summary of data types").
  package func type(named name: String) -> ColumnType? {
    let upper = name.uppercased()
    let head = upper.prefix { $0 != "(" }
    let base = head.split(separator: " ").joined(separator: " ")
    var arguments: [Int] = []
    if head.count < upper.count {
      let rest = upper.dropFirst(head.count + 1)
      guard let end = rest.firstIndex(of: ")") else { return nil }
      for part in rest[..<end].split(separator: ",") {
        guard let number = Int(part.filter { $0 != " " }) else { return nil }
        arguments.append(number)
      }
    }
    return Self.type(base, arguments)
  }

  static func type(_ base: String, _ arguments: [Int]) -> ColumnType? {
    func made(_ declared: String, _ logical: LogicalType) -> ColumnType {
      ColumnType(declared: declared, logical: logical)
    }
    let first = arguments.first
    switch base {
    case "NUMBER", "DECIMAL", "NUMERIC", "DEC", "FIXED":
      return number(first ?? 38, arguments.count > 1 ? arguments[1] : 0)
    case "INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT": return number(38, 0)
    case "FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL":
      return made("FLOAT", .float(bits: 53))
    case "DECFLOAT": return made("DECFLOAT", .decimalFloat)
    case "VARCHAR", "TEXT", "STRING", "NVARCHAR", "NVARCHAR2", "CHAR VARYING", "NCHAR VARYING":
      return text(first ?? 16_777_216)
    case "CHAR", "CHARACTER", "NCHAR": return text(first ?? 1)
    case "BINARY", "VARBINARY":
      return made("BINARY(\(first ?? 8_388_608))", .binary(limit: first ?? 8_388_608))
    case "BOOLEAN": return made(base, .boolean)
    case "DATE": return made(base, .date)
    case "TIME": return made("TIME(\(first ?? 9))", .time(fraction: first ?? 9))
    case "TIMESTAMP_NTZ", "TIMESTAMPNTZ", "DATETIME", "TIMESTAMP WITHOUT TIME ZONE":
      return made("TIMESTAMP_NTZ(\(first ?? 9))", .timestamp(fraction: first ?? 9))
    case "TIMESTAMP_LTZ", "TIMESTAMPLTZ", "TIMESTAMP WITH LOCAL TIME ZONE":
      return made("TIMESTAMP_LTZ(\(first ?? 9))", .instant(fraction: first ?? 9))
    case "TIMESTAMP_TZ", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
      return made("TIMESTAMP_TZ(\(first ?? 9))", .instant(fraction: first ?? 9))
    case "VARIANT", "OBJECT": return made(base, .json)
    case "ARRAY": return made(base, .array(of: .json))
    case "UUID": return made(base, .uuid)
    case "GEOGRAPHY", "GEOMETRY", "VECTOR", "MAP", "FILE": return made(base, .other(name: base))
    default: return nil
    }
  }

  private static func number(_ precision: Int, _ scale: Int) -> ColumnType {
    ColumnType(
      declared: "NUMBER(\(precision),\(scale))",
      logical: scale == 0
        ? .integer(digits: precision) : .decimal(precision: precision, scale: scale))
  }

  private static func text(_ limit: Int) -> ColumnType {
    ColumnType(declared: "VARCHAR(\(limit))", logical: .text(limit: limit))
  }

  /// The type of a result's column: `fixed`, `real`, `text`, `binary`, or as the catalog calls it.
  static func columnType(_ type: StatementResult.ColumnType) -> ColumnType {
    let upper = type.name.uppercased()
    switch upper {
    case "FIXED": return number(type.precision ?? 38, type.scale ?? 0)
    case "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ":
      return self.type(upper, type.scale.map { [$0] } ?? [])
        ?? ColumnType(declared: upper, logical: .other(name: upper))
    default:
      return columnType(upper, length: type.length, precision: type.precision, scale: type.scale)
    }
  }

  /// A row of INFORMATION_SCHEMA.COLUMNS: it does not tell the fraction digits of times.
  static func columnType(
    _ name: String, length: Int?, precision: Int?, scale: Int?
  ) -> ColumnType {
    let upper = name.uppercased()
    switch upper {
    case "NUMBER": return number(precision ?? 38, scale ?? 0)
    case "TEXT": return text(length ?? 16_777_216)
    case "BINARY":
      let limit = length ?? 8_388_608
      return ColumnType(declared: "BINARY(\(limit))", logical: .binary(limit: limit))
    case "TIME": return ColumnType(declared: upper, logical: .time(fraction: nil))
    case "TIMESTAMP_NTZ": return ColumnType(declared: upper, logical: .timestamp(fraction: nil))
    case "TIMESTAMP_LTZ", "TIMESTAMP_TZ":
      return ColumnType(declared: upper, logical: .instant(fraction: nil))
    default:
      return type(upper, []) ?? ColumnType(declared: name, logical: .other(name: name))
    }
  }
}
