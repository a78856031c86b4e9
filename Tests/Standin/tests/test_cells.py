"""Values: as the documentation's list of encodings has them, and as the official connector reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from conftest import Api

EPOCH = datetime(1970, 1, 1)

#: SQL, the type on the wire, the cell.
GOLDEN = [
    ("12.30::NUMBER(10,2)", "fixed", "12.30"),
    ("0.00000001::NUMBER(38,8)", "fixed", "0.00000001"),
    ("99999999999999999999999999999999999999::NUMBER(38,0)", "fixed", "99999999999999999999999999999999999999"),
    ("-99999999999999999999999999999999999999::NUMBER(38,0)", "fixed", "-99999999999999999999999999999999999999"),
    ("1.5::FLOAT", "real", "1.5"),
    ("3::FLOAT", "real", "3"),
    ("0.1::FLOAT + 0.2::FLOAT", "real", "0.30000000000000004"),
    ("'NaN'::FLOAT", "real", "NaN"),
    ("'inf'::FLOAT", "real", "inf"),
    ("'-inf'::FLOAT", "real", "-inf"),
    ("'é😀'", "text", "é😀"),
    ("'a\\\\b\\n'", "text", "a\\b\n"),
    ("X'DEADbeef'", "binary", "DEADBEEF"),
    ("TRUE", "boolean", "true"),
    ("1 = 2", "boolean", "false"),
    ("'2024-02-29'::DATE", "date", "19782"),
    ("'1969-12-31'::DATE", "date", "-1"),
    ("'01:02:03.5'::TIME", "time", "3723.500000000"),
    ("'2024-02-29 01:02:03.456789'::TIMESTAMP_NTZ", "timestamp_ntz", "1709168523.456789000"),
    ("'1969-12-31 23:59:58.5'::TIMESTAMP_NTZ", "timestamp_ntz", "-1.500000000"),
    ("'9999-12-31 23:59:59.999999'::TIMESTAMP_NTZ", "timestamp_ntz", "253402300799.999999000"),
    ("'0001-01-01'::TIMESTAMP_NTZ", "timestamp_ntz", "-62135596800.000000000"),
    ("'2024-01-01 00:00:00 +0200'::TIMESTAMP_TZ", "timestamp_tz", "1704060000.000000000 1440"),
    ("'2024-01-01 00:00:00'::TIMESTAMP_LTZ", "timestamp_ltz", "1704067200.000000000"),
    ("""PARSE_JSON('{"b": 1.50, "a": [1, null, "x"]}')""", "variant", '{"a":[1,null,"x"],"b":1.5}'),
    ("NULL", "text", None),
]


@pytest.mark.parametrize(("sql", "kind", "cell"), GOLDEN)
def test_golden_cells(api: Api, sql: str, kind: str, cell: str | None) -> None:
    answer = api.run(f"SELECT {sql} AS A")
    assert (answer.types[0]["type"], answer.one) == (kind, cell)


#: Expressions of checking tools and the answer that Snowflake documents for them.
EXPRESSIONS = [
    ("SUM(CAST(x AS NUMBER(37,0)))", "9007199254740997", "(VALUES (9007199254740993), (4)) t(x)"),
    ("SUM(x)", "9007199254740997", "(VALUES (9007199254740993), (4)) t(x)"),
    ("SUM(x)", "3.3", "(VALUES (1.1), (2.2)) t(x)"),
    ("COUNT(*) || '/' || COUNT(x) || '/' || COUNT(DISTINCT x)", "3/2/1", "(VALUES (1), (1), (NULL)) t(x)"),
    ("MOD(MD5_NUMBER_LOWER64('a'), 1152921504606846976)", "127114412207580769", None),
    ("BITAND(MD5_NUMBER_LOWER64('a'), 1152921504606846975)", "127114412207580769", None),
    ("TO_VARCHAR(1.5::NUMBER(10,3))", "1.500", None),
    ("TO_VARCHAR(0.1::NUMBER(10,3))", "0.100", None),
    ("CAST(-5 AS VARCHAR)", "-5", None),
    ("TO_VARCHAR(TRUE) || FALSE::VARCHAR", "truefalse", None),
    ("'2024-02-29'::DATE::VARCHAR", "2024-02-29", None),
    ("IFF(CONTAINS('1.500', '.'), RTRIM(RTRIM('1.500', '0'), '.'), '1.500')", "1.5", None),
    ("RTRIM(RTRIM(TO_VARCHAR(100::NUMBER(5,2)), '0'), '.')", "100", None),
    ("SUBSTR('abcdef', 2, 3) || LEFT('xyz', 1) || LOWER('Q')", "bcdxq", None),
    ("OCTET_LENGTH('é') || ',' || LENGTH('é') || ',' || OCTET_LENGTH(X'DEAD')", "2,1,2", None),
    ("DATEDIFF('second', '1970-01-01 00:00:00'::TIMESTAMP_NTZ, '9999-12-31 23:59:59'::TIMESTAMP_NTZ) * 1000000000", "253402300799000000000", None),
    ("DATEDIFF('second', '1970-01-01 00:00:00'::TIMESTAMP_NTZ, '1969-12-31 23:59:59.5'::TIMESTAMP_NTZ)", "-1", None),
    ("DATE_PART('nanosecond', '1969-12-31 23:59:59.5'::TIMESTAMP_NTZ)", "500000000", None),
    ("DATE_PART(nanosecond, '01:02:03.000001'::TIME)", "1000", None),
    ("DATE_PART(epoch_second, '1970-01-01 00:00:00.9'::TIMESTAMP_NTZ)", "0", None),
    ("DATEDIFF('day', '1970-01-01'::DATE, '2024-02-29'::DATE)", "19782", None),
    ("DATEDIFF('second', '00:00:00'::TIME, '23:59:59'::TIME)", "86399", None),
    ("YEAR('2024-02-29'::DATE)", "2024", None),
    ("TO_CHAR('2024-03-01 04:05:06'::TIMESTAMP_NTZ, 'YYYY-MM-DD HH24:MI:SS')", "2024-03-01 04:05:06", None),
    ("TO_VARCHAR('2024-03-01 02:00:00 +0000'::TIMESTAMP_TZ, 'DD/MM/YYYY' || 'T' || 'HH24:MI')", "01/03/2024T02:00", None),
    ("CONVERT_TIMEZONE('UTC', '2024-01-01 02:00:00 +0200'::TIMESTAMP_TZ)::TIMESTAMP_NTZ", "1704067200.000000000", None),
    ("CONVERT_TIMEZONE('America/New_York', 'UTC', '2024-01-01 00:00:00'::TIMESTAMP_NTZ)", "1704085200.000000000", None),
    ("HEX_ENCODE(X'DEAD', 0) || HEX_ENCODE(X'DEAD')", "deadDEAD", None),
    ("""TO_JSON(PARSE_JSON('{"b": 1, "a": "é"}'))""", '{"a":"é","b":1}', None),
    ("TYPEOF(PARSE_JSON('[1]')) || TYPEOF(PARSE_JSON('null')) || TYPEOF(PARSE_JSON('1.5'))", "ARRAYNULL_VALUEDECIMAL", None),
    ("IS_NULL_VALUE(PARSE_JSON('null'))", "true", None),
    ("PARSE_JSON('')", None, None),
    ("ABS(-2.5::FLOAT) + LN(1::FLOAT) + POWER(2::FLOAT, 3) + FLOOR(1.5::FLOAT)", "11.5", None),
    ("GREATEST(1::FLOAT, 2::FLOAT) - LEAST(1::FLOAT, 2::FLOAT)", "1", None),
    ("GREATEST(1, NULL)", None, None),
    ("'NaN'::FLOAT = 'NaN'::FLOAT AND 'NaN'::FLOAT > 'inf'::FLOAT", "true", None),
    ("2.5::NUMBER(3,1)::NUMBER(3,0) || (-2.5)::NUMBER(3,1)::NUMBER(3,0)", "3-3", None),
    ("COLLATE('a', '') || 'b'", "ab", None),
    ("REGEXP_LIKE('abc', 'b') || REGEXP_LIKE('abc', '.*b.*')", "falsetrue", None),
    ("'abc' RLIKE 'a.c'", "true", None),
    ("LISTAGG(x, ',') WITHIN GROUP (ORDER BY x)", "a,b", "(VALUES ('b'), ('a')) t(x)"),
    ("MD5(LISTAGG(x, '') WITHIN GROUP (ORDER BY x))", "187ef4436122d1cc2f40dc2b92f0eba0", "(VALUES ('b'), ('a')) t(x)"),
    ("MAX(x)", "b", "(VALUES ('B'), ('b')) t(x)"),
    ("COUNT(*)", "1", "(VALUES (1), (2)) a(x) LEFT JOIN (VALUES (1)) b(y) ON a.x = b.y WHERE b.y IS NULL"),
    ("COUNT(*)", "1", "(SELECT x FROM (VALUES (1), (1), (2)) t(x) GROUP BY x HAVING COUNT(*) > 1) q"),
    ("SUM(n)", "3", "(SELECT ROW_NUMBER() OVER (PARTITION BY x ORDER BY x) AS n FROM (VALUES (1), (1)) t(x)) q"),
    ("COUNT(*)", "2", "(VALUES (1), (2), (3)) t(x) WHERE x IN (1, 2) AND EXISTS (SELECT 1 FROM (VALUES (1)) u(y))"),
    ("CASE WHEN NULL THEN 'a' WHEN TRUE THEN 'b' ELSE 'c' END || NVL(NULL, 'd')", "bd", None),
    ("NULL || 'a'", None, None),
]


@pytest.mark.parametrize(("sql", "cell", "source"), EXPRESSIONS)
def test_expressions(api: Api, sql: str, cell: str | None, source: str | None) -> None:
    assert api.run(f"SELECT {sql} AS A{f' FROM {source}' if source else ''}").one == cell


VECTORS = [
    ("", "d41d8cd98f00b204e9800998ecf8427e", 15284527576400310788, 16825458760271544958, 684557695775687294),
    ("a", "0cc175b9c0f1b6a831c399e269772661", 919145239626757800, 3585878926028121697, 127114412207580769),
    ("Snowflake", "edf1439075a83a447fb8b630ddc9c8de", 17145559544104499780, 9203306159527282910, 1132855627279354078),
    ("test", "098f6bcd4621d373cade4e832627b4f6", 688887797400064883, 14618207765679027446, 783149710396863734),
    ("hello", "5d41402abc4b2a76b9719d911017c592", 6719722671305337462, 13362634815750784402, 680498265075467666),
    ("é", "66ddcd97cfdeabb2f6fb8a999b4bc76f", 7412306613632936882, 17796970744824711023, 503148175722006383),
    ("😀", "2a02eac39d716a70ecf37579185927b6", 3027240025427372656, 17074119775251670966, 933218710755813302),
    ("1.5", "6008647277c4454cecd97d33c069f0ca", 6919891270253167948, 17066809924122177738, 925908859626320074),
    ("2024-01-01 00:00:00.000000000", "5b33794cae1fd33a1e969a34d8dba64d", 6571729651509482298, 2204118619411686989, 1051197114804840013),
    ("1:a,-,0:,3:b:c", "5ebacc2ee3395ce17c863e6a331c52f4", 6825992686986157281, 8972927933427241716, 902477401179312884),
]


def test_md5_vectors(api: Api) -> None:
    values = ", ".join(f"('{text}')" for text, *_ in VECTORS)
    sql = "SELECT x AS X, MD5(x) AS M, MD5_NUMBER_UPPER64(x) AS U, MD5_NUMBER_LOWER64(x) AS L, MOD(MD5_NUMBER_LOWER64(x), 1152921504606846976) AS P"
    rows = {r[0]: r[1:] for r in api.run(f"{sql} FROM (VALUES {values}) t(x)").rows}
    assert rows == {text: [md5, str(u), str(l), str(p)] for text, md5, u, l, p in VECTORS}
    total = f"SELECT SUM(MOD(MD5_NUMBER_LOWER64(x), 1152921504606846976)) AS S FROM (VALUES {values}) t(x)"
    assert api.run(total).one == "7724125972823246197"


def test_exact_float_text(api: Api) -> None:
    """The formula of significand and exponent, which stands on IEEE doubles in LN, POWER and division."""
    sql = """
      SELECT TO_VARCHAR(((a / POWER(2::FLOAT, e)) * POWER(2::FLOAT, 52))::NUMBER(38,0)) || 'p' || TO_VARCHAR((e - 52)::NUMBER(38,0)) AS T
      FROM (SELECT a, e0 + CASE WHEN a / POWER(2::FLOAT, e0) >= 2 THEN 1 WHEN a / POWER(2::FLOAT, e0) < 1 THEN -1 ELSE 0 END AS e
            FROM (SELECT a, GREATEST(-1022, LEAST(1023, FLOOR(LN(a) / LN(2::FLOAT)))) AS e0 FROM (SELECT 0.1::FLOAT AS a)))"""
    assert api.run(sql).one == "7205759403792794p-56"


CREATE = """
CREATE TABLE {0}.CELLS (ID INT, N NUMBER(38,0), D NUMBER(12,4), F FLOAT, T VARCHAR(40), B BINARY, Q BOOLEAN, DA DATE, TI TIME,
  NTZ TIMESTAMP_NTZ, TZ TIMESTAMP_TZ, LTZ TIMESTAMP_LTZ, V VARIANT)"""
ROWS = """
INSERT INTO {0}.CELLS
SELECT 1, 99999999999999999999999999999999999999, -1.5, 0.1, 'é😀', X'DEAD', TRUE, '2024-02-29', '01:02:03.5',
  '2024-02-29 01:02:03.456789', '2024-01-01 00:00:00 +0200'::TIMESTAMP_TZ, '2024-01-01 00:00:00'::TIMESTAMP_LTZ, PARSE_JSON('{{"b":1,"a":[true]}}')
