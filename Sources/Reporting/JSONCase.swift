import Diagnostics
import SpecCore

/// One case of the JSON report.
struct JSONCase {
  let result: CaseResult
  let suite: String
  let strict: Bool

  /// The case with all its fields, whether they hold something or not.
  var value: JSONValue {
    .object([
      ("id", .text(result.id.description)),
      ("suite", .text(suite)),
      ("check", .text(result.id.check)),
      ("clause", .text(result.clause)),
      ("sentence", .text(result.sentence)),
      ("file", .text(result.range.file)),
      ("line", .integer(max(1, result.range.start.line))),
      ("severity", .string(result.severity.rawValue)),
      ("tags", .texts(result.tags)),
      ("outcome", .string(result.outcome.rawValue)),
      ("fails_run", .bool(result.standing(strict: strict) == .failed)),
      ("waiver", result.waiver.map(JSONReporter.waiver) ?? .null),
      ("type", type),
      ("summary", .text(result.verdict.summary)),
      ("findings", .texts(result.verdict.findings)),
      ("unchecked", .array(result.verdict.unchecked.map(unchecked))),
      ("notes", .texts(result.verdict.notes)),
      ("rows", result.verdict.rows.map(rows) ?? .null),
      ("timings", result.verdict.timings.map { JSONTimings(timings: $0).value } ?? .null),
      ("content", result.verdict.content.map(content) ?? .null),
      ("statements", .array(result.statements.map(statement))),
      ("retries", .array(result.retries.map(unchecked))),
      ("started_at", .time(result.startedAt)),
      ("seconds", .seconds(result.seconds)),
    ])
  }

  /// The word for what was wrong, waived or not; nothing was, in a case that passed or was skipped.
  private var type: JSONValue {
    switch result.outcome {
    case .failed, .waived: .text(result.verdict.type)
    case .errored: .text(result.verdict.unchecked.first?.type ?? "could_not_check")
    case .passed, .skipped: .null
    }
  }

  private func unchecked(_ part: Verdict.Unchecked) -> JSONValue {
    .object([
      ("type", .text(part.type)),
      ("reason", .text(part.reason)),
      ("remedy", .optional(part.remedy)),
    ])
  }

  private func content(_ facts: ContentFacts) -> JSONValue {
    func side(_ content: ContentFacts.Content?) -> JSONValue {
      guard let content else { return .null }
      return .object([
        ("name", .text(content.name)),
        ("rows", content.rows.map { .integer($0) } ?? .null),
        ("digest", .optional(content.digest)),
      ])
    }
    return .object([("source", side(facts.source)), ("target", side(facts.target))])
  }

  private func statement(_ statement: ExecutedStatement) -> JSONValue {
    .object([
      ("side", .string(statement.side.rawValue)),
      ("sql", .text(statement.sql)),
      ("seconds", .seconds(statement.seconds)),
      ("rows", .integer(statement.rows)),
      ("query_id", .optional(statement.queryID)),
    ])
  }

  private func rows(_ rows: RowDifferences) -> JSONValue {
    .object([
      ("identical", .integer(rows.identical)),
      ("modified", .integer(rows.modified)),
      ("added", .integer(rows.added)),
      ("removed", .integer(rows.removed)),
      (
        "columns",
        .array(
          rows.columns.map {
            .object([("column", .text($0.column)), ("rows", .integer($0.rows))])
          })
      ),
      ("key_columns", .texts(rows.keyColumns)),
      ("examples", .array(rows.examples.map(example))),
      ("likely", .texts(rows.likely)),
      ("source_sql", .optional(rows.sourceSQL)),
      ("target_sql", .optional(rows.targetSQL)),
    ])
  }

  private func example(_ example: RowDifferences.Example) -> JSONValue {
    .object([
      ("kind", .string(example.kind.rawValue)),
      ("key", .texts(example.key)),
      (
        "cells",
        .array(
          example.cells.map {
            .object([
              ("column", .text($0.column)),
              ("source", .text($0.source)),
              ("target", .text($0.target)),
              ("likely", .optional($0.likely)),
            ])
          })
      ),
    ])
  }
}
