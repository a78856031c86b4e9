package import SpecCore

/// How Snowflake says things: a small portable core of its SQL, no format models, no HASH.
///
/// Sources are Snowflake's documentation pages of the functions named; what those leave open
/// (rounding of FFn, printing of far years, digits of floats) is not relied on.
package struct SnowflakeDialect: Dialect {
  /// `2026-11-23 03:01:47.123 +0000`, in UTC and milliseconds, or `nil` to read what is there now.
  private let readPoint: String?

  package let salt: String
  package let seed: String

  package init(readPoint: String?, salt: String, seed: String) {
    self.readPoint = readPoint
    self.salt = salt
    self.seed = seed
  }

  package var costs: CostAccount { .recording(SnowflakeCosts()) }

  package func quoted(_ identifier: Identifier) -> String {
    "\""
      + identifier.name.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  /// Literals know backslash escapes (page "String & binary data types"): both marks are doubled.
  package func quoted(literal: String) -> String {
    var text = "'"
    for scalar in literal.unicodeScalars {
      if scalar == "'" || scalar == "\\" { text.unicodeScalars.append(scalar) }
      text.unicodeScalars.append(scalar)
    }
    return text + "'"
  }

  package func tableReference(_ relation: Relation) -> String {
    guard let readPoint, relation.isPinned else { return qualifiedName(relation) }
    // The cast matters: without it the point is taken as a wall clock of the session.
    return "\(qualifiedName(relation)) AT(TIMESTAMP => '\(readPoint)'::TIMESTAMP_TZ)"
  }

  package func md5(_ text: SQL) -> SQL { "MD5(\(text))" }

  package func md5Halves(_ text: SQL) -> (low: SQL, high: SQL) {
    (
      "MOD(MD5_NUMBER_LOWER64(\(text)), 1152921504606846976)",
      "MOD(MD5_NUMBER_UPPER64(\(text)), 1152921504606846976)"
    )
  }

  package func bucket(of text: SQL, count: Int) -> SQL {
    // Of the low 60 bits: not every count divides the other four.
    "MOD(MOD(MD5_NUMBER_LOWER64(\(text)), 1152921504606846976), \(count))"
  }

  package func exactSum(_ integer: SQL) -> SQL { "SUM(CAST(\(integer) AS NUMBER(37,0)))" }

  package func text(_ value: SQL) -> SQL { "CAST(\(value) AS VARCHAR)" }

  /// An empty collation specification compares bytes, whatever the column says.
  package func byteOrdered(_ text: SQL) -> SQL { "COLLATE(\(text), '')" }

  package var evaluationBarrier: SQL { "" }

  package var timestampName: SQL { "TIMESTAMP_NTZ" }

  package var instantName: SQL { "TIMESTAMP_TZ" }

  /// REGEXP_LIKE matches the whole text: the pattern is opened at both ends.
  ///
  /// Patterns with Perl's groups, word borders or back references mean other things there.
  package func contains(_ text: SQL, pattern: String, ignoringCase: Bool) -> SQL? {
    let foreign =
      ["(?", "\\m", "\\M", "\\y", "\\Y", "\\A", "\\Z", "[["]
      + (1...9).map { "\\\($0)" }
    guard !foreign.contains(where: pattern.contains) else { return nil }
    let open = ".*(\(pattern)).*"
    return "REGEXP_LIKE(\(text), \(literal: open), \(literal: ignoringCase ? "si" : "s"))"
  }

  package func canExpress(_ type: LogicalType, as form: CanonicalForm) -> Bool {
    switch (form, type) {
    case (.number, .integer), (.number, .decimal), (.float64, .float), (.float32, .float),
      (.boolean, .boolean), (.text, .text), (.trimmedText, .text), (.uuid, .text), (.uuid, .uuid),
      (.hex, .binary), (.date, .date), (.time, .time), (.moment, .timestamp), (.moment, .instant),
      (.json, .json), (.json, .array), (.json, .text), (.text, .json):
      true
    default: false
    }
  }

  package func canonicalText(of column: CanonicalColumn) -> SQL {
    let name: SQL = "\(column.name)"
    switch column.form {
    case .number:
      if case .integer = column.type { return "TO_VARCHAR(\(name))" }
      // A fixed-point number prints exactly its scale; the guard keeps 100 from becoming 1.
      return """
        IFF(CONTAINS(TO_VARCHAR(\(name)), '.'), \
        RTRIM(RTRIM(TO_VARCHAR(\(name)), '0'), '.'), TO_VARCHAR(\(name)))
        """
    case .float64: return exactFloat(name, bits: 53)
    case .float32: return exactFloat(name, bits: 24)
    case .boolean: return "CASE WHEN \(name) THEN 'true' WHEN NOT \(name) THEN 'false' END"
    case .text:
      if case .json = column.type { return "TO_JSON(\(name))" }
      return name
    case .trimmedText: return "RTRIM(\(name), ' ')"
    case .uuid: return "LOWER(CAST(\(name) AS VARCHAR))"
    case .hex: return "HEX_ENCODE(\(name), 0)"
    case .date: return "TO_VARCHAR(DATEDIFF('day', '1970-01-01'::DATE, \(name)))"
    case .time: return seconds(of: name, since: "'00:00:00'::TIME")
    case .moment: return microseconds(wallClock(column))
    case .json:
      if case .text = column.type { return name }
      return "TO_JSON(\(name))"
    }
  }

  static let epoch: SQL = "'1970-01-01 00:00:00'::TIMESTAMP_NTZ"

  /// A point in time as the wall clock of UTC or of the column's zone; wall clocks as they are.
  func wallClock(_ column: CanonicalColumn) -> SQL {
    guard case .instant = column.type else { return "\(column.name)" }
    return
      "CONVERT_TIMEZONE(\(literal: column.zone ?? "UTC"), \(column.name))::TIMESTAMP_NTZ"
  }

  /// DATEDIFF counts the second borders crossed, which is the floor of the seconds; the nanosecond
  /// part of a time is never negative.
  private func seconds(of value: SQL, since start: SQL) -> SQL {
    """
    TO_VARCHAR(DATEDIFF('second', \(start), \(value))) || '.' || \
    TO_VARCHAR(DATE_PART('nanosecond', \(value)))
    """
  }

  /// Whole microseconds since 1970 and, behind a point, nanoseconds that are left.
  ///
  /// DATEDIFF counts the borders crossed, which is the floor of the microseconds.
  private func microseconds(_ value: SQL) -> SQL {
    let rest: SQL = "MOD(DATE_PART('nanosecond', \(value)), 1000)"
    return """
      TO_VARCHAR(DATEDIFF('microsecond', \(Self.epoch), \(value))) \
      || IFF(\(rest) = 0, '', '.' || TO_VARCHAR(\(rest)))
      """
  }

  /// `MANTISSApEXPONENT` by arithmetic that is exact in IEEE doubles: the logarithm only guesses
  /// the exponent, and is put right by one step.
  private func exactFloat(_ value: SQL, bits: Int) -> SQL {
    let two: SQL = "2::FLOAT"
    let absolute: SQL =
      """
      ABS(CASE WHEN \(value) = 'NaN'::FLOAT OR \(value) = 'inf'::FLOAT \
      OR \(value) = '-inf'::FLOAT OR \(value) = 0 THEN NULL ELSE \(value) END)
      """
    let guess: SQL = "GREATEST(-1022, LEAST(1023, FLOOR(LN(\(absolute)) / LN(\(two)))))"
    let exact: SQL =
      """
      (\(guess) + CASE WHEN \(absolute) / POWER(\(two), \(guess)) >= 2 THEN 1 \
      WHEN \(absolute) / POWER(\(two), \(guess)) < 1 AND \(guess) > -1022 THEN -1 ELSE 0 END)
      """
    // Below 2^-126 a real has fewer bits: its mantissa counts steps of 2^-149.
    let exponent: SQL = bits == 53 ? exact : "GREATEST(\(exact), -126)"
    let scaled: SQL = "((\(absolute) / POWER(\(two), \(exponent))) * POWER(\(two), \(bits - 1)))"
    let number: SQL
    if bits == 53 {
      number =
        """
        TO_VARCHAR(CAST(\(scaled) AS NUMBER(37,0))) || 'p' || \
        TO_VARCHAR(CAST(\(exponent) - 52 AS NUMBER(37,0)))
        """
    } else {
      // Rounding up may need one more bit: 2^24 is written as 2^23 with the next exponent.
      number =
        """
        CASE WHEN ROUND(\(scaled)) = 16777216 THEN '8388608' || 'p' || \
        TO_VARCHAR(CAST(\(exponent) - 22 AS NUMBER(37,0))) ELSE \
        TO_VARCHAR(CAST(ROUND(\(scaled)) AS NUMBER(37,0))) || 'p' || \
        TO_VARCHAR(CAST(\(exponent) - 23 AS NUMBER(37,0))) END
        """
    }
    return """
      CASE WHEN \(value) IS NULL THEN NULL WHEN \(value) = 'NaN'::FLOAT THEN 'NaN' \
      WHEN \(value) = 'inf'::FLOAT THEN 'Inf' WHEN \(value) = '-inf'::FLOAT THEN '-Inf' \
      WHEN \(value) = 0 THEN '0' ELSE CASE WHEN \(value) < 0 THEN '-' ELSE '' END || \
      \(number) END
      """
  }
}
