"""CREATE and DROP: the declaration goes to the side catalogue, a plain table to DuckDB.

Keys are stripped, because Snowflake does not enforce them and DuckDB would. Lengths of VARCHAR become
checks, because Snowflake enforces them and DuckDB would not.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlglot import exp

from . import containers
from .catalogue import Column, Sequence, Table, copied_columns, copied_constraints, now
from .definitions import Definitions, property_of, retention_of
from .errors import cannot, compilation, exists, missing_object
from .names import Name, fold, literal, quote
from .relations import Relation, status
from .security import policyquery
from .security.places import ACCOUNT, Place
from .security.roles import Grant
from .session import WAREHOUSES
from .sftypes import MAX_TEXT, SFType, from_declared, from_duckdb

if TYPE_CHECKING:
    from .engine import Run


def physical(column: Column) -> str:
    """A column as DuckDB is told to store it."""
    parts = [quote(column.name), column.type.duckdb]
    if not column.nullable:
        parts.append("NOT NULL")
    if column.duckdb_default is not None:
        parts.append(f"DEFAULT {column.duckdb_default}")
    if column.type.kind == "TEXT" and column.type.length and column.type.length < MAX_TEXT:
        parts.append(f"CHECK (length({quote(column.name)}) <= {column.type.length})")
    return " ".join(parts)


def build(run: Run, table: Table, as_name: Name | None = None) -> None:
    """Create the plain table, with a sequence for each identity."""
    name = as_name or table.name
    for column in table.columns:
        if column.identity and column.duckdb_default is None:
            sequence = Name(name.database, name.schema, f"_standin_{secrets.token_hex(6)}")
            start, increment = column.identity
            run.duck.execute(f"CREATE SEQUENCE {sequence.sql} INCREMENT BY {increment} {_bounds(increment)} START WITH {start}")
            column.duckdb_default = f"nextval({literal(sequence.sql)})"
    run.duck.execute(f"CREATE TABLE {name.sql} ({', '.join(physical(c) for c in table.columns)})")


def _bounds(increment: int) -> str:
    return "MINVALUE -9223372036854775807 MAXVALUE 9223372036854775807" if increment < 0 else ""


def create(run: Run, expression: exp.Create) -> Relation | None:
    """Run a CREATE; None when it is fakesnow's business."""
    kind = expression.kind.upper()
    if property_of(expression, exp.RowAccessProperty) or expression.find(exp.MaskingPolicyColumnConstraint):
        raise cannot("attach a policy in CREATE; use ALTER TABLE or ALTER VIEW")
    if kind == "TABLE":
        return create_table(run, expression)
    if kind == "VIEW":
        return create_view(run, expression)
    if kind == "SEQUENCE":
        return create_sequence(run, expression)
    if kind == "SCHEMA":
        return containers.create_schema(run, expression)
    if kind == "DATABASE":
        return containers.create_database(run, expression)
    if kind == "WAREHOUSE":
        run.engine.roles.require_create(run.session, "CREATE WAREHOUSE", ACCOUNT)
        WAREHOUSES.add(fold(expression.this))
        run.engine.roles.set_owner(Place("WAREHOUSE", (fold(expression.this),)), run.session.role)
        return status(f"Warehouse {fold(expression.this)} successfully created.")
    return None


