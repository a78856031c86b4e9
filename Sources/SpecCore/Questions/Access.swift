/// A role as its catalog spells it; Snowflake's database roles name their database as well.
package struct RoleName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let database: Identifier?
  package let name: Identifier

  package init(database: Identifier? = nil, _ name: Identifier) {
    self.database = database
    self.name = name
  }

  package var description: String {
    [database?.name, name.name].compactMap(\.self).joined(separator: ".")
  }

  package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// Who may be given rights.
package enum Principal: Hashable, Sendable, Comparable, CustomStringConvertible {
  case role(RoleName)
  /// A Snowflake user; in Postgres users are roles.
  case user(Identifier)
  /// Other accounts, by a Snowflake share.
  case share(Identifier)
  /// PUBLIC: everyone who can log in.
  case everyone

  package var description: String {
    switch self {
    case .role(let role): role.description
    case .user(let user): user.name
    case .share(let share): "the share \(share)"
    case .everyone: "PUBLIC"
    }
  }

  package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// Something that rights are about.
package struct AccessObject: Hashable, Sendable, Comparable, CustomStringConvertible {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case database, schema
    /// A table, view or the like: anything that has rows.
    case relation
    case sequence
    case function
    /// Whatever else a database has: its own word is in ``AccessObject/word``.
    case other
  }

  package let kind: Kind
  /// From the outermost; the database stands first in Snowflake only.
  package let path: [Identifier]
  /// A right that is about one column of the relation.
  package let column: Identifier?
  /// What a GRANT statement calls it: `TABLE`.
  package let word: String
  /// Whether the right is about objects of that word that will be created in `path`.
  package let isFuture: Bool

  package init(
    _ kind: Kind, _ path: [Identifier], column: Identifier? = nil, word: String,
    isFuture: Bool = false
  ) {
    self.kind = kind
    self.path = path
    self.column = column
    self.word = word
    self.isFuture = isFuture
  }

  /// Whether both name the same, whatever the catalog calls it.
  package func isSame(_ other: AccessObject) -> Bool {
    kind == other.kind && path == other.path && column == other.column
      && isFuture == other.isFuture && (!isFuture || word == other.word)
  }

  package var description: String {
    let names = (path + [column].compactMap(\.self)).map(\.name).joined(separator: ".")
    return isFuture ? "\(names).<\(word)>" : names
  }

  package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

/// One right that a principal was given, or has by owning the object.
package struct AccessGrant: Hashable, Sendable {
  /// In capitals, as the database calls it: `SELECT`; `OWNERSHIP` for owners.
  package let privilege: String
  package let object: AccessObject
  /// Whether it may be passed on.
  package let isGrantable: Bool
  /// Whose new objects it is about, for rights on objects to come in Postgres.
  package let creator: Identifier?

  package init(
    _ privilege: String, on object: AccessObject, isGrantable: Bool = false,
    creator: Identifier? = nil
  ) {
    self.privilege = privilege
    self.object = object
    self.isGrantable = isGrantable
    self.creator = creator
  }

  package static let ownership = "OWNERSHIP"
}

/// What a principal has directly, without what it inherits.
package struct DirectAccess: Hashable, Sendable {
  /// Whether there is such a principal.
  package var exists: Bool
  /// Roles it holds.
  package var roles: [HeldRole]
  package var grants: [AccessGrant]
  package var powers: [RolePower]

  package init(
    exists: Bool, roles: [HeldRole] = [], grants: [AccessGrant] = [], powers: [RolePower] = []
  ) {
    self.exists = exists
    self.roles = roles
    self.grants = grants
    self.powers = powers
  }

  /// A role that a principal holds.
  package struct HeldRole: Hashable, Sendable {
    package let role: RoleName
    /// Whether its rights count at once; else only after SET ROLE.
    package let isInherited: Bool
    /// Whether it may be given to others.
    package let isAdmin: Bool

    package init(_ role: RoleName, isInherited: Bool = true, isAdmin: Bool = false) {
      self.role = role
      self.isInherited = isInherited
      self.isAdmin = isAdmin
    }
  }
}

/// Who holds a role directly.
package struct RoleMembers: Hashable, Sendable {
  package var exists: Bool
  package var members: [Member]

  package init(exists: Bool, members: [Member] = []) {
    self.exists = exists
    self.members = members
  }

  package struct Member: Hashable, Sendable {
    package let principal: Principal
    package let isAdmin: Bool

    package init(_ principal: Principal, isAdmin: Bool = false) {
      self.principal = principal
      self.isAdmin = isAdmin
    }
  }
}

/// Who was given a right to read a table, or owns it; holders of these roles are not among them.
package struct TableReaders: Hashable, Sendable {
  package var readers: [Reader]

  package init(_ readers: [Reader]) { self.readers = readers }

  package struct Reader: Hashable, Sendable {
    package let principal: Principal
    /// The columns that may be read; `nil` for all.
    package let columns: Set<Identifier>?

    package init(_ principal: Principal, columns: Set<Identifier>? = nil) {
      self.principal = principal
      self.columns = columns
    }
  }
}

/// Something to be tried as a role, without leaving a trace.
package enum Probe: Hashable, Sendable {
  /// Nothing: shows that the run can act as the role.
  case identity
  case select(Relation)
  /// With a column to be named in the statement.
  case insert(Relation, Identifier)
  case update(Relation, Identifier)
  /// Whether any column may be updated: where rights can be given for single columns.
  case updateAny(Relation)
  case delete(Relation)
  case truncate(Relation)
  case drop(Relation)
  case usage(SchemaName)
  case create(SchemaName)
}

/// What came of a probe.
package enum ProbeResult: Hashable, Sendable {
  case done
  /// The database said no, in its words.
  case refused(String)
}
