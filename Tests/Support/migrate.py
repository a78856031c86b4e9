#!/usr/bin/env python3
"""Copy a Postgres schema into the stand-in for Snowflake, as a migration tool would.

    migrate.py --source postgresql://… --home DIR --database SHOP [--schema public] [--target-schema PUBLIC]
               [--loader copy|connector] [--only orders,payments] [--except schema_migrations]
               [--rename customers.zip=postal_code] [--leave-out orders.legacy_flag] [--add orders.loaded_at=TIMESTAMP_NTZ]

DIR is the stand-in's home, where its connections.toml is. `copy` streams CSV to the stand-in and is
quick; `connector` uses snowflake-connector-python as any Python program would.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from throwaway import Snowflake, StandinError, use_virtual_environment  # noqa: E402

if __name__ == "__main__":
    use_virtual_environment()

import psycopg  # noqa: E402
from psycopg import sql  # noqa: E402

COLUMNS = """
  WITH RECURSIVE base AS (
    SELECT oid, oid AS declared, typname, typtype, typcategory, typbasetype, typelem, -1 AS modifier FROM pg_type
    UNION ALL
    SELECT t.oid, b.declared, t.typname, t.typtype, t.typcategory, t.typbasetype, t.typelem, d.typtypmod
    FROM base b JOIN pg_type d ON d.oid = b.oid JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd')
  SELECT c.relname, a.attname, b.typname, b.typtype = 'e', b.typcategory = 'A', CASE WHEN b.oid = b.declared THEN a.atttypmod ELSE b.modifier END,
    a.attnotnull, CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END, a.attidentity::text,
    (SELECT max(length(enumlabel)) FROM pg_enum e WHERE e.enumtypid = b.oid)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN base b ON b.declared = a.atttypid AND b.typtype <> 'd' LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname, a.attnum"""

NAMES = "(SELECT array_agg(a.attname::text ORDER BY u.p) FROM unnest({0}) WITH ORDINALITY u(n, p) JOIN pg_attribute a ON a.attrelid = {1} AND a.attnum = u.n)"

CONSTRAINTS = f"""
  SELECT c.relname, k.conname, k.contype::text, {NAMES.format("k.conkey", "k.conrelid")}, p.relname,
    {NAMES.format("k.confkey", "k.confrelid")}, pg_get_expr(k.conbin, k.conrelid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class p ON p.oid = k.confrelid
  WHERE c.relnamespace = %(schema)s::regnamespace AND k.contype IN ('p', 'u', 'f', 'c')
  UNION ALL
  SELECT c.relname, k.conname, 'c', ARRAY[a.attname::text], NULL, NULL,
    regexp_replace(pg_get_expr(k.conbin, 0), '\\mVALUE\\M', quote_ident(a.attname), 'g')
  FROM pg_constraint k JOIN pg_attribute a ON a.atttypid = k.contypid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
  WHERE c.relnamespace = %(schema)s::regnamespace AND k.contype = 'c' ORDER BY 1, 3, 2"""

PLAIN = {
    "int2": "NUMBER(5,0)", "int4": "NUMBER(10,0)", "int8": "NUMBER(19,0)", "oid": "NUMBER(10,0)", "float4": "FLOAT", "float8": "FLOAT",
    "bool": "BOOLEAN", "text": "VARCHAR", "uuid": "VARCHAR(36)", "bytea": "BINARY", "date": "DATE", "json": "VARIANT", "jsonb": "VARIANT",
    "money": "NUMBER(19,2)", "name": "VARCHAR(63)", "inet": "VARCHAR(49)", "cidr": "VARCHAR(49)",
}
#: Stands for NULL in files, where an empty field is empty text.
NULL = "(null)"
TIMES = {"time": "TIME", "timestamp": "TIMESTAMP_NTZ", "timestamptz": "TIMESTAMP_TZ"}


@dataclass
class Column:
    name: str
    base: str
    is_array: bool
    declared: str
    not_null: bool
    default: str | None
    #: A serial or identity column: `sequence` or `identity`.
    counter: str | None = None
    target: str = ""

    @property
    def is_document(self) -> bool:
        return self.declared in ("VARIANT", "ARRAY")

    @property
    def select(self) -> sql.Composable:
        """The column as CSV carries it."""
        name = sql.Identifier(self.name)
        if self.is_array:
            return sql.SQL("to_json({})::text").format(name)
        if self.base == "bool" and self.declared.startswith("NUMBER"):
            return sql.SQL("{}::integer").format(name)
        if self.base == "money":
            return sql.SQL("{}::numeric").format(name)
        return sql.SQL("rtrim({}::text)").format(name) if self.base == "bpchar" else name


@dataclass
class Constraint:
    name: str
    kind: str
    columns: list[str]
    parent: str | None
    parent_columns: list[str] | None
    expression: str | None


@dataclass
class Table:
    name: str
    columns: list[Column]
    constraints: list[Constraint] = field(default_factory=list)

    @property
    def target(self) -> str:
        return upper(self.name)


def upper(name: str) -> str:
    """As Snowflake folds a name; quoted where it could not be written otherwise."""
    return name.upper() if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name) else '"' + name.upper().replace('"', '""') + '"'


def declared(base: str, is_enum: bool, is_array: bool, modifier: int, longest_label: int | None) -> str:
    """The Snowflake type that holds every value of a Postgres type."""
    if is_array:
        return "ARRAY"
    if is_enum:
        return f"VARCHAR({max(longest_label or 1, 16)})"
    if base in PLAIN:
        return PLAIN[base]
    if base in TIMES:
        return f"{TIMES[base]}({6 if modifier < 0 else modifier})"
    if base in ("varchar", "bpchar"):
        return f"VARCHAR({modifier - 4})" if modifier >= 4 else "VARCHAR"
    if base == "numeric":
        # Without precision there is no limit; 38 digits, 10 of them behind the point, is the usual guess.
        return f"NUMBER({(modifier - 4) >> 16 & 0xFFFF},{(modifier - 4) & 0x7FF})" if modifier >= 4 else "NUMBER(38,10)"
    return "VARCHAR"


def target_expression(expression: str, columns: dict[str, str]) -> str | None:
    """A Postgres expression in Snowflake's words; None where this program does not know them."""
    import sqlglot
    from sqlglot import exp

    text = re.sub(r"= ANY \(\(?ARRAY\[(.*?)\]\)?(::[a-z ]+\[\])?\)", r"IN (\1)", expression)
    try:
        tree = sqlglot.parse_one(text, read="postgres")
    except sqlglot.ParseError:
        return None

    def translate(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Cast):
            # Casts to text types, enumerations and domains change nothing here.
            return node if node.to.is_type("date", "timestamp", "timestamptz", "time") else node.this
        if isinstance(node, exp.Column):
            return exp.column(columns.get(node.name, node.name), quoted=False)
        if isinstance(node, exp.RegexpLike):
            pattern = exp.Literal.string(f".*({node.expression.name}).*")
            return exp.RegexpLike(this=node.this, expression=pattern)
        return node

    return tree.transform(translate).sql("snowflake")


def target_default(expression: str) -> str | None:
    """A column default in Snowflake's words; None where it has no such default."""
    if expression in ("now()", "CURRENT_TIMESTAMP", "transaction_timestamp()", "statement_timestamp()"):
        return "CURRENT_TIMESTAMP()"
    if expression == "CURRENT_DATE":
        return "CURRENT_DATE()"
    if expression in ("gen_random_uuid()", "uuid_generate_v4()"):
        return "UUID_STRING()"
    found = re.fullmatch(r"('(?:[^']|'')*'|-?[0-9.]+|true|false)(::[\w \".,()]+)?", expression)
    return found[1].upper() if found and found[1] in ("true", "false") else found and found[1]


class Migration:
    """One schema on its way. What differs from a plain copy is said by the keyword arguments."""

    def __init__(
        self, source: str, home: Path, database: str, schema: str = "public", target_schema: str = "PUBLIC", *,
        renamed: dict[str, str] | None = None, left_out: set[str] = frozenset(), added: dict[str, str] | None = None,
        types: dict[str, str] | None = None, defaults: dict[str, str] | None = None, skip: str = "", start: int | None = None,
        keeps_sequences: bool = False,
    ):
        self.source, self.home, self.schema = source, home, schema
        self.database, self.target_schema = database, target_schema
        self.renamed, self.left_out, self.added = renamed or {}, set(left_out), added or {}
        #: For faults: other types and defaults, kinds of constraints that get lost, where counters start.
        self.types, self.defaults, self.skip, self.start = types or {}, defaults or {}, skip, start
        self.keeps_sequences = keeps_sequences
        self.snowflake = Snowflake(home, database, target_schema)

    # What is there

    def tables(self, connection: psycopg.Connection) -> list[Table]:
        found: dict[str, Table] = {}
        for row in connection.execute(COLUMNS, [self.schema]).fetchall():
            table, name, base, is_enum, is_array, modifier, not_null, default, identity, longest = row
            here = found.setdefault(table, Table(table, []))
            if f"{table}.{name}" in self.left_out:
                continue
            column = Column(name, base, is_array, declared(base, is_enum, is_array, modifier, longest), not_null, default)
            column.declared = self.types.get(f"{table}.{name}", column.declared)
            column.counter = "identity" if identity else "sequence" if (default or "").startswith("nextval(") else None
            column.target = upper(self.renamed.get(f"{table}.{name}", name))
            here.columns.append(column)
        for table, *rest in connection.execute(CONSTRAINTS, {"schema": self.schema}).fetchall():
            if table in found:
                found[table].constraints.append(Constraint(*rest))
        return list(found.values())

    # What is made

    def definition(self, table: Table, next_values: dict[str, int]) -> list[str]:
        """The statements that create a table, without its foreign keys."""
        names = {c.name: c.target for c in table.columns}
        sequences: list[str] = []
        parts: list[str] = []
        for column in table.columns:
            words = [column.target, column.declared]
            following = next_values.get(column.name, 1)
            if column.counter == "identity":
                words.append(f"AUTOINCREMENT START {following} INCREMENT 1")
            elif column.counter == "sequence":
                sequence = f"{self.database}.{self.target_schema}.{upper(f'{table.name}_{column.name}_seq')}"
                create = "CREATE SEQUENCE IF NOT EXISTS" if self.keeps_sequences else "CREATE OR REPLACE SEQUENCE"
                sequences.append(f"{create} {sequence} START WITH {following} INCREMENT BY 1")
                words.append(f"DEFAULT {sequence}.NEXTVAL")
            elif default := self.defaults.get(f"{table.name}.{column.name}") or target_default(column.default or ""):
                words.append(f"DEFAULT {default}")
            parts.append(" ".join(words + ["NOT NULL"] * column.not_null))
        for column, type_ in self.added.items():
            if column.startswith(f"{table.name}."):
                parts.append(f"{upper(column.partition('.')[2])} {type_}")
        for one in table.constraints:
            if one.kind == "f" or one.kind in self.skip or not set(one.columns) <= names.keys():
                continue
            listed = ", ".join(names[c] for c in one.columns)
            if one.kind == "c":
                if (said := target_expression(one.expression or "", names)) is None:
                    print(f"migrate: CHECK {one.name} of {table.name} was not understood and is left out", file=sys.stderr)
                    continue
                parts.append(f"CONSTRAINT {upper(one.name)} CHECK ({said})")
            else:
                kind = "PRIMARY KEY" if one.kind == "p" else "UNIQUE"
                parts.append(f"CONSTRAINT {upper(one.name)} {kind} ({listed})")
        dropped = [f"DROP TABLE IF EXISTS {self.place(table)}"] if sequences else []
        return [*dropped, *sequences, f"CREATE OR REPLACE TABLE {self.place(table)} ({', '.join(parts)})"]

    def foreign_keys(self, table: Table, tables: list[Table]) -> Iterator[str]:
        others = {t.name: t for t in tables}
        for one in table.constraints:
            if one.kind != "f" or "f" in self.skip or one.parent not in others:
                continue
            own = {c.name: c.target for c in table.columns}
            theirs = {c.name: c.target for c in others[one.parent].columns}
            child = ", ".join(own[c] for c in one.columns)
            parent = ", ".join(theirs[c] for c in one.parent_columns or [])
            yield (
                f"ALTER TABLE {self.place(table)} ADD CONSTRAINT {upper(one.name)} FOREIGN KEY ({child}) "
                f"REFERENCES {self.place(others[one.parent])} ({parent})"
            )

    def place(self, table: Table) -> str:
        return f"{self.database}.{self.target_schema}.{table.target}"

    def next_values(self, connection: psycopg.Connection, table: Table) -> dict[str, int]:
        """One more than the greatest value of each counted column."""
        found = {}
        for column in (c for c in table.columns if c.counter):
            query = sql.SQL("SELECT coalesce(max({}), 0) + 1 FROM {}").format(
                sql.Identifier(column.name), sql.Identifier(self.schema, table.name)
            )
            [(following,)] = connection.execute(query).fetchall()
            found[column.name] = self.start if self.start is not None else following
        return found

    # How the rows go over

    def csv(self, connection: psycopg.Connection, table: Table, null: str = "") -> bytes:
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv, NULL {})").format(
            sql.SQL(", ").join(c.select for c in table.columns), sql.Identifier(self.schema, table.name), sql.Literal(null)
        )
        with connection.cursor().copy(query) as copy:
            return b"".join(copy)

    def load_by_copy(self, connection: psycopg.Connection, table: Table) -> int:
        rows = self.csv(connection, table)
        return self.snowflake.copy(self.place(table), [c.target for c in table.columns], rows) if rows else 0

    def load_by_connector(self, connection: psycopg.Connection, table: Table, cursor: Any) -> int:
        """PUT and COPY INTO; INSERT where values go through functions."""
        added = any(name.startswith(f"{table.name}.") for name in self.added)
        if added or any(c.is_document or c.declared.startswith("BINARY") for c in table.columns):
            return self._insert_by_connector(connection, table, cursor)
        rows = self.csv(connection, table, NULL)
        if not rows:
            return 0
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{re.sub('[^a-z0-9]', '_', table.name.lower())}.csv"
            file.write_bytes(rows)
            cursor.execute(f"CREATE OR REPLACE STAGE {self.database}.{self.target_schema}.MIGRATION")
            cursor.execute(f"PUT file://{file} @{self.database}.{self.target_schema}.MIGRATION AUTO_COMPRESS=FALSE OVERWRITE=TRUE")
            cursor.execute(
                f"COPY INTO {self.place(table)} FROM @{self.database}.{self.target_schema}.MIGRATION/{file.name} FILE_FORMAT=("
                f"TYPE=CSV FIELD_OPTIONALLY_ENCLOSED_BY='\"' EMPTY_FIELD_AS_NULL=FALSE NULL_IF=('{NULL}')) FORCE=TRUE"
            )
            return sum(row[3] for row in cursor.fetchall())

    def _insert_by_connector(self, connection: psycopg.Connection, table: Table, cursor: Any) -> int:
        values = ", ".join(_loaded(c, n) for n, c in enumerate(table.columns, 1))
        heads = ", ".join(c.target for c in table.columns)
        query = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(sql.SQL("({})::text").format(c.select) for c in table.columns), sql.Identifier(self.schema, table.name)
        )
        count, one = 0, f"({', '.join(['%s'] * len(table.columns))})"
        with connection.cursor(name="rows") as reader:
            reader.execute(query)
            while rows := reader.fetchmany(500):
                text = f"INSERT INTO {self.place(table)} ({heads}) SELECT {values} FROM VALUES {', '.join([one] * len(rows))}"
                cursor.execute(text, [v for row in rows for v in row])
                count += len(rows)
        return count

    def run(self, loader: str = "copy", only: set[str] = frozenset(), excluded: set[str] = frozenset()) -> dict[str, int]:
        """Everything; returns the rows by table."""
        counts: dict[str, int] = {}
        with psycopg.connect(self.source) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.commit()
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            known = [t for t in self.tables(connection) if t.name not in excluded]
            chosen = [t for t in known if not only or t.name in only]
            if missing := only - {t.name for t in known}:
                raise SystemExit(f"migrate: {', '.join(sorted(missing))}: not in the schema {self.schema}")
            with _executor(loader, self.home, self.snowflake) as (execute, cursor):
                execute(f"CREATE DATABASE IF NOT EXISTS {self.database}")
                execute(f"CREATE SCHEMA IF NOT EXISTS {self.database}.{self.target_schema}")
                for table in chosen:
                    for statement in self.definition(table, self.next_values(connection, table)):
                        execute(statement)
                    load = self.load_by_copy if cursor is None else partial(self.load_by_connector, cursor=cursor)
                    counts[table.name] = load(connection, table)
                    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(self.schema, table.name))
                    [(rows,)] = connection.execute(query).fetchall()
                    if rows != counts[table.name]:
                        raise SystemExit(f"migrate: {table.name} has {rows} rows, but {counts[table.name]} were loaded")
                for table in chosen:
                    for statement in self.foreign_keys(table, known):
                        execute(statement)
        return counts


