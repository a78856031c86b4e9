"""Bind variables become literals, so that a rewrite may move or repeat them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from .errors import SqlError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
T = exp.DataType.Type


def bad(position: str, value: object) -> SqlError:
    return SqlError("100037", "22000", f"Invalid bind value for parameter {position}: {value!r}")


def substitute(statement: exp.Expression, values: Mapping[str, exp.Expression]) -> exp.Expression:
    """Replace `?` and `:n` by the literals given for positions "1", "2", …"""
    position = 0
    for node in list(statement.find_all(exp.Placeholder, bfs=False)):
        name = node.name
        if not name or name == "?":
            position += 1
            name = str(position)
        if name not in values:
            raise SqlError("002049", "42601", f"SQL compilation error: error line 1 at position 0\nBind variable ?{name} not set.")
        node.replace(values[name].copy())
    return statement


def from_python(values: Sequence[Any] | Mapping[str, Any] | None) -> dict[str, exp.Expression]:
    """The values that fakesnow decoded from a v1 request."""
    if not values:
        return {}
    pairs = values.items() if isinstance(values, Mapping) else enumerate(values, 1)
    return {str(key): literal(value) for key, value in pairs}


def literal(value: Any) -> exp.Expression:
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, (int, Decimal)):
        return exp.Literal.number(value)
    if isinstance(value, float):
        return exp.cast(exp.Literal.string(repr(value)), T.DOUBLE)
    if isinstance(value, (bytes, bytearray)):
        return exp.HexString(this=value.hex().upper())
    if isinstance(value, datetime):
        kind = T.TIMESTAMPTZ if value.tzinfo and value.utcoffset() else T.TIMESTAMP
        text = value.isoformat(" ") if kind == T.TIMESTAMPTZ else value.replace(tzinfo=None).isoformat(" ")
        return exp.cast(exp.Literal.string(text), kind)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), T.DATE)
    if isinstance(value, time):
        return exp.cast(exp.Literal.string(value.isoformat()), T.TIME)
    return exp.Literal.string(str(value))


def from_request(given: Mapping[str, Mapping[str, Any]]) -> dict[str, exp.Expression]:
    """The `bindings` of a v2 request: values are strings, dates in ms, times in ns."""
    result = {}
    for position, entry in given.items():
        kind, value = str(entry.get("type", "")).upper(), entry.get("value")
        try:
            result[position] = exp.Null() if value is None else _typed(kind, str(value))
        except (ValueError, ArithmeticError, KeyError):
            raise bad(position, value) from None
    return result


def _typed(kind: str, value: str) -> exp.Expression:
    if kind == "FIXED":
        return exp.Literal.number(format(Decimal(value), "f"))
    if kind in ("REAL", "DECFLOAT"):
        return literal(float(value))
    if kind == "TEXT":
        return exp.Literal.string(value)
    if kind == "BINARY":
        return literal(bytes.fromhex(value))
    if kind == "BOOLEAN":
        return exp.Boolean(this={"true": True, "false": False, "1": True, "0": False}[value.lower()])
    if kind == "DATE":
        return literal((EPOCH + timedelta(milliseconds=int(value))).date())
    if kind == "TIME":
        return literal((EPOCH + timedelta(microseconds=int(value) // 1000)).time())
    if kind in ("TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"):
        moment = EPOCH + timedelta(microseconds=int(value.split()[0]) // 1000)
        if kind == "TIMESTAMP_NTZ":
            return literal(moment.replace(tzinfo=None))
        return exp.cast(exp.Literal.string(moment.isoformat(" ")), T.TIMESTAMPTZ)
    raise ValueError(kind)


def is_plain(statement: exp.Insert) -> bool:
    """Whether an INSERT has only literals to insert, which nothing needs to rewrite."""
    values = statement.expression
    if not isinstance(values, exp.Values) or statement.args.get("overwrite"):
        return False
    simple = (exp.Literal, exp.Null, exp.Boolean, exp.Neg)
    return all(
        isinstance(row, (exp.Tuple, exp.Paren)) and all(isinstance(item, simple) for item in (row.expressions or [row.this]))
        for row in values.expressions
    )
