"""What queries cost, as the functions tell it: what was run here, and what tests plant."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from conftest import Api
from rights import code, made, unique

HISTORY = "TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_USER(RESULT_LIMIT => 10000))"
DENIED = ("003001", "42501")


@pytest.fixture
def planted(api: Api) -> Iterator[None]:
    yield
    api.request("DELETE", "/_standin/planted-query-stats", None, {})


def plant(api: Api, **values: object) -> int:
    return api.request("POST", "/_standin/planted-query-stats", values, {}).status


def record(api: Api, handle: str, columns: str = "*") -> dict[str, str | None]:
    answer = api.run(f"SELECT {columns} FROM {HISTORY} WHERE QUERY_ID = '{handle}'")
    [row] = answer.rows
    return dict(zip([t["name"] for t in answer.types], row, strict=True))


def operators(api: Api, handle: str, **given: object) -> list[list[str | None]]:
    columns = "OPERATOR_TYPE, OPERATOR_STATISTICS, OPERATOR_ATTRIBUTES"
    return api.run(f"SELECT {columns} FROM TABLE(GET_QUERY_OPERATOR_STATS('{handle}')) ORDER BY OPERATOR_ID", **given).rows


def test_emulated_times_and_rows(api: Api) -> None:
    api.fault("slow:0.2:1")
    done = api.run("SELECT 1 AS A UNION ALL SELECT 2")
    found = record(api, done.handle)
    assert int(found["TOTAL_ELAPSED_TIME"] or 0) >= 200, "what kept the statement waiting counts"
    assert (found["EXECUTION_STATUS"], found["ROWS_PRODUCED"], found["QUERY_TYPE"]) == ("SUCCESS", "2", "SELECT")
    assert [found[f"QUEUED_{kind}_TIME"] for kind in ("PROVISIONING", "REPAIR", "OVERLOAD")] == ["0", "0", "0"]
    unknown = ("BYTES_SCANNED", "WAREHOUSE_SIZE", "COMPILATION_TIME", "EXECUTION_TIME")
    assert [found[name] for name in unknown] == [None] * 4, "what is not known is not made up"


def test_emulated_failed_and_running(api: Api) -> None:
    failed = api.finished(api.post("SELECT NOTHING FROM NOWHERE"))
    assert record(api, failed.body["statementHandle"])["EXECUTION_STATUS"] == "FAILED_WITH_ERROR"
    own = api.run(f"SELECT EXECUTION_STATUS, END_TIME FROM {HISTORY} WHERE QUERY_TEXT LIKE '%mark of its own%' AND EXECUTION_STATUS = 'RUNNING'").rows
    assert own == [["RUNNING", "0.000000000"]]


def test_emulated_dimensions(api: Api) -> None:
    other = unique("U")
    assert api.request("POST", "/_standin/query-history", {"text": f"SELECT '{other}'", "user": other, "role": "R", "warehouse": "STANDIN_WH"}, {}).status == 200

    def count(function: str, **given: object) -> str | None:
        return api.run(f"SELECT COUNT(*) AS N FROM TABLE(INFORMATION_SCHEMA.{function}) WHERE USER_NAME = '{other}'", **given).one

    assert count("QUERY_HISTORY_BY_USER(RESULT_LIMIT => 10000)") == "0"
    assert count(f"QUERY_HISTORY_BY_USER(USER_NAME => '{other}')") == "1"
    assert count("QUERY_HISTORY(RESULT_LIMIT => 10000)") == "1"
    assert count("QUERY_HISTORY_BY_WAREHOUSE(RESULT_LIMIT => 10000)") == "1"
    role = made(api, "PUBLIC")
    assert count("QUERY_HISTORY(RESULT_LIMIT => 10000)", role=role) == "0", "of others only who monitors the warehouse"
    for wrong in ("QUERY_HISTORY(RESULT_LIMIT => 10001)", "QUERY_HISTORY(END_TIME_RANGE_START => CURRENT_TIMESTAMP())"):
        assert api.finished(api.post(f"SELECT * FROM TABLE(INFORMATION_SCHEMA.{wrong})")).status == 422


def test_emulated_operators(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    done = api.run(f"SELECT A FROM {schema}.T")
    found = operators(api, done.handle)
    assert [(kind, json.loads(stats or "")) for kind, stats, _ in found] == [("Result", {"input_rows": 0}), ("TableScan", {})]
    assert json.loads(found[1][2] or "") == {"table_name": f"STANDIN.{schema}.T"}
    both = " UNION ALL ".join(f"SELECT QUERY_ID FROM TABLE(GET_QUERY_OPERATOR_STATS('{done.handle}'))" for _ in range(50))
    assert len(api.run(both).rows) == 100
    assert api.post("SELECT * FROM TABLE(GET_QUERY_OPERATOR_STATS('nothing'))").status == 422
    role = made(api, "PUBLIC")
    asked = f"SELECT * FROM TABLE(GET_QUERY_OPERATOR_STATS('{done.handle}'))"
    assert code(api.finished(api.post(asked, role=role))) == DENIED
    api.run(f"GRANT MONITOR ON WAREHOUSE STANDIN_WH TO ROLE {role}")
    assert len(operators(api, done.handle, role=role)) == 2


def test_emulated_planted_values(api: Api, planted: None) -> None:
    mark = unique("M")
    done, other = api.run(f"SELECT '{mark}' AS A"), api.run("SELECT 1 AS A")
    spilled = [{"type": "Sort", "statistics": {"spilling": {"bytes_spilled_local_storage": 7}}, "attributes": {}}]
    assert plant(api, match=mark.lower(), bytes_scanned=12, warehouse_size="X-Small", queued_overload_time=5, operators=spilled) == 200
    found = record(api, done.handle)
    assert [found[n] for n in ("BYTES_SCANNED", "WAREHOUSE_SIZE", "QUEUED_OVERLOAD_TIME")] == ["12", "X-Small", "5"]
    [[kind, stats, _]] = operators(api, done.handle)
    assert (kind, json.loads(stats or "")) == ("Sort", spilled[0]["statistics"])
    assert record(api, other.handle)["BYTES_SCANNED"] is None, "others are as they were"
    assert plant(api, match=mark, nonsense=1) == 400
