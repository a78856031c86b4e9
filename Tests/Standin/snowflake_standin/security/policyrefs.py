"""INFORMATION_SCHEMA.POLICY_REFERENCES and IS_ROLE_IN_SESSION, put in the place of their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from .. import infoschema
from ..errors import cannot, missing_container, missing_object
from ..names import Name, fold, parse_name
from ..relations import Relation, relation
from . import policybody
from .grants import qualified
from .places import kind_of
from .policies import Reference
from .policybody import Context

if TYPE_CHECKING:
    from ..run import Run

HEADS = ["POLICY_DB", "POLICY_SCHEMA", "POLICY_NAME", "POLICY_KIND", "REF_DATABASE_NAME", "REF_SCHEMA_NAME", "REF_ENTITY_NAME",
         "REF_ENTITY_DOMAIN", "REF_COLUMN_NAME", "REF_ARG_COLUMN_NAMES", "TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "POLICY_STATUS"]


def row(reference: Reference) -> list:
    """One row as both the table function and the ACCOUNT_USAGE view have it."""
    policy, table = reference.policy, reference.table
    listed = "[ " + ", ".join(f'"{c}"' for c in reference.columns) + " ]"
    arguments = None if reference.column and len(reference.columns) == 1 else listed
    return [*policy.name[:2], policy.name.name, policy.kind.replace(" ", "_"), *table.name, kind_of(table), reference.column, arguments, None, None,
            None, "ACTIVE"]


def replace_calls(run: Run, statement: exp.Expression) -> None:
    """Put the answer in the place of `TABLE(INFORMATION_SCHEMA.POLICY_REFERENCES(…))`."""
    for call in list(statement.find_all(exp.TableFromRows)):
        function = call.this
        database = run.database
        if isinstance(function, exp.Dot):
            parts = list(function.flatten())
            function = parts[-1]
            if len(parts) == 3:
                database = fold(parts[0])
        if isinstance(function, exp.Anonymous) and function.name.upper() == "POLICY_REFERENCES":
            run.put(call, "POLICY_REFERENCES", _answer(run, function, database))


def _answer(run: Run, function: exp.Anonymous, database: str | None) -> Relation:
    if not database or infoschema.exists(run.duck, (database,)):
        raise missing_container("Database", database or "")
    given = {str(k.this.name).upper(): k.expression.name for k in function.expressions if isinstance(k, exp.Kwarg)}
    policies = run.engine.security.policies
    found = [r for r in policies.references() if policies.may_apply(run.session, r.policy)]
    if set(given) == {"REF_ENTITY_NAME", "REF_ENTITY_DOMAIN"}:
        if given["REF_ENTITY_DOMAIN"].upper() not in ("TABLE", "VIEW"):
            raise cannot(f"answer POLICY_REFERENCES of {given['REF_ENTITY_DOMAIN']}; of tables and views it can")
        name = Name(*_parts(given["REF_ENTITY_NAME"], run))
        table = run.catalogue.get(name)
        if not table or not run.engine.roles.visible(run.session, table):
            raise missing_object(name.dotted)
        found = [r for r in found if r.table is table]
    elif set(given) == {"POLICY_NAME"}:
        name = Name(*_parts(given["POLICY_NAME"], run))
        if name not in policies.all:
            raise missing_container("Policy", name.dotted)
        found = [r for r in found if r.policy.name == name]
    else:
        raise cannot(f"answer POLICY_REFERENCES with {', '.join(sorted(given)) or 'these arguments'}")
    return relation(HEADS, [row(r) for r in found])


def _parts(text: str, run: Run) -> tuple[str, ...]:
    return qualified(tuple(fold(p) for p in parse_name(text).parts), run, 3)


def decide_roles(statement: exp.Expression, context: Context) -> None:
    """IS_ROLE_IN_SESSION('X') becomes the answer, under the name that the call would have."""
    for call in [c for c in statement.find_all(exp.Anonymous) if c.name.upper() == "IS_ROLE_IN_SESSION"]:
        answer: exp.Expression = policybody.in_session(call, context)
        if isinstance(call.parent, exp.Select) and call.arg_key == "expressions":
            answer = exp.alias_(answer, exp.to_identifier(call.sql("snowflake").upper(), quoted=True))
        call.replace(answer)
