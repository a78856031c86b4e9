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
        Field(
          "queries", \.queries, regressionQueries,
          "The application's queries by name: what they return must be the same on both sides."),
        Field("severity", \.severity, .choice, severityMeaning),
        Field("tags", \.tags, .list(of: .text), "Words to select by: --select tag:pii."),
        Field("because", \.because, reason, becauseMeaning),
      ], check: checkRegression)
  }

  private static func checkRegression(
    _ spec: RegressionSpec, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    guard let junit = spec.junit?.first else {
      if spec.queries == nil {
        diagnostics.append(Diagnostic(.idleRegression, at: node.range.opening))
      }
      let ranges = [
        spec.newerThan?.range, spec.atLeast?.range, spec.skipped?.range, spec.expect?.first?.range,
      ]
      if let range = ranges.compactMap(\.self).first, spec.queries != nil {
        diagnostics.append(Diagnostic(.noReports, at: range))
      }
      return
    }
    if spec.newerThan == nil { diagnostics.append(Diagnostic(.undatedReports, at: junit.range)) }
  }
}

extension Diagnostic.Message {
  fileprivate static let idleRegression = Self(
    "E0108", "a regression needs the application's tests, or its queries",
    label: "`junit:` or `queries:` is missing here",
    notes: ["for example `junit: reports/app/*.xml`"])

  fileprivate static let noReports = Self(
    "E0111", "this is about reports of tests, and `junit` names none",
    label: "take it out, or add `junit:`")

  fileprivate static let undatedReports = Self(
    "E0108", "reports of tests need an age",
    label: "add `newer_than: 24h`, or the time at which the data were loaded",
    notes: ["tests that ran before the data were loaded say nothing of them"])
}
