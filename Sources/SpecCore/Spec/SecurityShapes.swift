import Diagnostics
import YAMLSource

extension SpecShapes {
  static var security: Shape<SecuritySpec> {
    .object(
      "security", SecuritySpec.init(range:),
      fields: [
        Field("encryption", \.encryption, encryption, "How the data are protected."),
        Field("roles", \.roles, roles, "Who may do what, on either side."),
        Field(
          "access", \.access, access.located,
          "no_wider_than_source, alone or with {map:, except:}: of the tables listed, nobody reads "
            + "more in the target than in the source."),
        Field(
          "parameters", \.parameters, parameters,
          "Parameters of the Snowflake account, each with its value or {at_least: number}."),
        Field(
          "network_policy", \.networkPolicy, networkPolicy,
          "The network policy that is in force for the Snowflake account."),
        Field(
          "baseline", \.baseline, baseline.located,
          "cis: every point of the CIS Snowflake Foundations Benchmark, but for those that are left "
            + "out with a reason: {cis: {except: {…}}}."),
        Field(
          "account", \.account, account,
          "Points of how the Snowflake account is set up, by their names."),
        Field(
          "injection", \.injection, injection,
          "dbt projects and SQL files in which nothing can become a command of the database."),
        Field(
          "audit", \.audit, audit,
          "What must not have happened lately, by the records that either side keeps."),
      ] + policyFields)
  }

  // MARK: Access

  private struct Parity: Sendable { var spec: AccessParitySpec? }

  private static var access: Shape<AccessParitySpec> {
    let pairs = Shape<[MapEntry<String>]>.map(of: .text).map { entries, _, _ in
      entries.map { AccessParitySpec.NamePair(name: $0.name, value: $0.value) }
    }
    let details = Shape<AccessParitySpec>.object(
      "no_wider_than_source", { _ in AccessParitySpec() },
      fields: [
        Field(
          "map", \.map, pairs,
          "Roles of the source with what they are called in the target; without, by the same name."
        ),
        Field(
          "except", \.except, pairs,
          "Roles of the target that may read what no role of the source did, each with the reason."
        ),
      ])
    let object = Shape<Parity>.object(
      "access", { _ in Parity() },
      fields: [
        Field(
          "no_wider_than_source", \.spec, details, required: true, "Names that differ, and excuses."
        )
      ]
    ).map { parity, _, _ in parity.spec }
    return .either(
      "`no_wider_than_source`, alone or with {map:, except:}",
      [
        .mapping(object),
        .scalar(
          Shape<String>.word("no_wider_than_source").map { _, _, _ in AccessParitySpec() }),
      ])
  }

  // MARK: The account

  private struct Least: Sendable { var number: Int? }

  private static var parameters: Shape<[MapEntry<ParameterDemand>]> {
    let least = Shape<Least>.object(
      "a least value", { _ in Least() },
      fields: [
        Field("at_least", \.number, .integer(0...Int.max), required: true, "The least value.")
      ]
    ).map { least, _, _ in least.number.map { ParameterDemand.atLeast($0) } }
    let exact = Shape<String>.scalar.map { text, _, _ in ParameterDemand.exactly(text) }
    return .map(of: .either("a value, or {at_least: number}", [.mapping(least), .scalar(exact)]))
  }

  private static var networkPolicy: Shape<NetworkPolicySpec> {
    .object(
      "network_policy", NetworkPolicySpec.init(range:),
      fields: [
        Field(
          "name", \.name, Shape<String>.text.located, required: true,
          "The policy that the account must have."),
        Field(
          "allowed", \.allowed, .list(of: address),
          "Exactly these addresses may log in, such as 203.0.113.0/24."),
      ])
  }

  /// An IPv4 address or a range of them.
  private static var address: Shape<String> {
    .text(
      like: "^[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?$",
      called: "an address or a range, such as 203.0.113.0/24"
    ) { text in
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
      let isRange = parts.count == 1 || (Int(parts[1]).map { (0...32).contains($0) } ?? false)
      return parts.count <= 2 && isRange && numbers.count == 4
        && numbers.allSatisfy { number in Int(number).map { (0...255).contains($0) } ?? false }
    }
  }

  // MARK: Encryption

  private static var encryption: Shape<EncryptionSpec> {
    .object(
      "encryption", { _ in EncryptionSpec() },
      fields: [
        Field(
          "in_transit", \.inTransit, Shape<TransitDemand>.choice.located,
          "required: each connection of the run used TLS 1.2 or later; verified: and the server "
            + "proved its identity; skip."),
        Field("at_rest", \.atRest, atRest.located, atRestMeaning),
      ])
  }

  private static var atRestMeaning: String {
    "required (could not check until somebody attests it); skip; or, for `source` and `target`, "
      + "{statement:, by:, date:}: no database proves this of itself."
  }

  private enum RequiredOrSkip: String, CaseIterable, Sendable { case required, skip }

  private struct Attestations: Sendable {
    var source: Attestation?
    var target: Attestation?
  }