def create_table(run: Run, expression: exp.Create) -> Relation:
    target = expression.this.this if isinstance(expression.this, exp.Schema) else expression.this
    name = run.resolve(target)
    run.require_create(name, "CREATE TABLE")
    run.catalogue.refuse_twin(name)
    old = run.catalogue.get(name)
    if old and not expression.args.get("replace"):
        if expression.args.get("exists"):
            return status(f"{name.name} already exists, statement succeeded.")
        raise exists(name.dotted)
    if old:
        run.require_ownership(old)
    comment = property_of(expression, exp.SchemaCommentProperty)
    table = Table(
        name,
        [],
        owner=run.session.role,
        transient=property_of(expression, exp.TransientProperty) is not None,
        temporary=property_of(expression, exp.TemporaryProperty) is not None,
        comment=comment.this.name if comment else None,
        retention=retention_of(expression.args["properties"].expressions if expression.args.get("properties") else []),
    )
    like = property_of(expression, exp.LikeProperty)
    clone = expression.args.get("clone")
    fill: str | None = None
    parameters = None
    if like or clone:
        source = run.readable((like or clone).this)
        table.columns, table.constraints = copied_columns(source), copied_constraints(source)
        fill = f"SELECT * FROM {source.name.sql}" if clone else None
        # A clone is under the same policies.
        table.row_access = source.row_access
        if like and policyquery.protected(run, source):
            raise cannot("copy a table under a policy by LIKE")
    elif expression.expression is not None:
        fill, parameters = _columns_of_query(run, expression, table), run.parameters
    else:
        definitions = Definitions(run.catalogue, name, run.scalar)
        definitions.read(expression.this.expressions if isinstance(expression.this, exp.Schema) else [])
        table.columns, table.constraints = definitions.columns, definitions.constraints
    spare = Name(name.database, name.schema, f"_standin_{secrets.token_hex(6)}")
    build(run, table, spare)
    try:
        if fill:
            run.duck.execute(f"INSERT INTO {spare.sql} {fill}", parameters)
        removal = [removed(old)] if old else []
        run.together(*removal, f"ALTER TABLE {spare.sql} RENAME TO {quote(name.name)}")
        if old:
            replaced(run, expression, old, table)
    except BaseException:
        run.duck.execute(f"DROP TABLE IF EXISTS {spare.sql}")
        raise
    table.created = table.altered = table.changed = table.declared = now()
    run.catalogue.put(table)
    run.engine.roles.created(table)
    if table.temporary:
        run.session.temporary.append(name)
    return status(f"Table {name.name} successfully created.")


def _columns_of_query(run: Run, expression: exp.Create, table: Table) -> str:
    """CTAS: the columns come from the query, from the list in front of it, or from both."""
    sql, columns = run.described(expression.expression)
    listed = expression.this.expressions if isinstance(expression.this, exp.Schema) else []
    if listed and len(listed) != len(columns):
        raise compilation("002026", "42601", "Invalid column definition list")
    table.columns = [Column(name, type_) for name, type_, _ in columns]
    for column, item in zip(table.columns, listed, strict=False):
        column.name = fold(item.this if isinstance(item, exp.ColumnDef) else item)
        if isinstance(item, exp.ColumnDef) and item.kind:
            definitions = Definitions(run.catalogue, table.name, run.scalar)
            definitions.column(item)
            column.type, column.nullable, column.default = (
                from_declared(item.kind), definitions.columns[0].nullable, definitions.columns[0].default,
            )
            column.duckdb_default = definitions.columns[0].duckdb_default
            table.constraints += definitions.constraints
    seen = [c.name.lower() for c in table.columns]
    if twice := next((n for n in seen if seen.count(n) > 1), None):
        raise compilation("002025", "42S21", f"duplicate column name '{twice.upper()}'")
    return sql


def create_view(run: Run, expression: exp.Create) -> Relation:
    target = expression.this.this if isinstance(expression.this, exp.Schema) else expression.this
    name = run.resolve(target)
    run.require_create(name, "CREATE VIEW")
    run.catalogue.refuse_twin(name)
    old = run.catalogue.get(name)
    if old and not expression.args.get("replace"):
        if expression.args.get("exists"):
            return status(f"{name.name} already exists, statement succeeded.")
        raise exists(name.dotted)
    if old:
        run.require_ownership(old)
    definition = run.text.strip().rstrip(";").rstrip()
    query = expression.expression
    sources = run.names_in(query)
    bound = query.copy()
    run.bind(bound, policies=False)
    sql, columns = run.described(query, policies=False)
    if run.reads_generated:
        raise cannot("keep a view over INFORMATION_SCHEMA or ACCOUNT_USAGE")
    items = expression.this.expressions if isinstance(expression.this, exp.Schema) else []
    listed = [fold(i.this if isinstance(i, exp.ColumnDef) else i) for i in items]
    if listed and len(listed) != len(columns):
        raise compilation("002026", "42601", "Invalid column definition list")
    names = listed or [c[0] for c in columns]
    heads = ", ".join(map(quote, names))
    run.together(*([removed(old)] if old else []), f"CREATE VIEW {name.sql} ({heads}) AS {sql}")
    table = Table(name, [Column(n, c[1], c[2]) for n, c in zip(names, columns, strict=True)], "VIEW", run.session.role)
    if old:
        replaced(run, expression, old, table)
    comment = property_of(expression, exp.SchemaCommentProperty)
    table.comment = comment.this.name if comment else None
    table.sources, table.definition, table.query, table.only_utc = sources, definition, bound, run.only_utc
    run.catalogue.put(table)
    run.engine.roles.created(table)
    return status(f"View {name.name} successfully created.")


