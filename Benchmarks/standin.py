#!/usr/bin/env python3
"""Times Parity against the stand-in for Snowflake, and the official connector sending the same statements to it.

    Benchmarks/standin.py [--rows 100000,1000000] [--rounds 3] [--record]

The stand-in computes in DuckDB on this machine: its times say what Parity costs beside a client that only sends and
fetches, and nothing about Snowflake's own speed. The connector speaks the older protocol, Parity the SQL API.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parent)]

from common import HERE, Cluster, Sample, cell, checksum_case, facts, parity, psql, record, table, timed  # noqa: E402

from throwaway import Snowflake, Standin, database_url, stop_on_signals, use_virtual_environment  # noqa: E402

if __name__ == "__main__":
    use_virtual_environment()

from migrate import Migration  # noqa: E402

#: Sends statements one after the other and fetches all rows; its own process, so that it can be measured.
SENDER = """
import json, sys, tomllib
import snowflake.connector
given = tomllib.load(open(sys.argv[1], "rb"))["standin_v1"]
connection = snowflake.connector.connect(**given, session_parameters={"CLIENT_TELEMETRY_ENABLED": False})
cursor = connection.cursor()
for statement in json.load(open(sys.argv[2])):
    cursor.execute(statement).fetchall()
connection.close()
"""
#: What is changed in Snowflake.
CASES = {
    "same": "",
    "one row differs": "UPDATE ORDERS SET AMOUNT = AMOUNT + 0.01 WHERE ID = {middle}",
    "missing": "DELETE FROM ORDERS WHERE ID > {middle} AND ID <= {middle} + {block}",
}


def run_parity(folder: Path, url: str, home: Path, wanted: tuple[int, int]) -> tuple[Sample, list[str]]:
    """The sample, and the statements that went to Snowflake."""
    spec, result, said = folder / "case.yml", folder / "case.json", folder / "parity.txt"
    result.unlink(missing_ok=True)
    spec.write_text(
        "version: 1\nname: Benchmark\nsource: { postgres: $SOURCE_URL }\ntarget: { snowflake: bench, database: BENCH }\nunlisted_tables: ignore\n"
        "tables:\n  orders: { columns: skip, constraints: skip }\n"
    )
    environment = {**os.environ, "SOURCE_URL": url, "SNOWFLAKE_HOME": str(home), "XDG_CACHE_HOME": str(folder / "cache")}
    sample = timed([[str(parity()), "run", str(spec), "--json", str(result), "--color", "never"]], environment, [said])
    if not result.exists():
        sample.answer = f"WRONG: exit {sample.codes[0]}: {said.read_text().strip()[-200:]}"
        return sample, []
    case = checksum_case(result)
    rows = case.get("rows") or {"modified": 0, "removed": 0, "added": 0}
    found = (rows["modified"], rows["removed"])
    is_right = found == wanted and rows["added"] == 0 and sample.codes == [int(wanted != (0, 0))]
    sample.answer = "rows" if is_right else f"WRONG: {found} instead of {wanted}, exit {sample.codes[0]}: {case['summary']}"
    sent = [s["sql"] for c in json.loads(result.read_text())["cases"] for s in c["statements"] if s["side"] == "target"]
    return sample, list(dict.fromkeys(sent))


def run_connector(folder: Path, home: Path, statements: list[str]) -> Sample:
    path, said = folder / "statements.json", folder / "connector.txt"
    path.write_text(json.dumps(statements))
    sample = timed([[sys.executable, "-c", SENDER, str(home / "connections.toml"), str(path)]], outputs=[said])
    last = said.read_text().strip().splitlines()[-1:] or [""]
    sample.answer = f"{len(statements)} statements" if sample.codes == [0] else f"WRONG: exit {sample.codes[0]}: {last[0][:90]}"
    return sample


def compare(folder: Path, url: str, home: Path, given: argparse.Namespace) -> str:
    text = ""
    for rows in (int(n) for n in given.rows.split(",")):
        name = f"bench_{rows}"
        psql(url, f"CREATE DATABASE {name}")
        source = database_url(url, name)
        psql(source, file=HERE / "tables.sql", n=rows)
        middle, block = rows // 2, min(100_000, rows // 10)
        lines = []
        for case, change in CASES.items():
            Migration(source, home, "BENCH").run()
            if change:
                Snowflake(home, "BENCH").sql(change.format(middle=middle, block=block))
            wanted = {"same": (0, 0), "one row differs": (1, 0), "missing": (0, block)}[case]
            samples: dict[str, list[Sample]] = {"parity": [], "connector": []}
            for _ in range(given.rounds):
                sample, statements = run_parity(folder, source, home, wanted)
                samples["parity"].append(sample)
                samples["connector"].append(run_connector(folder, home, statements))
                for who, each in samples.items():
                    print(f"{rows:,}, {case}: {who} {each[-1].seconds:.2f} s, {each[-1].megabytes:.0f} MiB, {each[-1].answer}", flush=True)
            lines.append([f"{block:,} missing" if case == "missing" else case, *(cell(s, samples["parity"]) for s in samples.values())])
        text += f"### {rows:,} rows\n\n" + table(["case", "parity, both sides", "connector, Snowflake's side only"], lines) + "\n"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write the results into RESULTS.md")
    given = parser.parse_args()
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix="parity-standin-"))
    folder.chmod(0o755)
    cluster, standin = Cluster(folder / "postgres"), Standin(folder / "snowflake")
    try:
        url = cluster.start()["url"]
        standin.start()
        standin.name_connection("bench")
        text = compare(folder, url, standin.home, given)
        text = facts(url) + "\n" + text
    finally:
        standin.stop()
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if given.record:
        record("standin", text)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
