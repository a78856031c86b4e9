import Diagnostics
import SpecCore

/// Reads one case of a stored result.
struct JSONCaseReader {
  let spec: SpecIdentity

  func read(_ cursor: JSONCursor) throws(ResultReadError) -> CaseResult {
    let outcome = try cursor.member("outcome").word(Outcome.self)
    var verdict = Verdict(
      summary: try cursor.text("summary"),
      type: outcome == .failed || outcome == .waived ? try cursor.text("type") : "mismatch",
      findings: try cursor.texts("findings"), unchecked: try cursor.list("unchecked", unchecked),
      notes: try cursor.texts("notes"))
    if let rows = try cursor.optional("rows") { verdict.rows = try self.rows(rows) }
    if let timings = try cursor.optional("timings") { verdict.timings = try self.timings(timings) }
    if let facts = try cursor.optional("content") {
      verdict.content = ContentFacts(
        source: try content(facts, "source"), target: try content(facts, "target"))
    }
    var waiver: Waiver?
    if let found = try cursor.optional("waiver") { waiver = try self.waiver(found) }
    return CaseResult(
      id: try id(cursor.member("id"), spec, check: cursor.text("check")),
      clause: try cursor.text("clause"), sentence: try cursor.text("sentence"),
      range: try range(cursor), severity: try cursor.member("severity").word(),
      tags: try cursor.texts("tags"), outcome: outcome, waiver: waiver, verdict: verdict,
      startedAt: try cursor.time("started_at"), seconds: try cursor.number("seconds"),
      statements: try cursor.list("statements", statement),
      retries: try cursor.list("retries", unchecked))
  }

  private func unchecked(_ cursor: JSONCursor) throws(ResultReadError) -> Verdict.Unchecked {
    Verdict.Unchecked(
      type: try cursor.text("type"), reason: try cursor.text("reason"),
      remedy: try cursor.optionalText("remedy"))
  }

  private func waiver(_ cursor: JSONCursor) throws(ResultReadError) -> Waiver {
    Waiver(
      check: Located(try cursor.text("check"), at: try range(cursor)),
      because: try cursor.text("because"), owner: try cursor.text("owner"),
      expires: try cursor.member("expires").day(), ticket: try cursor.optionalText("ticket"))
  }

  private func statement(_ cursor: JSONCursor) throws(ResultReadError) -> ExecutedStatement {
    ExecutedStatement(
      side: try cursor.member("side").word(), sql: try cursor.text("sql"),
      seconds: try cursor.number("seconds"), rows: try cursor.integer("rows"),
      queryID: try cursor.optionalText("query_id"))
  }

  private func content(
    _ facts: JSONCursor, _ side: String
  ) throws(ResultReadError) -> ContentFacts.Content? {
    guard let cursor = try facts.optional(side) else { return nil }
    return ContentFacts.Content(
      name: try cursor.text("name"), rows: try cursor.optionalInteger("rows"),
      digest: try cursor.optionalText("digest"))
  }

  // MARK: Rows

  private func rows(_ cursor: JSONCursor) throws(ResultReadError) -> RowDifferences {
    RowDifferences(
      identical: try cursor.integer("identical"), modified: try cursor.integer("modified"),
      added: try cursor.integer("added"), removed: try cursor.integer("removed"),
      columns: try cursor.list("columns") { column throws(ResultReadError) in
        RowDifferences.ColumnCount(
          column: try column.text("column"), rows: try column.integer("rows"))
      },
      keyColumns: try cursor.texts("key_columns"),
      examples: try cursor.list("examples") { example throws(ResultReadError) in
        RowDifferences.Example(
          kind: try example.member("kind").word(), key: try example.texts("key"),
          cells: try example.list("cells", cell))
      },
      likely: try cursor.texts("likely"), sourceSQL: try cursor.optionalText("source_sql"),
      targetSQL: try cursor.optionalText("target_sql"))
  }

  private func cell(_ cursor: JSONCursor) throws(ResultReadError) -> RowDifferences.Cell {
    RowDifferences.Cell(
      column: try cursor.text("column"), source: try cursor.text("source"),
      target: try cursor.text("target"), likely: try cursor.optionalText("likely"))
  }

  // MARK: Timings

  private func timings(_ cursor: JSONCursor) throws(ResultReadError) -> Timings {
    Timings(try cursor.list("sides", side), clients: try cursor.integer("clients"))
  }

  /// Of errors only the words are stored; no report shows more of them.
  private func side(_ cursor: JSONCursor) throws(ResultReadError) -> SideTimings {
    func error(_ name: String) throws(ResultReadError) -> DatabaseError? {
      guard let words = try cursor.optionalText(name) else { return nil }
      return DatabaseError(.statementFailed, words)
    }
    var cold: TimingSample?
    if let found = try cursor.optional("cold") { cold = try sample(found) }
    return SideTimings(
      side: try cursor.member("side").word(), engine: try cursor.text("engine"), cold: cold,
      warm: try cursor.list("warm", sample), failure: try error("failure"),
      untold: try error("untold"), untoldOperators: try error("untold_operators"))
  }

  private func sample(_ cursor: JSONCursor) throws(ResultReadError) -> TimingSample {
    let cost = ExecutionCost(
      seconds: try cursor.optionalNumber("server"), queued: try cursor.optionalNumber("queued"),
      scanned: try cursor.optionalInteger("scanned"),
      spilled: try cursor.optionalInteger("spilled"),
      warehouseSize: try cursor.optionalText("warehouse_size"))
    return TimingSample(
      wire: try cursor.optionalNumber("wire"), cost: cost == ExecutionCost() ? nil : cost,
      rows: try cursor.optionalInteger("rows"), queryID: try cursor.optionalText("query_id"))
  }
}
