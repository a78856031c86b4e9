"""What Parity's own clock adds to a query: the same short queries, timed by Parity, by psycopg and by psql's \\timing.

All three time one connection on the loopback interface, in turns. Parity runs each query once more to be explained by the
server, between two runs that it times; the others do not.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import time
from argparse import Namespace

import psycopg
from common import parity, table
from tables import Bench
from throwaway import Postgres

import parts

#: A loop that takes the server about a millisecond and no memory worth the name, and what costs nothing at all.
QUERIES = {"about 1 ms": "SELECT sum(n) FROM (SELECT generate_series(1, 9000) AS n) AS s", "SELECT 1": "SELECT 1", "1,000 rows": "SELECT n, n FROM generate_series(1, 1000) n"}
#: Milliseconds at the median, on the loopback interface: more is a failure of the benchmark.
PROMISE = 0.3


def by_parity(bench: Bench, sql: str, runs: int) -> list[float]:
    spec, result = bench.folder / "overhead.yml", bench.folder / "overhead.json"
    spec.write_text(
        "version: 1\nname: Overhead\nsource: { postgres: $BENCH_URL, sslmode: disable }\ntarget: { postgres: $BENCH_URL, schema: other, sslmode: disable }\n"
        f"performance:\n  q: {{ side: source, sql: '{sql}', runs: {runs}, warmup: 50, clock: wire, max: 10m }}\n"
    )
    done = subprocess.run([str(parity()), "run", str(spec), "--json", str(result)], env={**bench.environment, "BENCH_URL": bench.url}, capture_output=True, text=True)
    if done.returncode != 0:
        parts.failures.append(f"overhead: {done.stdout}{done.stderr}")
        return []
    [side] = json.loads(result.read_text())["cases"][0]["timings"]["sides"]
    return [sample["wire"] * 1000 for sample in side["warm"]]


def by_psycopg(bench: Bench, sql: str, runs: int) -> list[float]:
    found = []
    with psycopg.connect(bench.url) as connection:
        # The C implementation where it is installed; prepared statements would be another query.
        connection.prepare_threshold = None
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for number in range(runs + 50):
            began = time.perf_counter()
            connection.execute(sql).fetchall()  # type: ignore[arg-type]
            if number >= 50:
                found.append((time.perf_counter() - began) * 1000)
    return found


def by_psql(bench: Bench, sql: str, runs: int) -> list[float]:
    script = "\\timing on\nBEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n" + f"{sql};\n" * (runs + 50) + "COMMIT;\n"
    done = subprocess.run([Postgres.program("psql"), bench.url, "-XqAt", "-f", "-"], input=script, capture_output=True, text=True, check=True)
    times = [float(t) for t in re.findall(r"^Time: ([\d.]+) ms", done.stdout, re.M)]
    return times[51:-1]


def overhead(bench: Bench, given: Namespace) -> str:
    clocks = {"parity": by_parity, "psycopg": by_psycopg, "psql": by_psql}
    [runs] = given.rows
    lines = []
    for title, sql in QUERIES.items():
        medians: dict[str, list[float]] = {name: [] for name in clocks}
        for _ in range(given.rounds):
            for name, clock in clocks.items():
                if times := clock(bench, sql, runs):
                    medians[name].append(statistics.median(times))
        if not all(medians.values()):
            return "Parity could not measure.\n"
        middle = {name: statistics.median(found) for name, found in medians.items()}
        # Each in its quietest round: other programs on the machine make any of them slower, and none quicker.
        over = min(medians["parity"]) - min(medians["psycopg"] + medians["psql"])
        if over > PROMISE:
            parts.failures.append(f"overhead: {title}: {over:.3f} ms above the quicker of the others")
        shown = [f"{middle[name]:.3f} ms ({min(found):.3f}–{max(found):.3f})" for name, found in medians.items()]
        lines.append([title, *shown, f"{over:+.3f} ms"])
        print(f"overhead: {title}: {middle}", flush=True)
    head = ["query", "Parity, on the wire", "psycopg, execute and fetchall", "psql \\timing", "Parity beside the quicker of them, each in its quietest round"]
    return f"Medians of {runs} runs each, the median of {given.rounds} rounds (least–most).\n\n" + table(head, lines)
