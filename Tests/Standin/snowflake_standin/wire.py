"""SQL API v2 over HTTP: requests in, the documented answers out."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections import deque
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import bindings, encode
from .auth import Authenticator, Caller, Refused
from .catalogue import now
from .errors import SqlError, cannot
from .faults import MEANING, STATUSES, Fault, Faults
from .security.history import Login
from .sftypes import row_type
from .statements import Context, State, Statement, Statements

PREFIX = "/api/v2/statements"
RUNNING = "Asynchronous execution in progress. Use provided query id to perform query monitoring and management."
#: The only parameters that a request may set; all others need ALTER SESSION in several statements.
ALLOWED = {
    "TIMEZONE", "QUERY_TAG", "BINARY_OUTPUT_FORMAT", "DATE_OUTPUT_FORMAT", "TIME_OUTPUT_FORMAT", "TIMESTAMP_OUTPUT_FORMAT",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT", "TIMESTAMP_NTZ_OUTPUT_FORMAT", "TIMESTAMP_TZ_OUTPUT_FORMAT", "MULTI_STATEMENT_COUNT",
    "ROWS_PER_RESULTSET", "CLIENT_RESULT_CHUNK_SIZE", "USE_CACHED_RESULT",
}
LONGEST = 604800


class Bad(Exception):
    """An answer other than a result: its status, code and message."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Drop(BaseException):
    """Close the connection without an answer. Not an Exception, which Starlette would answer with 500."""


def bad_payload(message: str) -> Bad:
    return Bad(400, "390142", f"Incoming request does not contain a valid payload: {message}")


