package import SpecCore

/// Names of types as an author may write them, put as `format_type` prints them.
extension PostgresDialect {
  package func type(named name: String) -> ColumnType? {
    guard let spelling = Self.spelling(of: name) else { return nil }
    return ColumnType(declared: spelling, logical: .other(name: spelling))
  }

  /// `varchar(20)[]` as `character varying(20)[]`; `nil` for what is no type's name.
  static func spelling(of name: String) -> String? {
    // A quoted name is its own spelling.
    if name.contains("\"") { return name }
    var text = name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    var brackets = ""
    while text.hasSuffix("[]") {
      // All dimensions are printed as one.
      brackets = "[]"
      text = String(text.dropLast(2))
    }
    guard let open = text.firstIndex(of: "(") else {
      return plain(text, nil).map { $0 + brackets }
    }
    guard let close = text.lastIndex(of: ")"), open < close else { return nil }
    let arguments = text[text.index(after: open)..<close].filter { $0 != " " }
    let tail = text[text.index(after: close)...].drop { $0 == " " }
    let base = text[..<open].reversed().drop { $0 == " " }.reversed()
    let whole = tail.isEmpty ? String(base) : "\(String(base)) \(tail)"
    return plain(whole, arguments).map { $0 + brackets }
  }

  private static func plain(_ name: String, _ arguments: String?) -> String? {
    guard !name.isEmpty, arguments != "" else { return nil }
    let base = synonyms[name] ?? name
    guard let arguments else { return unsized[base] ?? base }
    if base == "numeric" {
      return arguments.contains(",") ? "numeric(\(arguments))" : "numeric(\(arguments),0)"
    }
    // The digits stand inside: `timestamp(3) with time zone`.
    for zone in [" without time zone", " with time zone"] where base.hasSuffix(zone) {
      return "\(base.dropLast(zone.count))(\(arguments))\(zone)"
    }
    return "\(base)(\(arguments))"
  }

  /// What these mean without a length.
  private static let unsized = ["character": "character(1)", "bit": "bit(1)"]

  private static let synonyms = [
    "int": "integer", "int4": "integer", "int2": "smallint", "int8": "bigint",
    "decimal": "numeric", "dec": "numeric", "float4": "real", "float8": "double precision",
    "float": "double precision", "bool": "boolean", "varchar": "character varying",
    "char varying": "character varying", "char": "character", "bpchar": "character",
    "varbit": "bit varying", "time": "time without time zone", "timetz": "time with time zone",
    "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
  ]
}
