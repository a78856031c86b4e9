"""EXPLAIN: compile a statement, which checks its names and its privileges, and run nothing.

The plan that is shown is a sketch: which operation, over which tables. Sizes and partitions are Snowflake's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from fakesnow.dialect import parse_one
from sqlglot import exp

from .. import bindings
from ..errors import cannot, wrong
from ..relations import Relation, relation
from .reader import Reader

if TYPE_CHECKING:
    from ..run import Run

CHANGES: dict[type, str] = {exp.Insert: "Insert", exp.Update: "Update", exp.Delete: "Delete", exp.Merge: "Merge"}
TABULAR = ["step:number", "id:number", "parentOperators", "operation", "objects", "alias", "expressions", "partitionsTotal:number",
           "partitionsAssigned:number", "bytesAssigned:number"]


def explain(reader: Reader, run: Run, values: dict[str, exp.Expression]) -> Relation:
    reader.expect("EXPLAIN")
    form = reader.takes_one(("USING TABULAR", "USING TEXT", "USING JSON")) or "USING TABULAR"
    statement = parse_one(reader.rest())
    if form == "USING JSON":
        raise wrong("EXPLAIN USING JSON, whose tree is the optimiser's")
    if values:
        statement = bindings.substitute(statement, values)
    tables = [name.dotted for name in run.names_in(statement)]
    if isinstance(statement, (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)):
        run.described(statement)
        operation = "Result"
    elif type(statement) in CHANGES:
        run.compiled(statement)
        operation = CHANGES[type(statement)]
    else:
        raise cannot("explain anything but SELECT, INSERT, UPDATE, DELETE and MERGE")
    steps = [(operation, None), *(("TableScan", name) for name in tables)]
    if form == "USING TEXT":
        lines = ["GlobalStats:", "    partitionsTotal=0", "    partitionsAssigned=0", "    bytesAssigned=0", "Operations:"]
        lines += [f"1:{number}     {'->' if not number else '     ->'}{what}{'  ' + name if name else ''}" for number, (what, name) in enumerate(steps)]
        return relation(["content"], [["\n".join(lines) + "\n"]])
    rows: list[list] = [[None, None, None, "GlobalStats", None, None, None, 0, 0, 0]]
    rows += [[1, number, "[0]" if number else None, what, name, None, None, None, None, None] for number, (what, name) in enumerate(steps)]
    return relation(TABULAR, rows)


def compile_only(run: Run, sql: str) -> None:
    """Let DuckDB bind a statement without running it."""
    try:
        run.duck.execute(f"EXPLAIN {sql}").fetchall()
    except duckdb.ParserException:
        raise cannot("explain this statement") from None
