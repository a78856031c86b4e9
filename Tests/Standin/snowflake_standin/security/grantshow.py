"""SHOW GRANTS, SHOW FUTURE GRANTS, SHOW ROLES and SHOW DATABASE ROLES, and who may see them.

The rule of sight is in `may_see` and nowhere else. As documented: a role sees the grants of roles it has
(by inheritance), of objects it holds anything on, and of its own user; MANAGE GRANTS sees everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import insufficient, missing_container
from ..relations import Relation, relation
from ..session import Session
from .grants import Grants
from .places import ACCOUNT, Place, Target, bare, database, dotted, kind_of, role, same, user
from .privileges import KINDS
from .reader import Reader
from .rolecommands import read_role
from .roles import Grant, Roles

if TYPE_CHECKING:
    from ..run import Run

HEADS = ["created_on:time", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by"]
ON_HEADS = [*HEADS, "granted_by_role_type"]
OF_HEADS = ["created_on:time", "role", "granted_to", "grantee_name", "granted_by"]
USER_HEADS = [
    "created_on:time", "privilege", "granted_on", "name", "role", "granted_to", "grantee_name", "grant_option", "granted_by",
]
FUTURE_HEADS = ["created_on:time", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option"]


class GrantShow:
    def __init__(self, roles: Roles, grants: Grants, places: Callable[[str], Iterable[Place]]):
        self.roles, self.grants, self.places = roles, grants, places

    def may_see(self, session: Session, subject: Target) -> bool:
        """Whether the session may list the grants on, of or to this role, user or object."""
        if self.roles.manages_grants(session):
            return True
        if isinstance(subject, Place) and subject.kind == "USER":
            return subject == user(session.user) or self.roles.owns(session, subject)
        if isinstance(subject, Place) and subject.kind in ("ROLE", "DATABASE ROLE"):
            return subject in self.roles.effective(session) or self.roles.owns(session, subject)
        return self.roles.allows(session, None, subject)

    def require_sight(self, session: Session, subject: Target) -> None:
        if not self.may_see(session, subject):
            raise insufficient(kind_of(subject).lower(), bare(subject))

    # SHOW GRANTS

    def show(self, reader: Reader, run: Run) -> Relation:
        reader.expect("SHOW")
        if reader.takes("FUTURE", "GRANTS"):
            return self._future(reader, run)
        reader.expect("GRANTS")
        if reader.done or reader.sees("LIMIT"):
            return self._to_user(user(run.session.user))
        way = reader.takes_one(("TO", "OF", "ON")) or ""
        if not way:
            raise reader.unexpected()
        if way == "ON":
            return self._on(reader, run)
        if way == "TO" and reader.takes("USER"):
            place = user(reader.identifier())
            _ended(reader)
            if place not in self.places("USER"):
                raise missing_container("User", place.parts[0])
            self.require_sight(run.session, place)
            return self._to_user(place)
        if way == "TO" and reader.takes("SHARE"):
            place = Place("SHARE", (reader.identifier(),))
            _ended(reader)
            if place not in self.places("SHARE"):
                raise missing_container("Share", place.parts[0])
            return relation(HEADS, [_row(g) for g in self.roles.grants if g.grantee == place])
        place = read_role(reader, run)
        _ended(reader)
        self.roles.find(place)
        self.require_sight(run.session, place)
        if way == "OF":
            found = (g for g in self.roles.grants if g.target == place and g.privilege == "USAGE")
            return relation(OF_HEADS, [[g.created, _said(place), _kind(g.grantee), g.grantee.dotted, g.granted_by] for g in found])
        return relation(HEADS, map(_row, [*self.owned(place), *(g for g in self.roles.grants if g.grantee == place)]))

    def owned(self, place: Place) -> list[Grant]:
        """Ownership, shown as a grant to the owner."""
        if place.kind != "ROLE":
            return []
        found = [Grant("OWNERSHIP", t, place, True, place.dotted, t.created) for t in self.roles.catalogue.tables() if t.owner == place.dotted]
        found += [Grant("OWNERSHIP", r.place, place, True, place.dotted, r.created) for r in self.roles.roles.values() if r.owner == place.dotted]
        noted = (target for target, owner in self.roles.owners.items() if owner == place.dotted and target != ACCOUNT)
        return found + [Grant("OWNERSHIP", target, place, True, place.dotted, self._since(target)) for target in noted]

    def _since(self, target: Target) -> datetime:
        """Since when the object has its owner, as far as it is known."""
        if not isinstance(target, Place):
            return target.created
        known = self.roles.roles.get(target)
        return known.created if known else self.roles.owned_since.get(target, self.roles.started)

    def _to_user(self, place: Place) -> Relation:
        rows = []
        for grant in self.roles.grants:
            if grant.grantee == place:
                is_role = isinstance(grant.target, Place) and grant.target.kind in ("ROLE", "DATABASE ROLE")
                rows.append([
                    grant.created, grant.privilege, _on_kind(grant.target), dotted(grant.target), dotted(grant.target) if is_role else None,
                    "USER", place.dotted, str(grant.option).lower(), grant.granted_by,
                ])
        return relation(USER_HEADS, rows)

    def _on(self, reader: Reader, run: Run) -> Relation:
        kind = reader.takes_one(KINDS)
        if not kind:
            raise reader.unexpected()
        target: Target = ACCOUNT if kind == "ACCOUNT" else self.grants.target(kind, reader.name(), run)
        _ended(reader)
        if kind != "ACCOUNT":
            self.require_sight(run.session, target)
        owner = self.roles.owner(target)
        owned = [Grant("OWNERSHIP", target, role(owner), True, owner, self._since(target))] if owner and kind != "ACCOUNT" else []
        found = [*owned, *(g for g in self.roles.grants if same(g.target, target))]
        return relation(ON_HEADS, [[*_row(g), "ROLE" if g.granted_by else ""] for g in found])

    def _future(self, reader: Reader, run: Run) -> Relation:
        if reader.takes("IN"):
            kind = reader.takes_one(("SCHEMA", "DATABASE"))
            if not kind:
                raise reader.unexpected()
            place = self.grants.place(kind, reader.name(), run)
            found = [f for f in self.roles.future if f.container == place]
            self.require_sight(run.session, place)
        else:
            reader.expect("TO")
            place = read_role(reader, run)
            self.roles.find(place)
            self.require_sight(run.session, place)
            found = [f for f in self.roles.future if f.grantee == place]
        _ended(reader)
        rows = [
            [f.created, f.privilege, f.kind, f"{f.container.dotted}.<{f.kind}>", _kind(f.grantee), f.grantee.dotted, str(f.option).lower()]
            for f in found
        ]
        return relation(FUTURE_HEADS, rows)

    # SHOW ROLES

    def list_roles(self, session: Session, like: Callable[[str], bool], defaults: set[str]) -> Relation:
        heads = [
            "created_on:time", "name", "is_default", "is_current", "is_inherited", "assigned_to_users:number", "granted_to_roles:number",
            "granted_roles:number", "owner", "comment",
        ]
        active = self.roles.effective(session)
        found = sorted((r for r in self.roles.roles.values() if r.place.kind == "ROLE"), key=lambda r: r.place)
        rows = [
            [
                r.created, r.place.dotted, _flag(r.place.dotted in defaults), _flag(r.place.dotted == session.role),
                _flag(r.place in active and r.place.dotted != session.role), self._count(r.place, "USER"), self._count(r.place, "ROLE"),
                sum(1 for g in self.roles.grants if g.grantee == r.place and _on_kind(g.target) in ("ROLE", "DATABASE_ROLE")),
                r.owner, r.comment,
            ]
            for r in found
            if like(r.place.dotted)
        ]
        return relation(heads, rows)

    def list_database_roles(self, session: Session, name: str, like: Callable[[str], bool]) -> Relation:
        heads = [
            "created_on:time", "name", "is_default", "is_current", "is_inherited", "granted_to_roles:number",
            "granted_to_database_roles:number", "granted_database_roles:number", "owner", "comment", "owner_role_type",
        ]
        if not self.roles.allows(session, None, database(name)):
            raise missing_container("Database", name)
        active = self.roles.effective(session)
        rows = [
            [
                r.created, r.place.parts[1], "N", "N", _flag(r.place in active), self._count(r.place, "ROLE"),
                self._count(r.place, "DATABASE ROLE"),
                sum(1 for g in self.roles.grants if g.grantee == r.place and _on_kind(g.target) == "DATABASE_ROLE"),
                r.owner, r.comment, "ROLE" if r.owner else "",
            ]
            for r in sorted(self.roles.roles.values(), key=lambda r: r.place)
            if r.place.kind == "DATABASE ROLE" and r.place.parts[0] == name and like(r.place.parts[1])
        ]
        return relation(heads, rows)

    def _count(self, place: Place, kind: str) -> int:
        return sum(1 for g in self.roles.grants if g.target == place and g.grantee.kind == kind)


def _flag(value: bool) -> str:
    return "Y" if value else "N"


def _kind(place: Place) -> str:
    return place.kind.replace(" ", "_")


def _on_kind(target: Target) -> str:
    return kind_of(target).replace(" ", "_")


def _said(place: Place) -> str:
    return place.dotted


def _row(grant: Grant) -> list:
    return [
        grant.created, grant.privilege, _on_kind(grant.target), dotted(grant.target), _kind(grant.grantee), grant.grantee.dotted,
        str(grant.option).lower(), grant.granted_by,
    ]


def _ended(reader: Reader) -> None:
    if reader.takes("LIMIT"):
        reader.value()
    reader.end()
