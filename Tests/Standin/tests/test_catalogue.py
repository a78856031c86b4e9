"""Declarations: types, keys that are not enforced, what SHOW, DESCRIBE and INFORMATION_SCHEMA say of them."""

from __future__ import annotations

import pytest
from conftest import Api

ORDERS = """
CREATE TABLE {0}.ORDERS (
  ID NUMBER(38,0) NOT NULL AUTOINCREMENT START 10 INCREMENT 5 COMMENT 'the key',
  CUSTOMER_ID NUMBER(10,0) REFERENCES {0}.CUSTOMERS (ID),
  CODE VARCHAR(160) DEFAULT 'none' UNIQUE,
  TOTAL NUMBER(12,2) CHECK (TOTAL >= 0),
  NOTE VARCHAR, FL FLOAT, OK BOOLEAN, DAY DATE, AT TIME(6), N3 TIMESTAMP_NTZ(3), L9 TIMESTAMP_LTZ, Z6 TIMESTAMP_TZ(6),
  BYTES BINARY(20), V VARIANT, A ARRAY, O OBJECT,
  CONSTRAINT ORDERS_PK PRIMARY KEY (ID, CUSTOMER_ID),
  CONSTRAINT POSITIVE CHECK (ID > 0))"""


@pytest.fixture
def shop(api: Api, schema: str) -> str:
    api.run(f"CREATE TABLE {schema}.CUSTOMERS (ID NUMBER(10,0) PRIMARY KEY, NAME VARCHAR(50) NOT NULL)")
    api.run(ORDERS.format(schema))
    return schema


def column(answer: object, name: str) -> list[str | None]:
    position = [t["name"] for t in answer.types].index(name)
    return [row[position] for row in answer.rows]


def test_describe(api: Api, shop: str) -> None:
    for statement in (f"DESCRIBE TABLE {shop}.ORDERS", f"desc table STANDIN.{shop}.orders"):
        answer = api.run(statement)
        assert [t["name"] for t in answer.types][:11] == [
            "name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression", "comment", "policy name",
        ]
        assert column(answer, "type") == [
            "NUMBER(38,0)", "NUMBER(10,0)", "VARCHAR(160)", "NUMBER(12,2)", "VARCHAR(16777216)", "FLOAT", "BOOLEAN", "DATE", "TIME(6)",
            "TIMESTAMP_NTZ(3)", "TIMESTAMP_LTZ(9)", "TIMESTAMP_TZ(6)", "BINARY(20)", "VARIANT", "ARRAY", "OBJECT",
        ]
        assert column(answer, "null?")[:4] == ["N", "N", "Y", "Y"]
        assert column(answer, "primary key")[:3] == ["Y", "Y", "N"]
        assert column(answer, "unique key")[2] == "Y"
        assert column(answer, "default")[:3] == ["IDENTITY START 10 INCREMENT 5 NOORDER", None, "'none'"]
        assert column(answer, "comment")[0] == "the key"


def test_keys_are_listed(api: Api, shop: str) -> None:
    primary = api.run(f"SHOW PRIMARY KEYS IN SCHEMA STANDIN.{shop}")
    found = sorted(zip(*(column(primary, c) for c in ("table_name", "column_name", "key_sequence")), strict=True))
    assert found == [("CUSTOMERS", "ID", "1"), ("ORDERS", "CUSTOMER_ID", "2"), ("ORDERS", "ID", "1")]
    named = api.run(f"SHOW PRIMARY KEYS IN TABLE {shop}.ORDERS")
    assert column(named, "constraint_name") == ["ORDERS_PK", "ORDERS_PK"]
    unique = api.run(f"SHOW UNIQUE KEYS IN TABLE {shop}.ORDERS")
    assert column(unique, "column_name") == ["CODE"]
    imported = api.run(f"SHOW IMPORTED KEYS IN SCHEMA {shop}")
    assert [t["name"] for t in imported.types][1:9] == [
        "pk_database_name", "pk_schema_name", "pk_table_name", "pk_column_name", "fk_database_name", "fk_schema_name",
        "fk_table_name", "fk_column_name",
    ]
    assert imported.rows[0][2:9] == [shop, "CUSTOMERS", "ID", "STANDIN", shop, "ORDERS", "CUSTOMER_ID"]
    assert f"STANDIN.{shop}" in {f"{r[1]}.{r[2]}" for r in api.run("SHOW PRIMARY KEYS IN DATABASE STANDIN").rows}


