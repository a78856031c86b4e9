package import SpecCore

/// What a person signs: name, time and meaning beside the digest of what is signed, all within the
/// signed bytes (21 CFR 11.50 and 11.70 ask for both).
package struct PersonRecord: Hashable, Sendable {
  /// SHA-256 of the bundle's `SHA256SUMS`, which stands for everything in it.
  package var manifestSHA256: String
  package var environment: String
  package var role: String
  package var name: String
  package var email: String
  package var meaning: SignOffState.Record.Meaning
  package var signedAt: Timestamp
  package var comment: String?
  /// The question that is answered, by its id; `nil` for an approval of the whole.
  package var item: String?
  /// The day on which what is attested happened.
  package var performedOn: CalendarDay?

  package init(
    manifestSHA256: String, environment: String, role: String, name: String, email: String,
    meaning: SignOffState.Record.Meaning, signedAt: Timestamp, comment: String? = nil,
    item: String? = nil, performedOn: CalendarDay? = nil
  ) {
    self.manifestSHA256 = manifestSHA256
    self.environment = environment
    self.role = role
    self.name = name
    self.email = email
    self.meaning = meaning
    self.signedAt = signedAt
    self.comment = comment
    self.item = item
    self.performedOn = performedOn
  }

  /// The namespace of signatures, so that none made for something else counts.
  package static let namespace = "parity-sign-off"

  /// The file's text.
  package var text: String {
    var members: [(String, JSONValue)] = [
      ("manifest", .object([("sha256", .string(manifestSHA256))])),
      ("environment", .string(environment)), ("role", .string(role)), ("name", .string(name)),
      ("email", .string(email)), ("meaning", .string(meaning.rawValue)),
      ("signed_at", .string(signedAt.description)),
    ]
    if let item { members.append(("item", .string(item))) }
    if let performedOn { members.append(("performed_on", .string(performedOn.description))) }
    members.append(("comment", comment.map { .string($0) } ?? .null))
    return JSONValue.object(members).rendered() + "\n"
  }

  /// A record that cannot be read.
  package struct Mistake: Error, Hashable {
    /// What is wrong, to stand behind the file's name.
    package let reason: String
  }

  /// Reads a record, strictly: what is missing or of another kind is a mistake.
  package init(_ bytes: [UInt8]) throws(Mistake) {
    guard let text = String(validating: bytes, as: UTF8.self),
      let value = try? JSONValue.parse(text)
    else { throw Mistake(reason: "is not JSON") }
    func required(_ name: String) throws(Mistake) -> String {
      guard let found = value[name]?.text, !found.isEmpty else {
        throw Mistake(reason: "has no \(name)")
      }
      return found
    }
    func optional(_ name: String) throws(Mistake) -> String? {
      switch value[name] {
      case nil, .null: return nil
      case .string(let found): return found
      default: throw Mistake(reason: "has a \(name) that is no text")
      }
    }
    guard let manifest = value["manifest"]?["sha256"]?.text else {
      throw Mistake(reason: "does not say what was signed")
    }
    manifestSHA256 = manifest
    environment = try required("environment")
    role = try required("role")
    name = try required("name")
    email = try required("email")
    guard let meaning = SignOffState.Record.Meaning(rawValue: try required("meaning")) else {
      throw Mistake(reason: "has a meaning that is unknown")
    }
    self.meaning = meaning
    guard let signedAt = Timestamp(utc: try required("signed_at")) else {
      throw Mistake(reason: "has a signed_at that is no time")
    }
    self.signedAt = signedAt
    comment = try optional("comment")
    item = try optional("item")
    let day = try optional("performed_on")
    performedOn = day.flatMap { CalendarDay($0) }
    if day != nil, performedOn == nil {
      throw Mistake(reason: "has a performed_on that is no day")
    }
    let answers: Set<SignOffState.Record.Meaning> = [.accepted, .rejected]
    guard answers.contains(meaning) == (item != nil) else {
      throw Mistake(reason: "means `\(meaning.rawValue)`, which does not fit what it is about")
    }
  }

  /// The first part of its file's name: the role, or what is asked.
  package var stem: String { item.map(Self.stem(ofItem:)) ?? role }

  /// `uat.month_end_report` for `shop.uat.month_end_report.accepted`.
  package static func stem(ofItem id: String) -> String {
    let parts = id.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 2 ? parts.dropFirst().dropLast().joined(separator: ".") : id
  }
}