def _loaded(column: Column, number: int) -> str:
    if column.is_document:
        return f"PARSE_JSON(column{number})"
    if column.declared.startswith("BINARY"):
        return f"TO_BINARY(SUBSTR(column{number}, 3), 'HEX')"
    return f"column{number}::{column.declared}"


class _executor:
    """Something that runs one statement: our own client, or a cursor of the official connector."""

    def __init__(self, loader: str, home: Path, snowflake: Snowflake):
        self._loader, self._home, self._snowflake = loader, home, snowflake
        self._connection = None

    def __enter__(self) -> tuple[Callable[[str], object], object]:
        if self._loader != "connector":
            database = self._snowflake.database
            self._snowflake.database = None  # it may have to be created first
            try:
                self._snowflake.sql(f"CREATE DATABASE IF NOT EXISTS {database}")
            finally:
                self._snowflake.database = database
            return self._snowflake.sql, None
        import tomllib

        import snowflake.connector

        given = tomllib.loads((self._home / "connections.toml").read_text())["standin_v1"]
        self._connection = snowflake.connector.connect(**given, session_parameters={"CLIENT_TELEMETRY_ENABLED": False})
        cursor = self._connection.cursor()
        return cursor.execute, cursor

    def __exit__(self, *_: object) -> None:
        if self._connection:
            self._connection.close()


