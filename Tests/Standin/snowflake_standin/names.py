"""Names: unquoted ones fold to upper case, quoted ones are exact."""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp

from .errors import SqlError


class Name(NamedTuple):
    """A fully qualified object name, exactly as Snowflake stores it."""

    database: str
    schema: str
    name: str

    @property
    def sql(self) -> str:
        return ".".join(quote(part) for part in self)

    @property
    def dotted(self) -> str:
        return ".".join(self)


def quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def fold(identifier: exp.Expression | str | None) -> str:
    """The stored spelling of an identifier; empty when there is none."""
    if identifier is None or isinstance(identifier, str):
        return (identifier or "").upper()
    if isinstance(identifier, (exp.Column, exp.Table)):
        return fold(identifier.this)
    return identifier.name if identifier.args.get("quoted") else identifier.name.upper()


def resolve(table: exp.Table, database: str | None, schema: str | None) -> Name:
    """The full name of a table reference in a session."""
    catalog = fold(table.args.get("catalog")) or database
    db = fold(table.args.get("db")) or schema
    if not catalog or not db:
        what, code = ("database", "090105") if not catalog else ("schema", "090106")
        command = f"Call 'USE {what.upper()}', or use a qualified name."
        raise SqlError(code, "22000", f"Cannot perform SELECT. This session does not have a current {what}. {command}")
    return Name(catalog, db, fold(table.this))


def qualify(table: exp.Table, name: Name) -> None:
    """Write the full, exact name into the reference."""
    for part, text in (("catalog", name.database), ("db", name.schema), ("this", name.name)):
        table.set(part, exp.Identifier(this=text, quoted=True))


def parse_name(text: str) -> exp.Table:
    return exp.to_table(text.strip().rstrip(";").strip(), dialect="snowflake")
