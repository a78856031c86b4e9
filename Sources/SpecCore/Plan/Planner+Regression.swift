import Diagnostics

extension Planner {
  /// The suites of the `regression` section.
  func regressionSuites() -> [Plan.Suite] {
    guard let regression = spec.regression else { return [] }
    return [junitSuite(regression), querySuite(regression)].compactMap(\.self)
  }

  private func junitSuite(_ regression: RegressionSpec) -> Plan.Suite? {
    guard let paths = regression.junit, let first = paths.first, let newer = regression.newerThan
    else { return nil }
    let list = paths.map(\.value).joined(separator: ", ")
    let reports = JUnitCheck.Reports(
      paths: paths.map(\.value), newerThan: newer.value, atLeast: regression.atLeast?.value ?? 1)
    func step(
      _ check: String, _ range: SourceRange, _ sentence: String, _ aspect: JUnitCheck.Aspect,
      severity: CaseSeverity? = nil
    ) -> Plan.Step {
      Plan.Step(
        id: CheckID(spec: slug, section: "regression", object: "junit", check: check),
        clause: "4a", sentence: sentence, range: range,
        severity: severity ?? regression.severity ?? .error,
        tags: (regression.tags ?? []).map(\.value), check: JUnitCheck(aspect, reports))
    }
    let least = counted(reports.atLeast, "test")
    var steps = [
      step(
        "found", regression.atLeast?.range ?? first.range,
        "The application's own tests have left reports (\(list)), which are whole and hold at least "
          + "\(least) that \(reports.atLeast == 1 ? "was" : "were") carried out.", .found),
      step(
        "age", newer.range,
        "The application's own tests ran \(Self.since(newer.value)): on the data that are compared "
          + "here.", .age),
      step(
        "passed", first.range,
        "Every one of the application's own tests that was carried out passed.", .passed),
    ]
    switch regression.skipped?.value ?? .warn {
    case .allowed: break
    case .warn:
      steps.append(
        step(
          "skipped", regression.skipped?.range ?? first.range,
          "None of the application's own tests was skipped.", .skipped, severity: .warn))
    case .fail:
      steps.append(
        step(
          "skipped", regression.skipped?.range ?? first.range,
          "None of the application's own tests was skipped.", .skipped))
    }
    var used: Set<String> = []
    for suite in regression.expect ?? [] {
      let base = "suites.\(Self.safe(suite.value, keepsDots: true))"
      var name = base
      var number = 2
      while !used.insert(name).inserted {
        name = "\(base)-\(number)"
        number += 1
      }
      steps.append(
        step(
          name, suite.range,
          "The application's suite \(suite.value) was run, and everything in it passed.",
          .suite(suite.value)))
    }
    return Plan.Suite(
      name: "\(slug).regression.junit", title: "the application's own tests (\(list))",
      steps: steps)
  }

  private static func since(_ time: AuditTime) -> String {
    switch time {
    case .before(let span): "at most \(span.words) before this run"
    case .at(let point): "after \(point)"
    }
  }

  /// What the author tolerates of the application's tests.
  var regressionExceptions: [SpecException] {
    guard let regression = spec.regression else { return [] }
    var found: [SpecException] = []
    func add(_ check: String, _ sentence: String, _ range: SourceRange) {
      found.append(
        SpecException(
          subject: "\(slug).regression\(check)", sentence: sentence, because: regression.because,
          range: range))
    }
    if let skipped = regression.skipped, skipped.value == .allowed {
      add(".junit", "The application's own tests may be skipped.", skipped.range)
    }
    if regression.severity == .warn {
      add(".junit", "The application's own tests: failures only warn.", regression.range)
    }
    found += queryExceptions(regression)
    return found
  }
}
