package import SpecCore

/// What changed from an earlier run to a later one.
///
/// Worse is what a reviewer must look at: a check that no longer passes, that nobody could look at
/// or that is gone, findings that are new, a query that became slower, a verdict that fell. Other
/// changes (rows that were added meanwhile, versions, waivers that ended) are told without being
/// held against the later run.
package struct RunComparison: Hashable, Sendable {
  package var earlier: Run
  package var later: Run
  /// Failed now and did not before.
  package var newlyFailing: [Change] = []
  /// Could not be looked at now, and could before.
  package var newlyUnchecked: [Change] = []
  /// Warned or waived now, and passed before.
  package var newlyExcused: [Change] = []
  /// Passed now and did not before.
  package var healed: [Change] = []
  /// Ended otherwise than before, and neither well.
  package var otherwise: [Change] = []
  /// In the later run only.
  package var appeared: [Change] = []
  /// In the earlier run only: what they proved is proved no more.
  package var vanished: [Change] = []
  /// Checks that did not pass either time, with other findings.
  package var findings: [FindingChange] = []
  /// Checks of security that passed both times, and whose numbers changed.
  package var grants: [Change] = []
  package var rows: [RowChange] = []
  package var queries: [QueryChange] = []
  /// `nil` where both runs were of the same bytes.
  package var spec: SpecChange?
  /// Facts about the runs and their sides.
  package var facts: [FactChange] = []
  /// What the spec excuses, one sentence a change.
  package var excuses: [ListChange] = []
  /// What people are asked, and who must sign.
  package var people: [ListChange] = []

  /// A run, in a line.
  package struct Run: Hashable, Sendable {
    package var id: String
    package var startedAt: Timestamp
    package var environment: String
    package var conclusion: RunResult.Conclusion
    package var specSHA256: String
  }

  /// A check that ended otherwise.
  package struct Change: Hashable, Sendable {
    package var id: String
    /// `nil` where the check was not there.
    package var before: Standing?
    package var after: Standing?
    package var summaryBefore: String?
    package var summaryAfter: String?
  }

  /// Findings, and parts that could not be checked, that came and went.
  package struct FindingChange: Hashable, Sendable {
    package var id: String
    package var section: String
    package var added: [String]
    package var removed: [String]
  }

  /// Rows of an object on a side.
  package struct RowChange: Hashable, Sendable {
    /// The suite of the object: `shop.tables.orders`.
    package var object: String
    package var side: Side
    package var before: Int
    package var after: Int
  }

  /// A percentile of a timed query.
  package struct QueryChange: Hashable, Sendable {
    package var query: String
    package var side: Side
    package var clock: TimingClock
    /// `p50` or `p95`.
    package var percentile: String
    /// In seconds.
    package var before: Double
    package var after: Double

    package var isSlower: Bool { after > before }
  }

  /// Another spec.
  package struct SpecChange: Hashable, Sendable {
    package var before: String
    package var after: String
    /// The lines that changed; `nil` where a text is not at hand, or where too many differ.
    package var lines: [LineChange]?
  }

  /// A fact that is another now, such as the version of a database.
  package struct FactChange: Hashable, Sendable {
    package var name: String
    package var before: String
    package var after: String
  }

  /// Something that came or went.
  package struct ListChange: Hashable, Sendable {
    package var words: String
    package var isAdded: Bool
  }

  /// A query counts as slower, or faster, where a percentile changed by more than this share.
  package static let share = 0.2
  /// The seconds by which it must have changed besides, as machines differ from minute to minute.
  package static let seconds = 0.01

  /// Whether something got worse.
  package var isWorse: Bool {
    !newlyFailing.isEmpty || !newlyUnchecked.isEmpty || !newlyExcused.isEmpty
      || !vanished.isEmpty || isVerdictWorse
      || appeared.contains { $0.after != .passed }
      || otherwise.contains { Self.rank($0.after) > Self.rank($0.before) }
      || findings.contains { !$0.added.isEmpty } || queries.contains(where: \.isSlower)
  }

  /// Whether the later run concluded worse than the earlier one.
  package var isVerdictWorse: Bool { Self.rank(later.conclusion) > Self.rank(earlier.conclusion) }

  /// Whether nothing at all changed.
  package var isUnchanged: Bool {
    newlyFailing.isEmpty && newlyUnchecked.isEmpty && newlyExcused.isEmpty && healed.isEmpty
      && otherwise.isEmpty && appeared.isEmpty && vanished.isEmpty && findings.isEmpty
      && grants.isEmpty && rows.isEmpty && queries.isEmpty && spec == nil && facts.isEmpty
      && excuses.isEmpty && people.isEmpty && earlier.conclusion == later.conclusion
  }

  static func rank(_ conclusion: RunResult.Conclusion) -> Int {
    switch conclusion {
    case .passed: 0
    case .couldNotCheck, .nothingSelected, .interrupted: 1
    case .failed: 2
    }
  }

  static func rank(_ standing: Standing?) -> Int {
    switch standing {
    case .passed, nil: 0
    case .warned, .waived: 1
    case .skipped: 2
    case .errored: 3
    case .failed: 4
    }
  }
}

/// A line of the spec that came or went.
package struct LineChange: Hashable, Sendable {
  /// In the later text where it was added, else in the earlier one; from 1.
  package var line: Int
  package var isAdded: Bool
  package var text: String

  package init(line: Int, isAdded: Bool, text: String) {
    self.line = line
    self.isAdded = isAdded
    self.text = text
  }

  /// The lines that must be taken out of and put into one text to make the other, in the order of
  /// the text; `nil` where more than `most` lines lie between the first and the last difference.
  package static func between(
    _ before: String, _ after: String, most: Int = 4_000
  ) -> [LineChange]? {
    let old = lines(before)
    let new = lines(after)
    let start = zip(old, new).prefix { $0 == $1 }.count
    let end = zip(old.dropFirst(start).reversed(), new.dropFirst(start).reversed())
      .prefix { $0 == $1 }.count
    let oldPart = Array(old[start..<(old.count - end)])
    let newPart = Array(new[start..<(new.count - end)])
    guard oldPart.count <= most, newPart.count <= most else { return nil }
    return newPart.difference(from: oldPart).map { change in
      switch change {
      case .remove(let offset, let text, _):
        LineChange(line: start + offset + 1, isAdded: false, text: text)
      case .insert(let offset, let text, _):
        LineChange(line: start + offset + 1, isAdded: true, text: text)
      }
    }.sorted { ($0.line, $0.isAdded ? 1 : 0) < ($1.line, $1.isAdded ? 1 : 0) }
  }

  private static func lines(_ text: String) -> [String] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
  }
}
