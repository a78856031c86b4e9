package import Diagnostics
package import SpecCore

/// Turns the result of a run into one document; the same result gives the same bytes every time.
package protocol Reporter: Sendable {
  /// The whole document, ending in a line break.
  func render(_ result: RunResult) -> String
}

extension Reporter where Self == JUnitReporter {
  /// JUnit XML for build servers.
  package static func junit(profile: JUnitProfile = .strict) -> Self { Self(profile: profile) }
}

extension Reporter where Self == TextReporter {
  /// Plain text for terminals and build logs.
  package static func text(look: Look = .plain) -> Self { Self(look: look) }
}

extension Reporter where Self == JSONReporter {
  /// Everything, for programs.
  package static var json: Self { Self() }
}

extension Reporter where Self == GitHubAnnotations {
  /// Workflow commands that GitHub shows beside the lines of the spec.
  package static var github: Self { Self() }
}

extension Reporter where Self == HTMLReporter {
  /// One page for people who review and sign, with the text of the spec.
  package static func html(spec: SourceFile?, evidence: EvidenceFacts? = nil) -> Self {
    Self(spec: spec, evidence: evidence)
  }
}
