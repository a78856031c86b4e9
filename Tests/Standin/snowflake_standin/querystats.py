"""What queries cost: the QUERY_HISTORY functions of INFORMATION_SCHEMA, and GET_QUERY_OPERATOR_STATS.

Times and rows are those of the statements that were run here; nobody queues, and nothing is ever spilled, because DuckDB has
no directory to spill into. What is not known here (bytes, partitions, the warehouse's size) is NULL or absent, unless a test
plants it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from . import infoschema
from .errors import SqlError, cannot, insufficient, missing_container
from .names import fold
from .relations import Relation, relation
from .security.history import Query
from .security.places import Place

if TYPE_CHECKING:
    from .run import Run

HISTORIES = {"QUERY_HISTORY", "QUERY_HISTORY_BY_SESSION", "QUERY_HISTORY_BY_USER", "QUERY_HISTORY_BY_WAREHOUSE"}
OPERATORS = "GET_QUERY_OPERATOR_STATS"
USUAL_LIMIT, MOST = 100, 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HISTORY_HEADS = [
    "QUERY_ID", "QUERY_TEXT", "DATABASE_NAME", "SCHEMA_NAME", "QUERY_TYPE", "SESSION_ID:number", "USER_NAME", "ROLE_NAME", "WAREHOUSE_NAME",
    "WAREHOUSE_SIZE", "QUERY_TAG", "EXECUTION_STATUS", "ERROR_CODE", "ERROR_MESSAGE", "START_TIME:time", "END_TIME:time",
    "TOTAL_ELAPSED_TIME:number", "BYTES_SCANNED:number", "ROWS_PRODUCED:number", "COMPILATION_TIME:number", "EXECUTION_TIME:number",
    "QUEUED_PROVISIONING_TIME:number", "QUEUED_REPAIR_TIME:number", "QUEUED_OVERLOAD_TIME:number",
]
OPERATOR_HEADS = [
    "QUERY_ID", "STEP_ID:number", "OPERATOR_ID:number", "PARENT_OPERATORS:variant", "OPERATOR_TYPE", "OPERATOR_STATISTICS:variant",
    "EXECUTION_TIME_BREAKDOWN:variant", "OPERATOR_ATTRIBUTES:variant",
]
#: The words of the functions differ from those of the view.
STATUS = {"SUCCESS": "SUCCESS", "FAIL": "FAILED_WITH_ERROR"}


@dataclass
class Planted:
    """What a test says of every query whose text holds `match`: values that this server cannot know."""

    match: str
    bytes_scanned: int | None = None
    warehouse_size: str | None = None
    queued_provisioning_time: int = 0
    queued_repair_time: int = 0
    queued_overload_time: int = 0
    #: Operators as {"type", "statistics", "attributes"}; None leaves those that are known.
    operators: list[dict[str, Any]] | None = field(default=None)


def planted_for(run: Run, query: Query) -> Planted:
    """The last that was planted for the query; a query about queries is meant by none."""
    own = "QUERY_HISTORY" in query.text.upper() or OPERATORS in query.text.upper()
    found = [p for p in run.engine.security.history.planted if not own and p.match.upper() in query.text.upper()]
    return found[-1] if found else Planted("")


def replace_calls(run: Run, statement: exp.Expression) -> None:
    """Put the answers in the place of the calls."""
    for call in list(statement.find_all(exp.TableFromRows)):
        function, database, within = call.this, run.database, False
        if isinstance(function, exp.Dot):
            parts = list(function.flatten())
            function, within = parts[-1], fold(parts[-2]) == "INFORMATION_SCHEMA"
            if len(parts) == 3:
                database = fold(parts[0])
        name = function.name.upper() if isinstance(function, exp.Anonymous) else ""
        if name in HISTORIES and within:
            if not database or infoschema.exists(run.duck, (database,)):
                raise missing_container("Database", database or "")
            run.put(call, name, _history(run, name, function))
        elif name == OPERATORS:
            run.put(call, name, _operators(run, function))


def _monitors(run: Run, warehouse: str | None) -> bool:
    place = Place("WAREHOUSE", (warehouse or "",))
    return any(run.engine.roles.allows(run.session, privilege, place) for privilege in ("MONITOR", "OPERATE"))


def _history(run: Run, name: str, function: exp.Anonymous) -> Relation:
    given = {str(k.this.name).upper(): k.expression.name for k in function.expressions if isinstance(k, exp.Kwarg)}
    known = {"QUERY_HISTORY_BY_SESSION": "SESSION_ID", "QUERY_HISTORY_BY_USER": "USER_NAME", "QUERY_HISTORY_BY_WAREHOUSE": "WAREHOUSE_NAME"}.get(name)
    if len(given) != len(function.expressions) or set(given) - {"RESULT_LIMIT", known}:
        raise cannot(f"answer {name} with these arguments; it can with RESULT_LIMIT{f' and {known}' if known else ''}")
    limit = int(given.get("RESULT_LIMIT", USUAL_LIMIT))
    if not 1 <= limit <= MOST:
        raise SqlError("001003", "22023", f"Invalid value [{limit}] for function '{name}', parameter RESULT_LIMIT")
    found = [q for q in run.engine.security.history.queries if q.user == run.session.user or _monitors(run, q.warehouse)]
    if name == "QUERY_HISTORY_BY_SESSION":
        session = int(given.get("SESSION_ID", run.session.identity))
        found = [q for q in found if q.session_id == session]
    elif name == "QUERY_HISTORY_BY_USER":
        found = [q for q in found if q.user == given.get("USER_NAME", run.session.user).upper()]
    elif name == "QUERY_HISTORY_BY_WAREHOUSE":
        found = [q for q in found if q.warehouse == given.get("WAREHOUSE_NAME", run.session.warehouse or "").upper()]
    # The newest end first; what still runs has not ended.
    newest = sorted(found, key=lambda q: q.ended or datetime.max.replace(tzinfo=UTC), reverse=True)[:limit]
    return relation(HISTORY_HEADS, [_row(run, q) for q in newest])


def _row(run: Run, q: Query) -> list[Any]:
    planted = planted_for(run, q)
    elapsed = None if q.ended is None else int((q.ended - q.started).total_seconds() * 1000)
    return [
        q.id, q.text, q.database, q.schema, q.type, q.session_id, q.user, q.role, q.warehouse, planted.warehouse_size, q.tag or None,
        STATUS[q.status] if q.ended else "RUNNING", q.error_code, q.error_message, q.started, q.ended or EPOCH, elapsed, planted.bytes_scanned,
        q.rows_produced, None, None, planted.queued_provisioning_time, planted.queued_repair_time, planted.queued_overload_time,
    ]


def _operators(run: Run, function: exp.Anonymous) -> Relation:
    if len(function.expressions) != 1 or not isinstance(function.expressions[0], exp.Literal):
        raise cannot(f"answer {OPERATORS} but of one literal")
    wanted = function.expressions[0].name
    query = next((q for q in run.engine.security.history.queries if q.id == wanted and q.ended), None)
    if query is None:
        raise SqlError("000709", "02000", f"Statement {wanted} not found")
    if not _monitors(run, query.warehouse):
        raise insufficient("warehouse", query.warehouse or "")
    operators = planted_for(run, query).operators
    if operators is None:
        operators = [{"type": "Result", "statistics": {"input_rows": query.rows_produced}}]
        operators += [{"type": "TableScan", "attributes": {"table_name": table}} for table in query.tables]
    return relation(OPERATOR_HEADS, [
        [
            query.id, 1, number, None if number == 0 else "[0]", operator["type"], json.dumps(operator.get("statistics") or {}), "{}",
            json.dumps(operator.get("attributes") or {}),
        ]
        for number, operator in enumerate(operators)
    ])
