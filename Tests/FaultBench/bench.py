#!/usr/bin/env python3
"""The fault bench: plant a fault, run Parity, see that it is named and nothing else is; undo it.

    Tests/FaultBench/bench.py                 all faults of faults.py
    Tests/FaultBench/bench.py --only 12,18b   some of them
    Tests/FaultBench/bench.py --list          what there is

Faults in Chinook need its script: set PARITY_SHARED to the folder that holds data/chinook/chinook_postgres.sql.
The exit status is 0 only if every fault was caught and every benign change passed.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "Support")]

from throwaway import ROOT, Snowflake, Standin, StandinError, both, database_url, parity, stop_on_signals, use_virtual_environment  # noqa: E402

use_virtual_environment()

import psycopg  # noqa: E402

from dbt_faults import DBT, DBT_FAULTS  # noqa: E402
from dbt_models import LEGACY, Models, put_beside  # noqa: E402
from faults import FAULTS, Fault  # noqa: E402
from migrate import Migration  # noqa: E402

#: Where the untouched copies of the target's tables are kept.
CLEAN = "CLEAN"
#: Who may do what in the shop. Roles belong to a whole PostgreSQL server, grants to the database.
SOURCE_ROLES = ("CREATE ROLE bench_reader", "CREATE ROLE bench_other", "CREATE ROLE bench_person", "GRANT bench_reader TO bench_person")
SOURCE_GRANTS = ("GRANT SELECT ON orders, products TO bench_reader",)
TARGET_ROLES = (
    "CREATE ROLE BENCH_READER", "CREATE ROLE BENCH_OTHER", "CREATE ROLE BENCH_DEEP", "CREATE DATABASE ROLE SHOP.BENCH_LOCAL",
    "CREATE USER BENCH_PERSON TYPE = SERVICE", "GRANT ROLE BENCH_READER TO USER BENCH_PERSON", "GRANT ROLE BENCH_READER TO USER PARITY",
    "GRANT USAGE ON DATABASE SHOP TO ROLE BENCH_READER", "GRANT USAGE ON SCHEMA SHOP.PUBLIC TO ROLE BENCH_READER",
)  # fmt: skip
TARGET_GRANTS = tuple(f"GRANT SELECT ON TABLE SHOP.PUBLIC.{table} TO ROLE BENCH_READER" for table in ("ORDERS", "PRODUCTS"))
EXCLUDED = {"shop": {"schema_migrations"}, "chinook": set()}


def chinook_script() -> Path | None:
    folder = os.environ.get("PARITY_SHARED")
    path = Path(folder) / "data" / "chinook" / "chinook_postgres.sql" if folder else None
    return path if path and path.exists() else None


class Database:
    """One database on both sides, and how to bring it back to what it was."""

    def __init__(self, name: str, url: str, home: Path, script: str, scale: str, loader: str):
        self.name, self.server, self.home = name, url, home
        self.url = database_url(url, name)
        self.spec = HERE / f"{name}.yml"
        self._administer(f"CREATE DATABASE {name}_clean")
        with psycopg.connect(database_url(url, f"{name}_clean")) as connection:
            connection.execute(f"SET shop.scale = '{scale}'")
            connection.execute(script)
            if name == "shop":
                for statement in SOURCE_ROLES + SOURCE_GRANTS:
                    connection.execute(statement)
                connection.execute(LEGACY)
            self.tables = {
                row[0] for row in connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
            } - EXCLUDED[name]
        self._administer(f"CREATE DATABASE {name} TEMPLATE {name}_clean")
        self.snowflake = Snowflake(home, name.upper())
        self.migration().run(loader, excluded=EXCLUDED[name])
        self.snowflake.sql(f"CREATE SCHEMA {name.upper()}.{CLEAN}")
        for table in sorted(self.tables):
            self.snowflake.sql(f"CREATE TABLE {self._clean(table)} CLONE {self._target(table)}")
        self.models: Models | None = None
        if name == "shop":
            for statement in TARGET_ROLES + TARGET_GRANTS:
                self.snowflake.sql(statement)
            self.models = Models(self.snowflake)

    def _administer(self, *statements: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _target(self, table: str) -> str:
        return f"{self.name.upper()}.PUBLIC.{table.upper()}"

    def _clean(self, table: str) -> str:
        return f"{self.name.upper()}.{CLEAN}.{table.upper()}"

    def migration(self, **options: object) -> Migration:
        return Migration(self.url, self.home, self.name.upper(), keeps_sequences=True, **options)

    def plant(self, fault: Fault) -> None:
        if fault.source:
            with psycopg.connect(self.url) as connection:
                for statement in _several(fault.source):
                    connection.execute(statement)
        if fault.remigrate:
            self.migration(**fault.remigrate).run(only=set(fault.tables))
        for statement in _several(fault.target):
            self.snowflake.sql(statement.replace("{clean}", f"{self.name.upper()}.{CLEAN}"))
        if self.models and fault.arguments == DBT:
            self.models.build(fault.models)
        for statement in fault.after:
            self.snowflake.sql(statement)
        for kind, events in fault.history.items():
            self.snowflake.control("POST", kind, events)
        if standin := fault.variables.get("standin"):
            self.snowflake.control("POST", "fault", {"fault": standin})
        if user := fault.variables.get("user"):
            self.snowflake.control("POST", "user", user)

    def undo(self, fault: Fault) -> None:
        if "standin" in fault.variables:
            self.snowflake.control("POST", "fault", {"fault": "none"})
        for kind in fault.history:
            self.snowflake.control("DELETE", kind)
        for statement in fault.undo:
            if statement.startswith("source: "):
                with psycopg.connect(self.url) as connection:
                    connection.execute(statement.removeprefix("source: "))
            else:
                self.snowflake.sql(statement)
        if fault.target or fault.remigrate:
            for table in fault.tables:
                if table in self.tables:
                    self.snowflake.sql(f"CREATE OR REPLACE TABLE {self._target(table)} CLONE {self._clean(table)}")
        if self.name == "shop":
            # Whatever was done to them, or lost with a table that was made anew.
            for statement in TARGET_GRANTS:
                self.snowflake.sql(statement)
        if fault.source:
            self._administer(f"DROP DATABASE {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name} TEMPLATE {self.name}_clean")

    def run(self, scratch: Path, arguments: list[str], spec: Path, **variables: str) -> tuple[int, dict[str, dict], str]:
        """Exit status, cases by `object.check`, and what was said."""
        result = scratch / "result.json"
        result.unlink(missing_ok=True)
        environment = {**os.environ, "DATABASE_URL": self.url, "SNOWFLAKE_HOME": str(self.home), **variables}
        done = subprocess.run(
            [str(parity()), "run", str(spec), "--json", str(result), "--color", "never", *arguments],
            env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
        )
        cases = {}
        if result.exists():
            cases = {c["id"].split(".", 2)[2]: c for c in json.loads(result.read_text())["cases"]}
        return done.returncode, cases, done.stdout


def _several(statements: tuple[str, ...] | str) -> tuple[str, ...]:
    return (statements,) if isinstance(statements, str) else statements


def variables(fault: Fault, url: str) -> dict[str, str]:
    """The fault's variables; `{as:NAME}` is the database's URL with another user."""
    found = {}
    for name, value in fault.variables.items():
        if name.isupper():
            user = re.fullmatch(r"\{as:(\w+)\}", value)
            found[name] = url.replace("//postgres@", f"//{user[1]}@") if user else value
    return found


def beside(folder: Path, original: Path, fault: Fault | None = None) -> Path:
    """A copy of the spec in which the fault is planted, with the files that it names beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "dbt", folder / "dbt")
    put_beside(folder, fault.artifacts if fault else None)
    spec = folder / original.name
    spec.write_text(original.read_text().replace(*fault.spec) if fault and fault.spec else original.read_text())
    for name, text in fault.files.items() if fault else ():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return spec


