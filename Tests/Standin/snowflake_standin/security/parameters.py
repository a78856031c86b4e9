"""Parameters of the account and of users that audits ask for: SHOW PARAMETERS IN ACCOUNT, IN USER."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..catalogue import Table
from ..errors import SqlError, insufficient
from ..relations import Relation, relation, status
from ..session import PARAMETERS as OF_SESSION
from ..session import Session
from .places import ACCOUNT, role, user
from .reader import Reader
from .rolecommands import DONE
from .roles import Roles
from .users import Users

if TYPE_CHECKING:
    from ..run import Run

#: Name: default, type, description. Session parameters have an account level too and are listed beside these.
OF_ACCOUNT = {
    "ALLOW_ID_TOKEN": ("false", "BOOLEAN", "Whether connections may be cached with an identity token."),
    "CLIENT_ENCRYPTION_KEY_SIZE": ("128", "NUMBER", "Size of the client-side encryption key of internal stages, in bits."),
    "DATA_RETENTION_TIME_IN_DAYS": ("1", "NUMBER", "Days of history kept for Time Travel."),
    "ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION": ("true", "BOOLEAN", "Whether unloaded Parquet uses smaller types."),
    "MAX_DATA_EXTENSION_TIME_IN_DAYS": ("14", "NUMBER", "Days by which retention may be extended for streams."),
    "MIN_DATA_RETENTION_TIME_IN_DAYS": ("0", "NUMBER", "Least days of history that an object may have."),
    "NETWORK_POLICY": ("", "STRING", "Network policy of the account or user."),
    "PERIODIC_DATA_REKEYING": ("false", "BOOLEAN", "Whether data is encrypted anew each year."),
    "PREVENT_UNLOAD_TO_INLINE_URL": ("false", "BOOLEAN", "Whether unloading to a URL in the statement is refused."),
    "PREVENT_UNLOAD_TO_INTERNAL_STAGES": ("false", "BOOLEAN", "Whether unloading to internal stages is refused."),
    "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION": ("false", "BOOLEAN", "Whether an external stage needs an integration."),
    "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION": ("false", "BOOLEAN", "Whether loading and unloading needs an integration."),
    "SSO_LOGIN_PAGE": ("false", "BOOLEAN", "Whether the login page is that of single sign-on."),
}


class Parameters:
    """Recorded and shown. Of the rules they stand for, only the one on stage creation is enforced."""

    def __init__(self, roles: Roles, users: Users):
        self.roles, self.users = roles, users
        self.account: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self.account.get(name, OF_ACCOUNT[name][0])

    def retention(self, table: Table) -> int:
        """Days of Time Travel: the table's own or the account's, at least the account's minimum; at most 1 unless permanent."""
        days = int(self.get("DATA_RETENTION_TIME_IN_DAYS")) if table.retention is None else table.retention
        days = max(days, int(self.get("MIN_DATA_RETENTION_TIME_IN_DAYS")))
        return min(days, 1) if table.transient or table.temporary else days

    def alter_account(self, reader: Reader, run: Run) -> Relation:
        reader.expect("ALTER", "ACCOUNT")
        if not self.roles.holds(self.roles.effective(run.session), "OWNERSHIP", ACCOUNT) and not self._only_network(reader, run.session):
            raise insufficient("account", ACCOUNT.dotted)
        if reader.takes("UNSET"):
            while not reader.done:
                self.account.pop(_known(reader.word()), None)
                reader.takes(",")
            return status(DONE)
        reader.expect("SET")
        for name, values in reader.properties().items():
            _known(name)
            value = values[0] if values else ""
            if name == "NETWORK_POLICY":
                value = value.upper()
                run.engine.security.networks.get(value)
            self.account[name] = _checked(name, value)
        return status(DONE)

    def _only_network(self, reader: Reader, session: Session) -> bool:
        """SECURITYADMIN may set the account's network policy, as documented, and nothing else of this."""
        ours = reader.sees("SET", "NETWORK_POLICY") or reader.sees("UNSET", "NETWORK_POLICY")
        return ours and role("SECURITYADMIN") in self.roles.effective(session)

    def show(self, reader: Reader, run: Run, like: Callable[[str], bool]) -> Relation:
        """`IN ACCOUNT`, `FOR ACCOUNT`, `IN USER u`. Level '' means that nobody set it."""
        rows: list[list] = []
        if reader.takes("ACCOUNT"):
            reader.end()
            for name, (default, kind, text) in sorted({**OF_SESSION, **OF_ACCOUNT}.items()):
                rows.append([name, self.account.get(name, default), default, "ACCOUNT" if name in self.account else "", text, kind])
        else:
            reader.expect("USER")
            found = self.users.get(reader.identifier() if reader.is_name() else run.session.user)
            reader.end()
            if found.name != run.session.user:
                self.roles.require_owner(run.session, user(found.name))
            for name, (default, kind, text) in sorted({**OF_SESSION, "NETWORK_POLICY": OF_ACCOUNT["NETWORK_POLICY"]}.items()):
                value, level = self.account.get(name, default), "ACCOUNT" if name in self.account else ""
                if name == "NETWORK_POLICY" and found.network_policy:
                    value, level = found.network_policy, "USER"
                rows.append([name, value, default, level, text, kind])
        return relation(["key", "value", "default", "level", "description", "type"], [row for row in rows if like(row[0])])


def _known(name: str) -> str:
    if name not in OF_ACCOUNT:
        raise SqlError("000002", "0A000", f"the stand-in cannot set the account parameter {name}")
    return name


def _checked(name: str, value: str) -> str:
    kind = OF_ACCOUNT[name][1]
    wrong = (kind == "BOOLEAN" and value.lower() not in ("true", "false")) or (kind == "NUMBER" and not value.isdigit())
    wrong = wrong or (name == "CLIENT_ENCRYPTION_KEY_SIZE" and value not in ("128", "256"))
    if wrong:
        raise SqlError("001008", "22023", f"SQL compilation error:\ninvalid value [{value}] for parameter '{name}'")
    return value.lower() if kind == "BOOLEAN" else value
