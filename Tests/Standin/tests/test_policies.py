"""Masking and row access policies as the stand-in emulates them, and password and session policies as it keeps them."""

from __future__ import annotations

import pytest
import snowflake.connector
from conftest import Api
from rights import DENIED, MISSING, code, dicts, made, names, only

AU = "SNOWFLAKE.ACCOUNT_USAGE"


@pytest.fixture
def people(api: Api, schema: str) -> str:
    """A table of three people."""
    api.run(f"CREATE TABLE {schema}.P (ID NUMBER(10,0), EMAIL VARCHAR(40), REGION VARCHAR(2), PAY NUMBER(8,2))")
    api.run(f"INSERT INTO {schema}.P VALUES (1, 'a@x.example', 'EU', 10.5), (2, 'b@x.example', 'US', 20), (3, NULL, 'EU', 30)")
    return f"STANDIN.{schema}.P"


@pytest.fixture
def seer(api: Api, schema: str, people: str) -> str:
    return made(api, schema, f"SELECT ON TABLE {people}")


@pytest.fixture
def blind(api: Api, schema: str, people: str) -> str:
    return made(api, schema, f"SELECT ON TABLE {people}")


@pytest.fixture
def masked(api: Api, schema: str, people: str, seer: str) -> str:
    """EMAIL is for the seer."""
    api.run(f"CREATE MASKING POLICY {schema}.M AS (VAL VARCHAR) RETURNS VARCHAR -> CASE WHEN CURRENT_ROLE() IN ('{seer}') THEN VAL ELSE '***' END COMMENT = 'it''s'")
    api.run(f"ALTER TABLE {people} MODIFY COLUMN EMAIL SET MASKING POLICY {schema}.M")
    return people


@pytest.fixture
def filtered(api: Api, schema: str, people: str, seer: str) -> str:
    """Rows of the US are for the seer."""
    api.run(f"CREATE ROW ACCESS POLICY {schema}.F AS (R VARCHAR) RETURNS BOOLEAN -> IS_ROLE_IN_SESSION('{seer}') OR R = 'EU'")
    api.run(f"ALTER TABLE {people} ADD ROW ACCESS POLICY {schema}.F ON (REGION)")
    return people


def test_emulated_masking(api: Api, masked: str, seer: str, blind: str) -> None:
    query = f"SELECT EMAIL FROM {masked} ORDER BY ID"
    assert api.run(query, role=seer).rows == [["a@x.example"], ["b@x.example"], [None]]
    assert api.run(query, role=blind).rows == [["***"]] * 3
    assert api.run(query, role="ACCOUNTADMIN").rows == [["***"]] * 3, "no administrator is exempt"
    assert api.run(f"SELECT COUNT(*) AS N FROM {masked} WHERE EMAIL = 'a@x.example'", role=blind).one == "0", "also where it is only compared"
    joined = f"SELECT X.EMAIL, Y.ID FROM {masked} AS X JOIN {masked} Y ON X.ID = Y.ID WHERE X.ID = 1"
    assert api.run(joined, role=blind).rows == [["***", "1"]]
    assert only(api, seer, query).rows[0] == ["a@x.example"]


def test_emulated_masking_of_other_types(api: Api, schema: str, people: str, seer: str, blind: str) -> None:
    api.run(f"CREATE MASKING POLICY {schema}.N AS (V NUMBER(8,2), R VARCHAR) RETURNS NUMBER(8,2) -> IFF(CURRENT_ROLE() = '{seer}' OR R = 'US', V, NULL)")
    api.run(f"ALTER TABLE {people} MODIFY COLUMN PAY SET MASKING POLICY {schema}.N USING (PAY, REGION)")
    assert api.run(f"SELECT SUM(PAY) AS S FROM {people}", role=seer).one == "60.50"
    answer = api.run(f"SELECT PAY FROM {people} ORDER BY ID", role=blind)
    assert answer.rows == [[None], ["20.00"], [None]] and (answer.types[0]["precision"], answer.types[0]["scale"]) == (8, 2)
    refused = api.post(f"ALTER TABLE {people} MODIFY COLUMN EMAIL SET MASKING POLICY {schema}.N USING (EMAIL, REGION)")
    assert refused.status == 422 and "does not match" in refused.body["message"]