class Wire:
    def __init__(self, statements: Statements, authenticator: Authenticator, faults: Faults, window: float):
        self.statements, self.authenticator, self.faults, self.window = statements, authenticator, faults, window
        self._seen: deque[str] = deque(maxlen=1000)
        self.routes = [
            Route(PREFIX, self._guarded(self.submit), methods=["POST"]),
            Route(PREFIX + "/{handle}", self._guarded(self.fetch), methods=["GET"]),
            Route(PREFIX + "/{handle}/cancel", self._guarded(self.cancel), methods=["POST"]),
        ]

    def _guarded(self, action: Any) -> Any:
        """Check the request before the action, and word its failures."""

        async def endpoint(request: Request) -> Response:
            try:
                caller = self.authenticator.check(request.headers)
                token = caller.token
                request.state.user = caller.user
                self._note(request, caller)
                if self.faults.expires(token):
                    code = "390144" if token.count(".") == 2 else "390303"
                    raise Refused(code, "JWT token is invalid." if code == "390144" else "Invalid OAuth access token.")
                for header in ("user-agent", "accept"):
                    if not request.headers.get(header):
                        raise Bad(400, "391902", f"The header {header} is missing.")
                return await action(request)
            except Refused as refused:
                return _message(401, refused.code, refused.message)
            except Bad as bad:
                return _message(bad.status, bad.code, bad.message)

        return endpoint

    def _note(self, request: Request, caller: Caller) -> None:
        """The first request with a token is a login."""
        if caller.token in self._seen:
            return
        self._seen.append(caller.token)
        agent, _, version = request.headers.get("user-agent", "OTHER").partition("/")
        self.authenticator.users.get(caller.user).last_success_login = now()
        self.statements.engine.security.history.logins.append(
            Login(caller.user, True, caller.factor, client=agent, client_version=version or None)
        )

    def _fail(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if "drop" in fault.name:
            raise Drop
        status = next(s for s in STATUSES if s in fault.name)
        raise Bad(int(status), *MEANING[status])

    # Endpoints

    async def submit(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
        if kind != "application/json":
            raise Bad(415, "391903", f"Unsupported media type {kind}.")
        body = await _body(request)
        request_id = _uuid(request, "requestId") or str(uuid4())
        run_async, retry = _flag(request, "async"), _flag(request, "retry")
        nullable = _flag(request, "nullable", True)
        text, context, given, wanted = _read(body)
        context.user = request.state.user
        self._fail(self.faults.take("drop", *STATUSES))
        known = self.statements.by_request(request_id) if retry else None
        if known is None:
            if slow := self.faults.take("slow"):
                context.slow = slow.seconds
            known = self.statements.submit(text, context, given, wanted, request_id, nullable)
        if self.faults.take("drop-after"):
            await _finished(known, self.window)
            raise Drop
        if not run_async:
            await _finished(known, self.window)
        return self._answer(known, request_id, 0)

    async def fetch(self, request: Request) -> Response:
        statement = self._statement(request)
        partition = _partition(request)
        if partition:
            self._fail(self.faults.take("partition-drop", "partition-503"))
        self._fail(self.faults.take("429-get", "503-get"))
        return self._answer(statement, _uuid(request, "requestId") or str(uuid4()), partition)

    async def cancel(self, request: Request) -> Response:
        statement = self._statement(request)
        if not self.statements.stop(statement, State.CANCELLED):
            return JSONResponse(
                {
                    "code": "000709", "sqlState": "02000", "message": f"Statement {statement.handle} is not running.",
                    "statementHandle": statement.handle, "statementStatusUrl": _url(statement, None),
                },
                422,
            )
        return JSONResponse(
            {
                "code": "000604", "sqlState": "57014", "message": "SQL execution canceled",
                "statementHandle": statement.handle, "statementStatusUrl": _url(statement, None),
            }
        )

    def _statement(self, request: Request) -> Statement:
        handle = request.path_params["handle"]
        try:
            handle = str(UUID(handle))
        except ValueError:
            raise Bad(400, "390142", "The statement handle is not a UUID.") from None
        if found := self.statements.get(handle):
            return found
        missing = Statement("", handle)
        missing.end(State.FAILED, SqlError("000709", "02000", f"Statement {handle} not found"))
        return missing

    # Answers

    def _answer(self, statement: Statement, request_id: str, partition: int) -> Response:
        if statement.state is State.RUNNING:
            return JSONResponse({"code": "333334", "sqlState": "00000", "message": RUNNING, **_place(statement)}, 202)
        if statement.state is State.TIMED_OUT:
            seconds = "The statement was cancelled because it ran longer than its timeout."
            return JSONResponse({"code": "000630", "sqlState": "57014", "message": seconds, **_place(statement)}, 408)
        if statement.error:
            error = statement.error
            return JSONResponse({"code": error.code, "sqlState": error.sql_state, "message": error.text, **_place(statement)}, 422)
        if partition >= len(statement.partitions):
            raise Bad(400, "390142", f"Partition {partition} does not exist.")
        return self._result(statement, request_id, partition)

    def _result(self, statement: Statement, request_id: str, partition: int) -> Response:
        types = [type_ for _, type_, _ in statement.columns]
        start, count = statement.partitions[partition]
        data = encode.rows(statement.table, types, start, count, statement.nullable)
        headers = {"Link": _links(statement, request_id, partition)}
        if partition:
            packed = gzip.compress(_json({"data": data}), 3)
            return Response(packed, 200, {**headers, "Content-Encoding": "gzip"}, "application/json")
        answer = {
            "code": "090001",
            "sqlState": "00000",
            "message": "Statement executed successfully.",
            **_place(statement),
            "requestId": request_id,
            "resultSetMetaData": {
                "numRows": statement.table.num_rows,
                "format": "jsonv2",
                "partitionInfo": _partition_info(statement),
                "rowType": [row_type(*column) for column in statement.columns],
            },
            "data": data,
        }
        if statement.children:
            answer["statementHandles"] = [child.handle for child in statement.children]
        if statement.stats:
            answer["stats"] = statement.stats
        return Response(_json(answer), 200, headers, "application/json")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _place(statement: Statement) -> dict[str, Any]:
    return {
        "statementHandle": statement.handle,
        "createdOn": statement.created,
        "statementStatusUrl": _url(statement, str(uuid4())),
    }


def _url(statement: Statement, request_id: str | None) -> str:
    return f"{PREFIX}/{statement.handle}" + (f"?requestId={request_id}" if request_id else "")


def _links(statement: Statement, request_id: str, partition: int) -> str:
    last = len(statement.partitions) - 1
    named = {"first": 0, "prev": partition - 1, "next": partition + 1, "last": last}
    return ",".join(
        f'<{PREFIX}/{statement.handle}?requestId={request_id}&partition={number}>;rel="{name}"'
        for name, number in named.items()
        if 0 <= number <= last
    )


def _partition_info(statement: Statement) -> list[dict[str, int]]:
    """Row counts are exact; sizes are estimated from Arrow's."""
    rows = max(statement.table.num_rows, 1)
    info = []
    for number, (_, count) in enumerate(statement.partitions):
        size = statement.table.nbytes * count // rows + 2
        info.append({"rowCount": count, "uncompressedSize": size, **({"compressedSize": size // 3 + 1} if number else {})})
    return info


def _message(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status)


# Requests


async def _body(request: Request) -> Mapping[str, Any]:
    raw = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        raw = gzip.decompress(raw)
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise bad_payload(str(error)) from None
    if not isinstance(body, dict):
        raise bad_payload("not an object")
    return body


def _read(body: Mapping[str, Any]) -> tuple[str, Context, Mapping[str, Any], int]:
    """The statement, what it runs with, its bindings, and how many statements it is said to be."""
    text = body.get("statement")
    if not isinstance(text, str):
        raise bad_payload("'statement' must be a string")
    timeout = body.get("timeout", 0)
    if isinstance(timeout, bool) or not isinstance(timeout, int) or timeout < 0:
        raise bad_payload("'timeout' must be a whole number of seconds")
    for name in ("database", "schema", "warehouse", "role"):
        if not isinstance(body.get(name, ""), (str, type(None))):
            raise bad_payload(f"'{name}' must be a string")
    for name in ("bindings", "parameters"):
        if not isinstance(body.get(name, {}), (dict, type(None))):
            raise bad_payload(f"'{name}' must be an object")
    if not all(isinstance(entry, dict) for entry in (body.get("bindings") or {}).values()):
        raise bad_payload("'bindings' must hold objects")
    context = Context(
        **{name: body.get(name) or None for name in ("role", "warehouse", "database", "schema")},
        timeout=min(timeout or LONGEST, LONGEST) if timeout else 0,
    )
    wanted = 1
    failure: SqlError | None = None
    for name, value in (body.get("parameters") or {}).items():
        upper = name.upper()
        if upper == "MULTI_STATEMENT_COUNT":
            try:
                wanted = int(value)
            except (TypeError, ValueError):
                raise bad_payload(f"'{name}' must be a whole number") from None
            if wanted < 0:
                raise bad_payload(f"'{name}' must not be negative")
        elif upper not in ALLOWED:
            failure = SqlError("391911", "22023", f"The parameter '{name}' is not supported by the SQL API.")
        elif upper.endswith("_OUTPUT_FORMAT") and upper != "BINARY_OUTPUT_FORMAT" and value:
            failure = cannot(f"write cells in the format {name} = {value}")
        else:
            context.parameters[upper] = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        given = bindings.from_request(body.get("bindings") or {})
    except SqlError as error:
        given, failure = {}, error
    context.failure = failure
    return text, context, given, wanted


def _flag(request: Request, name: str, default: bool = False) -> bool:
    value = request.query_params.get(name)
    if value is None:
        return default
    if value.lower() not in ("true", "false"):
        raise Bad(400, "390142", f"The query parameter {name} must be true or false.")
    return value.lower() == "true"


def _uuid(request: Request, name: str) -> str | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        return str(UUID(value))
    except ValueError:
        raise Bad(400, "390142", f"The query parameter {name} must be a UUID.") from None


def _partition(request: Request) -> int:
    value = request.query_params.get("partition", "0")
    if not value.isascii() or not value.isdigit():
        raise Bad(400, "390142", "The query parameter partition must be a whole number.")
    return int(value)


async def _finished(statement: Statement, window: float) -> None:
    """Wait for the end of a statement, at most for the window. Polls, so that no thread is held."""
    end, pause = time.monotonic() + window, 0.001
    while not statement.finished.is_set() and time.monotonic() < end:
        await asyncio.sleep(min(pause, max(0.0, end - time.monotonic())))
        pause = min(pause * 1.5, 0.05)

