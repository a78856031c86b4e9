"""Masking and row access policies: their declarations, and where they are attached.

A policy hangs on the column or the table itself (catalogue.py), so that it follows a rename and is cloned along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from .. import infoschema
from ..catalogue import Catalogue, Column, Table, now
from ..errors import SqlError, cannot, exists, insufficient, missing_container
from ..names import Name
from ..relations import Relation, relation, status
from ..session import Session
from ..sftypes import SFType
from . import policybody
from .grants import qualified
from .places import ACCOUNT, Place, schema
from .reader import Reader
from .rolecommands import DONE
from .roles import Roles

if TYPE_CHECKING:
    from ..run import Run

MASKING, ROW_ACCESS = "MASKING POLICY", "ROW ACCESS POLICY"
COMMENT = re.compile(r"\s+COMMENT\s*=\s*'((?:[^']|'')*)'\s*;?\s*$", re.I)


@dataclass
class Policy:
    name: Name
    kind: str
    arguments: list[tuple[str, SFType]]
    returns: SFType
    body: exp.Expression
    text: str
    comment: str = ""
    created: datetime = field(default_factory=now)

    @property
    def place(self) -> Place:
        return Place(self.kind, tuple(self.name))

    @property
    def signature(self) -> str:
        return "(" + ", ".join(f"{name} {type_.kind if type_.kind != 'TEXT' else 'VARCHAR'}" for name, type_ in self.arguments) + ")"


@dataclass
class Attachment:
    """A policy on a column (masking) or a table (row access), and the columns it is given."""

    policy: Policy
    columns: list[str]


@dataclass
class Reference:
    """One attachment with the place where it is."""

    policy: Policy
    table: Table
    column: str | None
    columns: list[str]


class Policies:
    def __init__(self, catalogue: Catalogue, roles: Roles):
        self.catalogue, self.roles = catalogue, roles
        self.all: dict[Name, Policy] = {}

    def places(self, kind: str) -> list[Place]:
        return [p.place for p in self.all.values() if p.kind == kind]

    def references(self) -> Iterator[Reference]:
        for table in self.catalogue.tables():
            for column in table.columns:
                if column.masking:
                    yield Reference(column.masking.policy, table, column.name, column.masking.columns)
            if table.row_access:
                yield Reference(table.row_access.policy, table, None, table.row_access.columns)

    def may_apply(self, session: Session, policy: Policy, table: Table | None = None) -> bool:
        """APPLY on the account; or OWNERSHIP of the policy or APPLY on it, and (where a table is named) its ownership."""
        if self.roles.allows(session, f"APPLY {policy.kind}", ACCOUNT):
            return True
        held = self.roles.owns(session, policy.place) or self.roles.allows(session, "APPLY", policy.place)
        return held and (table is None or self.roles.owns(session, table))

    def get(self, kind: str, parts: tuple[str, ...], run: Run) -> Policy:
        name = Name(*qualified(parts, run, 3))
        found = self.all.get(name)
        if not found or found.kind != kind:
            raise missing_container(kind.capitalize(), name.dotted)
        if error := self.roles.missing_container(self.roles.effective(run.session), name):
            raise error
        return found

    # Declarations

    def create(self, reader: Reader, run: Run) -> Relation:
        reader.expect("CREATE")
        replace = reader.takes("OR", "REPLACE")
        kind = _kind(reader)
        lenient = reader.if_not_exists()
        name = Name(*qualified(reader.name(), run, 3))
        if missing := infoschema.exists(run.duck, name):
            raise missing_container(missing, name.database if missing == "Database" else f"{name.database}.{name.schema}")
        self.roles.require_containers(run.session, name)
        self.roles.require_create(run.session, f"CREATE {kind}", schema(name.database, name.schema))
        old = self.all.get(name)
        if old and not replace:
            if lenient:
                return status(f"{name.name} already exists, statement succeeded.")
            raise exists(name.dotted)
        if old:
            self._free(old, "replaced")
        reader.expect("AS")
        arguments = policybody.arguments(reader)
        reader.expect("RETURNS")
        returns = policybody.type_before(reader, "->")
        text, comment = _body(reader)
        if kind == MASKING and returns.kind != arguments[0][1].kind:
            text = f"Masking policy function argument and return type mismatch: {arguments[0][1].kind}, {returns.kind}"
            raise SqlError("002308", "42601", f"SQL compilation error:\n{text}")
        if kind == ROW_ACCESS and returns.kind != "BOOLEAN":
            raise SqlError("002308", "42601", "SQL compilation error:\nA row access policy returns BOOLEAN.")
        self.all[name] = made = Policy(name, kind, arguments, returns, policybody.parsed(text, [n for n, _ in arguments]), text, comment)
        self.roles.set_owner(made.place, run.session.role)
        return status(f"{kind.capitalize()} {name.name} successfully created.")

    def alter(self, reader: Reader, run: Run) -> Relation:
        reader.expect("ALTER")
        kind = _kind(reader)
        lenient = reader.if_exists()
        parts = reader.name()
        if lenient and Name(*qualified(parts, run, 3)) not in self.all:
            return status(DONE)
        found = self.get(kind, parts, run)
        self.roles.require_owner(run.session, found.place)
        if reader.takes("UNSET", "COMMENT"):
            found.comment = ""
        elif reader.takes("SET", "COMMENT", "="):
            found.comment = reader.string()
        elif reader.takes("SET", "BODY"):
            text, _ = _body(reader)
            found.body, found.text = policybody.parsed(text, [n for n, _ in found.arguments]), text
        else:
            raise cannot("alter a policy but by SET BODY and COMMENT")
        return status(DONE)

    def drop(self, reader: Reader, run: Run) -> Relation:
        reader.expect("DROP")
        kind = _kind(reader)
        lenient = reader.if_exists()
        parts = reader.name()
        reader.end()
        if lenient and Name(*qualified(parts, run, 3)) not in self.all:
            return status(f"Drop statement executed successfully ({parts[-1]} already dropped).")
        found = self.get(kind, parts, run)
        self.roles.require_owner(run.session, found.place)
        self._free(found, "dropped")
        return status(f"{found.name.name} successfully dropped.")

    def _free(self, policy: Policy, what: str) -> None:
        """Take a policy away, which must not be attached anywhere."""
        if any(r.policy is policy for r in self.references()):
            text = f"Policy {policy.name.name} cannot be {what} as it is associated with one or more entities."
            raise SqlError("003539", "23001", f"SQL compilation error:\n{text}")
        del self.all[policy.name]
        self.roles.dropped(policy.place)

    def dropped_container(self, *parts: str) -> None:
        for name in [n for n in self.all if tuple(n)[: len(parts)] == parts]:
            del self.all[name]

    # Attachment

    def alter_table(self, reader: Reader, run: Run) -> Relation:
        """ALTER TABLE or VIEW … SET, UNSET, ADD, DROP a policy."""
        reader.expect("ALTER")
        reader.word()
        lenient = reader.if_exists()
        name = Name(*qualified(reader.name(), run, 3))
        if lenient and not self.catalogue.get(name):
            return status(DONE)
        table, _ = run.find(exp.Table(**{k: exp.to_identifier(v, quoted=True) for k, v in zip(("catalog", "db", "this"), name, strict=True)}))
        self.roles.require(run.session, None, table, name.dotted)
        if not reader.takes("MODIFY") and not reader.takes("ALTER"):
            while not reader.done:
                self._row_access(reader, run, table)
                reader.takes(",")
            return status(DONE)
        while not reader.done:
            self._mask(reader, run, table)
            reader.takes(",")
        return status(DONE)

    def _row_access(self, reader: Reader, run: Run, table: Table) -> None:
        if reader.takes("DROP", "ALL", "ROW", "ACCESS", "POLICIES"):
            self._require(run.session, table.row_access, table)
            table.row_access = None
            return
        drop = reader.takes("DROP")
        if not drop:
            reader.expect("ADD")
        reader.expect("ROW", "ACCESS", "POLICY")
        policy = self.get(ROW_ACCESS, reader.name(), run)
        if drop:
            if not table.row_access or table.row_access.policy is not policy:
                raise missing_container("Row access policy", policy.name.dotted)
            self._require(run.session, table.row_access, table)
            table.row_access = None
            return
        reader.expect("ON")
        columns = policybody.names(reader)
        attached = Attachment(policy, columns)
        self._require(run.session, attached, table)
        if table.row_access:
            text = f"Object {table.name.name} already has a ROW_ACCESS_POLICY. Only one ROW_ACCESS_POLICY is allowed at a time."
            raise SqlError("003545", "23001", f"SQL compilation error:\n{text}")
        self._fits(attached, table)
        table.row_access = attached

    def _mask(self, reader: Reader, run: Run, table: Table) -> None:
        reader.takes("COLUMN")
        name = reader.identifier()
        column = table.column(name)
        if not column:
            raise SqlError("000904", "42000", f"SQL compilation error: error line 1 at position 0\ninvalid identifier '{name}'")
        if reader.takes("UNSET", "MASKING", "POLICY"):
            self._require(run.session, column.masking, table)
            column.masking = None
            return
        reader.expect("SET", "MASKING", "POLICY")
        policy = self.get(MASKING, reader.name(), run)
        columns = policybody.names(reader) if reader.takes("USING") else [name]
        force = reader.takes("FORCE")
        attached = Attachment(policy, columns)
        self._require(run.session, attached, table)
        if column.masking and not force:
            text = f"Specified column already attached to another masking policy: {column.masking.policy.name.name}."
            raise SqlError("003530", "23001", f"SQL compilation error:\n{text}")
        self._fits(attached, table, column)
        column.masking = attached

    def _require(self, session: Session, attached: Attachment | None, table: Table) -> None:
        if attached and not self.may_apply(session, attached.policy, table):
            raise insufficient(attached.policy.kind.lower(), attached.policy.name.name)

    @staticmethod
    def _fits(attached: Attachment, table: Table, column: Column | None = None) -> None:
        """The columns are there, as many as there are arguments, and of their types."""
        arguments = attached.policy.arguments
        found = [table.column(c) for c in attached.columns]
        if column is not None and attached.columns[:1] != [column.name]:
            raise SqlError("001003", "42000", "SQL compilation error:\nThe first column of USING is the one that is masked.")
        if len(found) != len(arguments) or not all(found):
            text = f"Policy {attached.policy.name.name} takes {len(arguments)} columns of the table."
            raise SqlError("002309", "42601", f"SQL compilation error:\n{text}")
        for one, (_, type_) in zip(found, arguments, strict=True):
            if one and one.type.kind != type_.kind:
                raise SqlError(
                    "002307", "42601",
                    f"SQL compilation error:\nColumn '{one.name}' of type {one.type.kind} does not match the policy's argument of type {type_.kind}.",
                )

    # Lists

    def show(self, session: Session, kind: str, like: Callable[[str], bool]) -> Relation:
        heads = ["created_on:time", "name", "database_name", "schema_name", "kind", "owner", "comment", "owner_role_type", "options"]
        rows = [
            [p.created, p.name.name, *p.name[:2], p.kind.replace(" ", "_"), self.roles.owner(p.place), p.comment, "ROLE", ""]
            for _, p in sorted(self.all.items())
            if p.kind == kind and like(p.name.name) and (self.may_apply(session, p) or self.roles.manages_grants(session))
        ]
        return relation(heads, rows)

    def describe(self, reader: Reader, run: Run) -> Relation:
        reader.word()
        found = self.get(_kind(reader), reader.name(), run)
        reader.end()
        if not self.may_apply(run.session, found):
            raise insufficient(found.kind.lower(), found.name.name)
        return relation(["name", "signature", "return_type", "body"], [[found.name.name, found.signature, found.returns.text, found.text]])


def _kind(reader: Reader) -> str:
    kind = reader.takes_one((MASKING, ROW_ACCESS))
    if not kind:
        raise reader.unexpected()
    return kind


def _body(reader: Reader) -> tuple[str, str]:
    """The text after `->`, and the comment behind it."""
    reader.expect("->")
    text = reader.rest()
    found = COMMENT.search(text)
    return (text[: found.start()], found[1].replace("''", "'")) if found else (text, "")