def test_emulated_row_access(api: Api, filtered: str, seer: str, blind: str, schema: str) -> None:
    query = f"SELECT ID FROM {filtered} ORDER BY ID"
    assert api.run(query, role=seer).rows == [["1"], ["2"], ["3"]]
    assert api.run(query, role=blind).rows == [["1"], ["3"]]
    assert api.run(f"SELECT COUNT(*) AS N FROM {filtered}", role=blind).one == "2"
    parent = made(api)
    api.run(f"GRANT ROLE {seer} TO ROLE {parent}")
    assert api.run(query, role=parent).rows == [["1"], ["2"], ["3"]], "IS_ROLE_IN_SESSION follows the hierarchy"
    assert api.post(f"ALTER TABLE {filtered} ADD ROW ACCESS POLICY {schema}.F ON (REGION)").status == 422, "one at a time"
    api.run(f"ALTER TABLE {filtered} DROP ROW ACCESS POLICY {schema}.F")
    assert api.run(query, role=blind).rows == [["1"], ["2"], ["3"]]


def test_emulated_policies_reach_through_views_and_clones(api: Api, masked: str, filtered: str, schema: str, seer: str, blind: str) -> None:
    api.run(f"CREATE VIEW {schema}.V (K, MAIL) AS SELECT ID, LOWER(EMAIL) FROM {masked}")
    api.run(f"CREATE VIEW {schema}.VV AS SELECT V.MAIL, COUNT(*) AS N FROM {schema}.V GROUP BY V.MAIL")
    api.run(f"CREATE TABLE {schema}.C CLONE {masked}")
    api.run(f"CREATE TABLE {schema}.COPIED AS SELECT ID, EMAIL FROM {masked}")
    for role in (seer, blind):
        for right in (f"SELECT ON VIEW {schema}.V", f"SELECT ON VIEW {schema}.VV", f"SELECT ON TABLE {schema}.C", f"SELECT ON TABLE {schema}.COPIED"):
            api.run(f"GRANT {right} TO ROLE {role}")
    assert api.run(f"SELECT K, MAIL FROM {schema}.V ORDER BY K", role=seer).rows == [["1", "a@x.example"], ["2", "b@x.example"], ["3", None]]
    assert api.run(f"SELECT K, MAIL FROM {schema}.V ORDER BY K", role=blind).rows == [["1", "***"], ["3", "***"]]
    assert api.run(f"SELECT MAIL, N FROM {schema}.VV", role=blind).rows == [["***", "2"]]
    assert api.run(f"SELECT EMAIL FROM {schema}.C ORDER BY ID", role=blind).rows == [["***"], ["***"]]
    assert api.run(f"SELECT EMAIL FROM {schema}.COPIED ORDER BY ID", role=seer).rows == [["***"], ["***"]], "who copied saw the masked rows"
    api.run(f"ALTER TABLE {masked} RENAME COLUMN EMAIL TO MAIL")
    assert api.run(f"SELECT MAIL FROM {masked} WHERE ID = 1", role=blind).one == "***"
    assert api.run(f"SELECT EMAIL FROM {schema}.C WHERE ID = 1", role=blind).one == "***"


def test_emulated_policy_on_a_view(api: Api, people: str, schema: str, seer: str, blind: str) -> None:
    api.run(f"CREATE VIEW {schema}.V AS SELECT ID, EMAIL FROM {people}")
    api.run(f"CREATE MASKING POLICY {schema}.M AS (V VARCHAR) RETURNS VARCHAR -> CASE WHEN CURRENT_ROLE() = '{seer}' THEN V ELSE NULL END")
    api.run(f"ALTER VIEW {schema}.V MODIFY COLUMN EMAIL SET MASKING POLICY {schema}.M")
    for role in (seer, blind):
        api.run(f"GRANT SELECT ON VIEW {schema}.V TO ROLE {role}")
    assert api.run(f"SELECT EMAIL FROM {schema}.V WHERE ID = 1", role=seer).one == "a@x.example"
    assert api.run(f"SELECT EMAIL FROM {schema}.V WHERE ID = 1", role=blind).one is None
    assert api.run(f"SELECT EMAIL FROM {people} WHERE ID = 1", role=blind).one == "a@x.example", "the table itself is not masked"
    api.run(f"ALTER VIEW {schema}.V MODIFY COLUMN EMAIL UNSET MASKING POLICY")
    assert api.run(f"SELECT EMAIL FROM {schema}.V WHERE ID = 1", role=blind).one == "a@x.example"


