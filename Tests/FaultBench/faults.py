"""The faults that Parity must catch, one entry each.

The number is that of the fault class; a letter behind it marks another way to commit the same fault.
`fails` names the checks that must fail, as `table.check`; every other check must pass, but for those
in `may`. An entry without `fails` is benign: nothing may be reported.

`target` and `source` are statements run there; `remigrate` copies the tables again with other options:
`types` (columns declared otherwise), `skip` (kinds of constraints that are lost: p, u, f, c), `defaults`
(other defaults), `start` (of identities).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass
class Fault:
    number: str
    name: str
    #: `shop.orders`, or several tables: `chinook.artist,album`.
    where: str
    fails: str = ""
    may: str = ""
    target: tuple[str, ...] | str = ()
    source: tuple[str, ...] | str = ()
    remigrate: dict[str, Any] = field(default_factory=dict)
    #: Checks that must end in "could not be determined" instead: a doubt that may not pass.
    errs: str = ""
    #: The exit status, where it is not 1 for a fault and 0 for a benign change.
    exit: int | None = None
    #: Replacements in the spec, environment variables, arguments: for faults of the surroundings.
    spec: tuple[str, str] | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] | None = None
    #: Files beside the spec, by their paths: those of the folder `dbt`, or new ones.
    files: dict[str, str] = field(default_factory=dict)
    #: Texts of sensitive columns, which nothing that Parity writes may hold.
    hides: tuple[str, ...] = ()
    #: Replacements in the SQL of dbt's models, and what dbt is made to have said.
    models: dict[str, tuple[str, str]] = field(default_factory=dict)
    artifacts: Callable[[Any], None] | None = None
    #: Statements for the target when the models were made.
    after: tuple[str, ...] = ()
    #: What happened, for the stand-in's records: `login-history` or `query-history`, and events.
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: Statements for afterwards, where making the tables anew does not undo everything.
    undo: tuple[str, ...] = ()

    @property
    def database(self) -> str:
        return self.where.partition(".")[0]

    @property
    def tables(self) -> list[str]:
        return [t for t in self.where.partition(".")[2].split(",") if t]

    @property
    def is_benign(self) -> bool:
        return not self.fails and not self.errs and not self.exit


F = Fault

#: Only what is said of roles.
SECURITY = ("--select", "section:security")


def access(side: str, *checks: str) -> str:
    """These checks of the role `bench_reader` on a side."""
    role = "bench_reader" if side == "source" else "BENCH_READER"
    return " ".join(f"roles.{side}.{role}.{check}" for check in checks)


def account(points: str) -> tuple[str, str]:
    """The spec with these points of the account."""
    return ("security:", f"security:\n  account: {{ {points} }}")


#: A masked column, two roles that read it, and what the spec says of them.
MASKED = "masking.SHOP.PUBLIC.CUSTOMERS.EMAIL."
MASKING = ("--select", "*.security.masking.*")
READERS = tuple(
    f"GRANT {right} TO ROLE {role}"
    for role in ("BENCH_OTHER", "BENCH_DEEP")
    for right in ("USAGE ON DATABASE SHOP", "USAGE ON SCHEMA SHOP.PUBLIC", "SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS")
) + ("GRANT ROLE BENCH_OTHER TO USER PARITY", "GRANT ROLE BENCH_DEEP TO USER PARITY")
MASK = READERS + (
    "CREATE MASKING POLICY SHOP.PUBLIC.BENCH_MASK AS (V VARCHAR) RETURNS VARCHAR -> "
    "CASE WHEN CURRENT_ROLE() IN ('BENCH_OTHER', 'SYSADMIN') THEN V ELSE '***' END",
    "ALTER TABLE SHOP.PUBLIC.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY SHOP.PUBLIC.BENCH_MASK",
)
UNMASK = (
    "ALTER TABLE SHOP.PUBLIC.CUSTOMERS MODIFY COLUMN EMAIL UNSET MASKING POLICY", "DROP MASKING POLICY SHOP.PUBLIC.BENCH_MASK",
) + tuple(statement.replace("GRANT", "REVOKE", 1).replace(" TO ", " FROM ") for statement in reversed(READERS))


def masking(also: str = "") -> tuple[str, str]:
    """The spec's words about the masked column."""
    return (
        "security:",
        "security:\n  masking:\n    SHOP.PUBLIC.CUSTOMERS.EMAIL:\n"
        f"      {{ policy: BENCH_MASK, clear_for: [BENCH_OTHER], masked_for: [BENCH_DEEP]{also} }}",
    )


#: Only what is said of queries.
TIMES = ("--select", "section:performance")


def timed(query: str) -> tuple[str, str]:
    """The spec with this query; its budgets are far from what is measured, on either side."""
    return ("security:", f"performance:\n  page: {{ {query} }}\nsecurity:")


#: Rows that a role of both sides may not see.
OWN_ROWS = ("ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "CREATE POLICY own_rows ON orders USING (status <> 'new')")
ROWS = (
    "CREATE ROW ACCESS POLICY SHOP.PUBLIC.BENCH_ROWS AS (S VARCHAR) RETURNS BOOLEAN -> CURRENT_ROLE() = 'SYSADMIN' OR S <> 'new'",
    "ALTER TABLE SHOP.PUBLIC.ORDERS ADD ROW ACCESS POLICY SHOP.PUBLIC.BENCH_ROWS ON (STATUS)",
)
NO_ROWS = ("ALTER TABLE SHOP.PUBLIC.ORDERS DROP ALL ROW ACCESS POLICIES", "DROP ROW ACCESS POLICY SHOP.PUBLIC.BENCH_ROWS")
ROW_ACCESS = (
    "security:",
    "security:\n  row_access:\n    SHOP.PUBLIC.ORDERS: { policy: BENCH_ROWS, columns: [STATUS], sees: { BENCH_READER: STATUS <> 'new' } }",
)

#: Audits look at a day on which nothing happened but what is planted.
NOON = datetime.now(UTC).replace(microsecond=0) - timedelta(days=39, hours=12)


def audit(expectation: str) -> tuple[str, str]:
    """The spec with an audit of that day."""
    return ("security:", f"security:\n  audit: {{ since: 40d, until: 39d, {expectation} }}")


def at(minutes: int) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()


def login(user: str, minutes: int, success: bool = True, ip: str = "192.0.2.1", second: str | None = "DUO") -> dict[str, Any]:
    return {"user": user, "success": success, "client_ip": ip, "second_factor": second, "at": at(minutes)}


def query(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "user": "EVE", "role": "LOADER", "started": at(0), "ended": at(1), **more}


#: Somebody who may log in does so: the records are not empty.
USUAL = login("ANNA", -60)


def log(*messages: tuple[int, str, str], every: int = 60, until: int = 720) -> dict[str, str]:
    """A log of Heroku with a checkpoint each so many minutes, and with these messages: minute, SQLSTATE, text."""
    pulse = [(m, "00000", "LOG:  checkpoint starting: time") for m in range(-720, until, every)]
    statement = (-30, "00000", "LOG:  statement: COMMENT ON DATABASE shop IS 'still here'")
    lines = [
        f'{at(minute)} app[postgres.77]: [DATABASE] [{number}-1]  sql_error_code = {code} user="loader" {text}'
        for number, (minute, code, text) in enumerate(sorted([*pulse, statement, *messages]))
    ]
    return {"logs/drain.log": "\n".join(lines) + "\n"}


#: What the audit of a log expects.
QUIET = "source: { log: logs/*.log, failed_logins: { max: 5, within: 10m }, permission_denied: none, grants: none, grants_to_public: none, role_changes: none, ownership_transfers: none, ddl: { max: 1 } }"
AUDIT = ("--select", "*.security.audit.*")

#: What is said of the application's own tests.
REGRESSION = ("--select", "section:regression")


def regression(words: str) -> tuple[str, str]:
    """The spec with this regression."""
    return ("security:", f"regression: {{ {words} }}\nsecurity:")


def report(cases: str, hours: float = 1, attributes: str = "") -> dict[str, str]:
    """A report of the application's tests, so many hours old."""
    time = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"reports/app.xml": f'<testsuites><testsuite name="app" timestamp="{time}" {attributes}>{cases}</testsuite></testsuites>'}


def asked(source: str, target: str, options: str) -> tuple[str, str]:
    """The spec with this pair of queries, without their SELECT."""
    return regression(f'queries: {{ pair: {{ source: "select {source}", target: "SELECT {target}", {options} }} }}')


PASSING = '<testcase classname="shop.Cart" name="total"/>'
JUNIT = regression("junit: reports/*.xml, newer_than: 24h")

#: Only what is said of the way back.
ROLLBACK = ("--select", "section:rollback")
PLAN = {"rollback.md": "Stop all writers, then carry back what was written.\n"}
#: As pg_dump begins and ends a dump as SQL.
DUMPED = "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n\n--\n-- PostgreSQL database dump complete\n--\n\n"


def rollback(words: str = "") -> tuple[str, str]:
    """The spec with this way back."""
    return ("security:", f"rollback: {{ plan: rollback.md{words and ', '}{words} }}\nsecurity:")


def archive_header(year: int) -> str:
    """The beginning of an archive of pg_dump that was made in that year; every byte of it is a character."""
    numbers = [-1, 0, 30, 4, 28, 10, year - 1900, 0]
    return "PGDMP\x01\x0e\x00\x04\x08\x01" + "".join(("\x01" if n < 0 else "\x00") + chr(abs(n)) + "\x00" * 3 for n in numbers) + (
        "\x00\x04\x00\x00\x00shop" + "\x00\x02\x00\x00\x0015" * 2
    )


