"""Roles, ownership and grants as the stand-in emulates them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import snowflake.connector
from conftest import Api
from rights import DENIED, MISSING, code, dicts, made, only, unique


@pytest.fixture
def strict(api: Api) -> Iterator[None]:
    """No role is mightier than in Snowflake."""
    api.request("POST", "/_standin/strict", {"strict": True}, {})
    yield
    api.request("POST", "/_standin/strict", {"strict": False}, {})


def test_emulated_database_roles(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    reader, other, account = unique("D"), unique("D"), made(api)
    for name in (reader, other):
        api.run(f"CREATE DATABASE ROLE STANDIN.{name}")
    api.run(f"GRANT USAGE ON SCHEMA {schema} TO DATABASE ROLE {reader}")
    api.run(f"GRANT SELECT ON TABLE {schema}.T TO DATABASE ROLE STANDIN.{reader}")
    query = f"SELECT A FROM {schema}.T"
    assert code(api.post(query, role=account)) is not None
    api.run(f"GRANT DATABASE ROLE STANDIN.{reader} TO DATABASE ROLE {other}")
    api.run(f"GRANT DATABASE ROLE STANDIN.{other} TO ROLE {account}")
    assert api.run(query, role=account).one == "1"
    assert api.post(f"GRANT ROLE {account} TO DATABASE ROLE {other}").status == 422
    assert api.post(f"USE ROLE {reader}; SELECT 1 AS A", parameters={"MULTI_STATEMENT_COUNT": 2}).status == 422
    assert {r["privilege"] for r in dicts(api.run(f"SHOW GRANTS TO DATABASE ROLE STANDIN.{reader}"))} == {"USAGE", "SELECT"}
    [row] = dicts(api.run(f"SHOW GRANTS OF DATABASE ROLE STANDIN.{other}"))
    assert (row["granted_to"], row["grantee_name"]) == ("ROLE", account)
    listed = dicts(api.run("SHOW DATABASE ROLES IN DATABASE STANDIN"))
    assert {reader, other} <= {r["name"] for r in listed}
    api.run(f"DROP DATABASE ROLE STANDIN.{reader}")
    assert code(api.post(query, role=account)) is not None


def test_emulated_closure_and_circles(api: Api) -> None:
    a, b, c = made(api), made(api), made(api)
    api.run(f"GRANT ROLE {a} TO ROLE {b}")
    api.run(f"GRANT ROLE {b} TO ROLE {c}")
    assert api.post(f"GRANT ROLE {c} TO ROLE {a}").status == 422
    [row] = [r for r in dicts(api.run(f"SHOW GRANTS TO ROLE {c}"))]
    assert (row["privilege"], row["granted_on"], row["name"]) == ("USAGE", "ROLE", b)
    api.run(f"REVOKE ROLE {b} FROM ROLE {c}")
    assert api.run(f"SHOW GRANTS TO ROLE {c}").rows == []


def test_emulated_public_belongs_to_every_role(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    role = made(api, schema)
    assert code(only(api, role, f"SELECT A FROM {schema}.T")) == ("100132", "P0000")
    api.run(f"GRANT SELECT ON TABLE {schema}.T TO ROLE PUBLIC")
    assert only(api, role, f"SELECT A FROM {schema}.T").one == "1"
    assert code(only(api, "PUBLIC", f"SELECT A FROM {schema}.T")) is not None, "PUBLIC has no USAGE on the schema"


def test_emulated_ownership_of_the_creating_role(api: Api, schema: str) -> None:
    role = made(api, schema, f"CREATE TABLE ON SCHEMA STANDIN.{schema}")
    api.run(f"CREATE TABLE {schema}.T (A INT)", role=role)
    [row] = [r for r in dicts(api.run(f"SHOW GRANTS ON TABLE {schema}.T"))]
    assert (row["privilege"], row["grantee_name"], row["granted_by_role_type"]) == ("OWNERSHIP", role, "ROLE")
    api.run(f"INSERT INTO {schema}.T VALUES (1)", role=role)
    other = made(api, schema, f"SELECT ON TABLE {schema}.T")
    assert code(api.post(f"DROP TABLE {schema}.T", role=other)) == DENIED
    assert code(api.post(f"TRUNCATE TABLE {schema}.T", role=other)) == DENIED
    api.run(f"DROP TABLE {schema}.T", role=role)


@pytest.mark.parametrize(("how", "left"), [("COPY CURRENT GRANTS", {"SELECT"}), ("REVOKE CURRENT GRANTS", set())])
def test_emulated_transfer_of_ownership(api: Api, schema: str, how: str, left: set[str]) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    reader, owner = made(api, schema, f"SELECT ON TABLE {schema}.T"), made(api, schema)
    refused = api.post(f"GRANT OWNERSHIP ON TABLE {schema}.T TO ROLE {owner}")
    assert code(refused) == ("003036", "42501") and "REVOKE CURRENT GRANTS" in refused.body["message"]
    api.run(f"GRANT OWNERSHIP ON TABLE {schema}.T TO ROLE {owner} {how}")
    shown = dicts(api.run(f"SHOW GRANTS ON TABLE {schema}.T"))
    assert {r["grantee_name"] for r in shown if r["privilege"] == "OWNERSHIP"} == {owner}
    assert {r["privilege"] for r in shown if r["grantee_name"] == reader} == left
    assert {r["granted_by"] for r in shown} == {owner}


def test_emulated_grant_option(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    first, second = made(api, schema, f"SELECT ON TABLE {schema}.T"), made(api, schema)
    assert code(api.post(f"GRANT SELECT ON TABLE {schema}.T TO ROLE {second}", role=first)) == DENIED
    api.run(f"GRANT SELECT ON TABLE {schema}.T TO ROLE {first} WITH GRANT OPTION")
    api.run(f"GRANT SELECT ON TABLE {schema}.T TO ROLE {second}", role=first)
    [row] = [r for r in dicts(api.run(f"SHOW GRANTS TO ROLE {second}")) if r["privilege"] == "SELECT"]
    assert (row["granted_by"], row["grant_option"]) == (first, "false")
    assert api.post(f"REVOKE SELECT ON TABLE {schema}.T FROM ROLE {first}").status == 422
    api.run(f"REVOKE GRANT OPTION FOR SELECT ON TABLE {schema}.T FROM ROLE {first} CASCADE")
    assert code(api.post(f"SELECT A FROM {schema}.T", role=second)) == MISSING
    assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T", role=first).one == "0"


def test_emulated_future_grants(api: Api, schema: str) -> None:
    wide, narrow = made(api), made(api)
    api.run(f"GRANT SELECT ON FUTURE VIEWS IN DATABASE STANDIN TO ROLE {wide}")
    api.run(f"GRANT SELECT, INSERT ON FUTURE TABLES IN DATABASE STANDIN TO ROLE {wide}")
    api.run(f"GRANT SELECT ON FUTURE TABLES IN SCHEMA STANDIN.{schema} TO ROLE {narrow}")
    try:
        api.run(f"CREATE TABLE {schema}.T (A INT)")
        api.run(f"CREATE VIEW {schema}.V AS SELECT A FROM {schema}.T")
        # The schema's future grants for tables win over the database's, whoever gets them.
        assert {r["grantee_name"] for r in dicts(api.run(f"SHOW GRANTS ON TABLE {schema}.T")) if r["privilege"] != "OWNERSHIP"} == {narrow}
        assert {r["grantee_name"] for r in dicts(api.run(f"SHOW GRANTS ON VIEW {schema}.V")) if r["privilege"] != "OWNERSHIP"} == {wide}
        found = api.run(f"SHOW FUTURE GRANTS IN SCHEMA STANDIN.{schema}")
        [row] = dicts(found)
        assert list(row) == ["created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option"]
        assert list(row.values())[1:] == ["SELECT", "TABLE", f"STANDIN.{schema}.<TABLE>", "ROLE", narrow, "false"]
        assert len(api.run(f"SHOW FUTURE GRANTS TO ROLE {wide}").rows) == 3
        assert api.run("SHOW FUTURE GRANTS IN DATABASE STANDIN").rows[0][3] == "STANDIN.<VIEW>"
        api.run(f"GRANT USAGE ON FUTURE SCHEMAS IN DATABASE STANDIN TO ROLE {wide}")
        fresh = unique("S")
        api.run(f"CREATE SCHEMA STANDIN.{fresh}")
        assert wide in {r["grantee_name"] for r in dicts(api.run(f"SHOW GRANTS ON SCHEMA STANDIN.{fresh}"))}
        denied = api.post(f"GRANT SELECT ON FUTURE TABLES IN SCHEMA STANDIN.{schema} TO ROLE {narrow}", role=narrow)
        assert code(denied) == DENIED
        api.run(f"REVOKE SELECT ON FUTURE TABLES IN SCHEMA STANDIN.{schema} FROM ROLE {narrow}")
        assert api.run(f"SHOW FUTURE GRANTS IN SCHEMA STANDIN.{schema}").rows == []
    finally:
        api.run(f"DROP ROLE {wide}")


def test_emulated_manage_grants(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    manager, other = made(api, schema, "MANAGE GRANTS ON ACCOUNT"), made(api)
    assert code(api.post(f"SELECT A FROM {schema}.T", role=manager)) == MISSING, "to grant is not to read"
    api.run(f"GRANT SELECT ON TABLE {schema}.T TO ROLE {other}", role=manager)
    [row] = [r for r in dicts(api.run(f"SHOW GRANTS TO ROLE {other}", role=manager))]
    assert row["granted_by"] == "SYSADMIN", "the owner is recorded, not the role that granted"


def test_emulated_privileges_of_a_kind(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    role = made(api, None, f"ALL PRIVILEGES ON TABLE {schema}.T", f"ALL ON SCHEMA {schema}", "ALL ON WAREHOUSE STANDIN_WH")
    held = dicts(api.run(f"SHOW GRANTS TO ROLE {role}"))
    assert {r["privilege"] for r in held if r["granted_on"] == "TABLE"} == {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"}
    assert {r["privilege"] for r in held if r["granted_on"] == "WAREHOUSE"} == {"USAGE", "MODIFY", "MONITOR", "OPERATE"}
    assert api.post(f"GRANT FLY ON TABLE {schema}.T TO ROLE {role}").status == 422
    assert api.post(f"GRANT USAGE ON TABLE {schema}.T TO ROLE {role}").status == 422
    assert api.post(f"GRANT SELECT ON TABLE {schema}.NOPE TO ROLE {role}").status == 422
    assert api.post("GRANT USAGE ON WAREHOUSE NOPE TO ROLE PUBLIC").status == 422


def test_emulated_grants_go_with_what_is_dropped(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    role = made(api, schema, f"SELECT ON TABLE {schema}.T")
    api.run(f"CREATE OR REPLACE TABLE {schema}.T COPY GRANTS (A INT)")
    assert "SELECT" in {r["privilege"] for r in dicts(api.run(f"SHOW GRANTS TO ROLE {role}"))}
    api.run(f"DROP SCHEMA STANDIN.{schema}")
    assert {r["granted_on"] for r in dicts(api.run(f"SHOW GRANTS TO ROLE {role}"))} == {"DATABASE"}


def test_emulated_system_roles_when_strict(api: Api, schema: str, strict: None) -> None:
    role, owner = unique(), unique()
    assert code(api.post(f"CREATE ROLE {role}")) == DENIED, "SYSADMIN makes no roles"
    api.run(f"CREATE ROLE {role}", role="USERADMIN")
    api.run(f"CREATE ROLE {owner}", role="USERADMIN")
    assert code(api.post("CREATE DATABASE NOPE", role="USERADMIN")) == DENIED
    for right in ("USAGE ON DATABASE STANDIN", f"USAGE ON SCHEMA STANDIN.{schema}", "USAGE ON WAREHOUSE STANDIN_WH", f"CREATE TABLE ON SCHEMA STANDIN.{schema}"):
        api.run(f"GRANT {right} TO ROLE {owner}", role="SECURITYADMIN")
    assert code(api.post("SELECT 1 AS A", role=owner)) == ("390189", "08004"), "not granted to the user"
    api.run(f"GRANT ROLE {owner} TO USER PARITY", role="USERADMIN")
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A", role=owner)
    # A role that nobody put under SYSADMIN is out of the reach of ACCOUNTADMIN, too.
    assert code(api.post(f"SELECT A FROM {schema}.T", role="ACCOUNTADMIN")) == MISSING
    api.run(f"GRANT ROLE {owner} TO ROLE SYSADMIN", role="USERADMIN")
    assert api.run(f"SELECT A FROM {schema}.T", role="ACCOUNTADMIN").one == "1"
    assert api.run(f"SELECT A FROM {schema}.T", role="SYSADMIN").one == "1"
    assert code(api.post(f"GRANT ROLE {owner} TO ROLE PUBLIC", role="SYSADMIN")) == DENIED
    api.run(f"REVOKE USAGE ON WAREHOUSE STANDIN_WH FROM ROLE {owner}", role="SECURITYADMIN")
    assert code(api.post(f"SELECT A FROM {schema}.T", role=owner)) == ("000606", "57P03")


def test_emulated_grants_through_the_connector(api: Api, schema: str) -> None:
    role = made(api, schema)
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    with api.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE ROLE IF NOT EXISTS STANDIN.D{role}")
        cursor.execute(f"USE ROLE {role}")
        cursor.execute("USE SECONDARY ROLES NONE")
        with pytest.raises(snowflake.connector.errors.ProgrammingError) as refused:
            cursor.execute(f"SELECT A FROM {schema}.T")
        assert (refused.value.errno, refused.value.sqlstate) == (2003, "42S02")
        cursor.execute("USE ROLE SYSADMIN")
        cursor.execute(f"GRANT SELECT ON TABLE {schema}.T TO DATABASE ROLE STANDIN.D{role}")
        cursor.execute(f"GRANT DATABASE ROLE STANDIN.D{role} TO ROLE {role}")
        cursor.execute(f"USE ROLE {role}")
        assert cursor.execute(f"SELECT A FROM {schema}.T").fetchall() == [(1,)]
        shown = cursor.execute(f"SHOW GRANTS TO ROLE {role}").fetchall()
        assert [c[0] for c in cursor.description][:4] == ["created_on", "privilege", "granted_on", "name"] and len(shown) == 3
        cursor.execute("USE ROLE SYSADMIN")
        cursor.execute(f"DROP DATABASE ROLE STANDIN.D{role}")


def test_emulated_privileges_of_merge(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    role = made(api, schema)
    sql = f"MERGE INTO {schema}.T USING (SELECT 2 AS A) S ON T.A = S.A WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (A) VALUES (S.A)"
    for privilege in ("SELECT", "DELETE", "INSERT"):
        assert code(api.post(sql, role=role)) in (MISSING, DENIED)
        api.run(f"GRANT {privilege} ON TABLE {schema}.T TO ROLE {role}")
    assert api.run(sql, role=role).status == 200