def test_keys_are_not_enforced(api: Api, shop: str) -> None:
    api.run(f"INSERT INTO {shop}.CUSTOMERS VALUES (1, 'a'), (1, 'b')")
    api.run(f"INSERT INTO {shop}.ORDERS (CUSTOMER_ID, CODE, TOTAL) VALUES (99, 'x', 1), (99, 'x', 2)")
    assert api.run(f"SELECT COUNT(*) AS N FROM {shop}.CUSTOMERS WHERE ID = 1").one == "2"
    with api.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {shop}.V1 (A INT PRIMARY KEY, B INT UNIQUE, FOREIGN KEY (B) REFERENCES {shop}.CUSTOMERS (ID))")
        cursor.execute(f"INSERT INTO {shop}.V1 VALUES (1, 1), (1, 1)")
        assert cursor.execute(f"SHOW IMPORTED KEYS IN TABLE {shop}.V1").fetchall()[0][3] == "CUSTOMERS"
    assert api.run(f"SELECT COUNT(*) AS N FROM {shop}.V1").one == "2"


def test_what_is_enforced(api: Api, shop: str) -> None:
    assert api.post(f"INSERT INTO {shop}.CUSTOMERS VALUES (1, NULL)").body["code"] == "100072"
    assert api.post(f"INSERT INTO {shop}.ORDERS (CUSTOMER_ID, CODE) VALUES (1, '{'x' * 161}')").body["code"] == "100078"
    assert api.post(f"INSERT INTO {shop}.ORDERS (CUSTOMER_ID, TOTAL) VALUES (1, 99999999999)").status == 422
    assert api.run(f"INSERT INTO {shop}.ORDERS (CUSTOMER_ID, CODE) VALUES (1, '{'é' * 160}')").status == 200


def test_identity_and_defaults(api: Api, shop: str) -> None:
    api.run(f"INSERT INTO {shop}.ORDERS (CUSTOMER_ID) VALUES (1), (2)")
    assert api.run(f"SELECT ID, CODE FROM {shop}.ORDERS ORDER BY ID").rows == [["10", "none"], ["15", "none"]]


def test_information_schema_columns(api: Api, shop: str) -> None:
    answer = api.run(
        "SELECT COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, "
        "DATETIME_PRECISION, IS_NULLABLE, COLUMN_DEFAULT, IS_IDENTITY, IDENTITY_START, IDENTITY_INCREMENT, COMMENT "
        f"FROM STANDIN.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = '{shop}' AND TABLE_NAME = 'ORDERS' ORDER BY ORDINAL_POSITION"
    )
    rows = {r[0]: r[1:] for r in answer.rows}
    assert rows["ID"] == ["1", "NUMBER", None, None, "38", "0", None, "NO", None, "YES", "10", "5", "the key"]
    assert rows["CODE"][1:4] == ["TEXT", "160", "640"] and rows["CODE"][8] == "'none'"
    assert rows["TOTAL"][4:6] == ["12", "2"]
    assert [r[2] for r in answer.rows] == [
        "NUMBER", "NUMBER", "TEXT", "NUMBER", "TEXT", "FLOAT", "BOOLEAN", "DATE", "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ",
        "BINARY", "VARIANT", "ARRAY", "OBJECT",
    ]


def test_information_schema_tables(api: Api, shop: str) -> None:
    api.run(f"INSERT INTO {shop}.CUSTOMERS VALUES (1, 'a'), (2, 'b')")
    api.run(f"DELETE FROM {shop}.CUSTOMERS WHERE ID = 1")
    api.run(f"CREATE VIEW {shop}.W AS SELECT * FROM {shop}.CUSTOMERS")
    answer = api.run(
        f"SELECT TABLE_NAME, TABLE_TYPE, ROW_COUNT, RETENTION_TIME, IS_TRANSIENT, CREATED FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '{shop}' ORDER BY 1"
    )
    assert [r[:5] for r in answer.rows] == [
        ["CUSTOMERS", "BASE TABLE", "1", "1", "NO"], ["ORDERS", "BASE TABLE", "0", "1", "NO"], ["W", "VIEW", None, None, None],
    ]
    assert answer.types[5]["type"] == "timestamp_ltz" and float(answer.rows[0][5]) > 1.7e9


def test_information_schema_constraints(api: Api, shop: str) -> None:
    answer = api.run(
        "SELECT t.TABLE_NAME, t.CONSTRAINT_TYPE, c.CHECK_CLAUSE FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS t LEFT JOIN INFORMATION_SCHEMA.CHECK_CONSTRAINTS c "
        f"ON c.CONSTRAINT_NAME = t.CONSTRAINT_NAME AND c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA WHERE t.CONSTRAINT_SCHEMA = '{shop}' ORDER BY 1, 2, 3"
    )
    assert answer.rows == [
        ["CUSTOMERS", "PRIMARY KEY", None], ["ORDERS", "CHECK", "ID > 0"], ["ORDERS", "CHECK", "TOTAL >= 0"],
        ["ORDERS", "FOREIGN KEY", None], ["ORDERS", "PRIMARY KEY", None], ["ORDERS", "UNIQUE", None],
    ]


