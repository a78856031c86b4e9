"""The command line of the stand-in."""

from __future__ import annotations

import argparse
from pathlib import Path

from .server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="standin", description="An offline stand-in for Snowflake, for tests.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--home", type=Path, required=True, help="directory for connections.toml and the keys")
    parser.add_argument("--fault", action="append", default=[], metavar="SPEC", help="a fault to inject, such as 503:2")
    parser.add_argument("--sync-window", type=float, default=45.0, help="seconds after which a statement answers 202")
    parser.add_argument("--rows-per-partition", type=int, default=10000, help="rows in one part of a result")
    parser.add_argument("--strict", action="store_true", help="system roles are no mightier than in Snowflake")
    given = parser.parse_args()
    if given.rows_per_partition < 1:
        parser.error("--rows-per-partition must be positive")
    serve(given.port, given.home, given.fault, given.sync_window, given.rows_per_partition, given.strict)


if __name__ == "__main__":
    main()