def test_emulated_policy_context(api: Api, masked: str, filtered: str, schema: str, seer: str, blind: str) -> None:
    query = f"AS SELECT ID, EMAIL FROM {masked} ORDER BY ID"
    as_seer, as_blind = (f"EXECUTE USING POLICY_CONTEXT(CURRENT_ROLE => '{r}') {query}" for r in (seer, blind))
    assert api.run(as_seer).rows == [["1", "a@x.example"], ["2", "b@x.example"], ["3", None]]
    assert api.run(as_blind).rows == [["1", "***"], ["3", "***"]]
    assert code(api.post(as_seer, role=blind)) == DENIED, "without the right to apply the policies"
    assert api.post(as_seer.replace(seer, "NO_SUCH_ROLE")).status == 422
    assert api.run("SELECT CURRENT_ROLE() AS R").one == "SYSADMIN"
    with api.connect() as connection, connection.cursor() as cursor:
        assert cursor.execute(as_blind).fetchall() == [(1, "***"), (3, "***")]
    applier = made(api, schema, f"SELECT ON TABLE {masked}", "APPLY MASKING POLICY ON ACCOUNT", "APPLY ROW ACCESS POLICY ON ACCOUNT")
    assert len(api.run(as_seer, role=applier).rows) == 3


def test_emulated_policy_references(api: Api, masked: str, filtered: str, schema: str, blind: str) -> None:
    sql = f"SELECT * FROM TABLE(STANDIN.INFORMATION_SCHEMA.POLICY_REFERENCES(REF_ENTITY_NAME => '{masked}', REF_ENTITY_DOMAIN => 'TABLE'))"
    found = api.run(sql)
    assert names(found) == [
        "POLICY_DB", "POLICY_SCHEMA", "POLICY_NAME", "POLICY_KIND", "REF_DATABASE_NAME", "REF_SCHEMA_NAME", "REF_ENTITY_NAME", "REF_ENTITY_DOMAIN",
        "REF_COLUMN_NAME", "REF_ARG_COLUMN_NAMES", "TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "POLICY_STATUS",
    ]
    rows = {r["POLICY_KIND"]: r for r in dicts(found)}
    assert (rows["MASKING_POLICY"]["REF_COLUMN_NAME"], rows["MASKING_POLICY"]["REF_ARG_COLUMN_NAMES"]) == ("EMAIL", None)
    assert (rows["ROW_ACCESS_POLICY"]["REF_COLUMN_NAME"], rows["ROW_ACCESS_POLICY"]["REF_ARG_COLUMN_NAMES"]) == (None, '[ "REGION" ]')
    assert {r["POLICY_STATUS"] for r in rows.values()} == {"ACTIVE"}
    assert api.run(sql, role=blind).rows == [], "empty is no proof of absence"
    applier = made(api, schema, f"SELECT ON TABLE {masked}", f"APPLY ON MASKING POLICY {schema}.M")
    assert [r["POLICY_NAME"] for r in dicts(api.run(sql, role=applier))] == ["M"]
    by_name = sql.replace(f"REF_ENTITY_NAME => '{masked}', REF_ENTITY_DOMAIN => 'TABLE'", f"POLICY_NAME => 'STANDIN.{schema}.M'")
    assert [r["REF_ENTITY_NAME"] for r in dicts(api.run(by_name))] == ["P"]
    assert code(api.post(sql, role=made(api, schema))) == MISSING
    everywhere = dicts(api.run(f"SELECT * FROM {AU}.POLICY_REFERENCES WHERE REF_SCHEMA_NAME = '{schema}'"))
    assert {(r["POLICY_NAME"], r["REF_ENTITY_NAME"]) for r in everywhere} == {("M", "P"), ("F", "P")}
    described = {r["name"]: r["policy name"] for r in dicts(api.run(f"DESC TABLE {masked}"))}
    assert described["EMAIL"] == f"STANDIN.{schema}.M" and described["ID"] is None


def test_emulated_life_of_a_policy(api: Api, masked: str, schema: str, seer: str, blind: str) -> None:
    [row] = dicts(api.run(f"DESC MASKING POLICY {schema}.M"))
    assert (row["signature"], row["return_type"]) == ("(VAL VARCHAR)", "VARCHAR(16777216)") and row["body"].startswith("CASE WHEN CURRENT_ROLE()")
    [shown] = [r for r in dicts(api.run("SHOW MASKING POLICIES")) if r["schema_name"] == schema]
    assert (shown["kind"], shown["comment"]) == ("MASKING_POLICY", "it's")
    attached = api.post(f"DROP MASKING POLICY {schema}.M")
    assert attached.status == 422 and "associated with one or more entities" in attached.body["message"]
    api.run(f"ALTER MASKING POLICY {schema}.M SET BODY -> VAL")
    assert api.run(f"SELECT EMAIL FROM {masked} WHERE ID = 1", role=blind).one == "a@x.example", "attached, and lets everyone through"
    assert code(api.post(f"ALTER MASKING POLICY {schema}.M SET BODY -> '***'", role=blind)) is not None
    api.run(f"ALTER TABLE {masked} MODIFY COLUMN EMAIL UNSET MASKING POLICY")
    api.run(f"DROP MASKING POLICY {schema}.M")
    assert code(api.post(f"CREATE MASKING POLICY {schema}.X AS (V VARCHAR) RETURNS VARCHAR -> V", role=blind)) == DENIED


