"""What the tests of rights share: a role of one's own, and a way to ask as exactly that role."""

from __future__ import annotations

from uuid import uuid4

from conftest import Answer, Api


def unique(prefix: str = "R") -> str:
    return f"{prefix}{uuid4().hex[:8].upper()}"


def made(api: Api, schema: str | None = None, *rights: str) -> str:
    """A new role; with USAGE down to the schema when one is named, and with the rights given."""
    name = unique()
    api.run(f"CREATE ROLE {name}")
    if schema:
        api.run(f"GRANT USAGE ON DATABASE STANDIN TO ROLE {name}")
        api.run(f"GRANT USAGE ON SCHEMA STANDIN.{schema} TO ROLE {name}")
    for right in rights:
        api.run(f"GRANT {right} TO ROLE {name}")
    return name


def only(api: Api, role: str, sql: str) -> Answer:
    """The answer to one statement as this role and no other: the form that the documentation asks for."""
    text = f"USE ROLE {role}; USE SECONDARY ROLES NONE; {sql}"
    answer = api.finished(api.post(text, parameters={"MULTI_STATEMENT_COUNT": "3"}))
    return api.get(answer.body["statementHandles"][2]) if answer.status == 200 else answer


def code(answer: Answer) -> tuple[str, str] | None:
    """Error code and SQLSTATE; None for success."""
    return None if answer.status == 200 else (answer.body["code"], answer.body["sqlState"])


def names(answer: Answer) -> list[str]:
    return [t["name"] for t in answer.types]


def dicts(answer: Answer) -> list[dict[str, str | None]]:
    return [dict(zip(names(answer), row, strict=True)) for row in answer.rows]


MISSING, MISSING_PLACE, DENIED = ("002003", "42S02"), ("002003", "02000"), ("003001", "42501")
