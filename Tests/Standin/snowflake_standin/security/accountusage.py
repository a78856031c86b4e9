"""The views of SNOWFLAKE.ACCOUNT_USAGE that audits read, without the latency that the real ones have.

Who may read: holders of IMPORTED PRIVILEGES on the database, and the database role that covers the view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from .. import dependencies
from ..catalogue import Table
from ..errors import cannot, missing_container, missing_object
from ..relations import Relation, relation
from ..session import Session
from . import policyviews
from .places import Place, bare, database, kind_of, user
from .roles import SNOWFLAKE, Grant

if TYPE_CHECKING:
    from .core import Security

#: View: the database roles that may read it.
SECURITY, GOVERNANCE, OBJECT, USAGE = "SECURITY_VIEWER", "GOVERNANCE_VIEWER", "OBJECT_VIEWER", "USAGE_VIEWER"
READERS = {
    "GRANTS_TO_ROLES": (SECURITY,), "GRANTS_TO_USERS": (SECURITY,), "USERS": (SECURITY,), "ROLES": (SECURITY,), "LOGIN_HISTORY": (SECURITY,),
    "QUERY_HISTORY": (GOVERNANCE, USAGE), "POLICY_REFERENCES": (GOVERNANCE, SECURITY), "NETWORK_POLICIES": (SECURITY,),
    "PASSWORD_POLICIES": (SECURITY,), "SESSION_POLICIES": (SECURITY,), "MASKING_POLICIES": (GOVERNANCE,), "ROW_ACCESS_POLICIES": (GOVERNANCE,),
    "STAGES": (OBJECT,), "OBJECT_DEPENDENCIES": (OBJECT,),
}
#: Views that Snowflake has and this has not: no answer is better than an empty one.
NOT_MODELLED = {
    "ACCESS_HISTORY", "COLUMNS", "CREDENTIALS", "DATABASES", "FUNCTIONS", "PROCEDURES", "SCHEMATA", "SESSIONS", "SHARES",
    "TABLES", "TABLE_CONSTRAINTS", "TAGS", "TAG_REFERENCES", "TASK_HISTORY", "VIEWS",
}


class AccountUsage:
    def __init__(self, security: Security):
        self.security = security
        self.views: dict[str, Callable[[], Relation]] = {
            "GRANTS_TO_ROLES": self.grants_to_roles,
            "GRANTS_TO_USERS": self.grants_to_users,
            "USERS": self.users,
            "ROLES": self.roles,
            "LOGIN_HISTORY": self.login_history,
            "QUERY_HISTORY": self.query_history,
            "NETWORK_POLICIES": self.network_policies,
            "STAGES": self.stages,
            "OBJECT_DEPENDENCIES": lambda: dependencies.dependencies(security.catalogue),
            **policyviews.views(security),
        }

    def read(self, schema: str, view: str, session: Session) -> Relation:
        """A view, for a session that may read it. Schemas other than ACCOUNT_USAGE are not modelled."""
        roles = self.security.roles
        effective = roles.effective(session)
        imported = roles.holds(effective, "IMPORTED PRIVILEGES", database(SNOWFLAKE))
        viewers = {r.parts[1] for r in effective if r.kind == "DATABASE ROLE" and r.parts[0] == SNOWFLAKE}
        if not imported and not viewers:
            raise missing_container("Database", SNOWFLAKE)
        if schema != "ACCOUNT_USAGE":
            raise missing_container("Schema", f"{SNOWFLAKE}.{schema}")
        if view in NOT_MODELLED and imported:
            raise cannot(f"show {SNOWFLAKE}.{schema}.{view} (not emulated)")
        if view not in self.views or not (imported or viewers & set(READERS.get(view, ()))):
            raise missing_object(f"{SNOWFLAKE}.{schema}.{view}")
        return self.views[view]()

    # Grants

    def _grants(self) -> Iterable[Grant]:
        """Every grant that is or was, with ownership as a grant to the owner."""
        roles = self.security.roles
        yield from roles.past
        yield from roles.grants
        for place in [p for p in roles.roles if p.kind == "ROLE"]:
            yield from self.security.grant_show.owned(place)

    def grants_to_roles(self) -> Relation:
        heads = ["CREATED_ON:time", "MODIFIED_ON:time", "PRIVILEGE", "GRANTED_ON", "NAME", "TABLE_CATALOG", "TABLE_SCHEMA", "GRANTED_TO",
                 "GRANTEE_NAME", "GRANT_OPTION:boolean", "GRANTED_BY", "DELETED_ON:time", "GRANTED_BY_ROLE_TYPE", "OBJECT_INSTANCE"]
        to = {"ROLE": "ACCOUNT ROLE", "DATABASE ROLE": "DATABASE_ROLE", "USER": "USER"}
        rows = []
        for g in self._grants():
            membership = g.grantee.kind == "USER" and kind_of(g.target) == "ROLE"
            if g.grantee.kind in to and not membership:
                catalog, schema = _where(g.target)
                rows.append([g.created, g.deleted or g.created, g.privilege, kind_of(g.target).replace(" ", "_"), bare(g.target), catalog, schema,
                             to[g.grantee.kind], g.grantee.parts[-1], g.option, g.granted_by or None, g.deleted, "ROLE" if g.granted_by else None, None])
        return relation(heads, rows)

    def grants_to_users(self) -> Relation:
        heads = ["CREATED_ON:time", "DELETED_ON:time", "ROLE", "GRANTED_TO", "GRANTEE_NAME", "GRANTED_BY"]
        roles = self.security.roles
        found = (g for g in [*roles.past, *roles.grants] if g.grantee.kind == "USER" and kind_of(g.target) == "ROLE" and g.privilege == "USAGE")
        return relation(heads, [[g.created, g.deleted, bare(g.target), "USER", g.grantee.dotted, g.granted_by or None] for g in found])

    def roles(self) -> Relation:
        heads = ["ROLE_ID:number", "CREATED_ON:time", "DELETED_ON:time", "NAME", "COMMENT", "OWNER", "ROLE_TYPE", "ROLE_DATABASE_NAME",
                 "ROLE_INSTANCE_ID:number", "OWNER_ROLE_TYPE"]
        rows = [
            [number, r.created, None, p.parts[-1], r.comment, r.owner or None, "ROLE" if p.kind == "ROLE" else "DATABASE_ROLE",
             None if p.kind == "ROLE" else p.parts[0], None, "ROLE" if r.owner else None]
            for number, (p, r) in enumerate(sorted(self.security.roles.roles.items()), 1)
        ]
        return relation(heads, rows)

    # Users and what they did

    def users(self) -> Relation:
        heads = ["USER_ID:number", "NAME", "CREATED_ON:time", "DELETED_ON:time", "LOGIN_NAME", "DISPLAY_NAME", "FIRST_NAME", "LAST_NAME", "EMAIL",
                 "MUST_CHANGE_PASSWORD:boolean", "HAS_PASSWORD:boolean", "COMMENT", "DISABLED:variant", "SNOWFLAKE_LOCK:variant", "DEFAULT_WAREHOUSE",
                 "DEFAULT_NAMESPACE", "DEFAULT_ROLE", "EXT_AUTHN_DUO:boolean", "EXT_AUTHN_UID", "HAS_MFA:boolean", "BYPASS_MFA_UNTIL:time",
                 "LAST_SUCCESS_LOGIN:time", "EXPIRES_AT:time", "LOCKED_UNTIL_TIME:time", "HAS_RSA_PUBLIC_KEY:boolean", "PASSWORD_LAST_SET_TIME:time",
                 "OWNER", "DEFAULT_SECONDARY_ROLE", "TYPE", "HAS_PAT:boolean", "HAS_WORKLOAD_IDENTITY:boolean"]
        everyone = [*self.security.users.gone, *self.security.users.all.values()]
        rows = [
            [number, u.name, u.created, u.deleted, u.login_name, u.display_name, u.first_name or None, u.last_name or None, u.email or None,
             u.must_change_password, u.shown_password, u.comment or None, _variant(u.disabled), _variant(u.locked), u.default_warehouse or None,
             u.default_namespace or None, u.default_role or None, u.ext_authn_duo, None, u.has_mfa, None, u.last_success_login, u.expires_at, None,
             bool(u.rsa_public_key), u.password_last_set, self.security.roles.owner(user(u.name)), u.shown_secondary, u.type, u.has_pat,
             u.has_workload_identity]
            for number, u in enumerate(everyone, 1)
        ]
        return relation(heads, rows)

    def login_history(self) -> Relation:
        heads = ["EVENT_ID:number", "EVENT_TIMESTAMP:time", "EVENT_TYPE", "USER_NAME", "CLIENT_IP", "REPORTED_CLIENT_TYPE", "REPORTED_CLIENT_VERSION",
                 "FIRST_AUTHENTICATION_FACTOR", "SECOND_AUTHENTICATION_FACTOR", "IS_SUCCESS", "ERROR_CODE:number", "ERROR_MESSAGE",
                 "RELATED_EVENT_ID:number", "CONNECTION"]
        rows = [
            [n.id, n.at, "LOGIN", n.user, n.client_ip, n.client, n.client_version, n.first_factor, n.second_factor, "YES" if n.success else "NO",
             n.error_code, n.error_message, 0, None]
            for n in list(self.security.history.logins)
        ]
        return relation(heads, rows)

    def query_history(self) -> Relation:
        heads = ["QUERY_ID", "QUERY_TEXT", "DATABASE_NAME", "SCHEMA_NAME", "QUERY_TYPE", "SESSION_ID:number", "USER_NAME", "ROLE_NAME",
                 "WAREHOUSE_NAME", "QUERY_TAG", "EXECUTION_STATUS", "ERROR_CODE", "ERROR_MESSAGE", "START_TIME:time", "END_TIME:time",
                 "TOTAL_ELAPSED_TIME:number", "ROWS_PRODUCED:number", "ROWS_UNLOADED:number", "OUTBOUND_DATA_TRANSFER_CLOUD",
                 "OUTBOUND_DATA_TRANSFER_REGION", "OUTBOUND_DATA_TRANSFER_BYTES:number", "ROLE_TYPE"]
        rows = [
            [q.id, q.text, q.database, q.schema, q.type, q.session_id, q.user, q.role, q.warehouse, q.tag or None, q.status, q.error_code,
             q.error_message, q.started, q.ended, _elapsed(q.started, q.ended), q.rows_produced, q.rows_unloaded, None, None, q.outbound_bytes, "ROLE"]
            for q in list(self.security.history.queries)
        ]
        return relation(heads, rows)

    # Policies and stages

    def network_policies(self) -> Relation:
        heads = ["ID:number", "NAME", "CREATED:time", "LAST_ALTERED:time", "DELETED:time", "OWNER", "OWNER_ROLE_TYPE", "COMMENT", "ALLOWED_IP_LIST",
                 "BLOCKED_IP_LIST", "ALLOWED_NETWORK_RULE_LIST", "BLOCKED_NETWORK_RULE_LIST"]
        networks = self.security.networks
        rows = [
            [number, p.name, p.created, p.deleted or p.created, p.deleted, self.security.roles.owner(networks.place(p.name)), "ROLE", p.comment or None,
             ",".join(p.allowed), ",".join(p.blocked), None, None]
            for number, p in enumerate([*networks.gone, *networks.all.values()], 1)
        ]
        return relation(heads, rows)

    def stages(self) -> Relation:
        heads = ["STAGE_ID:number", "STAGE_NAME", "STAGE_SCHEMA", "STAGE_CATALOG", "STAGE_URL", "STAGE_REGION", "STAGE_TYPE", "STAGE_OWNER", "COMMENT",
                 "CREATED:time", "LAST_ALTERED:time", "DELETED:time"]
        storage = self.security.storage
        rows = [
            [number, s.name.name, s.name.schema, s.name.database, s.url or None, None, "External Named" if s.cloud else "Internal Named",
             self.security.roles.owner(s.place), s.comment or None, s.created, s.deleted or s.created, s.deleted]
            for number, s in enumerate([*storage.gone, *storage.stages.values()], 1)
        ]
        return relation(heads, rows)


def _where(target: Table | Place) -> tuple[str | None, str | None]:
    """TABLE_CATALOG and TABLE_SCHEMA of what a grant is on."""
    if isinstance(target, Table):
        return target.name.database, target.name.schema
    if target.kind in ("ROLE", "USER", "WAREHOUSE", "ACCOUNT", "DATABASE", "INTEGRATION", "NETWORK POLICY"):
        return None, None
    return target.parts[0], target.parts[1] if len(target.parts) > 2 else None


def _variant(value: bool) -> str:
    return str(value).lower()


def _elapsed(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else int((end - start).total_seconds() * 1000)
