package import SpecCore

/// How PostgreSQL (13 and later) says things; every statement here was run on PostgreSQL 15.
package struct PostgresDialect: Dialect {
  package let salt: String
  package let seed: String

  package init(salt: String, seed: String) {
    self.salt = salt
    self.seed = seed
  }

  package var costs: CostAccount { .explaining(PostgresCosts()) }

  package func quoted(_ identifier: Identifier) -> String {
    "\""
      + identifier.name.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  /// With `standard_conforming_strings` on, as the session sets it, a backslash is a backslash.
  package func quoted(literal: String) -> String {
    "'" + literal.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
      + "'"
  }

  /// The transaction's snapshot is the read point: nothing is added.
  package func tableReference(_ relation: Relation) -> String { qualifiedName(relation) }

  package func md5(_ text: SQL) -> SQL { "md5(\(text))" }

  package func md5Halves(_ text: SQL) -> (low: SQL, high: SQL) {
    (
      "('x' || substr(md5(\(text)), 18, 15))::bit(60)::bigint",
      "('x' || substr(md5(\(text)), 2, 15))::bit(60)::bigint"
    )
  }

  package func bucket(of text: SQL, count: Int) -> SQL {
    "mod(('x' || substr(md5(\(text)), 18, 15))::bit(60)::bigint, \(count))"
  }

  /// `sum(bigint)` is numeric: exact and without overflow.
  package func exactSum(_ integer: SQL) -> SQL { "sum(\(integer))" }

  package func text(_ value: SQL) -> SQL { "(\(value))::text" }

  package func byteOrdered(_ text: SQL) -> SQL { "\(text) COLLATE \"C\"" }

  /// `OFFSET 0` keeps the planner from pulling the subquery up and evaluating its columns again.
  package var evaluationBarrier: SQL { " OFFSET 0" }

  package var timestampName: SQL { "timestamp" }

  package var instantName: SQL { "timestamptz" }

  package func contains(_ text: SQL, pattern: String, ignoringCase: Bool) -> SQL? {
    ignoringCase ? "\(text) ~* \(literal: pattern)" : "\(text) ~ \(literal: pattern)"
  }

  package func canExpress(_ type: LogicalType, as form: CanonicalForm) -> Bool {
    switch (form, type) {
    case (.number, .integer), (.number, .decimal), (.number, .unboundedDecimal),
      (.float64, .integer), (.float64, .decimal), (.float64, .unboundedDecimal),
      (.float64, .float), (.float32, .float), (.boolean, .boolean), (.text, .text),
      (.trimmedText, .paddedText), (.trimmedText, .text), (.text, .enumeration), (.text, .textual),
      (.text, .interval), (.text, .timeWithZone), (.text, .other),
      (.uuid, .uuid),
      (.uuid, .text), (.hex, .binary), (.date, .date), (.time, .time), (.moment, .timestamp),
      (.moment, .instant), (.json, .json), (.json, .array), (.json, .text), (.text, .json):
      true
    default: false
    }
  }

  package func canonicalText(of column: CanonicalColumn) -> SQL {
    let name: SQL = "\(column.name)"
    switch column.form {
    case .number: return number(name, column.type)
    case .float64: return exactFloat(double(name, column.type), bits: 53)
    case .float32: return exactFloat(double(name, column.type), bits: 24)
    case .boolean: return "CASE WHEN \(name) THEN 'true' WHEN NOT \(name) THEN 'false' END"
    case .text:
      // abbrev() is how inet prints itself: the cast would add /32.
      if case .textual(name: "inet", _) = column.type { return "abbrev(\(name))" }
      return "\(name)::text"
    case .trimmedText: return "rtrim(\(name)::text, ' ')"
    case .uuid: return "lower(\(name)::text)"
    case .hex: return "encode(\(name), 'hex')"
    case .date:
      return """
        CASE WHEN isfinite(\(name)) THEN (\(name) - DATE '1970-01-01')::text \
        ELSE '!' || \(name)::text END
        """
    case .time: return seconds(of: name)
    case .moment:
      guard let zone = column.zone, case .instant = column.type else { return microseconds(name) }
      return microseconds("(\(name) AT TIME ZONE \(literal: zone))")
    case .json:
      if case .array = column.type { return "to_json(\(name))::text" }
      return "\(name)::text"
    }
  }

  private func number(_ name: SQL, _ type: LogicalType) -> SQL {
    if case .integer = type { return "\(name)::text" }
    return "trim_scale(\(name)::numeric)::text"
  }

  private func double(_ name: SQL, _ type: LogicalType) -> SQL {
    if case .float = type { return "\(name)::float8" }
    return "\(name)::numeric::float8"
  }

  /// Whole seconds and nanoseconds: `86399.999999000`'s parts without leading zeros.
  ///
  /// `extract` is exact numeric since PostgreSQL 14; a field's microseconds are never negative.
  private func seconds(of name: SQL) -> SQL {
    """
    floor(extract(epoch FROM \(name)))::bigint::text || '.' || \
    ((extract(microseconds FROM \(name))::bigint % 1000000) * 1000)::text
    """
  }

  /// `MANTISSApEXPONENT` from the value's own bits: integer arithmetic only.
  ///
  /// A 24-bit mantissa is the upper part of the 53-bit one, since a `real` widens exactly.
  private func exactFloat(_ value: SQL, bits: Int) -> SQL {
    let raw: SQL = "('x' || encode(float8send(\(value)), 'hex'))::bit(64)::bigint"
    let exponent: SQL = "((\(raw) >> 52) & 2047)"
    let fraction: SQL = "(\(raw) & 4503599627370495)"
    // Below 2^-126 a real has fewer bits: its mantissa counts steps of 2^-149.
    let shift: SQL = bits == 53 ? "0" : "(29 + greatest(0, 897 - \(exponent)))::int"
    return """
      CASE WHEN \(value) IS NULL THEN NULL WHEN \(value) = 'NaN' THEN 'NaN' \
      WHEN \(value) = 'Infinity' THEN 'Inf' WHEN \(value) = '-Infinity' THEN '-Inf' \
      WHEN \(value) = 0 THEN '0' ELSE CASE WHEN \(value) < 0 THEN '-' ELSE '' END || \
      CASE WHEN \(exponent) = 0 THEN \(fraction)::text || 'p-1074' \
      ELSE ((\(fraction) | 4503599627370496) >> \(shift))::text || 'p' || \
      (\(exponent) - 1075 + \(shift))::text END END
      """
  }
}