def _pairs(texts: list[str], wanted: str) -> dict[str, str]:
    pairs = dict(t.partition("=")[::2] for t in texts)
    for left, right in pairs.items():
        if "." not in left or not right:
            raise SystemExit(f"migrate: write {wanted}, not `{left}`")
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(prog="migrate.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True, help="URL of the Postgres database")
    parser.add_argument("--home", type=Path, required=True, help="the stand-in's home")
    parser.add_argument("--schema", default="public")
    parser.add_argument("--database", required=True)
    parser.add_argument("--target-schema", default="PUBLIC")
    parser.add_argument("--loader", choices=["copy", "connector"], default="copy")
    parser.add_argument("--only", default="", help="tables, separated by commas")
    parser.add_argument("--except", dest="excluded", default="", help="tables that stay behind")
    parser.add_argument("--rename", action="append", default=[], metavar="TABLE.OLD=NEW")
    parser.add_argument("--leave-out", action="append", default=[], metavar="TABLE.COLUMN")
    parser.add_argument("--add", action="append", default=[], metavar="TABLE.COLUMN=TYPE")
    given = parser.parse_args()
    began = time.monotonic()
    migration = Migration(
        given.source, given.home, given.database, given.schema, given.target_schema, renamed=_pairs(given.rename, "TABLE.OLD=NEW"),
        left_out=set(given.leave_out), added=_pairs(given.add, "TABLE.COLUMN=TYPE"),
    )
    try:
        counts = migration.run(given.loader, _words(given.only), _words(given.excluded))
    except StandinError as error:
        sys.exit(f"migrate: {error}")
    total = sum(counts.values())
    print(f"{total:,} rows of {len(counts)} tables copied to {given.database}.{given.target_schema} in {time.monotonic() - began:.1f} s")


def _words(text: str) -> set[str]:
    return {w.strip() for w in text.split(",") if w.strip()}


if __name__ == "__main__":
    main()
