#!/usr/bin/env python3
"""Times Parity beside bare SQL, reladiff and DVT on the same tables, in one run on one machine, and checks every answer.

    Benchmarks/bench.py [compare]   tables whose key is a whole number
    Benchmarks/bench.py keys        other keys: composite, text, uuid, none
    Benchmarks/bench.py ablations   the same comparison done otherwise
    Benchmarks/bench.py start       how long `parity --version` and `parity validate` of 500 tables take
    Benchmarks/bench.py lint        `parity lint` of a dbt project of 5,000 models
    Benchmarks/bench.py many        500 small tables in one run
    Benchmarks/bench.py narrow      50,000,000 rows of three columns
    Benchmarks/bench.py overhead    what Parity's clock adds to a query of a millisecond, beside psycopg and psql
    Benchmarks/bench.py standin     against the stand-in for Snowflake, beside the official connector

Every contender is a whole process and reads both sides at once. With --record the results replace their sections of
RESULTS.md. Exit code 1: an answer of Parity's was wrong.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import parts
from common import Cluster, facts, record
from contenders import CONTENDERS
from tables import KINDS, Bench, cases

from throwaway import stop_on_signals, use_virtual_environment


def standin(bench: Bench, given: argparse.Namespace) -> str:
    # Its packages are there only where the tests were set up.
    import standin

    return standin.compare(bench.folder, bench.url, given)


def overhead(bench: Bench, given: argparse.Namespace) -> str:
    # So is psycopg.
    import overhead

    return overhead.overhead(bench, given)


@dataclass
class Part:
    run: Callable[[Bench, argparse.Namespace], str]
    #: How many rows tables have, where nothing else is asked for.
    rows: str
    rounds: int = 3


PARTS = {
    "compare": Part(parts.compare, "1000000,10000000"),
    "keys": Part(parts.keys, "1000000"),
    "ablations": Part(parts.ablations, "1000000"),
    "start": Part(parts.start, "0", rounds=40),
    "lint": Part(parts.lint, "1000,5000", rounds=10),
    "many": Part(parts.many, "500"),
    "narrow": Part(parts.narrow, "50000000", rounds=1),
    "overhead": Part(overhead, "1000", rounds=7),
    "standin": Part(standin, "100000,1000000"),
}


def among(known: object) -> Callable[[str], str]:
    """A list with commas of names that are known."""

    def checked(text: str) -> str:
        names = list(known)  # type: ignore[call-overload]
        for name in text.split(","):
            if name not in names:
                raise argparse.ArgumentTypeError(f"`{name}` is none of {', '.join(names)}")
        return text

    return checked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--rows", help="such as 1000000,10000000; many and narrow take one number")
    parser.add_argument("--rounds", type=int, help="how often each contender runs")
    parser.add_argument("--cases", type=among(cases(1000)), help=f"compare, keys, ablations: some of {','.join(cases(1000))}")
    parser.add_argument("--kinds", type=among(KINDS), default="composite,text,uuid,none", help="keys: some of %(default)s")
    parser.add_argument("--contenders", type=among(CONTENDERS), help=f"compare, keys: some of {','.join(CONTENDERS)}")
    parser.add_argument("--record", action="store_true", help="write the results into RESULTS.md")
    asked = parser.parse_args()
    names = asked.parts or ["compare"]
    for name in names:
        if name not in PARTS:
            parser.error(f"`{name}` is no part: {', '.join(PARTS)}")
    use_virtual_environment()
    stop_on_signals()
    for name in names:
        part = PARTS[name]
        given = argparse.Namespace(**vars(asked))
        given.rows = [int(n) for n in (asked.rows or part.rows).split(",")]
        given.rounds = asked.rounds or part.rounds
        text = run(part, given)
        print(f"## {name}\n\n{text}", flush=True)
        if given.record:
            record(name, text)
    for failure in parts.failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if parts.failures else 0)


def run(part: Part, given: argparse.Namespace) -> str:
    """One part with a server of its own, so that none finds what another left."""
    folder = Path(tempfile.mkdtemp(prefix="parity-bench-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "postgres")
    try:
        url = cluster.start()["url"]
        text = part.run(Bench(folder, url), given)
        return f"{facts(url)}\n{text}"
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
