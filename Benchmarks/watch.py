#!/usr/bin/env python3
"""Follow a live copy of 500,000 rows into the stand-in with `parity watch`.

    Benchmarks/watch.py [--rows 500000] [--batch 25000] [--pause 0.5] [--every 1s] [--binary .build/release/parity]

Starts a PostgreSQL and a stand-in of its own, copies in the order of the ids, holds the copy for a while (a stall),
takes the source's table away for a while (an error), and tells at which tick each was shown and when the
watch said that the target is ready, beside when the last row had come.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/Support"))

from throwaway import Snowflake, use_virtual_environment  # noqa: E402

if __name__ == "__main__":
    use_virtual_environment()

import psycopg  # noqa: E402

SPEC = """version: 1
name: Live copy
source: {{ postgres: $DATABASE_URL, sslmode: disable }}
target: {{ snowflake: standin, database: LIVE, schema: PUBLIC }}
tables: [orders]
watch:
  every: {every}
  high_water: {{ orders: updated_at }}
  ready: {{ ticks: 3 }}
"""


def lines(path: Path) -> list[dict]:
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]]


def until(path: Path, fits, what: str) -> dict:
    """The first tick that fits."""
    begin = time.monotonic()
    while time.monotonic() - begin < 300:
        for line in lines(path):
            if line["type"] == "tick" and line["tables"] and fits(line):
                return line
        time.sleep(0.05)
    sys.exit(f"watch: no tick with {what}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="watch.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--batch", type=int, default=25_000)
    parser.add_argument("--pause", type=float, default=0.5)
    parser.add_argument("--every", default="1s")
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/parity")
    given = parser.parse_args()
    given.binary = given.binary.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        work.chmod(0o755)
        server = json.loads(subprocess.check_output([ROOT / "Tests/Support/postgres", "start", work / "pg"]))
        standin = subprocess.Popen(
            [ROOT / "Tests/Standin/standin", "--port", "0", "--home", work / "home"], stdout=subprocess.PIPE, text=True)
        try:
            standin.stdout.readline()
            follow(given, work, server["url"])
        finally:
            standin.terminate()
            subprocess.run([ROOT / "Tests/Support/postgres", "stop", work / "pg"], check=False, stdout=subprocess.DEVNULL)


def follow(given: argparse.Namespace, work: Path, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as source:
        source.execute(
            "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text NOT NULL, updated_at timestamptz NOT NULL)")
        source.execute(
            "INSERT INTO orders SELECT n, n * 0.25, 'note ' || n, now() - (%s - n) * interval '1 second' FROM generate_series(1, %s) n",
            [given.rows, given.rows])
        source.execute("CREATE INDEX ON orders (updated_at)")
        source.execute("VACUUM ANALYZE orders")
        snowflake = Snowflake(work / "home")
        snowflake.sql("CREATE DATABASE LIVE")
        snowflake.sql(
            "CREATE TABLE LIVE.PUBLIC.ORDERS (ID NUMBER(19,0) NOT NULL PRIMARY KEY, TOTAL NUMBER(12,2) NOT NULL, "
            "NOTE VARCHAR NOT NULL, UPDATED_AT TIMESTAMP_TZ(6) NOT NULL)")
        (work / "live.yml").write_text(SPEC.format(every=given.every))
        told = work / "watch.jsonl"
        control = work / "control"
        environment = os.environ | {"DATABASE_URL": url, "SNOWFLAKE_HOME": str(work / "home"), "LANG": "C.UTF-8"}
        watch = subprocess.Popen(
            [given.binary, "watch", "live.yml", "--deadline", "20m", "--jsonl", told], cwd=work, env=environment)
        copy = subprocess.Popen(
            [ROOT / "Tests/Support/live_copy.py", "--source", url, "--home", work / "home", "--target", "LIVE.PUBLIC.ORDERS", "--loader", "copy",
             "--batch", str(given.batch), "--pause", str(given.pause), "--control", control], stdout=subprocess.PIPE, text=True)
        until(told, lambda tick: (tick["tables"][0]["target_rows"] or 0) > given.rows // 4, "a quarter of the rows")
        control.write_text("hold")
        stalled = until(told, lambda tick: tick["tables"][0]["stalled"], "a stall")
        source.execute("ALTER TABLE orders RENAME TO hidden")
        away = time.time()
        broken = until(told, lambda tick: tick["tick"] > stalled["tick"] and tick["tables"][0]["error"], "an error")
        source.execute("ALTER TABLE hidden RENAME TO orders")
        control.write_text("go")
        progress = copy.communicate()[0].split("\n")
        status = watch.wait()
    ticks = [line for line in lines(told) if line["type"] == "tick"]
    rows = [tick["tables"][0]["target_rows"] for tick in ticks]
    still = stalled["tables"][0]["target_rows"]
    first_still = next(n for n, count in enumerate(rows) if count == still) + 1
    first_good = next(tick for tick in ticks if tick["holds"])
    done = next(line for line in reversed(progress) if line.endswith("done")).split()
    after_away = [tick for tick in ticks if stamp(tick["at"]) >= away]
    print(f"""
rows copied           {int(done[1]):,}
ticks                 {len(ticks)}, one each {given.every}
stall                 last progress seen at tick {first_still}, shown at tick {stalled["tick"]}
error                 table away before tick {after_away[0]["tick"]}, shown at tick {broken["tick"]}
last row copied       {float(done[0]) - stamp(ticks[0]["at"]):.1f} s after the first tick
first good tick       {first_good["tick"]}, begun {stamp(first_good["at"]) - float(done[0]):+.1f} s after the last batch and its pause
ready                 tick {ticks[-1]["tick"]} ({ticks[-1]["ready_ticks"]} good ones in a row), exit code {status}
errors in other ticks {sum(1 for tick in ticks if tick["tables"] and tick["tables"][0]["error"]) - 1} (the stand-in refuses to look back at rows that changed meanwhile)
""")


def stamp(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    main()
