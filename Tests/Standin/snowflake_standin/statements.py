"""The life of a statement: submitted, running in a thread, done, failed, cancelled or timed out."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import uuid4

import pyarrow as pa
from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from .engine import Engine
from .errors import CANCELLED, SqlError, syntax
from .security.places import role
from .session import USER, WAREHOUSES, Session
from .sftypes import TEXT, SFType

KEEP = 500
COUNTS = {
    "number of rows inserted": "numRowsInserted",
    "number of rows updated": "numRowsUpdated",
    "number of rows deleted": "numRowsDeleted",
    "number of multi-joined rows updated": "numDuplicateRowsUpdated",
}
#: Only inside a request of several statements.
SESSION_WORDS = ("USE", "ALTER SESSION", "BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "SET", "UNSET", "CREATE TEMP", "CREATE OR REPLACE TEMP")
NEVER = ("PUT", "GET")


class State(Enum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"


@dataclass
class Context:
    """What a request sets for its statements."""

    user: str = USER
    role: str | None = None
    warehouse: str | None = None
    database: str | None = None
    schema: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    timeout: float = 0
    slow: float = 0
    #: What is wrong with the request, found before it runs, and reported like a failed statement.
    failure: SqlError | None = None


@dataclass
class Statement:
    text: str
    handle: str = field(default_factory=lambda: str(uuid4()))
    created: int = field(default_factory=lambda: int(time.time() * 1000))
    state: State = State.RUNNING
    error: SqlError | None = None
    columns: list[tuple[str, SFType, bool]] = field(default_factory=list)
    table: pa.Table | None = None
    stats: dict[str, int] | None = None
    children: list[Statement] = field(default_factory=list)
    nullable: bool = True
    finished: threading.Event = field(default_factory=threading.Event)
    #: Interrupts the running statement; set once it has a connection.
    interrupt: Any = None
    timer: threading.Timer | None = None
    #: The parts of the answer: first row and number of rows.
    partitions: list[tuple[int, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self, state: State, error: SqlError | None = None) -> None:
        """Only the first end counts: a cancelled statement does not become done."""
        with self.lock:
            if self.state is State.RUNNING:
                self.state, self.error = state, error
        self.finished.set()
        if self.timer:
            self.timer.cancel()


def split(text: str) -> list[str]:
    """The statements of a request, by Snowflake's own tokens, so that quoted semicolons do not count."""
    try:
        tokens = Snowflake().tokenize(text)
    except SqlglotError as error:
        raise syntax(f"({error})") from None
    ends = [t.start for t in tokens if t.token_type == TokenType.SEMICOLON] + [len(text)]
    starts = [0, *(e + 1 for e in ends[:-1])]
    spans = list(zip(starts, ends, strict=True))
    return [
        text[a:b].strip() for a, b in spans
        if any(a <= t.start < b and t.token_type != TokenType.SEMICOLON for t in tokens)
    ]


