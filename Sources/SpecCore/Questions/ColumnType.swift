/// A column's type: as its database prints it, and what it means on either side.
package struct ColumnType: Hashable, Sendable {
  /// `numeric(12,2)` or `NUMBER(12,2)`.
  package let declared: String
  package let logical: LogicalType

  package init(declared: String, logical: LogicalType) {
    self.declared = declared
    self.logical = logical
  }
}

/// What values a type can hold, in words both databases share.
package indirect enum LogicalType: Hashable, Sendable {
  /// Whole numbers of at most this many decimal digits.
  case integer(digits: Int)
  case decimal(precision: Int, scale: Int)
  /// Postgres `numeric` without precision: up to 131,072 digits, and NaN.
  case unboundedDecimal
  /// Snowflake `DECFLOAT`: 38 significant digits.
  case decimalFloat
  /// Binary floating point with 24 or 53 bits of mantissa.
  case float(bits: Int)
  case boolean
  /// Text of at most so many characters; `nil` where there is no declared limit.
  case text(limit: Int?)
  /// Blank-padded `char(n)`.
  case paddedText(length: Int)
  case enumeration(labels: [String])
  case uuid
  /// Bytes, at most so many; `nil` where there is no declared limit.
  case binary(limit: Int?)
  case date
  /// Fraction digits; `nil` where the catalog does not tell.
  case time(fraction: Int?)
  case timeWithZone
  /// Wall clock without zone.
  case timestamp(fraction: Int?)
  /// A point in time.
  case instant(fraction: Int?)
  case json
  case array(of: LogicalType)
  case interval
  /// A type whose text form is its value, of at most so many characters: inet, ltree, ranges…
  case textual(name: String, limit: Int?)
  /// A type without a rule: its columns cannot be compared.
  case other(name: String)

  /// The form of the type by itself, whatever the other side is; `nil` for none.
  var ownForm: CanonicalForm? {
    switch self {
    case .integer, .decimal, .unboundedDecimal: .number
    case .float(24): .float32
    case .float: .float64
    case .boolean: .boolean
    case .text, .enumeration, .textual: .text
    case .paddedText: .trimmedText
    case .uuid: .uuid
    case .binary: .hex
    case .date: .date
    case .time: .time
    case .timestamp, .instant: .moment
    case .json, .array: .json
    case .decimalFloat, .timeWithZone, .interval, .other: nil
    }
  }

  /// Whether the catalog left the fraction digits open.
  package var lacksDetail: Bool {
    switch self {
    case .time(fraction: nil), .timestamp(fraction: nil), .instant(fraction: nil): true
    default: false
    }
  }
}

/// The common text form in which the values of a column pair are compared.
///
/// Each dialect knows how a column of a logical type is brought into a form; equal text means
/// equal values, different text different values.
package enum CanonicalForm: Hashable, Sendable {
  /// Decimal digits without trailing zeros in the fraction.
  case number
  /// Exact: 53-bit mantissa and exponent.
  case float64
  /// Rounded to 24 bits, because a `real` may have been widened from its shortest text.
  case float32
  case boolean
  case text
  /// Text without trailing blanks: where the source pads with them.
  case trimmedText
  case uuid
  /// Lower-case hexadecimal.
  case hex
  /// Days since 1970-01-01.
  case date
  /// Seconds of the day and nanoseconds.
  case time
  /// Microseconds since 1970-01-01 00:00:00, and nanoseconds behind a point where there are any;
  /// in UTC for points in time.
  case moment
  /// JSON text, made canonical and compared by Parity itself because no two databases print alike.
  case json

  /// Whether the databases cannot make the form and the values must be streamed.
  package var isStreamed: Bool { self == .json }

  /// Whether reports show the text as it is.
  var isShownPlainly: Bool {
    switch self {
    case .number, .boolean, .text, .trimmedText, .uuid, .hex, .json: true
    case .float64, .float32, .date, .time, .moment: false
    }
  }
}

/// A column with the form in which it is compared.
package struct CanonicalColumn: Hashable, Sendable {
  /// As this side's catalog spells it.
  package let name: Identifier
  package let type: LogicalType
  package let form: CanonicalForm
  /// For a point in time: the zone whose wall clock is compared instead.
  package let zone: String?
  /// Values that enter fingerprints as others: what the migration turns them into.
  package let changes: [AcceptedChange]

  package init(
    name: Identifier, type: LogicalType, form: CanonicalForm, zone: String? = nil,
    changes: [AcceptedChange] = []
  ) {
    self.name = name
    self.type = type
    self.form = form
    self.zone = zone
    self.changes = changes
  }
}
