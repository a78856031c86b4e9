"""SNOWFLAKE.ACCOUNT_USAGE, users, network policies and parameters as the stand-in emulates them, for audits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import Api
from rights import DENIED, MISSING, MISSING_PLACE, code, dicts, made, names, unique

AU = "SNOWFLAKE.ACCOUNT_USAGE"


@pytest.fixture
def tidy(api: Api) -> Iterator[None]:
    """Account parameters and the histories, as they were."""
    yield
    api.run("ALTER ACCOUNT UNSET NETWORK_POLICY, PERIODIC_DATA_REKEYING, DATA_RETENTION_TIME_IN_DAYS, REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION")


def control(api: Api, path: str, body: object) -> int:
    return api.request("POST", f"/_standin/{path}", body, {}).status


def test_emulated_readers_of_account_usage(api: Api) -> None:
    role = made(api)
    query = f"SELECT COUNT(*) AS N FROM {AU}.GRANTS_TO_ROLES"
    assert code(api.post(query, role=role)) == MISSING_PLACE
    api.run(f"GRANT DATABASE ROLE SNOWFLAKE.OBJECT_VIEWER TO ROLE {role}")
    assert code(api.post(query, role=role)) == MISSING
    api.run(f"GRANT DATABASE ROLE SNOWFLAKE.SECURITY_VIEWER TO ROLE {role}")
    assert int(api.run(query, role=role).one or 0) > 0
    assert code(api.post(f"SELECT COUNT(*) AS N FROM {AU}.QUERY_HISTORY", role=role)) == MISSING
    other = made(api, None, "IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE")
    assert int(api.run(f"SELECT COUNT(*) AS N FROM {AU}.QUERY_HISTORY", role=other).one or 0) > 0
    assert code(api.post(f"SELECT * FROM {AU}.NOPE", role=other)) == MISSING
    assert "not emulated" in api.post(f"SELECT * FROM {AU}.ACCESS_HISTORY", role=other).body["message"]


def test_emulated_effective_privileges_by_recursion(api: Api, schema: str) -> None:
    """The query that audits use, over the role graph that the views show."""
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    reader, parent, user = made(api, schema, f"SELECT ON TABLE {schema}.T"), made(api), unique("U")
    api.run(f"CREATE USER {user}")
    api.run(f"GRANT ROLE {reader} TO ROLE {parent}")
    api.run(f"GRANT ROLE {parent} TO USER {user}")
    sql = f"""
    WITH RECURSIVE r AS (
      SELECT role AS name FROM {AU}.GRANTS_TO_USERS WHERE grantee_name = '{user}' AND deleted_on IS NULL
      UNION ALL SELECT g.name FROM {AU}.GRANTS_TO_ROLES g JOIN r ON g.grantee_name = r.name
      WHERE g.privilege = 'USAGE' AND g.granted_on IN ('ROLE', 'DATABASE_ROLE') AND g.deleted_on IS NULL)
    SELECT DISTINCT g.privilege, g.granted_on, g.table_catalog, g.table_schema, g.name, g.grant_option
    FROM {AU}.GRANTS_TO_ROLES g JOIN r ON g.grantee_name = r.name WHERE g.deleted_on IS NULL AND g.granted_on = 'TABLE'"""
    assert api.run(sql).rows == [["SELECT", "TABLE", "STANDIN", schema, "T", "false"]]
    api.run(f"REVOKE ROLE {reader} FROM ROLE {parent}")
    assert api.run(sql).rows == []
    gone = api.run(f"SELECT DELETED_ON IS NOT NULL AS GONE FROM {AU}.GRANTS_TO_ROLES WHERE NAME = '{reader}' AND GRANTEE_NAME = '{parent}'")
    assert gone.one == "true"
    [row] = dicts(api.run(f"SELECT * FROM {AU}.GRANTS_TO_USERS WHERE GRANTEE_NAME = '{user}'"))
    assert (row["ROLE"], row["GRANTED_TO"]) == (parent, "USER")


def test_emulated_grants_keep_their_dates(api: Api) -> None:
    query = f"SELECT MAX(CREATED_ON) AS T FROM {AU}.GRANTS_TO_ROLES WHERE PRIVILEGE = 'OWNERSHIP' AND NAME = 'STANDIN' AND GRANTEE_NAME = 'SYSADMIN'"
    first = api.run(query).one
    assert first is not None and api.run(query).one == first


def test_emulated_users_and_their_properties(api: Api) -> None:
    person, service, plain = unique("U"), unique("U"), unique("U")
    api.run(f"CREATE USER {person} PASSWORD = 'x' TYPE = PERSON EMAIL = 'a@b.example' DEFAULT_ROLE = SYSADMIN COMMENT = 'it''s'")
    api.run(f"CREATE USER {service} TYPE = SERVICE RSA_PUBLIC_KEY = 'MIIB'")
    api.run(f"CREATE USER {plain} PASSWORD = 'x' DEFAULT_SECONDARY_ROLES = ()")
    assert api.post(f"ALTER USER {service} SET PASSWORD = 'very secret'").status == 422
    kept = api.run(f"SELECT QUERY_TEXT FROM {AU}.QUERY_HISTORY WHERE QUERY_TEXT ILIKE 'ALTER USER {service}%'").one
    assert kept == f"ALTER USER {service} SET PASSWORD = '***'"
    assert control(api, "user", {"name": person, "has_mfa": True, "last_success_login": "2024-01-02T03:04:05Z"}) == 200
    assert control(api, "user", {"name": person, "shoe_size": 43}) == 400
    assert control(api, "user", {"name": "NOBODY", "has_mfa": True}) == 422
    rows = {r["NAME"]: r for r in dicts(api.run(f"SELECT * FROM {AU}.USERS"))}
    assert [rows[person][c] for c in ("HAS_PASSWORD", "HAS_MFA", "TYPE", "EMAIL", "DISABLED", "DEFAULT_SECONDARY_ROLE", "COMMENT")] == [
        "true", "true", "PERSON", "a@b.example", "false", '["ALL"]', "it's",
    ]
    assert rows[person]["LAST_SUCCESS_LOGIN"] == "1704164645.000000000"
    assert [rows[service][c] for c in ("HAS_PASSWORD", "HAS_RSA_PUBLIC_KEY", "TYPE")] == [None, "true", "SERVICE"]
    assert [rows[plain][c] for c in ("TYPE", "DEFAULT_SECONDARY_ROLE")] == [None, "[]"]
    types = {t["name"]: t["type"].upper() for t in api.run(f"SELECT NAME, DISABLED, HAS_MFA FROM {AU}.USERS").types}
    assert types == {"NAME": "TEXT", "DISABLED": "VARIANT", "HAS_MFA": "BOOLEAN"}
    exposed = f"SELECT name FROM {AU}.USERS WHERE deleted_on IS NULL AND NOT COALESCE(disabled::BOOLEAN, FALSE) AND has_password AND NOT COALESCE(has_mfa, FALSE)"
    assert plain in {r[0] for r in api.run(exposed).rows} and person not in {r[0] for r in api.run(exposed).rows}
    api.run(f"ALTER USER {plain} SET DISABLED = TRUE, TYPE = LEGACY_SERVICE")
    assert plain not in {r[0] for r in api.run(exposed).rows}
    shown = {r["name"]: r for r in dicts(api.run("SHOW USERS"))}
    assert shown[person]["default_role"] == "SYSADMIN" and shown[plain]["type"] == "LEGACY_SERVICE" and shown[plain]["disabled"] == "true"
    seen = {r["name"]: r for r in dicts(api.run("SHOW USERS", role=made(api)))}
    assert seen[person]["email"] == "a@b.example" and seen[person]["default_role"] is None
    described = {r["property"]: r["value"] for r in dicts(api.run(f"DESC USER {person}"))}
    assert described["PASSWORD"] == "********" and described["TYPE"] == "PERSON"
    assert code(api.post(f"ALTER USER {plain} SET COMMENT = 'x'", role=made(api))) == DENIED
    assert "the stand-in cannot" in api.post(f"ALTER USER {plain} SET MINS_TO_UNLOCK = 5").body["message"]
    api.run(f"DROP USER {plain}")
    assert api.run(f"SELECT DELETED_ON IS NULL AS HERE FROM {AU}.USERS WHERE NAME = '{plain}'").one == "false"
    assert plain not in {r["name"] for r in dicts(api.run("SHOW USERS"))}


def test_emulated_query_history(api: Api, schema: str) -> None:
    tag = unique("Q")
    done = api.run(f"CREATE TABLE {schema}.{tag} (A INT)")
    failed = api.post(f"SELECT A FROM {schema}.NO_{tag}")
    text = f"GRANT OWNERSHIP ON TABLE {schema}.{tag} TO ROLE SYSADMIN"
    api.run(text, role="ACCOUNTADMIN")
    with api.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT A FROM {schema}.{tag}")
        driver = cursor.sfqid
    rows = {r["QUERY_ID"]: r for r in dicts(api.run(f"SELECT * FROM {AU}.QUERY_HISTORY WHERE QUERY_TEXT LIKE '%{tag}%'"))}
    assert [rows[done.handle][c] for c in ("QUERY_TYPE", "USER_NAME", "ROLE_NAME", "EXECUTION_STATUS")] == ["CREATE_TABLE", "PARITY", "SYSADMIN", "SUCCESS"]
    assert [rows[failed.handle][c] for c in ("EXECUTION_STATUS", "ERROR_CODE")] == ["FAIL", "002003"]
    assert rows[driver]["QUERY_TYPE"] == "SELECT"
    assert next(r["ROLE_NAME"] for r in rows.values() if r["QUERY_TEXT"] == text) == "ACCOUNTADMIN"
    planted = {"text": f"COPY INTO 's3://out/{tag}' FROM T", "user": "EVE", "role": "PUBLIC", "rows_unloaded": 9, "outbound_bytes": 100, "started": "2024-01-01T00:00:00Z"}
    assert control(api, "query-history", [planted]) == 200
    [row] = dicts(api.run(f"SELECT * FROM {AU}.QUERY_HISTORY WHERE USER_NAME = 'EVE' AND QUERY_TEXT LIKE '%{tag}%'"))
    assert [row[c] for c in ("QUERY_TYPE", "ROWS_UNLOADED", "OUTBOUND_DATA_TRANSFER_BYTES", "START_TIME")] == ["UNLOAD", "9", "100", "1704067200.000000000"]


def test_emulated_login_history(api: Api) -> None:
    user = unique("U")
    burst = [{"user": user, "success": False, "error_code": 390100, "at": f"2024-01-01T00:00:0{n}Z", "client_ip": "192.0.2.1"} for n in range(5)]
    assert control(api, "login-history", [*burst, {"user": user, "second_factor": None, "first_factor": "PASSWORD"}]) == 200
    assert control(api, "login-history", {"user": user, "nonsense": 1}) == 400
    sql = f"SELECT USER_NAME, CLIENT_IP, COUNT(*) AS N FROM {AU}.LOGIN_HISTORY WHERE IS_SUCCESS = 'NO' AND USER_NAME = '{user}' GROUP BY 1, 2 HAVING COUNT(*) >= 5"
    assert api.run(sql).rows == [[user, "192.0.2.1", "5"]]
    api.connect().close()
    own = {r["FIRST_AUTHENTICATION_FACTOR"] for r in dicts(api.run(f"SELECT * FROM {AU}.LOGIN_HISTORY WHERE USER_NAME = 'PARITY' AND IS_SUCCESS = 'YES'"))}
    assert {"RSA_KEYPAIR", "PASSWORD"} <= own


def test_emulated_network_policies(api: Api, tidy: None) -> None:
    policy, user = unique("N"), unique("U")
    api.run(f"CREATE NETWORK POLICY {policy} ALLOWED_IP_LIST = ('192.0.2.0/24', '198.51.100.7') BLOCKED_IP_LIST = ('192.0.2.9') COMMENT = 'office'")
    assert api.run(f"DESC NETWORK POLICY {policy}").rows == [["ALLOWED_IP_LIST", "192.0.2.0/24,198.51.100.7"], ["BLOCKED_IP_LIST", "192.0.2.9"]]
    [row] = [r for r in dicts(api.run("SHOW NETWORK POLICIES")) if r["name"] == policy]
    assert (row["comment"], row["entries_in_allowed_ip_list"], row["entries_in_blocked_ip_list"]) == ("office", "2", "1")
    parameter = "SHOW PARAMETERS LIKE 'NETWORK_POLICY' IN "
    assert names(api.run(parameter + "ACCOUNT")) == ["key", "value", "default", "level", "description", "type"]
    assert api.run(parameter + "ACCOUNT").rows[0][1:4] == ["", "", ""]
    api.run(f"ALTER ACCOUNT SET NETWORK_POLICY = {policy}")
    api.run(f"CREATE USER {user}")
    assert api.run(parameter + "ACCOUNT").rows[0][1:4] == [policy, "", "ACCOUNT"]
    assert api.run(parameter + f"USER {user}").rows[0][1:4] == [policy, "", "ACCOUNT"]
    api.run(f"CREATE NETWORK POLICY {policy}_U ALLOWED_IP_LIST = ('0.0.0.0/0')")
    api.run(f"ALTER USER {user} SET NETWORK_POLICY = {policy}_U")
    assert api.run(parameter + f"USER {user}").rows[0][1:4] == [f"{policy}_U", "", "USER"]
    assert api.post(f"DROP NETWORK POLICY {policy}").status == 422, "it is attached"
    assert api.post(f"CREATE NETWORK POLICY {policy}_X ALLOWED_IP_LIST = ('nonsense')").status == 422
    assert code(api.post(f"DESC NETWORK POLICY {policy}", role=made(api))) == DENIED
    assert code(api.post(f"CREATE NETWORK POLICY {policy}_Y", role=made(api))) == DENIED
    api.run(f"ALTER NETWORK POLICY {policy} SET ALLOWED_IP_LIST = ('192.0.2.1')")
    assert api.run(f"SELECT ALLOWED_IP_LIST FROM {AU}.NETWORK_POLICIES WHERE NAME = '{policy}'").one == "192.0.2.1"
    kinds = {r[0] for r in api.run(f"SELECT DISTINCT QUERY_TYPE FROM {AU}.QUERY_HISTORY WHERE QUERY_TEXT ILIKE '%network policy {policy}%'").rows}
    assert {"CREATE_NETWORK_POLICY", "ALTER_NETWORK_POLICY", "DROP_NETWORK_POLICY"} <= kinds
    api.run("ALTER ACCOUNT UNSET NETWORK_POLICY")
    api.run(f"DROP NETWORK POLICY {policy}")


def test_emulated_account_parameters(api: Api, tidy: None) -> None:
    found = {r["key"]: r for r in dicts(api.run("SHOW PARAMETERS IN ACCOUNT"))}
    expected = {
        "PERIODIC_DATA_REKEYING": "false", "CLIENT_ENCRYPTION_KEY_SIZE": "128", "DATA_RETENTION_TIME_IN_DAYS": "1", "MIN_DATA_RETENTION_TIME_IN_DAYS": "0",
        "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION": "false", "REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION": "false", "PREVENT_UNLOAD_TO_INLINE_URL": "false",
    }
    assert {k: found[k]["value"] for k in expected} == expected and found["TIMEZONE"]["value"] == "UTC"
    api.run("ALTER ACCOUNT SET PERIODIC_DATA_REKEYING = TRUE, DATA_RETENTION_TIME_IN_DAYS = 90")
    assert api.run("SHOW PARAMETERS LIKE 'PERIODIC%' IN ACCOUNT").rows[0][:4] == ["PERIODIC_DATA_REKEYING", "true", "false", "ACCOUNT"]
    api.run("ALTER ACCOUNT UNSET PERIODIC_DATA_REKEYING")
    assert api.run("SHOW PARAMETERS LIKE 'PERIODIC%' IN ACCOUNT").rows[0][1:4] == ["false", "false", ""]
    assert api.post("ALTER ACCOUNT SET DATA_RETENTION_TIME_IN_DAYS = SOON").status == 422
    assert "the stand-in cannot" in api.post("ALTER ACCOUNT SET SOMETHING_ELSE = 1").body["message"]
    assert code(api.post("ALTER ACCOUNT SET PERIODIC_DATA_REKEYING = TRUE", role=made(api))) == DENIED


def test_emulated_retention(api: Api, schema: str, tidy: None) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    api.run(f"CREATE TABLE {schema}.NONE_KEPT (A INT) DATA_RETENTION_TIME_IN_DAYS = 0")
    api.run(f"CREATE TRANSIENT TABLE {schema}.TRANSIENT_ONE (A INT)")
    query = f"SELECT TABLE_NAME, RETENTION_TIME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '{schema}' ORDER BY 1"
    assert api.run(query).rows == [["NONE_KEPT", "0"], ["T", "1"], ["TRANSIENT_ONE", "1"]]
    api.run("ALTER ACCOUNT SET DATA_RETENTION_TIME_IN_DAYS = 90")
    assert api.run(query).rows == [["NONE_KEPT", "0"], ["T", "90"], ["TRANSIENT_ONE", "1"]]
    api.run(f"ALTER TABLE {schema}.T SET DATA_RETENTION_TIME_IN_DAYS = 7")
    assert {r["name"]: r["retention_time"] for r in dicts(api.run(f"SHOW TABLES IN SCHEMA {schema}"))}["T"] == "7"
    api.run(f"ALTER TABLE {schema}.T UNSET DATA_RETENTION_TIME_IN_DAYS")
    assert api.run(query).rows[1] == ["T", "90"]
    assert api.post(f"ALTER TABLE {schema}.T SET DATA_RETENTION_TIME_IN_DAYS = 91").status == 422
    assert "the stand-in cannot" in api.post(f"SHOW PARAMETERS IN TABLE {schema}.T").body["message"]


def test_emulated_stages_integrations_and_shares(api: Api, schema: str, tidy: None) -> None:
    integration, share = unique("I"), unique("H")
    api.run(f"CREATE STORAGE INTEGRATION {integration} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://in/')")
    api.run(f"CREATE STAGE {schema}.OPEN URL = 's3://out/' CREDENTIALS = (AWS_KEY_ID = 'x' AWS_SECRET_KEY = 'y')")
    api.run(f"CREATE STAGE {schema}.CLOSED URL = 's3://in/' STORAGE_INTEGRATION = {integration}")
    api.run(f"CREATE STAGE {schema}.INSIDE")
    rows = {r["name"]: r for r in dicts(api.run(f"SHOW STAGES IN SCHEMA STANDIN.{schema}"))}
    assert [rows["OPEN"][c] for c in ("url", "storage_integration", "has_credentials", "type", "cloud")] == ["s3://out/", None, "Y", "EXTERNAL", "AWS"]
    assert [rows["CLOSED"][c] for c in ("url", "storage_integration", "has_credentials")] == ["s3://in/", integration, "N"]
    assert rows["INSIDE"]["type"] == "INTERNAL"
    assert api.run(f"SELECT STAGE_TYPE, STAGE_URL FROM {AU}.STAGES WHERE STAGE_SCHEMA = '{schema}' AND STAGE_NAME = 'OPEN'").rows == [["External Named", "s3://out/"]]
    api.run("ALTER ACCOUNT SET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION = TRUE")
    assert code(api.post(f"CREATE STAGE {schema}.MORE URL = 's3://more/'")) == DENIED
    assert [r["name"] for r in dicts(api.run("SHOW STORAGE INTEGRATIONS")) if r["name"] == integration] == [integration]
    api.run(f"CREATE SHARE {share}")
    for right in ("USAGE ON DATABASE STANDIN", f"USAGE ON SCHEMA STANDIN.{schema}"):
        api.run(f"GRANT {right} TO SHARE {share}")
    api.run(f"ALTER SHARE {share} ADD ACCOUNTS = ORG.OTHER")
    [row] = [r for r in dicts(api.run("SHOW SHARES")) if r["name"] == share]
    assert [row[c] for c in ("kind", "database_name", "to", "owner")] == ["OUTBOUND", "STANDIN", "ORG.OTHER", "SYSADMIN"]
    assert len(api.run(f"SHOW GRANTS TO SHARE {share}").rows) == 2
    assert api.run("SHOW SHARES", role=made(api)).rows == []
    api.run(f"DROP STAGE {schema}.OPEN")
    api.run(f"DROP SHARE {share}")