FAULTS = [
    # Rows
    F("1", "text cut at 15 characters", "shop.addresses", "addresses.checksum",
      target="UPDATE ADDRESSES SET STREET = LEFT(STREET, 15)"),
    F("1b", "varchar(20) cut to 19 where it was full", "chinook.customer", "customer.checksum",
      target="UPDATE CUSTOMER SET ADDRESS = LEFT(ADDRESS, 20)"),
    F("2", "rows lost in a key range", "chinook.invoice_line", "invoice_line.row_count invoice_line.checksum",
      target="DELETE FROM INVOICE_LINE WHERE INVOICE_LINE_ID BETWEEN 1000 AND 1009"),
    F("3", "rows doubled, the target has no key", "chinook.genre", "genre.row_count genre.checksum genre.constraints",
      remigrate={"skip": "p"}, target="INSERT INTO GENRE SELECT * FROM GENRE WHERE GENRE_ID <= 3"),
    F("3b", "rows doubled although the key is declared", "chinook.genre", "genre.row_count genre.checksum genre.constraints",
      target="INSERT INTO GENRE SELECT * FROM GENRE WHERE GENRE_ID <= 3"),
    F("4", "a ghost row outside the source's key range", "chinook.genre", "genre.row_count genre.checksum",
      target="INSERT INTO GENRE VALUES (9999, 'Ghost')"),
    F("5", "some rows doubled, as many lost", "chinook.genre", "genre.checksum genre.constraints",
      target=("DELETE FROM GENRE WHERE GENRE_ID IN (20, 21)", "INSERT INTO GENRE SELECT * FROM GENRE WHERE GENRE_ID IN (1, 2)")),
    F("5b", "one row replaced by a copy of another under a new key", "shop.price_signals", "price_signals.checksum",
      target=("DELETE FROM PRICE_SIGNALS WHERE ID = 15",
              "INSERT INTO PRICE_SIGNALS SELECT 9999, PRODUCT_ID, SIGNAL, CONFIDENCE, SEEN_AT FROM PRICE_SIGNALS WHERE ID = 14"),
      may="price_signals.constraints"),
    F("5c", "a table without any key: one row lost, another doubled", "shop.page_views", "page_views.checksum",
      source="ALTER TABLE page_views DROP CONSTRAINT page_views_pkey",
      target=("ALTER TABLE PAGE_VIEWS DROP PRIMARY KEY", "DELETE FROM PAGE_VIEWS WHERE ID = 3",
              "INSERT INTO PAGE_VIEWS SELECT * FROM PAGE_VIEWS WHERE ID = 4")),
    F("5d", "a table without any key, with equal rows that occur twice (benign)", "shop.page_views",
      source=("ALTER TABLE page_views DROP CONSTRAINT page_views_pkey", "INSERT INTO page_views SELECT * FROM page_views WHERE id <= 9"),
      target=("ALTER TABLE PAGE_VIEWS DROP PRIMARY KEY", "INSERT INTO PAGE_VIEWS SELECT * FROM PAGE_VIEWS WHERE ID <= 9")),
    F("6", "stale version of updated rows", "shop.orders", "orders.checksum",
      source="UPDATE orders SET total = total + 5, updated_at = '2026-11-22 09:00:00+00' WHERE id % 40 = 7"),
    F("7", "rows deleted in the source are still in the target", "shop.payments", "payments.row_count payments.checksum",
      source="DELETE FROM payments WHERE order_id % 50 = 3"),
    F("8", "target table empty", "chinook.media_type", "media_type.row_count media_type.checksum",
      target="DELETE FROM MEDIA_TYPE"),
    F("9", "both tables empty: a load of nothing", "shop.page_views", "page_views.row_count", may="page_views.checksum",
      source="DELETE FROM page_views", target="DELETE FROM PAGE_VIEWS"),

    # Time
    F("10", "timestamptz shifted by a zone", "shop.orders", "orders.checksum",
      target="UPDATE ORDERS SET PLACED_AT = DATEADD('hour', 2, PLACED_AT)"),
    F("10b", "timestamp without zone shifted by an hour in summer", "chinook.invoice", "invoice.checksum",
      target="UPDATE INVOICE SET INVOICE_DATE = DATEADD('hour', 1, INVOICE_DATE) WHERE MONTH(INVOICE_DATE) BETWEEN 4 AND 9"),
    F("11", "the doubled hour of autumn taken for the other one", "shop.promotions", "promotions.checksum",
      target="UPDATE PROMOTIONS SET STARTS_AT = DATEADD('hour', 1, STARTS_AT), ENDS_AT = DATEADD('hour', 1, ENDS_AT) WHERE CODE = 'AUTUMN'"),
    F("11b", "the hour missing in spring came out an hour later", "shop.promotions", "promotions.checksum",
      target="UPDATE PROMOTIONS SET WALL_CLOCK = DATEADD('hour', 1, WALL_CLOCK) WHERE CODE = 'SPRING'"),
    F("12", "microseconds cut to milliseconds", "shop.orders", "orders.checksum",
      target="UPDATE ORDERS SET PLACED_AT = DATE_TRUNC('millisecond', PLACED_AT)"),
    F("12b", "microseconds of a time of day cut", "shop.promotions", "promotions.checksum",
      target="UPDATE PROMOTIONS SET DAILY_FROM = '02:30:00'::TIME WHERE CODE = 'AUTUMN'"),
    F("12c", "24:00 became 00:00", "shop.promotions", "promotions.checksum",
      source="UPDATE promotions SET daily_from = '24:00' WHERE code = 'MOON'",
      target="UPDATE PROMOTIONS SET DAILY_FROM = '00:00:00'::TIME WHERE CODE = 'MOON'"),
    F("13", "one timestamp off by one microsecond", "shop.customers", "customers.checksum",
      target="UPDATE CUSTOMERS SET CREATED_AT = DATEADD('microsecond', 1, CREATED_AT) WHERE ID = 77"),
    F("20", "infinity became 9999-12-31", "shop.promotions", "promotions.checksum",
      source="UPDATE promotions SET ends_at = 'infinity' WHERE code = 'MOON'",
      target="UPDATE PROMOTIONS SET ENDS_AT = '9999-12-31 00:00:00 +0000'::TIMESTAMP_TZ WHERE CODE = 'MOON'"),
    F("21", "infinity became NULL", "shop.promotions", "promotions.checksum",
      source="UPDATE promotions SET ends_at = 'infinity' WHERE code = 'MOON'",
      target="UPDATE PROMOTIONS SET ENDS_AT = NULL WHERE CODE = 'MOON'"),
    F("22", "a date before Christ became one after", "shop.promotions", "promotions.checksum",
      source="UPDATE promotions SET first_day = '0044-03-15 BC' WHERE code = 'MOON'",
      target="UPDATE PROMOTIONS SET FIRST_DAY = '0044-03-15'::DATE WHERE CODE = 'MOON'"),
    F("22b", "two-digit year: 1969 became 2069", "shop.promotions", "promotions.checksum",
      target="UPDATE PROMOTIONS SET FIRST_DAY = '2069-07-20'::DATE WHERE CODE = 'MOON'"),

    # Numbers
    F("14", "four decimal places rounded to two", "shop.order_items", "order_items.checksum",
      target="UPDATE ORDER_ITEMS SET DISCOUNT = ROUND(DISCOUNT, 2)"),
    F("14b", "six decimal places kept in a column of two", "shop.payments", "payments.columns payments.checksum",
      remigrate={"types": {"payments.amount": "NUMBER(18,2)"}}),
    F("15", "one unit in the tenth decimal", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET TAX_RATE = TAX_RATE + 0.0000000001 WHERE ID = 3"),
    F("15b", "numeric of 39 digits in a column of 38", "shop.stock", "stock.columns", may="stock.checksum",
      source="ALTER TABLE stock ALTER on_hand TYPE numeric(39,0)",
      remigrate={"types": {"stock.on_hand": "NUMBER(38,0)"}}),
    F("16", "bigint beyond 2^53 went through a double", "shop.payments", "payments.checksum",
      target="UPDATE PAYMENTS SET REFERENCE_NO = CAST(CAST(REFERENCE_NO AS FLOAT) AS NUMBER(19,0))"),
    F("17", "double narrowed to single precision", "shop.warehouses", "warehouses.checksum",
      target="UPDATE WAREHOUSES SET LATITUDE = 52.520008087158203 WHERE CODE = 'BER1'"),
    F("17b", "double off by its last bit", "shop.price_signals", "price_signals.checksum",
      target="UPDATE PRICE_SIGNALS SET SIGNAL = 0.3 WHERE ID = 11"),
    F("18", "minus zero became zero (benign)", "shop.warehouses",
      target="UPDATE WAREHOUSES SET LONGITUDE = 0 WHERE CODE = 'BER2'"),
    F("18b", "zero became minus zero (benign)", "shop.price_signals",
      source="UPDATE price_signals SET signal = 0 WHERE signal = 0", target="UPDATE PRICE_SIGNALS SET SIGNAL = '-0'::FLOAT WHERE SIGNAL = 0"),
    F("19", "NaN became NULL", "shop.price_signals", "price_signals.checksum",
      target="UPDATE PRICE_SIGNALS SET SIGNAL = NULL WHERE SIGNAL = 'NaN'::FLOAT"),
    F("19b", "infinity became the greatest double", "shop.price_signals", "price_signals.checksum",
      target="UPDATE PRICE_SIGNALS SET SIGNAL = 1.7976931348623157e308 WHERE SIGNAL = 'inf'::FLOAT"),
    F("19c", "denormal became zero", "shop.price_signals", "price_signals.checksum",
      target="UPDATE PRICE_SIGNALS SET SIGNAL = 0 WHERE ABS(SIGNAL) < 1e-300"),
    F("19d", "NaN of a numeric became NULL", "shop.products", "products.checksum",
      source="UPDATE products SET cost = 'NaN' WHERE id = 4", target="UPDATE PRODUCTS SET COST = NULL WHERE ID = 4"),
    F("45", "one cent more here, one less there", "chinook.invoice", "invoice.checksum",
      target=("UPDATE INVOICE SET TOTAL = TOTAL + 0.01 WHERE INVOICE_ID = 10", "UPDATE INVOICE SET TOTAL = TOTAL - 0.01 WHERE INVOICE_ID = 20")),

    # NULL and its imitations
    F("23", "empty text became NULL", "shop.customers", "customers.checksum",
      target="UPDATE CUSTOMERS SET ZIP = NULL WHERE ZIP = ''"),
    F("24", "NULL became empty text", "chinook.customer", "customer.checksum",
      target="UPDATE CUSTOMER SET COMPANY = '' WHERE COMPANY IS NULL"),
    F("25", "NULL became the word NULL", "chinook.customer", "customer.checksum",
      target="UPDATE CUSTOMER SET FAX = 'NULL' WHERE FAX IS NULL"),
    F("25b", "NULL became a hyphen", "chinook.customer", "customer.checksum",
      target="UPDATE CUSTOMER SET STATE = '-' WHERE STATE IS NULL"),
    F("26", "a whole column NULL", "chinook.track", "track.checksum",
      target="UPDATE TRACK SET COMPOSER = NULL"),
    F("27", "unknown (NULL) became false", "shop.customers", "customers.checksum",
      target="UPDATE CUSTOMERS SET WANTS_MAIL = FALSE WHERE WANTS_MAIL IS NULL"),

    # Text
    F("35", "trailing blanks lost", "shop.orders", "orders.checksum",
      target="UPDATE ORDERS SET NOTE = RTRIM(NOTE)"),
    F("36", "char(n) padded with blanks (benign)", "shop.warehouses,stock",
      target=("UPDATE WAREHOUSES SET CODE = RPAD(CODE, 4, ' ')", "UPDATE STOCK SET WAREHOUSE_CODE = RPAD(WAREHOUSE_CODE, 4, ' ')")),
    F("36b", "char(n) key padded on one side of a reference (benign)", "shop.GiftCard",
      target="UPDATE GIFTCARD SET CARDCODE = RPAD(CARDCODE, 10, ' ')"),
    F("37", "case folded", "shop.addresses", "addresses.checksum",
      target="UPDATE ADDRESSES SET CITY = LOWER(CITY)"),
    F("37b", "case folded in a sensitive column, which may not be shown", "shop.customers", "customers.checksum",
      source="UPDATE customers SET full_name = 'Hushhush Secret' WHERE id = 8", target="UPDATE CUSTOMERS SET FULL_NAME = 'HUSHHUSH SECRET' WHERE ID = 8",
      hides=("Hushhush", "HUSHHUSH")),
    F("38", "composed letters decomposed (NFC to NFD)", "chinook.artist", "artist.checksum",
      target="UPDATE ARTIST SET NAME = REPLACE(NAME, 'ô', 'o\u0302')"),
    F("39", "emoji became a question mark", "shop.GiftCard", "GiftCard.checksum",
      target="UPDATE GIFTCARD SET MESSAGE = REPLACE(MESSAGE, '🎂', '?')"),
    F("39b", "UTF-8 read as Latin-1", "chinook.artist", "artist.checksum",
      target="UPDATE ARTIST SET NAME = REPLACE(NAME, 'ã', 'Ã£')"),
    F("40", "CRLF became LF", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET DESCRIPTION = REPLACE(DESCRIPTION, CHR(13), '')"),
    F("40b", "zero-width space dropped", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET DESCRIPTION = REPLACE(DESCRIPTION, '\u200b', '')"),
    F("40c", "tab became a blank", "shop.orders", "orders.checksum",
      target="UPDATE ORDERS SET NOTE = REPLACE(NOTE, CHR(9), ' ')"),
    F("43", "two columns swapped", "chinook.employee", "employee.checksum",
      target="UPDATE EMPLOYEE SET FIRST_NAME = LAST_NAME, LAST_NAME = FIRST_NAME"),
    F("44", "values shuffled between rows", "chinook.track", "track.checksum",
      target=("UPDATE TRACK SET MILLISECONDS = 342562 WHERE TRACK_ID = 1", "UPDATE TRACK SET MILLISECONDS = 343719 WHERE TRACK_ID = 2")),
    F("46", "text moved across a column's border", "chinook.employee", "employee.checksum",
      target="UPDATE EMPLOYEE SET LAST_NAME = 'Adam', FIRST_NAME = 'sAndrew' WHERE EMPLOYEE_ID = 1"),
    F("47", "text moved across the delimiter |", "chinook.employee", "employee.checksum",
      source="UPDATE employee SET last_name = 'Adams|', first_name = 'Andrew' WHERE employee_id = 1",
      target="UPDATE EMPLOYEE SET LAST_NAME = 'Adams', FIRST_NAME = '|Andrew' WHERE EMPLOYEE_ID = 1"),
    F("47b", "text that imitates Parity's own encoding", "chinook.employee", "employee.checksum",
      source="UPDATE employee SET last_name = 'A,1:B', first_name = 'C' WHERE employee_id = 1",
      target="UPDATE EMPLOYEE SET LAST_NAME = 'A', FIRST_NAME = 'B,1:C' WHERE EMPLOYEE_ID = 1"),

    # Types of their own
    F("28", "boolean kept as text", "shop.products", "products.columns", may="products.constraints", errs="products.checksum",
      remigrate={"types": {"products.active": "VARCHAR(5)"}}),
    F("28b", "boolean kept as a number", "shop.products", "products.columns", may="products.constraints", errs="products.checksum",
      remigrate={"types": {"products.active": "NUMBER(1,0)"}, "defaults": {"products.active": "1"}}),
    F("29", "enumeration label spelt otherwise", "shop.orders", "orders.checksum orders.columns.status.accepted_values",
      target="UPDATE ORDERS SET STATUS = 'Shipped' WHERE STATUS = 'shipped'"),
    F("29b", "enumeration label lost", "shop.customers", "customers.checksum",
      target="UPDATE CUSTOMERS SET LOYALTY = 'none' WHERE LOYALTY = 'gold'"),
    F("30", "json with its keys in another order (benign)", "shop.payments",
      source="UPDATE payments SET receipt = '{ \"vat\" : {\"paid\": false, \"rate\": 0.19}, \"lines\":[], \"id\":\"2\"}' "
             "WHERE order_id = (SELECT min(order_id) FROM payments)",
      target="UPDATE PAYMENTS SET RECEIPT = PARSE_JSON('{\"id\":\"2\",\"lines\":[],\"vat\":{\"rate\":0.19,\"paid\":false}}') "
             "WHERE ORDER_ID = (SELECT MIN(ORDER_ID) FROM PAYMENTS)"),
    F("30b", "json number written 2.50 and 2.5, 1e2 and 100 (benign)", "shop.payments",
      source="UPDATE payments SET receipt = '[2.50, 1e2, 1.0]' WHERE order_id = (SELECT min(order_id) FROM payments)",
      target="UPDATE PAYMENTS SET RECEIPT = PARSE_JSON('[2.5, 100, 1]') WHERE ORDER_ID = (SELECT MIN(ORDER_ID) FROM PAYMENTS)"),
    F("30c", "json kept as text (benign)", "shop.payments", remigrate={"types": {"payments.receipt": "VARCHAR"}}),
    F("31", "json number became text", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET ATTRIBUTES = PARSE_JSON('{\"colour\":\"rot\",\"pages\":\"2\",\"price\":12.5}') WHERE ID = 2"),
    F("31b", "json lost an element", "shop.customers", "customers.checksum",
      target="UPDATE CUSTOMERS SET PREFERENCES = PARSE_JSON('{}') WHERE PREFERENCES IS NOT NULL AND ID < 20"),
    F("32", "json null where the source has NULL", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET ATTRIBUTES = PARSE_JSON('null') WHERE ATTRIBUTES IS NULL"),
    F("32b", "json integer beyond 2^53 went through a double", "shop.customers", "customers.checksum",
      source="UPDATE customers SET preferences = '{\"limit\": 12345678901234567891}' WHERE id = 5",
      target="UPDATE CUSTOMERS SET PREFERENCES = PARSE_JSON('{\"limit\": 12345678901234567168}') WHERE ID = 5"),
    F("33", "bytes cut", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET THUMBNAIL = TO_BINARY(LEFT(HEX_ENCODE(THUMBNAIL), 20), 'HEX') WHERE LENGTH(HEX_ENCODE(THUMBNAIL)) > 20"),
    F("33b", "bytes kept as hexadecimal text", "shop.payments", "payments.columns", errs="payments.checksum",
      remigrate={"types": {"payments.card_digest": "VARCHAR"}}),
    F("34", "array in another order", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET TAGS = PARSE_JSON('[\"割引\",\"sale\"]')::ARRAY WHERE ID = 3"),
    F("34b", "array lost its NULL", "shop.products", "products.checksum",
      target="UPDATE PRODUCTS SET TAGS = PARSE_JSON('[\"new\",\"Größe \\\\\"L\\\\\"\",\"\"]')::ARRAY WHERE ID = 1"),
    F("34c", "array of arrays flattened", "shop.stock", "stock.checksum",
      source=("ALTER TABLE stock ADD COLUMN grid integer[]", "UPDATE stock SET grid = '{{1,2},{3,4}}'"), remigrate={"types": {}},
      target="UPDATE STOCK SET GRID = PARSE_JSON('[1,2,3,4]')::ARRAY WHERE PRODUCT_ID = 5"),
    F("34d", "array of arrays (benign)", "shop.stock",
      source=("ALTER TABLE stock ADD COLUMN grid integer[]", "UPDATE stock SET grid = '{{1,2},{3,4}}'"), remigrate={"types": {}}),
    F("41", "uuid in capitals (benign)", "shop.payments",
      target="UPDATE PAYMENTS SET ID = UPPER(ID)"),
    F("42", "inet printed with its mask", "shop.customers", "customers.checksum",
      target="UPDATE CUSTOMERS SET LAST_IP = LAST_IP || '/32' WHERE LAST_IP IS NOT NULL AND LAST_IP NOT LIKE '%/%'"),
    F("42b", "interval written in ISO 8601 (benign)", "shop.stock",
      source=("ALTER TABLE stock ADD COLUMN shelf_life interval", "UPDATE stock SET shelf_life = '1 month 2 days'"), remigrate={"types": {}},
      target="UPDATE STOCK SET SHELF_LIFE = 'P1M2D'"),
    F("42f", "interval: a month became thirty days", "shop.stock", "stock.checksum",
      source=("ALTER TABLE stock ADD COLUMN shelf_life interval", "UPDATE stock SET shelf_life = '1 month 2 days'"), remigrate={"types": {}},
      target="UPDATE STOCK SET SHELF_LIFE = '32 days' WHERE PRODUCT_ID = 5"),
    F("42g", "interval that cannot be read may not pass", "shop.stock", errs="stock.checksum", exit=3,
      source=("ALTER TABLE stock ADD COLUMN shelf_life interval", "UPDATE stock SET shelf_life = '1 month 2 days'"), remigrate={"types": {}},
      target="UPDATE STOCK SET SHELF_LIFE = 'about a month' WHERE PRODUCT_ID = 5"),
    F("42h", "element lost from an array kept as text", "shop.stock", "stock.checksum",
      source=("ALTER TABLE stock ADD COLUMN tags text[]", "UPDATE stock SET tags = '{a,NULL,\"b c\"}'"), remigrate={"types": {"stock.tags": "VARCHAR"}},
      target="UPDATE STOCK SET TAGS = '{a,NULL}' WHERE PRODUCT_ID = 5"),
    F("42c", "money, networks, ranges, bits (benign)", "shop.stock",
      source=("ALTER TABLE stock ADD worth money, ADD net cidr, ADD mac macaddr, ADD span int4range, ADD bits bit(4), ADD many varbit(9)",
              "UPDATE stock SET worth = -1234.5, net = '10.1.0.0/16', mac = '08:00:2b:01:02:03', span = '[1,9)', bits = '0101', many = '1'"),
      remigrate={"types": {}}),
    F("42d", "money off by a cent", "shop.stock", "stock.checksum",
      source=("ALTER TABLE stock ADD worth money", "UPDATE stock SET worth = 1234.5"), remigrate={"types": {}},
      target="UPDATE STOCK SET WORTH = WORTH + 0.01 WHERE PRODUCT_ID = 5"),
    F("42e", "range with its border moved", "shop.stock", "stock.checksum",
      source=("ALTER TABLE stock ADD span int4range", "UPDATE stock SET span = '[1,9)'"), remigrate={"types": {}},
      target="UPDATE STOCK SET SPAN = '[1,9]' WHERE PRODUCT_ID = 5"),
    F("65", "generated column frozen at the load", "shop.order_items", "order_items.checksum",
      source="UPDATE order_items SET quantity = quantity + 1 WHERE order_id = 5",
      target="UPDATE ORDER_ITEMS SET QUANTITY = QUANTITY + 1 WHERE ORDER_ID = 5"),

    # Schema
    F("48", "surrogate keys renumbered, children not", "chinook.artist,album", "artist.checksum album.constraints",
      target="UPDATE ARTIST SET ARTIST_ID = ARTIST_ID + 1000"),
    F("49", "column missing in the target", "chinook.customer", "customer.columns", errs="customer.checksum",
      target="ALTER TABLE CUSTOMER DROP COLUMN FAX"),
    F("50", "extra column in the target", "shop.products", "products.columns products.column_count",
      target="ALTER TABLE PRODUCTS ADD COLUMN LOADED_AT TIMESTAMP_NTZ"),
    F("51", "column renamed without a word", "chinook.customer", "customer.columns", errs="customer.checksum",
      target="ALTER TABLE CUSTOMER RENAME COLUMN FAX TO TELEFAX"),
    F("52", "columns in another order", "chinook.media_type", "media_type.columns",
      target=("CREATE OR REPLACE TABLE MEDIA_TYPE (NAME VARCHAR(120), MEDIA_TYPE_ID NUMBER(10,0) NOT NULL, "
              "CONSTRAINT MEDIA_TYPE_PKEY PRIMARY KEY (MEDIA_TYPE_ID))",
              "INSERT INTO MEDIA_TYPE SELECT NAME, MEDIA_TYPE_ID FROM {clean}.MEDIA_TYPE")),
    F("53", "varchar(120) became varchar(100), today's data fit", "chinook.genre", "genre.columns",
      target="ALTER TABLE GENRE ALTER COLUMN NAME SET DATA TYPE VARCHAR(100)"),
    F("53b", "wider types (benign)", "chinook.genre", remigrate={"types": {"genre.genre_id": "NUMBER(38,0)", "genre.name": "VARCHAR"}}),
    F("54", "integer became NUMBER(5,0), today's data fit", "chinook.genre", "genre.columns",
      remigrate={"types": {"genre.genre_id": "NUMBER(5,0)"}}),
    F("55", "scale smaller, today's data fit", "shop.customers", "customers.columns",
      source="UPDATE customers SET credit_limit = trunc(credit_limit)", remigrate={"types": {"customers.credit_limit": "NUMBER(12,1)"}}),
    F("55b", "time(6) became time(3), today's data fit", "shop.warehouses", "warehouses.columns",
      source="UPDATE warehouses SET opens = '05:00', closes = '20:00'", remigrate={"types": {"warehouses.opens": "TIME(3)"}}),
    F("56", "timestamptz became a timestamp without zone", "shop.page_views", "page_views.columns",
      remigrate={"types": {"page_views.seen_at": "TIMESTAMP_NTZ(6)"}}),
    F("56b", "timestamptz became TIMESTAMP_LTZ (benign)", "shop.page_views", remigrate={"types": {"page_views.seen_at": "TIMESTAMP_LTZ(6)"}}),
    F("57", "number kept as text", "chinook.invoice", "invoice.columns", errs="invoice.checksum",
      remigrate={"types": {"invoice.total": "VARCHAR"}}),
    F("57b", "money kept as float", "chinook.invoice", "invoice.columns", may="invoice.checksum",
      remigrate={"types": {"invoice.total": "FLOAT"}}),
    F("58", "NOT NULL dropped", "chinook.customer", "customer.columns",
      target="ALTER TABLE CUSTOMER ALTER COLUMN EMAIL DROP NOT NULL"),
    F("58b", "NOT NULL dropped, and used", "shop.products", "products.columns products.columns.price.not_null products.checksum",
      may="products.constraints",
      target=("ALTER TABLE PRODUCTS ALTER COLUMN PRICE DROP NOT NULL", "UPDATE PRODUCTS SET PRICE = NULL WHERE ID = 3")),
    F("66", "two names that differ in case only fell together", "chinook.genre", "Genre.checksum", may="Genre.constraints Genre.columns Genre.row_count",
      source=('CREATE TABLE "Genre" (genre_id integer PRIMARY KEY, name varchar(120))', 'INSERT INTO "Genre" VALUES (1, \'Rocky\')'), exit=1),
    F("66b", "two columns that differ in case only fell together", "chinook.genre", "genre.columns", errs="genre.checksum", may="genre.checksum",
      source=('ALTER TABLE genre ADD "NAME" varchar(120)', 'UPDATE genre SET "NAME" = name')),
    F("66c", "a loader that quotes names in small letters (benign)", "chinook.genre",
      target=("DROP TABLE GENRE", 'CREATE TABLE "genre" ("genre_id" NUMBER(10,0) NOT NULL, "name" VARCHAR(120), '
              'CONSTRAINT "genre_pkey" PRIMARY KEY ("genre_id"))',
              'INSERT INTO "genre" SELECT * FROM {clean}.GENRE'), undo=('DROP TABLE "genre"',)),

    # Constraints
    F("59", "primary key dropped", "chinook.genre", "genre.constraints",
      remigrate={"skip": "p"}),
    F("59b", "composite primary key dropped", "shop.stock", "stock.constraints",
      target="ALTER TABLE STOCK DROP PRIMARY KEY"),
    F("59c", "NULL in a declared key", "chinook.genre", "genre.columns genre.constraints genre.checksum",
      remigrate={"skip": "p"}, target=("ALTER TABLE GENRE ALTER COLUMN GENRE_ID DROP NOT NULL", "UPDATE GENRE SET GENRE_ID = NULL WHERE GENRE_ID = 9")),
    F("60", "UNIQUE dropped", "shop.categories", "categories.constraints",
      target="ALTER TABLE CATEGORIES DROP CONSTRAINT CATEGORIES_SLUG_KEY"),
    F("60b", "UNIQUE declared but broken", "shop.products", "products.constraints products.checksum products.columns.sku.unique",
      target="UPDATE PRODUCTS SET SKU = (SELECT SKU FROM PRODUCTS WHERE ID = 1) WHERE ID = 2"),
    F("60c", "partial UNIQUE broken", "shop.addresses", "addresses.constraints addresses.checksum",
      target="UPDATE ADDRESSES SET IS_DEFAULT = TRUE WHERE LINE_NO = 2"),
    F("60d", "UNIQUE with one column too many", "shop.categories", "categories.constraints",
      target=("ALTER TABLE CATEGORIES DROP CONSTRAINT CATEGORIES_SLUG_KEY", "ALTER TABLE CATEGORIES ADD CONSTRAINT CATEGORIES_SLUG_KEY UNIQUE (SLUG, TITLE)")),
    F("60e", "UNIQUE of a sensitive column broken, which may not be shown", "shop.customers", "customers.constraints customers.checksum",
      target="UPDATE CUSTOMERS SET EMAIL = 'hushhush@example.com' WHERE ID IN (8, 9)", hides=("hushhush",)),
    F("61", "foreign key dropped", "chinook.album", "album.constraints",
      target="ALTER TABLE ALBUM DROP CONSTRAINT ALBUM_ARTIST_ID_FKEY"),
    F("61b", "orphans behind a declared foreign key", "shop.order_items", "order_items.constraints order_items.checksum",
      target="UPDATE ORDER_ITEMS SET PRODUCT_ID = 88888 WHERE ORDER_ID = 3"),
    F("61c", "composite foreign key dropped", "shop.orders", "orders.constraints",
      target="ALTER TABLE ORDERS DROP CONSTRAINT SHIPS_TO"),
    F("61d", "orphan of a reference that never was a key", "shop.orders", "orders.columns.coupon.references orders.checksum",
      target="UPDATE ORDERS SET COUPON = 'NOSUCHCODE' WHERE ID = 9"),
    F("61e", "self-referencing key broken", "shop.categories", "categories.constraints categories.checksum",
      target="UPDATE CATEGORIES SET PARENT_ID = 777 WHERE ID = 30"),
    F("61f", "foreign key to another table", "chinook.album", "album.constraints",
      target=("ALTER TABLE ALBUM DROP CONSTRAINT ALBUM_ARTIST_ID_FKEY",
              "ALTER TABLE ALBUM ADD CONSTRAINT ALBUM_ARTIST_ID_FKEY FOREIGN KEY (ARTIST_ID) REFERENCES GENRE (GENRE_ID)")),
    F("62", "CHECK dropped", "shop.stock", "stock.constraints",
      target="ALTER TABLE STOCK DROP CONSTRAINT STOCK_ON_HAND_CHECK"),
    F("62b", "rows that break a CHECK", "shop.promotions", "promotions.constraints promotions.checksum",
      target=("ALTER TABLE PROMOTIONS DROP CONSTRAINT ENDS_AFTER_IT_STARTS",
              "UPDATE PROMOTIONS SET ENDS_AT = DATEADD('day', -1, STARTS_AT) WHERE CODE = 'LEAP'")),
    F("62c", "a domain's CHECK dropped", "shop.customers", "customers.constraints",
      target="ALTER TABLE CUSTOMERS DROP CONSTRAINT EMAIL_ADDRESS_FORM"),
    F("62d", "CHECK dropped, another table has one of the same name", "shop.stock", "stock.constraints",
      source=("ALTER TABLE stock ADD CONSTRAINT positive CHECK (on_hand < 1000000)", "ALTER TABLE order_items ADD CONSTRAINT positive CHECK (quantity > 0)"),
      target="ALTER TABLE ORDER_ITEMS ADD CONSTRAINT POSITIVE CHECK (QUANTITY > 0)", undo=("ALTER TABLE ORDER_ITEMS DROP CONSTRAINT POSITIVE",)),
    F("62e", "CHECK weakened under the same name", "shop.stock", "stock.constraints",
      target=("ALTER TABLE STOCK DROP CONSTRAINT STOCK_ON_HAND_CHECK", "ALTER TABLE STOCK ADD CONSTRAINT STOCK_ON_HAND_CHECK CHECK (ON_HAND >= -100)")),
    F("62f", "CHECK under another name (benign)", "shop.stock",
      target=("ALTER TABLE STOCK DROP CONSTRAINT STOCK_ON_HAND_CHECK", "ALTER TABLE STOCK ADD CONSTRAINT C1 CHECK (ON_HAND >= 0)")),
    F("63", "DEFAULT lost", "shop.products", "products.constraints",
      target="ALTER TABLE PRODUCTS ALTER COLUMN ACTIVE DROP DEFAULT"),
    F("63b", "DEFAULT of another value", "shop.customers", "customers.constraints",
      remigrate={"defaults": {"customers.loyalty": "'bronze'"}}),
    F("63c", "default now() lost", "shop.orders", "orders.constraints", target="ALTER TABLE ORDERS ALTER COLUMN PLACED_AT DROP DEFAULT"),
    F("64", "sequence behind the greatest key", "shop.price_signals", "price_signals.constraints",
      target=("CREATE OR REPLACE SEQUENCE BEHIND START WITH 5", "ALTER TABLE PRICE_SIGNALS ALTER COLUMN ID SET DEFAULT BEHIND.NEXTVAL")),
    F("64b", "identity that starts at 1: its next value cannot be told", "shop.orders", errs="orders.constraints", exit=3,
      remigrate={"start": 1}),
    F("64c", "the sequence is gone", "shop.categories", "categories.constraints",
      target="ALTER TABLE CATEGORIES ALTER COLUMN ID DROP DEFAULT"),

    # Tables
    F("97h", "a new table in the source that nobody moved", "shop.", "refunds.exists", may="refunds.*",
      source="CREATE TABLE refunds (id integer PRIMARY KEY)", arguments=("--select", "table:refunds")),
    F("97i", "tables that the spec forgot", "chinook.", "public.unlisted_tables",
      spec=("tables: all", "tables: [album, artist]"), arguments=("--select", "section:coverage,table:artist")),
    F("97", "table missing in the target", "chinook.playlist", "playlist.exists",
      may="playlist.*", target="DROP TABLE PLAYLIST"),
    F("97b", "the Snowflake role may not read the table", "chinook.genre", "genre.exists", may="genre.*",
      target=("CREATE ROLE LIMITED", "GRANT USAGE ON DATABASE CHINOOK TO ROLE LIMITED", "GRANT USAGE ON SCHEMA CHINOOK.PUBLIC TO ROLE LIMITED",
              "GRANT USAGE ON WAREHOUSE STANDIN_WH TO ROLE LIMITED", "GRANT SELECT ON TABLE CHINOOK.PUBLIC.ALBUM TO ROLE LIMITED"),
      spec=("schema: PUBLIC", "schema: PUBLIC, role: LIMITED"), undo=("DROP ROLE LIMITED",)),
    F("97c", "Postgres cannot be reached", "chinook.genre", exit=3, may="*",
      variables={"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/chinook"}),
    F("97d", "the Snowflake schema does not exist", "chinook.genre", exit=3, may="genre.*", spec=("schema: PUBLIC", "schema: NOWHERE")),
    F("97e", "the Postgres role may not read the table", "chinook.genre", exit=3, may="genre.*",
      source=("CREATE ROLE bench_limited LOGIN", "GRANT USAGE ON SCHEMA public TO bench_limited"), variables={"DATABASE_URL": "{as:bench_limited}"},
      undo=("source: DROP OWNED BY bench_limited", "source: DROP ROLE bench_limited")),
    F("97f", "nothing is selected", "chinook.", exit=4, arguments=("--select", "table:nonesuch")),
    F("97g", "every request to Snowflake fails", "chinook.genre", exit=3, may="*", variables={"standin": "401"}),

    # Injection, in the files of a dbt project beside the spec
    F("76", "SQL built from a variable in a model", "shop.", "injection.J1", arguments=SECURITY,
      files={"dbt/models/by_status.sql": "select * from {{ ref('orders') }} where status = {{ var('status', \"'paid'\") }}\n"}),
    F("76b", "SQL built from a variable, inside quotes and through a macro", "shop.", "injection.J1", arguments=SECURITY,
      files={"dbt/models/by_status.sql": "select * from t where {{ equals('status', env_var('STATUS')) }}\n",
             "dbt/macros/equals.sql": "{% macro equals(a, b) %}{{ a }} = '{{ b }}'{% endmacro %}\n"}),
    F("76c", "a query built from a variable while templates are rendered", "shop.", "injection.J2", arguments=SECURITY,
      files={"dbt/models/by_status.sql": "{% set found = run_query('select count(*) from ' ~ var('table')) %}\nselect 1 as a\n"}),
    F("76d", "values of a query pasted into the next", "shop.", "injection.J3", arguments=SECURITY,
      files={"dbt/models/pivot.sql": "{% set found = run_query('select distinct status from orders') %}\nselect\n{% for row in found %}\n"
             "  sum(case when status = '{{ row[0] }}' then 1 end),\n{% endfor %}\n  1\nfrom orders\n"}),
    F("76e", "a hook of the project that changes rights", "shop.", "injection.J4", arguments=SECURITY,
      files={"dbt/dbt_project.yml": "name: bench\non-run-end:\n  - |\n    {% if target.name == 'prod' %}\n    grant select on orders to role r\n    {% endif %}\n"}),
    F("76f", "a file of properties with a hook that holds a variable", "shop.", "injection.J4", arguments=SECURITY,
      files={"dbt/models/models.yml": "models:\n  - name: orders\n    config:\n      post_hook: \"delete from log where run = '{{ var('run') }}'\"\n"}),
    F("76g", "a procedure that runs what it puts together, as its owner", "shop.", "injection.S1 injection.S4", arguments=SECURITY,
      files={"dbt/scripts/p.sql": "create procedure p(t varchar) returns varchar language sql as $$\nbegin\n  execute immediate 'drop table ' || t;\n  return 'done';\nend;\n$$;\n"}),
    F("76h", "a model that cannot be read to its end", "shop.", exit=3, may="injection.*", errs="injection.J1 injection.S1 injection.P3", arguments=SECURITY,
      files={"dbt/models/broken.sql": "select 'paid from orders\n"}),
    F("76i", "a variable that a comment allows, with its reason (benign)", "shop.", arguments=SECURITY,
      files={"dbt/models/by_status.sql": "-- parity: allow J1 because CI alone sets it\nselect {{ var('column') }} from orders\n"}),
    F("76j", "an array of Postgres that looks like a template (benign)", "shop.", arguments=SECURITY,
      files={"dbt/scripts/a.sql": "select '{{1,2},{3,4}}'::int[], 'https://example.com' -- no variable\n"}),

    # Access, in Postgres (source) and in Snowflake's role model, which the stand-in emulates (target)
    F("77", "SELECT granted to PUBLIC, target", "shop.", access("target", "privileges", "denied.select-on-SHOP.PUBLIC.CUSTOMERS") + " access.customers",
      target="GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE PUBLIC", arguments=SECURITY,
      undo=("REVOKE SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS FROM ROLE PUBLIC",)),
    F("77b", "SELECT granted to PUBLIC, source", "shop.", access("source", "privileges", "denied.select-on-public.customers"),
      source="GRANT SELECT ON customers TO PUBLIC", arguments=SECURITY),
    F("78", "rights that come through a chain of roles, target", "shop.", access("target", "privileges", "denied.select-on-SHOP.PUBLIC.CUSTOMERS") + " access.customers",
      target=("GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE BENCH_DEEP", "GRANT ROLE BENCH_DEEP TO ROLE BENCH_OTHER",
              "GRANT ROLE BENCH_OTHER TO ROLE BENCH_READER"), arguments=SECURITY,
      undo=("REVOKE ROLE BENCH_OTHER FROM ROLE BENCH_READER", "REVOKE ROLE BENCH_DEEP FROM ROLE BENCH_OTHER",
            "REVOKE SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS FROM ROLE BENCH_DEEP")),
    F("78b", "rights that come through a database role", "shop.", access("target", "privileges", "denied.select-on-SHOP.PUBLIC.CUSTOMERS") + " access.customers",
      target=("GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO DATABASE ROLE SHOP.BENCH_LOCAL",
              "GRANT DATABASE ROLE SHOP.BENCH_LOCAL TO ROLE BENCH_READER"), arguments=SECURITY,
      undo=("REVOKE DATABASE ROLE SHOP.BENCH_LOCAL FROM ROLE BENCH_READER",
            "REVOKE SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS FROM DATABASE ROLE SHOP.BENCH_LOCAL")),
    F("78c", "rights that come through a role, source", "shop.", access("source", "privileges", "denied.select-on-public.customers"),
      source=("GRANT SELECT ON customers TO bench_other", "GRANT bench_other TO bench_reader"), arguments=SECURITY,
      undo=("source: REVOKE bench_other FROM bench_reader",)),
    F("78d", "rights that count only after SET ROLE", "shop.", access("source", "privileges"),
      source=("GRANT SELECT ON customers TO bench_other", "ALTER ROLE bench_reader NOINHERIT", "GRANT bench_other TO bench_reader"),
      arguments=SECURITY, undo=("source: REVOKE bench_other FROM bench_reader", "source: ALTER ROLE bench_reader INHERIT")),
    F("78e", "a role that reads every table", "shop.", access("source", "privileges", "denied.select-on-public.customers"),
      source="GRANT pg_read_all_data TO bench_reader", arguments=SECURITY, undo=("source: REVOKE pg_read_all_data FROM bench_reader",)),
    F("79", "a grant that the application needs is missing, target", "shop.",
      access("target", "privileges", "allowed.select-on-SHOP.PUBLIC.ORDERS"),
      target="REVOKE SELECT ON TABLE SHOP.PUBLIC.ORDERS FROM ROLE BENCH_READER", arguments=SECURITY),
    F("79b", "a grant that the application needs is missing, source", "shop.",
      access("source", "privileges", "allowed.select-on-public.orders") + " access.orders",
      source="REVOKE SELECT ON orders FROM bench_reader", arguments=SECURITY),
    F("80", "a person holds the role who should not, target", "shop.", access("target", "members"),
      target=("CREATE USER BENCH_GUEST", "GRANT ROLE BENCH_READER TO USER BENCH_GUEST"), arguments=SECURITY, undo=("DROP USER BENCH_GUEST",)),
    F("80b", "a person holds the role who should not, source", "shop.", access("source", "members"),
      source=("CREATE ROLE bench_guest LOGIN", "GRANT bench_reader TO bench_guest"), arguments=SECURITY, undo=("source: DROP ROLE bench_guest",)),
    F("80c", "a member may give the role to others", "shop.", access("source", "members"),
      source="GRANT bench_reader TO bench_person WITH ADMIN OPTION", arguments=SECURITY,
      undo=("source: REVOKE ADMIN OPTION FOR bench_reader FROM bench_person",)),
    F("81", "WITH GRANT OPTION left on, target", "shop.", access("target", "privileges"),
      target="GRANT SELECT ON TABLE SHOP.PUBLIC.ORDERS TO ROLE BENCH_READER WITH GRANT OPTION", arguments=SECURITY,
      undo=("REVOKE SELECT ON TABLE SHOP.PUBLIC.ORDERS FROM ROLE BENCH_READER",)),
    F("81b", "WITH GRANT OPTION left on, source", "shop.", access("source", "privileges"),
      source="GRANT SELECT ON orders TO bench_reader WITH GRANT OPTION", arguments=SECURITY),
    F("82", "a future grant gives new tables to the wrong role", "shop.", access("target", "privileges"),
      target="GRANT SELECT ON FUTURE TABLES IN SCHEMA SHOP.PUBLIC TO ROLE BENCH_READER", arguments=SECURITY,
      undo=("REVOKE SELECT ON FUTURE TABLES IN SCHEMA SHOP.PUBLIC FROM ROLE BENCH_READER",)),
    F("82b", "default privileges give new tables to the wrong role", "shop.", access("source", "privileges"),
      source="ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bench_reader", arguments=SECURITY),
    F("83", "a reader owns a table, target", "shop.", access("target", "privileges", "denied.select-on-SHOP.PUBLIC.CUSTOMERS") + " access.customers",
      target="GRANT OWNERSHIP ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE BENCH_READER", arguments=SECURITY,
      undo=("GRANT OWNERSHIP ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE SYSADMIN REVOKE CURRENT GRANTS",)),
    F("83b", "a reader owns a table, source", "shop.", access("source", "privileges", "denied.select-on-public.customers"),
      source="ALTER TABLE customers OWNER TO bench_reader", arguments=SECURITY),
    F("84", "the loader's right to write is still there, target", "shop.", access("target", "privileges", "denied.insert-on-SHOP.PUBLIC.ORDERS"),
      target="GRANT INSERT ON TABLE SHOP.PUBLIC.ORDERS TO ROLE BENCH_READER", arguments=SECURITY,
      undo=("REVOKE INSERT ON TABLE SHOP.PUBLIC.ORDERS FROM ROLE BENCH_READER",)),
    F("84b", "the right to empty a table is still there, source", "shop.", access("source", "privileges", "denied.truncate-on-public.orders"),
      source="GRANT TRUNCATE ON orders TO bench_reader", arguments=SECURITY),
    F("90", "a right on one column only, which no list shows", "shop.", access("source", "privileges", "denied.update-on-public.orders"),
      source="GRANT UPDATE (coupon) ON orders TO bench_reader", arguments=SECURITY),
    F("90b", "a table's right shrank to one column", "shop.", access("source", "privileges") + " access.orders",
      source=("REVOKE SELECT ON orders FROM bench_reader", "GRANT SELECT (id) ON orders TO bench_reader"), arguments=SECURITY),
    F("86", "a role for whom no row-level policy holds", "shop.", access("source", "privileges"),
      source="ALTER ROLE bench_reader BYPASSRLS", arguments=SECURITY, undo=("source: ALTER ROLE bench_reader NOBYPASSRLS",)),
    F("86b", "a row-level policy of the source was lost", "shop.", "access.orders", source=OWN_ROWS, arguments=SECURITY),
    F("86c", "row-level security without a policy was lost", "shop.", "access.orders",
      source="ALTER TABLE orders ENABLE ROW LEVEL SECURITY", arguments=SECURITY),
    F("86d", "a row-level policy that gives every row is none to lose", "shop.",
      source=("ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "CREATE POLICY all_rows ON orders USING (true)"), arguments=SECURITY),
    F("86e", "a row-level policy that came along", "shop.", source=OWN_ROWS, target=ROWS, undo=NO_ROWS, spec=ROW_ACCESS,
      arguments=("--select", "*.security.row_access.*,*.security.access.orders")),
    F("86f", "a row access policy that lets other rows through", "shop.", "row_access.SHOP.PUBLIC.ORDERS.effective", source=OWN_ROWS,
      target=(*ROWS, "ALTER ROW ACCESS POLICY SHOP.PUBLIC.BENCH_ROWS SET BODY -> CURRENT_ROLE() = 'SYSADMIN' OR S = 'new'"), undo=NO_ROWS,
      spec=ROW_ACCESS, arguments=("--select", "*.security.row_access.*,*.security.access.orders")),
    F("86g", "a row access policy was taken off its table", "shop.",
      "row_access.SHOP.PUBLIC.ORDERS.attached row_access.SHOP.PUBLIC.ORDERS.effective access.orders", source=OWN_ROWS,
      target=(*ROWS, "ALTER TABLE SHOP.PUBLIC.ORDERS DROP ALL ROW ACCESS POLICIES"), undo=NO_ROWS, spec=ROW_ACCESS,
      arguments=("--select", "*.security.row_access.*,*.security.access.orders")),
    F("87", "a masking policy was taken off its column", "shop.", f"{MASKED}attached {MASKED}effective",
      target=(*MASK, "ALTER TABLE SHOP.PUBLIC.CUSTOMERS MODIFY COLUMN EMAIL UNSET MASKING POLICY"), undo=UNMASK, spec=masking(),
      arguments=MASKING),
    F("87b", "another masking policy is on the column", "shop.", f"{MASKED}attached",
      target=(*MASK, "CREATE MASKING POLICY SHOP.PUBLIC.BENCH_TWO AS (V VARCHAR) RETURNS VARCHAR -> IFF(CURRENT_ROLE() = 'BENCH_OTHER', V, 'x')",
              "ALTER TABLE SHOP.PUBLIC.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY SHOP.PUBLIC.BENCH_TWO FORCE"),
      undo=(*UNMASK, "DROP MASKING POLICY SHOP.PUBLIC.BENCH_TWO"), spec=masking(), arguments=MASKING),
    F("87c", "a masked column as it must be", "shop.", target=MASK, undo=UNMASK, spec=masking(), arguments=MASKING),
    F("88", "a masking policy lets everybody through", "shop.", f"{MASKED}effective",
      target=(*MASK, "ALTER MASKING POLICY SHOP.PUBLIC.BENCH_MASK SET BODY -> V"), undo=UNMASK, spec=masking(), arguments=MASKING),
    F("88b", "a masking policy lets some rows through", "shop.", f"{MASKED}effective",
      target=(*MASK, "ALTER MASKING POLICY SHOP.PUBLIC.BENCH_MASK SET BODY -> "
              "CASE WHEN CURRENT_ROLE() = 'BENCH_OTHER' OR LENGTH(V) > 24 THEN V ELSE '***' END"),
      undo=UNMASK, spec=masking(), arguments=MASKING),
    F("88c", "a masking policy masks for those who need the values", "shop.", f"{MASKED}effective",
      target=(*MASK, "ALTER MASKING POLICY SHOP.PUBLIC.BENCH_MASK SET BODY -> '***'"), undo=UNMASK, spec=masking(), arguments=MASKING),
    F("88d", "a policy that masks by NULL, and masks the run too", "shop.",
      target=(*MASK, "ALTER MASKING POLICY SHOP.PUBLIC.BENCH_MASK SET BODY -> CASE WHEN CURRENT_ROLE() = 'BENCH_OTHER' THEN V ELSE NULL END"),
      undo=UNMASK, spec=masking(), arguments=MASKING),
    F("88e", "nobody reads the masked column who must not, so nothing is shown", "shop.", errs=f"{MASKED}effective", exit=3,
      target=MASK, undo=UNMASK, spec=(masking()[0], masking()[1].replace(", masked_for: [BENCH_DEEP]", "")), arguments=MASKING),
    F("89", "a copy shows what the policy masks", "shop.", f"{MASKED}also.SHOP.PUBLIC.BENCH_COPY.EMAIL",
      target=("CREATE TABLE SHOP.PUBLIC.BENCH_COPY AS SELECT ID, EMAIL FROM SHOP.PUBLIC.CUSTOMERS", *MASK,
              "GRANT SELECT ON TABLE SHOP.PUBLIC.BENCH_COPY TO ROLE BENCH_DEEP", "GRANT SELECT ON TABLE SHOP.PUBLIC.BENCH_COPY TO ROLE BENCH_OTHER"),
      undo=("DROP TABLE SHOP.PUBLIC.BENCH_COPY", *UNMASK), spec=masking(", also: [SHOP.PUBLIC.BENCH_COPY.EMAIL]"), arguments=MASKING),
    F("89b", "a view over a copy shows it under another name, without the key", "shop.", f"{MASKED}also.SHOP.PUBLIC.BENCH_VIEW.MAIL",
      target=("CREATE TABLE SHOP.PUBLIC.BENCH_COPY AS SELECT ID, EMAIL FROM SHOP.PUBLIC.CUSTOMERS", *MASK,
              "CREATE VIEW SHOP.PUBLIC.BENCH_VIEW AS SELECT EMAIL AS MAIL FROM SHOP.PUBLIC.BENCH_COPY",
              "GRANT SELECT ON VIEW SHOP.PUBLIC.BENCH_VIEW TO ROLE BENCH_DEEP", "GRANT SELECT ON VIEW SHOP.PUBLIC.BENCH_VIEW TO ROLE BENCH_OTHER"),
      undo=("DROP VIEW SHOP.PUBLIC.BENCH_VIEW", "DROP TABLE SHOP.PUBLIC.BENCH_COPY", *UNMASK),
      spec=masking(", also: [SHOP.PUBLIC.BENCH_VIEW.MAIL]"), arguments=MASKING),
    F("89c", "a view and a clone that keep the mask", "shop.",
      target=(*MASK, "CREATE TABLE SHOP.PUBLIC.BENCH_COPY CLONE SHOP.PUBLIC.CUSTOMERS",
              "CREATE VIEW SHOP.PUBLIC.BENCH_VIEW AS SELECT ID, EMAIL AS MAIL FROM SHOP.PUBLIC.CUSTOMERS",
              *(f"GRANT SELECT ON {what} TO ROLE {role}" for what in ("VIEW SHOP.PUBLIC.BENCH_VIEW", "TABLE SHOP.PUBLIC.BENCH_COPY")
                for role in ("BENCH_DEEP", "BENCH_OTHER"))),
      undo=("DROP VIEW SHOP.PUBLIC.BENCH_VIEW", "DROP TABLE SHOP.PUBLIC.BENCH_COPY", *UNMASK),
      spec=masking(", also: [SHOP.PUBLIC.BENCH_VIEW.MAIL, SHOP.PUBLIC.BENCH_COPY.EMAIL]"), arguments=MASKING),
    F("85", "another role of the same user may, which is no fault of this role", "shop.",
      target=("GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE BENCH_OTHER", "GRANT ROLE BENCH_OTHER TO USER PARITY"), arguments=("--select", "*.security.roles.*"),
      undo=("REVOKE ROLE BENCH_OTHER FROM USER PARITY", "REVOKE SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS FROM ROLE BENCH_OTHER")),
    F("85b", "a row-level policy is no refusal", "shop.", access("source", "privileges", "denied.select-on-public.customers"),
      source=("GRANT SELECT ON customers TO bench_reader", "ALTER TABLE customers ENABLE ROW LEVEL SECURITY"), arguments=SECURITY),
    F("85c", "a role reads a table that its counterpart could not", "shop.", "access.customers",
      target="GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE BENCH_OTHER", arguments=SECURITY,
      undo=("REVOKE SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS FROM ROLE BENCH_OTHER",)),
    F("85d", "a role that no role of the source stands for reads a table", "shop.", "access.customers",
      target="GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE BENCH_DEEP", arguments=SECURITY,
      undo=("REVOKE SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS FROM ROLE BENCH_DEEP",)),
    F("91", "a share shows a table to other accounts", "shop.", "access.customers",
      target=("CREATE SHARE BENCH_SHARE", "GRANT USAGE ON DATABASE SHOP TO SHARE BENCH_SHARE", "GRANT USAGE ON SCHEMA SHOP.PUBLIC TO SHARE BENCH_SHARE",
              "GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO SHARE BENCH_SHARE"), arguments=SECURITY, undo=("DROP SHARE BENCH_SHARE",)),
    F("93", "no network policy is in force", "shop.", "account.network_policy", arguments=SECURITY,
      target="CREATE NETWORK POLICY BENCH_OFFICE ALLOWED_IP_LIST = ('127.0.0.1')", undo=("DROP NETWORK POLICY BENCH_OFFICE",),
      spec=("security:", "security:\n  network_policy: { name: BENCH_OFFICE, allowed: [127.0.0.1] }")),
    F("93b", "the network policy allows everywhere", "shop.", "account.network_policy", arguments=SECURITY,
      target=("CREATE NETWORK POLICY BENCH_OFFICE ALLOWED_IP_LIST = ('127.0.0.1', '0.0.0.0/0')", "ALTER ACCOUNT SET NETWORK_POLICY = BENCH_OFFICE"),
      undo=("ALTER ACCOUNT UNSET NETWORK_POLICY", "DROP NETWORK POLICY BENCH_OFFICE"),
      spec=("security:", "security:\n  network_policy: { name: BENCH_OFFICE, allowed: [127.0.0.1] }")),
    F("94", "a connection without TLS where it is required", "shop.", errs="encryption.source.in_transit encryption.target.in_transit", exit=3,
      arguments=SECURITY, spec=("security:", "security:\n  encryption: { in_transit: required }")),
    F("96", "rows that were deleted can be brought back for too short a time", "shop.", "account.parameters.MIN_DATA_RETENTION_TIME_IN_DAYS",
      arguments=SECURITY, spec=("security:", "security:\n  parameters: { MIN_DATA_RETENTION_TIME_IN_DAYS: { at_least: 7 } }")),

    # The account, which the stand-in emulates
    F("85e", "a user works with all roles at once", "shop.", "account.secondary_roles", arguments=SECURITY,
      target=("CREATE USER BENCH_JANE DEFAULT_ROLE = BENCH_READER", "GRANT ROLE BENCH_READER TO USER BENCH_JANE", "GRANT ROLE BENCH_OTHER TO USER BENCH_JANE"),
      may="roles.*", undo=("DROP USER BENCH_JANE",), spec=account("secondary_roles: required")),
    F("85f", "a user works with one role of several (benign)", "shop.", may="roles.*", arguments=("--select", "*.security.account.*"),
      target=("CREATE USER BENCH_JANE DEFAULT_ROLE = BENCH_READER DEFAULT_SECONDARY_ROLES = ()", "GRANT ROLE BENCH_READER TO USER BENCH_JANE",
              "GRANT ROLE BENCH_OTHER TO USER BENCH_JANE"),
      undo=("DROP USER BENCH_JANE",), spec=account("secondary_roles: required")),
    F("92", "a person may log in by password alone", "shop.", "account.mfa", arguments=SECURITY,
      target="CREATE USER BENCH_JANE PASSWORD = 'Correct-Horse-9'", undo=("DROP USER BENCH_JANE",), spec=account("mfa: { except: { PARITY: runs the bench } }")),
    F("92b", "a user of a service has a password", "shop.", "account.service_keys", arguments=SECURITY,
      target="CREATE USER BENCH_BOT TYPE = LEGACY_SERVICE PASSWORD = 'Correct-Horse-9'", undo=("DROP USER BENCH_BOT",),
      spec=account("service_keys: { except: { BENCH_PERSON: never logs in } }")),
    F("92c", "a user of a service has no key", "shop.", "account.service_keys", arguments=SECURITY, spec=account("service_keys: required")),
    F("92d", "a person with a second factor (benign)", "shop.", arguments=SECURITY, variables={"user": {"name": "BENCH_JANE", "has_mfa": True}},
      target="CREATE USER BENCH_JANE PASSWORD = 'Correct-Horse-9'", undo=("DROP USER BENCH_JANE",), spec=account("mfa: { except: { PARITY: runs the bench } }")),
    F("92e", "somebody who left may still log in", "shop.", "account.dormant_users", arguments=SECURITY,
      target="CREATE USER BENCH_JANE", variables={"user": {"name": "BENCH_JANE", "last_success_login": "2020-02-02T00:00:00+00:00"}},
      undo=("DROP USER BENCH_JANE",), spec=account("dormant_users: required")),
    F("92f", "somebody works as administrator by default", "shop.", "account.admin_default_role", arguments=SECURITY,
      target="CREATE USER BENCH_JANE DEFAULT_ROLE = ACCOUNTADMIN", undo=("DROP USER BENCH_JANE",), spec=account("admin_default_role: required")),
    F("92g", "a role of the application holds ACCOUNTADMIN", "shop.", "account.admin_inheritance", may="*", arguments=("--select", "*.security.account.*"),
      target="GRANT ROLE ACCOUNTADMIN TO ROLE BENCH_DEEP", undo=("REVOKE ROLE ACCOUNTADMIN FROM ROLE BENCH_DEEP",), spec=account("admin_inheritance: required")),
    F("92h", "one person alone holds ACCOUNTADMIN", "shop.", "account.admins", arguments=SECURITY, spec=account("admins: required")),
    F("91b", "a stage leads outside without an integration", "shop.", "account.stages", may="roles.*", arguments=SECURITY,
      target="CREATE STAGE SHOP.PUBLIC.BENCH_OUT URL = 's3://bench-bucket/out/'", undo=("DROP STAGE SHOP.PUBLIC.BENCH_OUT",), spec=account("stages: required")),
    F("91c", "everyone may read a stage", "shop.", "account.stages", may="roles.*", arguments=SECURITY,
      target=("CREATE STAGE SHOP.PUBLIC.BENCH_IN", "GRANT READ ON STAGE SHOP.PUBLIC.BENCH_IN TO ROLE PUBLIC"),
      undo=("DROP STAGE SHOP.PUBLIC.BENCH_IN",), spec=account("stages: required")),
    F("93c", "the baseline finds that no network policy is in force", "shop.", "account.network_policy", arguments=("--select", "*.account.network_policy"),
      spec=("security:", "security:\n  baseline: cis")),
    F("96b", "data can be unloaded to any address", "shop.", "account.inline_url", arguments=SECURITY, spec=account("inline_url: required")),
    F("87z", "a column that is sensitive has no masking policy", "shop.", "account.masking.customers", arguments=SECURITY, spec=account("masking: required")),
    # What happened: the records of the account (the stand-in's), and a log as Heroku writes it
    F("95", "a burst of failed logins", "shop.", "audit.target.failed_logins", arguments=AUDIT,
      spec=audit("failed_logins: { max: 5, within: 10m }"),
      history={"login-history": [USUAL, *(login("BOB", m, False, "203.0.113.9") for m in range(6))]}),
    F("95b", "failures of six users from one address", "shop.", "audit.target.failed_logins", arguments=AUDIT,
      spec=audit("failed_logins: { max: 5, within: 10m }"),
      history={"login-history": [USUAL, *(login(f"U{m}", m, False, "203.0.113.9") for m in range(6))]}),
    F("95c", "a login after a burst of failed ones", "shop.", "audit.target.logins_after_failures", arguments=AUDIT,
      spec=audit("logins_after_failures: none"),
      history={"login-history": [USUAL, *(login("BOB", m, False) for m in range(5)), login("BOB", 9)]}),
    F("95d", "a login from outside the network policy", "shop.", "audit.target.logins_outside_network_policy", arguments=AUDIT,
      target=("CREATE NETWORK POLICY BENCH_OFFICE ALLOWED_IP_LIST = ('192.0.2.0/24', '127.0.0.1')", "ALTER ACCOUNT SET NETWORK_POLICY = BENCH_OFFICE"),
      undo=("ALTER ACCOUNT UNSET NETWORK_POLICY", "DROP NETWORK POLICY BENCH_OFFICE"),
      spec=audit("logins_outside_network_policy: none"), history={"login-history": [USUAL, login("BOB", 0, ip="192.0.3.1")]}),
    F("95e", "a password alone let somebody in", "shop.", "audit.target.password_logins_without_mfa", arguments=AUDIT,
      spec=audit("password_logins_without_mfa: none"), history={"login-history": [USUAL, login("BOB", 0, second=None)]}),
    F("95f", "an administrator's role was granted", "shop.", "audit.target.admin_grants", arguments=AUDIT,
      target=("CREATE USER BENCH_GUEST", "GRANT ROLE SECURITYADMIN TO USER BENCH_GUEST"), undo=("DROP USER BENCH_GUEST",),
      spec=("security:", "security:\n  audit: { since: 1d, admin_grants: { except: { PARITY: the bench } } }")),
    F("95g", "a grant to PUBLIC that was taken back", "shop.", "audit.target.grants_to_public", arguments=AUDIT,
      target=("GRANT SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS TO ROLE PUBLIC", "REVOKE SELECT ON TABLE SHOP.PUBLIC.CUSTOMERS FROM ROLE PUBLIC"),
      spec=("security:", "security:\n  audit: { since: 1d, grants_to_public: none }")),
    F("95h", "rows were unloaded", "shop.", "audit.target.unloads", arguments=AUDIT, hides=("bench-secret",), spec=audit("unloads: none"),
      history={"query-history": [query("COPY INTO 's3://out/x' FROM T CREDENTIALS = (AWS_KEY_ID = 'bench-secret')", rows_unloaded=900, outbound_bytes=80_000)]}),
    F("95i", "ownership was handed over, behind a comment", "shop.", "audit.target.ownership_transfers", arguments=AUDIT,
      spec=audit("ownership_transfers: none"), history={"query-history": [query("/* nightly */ grant\n ownership on table A.B.C to role EVE")]}),
    F("95j", "the network policy was taken out of force for a while", "shop.", "audit.target.network_policy_changes", arguments=AUDIT,
      spec=audit("network_policy_changes: none"), history={"query-history": [query("ALTER ACCOUNT UNSET NETWORK_POLICY")]}),
    F("95k", "records that hold nothing at all", "shop.", exit=3, arguments=AUDIT, spec=audit("failed_logins: none, unloads: none"),
      errs="audit.target.failed_logins audit.target.unloads"),
    F("95l", "a window that the records do not reach yet", "shop.", exit=3, arguments=AUDIT, errs="audit.target.failed_logins",
      spec=("security:", "security:\n  audit: { since: 90m, failed_logins: none }"), history={"login-history": [USUAL]}),
    F("95m", "a few wrong passwords, and words about grants", "shop.", arguments=AUDIT,
      spec=audit("failed_logins: { max: 5, within: 10m }, logins_after_failures: none, unloads: none, ownership_transfers: none, network_policy_changes: none"),
      history={
          "login-history": [USUAL, *(login("BOB", 7 * m, False) for m in range(6)), login("BOB", 60)],
          "query-history": [
              query("SELECT 'grant ownership on x', 'alter account set network_policy'"), query("DROP NETWORK POLICY P", status="FAIL"),
              query("COPY INTO T FROM @S"),
          ],
      }),
    F("95n", "a burst of failed logins, source", "shop.", "audit.source.failed_logins", arguments=AUDIT, spec=audit(QUIET),
      files=log(*((m, "28P01", 'FATAL:  password authentication failed for user "bob"') for m in range(6)))),
    F("95o", "a grant to PUBLIC, source", "shop.", "audit.source.grants audit.source.grants_to_public", arguments=AUDIT, spec=audit(QUIET),
      files=log((0, "00000", "LOG:  statement: BEGIN; GRANT SELECT ON customers TO PUBLIC; COMMIT"))),
    F("95p", "a role was made mightier, source", "shop.", "audit.source.role_changes", arguments=AUDIT, spec=audit(QUIET), hides=("bench-secret",),
      files=log((0, "00000", "LOG:  statement: ALTER ROLE bob SUPERUSER PASSWORD 'bench-secret'"))),
    F("95q", "a table changed hands, source", "shop.", "audit.source.ownership_transfers audit.source.ddl", arguments=AUDIT, spec=audit(QUIET),
      files=log((0, "00000", "LOG:  execute <unnamed>: ALTER TABLE orders OWNER TO bob"))),
    F("95r", "somebody was refused, source", "shop.", "audit.source.permission_denied", arguments=AUDIT, spec=audit(QUIET),
      files=log((0, "42501", "ERROR:  permission denied for table customers"))),
    F("95s", "nothing odd in the log", "shop.", arguments=AUDIT, spec=audit(QUIET),
      files=log(*((9 * m, "28P01", 'FATAL:  password authentication failed for user "bob"') for m in range(9)),
                (0, "00000", "LOG:  statement: INSERT INTO t VALUES ('; GRANT ALL ON customers TO PUBLIC')"), (1, "42601", "ERROR:  syntax error"))),
    F("95t", "a log of half the day", "shop.", exit=3, arguments=AUDIT, errs="audit.source.failed_logins audit.source.grants",
      spec=audit("source: { log: logs/drain.log, max_gap: 6h, failed_logins: none, grants: none }"), files=log(until=0)),
    # How long queries take, and what they cost
    F("98", "a query that is much slower than on the source", "shop.", "page.versus_source", arguments=TIMES,
      spec=timed("sql: 'select count(*) as n, SYSTEM$WAIT(1) as w from orders', source_sql: select count(*) from orders, runs: 2, warmup: 0, versus_source: 5x, rows: 1")),
    F("98b", "a query that writes aside what memory does not hold (planted)", "shop.", "page.spilled", arguments=TIMES,
      spec=timed("sql: select count(*) as spilling_count from orders, runs: 2, warmup: 0, p95: 10m, spilled: none"),
      history={"planted-query-stats": [{
          "match": "spilling_count", "operators": [{"type": "Sort", "statistics": {"spilling": {"bytes_spilled_local_storage": 50_000_000}}}],
      }]}),
    F("98c", "a query that reads too much and waits (planted)", "shop.", "page.scanned page.queued", arguments=TIMES,
      spec=timed("sql: select count(*) as scanning_count from orders, runs: 2, warmup: 0, scanned: 1MB, queued: none"),
      history={"planted-query-stats": [{"match": "scanning_count", "bytes_scanned": 900_000_000, "queued_overload_time": 4_000}]}),
    F("98d", "rows that a page's query no longer finds", "shop.orders", "page.rows", arguments=TIMES,
      target="DELETE FROM SHOP.PUBLIC.ORDERS WHERE STATUS = 'paid'",
      spec=timed("sql: 'select id from orders where status = ''paid'' limit 5', runs: 2, warmup: 0, p95: 10m, rows: 5")),
    F("98e", "bytes that the server does not tell", "shop.", exit=3, errs="page.scanned", arguments=TIMES,
      spec=timed("sql: select count(*) from orders, runs: 2, warmup: 0, p95: 10m, scanned: 1GB")),
    F("98f", "a query within all its budgets (benign)", "shop.", arguments=TIMES,
      spec=timed("sql: select count(*) from orders, runs: 4, warmup: 1, clients: 2, p50: 10m, cold: 10m, rows: 1, spilled: none, queued: none, versus_source: 100000x")),
    F("95u", "no log at all", "shop.", exit=3, arguments=AUDIT, errs="audit.source.failed_logins",
      spec=audit("source: { log: logs/nonesuch.log, failed_logins: none }"), files=log()),

    # The application's own tests
    F("99", "a test of the application fails on the copy", "shop.", "junit.passed", arguments=REGRESSION, spec=JUNIT,
      files=report(PASSING + '<testcase classname="shop.Cart" name="vat"><failure message="19 is not 20"/></testcase>')),
    F("99b", "the suite ran before the data were loaded", "shop.", "junit.age", errs="junit.passed", arguments=REGRESSION, spec=JUNIT,
      files=report(PASSING, hours=30)),
    F("99c", "the suite crashed and left an empty report", "shop.", exit=3, errs="junit.found junit.age junit.passed", may="junit.skipped",
      arguments=REGRESSION, spec=JUNIT, files={"reports/app.xml": ""}),
    F("99d", "a report of no test", "shop.", exit=3, errs="junit.found junit.age junit.passed", may="junit.skipped", arguments=REGRESSION, spec=JUNIT,
      files=report("")),
    F("99e", "sums tell of a failure that no element shows", "shop.", exit=3, errs="junit.found junit.passed", may="junit.skipped",
      arguments=REGRESSION, spec=JUNIT, files=report(PASSING, attributes='tests="1" failures="1"')),
    F("99f", "a suite was left out", "shop.", "junit.suites.checkout", arguments=REGRESSION,
      spec=regression("junit: reports/*.xml, newer_than: 24h, expect: [app, checkout]"), files=report(PASSING)),
    F("99g", "half of the suite was carried out", "shop.", "junit.found", arguments=REGRESSION,
      spec=regression("junit: reports/*.xml, newer_than: 24h, at_least: 2"), files=report(PASSING)),
    F("74q", "the same rows, but NULLs sort first", "shop.", "queries.pair", arguments=REGRESSION,
      spec=asked("id, coupon from orders where id <= 400 order by coupon nulls last, id", "ID, COUPON FROM ORDERS WHERE ID <= 400 ORDER BY COUPON NULLS FIRST, ID",
                 "order: same")),
    F("74r", "an ORDER BY that leaves the order of equals open", "shop.", "queries.pair", arguments=REGRESSION,
      spec=asked("id, status from orders where id <= 400 order by status::text, id", "ID, STATUS FROM ORDERS WHERE ID <= 400 ORDER BY STATUS, ID DESC", "order: same")),
    F("74s", "the same rows in another order, where none is asked for (benign)", "shop.", arguments=REGRESSION,
      spec=asked("id, coupon from orders where id <= 400 order by coupon, id", "ID, COUPON FROM ORDERS WHERE ID <= 400 ORDER BY COUPON NULLS FIRST, ID DESC", "key: id")),
    F("100", "a query of the application gives another answer", "shop.orders", "queries.pair", arguments=REGRESSION,
      spec=asked("customer_id, sum(total) as total from orders group by customer_id",
                 "CUSTOMER_ID, SUM(TOTAL) AS TOTAL FROM ORDERS GROUP BY CUSTOMER_ID", "key: customer_id"),
      target="UPDATE ORDERS SET TOTAL = TOTAL + 1 WHERE ID = 7"),
    F("100b", "a query of the application loses rows in an inner join", "shop.", "queries.pair", arguments=REGRESSION,
      spec=asked("o.id, p.code from orders o left join promotions p on p.code = o.coupon",
                 "O.ID, P.CODE FROM ORDERS O JOIN PROMOTIONS P ON P.CODE = O.COUPON", "key: id")),
    F("100c", "a query of the application that finds nothing shows nothing", "shop.", exit=3, errs="queries.pair", arguments=REGRESSION,
      spec=asked("id from orders where id < 0", "ID FROM ORDERS WHERE ID < 0", "key: id")),
    F("100d", "a query of the application rounds within what is allowed (benign)", "shop.", arguments=REGRESSION,
      spec=asked("customer_id, avg(total)::numeric(12,4) as mean from orders group by customer_id",
                 "CUSTOMER_ID, AVG(TOTAL::FLOAT)::NUMBER(12,4) AS MEAN FROM ORDERS GROUP BY CUSTOMER_ID",
                 "key: customer_id, tolerance: { mean: 0.001 }, because: the databases round the fifth digit otherwise")),
    F("99h", "a green report of today, with a flaky test (benign)", "shop.", arguments=REGRESSION, spec=JUNIT,
      files=report(PASSING + '<testcase name="slow"><flakyFailure message="timed out"/></testcase>', attributes='tests="2" failures="0"')),

    # The way back
    F("101", "a row changed in the target after cut-over", "shop.orders", "orders.checksum", arguments=("--reverse", "--select", "table:orders"),
      target="UPDATE ORDERS SET TOTAL = TOTAL + 1 WHERE ID = 7"),
    F("101b", "a row written to the target after cut-over", "shop.page_views", "page_views.row_count page_views.checksum",
      arguments=("--reverse", "--select", "table:page_views"), source="DELETE FROM page_views WHERE id = (SELECT max(id) FROM page_views)"),
    F("101c", "a row deleted in the target after cut-over: nothing to be lost (benign)", "shop.page_views",
      arguments=("--reverse", "--select", "table:page_views"), target="DELETE FROM PAGE_VIEWS WHERE ID = (SELECT MAX(ID) FROM PAGE_VIEWS)"),
    F("102", "a table that Time Travel does not reach", "shop.orders", "time_travel.retention", arguments=ROLLBACK, files=PLAN,
      target="ALTER TABLE SHOP.PUBLIC.ORDERS SET DATA_RETENTION_TIME_IN_DAYS = 0", spec=rollback("time_travel: { at_least: 1d }")),
    F("102b", "a clone that lacks a table", "shop.", "snapshot.complete", arguments=ROLLBACK, files=PLAN, spec=rollback("snapshot: SHOP.CUT"),
      target=("CREATE SCHEMA SHOP.CUT", "CREATE TABLE SHOP.CUT.ORDERS CLONE SHOP.PUBLIC.ORDERS"), undo=("DROP SCHEMA SHOP.CUT",)),
    F("102c", "a clone that is not there", "shop.", exit=3, errs="snapshot.complete", arguments=ROLLBACK, files=PLAN, spec=rollback("snapshot: SHOP_AT_CUTOVER")),
    F("102d", "a backup of another year", "shop.", "backup.recent", arguments=ROLLBACK, spec=rollback("backup: { newer_than: 24h, file: backups/* }"),
      files=PLAN | {"backups/old.dump": archive_header(2020)}),
    F("102e", "a backup whose copying stopped", "shop.", "backup.recent", arguments=ROLLBACK, spec=rollback("backup: { newer_than: 24h, file: backups/* }"),
      files=PLAN | {"backups/new.sql": DUMPED[:-40]}),
    F("102f", "no backup at all", "shop.", "backup.recent", arguments=ROLLBACK, files=PLAN, spec=rollback("backup: { newer_than: 24h, file: backups/*.dump }")),
    F("102g", "a plan that nobody wrote", "shop.", "plan.exists", arguments=ROLLBACK, spec=rollback()),
    F("102h", "a way back (benign)", "shop.", arguments=ROLLBACK, files=PLAN | {"backups/new.sql": DUMPED},
      spec=rollback("backup: { newer_than: 24h, file: backups/* }, time_travel: { at_least: 1d }, snapshot: SHOP.CLEAN")),
]
