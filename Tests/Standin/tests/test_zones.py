"""The session's time zone: what it decides, also below a view, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from conftest import Api

EAST, WEST = "Pacific/Kiritimati", "Etc/GMT+12"


def day(zone: str) -> str:
    return datetime.now(ZoneInfo(zone)).date().isoformat()


def shown(api: Api, statement: str, zone: str) -> str | None:
    return api.run(statement, parameters={"TIMEZONE": zone}).one


@pytest.fixture
def moments(api: Api, schema: str) -> str:
    """One moment on two days: 23:30 on 1 March in UTC."""
    table = f"STANDIN.{schema}.MOMENTS"
    api.run(f"CREATE TABLE {table} (ID NUMBER, L TIMESTAMP_LTZ, Z TIMESTAMP_TZ, N TIMESTAMP_NTZ)")
    api.run(f"INSERT INTO {table} VALUES (1, '2026-03-01 23:30:00 +0000'::TIMESTAMP_LTZ, '2026-03-01 23:30:00 +0000'::TIMESTAMP_TZ, '2026-03-01 23:30:00')")
    return table


@pytest.mark.parametrize("expression", [
    "CURRENT_DATE", "CURRENT_DATE()", "CURRENT_TIMESTAMP()::DATE", "TO_DATE(CURRENT_TIMESTAMP())", "GETDATE()::DATE", "CURRENT_TIMESTAMP::TIMESTAMP_NTZ::DATE",
    "DATE_TRUNC('day', CURRENT_TIMESTAMP())::DATE", "DATEADD('day', 0, CURRENT_TIMESTAMP())::DATE",
])  # fmt: skip
def test_today_is_the_session_s(api: Api, schema: str, expression: str) -> None:
    view = f"STANDIN.{schema}.TODAY"
    api.run(f"CREATE OR REPLACE VIEW {view} AS WITH T AS (SELECT CURRENT_TIMESTAMP() AS MOMENT) SELECT {expression} AS D, MOMENT::DATE AS E FROM T")
    for zone in (EAST, WEST, "UTC"):
        wanted = day(zone)
        got = api.run(f"SELECT TO_VARCHAR(D), TO_VARCHAR(E), TO_VARCHAR({expression}) FROM {view}, (SELECT CURRENT_TIMESTAMP() AS MOMENT)",
                      parameters={"TIMEZONE": zone}).rows
        assert got in ([[wanted] * 3], [[day(zone)] * 3]), zone


@pytest.mark.parametrize(("expression", "west", "utc", "east"), [
    ("TO_VARCHAR(L::DATE)", "2026-03-01", "2026-03-01", "2026-03-02"),
    ("TO_VARCHAR(L::TIMESTAMP_NTZ)", "2026-03-01 11:30:00.000", "2026-03-01 23:30:00.000", "2026-03-02 13:30:00.000"),
    ("HOUR(L)", "11", "23", "13"),
    ("TO_VARCHAR(Z::TIMESTAMP_LTZ::DATE)", "2026-03-01", "2026-03-01", "2026-03-02"),
    ("TO_VARCHAR(TO_TIMESTAMP_LTZ(Z)::DATE)", "2026-03-01", "2026-03-01", "2026-03-02"),
    ("TO_VARCHAR(CONVERT_TIMEZONE('UTC', L)::DATE)", "2026-03-01", "2026-03-01", "2026-03-01"),
    ("EXTRACT(DAY FROM L)", "1", "1", "2"),
    ("DATE_PART(EPOCH_SECOND, L)", "1772407800", "1772407800", "1772407800"),
    ("DATE_PART(EPOCH_SECOND, DATE_TRUNC('day', L))", "1772366400", "1772323200", "1772359200"),
    # A TIMESTAMP_TZ carries its own offset, a TIMESTAMP_NTZ none.
    ("TO_VARCHAR(Z::DATE)", "2026-03-01", "2026-03-01", "2026-03-01"),
    ("HOUR(Z)", "23", "23", "23"),
    ("TO_VARCHAR(N::DATE)", "2026-03-01", "2026-03-01", "2026-03-01"),
])  # fmt: skip
def test_moments_by_type(api: Api, moments: str, expression: str, west: str, utc: str, east: str) -> None:
    view = f"{moments}_SEEN"
    api.run(f"CREATE VIEW {view} AS WITH SEEN AS (SELECT ID, L, Z, N FROM {moments}) SELECT {expression} AS V FROM SEEN")
    for zone, wanted in ((WEST, west), ("UTC", utc), (EAST, east)):
        assert shown(api, f"SELECT {expression} FROM {moments}", zone) == wanted, zone
        assert shown(api, f"SELECT V FROM {view}", zone) == wanted, zone


def test_cells_are_instants(api: Api, moments: str) -> None:
    for zone in (WEST, EAST):
        [[local, zoned, plain]] = api.run(f"SELECT L, Z, N FROM {moments}", parameters={"TIMEZONE": zone}).rows
        assert (local, zoned, plain) == ("1772407800.000000000", "1772407800.000000000 1440", "1772407800.000000000")


def test_a_renamed_column_keeps_its_kind(api: Api, moments: str) -> None:
    query = f"WITH A AS (SELECT L AS SEEN, Z AS PLACED FROM {moments}), B AS (SELECT SEEN AS S, PLACED AS P FROM A) SELECT TO_VARCHAR(S::DATE) || ' ' || TO_VARCHAR(P::DATE) FROM B"
    assert shown(api, query, EAST) == "2026-03-02 2026-03-01"


@pytest.mark.parametrize("query", [
    "SELECT COUNT(*) FROM {0} WHERE N < CURRENT_TIMESTAMP()",
    "SELECT N::TIMESTAMP_LTZ FROM {0}",
    "SELECT TO_TIMESTAMP_TZ('2026-03-01 23:30:00')",
    "SELECT COALESCE(M, M)::DATE FROM (SELECT IFF(ID = 1, L, Z) AS M FROM {0})",
])  # fmt: skip
def test_what_it_cannot_tell_is_refused(api: Api, moments: str, query: str) -> None:
    statement = query.format(moments)
    assert api.run(statement).rows
    answer = api.post(statement, parameters={"TIMEZONE": EAST})
    assert answer.status == 422 and "TIMEZONE" in answer.body["message"], answer.body
    view = f"{moments}_ODD"
    if "FROM" in query:
        api.run(f"CREATE VIEW {view} (V) AS {statement}")
        api.run(f"CREATE VIEW {view}_OVER AS SELECT V FROM {view}")
        answer = api.post(f"SELECT V FROM {view}_OVER", parameters={"TIMEZONE": EAST})
        assert answer.status == 422 and "TIMEZONE" in answer.body["message"], answer.body


def test_an_unknown_zone_is_refused(api: Api) -> None:
    answer = api.post("SELECT 1", parameters={"TIMEZONE": "Mars/Olympus"})
    assert answer.status == 422 and "invalid value" in answer.body["message"]


def test_alter_session_and_back(api: Api) -> None:
    connection = api.connect()
    try:
        cursor = connection.cursor()
        for zone in (EAST, WEST, "UTC"):
            cursor.execute(f"ALTER SESSION SET TIMEZONE = '{zone}'")
            [(found, moment)] = cursor.execute("SELECT CURRENT_DATE, CURRENT_TIMESTAMP").fetchall()
            assert found.isoformat() == day(zone)
            assert abs((moment - datetime.now(UTC)).total_seconds()) < 60
    finally:
        connection.close()
