"""Constructs that DuckDB would answer, but not as Snowflake does. They fail here, loudly."""

from __future__ import annotations

import re

from sqlglot import exp

from . import formats
from .errors import cannot, wrong

NAMED = {
    "HASH": "HASH is Snowflake's own function",
    "HASH_AGG": "HASH_AGG is Snowflake's own function",
    "APPROX_TOP_K": "an estimate of Snowflake's own",
    "HLL": "an estimate of Snowflake's own",
    "TO_GEOGRAPHY": "GEOGRAPHY",
    "TO_GEOMETRY": "GEOMETRY",
    "SOUNDEX": "SOUNDEX",
}
TYPES: dict[type, str] = {
    exp.HashAgg: "HASH_AGG is Snowflake's own function",
    exp.ApproxDistinct: "an estimate of Snowflake's own",
    exp.Hll: "an estimate of Snowflake's own",
    exp.PercentileCont: "PERCENTILE_CONT, which DuckDB rounds to the column's scale",
    exp.Soundex: "SOUNDEX",
    exp.ParseUrl: "PARSE_URL",
}
FORMATTED = (exp.ToChar, exp.TimeToStr, exp.NumberToStr)
FINE = re.compile(r"\d:\d{2}\.\d{6}\d*[1-9]\d*")
TIME_TYPES = {
    exp.DataType.Type.TIMESTAMP,
    exp.DataType.Type.TIMESTAMPNTZ,
    exp.DataType.Type.TIMESTAMPLTZ,
    exp.DataType.Type.TIMESTAMPTZ,
    exp.DataType.Type.TIME,
}


def check(node: exp.Expression) -> None:
    """Raise when the construct is known to come out wrong."""
    if reason := TYPES.get(type(node)):
        raise wrong(reason)
    if isinstance(node, exp.Anonymous) and (reason := NAMED.get(node.name.upper())):
        raise wrong(reason)
    if isinstance(node, FORMATTED) and node.args.get("format") is not None and not (isinstance(node, exp.TimeToStr) and formats.strftime(node)):
        raise wrong("TO_CHAR with a format model")
    if isinstance(node, exp.ToNumber) and _has_format(node):
        raise wrong("TO_NUMBER with a format model")
    if isinstance(node, (exp.StrToTime, exp.TsOrDsToDate, exp.StrToDate)) and node.args.get("format") is not None:
        raise wrong("a date or timestamp parsed by a format model")
    if isinstance(node, exp.Collate) and not _is_plain(node.expression):
        raise wrong("a collation other than ''")
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.to.this in TIME_TYPES:
        if FINE.search(node.this.name):
            raise wrong("nanoseconds, which DuckDB truncates to microseconds")
    if isinstance(node, exp.SHA2) and node.args.get("length") is not None and node.args["length"].name not in ("256", "0"):
        raise wrong("SHA2 of another length than 256")
    if isinstance(node, exp.HistoricalData) and node.name.upper() not in ("AT", "BEFORE"):
        raise cannot(f"answer {node.name}")


def _has_format(node: exp.ToNumber) -> bool:
    format_ = node.args.get("format")
    return format_ is not None and format_.is_string


def _is_plain(collation: exp.Expression | None) -> bool:
    return collation is not None and collation.name in ("", "utf8", "bin")
