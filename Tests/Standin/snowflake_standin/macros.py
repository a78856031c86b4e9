"""DuckDB macros and functions that make Snowflake's answers out of DuckDB's.

They live in fakesnow's own global database and are called by their full name, so every session finds
them whatever its current schema is. Where the right answer depends on a type that is known only to
DuckDB's binder, a macro asks `typeof`, which the binder folds into a constant: no cost per row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal

import duckdb
import pyarrow as pa
from sqlglot import exp

HOME = "_fs_global.main"
WRONG = "the stand-in would answer this wrongly: "

MACROS = f"""
-- The digest is read as big-endian halves, unsigned. DuckDB's own md5_number_* swap the bytes.
CREATE OR REPLACE MACRO {HOME}.sf_md5_lower64(x) AS ('0x' || right(md5(x), 16))::UBIGINT::HUGEINT;
CREATE OR REPLACE MACRO {HOME}.sf_md5_upper64(x) AS ('0x' || left(md5(x), 16))::UBIGINT::HUGEINT;

-- Division of NUMBER has a scale rule of its own in Snowflake; only FLOAT division is the same.
CREATE OR REPLACE MACRO {HOME}.sf_div(a, b) AS CASE
  WHEN typeof(a) NOT IN ('DOUBLE', 'FLOAT') AND typeof(b) NOT IN ('DOUBLE', 'FLOAT')
    THEN error('{WRONG}a division of exact numbers; cast one side to FLOAT')
  WHEN b::DOUBLE = 0 THEN error('Division by zero')
  ELSE a::DOUBLE / b::DOUBLE END;

CREATE OR REPLACE MACRO {HOME}.sf_inexact(x) AS CASE
  WHEN typeof(x) IN ('DOUBLE', 'FLOAT', '"NULL"') THEN x::DOUBLE
  ELSE error('{WRONG}AVG, MEDIAN and the like over NUMBER; cast the argument to FLOAT') END;

CREATE OR REPLACE MACRO {HOME}.sf_ln(x) AS CASE
  WHEN x::DOUBLE <= 0 THEN error('Invalid floating point operation: ln of zero or less') ELSE ln(x::DOUBLE) END;

-- Text of a value, as TO_VARCHAR without a format gives it.
CREATE OR REPLACE MACRO {HOME}.sf_text(x) AS CASE
  WHEN typeof(x) = 'VARCHAR' THEN x::VARCHAR
  WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN error('{WRONG}the text of a FLOAT')
  WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN error('{WRONG}the text of a TIMESTAMP_LTZ or _TZ')
  WHEN typeof(x) LIKE 'TIMESTAMP%' THEN strftime(x::TIMESTAMP, '%Y-%m-%d %H:%M:%S.%g')
  WHEN typeof(x) = 'TIME' THEN left(x::VARCHAR, 8)
  WHEN typeof(x) = 'BLOB' THEN hex(x::BLOB)
  WHEN typeof(x) = 'JSON' THEN x::JSON ->> '$'
  ELSE x::VARCHAR END;

CREATE OR REPLACE MACRO {HOME}.sf_format(x, f) AS CASE
  WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN strftime(timezone('UTC', x::TIMESTAMPTZ), f)
  WHEN typeof(x) LIKE 'TIMESTAMP%' OR typeof(x) = 'DATE' THEN strftime(x::TIMESTAMP, f)
  ELSE error('{WRONG}TO_CHAR with a format model') END;

