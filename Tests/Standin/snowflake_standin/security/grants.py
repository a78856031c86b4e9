"""GRANT and REVOKE: of privileges, of roles, of ownership, on what is and on what is to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .. import infoschema
from ..catalogue import Table
from ..errors import SqlError, cannot, compilation, insufficient, missing_container, missing_object
from ..names import Name
from ..relations import Relation, status
from ..session import Session
from .places import ACCOUNT, Place, Target, bare, database, dotted, kind_of, role, same, schema, user
from .privileges import IN_SCHEMA, KINDS, PLURALS, checked
from .reader import Reader
from .rolecommands import DONE, read_role
from .roles import SNOWFLAKE, FutureGrant, Grant, Roles

if TYPE_CHECKING:
    from ..run import Run

ON_FUTURE = {"TABLE", "VIEW", "SEQUENCE", "STAGE", "SCHEMA", "MASKING POLICY", "ROW ACCESS POLICY"}


class Grants:
    """Reads and carries out one GRANT or REVOKE. `places` lists what is known of a kind besides tables."""

    def __init__(self, roles: Roles, places: Callable[[str], Iterable[Place]]):
        self.roles, self.places = roles, places

    def change(self, reader: Reader, run: Run) -> Relation:
        grant = reader.takes("GRANT")
        if not grant:
            reader.expect("REVOKE")
        option_only = not grant and reader.takes("GRANT", "OPTION", "FOR")
        with self.roles.lock:
            if reader.sees("ROLE") or reader.sees("DATABASE", "ROLE"):
                self._membership(reader, run, grant)
            else:
                self._privileges(reader, run, grant, option_only)
        return status(DONE)

    # Roles to roles and users

    def _membership(self, reader: Reader, run: Run, grant: bool) -> None:
        granted = read_role(reader, run)
        reader.expect("TO" if grant else "FROM")
        grantee = self._grantee(reader, run, plain_role=False)
        reader.end()
        self.roles.find(granted)
        if granted.kind == "ROLE" and grantee.kind == "DATABASE ROLE":
            raise compilation("001003", "42000", "An account role cannot be granted to a database role.")
        if granted.kind == "DATABASE ROLE" and grantee.kind == "DATABASE ROLE" and granted.parts[0] != grantee.parts[0]:
            raise compilation("001003", "42000", "A database role can be granted to database roles of the same database only.")
        if not (self.roles.owns(run.session, granted) or self.roles.manages_grants(run.session)):
            raise insufficient(granted.kind.lower(), granted.parts[-1])
        found = [g for g in self.roles.grants if g.target == granted and g.grantee == grantee and g.privilege == "USAGE"]
        if not grant:
            self.roles.remove(found)
        elif not found:
            if grantee in self.roles.closure([granted]) and grantee.kind != "USER" and grantee.parts[-1] != "PUBLIC":
                raise compilation("003019", "42501", f"Role '{grantee.dotted}' is granted to '{granted.dotted}': the grant would be a circle.")
            self.roles.add(Grant("USAGE", granted, grantee, granted_by=self.roles.owner(granted) or run.session.role))

    def _grantee(self, reader: Reader, run: Run, plain_role: bool = True) -> Place:
        if reader.takes("USER"):
            place = user(reader.identifier())
            if place not in self.places("USER"):
                raise missing_container("User", place.parts[0])
            return place
        if reader.takes("SHARE"):
            place = Place("SHARE", (reader.identifier(),))
            if place not in self.places("SHARE"):
                raise missing_container("Share", place.parts[0])
            return place
        if not plain_role and not reader.sees("ROLE") and not reader.sees("DATABASE", "ROLE"):
            raise reader.unexpected()
        place = read_role(reader, run)
        self.roles.find(place)
        return place

    # Privileges

    def _privileges(self, reader: Reader, run: Run, grant: bool, option_only: bool) -> None:
        words = [self._privilege(reader)]
        while reader.takes(","):
            words.append(self._privilege(reader))
        reader.expect("ON")
        future = reader.takes("FUTURE")
        every = not future and reader.takes("ALL")
        if future or every:
            plural = reader.takes_one(tuple(PLURALS))
            if not plural:
                raise reader.unexpected()
            kind = PLURALS[plural]
            reader.expect("IN")
            container = self._container(reader, run)
            targets = [] if future else self._inside(kind, container, run)
        else:
            kind = reader.takes_one(KINDS) or ""
            if not kind:
                raise cannot(f"grant on this kind of object: {reader.rest()[:40]}")
            targets = [self._target(reader, run, kind)]
        privileges = checked(words, kind)
        reader.expect("TO" if grant else "FROM")
        grantee = self._grantee(reader, run)
        if privileges == ["OWNERSHIP"] and grant and not future:
            self._transfer(reader, run.session, targets, grantee)
            return
        option = grant and reader.takes("WITH", "GRANT", "OPTION")
        cascade = not grant and reader.takes_one(("CASCADE", "RESTRICT")) == "CASCADE"
        reader.end()
        if future:
            self._change_future(run.session, grant, privileges, kind, container, grantee, option)
            return
        for target in targets:
            for privilege in privileges:
                by = self._grantor(run.session, privilege, target)
                if grant:
                    self.roles.add(Grant(privilege, target, grantee, option, by))
                else:
                    self._revoke(privilege, target, grantee, option_only, cascade)

    @staticmethod
    def _privilege(reader: Reader) -> str:
        words = [reader.word()]
        while not reader.sees(",") and not reader.sees("ON"):
            words.append(reader.word())
        return " ".join(words)

    def _grantor(self, session: Session, privilege: str, target: Target) -> str:
        """In whose name the session may grant: the owner's, or that of a role with the grant option."""
        effective, owner = self.roles.effective(session), self.roles.owner(target)
        if role(owner) in effective or self.roles.manages_grants(session):
            return owner or session.role
        for grant in self.roles.grants:
            if grant.option and grant.privilege == privilege and same(grant.target, target) and grant.grantee in effective:
                return grant.grantee.dotted
        raise insufficient(kind_of(target).lower(), bare(target))

    def _dependents(self, privilege: str, target: Target, grantee: Place) -> list[Grant]:
        """What the grantee, by its grant option, passed on, and so forth."""
        found = [
            g for g in self.roles.grants
            if g.privilege == privilege and same(g.target, target) and g.granted_by == grantee.dotted and g.grantee != grantee
            and self.roles.owner(target) != grantee.dotted
        ]
        return found + [d for g in found for d in self._dependents(privilege, target, g.grantee)]

    def _revoke(self, privilege: str, target: Target, grantee: Place, option_only: bool, cascade: bool) -> None:
        found = [g for g in self.roles.grants if g.privilege == privilege and g.grantee == grantee and same(g.target, target)]
        if not found:
            return
        dependents = self._dependents(privilege, target, grantee)
        if dependents and not cascade:
            raise dependent(dependents[0])
        self.roles.remove(dependents)
        if option_only:
            found[0].option = False
        else:
            self.roles.remove(found)

    def _transfer(self, reader: Reader, session: Session, targets: list[Target], grantee: Place) -> None:
        """GRANT OWNERSHIP: outstanding grants are copied, revoked, or in the way."""
        how = reader.takes_one(("COPY CURRENT GRANTS", "REVOKE CURRENT GRANTS"))
        reader.end()
        if grantee.kind != "ROLE":
            raise cannot("give ownership to anything but an account role")
        for target in targets:
            old = self.roles.owner(target)
            if not (self.roles.owns(session, target) or self.roles.manages_grants(session)):
                raise insufficient(kind_of(target).lower(), bare(target))
            outstanding = [
                g for g in self.roles.grants if same(g.target, target) and not (isinstance(target, Place) and target.kind in ("ROLE", "USER"))
            ]
            if old == grantee.dotted:
                continue
            if outstanding and how is None:
                raise dependent(outstanding[0])
            if how == "REVOKE CURRENT GRANTS":
                self.roles.remove(outstanding)
            for grant in outstanding:
                if grant.granted_by == old:
                    grant.granted_by = grantee.dotted
            self.roles.set_owner(target, grantee.dotted)

    def _change_future(
        self, session: Session, grant: bool, privileges: list[str], kind: str, container: Place, grantee: Place, option: bool
    ) -> None:
        """Future grants need MANAGE GRANTS, as documented for databases and for schemas without managed access."""
        if kind not in ON_FUTURE or (kind == "SCHEMA" and container.kind == "SCHEMA"):
            raise cannot(f"grant on future {kind.lower()}s in a {container.kind.lower()}")
        if not self.roles.manages_grants(session):
            raise insufficient(container.kind.lower(), container.parts[-1])
        for privilege in privileges:
            key = (privilege, kind, container, grantee)
            self.roles.future = [f for f in self.roles.future if (f.privilege, f.kind, f.container, f.grantee) != key]
            if grant:
                self.roles.future.append(FutureGrant(*key, option))

    # What is granted on

    def _container(self, reader: Reader, run: Run) -> Place:
        kind = reader.takes_one(("SCHEMA", "DATABASE"))
        if not kind:
            raise reader.unexpected()
        return self.place(kind, reader.name(), run)

    def _inside(self, kind: str, container: Place, run: Run) -> list[Target]:
        if kind in ("TABLE", "VIEW"):
            return [t for t in self.roles.catalogue.tables(*container.parts) if kind_of(t) == kind]
        if kind == "SCHEMA":
            return [schema(container.parts[0], s) for s in infoschema.schemas(run.duck, container.parts[0])]
        return [p for p in self.places(kind) if p.parts[: len(container.parts)] == container.parts]

    def _target(self, reader: Reader, run: Run, kind: str) -> Target:
        if kind == "ACCOUNT":
            return ACCOUNT
        return self.target(kind, reader.name(), run)

    def target(self, kind: str, parts: tuple[str, ...], run: Run) -> Target:
        """The object of a name, which must exist and be visible."""
        if kind not in ("TABLE", "VIEW"):
            return self.place(kind, parts, run)
        name = Name(*qualified(parts, run, 3))
        if missing := infoschema.exists(run.duck, name):
            raise missing_container(missing, name.database if missing == "Database" else f"{name.database}.{name.schema}")
        table: Table | None = self.roles.catalogue.get(name)
        if not table or not (self.roles.visible(run.session, table) or self.roles.manages_grants(run.session)):
            raise missing_object(name.dotted)
        return table

    def place(self, kind: str, parts: tuple[str, ...], run: Run) -> Place:
        if kind == "DATABASE":
            found = database(parts[0])
            missing = parts[0] != SNOWFLAKE and infoschema.exists(run.duck, parts[:1])
        elif kind == "SCHEMA":
            found = schema(*qualified(parts, run, 2))
            missing = infoschema.exists(run.duck, found.parts)
        elif kind in ("ROLE", "DATABASE ROLE"):
            found = Place(kind, parts if kind == "ROLE" else qualified(parts, run, 2))
            missing = found not in self.roles.roles
        else:
            found = Place(kind, qualified(parts, run, 3) if kind in IN_SCHEMA else parts)
            missing = found not in set(self.places(kind))
        if missing:
            raise missing_container("Database" if missing == "Database" else kind.capitalize(), found.dotted)
        return found


def qualified(parts: tuple[str, ...], run: Run, length: int) -> tuple[str, ...]:
    """A name in full, with the session's database and schema in front."""
    here = (run.database or "", run.schema or "")[: length - 1]
    return (*here[: max(length - len(parts), 0)], *parts)


def dependent(grant: Grant) -> SqlError:
    return SqlError(
        "003036", "42501",
        f"SQL access control error:\nDependent grant of privilege '{grant.privilege}' on securable '{dotted(grant.target)}' to role "
        f"'{grant.grantee.dotted}' exists. It must be revoked first. More than one dependent grant may exist: use 'SHOW GRANTS' "
        "command to view them. To revoke all dependent grants while transferring object ownership, use convenience command "
        "'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.",
    )