class Statements:
    """Runs statements and remembers them by handle and by request."""

    def __init__(self, engine: Engine, rows_per_partition: int, workers: int = 16):
        self.engine, self.rows_per_partition = engine, rows_per_partition
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="statement")
        self._known: OrderedDict[str, Statement] = OrderedDict()
        self._requests: OrderedDict[str, Statement] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, handle: str) -> Statement | None:
        return self._known.get(handle)

    def by_request(self, request: str) -> Statement | None:
        return self._requests.get(request)

    def _remember(self, statement: Statement) -> None:
        with self._lock:
            self._known[statement.handle] = statement
            while len(self._known) > KEEP:
                self._known.popitem(last=False)

    def submit(
        self, text: str, context: Context, bindings: Mapping[str, exp.Expression], wanted: int, request: str, nullable: bool
    ) -> Statement:
        """Start a request of `wanted` statements (0: any number)."""
        statement = Statement(text, nullable=nullable)
        self._remember(statement)
        with self._lock:
            self._requests[request] = statement
            while len(self._requests) > KEEP:
                self._requests.popitem(last=False)
        self._pool.submit(self._run, statement, context, dict(bindings), wanted)
        if context.timeout:
            statement.timer = threading.Timer(context.timeout, self.stop, (statement, State.TIMED_OUT))
            statement.timer.daemon = True
            statement.timer.start()
            if statement.finished.is_set():
                statement.timer.cancel()
        return statement

    def stop(self, statement: Statement, state: State) -> bool:
        """Cancel, or end by timeout. False when there was nothing left to stop."""
        if statement.finished.is_set():
            return False
        statement.end(state, SqlError(*CANCELLED))
        if statement.interrupt:
            statement.interrupt()
        return True

    def stop_all(self) -> None:
        """End everything that runs, for the end of the server."""
        for statement in list(self._known.values()):
            self.stop(statement, State.CANCELLED)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, statement: Statement, context: Context, bindings: dict[str, exp.Expression], wanted: int) -> None:
        connection = None
        try:
            if context.failure:
                raise context.failure
            parts = split(statement.text)
            self._check_count(parts, wanted)
            session = self._session(context)
            connection = self.engine.connect(context.database, context.schema, session)
            statement.interrupt = lambda: (session.cancelled.set(), connection._duck_conn.interrupt())
            if statement.state is not State.RUNNING or (context.slow and session.cancelled.wait(context.slow)):
                raise SqlError(*CANCELLED)
            if len(parts) == 1 and wanted == 1:
                _check_single(parts[0])
                self._execute(statement, parts[0], connection, bindings)
            else:
                self._execute_all(statement, parts, connection, bindings)
            statement.end(State.DONE)
        except SqlError as error:
            statement.end(State.CANCELLED if error.code == CANCELLED[0] else State.FAILED, error)
        except Exception as error:  # noqa: BLE001 - a statement must end, whatever happened
            text = f"the stand-in failed inside: {type(error).__name__}: {error}"
            statement.end(State.FAILED, SqlError("000603", "XX000", text))
        finally:
            statement.interrupt = None
            if connection:
                self.engine.close(connection)

    @staticmethod
    def _check_count(parts: list[str], wanted: int) -> None:
        if not parts:
            raise SqlError("000900", "42601", "SQL compilation error:\nEmpty SQL statement.")
        if wanted and len(parts) != wanted:
            raise SqlError(
                "000008", "0A000",
                f"Actual statement count {len(parts)} did not match the desired statement count {wanted}.",
            )

    def _session(self, context: Context) -> Session:
        session = self.engine.security.users.session(context.user, None)
        if context.role is not None:
            if role(context.role) not in self.engine.roles.roles or not self.engine.roles.may_use(session, context.role):
                raise SqlError(
                    "390189", "08004", f"The requested role '{context.role}' does not exist or is not granted to the user."
                )
            session.role = context.role
        if context.warehouse is not None:
            if context.warehouse not in WAREHOUSES:
                raise SqlError("390190", "08004", "The requested warehouse does not exist or not authorized.")
            session.warehouse = context.warehouse
        for name, value in context.parameters.items():
            session.set_parameter(name, value)
        return session

    def _execute(self, statement: Statement, text: str, connection: Any, bindings: dict[str, exp.Expression]) -> None:
        cursor = connection.cursor()
        submitted = datetime.fromtimestamp(statement.created / 1000, UTC)
        self.engine.execute(cursor, text, bindings, lambda: _fakesnow(self.engine, cursor, text), statement.handle, submitted)
        self.engine.session_of(connection).last_query = statement.handle
        statement.columns, statement.table = cursor.standin_columns, cursor._arrow_table
        statement.partitions = self._partitions(statement.table.num_rows)
        statement.stats = _stats(statement)

    def _partitions(self, count: int) -> list[tuple[int, int]]:
        size = self.rows_per_partition
        return [(start, min(size, count - start)) for start in range(0, max(count, 1), size)]

    def _execute_all(
        self, statement: Statement, parts: list[str], connection: Any, bindings: dict[str, exp.Expression]
    ) -> None:
        if bindings:
            raise SqlError("100037", "22000", "Bind variables are not supported in requests of several statements.")
        for part in parts:
            child = Statement(part, nullable=statement.nullable)
            self._remember(child)
            try:
                if _word_in(part, NEVER):
                    raise _unsupported(part)
                self._execute(child, part, connection, {})
                child.end(State.DONE)
            except SqlError as error:
                child.end(State.FAILED, error)
                if error.code == CANCELLED[0]:
                    raise
                raise SqlError(
                    "100132", "P0000",
                    f'JavaScript execution error: Uncaught Execution of multiple statements failed on statement "{part}" '
                    f"(at line 1, position 0).\n{error.text}",
                ) from error
            statement.children.append(child)
        message = "Multiple statements executed successfully."
        statement.columns = [("multiple statement execution", TEXT, False)]
        statement.table = pa.table({"multiple statement execution": [message]})
        statement.partitions = [(0, 1)]


def _fakesnow(engine: Engine, cursor: Any, text: str) -> None:
    engine.original(cursor, text, server=True)


def _word_in(text: str, words: tuple[str, ...]) -> bool:
    start = " ".join(text.upper().split(None, 5)[:5]) + " "
    return any(start.startswith(f"{word} ") or (word.endswith("TEMP") and start.startswith(word)) for word in words)


def _check_single(text: str) -> None:
    if _word_in(text, NEVER) or _word_in(text, SESSION_WORDS):
        raise _unsupported(text)


def _unsupported(text: str) -> SqlError:
    word = text.split(None, 1)[0].upper()
    return SqlError("391902", "0A000", f"Unable to execute the statement with the SQL API: {word} is not supported here.")


def _stats(statement: Statement) -> dict[str, int] | None:
    names = [name for name, _, _ in statement.columns]
    if statement.table is None or not any(n in COUNTS for n in names) or statement.table.num_rows != 1:
        return None
    result = {"numRowsInserted": 0, "numRowsUpdated": 0, "numRowsDeleted": 0, "numDuplicateRowsUpdated": 0}
    for position, name in enumerate(names):
        if name in COUNTS:
            result[COUNTS[name]] = int(statement.table.column(position)[0].as_py())
    return result
