"""Cells as SQL API v2 writes them when no output format is set."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from .sftypes import SFType

MICRO = 1_000_000


def rows(table: pa.Table, types: list[SFType], start: int, count: int, nullable: bool = True) -> list[list[str | None]]:
    """A stretch of a result, each value as a string or null."""
    part = table.slice(start, count)
    if not types:
        return []
    columns = [list(_cells(part.column(i), type_, nullable)) for i, type_ in enumerate(types)]
    return [list(row) for row in zip(*columns, strict=True)]


def _cells(column: pa.ChunkedArray, type_: SFType, nullable: bool) -> Iterator[str | None]:
    missing = None if nullable else "null"
    write, values = _writer(column, type_)
    for value in values:
        yield missing if value is None else write(value)


def _writer(column: pa.ChunkedArray, type_: SFType) -> tuple[Callable[[Any], str], list]:
    kind, stored = type_.kind, column.type
    if pa.types.is_timestamp(stored):
        values = column.cast(pa.timestamp("us", tz=stored.tz)).cast(pa.int64()).to_pylist()
        return (_zoned if kind == "TIMESTAMP_TZ" else seconds), values
    if pa.types.is_time(stored):
        return seconds, column.cast(pa.time64("us")).cast(pa.int64()).to_pylist()
    if pa.types.is_date(stored):
        return str, column.cast(pa.date32()).cast(pa.int32()).to_pylist()
    values = column.to_pylist()
    if pa.types.is_decimal(stored):
        return (lambda d: format(d, "f")), values
    if pa.types.is_floating(stored):
        return number, values
    if pa.types.is_boolean(stored):
        return (lambda b: "true" if b else "false"), values
    if pa.types.is_binary(stored) or pa.types.is_large_binary(stored):
        return (lambda b: b.hex().upper()), values
    return str, values


def seconds(micros: int) -> str:
    """Seconds since the epoch or since midnight, with nine decimals."""
    whole, part = divmod(abs(micros), MICRO)
    return f"{'-' if micros < 0 else ''}{whole}.{part * 1000:09d}"


def _zoned(micros: int) -> str:
    """The instant, then the offset in minutes plus 1440. The offset is always UTC here."""
    return f"{seconds(micros)} 1440"


def number(value: float) -> str:
    """The shortest text that reads back as the same double."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)
