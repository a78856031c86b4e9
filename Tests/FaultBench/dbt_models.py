"""The models of examples/dbt in the bench: made by the SQL that dbt compiled once, with artifacts that dbt wrote once.

`artifacts/` is written by Tests/Support/dbt-artifacts. A fault edits the SQL of a model, or what dbt said of its
tests; dbt itself is not called, since it takes seconds to start.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from throwaway import ROOT, Snowflake

HERE = Path(__file__).resolve().parent
PROJECT = ROOT / "examples" / "dbt"
#: The views of the old database that the models stand for.
LEGACY = (PROJECT / "legacy.sql").read_text()
KINDS = ("manifest", "run_results", "catalog")
#: Changes what dbt wrote: the manifest and the results, by reference.
Edit = Callable[["Artifacts"], None]


class Artifacts:
    """What dbt wrote, as if it had just been run."""

    def __init__(self) -> None:
        self.manifest, self.run_results, self.catalog = (json.loads((HERE / "artifacts" / f"{kind}.json").read_text()) for kind in KINDS)
        self.ran_at(datetime.now(UTC))

    def ran_at(self, moment: datetime) -> None:
        """The time of everything in them."""
        text = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for part in (self.manifest, self.run_results, self.catalog):
            part["metadata"]["generated_at"] = text
        for result in self.run_results["results"]:
            for timing in result["timing"]:
                timing["started_at"] = timing["completed_at"] = text

    def result(self, test: str) -> dict[str, Any]:
        """The result of the test whose name, or that of its node, begins so."""
        [found] = [r for r in self.run_results["results"] if r["unique_id"].split(".")[2].startswith(test)]
        return found

    def node(self, test: str) -> dict[str, Any]:
        return self.manifest["nodes"][self.result(test)["unique_id"]]

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            (folder / f"{kind}.json").write_text(json.dumps(getattr(self, kind)))


class Models:
    """The models as they stand in Snowflake."""

    def __init__(self, snowflake: Snowflake):
        self.snowflake = snowflake
        self.nodes = {n["name"]: n for n in Artifacts().manifest["nodes"].values() if n["resource_type"] == "model"}
        self.order = list(self._sorted())
        snowflake.sql("CREATE SCHEMA SHOP.ANALYTICS")
        snowflake.sql("CREATE TABLE SHOP.ANALYTICS.ORDER_STATUS_GROUPS (STATUS VARCHAR(10), STATUS_GROUP VARCHAR(10))")
        with (PROJECT / "seeds" / "order_status_groups.csv").open(newline="") as file:
            rows = ", ".join("('{status}', '{status_group}')".format(**row) for row in csv.DictReader(file))
        snowflake.sql(f"INSERT INTO SHOP.ANALYTICS.ORDER_STATUS_GROUPS VALUES {rows}")
        self.build({})

    def _sorted(self) -> Iterator[str]:
        """Names in such an order that each stands behind what it reads."""
        names = {n["unique_id"]: name for name, n in self.nodes.items()}
        done: set[str] = set()
        while len(done) < len(self.nodes):
            for name, node in sorted(self.nodes.items()):
                if name not in done and {names[p] for p in node["depends_on"]["nodes"] if p in names} <= done:
                    done.add(name)
                    yield name

    def build(self, edits: dict[str, tuple[str, str]]) -> None:
        """Make every model anew, with these replacements in their SQL."""
        for name, (old, _) in edits.items():
            if old not in self.nodes[name]["compiled_code"]:
                raise ValueError(f"the SQL of {name} has no {old!r}")
        for name in self.order:
            node = self.nodes[name]
            kind = "VIEW" if node["config"]["materialized"] == "view" else "TABLE"
            query = node["compiled_code"].replace(*edits.get(name, ("", "")))
            self.snowflake.sql(f"CREATE OR REPLACE {kind} {node['relation_name']} AS (\n{query}\n)")


def put_beside(folder: Path, edit: Edit | None) -> None:
    """The project and its artifacts, as the bench's spec names them."""
    shutil.copytree(PROJECT, folder / "analytics", ignore=shutil.ignore_patterns("target", "logs"))
    artifacts = Artifacts()
    if edit:
        edit(artifacts)
    artifacts.write(folder / "artifacts")
