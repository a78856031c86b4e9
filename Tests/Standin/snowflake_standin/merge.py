"""MERGE, by DuckDB's own. fakesnow's keeps its candidates in a table of another database, which a transaction may not write to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlglot import exp

from .errors import SqlError
from .relations import relation

if TYPE_CHECKING:
    from .run import Run

ACTIONS = {"INSERT": "number of rows inserted", "UPDATE": "number of rows updated", "DELETE": "number of rows deleted"}


def name_source(statement: exp.Merge) -> None:
    """What MERGE inserts comes from its source, also where a column is not said to; DuckDB takes the name for both sides."""
    source = statement.args["using"]
    name = source.args["alias"].this if source.args.get("alias") else source.this
    for when in statement.find_all(exp.When):
        then = when.args["then"]
        values = then.expression if isinstance(then, exp.Insert) else None
        for column in values.find_all(exp.Column) if isinstance(values, exp.Expression) else ():
            if not column.table:
                column.set("table", name.copy())


def run(run: Run, statement: exp.Merge) -> None:
    """Merge, and answer with the counts of what the statement may do."""
    rewritten = run.rewritten(statement)
    assert isinstance(rewritten, exp.Merge)
    merged = run.cursor._transform(rewritten, None)
    assert isinstance(merged, exp.Merge)
    _refuse_two_for_one(run, merged)
    done = Counter(action for (action,) in run.duck.execute(f"{merged.sql('duckdb')} RETURNING merge_action").fetchall())
    possible = {_action(when) for when in merged.find_all(exp.When)}
    heads = [(action, head) for action, head in ACTIONS.items() if action in possible]
    run.answer(relation([f"{head}:number" for _, head in heads], [[done[action] for action, _ in heads]]))
    run.cursor._rowcount = sum(done.values())


def _action(when: exp.When) -> str:
    then = when.args["then"]
    return "INSERT" if isinstance(then, exp.Insert) else "UPDATE" if isinstance(then, exp.Update) else "DELETE"


def _refuse_two_for_one(run: Run, merged: exp.Merge) -> None:
    """Snowflake does not choose between two rows of the source for one of the target (ERROR_ON_NONDETERMINISTIC_MERGE)."""
    matched = [when for when in merged.find_all(exp.When) if when.args.get("matched")]
    if not matched:
        return
    conditions = [when.args.get("condition") for when in matched]
    chosen = "" if None in conditions else " AND (" + " OR ".join(f"({c.sql('duckdb')})" for c in conditions if c) + ")"
    target, source = merged.this.sql("duckdb"), merged.args["using"].sql("duckdb")
    query = (
        f"SELECT 1 FROM {target} JOIN {source} ON ({merged.args['on'].sql('duckdb')}){chosen} "
        f"GROUP BY {merged.this.alias_or_name}.rowid HAVING COUNT(*) > 1 LIMIT 1"
    )
    if run.duck.execute(query).fetchall():
        raise SqlError("100090", "42P18", "Duplicate row detected during DML action")
