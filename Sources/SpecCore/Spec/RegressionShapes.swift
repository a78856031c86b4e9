import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The section `regression`.
  static var regression: Shape<RegressionSpec> {
    .object(
      "regression", RegressionSpec.init(range:),
      fields: [
        Field(
          "junit", \.junit, filePaths,
          "JUnit files of the application's own tests: paths and patterns such as "
            + "reports/app/*.xml, from the spec's folder."),
        Field(
          "newer_than", \.newerThan, auditTime.located,
          "The tests ran after this: 24h before the run, or the day or time at which the data were "
            + "loaded."),
        Field(
          "at_least", \.atLeast, Shape<Int>.integer(1...10_000_000).located,
          "So many tests must have been carried out; 1 unless said."),
        Field(
          "skipped", \.skipped, Shape<SkippedPolicy>.choice.located,
          "What to do about tests that were skipped: warn (default), fail or allowed."),
        Field(
          "expect", \.expect, .list(of: .text),
          "Names of suites that the reports must hold, with `*` for any text."),
        Field("severity", \.severity, .choice, severityMeaning),
        Field("tags", \.tags, .list(of: .text), "Words to select by: --select tag:pii."),
        Field("because", \.because, reason, becauseMeaning),
      ], check: checkRegression)
  }

  private static func checkRegression(
    _ spec: RegressionSpec, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    guard let junit = spec.junit?.first else {
      diagnostics.append(Diagnostic(.idleRegression, at: node.range.opening))
      return
    }
    if spec.newerThan == nil { diagnostics.append(Diagnostic(.undatedReports, at: junit.range)) }
  }
}

extension Diagnostic.Message {
  fileprivate static let idleRegression = Self(
    "E0108", "a regression needs the application's tests",
    label: "`junit:` is missing here", notes: ["for example `junit: reports/app/*.xml`"])

  fileprivate static let undatedReports = Self(
    "E0108", "reports of tests need an age",
    label: "add `newer_than: 24h`, or the time at which the data were loaded",
    notes: ["tests that ran before the data were loaded say nothing of them"])
}
