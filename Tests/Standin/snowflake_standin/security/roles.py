"""Roles, what they hold, and whether a session may do a thing."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ..catalogue import Catalogue, Table, now
from ..errors import SqlError, compilation, insufficient, missing_container, missing_object
from ..names import Name
from ..session import USER, Session
from .places import ACCOUNT, PUBLIC, Place, Target, bare, database, kind_of, role, same, schema, user
from .privileges import OF_KIND

SYSTEM = {
    "ACCOUNTADMIN": "Account administrator can manage all aspects of the account.",
    "ORGADMIN": "Organization administrator.",
    "PUBLIC": "Public role is automatically available to every user in the account.",
    "SECURITYADMIN": "Security administrator can manage security aspects of the account.",
    "SYSADMIN": "System administrator can create and manage databases and warehouses.",
    "USERADMIN": "User administrator can create and manage users and roles.",
}
#: The hierarchy that every account starts with: a role and the one that inherits it.
INHERITED = (("SYSADMIN", "ACCOUNTADMIN"), ("SECURITYADMIN", "ACCOUNTADMIN"), ("USERADMIN", "SECURITYADMIN"))
#: Account privileges of the system roles. ACCOUNTADMIN has the rest.
GIVEN = {
    "CREATE ROLE": "USERADMIN", "CREATE USER": "USERADMIN", "MANAGE GRANTS": "SECURITYADMIN", "CREATE NETWORK POLICY": "SECURITYADMIN",
    "CREATE DATABASE": "SYSADMIN", "CREATE WAREHOUSE": "SYSADMIN",
}
#: Unless the stand-in is strict, these may do everything, as convenient for tests of other things.
MIGHTY = {role("ACCOUNTADMIN"), role("SYSADMIN")}
#: The imported database of account usage, and its own database roles.
SNOWFLAKE = "SNOWFLAKE"
VIEWERS = ("GOVERNANCE_VIEWER", "OBJECT_VIEWER", "SECURITY_VIEWER", "USAGE_VIEWER")
PAST = 5000


@dataclass
class Role:
    place: Place
    owner: str = ""
    comment: str = ""
    created: datetime = field(default_factory=now)


@dataclass
class Grant:
    """A privilege on a target. Membership in a role is USAGE on that role, as Snowflake shows it."""

    privilege: str
    target: Target
    grantee: Place
    option: bool = False
    #: Empty for what the system granted.
    granted_by: str = ""
    created: datetime = field(default_factory=now)
    deleted: datetime | None = None


@dataclass
class FutureGrant:
    privilege: str
    kind: str
    container: Place
    grantee: Place
    option: bool = False
    created: datetime = field(default_factory=now)


class Roles:
    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        #: Account roles and database roles.
        self.roles: dict[Place, Role] = {role(name): Role(role(name), comment=text) for name, text in SYSTEM.items()}
        self.grants: list[Grant] = []
        self.past: deque[Grant] = deque(maxlen=PAST)
        self.future: list[FutureGrant] = []
        #: Owners of what is not a table; SYSADMIN where none is noted.
        self.owners: dict[Place, str] = {ACCOUNT: "ACCOUNTADMIN", database(SNOWFLAKE): ""}
        #: Since when, for the lists of grants.
        self.owned_since: dict[Place, datetime] = {}
        self.started = now()
        #: Strict: no role is mighty, and a user may only use roles granted to it.
        self.strict = False
        self.lock = threading.RLock()
        self._closures: dict[frozenset[Place], frozenset[Place]] = {}
        for child, parent in INHERITED:
            self.add(Grant("USAGE", role(child), role(parent)))
        for privilege in OF_KIND["ACCOUNT"]:
            self.add(Grant(privilege, ACCOUNT, role(GIVEN.get(privilege, "ACCOUNTADMIN"))))
        self.add(Grant("IMPORTED PRIVILEGES", database(SNOWFLAKE), role("ACCOUNTADMIN")))
        for name in VIEWERS:
            place = Place("DATABASE ROLE", (SNOWFLAKE, name))
            self.roles[place] = Role(place)
        self.add(Grant("USAGE", role("ACCOUNTADMIN"), user(USER)))

    # Changes

    def add(self, grant: Grant) -> None:
        """Record a grant, in the place of an equal one."""
        with self.lock:
            for old in self.grants:
                if old.privilege == grant.privilege and old.grantee == grant.grantee and same(old.target, grant.target):
                    old.option = old.option or grant.option
                    return
            self.grants.append(grant)
            self._closures = {}

    def remove(self, gone: Iterable[Grant]) -> None:
        with self.lock:
            taken = {id(g) for g in gone}
            for grant in self.grants:
                if id(grant) in taken:
                    grant.deleted = now()
                    self.past.append(grant)
            self.grants = [g for g in self.grants if id(g) not in taken]
            self._closures = {}

    def created(self, target: Target) -> None:
        """Apply future grants to a new object: those of its schema, or else those of its database."""
        kind = kind_of(target)
        parts = target.parts if isinstance(target, Place) else tuple(target.name)
        containers = [database(parts[0])] if len(parts) == 2 else [schema(*parts[:2]), database(parts[0])]
        for container in containers:
            found = [f for f in self.future if f.kind == kind and f.container == container]
            for one in found:
                if one.privilege == "OWNERSHIP":
                    self.set_owner(target, one.grantee.dotted)
                else:
                    self.add(Grant(one.privilege, target, one.grantee, one.option, self.owner(target)))
            if found:
                return

    def dropped(self, target: Target) -> None:
        """An object is gone, and with it what was granted on it."""
        with self.lock:
            self.remove([g for g in self.grants if same(g.target, target)])
            if isinstance(target, Place):
                self.owners.pop(target, None)

    def dropped_container(self, *parts: str) -> None:
        """A database or a schema is gone, with everything inside."""

        def inside(target: Target) -> bool:
            if isinstance(target, Table):
                return tuple(target.name)[: len(parts)] == parts
            own = target.kind in ("ROLE", "USER", "WAREHOUSE", "ACCOUNT", "NETWORK POLICY", "INTEGRATION", "SHARE")
            return not own and target.parts[: len(parts)] == parts

        with self.lock:
            self.remove([g for g in self.grants if inside(g.target) or inside(g.grantee)])
            self.future = [f for f in self.future if not inside(f.container) and not inside(f.grantee)]
            self.roles = {k: v for k, v in self.roles.items() if not inside(k)}
            self.owners = {k: v for k, v in self.owners.items() if not inside(k)}

    # Owners

    def owner(self, target: Target) -> str:
        """The role that owns the object. Roles know theirs; the owner of a system role is nobody."""
        if isinstance(target, Table):
            return target.owner
        if target in self.roles:
            return self.roles[target].owner
        return self.owners.get(target, "SYSADMIN")

    def set_owner(self, target: Target, name: str) -> None:
        if isinstance(target, Table):
            target.owner = name
        elif target in self.roles:
            self.roles[target].owner = name
        else:
            self.owners[target] = name
            self.owned_since[target] = now()

    # Checks

    def closure(self, start: Iterable[Place]) -> frozenset[Place]:
        """These roles, PUBLIC, and everything they inherit."""
        key = frozenset(start)
        known = self._closures.get(key)
        if known is None:
            with self.lock:
                children: dict[Place, list[Place]] = {}
                for grant in self.grants:
                    if grant.privilege == "USAGE" and isinstance(grant.target, Place) and grant.target.kind in ("ROLE", "DATABASE ROLE"):
                        children.setdefault(grant.grantee, []).append(grant.target)
                found, waiting = set(), [PUBLIC, *key]
                while waiting:
                    one = waiting.pop()
                    if one not in found:
                        found.add(one)
                        waiting += children.get(one, [])
                known = self._closures[key] = frozenset(found)
        return known

    def primary(self, session: Session) -> frozenset[Place]:
        return self.closure([role(session.role)])

    def effective(self, session: Session) -> frozenset[Place]:
        """The session's primary and secondary roles with what they inherit.

        With all secondary roles, what was granted to the user itself counts too.
        """
        if session.secondary != "ALL":
            return self.primary(session)
        return self.closure([role(session.role), user(session.user)])

    def holds(self, roles: frozenset[Place], privilege: str | None, target: Target) -> bool:
        """Whether one of the roles owns the object or holds the privilege (None: any) on it."""
        if self.is_mighty(roles) or role(self.owner(target)) in roles:
            return True
        return any(g.grantee in roles and same(g.target, target) and privilege in (None, g.privilege) for g in self.grants)

    def is_mighty(self, roles: frozenset[Place]) -> bool:
        return not self.strict and not MIGHTY.isdisjoint(roles)

    def allows(self, session: Session, privilege: str | None, target: Target) -> bool:
        return self.holds(self.effective(session), privilege, target)

    def owns(self, session: Session, target: Target) -> bool:
        return self.holds(self.effective(session), "OWNERSHIP", target)

    def manages_grants(self, session: Session) -> bool:
        return self.allows(session, "MANAGE GRANTS", ACCOUNT)

    def missing_container(self, roles: frozenset[Place], name: Iterable[str]) -> SqlError | None:
        """USAGE on the database and the schema: without it nothing inside is visible."""
        db, within = tuple(name)[:2]
        if not self.holds(roles, "USAGE", database(db)):
            return missing_container("Database", db)
        if not self.holds(roles, "USAGE", schema(db, within)):
            return missing_container("Schema", f"{db}.{within}")
        return None

    def require_containers(self, session: Session, name: Name) -> None:
        if error := self.missing_container(self.effective(session), name):
            raise error

    def refusal(self, roles: frozenset[Place], privilege: str | None, table: Table, written: str) -> SqlError | None:
        """Why these roles may not use a table: it is not there for them, or the privilege lacks."""
        if error := self.missing_container(roles, table.name):
            return error
        if self.holds(roles, privilege, table):
            return None
        if self.holds(roles, None, table):
            return insufficient(kind_of(table).lower(), table.name.name)
        return missing_object(written)

    def require(self, session: Session, privilege: str | None, table: Table, written: str) -> None:
        if error := self.refusal(self.effective(session), privilege, table, written):
            raise error

    def require_view(self, view: Table) -> None:
        """A view runs with its owner's rights: the owner must still be able to read what it reads."""
        roles = self.closure([role(view.owner)])
        for name in view.sources:
            source = self.catalogue.get(name)
            if source is None:
                continue
            if error := self.refusal(roles, "SELECT", source, name.dotted):
                raise compilation("002037", "42601", f"Failure during expansion of view '{view.name.name}': {error.text}")
            if source.kind == "VIEW":
                self.require_view(source)

    def require_create(self, session: Session, privilege: str, target: Target) -> None:
        """Only the primary role authorises CREATE; secondary roles do not."""
        if not self.holds(self.primary(session), privilege, target):
            raise insufficient(kind_of(target).lower(), bare(target))

    def require_owner(self, session: Session, target: Target) -> None:
        """OWNERSHIP of something that is not a table."""
        if self.owns(session, target):
            return
        if self.allows(session, None, target) or target.kind in ("ROLE", "USER", "WAREHOUSE", "ACCOUNT", "NETWORK POLICY"):
            raise insufficient(kind_of(target).lower(), bare(target))
        raise missing_container(kind_of(target).title(), target.dotted)

    def visible(self, session: Session, table: Table) -> bool:
        """Whether SHOW and INFORMATION_SCHEMA list the table for this session."""
        roles = self.effective(session)
        return self.holds(roles, None, table) and self.missing_container(roles, table.name) is None

    # Roles of a session

    def find(self, place: Place) -> Role:
        if place not in self.roles:
            raise missing_container(place.kind.capitalize(), place.dotted)
        return self.roles[place]

    def may_use(self, session: Session, name: str) -> bool:
        """Whether the user may activate the role. Unless strict, the stand-in's own user may use any."""
        if session.user == USER and not self.strict:
            return True
        return role(name) in self.closure([user(session.user)])

    def use(self, session: Session, name: str) -> None:
        if role(name) not in self.roles:
            raise SqlError("002043", "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed.")
        if not self.may_use(session, name):
            raise SqlError(
                "003013", "42501",
                f"SQL access control error:\nRequested role '{name}' is not assigned to the executing user. Specify another role to activate.",
            )
        session.role = name