def judge(fault: Fault, status: int, cases: dict[str, dict], excused: set[str]) -> list[str]:
    """What is wrong with the outcome; nothing if it is as it must be."""
    problems = []
    expected = {name: "failed" for name in fault.fails.split()} | {name: "errored" for name in fault.errs.split()}
    for name, outcome in expected.items():
        case = cases.get(name)
        if not case:
            problems.append(f"there is no check {name}")
        elif case["outcome"] != outcome:
            problems.append(f"{name} {case['outcome']}: {case['summary']}")
    allowed = fault.may.split()
    for name, case in cases.items():
        bad = case["outcome"] in ("failed", "errored")
        if bad and name not in expected and name not in excused and not any(fnmatch.fnmatchcase(name, a) for a in allowed):
            problems.append(f"also {case['outcome']}: {name}: {case['summary']}")
    wanted = fault.exit if fault.exit is not None else 0 if fault.is_benign else 1
    if status != wanted and not (excused and status == 1):
        problems.append(f"exit status {status}, not {wanted}")
    return problems


class Bench:
    def __init__(self, databases: dict[str, Database], scratch: Path, is_verbose: bool):
        self.databases, self.scratch, self.is_verbose = databases, scratch, is_verbose
        self.excused: dict[str, set[str]] = {}
        self.caught = self.quiet = self.faults = self.benign = 0

    def baseline(self, when: str) -> bool:
        """Nothing is planted, so everything must pass."""
        good = True
        for name, database in self.databases.items():
            if database.models:
                # The tables below them may have been made anew since.
                database.models.build({})
            status, cases, said = database.run(self.scratch, [], beside(self.scratch / "specs", database.spec))
            alarms = {n: c for n, c in cases.items() if c["outcome"] in ("failed", "errored")}
            self.excused[name] = set(alarms)
            print(f"{'ok    ' if status == 0 else 'ALARM '}      {name} {when}, {len(cases)} checks", flush=True)
            for check, case in alarms.items():
                print(f"                  {check} {case['outcome']}: {case['summary']}")
            if status != 0:
                good = False
                if not alarms or self.is_verbose:
                    print(said)
        return good

    def one(self, fault: Fault) -> None:
        database = self.databases[fault.database]
        began = time.monotonic()
        said, cases, problems = "", {}, []
        try:
            database.plant(fault)
            arguments = list(fault.arguments) if fault.arguments else ["--select", ",".join(f"table:{t}" for t in fault.tables)]
            spec = beside(self.scratch / "specs", database.spec, fault)
            status, cases, said = database.run(self.scratch, arguments, spec, **variables(fault, database.url))
            problems = judge(fault, status, cases, self.excused.get(database.name, set()))
            written = said + json.dumps(cases, ensure_ascii=False)
            problems += [f"the sensitive text {text} was shown" for text in fault.hides if text in written]
        except (StandinError, psycopg.Error, subprocess.TimeoutExpired) as error:
            problems = [f"could not be planted: {error}"]
        finally:
            database.undo(fault)
        self._count(fault, problems, cases, said, time.monotonic() - began)

    def _count(self, fault: Fault, problems: list[str], cases: dict[str, dict], said: str, seconds: float) -> None:
        if fault.is_benign:
            self.benign += 1
            self.quiet += not problems
        else:
            self.faults += 1
            self.caught += not problems
        named = [f"{n} ({cases[n]['summary']})" for n in (fault.fails or fault.errs).split() if n in cases]
        by = "nothing reported" if fault.is_benign else named[0] if named else f"exit status {fault.exit}"
        word = "ok    " if not problems else "ALARM " if fault.is_benign else "MISSED"
        print(f"{word} {fault.number:>5} {fault.name:<58} {'' if problems else by:.90}  {seconds:.1f}s", flush=True)
        for problem in problems:
            print(f"                  {problem}")
        if self.is_verbose and problems:
            print(said)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="numbers of faults, separated by commas; 12 means 12, 12b and so on")
    parser.add_argument("--scale", default="0.01", help="size of the shop; 1 is 200,000 rows")
    parser.add_argument("--list", action="store_true", help="say what there is and stop")
    parser.add_argument("--verbose", action="store_true", help="show Parity's output where it was not as expected")
    given = parser.parse_args()
    numbers = [n.strip() for n in given.only.split(",") if n.strip()]
    chosen = [f for f in [*FAULTS, *DBT_FAULTS] if not numbers or f.number in numbers or re.sub(r"\D", "", f.number) in numbers]
    if given.list:
        for fault in chosen:
            print(f"{fault.number:>5} {fault.name:<58} {fault.where:<24} {fault.fails or fault.errs or 'benign' if not fault.exit else f'exit {fault.exit}'}")
        return
    if not chosen:
        sys.exit(f"bench: no fault has the number {given.only}")
    stop_on_signals()
    parity()
    scripts = {"shop": (ROOT / "Tests/Support/shop.sql").read_text()}
    chinook = chinook_script()
    if chinook:
        scripts["chinook"] = re.sub(r"(?m)^\\c.*$|^(CREATE|DROP) DATABASE.*$", "", chinook.read_text(encoding="utf-8-sig"))
    else:
        left = [f for f in chosen if f.database == "chinook"]
        print(f"skipped: {len(left)} faults in Chinook. Set PARITY_SHARED to the folder that holds data/chinook/chinook_postgres.sql.")
        chosen = [f for f in chosen if f.database != "chinook"]
        if not chosen:
            return
    needed = {f.database for f in chosen}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parity-bench-") as folder:
        os.chmod(folder, 0o755)  # PostgreSQL's own user must get in
        scratch = Path(folder)
        with both(scratch, "shop") as (url, home):
            Standin(home).name_connection("chinook")
            databases = {
                name: Database(name, url, home, scripts[name], given.scale, "connector" if name == "chinook" else "copy") for name in sorted(needed)
            }
            bench = Bench(databases, scratch, given.verbose)
            good = bench.baseline("as it was copied")
            for fault in chosen:
                bench.one(fault)
            good = bench.baseline("with everything undone") and good
    print(
        f"\n{bench.caught} of {bench.faults} faults caught, {bench.quiet} of {bench.benign} benign quiet, in {time.monotonic() - began:.0f} s"
        + ("" if good else "; the unharmed databases raised an alarm")
    )
    sys.exit(0 if good and bench.caught == bench.faults and bench.quiet == bench.benign else 1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
