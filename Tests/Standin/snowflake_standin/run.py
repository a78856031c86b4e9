"""One statement of one session: resolve its names, check its rights, and have fakesnow execute it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import duckdb
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

from . import bindings, dependencies, infoschema, merge, plain, querystats, rewrite, travel, zones
from .catalogue import Table
from .ddl import result_type
from .errors import CANCELLED, SqlError, cannot, missing_container, missing_object, wrong
from .infer import Inference, Output
from .kinds import Kinds
from .names import Name, fold, qualify, quote, resolve
from .relations import Relation
from .security import explain, policyquery, policyrefs
from .security.places import Place
from .security.places import database as database_place
from .security.places import schema as schema_place
from .security.policybody import Context
from .security.roles import SNOWFLAKE
from .session import Session, of
from .sftypes import SFType, from_arrow

if TYPE_CHECKING:
    from .engine import Engine

#: Up to this scale a product of NUMBERs has the same scale in Snowflake and in DuckDB.
PRODUCT_SCALE = 12
#: Which privilege writing needs, and which argument of the statement is written.
WRITES: dict[type, str] = {
    exp.Insert: "INSERT", exp.Update: "UPDATE", exp.Delete: "DELETE", exp.Merge: "UPDATE", exp.TruncateTable: "TRUNCATE",
    exp.Copy: "INSERT",
}


class Run:
    def __init__(self, engine: Engine, cursor: FakeSnowflakeCursor, text: str, parameters: Any = None):
        self.engine, self.cursor, self.text, self.parameters = engine, cursor, text, parameters
        self.connection = cursor._conn
        self.session: Session = of(self.connection)
        self.catalogue = engine.catalogue
        #: The generated INFORMATION_SCHEMA views of this statement, and their columns.
        self._generated: dict[str, list[Output]] = {}
        #: The tables that the statement reads, by their full names.
        self.scanned: list[str] = []
        #: Set by EXECUTE USING POLICY_CONTEXT.
        self.policy_context: Context | None = None
        #: The kinds of the columns that the statement may name.
        self._kinds: dict[str, str] = {}
        #: Names that may mean a TIMESTAMP_LTZ, for all that is known.
        self._local: set[str] = set()
        #: Whether what was translated last is right only where the session's time zone is UTC.
        self.only_utc = False

    @property
    def duck(self) -> duckdb.DuckDBPyConnection:
        return self.cursor._duck_conn

    @property
    def database(self) -> str | None:
        return self.connection.database

    @property
    def schema(self) -> str | None:
        return self.connection.schema

    # Names and rights

    def use(self, database: str | None, schema: str | None) -> None:
        """Make a schema current, in fakesnow's eyes and in DuckDB's."""
        path = f"{quote(database)}.{quote(schema or 'main')}" if database else "memory.main"
        self.duck.execute(f"SET schema = '{path}'")
        self.connection.database, self.connection._schema = database, schema
        self.connection.database_set, self.connection.schema_set = bool(database), bool(schema)

    def resolve(self, table: exp.Table) -> Name:
        name = resolve(table, self.database, self.schema)
        if missing := infoschema.exists(self.duck, name):
            raise missing_container(missing, name.database if missing == "Database" else f"{name.database}.{name.schema}")
        return name

    def find(self, table: exp.Table) -> tuple[Table, str]:
        """A table that exists, and its name as it was written."""
        written = ".".join(fold(part) for part in table.parts)
        name = self.resolve(table)
        found = self.catalogue.get(name)
        if not found:
            raise missing_object(written)
        return found, written

    def readable(self, table: exp.Table) -> Table:
        found, written = self.find(table)
        self.engine.roles.require(self.session, "SELECT", found, written)
        return found

    def owned(self, table: exp.Table) -> Table:
        found, written = self.find(table)
        self.engine.roles.require(self.session, "OWNERSHIP", found, written)
        return found

    def require_ownership(self, table: Table) -> None:
        self.engine.roles.require(self.session, "OWNERSHIP", table, table.name.dotted)

    def require_create(self, name: Name, privilege: str) -> None:
        self.engine.roles.require_containers(self.session, name)
        self.engine.roles.require_create(self.session, privilege, schema_place(name.database, name.schema))

    def names_in(self, query: exp.Expression) -> list[Name]:
        """The tables that a query reads."""
        return [resolve(t, self.database, self.schema) for t in self.references(query)]

    @staticmethod
    def references(query: exp.Expression) -> list[exp.Table]:
        return [t for t in query.find_all(exp.Table) if isinstance(t.this, exp.Identifier) and not _is_cte(t)]

    # Translation

    def bind(self, statement: exp.Expression, policies: bool = True) -> list[Table]:
        """Resolve every table, check rights and time travel, and write exact names. Returns what is written to."""
        written_to: list[Table] = []
        if isinstance(statement, exp.Merge):
            merge.name_source(statement)
        context = self.policy_context or policyquery.session_context(self)
        policyrefs.decide_roles(statement, context)
        target = self._target(statement)
        kinds: dict[str, set[str]] = {}
        for reference in self.references(statement):
            if self._is_information(reference):
                self._generate(reference)
                continue
            if fold(reference.args.get("catalog")) == SNOWFLAKE:
                schema, view = fold(reference.args.get("db")), fold(reference.this)
                self.put(reference, view, self.engine.security.account_usage.read(schema, view, self.session))
                continue
            table, written = self.find(reference)
            if reference is target:
                for privilege in self._needed(statement):
                    self.engine.roles.require(self.session, privilege, table, written)
                if table.kind == "VIEW":
                    raise cannot("write to a view")
                if not isinstance(statement, (exp.Insert, exp.TruncateTable)) and policyquery.protected(self, table):
                    raise cannot("change rows of a table under a policy")
                written_to.append(table)
            else:
                self.engine.roles.require(self.session, "SELECT", table, written)
                self.scanned.append(table.name.dotted)
                if table.kind == "VIEW":
                    self.engine.roles.require_view(table)
                    self._note_zone(table.only_utc)
            if when := reference.args.get("when"):
                travel.check(self, table, when, written)
                reference.set("when", None)
            qualify(reference, table.name)
            read = [table]
            if policies and reference is not target and policyquery.protected(self, table):
                read = policyquery.guard(self, reference, table, context)
            for column in (c for one in read for c in one.columns):
                kinds.setdefault(column.name, set()).add(column.type.kind)
        policyrefs.replace_calls(self, statement)
        dependencies.put_references(self, statement)
        dependencies.put_texts(self, statement)
        querystats.replace_calls(self, statement)
        aliases = {fold(a.args["alias"]) for a in statement.find_all(exp.Alias) if not a.meta.get(policyquery.OURS)}
        aliases |= {fold(c) for a in statement.find_all(exp.TableAlias) for c in a.columns}
        made = {column.name for columns in self._generated.values() for column in columns}
        rewrite.check_identifiers(statement, aliases | set(kinds) | made)
        # A name that is also an alias may mean either.
        self._kinds = {name: k.copy().pop() for name, k in kinds.items() if len(k) == 1 and name not in aliases}
        if any("TIMESTAMP_LTZ" in k for k in kinds.values()) or statement.find(exp.CurrentTimestamp):
            self._kinds.update(zones.kinds_of_aliases(statement, self._kinds, kinds))
            self._local = (aliases | set(kinds)) - set(self._kinds)
        return written_to

    @staticmethod
    def _needed(statement: exp.Expression) -> list[str]:
        """The privileges on what is written to; MERGE needs those of its branches, and reads the table."""
        if not isinstance(statement, exp.Merge):
            return [WRITES[type(statement)]]
        branches = [when.args["then"] for when in statement.find_all(exp.When)]
        kinds = {"INSERT" if isinstance(b, exp.Insert) else "UPDATE" if isinstance(b, exp.Update) else "DELETE" for b in branches}
        return ["SELECT", *sorted(kinds)]

    def _require_warehouse(self, statement: exp.Expression) -> None:
        """Rows are read and written by a warehouse; where roles are strict, the role must be able to use it."""
        roles, name = self.engine.roles, self.session.warehouse
        if roles.strict and statement.find(exp.Table) and not (name and roles.allows(self.session, "USAGE", Place("WAREHOUSE", (name,)))):
            text = "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command."
            raise SqlError("000606", "57P03", text)

    @staticmethod
    def _target(statement: exp.Expression) -> exp.Table | None:
        if type(statement) not in WRITES:
            return None
        target = statement.expressions[0] if isinstance(statement, exp.TruncateTable) else statement.this
        return target.this if isinstance(target, exp.Schema) else target

    def _is_information(self, reference: exp.Table) -> bool:
        schema = fold(reference.args.get("db"))
        return schema == "INFORMATION_SCHEMA" or (not schema and (self.schema or "").upper() == "INFORMATION_SCHEMA")

    def _generate(self, reference: exp.Table) -> None:
        """Put a generated relation in the place of an INFORMATION_SCHEMA view."""
        database, view = fold(reference.args.get("catalog")) or self.database, fold(reference.this)
        make = self.engine.information.views.get(view)
        if not database or infoschema.exists(self.duck, (database,)) or not self.engine.roles.allows(self.session, None, database_place(database)):
            raise missing_container("Database", database or "")
        if not make:
            raise missing_object(f"INFORMATION_SCHEMA.{view}")
        self.put(reference, view, make(database, self.session, self.duck))

    def put(self, reference: exp.Expression, view: str, relation: Relation) -> None:
        """Put a generated relation, known by the view's name, in the place of a reference."""
        name = f"_standin_view_{len(self._generated) + 1}"
        self._generated[name] = [Output(column, type_) for column, type_ in relation.columns]
        self.duck.register(name, relation.table)
        alias = reference.args.get("alias") or exp.TableAlias(this=exp.to_identifier(view, quoted=True))
        replacement = exp.Table(this=exp.to_identifier(name, quoted=True), alias=alias)
        if joins := reference.args.get("joins"):
            replacement.set("joins", joins)
        reference.replace(replacement)

    @property
    def reads_generated(self) -> bool:
        return bool(self._generated)

    def release(self) -> None:
        for name in self._generated:
            self.duck.unregister(name)

    def translated(self, statement: exp.Expression) -> exp.Expression:
        """A bound statement in DuckDB's terms, by our rewriting and then fakesnow's."""
        rewritten = self.rewritten(statement)
        return plain.fold_names(rewritten) if plain.is_plain(rewritten) else self.cursor._transform(rewritten, None)

    def rewritten(self, statement: exp.Expression) -> exp.Expression:
        rewritten, only_utc = rewrite.rewrite(statement, self.session, self.database, self.schema, Kinds(self._kinds, self._local))
        self._note_zone(only_utc)
        return rewritten

    def _note_zone(self, only_utc: bool) -> None:
        """Refuse what another time zone than UTC may change without our seeing it."""
        self.only_utc = self.only_utc or only_utc
        if only_utc and not self.session.is_utc:
            raise cannot(f"tell what this is with TIMEZONE = {self.session.parameter('TIMEZONE')}; it can with UTC")

    def apply_zone(self) -> None:
        """Tell DuckDB the session's time zone, where it is or was another than UTC."""
        if not self.session.is_utc or self.session.has_zone:
            zones.apply(self.duck, self.session.parameter("TIMEZONE"))
            self.session.has_zone = True

    def described(self, query: exp.Expression, policies: bool = True) -> tuple[str, list[tuple[str, SFType, bool]]]:
        """DuckDB's text of a query and its result columns."""
        self.bind(query, policies)
        inferred = Inference(self.catalogue, self._generated).outputs(query)
        sql = self.translated(query).sql("duckdb")
        rows = self.duck.execute(f"DESCRIBE {sql}").fetchall()
        return sql, self._typed([(row[0], row[1]) for row in rows], inferred)

    @staticmethod
    def _typed(described: list[tuple[str, str]], inferred: list | None) -> list[tuple[str, SFType, bool]]:
        if inferred is None or len(inferred) != len(described):
            return [(name, result_type(type_, None), True) for name, type_ in described]
        return [
            (name, result_type(type_, found.type), found.nullable or found.type is None)
            for (name, type_), found in zip(described, inferred, strict=True)
        ]

    def scalar(self, expression: exp.Expression) -> str:
        """DuckDB's text of an expression without tables: a default, a point in time."""
        select = exp.Select(expressions=[exp.alias_(expression.copy(), "V")])
        return self.translated(select).expressions[0].this.sql("duckdb")

    # Execution

    def query(self, statement: exp.Expression) -> None:
        """A SELECT: through fakesnow, typed by what the catalogue declares."""
        self.bind(statement)
        self._require_warehouse(statement)
        self._wait(statement)
        inferred = Inference(self.catalogue, self._generated).outputs(statement)
        transformed = self.translated(statement)
        self.cursor._execute(transformed, None)
        described = [(d[0], str(d[1])) for d in self.duck.description]
        columns = self._typed(described, inferred)
        if any(t.kind == "NUMBER" and (t.scale or 0) > PRODUCT_SCALE for _, t, _ in columns) and statement.find(exp.Mul):
            raise wrong(f"a product with a scale above {PRODUCT_SCALE}")
        self.engine.finish(self.cursor, columns)

    def write(self, statement: exp.Expression) -> None:
        """DML. The catalogue notes when the rows changed."""
        tables = self.bind(statement)
        self._note_zone(not self.session.is_utc and any(c.type.kind in zones.INSTANTS for t in tables for c in t.columns))
        self._require_warehouse(statement)
        if isinstance(statement, exp.Insert):
            if bindings.is_plain(statement):
                self.cursor._execute(statement, None)
            else:
                self._write_through(statement)
        else:
            # DuckDB fails the second of two changes at once; Snowflake lets it wait.
            with self.engine.change_lock:
                if isinstance(statement, exp.Merge):
                    merge.run(self, statement)
                else:
                    self._write_through(statement)
        for table in tables:
            self.catalogue.touch(table.name)
        if not isinstance(statement, exp.Merge):
            self.finish_as_is()

    def compiled(self, statement: exp.Expression) -> None:
        """Bind DML as `write` does, and run nothing."""
        self.bind(statement)
        rewritten = self.rewritten(statement)
        for part in self.cursor._transform_explode(rewritten):
            explain.compile_only(self, self.cursor._transform(part, None).sql("duckdb"))

    def _write_through(self, statement: exp.Expression) -> None:
        rewritten = self.rewritten(statement)
        for part in self.cursor._transform_explode(rewritten):
            self.cursor._execute(self.cursor._transform(part, None), None)

    def together(self, *statements: str) -> None:
        """Run DuckDB's DDL as one, so that no other session finds a table missing in between."""
        try:
            self.duck.execute("BEGIN")
            own = True
        except duckdb.TransactionException:
            own = False
        try:
            for statement in statements:
                self.duck.execute(statement)
        except BaseException:
            if own:
                self.duck.execute("ROLLBACK")
            raise
        if own:
            self.duck.execute("COMMIT")

    def finish_as_is(self) -> None:
        """Type the result by what DuckDB gave."""
        schema = self.cursor._arrow_table.schema
        self.engine.finish(self.cursor, [(field.name, from_arrow(field.type), False) for field in schema])

    def _wait(self, statement: exp.Expression) -> None:
        """SYSTEM$WAIT, which a cancel interrupts."""
        if seconds := rewrite.take_wait(statement):
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                if self.session.cancelled.wait(min(left, 0.5)):
                    raise SqlError(*CANCELLED)

    def answer(self, relation: Relation) -> None:
        """Give the cursor a generated result."""
        self.cursor._arrow_table, self.cursor._rowcount = relation.table, relation.table.num_rows
        self.engine.finish(self.cursor, [(name, type_, True) for name, type_ in relation.columns])


def _is_cte(reference: exp.Table) -> bool:
    """Whether a name means a common table expression: one in front of it, or its own when recursive."""
    if reference.args.get("db"):
        return False
    name, inside, node = fold(reference.this), reference, reference.parent
    while node is not None:
        if with_ := node.args.get("with_"):
            for cte in with_.expressions:
                own = inside is with_ and reference.find_ancestor(exp.CTE) and _within(reference, cte)
                if own and not with_.args.get("recursive"):
                    break
                if fold(cte.args["alias"].this) == name:
                    return True
                if own:
                    break
        inside, node = node, node.parent
    return False


def _within(node: exp.Expression | None, ancestor: exp.Expression) -> bool:
    while node is not None and node is not ancestor:
        node = node.parent
    return node is ancestor
