/// The kind of database on a side: decides how names fold and what its catalog can be trusted with.
package enum Engine: String, Hashable, Sendable, CaseIterable {
  case postgres
  case snowflake

  /// What a name that is not quoted becomes.
  func folded(_ name: String) -> String {
    switch self {
    case .postgres: name.lowercased()
    case .snowflake: name.uppercased()
    }
  }

  /// The name as it is written in a statement: in quotation marks only where it needs them.
  func written(_ name: Identifier) -> String {
    let isPlain =
      folded(name.name) == name.name && QualifiedName(name.name)?.parts.count == 1
      && name.name.utf8.first != UInt8(ascii: "\"")
    return isPlain ? name.name : "\"\(name.name.replacing("\"", with: "\"\""))\""
  }

  /// A name of several parts, as it is written in a statement.
  func written(_ path: [Identifier]) -> String { path.map(written).joined(separator: ".") }

  /// Whether the catalog lists objects that the role may not read, so that what is not listed is
  /// not there.
  var listsEverything: Bool { self == .postgres }

  /// Whether rows that break a key or rule are refused, so that the catalog's words bind the rows.
  var enforcesConstraints: Bool { self == .postgres }

  /// What is added where an object is not listed: it may be there all the same.
  var doubt: String { listsEverything ? "" : ", or the role may not see it" }
}
