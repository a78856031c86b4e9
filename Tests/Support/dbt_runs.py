#!/usr/bin/env python3
"""dbt on the example project, as the demo and `Tests/Support/dbt-artifacts` run it.

    dbt_runs.py build … -- docs generate …      several commands in one process, the first failure ends it

dbt takes some seconds to start, hence one process for several commands; each is dbt's own command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "examples" / "dbt"
#: What builds the models, runs their tests and describes the result.
BUILD = ("build",)
#: Without compiling, which would write over the results of the tests.
DESCRIBE = ("docs", "generate", "--no-compile")


def connections(postgres: str, standin: Path) -> dict[str, str]:
    """The variables that the project's profiles.yml asks for."""
    snowflake = tomllib.loads((standin / "connections.toml").read_text())["standin"]
    source = urllib.parse.urlsplit(postgres)
    return {
        "SNOWFLAKE_ACCOUNT": snowflake["account"], "SNOWFLAKE_USER": snowflake["user"], "SNOWFLAKE_WAREHOUSE": snowflake["warehouse"],
        "SNOWFLAKE_PRIVATE_KEY_PATH": snowflake["private_key_file"], "SNOWFLAKE_HOST": snowflake["host"], "SNOWFLAKE_PORT": str(snowflake["port"]),
        "SNOWFLAKE_PROTOCOL": "http", "PGHOST": source.hostname or "", "PGPORT": str(source.port), "PGUSER": source.username or "",
        "PGDATABASE": source.path.lstrip("/"),
    }  # fmt: skip


def copied(folder: Path) -> Path:
    """A copy of the project to build in, so that dbt writes nothing beside the original."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", "parity.yml"))
    return folder


def start(project: Path, target: str, commands: Sequence[Sequence[str]], variables: dict[str, str]) -> subprocess.Popen[str]:
    """dbt in a process of its own: `target` names a connection of profiles.yml. Its results go to `target` and `target-NAME`."""
    written = project / ("target" if target == "snowflake" else f"target-{target}")
    environment = {
        **os.environ, **variables, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_PROJECT_DIR": str(project), "DBT_PROFILES_DIR": str(project),
        "DBT_TARGET_PATH": str(written), "DBT_LOG_PATH": str(written / "logs"), "DBT_USE_COLORS": "false", "DBT_TARGET": target,
        "DBT_VERSION_CHECK": "false", "PYTHONDONTWRITEBYTECODE": "",
    }  # fmt: skip
    arguments = [word for command in commands for word in ("--", *command)][1:]
    return subprocess.Popen(
        [sys.executable, __file__, *arguments], env=environment, cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def main() -> None:
    from dbt.cli.main import dbtRunner

    commands: list[list[str]] = [[]]
    for word in sys.argv[1:]:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    runner = dbtRunner()
    for command in commands:
        result = runner.invoke(command)
        if result.exception:
            print(result.exception)
        if not result.success:
            sys.exit(2 if result.exception else 1)


if __name__ == "__main__":
    main()
