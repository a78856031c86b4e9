"""The side catalogue: what Snowflake keeps about tables and DuckDB does not.

Declared types, keys that are not enforced, defaults, identities, owners, and the times that Time
Travel needs. DuckDB keeps the rows; this keeps the declarations.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlglot import exp

from .errors import cannot
from .names import Name
from .sftypes import SFType

if TYPE_CHECKING:
    from .security.policies import Attachment


def now() -> datetime:
    return datetime.now(UTC)


def system_name() -> str:
    """The name of a constraint whose author gave none."""
    return f"SYS_CONSTRAINT_{uuid4()}"


@dataclass
class Column:
    name: str
    type: SFType
    nullable: bool = True
    default: str | None = None
    identity: tuple[int, int] | None = None
    comment: str | None = None
    #: The masking policy on the column, if any.
    masking: Attachment | None = None
    #: DuckDB's expression for the default, needed when the table must be rebuilt.
    duckdb_default: str | None = None

    @property
    def described_default(self) -> str | None:
        if self.identity:
            return f"IDENTITY START {self.identity[0]} INCREMENT {self.identity[1]} NOORDER"
        return self.default


@dataclass
class Constraint:
    """A key or a check. Snowflake records keys on standard tables and does not enforce them."""

    kind: str  # PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK
    name: str
    columns: list[str] = field(default_factory=list)
    parent: Name | None = None
    parent_columns: list[str] = field(default_factory=list)
    clause: str | None = None
    update_rule: str = "NO ACTION"
    delete_rule: str = "NO ACTION"
    created: datetime = field(default_factory=now)


@dataclass
class Table:
    name: Name
    columns: list[Column]
    kind: str = "BASE TABLE"
    owner: str = "SYSADMIN"
    transient: bool = False
    temporary: bool = False
    comment: str | None = None
    constraints: list[Constraint] = field(default_factory=list)
    created: datetime = field(default_factory=now)
    altered: datetime = field(default_factory=now)
    #: When the rows last changed; `AT` before it cannot be answered.
    changed: datetime = field(default_factory=now)
    #: The tables a view reads, and its text.
    sources: list[Name] = field(default_factory=list)
    definition: str | None = None
    #: A view's query with every name in full, to expand it where a policy has a say.
    query: exp.Expression | None = None
    #: Whether a view's rows are known only in a session whose time zone is UTC.
    only_utc: bool = False
    #: When the declaration last changed, and not only the rows.
    declared: datetime = field(default_factory=now)
    #: DATA_RETENTION_TIME_IN_DAYS, where the table has its own.
    retention: int | None = None
    #: The row access policy on the table or view, if any.
    row_access: Attachment | None = None

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    def key(self, kind: str) -> Constraint | None:
        return next((c for c in self.constraints if c.kind == kind), None)

    def in_key(self, kind: str, column: str) -> bool:
        return any(c.kind == kind and column in c.columns for c in self.constraints)


@dataclass
class Sequence:
    name: Name
    start: int = 1
    increment: int = 1
    owner: str = "SYSADMIN"
    comment: str | None = None
    created: datetime = field(default_factory=now)


class Catalogue:
    """Every table, view and sequence. Statements run in parallel, hence the lock."""

    def __init__(self) -> None:
        self._tables: dict[Name, Table] = {}
        self._sequences: dict[Name, Sequence] = {}
        self.lock = threading.RLock()

    def get(self, name: Name) -> Table | None:
        return self._tables.get(name)

    def put(self, table: Table) -> None:
        with self.lock:
            self._tables[table.name] = table

    def drop(self, name: Name) -> None:
        with self.lock:
            self._tables.pop(name, None)

    def rename(self, old: Name, new: Name) -> None:
        with self.lock:
            table = self._tables.pop(old)
            table.name, table.altered = new, now()
            table.declared = table.altered
            self._tables[new] = table
            for other in self._tables.values():
                for constraint in other.constraints:
                    if constraint.parent == old:
                        constraint.parent = new

    def swap(self, one: Name, two: Name) -> None:
        with self.lock:
            first, second = self._tables[one], self._tables[two]
            first.name, second.name = two, one
            self._tables[one], self._tables[two] = second, first

    def touch(self, name: Name) -> None:
        """The rows of a table changed."""
        if table := self._tables.get(name):
            table.changed = table.altered = now()

    def refuse_twin(self, name: Name) -> None:
        """DuckDB ignores the case of names, so "Foo" and FOO cannot both exist here."""
        for other in (*self._tables, *self._sequences):
            if other != name and tuple(p.lower() for p in other) == tuple(p.lower() for p in name):
                raise cannot(f"hold {name.dotted} beside {other.dotted}: the names differ in case only")

    def tables(self, database: str | None = None, schema: str | None = None) -> Iterator[Table]:
        with self.lock:
            found = sorted(self._tables.values(), key=lambda t: t.name)
        for table in found:
            if database in (None, table.name.database) and schema in (None, table.name.schema):
                yield table

    def sequences(self, database: str | None = None, schema: str | None = None) -> Iterator[Sequence]:
        with self.lock:
            found = sorted(self._sequences.values(), key=lambda s: s.name)
        for sequence in found:
            if database in (None, sequence.name.database) and schema in (None, sequence.name.schema):
                yield sequence

    def sequence(self, name: Name) -> Sequence | None:
        return self._sequences.get(name)

    def put_sequence(self, sequence: Sequence) -> None:
        with self.lock:
            self._sequences[sequence.name] = sequence

    def drop_sequence(self, name: Name) -> None:
        with self.lock:
            self._sequences.pop(name, None)

    def drop_container(self, database: str, schema: str | None = None) -> None:
        with self.lock:
            for store in (self._tables, self._sequences):
                for name in [n for n in store if n.database == database and schema in (None, n.schema)]:
                    del store[name]


def copied_columns(table: Table) -> list[Column]:
    """Columns for CREATE TABLE … LIKE and CLONE."""
    return [replace(column) for column in table.columns]


def copied_constraints(table: Table) -> list[Constraint]:
    """Keys for CREATE TABLE … LIKE and CLONE: same columns, new names where the system gave them."""
    return [
        replace(c, name=system_name() if c.name.startswith("SYS_CONSTRAINT_") else c.name, created=now())
        for c in table.constraints
    ]
