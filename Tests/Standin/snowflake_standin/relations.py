"""Small generated relations: what SHOW, DESCRIBE and INFORMATION_SCHEMA answer from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from .sftypes import BOOLEAN, LTZ, NUMBER, TEXT, SFType

TYPES: dict[str, tuple[SFType, pa.DataType]] = {
    "text": (TEXT, pa.string()),
    "number": (NUMBER, pa.int64()),
    "boolean": (BOOLEAN, pa.bool_()),
    "variant": (SFType("VARIANT"), pa.string()),
    "time": (LTZ, pa.timestamp("us", tz="UTC")),
}


@dataclass
class Relation:
    """Named, typed columns and their rows."""

    columns: list[tuple[str, SFType]]
    table: pa.Table


def relation(heads: Sequence[str], rows: Iterable[Sequence]) -> Relation:
    """`heads` are `name` or `name:type`; a type is text when it is not given."""
    split = [(h.rpartition(":") if ":" in h else (h, "", "text")) for h in heads]
    found = list(rows)
    columns = [(name, TYPES[kind][0]) for name, _, kind in split]
    arrays = [pa.array([row[i] for row in found], TYPES[kind][1]) for i, (_, _, kind) in enumerate(split)]
    schema = pa.schema([pa.field(name, TYPES[kind][1]) for name, _, kind in split])
    return Relation(columns, pa.Table.from_arrays(arrays, schema=schema))


def status(message: str) -> Relation:
    """The one-row answer of a command."""
    return relation(["status"], [[message]])
