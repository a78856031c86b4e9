"""What a session may do, by its primary and secondary roles, as the stand-in emulates it."""

from __future__ import annotations

import base64
import time

import jwt
import pytest
import snowflake.connector
from conftest import Answer, Api
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from rights import DENIED, MISSING, MISSING_PLACE, code, dicts, made, names, only, unique


@pytest.fixture
def table(api: Api, schema: str) -> str:
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    return f"STANDIN.{schema}.T"


def test_emulated_usage_down_to_the_object(api: Api, schema: str, table: str) -> None:
    role, query = made(api), f"SELECT A FROM {table}"
    api.run(f"GRANT SELECT ON TABLE {table} TO ROLE {role}")
    assert code(api.post(query, role=role, database=None, schema=None)) == MISSING_PLACE
    api.run(f"GRANT USAGE ON DATABASE STANDIN TO ROLE {role}")
    refused = api.post(query, role=role)
    assert code(refused) == MISSING_PLACE and f"Schema 'STANDIN.{schema}' does not exist or not authorized" in refused.body["message"]
    api.run(f"GRANT USAGE ON SCHEMA STANDIN.{schema} TO ROLE {role}")
    assert api.run(query, role=role).one == "1"
    api.run(f"REVOKE USAGE ON DATABASE STANDIN FROM ROLE {role}")
    assert code(api.post(query, role=role)) == MISSING_PLACE


def test_emulated_ownership_needs_usage_too(api: Api, schema: str, table: str) -> None:
    role = made(api)
    api.run(f"GRANT OWNERSHIP ON TABLE {table} TO ROLE {role}")
    assert code(api.post(f"SELECT A FROM {table}", role=role)) == MISSING_PLACE


@pytest.mark.parametrize(
    ("privilege", "statement"),
    [
        ("SELECT", "SELECT A FROM {0}"),
        ("INSERT", "INSERT INTO {0} VALUES (2)"),
        ("UPDATE", "UPDATE {0} SET A = 2"),
        ("DELETE", "DELETE FROM {0}"),
        ("TRUNCATE", "TRUNCATE TABLE {0}"),
    ],
)
def test_emulated_privileges_on_tables(api: Api, schema: str, table: str, privilege: str, statement: str) -> None:
    role, sql = made(api, schema), statement.format(table)
    assert code(api.post(sql, role=role)) == MISSING, "nothing on the table: it is not there"
    api.run(f"GRANT REFERENCES ON TABLE {table} TO ROLE {role}")
    refused = api.post(sql, role=role)
    assert code(refused) == DENIED and "Insufficient privileges to operate on table 'T'" in refused.body["message"]
    api.run(f"GRANT {privilege} ON TABLE {table} TO ROLE {role}")
    assert api.post(sql, role=role).status == 200


def test_emulated_creation_and_removal(api: Api, schema: str) -> None:
    role = made(api, schema)
    for sql in (f"CREATE TABLE {schema}.N (A INT)", f"CREATE VIEW {schema}.N AS SELECT 1 AS A", "CREATE SCHEMA STANDIN.NOPE", "CREATE DATABASE NOPE", "CREATE ROLE NOPE", "CREATE USER NOPE", "CREATE WAREHOUSE NOPE"):
        assert code(api.post(sql, role=role)) == DENIED, sql
    for sql in (f"DROP SCHEMA STANDIN.{schema}", "DROP DATABASE STANDIN", "DROP ROLE SYSADMIN"):
        assert code(api.post(sql, role=role)) == DENIED, sql
    assert code(only(api, role, "USE SCHEMA STANDIN.PUBLIC")) == ("100132", "P0000")
    own = made(api, None, "CREATE SCHEMA ON DATABASE STANDIN", "USAGE ON DATABASE STANDIN")
    mine = unique("S")
    api.run(f"CREATE SCHEMA STANDIN.{mine}", role=own)
    api.run(f"CREATE TABLE {mine}.T (A INT)", role=own)
    assert code(api.post(f"SELECT A FROM {mine}.T", role=role)) == MISSING_PLACE
    api.run(f"DROP SCHEMA STANDIN.{mine}", role=own)


def test_emulated_views_have_their_owners_rights(api: Api, schema: str, table: str) -> None:
    owner = made(api, schema, f"CREATE VIEW ON SCHEMA STANDIN.{schema}", f"SELECT ON TABLE {table}")
    api.run(f"CREATE VIEW {schema}.V AS SELECT A FROM {table}", role=owner)
    reader = made(api, schema, f"SELECT ON VIEW {schema}.V")
    assert api.run(f"SELECT A FROM {schema}.V", role=reader).one == "1"
    assert code(api.post(f"SELECT A FROM {table}", role=reader)) == MISSING
    api.run(f"REVOKE SELECT ON TABLE {table} FROM ROLE {owner}")
    broken = api.post(f"SELECT A FROM {schema}.V", role=reader)
    assert broken.status == 422 and "Failure during expansion of view 'V'" in broken.body["message"]


