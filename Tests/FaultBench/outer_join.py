#!/usr/bin/env python3
"""Random small tables in two schemas: what Parity says of them must be what SQL says.

    Tests/FaultBench/outer_join.py [--tables 600] [--seed 1]

For each table PostgreSQL itself computes which rows differ (EXCEPT ALL in both directions, paired by key: a full outer
join with repetitions). Parity runs once for every way of comparing, and must find as many modified, removed and added
rows, the differing columns, and in its CSV the very keys. The exit status is 0 only if every answer is right.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "Support")]

from throwaway import Postgres, parity, stop_on_signals, use_virtual_environment  # noqa: E402

use_virtual_environment()

import psycopg  # noqa: E402

TEXTS = ["NULL", "''", "'a'", "'A'", "'b'", "'ab'", "'a b'", "'é'", "E'e\\u0301'", "'~'", "'|'", "'1'", "'NULL'", "E'a\\r\\n'", "repeat('long', 900)", "repeat('long', 900) || '.'", "repeat('é', 512)"]
KEYS: dict[str, tuple[list[str], list[list[str]]]] = {
    "int": (["int"], [[str(n)] for n in range(-20, 40)]),
    "bigint": (["bigint"], [[str(n * 3_000_000_019)] for n in range(-9, 20)]),
    "dense": (["int"], [[str(n)] for n in range(1, 400)]),
    "smallint": (["smallint"], [[str(n)] for n in range(-32768, -32700)]),
    "numeric": (["numeric(12,0)"], [[str(n + 10**11)] for n in range(40)]),
    "decimal": (["numeric(8,2)"], [[f"{n / 4:.2f}"] for n in range(-9, 30)]),
    "uuid": (["uuid"], [[f"'{n:08x}-0000-4000-8000-00000000000{n % 10}'"] for n in range(30)]),
    "text": (["text"], [[text] for text in TEXTS[1:]]),
    "date": (["date"], [[f"DATE '2024-02-20' + {n}"] for n in range(-400, 400, 37)]),
    "instant": (["timestamptz"], [[f"TIMESTAMPTZ '2024-03-31 00:59:59.5+00' + {n} * interval '0.25 s'"] for n in range(12)]),
    "boolean": (["boolean"], [["true"], ["false"]]),
    "int_text": (["int", "text"], [[str(n), text] for n in range(6) for text in TEXTS[1:]]),
    "int_int": (["int", "bigint"], [[str(n), str(m)] for n in range(8) for m in range(-3, 9)]),
    "text_int": (["text", "int"], [[text, str(n)] for n in range(3) for text in TEXTS[1:]]),
}
VALUES: dict[str, list[str]] = {
    "int": ["NULL", "0", "1", "-1", "2147483647"],
    "text": TEXTS,
    "numeric(10,3)": ["NULL", "0", "1.5", "1.501", "-1.5", "'NaN'"],
    "numeric": ["NULL", "1", "1.0", "1.00000000000000000000001", "1e40"],
    "double precision": ["NULL", "0", "'-0'", "0.1", "0.1::float4", "'NaN'", "'Infinity'"],
    "boolean": ["NULL", "true", "false"],
    "timestamptz": ["NULL", "'infinity'", "'-infinity'", "'0044-03-15 12:00:00.000001+00 BC'", "'2024-03-31 01:00:00.000001+00'", "'2024-03-31 01:00:00+00'", "'2300-01-01 00:00:00.999999+00'"],
    "timestamp": ["NULL", "'1899-12-31 23:59:59.999999'", "'2041-01-01 00:00:00.000001'", "'2041-01-01'", "'1970-01-01'"],
    "date": ["NULL", "'infinity'", "'2024-02-29'", "'0001-01-01 BC'"],
    "time": ["NULL", "'24:00:00'", "'00:00:00'", "'12:00:00.000001'"],
    "uuid": ["NULL", "'00000000-0000-4000-8000-000000000001'", "'00000000-0000-4000-8000-000000000002'"],
    "bytea": ["NULL", "'\\x'", "'\\x00'", "'\\x7c7e'", "decode(repeat('00', 2000), 'hex')", "decode(repeat('00', 1999) || '01', 'hex')"],
    "jsonb": ["NULL", "'null'", "'{\"a\": 1, \"b\": 2.0}'", "'{\"b\": 2, \"a\": 1.0}'", "'[1]'"],
}


class Table:
    """One table on both sides."""

    def __init__(self, number: int, dice: random.Random):
        self.name = f"t{number}"
        self.kind = dice.choice([*KEYS, "none"])
        types, pool = KEYS.get(self.kind, (["int"], [["1"], ["2"]]))
        self.key = [] if self.kind == "none" else [f"k{n}" for n in range(len(types))]
        #: Enforced by both, by the source alone, or by nobody (then a key may be NULL or twice).
        self.enforced = "" if self.kind == "none" else dice.choice(["both", "both", "source", ""])
        self.values = dice.sample(list(VALUES), dice.randint(1, 4))
        names = [f"k{n}" for n in range(len(types))] + [f"v{n}" for n in range(len(self.values))]
        declared = types + self.values
        collations = [["C", "en-x-icu"], ["en-x-icu", "C"], ["und-x-icu", "C"]][number % 3]
        self.sql: list[str] = []
        count = dice.choice([0, 1, 2, 10, len(pool)])
        keys = dice.sample(pool, min(count, len(pool)))
        source = [key + [dice.choice(VALUES[type]) for type in self.values] for key in keys]
        if not self.enforced and source and dice.random() < 0.5:
            source.append(["NULL"] * len(types) + [dice.choice(VALUES[type]) for type in self.values])
            source.append(list(dice.choice(source)))
        target = [list(row) for row in source]
        for _ in range(dice.choice([0, 0, 1, 3, 40])):
            if not target:
                break
            row = dice.randrange(len(target))
            match dice.randrange(5):
                case 0:
                    del target[row]
                case 1 if self.enforced != "both":
                    target.append(list(target[row]))
                case 2 if self.enforced != "both":
                    target[row][: len(types)] = dice.choice(pool)
                case _:
                    column = dice.randrange(len(self.values))
                    target[row][len(types) + column] = dice.choice(VALUES[self.values[column]])
        if dice.random() < 0.05:
            target = []
        for schema, rows, collation in (("s", source, collations[0]), ("t", target, collations[1])):
            columns = [
                f'{name} {type}' + (f' COLLATE "{collation}"' if type == "text" else "") for name, type in zip(names, declared)
            ]
            if self.enforced == "both" or (self.enforced == "source" and schema == "s"):
                columns.append(f"PRIMARY KEY ({', '.join(self.key)})")
            self.sql.append(f"CREATE TABLE {schema}.{self.name} ({', '.join(columns)})")
            if rows:
                dice.shuffle(rows)
                tuples = ", ".join(f"({', '.join(row)})" for row in rows)
                self.sql.append(f"INSERT INTO {schema}.{self.name} VALUES {tuples}")
        self.columns, self.types = names, declared

    def spec(self) -> str:
        key = f"key: [{', '.join(self.key)}], " if self.key and self.enforced != "both" else ""
        if int(self.name[1:]) % 7 == 0:
            key += "sensitive: [v0], "
        return f"  {self.name}: {{ {key}row_count: skip, columns: skip, constraints: skip }}\n"

    def truth(self, connection: psycopg.Connection) -> tuple[int, int, int, set[str], set[tuple]]:
        """Modified, removed and added rows, columns that surely differ, keys with any difference."""
        # Text in one collation, so that the rows of both schemas can be compared at all.
        plain = ", ".join(f'{name} COLLATE "C" AS {name}' if type == "text" else name for name, type in zip(self.columns, self.types))
        for schema in ("s", "t"):
            connection.execute(f"CREATE TEMP TABLE {schema}_{self.name} AS SELECT {plain} FROM {schema}.{self.name}")
        source, target = f"s_{self.name}", f"t_{self.name}"
        left = f"(SELECT * FROM {source} EXCEPT ALL SELECT * FROM {target})"
        right = f"(SELECT * FROM {target} EXCEPT ALL SELECT * FROM {source})"
        if not self.key:
            removed, added = connection.execute(f"SELECT (SELECT count(*) FROM {left} x), (SELECT count(*) FROM {right} x)").fetchone()
            return 0, removed, added, set(), set()
        key = ", ".join(self.key)
        join = " AND ".join(f"l.{name} IS NOT DISTINCT FROM r.{name}" for name in self.key)
        left_key = ", ".join(f"l.{name}::text" for name in self.key)
        right_key = ", ".join(f"r.{name}::text" for name in self.key)
        # A full outer join, which PostgreSQL does not make on a condition that lets NULL meet NULL.
        rows = connection.execute(
            f"WITH l AS (SELECT {key}, count(*) AS n FROM {left} x GROUP BY {key}), r AS (SELECT {key}, count(*) AS n FROM {right} x GROUP BY {key}) "
            f"SELECT l.n, coalesce(r.n, 0), {left_key} FROM l LEFT JOIN r ON {join} "
            f"UNION ALL SELECT 0, r.n, {right_key} FROM r WHERE NOT EXISTS (SELECT FROM l WHERE {join})"
        ).fetchall()
        columns: set[str] = set()
        for name in [column for column in self.columns if column not in self.key]:
            # Only where the key stands once on either side is there one row to compare with.
            found = connection.execute(
                f"SELECT count(*) FROM {source} l JOIN {target} r ON {join} WHERE l.{name} IS DISTINCT FROM r.{name} "
                f"AND (SELECT count(*) FROM {source} x WHERE {join.replace('r.', 'x.')}) = 1 "
                f"AND (SELECT count(*) FROM {target} x WHERE {join.replace('r.', 'x.')}) = 1"
            ).fetchone()
            if found[0]:
                columns.add(name)
        return (
            sum(min(one, other) for one, other, *_ in rows),
            sum(max(0, one - other) for one, other, *_ in rows),
            sum(max(0, other - one) for one, other, *_ in rows),
            columns,
            {tuple(row[2:]) for row in rows},
        )


def run(folder: Path, method: str, environment: dict[str, str]) -> tuple[dict[str, dict], Path]:
    result = folder / f"{method}.json"
    differences = folder / method
    done = subprocess.run(
        [parity(), "run", "spec.yml", "--digest", method, "--json", str(result), "--differences", str(differences), "--color", "never"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600,
    )
    if done.returncode not in (0, 1, 3):
        sys.exit(f"parity ended with {done.returncode}:\n{done.stderr[-2000:]}")
    cases = json.loads(result.read_text())["cases"]
    return {case["id"].split(".")[-2]: case for case in cases if case["id"].endswith(".checksum")}, differences


def check(table: Table, case: dict, truth: tuple, method: str, differences: Path) -> list[str]:
    modified, removed, added, columns, keys = truth
    rows = case.get("rows") or {}
    found = tuple(rows.get(name, 0) for name in ("modified", "removed", "added"))
    wrong: list[str] = []
    if not table.key:
        # Rows that are the same but for JSON, which databases do not digest, are shown as one modified row.
        found = (0, found[0] + found[1], found[0] + found[2])
    if found != (modified, removed, added):
        wrong.append(f"found {found} rows modified, removed and added, SQL {(modified, removed, added)}")
    expected = "failed" if modified + removed + added else "passed"
    is_empty = any("nothing to compare" in str(each) for each in case.get("unchecked", []))
    if case["outcome"] != expected and not (is_empty and case["outcome"] == "errored"):
        wrong.append(f"{case['outcome']}, not {expected}")
    named = {each["column"] for each in rows.get("columns", [])}
    if not columns <= named:
        wrong.append(f"columns {sorted(named)}, SQL {sorted(columns)}")
    path = differences / f"{table.name}.checksum.csv"
    if method == "fast" and table.kind in ("int", "dense", "int_int") and table.enforced and keys:
        with path.open(newline="") as file:
            written = {tuple(row[1 : 1 + len(table.key)]) for row in list(csv.reader(file))[1:]}
        if written != keys:
            wrong.append(f"keys {sorted(written)[:5]} in the CSV, SQL {sorted(keys)[:5]}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    stop_on_signals()
    dice = random.Random(arguments.seed)
    tables = [Table(number, dice) for number in range(arguments.tables)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Postgres(folder / "postgres")
        (folder / "postgres").mkdir()
        try:
            url = server.start()["url"]
            with psycopg.connect(url) as connection:
                connection.execute("CREATE SCHEMA s")
                connection.execute("CREATE SCHEMA t")
                for table in tables:
                    for statement in table.sql:
                        connection.execute(statement)
            (folder / "spec.yml").write_text(
                "version: 1\nname: Random tables\nsource: { postgres: $URL, schema: s, sslmode: disable }\n"
                "target: { postgres: $URL, schema: t, sslmode: disable }\nunlisted_tables: ignore\ntables:\n" + "".join(table.spec() for table in tables)
            )
            environment = {**os.environ, "URL": url, "XDG_CACHE_HOME": str(folder / "cache")}
            answers = {method: run(folder, method, environment) for method in ("fast", "md5")}
            failed = 0
            quick = 0
            with psycopg.connect(url) as connection:
                for table in tables:
                    truth = table.truth(connection)
                    for method, (cases, differences) in answers.items():
                        case = cases[table.name]
                        quick += method == "fast" and any("fingerprints of" in note for note in case.get("notes", []))
                        for wrong in check(table, case, truth, method, differences):
                            failed += 1
                            print(f"WRONG {table.name} ({table.kind}, enforced by {table.enforced or 'nobody'}, {method}): {wrong}\n  {table.sql}")
        finally:
            server.stop()
    print(f"{quick} of {len(tables)} tables were compared by buckets of keys")
    if quick * 5 < len(tables):
        failed += 1
        print("WRONG: so few that this proves nothing")
    print(f"{2 * len(tables) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
