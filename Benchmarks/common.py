"""What all parts of the benchmark share: a cluster sized for measuring, timed processes, tables of results."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "Tests" / "Support")]

from throwaway import Postgres, parity  # noqa: E402

#: Longer than anything that still works.
LIMIT = 3600.0
#: Beyond what tests need; the rest is PostgreSQL's default.
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "1h", "maintenance_work_mem": "512MB"}


class Cluster(Postgres):
    """The tests' throw-away PostgreSQL with more memory: of two settings on a command line the later one counts."""

    @staticmethod
    def program(name: str) -> str:
        found = Postgres.program(name)
        if name != "postgres":
            return found
        # A script, because the class that starts the server knows one word for the program only.
        return str(Cluster.script)

    script: Path

    def start(self) -> dict[str, Any]:
        self.home.mkdir(parents=True, exist_ok=True)
        Cluster.script = self.home / "postgres.sh"
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        Cluster.script.write_text(f'#!/bin/sh\nexec "{Postgres.program("postgres")}" "$@" {options}\n')
        Cluster.script.chmod(0o755)
        return super().start()


@dataclass
class Sample:
    seconds: float
    #: The most memory of each process, summed.
    megabytes: float
    codes: list[int]
    answer: str = ""


def timed(commands: list[list[str]], environment: dict[str, str] | None = None, outputs: list[Path] | None = None, limit: float = LIMIT) -> Sample:
    """Runs commands at once; output goes to `outputs` or nowhere."""
    asked = {"commands": commands, "outputs": [str(o) for o in outputs] if outputs else [os.devnull] * len(commands), "limit": limit}
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(HERE / "launch.py")], input=json.dumps(asked), env=environment or dict(os.environ), text=True, stdout=subprocess.PIPE, check=True
    )
    found = json.loads(done.stdout)
    processes = found["processes"]
    return Sample(found["seconds"], sum(p["megabytes"] for p in processes), [p["exit"] for p in processes])


def psql(url: str, *statements: str, file: Path | None = None, **variables: object) -> str:
    command = [Postgres.program("psql"), url, "-XqAt", "-v", "ON_ERROR_STOP=1"]
    for name, value in variables.items():
        command += ["-v", f"{name}={value}"]
    for statement in statements:
        command += ["-c", statement]
    if file:
        command += ["-f", str(file)]
    done = subprocess.run(command, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{done.stderr.strip()}\n  in: {statements or file}")
    return done.stdout.strip()


def checksum_case(result: Path) -> dict[str, Any]:
    """The one case a measured run is about."""
    return next(case for case in json.loads(result.read_text())["cases"] if case["id"].endswith(".checksum"))


def fingerprints(case: dict[str, Any]) -> dict[str, list[str]]:
    """The statements of each side that read the whole table, or a range of it; those that look closer name their buckets."""
    found: dict[str, list[str]] = {}
    for statement in case["statements"]:
        if "AS bucket" in statement["sql"] and "unnest(" not in statement["sql"]:
            found.setdefault(statement["side"], []).append(statement["sql"])
    return found


def cell(samples: list[Sample], base: list[Sample] | None, unit: str = "s") -> str:
    """One contender's times, memory and answer; `base` are those of the contender that it is measured by."""
    if not samples:
        return "–"
    factor, digits = (1000, 1) if unit == "ms" else (1, 2)
    times = [s.seconds * factor for s in samples]
    median = statistics.median(times)
    said = [f"{median:.{digits}f} {unit} ({min(times):.{digits}f}–{max(times):.{digits}f})"]
    if base and base is not samples:
        said.append(f"×{median / factor / statistics.median(s.seconds for s in base):.2f}")
    said.append(f"{max(s.megabytes for s in samples):.0f} MiB")
    wrong = [s.answer for s in samples if s.answer.startswith("WRONG")]
    said.append(wrong[0] if wrong else samples[-1].answer)
    return "; ".join(part for part in said if part)


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def facts(url: str) -> str:
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    names = "'shared_buffers', 'work_mem', 'max_wal_size', 'max_parallel_workers_per_gather', 'jit', 'fsync'"
    settings = psql(url, f"SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) FROM pg_settings WHERE name IN ({names})")
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, text=True, capture_output=True).stdout.strip()
    version = subprocess.run([str(parity()), "--version"], text=True, capture_output=True).stdout.strip()
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{datetime.date.today()}; {os.cpu_count()} cores, {model}; PostgreSQL {psql(url, 'SHOW server_version')} ({settings}); Parity {version}, tree at "
        f"{commit or 'no commit'}; load averages at the end {busy}. Times are the median (least–most), memory the peak of all processes of a contender.\n"
    )


def record(name: str, text: str) -> None:
    """Replaces one section of RESULTS.md."""
    path = HERE / "RESULTS.md"
    old = path.read_text() if path.exists() else "# Measurements\n"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{begin}\n{text.rstrip()}\n{end}"
    if begin in old:
        path.write_text(old[: old.index(begin)] + section + old[old.index(end) + len(end) :])
    else:
        path.write_text(f"{old.rstrip()}\n\n## {name}\n\n{section}\n")
