"""Users and their properties: CREATE, ALTER, DROP, DESCRIBE and SHOW.

Secrets are not kept: of a password only that there is one, of a public key the key, which is public.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ..catalogue import now
from ..errors import SqlError, cannot, exists, missing_container
from ..relations import Relation, relation, status
from ..session import USER, Session
from .places import ACCOUNT, Place, user
from .reader import Reader
from .rolecommands import DONE
from .roles import Roles

if TYPE_CHECKING:
    from ..run import Run

TYPES = ("PERSON", "SERVICE", "LEGACY_SERVICE")
#: Text properties that are kept as they are, and the attribute that holds them.
TEXTS = {
    "LOGIN_NAME": "login_name", "DISPLAY_NAME": "display_name", "FIRST_NAME": "first_name", "LAST_NAME": "last_name", "EMAIL": "email",
    "COMMENT": "comment", "DEFAULT_WAREHOUSE": "default_warehouse", "DEFAULT_NAMESPACE": "default_namespace", "DEFAULT_ROLE": "default_role",
    "NETWORK_POLICY": "network_policy", "RSA_PUBLIC_KEY": "rsa_public_key", "RSA_PUBLIC_KEY_2": "rsa_public_key_2",
}
FOLDED = {"DEFAULT_WAREHOUSE", "DEFAULT_NAMESPACE", "DEFAULT_ROLE", "LOGIN_NAME", "NETWORK_POLICY"}


@dataclass
class User:
    name: str
    login_name: str = ""
    display_name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    comment: str = ""
    type: str | None = None
    disabled: bool = False
    must_change_password: bool = False
    default_warehouse: str = ""
    default_namespace: str = ""
    default_role: str = ""
    #: ("ALL",) unless said, since behaviour change 2024_08; () is none.
    default_secondary_roles: tuple[str, ...] = ("ALL",)
    network_policy: str = ""
    rsa_public_key: str = ""
    rsa_public_key_2: str = ""
    has_password: bool = False
    #: What SQL cannot set; the control route does.
    has_mfa: bool = False
    ext_authn_duo: bool = False
    has_pat: bool = False
    has_workload_identity: bool = False
    locked: bool = False
    last_success_login: datetime | None = None
    password_last_set: datetime | None = None
    expires_at: datetime | None = None
    created: datetime = field(default_factory=now)
    deleted: datetime | None = None

    @property
    def shown_password(self) -> bool | None:
        """A service user cannot have a password: NULL, not false, as documented."""
        return None if self.type == "SERVICE" else self.has_password

    @property
    def secondary(self) -> str:
        return "ALL" if self.default_secondary_roles == ("ALL",) else "NONE"

    @property
    def shown_secondary(self) -> str:
        return "[" + ",".join(f'"{r}"' for r in self.default_secondary_roles) + "]"


class Users:
    def __init__(self, roles: Roles):
        self.roles = roles
        # The stand-in's own user has no secondary roles, so that a role sees what it was granted.
        self.all: dict[str, User] = {
            USER: User(USER, USER, USER, default_role="SYSADMIN", default_secondary_roles=(), has_password=True, default_warehouse="STANDIN_WH")
        }
        roles.set_owner(user(USER), "ACCOUNTADMIN")
        self.gone: list[User] = []

    def get(self, name: str) -> User:
        if name not in self.all:
            raise missing_container("User", name)
        return self.all[name]

    def places(self) -> list[Place]:
        return [user(name) for name in self.all]

    def session(self, name: str, role_name: str | None) -> Session:
        """A session as a login opens it. Raises where the role is not the user's."""
        found = self.all[name]
        session = Session(user=name, role=found.default_role or "PUBLIC", secondary=found.secondary)
        if role_name is not None:
            session.role = role_name
        return session

    def by_key(self, fingerprint: str) -> User | None:
        """Whose public key has this fingerprint."""
        for one in self.all.values():
            for key in (one.rsa_public_key, one.rsa_public_key_2):
                if key and fingerprint_of(key) == fingerprint:
                    return one
        return None

    # Statements

    def create(self, reader: Reader, run: Run) -> Relation:
        reader.expect("CREATE")
        replace = reader.takes("OR", "REPLACE")
        reader.expect("USER")
        lenient = reader.if_not_exists()
        name = reader.identifier()
        self.roles.require_create(run.session, "CREATE USER", ACCOUNT)
        if name in self.all and not replace:
            if lenient:
                return status(f"{name} already exists, statement succeeded.")
            raise exists(name)
        made = User(name, login_name=name, display_name=name)
        self._set(made, reader.properties(), run)
        if name in self.all:
            self._remove(name)
        self.all[name] = made
        self.roles.set_owner(user(name), run.session.role)
        return status(f"User {name} successfully created.")

    def alter(self, reader: Reader, run: Run) -> Relation:
        reader.expect("ALTER", "USER")
        lenient = reader.if_exists()
        name = reader.identifier()
        if name not in self.all and lenient:
            return status(DONE)
        found = self.get(name)
        self.roles.require_owner(run.session, user(name))
        if reader.takes("RENAME", "TO"):
            raise cannot("rename a user")
        if reader.takes("UNSET"):
            while not reader.done:
                self._unset(found, reader.word())
                reader.takes(",")
        else:
            reader.expect("SET")
            self._set(found, reader.properties(), run)
        return status(DONE)

    def drop(self, reader: Reader, run: Run) -> Relation:
        reader.expect("DROP", "USER")
        lenient = reader.if_exists()
        name = reader.identifier()
        reader.end()
        if name not in self.all:
            if lenient:
                return status(f"Drop statement executed successfully ({name} already dropped).")
            raise missing_container("User", name)
        self.roles.require_owner(run.session, user(name))
        if name in (USER, run.session.user):
            raise cannot("drop the user that it serves")
        self._remove(name)
        return status(f"{name} successfully dropped.")

    def _remove(self, name: str) -> None:
        gone = self.all.pop(name)
        gone.deleted = now()
        self.gone.append(gone)
        place = user(name)
        self.roles.remove([g for g in self.roles.grants if place in (g.grantee, g.target)])
        self.roles.owners.pop(place, None)

    def _set(self, found: User, properties: dict[str, list[str]], run: Run) -> None:
        kind = properties.get("TYPE", [found.type or ""])[0].upper()
        if kind == "SERVICE" and "PASSWORD" in properties:
            raise SqlError("003564", "22023", "Cannot set PASSWORD on users with TYPE=SERVICE.")
        for name, values in properties.items():
            value = values[0] if values else ""
            if name == "TYPE":
                if kind not in (*TYPES, "NULL"):
                    raise SqlError("001008", "22023", f"SQL compilation error:\ninvalid value [{value}] for parameter 'TYPE'")
                found.type = None if kind == "NULL" else kind
                found.has_password = found.has_password and kind != "SERVICE"
            elif name == "PASSWORD":
                found.has_password, found.password_last_set = bool(value), now()
            elif name in ("DISABLED", "MUST_CHANGE_PASSWORD"):
                setattr(found, name.lower(), value.upper() == "TRUE")
            elif name == "DEFAULT_SECONDARY_ROLES":
                chosen = tuple(v.upper() for v in values)
                if chosen not in ((), ("ALL",)):
                    raise SqlError("001008", "22023", "SQL compilation error:\nDEFAULT_SECONDARY_ROLES is ('ALL') or ().")
                found.default_secondary_roles = chosen
            elif name in TEXTS:
                if name == "NETWORK_POLICY":
                    run.engine.security.networks.get(value.upper())
                setattr(found, TEXTS[name], value.upper() if name in FOLDED else value)
            else:
                raise cannot(f"keep the property {name} of a user")

    @staticmethod
    def _unset(found: User, name: str) -> None:
        default = User(found.name, login_name=found.name, display_name=found.name)
        if name == "PASSWORD":
            found.has_password = False
        elif name in TEXTS or name in ("DISABLED", "MUST_CHANGE_PASSWORD", "DEFAULT_SECONDARY_ROLES", "TYPE"):
            attribute = TEXTS.get(name, name.lower())
            setattr(found, attribute, getattr(default, attribute))
        else:
            raise cannot(f"unset the property {name} of a user")

    # Lists

    def show(self, session: Session, like: Callable[[str], bool], terse: bool) -> Relation:
        """Every role sees names; the rest is for who owns the user or manages grants (documented as NULL)."""
        manages = self.roles.manages_grants(session)
        heads = ["name", "created_on:time", "login_name", "display_name", "first_name", "last_name", "email", "mins_to_unlock", "days_to_expiry",
                 "comment", "disabled", "must_change_password", "snowflake_lock", "default_warehouse", "default_namespace", "default_role",
                 "default_secondary_roles", "ext_authn_duo", "ext_authn_uid", "mins_to_bypass_mfa", "owner", "last_success_login:time",
                 "expires_at_time:time", "locked_until_time:time", "has_password", "has_rsa_public_key", "type", "has_mfa", "has_pat",
                 "has_federated_workload_authentication"]
        brief = ["name", "created_on", "display_name", "first_name", "last_name", "email", "comment", "has_password", "has_rsa_public_key",
                 "type", "has_mfa", "has_pat", "has_federated_workload_authentication"]
        rows = []
        for one in sorted(self.all.values(), key=lambda u: u.name):
            if like(one.name):
                shown = self._shown(one)
                if not (manages or self.roles.owns(session, user(one.name))):
                    shown = {k: v for k, v in shown.items() if k in brief}
                rows.append([shown.get(h.partition(":")[0]) for h in heads])
        if terse:
            places = [i for i, h in enumerate(heads) if h.partition(":")[0] in brief]
            return relation([heads[i] for i in places], [[row[i] for i in places] for row in rows])
        return relation(heads, rows)

    def _shown(self, one: User) -> dict[str, object]:
        return {
            "name": one.name, "created_on": one.created, "login_name": one.login_name, "display_name": one.display_name,
            "first_name": one.first_name, "last_name": one.last_name, "email": one.email, "mins_to_unlock": "", "days_to_expiry": "",
            "comment": one.comment, "disabled": _text(one.disabled), "must_change_password": _text(one.must_change_password),
            "snowflake_lock": _text(one.locked), "default_warehouse": one.default_warehouse, "default_namespace": one.default_namespace,
            "default_role": one.default_role, "default_secondary_roles": one.shown_secondary, "ext_authn_duo": _text(one.ext_authn_duo),
            "ext_authn_uid": "", "mins_to_bypass_mfa": "", "owner": self.roles.owner(user(one.name)),
            "last_success_login": one.last_success_login, "expires_at_time": one.expires_at, "has_password": _text(one.shown_password),
            "has_rsa_public_key": _text(bool(one.rsa_public_key)), "type": one.type, "has_mfa": _text(one.has_mfa),
            "has_pat": _text(one.has_pat), "has_federated_workload_authentication": _text(one.has_workload_identity),
        }

    def describe(self, reader: Reader, run: Run) -> Relation:
        reader.word()
        reader.expect("USER")
        found = self.get(reader.identifier())
        reader.end()
        if found.name != run.session.user:
            self.roles.require_owner(run.session, user(found.name))
        values: list[tuple[str, object]] = [
            ("NAME", found.name), ("COMMENT", found.comment), ("DISPLAY_NAME", found.display_name), ("TYPE", found.type),
            ("LOGIN_NAME", found.login_name), ("FIRST_NAME", found.first_name), ("LAST_NAME", found.last_name), ("EMAIL", found.email),
            ("PASSWORD", "********" if found.has_password else None), ("MUST_CHANGE_PASSWORD", _text(found.must_change_password)),
            ("DISABLED", _text(found.disabled)), ("SNOWFLAKE_LOCK", _text(found.locked)), ("DEFAULT_WAREHOUSE", found.default_warehouse),
            ("DEFAULT_NAMESPACE", found.default_namespace), ("DEFAULT_ROLE", found.default_role),
            ("DEFAULT_SECONDARY_ROLES", found.shown_secondary), ("EXT_AUTHN_DUO", _text(found.ext_authn_duo)),
            ("RSA_PUBLIC_KEY", found.rsa_public_key), ("RSA_PUBLIC_KEY_FP", fingerprint_of(found.rsa_public_key)),
            ("RSA_PUBLIC_KEY_2", found.rsa_public_key_2), ("RSA_PUBLIC_KEY_2_FP", fingerprint_of(found.rsa_public_key_2)),
            ("HAS_MFA", _text(found.has_mfa)), ("NETWORK_POLICY", found.network_policy),
        ]
        return relation(["property", "value", "default", "description"], [[k, v if v not in ("", None) else "null", "null", ""] for k, v in values])


def _text(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


@lru_cache(maxsize=64)
def fingerprint_of(key: str) -> str:
    """SHA256:… of a public key given as Base64 without its header lines; empty for none or nonsense."""
    try:
        body = "".join(line for line in key.splitlines() if not line.startswith("-----"))
        return "SHA256:" + base64.b64encode(hashlib.sha256(base64.b64decode(body, validate=True)).digest()).decode() if body else ""
    except ValueError:
        return ""


