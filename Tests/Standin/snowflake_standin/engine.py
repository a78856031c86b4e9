"""The centre: every statement, from v1 or v2, passes here before fakesnow executes it.

fakesnow's cursor is patched in one place, so that its own v1 routes obey the same rules.
"""

from __future__ import annotations

import logging
import re
import threading
import uuid
import warnings
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import duckdb
import fakesnow.arrow
import fakesnow.cursor
import fakesnow.server
import fakesnow.transforms as transforms
import pyarrow as pa
import pyarrow.compute as pc
from fakesnow import info_schema
from fakesnow import macros as fakesnow_macros
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.dialect import parse_one
from sqlglot import exp

from . import alter, bindings, ddl, infoschema, macros
from . import session as sessions
from .catalogue import Catalogue, now
from .errors import SqlError, cannot, compilation, missing_container, translate
from .infoschema import InformationSchema
from .names import fold, quote
from .relations import Relation, relation, status
from .run import WRITES, Run
from .security import explain, policyquery
from .security.commands import Commands
from .security.core import Security
from .security.history import Query
from .security.places import Place
from .security.places import database as database_place
from .security.places import schema as schema_place
from .security.reader import Reader
from .session import Session
from .sftypes import SFType
from .show import Show, described

DATABASE, SCHEMA, WAREHOUSE, ROLE = "STANDIN", "PUBLIC", "STANDIN_WH", "SYSADMIN"
DONE = "Statement executed successfully."
QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)