UNION ALL SELECT 2, 0, 0.0001, 1e300, '', X'', FALSE, '1969-12-31', '23:59:59.999999', '1969-12-31 23:59:59.5', '1960-01-01 00:00:00 -0500'::TIMESTAMP_TZ,
  '1970-01-01 00:00:00'::TIMESTAMP_LTZ, PARSE_JSON('null')
UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"""


def decode(cell: str | None, kind: str) -> Any:
    """A cell as Python's own types, by the documentation's rules."""
    if cell is None:
        return None
    if kind == "fixed":
        return Decimal(cell)
    if kind == "real":
        return float(cell)
    if kind == "binary":
        return bytes.fromhex(cell)
    if kind == "boolean":
        return cell == "true"
    if kind == "date":
        return date(1970, 1, 1) + timedelta(days=int(cell))
    if kind == "variant":
        return json.loads(cell)
    if kind.startswith("time"):
        moment = EPOCH + timedelta(microseconds=int(Decimal(cell.split()[0]) * 1_000_000))
        return moment.time() if kind == "time" else moment if kind == "timestamp_ntz" else moment.replace(tzinfo=UTC)
    return cell


def plain(value: Any, kind: str) -> Any:
    """The connector's value in the same terms."""
    if value is None or isinstance(value, (date, time)) and not isinstance(value, datetime):
        return value
    if kind == "fixed":
        return Decimal(value)
    if kind == "binary":
        return bytes(value)
    if kind == "variant":
        return json.loads(value)
    if kind in ("timestamp_tz", "timestamp_ltz"):
        return value.astimezone(UTC)
    return value


