"""Faults on demand, and the ends of the server."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from conftest import HERE, Api, start


@pytest.mark.parametrize("status", ["429", "500", "502", "503", "504"])
def test_failing_answers(api: Api, status: str) -> None:
    api.fault(f"{status}:2")
    assert [api.post("SELECT 1 AS A").status for _ in range(3)] == [int(status), int(status), 200]


def test_dropped_connections(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    for fault, rows in (("drop:1", "0"), ("drop-after:1", "1")):
        request = uuid4()
        api.fault(fault)
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            api.post(f"INSERT INTO {schema}.T VALUES (1)", f"requestId={request}")
        assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T").one == rows
        again = api.post(f"INSERT INTO {schema}.T VALUES (1)", f"requestId={request}&retry=true")
        assert again.status == 200
        assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T").one == "1"
        api.run(f"TRUNCATE TABLE {schema}.T")


def test_slow_statements(api: Api) -> None:
    api.fault("slow:0.6:1")
    answer = api.post("SELECT 1 AS A")
    assert answer.status == 202
    assert api.finished(answer).one == "1"
    assert api.post("SELECT 1 AS A").status in (200, 202)


def test_expired_tokens(api: Api) -> None:
    api.fault("expire")
    old = api.jwt(iat=int(time.time()) - 30)
    first = api.post("SELECT 1 AS A", headers=api.headers(old))
    assert (first.status, first.body["code"]) == (401, "390144")
    assert api.post("SELECT 1 AS A", headers=api.headers(old)).status == 401
    assert api.post("SELECT 1 AS A", headers=api.headers(api.jwt())).status == 200
    api.fault("expire")
    oauth = api.headers(api.connections["standin_oauth"]["token"], "OAUTH")
    assert api.post("SELECT 1 AS A", headers=oauth).body["code"] == "390303"
    assert api.post("SELECT 1 AS A", headers=oauth).status == 200


def test_no_token_is_good_enough(api: Api) -> None:
    api.fault("401")
    assert [api.post("SELECT 1 AS A").status for _ in range(3)] == [401] * 3


def test_faults_of_reading(api: Api) -> None:
    answer = api.run("SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 150))")
    api.fault("partition-503")
    assert [api.get(answer.handle, "partition=1").status for _ in range(2)] == [503, 200]
    api.fault("429-get:2")
    assert [api.get(answer.handle).status for _ in range(3)] == [429, 429, 200]
    api.fault("partition-drop")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        api.get(answer.handle, "partition=1")


def test_unknown_faults_are_refused(api: Api) -> None:
    for spec in ("nonsense", "slow", "503:x"):
        assert api.request("POST", "/_standin/fault", {"fault": spec}, {}).status == 400


def test_the_log_of_requests(api: Api) -> None:
    api.request("DELETE", "/_standin/log", None, {})
    request = uuid4()
    api.post("SELECT 1 AS A", f"requestId={request}")
    [entry] = api.request("GET", "/_standin/log", None, {}).body
    assert (entry["method"], entry["status"], entry["token_type"]) == ("POST", 200, "KEYPAIR_JWT")
    assert str(request) in entry["query"]


def test_start_with_a_fault_and_a_clean_end(tmp_path: Path) -> None:
    api = start(tmp_path / "new" / "home", "--fault", "503:1", "--fault", "429:1")
    assert sorted(api.post("SELECT 1 AS A").status for _ in range(3)) == [200, 429, 503]
    api.post("SELECT SYSTEM$WAIT(30) AS W", "async=true")
    os.kill(api.process.pid, signal.SIGTERM)
    assert api.process.wait(10) == 0
    again = start(tmp_path / "new" / "home")
    assert again.run("SELECT 1 AS A").one == "1"
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(10) == 0


def test_only_loopback(api: Api) -> None:
    assert api.url.startswith("http://127.0.0.1:")


def test_bad_arguments(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "standin"), "--home", str(tmp_path)]
    assert subprocess.run([*command, "--fault", "nonsense"], capture_output=True).returncode != 0
    assert subprocess.run([*command, "--rows-per-partition", "0"], capture_output=True).returncode == 2
