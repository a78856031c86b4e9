"""CREATE, ALTER and DROP of roles and database roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import infoschema
from ..errors import exists, missing_container
from ..relations import Relation, status
from .places import ACCOUNT, Place, database, role
from .reader import Reader
from .roles import SYSTEM, Grant, Role, Roles

if TYPE_CHECKING:
    from ..run import Run

DONE = "Statement executed successfully."


def read_role(reader: Reader, run: Run, kind: str | None = None) -> Place:
    """`ROLE r` or `DATABASE ROLE d.r`; an unqualified database role is in the session's database."""
    if kind is None:
        kind = "DATABASE ROLE" if reader.takes("DATABASE", "ROLE") else "ROLE"
        if kind == "ROLE":
            reader.takes("ROLE")
    if kind == "ROLE":
        return role(reader.identifier())
    parts = reader.name()
    if len(parts) == 1:
        parts = (run.database or "", *parts)
    return Place("DATABASE ROLE", parts)


def create(reader: Reader, run: Run, roles: Roles) -> Relation:
    reader.expect("CREATE")
    replace = reader.takes("OR", "REPLACE")
    kind = "DATABASE ROLE" if reader.takes("DATABASE", "ROLE") else "ROLE"
    if kind == "ROLE":
        reader.expect("ROLE")
    lenient = reader.if_not_exists()
    place = read_role(reader, run, kind)
    properties = reader.properties()
    comment = properties.pop("COMMENT", [""])[0]
    if properties:
        raise reader.unexpected()
    label = "Role" if kind == "ROLE" else "Database role"
    if kind == "ROLE":
        roles.require_create(run.session, "CREATE ROLE", ACCOUNT)
    else:
        if infoschema.exists(run.duck, place.parts[:1]):
            raise missing_container("Database", place.parts[0])
        roles.require_create(run.session, "CREATE DATABASE ROLE", database(place.parts[0]))
    with roles.lock:
        if place in roles.roles:
            if lenient:
                return status(f"{place.parts[-1]} already exists, statement succeeded.")
            if not replace or place.parts[-1] in SYSTEM:
                raise exists(place.dotted)
            remove(roles, place, run.session.role)
        roles.roles[place] = Role(place, run.session.role, comment)
        if kind == "DATABASE ROLE":
            # The database that holds the role is usable by it.
            roles.add(Grant("USAGE", database(place.parts[0]), place, granted_by=roles.owner(database(place.parts[0]))))
    return status(f"{label} {place.parts[-1]} successfully created.")


def alter(reader: Reader, run: Run, roles: Roles) -> Relation:
    """SET COMMENT only; a rename is refused by the grammar."""
    reader.expect("ALTER")
    place = read_role(reader, run)
    roles.find(place)
    roles.require_owner(run.session, place)
    if reader.takes("UNSET", "COMMENT"):
        roles.roles[place].comment = ""
    else:
        reader.expect("SET")
        reader.expect("COMMENT")
        reader.expect("=")
        roles.roles[place].comment = reader.string()
    reader.end()
    return status(DONE)


def drop(reader: Reader, run: Run, roles: Roles) -> Relation:
    reader.expect("DROP")
    kind = "DATABASE ROLE" if reader.takes("DATABASE", "ROLE") else "ROLE"
    if kind == "ROLE":
        reader.expect("ROLE")
    lenient = reader.if_exists()
    place = read_role(reader, run, kind)
    reader.end()
    if place not in roles.roles:
        if lenient:
            return status(f"Drop statement executed successfully ({place.parts[-1]} already dropped).")
        raise missing_container(kind.capitalize(), place.dotted)
    roles.require_owner(run.session, place)
    remove(roles, place, run.session.role)
    return status(f"{place.parts[-1]} successfully dropped.")


def remove(roles: Roles, place: Place, heir: str) -> None:
    """Take a role out of the account. What it owned belongs to the role that dropped it."""
    with roles.lock:
        del roles.roles[place]
        roles.remove([g for g in roles.grants if place in (g.grantee, g.target)])
        roles.future = [f for f in roles.future if f.grantee != place]
        if place.kind == "ROLE":
            name = place.parts[0]
            for table in roles.catalogue.tables():
                if table.owner == name:
                    table.owner = heir
            roles.owners = {k: heir if v == name else v for k, v in roles.owners.items()}
            for other in roles.roles.values():
                if other.owner == name:
                    other.owner = heir
