"""Roles and grants, kept in memory and enforced for every role that does not own the object."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .catalogue import Catalogue, Table, now
from .errors import SqlError, compilation, insufficient, missing_container, missing_object, syntax
from .names import Name, fold, parse_name, resolve
from .session import USER, Session

SYSTEM = {
    "ACCOUNTADMIN": "Account administrator can manage all aspects of the account.",
    "ORGADMIN": "Organization administrator.",
    "PUBLIC": "Public role is automatically available to every user in the account.",
    "SECURITYADMIN": "Security administrator can manage security aspects of the account.",
    "SYSADMIN": "System administrator can create and manage databases and warehouses.",
    "USERADMIN": "User administrator can create and manage users and roles.",
}
#: Roles that may do everything here. In Snowflake that is only nearly so.
MIGHTY = {"ACCOUNTADMIN", "SYSADMIN"}
ALL_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES")


@dataclass
class Grant:
    privilege: str
    kind: str  # TABLE, VIEW, SCHEMA, DATABASE, WAREHOUSE, ROLE
    #: The table itself, so that a grant follows a rename and dies with a replacement; else a name.
    target: Table | tuple[str, ...]
    grantee: str
    option: bool = False
    granted_by: str = "SYSADMIN"
    created: datetime = field(default_factory=now)

    @property
    def name(self) -> str:
        return self.target.name.dotted if isinstance(self.target, Table) else ".".join(self.target)


GRANT = re.compile(
    r"\s*(GRANT|REVOKE)\s+(?:GRANT\s+OPTION\s+FOR\s+)?(?P<privileges>.+?)\s+ON\s+(?P<set>ALL\s+|FUTURE\s+)?"
    r"(?P<kind>TABLES?|VIEWS?|SCHEMAS?|DATABASES?|WAREHOUSE|ACCOUNT)\b\s*(?:IN\s+(?P<where>SCHEMA|DATABASE)\s+)?(?P<name>\S*?)\s*"
    r"(?:TO|FROM)\s+(?:ROLE\s+)?(?P<role>\"[^\"]+\"|[\w$]+)(?P<option>\s+WITH\s+GRANT\s+OPTION)?(?:\s+CASCADE|\s+RESTRICT)?\s*;?\s*$",
    re.I | re.S,
)
MEMBERSHIP = re.compile(
    r"\s*(GRANT|REVOKE)\s+ROLE\s+(\"[^\"]+\"|[\w$]+)\s+(?:TO|FROM)\s+(ROLE|USER)\s+(\"[^\"]+\"|[\w$]+)\s*;?\s*$", re.I
)


def _name(text: str) -> str:
    return text[1:-1] if text.startswith('"') else text.upper()


class Roles:
    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self.roles: dict[str, tuple[datetime, str]] = {name: (now(), comment) for name, comment in SYSTEM.items()}
        self.grants: list[Grant] = []
        #: (role granted, "ROLE" or "USER", grantee)
        self.members: list[tuple[str, str, str]] = [("ACCOUNTADMIN", "USER", USER), ("SYSADMIN", "ROLE", "ACCOUNTADMIN")]
        self.future: list[tuple[str, str, tuple[str, ...], str]] = []
        self._lock = threading.RLock()

    # Checks

    def effective(self, session: Session) -> set[str]:
        """The session's roles with everything they inherit."""
        found, waiting = {"PUBLIC"}, [session.role]
        if session.secondary == "ALL":
            waiting += [role for role, kind, name in self.members if kind == "USER" and name == session.user]
        while waiting:
            role = waiting.pop()
            if role not in found:
                found.add(role)
                waiting += [child for child, kind, parent in self.members if kind == "ROLE" and parent == role]
        return found

    def allows(self, session: Session, privilege: str | None, target: Table | tuple[str, ...]) -> bool:
        """Whether a role of the session holds the privilege (None: any) on the object."""
        roles = self.effective(session)
        if roles & MIGHTY or (isinstance(target, Table) and target.owner in roles):
            return True
        same = (lambda g: g.target is target) if isinstance(target, Table) else (lambda g: g.target == target)
        return any(
            g.grantee in roles and same(g) and (privilege is None or g.privilege in (privilege, "OWNERSHIP"))
            for g in self.grants
        )

    def require_containers(self, session: Session, name: Name) -> None:
        """USAGE on the database and the schema: without it nothing inside is visible."""
        for kind, target in (("Database", (name.database,)), ("Schema", (name.database, name.schema))):
            if not self.allows(session, None, target):
                raise missing_container(kind, ".".join(target))

    def require(self, session: Session, privilege: str, table: Table, written: str) -> None:
        self.require_containers(session, table.name)
        if self.allows(session, privilege, table):
            return
        if self.allows(session, None, table):
            raise insufficient("table" if table.kind != "VIEW" else "view", table.name.name)
        raise missing_object(written)

    def visible(self, session: Session, table: Table) -> bool:
        """Whether SHOW and INFORMATION_SCHEMA list the table for this session."""
        containers = ((table.name.database,), (table.name.database, table.name.schema))
        return self.allows(session, None, table) and all(self.allows(session, None, c) for c in containers)

    def require_role(self, name: str) -> None:
        if name not in self.roles:
            raise missing_container("Role", name)

    # Statements

    def create(self, text: str, session: Session) -> str:
        found = re.match(
            r"\s*CREATE\s+(OR\s+REPLACE\s+)?ROLE\s+(IF\s+NOT\s+EXISTS\s+)?(\"[^\"]+\"|[\w$]+)(?:\s+COMMENT\s*=\s*'(.*)')?\s*;?\s*$",
            text, re.I | re.S,
        )
        if not found:
            raise syntax("unexpected 'ROLE'.")
        name = _name(found[3])
        with self._lock:
            if name in self.roles and not found[1]:
                if found[2]:
                    return f"{name} already exists, statement succeeded."
                raise compilation("002002", "42710", f"Object '{name}' already exists.")
            self.roles[name] = (now(), found[4] or "")
        return f"Role {name} successfully created."

    def drop(self, name: str, if_exists: bool) -> str:
        with self._lock:
            if name not in self.roles:
                if if_exists:
                    return "Drop statement executed successfully."
                raise missing_container("Role", name)
            del self.roles[name]
            self.grants = [g for g in self.grants if g.grantee != name]
            self.members = [m for m in self.members if name not in (m[0], m[2] if m[1] == "ROLE" else "")]
        return f"{name} successfully dropped."

    def change(self, text: str, session: Session, database: str | None, schema: str | None) -> str:
        """GRANT or REVOKE."""
        if found := MEMBERSHIP.match(text):
            entry = (_name(found[2]), found[3].upper(), _name(found[4]))
            self.require_role(entry[0])
            with self._lock:
                self.members = [m for m in self.members if m != entry]
                if found[1].upper() == "GRANT":
                    self.members.append(entry)
            return "Statement executed successfully."
        found = GRANT.match(text)
        if not found:
            raise syntax(f"unexpected '{text.split()[0]}'.")
        role = _name(found["role"])
        self.require_role(role)
        kind = found["kind"].upper().rstrip("S")
        privileges = self._privileges(found["privileges"], kind)
        grant = found[1].upper() == "GRANT"
        if (found["set"] or "").strip().upper() == "FUTURE":
            self._change_future(grant, privileges, kind, self._container(found, database), role)
            return "Statement executed successfully."
        targets = list(self._targets(found, kind, database, schema))
        with self._lock:
            for target in targets:
                real = ("VIEW" if target.kind == "VIEW" else "TABLE") if isinstance(target, Table) else kind
                for privilege in privileges:
                    self.grants = [
                        g for g in self.grants
                        if not (g.privilege == privilege and g.grantee == role
                                and (g.target is target if isinstance(target, Table) else g.target == target))
                    ]
                    if grant:
                        if privilege == "OWNERSHIP" and isinstance(target, Table):
                            target.owner = role
                            continue
                        self.grants.append(Grant(privilege, real, target, role, bool(found["option"]), session.role))
        return "Statement executed successfully."

    @staticmethod
    def _privileges(text: str, kind: str) -> list[str]:
        words = [re.sub(r"\s+", " ", p.strip().upper()) for p in text.split(",")]
        if words in (["ALL"], ["ALL PRIVILEGES"]):
            return list(ALL_PRIVILEGES) if kind in ("TABLE", "VIEW") else ["USAGE", "MONITOR"]
        return words

    @staticmethod
    def _container(found: re.Match, database: str | None) -> tuple[str, ...]:
        parts = [fold(p) for p in parse_name(found["name"]).parts]
        if found["where"].upper() == "SCHEMA" and len(parts) == 1:
            parts = [database or "", *parts]
        return tuple(parts)

    def _targets(
        self, found: re.Match, kind: str, database: str | None, schema: str | None
    ) -> Iterable[Table | tuple[str, ...]]:
        if found["set"]:
            container = self._container(found, database)
            if kind == "SCHEMA":
                yield from sorted({t.name[:2] for t in self.catalogue.tables(*container)})
            else:
                yield from self._inside(kind, container)
        elif kind in ("TABLE", "VIEW"):
            name = resolve(parse_name(found["name"]), database, schema)
            table = self.catalogue.get(name)
            if not table:
                raise missing_object(name.dotted)
            yield table
        elif kind == "ACCOUNT":
            yield ("ACCOUNT",)
        else:
            parts = tuple(fold(p) for p in parse_name(found["name"]).parts)
            yield (database or "", *parts) if kind == "SCHEMA" and len(parts) == 1 else parts

    def _inside(self, kind: str, container: tuple[str, ...]) -> list[Table]:
        return [t for t in self.catalogue.tables(*container) if (t.kind == "VIEW") == (kind == "VIEW")]

    def _change_future(self, grant: bool, privileges: list[str], kind: str, container: tuple[str, ...], role: str) -> None:
        with self._lock:
            for privilege in privileges:
                entry = (privilege, kind, container, role)
                self.future = [f for f in self.future if f != entry] + ([entry] if grant else [])

    def created(self, table: Table) -> None:
        """Apply the future grants of its schema and database to a new table."""
        kind = "VIEW" if table.kind == "VIEW" else "TABLE"
        for privilege, of_kind, container, role in self.future:
            if of_kind == kind and tuple(table.name[: len(container)]) == container:
                self.grants.append(Grant(privilege, kind, table, role))

    def dropped(self, table: Table) -> None:
        with self._lock:
            self.grants = [g for g in self.grants if g.target is not table]

    def use(self, session: Session, name: str) -> None:
        if name not in self.roles:
            raise SqlError(
                "002043", "02000",
                "SQL compilation error:\nObject does not exist, or operation cannot be performed.",
            )
        session.role = name