def test_alter_table(api: Api, shop: str) -> None:
    table = f"{shop}.CUSTOMERS"
    api.run(f"INSERT INTO {table} VALUES (1, 'a')")
    for statement in (
        f"ALTER TABLE {table} ADD COLUMN X VARCHAR(3) NOT NULL DEFAULT 'q', Y NUMBER(5,1)",
        f"ALTER TABLE {table} RENAME COLUMN NAME TO FULL_NAME",
        f"ALTER TABLE {table} ALTER COLUMN FULL_NAME SET DATA TYPE VARCHAR(70)",
        f"ALTER TABLE {table} ALTER COLUMN FULL_NAME DROP NOT NULL",
        f"ALTER TABLE {table} ALTER COLUMN X DROP DEFAULT",
        f"ALTER TABLE {table} ADD CONSTRAINT U UNIQUE (FULL_NAME)",
        f"ALTER TABLE {table} DROP PRIMARY KEY",
        f"ALTER TABLE {table} DROP COLUMN Y",
        f"ALTER TABLE {table} ALTER COLUMN ID SET NOT NULL",
    ):
        api.run(statement)
    answer = api.run(f"DESC TABLE {table}")
    assert [(r[0], r[1], r[3], r[4], r[5], r[6]) for r in answer.rows] == [
        ("ID", "NUMBER(10,0)", "N", None, "N", "N"), ("FULL_NAME", "VARCHAR(70)", "Y", None, "N", "Y"), ("X", "VARCHAR(3)", "N", None, "N", "N"),
    ]
    assert api.run(f"SELECT * FROM {table}").rows == [["1", "a", "q"]]
    api.run(f"ALTER TABLE {table} DROP CONSTRAINT U")
    api.run(f"ALTER TABLE {table} RENAME TO {shop}.PEOPLE")
    assert api.run(f"SHOW UNIQUE KEYS IN TABLE {shop}.PEOPLE").rows == []
    assert api.post(f"SELECT * FROM {table}").status == 422
    assert api.run(f"SHOW IMPORTED KEYS IN TABLE {shop}.ORDERS").rows[0][3] == "PEOPLE"


def test_ctas_like_clone_swap(api: Api, shop: str) -> None:
    api.run(f"INSERT INTO {shop}.CUSTOMERS VALUES (1, 'a')")
    api.run(f"CREATE TABLE {shop}.C1 AS SELECT ID, NAME, COUNT(*) AS N, MD5(NAME) AS M, ID * 1.5 AS P FROM {shop}.CUSTOMERS GROUP BY ALL")
    assert [r[:2] for r in api.run(f"DESC TABLE {shop}.C1").rows] == [
        ["ID", "NUMBER(10,0)"], ["NAME", "VARCHAR(50)"], ["N", "NUMBER(38,0)"], ["M", "VARCHAR(16777216)"], ["P", "NUMBER(12,1)"],
    ]
    api.run(f"CREATE OR REPLACE TRANSIENT TABLE {shop}.C2 LIKE {shop}.CUSTOMERS")
    api.run(f"CREATE TABLE {shop}.C3 CLONE {shop}.CUSTOMERS")
    assert [api.run(f"SELECT COUNT(*) AS N FROM {shop}.{t}").one for t in ("C2", "C3")] == ["0", "1"]
    assert column(api.run(f"SHOW PRIMARY KEYS IN TABLE {shop}.C3"), "column_name") == ["ID"]
    api.run(f"ALTER TABLE {shop}.C2 SWAP WITH {shop}.C3")
    assert [api.run(f"SELECT COUNT(*) AS N FROM {shop}.{t}").one for t in ("C2", "C3")] == ["1", "0"]


def test_names(api: Api, schema: str) -> None:
    api.run(f'CREATE TABLE {schema}."lower" (plain INT, "Quoted" INT)')
    assert [r[0] for r in api.run(f'DESC TABLE {schema}."lower"').rows] == ["PLAIN", "Quoted"]
    assert api.run(f'SELECT Plain, "Quoted" FROM {schema}."lower"').types[1]["name"] == "Quoted"
    for wrong in (f"SELECT * FROM {schema}.lower", f'SELECT "quoted" FROM {schema}."lower"', f'SELECT quoted FROM {schema}."lower"'):
        assert api.post(wrong).status == 422, wrong
    twin = api.post(f"CREATE TABLE {schema}.LOWER (A INT)")
    assert twin.status == 422 and "the stand-in cannot" in twin.body["message"]
    assert api.post(f'CREATE TABLE {schema}."lower" (A INT)').body["code"] == "002002"


