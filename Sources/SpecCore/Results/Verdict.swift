/// What a check found out, before severity and selection are considered.
///
/// Findings make it fail; otherwise anything left unchecked makes it *could not check*; only a
/// verdict with neither passes.
package struct Verdict: Hashable, Sendable {
  /// One line with the numbers: `1,000 = 1,000` or `2 of 48,210 rows differ`.
  package var summary: String
  /// The reports' machine word for a failure: `row_count_mismatch`.
  package var type: String
  /// Each difference, in a sentence.
  package var findings: [String]
  /// Each thing that could not be determined, with the reason and the remedy.
  package var unchecked: [Unchecked]
  /// What a reviewer should know although it changes nothing.
  package var notes: [String]
  /// Rows that differ, where rows were compared.
  package var rows: RowDifferences?
  /// What was measured, where a query was timed.
  package var timings: Timings?
  /// What was learnt of both contents, where they were counted or digested.
  package var content: ContentFacts?
  /// Seconds after which the same question, put to new read points, may have another answer: for
  /// differences in data that are still on their way.
  package var recheckAfter: Double?

  package init(
    summary: String, type: String = "mismatch", findings: [String] = [],
    unchecked: [Unchecked] = [], notes: [String] = [], rows: RowDifferences? = nil
  ) {
    self.summary = summary
    self.type = type
    self.findings = findings
    self.unchecked = unchecked
    self.notes = notes
    self.rows = rows
  }

  /// Something that could not be determined.
  package struct Unchecked: Hashable, Sendable {
    /// The reports' machine word: a `DatabaseError.Kind` or `not_comparable`.
    package var type: String
    /// What, why, and the database's own words.
    package var reason: String
    package var remedy: String?

    package init(type: String, reason: String, remedy: String? = nil) {
      self.type = type
      self.reason = reason
      self.remedy = remedy
    }

    /// A database that could not answer.
    package init(_ error: DatabaseError, on side: Side? = nil) {
      type = error.kind.rawValue
      let code = error.code.map { " (\($0))" } ?? ""
      let place = side.map { "\($0.rawValue): " } ?? ""
      reason = "\(place)\(error.message)\(code)"
      remedy = error.hint
    }
  }

  /// How the three outcomes follow from what was found.
  package var outcome: Outcome {
    if !findings.isEmpty { return .failed }
    return unchecked.isEmpty ? .passed : .errored
  }

  /// The outcome where a waiver is in force: it excuses what was found, but nothing that could not
  /// be looked at.
  package var waivedOutcome: Outcome {
    if findings.isEmpty || !unchecked.isEmpty { return unchecked.isEmpty ? .passed : .errored }
    return .waived
  }
}

/// What became of a case.
package enum Outcome: String, Hashable, Sendable, CaseIterable {
  /// Everything the case asks for was looked at and holds.
  case passed
  /// The sides, or a side and the spec, differ.
  case failed
  /// They differ, and a waiver of the spec says that they may for now.
  case waived
  /// Could not be determined.
  case errored
  /// Not run, because of something the result names.
  case skipped
}

/// How the rows of one table differ between the sides.
package struct RowDifferences: Hashable, Sendable {
  package var identical: Int
  package var modified: Int
  /// In the target only.
  package var added: Int
  /// In the source only.
  package var removed: Int
  /// Columns at fault with the number of modified rows they differ in, most first.
  package var columns: [ColumnCount]
  package var keyColumns: [String]
  /// The first differing cells and rows, at most ten rows.
  package var examples: [Example]
  /// Guesses at the cause, best first.
  package var likely: [String]
  /// Statements that show the example rows, ready to be pasted.
  package var sourceSQL: String?
  package var targetSQL: String?

  package init(
    identical: Int, modified: Int, added: Int, removed: Int, columns: [ColumnCount] = [],
    keyColumns: [String] = [], examples: [Example] = [], likely: [String] = [],
    sourceSQL: String? = nil, targetSQL: String? = nil
  ) {
    self.identical = identical
    self.modified = modified
    self.added = added
    self.removed = removed
    self.columns = columns
    self.keyColumns = keyColumns
    self.examples = examples
    self.likely = likely
    self.sourceSQL = sourceSQL
    self.targetSQL = targetSQL
  }

  /// A column and how many modified rows it differs in.
  package struct ColumnCount: Hashable, Sendable {
    package var column: String
    package var rows: Int

    package init(column: String, rows: Int) {
      self.column = column
      self.rows = rows
    }
  }

  /// One differing row.
  package struct Example: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
      case modified, added, removed
    }

    package var kind: Kind
    /// The key's values as shown, in the order of `keyColumns`; digests where sensitive.
    package var key: [String]
    /// The differing columns of a modified row.
    package var cells: [Cell]

    package init(kind: Kind, key: [String], cells: [Cell] = []) {
      self.kind = kind
      self.key = key
      self.cells = cells
    }
  }

  /// One differing value, as it may be shown.
  package struct Cell: Hashable, Sendable {
    package var column: String
    /// `(null)` for NULL; a digest for a sensitive column.
    package var source: String
    package var target: String
    /// A guess at the cause, such as `rounding`.
    package var likely: String?

    package init(column: String, source: String, target: String, likely: String? = nil) {
      self.column = column
      self.source = source
      self.target = target
      self.likely = likely
    }
  }
}
