"""The policies in ACCOUNT_USAGE: which there are, and where they are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..relations import Relation, relation
from . import policyrefs
from .places import ACCOUNT, bare
from .policies import MASKING, ROW_ACCESS

if TYPE_CHECKING:
    from .core import Security

HEADS = ["POLICY_DB", "POLICY_SCHEMA", "POLICY_ID:number", "POLICY_NAME", "POLICY_KIND", *policyrefs.HEADS[4:]]


def references(security: Security) -> Relation:
    """Masking and row access policies on tables; password, session and network policies on the account and users."""
    rows = []
    for number, reference in enumerate(security.policies.references(), 1):
        found = policyrefs.row(reference)
        rows.append([*found[:2], number, *found[2:]])
    for (kind, place), policy in security.account_policies.attached.items():
        rows.append([*policy.name[:2], None, policy.name.name, kind.replace(" ", "_"), None, None, bare(place), place.kind, *[None] * 5, "ACTIVE"])
    networks = [(ACCOUNT.parts[0], "ACCOUNT", security.parameters.account.get("NETWORK_POLICY"))]
    networks += [(u.name, "USER", u.network_policy) for u in security.users.all.values()]
    for entity, domain, name in networks:
        if name:
            rows.append([None, None, None, name, "NETWORK_POLICY", None, None, entity, domain, *[None] * 5, "ACTIVE"])
    return relation(HEADS, rows)


def declarations(security: Security, kind: str) -> Relation:
    """ACCOUNT_USAGE.MASKING_POLICIES or ROW_ACCESS_POLICIES."""
    heads = ["POLICY_ID:number", "POLICY_NAME", "POLICY_SCHEMA", "POLICY_CATALOG", "POLICY_OWNER", "POLICY_SIGNATURE", "POLICY_RETURN_TYPE",
             "POLICY_BODY", "POLICY_COMMENT", "CREATED:time", "LAST_ALTERED:time", "DELETED:time"]
    rows = [
        [number, p.name.name, p.name.schema, p.name.database, security.roles.owner(p.place), p.signature, p.returns.text, p.text, p.comment or None,
         p.created, p.created, None]
        for number, (_, p) in enumerate(sorted(security.policies.all.items()), 1)
        if p.kind == kind
    ]
    return relation(heads, rows)


def views(security: Security) -> dict:
    return {
        "POLICY_REFERENCES": lambda: references(security),
        "MASKING_POLICIES": lambda: declarations(security, MASKING),
        "ROW_ACCESS_POLICIES": lambda: declarations(security, ROW_ACCESS),
        "PASSWORD_POLICIES": lambda: security.account_policies.view("PASSWORD POLICY"),
        "SESSION_POLICIES": lambda: security.account_policies.view("SESSION POLICY"),
    }
