"""Declared types of result columns, where a column of a table is passed through unchanged.

DuckDB knows that a column is VARCHAR, not that it was declared VARCHAR(160); and it cannot tell
TIMESTAMP_LTZ from TIMESTAMP_TZ at all.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp

from .catalogue import Catalogue
from .names import Name, fold
from .sftypes import LTZ, TEXTS, SFType, from_declared


class Output(NamedTuple):
    name: str
    type: SFType | None = None
    nullable: bool = True


class Inference:
    def __init__(self, catalogue: Catalogue, generated: dict[str, list[Output]] | None = None):
        self.catalogue, self.generated = catalogue, generated or {}

    def outputs(self, query: exp.Expression, outer: dict[str, list[Output]] | None = None) -> list[Output] | None:
        """The result columns, or None when their number is not known."""
        scope = dict(outer or {})
        if with_ := query.args.get("with_"):
            for cte in with_.expressions:
                found = self.outputs(cte.this, scope)
                if found is not None:
                    names = [fold(c) for c in cte.args["alias"].columns] if cte.args.get("alias") else []
                    scope[fold(cte.args["alias"].this)] = _renamed(found, names)
        if isinstance(query, exp.Subquery):
            return self.outputs(query.this, scope)
        if isinstance(query, exp.SetOperation):
            left, right = self.outputs(query.this, scope), self.outputs(query.expression, scope)
            if left is None or right is None or len(left) != len(right):
                return None
            return [l if l.type == r.type else Output(l.name) for l, r in zip(left, right, strict=True)]
        if not isinstance(query, exp.Select):
            return None
        sources = self._sources(query, scope)
        result: list[Output] = []
        for item in query.expressions:
            expanded = self._item(item, sources)
            if expanded is None:
                return None
            result += expanded
        return result

    def _sources(self, select: exp.Select, scope: dict[str, list[Output]]) -> dict[str, list[Output] | None]:
        found: dict[str, list[Output] | None] = {}
        clauses = [select.args.get("from_"), *(select.args.get("joins") or [])]
        outer = False
        for clause in clauses:
            if clause is None:
                continue
            source = clause.this
            side = str(clause.args.get("side") or "").upper()
            outer = outer or side in ("RIGHT", "FULL")
            columns = self._source(source, scope)
            if columns is not None and side in ("LEFT", "FULL"):
                columns = [c._replace(nullable=True) for c in columns]
            found[fold(source.args["alias"].this) if source.args.get("alias") else fold(source.this)] = columns
        if outer:
            found = {k: v and [c._replace(nullable=True) for c in v] for k, v in found.items()}
        return found

    def _source(self, source: exp.Expression, scope: dict[str, list[Output]]) -> list[Output] | None:
        if isinstance(source, exp.Subquery):
            return self.outputs(source.this, scope)
        if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
            return None
        if not source.args.get("db"):
            return scope.get(fold(source.this)) or self.generated.get(fold(source.this))
        table = self.catalogue.get(Name(fold(source.args["catalog"]), fold(source.args["db"]), fold(source.this)))
        return [Output(c.name, c.type, c.nullable) for c in table.columns] if table else None

    def _item(self, item: exp.Expression, sources: dict[str, list[Output] | None]) -> list[Output] | None:
        if item.is_star:
            star = item.this if isinstance(item, exp.Column) else item
            if star.args.get("except_") or star.args.get("replace") or star.args.get("rename") or star.args.get("ilike"):
                return None
            chosen = [sources.get(fold(item.args["table"]))] if isinstance(item, exp.Column) else list(sources.values())
            if not chosen or any(c is None for c in chosen):
                return None
            return [c for columns in chosen for c in columns or []]
        name = fold(item.args["alias"]) if isinstance(item, exp.Alias) else fold(item.this) if isinstance(item, exp.Column) else ""
        return [self._value(item.unalias(), sources)._replace(name=name)]

    def _value(self, value: exp.Expression, sources: dict[str, list[Output] | None]) -> Output:
        if isinstance(value, exp.Column):
            table = fold(value.args.get("table"))
            chosen = [sources.get(table)] if table else list(sources.values())
            hits = [c for columns in chosen for c in columns or [] if c.name == fold(value.this)]
            return hits[0] if len(hits) == 1 else Output("")
        if isinstance(value, (exp.Max, exp.Min)):
            return self._value(value.this, sources)._replace(nullable=True)
        if isinstance(value, exp.CurrentTimestamp) and not value.args.get("sysdate"):
            return Output("", LTZ, False)
        if isinstance(value, exp.Cast) and (value.to.this not in TEXTS or value.to.expressions):
            return Output("", from_declared(value.to))
        if isinstance(value, exp.Literal) and value.is_string:
            return Output("", SFType("TEXT", max(1, len(value.name))), False)
        return Output("")


def _renamed(columns: list[Output], names: list[str]) -> list[Output]:
    return [c._replace(name=n) for c, n in zip(columns, names, strict=False)] if names else columns
