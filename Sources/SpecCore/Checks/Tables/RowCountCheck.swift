/// Expects the numbers of rows that the spec says, by default the same on both sides.
struct RowCountCheck: Check {
  let subject: TableSubject
  private var lookup: TableLookup
  private var asks: [Ask] = []
  private var notes: [String] = []
  private var names: [Side: String] = [:]

  init(_ subject: TableSubject) {
    self.subject = subject
    lookup = TableLookup(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard asks.isEmpty else { return .decide(judge(answers)) }
    switch lookup.next(given: answers) {
    case .ask(let asks): return .ask(asks)
    case .stop(let verdict): return .decide(verdict)
    case .found(let pair):
      notes = pair.notes
      names = pair.names
      asks = Side.allCases.map { side in
        let scan = Scan(relation: pair[side].relation, filter: subject.spec.filter?.value[side])
        return Ask(side, .aggregate(scan, [.rowCount]))
      }
      return .ask(asks)
    }
  }

  private func judge(_ answers: [Answer]) -> Verdict {
    if let verdict = Verdict.unanswered(answers, asks: asks) { return verdict }
    let counts = answers.compactMap { answer -> Int? in
      guard case .measures(let measures) = answer else { return nil }
      return measures.first?.first?.flatMap { Int($0) }
    }
    guard counts.count == 2 else {
      return Verdict(
        summary: "a count is not a number",
        unchecked: [
          Verdict.Unchecked(type: "protocol_violation", reason: "a count is not a number")
        ])
    }
    let (source, target) = (counts[0], counts[1])
    var verdict = Verdict(
      summary: Self.words(source, target), type: "row_count_mismatch", notes: notes)
    verdict.content = ContentFacts(names, rows: [.source: source, .target: target])
    if let finding = finding(source, target) {
      verdict.findings = [finding]
    } else if source == 0, target == 0, !isExact {
      // A load of nothing compares equal: both sides empty is only right where the spec says so.
      verdict.findings = [
        "both tables are empty: nothing was compared (write `row_count: 0` if that is right)"
      ]
      verdict.type = "empty_tables"
    }
    return verdict
  }

  private var isExact: Bool {
    if case .exactly = subject.expectations.rowCount.value { true } else { false }
  }

  private static func words(_ source: Int, _ target: Int) -> String {
    source == target
      ? "\(grouped(source)) = \(grouped(target))" : "\(grouped(source)) → \(grouped(target))"
  }

  private func finding(_ source: Int, _ target: Int) -> String? {
    switch subject.expectations.rowCount.value {
    case .equal, .skip:
      if source == target { return nil }
      let difference = counted(abs(source - target), "row")
      return source > target
        ? "\(difference) fewer in the target" : "\(difference) more in the target"
    case .exactly(let wantedSource, let wantedTarget):
      var parts: [String] = []
      if source != wantedSource {
        parts.append("the source holds \(grouped(source)) rows, not \(grouped(wantedSource))")
      }
      if target != wantedTarget {
        parts.append("the target holds \(grouped(target)) rows, not \(grouped(wantedTarget))")
      }
      return parts.isEmpty ? nil : parts.joined(separator: "; ")
    case .withinRows(let rows):
      return abs(source - target) <= rows
        ? nil : "\(counted(abs(source - target), "row")) apart, allowed are \(grouped(rows))"
    case .withinPercent(let percent):
      return RowCountExpectation.isWithin(source, target, percent)
        ? nil : "\(counted(abs(source - target), "row")) apart, more than the spec allows"
    }
  }
}

extension RowCountExpectation {
  /// Exact integer arithmetic: |s − t| · 100 · 10^scale ≤ digits · s.
  static func isWithin(
    _ source: Int, _ target: Int, _ percent: Decimal
  ) -> Bool {
    var factor = 100
    for _ in 0..<percent.scale { factor *= 10 }
    let left = abs(source - target).multipliedFullWidth(by: factor)
    let right = source.multipliedFullWidth(by: percent.digits)
    return (left.high, left.low) <= (right.high, right.low)
  }
}
