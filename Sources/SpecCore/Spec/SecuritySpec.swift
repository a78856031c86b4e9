package import Diagnostics

/// What must be true of access to the data, on either side.
package struct SecuritySpec: Sendable {
  package var encryption: EncryptionSpec?
  package var roles: RolesSpec?
  package var access: Located<AccessParitySpec>?
  package var parameters: [MapEntry<ParameterDemand>]?
  package var networkPolicy: NetworkPolicySpec?
  package var baseline: Located<BaselineSpec>?
  package var account: AccountSpec?
  package var injection: InjectionSpec?
  /// By column of the target.
  package var masking: [MapEntry<MaskingSpec>]?
  /// By table of the target.
  package var rowAccess: [MapEntry<RowAccessSpec>]?
  package var audit: AuditSpec?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// How the data are protected on their way and where they lie.
package struct EncryptionSpec: Sendable {
  package var inTransit: Located<TransitDemand>?
  package var atRest: Located<RestDemand>?
}

/// What the run's own connections must be.
package enum TransitDemand: String, Hashable, Sendable, CaseIterable {
  /// TLS of at least version 1.2.
  case required
  /// The same, and the server proved who it is.
  case verified
  case skip
}

/// What is said of encryption where the data lie, which no database can prove of itself.
package enum RestDemand: Hashable, Sendable {
  case required
  /// Somebody answers for a side.
  case attested([Side: Attestation])
  case skip
}

/// What somebody answers for, because nothing can be asked about it.
package struct Attestation: Hashable, Sendable {
  /// What is attested: `Heroku Postgres Standard-0 encrypts its disks`.
  package var statement: String?
  package var by: String?
  /// The day it was said.
  package var date: CalendarDay?

  package init() {}
}

/// That nobody reads more in the target than in the source.
package struct AccessParitySpec: Hashable, Sendable {
  /// Roles of the source with what they are called in the target.
  package var map: [NamePair]?
  /// Readers of the target that are excused, with the reason.
  package var except: [NamePair]?

  package init() {}

  /// A name and what stands behind it.
  package struct NamePair: Hashable, Sendable {
    package let name: Located<String>
    package let value: String
  }
}

/// What a parameter of the account must be.
package enum ParameterDemand: Hashable, Sendable {
  case exactly(String)
  case atLeast(Int)
}

/// Whence one may log in.
package struct NetworkPolicySpec: Hashable, Sendable {
  package var name: Located<String>?
  /// Exactly these addresses.
  package var allowed: [Located<String>]?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// The roles of either side.
package struct RolesSpec: Sendable {
  package var source: [MapEntry<RoleSpec>]?
  package var target: [MapEntry<RoleSpec>]?

  package subscript(side: Side) -> [MapEntry<RoleSpec>] {
    (side == .source ? source : target) ?? []
  }
}

/// What one role may do, and who holds it; `nil` where nothing is said.
package struct RoleSpec: Sendable {
  /// Exactly these hold the role directly.
  package var members: Located<[Located<String>]>?
  /// Exactly these are the role's effective privileges, by object.
  package var privileges: Located<[ListedRights]>?
  /// Attempted as this role, and refused.
  package var denied: [Located<AccessAttempt>]?
  /// Attempted as this role, and not refused.
  package var allowed: [Located<AccessAttempt>]?
  /// Powers of the role beyond privileges that are expected.
  package var powers: [Located<RolePower>]?
  package var severity: CaseSeverity?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// Privileges on one object.
package struct ListedRights: Hashable, Sendable {
  package let object: Located<String>
  package let privileges: [Located<String>]
}

/// A power that no list of privileges shows.
package enum RolePower: String, Hashable, Sendable, CaseIterable {
  /// Every right on everything.
  case superuser
  /// No row-level policy applies.
  case bypassrls
  case createrole
  case createdb
  case replication
  /// Reads every table of the server.
  case readAllData = "pg_read_all_data"
  /// Writes every table of the server.
  case writeAllData = "pg_write_all_data"
}

/// Something a role might try: `select on SHOP.PUBLIC.CUSTOMERS`.
package struct AccessAttempt: Hashable, Sendable, CustomStringConvertible {
  package enum Action: String, Hashable, Sendable, CaseIterable {
    case select, insert, update, delete, truncate, usage, create, drop

    /// For a sentence: `read public.orders`.
    package var words: String {
      switch self {
      case .select: "read"
      case .insert: "insert into"
      case .update: "change rows of"
      case .delete: "delete from"
      case .truncate: "empty"
      case .usage: "look into"
      case .create: "create something in"
      case .drop: "drop"
      }
    }

    /// Whether a schema is meant, and not a table.
    package var isAboutSchema: Bool { self == .usage || self == .create }
  }

  package let action: Action
  package let object: QualifiedName

  /// `select on public.orders`; `nil` for anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, words[1] == "on", let action = Action(rawValue: String(words[0])),
      let object = QualifiedName(String(words[2]))
    else { return nil }
    self.action = action
    self.object = object
  }

  package var description: String { "\(action.rawValue) on \(object)" }

  /// For a sentence: `read public.orders`.
  package var words: String { "\(action.words) \(object)" }
}
