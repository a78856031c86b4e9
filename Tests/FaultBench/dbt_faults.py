"""Faults of views, of the models of dbt behind them, and of what dbt said of its tests.

`models` are replacements in the SQL that dbt compiled; all models are made anew before each entry. `artifacts` edits
what dbt wrote, which otherwise says that it has just run and that all was well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dbt_models import Artifacts, Edit
from faults import Fault as F

#: Only what is said of dbt.
DBT = ("--select", "section:dbt")
DEV = ("CREATE SCHEMA IF NOT EXISTS SHOP.DEV", "CREATE OR REPLACE TABLE SHOP.DEV.ORDERS CLONE SHOP.PUBLIC.ORDERS")
OVER_DEV = {"stg_orders": ("SHOP.public.orders", "SHOP.DEV.ORDERS")}
NO_DEV = ("DROP SCHEMA SHOP.DEV",)
UNIQUE, NOT_NULL, WARNS = "unique_customer_ltv_customer_id", "not_null_daily_revenue_day", "not_null_product_sales_average_price"


def said(test: str, status: str, failures: int | None, message: str | None = None) -> Edit:
    """dbt's result of a test."""
    return lambda dbt: dbt.result(test).update(status=status, failures=failures, message=message)


def without(test: str) -> Edit:
    """The test stands in the project, and was not run."""
    return lambda dbt: dbt.run_results["results"].remove(dbt.result(test))


def older(dbt: Artifacts) -> None:
    dbt.ran_at(datetime.now(UTC) - timedelta(days=2))


def untested(dbt: Artifacts) -> None:
    """Nobody wrote a test for the top customers."""
    gone = {i for i, n in dbt.manifest["nodes"].items() if n["resource_type"] == "test" and "model.shop.top_customers" in n["depends_on"]["nodes"]}
    dbt.manifest["nodes"] = {i: n for i, n in dbt.manifest["nodes"].items() if i not in gone}
    dbt.run_results["results"] = [r for r in dbt.run_results["results"] if r["unique_id"] not in gone]


def of_postgres(dbt: Artifacts) -> None:
    for part in (dbt.manifest, dbt.run_results):
        part["metadata"]["adapter_type"] = "postgres"