def test_the_official_connector_reads_the_same(api: Api, schema: str) -> None:
    api.run(CREATE.format(schema))
    api.run(ROWS.format(schema))
    queries = [
        f"SELECT * FROM {schema}.CELLS ORDER BY ID",
        f"SELECT COUNT(*) AS A, SUM(N) AS B, MIN(D) AS C, MAX(T) AS D, SUM(CAST(MD5_NUMBER_LOWER64(T) AS NUMBER(37,0))) AS E FROM {schema}.CELLS",
        f"SELECT HEX_ENCODE(B, 0) AS A, TO_VARCHAR(D) AS B, TO_JSON(V) AS C, DATE_PART('nanosecond', NTZ) AS D FROM {schema}.CELLS ORDER BY ID",
        f"SELECT CONVERT_TIMEZONE('UTC', TZ)::TIMESTAMP_NTZ AS A, OCTET_LENGTH(T) AS B, F * 2 AS C FROM {schema}.CELLS ORDER BY ID",
    ]
    with api.connect() as connection, connection.cursor() as cursor:
        for sql in queries:
            ours = api.run(sql)
            kinds = [t["type"] for t in ours.types]
            theirs = cursor.execute(sql).fetchall()
            left = [[decode(c, k) for c, k in zip(row, kinds, strict=True)] for row in ours.rows]
            right = [[plain(v, k) for v, k in zip(row, kinds, strict=True)] for row in theirs]
            assert left == right, sql


