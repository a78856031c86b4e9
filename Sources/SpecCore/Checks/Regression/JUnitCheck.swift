/// Expects the reports of the application's own tests to be there, recent, whole and green.
///
/// A report that cannot be read, holds no test, or is not of these data shows nothing, whatever it
/// says.
struct JUnitCheck: Check {
  /// What is looked at.
  enum Aspect: Hashable, Sendable {
    /// That there are reports, and enough tests in them.
    case found
    case age
    case passed
    /// That nothing was skipped.
    case skipped
    /// A suite by its name, `*` for any text.
    case suite(String)
  }

  /// The reports that are looked at.
  struct Reports: Hashable, Sendable {
    let paths: [String]
    let newerThan: AuditTime
    let atLeast: Int
  }

  let aspect: Aspect
  let reports: Reports
  private var hasAsked = false

  init(_ aspect: Aspect, _ reports: Reports) {
    self.aspect = aspect
    self.reports = reports
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard hasAsked else {
      hasAsked = true
      return .read(FileRequest(reports.paths, endings: [".xml"]))
    }
    guard case .files(let found) = answers.first else {
      preconditionFailure("files were asked for")
    }
    guard let readAt = dialects.readAt else {
      return .decide(
        Verdict(Verdict.Unchecked(type: "no_read_point", reason: "the run has no read point yet")))
    }
    let reading = JUnitReading(
      of: found, newerThan: reports.newerThan.point(before: readAt), readAt: readAt)
    return .decide(judge(reading))
  }

  private func judge(_ reading: JUnitReading) -> Verdict {
    var verdict =
      switch aspect {
      case .found: found(reading)
      case .age: age(reading)
      case .passed: passed(reading)
      case .skipped: skipped(reading)
      case .suite(let name): suite(name, reading)
      }
    if let first = verdict.findings.first, verdict.summary.isEmpty {
      verdict.summary = verdict.findings.count == 1 ? first.firstLine : verdict.summary
    }
    if verdict.findings.isEmpty, let first = verdict.unchecked.first {
      verdict.summary = first.reason.firstLine
    }
    return verdict
  }

  // MARK: Aspects

  private func found(_ reading: JUnitReading) -> Verdict {
    var verdict = Verdict(summary: reading.words, type: "too_few_tests")
    verdict.unchecked = reading.problems + reading.contradictions
    verdict.notes = reading.notes
    if reading.total.ran < reports.atLeast, reading.problems.isEmpty {
      verdict.summary =
        "\(counted(reading.total.ran, "test")) carried out, expected at least "
        + grouped(reports.atLeast)
      verdict.findings = [
        "the reports hold \(counted(reading.total.ran, "test")) that "
          + "\(reading.total.ran == 1 ? "was" : "were") carried out, and at least "
          + "\(grouped(reports.atLeast)) are expected; cure: run the whole suite, and let it write "
          + "its reports where the spec looks"
      ]
    }
    return verdict
  }

  private func age(_ reading: JUnitReading) -> Verdict {
    var verdict = Verdict(summary: "", type: "old_report")
    verdict.unchecked = reading.problems
    for file in reading.files {
      switch file.age {
      case .old(let point):
        verdict.findings.append(
          "\(file.path): its tests ran at \(point), before \(reading.newerThan); cure: run the "
            + "application's tests again, on the data that are there now")
      case .unknown(let unchecked): verdict.unchecked.append(unchecked)
      case .recent: break
      }
    }
    verdict.notes = reading.ageNotes
    let old = verdict.findings.count
    if old > 0 {
      verdict.summary = "\(grouped(old)) of \(counted(reading.files.count, "report")) too old"
    } else if let first = reading.files.compactMap(\.age.point).min() {
      verdict.summary = "\(counted(reading.files.count, "report")), the oldest of \(first)"
    }
    return verdict
  }

