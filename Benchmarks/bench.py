#!/usr/bin/env python3
"""Times Parity beside bare SQL, reladiff and DVT on the same tables, in one run on one machine.

    Benchmarks/bench.py [--rows 1000000,10000000] [--rounds 3] [--cases same,one] [--contenders parity,bare]
    Benchmarks/bench.py start       how long `parity --version` and `parity validate` of 500 tables take
    Benchmarks/bench.py many        500 small tables in one run
    Benchmarks/bench.py narrow      50,000,000 rows of three columns
    Benchmarks/bench.py ablations   the same comparison done otherwise

Every contender is a whole process and reads both sides at once. Contenders take turns, so that a busy minute is shared
by all. Results replace their section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(ROOT / "Tests" / "Support")]

from common import Cluster, record, timed  # noqa: E402

from throwaway import Postgres, parity, stop_on_signals  # noqa: E402

#: What becomes of the target's copy, which keys differ then, and in which column (none: rows are missing).
CASES: dict[str, tuple[str, str, str]] = {
    "same": ("", "false", ""),
    "one row differs": ("UPDATE {t} SET amount = amount + 0.01 WHERE {w}", "id = {n} / 2 + 7", "amount"),
    "1,000 scattered": ("UPDATE {t} SET amount = amount + 0.01 WHERE {w}", "id % ({n} / 1000) = 13", "amount"),
    "1,000 clustered": ("UPDATE {t} SET email = email || 'x' WHERE {w}", "id BETWEEN {n} / 2 + 1 AND {n} / 2 + 1000", "email"),
    "100,000 scattered": ("UPDATE {t} SET created_at = created_at + interval '1 microsecond' WHERE {w}", "id % ({n} / 100000) = 3", "created_at"),
    "100,000 clustered": ("UPDATE {t} SET created_at = created_at + interval '1 microsecond' WHERE {w}", "id BETWEEN {n} / 2 + 1 AND {n} / 2 + 100000", "created_at"),
    "100,000 missing": ("DELETE FROM {t} WHERE {w}", "id BETWEEN {n} / 2 + 1 AND {n} / 2 + 100000", ""),
}
COLUMNS = "order_uuid customer_id email status amount tax qty is_gift order_date created_at updated_at note".split()


@dataclass
class Sample:
    seconds: float
    megabytes: float
    right: str


@dataclass
class Bench:
    """Two servers and a folder for everything that is written."""

    folder: Path
    urls: dict[str, str]
    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=dict)
    statements: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    #: The column that differs in the case at hand.
    column: str = ""

    def psql(self, side: str, *arguments: str, variables: dict[str, str] | None = None) -> str:
        command = ["psql", self.urls[side], "-XqAt", "-v", "ON_ERROR_STOP=1"]
        for name, value in (variables or {}).items():
            command += ["-v", f"{name}={value}"]
        return subprocess.run([*command, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def environment(self) -> dict[str, str]:
        return {**os.environ, "SOURCE_URL": self.urls["source"], "TARGET_URL": self.urls["target"], "XDG_CACHE_HOME": str(self.folder / "cache")}

    def spec(self, name: str, tables: str) -> Path:
        path = self.folder / f"{name}.yml"
        path.write_text(
            "version: 1\nname: Benchmark\nsource: { postgres: $SOURCE_URL, sslmode: disable }\n"
            f"target: {{ postgres: $TARGET_URL, sslmode: disable }}\nunlisted_tables: ignore\ntables:\n{tables}"
        )
        return path


def measured(commands: list[list[str]], environment: dict[str, str], output: Path | None = None) -> tuple[float, float, list[int]]:
    """Wall seconds of commands that run at once, the peak memory of all of them in MiB, and how each ended."""
    sample = timed(commands, environment, [output] * len(commands) if output else None)
    return sample.seconds, sample.megabytes, sample.codes


# The contenders


def run_parity(bench: Bench, table: str, truth: set[str], *flags: str) -> Sample:
    spec = bench.spec("case", f"  orders: {{ target: {table}, columns: skip, constraints: skip }}\n")
    result, differences = bench.folder / "case.json", bench.folder / "differences"
    subprocess.run(["rm", "-rf", str(differences)], check=True)
    seconds, peak, codes = measured(
        [[str(parity()), "run", str(spec), "--json", str(result), "--differences", str(differences), *flags]], bench.environment(), bench.folder / "parity.txt"
    )
    case = next(each for each in json.loads(result.read_text())["cases"] if each["id"].endswith(".checksum"))
    bench.statements[table] = [
        (each["side"], each["sql"]) for each in case["statements"] if "digests" in each["sql"] or "v1_low" in each["sql"] or "_low" in each["sql"]
    ]
    found: set[str] = set()
    places: set[tuple[str, str]] = set()
    path = differences / "orders.checksum.csv"
    if path.exists():
        with path.open(newline="") as file:
            for row in list(csv.reader(file))[1:]:
                found.add(row[1])
                places.add((row[0], row[2]))
    expected = {("modified", bench.column) if bench.column else ("removed", "")} if truth else set()
    is_right = found == truth and places == expected and codes == [1 if truth else 0]
    answer = "keys and columns"
    if "md5" in flags:
        rows = case.get("rows") or {}
        is_right = sum(rows.get(name, 0) for name in ("modified", "removed", "added")) == len(truth) and codes == [1 if truth else 0]
        answer = "counts"
    return Sample(seconds, peak, answer if is_right else f"WRONG: {len(found)} keys, {sorted(places)[:5]}, exit {codes[0]}")


def run_bare(bench: Bench, table: str, truth: set[str]) -> Sample:
    """The statements that read the whole table, each side's one after the other, by psql."""
    commands = []
    for side in ("source", "target"):
        command = ["psql", bench.urls[side], "-XqAt", "-c", "SET timezone = 'UTC'; SET jit = off"]
        for of, sql in bench.statements[table]:
            # Those that look closer come later and hold lists of buckets.
            if of == side and "unnest(" not in sql:
                command += ["-c", sql]
        commands.append(command)
    seconds, peak, codes = measured(commands, dict(os.environ))
    return Sample(seconds, peak, "buckets" if codes == [0, 0] else f"WRONG: exit {codes}")


