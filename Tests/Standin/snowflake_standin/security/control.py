"""What a test may set that SQL cannot: a user's second factor and logins, the histories, and strictness."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import SqlError
from .core import Security
from .history import Login, Query

#: Attributes of a user that the control route may set.
SETTABLE = {
    "has_mfa", "ext_authn_duo", "has_pat", "has_workload_identity", "has_password", "locked", "disabled", "last_success_login",
    "password_last_set", "expires_at", "created",
}


class SecurityControl:
    def __init__(self, security: Security):
        self.security = security
        self.routes = [
            Route("/_standin/strict", self._guarded(self._strict), methods=["POST"]),
            Route("/_standin/user", self._guarded(self._user), methods=["POST"]),
            Route("/_standin/login-history", self._guarded(self._logins), methods=["POST", "DELETE"]),
            Route("/_standin/query-history", self._guarded(self._queries), methods=["POST", "DELETE"]),
            Route("/_standin/planted-query-stats", self._guarded(self._planted), methods=["POST", "DELETE"]),
        ]

    @staticmethod
    def _guarded(action: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            try:
                body = None if request.method == "DELETE" else await request.json()
                return JSONResponse(action(body))
            except (KeyError, TypeError, ValueError) as error:
                return JSONResponse({"message": str(error)}, 400)
            except SqlError as error:
                return JSONResponse({"code": error.code, "message": error.text}, 422)

        return endpoint

    def _strict(self, body: dict[str, Any]) -> dict[str, bool]:
        """{"strict": true}: the system roles are no mightier than in Snowflake, and users need their roles granted."""
        self.security.roles.strict = bool(body["strict"])
        return {"strict": self.security.roles.strict}

    def _user(self, body: dict[str, Any]) -> dict[str, str]:
        """{"name": "U", "has_mfa": true, "last_success_login": "2024-01-01T00:00:00Z"}; null unsets a time."""
        found = self.security.users.get(str(body["name"]))
        for name, value in body.items():
            if name != "name" and name not in SETTABLE:
                raise ValueError(f"{name} cannot be set here; {', '.join(sorted(SETTABLE))} can")
        for name, value in body.items():
            if name != "name":
                setattr(found, name, _moment(value) if isinstance(value, str) else value)
        return {"name": found.name}

    def _logins(self, body: Any) -> dict[str, int]:
        """One login or a list: {"user", "success", "first_factor", "second_factor", "client_ip", "at", …}."""
        return _added(self.security.history.logins, Login, body)

    def _queries(self, body: Any) -> dict[str, int]:
        """One statement or a list: {"text", "user", "role", "started", "rows_unloaded", "outbound_bytes", …}."""
        return _added(self.security.history.queries, Query, body)

    def _planted(self, body: Any) -> dict[str, int]:
        """One or a list: {"match": "text of the query", "bytes_scanned", "warehouse_size", "queued_overload_time", "operators", …}."""
        # Imported here: the module knows this package.
        from ..querystats import Planted

        return _added(self.security.history.planted, Planted, body)


def _added(store: Any, kind: Any, body: Any) -> dict[str, int]:
    if body is None:
        store.clear()
        return {"count": 0}
    times = {f.name for f in fields(kind) if "datetime" in str(f.type)}
    made = []
    for entry in body if isinstance(body, list) else [body]:
        made.append(kind(**{k: _moment(v) if k in times and isinstance(v, str) else v for k, v in entry.items()}))
    store.extend(made)
    return {"count": len(made)}


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
