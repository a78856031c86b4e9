/// A comment such as `-- parity: allow J1 because the list is fixed`.
struct AllowComment {
  /// Where it stands in the file, from its first word.
  let range: Range<Int>
  /// The rules it names.
  let rules: [LintRule]
  /// The words after `because`; empty where there are none.
  let reason: String
  /// What is wrong with it, or nil.
  let mistake: Observation.Words?

  /// Reads a comment, or returns nil where it does not speak to this tool.
  ///
  /// `range` may hold the comment's marks.
  init?(_ code: Code, _ range: Range<Int>) {
    let bytes = code.bytes
    var (start, end) = (range.lowerBound, range.upperBound)
    let marks = "-/*#".utf8
    while start < end, bytes[start].isBlank || marks.contains(bytes[start]) { start += 1 }
    while end > start, bytes[end - 1].isBlank || marks.contains(bytes[end - 1]) { end -= 1 }
    guard bytes.holds("parity:", at: start), start + 7 <= end else { return nil }
    self.range = code.origin(start..<end)
    let text = code.text(start + 7..<end)
    var words = text.split { $0.isWhitespace || $0 == "," }.map(String.init)
    guard words.first == "allow" else {
      (rules, reason, mistake) = ([], "", .unknown)
      return
    }
    words.removeFirst()
    let names = words.prefix { $0 != "because" }
    let rules = names.compactMap { LintRule(rawValue: $0) }
    let hasReason = words.count > names.count + 1
    let reason = text.firstRange(of: "because").map { text[$0.upperBound...] } ?? ""
    self.rules = rules.filter { $0 != .allow }
    self.reason = hasReason ? reason.split { $0.isWhitespace }.joined(separator: " ") : ""
    if names.isEmpty || self.rules.count < names.count {
      mistake = .unknown
    } else {
      mistake = hasReason ? nil : .withoutReason
    }
  }
}

extension Observation.Words {
  fileprivate static let unknown = Self(
    sentence: "this comment speaks to Parity and cannot be understood",
    remedy: "write `parity: allow RULE because REASON` with rules such as J1")
  fileprivate static let withoutReason = Self(
    sentence: "this comment accepts a risk and does not say why",
    remedy: "add `because` and the reason")
  /// Says that nothing is there to be allowed.
  static func idle(_ rules: [LintRule]) -> Self {
    Self(
      sentence: "this comment allows \(rules.map(\.rawValue).joined(separator: ", ")), "
        + "and no such thing stands on its line or the next",
      remedy: "delete the comment")
  }
}
