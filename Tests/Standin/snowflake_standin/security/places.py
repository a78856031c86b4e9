"""What a privilege is held on or by, other than a table: a kind and a name."""

from __future__ import annotations

from typing import NamedTuple

from ..catalogue import Table
from ..session import LOCATOR


class Place(NamedTuple):
    """A securable or a principal, such as ("SCHEMA", ("DB", "S")) or ("ROLE", ("R",))."""

    kind: str
    parts: tuple[str, ...]

    @property
    def dotted(self) -> str:
        return ".".join(self.parts)


#: A table is itself, so that a grant follows its rename and dies with its replacement.
Target = Table | Place

ACCOUNT = Place("ACCOUNT", (LOCATOR,))


def database(name: str) -> Place:
    return Place("DATABASE", (name,))


def schema(database_name: str, name: str) -> Place:
    return Place("SCHEMA", (database_name, name))


def role(name: str) -> Place:
    return Place("ROLE", (name,))


def user(name: str) -> Place:
    return Place("USER", (name,))


PUBLIC = role("PUBLIC")


def kind_of(target: Target) -> str:
    if isinstance(target, Place):
        return target.kind
    return "VIEW" if target.kind == "VIEW" else "TABLE"


def dotted(target: Target) -> str:
    return target.dotted if isinstance(target, Place) else target.name.dotted


def bare(target: Target) -> str:
    return target.parts[-1] if isinstance(target, Place) else target.name.name


def same(one: Target, other: Target) -> bool:
    """Tables by identity: one that replaced another has none of its grants."""
    return one is other if isinstance(one, Table) or isinstance(other, Table) else one == other