DBT_FAULTS = [
    # Joins
    F("67", "an inner join where a left one was meant", "shop.", "customer_ltv.rows customer_ltv.row_count", arguments=DBT,
      models={"customer_ltv": ("left join", "join")}),
    F("67b", "a left join undone by a condition in WHERE", "shop.", "customer_ltv.rows customer_ltv.row_count", arguments=DBT,
      models={"customer_ltv": ("customers.customer_id and orders.is_sale", "customers.customer_id\nwhere orders.is_sale")}),
    F("67c", "a mapping that lacks one of its codes", "shop.", "orders_by_status.rows", arguments=DBT,
      models={"orders_by_status": ("= orders.status", "= orders.status and status_groups.status <> 'packed'")}),
    F("67d", "the same answer by another query (benign)", "shop.", arguments=DBT,
      models={"customer_ltv": ("left join SHOP.ANALYTICS.stg_orders as orders", "left join (select * from SHOP.ANALYTICS.stg_orders where is_sale) as orders")}),
    F("67e", "columns in another order (benign)", "shop.", arguments=DBT,
      models={"top_customers": ("select place, customer_id, revenue\n", "select revenue, customer_id, place\n")}),
    F("67f", "a column was forgotten", "shop.", "top_customers.columns", may="top_customers.*", arguments=DBT,
      models={"top_customers": ("select place, customer_id, revenue\n", "select place, customer_id\n")}),
    F("68", "a join that multiplies rows before they are added up", "shop.", "product_sales.rows", arguments=DBT,
      models={"product_sales": ("= products.id", "= products.id\nleft join SHOP.public.stock as stock\n    on stock.product_id = products.id")}),
    F("68b", "a join that gives several rows for one key", "shop.", "customer_ltv.key customer_ltv.rows customer_ltv.row_count",
      may="top_customers.*", arguments=DBT, models={"customer_ltv": ("group by 1, 2", "group by 1, 2, orders.status")}),
    # Dates
    F("69", "a border of dates that is off by one", "shop.", "daily_revenue.rows daily_revenue.row_count", arguments=DBT,
      models={"daily_revenue": ("    is_sale\n", "    is_sale and placed_on < (select max(placed_on) from SHOP.ANALYTICS.stg_orders where is_sale)\n")}),
    F("69b", "days by the clock of another place", "shop.", "customer_ltv.rows daily_revenue.rows", may="*.row_count orders_by_status.rows", arguments=DBT,
      models={"stg_orders": ("convert_timezone('UTC', placed_at)", "convert_timezone('America/New_York', placed_at)")}),
    # Other copies, and old ones
    F("70", "a view over a copy for development, the same today", "shop.", "orders_by_status.base_tables", arguments=DBT, target=DEV, models=OVER_DEV, undo=NO_DEV),
    F("70b", "a view over an old copy", "shop.", "orders_by_status.base_tables orders_by_status.rows customer_ltv.rows daily_revenue.rows",
      may="top_customers.* *.row_count", arguments=DBT, target=(*DEV, "DELETE FROM SHOP.DEV.ORDERS WHERE ID > 300"), models=OVER_DEV, undo=NO_DEV),
    F("70c", "models kept as tables, not built since the last load", "shop.orders", "customer_ltv.base_tables daily_revenue.base_tables",
      may="top_customers.base_tables", arguments=DBT, after=("UPDATE SHOP.PUBLIC.ORDERS SET NOTE = NOTE WHERE ID = 1",)),
    F("70d", "a model that was never built there", "shop.", "top_customers.exists", may="top_customers.*", arguments=DBT,
      after=("DROP VIEW SHOP.ANALYTICS.TOP_CUSTOMERS",)),
    F("71", "an incremental model that missed late rows", "shop.", "daily_revenue.rows", may="daily_revenue.row_count", arguments=DBT,
      models={"daily_revenue": ("    is_sale\n", "    is_sale and not (order_id % 5 = 0 and placed_on < '2024-01-01')\n")}),
    # Numbers
    F("72", "a division that gives whole numbers", "shop.", "product_sales.rows", arguments=DBT,
      models={"product_sales": ("cast(sum(items.line_total) as float) / sum(items.quantity)", "floor(cast(sum(items.line_total) as float) / sum(items.quantity))")}),
    F("72b", "amounts rounded on the way", "shop.", "customer_ltv.rows daily_revenue.rows orders_by_status.rows", may="top_customers.*", arguments=DBT,
      models={"stg_orders": ("    total,", "    cast(total as number(12,1)) as total,")}),
    F("72c", "a difference within the tolerance (benign)", "shop.", arguments=DBT,
      models={"product_sales": (" / sum(items.quantity)", " / sum(items.quantity) + 0.000001")}),
    # Who reads, and how
    F("73", "days by the time zone of whoever reads", "shop.", "orders_by_status.session_zone", arguments=DBT,
      models={"stg_orders": ("cast(convert_timezone('UTC', placed_at) as date)", "cast(to_timestamp_ltz(placed_at) as date)")}),
    F("74", "empty values at the head of an order", "shop.", "top_customers.rows", arguments=DBT,
      models={"top_customers": ("order by revenue desc,", "order by nullif(revenue, 0) desc,")}),
    F("74b", "an order that leaves open who is among the top", "shop.", "top_customers.rows", may="top_customers.session_zone", arguments=DBT,
      models={"top_customers": ("order by revenue desc, customer_id", "order by round(revenue, -4) desc")}),
    # What dbt said of its tests
    F("75", "failures of a test that only warns", "shop.", "product_sales.tests." + WARNS, exit=0, arguments=DBT,
      artifacts=said(WARNS, "warn", 3, "Got 3 results, configured to warn if != 0")),
    F("75b", "a test of dbt that failed", "shop.", "daily_revenue.tests." + NOT_NULL, arguments=DBT,
      artifacts=said(NOT_NULL, "fail", 2, "Got 2 results, configured to fail if != 0")),
    F("75c", "a test that was not run", "shop.", exit=3, errs="customer_ltv.tests." + UNIQUE, arguments=DBT, artifacts=without(UNIQUE)),
    F("75d", "a test that dbt skipped", "shop.", exit=3, errs="customer_ltv.tests." + UNIQUE, arguments=DBT, artifacts=said(UNIQUE, "skipped", None)),
    F("75e", "a test that dbt could not run", "shop.", exit=3, errs="customer_ltv.tests." + UNIQUE, arguments=DBT,
      artifacts=said(UNIQUE, "error", None, "Database Error")),
    F("75f", "tests that ran before the last load", "shop.", "project.fresh", arguments=DBT, artifacts=older),
    F("75g", "tests over a model without rows", "shop.", "top_customers.tested top_customers.rows top_customers.row_count", arguments=DBT,
      models={"top_customers": ("place <= 100", "place <= 0")}),
    F("75h", "a model without a test", "shop.", "top_customers.tested", arguments=DBT, artifacts=untested),
    F("75i", "tests of the rehearsal, not of the target", "shop.", "project.artifacts", arguments=DBT, artifacts=of_postgres),
    F("75j", "a selection that fits no model", "shop.", "project.artifacts", may="*.exists", arguments=DBT, spec=("tag:migrated", "tag:migrate")),
    F("75k", "a test that only warns, and passes (benign)", "shop.", arguments=DBT, artifacts=said(WARNS, "pass", 0)),
]
