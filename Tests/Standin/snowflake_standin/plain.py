"""A short way past fakesnow's seventy passes over a statement that none of them would change.

Most of a checking tool's SQL is counts, sums and digests. After `rewrite` it holds only nodes that fakesnow
passes on as they are, apart from folding names, and one pass does that.
"""

from __future__ import annotations

from sqlglot import exp

NEUTRAL = frozenset(
    {
        exp.Select, exp.From, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Qualify,
        exp.With, exp.CTE, exp.Subquery, exp.Union, exp.Intersect, exp.Except, exp.Table, exp.TableAlias, exp.Identifier,
        exp.Column, exp.Alias, exp.Star, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.Distinct, exp.Join,
        exp.Count, exp.Sum, exp.Min, exp.Max, exp.CountIf, exp.GroupConcat, exp.Window, exp.RowNumber, exp.Lag, exp.Lead,
        exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Neg, exp.Abs, exp.Floor, exp.Ceil, exp.Round, exp.Pow, exp.Sqrt, exp.Exp,
        exp.Greatest, exp.Least, exp.Coalesce, exp.Nullif, exp.Case, exp.If, exp.And, exp.Or, exp.Not, exp.Is, exp.In,
        exp.Between, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists, exp.Like,
        exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.DPipe, exp.MD5, exp.Substring, exp.Length, exp.Lower,
        exp.Upper, exp.Trim, exp.Contains, exp.StartsWith, exp.Hex, exp.Year, exp.Month, exp.Day, exp.Chr, exp.Replace,
        exp.RegexpLike, exp.Extract, exp.Var, exp.AtTimeZone, exp.CurrentTimestamp, exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor,
    }
)
OURS = ("_fs_global.main.sf_", "sf_json", "sf_try_json", "strlen")


def is_plain(statement: exp.Expression) -> bool:
    return all(_neutral(node) for node in statement.walk())


def _neutral(node: exp.Expression) -> bool:
    kind = type(node)
    if kind is exp.Anonymous:
        return node.name.startswith(OURS)
    if kind is exp.DateDiff:
        return not any(isinstance(side, exp.Literal) for side in (node.this, node.expression))
    if kind is exp.Table:
        return isinstance(node.this, exp.Identifier)
    if kind is exp.Join:
        # fakesnow lets ON name an alias of the SELECT list, when the name stands alone.
        first = node.args["on"].this if node.args.get("on") else None
        return not (isinstance(first, exp.Column) and not first.table)
    return kind in NEUTRAL


def fold_names(statement: exp.Expression) -> exp.Expression:
    """Unquoted names in upper case, as Snowflake stores them."""
    for node in statement.find_all(exp.Identifier):
        if not node.args.get("quoted"):
            node.set("this", node.name.upper())
    return statement