CREATE OR REPLACE MACRO {HOME}.sf_varchar(x, n) AS CASE
  WHEN length(x::VARCHAR) > n THEN error('String ''' || x::VARCHAR || ''' is too long and would be truncated')
  ELSE x::VARCHAR END;

CREATE OR REPLACE MACRO {HOME}.sf_binary(x) AS CASE
  WHEN typeof(x) = 'BLOB' THEN x::BLOB ELSE unhex(x::VARCHAR) END;

CREATE OR REPLACE MACRO {HOME}.sf_octets(x) AS CASE
  WHEN typeof(x) = 'BLOB' THEN octet_length(x::BLOB) ELSE strlen({HOME}.sf_text(x)) END;

-- DuckDB rounds the seconds of the epoch; Snowflake cuts them.
CREATE OR REPLACE MACRO {HOME}.sf_epoch(x) AS date_diff('second', TIMESTAMP '1970-01-01', x::TIMESTAMP);

CREATE OR REPLACE MACRO {HOME}.sf_nanosecond(x) AS (extract(microseconds FROM x) % 1000000) * 1000;

-- The session's zone, see zones.py.
CREATE OR REPLACE MACRO {HOME}.sf_local(x) AS timezone(coalesce(getvariable('sf_timezone'), 'UTC'), x::TIMESTAMPTZ);
CREATE OR REPLACE MACRO {HOME}.sf_instant(x) AS timezone(coalesce(getvariable('sf_timezone'), 'UTC'), x::TIMESTAMP);

-- DuckDB makes a TIMESTAMP of a DATE that is truncated or added to.
CREATE OR REPLACE MACRO {HOME}.sf_stamp(source, result) AS CASE
  WHEN typeof(source) = 'DATE' THEN error('{WRONG}the type of DATEADD or DATE_TRUNC of a DATE; cast the result to DATE')
  ELSE result END;

CREATE OR REPLACE MACRO {HOME}.sf_typeof(x) AS CASE
  WHEN typeof(x) <> 'JSON' THEN error('{WRONG}TYPEOF of something that is not VARIANT')
  WHEN json_type(x) = 'NULL' THEN 'NULL_VALUE'
  WHEN json_type(x) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT') THEN 'INTEGER'
  WHEN json_type(x) <> 'DOUBLE' THEN json_type(x)
  WHEN regexp_full_match(x::VARCHAR, '-?[0-9]+') THEN 'INTEGER'
  WHEN regexp_matches(x::VARCHAR, '[eE]') THEN 'DOUBLE'
  ELSE 'DECIMAL' END;
"""


def call(name: str, *arguments: exp.Expression | None) -> exp.Anonymous:
    """A call of a macro, as fakesnow's chain of transforms leaves it alone."""
    return exp.Anonymous(this=f"{HOME}.{name}", expressions=[a for a in arguments if a is not None])


class _Float(float):
    """A JSON number in scientific notation: Snowflake makes a DOUBLE of it."""


def _number(text: str) -> Decimal | _Float:
    return _Float(text) if "e" in text.lower() or len(text.strip("-").replace(".", "")) > 38 else Decimal(text)


def _unique(pairs: list[tuple[str, object]]) -> dict:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'duplicate object attribute "{twice}"')
    return dict(pairs)


def _write(value: object) -> str:
    """Compact, keys sorted, decimals as they were written: what TO_JSON gives."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_write(k)}:{_write(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, _Float):
        return f"{value:.15e}"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return json.dumps(value, ensure_ascii=False)


def canonical_json(text: str) -> str | None:
    """Parse as PARSE_JSON does and write as TO_JSON does. Empty text is NULL."""
    if not text.strip():
        return None
    try:
        return _write(json.loads(text, parse_float=_number, object_pairs_hook=_unique))
    except ValueError as error:
        short = re.sub(r"\s+", " ", str(error))
        raise duckdb.InvalidInputException(f"Error parsing JSON: {short}") from None


def _tried(text: str) -> str | None:
    try:
        return canonical_json(text)
    except duckdb.Error:
        return None


def _columnwise(function: Callable[[str], str | None]) -> Callable[[pa.ChunkedArray], pa.Array]:
    def run(column: pa.ChunkedArray) -> pa.Array:
        return pa.array([None if v is None else function(v) for v in column.to_pylist()], pa.string())

    return run


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Define everything once for the process; cursors of the same database see it."""
    connection.execute(MACROS)
    for name, function in (("sf_json", canonical_json), ("sf_try_json", _tried)):
        connection.create_function(
            name, _columnwise(function), ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
        )
