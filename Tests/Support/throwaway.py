"""Throw-away servers for tests: a PostgreSQL and the stand-in for Snowflake, on free loopback ports."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.parse
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
#: Nothing takes this long unless it is broken.
PATIENCE = 30.0


def use_virtual_environment() -> None:
    """Run again with the repository's .venv, when there is one and this is not it."""
    python = ROOT / ".venv" / "bin" / "python"
    if python.exists() and Path(sys.prefix).resolve() != python.parents[1].resolve():
        os.execv(python, [str(python), *sys.argv])


def parity() -> Path:
    """The program under test: $PARITY, or the release build."""
    found = Path(os.environ.get("PARITY") or ROOT / ".build" / "release" / "parity")
    if not os.access(found, os.X_OK):
        sys.exit(f"{found} is not there: run `make build` first, or set PARITY to the program")
    return found


def stop_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the script as Ctrl-C does, so that servers are stopped."""

    def stop(number: int, _: Any) -> None:
        raise SystemExit(128 + number)

    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, stop)


# PostgreSQL


class Postgres:
    """A cluster in `home`: no password, no fsync, nobody else's."""

    def __init__(self, home: Path):
        self.home = home
        self.data = home / "data"
        self.log = home / "postgres.log"

    @staticmethod
    def program(name: str) -> str:
        """From the newest installed version, else from PATH."""
        versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
        newest = sorted(versions, key=lambda p: float(p.parts[-3]) if p.parts[-3].replace(".", "").isdigit() else 0)
        found = str(newest[-1]) if newest else shutil.which(name)
        if not found:
            raise RuntimeError(f"`{name}` is neither in /usr/lib/postgresql/*/bin nor in PATH: install PostgreSQL's server")
        return found

    @staticmethod
    def _as_owner() -> list[str]:
        """PostgreSQL does not run as root; `postgres` is the user its packages make."""
        if os.geteuid() != 0:
            return []
        return ["runuser", "-u", "postgres", "--"] if shutil.which("runuser") else ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def start(self) -> dict[str, Any]:
        self.home.mkdir(parents=True, exist_ok=True)
        if self.data.exists():
            raise RuntimeError(f"{self.data} is there already: stop that server first")
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.home, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(
            [
                *self._as_owner(), self.program("initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions",
            ],
            capture_output=True, text=True, cwd="/",
        )
        if made.returncode:
            self.remove()
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        for _ in range(5):  # another program may take the port between the look and the start
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            if self._run(port):
                url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
                return {"url": url, "host": "127.0.0.1", "port": port, "pid": self.pid(), "home": str(self.home)}
        text = self.log.read_text() if self.log.exists() else "no log was written"
        self.remove()
        raise RuntimeError(f"PostgreSQL did not start:\n{text}")

    def _run(self, port: int) -> bool:
        # A socket's path may have 107 bytes; a long home does without one.
        sockets = str(self.home) if len(os.fsencode(str(self.home))) < 85 else ""
        settings = {
            "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": sockets, "fsync": "off", "full_page_writes": "off",
            "synchronous_commit": "off", "wal_level": "minimal", "max_wal_senders": 0, "autovacuum": "off", "timezone": "UTC",
            "log_timezone": "UTC", "max_connections": 60, "shared_buffers": "64MB", "logging_collector": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [*self._as_owner(), self.program("postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(OSError, IndexError):
                if (self.data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                    return True
            time.sleep(0.02)
        self.stop(keep=True)
        return False

    def pid(self) -> int | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        return None

    def stop(self, keep: bool = False) -> None:
        """End the server; its files go too, unless `keep`."""
        pid = self.pid()
        if pid:
            # Immediate: nobody will recover this cluster.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end and _is_alive(pid):
                time.sleep(0.02)
        if not keep:
            self.remove()

    def remove(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        for one in (self.log, *self.home.glob(".s.PGSQL.*")):
            one.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.home.rmdir()  # only where nothing else is in it


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A zombie waits for its parent, not for us.
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


# Snowflake's stand-in


class StandinError(Exception):
    """What the stand-in answered instead of a result."""


class Snowflake:
    """Statements sent over SQL API v2 with an access token, and quick loads."""

    def __init__(self, home: Path, database: str | None = None, schema: str = "PUBLIC"):
        given = tomllib.loads((home / "connections.toml").read_text())["standin_pat"]
        self._place = (given["host"], given["port"])
        self._token = given["token"]
        self.database, self.schema = database, schema
        self._connection: http.client.HTTPConnection | None = None

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        for attempt in (1, 2):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(*self._place, timeout=120)
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                raw = answer.read()
                if answer.getheader("content-encoding") == "gzip":
                    raw = gzip.decompress(raw)
                return answer.status, json.loads(raw) if raw else None
            except (http.client.HTTPException, ConnectionError):
                self._connection.close()
                self._connection = None
                if attempt == 2:
                    raise
        raise AssertionError

    def sql(self, statement: str) -> list[list[str | None]]:
        """Run one statement to its end; its first part of rows."""
        headers = {
            "Authorization": f"Bearer {self._token}", "Content-Type": "application/json", "Accept": "application/json",
            "User-Agent": "parity-tests", "X-Snowflake-Authorization-Token-Type": "PROGRAMMATIC_ACCESS_TOKEN",
        }
        body = {"statement": statement, "warehouse": "STANDIN_WH", "role": "SYSADMIN", "schema": self.schema}
        if self.database:
            body["database"] = self.database
        status, answer = self._request("POST", f"/api/v2/statements?requestId={uuid4()}", json.dumps(body).encode(), headers)
        while status == 202:
            time.sleep(0.02)
            status, answer = self._request("GET", answer["statementStatusUrl"], None, headers)
        if status != 200:
            raise StandinError(f"{(answer or {}).get('message', status)}\n  in: {statement[:2000]}")
        return answer.get("data") or []

    def copy(self, table: str, columns: list[str], csv: bytes) -> int:
        """Load CSV as PostgreSQL's COPY writes it."""
        query = urllib.parse.urlencode({"table": table, "columns": ",".join(columns)})
        status, answer = self._request("POST", f"/_standin/copy?{query}", csv, {"Content-Type": "text/csv"})
        if status != 200:
            raise StandinError(f"{answer['message']}\n  loading {table}")
        return answer["rows"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The stand-in's own routes: faults and the log of requests."""
        status, answer = self._request(
            method, f"/_standin/{path}", None if body is None else json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        if status != 200:
            raise StandinError(str(answer))
        return answer


class Standin:
    """The stand-in as a process of its own; `home` holds connections.toml and keys."""

    def __init__(self, home: Path):
        self.home = home
        self.log = home / "standin.log"
        self._process: subprocess.Popen | None = None

    def start(self, *arguments: str) -> dict[str, Any]:
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "Tests" / "Standin" / "standin"), "--port", "0", "--home", str(self.home), *arguments],
                stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(f"the stand-in did not start:\n{self.log.read_text()}")
        return json.loads(line)

    def name_connection(self, name: str) -> None:
        """Give the key-pair connection another name too, such as a spec's."""
        path = self.home / "connections.toml"
        lines = path.read_text().splitlines()
        start = lines.index("[standin]")
        end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("[")), len(lines))
        path.write_text("\n".join([*lines, "", f"[{name}]", *lines[start + 1 : end], ""]))
        path.chmod(0o600)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


@contextlib.contextmanager
def both(home: Path, connection: str | None = None, *arguments: str) -> Any:
    """Both servers, for as long as the block runs. Yields the Postgres URL and the stand-in's home."""
    postgres, standin = Postgres(home / "postgres"), Standin(home / "snowflake")
    try:
        url = postgres.start()["url"]
        standin.start(*arguments)
        if connection:
            standin.name_connection(connection)
        yield url, standin.home
    finally:
        standin.stop()
        postgres.stop()


def database_url(url: str, name: str) -> str:
    """The same server, another database."""
    return url.rpartition("/")[0] + f"/{name}"