class Engine:
    def __init__(self) -> None:
        # sqlglot offers a dialect to other threads before it is wholly loaded, and their statements would be written in another:
        # whoever loads it first must be alone.
        exp.CurrentTimestamp().sql("duckdb")
        self.catalogue = Catalogue()
        self.security = Security(self.catalogue)
        self.roles = self.security.roles
        self.commands = Commands(self.security)
        self.information = InformationSchema(self.catalogue, self.roles, self.security.parameters.retention)
        self.show = Show(self.catalogue, self.roles, self.security.parameters.retention)
        self.snow = fakesnow.server.shared_fs
        #: DuckDB lets one change of a catalogue entry win and the other fail; Snowflake queues them.
        self.ddl_lock = threading.RLock()
        self.change_lock = threading.RLock()
        macros.install(self.snow.duck_conn)
        # Nothing is spilled, so that querystats.py can say so.
        self.snow.duck_conn.execute("SET temp_directory = ''")
        #: fakesnow's own way to execute a text.
        self.original = FakeSnowflakeCursor.execute
        self.session_of = sessions.of
        self._patch()
        self.create_database(self.snow.duck_conn, DATABASE)
        for place in (database_place(DATABASE), schema_place(DATABASE, SCHEMA), Place("WAREHOUSE", (WAREHOUSE,))):
            self.roles.set_owner(place, ROLE)

    def _patch(self) -> None:
        logging.getLogger("sqlglot").setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", message="Arrow output on a DB-API")
        engine, original = self, self.original
        described = FakeSnowflakeCursor._describe_last_sql

        def execute(cursor: FakeSnowflakeCursor, command: str, params: Any = None, *_: Any, **kwargs: Any) -> FakeSnowflakeCursor:
            values = bindings.from_python(kwargs.get("binding_params") or params)
            engine.execute(cursor, command, values, lambda: original(cursor, command, params, **kwargs))
            return cursor

        def describe(cursor: FakeSnowflakeCursor) -> list:
            columns = getattr(cursor, "standin_columns", None)
            if columns is None:
                return described(cursor)
            return [(name, type_.duckdb, None, None, None, None) for name, type_, _ in columns]

        fakesnow.server.parse_one = self.commands.parse
        FakeSnowflakeCursor.execute = execute  # type: ignore[method-assign]
        FakeSnowflakeCursor._describe_last_sql = describe  # type: ignore[method-assign]
        # These transforms of fakesnow's lose digits or arguments; rewrite.py has done their work.
        for name in ("integer_precision", "numeric_agg_implicit_cast", "trim_cast_varchar"):
            setattr(transforms, name, lambda expression: expression)
        # Without a mask the connector reads a NULL timestamp as 1970.
        to_struct = fakesnow.arrow.timestamp_to_sf_struct
        fakesnow.arrow.timestamp_to_sf_struct = lambda column: _masked(to_struct(column), column)
        logging.getLogger("fakesnow.server").setLevel(logging.ERROR)
        to_timestamp = transforms.to_timestamp
        transforms.to_timestamp = lambda e: e if isinstance(e, exp.Cast) else to_timestamp(e)

    def create_database(self, duck: duckdb.DuckDBPyConnection, name: str) -> None:
        if name.lower() in [d.lower() for d in infoschema.databases(duck)]:
            raise cannot(f"hold two databases that differ from {name} in case only")
        duck.execute(f"ATTACH ':memory:' AS {quote(name)}")
        duck.execute(info_schema.per_db_creation_sql(quote(name) if quote(name) != f'"{name.upper()}"' else name))
        duck.execute(fakesnow_macros.creation_sql(quote(name)))
        duck.execute(f"CREATE SCHEMA {quote(name)}.{quote('PUBLIC')}")

    def connect(self, database: str | None, schema: str | None, session: Session) -> Any:
        """A connection for one v2 request, with a DuckDB cursor of its own."""
        connection = self.snow.connect()
        # fakesnow keeps every result for ever; these go with the connection.
        connection.results_cache = {}
        connection.standin = session  # type: ignore[attr-defined]
        if database:
            if infoschema.exists(connection._duck_conn, (database,)):
                raise SqlError("390201", "08004", "The requested database does not exist or not authorized.")
            if schema and infoschema.exists(connection._duck_conn, (database, schema)):
                raise SqlError("390202", "08004", "The requested schema does not exist or not authorized.")
            Run(self, connection.cursor(), "").use(database, schema)
        return connection

    def close(self, connection: Any) -> None:
        duck = connection._duck_conn
        for name in sessions.of(connection).temporary:
            if self.catalogue.get(name):
                duck.execute(f"DROP TABLE IF EXISTS {name.sql}")
                self.catalogue.drop(name)
        connection.close()

    def finish(self, cursor: FakeSnowflakeCursor, columns: list[tuple[str, SFType, bool]]) -> None:
        """Leave on the cursor what both protocols need to answer."""
        cursor.standin_columns = columns  # type: ignore[attr-defined]
        cursor._sfqid = str(uuid.uuid4())
        if cursor._last_transformed is None:
            cursor._last_transformed = transforms.SUCCESS_NOP.copy()
        cursor._conn.results_cache[cursor._sfqid] = (
            cursor._arrow_table, cursor._rowcount, cursor._last_sql, cursor._last_params, cursor._last_transformed,
        )

    # Statements

    def execute(
        self, cursor: FakeSnowflakeCursor, text: str, values: dict[str, exp.Expression], original: Any, handle: str | None = None,
        submitted: datetime | None = None,
    ) -> None:
        """Run one statement. Raises SqlError, whatever went wrong below.

        `submitted` is when the request came, before anything kept it waiting.
        """
        run = Run(self, cursor, text)
        cursor.standin_columns = None  # type: ignore[attr-defined]
        noted = self._note(run, text, handle)
        noted.started = submitted or noted.started
        try:
            run.apply_zone()
            text = _without_comments(cursor._inline_variables(text))
            if command := self.commands.find(text):
                # A list need not wait for a long CREATE.
                with nullcontext() if self.commands.only_reads(text) else self.ddl_lock:
                    answer = self.commands.answer(command, text, run)
                if answer is not None:
                    run.answer(answer)
                    return
            expression = parse_one(text)
            if not self._dispatch(run, text, expression, values):
                cursor._last_transformed = None
                original()
                if not (cursor._last_transformed and cursor._last_transformed.args.get("put_stage_data")):
                    run.finish_as_is()
            if noted.type == "SELECT":
                noted.rows_produced, noted.tables = cursor._arrow_table.num_rows, run.scanned
        except Exception as error:
            failure = translate(error)
            noted.status, noted.error_code, noted.error_message = "FAIL", failure.code, failure.text
            raise failure from error
        finally:
            noted.ended, noted.id = now(), handle or cursor._sfqid or noted.id
            run.release()
            run.session.last_query = cursor._sfqid or run.session.last_query

    def _note(self, run: Run, text: str, handle: str | None) -> Query:
        """The statement's row in the history of queries. v1 gives it the identifier that it answers with."""
        session = run.session
        query = Query(
            text, session.user, session.role, session.warehouse, run.database, run.schema, session_id=int(session.identity),
            tag=session.parameter("QUERY_TAG"), **({"id": handle} if handle else {}),
        )
        self.security.history.queries.append(query)
        return query

    def _dispatch(self, run: Run, text: str, expression: exp.Expression, values: dict[str, exp.Expression]) -> bool:
        """Whether the statement was handled here; fakesnow takes the rest as it is."""
        word = (re.match(r"[\s(;]*(\w+)", text) or [""])[0].strip(" \n\t(;").upper()
        if word == "USE" and isinstance(expression, exp.Use):
            self._use(run, expression)
        elif re.match(r"\s*ALTER\s+SESSION\b", text, re.I):
            sessions.alter_session(run.session, text)
            run.answer(status(DONE))
        elif word == "SHOW":
            if re.match(r"\s*SHOW\s+(FUNCTIONS|PROCEDURES|FILE\s+FORMATS)\b", text, re.I):
                return False
            found = self.show.answer(text, run.session, run.duck, run.database, run.schema)
            if found is None:
                raise cannot(f"answer {text.strip()}")
            run.answer(found)
        elif word == "CALL":
            wait = re.fullmatch(r"\s*CALL\s+(SYSTEM\$WAIT\s*\(.*\))\s*;?\s*", text, re.I | re.S)
            if not wait:
                raise cannot("call a procedure")
            run.query(parse_one(f"SELECT {wait[1]} AS SYSTEM$WAIT"))
        elif isinstance(expression, exp.Describe):
            self._describe(run, expression)
        elif isinstance(expression, (exp.Create, exp.Drop, exp.Alter, exp.Comment)):
            return self._define(run, expression)
        elif isinstance(expression, QUERIES):
            if values:
                expression = bindings.substitute(expression, values)
            if isinstance(expression, exp.Select) and _is_result_scan(expression):
                return False
            run.query(expression)
        elif type(expression) in WRITES and not isinstance(expression, exp.Copy):
            run.write(bindings.substitute(expression, values) if values else expression)
        elif isinstance(expression, exp.Copy):
            return self._copy(run, expression)
        elif word == "EXPLAIN":
            run.answer(explain.explain(Reader(text), run, values))
        elif word == "EXECUTE" and re.match(r"\s*EXECUTE\s+USING\s+POLICY_CONTEXT\b", text, re.I):
            run.query(policyquery.execute_using(Reader(text), run))
        elif word in ("UNDROP", "EXECUTE", "UNLOAD") or isinstance(expression, exp.Undrop):
            raise cannot(f"run {word}")
        else:
            return False
        return True

    def _define(self, run: Run, expression: exp.Expression) -> bool:
        with self.ddl_lock:
            if isinstance(expression, exp.Create):
                found = ddl.create(run, expression)
            elif isinstance(expression, exp.Drop):
                found = ddl.drop(run, expression)
            elif isinstance(expression, exp.Alter):
                found = alter.alter(run, expression)
            else:
                found = ddl.comment(run, expression)
        if found is None:
            return False
        run.answer(found)
        return True

    def _use(self, run: Run, expression: exp.Use) -> None:
        kind = expression.args.get("kind")
        what = (kind.name if isinstance(kind, exp.Expression) else str(kind or "")).upper()
        target = expression.this
        if what == "SECONDARY ROLES":
            value = target.name.upper()
            if value not in ("ALL", "NONE"):
                raise cannot("use a list of secondary roles")
            run.session.secondary = value
        elif what == "ROLE":
            self.roles.use(run.session, fold(target.this))
        elif what == "WAREHOUSE":
            sessions.use_warehouse(run.session, fold(target.this))
        else:
            parts = [fold(p) for p in target.parts]
            if what == "SCHEMA" and len(parts) == 1:
                parts = [run.database or "", *parts]
            if missing := infoschema.exists(run.duck, tuple(parts)):
                raise missing_container(missing, ".".join(parts))
            if not self.roles.allows(run.session, None, database_place(parts[0])):
                raise missing_container("Database", parts[0])
            within = len(parts) > 1 and parts[1] != "INFORMATION_SCHEMA"
            if within and not self.roles.allows(run.session, None, schema_place(*parts[:2])):
                raise missing_container("Schema", ".".join(parts))
            there = infoschema.exists(run.duck, (parts[0], "PUBLIC")) is None
            run.use(parts[0], parts[1] if len(parts) > 1 else "PUBLIC" if there else None)
        run.answer(status(DONE))

    def _describe(self, run: Run, expression: exp.Describe) -> None:
        table = described(expression)
        if table is None:
            _, columns = run.described(expression.this)
            run.cursor._duck_conn.execute("SELECT 1")
            run.answer(ddl_described(columns))
            return
        found, written = run.find(table)
        if not self.roles.visible(run.session, found):
            raise compilation("002003", "42S02", f"Object '{written}' does not exist or not authorized.")
        run.answer(self.show.describe(found))

    def _copy(self, run: Run, expression: exp.Copy) -> bool:
        """COPY INTO a table: fakesnow loads, the catalogue notes it."""
        if isinstance(expression.this, exp.Table) and isinstance(expression.this.this, exp.Identifier):
            table, written = run.find(expression.this)
            self.roles.require(run.session, "INSERT", table, written)
            run.cursor._execute(run.cursor._transform(expression, None), None)
            self.catalogue.touch(table.name)
            run.finish_as_is()
            return True
        return False


