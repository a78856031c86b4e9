"""Answers against the official OpenAPI file, which is not part of the project.

Set PARITY_SHARED to a folder with reference/sqlapi.openapi.yaml to run them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import PATH, Api

FOLDER = os.environ.get("PARITY_SHARED")
FILE = Path(FOLDER or "/nonexistent") / "reference" / "sqlapi.openapi.yaml"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="PARITY_SHARED does not name a folder with reference/sqlapi.openapi.yaml")


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema says a second type."""
    if isinstance(node, list):
        return [as_json_schema(n) for n in node]
    if not isinstance(node, dict):
        return node
    result = {k: as_json_schema(v) for k, v in node.items() if k not in ("nullable", "example")}
    if node.get("type") == "string" and node.get("minItems") is not None:
        result.pop("minItems", None)
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        result["type"] = [node["type"], "null"]
    return result


#: The file says integer; the documentation shows null for sizes that do not apply, and so does the service.
NULLABLE = ("length", "precision", "scale")


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    found = as_json_schema(yaml.safe_load(FILE.read_text())["components"]["schemas"])
    fields = found["ResultSet"]["properties"]["resultSetMetaData"]["properties"]["rowType"]["items"]["properties"]
    for name in NULLABLE:
        fields[name]["type"] = ["integer", "null"]
    return found


def check(schemas: dict[str, Any], name: str, body: Any) -> None:
    checker = jsonschema.FormatChecker(formats=["uuid"])
    jsonschema.Draft7Validator(schemas[name], format_checker=checker).validate(body)


def test_results(api: Api, schemas: dict[str, Any], schema: str) -> None:
    statements = [
        "SELECT 1 AS A, 'x' AS B, NULL AS C, 1.5::FLOAT AS D, '2024-01-01'::DATE AS E, CURRENT_TIMESTAMP() AS F, X'00' AS G",
        "SELECT 1 AS A WHERE FALSE",
        f"CREATE TABLE {schema}.T (A INT, B VARCHAR(5))",
        f"INSERT INTO {schema}.T VALUES (1, 'a')",
        f"SELECT * FROM {schema}.T",
        f"DESC TABLE {schema}.T",
        "SHOW ROLES",
        "SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 250))",
    ]
    for statement in statements:
        answer = api.run(statement)
        check(schemas, "ResultSet", answer.body)
    check(schemas, "ResultSet", api.get(answer.handle, "partition=1").body)
    check(schemas, "ResultSet", api.post("SELECT 1 AS A; SELECT 2 AS B", parameters={"MULTI_STATEMENT_COUNT": 2}).body)


def test_states(api: Api, schemas: dict[str, Any]) -> None:
    running = api.post("SELECT SYSTEM$WAIT(30) AS W", "async=true")
    assert running.status == 202
    check(schemas, "QueryStatus", running.body)
    check(schemas, "CancelStatus", api.request("POST", f"{PATH}/{running.handle}/cancel").body)
    check(schemas, "CancelStatus", api.request("POST", f"{PATH}/{running.handle}/cancel").body)
    check(schemas, "QueryFailureStatus", api.get(running.handle).body)
    check(schemas, "QueryFailureStatus", api.post("SELECT NOPE").body)
    late = api.finished(api.post("SELECT SYSTEM$WAIT(30) AS W", timeout=1))
    assert late.status == 408
    check(schemas, "QueryStatus", late.body)
