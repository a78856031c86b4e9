"""Stages, integrations and shares: what leaves the account. Kept and shown; nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .. import infoschema
from ..catalogue import now
from ..errors import SqlError, cannot, exists, missing_container
from ..names import Name
from ..relations import Relation, relation, status
from ..session import ACCOUNT as ACCOUNT_NAME
from ..session import ORGANIZATION, Session
from .grants import qualified
from .parameters import Parameters
from .places import ACCOUNT, Place, schema
from .reader import Reader
from .rolecommands import DONE
from .roles import Roles

if TYPE_CHECKING:
    from ..run import Run

CLOUDS = {"s3": "AWS", "s3gov": "AWS", "gcs": "GCP", "azure": "AZURE"}


@dataclass
class Stage:
    name: Name
    url: str = ""
    integration: str = ""
    has_credentials: bool = False
    comment: str = ""
    temporary: bool = False
    created: datetime = field(default_factory=now)
    deleted: datetime | None = None

    @property
    def cloud(self) -> str:
        return CLOUDS.get(self.url.partition(":")[0].lower(), "")

    @property
    def place(self) -> Place:
        return Place("STAGE", tuple(self.name))


@dataclass
class Integration:
    name: str
    category: str
    type: str
    enabled: bool
    comment: str = ""
    created: datetime = field(default_factory=now)


@dataclass
class Share:
    name: str
    accounts: list[str] = field(default_factory=list)
    comment: str = ""
    created: datetime = field(default_factory=now)


class Storage:
    def __init__(self, roles: Roles, parameters: Parameters):
        self.roles, self.parameters = roles, parameters
        self.stages: dict[Name, Stage] = {}
        self.gone: list[Stage] = []
        self.integrations: dict[str, Integration] = {}
        self.shares: dict[str, Share] = {}

    # Stages

    def create_stage(self, reader: Reader, run: Run) -> Relation | None:
        """Note the stage. An internal one is fakesnow's to hold, hence None."""
        reader.expect("CREATE")
        replace = reader.takes("OR", "REPLACE")
        temporary = bool(reader.takes_one(("TEMPORARY", "TEMP")))
        reader.expect("STAGE")
        lenient = reader.if_not_exists()
        name = Name(*qualified(reader.name(), run, 3))
        if missing := infoschema.exists(run.duck, name):
            raise missing_container(missing, name.database if missing == "Database" else f"{name.database}.{name.schema}")
        self.roles.require_containers(run.session, name)
        self.roles.require_create(run.session, "CREATE STAGE", schema(name.database, name.schema))
        if name in self.stages and not replace:
            if lenient:
                return status(f"{name.name} already exists, statement succeeded.")
            raise exists(name.dotted)
        made = Stage(name, temporary=temporary)
        self._read(made, reader)
        required = self.parameters.get("REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION") == "true"
        if made.cloud and required and not made.integration:
            text = "Creation of an external stage without a storage integration is not allowed in the account."
            raise SqlError("003001", "42501", f"SQL access control error:\n{text}")
        self.stages[name] = made
        self.roles.set_owner(made.place, run.session.role)
        self.roles.created(made.place)
        return status(f"Stage area {name.name} successfully created.") if made.cloud else None

    def _read(self, made: Stage, reader: Reader) -> None:
        """URL, integration, comment and whether there are credentials; other properties change nothing here."""
        while not reader.done:
            if reader.takes("URL", "="):
                made.url = reader.string()
            elif reader.takes("STORAGE_INTEGRATION", "="):
                made.integration = reader.identifier()
                if made.integration not in self.integrations:
                    raise missing_container("Integration", made.integration)
            elif reader.takes("COMMENT", "="):
                made.comment = reader.string()
            else:
                made.has_credentials = made.has_credentials or reader.sees("CREDENTIALS")
                reader.skip()

    def drop_stage(self, reader: Reader, run: Run) -> Relation:
        reader.expect("DROP", "STAGE")
        lenient = reader.if_exists()
        name = Name(*qualified(reader.name(), run, 3))
        found = self.stages.get(name)
        if not found:
            if lenient:
                return status(f"Drop statement executed successfully ({name.name} already dropped).")
            raise missing_container("Stage", name.dotted)
        self.roles.require_owner(run.session, found.place)
        self._forget(name)
        return status(f"{name.name} successfully dropped.")

    def _forget(self, name: Name) -> None:
        gone = self.stages.pop(name)
        gone.deleted = now()
        self.gone.append(gone)
        self.roles.dropped(gone.place)

    def dropped_container(self, *parts: str) -> None:
        for name in [n for n in self.stages if tuple(n)[: len(parts)] == parts]:
            self._forget(name)

    def show_stages(self, reader: Reader, run: Run, like: Callable[[str], bool]) -> Relation:
        heads = ["created_on:time", "name", "database_name", "schema_name", "url", "has_credentials", "has_encryption_key", "owner", "comment",
                 "region", "type", "cloud", "notification_channel", "storage_integration", "endpoint", "owner_role_type", "directory_enabled"]
        container = self._container(reader, run)
        rows = [
            [s.created, s.name.name, *s.name[:2], s.url, "Y" if s.has_credentials else "N", "N", self.roles.owner(s.place), s.comment, None,
             "EXTERNAL" if s.cloud else "INTERNAL TEMPORARY" if s.temporary else "INTERNAL", s.cloud or None, None, s.integration or None, None, "ROLE", "N"]
            for _, s in sorted(self.stages.items())
            if tuple(s.name)[: len(container)] == container and like(s.name.name)
            and self.roles.allows(run.session, None, s.place) and not self.roles.missing_container(self.roles.effective(run.session), s.name)
        ]
        return relation(heads, rows)

    @staticmethod
    def _container(reader: Reader, run: Run) -> tuple[str, ...]:
        """What `IN …` names; without it the current schema, or the account where there is none."""
        here = tuple(p for p in (run.database, run.schema) if p)
        if not reader.takes("IN"):
            reader.end()
            return here
        if reader.takes("ACCOUNT"):
            found: tuple[str, ...] = ()
        elif reader.takes("DATABASE"):
            found = reader.name() if reader.is_name() else here[:1]
        else:
            reader.takes("SCHEMA")
            found = qualified(reader.name(), run, 2) if reader.is_name() else here
        reader.end()
        return found

    # Integrations

    def create_integration(self, reader: Reader, run: Run) -> Relation:
        reader.expect("CREATE")
        replace = reader.takes("OR", "REPLACE")
        category = reader.word()
        reader.expect("INTEGRATION")
        lenient = reader.if_not_exists()
        name = reader.identifier()
        self.roles.require_create(run.session, "CREATE INTEGRATION", ACCOUNT)
        if name in self.integrations and not replace:
            if lenient:
                return status(f"{name} already exists, statement succeeded.")
            raise exists(name)
        given = reader.properties()
        if "TYPE" not in given or "ENABLED" not in given:
            raise SqlError("001003", "42000", "SQL compilation error:\nTYPE and ENABLED are needed.")
        kind = given["TYPE"][0].upper()
        self.integrations[name] = Integration(name, category, kind, given["ENABLED"][0].upper() == "TRUE", given.get("COMMENT", [""])[0])
        self.roles.set_owner(Place("INTEGRATION", (name,)), run.session.role)
        return status(f"Integration {name} successfully created.")

    def drop_integration(self, reader: Reader, run: Run) -> Relation:
        reader.expect("DROP")
        if not reader.takes("INTEGRATION"):
            reader.word()
            reader.expect("INTEGRATION")
        lenient = reader.if_exists()
        name = reader.identifier()
        if name not in self.integrations:
            if lenient:
                return status(f"Drop statement executed successfully ({name} already dropped).")
            raise missing_container("Integration", name)
        self.roles.require_owner(run.session, Place("INTEGRATION", (name,)))
        del self.integrations[name]
        self.roles.dropped(Place("INTEGRATION", (name,)))
        return status(f"{name} successfully dropped.")

    def show_integrations(self, session: Session, category: str, like: Callable[[str], bool]) -> Relation:
        heads = ["name", "type", "category", "enabled", "comment", "created_on:time"]
        found = (i for _, i in sorted(self.integrations.items()) if category in ("", i.category) and like(i.name))
        seen = (i for i in found if self.roles.allows(session, None, Place("INTEGRATION", (i.name,))) or self.roles.manages_grants(session))
        return relation(heads, [[i.name, i.type, i.category, str(i.enabled).lower(), i.comment, i.created] for i in seen])

    # Shares

    def create_share(self, reader: Reader, run: Run) -> Relation:
        reader.expect("CREATE")
        replace = reader.takes("OR", "REPLACE")
        reader.expect("SHARE")
        lenient = reader.if_not_exists()
        name = reader.identifier()
        self.roles.require_create(run.session, "CREATE SHARE", ACCOUNT)
        if name in self.shares and not replace:
            if lenient:
                return status(f"{name} already exists, statement succeeded.")
            raise exists(name)
        self.shares[name] = Share(name, comment=reader.properties().get("COMMENT", [""])[0])
        self.roles.set_owner(Place("SHARE", (name,)), run.session.role)
        return status(f"Share {name} successfully created.")

    def alter_share(self, reader: Reader, run: Run) -> Relation:
        reader.expect("ALTER", "SHARE")
        found = self._share(reader.identifier(), run)
        action = reader.takes_one(("ADD ACCOUNTS", "REMOVE ACCOUNTS", "SET ACCOUNTS"))
        if not action:
            raise cannot("alter a share but by its accounts")
        reader.expect("=")
        given = [".".join(reader.name())]
        while reader.takes(","):
            given.append(".".join(reader.name()))
        reader.end()
        kept = [] if action.startswith("SET") else [a for a in found.accounts if a not in given]
        found.accounts = kept if action.startswith("REMOVE") else [*kept, *given]
        return status(DONE)

    def drop_share(self, reader: Reader, run: Run) -> Relation:
        reader.expect("DROP", "SHARE")
        name = reader.identifier()
        self._share(name, run)
        del self.shares[name]
        place = Place("SHARE", (name,))
        self.roles.dropped(place)
        self.roles.remove([g for g in self.roles.grants if g.grantee == place])
        return status(f"{name} successfully dropped.")

    def _share(self, name: str, run: Run) -> Share:
        if name not in self.shares:
            raise missing_container("Share", name)
        self.roles.require_owner(run.session, Place("SHARE", (name,)))
        return self.shares[name]

    def show_shares(self, session: Session, like: Callable[[str], bool]) -> Relation:
        heads = ["created_on:time", "kind", "owner_account", "name", "database_name", "to", "owner", "comment", "listing_global_name", "secure_objects_only"]
        rows = []
        for name, share in sorted(self.shares.items()):
            place = Place("SHARE", (name,))
            if like(name) and (self.roles.owns(session, place) or self.roles.manages_grants(session)):
                shared = [g.target.dotted for g in self.roles.grants if g.grantee == place and isinstance(g.target, Place) and g.target.kind == "DATABASE"]
                rows.append([share.created, "OUTBOUND", f"{ORGANIZATION}.{ACCOUNT_NAME}", name, shared[0] if shared else "", ", ".join(share.accounts),
                             self.roles.owner(place), share.comment, "", "true"])
        return relation(heads, rows)
