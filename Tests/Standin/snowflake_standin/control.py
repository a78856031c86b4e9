"""What tests use beside Snowflake's own interface: faults, the log of requests, quick loads."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from sqlglot import exp
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .catalogue import Column, Table
from .engine import DATABASE, SCHEMA, Engine
from .errors import SqlError, invalid_identifier, missing_object, translate
from .faults import Faults
from .names import fold, literal, parse_name, quote, resolve


class Control:
    def __init__(self, engine: Engine, faults: Faults, log: deque[dict[str, Any]], home: Path):
        self.engine, self.faults, self.log, self.home = engine, faults, log, home
        self.routes = [
            Route("/_standin/fault", self.fault, methods=["POST"]),
            Route("/_standin/faults", lambda _: JSONResponse(self.faults.left()), methods=["GET"]),
            Route("/_standin/log", self.requests, methods=["GET", "DELETE"]),
            Route("/_standin/copy", self.copy, methods=["POST"]),
        ]

    async def fault(self, request: Request) -> Response:
        """{"fault": "503:2"}; "none" disarms."""
        body = await request.json()
        try:
            for spec in [body["fault"]] if isinstance(body["fault"], str) else body["fault"]:
                self.faults.arm(spec)
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"message": str(error)}, 400)
        return JSONResponse(self.faults.left())

    def requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.log.clear()
        return JSONResponse(list(self.log))

    async def copy(self, request: Request) -> Response:
        """Load CSV, as PostgreSQL's COPY writes it: an unquoted empty field is NULL, "" is empty text.

        With ?table= in the query the body is the CSV itself; else it is JSON {"table", "columns", "csv", "header"}.
        """
        with tempfile.NamedTemporaryFile(dir=self.home, suffix=".csv", delete=False) as file:
            try:
                query = request.query_params
                if "table" not in query:
                    body = await request.json()
                    table, columns, header = body["table"], body.get("columns"), bool(body.get("header"))
                    file.write(body["csv"].encode())
                else:
                    table, columns, header = query["table"], query.get("columns"), query.get("header") == "true"
                    async for chunk in request.stream():
                        file.write(chunk)
                file.close()
                count = await run_in_threadpool(self._load, table, columns, header, file.name)
                return JSONResponse({"rows": count})
            except KeyError as error:
                return JSONResponse({"message": f"{error} is missing"}, 400)
            except SqlError as error:
                return JSONResponse({"code": error.code, "message": error.text}, 422)
            finally:
                file.close()
                os.unlink(file.name)

    def _load(self, written: str, listed: str | list[str] | None, header: bool, path: str) -> int:
        name = resolve(parse_name(written), DATABASE, SCHEMA)
        table = self.engine.catalogue.get(name)
        if not table or table.kind == "VIEW":
            raise missing_object(name.dotted)
        columns = _chosen(table, listed)
        names = ", ".join(quote(c.name) for c in columns)
        kinds = ", ".join(f"{literal(c.name)}: {literal(_read_as(c))}" for c in columns)
        values = ", ".join(_value(c) for c in columns)
        source = (
            f"read_csv({literal(path)}, header = {str(header).lower()}, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            f"nullstr = '', allow_quoted_nulls = false, new_line = '\\n', max_line_size = 134217728, columns = {{{kinds}}})"
        )
        cursor = self.engine.snow.duck_conn.cursor()
        try:
            [(count,)] = cursor.execute(f"INSERT INTO {name.sql} ({names}) SELECT {values} FROM {source}").fetchall()
        except Exception as error:
            raise translate(error) from error
        finally:
            cursor.close()
        self.engine.catalogue.touch(name)
        return count


def _chosen(table: Table, listed: str | list[str] | None) -> list[Column]:
    """The columns to load; names fold as they do in SQL."""
    if not listed:
        return table.columns
    texts = listed.split(",") if isinstance(listed, str) else listed
    names = [fold(exp.to_identifier(t.strip().strip('"'), quoted=t.strip().startswith('"'))) for t in texts]
    missing = [n for n in names if not table.column(n)]
    if missing:
        raise invalid_identifier(missing[0])
    return [column for n in names if (column := table.column(n))]


def _read_as(column: Column) -> str:
    return "VARCHAR" if column.type.kind in ("BINARY", "VARIANT", "OBJECT", "ARRAY") else column.type.duckdb


def _value(column: Column) -> str:
    """PostgreSQL writes bytes as \\x and hex digits."""
    name = quote(column.name)
    if column.type.kind == "BINARY":
        return f"unhex(regexp_replace({name}, '^\\\\x', ''))"
    if column.type.kind in ("VARIANT", "OBJECT", "ARRAY"):
        return f"sf_json({name})::JSON"
    return name
