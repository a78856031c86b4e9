"""The session's time zone.

DuckDB itself always runs in UTC, which is the offset that every TIMESTAMP_TZ has here. What Snowflake
reads in the session's zone, TIMESTAMP_LTZ and the functions of the current time, is shifted to the zone
explicitly. The zone is a variable of the DuckDB session, so that a view shows the day of whoever reads it.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping

import duckdb
from sqlglot import exp

from .errors import compilation
from .kinds import Kinds
from .macros import call
from .names import fold, literal

UTC = "UTC"
VARIABLE = "sf_timezone"
T = exp.DataType.Type
#: What is read off the wall clock of a TIMESTAMP_LTZ.
PARTS = (
    exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear, exp.Week, exp.WeekOfYear,
    exp.Quarter, exp.LastDay,
)
DATES = (exp.TsOrDsToDate, exp.TsOrDsToTime, exp.TimeToStr)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
#: Casts to these read the clock.
WALL = {T.DATE, T.TIME, T.TIMESTAMP, T.TIMESTAMPNTZ, T.DATETIME}
INSTANTS = {"TIMESTAMP_LTZ", "TIMESTAMP_TZ"}
#: Parts of the epoch are the same in every zone.
ABSOLUTE = {"EPOCH", "EPOCH_SECOND", "EPOCH_SECONDS", "EPOCH_MILLISECOND", "EPOCH_MICROSECOND", "EPOCH_NANOSECOND", "NANOSECOND", "NS"}
_known = {name.lower(): name for name in zoneinfo.available_timezones()}


def canonical(name: str) -> str:
    """The name of the zone as the time zone database spells it."""
    if name.lower() not in _known:
        raise compilation("001008", "22023", f"invalid value ['{name}'] for parameter 'TIMEZONE'")
    return _known[name.lower()]


def is_utc(name: str) -> bool:
    return name.lower() in ("utc", "etc/utc")


def apply(duck: duckdb.DuckDBPyConnection, name: str) -> None:
    """Let `local` mean this zone in what the session runs from now on."""
    duck.execute(f"SET VARIABLE {VARIABLE} = {literal(UTC if is_utc(name) else name)}")


def local(instant: exp.Expression) -> exp.Expression:
    """The wall clock of the session's zone at an instant: a TIMESTAMP_NTZ."""
    return call("sf_local", instant)


def instant(wall: exp.Expression) -> exp.Expression:
    """The instant at which the clocks of the session's zone show this."""
    return call("sf_instant", wall)


def rewrite(node: exp.Expression, kinds: Kinds) -> exp.Expression:
    """Shift what the session's zone decides; any other node comes back as it is. Children are rewritten already."""
    if isinstance(node, exp.CurrentDate):
        return exp.cast(local(exp.CurrentTimestamp()), T.DATE)
    if isinstance(node, exp.Localtime):
        return exp.cast(local(exp.CurrentTimestamp()), T.TIME)
    if isinstance(node, exp.CurrentTimestamp) and node.args.get("sysdate"):
        return node
    if isinstance(node, (exp.Cast, exp.TryCast)):
        if node.to.this in WALL and kinds.of(node.this) == "TIMESTAMP_LTZ":
            node.set("this", local(node.this))
        return node
    if isinstance(node, exp.Anonymous) and node.name.upper() in ("TO_TIMESTAMP_NTZ", "TO_TIMESTAMP") and kinds.of(node.expressions[0]) == "TIMESTAMP_LTZ":
        node.set("expressions", [local(node.expressions[0]), *node.expressions[1:]])
    elif isinstance(node, (*PARTS, *DATES)) and kinds.of(node.this) == "TIMESTAMP_LTZ":
        node.set("this", local(node.this))
    elif isinstance(node, exp.Extract) and node.this.name.upper() not in ABSOLUTE and kinds.of(node.expression) == "TIMESTAMP_LTZ":
        node.set("expression", local(node.expression))
    elif isinstance(node, exp.TimestampTrunc) and kinds.of(node.this) == "TIMESTAMP_LTZ":
        node.set("this", local(node.this))
        return instant(node.copy())
    return node


def kinds_of_aliases(statement: exp.Expression, columns: Mapping[str, str], tables: Mapping[str, set[str]]) -> dict[str, str]:
    """The kinds of aliases that are timestamps, also through several queries.

    `columns` holds the kinds of names that mean a table's column and nothing else, `tables` those that a name may have as a column.
    """
    aliased: dict[str, list[exp.Expression]] = {}
    for alias in statement.find_all(exp.Alias):
        aliased.setdefault(fold(alias.args["alias"]), []).append(alias.this)
    # A name that is both, as in `max(placed_at) AS placed_at`, is taken for the column until something speaks against it.
    known = {**columns, **{n: next(iter(tables[n])) for n in aliased if len(tables.get(n, ())) == 1}}
    for _ in range(10):
        found = Kinds(known)
        after = dict(known)
        for name, values in aliased.items():
            seen = {found.of(value) for value in values} | tables.get(name, set())
            kind = seen.pop() if len(seen) == 1 else None
            if kind and kind.startswith("TIMESTAMP"):
                after[name] = kind
            else:
                after.pop(name, None)
        if after == known:
            return {name: known[name] for name in aliased if name in known}
        known = after
    return {}


def unsure(node: exp.Expression, kinds: Kinds) -> bool:
    """Whether another zone than UTC could change the node's value in a way that `rewrite` does not see."""
    if isinstance(node, (exp.Cast, exp.TryCast)):
        if node.to.this in (T.TIMESTAMPLTZ, T.TIMESTAMPTZ):
            return not _has_offset(node.this) and kinds.of(node.this) not in INSTANTS
        return node.to.this in WALL and kinds.may_be_local(node.this)
    if isinstance(node, exp.Anonymous) and node.name.upper() in ("TO_TIMESTAMP_LTZ", "TO_TIMESTAMP_TZ"):
        return not _has_offset(node.expressions[0]) and kinds.of(node.expressions[0]) not in INSTANTS
    if isinstance(node, (*PARTS, *DATES, exp.TimestampTrunc)):
        return kinds.may_be_local(node.this)
    if isinstance(node, exp.Extract):
        return node.this.name.upper() not in ABSOLUTE and kinds.may_be_local(node.expression)
    if isinstance(node, COMPARISONS):
        sides = [kinds.of(node.this), kinds.of(node.expression)]
        return "TIMESTAMP_LTZ" in sides and not set(sides) <= INSTANTS
    if isinstance(node, exp.Between):
        sides = [kinds.of(n) for n in (node.this, node.args["low"], node.args["high"])]
        return "TIMESTAMP_LTZ" in sides and not set(sides) <= INSTANTS
    return False


def _has_offset(node: exp.Expression) -> bool:
    text = node.name if isinstance(node, exp.Literal) and node.is_string else ""
    return text.endswith("Z") or any(sign in text[10:] for sign in "+-")
