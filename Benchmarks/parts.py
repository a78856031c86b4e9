"""The parts of the benchmark that need PostgreSQL only. Each returns the text for its section of RESULTS.md.

Contenders take turns, so that a busy minute is shared by all.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from common import HERE, Sample, cell, parity, psql, table, timed
from contenders import CONTENDERS, TITLES, Contender, installed, run_parity
from tables import Bench, Case, cases

#: Programs that are not Parity: their wrong answers are results, Parity's are failures of the benchmark.
OTHERS = {"bare", "count", "reladiff", "dvt", "connector"}
#: Parity's wrong answers.
failures: list[str] = []


def in_turns(contenders: dict[str, Callable[[], Sample | None]], rounds: int, what: str) -> dict[str, list[Sample]]:
    """Runs each as often as there are rounds; `what` is compared."""
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            sample = run()
            if sample:
                samples[name].append(sample)
                if name not in OTHERS and sample.answer.startswith("WRONG"):
                    failures.append(f"{what}: {name}: {sample.answer}")
                print(f"{what}: {name} {sample.seconds:.2f} s, {sample.megabytes:.0f} MiB, {sample.answer}", flush=True)
    return samples


def compared(bench: Bench, contenders: dict[str, Contender], case: Case, rounds: int) -> list[str]:
    """The cells of a case; the first contender is what the others are measured by."""
    bench.copy(case)
    truth = bench.truth(case)
    samples = in_turns({name: partial(run, bench, truth) for name, run in contenders.items()}, rounds, f"{bench.kind}, {case.title}")
    psql(bench.url, "DROP DATABASE bench_target")
    return [cell(each, next(iter(samples.values()))) for each in samples.values()]


def chosen(given: Namespace, rows: int, default: str) -> list[Case]:
    known = cases(rows)
    return [known[name] for name in (given.cases or default).split(",")]


def compare(bench: Bench, given: Namespace) -> str:
    """Parity beside bare SQL, reladiff and DVT where the key is a whole number."""
    names, text = installed((given.contenders or "parity,bare,count,reladiff,dvt").split(","))
    contenders = {name: CONTENDERS[name] for name in names}
    for rows in given.rows:
        bench.build("orders", rows)
        lines = [[case.title, *compared(bench, contenders, case, given.rounds)] for case in chosen(given, rows, ",".join(cases(rows)))]
        text += f"### {rows:,} rows\n\n" + table(["case", *(TITLES.get(n, n) for n in names)], lines) + "\n"
    return text


def keys(bench: Bench, given: Namespace) -> str:
    """Other keys: composite, text, uuid, none; the truth is a full outer join of both tables."""
    names, text = installed((given.contenders or "parity,bare,count,reladiff").split(","))
    contenders = {name: CONTENDERS[name] for name in names}
    for rows in given.rows:
        lines = []
        for kind in given.kinds.split(","):
            bench.build(kind, rows)
            [count] = [int(n) for n in psql(bench.source, "SELECT count(*) FROM t").split()]
            for case in chosen(given, count, "same,one,scattered,missing"):
                lines.append([kind, case.title, *compared(bench, contenders, case, given.rounds)])
        text += f"### {rows:,} rows\n\n" + table(["key", "case", *(TITLES.get(n, n) for n in names)], lines) + "\n"
    return text


def ablations(bench: Bench, given: Namespace) -> str:
    """The same comparison done otherwise."""
    variants = {"as it is": [], "MD5 of each row": ["--digest", "md5"], "two connections a side": ["--jobs", "2"], "one connection a side": ["--jobs", "1"]}

    def run(flags: list[str]) -> Contender:
        return lambda bench, truth: run_parity(bench, truth, *flags)

    contenders = {name: run(flags) for name, flags in variants.items()}
    text = ""
    for rows in given.rows:
        bench.build("orders", rows)
        lines = [[case.title, *compared(bench, contenders, case, given.rounds)] for case in chosen(given, rows, "same,scattered,many-scattered,missing")]
        text += table([f"{rows:,} rows", *variants], lines) + "\n"
    return text


def start(bench: Bench, given: Namespace) -> str:
    """How long it takes until Parity has read its words, and a large spec."""
    tables = "".join(f"  table_{n}: {{ key: id, checksum: {{ except: [updated_at], because: set anew }} }}\n" for n in range(500))
    commands = {"parity --version": ["--version"], "parity validate, 500 tables": ["validate", str(bench.spec("large", tables))]}

    def run(words: list[str]) -> Sample:
        sample = timed([[str(parity()), *words]], bench.environment)
        sample.answer = "" if sample.codes == [0] else f"WRONG: exit {sample.codes[0]}"
        return sample

    samples = in_turns({title: partial(run, words) for title, words in commands.items()}, given.rounds, "start")
    return table(["command", "time"], [[title, cell(each, None, unit="ms")] for title, each in samples.items()])


#: A model as projects have them: a configuration, references, a loop, a variable made a number.
MODEL = """{{{{ config(materialized='incremental', unique_key='id', tags=['daily']) }}}}
-- Model {number}
with recent as (
    select * from {{{{ ref('staging_{number}') }}}}
    where status in ('paid', 'sent')
    {{% if is_incremental() %}} and changed_at > (select max(changed_at) from {{{{ this }}}}) {{% endif %}}
)
select
    id,
{columns}
    {{% for method in ['card', 'cash', 'gift'] %}}
    sum(case when method = '{{{{ method }}}}' then amount end) as {{{{ method }}}}_amount,
    {{% endfor %}}
    {{{{ cents('amount') }}}} as cents