def run_count(bench: Bench, table: str, truth: set[str]) -> Sample:
    commands = [["psql", bench.urls[side], "-XqAt", "-c", f"SELECT count(*) FROM {name}"] for side, name in (("source", "orders"), ("target", table))]
    seconds, peak, codes = measured(commands, dict(os.environ))
    return Sample(seconds, peak, "nothing" if codes == [0, 0] else f"WRONG: exit {codes}")


def run_reladiff(bench: Bench, table: str, truth: set[str]) -> Sample:
    program = ROOT / ".venv-bench-reladiff" / "bin" / "reladiff"
    output = bench.folder / "reladiff.txt"
    command = [str(program), bench.urls["source"], "orders", bench.urls["target"], table, "-k", "id"]
    for column in COLUMNS:
        command += ["-c", column]
    seconds, peak, codes = measured([command], dict(os.environ), output)
    lines = output.read_text(errors="replace").splitlines()
    found = {match.group(1) for line in lines if (match := re.match(r"[-+] (\d+)\b", line))}
    return Sample(seconds, peak, "keys" if found == truth else f"WRONG: {len(found)} keys, exit {codes[0]}: {lines[-1][:80] if lines else ''}")


def run_dvt(bench: Bench, table: str, truth: set[str]) -> Sample:
    program = ROOT / ".venv-bench-dvt" / "bin" / "data-validation"
    output = bench.folder / "dvt.txt"
    environment = {**os.environ, "PSO_DV_CONN_HOME": str(bench.folder / "dvt")}
    (bench.folder / "dvt").mkdir(exist_ok=True)
    for side, url in bench.urls.items():
        match = re.match(r"postgresql://(\w+)@([\d.]+):(\d+)/(\w+)", url)
        if not match:
            return Sample(float("nan"), 0, "WRONG: address")
        user, host, port, database = match.groups()
        added = [str(program), "connections", "add", "--connection-name", side, "Postgres", "--host", host, "--port", port, "--user", user, "--password", "x", "--database", database]
        subprocess.run(added, env=environment, check=True, capture_output=True)
    command = [
        str(program), "validate", "row", "-sc", "source", "-tc", "target", "-tbls", f"public.orders=public.{table}", "--primary-keys", "id", "--hash", "*",
        "--filter-status", "fail", "--format", "json",
    ]  # fmt: skip
    seconds, peak, codes = measured([command], environment, output)
    text = output.read_text(errors="replace")
    count = text.count('"validation_status":"fail"') + text.count('"validation_status": "fail"')
    return Sample(seconds, peak, "rows" if count == len(truth) and codes == [0] else f"WRONG: {count} rows, exit {codes[0]}: {text.strip().splitlines()[-1][:80] if text.strip() else ''}")


CONTENDERS = {"parity": run_parity, "bare SQL": run_bare, "count(*)": run_count, "reladiff": run_reladiff, "DVT": run_dvt}


# The commands


