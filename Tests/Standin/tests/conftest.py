"""A running stand-in, and a plain HTTP client that shares no code with it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
import snowflake.connector
from cryptography.hazmat.primitives import serialization

HERE = Path(__file__).resolve().parents[1]
PATH = "/api/v2/statements"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def rows(self) -> list[list[str | None]]:
        assert self.status == 200, (self.status, self.body)
        return self.body["data"]

    @property
    def one(self) -> str | None:
        [[value]] = self.rows
        return value

    @property
    def types(self) -> list[dict]:
        return self.body["resultSetMetaData"]["rowType"]

    @property
    def handle(self) -> str:
        return self.body["statementHandle"]


def fingerprint(private_key: Any) -> str:
    der = private_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


@dataclass
class Api:
    """SQL API v2 by hand."""

    url: str
    home: Path
    connections: dict[str, dict[str, Any]]
    process: subprocess.Popen
    _token: tuple[float, str] | None = None

    def key(self, connection: str = "standin") -> Any:
        given = self.connections[connection]
        password = given.get("private_key_file_pwd")
        return serialization.load_pem_private_key(
            Path(given["private_key_file"]).read_bytes(), password.encode() if password else None
        )

    def jwt(self, connection: str = "standin", **claims: Any) -> str:
        given, key, now = self.connections[connection], self.key(connection), int(time.time())
        name = f"{given['account'].upper()}.{given['user'].upper()}"
        payload = {"iss": f"{name}.{fingerprint(key)}", "sub": name, "iat": now, "exp": now + 600, **claims}
        return jwt.encode({k: v for k, v in payload.items() if v is not None}, key, "RS256")

    def minted(self) -> str:
        """A token that is used for a while, as clients do; signing is the slowest thing here."""
        if not self._token or self._token[0] < time.monotonic() - 120:
            self._token = (time.monotonic(), self.jwt())
        return self._token[1]

    def headers(self, token: str | None = None, kind: str | None = "KEYPAIR_JWT") -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {token or self.minted()}", "Content-Type": "application/json", "Accept": "application/json",
            "User-Agent": "stand-in-tests/1.0",
        }
        return {**headers, "X-Snowflake-Authorization-Token-Type": kind} if kind else headers

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        host = self.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=30)
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (self.headers() if headers is None else headers).items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(data or b"")))
        connection.endheaders(data)
        response = connection.getresponse()
        raw = response.read()
        found = {k.lower(): v for k, v in response.getheaders()}
        connection.close()
        if found.get("content-encoding") == "gzip":
            raw = gzip.decompress(raw)
        return Answer(response.status, found, json.loads(raw) if raw else None)

    def post(self, statement: str, query: str = "", headers: dict[str, str] | None = None, **body: Any) -> Answer:
        given = {"statement": statement, "database": "STANDIN", "schema": "PUBLIC", "warehouse": "STANDIN_WH", **body}
        request = query if "requestId" in query else f"requestId={uuid4()}{'&' if query else ''}{query}"
        return self.request("POST", f"{PATH}?{request}", {k: v for k, v in given.items() if v is not None}, headers)

    def get(self, handle: str, query: str = "") -> Answer:
        return self.request("GET", f"{PATH}/{handle}{'?' if query else ''}{query}")

    def finished(self, answer: Answer, seconds: float = 20) -> Answer:
        """Poll until the statement has ended."""
        end = time.monotonic() + seconds
        while answer.status == 202:
            assert time.monotonic() < end, "the statement does not end"
            time.sleep(0.02)
            answer = self.request("GET", answer.body["statementStatusUrl"])
        return answer

    def run(self, statement: str, **body: Any) -> Answer:
        """Run to the end; the answer must be good."""
        answer = self.finished(self.post(statement, **body))
        assert answer.status == 200, (statement, answer.body)
        return answer

    def session(self, *statements: str, **body: Any) -> list[Answer]:
        """Several statements in one session, and the answer of each."""
        answer = self.finished(self.post(";\n".join(statements), parameters={"MULTI_STATEMENT_COUNT": "0"}, **body))
        assert answer.status == 200, answer.body
        return [self.get(handle) for handle in answer.body["statementHandles"]]

    def fault(self, spec: str) -> None:
        assert self.request("POST", "/_standin/fault", {"fault": spec}, {}).status == 200

    def connect(self, name: str = "standin_v1") -> snowflake.connector.SnowflakeConnection:
        given = {k: v for k, v in self.connections[name].items()}
        return snowflake.connector.connect(**given, session_parameters={"CLIENT_TELEMETRY_ENABLED": False})


def start(home: Path, *arguments: str) -> Api:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "standin"), "--port", "0", "--home", str(home), *arguments],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    line = process.stdout.readline()
    assert line, "the stand-in did not start"
    ready = json.loads(line)
    connections = tomllib.loads((home / "connections.toml").read_text())
    return Api(ready["url"], home, connections, process)


def stop(api: Api) -> int:
    api.process.terminate()
    return api.process.wait(20)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    api = start(tmp_path_factory.mktemp("home"), "--sync-window", "0.3", "--rows-per-partition", "100")
    yield api
    stop(api)


@pytest.fixture
def api(shared: Api) -> Iterator[Api]:
    """The shared server, without faults that another test may have left."""
    shared.fault("none")
    yield shared
    shared.fault("none")


@pytest.fixture
def schema(api: Api) -> str:
    """A fresh schema of its own."""
    name = f"S{uuid4().hex[:10].upper()}"
    api.run(f"CREATE SCHEMA STANDIN.{name}")
    return name