  private static var atRest: Shape<RestDemand> {
    .either(
      "`required`, `skip`, or attestations of `source` and `target`",
      [
        .mapping(
          Shape<Attestations>.object(
            "at_rest", { _ in Attestations() },
            fields: [
              Field("source", \.source, attestation, "What is attested of the source."),
              Field("target", \.target, attestation, "What is attested of the target."),
            ]
          ).map { found, _, _ in
            var sides: [Side: Attestation] = [:]
            sides[.source] = found.source
            sides[.target] = found.target
            return .attested(sides)
          }),
        .scalar(
          Shape<RequiredOrSkip>.choice.map { word, _, _ in word == .skip ? .skip : .required }),
      ])
  }

  private static var attestation: Shape<Attestation> {
    .object(
      "an attestation", { _ in Attestation() },
      fields: [
        Field("statement", \.statement, .text, required: true, "What is attested."),
        Field("by", \.by, .text, required: true, "Who answers for it."),
        Field("date", \.date, day, required: true, "The day it was said, such as 2026-11-27."),
      ])
  }

  // MARK: Roles

  private static var roles: Shape<RolesSpec> {
    .object(
      "roles", { _ in RolesSpec() },
      fields: [
        Field("source", \.source, .map(of: role), "Roles of the Postgres side."),
        Field("target", \.target, .map(of: role), "Roles of the target."),
      ])
  }

  private static var role: Shape<RoleSpec> {
    .object(
      "a role", RoleSpec.init(range:),
      fields: [
        Field(
          "members", \.members, members.located,
          "Exactly these users and roles hold the role; [] for nobody."),
        Field(
          "privileges", \.privileges, privileges.located,
          "Exactly these privileges, by object: a table, a schema, or SCHEMA.<TABLE> for tables "
            + "to come. Inherited ones and those of PUBLIC count."),
        Field(
          "denied", \.denied, .list(of: attempt),
          "Attempted as this role; each passes only when the database refuses."),
        Field(
          "allowed", \.allowed, .list(of: attempt),
          "Attempted as this role; each passes only when the database does not refuse."),
        Field(
          "powers", \.powers, .list(of: .choice),
          "Powers beyond privileges that the role is meant to have, such as bypassrls."),
        Field("severity", \.severity, .choice, severityMeaning),
      ],
      check: { role, node, diagnostics in
        let hasExpectation =
          role.members != nil || role.privileges != nil || role.denied != nil
          || role.allowed != nil
        if !hasExpectation { diagnostics.append(Diagnostic(.idleRole, at: node.range.opening)) }
        for denied in role.denied ?? [] {
          guard let allowed = role.allowed?.first(where: { $0.value == denied.value }) else {
            continue
          }
          diagnostics.append(
            Diagnostic(
              .bothWays, at: denied.range,
              related: [Diagnostic.Related(range: allowed.range, text: "allowed here")]))
        }
      })
  }

  /// An empty list is an expectation too: nobody.
  private static var members: Shape<[Located<String>]> {
    let list = Shape<[Located<String>]>.list(of: .text)
    let schema: JSONValue = [
      "type": "array", "items": ["type": "string", "minLength": 1], "uniqueItems": true,
    ]
    return Shape(schema: schema) { node, diagnostics in
      if case .sequence(let nodes) = node.content, nodes.isEmpty { return [] }
      return list.read(node, &diagnostics)
    }
  }

  private static var privileges: Shape<[ListedRights]> {
    let list = Shape<[Located<String>]>.list(of: privilege)
    let map = Shape<[MapEntry<[Located<String>]>]>.map(of: list)
    let schema: JSONValue = ["type": "object", "additionalProperties": list.schema]
    return Shape(schema: schema) { node, diagnostics in
      if case .mapping(let entries) = node.content, entries.isEmpty { return [] }
      guard let entries = map.read(node, &diagnostics) else { return nil }
      for entry in entries where GrantedObject(entry.name.value) == nil {
        diagnostics.append(Diagnostic(.object, at: entry.name.range))
      }
      return entries.map { ListedRights(object: $0.name, privileges: $0.value) }
    }
  }

  private static var privilege: Shape<String> {
    .text(
      like: "^[A-Z][A-Z ]*$",
      called: "a privilege in capitals, such as SELECT or SELECT WITH GRANT OPTION"
    ) { text in
      text.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: " ") }
        && text.utf8.first != UInt8(ascii: " ") && text.utf8.last != UInt8(ascii: " ")
    }
  }

  private static var attempt: Shape<AccessAttempt> {
    let actions = AccessAttempt.Action.allCases.map(\.rawValue).joined(separator: "|")
    return Shape<String>.text(
      like: "^(\(actions)) on [^ ].*$",
      called: "something to try, such as `select on public.orders` or `usage on legacy`"
    ) { AccessAttempt($0) != nil }.map { text, _, _ in AccessAttempt(text) }
  }
}

extension Diagnostic.Message {
  fileprivate static let idleRole = Self(
    "E0108", "a role needs `members`, `privileges`, `denied` or `allowed`",
    label: "nothing is expected of it")

  fileprivate static let bothWays = Self(
    "E0111", "the same cannot be denied and allowed", label: "denied here")

  fileprivate static let object = Self(
    "E0104", "expected an object's name",
    label: "such as `public.orders`, `SHOP.PUBLIC`, or `SHOP.PUBLIC.<TABLE>` for tables to come")
}
