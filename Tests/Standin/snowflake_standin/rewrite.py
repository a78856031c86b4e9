"""Rewrite a Snowflake statement so that fakesnow and DuckDB answer it as Snowflake would.

Nodes are visited children first. What cannot be answered rightly is refused by `reject`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from . import formats, reject, zones
from . import session as sessions
from .errors import cannot, compilation, invalid_identifier, wrong
from .kinds import KIND, Kinds, never_zero
from .macros import call
from .names import fold, quote, resolve
from .session import Session
from .sftypes import SFType, from_declared

T = exp.DataType.Type
#: Aggregates whose NUMBER result has a scale of its own in Snowflake and is a DOUBLE in DuckDB.
INEXACT = (exp.Avg, exp.Median, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop)
EPOCH = {"EPOCH", "EPOCH_SECOND", "EPOCH_SECONDS"}
NANOSECOND = {"NANOSECOND", "NS", "NSEC", "NANOSEC", "NSECOND", "NANOSECONDS", "NANOSECS", "NSECONDS"}


def rewrite(
    root: exp.Expression, session: Session, database: str | None, schema: str | None, kinds: Kinds
) -> tuple[exp.Expression, bool]:
    """The same statement in terms that come out right, and whether only in UTC. `root` is changed."""
    name_columns(root)
    rewriter = Rewriter(session, database, schema, kinds)
    only_utc = False
    for node in reversed(list(root.walk())):
        reject.check(node)
        only_utc = only_utc or zones.unsure(node, kinds)
        new = rewriter.one(node)
        if new is node:
            continue
        if node is root:
            root = new
        else:
            node.replace(new)
    return root, only_utc


def name_columns(root: exp.Expression) -> None:
    """Name unnamed result columns as Snowflake does: by their text."""
    select = root
    while isinstance(select, (exp.SetOperation, exp.Subquery)):
        select = select.this
    if not isinstance(select, exp.Select):
        return
    for node in list(select.expressions):
        if isinstance(node, (exp.DateAdd, exp.TimestampTrunc)) or (
            isinstance(node, exp.Alias) and isinstance(node.this, (exp.DateAdd, exp.TimestampTrunc))
        ):
            value = node.unalias()
            guarded = call("sf_stamp", value.this.copy(), value.copy())
            node.replace(exp.alias_(guarded, exp.to_identifier(_label(node), quoted=True)))
        elif isinstance(node, exp.Column) and fold(node.this) == "NEXTVAL":
            node.replace(exp.alias_(node.copy(), exp.to_identifier("NEXTVAL", quoted=True)))
        elif not isinstance(node, (exp.Alias, exp.Column, exp.Star, exp.Aliases)) and not node.is_star:
            node.replace(exp.alias_(node.copy(), exp.to_identifier(_label(node), quoted=True)))


def _label(node: exp.Expression) -> str:
    if isinstance(node, exp.Alias):
        return fold(node.args["alias"])
    if isinstance(node, exp.Literal) and node.is_string:
        return f"'{node.name}'"
    return node.sql("snowflake").upper()


class Rewriter:
    """Rewrites one node, whose children are rewritten already."""

    def __init__(self, session: Session, database: str | None, schema: str | None, kinds: Kinds):
        self._session, self._database, self._schema, self._kinds = session, database, schema, kinds
        self._by_type: dict[type, Callable[[Any], exp.Expression]] = {
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.MD5NumberLower64: lambda n: call("sf_md5_lower64", self._text(n.this)),
            exp.MD5NumberUpper64: lambda n: call("sf_md5_upper64", self._text(n.this)),
            exp.Div: self._division,
            exp.BitwiseXorAgg: lambda n: _set(n, this=_wide(n.this)),
            exp.BitwiseAnd: self._bits,
            exp.BitwiseOr: self._bits,
            exp.BitwiseXor: self._bits,
            exp.TimeToStr: lambda n: call("sf_format", n.this, exp.Literal.string(formats.strftime(n) or "")),
            exp.ToChar: lambda n: self._text(n.this),
            exp.DPipe: lambda n: self._concatenation(n.this, n.expression),
            exp.Concat: lambda n: exp.Paren(this=self._concatenation(*n.expressions)),
            exp.ByteLength: self._octets,
            exp.Length: lambda n: _set(n, this=self._text(n.this)) if self._kinds.of(n.this) == "FLOAT" else n,
            exp.GroupConcat: self._list,
            exp.Sum: self._sum,
            exp.Ln: lambda n: call("sf_ln", n.this),
            exp.Extract: self._part,
            # 128 bits: seconds times 10^9 must not wrap before the year 2262.
            exp.DateDiff: lambda n: _wide(n.copy()),
            exp.JSONFormat: lambda n: exp.Anonymous(this="sf_json", expressions=[exp.cast(n.this, "text")]),
            exp.ParseJSON: self._parse_json,
            exp.Typeof: lambda n: call("sf_typeof", n.this),
            exp.Collate: lambda n: n.this,
            exp.ToBinary: lambda n: call("sf_binary", n.this),
            exp.Column: self._column,
            exp.Anonymous: self._function,
            **{kind: lambda n: _set(n, this=self._text(n.this)) for kind in (exp.Trim, exp.MD5, exp.Lower, exp.Upper, exp.Contains)},
            **{kind: self._inexact for kind in INEXACT},
        }

    def one(self, node: exp.Expression) -> exp.Expression:
        context = sessions.context_value(node, self._session, self._database, self._schema)
        if context is not False:
            return exp.Null() if context is None else exp.Literal.string(context)
        node = zones.rewrite(node, self._kinds)
        action = self._by_type.get(type(node))
        return action(node) if action else node

    def _text(self, node: exp.Expression) -> exp.Expression:
        """The text of a value, by a plain cast where its kind is known."""
        kind = self._kinds.of(node)
        if kind == "TEXT":
            return node
        return exp.cast(node, T.TEXT) if kind in ("NUMBER", "BOOLEAN", "DATE") else call("sf_text", node)

    def _cast(self, node: exp.Cast) -> exp.Expression:
        declared = node.to
        if declared.this == T.VARIANT and isinstance(node.this, exp.Null):
            return exp.cast(exp.Null(), T.JSON)
        if declared.this in (T.JSON, T.INT128):
            return node
        type_ = from_declared(declared)
        if type_.kind == "TEXT":
            if isinstance(node.this, (exp.JSONExtract, exp.JSONExtractScalar, exp.Bracket)) or _flattened(node):
                return node
            text = self._text(node.this)
            return call("sf_varchar", text, exp.Literal.number(type_.length or 1)) if declared.expressions else text
        if type_.kind == "BINARY":
            return call("sf_binary", node.this)
        if type_.kind in ("VARIANT", "OBJECT", "ARRAY"):
            return exp.Anonymous(this="TO_JSON", expressions=[node.this])
        if type_.kind == "TIMESTAMP_LTZ":
            # DuckDB has one type for both instants; what was meant is kept for `Kinds`.
            node.meta[KIND] = type_.kind
        node.set("to", duckdb_type(type_))
        if type_.kind.startswith("TIME") and isinstance(node.this, exp.Literal) and node.this.is_string:
            node.set("this", exp.Literal.string(_offset(node.this.name)))
        return node

    def _division(self, node: exp.Div) -> exp.Expression:
        kinds = (self._kinds.of(node.this), self._kinds.of(node.expression))
        if kinds == ("NUMBER", "NUMBER"):
            raise wrong("a division of exact numbers; cast one side to FLOAT")
        if "FLOAT" in kinds and never_zero(node.expression):
            return node
        return call("sf_div", node.this, node.expression)

    @staticmethod
    def _part(node: exp.Extract) -> exp.Expression:
        part = node.this.name.upper()
        if part in NANOSECOND:
            return call("sf_nanosecond", node.expression)
        return call("sf_epoch", node.expression) if part in EPOCH else node

    def _octets(self, node: exp.ByteLength) -> exp.Expression:
        if self._kinds.of(node.this) == "TEXT":
            return exp.Anonymous(this="strlen", expressions=[node.this])
        return call("sf_octets", node.this)

    def _list(self, node: exp.GroupConcat) -> exp.Expression:
        """LISTAGG: what is listed is text, inside its ORDER BY and DISTINCT."""
        holder: exp.Expression = node
        while isinstance(holder.this, (exp.Order, exp.Distinct)):
            holder = holder.this
        if isinstance(holder, exp.Distinct):
            holder.set("expressions", [self._text(e) for e in holder.expressions])
            return node
        holder.set("this", self._text(holder.this))
        return node

    def _sum(self, node: exp.Sum) -> exp.Expression:
        if self._kinds.of(node.this) in ("BOOLEAN", "DATE", "BINARY", "VARIANT"):
            raise compilation("001044", "42P13", f"Invalid argument types for function 'SUM': ({self._kinds.of(node.this)})")
        return node

    @staticmethod
    def _bits(node: exp.Binary) -> exp.Expression:
        return exp.Paren(this=_set(node, this=_wide(node.this), expression=_wide(node.expression)).copy())

    @staticmethod
    def _inexact(node: exp.Expression) -> exp.Expression:
        if isinstance(node.this, exp.Distinct):
            node.this.set("expressions", [call("sf_inexact", e) for e in node.this.expressions])
            return node
        return _set(node, this=call("sf_inexact", node.this))

    def _concatenation(self, *parts: exp.Expression) -> exp.Expression:
        """NULL if any part is NULL, and every part in Snowflake's text."""
        result = self._text(parts[0])
        for part in parts[1:]:
            result = exp.DPipe(this=result, expression=self._text(part), safe=True)
        return result

    def _parse_json(self, node: exp.ParseJSON) -> exp.Expression:
        name = "sf_try_json" if node.args.get("safe") else "sf_json"
        return exp.cast(exp.Anonymous(this=name, expressions=[self._text(node.this)]), T.JSON)

    def _column(self, node: exp.Column) -> exp.Expression:
        if fold(node.this) != "NEXTVAL" or not node.table:
            return node
        table = exp.Table(this=node.args["table"], db=node.args.get("db"), catalog=node.args.get("catalog"))
        name = resolve(table, self._database, self._schema)
        return exp.Anonymous(this="nextval", expressions=[exp.Literal.string(name.sql)])

    def _function(self, node: exp.Anonymous) -> exp.Expression:
        if node.name.upper() not in ("TO_TIMESTAMP_TZ", "TO_TIMESTAMP_LTZ"):
            return node
        if len(node.expressions) > 1:
            raise wrong("a timestamp parsed by a format model")
        return self._cast(exp.cast(node.expressions[0], T.TIMESTAMPLTZ if node.name.upper().endswith("LTZ") else T.TIMESTAMPTZ))


