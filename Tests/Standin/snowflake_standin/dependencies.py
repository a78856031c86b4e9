"""What a view says about itself: its text by GET_DDL, and the objects that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zlib import crc32

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.tokens import TokenType

from .catalogue import Catalogue, Table
from .errors import cannot, compilation, wrong
from .names import parse_name, quote
from .relations import Relation, relation

if TYPE_CHECKING:
    from .run import Run

REFERENCES = ["DATABASE_NAME", "SCHEMA_NAME", "OBJECT_NAME", "REFERENCED_DATABASE_NAME", "REFERENCED_SCHEMA_NAME", "REFERENCED_OBJECT_NAME",
              "REFERENCED_OBJECT_TYPE"]
DEPENDENCIES = ["REFERENCED_DATABASE", "REFERENCED_SCHEMA", "REFERENCED_OBJECT_NAME", "REFERENCED_OBJECT_ID:number", "REFERENCED_OBJECT_DOMAIN",
                "REFERENCING_DATABASE", "REFERENCING_SCHEMA", "REFERENCING_OBJECT_NAME", "REFERENCING_OBJECT_ID:number",
                "REFERENCING_OBJECT_DOMAIN", "DEPENDENCY_TYPE"]


def read_by(catalogue: Catalogue, view: Table) -> Iterator[Table]:
    """The tables and views that a view names itself, each once; those that were dropped are not there any more."""
    for name in dict.fromkeys(view.sources):
        if found := catalogue.get(name):
            yield found


def dependencies(catalogue: Catalogue) -> Relation:
    """ACCOUNT_USAGE.OBJECT_DEPENDENCIES. Copies are none: a table made by CTAS or CLONE depends on nothing."""
    rows = [
        [*base.name, _identifier(base), _domain(base), *view.name, _identifier(view), "VIEW", "BY_NAME"]
        for view in catalogue.tables() if view.kind == "VIEW"
        for base in read_by(catalogue, view)
    ]
    return relation(DEPENDENCIES, rows)


def _domain(table: Table) -> str:
    return "VIEW" if table.kind == "VIEW" else "TABLE"


def _identifier(table: Table) -> int:
    return crc32(f"{table.name.dotted} {table.created.isoformat()}".encode())


def put_references(run: Run, statement: exp.Expression) -> None:
    """Put the answer in the place of `TABLE(GET_OBJECT_REFERENCES(…))`: what the view names itself, not what lies below."""
    for call in list(statement.find_all(exp.TableFromRows)):
        function = list(call.this.flatten())[-1] if isinstance(call.this, exp.Dot) else call.this
        if isinstance(function, exp.Anonymous) and function.name.upper() == "GET_OBJECT_REFERENCES":
            run.put(call, "GET_OBJECT_REFERENCES", _references(run, function))


def _references(run: Run, function: exp.Anonymous) -> Relation:
    given = {str(k.this.name).upper(): k.expression.name for k in function.expressions if isinstance(k, exp.Kwarg)}
    if set(given) != {"DATABASE_NAME", "SCHEMA_NAME", "OBJECT_NAME"}:
        raise cannot(f"answer GET_OBJECT_REFERENCES with {', '.join(sorted(given)) or 'these arguments'}")
    parts = [parse_name(given[part]).this for part in ("DATABASE_NAME", "SCHEMA_NAME", "OBJECT_NAME")]
    view = run.readable(exp.Table(this=parts[2], db=parts[1], catalog=parts[0]))
    if view.kind != "VIEW":
        raise cannot("answer GET_OBJECT_REFERENCES of anything but a view")
    return relation(REFERENCES, [[*view.name, *base.name, _domain(base)] for base in read_by(run.catalogue, view)])


def put_texts(run: Run, statement: exp.Expression) -> None:
    """Put the text in the place of GET_DDL('VIEW', 'name' [, true]), under the name that the call would have."""
    for call in [c for c in statement.find_all(exp.Anonymous) if c.name.upper() == "GET_DDL"]:
        arguments = call.expressions
        if len(arguments) not in (2, 3) or not all(isinstance(a, exp.Literal) and a.is_string for a in arguments[:2]):
            raise cannot("answer GET_DDL without constant names")
        if arguments[0].name.upper() != "VIEW":
            raise wrong(f"the text of GET_DDL of a {arguments[0].name.lower()}; of a view it can")
        full = len(arguments) == 3 and isinstance(arguments[2], exp.Boolean) and bool(arguments[2].this)
        answer: exp.Expression = exp.Literal.string(_text(run, arguments[1].name, full))
        if isinstance(call.parent, exp.Select) and call.arg_key == "expressions":
            answer = exp.alias_(answer, exp.to_identifier(call.sql("snowflake").upper(), quoted=True))
        call.replace(answer)


def _text(run: Run, written: str, full: bool) -> str:
    view = run.readable(parse_name(written))
    if view.kind != "VIEW":
        raise compilation("002003", "02000", f"View '{view.name.dotted}' does not exist or not authorized.")
    name = ".".join(map(_shown, view.name)) if full else _shown(view.name.name)
    columns = ",\n".join(f"\t{_shown(c.name)}" for c in view.columns)
    return f"create or replace view {name}(\n{columns}\n) as {query_of(view.definition or '')};"


def _shown(name: str) -> str:
    plain = name.isascii() and name.replace("_", "a").replace("$", "a").isalnum() and name.upper() == name and not name[:1].isdigit()
    return name if plain else quote(name)


def query_of(definition: str) -> str:
    """What follows the AS of a CREATE VIEW, as it was written."""
    depth = 0
    for token in Snowflake().tokenize(definition):
        if token.token_type in (TokenType.L_PAREN, TokenType.R_PAREN):
            depth += 1 if token.token_type == TokenType.L_PAREN else -1
        elif token.token_type == TokenType.ALIAS and depth == 0:
            return definition[token.end + 1 :].strip()
    return definition


