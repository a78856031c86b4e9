#!/usr/bin/env python3
"""Times Parity where the key is not one whole number: composite, text, uuid, none; checks answers by a full outer join.

    Benchmarks/keys.py [--rows 1000000] [--rounds 3] [--kinds orders,composite,text,uuid,none] [--cases same,one,scattered,missing]
                       [--contenders parity,md5,bare,count,reladiff] [--record]

The truth is computed by PostgreSQL from both tables as they are, through postgres_fdw. With --record the results
replace their section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parent)]

from common import HERE, ROOT, Cluster, Sample, cell, checksum_case, facts, fingerprints, parity, psql, record, table, timed  # noqa: E402

from throwaway import database_url, stop_on_signals  # noqa: E402

#: Key columns, what is made of `orders`, and the column that changes.
KINDS: dict[str, tuple[list[str], str, str]] = {
    "orders": (["id"], "SELECT * FROM orders", "amount"),
    "composite": (["order_id", "line_no"], "SELECT id / 4 AS order_id, (id % 4)::int AS line_no, 'S' || id % 10000 AS sku, qty, amount, created_at, note FROM orders", "amount"),
    "text": (["cust_key"], "SELECT 'cus_' || substr(md5('t' || id), 1, 14) AS cust_key, email, amount, qty, created_at, note FROM orders", "amount"),
    "uuid": (["order_uuid"], "SELECT order_uuid, email, amount, qty, created_at, note FROM orders", "amount"),
    # Every hundredth row is there twice.
    "none": ([], "SELECT email, status, amount, qty, created_at, note FROM orders UNION ALL SELECT email, status, amount, qty, created_at, note FROM orders WHERE id % 100 = 0", "amount"),
}
CASES = ("same", "one", "scattered", "missing")


@dataclass
class Truth:
    modified: int = 0
    removed: int = 0
    added: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    keys: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def rows(self) -> int:
        return self.modified + self.removed + self.added


class Bench:
    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url
        self.source, self.target = database_url(url, "bench_source"), database_url(url, "bench_target")
        self.environment = {**os.environ, "SOURCE_URL": self.source, "TARGET_URL": self.target, "XDG_CACHE_HOME": str(folder / "cache")}
        self.statements: dict[str, str] = {}

    def build(self, kind: str, rows: int) -> None:
        """The source's only table, `t`."""
        psql(self.url, "DROP DATABASE IF EXISTS bench_target", "DROP DATABASE IF EXISTS bench_source", "CREATE DATABASE bench_source")
        psql(self.source, file=HERE / "tables.sql", n=rows)
        key, select, _ = KINDS[kind]
        psql(self.source, f"CREATE UNLOGGED TABLE t AS {select}", "DROP TABLE orders")
        if key:
            psql(self.source, f"ALTER TABLE t ADD PRIMARY KEY ({', '.join(key)})")
        psql(self.source, "VACUUM (FREEZE, ANALYZE) t")

    def copy(self, kind: str, case: str) -> str:
        """The target, changed and rewritten as a migration would have left it; what was done."""
        psql(self.url, "DROP DATABASE IF EXISTS bench_target", "CREATE DATABASE bench_target TEMPLATE bench_source STRATEGY = FILE_COPY")
        key, _, column = KINDS[kind]
        order = ", ".join(key) or "ctid"
        [rows] = [int(n) for n in psql(self.target, "SELECT count(*) FROM t").split()]
        many, block = min(1000, rows // 100), min(100_000, rows // 10)
        numbered = f"(SELECT ctid, row_number() OVER (ORDER BY {order}) n FROM t) x"
        change = f"UPDATE t SET {column} = {column} + 0.01 WHERE ctid IN (SELECT ctid FROM {numbered} WHERE %s)"
        done = {
            "same": ("same", ""),
            "one": ("one row differs", change % f"n = {rows // 2 + 7}"),
            "scattered": (f"{many:,} scattered", change % f"n % {rows // many} = 13 AND n <= {rows // many * many}"),
            "missing": (f"{block:,} missing", f"DELETE FROM t WHERE ctid IN (SELECT ctid FROM {numbered} WHERE n > {rows // 2} AND n <= {rows // 2 + block})"),
        }[case]
        if done[1]:
            psql(self.target, done[1], "VACUUM (FULL, FREEZE, ANALYZE) t")
        psql(self.url, "CHECKPOINT")
        return done[0]

    def truth(self, kind: str) -> Truth:
        """Both tables as they are, joined by PostgreSQL."""
        key = KINDS[kind][0]
        host, port = re.search(r"@([\d.]+):(\d+)/", self.source).groups()  # type: ignore[union-attr]
        psql(
            self.target, "SET client_min_messages = warning", "CREATE EXTENSION postgres_fdw",
            f"CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', dbname 'bench_source', fetch_size '20000')",
            "CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'postgres')", "CREATE SCHEMA o", "IMPORT FOREIGN SCHEMA public LIMIT TO (t) FROM SERVER s INTO o",
        )
        try:
            if not key:
                return self._differing_without_key()
            columns = psql(self.target, "SELECT attname FROM pg_attribute WHERE attrelid = 'public.t'::regclass AND attnum > 0 AND NOT attisdropped").split()
            values = [c for c in columns if c not in key]
            found = psql(
                self.target,
                f"SELECT json_build_array(a.{key[0]} IS NULL, b.{key[0]} IS NULL, json_build_array({', '.join(f'{k}::text' for k in key)}), "
                f"array_remove(ARRAY[{', '.join(f'''CASE WHEN a.{c} IS DISTINCT FROM b.{c} THEN '{c}' END''' for c in values)}], NULL)) "
                f"FROM o.t a FULL JOIN public.t b USING ({', '.join(key)}) "
                f"WHERE a.{key[0]} IS NULL OR b.{key[0]} IS NULL OR ({', '.join(f'a.{c}' for c in values)}) IS DISTINCT FROM ({', '.join(f'b.{c}' for c in values)})",
            )
        finally:
            psql(self.target, "SET client_min_messages = warning", "DROP SERVER s CASCADE", "DROP SCHEMA o CASCADE", "DROP EXTENSION postgres_fdw")
        truth = Truth()
        for line in found.splitlines():
            only_target, only_source, names, differing = json.loads(line)
            truth.keys.add(tuple(names))
            truth.added += only_target
            truth.removed += only_source
            if not only_target and not only_source:
                truth.modified += 1
                for name in differing:
                    truth.columns[name] = truth.columns.get(name, 0) + 1
        return truth

    def _differing_without_key(self) -> Truth:
        count = "SELECT count(*) FROM (SELECT * FROM {} EXCEPT ALL SELECT * FROM {}) x"
        return Truth(removed=int(psql(self.target, count.format("o.t", "public.t"))), added=int(psql(self.target, count.format("public.t", "o.t"))))


# The contenders: what they found is told by `answer`, which begins with WRONG where it is.


def run_parity(bench: Bench, kind: str, truth: Truth, *flags: str) -> Sample:
    spec, result, said = bench.folder / "case.yml", bench.folder / "case.json", bench.folder / "parity.txt"
    result.unlink(missing_ok=True)
    spec.write_text(
        "version: 1\nname: Benchmark\nsource: { postgres: $SOURCE_URL }\ntarget: { postgres: $TARGET_URL }\nunlisted_tables: ignore\n"
        "tables:\n  t: { columns: skip, constraints: skip }\n"
    )
    command = [str(parity()), "run", str(spec), "--json", str(result), "--junit", str(bench.folder / "case.xml"), "--color", "never", *flags]
    sample = timed([command], bench.environment, [said])
    if not result.exists():
        sample.answer = f"WRONG: exit {sample.codes[0]}: {said.read_text().strip()[-200:]}"
        return sample
    case = checksum_case(result)
    if not flags:
        bench.statements = fingerprints(case)
    rows = case.get("rows") or {"modified": 0, "removed": 0, "added": 0, "columns": []}
    found = Truth(rows["modified"], rows["removed"], rows["added"], {c["column"]: c["rows"] for c in rows["columns"]})
    wanted = Truth(truth.modified, truth.removed, truth.added, truth.columns)
    is_right = found == wanted and sample.codes == [1 if truth.rows else 0]
    sample.answer = "rows and columns" if is_right else f"WRONG: {found} instead of {wanted}, exit {sample.codes[0]}: {case['summary']}"
    return sample


def run_md5(bench: Bench, kind: str, truth: Truth) -> Sample:
    return run_parity(bench, kind, truth, "--digest", "md5")


def run_bare(bench: Bench, kind: str, truth: Truth) -> Sample | None:
    """Parity's own first statement of each side, in a transaction with the settings that change its plan."""
    if set(bench.statements) != {"source", "target"}:
        return None
    settings = "BEGIN READ ONLY; SET LOCAL timezone = 'UTC'; SET LOCAL jit = off; SET LOCAL cursor_tuple_fraction = 1; SET LOCAL search_path = ''"
    sides = (("source", bench.source), ("target", bench.target))
    sample = timed([["psql", url, "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", settings, "-c", bench.statements[side]] for side, url in sides])
    sample.answer = "buckets" if sample.codes == [0, 0] else f"WRONG: exit {sample.codes}"
    return sample


def run_count(bench: Bench, kind: str, truth: Truth) -> Sample:
    sample = timed([["psql", url, "-XqAt", "-c", "SELECT count(*) FROM t"] for url in (bench.source, bench.target)])
    sample.answer = "nothing" if sample.codes == [0, 0] else f"WRONG: exit {sample.codes}"
    return sample


def run_reladiff(bench: Bench, kind: str, truth: Truth) -> Sample | None:
    key = KINDS[kind][0]
    if not key:
        return None
    said = bench.folder / "reladiff.txt"
    command = [str(ROOT / ".venv-bench-reladiff/bin/reladiff"), bench.source, "t", bench.target, "t", "--json", "-c", "%"]
    for name in key:
        command += ["-k", name]
    # It wraps lines at the width of the terminal.
    sample = timed([command], {**os.environ, "COLUMNS": "100000"}, [said])
    found: set[tuple[str, ...]] = set()
    for line in said.read_text(errors="replace").splitlines():
        if line.startswith('["'):
            found.add(tuple(json.loads(line)[1][: len(key)]))
    last = said.read_text(errors="replace").strip().splitlines()[-1:] or [""]
    is_right = found == truth.keys and sample.codes == [0]
    sample.answer = "keys" if is_right else f"WRONG: {len(found):,} keys instead of {len(truth.keys):,}, exit {sample.codes[0]}: {last[0][:90]}"
    return sample


CONTENDERS: dict[str, Callable[[Bench, str, Truth], Sample | None]] = {
    "parity": run_parity, "md5": run_md5, "bare": run_bare, "count": run_count, "reladiff": run_reladiff
}


def compare(bench: Bench, given: argparse.Namespace) -> str:
    names = [n for n in given.contenders.split(",") if n in CONTENDERS]
    text = ""
    if "reladiff" in names and not (ROOT / ".venv-bench-reladiff/bin/reladiff").exists():
        names.remove("reladiff")
        text = "reladiff: not installed.\n\n"
    lines = []
    for kind in given.kinds.split(","):
        bench.build(kind, given.rows)
        for case in given.cases.split(","):
            title = bench.copy(kind, case)
            truth = bench.truth(kind)
            samples: dict[str, list[Sample]] = {name: [] for name in names}
            for _ in range(given.rounds):
                for name in names:
                    sample = CONTENDERS[name](bench, kind, truth)
                    if sample:
                        samples[name].append(sample)
                        print(f"{kind}, {title}: {name} {sample.seconds:.2f} s, {sample.megabytes:.0f} MiB, {sample.answer}", flush=True)
            lines.append([kind, title, *(cell(samples[n], samples.get("parity")) for n in names)])
    return f"{text}### {given.rows:,} rows\n\n" + table(["key", "case", *names], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", default="composite,text,uuid,none")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--contenders", default="parity,bare,count,reladiff")
    parser.add_argument("--record", action="store_true", help="write the results into RESULTS.md")
    given = parser.parse_args()
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix="parity-keys-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "postgres")
    try:
        url = cluster.start()["url"]
        text = compare(Bench(folder, url), given)
        text = facts(url) + "\n" + text
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if given.record:
        record("keys", text)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