def create_sequence(run: Run, expression: exp.Create) -> Relation:
    name = run.resolve(expression.this)
    run.require_create(name, "CREATE SEQUENCE")
    run.catalogue.refuse_twin(name)
    if run.catalogue.sequence(name):
        if expression.args.get("exists"):
            return status(f"{name.name} already exists, statement succeeded.")
        if not expression.args.get("replace"):
            raise exists(name.dotted)
        run.duck.execute(f"DROP SEQUENCE {name.sql}")
    found = property_of(expression, exp.SequenceProperties)
    start, increment = (int(found.args[k].sql()) if found and found.args.get(k) else 1 for k in ("start", "increment"))
    run.duck.execute(f"CREATE SEQUENCE {name.sql} INCREMENT BY {increment} {_bounds(increment)} START WITH {start}")
    comment = property_of(expression, exp.SchemaCommentProperty)
    run.catalogue.put_sequence(Sequence(name, start, increment, run.session.role, comment.this.name if comment else None))
    run.engine.roles.set_owner(Place("SEQUENCE", tuple(name)), run.session.role)
    run.engine.roles.created(Place("SEQUENCE", tuple(name)))
    return status(f"Sequence {name.name} successfully created.")


def replaced(run: Run, expression: exp.Create, old: Table, new: Table) -> None:
    """A replacement has none of the old grants, unless COPY GRANTS keeps them."""
    roles = run.engine.roles
    kept = [g for g in roles.grants if g.target is old] if property_of(expression, exp.CopyGrantsProperty) else []
    roles.dropped(old)
    for grant in kept:
        roles.add(Grant(grant.privilege, new, grant.grantee, grant.option, grant.granted_by))


def removed(table: Table) -> str:
    return f"DROP {'VIEW' if table.kind == 'VIEW' else 'TABLE'} IF EXISTS {table.name.sql}"


def drop_physical(run: Run, table: Table) -> None:
    run.duck.execute(removed(table))
    run.engine.roles.dropped(table)


def drop(run: Run, expression: exp.Drop) -> Relation | None:
    kind = expression.kind.upper()
    targets = expression.args.get("tables") or [expression.this]
    message = ""
    for target in targets:
        message = _drop_one(run, kind, target, bool(expression.args.get("exists"))) or ""
        if not message:
            return None
    return status(message)


def _drop_one(run: Run, kind: str, target: exp.Table, if_exists: bool) -> str | None:
    if kind in ("TABLE", "VIEW"):
        name = run.resolve(target)
        table = run.catalogue.get(name)
        if not table or (table.kind == "VIEW") != (kind == "VIEW") or not run.engine.roles.visible(run.session, table):
            return containers.absent(kind.title(), name.dotted, if_exists)
        run.require_ownership(table)
        drop_physical(run, table)
        run.catalogue.drop(name)
        return f"{name.name} successfully dropped."
    if kind == "SEQUENCE":
        name = run.resolve(target)
        if not run.catalogue.sequence(name):
            return containers.absent("Sequence", name.dotted, if_exists)
        run.engine.roles.require_owner(run.session, Place("SEQUENCE", tuple(name)))
        run.engine.roles.dropped(Place("SEQUENCE", tuple(name)))
        run.duck.execute(f"DROP SEQUENCE {name.sql} CASCADE")
        run.catalogue.drop_sequence(name)
        return f"{name.name} successfully dropped."
    if kind in ("SCHEMA", "DATABASE"):
        return containers.drop(run, kind, target, if_exists)
    return None


def comment(run: Run, expression: exp.Comment) -> Relation:
    text = expression.expression.name
    kind = (expression.args.get("kind") or "").upper()
    if kind == "COLUMN":
        column = expression.this
        target = exp.Table(this=column.args["table"], db=column.args.get("db"), catalog=column.args.get("catalog"))
        table = run.owned(target)
        found = table.column(fold(column.this))
        if not found:
            raise missing_object(column.sql("snowflake"))
        found.comment = text
    elif kind in ("TABLE", "VIEW"):
        run.owned(expression.this).comment = text
    return status("Statement executed successfully.")


def result_type(name: str, inferred: SFType | None) -> SFType:
    """A declared type where one is known and DuckDB agrees on the kind."""
    own = from_duckdb(name)
    if inferred is None:
        return own
    if inferred.kind == "VARIANT" and own.kind == "TEXT":
        # A generated view keeps its VARIANT as the text of it.
        return inferred
    agree = own.duckdb.split("(")[0] == inferred.duckdb.split("(")[0]
    return inferred if agree else own