def _masked(struct: pa.StructArray, column: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """The struct of a timestamp, NULL where the timestamp is."""
    missing = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    parts = [pc.fill_null(struct.field(i), 0) for i in range(struct.type.num_fields)]
    return pa.StructArray.from_arrays(parts, fields=list(struct.type), mask=pc.is_null(missing))


def ddl_described(columns: list[tuple[str, SFType, bool]]) -> Relation:
    """What DESCRIBE of a query gives: DuckDB's columns, since only fakesnow asks."""
    heads = ["column_name", "column_type", "null", "key", "default", "extra"]
    return relation(heads, [[name, type_.duckdb, "YES", None, None, None] for name, type_, _ in columns])


#: Tools sign their statements so. Anything else at either end could be the inside of a string.
COMMENT = r"/\*(?:[^*]|\*(?!/))*\*/"


def _without_comments(text: str) -> str:
    """The statement without comments before and after it."""
    return re.sub(rf"(?:\s*{COMMENT})+\s*;?\s*$", "", re.sub(rf"^(?:\s*{COMMENT})+", "", text))


def _is_result_scan(expression: exp.Select) -> bool:
    from_ = expression.args.get("from_")
    return bool(from_ and isinstance(from_.this, exp.TableFromRows) and "RESULT_SCAN" in from_.this.sql().upper())
