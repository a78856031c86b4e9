/// What the lint looks for; the raw value is the rule's name in reports and in allow comments.
package enum LintRule: String, CaseIterable, Hashable, Sendable, Comparable {
  /// A variable of the project or of the environment becomes a part of SQL text.
  case variableInSQL = "J1"
  /// SQL that is run while templates are rendered is put together from variables or data.
  case builtQuery = "J2"
  /// The result of one query becomes a part of the text of the next.
  case dataInSQL = "J3"
  /// A hook changes privileges or objects, or holds a variable.
  case hook = "J4"
  /// A secret is read in a way that leaves it in compiled SQL and in logs.
  case secret = "J5"
  /// `EXECUTE IMMEDIATE` of text that is put together.
  case executeImmediate = "S1"
  /// A JavaScript or Python procedure runs SQL that is put together.
  case scriptSQL = "S2"
  /// An object whose name comes from outside, by `IDENTIFIER` or `TABLE`.
  case chosenObject = "S3"
  /// Any of the three above, run with the rights of the procedure's owner.
  case ownersRights = "S4"
  /// A grant to everyone, of everything, of ownership, or of the right to grant.
  case broadGrant = "S5"
  /// Data leaves or enters by an address without a storage integration, or credentials are written out.
  case openStage = "S6"
  /// `EXECUTE` in PL/pgSQL of text that is put together.
  case dynamicSQL = "P1"
  /// `SECURITY DEFINER` without a search path of its own.
  case definer = "P2"
  /// A view over a table with row-level security that its readers' rights do not reach.
  case bareView = "P3"
  /// An allow comment that gives no reason, silences nothing or cannot be understood.
  case allow = "allow"

  /// Orders as the cases are listed.
  package static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
