"""Which commands belong to the security model, and who answers them.

They are recognised by their first words, before sqlglot sees them: it knows few of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from fakesnow.dialect import parse_one
from sqlglot import exp

from .. import infoschema
from ..errors import missing_container
from ..relations import Relation
from . import rolecommands
from .core import Security
from .reader import Reader

if TYPE_CHECKING:
    from ..run import Run

#: None leaves the statement to fakesnow.
Handler = Callable[[Reader, "Run"], Relation | None]
COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*\n|/\*.*?\*/)+", re.S)
FIRST = re.compile(r"(GRANT|REVOKE|CREATE|ALTER|DROP|SHOW|DESC|DESCRIBE)\b", re.I)
LISTS = (
    "MASKING POLICIES", "ROW ACCESS POLICIES", "DATABASE ROLES", "ROLES", "USERS", "NETWORK POLICIES", "STAGES", "SHARES", "STORAGE INTEGRATIONS",
    "SECURITY INTEGRATIONS", "INTEGRATIONS", "PARAMETERS",
)
POLICY = r"(MASKING|ROW\s+ACCESS)\s+POLICY"
OR_REPLACE = r"(?:OR\s+REPLACE\s+)?"


class Commands:
    def __init__(self, security: Security):
        self.security = security
        roles, users, networks, grants, storage = security.roles, security.users, security.networks, security.grants, security.storage
        policies = security.policies
        made: list[tuple[str, Handler]] = [
            (r"(GRANT|REVOKE)\b", grants.change),
            (rf"CREATE\s+{OR_REPLACE}(DATABASE\s+)?ROLE\b", lambda r, run: rolecommands.create(r, run, roles)),
            (r"ALTER\s+(DATABASE\s+)?ROLE\b", lambda r, run: rolecommands.alter(r, run, roles)),
            (r"DROP\s+(DATABASE\s+)?ROLE\b", lambda r, run: rolecommands.drop(r, run, roles)),
            (r"ALTER\s+(ACCOUNT|USER\s+\S+)\s+(SET|UNSET)\s+(PASSWORD|SESSION)\s+POLICY\b", security.account_policies.attach),
            (rf"CREATE\s+{OR_REPLACE}(PASSWORD|SESSION)\s+POLICY\b", security.account_policies.create),
            (r"ALTER\s+(PASSWORD|SESSION)\s+POLICY\b", security.account_policies.alter),
            (r"DROP\s+(PASSWORD|SESSION)\s+POLICY\b", security.account_policies.drop),
            (rf"CREATE\s+{OR_REPLACE}USER\b", users.create),
            (r"ALTER\s+USER\b", users.alter),
            (r"DROP\s+USER\b", users.drop),
            (r"(DESC|DESCRIBE)\s+USER\b", users.describe),
            (rf"CREATE\s+{OR_REPLACE}NETWORK\s+POLICY\b", networks.create),
            (r"ALTER\s+NETWORK\s+POLICY\b", networks.alter),
            (r"DROP\s+NETWORK\s+POLICY\b", networks.drop),
            (r"(DESC|DESCRIBE)\s+NETWORK\s+POLICY\b", networks.describe),
            (rf"CREATE\s+{OR_REPLACE}{POLICY}\b", policies.create),
            (rf"ALTER\s+{POLICY}\b", policies.alter),
            (rf"DROP\s+{POLICY}\b", policies.drop),
            (rf"(DESC|DESCRIBE)\s+{POLICY}\b", policies.describe),
            (r"ALTER\s+(TABLE|VIEW)\b.*\b(MASKING\s+POLICY|ROW\s+ACCESS\s+POLIC(Y|IES))\b", policies.alter_table),
            (rf"CREATE\s+{OR_REPLACE}(TEMP\w*\s+)?STAGE\b", storage.create_stage),
            (r"DROP\s+STAGE\b", storage.drop_stage),
            (rf"CREATE\s+{OR_REPLACE}(STORAGE|SECURITY)\s+INTEGRATION\b", storage.create_integration),
            (r"DROP\s+((STORAGE|SECURITY)\s+)?INTEGRATION\b", storage.drop_integration),
            (rf"CREATE\s+{OR_REPLACE}SHARE\b", storage.create_share),
            (r"ALTER\s+SHARE\b", storage.alter_share),
            (r"DROP\s+SHARE\b", storage.drop_share),
            (r"ALTER\s+ACCOUNT\b", security.parameters.alter_account),
            (r"SHOW\s+(FUTURE\s+)?GRANTS\b", security.grant_show.show),
            (rf"SHOW\s+(TERSE\s+)?({'|'.join(LISTS[:-1])})\b".replace(" ", r"\s+"), self._list),
            (r"SHOW\s+PARAMETERS\b.*\b(IN|FOR)\s+(ACCOUNT|USER)\b", self._list),
        ]
        self._known = [(re.compile(pattern, re.I | re.S), handler) for pattern, handler in made]

    def add(self, pattern: str, handler: Handler) -> None:
        self._known.append((re.compile(pattern, re.I | re.S), handler))

    def find(self, text: str) -> Handler | None:
        """The handler of a command; None when the statement is not one of these."""
        bare = COMMENTS.sub("", text)
        if not FIRST.match(bare):
            return None
        return next((handler for pattern, handler in self._known if pattern.match(bare)), None)

    @staticmethod
    def only_reads(text: str) -> bool:
        return COMMENTS.sub("", text)[:4].upper() in ("SHOW", "DESC")

    def parse(self, text: str) -> exp.Expression:
        """For fakesnow's v1 routes, which parse a statement before they execute it."""
        if self.find(text):
            word, _, rest = COMMENTS.sub("", text).partition(" ")
            return exp.Command(this=word.upper(), expression=rest)
        return parse_one(text)

    def answer(self, handler: Handler, text: str, run: Run) -> Relation | None:
        return handler(Reader(text), run)

    # SHOW … LIKE … IN …

    def _list(self, reader: Reader, run: Run) -> Relation:
        reader.expect("SHOW")
        terse = reader.takes("TERSE")
        what = reader.takes_one(LISTS) or ""
        like = pattern(reader.string()) if reader.takes("LIKE") else pattern(None)
        security, session = self.security, run.session
        if what == "PARAMETERS":
            if not reader.takes("IN"):
                reader.expect("FOR")
            return security.parameters.show(reader, run, like)
        if what == "NETWORK POLICIES":
            return security.networks.show(reader, run, like)
        if what == "STAGES":
            return security.storage.show_stages(reader, run, like)
        if what in ("MASKING POLICIES", "ROW ACCESS POLICIES"):
            if reader.takes("IN"):
                reader.rest()
            return security.policies.show(session, what.replace("POLICIES", "POLICY"), like)
        if what.endswith("INTEGRATIONS"):
            _ended(reader)
            return security.storage.show_integrations(session, what.rpartition(" ")[0], like)
        if what == "DATABASE ROLES":
            reader.expect("IN", "DATABASE")
            name = reader.identifier() if reader.is_name() else run.database or ""
            if name != "SNOWFLAKE" and infoschema.exists(run.duck, (name,)):
                raise missing_container("Database", name)
            _ended(reader)
            return security.grant_show.list_database_roles(session, name, like)
        if reader.takes("IN", "ACCOUNT") and what == "USERS":
            raise reader.unexpected()
        _ended(reader)
        if what == "SHARES":
            return security.storage.show_shares(session, like)
        if what == "USERS":
            return security.users.show(session, like, terse)
        return security.grant_show.list_roles(session, like, {security.users.get(session.user).default_role})


def pattern(text: str | None) -> Callable[[str], bool]:
    """SHOW … LIKE: % and _, without regard to case."""
    if text is None:
        return lambda _: True
    regex = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in text)
    return lambda name: re.fullmatch(regex, name, re.I | re.S) is not None


def _ended(reader: Reader) -> None:
    if reader.takes("STARTS", "WITH"):
        raise reader.unexpected()
    if reader.takes("LIMIT"):
        reader.value()
    reader.end()