def _set(node: exp.Expression, **parts: exp.Expression) -> exp.Expression:
    for name, part in parts.items():
        node.set(name, part)
    return node


def _wide(node: exp.Expression) -> exp.Cast:
    return exp.Cast(this=node, to=exp.DataType(this=T.INT128))


def _flattened(node: exp.Cast) -> bool:
    """fakesnow has its own way with `VALUE::VARCHAR` out of FLATTEN."""
    select = node.find_ancestor(exp.Select)
    return bool(select and select.find(exp.Explode) and node.this.name.upper() == "VALUE")


def duckdb_type(type_: SFType) -> exp.DataType:
    """A type that fakesnow's chain passes on unchanged."""
    if type_.kind == "NUMBER":
        params = [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (type_.precision, type_.scale)]
        return exp.DataType(this=T.DECIMAL, expressions=params)
    known = {
        "FLOAT": T.DOUBLE, "TIMESTAMP_NTZ": T.TIMESTAMP, "TIMESTAMP_LTZ": T.TIMESTAMPTZ, "TIMESTAMP_TZ": T.TIMESTAMPTZ,
        "TIME": T.TIME, "BOOLEAN": T.BOOLEAN, "DATE": T.DATE, "TEXT": T.TEXT, "BINARY": T.VARBINARY,
    }
    return exp.DataType(this=known.get(type_.kind, T.JSON))


