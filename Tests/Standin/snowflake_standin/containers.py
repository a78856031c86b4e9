"""CREATE and DROP of databases and schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from . import infoschema
from .errors import cannot, exists, missing_container
from .names import fold, quote
from .relations import Relation, status
from .security.places import ACCOUNT
from .security.places import database as database_place
from .security.places import schema as schema_place
from .security.roles import SNOWFLAKE

if TYPE_CHECKING:
    from .engine import Run


def create_schema(run: Run, expression: exp.Create) -> Relation:
    table = expression.this
    schema, database = fold(table.args.get("db")), fold(table.args.get("catalog")) or run.database
    if not database or infoschema.exists(run.duck, (database,)):
        raise missing_container("Database", database or "")
    roles, place = run.engine.roles, schema_place(database, schema)
    roles.require_create(run.session, "CREATE SCHEMA", database_place(database))
    there = schema in infoschema.schemas(run.duck, database)
    if there and expression.args.get("exists"):
        run.use(database, schema)
        return status(f"{schema} already exists, statement succeeded.")
    if there and not expression.args.get("replace"):
        raise exists(schema)
    if there:
        roles.require_owner(run.session, place)
        run.duck.execute(f"DROP SCHEMA {quote(database)}.{quote(schema)} CASCADE")
        run.catalogue.drop_container(database, schema)
        run.engine.security.dropped_container(database, schema)
    if schema.lower() in [s.lower() for s in infoschema.schemas(run.duck, database)]:
        raise cannot(f"hold two schemas that differ from {schema} in case only")
    run.duck.execute(f"CREATE SCHEMA {quote(database)}.{quote(schema)}")
    roles.set_owner(place, run.session.role)
    roles.created(place)
    run.use(database, schema)
    return status(f"Schema {schema} successfully created.")


def create_database(run: Run, expression: exp.Create) -> Relation:
    name = fold(expression.this.this)
    there = name in infoschema.databases(run.duck)
    if there and expression.args.get("exists"):
        run.use(name, "PUBLIC")
        return status(f"{name} already exists, statement succeeded.")
    if there and not expression.args.get("replace"):
        raise exists(name)
    roles = run.engine.roles
    roles.require_create(run.session, "CREATE DATABASE", ACCOUNT)
    if name == SNOWFLAKE:
        raise exists(name)
    if there:
        roles.require_owner(run.session, database_place(name))
        drop_database(run, name)
    run.engine.create_database(run.duck, name)
    for place in (database_place(name), schema_place(name, "PUBLIC")):
        roles.set_owner(place, run.session.role)
    run.use(name, "PUBLIC")
    return status(f"Database {name} successfully created.")


def drop_database(run: Run, name: str) -> None:
    if run.database == name:
        run.use(None, None)
    run.duck.execute(f"DETACH {quote(name)}")
    run.catalogue.drop_container(name)
    run.engine.security.dropped_container(name)


def drop(run: Run, kind: str, target: exp.Table, if_exists: bool) -> str:
    roles = run.engine.roles
    if kind == "DATABASE":
        name = fold(target.this)
        if infoschema.exists(run.duck, (name,)):
            return absent("Database", name, if_exists)
        roles.require_owner(run.session, database_place(name))
        drop_database(run, name)
        return f"{name} successfully dropped."
    schema, database = fold(target.args.get("db")) or fold(target.this), fold(target.args.get("catalog")) or run.database
    if not database or infoschema.exists(run.duck, (database, schema)):
        return absent("Schema", f"{database}.{schema}", if_exists)
    roles.require_owner(run.session, schema_place(database, schema))
    if (run.database, run.schema) == (database, schema):
        run.use(database, None)
    run.duck.execute(f"DROP SCHEMA {quote(database)}.{quote(schema)} CASCADE")
    run.catalogue.drop_container(database, schema)
    run.engine.security.dropped_container(database, schema)
    return f"{schema} successfully dropped."


def absent(kind: str, name: str, if_exists: bool) -> str:
    if if_exists:
        return f"Drop statement executed successfully ({name.rsplit('.', 1)[-1]} already dropped)."
    raise missing_container(kind, name)