@pytest.mark.parametrize(
    "body",
    [
        "CASE WHEN EXISTS (SELECT 1 FROM T) THEN V ELSE NULL END", "HASH(V)", "INVOKER_ROLE()", "V || (SELECT 'x')", "IS_ROLE_IN_SESSION(V)",
        "OTHER_COLUMN", "RANDSTR(5, RANDOM())",
    ],
)
def test_bodies_that_are_not_emulated_are_refused(api: Api, schema: str, body: str) -> None:
    assert api.post(f"CREATE MASKING POLICY {schema}.X AS (V VARCHAR) RETURNS VARCHAR -> {body}").status == 422


@pytest.mark.parametrize(
    "sql",
    ["UPDATE {0} SET ID = 9 WHERE EMAIL = 'a@x.example'", "DELETE FROM {0} WHERE EMAIL IS NULL", "CREATE TABLE {0}_L LIKE {0}", "SELECT * FROM {0} SAMPLE (10)"],
)
def test_what_policies_do_not_reach_is_refused(api: Api, masked: str, sql: str) -> None:
    answer = api.post(sql.format(masked))
    assert answer.status == 422 and "the stand-in cannot" in answer.body["message"], answer.body


def test_policies_in_create_table_are_refused(api: Api, masked: str, filtered: str, schema: str) -> None:
    assert api.post(f"CREATE TABLE {schema}.T1 (A VARCHAR WITH MASKING POLICY {schema}.M)").status == 422
    assert api.post(f"CREATE TABLE {schema}.T2 (A VARCHAR) WITH ROW ACCESS POLICY {schema}.F ON (A)").status == 422


def test_masked_through_the_connector(api: Api, masked: str, blind: str) -> None:
    with api.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"USE ROLE {blind}")
        assert cursor.execute(f"SELECT EMAIL FROM {masked} ORDER BY ID").fetchall() == [("***",)] * 3
        with pytest.raises(snowflake.connector.errors.ProgrammingError):
            cursor.execute(f"ALTER TABLE {masked} MODIFY COLUMN EMAIL UNSET MASKING POLICY")


def test_emulated_password_and_session_policies(api: Api, schema: str) -> None:
    api.run(f"CREATE PASSWORD POLICY {schema}.PW PASSWORD_MIN_LENGTH = 16")
    api.run(f"CREATE SESSION POLICY {schema}.SE SESSION_IDLE_TIMEOUT_MINS = 15 COMMENT = 'short'")
    api.run(f"ALTER ACCOUNT SET PASSWORD POLICY STANDIN.{schema}.PW")
    api.run(f"ALTER USER PARITY SET SESSION POLICY STANDIN.{schema}.SE")
    sql = f"""SELECT P.PASSWORD_MIN_LENGTH, R.REF_ENTITY_DOMAIN FROM {AU}.PASSWORD_POLICIES P JOIN {AU}.POLICY_REFERENCES R
      ON R.POLICY_NAME = P.NAME AND R.POLICY_SCHEMA = P.SCHEMA AND R.POLICY_KIND = 'PASSWORD_POLICY' WHERE P.SCHEMA = '{schema}' AND P.DELETED IS NULL"""
    assert api.run(sql).rows == [["16", "ACCOUNT"]]
    assert api.run(f"SELECT SESSION_IDLE_TIMEOUT_MINS FROM {AU}.SESSION_POLICIES WHERE SCHEMA = '{schema}'").one == "15"
    assert code(api.post(f"ALTER ACCOUNT SET PASSWORD POLICY {schema}.PW", role=made(api))) == DENIED
    api.run("ALTER ACCOUNT UNSET PASSWORD POLICY")
    api.run("ALTER USER PARITY UNSET SESSION POLICY")
    api.run(f"DROP PASSWORD POLICY {schema}.PW")