def _offset(text: str) -> str:
    """DuckDB reads '… +0000' as a zone's name; without the space it is an offset."""
    head, space, tail = text.rpartition(" ")
    return head + tail if space and tail[:1] in "+-Z" and tail else text


def take_wait(root: exp.Expression) -> float | None:
    """Seconds that `SYSTEM$WAIT(n [, unit])` asks for; the call becomes its answer. None without one."""
    seconds = None
    for node in list(root.find_all(exp.Anonymous)):
        if node.name.upper() == "SYSTEM$WAIT":
            amount = node.expressions[0].name
            unit = node.expressions[1].name.upper() if len(node.expressions) > 1 else "SECONDS"
            factors = {"SECONDS": 1.0, "MILLISECONDS": 0.001, "MINUTES": 60.0}
            if unit not in factors:
                raise cannot(f"wait in {unit}")
            seconds = (seconds or 0) + float(amount) * factors[unit]
            node.replace(exp.Literal.string(f"waited {amount} {unit.lower()}"))
    return seconds


def check_identifiers(root: exp.Expression, known: set[str]) -> None:
    """Refuse a quoted name that differs from every known one in case only: DuckDB would find it."""
    folded = {name.lower() for name in known}
    for column in root.find_all(exp.Column):
        name = fold(column.this)
        if name not in known and name.lower() in folded and not column.is_star:
            raise invalid_identifier(quote(name) if column.this.args.get("quoted") else name)