from recent join {{{{ source('shop', 'payments') }}}} p using (id)
where p.paid_at > current_date - {{{{ var('days', 30) | int }}}}{planted}
group by 1
"""


def lint(bench: Bench, given: Namespace) -> str:
    """How long `parity lint` takes for a dbt project of so many models, of which each hundredth has a finding."""
    rows = []
    for count in given.rows:
        project = bench.folder / f"project_{count}"
        (project / "macros").mkdir(parents=True)
        (project / "dbt_project.yml").write_text('name: big\nmodels:\n  big:\n    +post-hook: "analyze {{ this }}"\n')
        (project / "macros" / "cents.sql").write_text("{% macro cents(column) %}round({{ column }} * 100){% endmacro %}\n")
        columns = "\n".join(f"    coalesce(column_{n}, {n}) as column_{n}," for n in range(20))
        size = 0
        for number in range(count):
            folder = project / "models" / f"area_{number // 100}"
            folder.mkdir(parents=True, exist_ok=True)
            planted = " and area = {{ var('area') }}" if number % 100 == 7 else ""
            text = MODEL.format(number=number, columns=columns, planted=planted)
            size += len(text)
            (folder / f"model_{number}.sql").write_text(text)
            if number % 10 == 0:
                fields = "".join(f"      - name: column_{n}\n        data_tests: [not_null]\n" for n in range(20))
                (folder / f"model_{number}.yml").write_text(f"models:\n  - name: model_{number}\n    columns:\n{fields}")

        def run(project: Path = project, count: int = count) -> Sample:
            output = bench.folder / "lint.json"
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            sample = timed([[str(parity()), "lint", str(project), "--format", "json"]], bench.environment, [output])
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            # With what it takes to start the process that measures, a few hundredths.
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            found = len(json.loads(output.read_text())["findings"])
            is_right = sample.codes == [1] and found == count // 100
            sample.answer = f"{cpu:.2f} s of processor time; {found} findings" if is_right else f"WRONG: exit {sample.codes[0]}, {found} findings"
            return sample

        samples = in_turns({"parity lint": run}, given.rounds, f"lint of {count:,} models")
        rows.append([f"{count:,} models, {size / 1e6:.1f} MB, {(count + 9) // 10:,} files of properties", cell(samples["parity lint"], None)])
    return table(["project", "parity lint"], rows)


def whole_run(bench: Bench, given: Namespace, title: str, tables: str) -> str:
    """A run that must pass, with what it took."""
    spec, result, said = bench.spec("whole", tables), bench.folder / "run.json", bench.folder / "run.txt"

    def run() -> Sample:
        result.unlink(missing_ok=True)
        sample = timed([[str(parity()), "run", str(spec), "--json", str(result)]], bench.environment, [said])
        if sample.codes != [0] or not result.exists():
            sample.answer = f"WRONG: exit {sample.codes[0]}: {said.read_text(errors='replace').strip()[-200:]}"
            return sample
        found = json.loads(result.read_text())
        statements = {(each["side"], each["sql"]) for case in found["cases"] for each in case["statements"]}
        sample.answer = f"{found['counts']['passed']:,} checks passed with {len(statements):,} statements"
        return sample

    [samples] = in_turns({"parity": run}, given.rounds, title).values()
    return table(["run", "parity"], [[title, cell(samples, None)]])


@contextmanager
def slow_links(bench: Bench, milliseconds: int) -> Iterator[None]:
    """Both sides behind links whose round trips take so long."""
    direct, links = dict(bench.environment), []
    try:
        for name in ("SOURCE_URL", "TARGET_URL"):
            match = re.match(r"(.*@)([\d.]+):(\d+)(/.*)", direct[name])
            assert match, direct[name]
            link = subprocess.Popen([sys.executable, str(HERE / "slow_link.py"), match[2], match[3], str(milliseconds)], stdout=subprocess.PIPE, text=True)
            links.append(link)
            assert link.stdout
            bench.environment[name] = f"{match[1]}127.0.0.1:{link.stdout.readline().strip()}{match[4]}"
        yield
    finally:
        bench.environment.update(direct)
        for link in links:
            link.kill()
            link.wait()


def many(bench: Bench, given: Namespace) -> str:
    """Many small tables in one run, near and far; `rows` is how many each has."""
    [rows] = given.rows
    bench.make(
        "DO $$ BEGIN FOR i IN 1..500 LOOP "
        "EXECUTE format('CREATE TABLE small_%s (id int PRIMARY KEY, name text NOT NULL, amount numeric(12,2) NOT NULL, at timestamptz NOT NULL DEFAULT now())', i); "
        "EXECUTE format('INSERT INTO small_%s SELECT n, ''name '' || n, n / 4.0, timestamptz ''2024-01-01 00:00+00'' + n * interval ''1 hour'' "
        f"FROM generate_series(1, {rows}) n', i); END LOOP; END $$",
        "ANALYZE",
    )
    columns = "".join(f"{name}: {{ not_null: true }}, " for name in ("name", "amount", "at")) + "id: { not_null: true, unique: true }"
    tables = "".join(f"  small_{n}: {{ column_count: 4, columns: {{ {columns} }} }}\n" for n in range(1, 501))
    text = whole_run(bench, given, f"500 tables of {rows:,} rows", tables)
    with slow_links(bench, 20):
        text += whole_run(bench, given, "the same, round trips of 20 ms", tables).splitlines()[-1] + "\n"
    bench.clear()
    return text


def narrow(bench: Bench, given: Namespace) -> str:
    """One long table of three columns."""
    [rows] = given.rows
    bench.make(
        "CREATE UNLOGGED TABLE narrow (id bigint PRIMARY KEY, qty int NOT NULL, at timestamptz NOT NULL)",
        f"INSERT INTO narrow SELECT n, n % 1000, timestamptz '2020-01-01 00:00+00' + n * interval '1 second' FROM generate_series(1, {rows}) n",
        "VACUUM (FREEZE, ANALYZE) narrow",
    )
    text = whole_run(bench, given, f"{rows:,} rows of three columns", "  narrow: { columns: skip, constraints: skip }\n")
    bench.clear()
    return text
