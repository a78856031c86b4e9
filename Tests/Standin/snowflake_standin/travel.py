"""Time Travel, answered only where the answer is certain: the rows did not change since the point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlglot import exp

from .catalogue import Table, now
from .errors import SqlError, cannot

if TYPE_CHECKING:
    from .run import Run

#: Snowflake's points have milliseconds; the times kept here have microseconds.
SLACK = timedelta(milliseconds=1)


def check(run: Run, table: Table, when: exp.HistoricalData, written: str) -> None:
    """Raise unless the table's rows at the point are its rows now."""
    point = _point(run, when)
    moment = now()
    if point > moment + timedelta(seconds=1):
        raise cannot(f"look into the future: {point.isoformat()}")
    for one in _bases(run, table):
        if point < moment - timedelta(days=run.engine.security.parameters.retention(one)) - SLACK:
            raise unavailable(written)
        if point < one.created - SLACK:
            raise unavailable(written)
        if point < one.changed - SLACK:
            raise cannot(f"show {one.name.dotted} as of {point.isoformat()}: its rows changed at {one.changed.isoformat()}")


def unavailable(written: str) -> SqlError:
    return SqlError(
        "000707",
        "02000",
        f"Time travel data is not available for table {written}. The requested time is either beyond the allowed time "
        "travel period or before the object creation time.",
    )


def _bases(run: Run, table: Table) -> list[Table]:
    """The tables whose rows are read: the table, or what a view stands on."""
    if table.kind != "VIEW":
        return [table]
    found = [run.catalogue.get(name) for name in table.sources]
    return [base for one in found if one for base in _bases(run, one)]


def _point(run: Run, when: exp.HistoricalData) -> datetime:
    kind = str(when.args.get("kind")).upper()
    value = when.args.get("expression")
    if kind == "TIMESTAMP" and value is not None:
        sql = f"SELECT CAST({run.scalar(value)} AS TIMESTAMPTZ)"
    elif kind == "OFFSET" and value is not None:
        sql = f"SELECT now() + to_seconds(CAST({run.scalar(value)} AS DOUBLE))"
    else:
        raise cannot(f"travel to a {kind}")
    found = run.duck.execute(sql).fetchall()[0][0]
    return found.astimezone(UTC)