def compare(bench: Bench, arguments: argparse.Namespace) -> str:
    lines: list[str] = []
    contenders = [name for name in CONTENDERS if not arguments.contenders or name.split()[0] in arguments.contenders.split(",")]
    for name, folder in (("reladiff", ".venv-bench-reladiff"), ("DVT", ".venv-bench-dvt")):
        if name in contenders and not (ROOT / folder / "bin").is_dir():
            contenders.remove(name)
            lines.append(f"{name}: not installed.\n")
    for rows in (int(each) for each in arguments.rows.split(",")):
        for side in ("source", "target"):
            bench.psql(side, "-f", str(HERE / "tables.sql"), variables={"n": str(rows)})
        header = ["case", *contenders]
        lines += [f"### {rows:,} rows\n", "| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
        for case, (change, where, bench.column) in CASES.items():
            if arguments.cases and case.split()[0].replace(",", "") + case.split()[-1] not in arguments.cases and case.split()[0] not in arguments.cases.split(","):
                continue
            truth = differing(bench, change, where, rows)
            samples: dict[str, list[Sample]] = {name: [] for name in contenders}
            for turn in range(arguments.rounds):
                for name in contenders:
                    # A minute each, and never near.
                    if name == "DVT" and turn > 0:
                        continue
                    samples[name].append(CONTENDERS[name](bench, "copy", truth))
                    print(f"{rows:,} {case}: {name} {samples[name][-1]}", flush=True)
            lines.append(row_of(case, samples))
        lines.append("")
    return "\n".join(lines)


def differing(bench: Bench, change: str, where: str, rows: int) -> set[str]:
    """Makes the target's copy; the keys that differ."""
    condition = where.format(n=rows)
    commands = ["SET client_min_messages = warning", "DROP TABLE IF EXISTS copy", "CREATE UNLOGGED TABLE copy (LIKE orders INCLUDING ALL)", "INSERT INTO copy SELECT * FROM orders ORDER BY id"]
    if change:
        commands.append(change.format(t="copy", w=condition))
    commands.append("VACUUM (FREEZE, ANALYZE) copy")
    bench.psql("target", *(part for command in commands for part in ("-c", command)))
    bench.psql("target", "-c", "CHECKPOINT")
    return set(bench.psql("source", "-c", f"SELECT id FROM orders WHERE {condition}").split())


def row_of(case: str, samples: dict[str, list[Sample]]) -> str:
    base = statistics.median(each.seconds for each in samples["parity"]) if samples.get("parity") else None
    cells = [case]
    for name, each in samples.items():
        if not each:
            cells.append("")
            continue
        times = [sample.seconds for sample in each]
        median = statistics.median(times)
        ratio = f"; ×{median / base:.2f}" if base and name != "parity" else ""
        cells.append(f"{median:.2f} s ({min(times):.2f}–{max(times):.2f}){ratio}; {max(sample.megabytes for sample in each):.0f} MiB; {each[-1].right}")
    return "| " + " | ".join(cells) + " |"


def start(bench: Bench, arguments: argparse.Namespace) -> str:
    tables = "".join(f"  table_{n}: {{ key: id, checksum: {{ except: [updated_at], because: set anew }} }}\n" for n in range(500))
    spec = bench.spec("large", tables)
    lines = ["| command | median | range | memory |", "| --- | --- | --- | --- |"]
    for title, command in (("parity --version", [str(parity()), "--version"]), ("parity validate, 500 tables", [str(parity()), "validate", str(spec)])):
        results = [measured([command], bench.environment()) for _ in range(40)]
        times = sorted(seconds * 1000 for seconds, _, _ in results)
        assert all(codes == [0] for _, _, codes in results), f"{title} failed"
        lines.append(f"| {title} | {statistics.median(times):.1f} ms | {times[0]:.1f}–{times[-1]:.1f} ms | {max(peak for _, peak, _ in results):.0f} MiB |")
    return "\n".join(lines) + "\n"


def whole_run(bench: Bench, title: str, spec: Path) -> str:
    result = bench.folder / "run.json"
    seconds, peak, codes = measured([[str(parity()), "run", str(spec), "--json", str(result)]], bench.environment(), bench.folder / "run.txt")
    run = json.loads(result.read_text())
    statements = {(each["side"], each["sql"]) for case in run["cases"] for each in case["statements"]}
    assert codes == [0], (bench.folder / "run.txt").read_text()[-2000:]
    return f"| {title} | {seconds:.1f} s | {peak:.0f} MiB | {run['counts']['passed']} passed | {len(statements):,} |"


WHOLE = "| run | time | memory | checks | statements |\n| --- | --- | --- | --- | --- |\n"


def many(bench: Bench, arguments: argparse.Namespace) -> str:
    for side in ("source", "target"):
        bench.psql(side, "-c", "DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE small_%s (id int PRIMARY KEY, name text NOT NULL UNIQUE, amount numeric(12,2) NOT NULL CHECK (amount >= 0),"
                   " parent int REFERENCES small_%s, at timestamptz NOT NULL DEFAULT now())', i, greatest(1, i - 1)); EXECUTE format('INSERT INTO small_%s SELECT n, ''name '' || n, n / 4.0, n,"
                   " timestamptz ''2024-01-01 00:00+00'' + n * interval ''1 hour'' FROM generate_series(1, 50) n', i); END LOOP; END $$", "-c", "ANALYZE")  # fmt: skip
    columns = "".join(f", {name}: {{ not_null: true }}" for name in ("name", "amount", "at"))
    tables = "".join(f"  small_{n}: {{ column_count: 5, columns: {{ id: {{ not_null: true, unique: true }}{columns} }} }}\n" for n in range(1, 501))
    text, direct = WHOLE, dict(bench.urls)
    for milliseconds in (0, 20):
        links = []
        for side, url in direct.items():
            match = re.match(r"(.*@)([\d.]+):(\d+)(/.*)", url)
            assert match, url
            link = subprocess.Popen([sys.executable, str(HERE / "slow_link.py"), match[2], match[3], str(milliseconds)], stdout=subprocess.PIPE, text=True)
            links.append(link)
            assert link.stdout
            bench.urls[side] = f"{match[1]}127.0.0.1:{link.stdout.readline().strip()}{match[4]}"
        try:
            text += whole_run(bench, f"500 tables of 50 rows, round trips of {milliseconds} ms", bench.spec("many", tables)) + "\n"
        finally:
            for link in links:
                link.kill()
                link.wait()
            bench.urls.update(direct)
    return text


def narrow(bench: Bench, arguments: argparse.Namespace) -> str:
    rows = int(arguments.rows.split(",")[0]) if arguments.rows != DEFAULT_ROWS else 50_000_000
    for side in ("source", "target"):
        bench.psql(side, "-c", "CREATE UNLOGGED TABLE narrow (id bigint PRIMARY KEY, qty int NOT NULL, at timestamptz NOT NULL)",
                   "-c", f"INSERT INTO narrow SELECT n, n % 1000, timestamptz '2020-01-01 00:00+00' + n * interval '1 second' FROM generate_series(1, {rows}) n", "-c", "VACUUM (FREEZE, ANALYZE) narrow")  # fmt: skip
    return WHOLE + whole_run(bench, f"{rows:,} rows of three columns", bench.spec("narrow", "  narrow: { columns: skip, constraints: skip }\n")) + "\n"


def ablations(bench: Bench, arguments: argparse.Namespace) -> str:
    rows = int(arguments.rows.split(",")[0])
    for side in ("source", "target"):
        bench.psql(side, "-f", str(HERE / "tables.sql"), variables={"n": str(rows)})
    variants = {"as it is": [], "MD5 of each row": ["--digest", "md5"], "one connection a side": ["--jobs", "1"], "two": ["--jobs", "2"]}
    lines = [f"| {rows:,} rows | " + " | ".join(variants) + " |", "|" + " --- |" * (len(variants) + 1)]
    for case in ("same", "1,000 scattered", "100,000 scattered", "100,000 missing"):
        change, where, bench.column = CASES[case]
        truth = differing(bench, change, where, rows)
        samples: dict[str, list[Sample]] = {name: [] for name in variants}
        for _ in range(arguments.rounds):
            for name, flags in variants.items():
                samples[name].append(run_parity(bench, "copy", truth, *flags))
                print(f"{case}: {name} {samples[name][-1]}", flush=True)
        samples = {"parity": samples.pop("as it is"), **samples}
        lines.append(row_of(case, samples))
    return "\n".join(lines) + "\n"


COMMANDS = {"compare": compare, "start": start, "many": many, "narrow": narrow, "ablations": ablations}
DEFAULT_ROWS = "1000000,10000000"


def facts(bench: Bench) -> str:
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    version = bench.psql("source", "-c", "SHOW server_version")
    settings = bench.psql("source", "-c", "SELECT string_agg(name || ' ' || current_setting(name), ', ') FROM pg_settings WHERE name IN ('shared_buffers', 'max_parallel_workers_per_gather', 'jit', 'fsync')")
    return f"{datetime.date.today()}; {os.cpu_count()} cores, {model}; two PostgreSQL {version} on the same machine ({settings}).\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", default="compare", choices=COMMANDS)
    parser.add_argument("--rows", default=DEFAULT_ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", default="")
    parser.add_argument("--contenders", default="")
    arguments = parser.parse_args()
    stop_on_signals()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        servers = {}
        try:
            urls = {}
            for side in ("source", "target"):
                (folder / side).mkdir()
                servers[side] = Cluster(folder / side)
                urls[side] = servers[side].start()["url"]
            bench = Bench(folder, urls)
            text = COMMANDS[arguments.command](bench, arguments)
            print(text)
            record(arguments.command, facts(bench) + "\n" + text)
        finally:
            for server in servers.values():
                server.stop()


if __name__ == "__main__":
    main()
