"""A session: the role, the warehouse, the parameters, and the functions that report them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from uuid import uuid4

from sqlglot import exp

from . import zones
from .errors import SqlError, cannot, missing_container, syntax
from .names import Name

ORGANIZATION, ACCOUNT, LOCATOR, REGION = "PARITYORG", "STANDIN", "PS00001", "AWS_US_EAST_1"
USER, WAREHOUSES, VERSION = "PARITY", {"STANDIN_WH"}, "10.0.0"

#: Session parameters that are known, with Snowflake's defaults. Those in FIXED cannot be changed here.
PARAMETERS = {
    "AUTOCOMMIT": ("true", "BOOLEAN", "Commit each statement as it ends."),
    "BINARY_INPUT_FORMAT": ("HEX", "STRING", "Format of binary input."),
    "BINARY_OUTPUT_FORMAT": ("HEX", "STRING", "Format of binary output."),
    "CLIENT_RESULT_CHUNK_SIZE": ("160", "NUMBER", "Size of a result chunk in MB."),
    "DATE_INPUT_FORMAT": ("AUTO", "STRING", "Format of date input."),
    "DATE_OUTPUT_FORMAT": ("YYYY-MM-DD", "STRING", "Format of date output."),
    "LOCK_TIMEOUT": ("43200", "NUMBER", "Seconds to wait for a lock."),
    "MULTI_STATEMENT_COUNT": ("1", "NUMBER", "Number of statements in a request."),
    "QUERY_TAG": ("", "STRING", "Tag of the session's queries."),
    "QUOTED_IDENTIFIERS_IGNORE_CASE": ("false", "BOOLEAN", "Quoted identifiers ignore case."),
    "ROWS_PER_RESULTSET": ("0", "NUMBER", "Maximum rows of a result; 0 is no limit."),
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": ("0", "NUMBER", "Seconds a statement may be queued."),
    "STATEMENT_TIMEOUT_IN_SECONDS": ("172800", "NUMBER", "Seconds a statement may run."),
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": ("", "STRING", "Format of TIMESTAMP_LTZ output."),
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": ("YYYY-MM-DD HH24:MI:SS.FF3", "STRING", "Format of TIMESTAMP_NTZ output."),
    "TIMESTAMP_OUTPUT_FORMAT": ("YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "STRING", "Format of timestamp output."),
    "TIMESTAMP_TYPE_MAPPING": ("TIMESTAMP_NTZ", "STRING", "What TIMESTAMP means."),
    "TIMESTAMP_TZ_OUTPUT_FORMAT": ("", "STRING", "Format of TIMESTAMP_TZ output."),
    "TIMEZONE": ("UTC", "STRING", "Time zone of the session."),
    "TIME_OUTPUT_FORMAT": ("HH24:MI:SS", "STRING", "Format of time output."),
    "USE_CACHED_RESULT": ("true", "BOOLEAN", "Reuse results of equal queries."),
    "WEEK_START": ("0", "NUMBER", "First day of the week."),
    "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": ("ARROW", "STRING", "Result format of the Python connector."),
}
FIXED = {"AUTOCOMMIT", "ROWS_PER_RESULTSET", "QUOTED_IDENTIFIERS_IGNORE_CASE", "TIMESTAMP_TYPE_MAPPING", "WEEK_START"}


@dataclass
class Session:
    user: str = USER
    role: str = "SYSADMIN"
    #: The stand-in's user has DEFAULT_SECONDARY_ROLES = (), so that a role sees what it was granted.
    secondary: str = "NONE"
    warehouse: str | None = "STANDIN_WH"
    identity: str = field(default_factory=lambda: str(uuid4().int % 10**15))
    parameters: dict[str, str] = field(default_factory=dict)
    last_query: str | None = None
    #: Temporary tables, dropped when the session ends.
    temporary: list[Name] = field(default_factory=list)
    #: Whether DuckDB was told a time zone.
    has_zone: bool = False
    #: Set by a cancel or a timeout; a waiting statement stops at once.
    cancelled: threading.Event = field(default_factory=threading.Event)

    def parameter(self, name: str) -> str:
        return self.parameters.get(name, PARAMETERS[name][0])

    @property
    def is_utc(self) -> bool:
        return zones.is_utc(self.parameter("TIMEZONE"))

    def set_parameter(self, name: str, value: str) -> None:
        name = name.upper()
        if name not in PARAMETERS:
            raise SqlError("000006", "22023", f"invalid session parameter '{name}'")
        default = PARAMETERS[name][0]
        fixed = name in FIXED or name.endswith("_OUTPUT_FORMAT")
        if fixed and value.lower() != default.lower():
            raise cannot(f"run with {name} = {value}; it always has {default}")
        if name == "TIMEZONE":
            value = zones.canonical(value)
        self.parameters[name] = value

    def unset_parameter(self, name: str) -> None:
        self.parameters.pop(name.upper(), None)


def of(connection: object) -> Session:
    """The session of a fakesnow connection; one that v1 opened gets its own here."""
    if not hasattr(connection, "standin"):
        connection.standin = Session()  # type: ignore[attr-defined]
    return connection.standin  # type: ignore[attr-defined]


ASSIGNMENT = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|[^\s,']+)[\s,]*", re.S)


def alter_session(session: Session, text: str) -> None:
    """`ALTER SESSION SET a = b [,] c = d` and `ALTER SESSION UNSET a, c`."""
    found = re.match(r"\s*ALTER\s+SESSION\s+(SET|UNSET)\s+(.*?);?\s*$", text, re.I | re.S)
    if not found:
        raise syntax("unexpected 'SESSION'.")
    if found[1].upper() == "UNSET":
        for name in re.split(r"[\s,]+", found[2]):
            session.unset_parameter(name)
        return
    rest = found[2]
    while rest:
        one = ASSIGNMENT.match(rest)
        if not one:
            raise syntax(f"unexpected '{rest[:20]}'.")
        value = one[2]
        session.set_parameter(one[1], value[1:-1].replace("''", "'") if value.startswith("'") else value)
        rest = rest[one.end():]


def use_warehouse(session: Session, name: str) -> None:
    if name not in WAREHOUSES:
        raise missing_container("Warehouse", name)
    session.warehouse = name


def context_value(node: exp.Expression, session: Session, database: str | None, schema: str | None) -> str | None | bool:
    """What CURRENT_ROLE() and its like answer; False when the node is something else."""
    secondary = '{"roles":"","value":"%s"}' % ("ALL" if session.secondary == "ALL" else "")
    answers: dict[type, str | None] = {
        exp.CurrentAccount: LOCATOR,
        exp.CurrentAccountName: ACCOUNT,
        exp.CurrentOrganizationName: ORGANIZATION,
        exp.CurrentRegion: REGION,
        exp.CurrentUser: session.user,
        exp.CurrentRole: session.role,
        exp.CurrentWarehouse: session.warehouse,
        exp.CurrentDatabase: database,
        exp.CurrentSchema: schema,
        exp.CurrentVersion: VERSION,
        exp.CurrentSecondaryRoles: secondary,
        exp.CurrentSession: session.identity,
    }
    if type(node) in answers:
        return answers[type(node)]
    if isinstance(node, exp.Anonymous):
        named = {"LAST_QUERY_ID": session.last_query, "CURRENT_ROLE": session.role, "CURRENT_CLIENT": "stand-in"}
        return named.get(node.name.upper(), False)
    return False
