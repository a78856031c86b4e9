import SpecCore

/// Who was read and when, one line for each side the case asked.
struct SideLines {
  let result: CaseResult
  let run: RunResult

  /// Aligned, so that the two sides can be compared at a glance.
  var lines: [String] {
    let rows = Side.allCases.filter(isInvolved).map { side in
      let count = count(of: side).map { counted($0, "row") }
      return (side, name(of: side), count, reading(of: side))
    }
    let width = rows.map { displayWidth(of: $0.1) }.max() ?? 0
    let countWidth = rows.compactMap { $0.2?.count }.max() ?? 0
    return rows.map { side, name, count, reading in
      let numbers = countWidth == 0 ? "" : padded(count ?? "", to: countWidth) + "   "
      return "  \(side.rawValue)  \(padded(name, to: width))   \(numbers)\(reading)"
    }
  }

  private func isInvolved(_ side: Side) -> Bool {
    if result.verdict.rows != nil || result.statements.contains(where: { $0.side == side }) {
      return true
    }
    guard case .failed = outcome(of: side) else { return false }
    return result.outcome == .errored
  }

  private func outcome(of side: Side) -> RunResult.SideResult.Outcome {
    side == .source ? run.source.outcome : run.target.outcome
  }

  private func count(of side: Side) -> Int? {
    result.verdict.rows.map { rows in
      rows.identical + rows.modified + (side == .source ? rows.removed : rows.added)
    }
  }

  private func name(of side: Side) -> String {
    let result = side == .source ? run.source : run.target
    return oneLine(redacted(result.facts.map { "\($0.engine) \($0.name)" } ?? result.declared))
  }

  private func reading(of side: Side) -> String {
    switch outcome(of: side) {
    case .connected(let facts):
      let time = facts.readAt.time
      let point = oneLine(redacted(facts.readPoint))
      // Time Travel's read point is a time already.
      return point.contains(time) ? point : "\(point), \(time)Z"
    case .failed(let error): return "not connected (\(error.kind.rawValue))"
    case .notTried: return "not connected"
    }
  }
}
