"""The protocol: answers, partitions, asynchronous statements, cancels, timeouts, retries."""

from __future__ import annotations

import threading
import time
from uuid import uuid4

import pytest
from conftest import PATH, Api


def test_answer_has_the_documented_shape(api: Api) -> None:
    answer = api.run("SELECT 1 AS A, 'x' AS B, NULL AS C")
    body = answer.body
    assert body["code"] == "090001" and body["sqlState"] == "00000"
    assert body["statementStatusUrl"].startswith(f"{PATH}/{body['statementHandle']}")
    assert abs(body["createdOn"] - time.time() * 1000) < 60_000
    meta = body["resultSetMetaData"]
    assert meta["numRows"] == 1 and meta["format"] == "jsonv2"
    assert meta["partitionInfo"][0]["rowCount"] == 1
    assert [c["name"] for c in meta["rowType"]] == ["A", "B", "C"]
    assert [c["type"] for c in meta["rowType"]] == ["fixed", "text", "text"]
    assert body["data"] == [["1", "x", None]]
    assert 'rel="first"' in answer.headers["link"] and 'rel="last"' in answer.headers["link"]


def test_partitions_are_gzip_and_data_only(api: Api) -> None:
    first = api.run("SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 250))")
    info = first.body["resultSetMetaData"]["partitionInfo"]
    assert [p["rowCount"] for p in info] == [100, 100, 50]
    rows = list(first.rows)
    for number in (1, 2):
        part = api.get(first.handle, f"partition={number}")
        assert part.headers["content-encoding"] == "gzip"
        assert set(part.body) == {"data"}
        rows += part.body["data"]
    assert sorted(int(r[0]) for r in rows) == list(range(250))
    assert 'rel="prev"' in api.get(first.handle, "partition=1").headers["link"]
    assert api.get(first.handle, "partition=3").status == 400
    assert api.get(first.handle, "partition=0").body["resultSetMetaData"]["numRows"] == 250


def test_an_empty_result_has_one_empty_partition(api: Api) -> None:
    answer = api.run("SELECT 1 AS A WHERE FALSE")
    assert answer.rows == [] and answer.body["resultSetMetaData"]["partitionInfo"][0]["rowCount"] == 0


def test_nullable_false_writes_the_word(api: Api) -> None:
    assert api.post("SELECT NULL AS A", "nullable=false").rows == [["null"]]


def test_long_statements_answer_202_and_are_polled(api: Api) -> None:
    answer = api.post("SELECT SYSTEM$WAIT(1) AS W")
    assert answer.status == 202 and answer.body["code"] == "333334"
    assert api.get(answer.handle).status == 202
    assert api.finished(answer).one == "waited 1 seconds"


def test_async_answers_at_once(api: Api) -> None:
    answer = api.post("SELECT 7 AS A", "async=true")
    assert answer.status in (200, 202)
    assert api.finished(answer).one == "7"


def test_cancel(api: Api) -> None:
    answer = api.post("SELECT SYSTEM$WAIT(30) AS W", "async=true")
    cancelled = api.request("POST", f"{PATH}/{answer.handle}/cancel")
    assert cancelled.status == 200 and cancelled.body["statementHandle"] == answer.handle
    ended = api.get(answer.handle)
    assert (ended.status, ended.body["code"], ended.body["sqlState"]) == (422, "000604", "57014")
    assert api.request("POST", f"{PATH}/{answer.handle}/cancel").status == 422


def test_cancel_interrupts_the_engine(api: Api) -> None:
    heavy = "WITH g AS (SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 300000))) SELECT COUNT(*) AS C FROM g a, g b WHERE MD5(a.N || b.N) = 'x'"
    answer = api.post(heavy, "async=true")
    time.sleep(0.5)
    started = time.monotonic()
    assert api.request("POST", f"{PATH}/{answer.handle}/cancel").status == 200
    assert api.run("SELECT 1 AS A").one == "1"
    assert time.monotonic() - started < 5


def test_timeout_answers_408(api: Api) -> None:
    answer = api.finished(api.post("SELECT SYSTEM$WAIT(30) AS W", timeout=1))
    assert answer.status == 408 and answer.body["statementHandle"]
    assert api.get(answer.handle).status == 408


