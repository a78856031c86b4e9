"""What dbt-snowflake sends, by the connector that it uses: merges in a transaction, lists, the catalog, signed statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import snowflake.connector
from conftest import Api
from snowflake.connector.cursor import SnowflakeCursor

SIGNED = '\n/* {"app": "dbt", "node_id": "model.shop.daily_revenue"} */;'
MERGE = """merge into {0}.daily_revenue as DBT_INTERNAL_DEST
    using {0}.daily_revenue__dbt_tmp as DBT_INTERNAL_SOURCE
    on ((DBT_INTERNAL_SOURCE.day = DBT_INTERNAL_DEST.day))
  when matched then update set "DAY" = DBT_INTERNAL_SOURCE."DAY","ORDERS" = DBT_INTERNAL_SOURCE."ORDERS"
  when not matched then insert ("DAY", "ORDERS") values ("DAY", "ORDERS")
"""


@pytest.fixture
def cursor(api: Api, schema: str) -> Iterator[SnowflakeCursor]:
    with api.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(f"create or replace transient table STANDIN.{schema}.daily_revenue as (select '2026-03-01'::date as day, 5 as orders){SIGNED}")
        yield cursor


def test_an_incremental_model_is_merged(cursor: SnowflakeCursor, schema: str) -> None:
    place = f"STANDIN.{schema}"
    rows = "select '2026-03-01'::date as day, 6 as orders union all select '2026-03-02'::date, 7"
    cursor.execute(f"create or replace temporary view {place}.daily_revenue__dbt_tmp as (\n{rows}\n){SIGNED}")
    cursor.execute(f"-- back compat for old kwarg name\n\n  begin{SIGNED}")
    cursor.execute(MERGE.format(place) + SIGNED)
    assert [d.name for d in cursor.description] == ["number of rows inserted", "number of rows updated"]
    assert cursor.fetchall() == [(1, 1)]
    cursor.execute(f"commit{SIGNED}")
    cursor.execute(f"drop view if exists {place}.daily_revenue__dbt_tmp cascade{SIGNED}")
    assert cursor.execute(f"select orders from {place}.daily_revenue order by day").fetchall() == [(6,), (7,)]


def test_two_rows_for_one_are_refused(cursor: SnowflakeCursor, schema: str) -> None:
    place = f"STANDIN.{schema}"
    cursor.execute(f"create view {place}.daily_revenue__dbt_tmp as select '2026-03-01'::date as day, column1 as orders from values (1), (2)")
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match="Duplicate row detected"):
        cursor.execute(MERGE.format(place))
    assert cursor.execute(f"select orders from {place}.daily_revenue").fetchall() == [(5,)]


def test_lists(cursor: SnowflakeCursor, schema: str) -> None:
    found = cursor.execute(f"show objects in STANDIN.{schema}\n    limit 10000\n    {SIGNED}").fetchall()
    heads = [d.name for d in cursor.description]
    wanted = {"name": "DAILY_REVENUE", "kind": "TABLE", "is_dynamic": "N", "is_iceberg": "N", "schema_name": schema}
    assert [{k: row[heads.index(k)] for k in wanted} for row in found] == [wanted]
    assert cursor.execute(f"show user functions in STANDIN.{schema}{SIGNED}").fetchall() == []
    assert schema in [row[1] for row in cursor.execute(f"show terse schemas in database STANDIN\n    limit 10000{SIGNED}").fetchall()]
    with pytest.raises(snowflake.connector.errors.ProgrammingError, match=r"002043 \(02000\)"):
        cursor.execute("show objects in STANDIN.NOWHERE limit 10000")


def test_the_query_of_the_catalog(cursor: SnowflakeCursor, schema: str) -> None:
    same = f"""("table_schema" ilike '{schema}' and upper("table_schema") = upper('{schema}'))"""
    columns = 'table_catalog as "table_database", table_schema as "table_schema", table_name as "table_name"'
    modified = "to_varchar(convert_timezone('UTC', last_altered), 'yyyy-mm-dd HH24:MI'||'UTC')"
    cursor.execute(
        f"""with tables as (select {columns}, row_count as "stats:row_count:value", {modified} as "stats:last_modified:value",
              (row_count is not null) as "stats:row_count:include" from STANDIN.INFORMATION_SCHEMA.tables where ({same})),
            columns as (select {columns}, column_name as "column_name", ordinal_position as "column_index"
              from STANDIN.INFORMATION_SCHEMA.columns where ({same}))
            select * from tables join columns using ("table_database", "table_schema", "table_name") order by "column_index"{SIGNED}"""
    )
    heads = [d.name for d in cursor.description]
    rows = cursor.fetchall()
    assert [row[heads.index("column_name")] for row in rows] == ["DAY", "ORDERS"]
    shown = rows[0][heads.index("stats:last_modified:value")]
    [(now,)] = cursor.execute("select to_varchar(convert_timezone('UTC', current_timestamp()), 'YYYY-MM-DD HH24:MI'||'UTC')").fetchall()
    assert len(shown) == 19 and shown[:13] == now[:13] and shown.endswith("UTC")
