"""Errors as Snowflake words them, and the translation of DuckDB's errors into them."""

from __future__ import annotations

import re

import duckdb
import snowflake.connector.errors as connector


class SqlError(connector.ProgrammingError):
    """A failed statement. A connector error, so that fakesnow's v1 routes can answer it as well."""

    def __init__(self, code: str, sql_state: str, message: str):
        super().__init__(msg=message, errno=int(code), sqlstate=sql_state, done_format_msg=True)
        self.code, self.sql_state, self.text = code, sql_state, message


def compilation(code: str, sql_state: str, text: str) -> SqlError:
    return SqlError(code, sql_state, f"SQL compilation error:\n{text}")


def missing_object(name: str) -> SqlError:
    return compilation("002003", "42S02", f"Object '{name}' does not exist or not authorized.")


def missing_container(kind: str, name: str) -> SqlError:
    return compilation("002003", "02000", f"{kind} '{name}' does not exist or not authorized.")


def insufficient(kind: str, name: str) -> SqlError:
    return SqlError(
        "003001", "42501", f"SQL access control error:\nInsufficient privileges to operate on {kind} '{name}'."
    )


def invalid_identifier(name: str) -> SqlError:
    return SqlError("000904", "42000", f"SQL compilation error: error line 1 at position 0\ninvalid identifier '{name}'")


def syntax(text: str) -> SqlError:
    return compilation("001003", "42000", f"syntax error line 1 at position 0 {text}")


def exists(name: str) -> SqlError:
    return compilation("002002", "42710", f"Object '{name}' already exists.")


def wrong(what: str) -> SqlError:
    """DuckDB would answer, but not as Snowflake does. Silence here would be a false test result."""
    return SqlError("000002", "0A000", f"the stand-in would answer this wrongly: {what}")


def cannot(what: str) -> SqlError:
    return SqlError("000002", "0A000", f"the stand-in cannot {what}")


CANCELLED = ("000604", "57014", "SQL execution canceled")
NOT_FOUND = re.compile(r"Referenced (?:column|table) \"([^\"]+)\" (?:was )?not found|does not have a column named \"([^\"]+)\"")
CHECK = re.compile(r"CHECK constraint failed on table .* with expression CHECK\(+length\((.*?)\) <= (\d+)")


def translate(error: BaseException) -> SqlError:
    """What Snowflake would have said where fakesnow or DuckDB failed."""
    if isinstance(error, SqlError):
        return error
    cause = error if isinstance(error, duckdb.Error) else error.__cause__
    message = str(cause if isinstance(cause, duckdb.Error) else getattr(error, "msg", None) or error)
    first = message.split("\n\nLINE")[0].strip()
    if isinstance(cause, duckdb.InterruptException):
        return SqlError(*CANCELLED)
    if isinstance(cause, duckdb.ParserException):
        return syntax(first)
    if isinstance(cause, duckdb.ConstraintException):
        return _constraint(first)
    if found := NOT_FOUND.search(first):
        return invalid_identifier(found[1] or found[2])
    if "Scalar Function with name" in first or "Function with name" in first:
        name = re.search(r"[Ff]unction with name (\S+)", first)
        return compilation("002140", "42601", f"Unknown function {(name[1] if name else '?').upper()}")
    if isinstance(cause, duckdb.CatalogException):
        return compilation("002003", "42S02", first)
    if isinstance(cause, (duckdb.ConversionException, duckdb.OutOfRangeException)):
        return _conversion(first)
    if isinstance(cause, duckdb.InvalidInputException):
        return _invalid_input(first)
    if isinstance(cause, duckdb.BinderException):
        return compilation("001044", "42P13", first)
    if isinstance(error, connector.Error) and error.errno == 1003:
        place = re.search(r"[Ll]ine (\d+), Col: (\d+)", first)
        line, column = place.groups() if place else ("1", "0")
        detail = first.splitlines()[0].removeprefix("001003 (42000): ").split(" but got <Token")[0].rstrip(".")
        return compilation("001003", "42000", f"syntax error line {line} at position {column} unexpected input. {detail}.")
    if isinstance(error, connector.Error) and error.errno and error.errno > 0:
        raw = error.raw_msg if hasattr(error, "raw_msg") else error.msg
        return SqlError(f"{error.errno:06d}", error.sqlstate or "42000", raw or first)
    return SqlError("000603", "XX000", f"the stand-in failed inside: {type(error).__name__}: {first}")


def _constraint(text: str) -> SqlError:
    if found := CHECK.search(text):
        return SqlError("100078", "22000", f"A string is too long for column {found[1]} ({found[2]}) and would be truncated")
    if "NOT NULL" in text:
        column = text.rsplit(".", 1)[-1].strip('"')
        return SqlError("100072", "22000", f"NULL result in a non-nullable column '{column}'")
    return SqlError("100072", "22000", text)


def _conversion(text: str) -> SqlError:
    if "date" in text or "timestamp" in text.lower() or "time " in text:
        return SqlError("100040", "22007", text)
    if "string" in text:
        return SqlError("100038", "22018", text)
    return SqlError("100046", "22003", f"Number out of representable range: {text}")


def _invalid_input(text: str) -> SqlError:
    text = text.removeprefix("Invalid Input Error: ")
    if text.startswith(("the stand-in would answer", "the stand-in cannot")):
        return SqlError("000002", "0A000", text)
    if "Division by zero" in text:
        return SqlError("100051", "22012", "Division by zero")
    if "too long and would be truncated" in text:
        return SqlError("100078", "22000", text)
    if "parsing JSON" in text:
        return SqlError("100069", "22P02", text[text.index("Error parsing JSON"):].split("\n")[0])
    return SqlError("100035", "22000", text)