def test_statements_run_in_parallel(api: Api) -> None:
    started = time.monotonic()
    answers = [api.post("SELECT SYSTEM$WAIT(1) AS W", "async=true") for _ in range(8)]
    assert all(api.finished(a).status == 200 for a in answers)
    assert time.monotonic() - started < 4


def test_a_retry_does_not_run_twice(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    request = uuid4()
    insert = f"INSERT INTO {schema}.T VALUES (1)"
    first = api.post(insert, f"requestId={request}")
    second = api.post(insert, f"requestId={request}&retry=true")
    assert first.handle == second.handle
    assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T").one == "1"
    api.post(insert, f"requestId={request}")
    assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T").one == "2"


def test_dml_has_stats(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    assert api.run(f"INSERT INTO {schema}.T VALUES (1), (2), (3)").body["stats"]["numRowsInserted"] == 3
    assert api.run(f"UPDATE {schema}.T SET A = 0 WHERE A > 1").body["stats"]["numRowsUpdated"] == 2
    assert api.run(f"DELETE FROM {schema}.T").body["stats"]["numRowsDeleted"] == 3


def test_bindings(api: Api) -> None:
    given = {
        "1": ("FIXED", "12345678901234567890.50"), "2": ("REAL", "0.1"), "3": ("TEXT", "O'Brien\\n"), "4": ("BINARY", "dead"),
        "5": ("BOOLEAN", "true"), "6": ("DATE", "1709164800000"), "7": ("TIME", "3723500000000"),
        "8": ("TIMESTAMP_NTZ", "1709168523456789000"), "9": ("TIMESTAMP_TZ", "1709168523000000000 1560"), "10": ("TEXT", None),
    }
    bindings = {k: {"type": t, "value": v} for k, (t, v) in given.items()}
    [row] = api.run(f"SELECT {', '.join(f'? AS C{k}' for k in given)}", bindings=bindings).rows
    assert row == [
        "12345678901234567890.50", "0.1", "O'Brien\\n", "DEAD", "true", "19782", "3723.500000000", "1709168523.456789000",
        "1709168523.000000000 1440", None,
    ]
    assert api.run("SELECT :1 + ? AS X", bindings={"1": {"type": "FIXED", "value": "2"}}).one == "4"
    bad = api.post("SELECT ? AS A", bindings={"1": {"type": "FIXED", "value": "many"}})
    assert (bad.status, bad.body["code"]) == (422, "100037")
    assert api.post("SELECT ? AS A").status == 422


def test_several_statements(api: Api) -> None:
    answer = api.post("SELECT 1 AS A; SELECT 'a;b' AS B;", parameters={"MULTI_STATEMENT_COUNT": 2})
    assert answer.one == "Multiple statements executed successfully."
    assert [api.get(h).one for h in answer.body["statementHandles"]] == ["1", "a;b"]
    wrong = api.post("SELECT 1; SELECT 2")
    assert wrong.status == 422
    assert wrong.body["message"] == "Actual statement count 2 did not match the desired statement count 1."


def test_a_failing_statement_of_several(api: Api, schema: str) -> None:
    answer = api.post(f"CREATE TABLE {schema}.T (A INT); SELECT * FROM {schema}.NOPE", parameters={"MULTI_STATEMENT_COUNT": 0})
    assert (answer.status, answer.body["code"], answer.body["sqlState"]) == (422, "100132", "P0000")
    assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T").one == "0"


def test_session_statements_need_company(api: Api) -> None:
    for statement in ("USE ROLE SYSADMIN", "ALTER SESSION SET QUERY_TAG = 'x'", "BEGIN", "PUT file:///x @y"):
        assert api.post(statement).status == 422
    answers = api.session("ALTER SESSION SET QUERY_TAG = 'x', USE_CACHED_RESULT = FALSE", "SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION")
    assert answers[1].rows[0][:2] == ["QUERY_TAG", "x"]


@pytest.mark.parametrize(
    ("sql", "code", "state", "words"),
    [
        ("SELECT * FROM NOPE", "002003", "42S02", "Object 'NOPE' does not exist or not authorized."),
        ("SELECT * FROM NODB.X.Y", "002003", "02000", "Database 'NODB' does not exist"),
        ("SELECT * FROM STANDIN.NOSCHEMA.Y", "002003", "02000", "Schema 'STANDIN.NOSCHEMA' does not exist"),
        ("SELECT NOPE", "000904", "42000", "invalid identifier 'NOPE'"),
        ("SELECT 1 FROM", "001003", "42000", "syntax error"),
        ("SELEC 1", "001003", "42000", "syntax error"),
        ("SELECT NOFUNCTION(1) AS A", "002140", "42601", "Unknown function NOFUNCTION"),
        ("SELECT 'a'::NUMBER AS A", "100038", "22018", ""),
        ("SELECT 1::FLOAT / 0 AS A", "100051", "22012", "Division by zero"),
        ("SELECT 'abc'::VARCHAR(2) AS A", "100078", "22000", "too long and would be truncated"),
        ("SELECT PARSE_JSON('{') AS A", "100069", "22P02", "Error parsing JSON"),
    ],
)
def test_errors_are_worded_as_snowflake_words_them(api: Api, sql: str, code: str, state: str, words: str) -> None:
    answer = api.post(sql)
    assert answer.status == 422
    assert (answer.body["code"], answer.body["sqlState"]) == (code, state), answer.body
    assert words in answer.body["message"] and answer.body["statementHandle"]


def test_bad_requests(api: Api) -> None:
    assert api.request("POST", PATH, b"{").body["code"] == "390142"
    assert api.request("POST", PATH, {"statement": 1}).status == 400
    for wrong in ({"timeout": -1}, {"timeout": "1"}, {"role": 1}, {"bindings": []}, {"bindings": {"1": 2}}, {"parameters": False}):
        assert api.request("POST", PATH, {"statement": "SELECT 1", **wrong}).status == 400
    assert api.post("SELECT 1", "requestId=nonsense").status == 400
    assert api.post("SELECT 1", "async=maybe").status == 400
    assert api.request("POST", PATH, b"x", {**api.headers(), "Content-Type": "text/plain"}).status == 415
    for missing in ("Accept", "User-Agent"):
        headers = {k: v for k, v in api.headers().items() if k != missing}
        assert api.post("SELECT 1", headers=headers).status == 400
    assert api.get("nonsense").status == 400
    unknown = api.get(str(uuid4()))
    assert (unknown.status, unknown.body["code"]) == (422, "000709")
    assert api.request("GET", "/api/v2/nothing").status == 404
    assert api.request("GET", PATH).status == 405


def test_context_is_case_sensitive(api: Api) -> None:
    assert api.run("SELECT CURRENT_ROLE() AS R", role="ACCOUNTADMIN").one == "ACCOUNTADMIN"
    for part in ({"role": "sysadmin"}, {"warehouse": "standin_wh"}, {"database": "standin"}, {"schema": "public"}):
        assert api.post("SELECT 1 AS A", **part).status == 422
    assert api.run("SELECT CURRENT_DATABASE() AS D", database=None, schema=None).one is None


def test_parameters_are_limited(api: Api) -> None:
    assert api.run("SELECT 1 AS A", parameters={"timezone": "UTC", "query_tag": "t", "binary_output_format": "HEX"}).one == "1"
    assert api.post("SELECT 1 AS A", parameters={"STATEMENT_TIMEOUT_IN_SECONDS": 5}).status == 422
    refused = api.post("SELECT 1 AS A", parameters={"date_output_format": "DD.MM.YYYY"})
    assert refused.status == 422 and "the stand-in cannot" in refused.body["message"]


def test_the_server_stays_responsive(api: Api) -> None:
    answers = [api.post("SELECT SYSTEM$WAIT(2) AS W", "async=true") for _ in range(4)]
    started = time.monotonic()
    assert api.run("SELECT 1 AS A").one == "1"
    assert time.monotonic() - started < 1.5
    threads = [threading.Thread(target=api.finished, args=(a,)) for a in answers]
    [t.start() for t in threads]
    [t.join() for t in threads]
