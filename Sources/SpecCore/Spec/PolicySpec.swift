package import Diagnostics

/// A column with its table, as an author writes it: `SHOP.PUBLIC.CUSTOMERS.EMAIL`.
package struct ColumnName: Hashable, Sendable, CustomStringConvertible {
  package let table: QualifiedName
  package let column: QualifiedName.Part

  /// `customers.email`, with up to two names more in front; `nil` for anything else.
  package init?(_ text: String) {
    var isQuoted = false
    var dot: String.Index?
    for position in text.indices {
      if text[position] == "\"" { isQuoted.toggle() }
      if text[position] == ".", !isQuoted { dot = position }
    }
    guard let dot, let table = QualifiedName(String(text[..<dot])),
      let last = QualifiedName(String(text[text.index(after: dot)...])), last.parts.count == 1
    else { return nil }
    self.table = table
    column = last.parts[0]
  }

  package var description: String {
    "\(table).\(QualifiedName(parts: [column]))"
  }
}

/// That a column's values are masked for some and clear for others.
package struct MaskingSpec: Sendable {
  /// The masking policy that is attached to the column.
  package var policy: Located<QualifiedName>?
  /// Exactly these roles see the true values, of all that the spec names; empty for nobody.
  package var clearFor: Located<[Located<String>]>?
  /// Roles that must not see them.
  package var maskedFor: [Located<String>]?
  /// Columns of views and copies that show the same values.
  package var also: [Located<ColumnName>]?
  package var severity: CaseSeverity?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// That some see all rows of a table and others only some.
package struct RowAccessSpec: Sendable {
  /// The policy that is attached to the table.
  package var policy: Located<QualifiedName>?
  /// The columns that decide, in the policy's order.
  package var columns: [Located<String>]?
  /// Roles that see every row.
  package var seesAll: [Located<String>]?
  /// Roles with the condition of the rows that they see: exactly these.
  package var sees: [MapEntry<String>]?
  /// Roles that see no row.
  package var seesNothing: [Located<String>]?
  package var severity: CaseSeverity?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  /// Every role that the author lists, with its place.
  var roles: [Located<String>] {
    (seesAll ?? []) + (sees ?? []).map(\.name) + (seesNothing ?? [])
  }
}
