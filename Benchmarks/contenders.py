"""Programs that compare the table `t` of both databases; what each found is told by `answer`, which begins with WRONG where it is."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from common import ROOT, Sample, checksum_case, fingerprints, parity, timed
from tables import Bench, Truth, reported

RELADIFF = ROOT / ".venv-bench-reladiff/bin/reladiff"
DVT = ROOT / ".venv-bench-dvt/bin/data-validation"


def last_line(said: Path) -> str:
    lines = said.read_text(errors="replace").strip().splitlines()
    return lines[-1][:90] if lines else ""


def run_parity(bench: Bench, truth: Truth, *flags: str) -> Sample:
    """Counts and columns are looked at, and where it writes a file of differences every key with its columns."""
    spec = bench.spec("case", "  t: { columns: skip, constraints: skip }\n")
    result, said, folder = bench.folder / "case.json", bench.folder / "parity.txt", bench.folder / "differences"
    result.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    command = [str(parity()), "run", str(spec), "--json", str(result), "--differences", str(folder), "--color", "never", *flags]
    sample = timed([command], bench.environment, [said])
    if not result.exists():
        sample.answer = f"WRONG: exit {sample.codes[0]}: {last_line(said)}"
        return sample
    case = checksum_case(result)
    if not flags:
        bench.statements = fingerprints(case)
    found, wanted = reported(case.get("rows")), (truth.counts, truth.columns)
    file = folder / "t.checksum.csv"
    has_file = file.exists()
    wrong = ""
    if found != wanted:
        wrong = f"{found} instead of {wanted}"
    elif sample.codes != [1 if truth.rows else 0]:
        wrong = f"exit {sample.codes[0]}"
    elif has_file:
        with file.open(newline="") as text:
            written = [tuple(line[:-2]) for line in list(csv.reader(text))[1:]]
        if len(written) != len(truth.lines) or set(written) != truth.lines:
            wrong = f"{len(written):,} lines in the CSV, {len(set(written) ^ truth.lines):,} not as they should be"
    elif truth.rows and not any(note.startswith("no file of its differing rows") for note in case["notes"]):
        wrong = "no CSV, and not a word of it"
    right = "keys and columns" if has_file else "rows and columns" if truth.rows else "the same"
    sample.answer = f"WRONG: {wrong}: {case['summary']}" if wrong else right
    return sample


def run_md5(bench: Bench, truth: Truth) -> Sample:
    return run_parity(bench, truth, "--digest", "md5")


def run_bare(bench: Bench, truth: Truth) -> Sample | None:
    """Parity's own statements that read the whole table, in a transaction with the settings that change their plans."""
    if set(bench.statements) != {"source", "target"}:
        return None
    settings = "BEGIN READ ONLY; SET LOCAL timezone = 'UTC'; SET LOCAL jit = off; SET LOCAL cursor_tuple_fraction = 1; SET LOCAL search_path = ''"
    sides = (("source", bench.source), ("target", bench.target))
    sent = {side: [word for sql in [settings, *bench.statements[side]] for word in ("-c", sql)] for side, _ in sides}
    sample = timed([["psql", url, "-XqAt", "-v", "ON_ERROR_STOP=1", *sent[side]] for side, url in sides])
    sample.answer = "fingerprints" if sample.codes == [0, 0] else f"WRONG: exit {sample.codes}"
    return sample


def run_count(bench: Bench, truth: Truth) -> Sample:
    sample = timed([["psql", url, "-XqAt", "-c", "SELECT count(*) FROM t"] for url in (bench.source, bench.target)])
    sample.answer = "nothing" if sample.codes == [0, 0] else f"WRONG: exit {sample.codes}"
    return sample


def run_reladiff(bench: Bench, truth: Truth) -> Sample | None:
    if not bench.key:
        return None
    said = bench.folder / "reladiff.txt"
    command = [str(RELADIFF), bench.source, "t", bench.target, "t", "--json", "-c", "%"]
    for name in bench.key:
        command += ["-k", name]
    # It wraps lines at the width of the terminal.
    sample = timed([command], {**os.environ, "COLUMNS": "100000"}, [said])
    found: set[tuple[str, ...]] = set()
    for line in said.read_text(errors="replace").splitlines():
        if line.startswith('["'):
            found.add(tuple(json.loads(line)[1][: len(bench.key)]))
    is_right = found == truth.keys and sample.codes == [0]
    sample.answer = "keys" if is_right else f"WRONG: {len(found):,} keys instead of {len(truth.keys):,}, exit {sample.codes[0]}: {last_line(said)}"
    return sample


def run_dvt(bench: Bench, truth: Truth) -> Sample | None:
    if len(bench.key) != 1:
        return None
    said, home = bench.folder / "dvt.txt", bench.folder / "dvt"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, "PSO_DV_CONN_HOME": str(home)}
    for side, url in (("source", bench.source), ("target", bench.target)):
        user, host, port, database = re.fullmatch(r"postgresql://(\w+)@([\d.]+):(\d+)/(\w+)", url).groups()  # type: ignore[union-attr]
        added = [str(DVT), "connections", "add", "--connection-name", side, "Postgres", "--host", host, "--port", port, "--user", user, "--password", "x", "--database", database]
        subprocess.run(added, env=environment, check=True, capture_output=True)
    command = [
        str(DVT), "validate", "row", "-sc", "source", "-tc", "target", "-tbls", "public.t=public.t", "--primary-keys", bench.key[0], "--hash", "*",
        "--filter-status", "fail", "--format", "json",
    ]  # fmt: skip
    sample = timed([command], environment, [said])
    count = len(re.findall(r'"validation_status": ?"fail"', said.read_text(errors="replace")))
    is_right = count == truth.rows and sample.codes == [0]
    sample.answer = "rows" if is_right else f"WRONG: {count:,} rows instead of {truth.rows:,}, exit {sample.codes[0]}: {last_line(said)}"
    return sample


Contender = Callable[[Bench, Truth], Sample | None]
CONTENDERS: dict[str, Contender] = {"parity": run_parity, "md5": run_md5, "bare": run_bare, "count": run_count, "reladiff": run_reladiff, "dvt": run_dvt}
#: How the results call them.
TITLES = {"md5": "parity, MD5 of each row", "bare": "bare SQL", "count": "count(*)", "dvt": "DVT"}
NEEDED = {"reladiff": RELADIFF, "dvt": DVT}


def installed(names: list[str]) -> tuple[list[str], str]:
    """Those that can run, and a sentence about the others."""
    missing = [name for name in names if name in NEEDED and not NEEDED[name].exists()]
    return [name for name in names if name not in missing], f"Not installed: {', '.join(missing)}.\n\n" if missing else ""
