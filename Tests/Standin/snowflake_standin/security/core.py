"""Everything of the security model that one server holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..catalogue import Catalogue
from ..session import WAREHOUSES
from .accountpolicies import PASSWORD, SESSION, AccountPolicies
from .accountusage import AccountUsage
from .grants import Grants
from .grantshow import GrantShow
from .history import History
from .networks import NetworkPolicies
from .parameters import Parameters
from .places import Place
from .policies import MASKING, ROW_ACCESS, Policies
from .roles import Roles
from .storage import Storage
from .users import Users


class Security:
    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self.roles = Roles(catalogue)
        self.users = Users(self.roles)
        self.history = History()
        self.networks = NetworkPolicies(self.roles)
        self.parameters = Parameters(self.roles, self.users)
        self.policies = Policies(catalogue, self.roles)
        self.account_policies = AccountPolicies(self.roles, self.users)
        self.storage = Storage(self.roles, self.parameters)
        self.grants = Grants(self.roles, self.places)
        self.grant_show = GrantShow(self.roles, self.grants, self.places)
        self.account_usage = AccountUsage(self)
        self._places: dict[str, Callable[[], Iterable[Place]]] = {
            "USER": self.users.places,
            "WAREHOUSE": lambda: [Place("WAREHOUSE", (w,)) for w in WAREHOUSES],
            "SEQUENCE": lambda: [Place("SEQUENCE", tuple(s.name)) for s in catalogue.sequences()],
            "NETWORK POLICY": lambda: [self.networks.place(n) for n in self.networks.all],
            MASKING: lambda: self.policies.places(MASKING),
            PASSWORD: lambda: [p.place for p in self.account_policies.of(PASSWORD)],
            SESSION: lambda: [p.place for p in self.account_policies.of(SESSION)],
            ROW_ACCESS: lambda: self.policies.places(ROW_ACCESS),
            "STAGE": lambda: [s.place for s in self.storage.stages.values()],
            "INTEGRATION": lambda: [Place("INTEGRATION", (n,)) for n in self.storage.integrations],
            "SHARE": lambda: [Place("SHARE", (n,)) for n in self.storage.shares],
        }

    def dropped_container(self, *parts: str) -> None:
        """A database or a schema is gone, with everything inside."""
        self.storage.dropped_container(*parts)
        self.policies.dropped_container(*parts)
        self.account_policies.dropped_container(*parts)
        self.roles.dropped_container(*parts)

    def places(self, kind: str) -> list[Place]:
        """What there is of a kind, other than tables, schemas and databases."""
        return list(self._places.get(kind, list)())
