"""What is compared: tables by kind of key, changes made to the target's copy, and what then differs as PostgreSQL says."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common import HERE, psql

from throwaway import database_url

#: Key columns, and what is made of `orders`.
KINDS: dict[str, tuple[list[str], str]] = {
    "orders": (["id"], "SELECT * FROM orders"),
    "composite": (["order_id", "line_no"], "SELECT id / 4 AS order_id, (id % 4)::int AS line_no, 'S' || id % 10000 AS sku, email, qty, amount, created_at, note FROM orders"),
    "text": (["cust_key"], "SELECT 'cus_' || substr(md5('t' || id), 1, 14) AS cust_key, email, amount, qty, created_at, note FROM orders"),
    "uuid": (["order_uuid"], "SELECT order_uuid, email, amount, qty, created_at, note FROM orders"),
    # Every hundredth row is there twice.
    "none": ([], "SELECT email, status, amount, qty, created_at, note FROM orders UNION ALL SELECT email, status, amount, qty, created_at, note FROM orders WHERE id % 100 = 0"),
}


@dataclass
class Case:
    """A change of the target: of the rows that a condition on their number, `n`, chooses."""

    title: str
    where: str = "false"
    #: The column that changes; none where rows are removed.
    column: str = ""
    value: str = ""

    @property
    def by_id(self) -> str:
        """The condition where rows are numbered by their key."""
        return re.sub(r"\bn\b", "id", self.where)


def cases(rows: int) -> dict[str, Case]:
    """Every case by its name; small tables get fewer changes."""
    few, many = max(1, min(1_000, rows // 100)), max(1, min(100_000, rows // 10))
    middle = rows // 2

    def scattered(count: int, rest: int) -> str:
        return f"n % {rows // count} = {rest} AND n <= {rows // count * count}"

    def block(count: int) -> str:
        return f"n > {middle} AND n <= {middle + count}"

    later = "created_at + interval '1 microsecond'"
    return {
        "same": Case("same"),
        "one": Case("one row differs", f"n = {middle + 7}", "amount", "amount + 0.01"),
        "scattered": Case(f"{few:,} scattered", scattered(few, 13), "amount", "amount + 0.01"),
        "clustered": Case(f"{few:,} clustered", block(few), "email", "email || 'x'"),
        "many-scattered": Case(f"{many:,} scattered", scattered(many, 3), "created_at", later),
        "many-clustered": Case(f"{many:,} clustered", block(many), "created_at", later),
        "missing": Case(f"{many:,} missing", block(many)),
    }


@dataclass
class Truth:
    """What differs: lines as Parity's CSV has them without the values, or for tables without a key how many rows each side has alone."""

    #: Kind, key, column; the column is empty for a row that a side lacks.
    lines: set[tuple[str, ...]] = field(default_factory=set)
    only_source: int = 0
    only_target: int = 0

    @property
    def keys(self) -> set[tuple[str, ...]]:
        return {line[1:-1] for line in self.lines}

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows modified, removed and added."""
        each = [len({line[1:-1] for line in self.lines if line[0] == kind}) for kind in ("modified", "removed", "added")]
        return each[0], each[1] + self.only_source, each[2] + self.only_target

    @property
    def columns(self) -> dict[str, int]:
        """How many rows each column differs in."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line[-1]:
                found[line[-1]] = found.get(line[-1], 0) + 1
        return found

    @property
    def rows(self) -> int:
        return sum(self.counts)