def test_emulated_requests_of_several_statements(api: Api, schema: str, table: str) -> None:
    role = made(api, schema)
    query = f"SELECT A FROM {table}"
    refused = only(api, role, query)
    assert code(refused) == ("100132", "P0000")
    assert query in refused.body["message"] and "does not exist or not authorized" in refused.body["message"]
    api.run(f"GRANT INSERT ON TABLE {table} TO ROLE {role}")
    assert "Insufficient privileges" in only(api, role, query).body["message"]
    api.run(f"GRANT SELECT ON TABLE {table} TO ROLE {role}")
    text = f"USE ROLE {role}; USE SECONDARY ROLES NONE; SELECT CURRENT_ROLE() AS R; {query}"
    answer = api.finished(api.post(text, parameters={"MULTI_STATEMENT_COUNT": "4"}))
    handles = answer.body["statementHandles"]
    assert len(set(handles)) == 4 and [api.get(h).one for h in handles[2:]] == [role, "1"]
    assert api.run("SELECT CURRENT_ROLE() AS R").one == "SYSADMIN", "USE ends with its request"


class Person:
    """A user of one's own, with a key, who talks to the SQL API."""

    def __init__(self, api: Api, *properties: str):
        self.api, self.name = api, unique("U")
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        der = self.key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        api.run(f"CREATE USER {self.name} RSA_PUBLIC_KEY = '{base64.b64encode(der).decode()}' {' '.join(properties)}")

    def post(self, sql: str, **body: object) -> Answer:
        from conftest import fingerprint

        now, name = int(time.time()), f"PARITYORG-STANDIN.{self.name}"
        claims = {"iss": f"{name}.{fingerprint(self.key)}", "sub": name, "iat": now, "exp": now + 60}
        return self.api.post(sql, headers=self.api.headers(jwt.encode(claims, self.key, "RS256")), **body)


def test_emulated_secondary_roles_of_a_user(api: Api, schema: str, table: str) -> None:
    reader, idle = made(api, schema, f"SELECT ON TABLE {table}"), made(api)
    person, query = Person(api, f"DEFAULT_ROLE = {idle}"), f"SELECT A FROM {table}"
    for role in (reader, idle):
        api.run(f"GRANT ROLE {role} TO USER {person.name}")
    [[user, role, secondary]] = person.post("SELECT CURRENT_USER() AS U, CURRENT_ROLE() AS R, CURRENT_SECONDARY_ROLES() AS S").rows
    assert (user, role) == (person.name, idle) and '"ALL"' in secondary
    assert person.post(query, role=idle).one == "1", "all secondary roles, unless the user is told otherwise"
    several = person.post(f"USE SECONDARY ROLES NONE; {query}", role=idle, parameters={"MULTI_STATEMENT_COUNT": 2})
    assert "does not exist or not authorized" in several.body["message"]
    api.run(f"ALTER USER {person.name} SET DEFAULT_SECONDARY_ROLES = ()")
    assert code(person.post(query, role=idle)) is not None
    assert person.post(query, role=reader).one == "1"
    assert code(person.post(query, role="SYSADMIN")) == ("390189", "08004")
    denied = person.post("USE ROLE SYSADMIN; SELECT 1 AS A", role=idle, parameters={"MULTI_STATEMENT_COUNT": 2})
    assert "Requested role 'SYSADMIN' is not assigned to the executing user" in denied.body["message"]
    api.run(f"ALTER USER {person.name} SET DISABLED = TRUE")
    assert person.post(query, role=reader).status == 401


def test_emulated_secondary_roles_create_nothing(api: Api, schema: str) -> None:
    maker, idle = made(api, schema, f"CREATE TABLE ON SCHEMA STANDIN.{schema}"), made(api, schema)
    person = Person(api)
    for role in (maker, idle):
        api.run(f"GRANT ROLE {role} TO USER {person.name}")
    assert code(person.post(f"CREATE TABLE {schema}.N (A INT)", role=idle)) == DENIED
    assert person.post(f"CREATE TABLE {schema}.N (A INT)", role=maker).status == 200


def test_emulated_grants_to_a_user(api: Api, schema: str, table: str) -> None:
    person = Person(api)
    for right in ("USAGE ON DATABASE STANDIN", f"USAGE ON SCHEMA STANDIN.{schema}", f"SELECT ON TABLE {table}"):
        api.run(f"GRANT {right} TO USER {person.name}")
    assert person.post(f"SELECT A FROM {table}").one == "1"
    several = person.post(f"USE SECONDARY ROLES NONE; SELECT A FROM {table}", parameters={"MULTI_STATEMENT_COUNT": 2})
    assert several.status == 422, "they count with all secondary roles only"
    shown = api.run(f"SHOW GRANTS TO USER {person.name}")
    assert names(shown) == ["created_on", "privilege", "granted_on", "name", "role", "granted_to", "grantee_name", "grant_option", "granted_by"]
    assert ("SELECT", "TABLE", table, None) in {tuple(r[1:5]) for r in shown.rows}


