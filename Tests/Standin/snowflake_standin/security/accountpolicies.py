"""Password and session policies: kept, attached to the account or a user, shown. No login is checked against them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .. import infoschema
from ..catalogue import now
from ..errors import SqlError, cannot, exists, insufficient, missing_container
from ..names import Name
from ..relations import Relation, relation, status
from .grants import qualified
from .places import ACCOUNT, Place, schema, user
from .reader import Reader
from .rolecommands import DONE
from .roles import Roles
from .users import Users

if TYPE_CHECKING:
    from ..run import Run

PASSWORD, SESSION = "PASSWORD POLICY", "SESSION POLICY"
#: The properties of each kind, with their defaults.
DEFAULTS: dict[str, dict[str, int]] = {
    PASSWORD: {
        "PASSWORD_MIN_LENGTH": 14, "PASSWORD_MAX_LENGTH": 256, "PASSWORD_MIN_UPPER_CASE_CHARS": 1, "PASSWORD_MIN_LOWER_CASE_CHARS": 1,
        "PASSWORD_MIN_NUMERIC_CHARS": 1, "PASSWORD_MIN_SPECIAL_CHARS": 0, "PASSWORD_MIN_AGE_DAYS": 0, "PASSWORD_MAX_AGE_DAYS": 90,
        "PASSWORD_MAX_RETRIES": 5, "PASSWORD_LOCKOUT_TIME_MINS": 15, "PASSWORD_HISTORY": 5,
    },
    SESSION: {"SESSION_IDLE_TIMEOUT_MINS": 240, "SESSION_UI_IDLE_TIMEOUT_MINS": 1080},
}


@dataclass
class AccountPolicy:
    name: Name
    kind: str
    values: dict[str, int]
    comment: str = ""
    created: datetime = field(default_factory=now)
    deleted: datetime | None = None

    @property
    def place(self) -> Place:
        return Place(self.kind, tuple(self.name))


class AccountPolicies:
    def __init__(self, roles: Roles, users: Users):
        self.roles, self.users = roles, users
        self.all: dict[tuple[str, Name], AccountPolicy] = {}
        self.gone: list[AccountPolicy] = []
        #: (kind, the account or a user) and the policy that is set there.
        self.attached: dict[tuple[str, Place], AccountPolicy] = {}

    def of(self, kind: str) -> list[AccountPolicy]:
        return [p for p in self.all.values() if p.kind == kind]

    def create(self, reader: Reader, run: Run) -> Relation:
        reader.expect("CREATE")
        replace = reader.takes("OR", "REPLACE")
        kind = _kind(reader)
        lenient = reader.if_not_exists()
        name = Name(*qualified(reader.name(), run, 3))
        if missing := infoschema.exists(run.duck, name):
            raise missing_container(missing, name.database if missing == "Database" else f"{name.database}.{name.schema}")
        self.roles.require_containers(run.session, name)
        self.roles.require_create(run.session, f"CREATE {kind}", schema(name.database, name.schema))
        old = self.all.get((kind, name))
        if old and not replace:
            if lenient:
                return status(f"{name.name} already exists, statement succeeded.")
            raise exists(name.dotted)
        if old:
            self._free(old)
        made = AccountPolicy(name, kind, dict(DEFAULTS[kind]))
        self._set(made, reader.properties())
        self.all[kind, name] = made
        self.roles.set_owner(made.place, run.session.role)
        return status(f"{kind.capitalize()} {name.name} successfully created.")

    def alter(self, reader: Reader, run: Run) -> Relation:
        reader.expect("ALTER")
        found = self._find(_kind(reader), reader, run)
        self.roles.require_owner(run.session, found.place)
        reader.expect("SET")
        self._set(found, reader.properties())
        return status(DONE)

    def drop(self, reader: Reader, run: Run) -> Relation:
        reader.expect("DROP")
        kind = _kind(reader)
        reader.if_exists()
        found = self._find(kind, reader, run)
        reader.end()
        self.roles.require_owner(run.session, found.place)
        self._free(found)
        return status(f"{found.name.name} successfully dropped.")

    def _find(self, kind: str, reader: Reader, run: Run) -> AccountPolicy:
        name = Name(*qualified(reader.name(), run, 3))
        if (kind, name) not in self.all:
            raise missing_container(kind.capitalize(), name.dotted)
        return self.all[kind, name]

    def _free(self, policy: AccountPolicy) -> None:
        if policy in self.attached.values():
            text = f"Policy {policy.name.name} cannot be dropped as it is associated with one or more entities."
            raise SqlError("003539", "23001", f"SQL compilation error:\n{text}")
        policy.deleted = now()
        self.gone.append(self.all.pop((policy.kind, policy.name)))
        self.roles.dropped(policy.place)

    def dropped_container(self, *parts: str) -> None:
        inside = [p for (_, n), p in self.all.items() if tuple(n)[: len(parts)] == parts]
        self.attached = {k: v for k, v in self.attached.items() if v not in inside}
        for policy in inside:
            self._free(policy)

    @staticmethod
    def _set(policy: AccountPolicy, properties: dict[str, list[str]]) -> None:
        for name, values in properties.items():
            if name == "COMMENT":
                policy.comment = values[0]
            elif name not in DEFAULTS[policy.kind]:
                raise cannot(f"keep {name} of a {policy.kind.lower()}")
            elif not values or not values[0].isdigit():
                raise SqlError("001008", "22023", f"SQL compilation error:\ninvalid value {values} for parameter '{name}'")
            else:
                policy.values[name] = int(values[0])

    def attach(self, reader: Reader, run: Run) -> Relation:
        """ALTER ACCOUNT|USER u SET|UNSET PASSWORD|SESSION POLICY"""
        reader.expect("ALTER")
        if reader.takes("ACCOUNT"):
            place = ACCOUNT
        else:
            reader.expect("USER")
            place = user(self.users.get(reader.identifier()).name)
        unset = reader.takes("UNSET")
        if not unset:
            reader.expect("SET")
        kind = _kind(reader)
        apply = self.roles.allows(run.session, f"APPLY {kind}", ACCOUNT) or self.roles.allows(run.session, "ATTACH POLICY", ACCOUNT)
        if not apply:
            raise insufficient(place.kind.lower(), place.parts[-1])
        if unset:
            self.attached.pop((kind, place), None)
        else:
            self.attached[kind, place] = self._find(kind, reader, run)
            reader.takes("FORCE")
        reader.end()
        return status(DONE)

    def view(self, kind: str) -> Relation:
        """ACCOUNT_USAGE.PASSWORD_POLICIES or SESSION_POLICIES."""
        heads = ["ID:number", "NAME", "SCHEMA_ID:number", "SCHEMA", "DATABASE_ID:number", "DATABASE", "OWNER", "OWNER_ROLE_TYPE",
                 *(f"{name}:number" for name in DEFAULTS[kind]), "COMMENT", "CREATED:time", "LAST_ALTERED:time", "DELETED:time"]
        found = [p for p in self.gone if p.kind == kind] + self.of(kind)
        rows = [
            [number, p.name.name, None, p.name.schema, None, p.name.database, self.roles.owner(p.place), "ROLE", *p.values.values(),
             p.comment or None, p.created, p.deleted or p.created, p.deleted]
            for number, p in enumerate(found, 1)
        ]
        return relation(heads, rows)


def _kind(reader: Reader) -> str:
    kind = reader.takes_one((PASSWORD, SESSION))
    if not kind:
        raise reader.unexpected()
    return kind