class Bench:
    """Two databases of one server, each with the table `t`, and a folder for everything that is written."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url
        self.source, self.target = database_url(url, "bench_source"), database_url(url, "bench_target")
        self.environment = {**os.environ, "SOURCE_URL": self.source, "TARGET_URL": self.target, "XDG_CACHE_HOME": str(folder / "cache")}
        self.kind = "orders"
        #: The statements of each side that read the whole table, as Parity sent them last.
        self.statements: dict[str, list[str]] = {}

    @property
    def key(self) -> list[str]:
        return KINDS[self.kind][0]

    def spec(self, name: str, tables: str) -> Path:
        path = self.folder / f"{name}.yml"
        path.write_text(
            "version: 1\nname: Benchmark\nsource: { postgres: $SOURCE_URL, sslmode: disable }\n"
            f"target: {{ postgres: $TARGET_URL, sslmode: disable }}\nunlisted_tables: ignore\ntables:\n{tables}"
        )
        return path

    def clear(self) -> None:
        psql(self.url, "SET client_min_messages = warning", "DROP DATABASE IF EXISTS bench_target", "DROP DATABASE IF EXISTS bench_source")

    def make(self, *statements: str) -> None:
        """The same on both sides, from nothing."""
        self.clear()
        psql(self.url, "CREATE DATABASE bench_source", "CREATE DATABASE bench_target")
        for url in (self.source, self.target):
            psql(url, *statements)

    def build(self, kind: str, rows: int) -> None:
        """The source."""
        self.kind = kind
        self.clear()
        psql(self.url, "CREATE DATABASE bench_source")
        psql(self.source, file=HERE / "tables.sql", n=rows)
        key, select = KINDS[kind]
        if kind == "orders":
            psql(self.source, "ALTER TABLE orders RENAME TO t")
        else:
            psql(self.source, f"CREATE UNLOGGED TABLE t AS {select}", "DROP TABLE orders")
            if key:
                psql(self.source, f"ALTER TABLE t ADD PRIMARY KEY ({', '.join(key)})")
        psql(self.source, "VACUUM (FREEZE, ANALYZE) t")

    def copy(self, case: Case) -> None:
        """The target, changed and rewritten as a migration would have left it; the one of the case before goes first."""
        psql(self.url, "SET client_min_messages = warning", "DROP DATABASE IF EXISTS bench_target", "CREATE DATABASE bench_target TEMPLATE bench_source STRATEGY = FILE_COPY")
        where = f"ctid IN ({self._numbered(case)})" if self.kind != "orders" else case.by_id
        if case.column:
            psql(self.target, f"UPDATE t SET {case.column} = {case.value} WHERE {where}", "VACUUM (FULL, FREEZE, ANALYZE) t")
        elif case.where != "false":
            psql(self.target, f"DELETE FROM t WHERE {where}", "VACUUM (FULL, FREEZE, ANALYZE) t")
        psql(self.url, "CHECKPOINT")

    def _numbered(self, case: Case) -> str:
        order = ", ".join(self.key) or "ctid"
        return f"SELECT ctid FROM (SELECT ctid, row_number() OVER (ORDER BY {order}) n FROM t) x WHERE {case.where}"

    def truth(self, case: Case) -> Truth:
        """What differs: by the condition of the change where rows are numbered by their key, else by a join of both tables."""
        if self.kind == "orders":
            found = psql(self.source, f"SELECT id FROM t WHERE {case.by_id}").split()
            return Truth({("modified" if case.column else "removed", key, case.column) for key in found})
        host, port = re.search(r"@([\d.]+):(\d+)/", self.source).groups()  # type: ignore[union-attr]
        psql(
            self.target, "SET client_min_messages = warning", "CREATE EXTENSION postgres_fdw",
            f"CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', dbname 'bench_source', fetch_size '20000')",
            "CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'postgres')", "CREATE SCHEMA o", "IMPORT FOREIGN SCHEMA public LIMIT TO (t) FROM SERVER s INTO o",
        )
        try:
            return self._joined() if self.key else self._differing_without_key()
        finally:
            psql(self.target, "SET client_min_messages = warning", "DROP SERVER s CASCADE", "DROP SCHEMA o CASCADE", "DROP EXTENSION postgres_fdw")

    def _joined(self) -> Truth:
        key = self.key
        columns = psql(self.target, "SELECT attname FROM pg_attribute WHERE attrelid = 'public.t'::regclass AND attnum > 0 AND NOT attisdropped").split()
        values = [c for c in columns if c not in key]
        found = psql(
            self.target,
            f"SELECT json_build_array(a.{key[0]} IS NULL, b.{key[0]} IS NULL, json_build_array({', '.join(f'{k}::text' for k in key)}), "
            f"array_remove(ARRAY[{', '.join(f'''CASE WHEN a.{c} IS DISTINCT FROM b.{c} THEN '{c}' END''' for c in values)}], NULL)) "
            f"FROM o.t a FULL JOIN public.t b USING ({', '.join(key)}) "
            f"WHERE a.{key[0]} IS NULL OR b.{key[0]} IS NULL OR ({', '.join(f'a.{c}' for c in values)}) IS DISTINCT FROM ({', '.join(f'b.{c}' for c in values)})",
        )
        truth = Truth()
        for line in found.splitlines():
            only_target, only_source, names, differing = json.loads(line)
            kind = "added" if only_target else "removed" if only_source else "modified"
            truth.lines |= {(kind, *names, column) for column in ([""] if only_target or only_source else differing)}
        return truth

    def _differing_without_key(self) -> Truth:
        count = "SELECT count(*) FROM (SELECT * FROM {} EXCEPT ALL SELECT * FROM {}) x"
        return Truth(only_source=int(psql(self.target, count.format("o.t", "public.t"))), only_target=int(psql(self.target, count.format("public.t", "o.t"))))


def reported(rows: dict[str, Any] | None) -> tuple[tuple[int, int, int], dict[str, int]]:
    """Counts and columns of a case in Parity's JSON, as ``Truth`` has them."""
    if not rows:
        return (0, 0, 0), {}
    return (rows["modified"], rows["removed"], rows["added"]), {each["column"]: each["rows"] for each in rows["columns"]}