def test_emulated_sessions_of_the_connector(api: Api, schema: str, table: str) -> None:
    reader, idle, user = made(api, schema, f"SELECT ON TABLE {table}"), made(api), unique("U")
    api.run(f"CREATE USER {user} PASSWORD = 'not kept' DEFAULT_ROLE = {idle}")
    for role in (reader, idle):
        api.run(f"GRANT ROLE {role} TO USER {user}")
    given = {**api.connections["standin_v1"], "user": user, "role": None}
    with snowflake.connector.connect(**given) as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT CURRENT_USER(), CURRENT_ROLE()").fetchall() == [(user, idle)]
        assert cursor.execute(f"SELECT A FROM {table}").fetchall() == [(1,)]
        cursor.execute("USE SECONDARY ROLES NONE")
        with pytest.raises(snowflake.connector.errors.ProgrammingError) as refused:
            cursor.execute(f"SELECT A FROM {table}")
        assert refused.value.errno == 2003
        cursor.execute("USE SECONDARY ROLES ALL")
        assert cursor.execute(f"SELECT A FROM {table}").fetchall() == [(1,)]
    with pytest.raises(snowflake.connector.errors.Error):
        snowflake.connector.connect(**{**given, "role": "SYSADMIN"})


def test_emulated_explain_checks_and_runs_nothing(api: Api, schema: str, table: str) -> None:
    role = made(api, schema, f"REFERENCES ON TABLE {table}")
    changes = {"INSERT": f"INSERT INTO {table} SELECT 2", "UPDATE": f"UPDATE {table} SET A = 3", "DELETE": f"DELETE FROM {table} WHERE A = 1"}
    for privilege, sql in {"SELECT": f"SELECT A FROM {table}", **changes}.items():
        assert code(api.post(f"EXPLAIN USING TEXT {sql}", role=role)) == DENIED, sql
        api.run(f"GRANT {privilege} ON TABLE {table} TO ROLE {role}")
        plan = api.run(f"EXPLAIN USING TEXT {sql}", role=role)
        assert names(plan) == ["content"] and "GlobalStats:" in plan.one
    assert api.run(f"SELECT A FROM {table}").rows == [["1"]]
    stranger = made(api, schema)
    assert code(api.post(f"EXPLAIN SELECT A FROM {table}", role=stranger)) == MISSING
    assert code(api.post(f"EXPLAIN DELETE FROM {table}", role=stranger)) == MISSING
    assert code(api.post(f"EXPLAIN SELECT NOPE FROM {table}")) == ("000904", "42000")
    tabular = api.run(f"EXPLAIN SELECT A FROM {table}")
    assert names(tabular)[:5] == ["step", "id", "parentOperators", "operation", "objects"] and tabular.rows[-1][4] == table
    assert api.post(f"EXPLAIN DROP TABLE {table}").status == 422
    assert only(api, role, f"EXPLAIN USING TEXT SELECT A FROM {table}").status == 200
    with api.connect() as connection, connection.cursor() as cursor:
        assert "TableScan" in cursor.execute(f"EXPLAIN USING TEXT SELECT A FROM {table}").fetchall()[0][0]


def test_emulated_sight_of_grants(api: Api, schema: str, table: str) -> None:
    role, stranger = made(api, schema, f"SELECT ON TABLE {table}"), made(api)
    assert code(api.post(f"SHOW GRANTS TO ROLE {role}", role=stranger)) == DENIED
    assert code(api.post(f"SHOW GRANTS OF ROLE {role}", role=stranger)) == DENIED
    assert code(api.post(f"SHOW GRANTS ON TABLE {table}", role=stranger)) == MISSING
    assert code(api.post(f"SHOW FUTURE GRANTS IN SCHEMA STANDIN.{schema}", role=stranger)) == DENIED
    assert api.run(f"SHOW GRANTS TO ROLE {role}", role=role).rows
    assert api.run(f"SHOW GRANTS ON TABLE {table}", role=role).rows
    assert api.run(f"SHOW GRANTS TO ROLE {role}", role="SECURITYADMIN").rows
    assert names(api.run(f"SHOW GRANTS ON TABLE {table}"))[-1] == "granted_by_role_type"
    assert code(api.post("SHOW GRANTS TO ROLE NOPE")) == MISSING_PLACE
    assert api.run("SHOW GRANTS", role=stranger).rows == api.run("SHOW GRANTS TO USER PARITY", role=stranger).rows
    assert {"MANAGE GRANTS", "CREATE ROLE"} <= {r["privilege"] for r in dicts(api.run("SHOW GRANTS ON ACCOUNT"))}
    listed = {r["name"]: r for r in dicts(api.run("SHOW ROLES", role=role))}
    assert (listed[role]["is_current"], listed["PUBLIC"]["is_inherited"], listed["SYSADMIN"]["is_default"]) == ("Y", "Y", "Y")
