package import Diagnostics

/// A query of the application as it is asked on both sides, whose results must agree.
package struct RegressionQuery: Sendable {
  /// For Postgres, for the target, or one text for both.
  package var source: Located<String>?
  package var target: Located<String>?
  package var sql: Located<String>?
  /// Files with the texts, from the spec's folder.
  package var sourceFile: Located<String>?
  package var targetFile: Located<String>?
  /// Sets of values for the parameters; the query is asked once for each.
  package var parameters: [ParameterSet]?
  package var order: Located<RowOrder>?
  package var key: [Located<String>]?
  package var tolerance: [MapEntry<Tolerance>]?
  package var sensitive: [Located<String>]?
  package var columns: Located<ColumnMatching>?
  package var limit: Located<Int>?
  package var empty: Located<EmptyPolicy>?
  package var severity: CaseSeverity?
  package var tags: [Located<String>]?
  package var because: String?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  /// So many rows are read where nothing is said.
  static let usualLimit = 100_000

  /// Values by the names of parameters.
  package struct ParameterSet: Sendable {
    package let values: [MapEntry<ParameterValue>]

    /// `customer = 42, since = 2026-01-01`.
    package var words: String {
      values.map { "\($0.name.value) = \($0.value)" }.joined(separator: ", ")
    }
  }

  /// The text of a side, or the file that it stands in.
  package enum Text: Hashable, Sendable {
    case text(String)
    case file(String)
  }

  /// What is asked on a side; `nil` where nothing is said.
  package func text(_ side: Side) -> Text? {
    let own = side == .source ? source : target
    let file = side == .source ? sourceFile : targetFile
    return (own ?? sql).map { .text($0.value) } ?? file.map { .file($0.value) }
  }
}

/// Whether the order of rows is part of a result.
package enum RowOrder: String, Hashable, Sendable, CaseIterable {
  case any, same
}

/// How the columns of two results find each other.
package enum ColumnMatching: String, Hashable, Sendable, CaseIterable {
  case byName = "by_name"
  case positional
}

/// Whether a result may be empty on both sides.
package enum EmptyPolicy: String, Hashable, Sendable, CaseIterable {
  case allowed
}
