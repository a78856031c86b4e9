"""Read column and constraint definitions out of a parsed CREATE or ALTER TABLE."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from .catalogue import Catalogue, Column, Constraint, system_name
from .errors import cannot, compilation
from .names import Name, fold, resolve
from .sftypes import from_declared

IGNORED = (
    exp.NotNullColumnConstraint, exp.DefaultColumnConstraint, exp.GeneratedAsIdentityColumnConstraint,
    exp.AutoIncrementColumnConstraint, exp.CommentColumnConstraint, exp.InlineLengthColumnConstraint,
)


class Definitions:
    """The columns and constraints that a statement declares for one table."""

    def __init__(self, catalogue: Catalogue, table: Name, translate: Callable[[exp.Expression], str]):
        self._catalogue, self._table, self._translate = catalogue, table, translate
        self.columns: list[Column] = []
        self.constraints: list[Constraint] = []

    def read(self, items: list[exp.Expression]) -> None:
        for item in items:
            if isinstance(item, exp.ColumnDef):
                self.column(item)
            elif isinstance(item, exp.Identifier):
                raise compilation("002026", "42601", f"a type is missing for column '{item.name}'.")
            else:
                self.constraint(item)
        for key in self.constraints:
            if key.kind == "PRIMARY KEY":
                for column in self.columns:
                    column.nullable = column.nullable and column.name not in key.columns

    def column(self, item: exp.ColumnDef) -> None:
        name = fold(item.this)
        if any(c.name.lower() == name.lower() for c in self.columns):
            raise compilation("002025", "42S21", f"duplicate column name '{name}'")
        if not item.kind:
            raise compilation("002026", "42601", f"a type is missing for column '{name}'.")
        column = Column(name, from_declared(item.kind))
        for constraint in item.args.get("constraints") or []:
            self._inline(column, constraint)
        self.columns.append(column)

    def _inline(self, column: Column, constraint: exp.ColumnConstraint) -> None:
        kind = constraint.args.get("kind") if isinstance(constraint, exp.ColumnConstraint) else constraint
        named = fold(constraint.this) if isinstance(constraint, exp.ColumnConstraint) and constraint.this else None
        if isinstance(kind, exp.NotNullColumnConstraint):
            column.nullable = bool(kind.args.get("allow_null"))
        elif isinstance(kind, exp.DefaultColumnConstraint):
            column.default = kind.this.sql("snowflake")
            column.duckdb_default = self._translate(kind.this)
        elif isinstance(kind, (exp.GeneratedAsIdentityColumnConstraint, exp.AutoIncrementColumnConstraint)):
            column.identity = tuple(int(kind.args[k].name) if kind.args.get(k) else 1 for k in ("start", "increment"))
        elif isinstance(kind, exp.CommentColumnConstraint):
            column.comment = kind.this.name
        elif isinstance(kind, exp.CollateColumnConstraint):
            if kind.this.name not in ("", "utf8", "bin"):
                raise cannot("compare by a collation")
        elif isinstance(kind, (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.Reference, exp.CheckColumnConstraint)):
            self._add(kind, named, [column.name])
        elif not isinstance(kind, IGNORED):
            raise cannot(f"keep the column constraint {constraint.sql('snowflake')}")

    def constraint(self, item: exp.Expression) -> None:
        """A table constraint, named or not."""
        named, parts = None, [item]
        if isinstance(item, exp.Constraint):
            named, parts = fold(item.this), item.expressions
        for part in parts:
            self._add(part, named, [])

    def _add(self, part: exp.Expression, named: str | None, columns: list[str]) -> None:
        name = named or system_name()
        if isinstance(part, (exp.PrimaryKey, exp.PrimaryKeyColumnConstraint)):
            self.constraints.append(Constraint("PRIMARY KEY", name, columns or _names(part.expressions)))
        elif isinstance(part, exp.UniqueColumnConstraint):
            listed = part.this.expressions if isinstance(part.this, exp.Schema) else []
            self.constraints.append(Constraint("UNIQUE", name, columns or _names(listed)))
        elif isinstance(part, exp.ForeignKey):
            self._foreign(part.args["reference"], name, _names(part.expressions), part)
        elif isinstance(part, exp.Reference):
            self._foreign(part, name, columns, part)
        elif isinstance(part, exp.CheckColumnConstraint):
            used = columns or sorted({fold(c.this) for c in part.find_all(exp.Column)})
            self.constraints.append(Constraint("CHECK", name, used, clause=part.this.sql("snowflake")))
        # What follows a key (NOT ENFORCED, RELY, …) does not change it here.

    def _foreign(self, reference: exp.Reference, name: str, columns: list[str], rules: exp.Expression) -> None:
        target = reference.this
        listed = _names(target.expressions) if isinstance(target, exp.Schema) else []
        table = target.this if isinstance(target, exp.Schema) else target
        parent = resolve(table, self._table.database, self._table.schema)
        if not listed:
            known = self._catalogue.get(parent)
            key = known.key("PRIMARY KEY") if known else None
            listed = list(key.columns) if key else list(columns)
        text = " ".join([rules.sql("snowflake"), *map(str, reference.args.get("options") or [])]).upper()
        self.constraints.append(
            Constraint(
                "FOREIGN KEY", name, columns, parent, listed, update_rule=_rule(text, "UPDATE"), delete_rule=_rule(text, "DELETE")
            )
        )


def _names(items: list[exp.Expression]) -> list[str]:
    return [fold(i.this if isinstance(i, (exp.Ordered, exp.Column)) else i) for i in items]


def _rule(text: str, event: str) -> str:
    found = (rule for rule in ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT") if f"ON {event} {rule}" in text)
    return next(found, "NO ACTION")


def retention_of(found: Iterable[exp.Expression]) -> int | None:
    """DATA_RETENTION_TIME_IN_DAYS among properties."""
    for one in found:
        if type(one) is exp.Property and one.this.name.upper() == "DATA_RETENTION_TIME_IN_DAYS":
            value = one.args["value"].name
            if not value.isdigit() or int(value) > 90:
                raise compilation("001008", "22023", f"invalid value [{value}] for parameter 'DATA_RETENTION_TIME_IN_DAYS'")
            return int(value)
    return None


def property_of(expression: exp.Expression, kind: type) -> exp.Expression | None:
    properties = expression.args.get("properties")
    return next((p for p in properties.expressions if isinstance(p, kind)), None) if properties else None
