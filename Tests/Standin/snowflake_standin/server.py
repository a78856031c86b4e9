"""The server: v2, fakesnow's v1 and the control routes on one port of the loopback interface."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import fakesnow.server
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import home as homes
from .auth import Authenticator
from .catalogue import now
from .control import Control
from .engine import DATABASE, ROLE, SCHEMA, WAREHOUSE, Engine
from .faults import Faults
from .security.control import SecurityControl
from .security.core import Security
from .security.history import Login
from .session import USER
from .statements import Statements
from .wire import Drop, Wire

LOG_LENGTH = 5000


class Entrance:
    """Outermost: notes each request, and closes the connection where a fault says so."""

    def __init__(self, app: Any, log: deque[dict[str, Any]]):
        self.app, self.log = app, log

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_standin/"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        entry = {
            "at": time.time(), "method": scope["method"], "path": scope["path"], "query": scope["query_string"].decode(),
            "status": None, "user_agent": headers.get("user-agent"),
            "token_type": headers.get("x-snowflake-authorization-token-type"),
        }
        self.log.append(entry)

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Drop:
            entry["status"] = 0
            # uvicorn's own request cycle is behind `send`; there is no other way to its connection.
            send.__self__.transport.abort()


async def login(request: Request) -> Response:
    """fakesnow's login, and the user, role and warehouse that it ignores. A user that is not known is the stand-in's own."""
    answer = await fakesnow.server.login_request(request)
    connection = fakesnow.server.sessions[json.loads(answer.body)["data"]["token"]]
    body = await request.body()
    given = json.loads(gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body)["data"]
    security: Security = request.app.state.security
    named = str(given.get("LOGIN_NAME") or USER).upper()
    found = security.users.all.get(named) or security.users.get(USER)
    role = request.query_params.get("roleName") or (ROLE if found.name == USER else None)
    session = security.users.session(found.name, role.upper() if role else None)
    session.warehouse = (request.query_params.get("warehouse") or WAREHOUSE).upper()
    refused = ("390101", "User access disabled. Contact your local system admin.") if found.disabled else None
    if not security.roles.may_use(session, session.role) and session.role != "PUBLIC":
        refused = ("390189", f"Role '{session.role}' specified in the connect string is not granted to this user.")
    factor = "RSA_KEYPAIR" if "JWT" in str(given.get("AUTHENTICATOR", "")).upper() else "PASSWORD"
    security.history.logins.append(
        Login(found.name, not refused, factor, client=str(given.get("CLIENT_APP_ID", "OTHER")), client_version=given.get("CLIENT_APP_VERSION"),
              error_code=int(refused[0]) if refused else None, error_message=refused[1] if refused else None)
    )
    if refused:
        return JSONResponse({"data": None, "code": refused[0], "message": refused[1], "success": False})
    found.last_success_login = now()
    connection.standin = session  # type: ignore[attr-defined]
    return answer


async def unexpected(_: Request, error: Exception) -> Response:
    return JSONResponse({"code": "391911", "message": f"{type(error).__name__}: {error}"}, 500)


async def unrouted(_: Request, error: HTTPException) -> Response:
    return JSONResponse({"code": "391900", "message": error.detail}, error.status_code, error.headers)


class Announced(uvicorn.Server):
    """Says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, announcement: dict[str, Any]):
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(json.dumps(self._announcement), flush=True)


def serve(port: int, home: Path, faults: list[str], window: float, rows_per_partition: int, strict: bool = False) -> None:
    listener = socket.create_server(("127.0.0.1", port), backlog=256)
    # asyncio does this for sockets of its own only; without it each answer waits 40 ms for the other side's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port = listener.getsockname()[1]
    armed = Faults()
    for spec in faults:
        armed.arm(spec)
    credentials, keys = homes.create(home)
    engine = Engine()
    engine.roles.strict = strict
    statements = Statements(engine, rows_per_partition)
    log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
    wire = Wire(statements, Authenticator(credentials, engine.security.users), armed, window)
    control = Control(engine, armed, log, home)
    first = Route("/session/v1/login-request", login, methods=["POST"])
    app = Starlette(
        routes=[*wire.routes, *control.routes, *SecurityControl(engine.security).routes, first, *fakesnow.server.routes],
        exception_handlers={Exception: unexpected, HTTPException: unrouted},
    )
    app.state.security = engine.security
    defaults = {"role": ROLE, "warehouse": WAREHOUSE, "database": DATABASE, "schema": SCHEMA}
    homes.write_connections(home, port, credentials, keys, defaults)
    config = uvicorn.Config(
        Entrance(app, log), http="h11", ws="none", lifespan="off", log_level="warning", access_log=False, timeout_graceful_shutdown=1
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn closes its connections first and then raises the signal again.
        signal.signal(number, lambda *_: sys.exit(0))
    server = Announced(config, {"url": f"http://127.0.0.1:{port}", "pid": os.getpid(), "home": str(home.resolve())})
    try:
        server.run(sockets=[listener])
    finally:
        statements.stop_all()
        sys.stdout.flush()
