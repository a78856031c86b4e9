"""What happened: statements and logins, for ACCOUNT_USAGE. A test may add what it needs to have happened."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from ..catalogue import now

KEPT, LONGEST = 10_000, 100_000
SECRET = re.compile(r"(\b(?:PASSWORD|AWS_SECRET_KEY|AZURE_SAS_TOKEN)\s*=\s*)'(?:[^']|'')*'", re.I)
COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*\n|/\*.*?\*/)+", re.S)
#: The first words of a statement and its QUERY_TYPE. Spellings beyond Snowflake's own list are guesses.
KINDS = [
    (re.compile(pattern, re.I | re.S), kind)
    for pattern, kind in (
        (r"(SELECT|WITH|\(|VALUES)", "SELECT"),
        (r"INSERT", "INSERT"),
        (r"UPDATE", "UPDATE"),
        (r"DELETE", "DELETE"),
        (r"MERGE", "MERGE"),
        (r"TRUNCATE", "TRUNCATE_TABLE"),
        (r"COPY\s+INTO\s+(@|'\w+://)", "UNLOAD"),
        (r"COPY", "COPY"),
        (r"GRANT\s+OWNERSHIP", "GRANT"),
        (r"GRANT", "GRANT"),
        (r"REVOKE", "REVOKE"),
        (r"EXPLAIN", "EXPLAIN"),
        (r"SHOW", "SHOW"),
        (r"DESC", "DESCRIBE"),
        (r"USE", "USE"),
        (r"ALTER\s+SESSION", "ALTER_SESSION"),
        (r"CREATE\s+(OR\s+REPLACE\s+)?(TEMP\w*\s+|TRANSIENT\s+)?TABLE\b.*?\bAS\s+(SELECT|WITH|\()", "CREATE_TABLE_AS_SELECT"),
        (r"CREATE", "CREATE"),
        (r"ALTER", "ALTER"),
        (r"DROP", "DROP"),
        (r"PUT", "PUT_FILES"),
        (r"GET", "GET_FILES"),
        (r"EXECUTE|CALL", "CALL"),
    )
]
OBJECT = re.compile(
    r"(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:TEMP\w*\s+|TRANSIENT\s+|SECURE\s+)*"
    r"(NETWORK\s+POLICY|MASKING\s+POLICY|ROW\s+ACCESS\s+POLICY|DATABASE\s+ROLE|\w+)", re.I,
)


@dataclass
class Query:
    text: str
    user: str
    role: str
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None
    id: str = field(default_factory=lambda: str(uuid4()))
    type: str = ""
    started: datetime = field(default_factory=now)
    ended: datetime | None = None
    status: str = "SUCCESS"
    error_code: str | None = None
    error_message: str | None = None
    session_id: int = 0
    tag: str = ""
    rows_produced: int | None = None
    rows_unloaded: int | None = None
    outbound_bytes: int = 0
    #: The tables that it read, by their full names.
    tables: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.type = self.type or query_type(self.text)
        # A secret in a statement is not kept, as Snowflake does not show it.
        self.text = SECRET.sub(r"\1'***'", self.text[:LONGEST])


@dataclass
class Login:
    user: str | None
    success: bool = True
    first_factor: str = "PASSWORD"
    second_factor: str | None = None
    client_ip: str = "127.0.0.1"
    client: str = "OTHER"
    client_version: str | None = None
    error_code: int | None = None
    error_message: str | None = None
    at: datetime = field(default_factory=now)
    id: int = field(default_factory=lambda: uuid4().int % 10**12)


class History:
    """The newest statements and logins."""

    def __init__(self) -> None:
        self.queries: deque[Query] = deque(maxlen=KEPT)
        self.logins: deque[Login] = deque(maxlen=KEPT)
        #: What tests say of queries: querystats.Planted.
        self.planted: list[Any] = []


def query_type(text: str) -> str:
    bare = COMMENTS.sub("", text[:2000])
    kind = next((kind for pattern, kind in KINDS if pattern.match(bare)), "UNKNOWN")
    if kind in ("CREATE", "ALTER", "DROP"):
        found = OBJECT.match(bare)
        what = re.sub(r"\s+", "_", found[1].upper()) if found else ""
        return f"{kind}_{what}" if what else kind
    return kind
