"""Roles, grants and time travel. All of it is emulated; these tests say how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from conftest import Api


@pytest.fixture
def role(api: Api) -> str:
    name = f"R{uuid4().hex[:8].upper()}"
    api.run(f"CREATE ROLE {name}")
    return name


def grant_usage(api: Api, role: str, schema: str) -> None:
    api.run(f"GRANT USAGE ON DATABASE STANDIN TO ROLE {role}")
    api.run(f"GRANT USAGE ON SCHEMA STANDIN.{schema} TO ROLE {role}")


def test_select_needs_a_grant(api: Api, schema: str, role: str) -> None:
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    api.run(f"CREATE TABLE {schema}.U AS SELECT 2 AS A")
    query = f"SELECT A FROM {schema}.T"
    assert "Database 'STANDIN' does not exist" in api.post(query, role=role).body["message"]
    grant_usage(api, role, schema)
    refused = api.post(query, role=role)
    assert (refused.body["code"], refused.body["sqlState"]) == ("002003", "42S02")
    api.run(f"GRANT SELECT ON TABLE {schema}.T TO ROLE {role}")
    assert api.run(query, role=role).one == "1"
    listed = api.run(f"SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '{schema}'", role=role)
    assert listed.rows == [["T"]]
    assert api.post(f"DESC TABLE {schema}.U", role=role).status == 422
    denied = api.post(f"INSERT INTO {schema}.T VALUES (2)", role=role)
    assert (denied.body["code"], denied.body["sqlState"]) == ("003001", "42501")
    assert "Insufficient privileges" in api.post(f"CREATE TABLE {schema}.X (A INT)", role=role).body["message"]
    api.run(f"REVOKE SELECT ON TABLE {schema}.T FROM ROLE {role}")
    assert api.post(query, role=role).status == 422


def test_all_and_future_tables(api: Api, schema: str, role: str) -> None:
    grant_usage(api, role, schema)
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    api.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO ROLE {role}")
    api.run(f"GRANT SELECT ON FUTURE TABLES IN SCHEMA STANDIN.{schema} TO ROLE {role}")
    api.run(f"CREATE TABLE {schema}.U AS SELECT 2 AS A")
    assert [api.run(f"SELECT A FROM {schema}.{t}", role=role).one for t in "TU"] == ["1", "2"]
    api.run(f"CREATE OR REPLACE TABLE {schema}.T AS SELECT 3 AS A")
    assert api.run(f"SELECT A FROM {schema}.T", role=role).one == "3"


def test_a_view_needs_only_its_own_grant(api: Api, schema: str, role: str) -> None:
    grant_usage(api, role, schema)
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    api.run(f"CREATE VIEW {schema}.W AS SELECT A FROM {schema}.T")
    api.run(f"GRANT SELECT ON VIEW {schema}.W TO ROLE {role}")
    assert api.run(f"SELECT A FROM {schema}.W", role=role).one == "1"
    assert api.post(f"SELECT A FROM {schema}.T", role=role).status == 422


def test_inherited_and_secondary_roles(api: Api, schema: str, role: str) -> None:
    parent = f"P{role}"
    api.run(f"CREATE ROLE {parent}")
    grant_usage(api, role, schema)
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    api.run(f"GRANT SELECT ON TABLE {schema}.T TO ROLE {role}")
    query = f"SELECT A FROM {schema}.T"
    assert api.post(query, role=parent).status == 422
    api.run(f"GRANT ROLE {role} TO ROLE {parent}")
    assert api.run(query, role=parent).one == "1"
    answers = api.session("USE ROLE PUBLIC", "USE SECONDARY ROLES ALL", query)
    assert answers[2].one == "1"
    refused = api.post(f"USE ROLE PUBLIC; USE SECONDARY ROLES NONE; {query}", parameters={"MULTI_STATEMENT_COUNT": 3})
    assert refused.status == 422


def test_show_grants(api: Api, schema: str, role: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    api.run(f"GRANT SELECT, INSERT ON TABLE {schema}.T TO ROLE {role}")
    api.run(f"GRANT ROLE {role} TO USER PARITY")
    held = api.run(f"SHOW GRANTS TO ROLE {role}")
    assert [t["name"] for t in held.types] == [
        "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by",
    ]
    assert sorted(r[1:6] for r in held.rows) == [[p, "TABLE", f"STANDIN.{schema}.T", "ROLE", role] for p in ("INSERT", "SELECT")]
    assert {r[1] for r in api.run(f"SHOW GRANTS ON TABLE {schema}.T").rows} == {"OWNERSHIP", "SELECT", "INSERT"}
    assert api.run(f"SHOW GRANTS OF ROLE {role}").rows[0][1:4] == [role, "USER", "PARITY"]
    assert role in {r[1] for r in api.run("SHOW ROLES").rows}
    api.run(f"DROP ROLE {role}")
    assert api.post(f"SHOW GRANTS TO ROLE {role}").status == 422


def at(moment: datetime) -> str:
    return f"AT(TIMESTAMP => '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} +0000'::TIMESTAMP_TZ)"


def now(api: Api) -> datetime:
    return datetime.fromtimestamp(float(api.run("SELECT CURRENT_TIMESTAMP() AS T").one), UTC)


def test_time_travel(api: Api, schema: str) -> None:
    before = now(api) - timedelta(seconds=1)
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    api.run(f"INSERT INTO {schema}.T VALUES (1)")
    point = now(api) + timedelta(milliseconds=2)
    query = "SELECT COUNT(*) AS N FROM {}.T {} AS X WHERE X.A = 1"
    assert api.run(query.format(schema, at(point))).one == "1"
    early = api.post(query.format(schema, at(before)))
    assert (early.body["code"], early.body["sqlState"]) == ("000707", "02000")
    assert early.body["message"].startswith(f"Time travel data is not available for table {schema}.T. The requested time")
    assert api.post(query.format(schema, at(before - timedelta(days=3)))).body["code"] == "000707"
    api.run(f"INSERT INTO {schema}.T VALUES (1)")
    changed = api.post(query.format(schema, at(point)))
    assert changed.status == 422 and "the stand-in cannot" in changed.body["message"]
    assert api.run(query.format(schema, at(now(api)))).one == "2"


def test_time_travel_of_a_replaced_table_and_of_a_view(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    api.run(f"CREATE VIEW {schema}.W AS SELECT A FROM {schema}.T")
    point = now(api) + timedelta(milliseconds=2)
    assert api.run(f"SELECT A FROM {schema}.W {at(point)}").one == "1"
    api.run(f"CREATE OR REPLACE TABLE {schema}.T AS SELECT 1 AS A")
    assert api.post(f"SELECT A FROM {schema}.T {at(point)}").body["code"] == "000707"
    assert api.post(f"SELECT A FROM {schema}.W {at(point)}").body["code"] == "000707"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT TO_CHAR('2024-01-01'::DATE, 'MON') AS A",
        "SELECT TO_CHAR(1.5, '99.99') AS A",
        "SELECT TO_NUMBER('ff', 'XX') AS A",
        "SELECT TO_DATE('01/02/2024', 'MM/DD/YYYY') AS A",
        "SELECT HASH(1) AS A",
        "SELECT HASH_AGG(x) AS A FROM (VALUES (1)) t(x)",
        "SELECT BITXOR_AGG(HASH(x)) AS A FROM (VALUES (1)) t(x)",
        "SELECT AVG(x) AS A FROM (VALUES (1)) t(x)",
        "SELECT 1 / 3 AS A",
        "SELECT 1.12345678 * 1.12345678 AS A",
        "SELECT LENGTH(0.1::FLOAT) AS A",
        "SELECT LISTAGG(x, ',') AS A FROM (SELECT 0.1::FLOAT AS x)",
        "SELECT TO_VARCHAR(0.1::FLOAT) AS A",
        "SELECT CURRENT_TIMESTAMP()::VARCHAR AS A",
        "SELECT '2024-01-01 00:00:00.123456789'::TIMESTAMP_NTZ AS A",
        "SELECT DATEADD(day, 1, x) AS A FROM (SELECT '2024-01-01'::DATE AS x)",
        "SELECT SHA2('a', 512) AS A",
        "SELECT COLLATE('a', 'en-ci') AS A",
        "SELECT GET_DDL('TABLE', 'T') AS A",
        "EXPLAIN USING JSON SELECT 1",
        "SHOW COLUMNS IN SCHEMA PUBLIC",
    ],
)
def test_wrong_answers_are_refused(api: Api, sql: str) -> None:
    answer = api.post(sql)
    assert answer.status == 422
    assert answer.body["message"].startswith("the stand-in would answer this wrongly: "), answer.body
