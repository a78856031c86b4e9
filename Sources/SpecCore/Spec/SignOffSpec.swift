package import Diagnostics

/// Who must sign what a run found, by their roles.
package struct SignOffSpec: Sendable {
  /// The file of allowed signers, from the spec's folder.
  package var signers: Located<String>?
  /// E-mail addresses by roles, in the order written.
  package var required: [MapEntry<Located<String>>]?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  /// The roles, in the order written.
  var roles: [String] { (required ?? []).map(\.name.value) }
}

/// A question that a person answers, because no database can.
package struct AcceptanceSpec: Sendable {
  package var ask: String?
  /// The role whose answer counts.
  package var approver: Located<String>?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}
