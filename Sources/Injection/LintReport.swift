package import Diagnostics

/// What became of a set of files: everything that was seen, and what could not be read.
package struct LintReport: Hashable, Sendable {
  /// Something a reviewer has to look at.
  package struct Finding: Hashable, Sendable {
    /// The rule that is broken.
    package let rule: LintRule
    /// Where the expression stands.
    package let place: SourceRange
    /// The expression as it is written; never a secret.
    package let expression: String
    /// What is wrong with it, for a reader who knows no SQL.
    package let sentence: String
    /// What to write instead.
    package let remedy: String

    /// The file, as the caller named it.
    package var file: String { place.file }
    /// The line of the expression, counted from 1.
    package var line: Int { place.start.line }
    /// The column of the expression in characters, counted from 1.
    package var column: Int { place.start.column }
  }

  /// A finding that the authors accept, and why.
  package struct Allowed: Hashable, Sendable {
    /// What was found.
    package let finding: Finding
    /// The words after `because`.
    package let reason: String
  }

  /// The place from which a file could not be read; what stands before it was judged.
  package struct Unreadable: Hashable, Sendable {
    /// Where reading failed.
    package let place: SourceRange
    /// What is wrong there.
    package let reason: String

    /// The file, as the caller named it.
    package var file: String { place.file }
  }

  /// What has to be mended or allowed, in the order of files and places.
  package let findings: [Finding]
  /// What comments allow.
  package let allowed: [Allowed]
  /// What is worth knowing and no reason to fail.
  package let informational: [Finding]
  /// Files of which nobody may say that they are clean.
  package let unreadable: [Unreadable]
}
