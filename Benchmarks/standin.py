"""Times Parity against the stand-in for Snowflake, and the official connector sending the same statements to it.

The stand-in computes in DuckDB on this machine: its times say what Parity costs beside a client that only sends and
fetches, and nothing about Snowflake's own speed. The connector speaks the older protocol, Parity the SQL API.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from pathlib import Path

from common import HERE, Sample, cell, checksum_case, parity, psql, table, timed
from parts import in_turns

from migrate import Migration
from throwaway import Snowflake, Standin, database_url

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


def compare(folder: Path, url: str, given: Namespace) -> str:
    standin = Standin(folder / "snowflake")
    try:
        standin.start()
        standin.name_connection("bench")
        return "".join(compared(folder, url, standin.home, rows, given.rounds) for rows in given.rows)
    finally:
        standin.stop()


def compared(folder: Path, url: str, home: Path, rows: int, rounds: int) -> str:
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
        title = f"{block:,} missing" if case == "missing" else case
        sent: list[str] = []

        def run() -> Sample:
            sample, sent[:] = run_parity(folder, source, home, wanted)
            return sample

        samples = in_turns({"parity": run, "connector": lambda: run_connector(folder, home, sent)}, rounds, f"{rows:,} rows, {title}")
        lines.append([title, *(cell(each, samples["parity"]) for each in samples.values())])
    psql(url, f"DROP DATABASE {name}")
    return f"### {rows:,} rows\n\n" + table(["case", "parity, both sides", "connector, Snowflake's side only"], lines) + "\n"
