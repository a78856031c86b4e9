package import Diagnostics

/// That there is a way back, should the migration be undone.
package struct RollbackSpec: Sendable {
  /// The plan's file, from the spec's folder.
  package var plan: Located<String>?
  package var backup: Located<BackupSpec>?
  /// So far back every migrated table can be read in the target.
  package var timeTravel: Located<RetentionSpec>?
  /// A database, or a schema, that was cloned at cut-over.
  package var snapshot: Located<QualifiedName>?
  package var rehearsed: RehearsalSpec?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// A dump of the source that is young enough.
package struct BackupSpec: Hashable, Sendable {
  package var newerThan: TimeSpan?
  /// Files and patterns, from the spec's folder; the newest counts.
  package var file: Located<String>?
}

/// How far back Time Travel must reach.
package struct RetentionSpec: Hashable, Sendable {
  package var atLeast: TimeSpan?
}

/// That people have tried the way back.
package struct RehearsalSpec: Sendable {
  package var within: TimeSpan?
  /// The role whose word counts.
  package var approver: Located<String>?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}
