/// Looks whether an author's predicate stays inside the parentheses Parity puts around it.
///
/// The author is trusted to read; this keeps mistakes and pasted text from ending the statement,
/// and a reviewer from being misled by a comment.
package enum PredicateGuard {
  /// What is wrong with the text, or `nil`.
  package static func problem(in text: String) -> String? {
    let bytes = Array(text.utf8)
    var depth = 0
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      let next = position + 1 < bytes.count ? bytes[position + 1] : 0
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        guard let end = bytes[(position + 1)...].firstIndex(of: byte) else {
          return "a quotation mark is not closed"
        }
        if byte == UInt8(ascii: "'"), bytes[position..<end].contains(UInt8(ascii: "\\")) {
          return "a backslash in a literal means different things on the two sides"
        }
        position = end
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if depth < 0 { return "a parenthesis is closed that was not opened" }
      case UInt8(ascii: ";"): return "`;` would end the statement"
      case UInt8(ascii: "-") where next == UInt8(ascii: "-"),
        UInt8(ascii: "/") where next == UInt8(ascii: "*") || next == UInt8(ascii: "/"):
        return "comments would hide what is run"
      case UInt8(ascii: "$"): return "`$` means different things on the two sides"
      default: break
      }
      position += 1
    }
    return depth > 0 ? "a parenthesis is not closed" : nil
  }
}
