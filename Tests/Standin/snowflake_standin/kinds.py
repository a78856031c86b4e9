"""The kind of an expression where its form tells, so that a macro need not ask DuckDB.

A macro repeats its arguments, and repetition within repetition grows without bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from sqlglot import exp

from .names import fold
from .sftypes import from_declared

ALWAYS: dict[type, str] = {
    exp.Count: "NUMBER", exp.CountIf: "NUMBER", exp.DateDiff: "NUMBER", exp.Extract: "NUMBER", exp.Length: "NUMBER",
    exp.ByteLength: "NUMBER", exp.RowNumber: "NUMBER", exp.Year: "NUMBER", exp.BitwiseAnd: "NUMBER", exp.MD5NumberLower64: "NUMBER",
    exp.MD5NumberUpper64: "NUMBER", exp.Pow: "FLOAT", exp.Ln: "FLOAT", exp.Sqrt: "FLOAT", exp.Exp: "FLOAT", exp.Boolean: "BOOLEAN",
    exp.EQ: "BOOLEAN", exp.NEQ: "BOOLEAN", exp.GT: "BOOLEAN", exp.GTE: "BOOLEAN", exp.LT: "BOOLEAN", exp.LTE: "BOOLEAN",
    exp.And: "BOOLEAN", exp.Or: "BOOLEAN", exp.Not: "BOOLEAN", exp.Is: "BOOLEAN", exp.In: "BOOLEAN", exp.Contains: "BOOLEAN",
    exp.DPipe: "TEXT", exp.Trim: "TEXT", exp.Lower: "TEXT", exp.Upper: "TEXT", exp.MD5: "TEXT", exp.Substring: "TEXT", exp.Hex: "TEXT",
    exp.Concat: "TEXT", exp.Chr: "TEXT", exp.GroupConcat: "TEXT", exp.Replace: "TEXT",
}
OURS = {
    "sf_text": "TEXT", "sf_varchar": "TEXT", "sf_typeof": "TEXT", "sf_json": "TEXT", "sf_ln": "FLOAT", "sf_div": "FLOAT",
    "sf_octets": "NUMBER", "strlen": "NUMBER", "sf_epoch": "NUMBER",
    "sf_format": "TEXT", "sf_local": "TIMESTAMP_NTZ", "sf_instant": "TIMESTAMP_LTZ", "sf_nanosecond": "NUMBER", "sf_md5_lower64": "NUMBER", "sf_md5_upper64": "NUMBER", "sf_binary": "BINARY",
}
#: Where `rewrite` notes the kind of a node that does not show it any more.
KIND = "sf_kind"
SAME = (exp.Paren, exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.Round, exp.Min, exp.Max, exp.Sum)
#: What keeps the kind of a timestamp, though not that of a date.
MOMENTS = (exp.DateAdd, exp.DateSub, exp.TimestampTrunc)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Div)


class Kinds:
    """Kinds of the nodes of one statement, given those of its tables' columns. Names in `local` may mean a TIMESTAMP_LTZ."""

    def __init__(self, columns: Mapping[str, str], local: AbstractSet[str] = frozenset()):
        self._columns, self._local = columns, local
        self._found: dict[int, tuple[exp.Expression, str | None]] = {}

    def of(self, node: exp.Expression) -> str | None:
        """NUMBER, FLOAT, TEXT, …; None when only DuckDB knows."""
        known = self._found.get(id(node))
        if known is None or known[0] is not node:
            known = (node, self._tell(node))
            self._found[id(node)] = known
        return known[1]

    def may_be_local(self, node: exp.Expression) -> bool:
        """Whether the node could be a TIMESTAMP_LTZ without our knowing it."""
        return bool(self._local) and self.of(node) is None and any(fold(c.this) in self._local for c in node.find_all(exp.Column))

    def _tell(self, node: exp.Expression) -> str | None:
        if type(node) in ALWAYS:
            return ALWAYS[type(node)]
        if isinstance(node, exp.Literal):
            if node.is_string:
                return "TEXT"
            return "FLOAT" if "e" in node.name.lower() else "NUMBER"
        if KIND in node.meta:
            return node.meta[KIND]
        if isinstance(node, exp.Cast):
            return "VARIANT" if node.to.this == exp.DataType.Type.JSON else from_declared(node.to).kind
        if isinstance(node, exp.Column):
            return self._columns.get(fold(node.this))
        if isinstance(node, exp.Anonymous):
            name = node.name.lower().rpartition(".")[2]
            return self.of(node.expressions[-1]) if name == "sf_stamp" else OURS.get(name)
        if isinstance(node, exp.CurrentTimestamp):
            return "TIMESTAMP_NTZ" if node.args.get("sysdate") else "TIMESTAMP_LTZ"
        if isinstance(node, MOMENTS) or (isinstance(node, (exp.Add, exp.Sub)) and isinstance(node.expression, exp.Interval)):
            kind = self.of(node.this)
            return kind if (kind or "").startswith("TIMESTAMP") else None
        if isinstance(node, SAME):
            return self.of(node.this)
        if isinstance(node, ARITHMETIC):
            sides = {self.of(node.this), self.of(node.expression)}
            return "FLOAT" if "FLOAT" in sides else "NUMBER" if sides == {"NUMBER"} else None
        branches = self._branches(node)
        if branches:
            kinds = {self.of(b) for b in branches if not isinstance(b, exp.Null)}
            if "FLOAT" in kinds and kinds <= {"FLOAT", "NUMBER"}:
                return "FLOAT"
            return kinds.pop() if len(kinds) == 1 else None
        return None

    @staticmethod
    def _branches(node: exp.Expression) -> list[exp.Expression]:
        if isinstance(node, exp.Case):
            return [*(i.args["true"] for i in node.args["ifs"]), *([node.args["default"]] if node.args.get("default") else [])]
        if isinstance(node, exp.If):
            return [b for b in (node.args.get("true"), node.args.get("false")) if b is not None]
        if isinstance(node, (exp.Greatest, exp.Least, exp.Coalesce)):
            return [node.this, *node.expressions]
        return []


def never_zero(node: exp.Expression) -> bool:
    """Whether a divisor needs no check: a power, a logarithm of a constant, a number."""
    while isinstance(node, (exp.Paren, exp.Cast)):
        node = node.this
    if isinstance(node, exp.Literal):
        return not node.is_string and float(node.name) != 0
    if isinstance(node, exp.Anonymous) and node.name.endswith("sf_ln"):
        inner = node.expressions[0]
        while isinstance(inner, (exp.Paren, exp.Cast)):
            inner = inner.this
        return isinstance(inner, exp.Literal) and not inner.is_string and float(inner.name) not in (0, 1)
    return isinstance(node, exp.Pow)
