/// What became of the reports that a spec names, file by file.
struct JUnitReading {
  /// A report that was read.
  struct File {
    let path: String
    let report: JUnitReport
    let age: Age
    /// Why its sums cannot be trusted.
    let contradictions: [Verdict.Unchecked]
    /// Why its outcome says nothing of the data that are there now.
    var untimely: [Verdict.Unchecked] {
      switch age {
      case .recent: []
      case .old(let point):
        [
          Verdict.Unchecked(
            type: "old_report",
            reason: "\(path): its tests ran at \(point), too early to say anything of these data",
            remedy: "run the application's tests again")
        ]
      case .unknown(let unchecked): [unchecked]
      }
    }
  }

  /// When the tests of a report ran.
  enum Age {
    case recent(Timestamp)
    case old(Timestamp)
    case unknown(Verdict.Unchecked)

    var point: Timestamp? {
      switch self {
      case .recent(let point), .old(let point): point
      case .unknown: nil
      }
    }
  }

  private(set) var files: [File] = []
  /// Files that are not there, cannot be read, or hold no test.
  private(set) var problems: [Verdict.Unchecked]
  /// How the times were learnt, where a reviewer should know.
  private(set) var ageNotes: [String] = []
  private(set) var notes: [String] = []
  /// The tests must not have run before.
  let newerThan: Timestamp

  /// A clock may be so many seconds ahead of the database's.
  private static let clockTolerance = 300.0
  private static let mostRemarks = 20

  init(of found: FoundFiles, newerThan: Timestamp, readAt: Timestamp) {
    self.newerThan = newerThan
    problems = found.problems
    for file in found.files {
      guard let bytes = file.bytes else { continue }
      do throws(JUnitProblem) {
        add(file, try JUnitReader.read(bytes), readAt)
      } catch {
        problems.append(Self.unreadable(file.path, error))
      }
    }
    if files.isEmpty, problems.isEmpty {
      problems.append(
        Verdict.Unchecked(
          type: "missing_file", reason: "there is no report of tests",
          remedy: "let the application's tests write JUnit XML where the spec looks"))
    }
  }

  private mutating func add(_ file: FoundFile, _ report: JUnitReport, _ readAt: Timestamp) {
    if report.total.tests == 0, report.total.failed == 0 {
      problems.append(
        Verdict.Unchecked(
          type: "no_tests", reason: "\(file.path) holds no test: that shows nothing",
          remedy: "find out why the suite ran no test, or take the file away"))
    }
    let contradictions = report.contradictions.prefix(Self.mostRemarks).map { words in
      Verdict.Unchecked(
        type: "contradictory_report", reason: "\(file.path): \(words)",
        remedy: "was the report written whole? Run the suite again")
    }
    notes += report.notes.prefix(Self.mostRemarks).map { "\(file.path): \($0)" }
    files.append(
      File(
        path: file.path, report: report, age: age(file, report, readAt),
        contradictions: contradictions))
  }

  private mutating func age(_ file: FoundFile, _ report: JUnitReport, _ readAt: Timestamp) -> Age {
    let written = file.modified
    let point: Timestamp
    var origin = ""
    if let time = report.time {
      point = time.point
      if !time.hasZone {
        origin = " (the report gives no time zone: UTC was assumed)"
        ageNotes.append("\(file.path) gives no time zone: UTC was assumed")
        // Whoever is ahead of UTC seems to have run in the future of the file itself.
        if let written, written < point {
          ageNotes.append(
            "\(file.path) was written at \(written), before the time it tells: that counts")
          return judged(written, file, origin, readAt)
        }
      }
    } else if let written {
      let reason =
        report.unreadableTime.map { "tells a time that cannot be read (\($0))" }
        ?? "does not tell when its tests ran"
      ageNotes.append(
        "\(file.path) \(reason): the time at which the file was written counts, \(written), which a "
          + "copy or a checkout makes anew")
      point = written
    } else {
      return .unknown(
        Verdict.Unchecked(
          type: "no_time", reason: "\(file.path) does not tell when its tests ran",
          remedy: "let the suite write timestamps"))
    }
    return judged(point, file, origin, readAt)
  }

  private func judged(
    _ point: Timestamp, _ file: FoundFile, _ origin: String, _ readAt: Timestamp
  ) -> Age {
    if point > readAt.moved(by: Self.clockTolerance) {
      return .unknown(
        Verdict.Unchecked(
          type: "future_report",
          reason:
            "\(file.path): its tests ran at \(point), after this run began (\(readAt))\(origin)",
          remedy: "set the clock right, or let the suite write its times with their zone"))
    }
    return point < newerThan ? .old(point) : .recent(point)
  }

  private static func unreadable(_ path: String, _ problem: JUnitProblem) -> Verdict.Unchecked {
    switch problem {
    case .empty:
      Verdict.Unchecked(
        type: "empty_report", reason: "\(path) \(problem.words)",
        remedy: "find out why; a suite that crashes leaves such a file")
    case .notXML(let place):
      Verdict.Unchecked(
        type: "unreadable_file",
        reason: "\(path):\(place.line):\(place.column) \(problem.words)",
        remedy: "run the suite again, and let it write JUnit XML in UTF-8")
    case .notJUnit:
      Verdict.Unchecked(
        type: "not_junit", reason: "\(path) \(problem.words)",
        remedy: "let the pattern in `junit:` name reports of tests only")
    }
  }

  // MARK: Sums

  var total: JUnitReport.Tally {
    files.reduce(into: JUnitReport.Tally()) { $0 += $1.report.total }
  }

  var contradictions: [Verdict.Unchecked] { files.flatMap(\.contradictions) }

  var untimely: [Verdict.Unchecked] { files.flatMap(\.untimely) }

  /// Tests that passed only when they were repeated.
  var flakes: [String] {
    let all = files.flatMap { file in
      file.report.flakes.map {
        "passed only when repeated: \($0.name)\($0.message.isEmpty ? "" : ": \($0.message)")"
      }
    }
    let told = Array(all.prefix(Self.mostRemarks))
    let more = total.flaky - told.count
    return more > 0 ? told + ["and \(grouped(more)) more passed only when repeated"] : told
  }

  /// `2 reports, 3 suites, 120 tests, 4 of them skipped`.
  var words: String {
    let suites = files.map(\.report.suites.count).reduce(0, +)
    let skipped = total.skipped > 0 ? ", \(grouped(total.skipped)) of them skipped" : ""
    return "\(counted(files.count, "report")), \(counted(suites, "suite")), "
      + "\(counted(total.tests, "test"))\(skipped)"
  }

  /// The names of the suites that are there, not all of them where there are many.
  var suiteNames: String {
    var names: [String] = []
    for name in files.flatMap({ $0.report.suites.map(\.name) })
    where !name.isEmpty && !names.contains(name) && names.count <= 10 {
      names.append(name)
    }
    if names.isEmpty { return "the reports name no suite" }
    let more = names.count > 10 ? " and more" : ""
    return "there are \(names.prefix(10).joined(separator: ", "))\(more)"
  }
}