  private func passed(_ reading: JUnitReading) -> Verdict {
    var verdict = Verdict(summary: "", type: "application_tests_failed")
    let failures = reading.files.flatMap { file in
      file.report.failures.map { Self.sentence($0, file) }
    }
    verdict.findings = Self.bounded(failures, of: reading.total.failed, "failed")
    verdict.unchecked = reading.problems + reading.contradictions + reading.untimely
    if reading.problems.isEmpty, reading.total.ran == 0 {
      verdict.unchecked.append(.noTest("no test was carried out: that shows nothing"))
    }
    verdict.notes = reading.notes + reading.flakes
    verdict.summary =
      verdict.findings.isEmpty
      ? "\(counted(reading.total.ran, "test")) passed" + Self.words(reading.total)
      : "\(grouped(reading.total.failed)) of \(counted(reading.total.ran, "test")) failed"
    return verdict
  }

  private func skipped(_ reading: JUnitReading) -> Verdict {
    var verdict = Verdict(summary: "", type: "application_tests_skipped")
    let skips = reading.files.flatMap { file in
      file.report.skips.map { Self.sentence($0, file) }
    }
    verdict.findings = Self.bounded(skips, of: reading.total.skipped, "were skipped")
    verdict.unchecked = reading.problems + reading.contradictions
    verdict.summary =
      "\(grouped(reading.total.skipped)) of \(counted(reading.total.tests, "test")) skipped"
    return verdict
  }

  private func suite(_ name: String, _ reading: JUnitReading) -> Verdict {
    var verdict = Verdict(summary: "", type: "application_tests_failed")
    var tally = JUnitReport.Tally()
    var failures: [String] = []
    var files: [JUnitReading.File] = []
    for file in reading.files {
      let found = file.report.suites.indices.filter {
        Wildcard.matches(Array(name.utf8)[...], Array(file.report.suites[$0].name.utf8)[...])
      }
      guard !found.isEmpty else { continue }
      files.append(file)
      let wanted = Set(found)
      // A suite inside of one that fits as well is counted with it.
      for position in found where !file.report.isInside(position, wanted) {
        tally += file.report.suites[position].tally
      }
      failures += file.report.failures.filter { !wanted.isDisjoint(with: $0.suites) }
        .map { Self.sentence($0, file) }
    }
    guard !files.isEmpty else {
      // A report that could not be read may hold it.
      if !reading.problems.isEmpty {
        verdict.unchecked = reading.problems
      } else {
        verdict.type = "suite_missing"
        verdict.summary = "no such suite"
        verdict.findings = [
          "no report holds the suite \(name); \(reading.suiteNames); cure: run it, or correct its "
            + "name"
        ]
      }
      return verdict
    }
    verdict.findings = Self.bounded(failures, of: tally.failed, "failed")
    verdict.unchecked = files.flatMap { $0.contradictions + $0.untimely }
    if tally.ran == 0 {
      verdict.unchecked.append(
        .noTest("no test of the suite \(name) was carried out: that shows nothing"))
    }
    verdict.summary =
      verdict.findings.isEmpty
      ? "\(counted(tally.ran, "test")) passed" + Self.words(tally)
      : "\(grouped(tally.failed)) of \(counted(tally.ran, "test")) failed"
    return verdict
  }

  // MARK: Words

  /// `, 2 skipped, 1 only when repeated`.
  private static func words(_ tally: JUnitReport.Tally) -> String {
    [(tally.skipped, "skipped"), (tally.flaky, "only when repeated")].filter { $0.0 > 0 }
      .map { ", \(grouped($0.0)) \($0.1)" }.joined()
  }

  private static func sentence(_ test: JUnitReport.Test, _ file: JUnitReading.File) -> String {
    let message = test.message.isEmpty ? "" : ": \(test.message)"
    return "\(test.name)\(message) (\(file.path))"
  }

  /// So many names are told.
  private static let mostTold = 50

  private static func bounded(_ all: [String], of count: Int, _ what: String) -> [String] {
    let told = Array(all.prefix(mostTold))
    guard count > told.count else { return told }
    return told + ["and \(grouped(count - told.count)) more \(what)"]
  }
}

extension JUnitReport {
  /// Whether a suite lies inside of one of the others.
  fileprivate func isInside(_ position: Int, _ others: Set<Int>) -> Bool {
    var outer = suites[position].outer
    while let each = outer {
      if others.contains(each) { return true }
      outer = suites[each].outer
    }
    return false
  }
}

extension Verdict.Unchecked {
  static func noTest(_ reason: String) -> Self {
    Self(type: "no_tests", reason: reason, remedy: "run the application's tests, all of them")
  }
}
