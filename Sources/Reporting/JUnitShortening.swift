import SpecCore

/// How much a report is shortened; what passed goes first, what failed last and least.
enum JUnitShortening: Int, CaseIterable, Comparable {
  case none
  /// Passed cases have no output.
  case quiet
  /// The passed cases of a suite are one case.
  case folded
  /// Accounts of failures end after some screens.
  case brief
  /// Accounts of failures are a few lines.
  case briefest
  /// Only the first cases that did not pass stand for themselves.
  case fewest

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The longest message, in characters.
  var message: Int { self < .briefest ? 1_000 : 200 }

  /// The longest account, in characters; more than the message and the place need.
  var account: Int {
    switch self {
    case .none, .quiet, .folded: 65_535
    case .brief: 4_000
    case .briefest, .fewest: 800
    }
  }

  /// The longest statement that is looked at, so that a report which is cut anyway is made fast.
  var statement: Int { self < .brief ? .max : account }

  /// How many cases that did not pass stand for themselves.
  var ownCases: Int { self == .fewest ? 1_000 : .max }

  /// What a reader is told, in the property `report.shortened`; `nil` where nothing was left out.
  var remark: String? {
    let output = "the output of passed checks is left out"
    let folded = "the passed checks of each suite are one test case"
    return switch self {
    case .none: nil
    case .quiet: output
    case .folded: folded
    case .brief, .briefest: "\(folded), accounts of failures are cut"
    case .fewest: "only the first \(grouped(ownCases)) checks that did not pass are listed"
    }
  }
}

/// One test case to be: a case of the run, or several that are told as one.
enum JUnitEntry {
  case own(CaseResult)
  case folded(JUnitFold)

  /// What the test case counts as.
  func standing(strict: Bool) -> Standing {
    switch self {
    case .own(let result): result.standing(strict: strict)
    case .folded(let fold): fold.standing
    }
  }
}

/// Cases of one standing that are told as one.
struct JUnitFold {
  let standing: Standing
  let count: Int
  let first: CaseResult
  let seconds: Double

  /// `812 further checks failed; the first is shop.tables.orders.checksum`.
  var message: String {
    let verb =
      switch standing {
      case .passed: "passed"
      case .failed: "failed"
      case .warned: "ended with a warning"
      case .waived: "failed and are waived"
      case .errored: "could not be checked"
      case .skipped: "were skipped"
      }
    let checks = standing == .passed ? "check" : "further check"
    return "\(counted(count, checks)) \(verb); the first is \(first.id)"
  }

  /// The name of the test case: `fail_together`.
  var name: String { "\(String(standing.word.lowercased().prefix { $0 != " " }))_together" }

  /// One fold for each standing among the cases.
  static func all(of cases: [CaseResult], strict: Bool) -> [JUnitEntry] {
    Standing.allCases.compactMap { standing in
      let members = cases.filter { $0.standing(strict: strict) == standing }
      return members.first.map {
        .folded(
          JUnitFold(
            standing: standing, count: members.count, first: $0,
            seconds: members.reduce(0) { $0 + $1.seconds }))
      }
    }
  }
}

/// A test suite to be.
struct JUnitSuite {
  let name: String
  let startedAt: Timestamp
  let seconds: Double
  var entries: [JUnitEntry]

  /// The suites of a run, each with at least one entry, shortened as asked.
  static func all(of run: RunResult, shortening: JUnitShortening) -> [JUnitSuite] {
    var left = shortening.ownCases
    var further: [CaseResult] = []
    var suites = (run.reportedSuites + OpenSignOff(of: run).suites).map { suite in
      var own: [CaseResult] = []
      var passed: [CaseResult] = []
      for each in suite.cases {
        if shortening >= .folded, each.outcome == .passed, each.retries.isEmpty {
          passed.append(each)
        } else if left > 0 {
          own.append(each)
          left -= 1
        } else {
          further.append(each)
        }
      }
      if shortening == .fewest {
        further += passed
        passed = []
      }
      let entries = own.map(JUnitEntry.own) + JUnitFold.all(of: passed, strict: run.strict)
      return JUnitSuite(
        name: suite.name, startedAt: suite.startedAt, seconds: suite.seconds, entries: entries)
    }
    suites.removeAll(where: \.entries.isEmpty)
    if !further.isEmpty {
      let entries = JUnitFold.all(of: further, strict: run.strict)
      suites.append(
        JUnitSuite(
          name: "\(run.spec.slug).further", startedAt: run.startedAt, seconds: 0, entries: entries))
    }
    return suites
  }
}
