"""Which privileges exist on which kind of object, from Snowflake's page "Access control privileges"."""

from __future__ import annotations

from ..errors import syntax

#: What ALL PRIVILEGES stands for, per kind. OWNERSHIP is never part of it.
OF_KIND: dict[str, tuple[str, ...]] = {
    "TABLE": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"),
    "VIEW": ("SELECT", "REFERENCES"),
    "SEQUENCE": ("USAGE",),
    "STAGE": ("READ", "USAGE", "WRITE"),
    "SCHEMA": (
        "USAGE", "MODIFY", "MONITOR", "CREATE TABLE", "CREATE VIEW", "CREATE SEQUENCE", "CREATE STAGE", "CREATE MASKING POLICY",
        "CREATE ROW ACCESS POLICY", "CREATE PASSWORD POLICY", "CREATE SESSION POLICY",
    ),
    "DATABASE": ("USAGE", "MODIFY", "MONITOR", "CREATE SCHEMA", "CREATE DATABASE ROLE"),
    "WAREHOUSE": ("USAGE", "MODIFY", "MONITOR", "OPERATE"),
    "MASKING POLICY": ("APPLY",),
    "ROW ACCESS POLICY": ("APPLY",),
    "ACCOUNT": (
        "CREATE ROLE", "CREATE USER", "CREATE DATABASE", "CREATE WAREHOUSE", "CREATE NETWORK POLICY", "CREATE SHARE",
        "CREATE INTEGRATION", "MANAGE GRANTS", "APPLY MASKING POLICY", "APPLY ROW ACCESS POLICY", "APPLY PASSWORD POLICY",
        "APPLY SESSION POLICY", "ATTACH POLICY", "EXECUTE TASK",
        "EXECUTE MANAGED TASK", "MONITOR EXECUTION", "MONITOR USAGE", "MONITOR SECURITY", "IMPORT SHARE",
        "OVERRIDE SHARE RESTRICTIONS",
    ),
    "NETWORK POLICY": (),
    "PASSWORD POLICY": (),
    "SESSION POLICY": (),
    "ROLE": (),
    "DATABASE ROLE": (),
    "USER": ("MONITOR",),
    "INTEGRATION": ("USAGE", "USE_ANY_ROLE"),
}
#: Known and recorded, but not part of ALL here.
MORE: dict[str, tuple[str, ...]] = {
    "TABLE": ("EVOLVE SCHEMA", "APPLYBUDGET"),
    "VIEW": ("INSERT", "UPDATE", "DELETE", "TRUNCATE"),
    "SCHEMA": (
        "ADD SEARCH OPTIMIZATION", "APPLYBUDGET", "CREATE FILE FORMAT", "CREATE FUNCTION", "CREATE PROCEDURE", "CREATE STREAM", "CREATE TASK",
        "CREATE PIPE", "CREATE EXTERNAL TABLE", "CREATE MATERIALIZED VIEW", "CREATE DYNAMIC TABLE", "CREATE TAG", "CREATE TEMPORARY TABLE",
    ),
    "DATABASE": ("IMPORTED PRIVILEGES", "REFERENCE_USAGE", "APPLYBUDGET"),
    "WAREHOUSE": ("APPLYBUDGET",),
    "ACCOUNT": (
        "APPLY TAG", "APPLY AUTHENTICATION POLICY", "AUDIT", "RESOLVE ALL", "MANAGE WAREHOUSES",
    ),
}
#: Object kinds as GRANT writes them, longest first, and their plurals.
KINDS = (
    "ROW ACCESS POLICY", "MASKING POLICY", "NETWORK POLICY", "PASSWORD POLICY", "SESSION POLICY", "DATABASE ROLE", "TABLE", "VIEW",
    "SEQUENCE", "STAGE", "SCHEMA", "DATABASE",
    "WAREHOUSE", "ACCOUNT", "INTEGRATION", "ROLE", "USER",
)
PLURALS = {
    "TABLES": "TABLE", "VIEWS": "VIEW", "SEQUENCES": "SEQUENCE", "STAGES": "STAGE", "SCHEMAS": "SCHEMA", "DATABASES": "DATABASE",
    "MASKING POLICIES": "MASKING POLICY", "ROW ACCESS POLICIES": "ROW ACCESS POLICY",
}
#: Inside a schema: to see them takes USAGE on the schema and the database.
IN_SCHEMA = {"TABLE", "VIEW", "SEQUENCE", "STAGE", "MASKING POLICY", "ROW ACCESS POLICY", "PASSWORD POLICY", "SESSION POLICY"}


def checked(words: list[str], kind: str) -> list[str]:
    """The privileges that a list means on a kind of object."""
    if words in (["ALL"], ["ALL PRIVILEGES"]):
        return list(OF_KIND[kind])
    known = {*OF_KIND[kind], *MORE.get(kind, ()), "OWNERSHIP"}
    for word in words:
        if word not in known:
            raise syntax(f"unexpected '{word}': not a privilege on {kind} that the stand-in knows.")
    return words
