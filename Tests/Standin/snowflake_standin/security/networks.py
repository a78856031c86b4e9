"""Network policies: kept, shown and attached; addresses of callers are not checked against them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..catalogue import now
from ..errors import SqlError, cannot, compilation, exists, missing_container
from ..relations import Relation, relation, status
from .places import ACCOUNT, Place
from .reader import Reader
from .rolecommands import DONE
from .roles import Roles

if TYPE_CHECKING:
    from ..run import Run


@dataclass
class NetworkPolicy:
    name: str
    allowed: list[str]
    blocked: list[str]
    comment: str = ""
    created: datetime = field(default_factory=now)
    deleted: datetime | None = None


class NetworkPolicies:
    def __init__(self, roles: Roles):
        self.roles = roles
        self.all: dict[str, NetworkPolicy] = {}
        self.gone: list[NetworkPolicy] = []

    def get(self, name: str) -> NetworkPolicy:
        if name not in self.all:
            raise missing_container("Network policy", name)
        return self.all[name]

    def place(self, name: str) -> Place:
        return Place("NETWORK POLICY", (name,))

    def create(self, reader: Reader, run: Run) -> Relation:
        reader.expect("CREATE")
        replace = reader.takes("OR", "REPLACE")
        reader.expect("NETWORK", "POLICY")
        lenient = reader.if_not_exists()
        name = reader.identifier()
        self.roles.require_create(run.session, "CREATE NETWORK POLICY", ACCOUNT)
        if name in self.all and not replace:
            if lenient:
                return status(f"{name} already exists, statement succeeded.")
            raise exists(name)
        made = NetworkPolicy(name, [], [])
        self._set(made, reader.properties())
        self.all[name] = made
        self.roles.set_owner(self.place(name), run.session.role)
        return status(f"Network policy {name} successfully created.")

    def alter(self, reader: Reader, run: Run) -> Relation:
        reader.expect("ALTER", "NETWORK", "POLICY")
        lenient = reader.if_exists()
        name = reader.identifier()
        if lenient and name not in self.all:
            return status(DONE)
        found = self.get(name)
        self.roles.require_owner(run.session, self.place(name))
        if reader.takes("UNSET", "COMMENT"):
            found.comment = ""
            reader.end()
        elif reader.takes("SET"):
            self._set(found, reader.properties())
        else:
            raise cannot("alter a network policy but by SET and UNSET COMMENT")
        return status(DONE)

    def drop(self, reader: Reader, run: Run) -> Relation:
        reader.expect("DROP", "NETWORK", "POLICY")
        lenient = reader.if_exists()
        name = reader.identifier()
        reader.end()
        if lenient and name not in self.all:
            return status(f"Drop statement executed successfully ({name} already dropped).")
        found = self.get(name)
        self.roles.require_owner(run.session, self.place(name))
        security = run.engine.security
        if security.parameters.account.get("NETWORK_POLICY") == name or any(u.network_policy == name for u in security.users.all.values()):
            raise compilation("001492", "42601", f"Cannot perform Drop operation on network policy {name}. The policy is attached.")
        found.deleted = now()
        self.gone.append(self.all.pop(name))
        self.roles.dropped(self.place(name))
        return status(f"{name} successfully dropped.")

    @staticmethod
    def _set(policy: NetworkPolicy, properties: dict[str, list[str]]) -> None:
        for name, values in properties.items():
            if name in ("ALLOWED_IP_LIST", "BLOCKED_IP_LIST"):
                for value in values:
                    _check_address(value)
                if name == "ALLOWED_IP_LIST":
                    policy.allowed = values
                else:
                    policy.blocked = values
            elif name == "COMMENT":
                policy.comment = values[0] if values else ""
            else:
                raise cannot(f"keep {name} of a network policy; ALLOWED_IP_LIST and BLOCKED_IP_LIST are")

    def show(self, reader: Reader, run: Run, like: Callable[[str], bool]) -> Relation:
        """Only what the role owns or may attach; an administrator sees all of them."""
        heads = ["created_on:time", "name", "comment", "entries_in_allowed_ip_list:number", "entries_in_blocked_ip_list:number",
                 "entries_in_allowed_network_rules:number", "entries_in_blocked_network_rules:number"]
        reader.end()
        seen = self.roles.manages_grants(run.session)
        rows = [
            [p.created, p.name, p.comment, len(p.allowed), len(p.blocked), 0, 0]
            for p in sorted(self.all.values(), key=lambda p: p.name)
            if like(p.name) and (seen or self.roles.owns(run.session, self.place(p.name)))
        ]
        return relation(heads, rows)

    def describe(self, reader: Reader, run: Run) -> Relation:
        reader.word()
        reader.expect("NETWORK", "POLICY")
        found = self.get(reader.identifier())
        reader.end()
        if not self.roles.manages_grants(run.session):
            self.roles.require_owner(run.session, self.place(found.name))
        rows = [["ALLOWED_IP_LIST", ",".join(found.allowed)], ["BLOCKED_IP_LIST", ",".join(found.blocked)]]
        return relation(["name", "value"], [row for row in rows if row[1]])


def _check_address(text: str) -> None:
    try:
        ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        raise SqlError("001008", "22023", f"SQL compilation error:\ninvalid value [{text}] for parameter 'IP_LIST'") from None
