"""The body of a policy: which expressions are modelled, and what they mean for one session."""

from __future__ import annotations

from dataclasses import dataclass

from fakesnow.dialect import parse_one
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..errors import SqlError, cannot, invalid_identifier, syntax
from ..names import fold
from ..sftypes import SFType, from_declared
from .places import Place, role
from .reader import Reader

#: What a body may be made of. Anything else, a subquery above all, is refused when the policy is created.
ALLOWED = (
    exp.Case, exp.If, exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Between,
    exp.Literal, exp.Null, exp.Boolean, exp.Neg, exp.Column, exp.Identifier, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Coalesce,
    exp.Concat, exp.DPipe, exp.Left, exp.Right, exp.Substring, exp.MD5, exp.SHA2, exp.Upper, exp.Lower, exp.Replace, exp.RegexpReplace,
    exp.Like, exp.ILike, exp.Length, exp.Trim, exp.Round, exp.CurrentRole, exp.CurrentUser, exp.Tuple,
)


@dataclass(frozen=True)
class Context:
    """For whom a policy decides: the session, or what POLICY_CONTEXT says instead."""

    role: str
    user: str
    roles: frozenset[Place]


def arguments(reader: Reader) -> list[tuple[str, SFType]]:
    """`(val VARCHAR, dept NUMBER(3,0))`"""
    found: list[tuple[str, SFType]] = []
    reader.expect("(")
    while not reader.takes(")"):
        name = reader.identifier()
        found.append((name, type_before(reader, ",", ")")))
        reader.takes(",")
    if not found:
        raise reader.unexpected()
    return found


def type_before(reader: Reader, *marks: str) -> SFType:
    text, depth = "", 0
    while not reader.done and (depth or not any(reader.sees(m) for m in marks)):
        depth += reader.sees("(") - reader.sees(")")
        text += f"{reader.raw()} "
    try:
        return from_declared(exp.DataType.build(text, dialect="snowflake"))
    except (ValueError, SqlglotError):
        raise syntax(f"unexpected '{text.strip() or '<EOF>'}'.") from None


def names(reader: Reader) -> list[str]:
    """`(a, b)`, column names."""
    reader.expect("(")
    found = [reader.identifier()]
    while reader.takes(","):
        found.append(reader.identifier())
    reader.expect(")")
    return found


def parsed(text: str, known: list[str]) -> exp.Expression:
    """The body's expression, once it is found to be modelled."""
    select = parse_one(f"SELECT {text} AS V")
    if not isinstance(select, exp.Select) or len(select.expressions) != 1 or set(k for k, v in select.args.items() if v) - {"expressions"}:
        raise syntax(f"unexpected '{text[:30]}'.")
    body = select.expressions[0].this
    for node in body.walk():
        if isinstance(node, exp.Column):
            if node.table or fold(node.this) not in known:
                raise invalid_identifier(node.sql("snowflake"))
        elif isinstance(node, exp.Anonymous) and node.name.upper() in ("CURRENT_ROLE", "CURRENT_USER") and not node.expressions:
            continue
        elif isinstance(node, exp.Anonymous) and node.name.upper() == "IS_ROLE_IN_SESSION":
            if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.Literal):
                raise cannot("decide IS_ROLE_IN_SESSION of anything but a literal in a policy")
        elif not isinstance(node, ALLOWED):
            raise cannot(f"evaluate this in the body of a policy (not emulated): {node.sql('snowflake')[:60]}")
    return body


def applied(body: exp.Expression, given: dict[str, exp.Expression], context: Context) -> exp.Expression:
    """The body with the columns for its arguments and the context's answers for its functions."""

    def answer(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column):
            return given[fold(node.this)].copy()
        asked = node.name.upper() if isinstance(node, exp.Anonymous) else ""
        if isinstance(node, exp.CurrentRole) or asked == "CURRENT_ROLE":
            return exp.Literal.string(context.role)
        if isinstance(node, exp.CurrentUser) or asked == "CURRENT_USER":
            return exp.Literal.string(context.user)
        if asked == "IS_ROLE_IN_SESSION":
            return in_session(node, context)
        return node

    return exp.Paren(this=body.copy()).transform(answer)


def in_session(call: exp.Anonymous, context: Context) -> exp.Boolean:
    """IS_ROLE_IN_SESSION('X'): in the hierarchy of the primary or a secondary role. Exact, as names are stored."""
    if len(call.expressions) != 1 or not isinstance(call.expressions[0], exp.Literal):
        raise cannot("decide IS_ROLE_IN_SESSION of anything but a literal")
    return exp.Boolean(this=role(call.expressions[0].name) in context.roles)


def context_of(reader: Reader) -> dict[str, str]:
    """`POLICY_CONTEXT(CURRENT_ROLE => 'X', CURRENT_USER => 'U')`"""
    found: dict[str, str] = {}
    reader.expect("(")
    while not reader.takes(")"):
        name = reader.word()
        if name not in ("CURRENT_ROLE", "CURRENT_USER"):
            raise cannot(f"set {name} in POLICY_CONTEXT; CURRENT_ROLE and CURRENT_USER it can")
        reader.expect("=>")
        found[name] = reader.string()
        reader.takes(",")
    if not found:
        raise SqlError("001003", "42000", "SQL compilation error:\nPOLICY_CONTEXT without a context.")
    return found
