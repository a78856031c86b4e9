"""SHOW and DESCRIBE, with the columns that Snowflake documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import duckdb
from sqlglot import exp

from .catalogue import Catalogue, Table, now
from .errors import cannot, compilation, missing_container, missing_object, wrong
from .infoschema import databases, exists, parent_key, schemas
from .names import Name, fold, parse_name, resolve
from .relations import Relation, relation
from .security.places import database as database_place
from .security.places import schema as schema_place
from .security.roles import Roles
from .session import FIXED, PARAMETERS, WAREHOUSES, Session

KEY_HEADS = [
    "created_on:time", "database_name", "schema_name", "table_name", "column_name", "key_sequence:number", "constraint_name",
    "rely", "comment",
]
IMPORTED_HEADS = [
    "created_on:time", "pk_database_name", "pk_schema_name", "pk_table_name", "pk_column_name", "fk_database_name",
    "fk_schema_name", "fk_table_name", "fk_column_name", "key_sequence:number", "update_rule", "delete_rule", "fk_name", "pk_name",
    "deferrability", "rely", "comment",
]

SHOW = re.compile(
    r"\s*SHOW\s+(?:TERSE\s+)?(?P<what>[A-Z ]+?)(?:\s+LIKE\s+'(?P<like>(?:[^']|'')*)')?"
    r"(?:\s+IN\s+(?:(?P<scope>ACCOUNT|DATABASE|SCHEMA|TABLE|VIEW|SESSION|USER|WAREHOUSE)\b)?\s*(?P<name>[^\s;]+)?)?"
    r"(?:\s+STARTS\s+WITH\s+'(?P<start>(?:[^']|'')*)')?(?:\s+LIMIT\s+(?P<limit>\d+)(?:\s+FROM\s+'(?P<after>(?:[^']|'')*)')?)?\s*;?\s*$",
    re.I | re.S,
)


class Show:
    def __init__(self, catalogue: Catalogue, roles: Roles, retention: Callable[[Table], int]):
        self.catalogue, self.roles, self.retention = catalogue, roles, retention

    def answer(
        self, text: str, session: Session, connection: duckdb.DuckDBPyConnection, database: str | None, schema: str | None
    ) -> Relation | None:
        """The answer, or None when fakesnow should try."""
        found = SHOW.match(text)
        if not found:
            return None
        what = re.sub(r"\s+", " ", found["what"].strip().upper())
        like = _chosen(found)
        if what == "PARAMETERS":
            if (found["scope"] or "SESSION").upper() != "SESSION":
                raise cannot(f"show the parameters of a {found['scope'].lower()}")
            return self.parameters(session, like)
        if what == "WAREHOUSES":
            return relation(["name", "state", "type", "size"], [[w, "STARTED", "STANDARD", "X-Small"] for w in WAREHOUSES])
        known: dict[str, Callable[[list[Table]], Relation]] = {
            "PRIMARY KEYS": lambda tables: self.keys("PRIMARY KEY", tables),
            "UNIQUE KEYS": lambda tables: self.keys("UNIQUE", tables),
            "IMPORTED KEYS": self.imported_keys,
            "TABLES": lambda tables: self.list_tables(tables, connection),
            "VIEWS": self.list_views,
            "OBJECTS": lambda tables: self.list_objects(tables, connection),
            "USER FUNCTIONS": lambda _: self.list_functions(),
            "COLUMNS": self.list_columns,
        }
        scope, container = self._scope(found, connection, database, schema)
        if what == "SEQUENCES":
            return self.list_sequences(container, like, connection)
        if what == "SCHEMAS":
            return self.list_schemas(container[:1], session, connection, like)
        if what == "DATABASES":
            names = [d for d in databases(connection) if like(d) and self.roles.allows(session, None, database_place(d))]
            heads = ["created_on:time", "name", "is_default", "is_current", "origin", "owner", "comment", "options", "retention_time"]
            return relation(heads, [[now(), d, "N", "Y" if d == database else "N", "", self.roles.owner(database_place(d)), "", "", "1"] for d in names])
        if what not in known:
            return None
        if scope == "TABLE":
            table = self.catalogue.get(Name(*container))
            if not table or not self.roles.visible(session, table):
                raise missing_object(".".join(container))
            return known[what]([table])
        tables = [t for t in self.catalogue.tables(*container) if self.roles.visible(session, t)]
        named = what in ("TABLES", "VIEWS", "OBJECTS")
        return _limited(known[what]([t for t in tables if like(t.name.name)] if named else tables), found)

    def _scope(
        self, found: re.Match, connection: duckdb.DuckDBPyConnection, database: str | None, schema: str | None
    ) -> tuple[str, tuple[str, ...]]:
        """What `IN …` names: a kind and the full name of a container, or of a table."""
        scope = (found["scope"] or "").upper()
        parts = [fold(p) for p in parse_name(found["name"]).parts] if found["name"] else []
        if scope == "ACCOUNT" or (not scope and not parts and not database):
            return "ACCOUNT", ()
        if not scope:
            scope = "SCHEMA" if len(parts) != 1 else "SCHEMA" if parts[0] in schemas(connection, database or "") else "DATABASE"
        if scope == "TABLE" or scope == "VIEW":
            return "TABLE", tuple(resolve(parse_name(found["name"]), database, schema))
        if scope == "DATABASE":
            container: tuple[str, ...] = (parts[0] if parts else database or "",)
        elif len(parts) == 2:
            container = tuple(parts)
        else:
            container = (database or "", parts[0]) if parts else tuple(p for p in (database, schema) if p)
        if missing := exists(connection, container):
            if "OBJECTS" in found["what"].upper():
                raise compilation("002043", "02000", "Object does not exist, or operation cannot be performed.")
            raise missing_container(missing, ".".join(container if missing == "Schema" else container[:1]))
        return scope, container

    # Keys and columns

    @staticmethod
    def keys(kind: str, tables: Iterable[Table]) -> Relation:
        rows = [
            [c.created, *t.name, column, position, c.name, "false", None]
            for t in tables
            for c in t.constraints
            if c.kind == kind
            for position, column in enumerate(c.columns, 1)
        ]
        return relation(KEY_HEADS, rows)

    def imported_keys(self, tables: Iterable[Table]) -> Relation:
        rows = []
        for t in tables:
            for c in t.constraints:
                if c.kind == "FOREIGN KEY" and c.parent:
                    parent = parent_key(self.catalogue, c)
                    for position, (column, other) in enumerate(zip(c.columns, c.parent_columns, strict=True), 1):
                        rows.append([
                            c.created, *c.parent, other, *t.name, column, position, c.update_rule, c.delete_rule, c.name,
                            parent.name if parent else None, "NOT DEFERRABLE", "false", None,
                        ])
        return relation(IMPORTED_HEADS, rows)

    def describe(self, table: Table) -> Relation:
        heads = [
            "name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression", "comment",
            "policy name", "privacy domain",
        ]
        rows = [
            [
                c.name, c.type.text, "COLUMN", "Y" if c.nullable else "N", c.described_default,
                "Y" if table.in_key("PRIMARY KEY", c.name) else "N", "Y" if table.in_key("UNIQUE", c.name) else "N",
                next((k.clause for k in table.constraints if k.kind == "CHECK" and k.columns == [c.name]), None),
                None, c.comment, c.masking.policy.name.dotted if c.masking else None, None,
            ]
            for c in table.columns
        ]
        return relation(heads, rows)

    # Lists

    def list_tables(self, tables: Iterable[Table], connection: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "created_on:time", "name", "database_name", "schema_name", "kind", "comment", "cluster_by", "rows:number", "bytes:number",
            "owner", "retention_time",
        ]
        rows = []
        for t in tables:
            if t.kind != "VIEW":
                count = connection.execute(f"SELECT COUNT(*) FROM {t.name.sql}").fetchall()[0][0]
                kind = "TEMPORARY" if t.temporary else "TRANSIENT" if t.transient else "TABLE"
                rows.append([t.created, t.name.name, *t.name[:2], kind, t.comment or "", "", count, 0, t.owner, str(self.retention(t))])
        return relation(heads, rows)

    @staticmethod
    def list_views(tables: Iterable[Table]) -> Relation:
        heads = ["created_on:time", "name", "database_name", "schema_name", "owner", "comment", "text"]
        views = (t for t in tables if t.kind == "VIEW")
        return relation(heads, [[t.created, t.name.name, *t.name[:2], t.owner, t.comment or "", t.definition] for t in views])

    def list_objects(self, tables: Iterable[Table], connection: duckdb.DuckDBPyConnection) -> Relation:
        """Tables and views in one list, as tools ask for it."""
        heads = [
            "created_on:time", "name", "database_name", "schema_name", "kind", "comment", "cluster_by", "rows:number", "bytes:number",
            "owner", "retention_time", "owner_role_type", "is_hybrid", "is_dynamic", "is_iceberg", "is_interactive",
        ]
        rows = []
        for t in tables:
            view = t.kind == "VIEW"
            count = None if view else connection.execute(f"SELECT COUNT(*) FROM {t.name.sql}").fetchall()[0][0]
            rows.append([
                t.created, t.name.name, *t.name[:2], "VIEW" if view else "TABLE", t.comment or "", "", count, None if view else 0, t.owner,
                None if view else str(self.retention(t)), "ROLE", "N", "N", "N", "N",
            ])
        return relation(heads, rows)

    @staticmethod
    def list_functions() -> Relation:
        """None: functions cannot be created here."""
        heads = [
            "created_on:time", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi", "min_num_arguments:number",
            "max_num_arguments:number", "arguments", "description", "catalog_name", "is_table_function", "valid_for_clustering", "is_secure",
            "is_external_function", "language", "is_memoizable", "is_data_metric",
        ]
        return relation(heads, [])

    @staticmethod
    def list_columns(tables: Iterable[Table]) -> Relation:
        raise wrong("SHOW COLUMNS, whose data_type is JSON; use INFORMATION_SCHEMA.COLUMNS or DESCRIBE TABLE")

    def list_schemas(
        self, container: tuple[str, ...], session: Session, connection: duckdb.DuckDBPyConnection, like: Callable[[str], bool]
    ) -> Relation:
        heads = ["created_on:time", "name", "is_default", "is_current", "database_name", "owner", "comment", "options", "retention_time"]
        rows = []
        for d in container or databases(connection):
            names = [s for s in schemas(connection, d) if like(s) and self.roles.allows(session, None, schema_place(d, s))]
            rows += [[now(), s, "N", "N", d, self.roles.owner(schema_place(d, s)), "", "", "1"] for s in [*names, "INFORMATION_SCHEMA"]]
        return relation(heads, rows)

    def list_sequences(
        self, container: tuple[str, ...], like: Callable[[str], bool], connection: duckdb.DuckDBPyConnection
    ) -> Relation:
        heads = [
            "name", "database_name", "schema_name", "next_value:number", "interval:number", "created_on:time", "owner", "comment",
            "owner_role_type", "ordered",
        ]
        rows = []
        for s in self.catalogue.sequences(*container[:2]):
            if like(s.name.name):
                [(last,)] = connection.execute(
                    "SELECT last_value FROM duckdb_sequences() WHERE (database_name, schema_name, sequence_name) = (?, ?, ?)",
                    list(s.name),
                ).fetchall() or [(None,)]
                following = s.start if last is None else last + s.increment
                rows.append([s.name.name, *s.name[:2], following, s.increment, s.created, s.owner, s.comment or "", "ROLE", "N"])
        return relation(heads, rows)

    # Session

    @staticmethod
    def parameters(session: Session, like: Callable[[str], bool]) -> Relation:
        rows = [
            [name, session.parameter(name), default, "SESSION" if name in session.parameters and name not in FIXED else "", text, kind]
            for name, (default, kind, text) in sorted(PARAMETERS.items())
            if like(name)
        ]
        return relation(["key", "value", "default", "level", "description", "type"], rows)


def _chosen(found: re.Match) -> Callable[[str], bool]:
    """LIKE without regard to case, STARTS WITH with it, and the name after which a page begins."""
    like, start, after = _like(found["like"]), (found["start"] or "").replace("''", "'"), (found["after"] or "").replace("''", "'")
    return lambda name: like(name) and name.startswith(start) and (not after or name > after)


def _limited(answer: Relation, found: re.Match) -> Relation:
    return answer if found["limit"] is None else Relation(answer.columns, answer.table.slice(0, int(found["limit"])))


def _like(pattern: str | None) -> Callable[[str], bool]:
    """SHOW … LIKE: % and _, without regard to case."""
    if pattern is None:
        return lambda _: True
    text = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern.replace("''", "'"))
    return lambda name: re.fullmatch(text, name, re.I) is not None


def described(expression: exp.Describe) -> exp.Table | None:
    """The table of DESCRIBE TABLE or VIEW; None for the description of a query."""
    return expression.this if isinstance(expression.this, exp.Table) else None
