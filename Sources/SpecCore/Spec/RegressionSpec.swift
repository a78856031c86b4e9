package import Diagnostics

/// That the application which relies on the data still works.
package struct RegressionSpec: Sendable {
  /// JUnit files of the application's own suites: files, folders and patterns, from the spec's folder.
  package var junit: [Located<String>]?
  /// The tests must have run after this.
  package var newerThan: Located<AuditTime>?
  /// So many tests must have been carried out; 1 unless said.
  package var atLeast: Located<Int>?
  /// What to do about tests that were not carried out; a warning unless said.
  package var skipped: Located<SkippedPolicy>?
  /// Suites that must be in the reports, `*` for any text.
  package var expect: [Located<String>]?
  /// The application's queries, whose results must agree.
  package var queries: [MapEntry<RegressionQuery>]?
  package var severity: CaseSeverity?
  package var tags: [Located<String>]?
  package var because: String?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// What to do about tests that a suite did not carry out.
package enum SkippedPolicy: String, Hashable, Sendable, CaseIterable {
  case warn, fail, allowed
}