def test_sequences(api: Api, schema: str) -> None:
    api.run(f"CREATE SEQUENCE {schema}.S START = 5 INCREMENT = 2")
    shown = api.run(f"SHOW SEQUENCES IN SCHEMA {schema}")
    assert [column(shown, c) for c in ("name", "schema_name", "next_value", "interval")] == [["S"], [schema], ["5"], ["2"]]
    assert api.run(f"SELECT {schema}.S.NEXTVAL AS N").one == "5"
    assert column(api.run(f"SHOW SEQUENCES IN SCHEMA {schema}"), "next_value") == ["7"]


def test_views(api: Api, shop: str) -> None:
    api.run(f"CREATE VIEW {shop}.W (K, M) AS SELECT ID, MD5(NAME) FROM {shop}.CUSTOMERS")
    api.run(f"INSERT INTO {shop}.CUSTOMERS VALUES (1, 'a')")
    assert api.run(f"SELECT * FROM {shop}.W").rows == [["1", "0cc175b9c0f1b6a831c399e269772661"]]
    assert [r[:2] for r in api.run(f"DESC VIEW {shop}.W").rows] == [["K", "NUMBER(10,0)"], ["M", "VARCHAR(16777216)"]]


def test_temporary_tables_end_with_their_session(api: Api, schema: str) -> None:
    answers = api.session(f"CREATE TEMPORARY TABLE {schema}.T AS SELECT 1 AS A", f"SELECT A FROM {schema}.T")
    assert answers[1].one == "1"
    assert api.post(f"SELECT A FROM {schema}.T").status == 422


def test_context_functions(api: Api) -> None:
    names = ("ACCOUNT", "ORGANIZATION_NAME", "ACCOUNT_NAME", "REGION", "USER", "ROLE", "WAREHOUSE", "DATABASE", "SCHEMA", "VERSION", "SECONDARY_ROLES")
    [row] = api.run("SELECT " + ", ".join(f"CURRENT_{n}() AS {n}" for n in names)).rows
    assert row == [
        "PS00001", "PARITYORG", "STANDIN", "AWS_US_EAST_1", "PARITY", "SYSADMIN", "STANDIN_WH", "STANDIN", "PUBLIC", "10.0.0", '{"roles":"","value":""}',
    ]
    clock = api.run("SELECT CURRENT_TIMESTAMP()")
    assert clock.types[0]["type"] == "timestamp_ltz" and float(clock.one) > 1.7e9
    parameter = api.run("SHOW PARAMETERS LIKE 'QUOTED_IDENTIFIERS_IGNORE_CASE' IN SESSION")
    assert [t["name"] for t in parameter.types] == ["key", "value", "default", "level", "description", "type"]
    assert parameter.rows[0][1] == "false"


def test_last_query_id_is_the_handle(api: Api, schema: str) -> None:
    first, second = api.session(f"CREATE TABLE {schema}.Q AS SELECT 1 AS A", "SELECT LAST_QUERY_ID() AS Q")
    assert second.one == first.handle


def test_a_common_table_expression_may_hide_a_table(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T AS SELECT 1 AS A")
    assert api.run("WITH T AS (SELECT A + 1 AS A FROM T) SELECT A FROM T", schema=schema).one == "2"
    assert api.run(f"WITH U AS (SELECT A FROM {schema}.T), V AS (SELECT A FROM U) SELECT A FROM V").one == "1"
    sql = "WITH RECURSIVE R (N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM R WHERE N < 4) SELECT SUM(N) AS S FROM R"
    assert api.run(sql).one == "10"
    assert api.post("WITH NOPE AS (SELECT 1 AS A FROM NOPE) SELECT A FROM NOPE", schema=schema).status == 422


def test_merge_and_insert_select(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (ID INT, V VARCHAR(10))")
    api.run(f"CREATE TABLE {schema}.N (ID INT, V VARCHAR(10))")
    api.run(f"INSERT INTO {schema}.T SELECT SEQ4(), 'old' FROM TABLE(GENERATOR(ROWCOUNT => 2))")
    api.run(f"INSERT INTO {schema}.N VALUES (1, 'new'), (2, 'new')")
    merged = api.run(
        f"MERGE INTO {schema}.T USING {schema}.N ON T.ID = N.ID WHEN MATCHED THEN UPDATE SET V = N.V WHEN NOT MATCHED THEN INSERT (ID, V) VALUES (N.ID, N.V)"
    )
    assert merged.body["stats"]["numRowsInserted"] == 1 and merged.body["stats"]["numRowsUpdated"] == 1
    assert api.run(f"SELECT ID, V FROM {schema}.T ORDER BY ID").rows == [["0", "old"], ["1", "new"], ["2", "new"]]


def test_transactions(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.T (A INT)")
    api.session("BEGIN", f"INSERT INTO {schema}.T VALUES (1)", "ROLLBACK")
    assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T").one == "0"
    api.session("BEGIN", f"INSERT INTO {schema}.T VALUES (1)", "COMMIT")
    assert api.run(f"SELECT COUNT(*) AS N FROM {schema}.T").one == "1"
