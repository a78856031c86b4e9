"""Snowflake's column types: how they are written, stored in DuckDB, and described on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from .errors import cannot

T = exp.DataType.Type
MAX_TEXT, MAX_BINARY = 16777216, 8388608
INTEGERS = {T.INT, T.BIGINT, T.SMALLINT, T.TINYINT, T.MEDIUMINT, T.INT128, T.INT256, T.UINT, T.UBIGINT}
FLOATS = {T.FLOAT, T.DOUBLE}
TEXTS = {T.VARCHAR, T.TEXT, T.NVARCHAR, T.CHAR, T.NCHAR}
BINARIES = {T.BINARY, T.VARBINARY}
TIMES = {
    T.TIMESTAMP: "TIMESTAMP_NTZ",
    T.TIMESTAMPNTZ: "TIMESTAMP_NTZ",
    T.DATETIME: "TIMESTAMP_NTZ",
    T.TIMESTAMPLTZ: "TIMESTAMP_LTZ",
    T.TIMESTAMPTZ: "TIMESTAMP_TZ",
    T.TIME: "TIME",
}
PLAIN = {
    T.BOOLEAN: "BOOLEAN",
    T.DATE: "DATE",
    T.VARIANT: "VARIANT",
    T.JSON: "VARIANT",
    T.OBJECT: "OBJECT",
    T.ARRAY: "ARRAY",
    T.STRUCT: "OBJECT",
}


@dataclass(frozen=True)
class SFType:
    """A type as Snowflake declares it. `kind` is the word that INFORMATION_SCHEMA uses."""

    kind: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None

    @property
    def text(self) -> str:
        """As DESCRIBE TABLE writes it."""
        if self.kind == "NUMBER":
            return f"NUMBER({self.precision},{self.scale})"
        if self.kind == "TEXT":
            return f"VARCHAR({self.length})"
        if self.kind == "BINARY":
            return f"BINARY({self.length})"
        if self.scale is not None:
            return f"{self.kind}({self.scale})"
        return self.kind

    @property
    def duckdb(self) -> str:
        """The DuckDB type that stores it. Never BIGINT: NUMBER arithmetic must not wrap at 2^63."""
        if self.kind == "NUMBER":
            return f"DECIMAL({self.precision},{self.scale})"
        return {
            "TEXT": "VARCHAR",
            "FLOAT": "DOUBLE",
            "BINARY": "BLOB",
            "VARIANT": "JSON",
            "OBJECT": "JSON",
            "ARRAY": "JSON",
            "TIMESTAMP_NTZ": "TIMESTAMP",
            "TIMESTAMP_LTZ": "TIMESTAMP WITH TIME ZONE",
            "TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE",
        }.get(self.kind, self.kind)

    @property
    def wire(self) -> str:
        return {"NUMBER": "FIXED", "FLOAT": "REAL"}.get(self.kind, self.kind)


NUMBER = SFType("NUMBER", None, 38, 0)
FLOAT = SFType("FLOAT")
TEXT = SFType("TEXT", MAX_TEXT)
LTZ = SFType("TIMESTAMP_LTZ", None, None, 9)
BOOLEAN = SFType("BOOLEAN")


def from_declared(declared: exp.DataType) -> SFType:
    """The type of a column definition or a cast."""
    params = [int(p.name) for p in declared.expressions if isinstance(p, exp.DataTypeParam)]
    kind = declared.this
    if kind in INTEGERS:
        return NUMBER
    if kind == T.DECIMAL:
        return SFType("NUMBER", None, params[0] if params else 38, params[1] if len(params) > 1 else 0)
    if kind in FLOATS:
        return FLOAT
    if kind in TEXTS:
        default = 1 if kind in (T.CHAR, T.NCHAR) else MAX_TEXT
        return SFType("TEXT", params[0] if params else default)
    if kind in BINARIES:
        return SFType("BINARY", params[0] if params else MAX_BINARY)
    if kind in TIMES:
        return SFType(TIMES[kind], None, None, params[0] if params else 9)
    if kind in PLAIN:
        return SFType(PLAIN[kind])
    raise cannot(f"store the type {declared.sql('snowflake')}")


DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
WHOLE = {"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "UHUGEINT"}


def from_duckdb(name: str) -> SFType:
    """The type of a computed column, as far as DuckDB's type tells."""
    if name in WHOLE:
        return NUMBER
    if found := DECIMAL.fullmatch(name):
        return SFType("NUMBER", None, int(found[1]), int(found[2]))
    if name in ("DOUBLE", "FLOAT"):
        return FLOAT
    if name in ("VARCHAR", '"NULL"', "NULL"):
        return TEXT
    if name == "BLOB":
        return SFType("BINARY", MAX_BINARY)
    if name == "TIMESTAMP WITH TIME ZONE":
        return SFType("TIMESTAMP_TZ", None, None, 9)
    if name.startswith("TIMESTAMP"):
        return SFType("TIMESTAMP_NTZ", None, None, 9)
    if name == "TIME":
        return SFType("TIME", None, None, 9)
    if name in ("BOOLEAN", "DATE"):
        return SFType(name)
    if name == "JSON":
        return SFType("VARIANT")
    raise cannot(f"name Snowflake's type of DuckDB's {name}")


def from_arrow(type_: pa.DataType) -> SFType:
    """The type of a column that fakesnow made up."""
    if pa.types.is_integer(type_) or pa.types.is_decimal(type_):
        return NUMBER
    if pa.types.is_timestamp(type_):
        return SFType("TIMESTAMP_TZ" if type_.tz else "TIMESTAMP_NTZ", None, None, 9)
    return BOOLEAN if pa.types.is_boolean(type_) else TEXT


def row_type(name: str, type_: SFType, nullable: bool = True) -> dict:
    """One entry of `resultSetMetaData.rowType`."""
    return {
        "name": name,
        "database": "",
        "schema": "",
        "table": "",
        "nullable": nullable,
        "precision": type_.precision if type_.kind == "NUMBER" else (0 if type_.scale is not None else None),
        "scale": type_.scale,
        "byteLength": min(type_.length * 4, MAX_TEXT) if type_.kind == "TEXT" else type_.length,
        "length": type_.length,
        "type": type_.wire.lower(),
        "collation": None,
    }
