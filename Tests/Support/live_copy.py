#!/usr/bin/env python3
"""Copy a table into the stand-in for Snowflake while others look on, in batches and in the order of its ids.

    live_copy.py --source postgresql://… --home DIR --target SHOP.PUBLIC.ORDERS [--table orders]
                 [--batch 2000] [--pause 0.3] [--control FILE] [--loader connector|copy]

The table has the columns id, total, note and updated_at. While FILE holds the word `hold` nothing is copied; `end` ends the copy. `connector` inserts as
any Python program would, with snowflake-connector-python; `copy` streams CSV and is for many rows.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from throwaway import Snowflake, use_virtual_environment  # noqa: E402

if __name__ == "__main__":
    use_virtual_environment()

import psycopg  # noqa: E402

COLUMNS = ["ID", "TOTAL", "NOTE", "UPDATED_AT"]


def connector(home: Path, target: str):
    """Inserts rows by the official connector."""
    import snowflake.connector

    given = tomllib.loads((home / "connections.toml").read_text())["standin_v1"]
    connection = snowflake.connector.connect(**given, session_parameters={"CLIENT_TELEMETRY_ENABLED": False})
    cursor = connection.cursor()

    def load(rows: list[tuple]) -> None:
        one = "(" + ", ".join(["%s"] * len(COLUMNS)) + ")"
        casts = "column1::NUMBER(19,0), column2::NUMBER(12,2), column3::VARCHAR, column4::TIMESTAMP_TZ(6)"
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            text = f"INSERT INTO {target} ({', '.join(COLUMNS)}) SELECT {casts} FROM VALUES {', '.join([one] * len(part))}"
            cursor.execute(text, [str(value) for row in part for value in row])

    return load


def copier(home: Path, target: str):
    """Streams rows as CSV."""
    snowflake = Snowflake(home)

    def load(rows: list[tuple]) -> None:
        lines = "".join(f'{i},{total},"{note}",{at}\n' for i, total, note, at in rows)
        snowflake.copy(target, COLUMNS, lines.encode())

    return load


def main() -> None:
    parser = argparse.ArgumentParser(prog="live_copy.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--table", default="orders")
    parser.add_argument("--target", required=True, help="DATABASE.SCHEMA.TABLE")
    parser.add_argument("--batch", type=int, default=2_000)
    parser.add_argument("--pause", type=float, default=0.3, help="seconds between batches")
    parser.add_argument("--control", type=Path)
    parser.add_argument("--loader", choices=["connector", "copy"], default="connector")
    given = parser.parse_args()
    load = (connector if given.loader == "connector" else copier)(given.home, given.target)
    copied = last = 0
    with psycopg.connect(given.source, autocommit=True) as source:
        source.execute("SET TimeZone = 'UTC'")
        while True:
            word = given.control.read_text().strip() if given.control and given.control.exists() else ""
            if word == "end":
                break
            if word == "hold":
                time.sleep(0.02)
                continue
            query = f'SELECT id, total, note, updated_at::text FROM "{given.table}" WHERE id > %s ORDER BY id LIMIT %s'
            rows = source.execute(query, [last, given.batch]).fetchall()
            if not rows:
                break
            load(rows)
            last, copied = rows[-1][0], copied + len(rows)
            print(f"{time.time():.3f} {copied}", flush=True)
            time.sleep(given.pause)
    print(f"{time.time():.3f} {copied} done", flush=True)


if __name__ == "__main__":
    main()
