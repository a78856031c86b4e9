/// The columns that a database's own words for a filter compare, for advice about indexes and
/// clustering.
///
/// A guess by the look of the words: `((customer_id = 42) AND (o.status = 'x'::text))` names
/// `customer_id` and `status`.
package enum FilterColumns {
  private static let keywords: Set<String> = [
    "AND", "OR", "NOT", "IS", "NULL", "TRUE", "FALSE", "ANY", "ALL", "ARRAY", "LIKE", "ILIKE",
    "IN", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "SIMILAR", "TO", "AS", "DISTINCT",
    "FROM", "AT", "TIME", "ZONE", "ROW", "EXISTS", "SUBPLAN", "HASHED", "WITH", "WITHOUT",
    "VARYING", "PRECISION",
  ]

  /// Those compared by `=` first, each once, without their table.
  package static func names(in filter: String) -> [String] {
    let tokens = tokens(of: filter)
    var equal: [String] = []
    var others: [String] = []
    for (position, token) in tokens.enumerated() {
      guard case .name(let name, let isQuoted) = token else { continue }
      let next = position + 1 < tokens.count ? tokens[position + 1] : .mark("")
      let previous = position > 0 ? tokens[position - 1] : .mark("")
      // Functions, types behind `::`, tables before a point, and keywords are no columns.
      if next == .mark("(") || next == .mark(".") || previous == .mark("::") { continue }
      if !isQuoted, keywords.contains(name.uppercased()) { continue }
      var behind = position + 1
      while behind < tokens.count, tokens[behind] == .mark(")") || tokens[behind].isCast {
        behind += 1
      }
      let isEqual = behind < tokens.count && tokens[behind] == .mark("=")
      if isEqual { equal.append(name) } else { others.append(name) }
    }
    var seen: Set<String> = []
    return (equal + others).filter { seen.insert($0).inserted }
  }

  private enum Token: Hashable {
    case name(String, isQuoted: Bool)
    case mark(String)
    /// `::text`, skipped where a comparison is looked for.
    case cast

    var isCast: Bool { self == .cast }
  }

  private static func tokens(of text: String) -> [Token] {
    let bytes = Array(text.utf8)
    var tokens: [Token] = []
    var at = 0
    func isWord(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_") || byte >= 0x80 || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "$")
    }
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case ...0x20: at += 1
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        let start = at + 1
        at += 1
        while at < bytes.count, bytes[at] != byte { at += 1 }
        if byte == UInt8(ascii: "\"") {
          let name = String(decoding: bytes[start..<min(at, bytes.count)], as: UTF8.self)
          tokens.append(.name(name, isQuoted: true))
        } else {
          tokens.append(.mark("'"))
        }
        at += 1
      case UInt8(ascii: ":") where at + 1 < bytes.count && bytes[at + 1] == byte:
        at += 2
        // The type behind it, with what is in its parentheses.
        while at < bytes.count,
          isWord(bytes[at]) || bytes[at] == UInt8(ascii: "[") || bytes[at] == UInt8(ascii: "]")
        { at += 1 }
        tokens.append(.cast)
      case _ where (0x30...0x39).contains(byte):
        while at < bytes.count, isWord(bytes[at]) || bytes[at] == UInt8(ascii: ".") { at += 1 }
        tokens.append(.mark("0"))
      case _ where isWord(byte):
        let start = at
        while at < bytes.count, isWord(bytes[at]) { at += 1 }
        tokens.append(.name(String(decoding: bytes[start..<at], as: UTF8.self), isQuoted: false))
      default:
        tokens.append(.mark(String(UnicodeScalar(byte))))
        at += 1
      }
    }
    return tokens
  }
}
