/// Events that were found, and what an expectation makes of them.
struct AuditJudgement {
  /// Events that are told together.
  struct Group {
    /// Names by which they may be excused: who, whence, on what.
    let names: [String]
    let count: Int
    /// Who did what, when, from where and how often, with what to do about it.
    let sentence: String
  }

  /// How many are told one by one.
  private static let shown = 20

  let demand: AuditDemand
  /// `3 failed logins`.
  let counted: (Int) -> String
  /// What was looked at: `from … to …`.
  let window: String

  /// The verdict on these, and on so many more that are not among them.
  func verdict(_ groups: [Group], hidden: Int = 0) -> Verdict {
    let excuses = (demand.except ?? []).map { (name: $0.name.value, folded: folded($0.name.value)) }
    var excused: [String: Int] = [:]
    var counting: [Group] = []
    for group in groups {
      let names = group.names.map { $0.lowercased() }
      if let excuse = excuses.first(where: { names.contains($0.folded) }) {
        excused[excuse.name, default: 0] += group.count
      } else {
        counting.append(group)
      }
    }
    let seen = counting.reduce(0) { $0 + $1.count }
    var verdict = Verdict(summary: "", type: "audit_event")
    if !excused.isEmpty {
      let list = excuses.compactMap { each in
        excused[each.name].map { "\(each.name) (\(grouped($0)))" }
      }
      verdict.notes.append("excused: \(list.joined(separator: ", "))")
    }
    let unneeded = excuses.filter { excused[$0.name] == nil }.map(\.name)
    if !unneeded.isEmpty {
      verdict.notes.append(
        "excused, and not seen in this window: \(unneeded.joined(separator: ", "))")
    }
    let most = demand.most
    if seen > most || (seen + hidden > most && excuses.isEmpty) {
      verdict.findings = counting.prefix(Self.shown).map(\.sentence)
      let rest = counting.dropFirst(Self.shown).reduce(0) { $0 + $1.count } + hidden
      if rest > 0 { verdict.findings.append("and \(counted(rest)) more") }
    } else if seen + hidden > most {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "too_many_events",
          reason: "\(counted(hidden)) could not be told apart, because so many users or addresses "
            + "are excused; none of those was looked at",
          remedy: "take a shorter window"))
    } else {
      verdict.notes += counting.prefix(Self.shown).map {
        "accepted: \(Self.withoutCure($0.sentence))"
      }
    }
    let limit = most == 0 ? "" : ", at most \(grouped(most)) accepted"
    verdict.summary =
      seen + hidden == 0 && excused.isEmpty
      ? "none, \(window)" : "\(counted(seen + hidden)) \(window)\(limit)"
    return verdict
  }

  /// Names are compared without regard to case: an excuse should not fail by it.
  private func folded(_ name: String) -> String {
    var name = name
    if name.count > 1, name.first == "\"", name.last == "\"" {
      name = String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"")
    }
    return name.lowercased()
  }

  private static func withoutCure(_ sentence: String) -> String {
    sentence.firstRange(of: "; cure:").map { String(sentence[..<$0.lowerBound]) } ?? sentence
  }
}

extension AuditSpec {
  /// The window in a run that reads at this point.
  func window(readAt: Timestamp) -> AuditWindow? {
    since.map { since in
      let end = until?.value.point(before: readAt) ?? readAt
      // What has not happened yet is nowhere recorded.
      return AuditWindow(from: since.value.point(before: readAt), to: min(end, readAt))
    }
  }

  /// For a sentence that is said before there is a run: `in the 7d before the run`.
  var windowWords: String {
    guard let since else { return "" }
    switch (since.value, until?.value) {
    case (.before(let span), nil): return "in the \(span.words) before the run"
    case (.at(let point), nil): return "from \(point) to the run"
    case (let from, .some(let to)): return "from \(from.words) to \(to.words)"
    }
  }
}

extension AuditWindow {
  /// Why nothing can be said of such a window; `nil` where something can.
  func obstacle(readAt: Timestamp, lateBy minutes: Int = 0) -> Verdict.Unchecked? {
    if from >= readAt {
      return Verdict.Unchecked(
        type: "empty_window", reason: "the window begins at \(from), after the run (\(readAt))",
        remedy: "correct `since`")
    }
    if from >= to {
      return Verdict.Unchecked(
        type: "empty_window", reason: "the window \(words) ends before it begins",
        remedy: "correct `since` or `until`")
    }
    if minutes > 0, from >= readAt.moved(by: Double(-60 * minutes)) {
      return Verdict.Unchecked(
        type: "window_within_latency",
        reason: "the window \(words) lies wholly in the last \(minutes) minutes before the run, "
          + "which the view may not hold yet",
        remedy: "let the window begin earlier, or run later")
    }
    return nil
  }
}

extension Verdict {
  /// A verdict of only this.
  init(_ unchecked: Unchecked) { self.init(summary: unchecked.reason, unchecked: [unchecked]) }
}
