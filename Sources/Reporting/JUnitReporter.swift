package import SpecCore

/// Which readers a JUnit report is written for; no document satisfies them all.
package enum JUnitProfile: String, Hashable, Sendable, CaseIterable {
  /// Valid against the schema that Jenkins' xunit plugin enforces; read well everywhere.
  case strict
  /// With `file` and `line` on every test case, for GitLab, CircleCI and GitHub actions.
  case located
  /// Valid against the Ant schema as well, which leaves no room for output of test cases.
  case ant
}

/// Writes JUnit XML that Jenkins, GitLab, GitHub actions, Azure DevOps and others read alike.
package struct JUnitReporter: Reporter {
  /// What readers take without complaint.
  package struct Limits: Hashable, Sendable {
    /// Test cases in a file.
    package var cases: Int
    /// Bytes of a file.
    package var bytes: Int

    package init(cases: Int = 20_000, bytes: Int = 10_000_000) {
      self.cases = cases
      self.bytes = bytes
    }
  }

  private let profile: JUnitProfile
  private let limits: Limits

  package init(profile: JUnitProfile = .strict, limits: Limits = Limits()) {
    self.profile = profile
    self.limits = limits
  }

  /// The report, shortened step by step until it is within the limits.
  package func render(_ result: RunResult) -> String {
    for shortening in JUnitShortening.allCases.dropLast() {
      let document = document(of: result, shortening)
      if let text = document.text(within: limits) { return text }
    }
    // The last step bounds everything by itself.
    return document(of: result, .fewest).text(within: nil) ?? ""
  }

  private func document(of result: RunResult, _ shortening: JUnitShortening) -> JUnitDocument {
    JUnitDocument(run: result, profile: profile, shortening: shortening)
  }
}
