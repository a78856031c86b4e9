import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The section `rollback`.
  static var rollback: Shape<RollbackSpec> {
    .object(
      "rollback", RollbackSpec.init(range:),
      fields: [
        Field(
          "plan", \.plan, Shape<String>.text.located, required: true,
          "The file that says how the migration is undone, from the spec's folder; its digest is "
            + "recorded."),
        Field("backup", \.backup, backup.located, "A dump of Postgres is whole, and recent."),
        Field(
          "time_travel", \.timeTravel, retention.located,
          "Every migrated table can be read in Snowflake as it was so long ago."),
        Field(
          "snapshot", \.snapshot, snapshot.located,
          "A zero-copy clone made at cut-over holds every table: a database such as "
            + "SHOP_AT_CUTOVER, or a schema such as SHOP.PUBLIC_AT_CUTOVER."),
        Field(
          "rehearsed", \.rehearsed, rehearsal,
          "People have tried the way back; somebody attests it."),
      ])
  }

  private static var backup: Shape<BackupSpec> {
    .object(
      "a backup", { _ in BackupSpec() },
      fields: [
        Field(
          "newer_than", \.newerThan, span, required: true,
          "How old the backup may be, such as 24h."),
        Field(
          "file", \.file, Shape<String>.text.located,
          "The dump: a path or a pattern such as backups/*.dump, from the spec's folder; the "
            + "newest counts."),
      ])
  }

  private static var retention: Shape<RetentionSpec> {
    .object(
      "time_travel", { _ in RetentionSpec() },
      fields: [
        Field(
          "at_least", \.atLeast, span, required: true,
          "How far back, in days such as 7d; Snowflake keeps 1 day by default, and up to 90.")
      ])
  }

  private static var rehearsal: Shape<RehearsalSpec> {
    .object(
      "a rehearsal", RehearsalSpec.init(range:),
      fields: [
        Field(
          "within", \.within, span, required: true,
          "How long before the run it may have been, such as 14d."),
        Field("approver", \.approver, approver, required: true, approverMeaning),
      ])
  }

  /// A duration that something can be within.
  private static var span: Shape<TimeSpan> {
    duration.map { span, node, diagnostics in
      guard span.seconds >= 1 else {
        diagnostics.append(Diagnostic(.expected("a duration from 1s"), at: node.range))
        return nil
      }
      return span
    }
  }

  private static var snapshot: Shape<QualifiedName> {
    Shape<String>.text(
      like: #"^("[^"]+"|[A-Za-z_][A-Za-z0-9_$]*)([.]("[^"]+"|[A-Za-z_][A-Za-z0-9_$]*))?$"#,
      called: "a database such as SHOP_AT_CUTOVER, or a schema such as SHOP.PUBLIC_AT_CUTOVER"
    ) { text in (QualifiedName(text)?.parts.count ?? 3) < 3 }
    .map { text, _, _ in QualifiedName(text) }
  }

  /// The tables that the section speaks of must be named.
  static func checkRollback(_ spec: Spec, _ diagnostics: inout [Diagnostic]) {
    guard let rollback = spec.rollback, spec.tables == nil else { return }
    for (name, range) in [
      ("time_travel", rollback.timeTravel?.range), ("snapshot", rollback.snapshot?.range),
    ] {
      if let range { diagnostics.append(Diagnostic(.noTables(name), at: range)) }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func noTables(_ name: String) -> Self {
    Self(
      "E0108", "`\(name)` is about the tables of the spec, and there are none",
      label: "add `tables:`, or take it out")
  }
}