def test_the_connector_loads_and_v2_reads(api: Api, schema: str) -> None:
    with api.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {schema}.L (ID INT PRIMARY KEY, T VARCHAR(20), D DATE, N NUMBER(10,2))")
        rows = [(1, "a", date(2024, 2, 29), "1.50"), (1, "", None, None), (2, None, date(1969, 12, 31), "-0.01")]
        cursor.executemany(f"INSERT INTO {schema}.L VALUES (%s, %s, %s, %s)", rows)
    assert sorted(api.run(f"SELECT * FROM {schema}.L").rows, key=str) == [
        ["1", "", None, None], ["1", "a", "19782", "1.50"], ["2", None, "-1", "-0.01"],
    ]


def test_the_connector_finds_the_connection_by_name(api: Api) -> None:
    """As a user would: SNOWFLAKE_HOME and a connection's name."""
    program = "import snowflake.connector as c; print(c.connect(connection_name={!r}).cursor().execute('SELECT CURRENT_ROLE()').fetchone())"
    for name in ("standin_v1", "standin"):
        found = subprocess.run(
            [sys.executable, "-c", program.format(name)], env={**os.environ, "SNOWFLAKE_HOME": str(api.home)}, capture_output=True, text=True
        )
        assert found.stdout.strip() == "('SYSADMIN',)", found.stderr


