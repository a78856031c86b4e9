"""What a view says about itself and about what it reads."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from conftest import Api


@pytest.fixture
def shop(api: Api, schema: str) -> str:
    place = f"STANDIN.{schema}"
    api.run(f"CREATE SCHEMA IF NOT EXISTS {place}_DEV")
    api.run(f"CREATE TABLE {place}.ORDERS (ID NUMBER, TOTAL NUMBER(10,2))")
    api.run(f"CREATE TABLE {place}.CUSTOMERS (ID NUMBER)")
    api.run(f"CREATE TABLE {place}_DEV.ORDERS CLONE {place}.ORDERS")
    api.run(f"CREATE VIEW {place}.RECENT AS WITH O AS (SELECT * FROM ORDERS) SELECT O.ID FROM O JOIN CUSTOMERS C ON C.ID = O.ID JOIN ORDERS X ON X.ID = O.ID",
            schema=schema)
    api.run(f"CREATE VIEW {place}.TOP AS SELECT ID FROM {place}.RECENT UNION ALL SELECT ID FROM {place}_DEV.ORDERS")
    api.run(f"CREATE TABLE {place}.COPIED AS SELECT * FROM {place}.RECENT")
    return place


def test_object_dependencies(api: Api, shop: str) -> None:
    schema = shop.partition(".")[2]
    columns = "REFERENCED_DATABASE, REFERENCED_SCHEMA, REFERENCED_OBJECT_NAME, REFERENCED_OBJECT_DOMAIN, REFERENCING_OBJECT_NAME, REFERENCING_OBJECT_DOMAIN"
    rows = api.run(
        f"SELECT {columns}, DEPENDENCY_TYPE FROM SNOWFLAKE.ACCOUNT_USAGE.OBJECT_DEPENDENCIES WHERE REFERENCING_DATABASE = 'STANDIN' "
        f"AND REFERENCING_SCHEMA = '{schema}' ORDER BY 5, 2, 3", role="ACCOUNTADMIN",
    ).rows
    assert rows == [
        ["STANDIN", schema, "CUSTOMERS", "TABLE", "RECENT", "VIEW", "BY_NAME"],
        ["STANDIN", schema, "ORDERS", "TABLE", "RECENT", "VIEW", "BY_NAME"],
        ["STANDIN", schema, "RECENT", "VIEW", "TOP", "VIEW", "BY_NAME"],
        ["STANDIN", f"{schema}_DEV", "ORDERS", "TABLE", "TOP", "VIEW", "BY_NAME"],
    ]


def test_object_references(api: Api, shop: str) -> None:
    schema = shop.partition(".")[2]
    call = f"TABLE(GET_OBJECT_REFERENCES(DATABASE_NAME => 'standin', SCHEMA_NAME => '{schema}', OBJECT_NAME => 'TOP'))"
    answer = api.run(f"SELECT * FROM {call} ORDER BY 5, 6")
    assert [t["name"] for t in answer.types] == [
        "DATABASE_NAME", "SCHEMA_NAME", "OBJECT_NAME", "REFERENCED_DATABASE_NAME", "REFERENCED_SCHEMA_NAME", "REFERENCED_OBJECT_NAME", "REFERENCED_OBJECT_TYPE",
    ]
    assert answer.rows == [
        ["STANDIN", schema, "TOP", "STANDIN", schema, "RECENT", "VIEW"], ["STANDIN", schema, "TOP", "STANDIN", f"{schema}_DEV", "ORDERS", "TABLE"],
    ]
    api.run("CREATE ROLE IF NOT EXISTS DEPENDENCY_STRANGER")
    api.run("GRANT ROLE DEPENDENCY_STRANGER TO USER PARITY")
    assert api.post(f"SELECT * FROM {call}", role="DEPENDENCY_STRANGER").status == 422


def test_the_text_of_a_view(api: Api, shop: str) -> None:
    schema = shop.partition(".")[2]
    statement = f"create or replace view {shop}.\"Odd name\" (A, \"b\")\n  comment = 'as' as (\n  select id as a, -- the AS of a column\n    total as b from {shop}.orders\n)\n/* dbt */;"
    api.run(statement)
    stored = statement.removesuffix(";")
    assert api.run(f"SELECT VIEW_DEFINITION FROM STANDIN.INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA = '{schema}' AND TABLE_NAME = 'Odd name'").one == stored
    query = stored.partition("'as' as ")[2]
    text = api.run(f"SELECT GET_DDL('VIEW', '{shop}.\"Odd name\"') AS T").one
    assert text == f'create or replace view "Odd name"(\n\tA,\n\t"b"\n) as {query};'
    full = api.run(f"SELECT GET_DDL('view', '{shop}.RECENT', true)").one
    assert full and full.startswith(f"create or replace view {shop}.RECENT(\n\tID\n) as WITH O AS")
    # It can be run again.
    api.run(full, schema=schema)
    assert api.post(f"SELECT GET_DDL('VIEW', '{shop}.ORDERS')").status == 422
    assert api.post(f"SELECT GET_DDL('TABLE', '{shop}.ORDERS')").status == 422


def test_last_altered_is_when_rows_changed(api: Api, shop: str) -> None:
    schema = shop.partition(".")[2]
    query = (
        "SELECT DATE_PART(EPOCH_MILLISECOND, LAST_ALTERED), DATE_PART(EPOCH_MILLISECOND, CREATED), DATE_PART(EPOCH_MILLISECOND, LAST_DDL) "
        f"FROM STANDIN.INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'ORDERS' AND TABLE_SCHEMA = '{schema}"
    )

    def times(suffix: str = "") -> list[int]:
        [row] = api.run(f"{query}{suffix}'").rows
        return [int(float(v or 0)) for v in row]

    created, dev = times(), times("_DEV")
    assert created[0] == created[1] == created[2] and abs(created[0] / 1000 - datetime.now(UTC).timestamp()) < 30
    time.sleep(0.01)
    api.run(f"INSERT INTO {shop}.ORDERS VALUES (1, 2.50)")
    written = times()
    assert written[0] > created[0] and written[1:] == created[1:]
    assert times("_DEV") == dev
    time.sleep(0.01)
    api.run(f"UPDATE {shop}.ORDERS SET TOTAL = 3")
    assert times()[0] > written[0]
    api.run(f"ALTER TABLE {shop}.ORDERS ADD COLUMN NOTE VARCHAR")
    assert times()[2] > created[2]


def test_show_objects_in_pages(api: Api, shop: str) -> None:
    def names(suffix: str) -> list[tuple[str | None, str | None]]:
        answer = api.run(f"SHOW OBJECTS IN {shop}{suffix}")
        heads = [t["name"] for t in answer.types]
        return [(row[heads.index("name")], row[heads.index("kind")]) for row in answer.rows]

    everything = [("COPIED", "TABLE"), ("CUSTOMERS", "TABLE"), ("ORDERS", "TABLE"), ("RECENT", "VIEW"), ("TOP", "VIEW")]
    assert names(" LIMIT 10000") == everything
    assert names(" LIMIT 2") == everything[:2]
    assert names(" LIMIT 2 FROM 'CUSTOMERS'") == everything[2:4]
    assert names(" STARTS WITH 'RE' LIMIT 1") == [("RECENT", "VIEW")]
    assert names(" STARTS WITH 're'") == []
