"""Policies at work: a reference to a protected table becomes a selection that masks and filters.

A view over protected tables is expanded, so that its policies are those of the session that asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakesnow.dialect import parse_one
from sqlglot import exp

from ..catalogue import Table
from ..errors import cannot, insufficient, syntax
from ..names import Name, fold
from . import policybody
from .places import role
from .policies import Attachment
from .policybody import Context
from .reader import Reader

if TYPE_CHECKING:
    from ..run import Run

INNER = "_PROTECTED"
#: Marks the aliases that stand for columns of the same name and kind.
OURS = "policy"
KEPT = {"this", "db", "catalog", "alias", "joins", "when"}


def protected(run: Run, table: Table) -> bool:
    """Whether a policy has a say in what a session reads from the table or view."""
    if table.row_access or any(c.masking for c in table.columns):
        return True
    return any(protected(run, source) for name in table.sources if (source := run.catalogue.get(name)))


def session_context(run: Run) -> Context:
    roles = run.engine.roles
    return Context(run.session.role, run.session.user, roles.effective(run.session))


def guard(run: Run, reference: exp.Table, table: Table, context: Context) -> list[Table]:
    """Replace a reference by what the context may see. Returns every table that is read inside."""
    if extra := {k for k, v in reference.args.items() if v} - KEPT:
        raise cannot(f"read a table under a policy with {', '.join(sorted(extra))}")
    read: list[Table] = []
    selection = _selection(run, table, context, read)
    alias = reference.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name.name, quoted=True))
    replacement = exp.Subquery(this=selection, alias=alias)
    if joins := reference.args.get("joins"):
        replacement.set("joins", joins)
    # DB.SCHEMA.T.COLUMN names a subquery by its last part only.
    for column in reference.root().find_all(exp.Column):
        if column.args.get("db") and fold(column.args["table"]) == fold(alias.this):
            column.set("db", None)
            column.set("catalog", None)
    reference.replace(replacement)
    return read


def _selection(run: Run, table: Table, context: Context, read: list[Table]) -> exp.Select:
    read.append(table)
    inner = exp.to_identifier(INNER, quoted=True)
    if table.kind == "VIEW":
        if table.query is None:
            raise cannot(f"expand the view {table.name.dotted}")
        query = table.query.copy()
        for reference in run.references(query):
            source = run.catalogue.get(Name(*(fold(p) for p in reference.parts)))
            if source and protected(run, source):
                alias = reference.args.get("alias") or exp.TableAlias(this=exp.to_identifier(source.name.name, quoted=True))
                reference.replace(exp.Subquery(this=_selection(run, source, context, read), alias=alias))
            elif source:
                read.append(source)
        names = [exp.to_identifier(c.name, quoted=True) for c in table.columns]
        place: exp.Expression = exp.Subquery(this=query, alias=exp.TableAlias(this=inner, columns=names))
    else:
        parts = {k: exp.to_identifier(v, quoted=True) for k, v in zip(("catalog", "db", "this"), table.name, strict=True)}
        place = exp.Table(**parts, alias=exp.TableAlias(this=inner))
    heads = []
    for column in table.columns:
        value: exp.Expression = _column(column.name)
        if column.masking:
            value = _applied(run, column.masking, context)
            if column.type.kind != "TEXT":
                value = exp.cast(value, exp.DataType.build(column.type.text, dialect="snowflake"))
        head = exp.alias_(value, exp.to_identifier(column.name, quoted=True))
        head.meta[OURS] = True
        heads.append(head)
    select = exp.Select(expressions=heads).from_(place)
    if table.row_access:
        select = select.where(_applied(run, table.row_access, context))
    return select


def _column(name: str) -> exp.Column:
    return exp.Column(this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(INNER, quoted=True))


def _applied(run: Run, attached: Attachment, context: Context) -> exp.Expression:
    """The policy's decision. To decide for another role takes the right to apply the policy."""
    policy = attached.policy
    if run.policy_context and not run.engine.security.policies.may_apply(run.session, policy):
        raise insufficient(policy.kind.lower(), policy.name.name)
    given = {name: _column(column) for (name, _), column in zip(policy.arguments, attached.columns, strict=True)}
    return policybody.applied(policy.body, given, context)


def execute_using(reader: Reader, run: Run) -> exp.Expression:
    """EXECUTE USING POLICY_CONTEXT(…) AS SELECT …: sets the run's context and gives the query."""
    reader.expect("EXECUTE")
    reader.expect("USING")
    reader.expect("POLICY_CONTEXT")
    asked = policybody.context_of(reader)
    reader.expect("AS")
    query = parse_one(reader.rest())
    if not isinstance(query, (exp.Select, exp.SetOperation, exp.Subquery)):
        raise syntax("POLICY_CONTEXT takes a query.")
    roles, name = run.engine.roles, asked.get("CURRENT_ROLE", run.session.role)
    roles.find(role(name))
    run.policy_context = Context(name, asked.get("CURRENT_USER", run.session.user), roles.closure([role(name)]))
    return query