def test_put_and_copy(api: Api, schema: str, tmp_path: Any) -> None:
    file = tmp_path / "rows.csv"
    file.write_text('1,"a,b"\n2,\n')
    with api.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"USE SCHEMA {schema}")
        cursor.execute("CREATE TABLE P (ID INT, T VARCHAR)")
        cursor.execute("CREATE STAGE ST")
        cursor.execute(f"PUT file://{file} @ST")
        cursor.execute("""COPY INTO P FROM @ST FILE_FORMAT = (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '"')""")
    assert api.run(f"SELECT ID, T FROM {schema}.P ORDER BY ID").rows == [["1", "a,b"], ["2", None]]


def test_quick_load(api: Api, schema: str) -> None:
    api.run(f"CREATE TABLE {schema}.C (ID INT, T VARCHAR(10), B BINARY, Q BOOLEAN, TZ TIMESTAMP_TZ, V VARIANT, N NUMBER(38,0))")
    csv = '1,"",\\xdead,t,2024-01-01 00:00:00+02,"{""b"":1,""a"":2}",99999999999999999999999999999999999999\n2,,,f,,,\n3,"a\nb,",,,,,\n'
    answer = api.request("POST", "/_standin/copy", {"table": f"STANDIN.{schema}.C", "columns": ["ID", "t", "B", "Q", "TZ", "V", "N"], "csv": csv}, {})
    assert answer.body == {"rows": 3}
    assert api.run(f"SELECT * FROM {schema}.C ORDER BY ID").rows == [
        ["1", "", "DEAD", "true", "1704060000.000000000 1440", '{"a":2,"b":1}', "99999999999999999999999999999999999999"],
        ["2", None, None, "false", None, None, None],
        ["3", "a\nb,", None, None, None, None, None],
    ]
    raw = api.request("POST", f"/_standin/copy?table={schema}.C&columns=ID,T", b"4,x\n", {"Content-Type": "text/csv"})
    assert raw.body == {"rows": 1}
    long = api.request("POST", "/_standin/copy", {"table": f"{schema}.C", "columns": "ID,T", "csv": "5,12345678901\n"}, {})
    assert (long.status, long.body["code"]) == (422, "100078")
