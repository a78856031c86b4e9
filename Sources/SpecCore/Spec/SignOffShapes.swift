import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The section `sign_off`.
  static var signOff: Shape<SignOffSpec> {
    .object(
      "sign_off", SignOffSpec.init(range:),
      fields: [
        Field(
          "signers", \.signers, Shape<String>.text.located,
          "The file of allowed signers, as ssh-keygen(1) describes it, from the spec's folder: "
            + "whose key is whose."),
        Field(
          "required", \.required,
          .map(of: email.located).named(like: "^[a-z_]+$", check: isRole, .role), required: true,
          "Who must sign, by their roles: { data_owner: bob@example.com }."),
      ])
  }

  /// The section `uat`: questions by their names.
  static var acceptance: Shape<[MapEntry<AcceptanceSpec>]> {
    .map(of: question).named(like: "^[A-Za-z0-9_-]+$", check: isPlainName, .plainName)
  }

  private static var question: Shape<AcceptanceSpec> {
    .object(
      "a question", AcceptanceSpec.init(range:),
      fields: [
        Field("ask", \.ask, .text, required: true, "What is asked, in a sentence."),
        Field("approver", \.approver, approver, required: true, approverMeaning),
      ])
  }

  static var approverMeaning: String {
    "The role whose answer counts: one of those that sign_off requires."
  }

  /// A role by its name; whether it signs is looked at when the whole spec is read.
  static var approver: Shape<Located<String>> {
    Shape<String>.text(like: "^[a-z_]+$", called: "a role such as `data_owner`", isRole).located
  }

  private static var email: Shape<String> {
    Shape<String>.text(like: "^[^@ ]+@[^@ ]+$", called: "an address such as bob@example.com") {
      text in
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
        && !text.contains(where: \.isWhitespace)
    }
  }

  /// Small letters and underscores.
  private static func isRole(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }
  }

  /// What may be the name of a file wherever the evidence is kept.
  private static func isPlainName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (0x41...0x5A).contains($0 & 0xDF) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
          || $0 == UInt8(ascii: "-")
      }
  }

  /// Whoever is asked must be among those who sign: nobody else's answer would be looked at.
  static func checkApprovers(_ spec: Spec, _ diagnostics: inout [Diagnostic]) {
    let asked =
      (spec.acceptance ?? []).compactMap(\.value.approver)
      + [spec.rollback?.rehearsed?.approver].compactMap(\.self)
    for approver in asked {
      guard let signOff = spec.signOff else {
        diagnostics.append(Diagnostic(.nobodySigns(approver.value), at: approver.range))
        continue
      }
      if !signOff.roles.contains(approver.value) {
        diagnostics.append(
          Diagnostic(.unknownRole(approver.value, signOff.roles), at: approver.range))
      }
    }
  }
}

extension Shape {
  /// The same, where every name must be of this kind.
  fileprivate func named<Element>(
    like pattern: String, check isGood: @escaping @Sendable (String) -> Bool,
    _ message: Diagnostic.Message
  ) -> Self where Value == [MapEntry<Element>] {
    var members: [(String, JSONValue)] = []
    if case .object(let own) = schema { members = own }
    let inner = read
    return Shape(
      schema: .object(members + [("propertyNames", ["pattern": .string(pattern)])])
    ) { node, diagnostics in
      guard let entries = inner(node, &diagnostics) else { return nil }
      for entry in entries where !isGood(entry.name.value) {
        diagnostics.append(Diagnostic(message, at: entry.name.range))
      }
      return entries
    }
  }
}

extension Diagnostic.Message {
  fileprivate static let role = Self(
    "E0104", "expected the name of a role", label: "small letters and underscores: `data_owner`")

  fileprivate static let plainName = Self(
    "E0104", "expected a name that can be that of a file",
    label: "letters, digits, underscores and hyphens: `month_end_report`",
    notes: ["answers are kept beside the results under this name"])

  fileprivate static func unknownRole(_ name: String, _ roles: [String]) -> Self {
    Self(
      "E0116", "`\(name)` is not a role that signs",
      label: nearestName(to: name, among: roles).map { "did you mean `\($0)`?" }
        ?? "sign_off does not require it",
      notes: ["roles of sign_off: \(roles.joined(separator: ", "))"])
  }

  fileprivate static func nobodySigns(_ name: String) -> Self {
    Self(
      "E0116", "`\(name)` is not a role that signs",
      label: "the spec has no section `sign_off`",
      notes: ["add one: `sign_off: { required: { \(name): who@example.com } }`"])
  }
}
