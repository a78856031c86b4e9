/// One expectation of a spec: asks, reads the answers, and decides.
///
/// A pure state machine: it is called with the answers to its last move (none at first) until it
/// decides. Whoever carries the moves out may plan, print or fuse them.
package protocol Check: Sendable {
  /// What to do next, given the answers to the last move in the order asked.
  mutating func next(given answers: [Answer], dialects: Dialects) -> Move
}

/// How the two sides of a run say things.
package struct Dialects: Sendable {
  package let source: any Dialect
  package let target: any Dialect

  package init(source: any Dialect, target: any Dialect) {
    self.source = source
    self.target = target
  }

  package subscript(_ side: Side) -> any Dialect { side == .source ? source : target }
}

/// What a check wants.
package enum Move: Sendable {
  /// Ask these; they go out together.
  case ask([Ask])
  /// Compare two streams of rows; the answer is `.merged`.
  case merge(Merge)
  case decide(Verdict)

  package struct Merge: Hashable, Sendable {
    package let source: RowStream
    package let target: RowStream

    package init(source: RowStream, target: RowStream) {
      self.source = source
      self.target = target
    }
  }
}

extension Sequence<Answer> {
  /// The first answer that is an error.
  var failure: DatabaseError? {
    for answer in self {
      if case .failed(let error) = answer { return error }
    }
    return nil
  }
}

extension Verdict {
  /// A check that a database did not let finish.
  static func unanswered(_ answers: [Answer], asks: [Ask]) -> Verdict? {
    var unchecked: [Unchecked] = []
    for (ask, answer) in zip(asks, answers) {
      if case .failed(let error) = answer { unchecked.append(Unchecked(error, on: ask.side)) }
    }
    guard let first = unchecked.first else { return nil }
    return Verdict(summary: first.reason.firstLine, unchecked: unchecked)
  }
}

extension String {
  /// The text up to its first line break.
  var firstLine: String {
    String(prefix { !$0.isNewline })
  }
}

/// `48,210`.
package func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var result = ""
  for (position, digit) in digits.enumerated() {
    if position > 0, (digits.count - position) % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return number < 0 ? "-\(result)" : result
}

/// `1 row`, `2 rows`.
package func counted(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
}
