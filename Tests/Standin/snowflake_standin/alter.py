"""ALTER TABLE: change the declaration, then rebuild the plain table from it where the shape changed.

DuckDB refuses many alterations of a column that has a check or a default; a rebuild never does.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from .catalogue import Column, Table, now
from .ddl import build
from .definitions import Definitions, retention_of
from .errors import cannot, compilation, exists, invalid_identifier, missing_container
from .names import Name, fold, quote
from .relations import Relation, status
from .security.policies import Attachment
from .sftypes import from_declared

if TYPE_CHECKING:
    from .engine import Run

DONE = "Statement executed successfully."


def alter(run: Run, expression: exp.Alter) -> Relation | None:
    kind = (expression.args.get("kind") or "").upper()
    if kind not in ("TABLE", "VIEW"):
        return None
    name = run.resolve(expression.this)
    if expression.args.get("exists") and not run.catalogue.get(name):
        return status(DONE)
    table = run.owned(expression.this)
    for action in expression.args.get("actions") or []:
        _one(run, table, action)
    table.altered = table.declared = now()
    return status(DONE)


def _one(run: Run, table: Table, action: exp.Expression) -> None:
    if isinstance(action, exp.ColumnDef):
        _add_column(run, table, action)
    elif isinstance(action, exp.AddConstraint):
        definitions = Definitions(run.catalogue, table.name, run.scalar)
        for item in action.expressions:
            definitions.constraint(item)
        for new in definitions.constraints:
            if new.kind == "PRIMARY KEY" and table.key("PRIMARY KEY"):
                raise compilation("002200", "42601", f"primary key already exists for table '{table.name.name}'")
            for column in new.columns:
                _column(table, column)
        table.constraints += definitions.constraints
    elif isinstance(action, exp.Drop) and (action.args.get("kind") or "").upper() == "CONSTRAINT":
        for target in action.args.get("tables") or [action.this]:
            _drop_constraint(table, fold(target.this if isinstance(target, exp.Table) else target))
    elif isinstance(action, exp.Drop):
        _drop_columns(run, table, action)
    elif isinstance(action, exp.RenameColumn):
        _rename_column(run, table, fold(action.this), fold(action.args["to"]))
    elif isinstance(action, exp.AlterRename):
        _rename(run, table, action.this)
    elif isinstance(action, exp.AlterColumn):
        _alter_column(run, table, action)
    elif isinstance(action, exp.SwapTable):
        _swap(run, table, action.this)
    elif isinstance(action, exp.AlterSet):
        if found := action.find(exp.SchemaCommentProperty):
            table.comment = found.this.name
        days = retention_of(action.find_all(exp.Property))
        table.retention = table.retention if days is None else days
    elif isinstance(action, exp.Set) and [fold(e) for e in action.expressions] == ["DATA_RETENTION_TIME_IN_DAYS"] and action.args.get("unset"):
        table.retention = None
    elif isinstance(action, exp.Command):
        _drop_key(table, f"{action.this} {action.expression}")
    elif not isinstance(action, (exp.Cluster, exp.ClusterProperty)):
        raise cannot(f"alter a table by {action.sql('snowflake')}")


def _column(table: Table, name: str) -> Column:
    found = table.column(name)
    if not found:
        raise invalid_identifier(name)
    return found


def rebuild(run: Run, table: Table, sources: dict[str, str | None], target: Name | None = None) -> None:
    """Store the table anew. `sources` says which expression over the old table fills a column.

    None leaves the column to its default.
    """
    spare = Name(*(target or table.name)[:2], f"_standin_{secrets.token_hex(6)}")
    build(run, table, spare)
    chosen = [(quote(name), source) for name, source in sources.items() if source is not None]
    try:
        heads, values = ", ".join(c for c, _ in chosen), ", ".join(s for _, s in chosen)
        run.duck.execute(f"INSERT INTO {spare.sql} ({heads}) SELECT {values} FROM {table.name.sql}")
        run.together(
            f"DROP TABLE {table.name.sql}", f"ALTER TABLE {spare.sql} RENAME TO {quote((target or table.name).name)}"
        )
    except BaseException:
        run.duck.execute(f"DROP TABLE IF EXISTS {spare.sql}")
        raise


def _reshape(run: Run, table: Table, columns: list[Column], sources: dict[str, str | None]) -> None:
    """Give the table new columns, or leave it as it was when the rows do not fit them."""
    before, table.columns = table.columns, columns
    try:
        rebuild(run, table, sources)
    except BaseException:
        table.columns = before
        raise


def _add_column(run: Run, table: Table, action: exp.ColumnDef) -> None:
    name = fold(action.this)
    if any(c.name.lower() == name.lower() for c in table.columns):
        if action.args.get("exists"):
            return
        raise compilation("001430", "42601", f"column '{name}' already exists")
    definitions = Definitions(run.catalogue, table.name, run.scalar)
    definitions.column(action)
    sources: dict[str, str | None] = {c.name: quote(c.name) for c in table.columns}
    _reshape(run, table, [*table.columns, *definitions.columns], {**sources, name: None})
    table.constraints += definitions.constraints


def _drop_columns(run: Run, table: Table, action: exp.Drop) -> None:
    gone = [fold(t) for t in (action.args.get("tables") or [action.this])]
    for name in gone:
        if not action.args.get("exists"):
            _column(table, name)
    kept = [c for c in table.columns if c.name not in gone]
    _reshape(run, table, kept, {c.name: quote(c.name) for c in kept})
    table.constraints = [k for k in table.constraints if not set(k.columns) & set(gone)]


def _rename_column(run: Run, table: Table, old: str, new: str) -> None:
    column = _column(table, old)
    if any(c.name.lower() == new.lower() and c is not column for c in table.columns):
        raise compilation("001430", "42601", f"column '{new}' already exists")
    run.duck.execute(f"ALTER TABLE {table.name.sql} RENAME COLUMN {quote(old)} TO {quote(new)}")
    column.name = new
    for key in table.constraints:
        key.columns = [new if c == old else c for c in key.columns]
    table.row_access = _renamed(table.row_access, old, new)
    for one in table.columns:
        one.masking = _renamed(one.masking, old, new)
    for other in run.catalogue.tables():
        for key in other.constraints:
            if key.parent == table.name:
                key.parent_columns = [new if c == old else c for c in key.parent_columns]


def _renamed(attached: Attachment | None, old: str, new: str) -> Attachment | None:
    """A policy's attachment after a column's rename. A new one: a clone may share the old."""
    return replace(attached, columns=[new if c == old else c for c in attached.columns]) if attached else None


def _rename(run: Run, table: Table, written: exp.Table) -> None:
    new = run.resolve(written)
    if run.catalogue.get(new):
        raise exists(new.dotted)
    if new.name.lower() != table.name.name.lower():
        run.catalogue.refuse_twin(new)
    if new[:2] == table.name[:2]:
        kind = "VIEW" if table.kind == "VIEW" else "TABLE"
        run.duck.execute(f"ALTER {kind} {table.name.sql} RENAME TO {quote(new.name)}")
    else:
        for column in table.columns:
            column.duckdb_default = None if column.identity else column.duckdb_default
        rebuild(run, table, {c.name: quote(c.name) for c in table.columns}, new)
    run.catalogue.rename(table.name, new)


def _swap(run: Run, table: Table, written: exp.Table) -> None:
    other = run.owned(written)
    if other.name[:2] != table.name[:2]:
        raise cannot("swap tables of different schemas")
    spare = f"_standin_{secrets.token_hex(6)}"
    run.duck.execute(f"ALTER TABLE {table.name.sql} RENAME TO {quote(spare)}")
    run.duck.execute(f"ALTER TABLE {other.name.sql} RENAME TO {quote(table.name.name)}")
    run.duck.execute(f"ALTER TABLE {Name(*table.name[:2], spare).sql} RENAME TO {quote(other.name.name)}")
    run.catalogue.swap(table.name, other.name)


def _alter_column(run: Run, table: Table, action: exp.AlterColumn) -> None:
    column = _column(table, fold(action.this))
    if action.args.get("comment"):
        column.comment = action.args["comment"].name
        return
    changed = Column(**vars(column))
    if action.args.get("dtype"):
        changed.type = from_declared(action.args["dtype"])
    elif action.args.get("default") is not None:
        default = action.args["default"]
        changed.default, changed.duckdb_default = default.sql("snowflake"), run.scalar(default)
    elif action.args.get("allow_null") is not None:
        changed.nullable = bool(action.args["allow_null"])
    elif action.args.get("drop"):
        changed.default = changed.duckdb_default = changed.identity = None
    else:
        raise cannot(f"alter a column by {action.sql('snowflake')}")
    columns = [changed if c is column else c for c in table.columns]
    sources = {c.name: f"CAST({quote(c.name)} AS {c.type.duckdb})" for c in columns}
    _reshape(run, table, columns, sources)


def _drop_constraint(table: Table, name: str) -> None:
    if not any(c.name == name for c in table.constraints):
        raise missing_container("Constraint", name)
    table.constraints = [c for c in table.constraints if c.name != name]


def _drop_key(table: Table, text: str) -> None:
    """`DROP PRIMARY KEY`, `DROP UNIQUE (a)`, `DROP FOREIGN KEY (a)`; clustering changes nothing here."""
    found = re.match(r"\s*DROP\s+(PRIMARY\s+KEY|UNIQUE|FOREIGN\s+KEY)\s*(?:\((.*)\))?", text, re.I)
    if not found:
        if re.match(r"\s*(DROP\s+CLUSTERING|RESUME|SUSPEND)", text, re.I):
            return
        raise cannot(f"alter a table by {text}")
    kind = re.sub(r"\s+", " ", found[1].upper())
    columns = [c.strip()[1:-1] if c.strip().startswith('"') else c.strip().upper() for c in found[2].split(",")] if found[2] else None
    kept = [c for c in table.constraints if not (c.kind == kind and columns in (None, c.columns))]
    if len(kept) == len(table.constraints):
        raise missing_container("Constraint", kind)
    table.constraints = kept
