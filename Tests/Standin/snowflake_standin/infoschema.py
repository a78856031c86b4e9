"""INFORMATION_SCHEMA, generated from the side catalogue for the roles of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb

from .catalogue import Catalogue, Column, Constraint, Table
from .names import Name
from .relations import Relation, relation
from .security.places import Place, database as database_place, dotted, schema as schema_place
from .security.roles import Roles
from .session import Session
from .sftypes import MAX_TEXT


class InformationSchema:
    """Builds one view of one database as a relation."""

    def __init__(self, catalogue: Catalogue, roles: Roles, retention: Callable[[Table], int]):
        self.catalogue, self.roles, self.retention = catalogue, roles, retention
        self.views: dict[str, Callable[[str, Session, duckdb.DuckDBPyConnection], Relation]] = {
            "TABLES": self.tables,
            "VIEWS": self.view_texts,
            "COLUMNS": self.columns,
            "TABLE_CONSTRAINTS": self.table_constraints,
            "REFERENTIAL_CONSTRAINTS": self.referential_constraints,
            "CHECK_CONSTRAINTS": self.check_constraints,
            "SCHEMATA": self.schemata,
            "DATABASES": self.databases,
            "SEQUENCES": self.sequences,
            "TABLE_PRIVILEGES": self.table_privileges,
            "OBJECT_PRIVILEGES": self.object_privileges,
            "APPLICABLE_ROLES": self.applicable_roles,
            "ENABLED_ROLES": self.enabled_roles,
        }

    def _visible(self, database: str, session: Session) -> Iterator[Table]:
        return (t for t in self.catalogue.tables(database) if self.roles.visible(session, t))

    def tables(self, database: str, session: Session, connection: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "TABLE_TYPE", "IS_TRANSIENT", "CLUSTERING_KEY",
            "ROW_COUNT:number", "BYTES:number", "RETENTION_TIME:number", "CREATED:time", "LAST_ALTERED:time", "LAST_DDL:time",
            "LAST_DDL_BY", "AUTO_CLUSTERING_ON", "COMMENT", "IS_TEMPORARY", "IS_ICEBERG", "IS_DYNAMIC", "IS_IMMUTABLE", "IS_HYBRID",
        ]
        rows = []
        for t in self._visible(database, session):
            view = t.kind == "VIEW"
            count = None if view else connection.execute(f"SELECT COUNT(*) FROM {t.name.sql}").fetchall()[0][0]
            kind = "TEMPORARY TABLE" if t.temporary else t.kind
            rows.append([
                *t.name, t.owner, kind, None if view else _yes(t.transient or t.temporary), None, count, None if view else 0,
                None if view else self.retention(t), t.created, t.altered, max(t.created, t.declared), "PARITY", None if view else "NO", t.comment,
                _yes(t.temporary), "NO", "NO", "NO", "NO",
            ])
        return relation(heads, rows)

    def view_texts(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "VIEW_DEFINITION", "CHECK_OPTION", "IS_UPDATABLE",
            "INSERTABLE_INTO", "IS_SECURE", "CREATED:time", "LAST_ALTERED:time", "COMMENT",
        ]
        found = (t for t in self._visible(database, session) if t.kind == "VIEW")
        return relation(
            heads,
            [[*t.name, t.owner, t.definition, "NONE", "NO", "NO", "NO", t.created, t.altered, t.comment] for t in found],
        )

    def columns(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION:number", "COLUMN_DEFAULT", "IS_NULLABLE",
            "DATA_TYPE", "CHARACTER_MAXIMUM_LENGTH:number", "CHARACTER_OCTET_LENGTH:number", "NUMERIC_PRECISION:number",
            "NUMERIC_PRECISION_RADIX:number", "NUMERIC_SCALE:number", "DATETIME_PRECISION:number", "COLLATION_NAME", "IS_IDENTITY",
            "IDENTITY_GENERATION", "IDENTITY_START", "IDENTITY_INCREMENT", "IDENTITY_ORDERED", "COMMENT", "DATA_TYPE_ALIAS",
        ]
        rows = [
            [*t.name, *_column(position, column)]
            for t in self._visible(database, session)
            for position, column in enumerate(t.columns, 1)
        ]
        return relation(heads, rows)

    def _constraints(self, database: str, session: Session) -> Iterator[tuple[Table, Constraint]]:
        return ((t, c) for t in self._visible(database, session) for c in t.constraints)

    def table_constraints(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "CONSTRAINT_CATALOG", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME", "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "CONSTRAINT_TYPE",
            "IS_DEFERRABLE", "INITIALLY_DEFERRED", "ENFORCED", "COMMENT", "CREATED:time", "LAST_ALTERED:time", "RELY",
        ]
        rows = [
            [*t.name[:2], c.name, *t.name, c.kind, "NO", "YES", _yes(c.kind == "CHECK"), None, c.created, c.created, "NO"]
            for t, c in self._constraints(database, session)
        ]
        return relation(heads, rows)

    def referential_constraints(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "CONSTRAINT_CATALOG", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME", "UNIQUE_CONSTRAINT_CATALOG", "UNIQUE_CONSTRAINT_SCHEMA",
            "UNIQUE_CONSTRAINT_NAME", "MATCH_OPTION", "UPDATE_RULE", "DELETE_RULE", "COMMENT", "CREATED:time", "LAST_ALTERED:time",
        ]
        rows = []
        for t, c in self._constraints(database, session):
            if c.kind == "FOREIGN KEY" and c.parent:
                parent = parent_key(self.catalogue, c)
                rows.append([
                    *t.name[:2], c.name, *c.parent[:2], parent.name if parent else None, "FULL", c.update_rule, c.delete_rule,
                    None, c.created, c.created,
                ])
        return relation(heads, rows)

    def check_constraints(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = ["CONSTRAINT_CATALOG", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME", "CHECK_CLAUSE"]
        return relation(
            heads,
            [[*t.name[:2], c.name, c.clause] for t, c in self._constraints(database, session) if c.kind == "CHECK"],
        )

    def schemata(self, database: str, session: Session, connection: duckdb.DuckDBPyConnection) -> Relation:
        heads = ["CATALOG_NAME", "SCHEMA_NAME", "SCHEMA_OWNER", "IS_TRANSIENT", "IS_MANAGED_ACCESS", "RETENTION_TIME:number", "COMMENT"]
        names = [s for s in schemas(connection, database) if self.roles.allows(session, None, schema_place(database, s))]
        return relation(heads, [[database, s, self.roles.owner(schema_place(database, s)), "NO", "NO", 1, None] for s in [*names, "INFORMATION_SCHEMA"]])

    def databases(self, database: str, session: Session, connection: duckdb.DuckDBPyConnection) -> Relation:
        heads = ["DATABASE_NAME", "DATABASE_OWNER", "IS_TRANSIENT", "COMMENT", "RETENTION_TIME:number", "TYPE"]
        names = [d for d in databases(connection) if self.roles.allows(session, None, database_place(d))]
        return relation(heads, [[d, self.roles.owner(database_place(d)), "NO", None, 1, "STANDARD"] for d in names])

    def sequences(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "SEQUENCE_CATALOG", "SEQUENCE_SCHEMA", "SEQUENCE_NAME", "SEQUENCE_OWNER", "DATA_TYPE", "NUMERIC_PRECISION:number",
            "NUMERIC_SCALE:number", "START_VALUE:number", "INCREMENT:number", "ORDERED", "CREATED:time", "COMMENT",
        ]
        rows = [
            [*s.name, s.owner, "NUMBER", 38, 0, s.start, s.increment, "NO", s.created, s.comment]
            for s in self.catalogue.sequences(database)
        ]
        return relation(heads, rows)

    def _privileges(self, database: str, session: Session) -> Iterator[tuple[str, Place, Table, str, bool]]:
        for t in self._visible(database, session):
            yield t.owner, Place("ROLE", (t.owner,)), t, "OWNERSHIP", True
        for g in self.roles.grants:
            if isinstance(g.target, Table) and g.target.name.database == database and self.roles.visible(session, g.target):
                yield g.granted_by, g.grantee, g.target, g.privilege, g.option

    def table_privileges(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = ["GRANTOR", "GRANTEE", "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "PRIVILEGE_TYPE", "IS_GRANTABLE", "CREATED:time"]
        found = self._privileges(database, session)
        return relation(heads, [[by, to.dotted, *t.name, privilege, _yes(option), t.created] for by, to, t, privilege, option in found])

    def object_privileges(self, database: str, session: Session, _: duckdb.DuckDBPyConnection) -> Relation:
        heads = [
            "GRANTOR", "GRANTEE", "GRANTED_TO", "OBJECT_CATALOG", "OBJECT_SCHEMA", "OBJECT_NAME", "OBJECT_TYPE", "PRIVILEGE_TYPE",
            "IS_GRANTABLE", "CREATED:time",
        ]
        found = self._privileges(database, session)
        return relation(
            heads,
            [
                [by, to.dotted, to.kind.replace(" ", "_"), *t.name, "VIEW" if t.kind == "VIEW" else "TABLE", privilege, _yes(option), t.created]
                for by, to, t, privilege, option in found
            ],
        )

    def applicable_roles(self, _: str, session: Session, __: duckdb.DuckDBPyConnection) -> Relation:
        heads = ["GRANTEE", "ROLE_NAME", "ROLE_OWNER", "IS_GRANTABLE"]
        rows = [
            [g.grantee.dotted, dotted(g.target), self.roles.owner(g.target), "NO"]
            for g in self.roles.grants
            if isinstance(g.target, Place) and g.target.kind == "ROLE" and g.privilege == "USAGE" and g.grantee.kind in ("ROLE", "USER")
        ]
        return relation(heads, rows)

    def enabled_roles(self, _: str, session: Session, __: duckdb.DuckDBPyConnection) -> Relation:
        enabled = sorted(r for r in self.roles.effective(session) if r.kind == "ROLE")
        return relation(["ROLE_NAME", "ROLE_OWNER"], [[r.dotted, self.roles.owner(r)] for r in enabled])


def _column(position: int, column: Column) -> list:
    type_ = column.type
    octets = min(type_.length * 4, MAX_TEXT) if type_.kind == "TEXT" and type_.length else type_.length
    identity = column.identity
    return [
        column.name, position, column.default, _yes(column.nullable), type_.kind, type_.length, octets,
        type_.precision, 10 if type_.kind == "NUMBER" else None, type_.scale if type_.kind == "NUMBER" else None,
        None, None, _yes(identity is not None), "BY DEFAULT" if identity else None,
        str(identity[0]) if identity else None, str(identity[1]) if identity else None, "NO" if identity else None,
        column.comment, None,
    ]


def _yes(value: bool) -> str:
    return "YES" if value else "NO"


def parent_key(catalogue: Catalogue, constraint: Constraint) -> Constraint | None:
    """The primary or unique key that a foreign key refers to."""
    parent = catalogue.get(constraint.parent) if constraint.parent else None
    keys = [c for c in parent.constraints if c.kind in ("PRIMARY KEY", "UNIQUE")] if parent else []
    return next((k for k in keys if k.columns == constraint.parent_columns), keys[0] if keys else None)


HIDDEN = {"memory", "system", "temp", "_fs_global"}


def databases(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT database_name FROM duckdb_databases() ORDER BY 1").fetchall()
    return [name for (name,) in rows if name not in HIDDEN]


def schemas(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "SELECT schema_name FROM duckdb_schemas() WHERE database_name = ? AND NOT internal ORDER BY 1", [database]
    ).fetchall()
    return [name for (name,) in rows if name not in ("main", "_fs_information_schema")]


def exists(connection: duckdb.DuckDBPyConnection, name: Name | tuple[str, ...]) -> str | None:
    """Which container of the name is missing: 'Database', 'Schema' or none."""
    if name[0] not in databases(connection):
        return "Database"
    if len(name) > 1 and name[1] not in (*schemas(connection, name[0]), "INFORMATION_SCHEMA"):
        return "Schema"
    return None
