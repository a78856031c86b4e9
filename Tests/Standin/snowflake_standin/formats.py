"""Format models of timestamps that mean the same in Snowflake and in DuckDB. All others are refused by `reject`."""

from __future__ import annotations

import re

from sqlglot import exp

#: Snowflake's elements, longest first, and what strftime calls them.
ELEMENTS = {"YYYY": "%Y", "HH24": "%H", "MM": "%m", "DD": "%d", "MI": "%M", "SS": "%S"}
#: Text that Snowflake passes on as it is.
PLAIN = ("UTC", "T", "Z", "-", ":", "/", ".", " ", "_")
READY = re.compile(r"(?:%[YmdHMS]|UTC|[TZ:/. _-])*")


def constant(node: exp.Expression | None) -> str | None:
    """The text of a literal, or of literals put together."""
    if isinstance(node, exp.Literal) and node.is_string:
        return node.name
    if isinstance(node, exp.Paren):
        return constant(node.this)
    if isinstance(node, exp.DPipe):
        left, right = constant(node.this), constant(node.expression)
        return None if left is None or right is None else left + right
    return None


def strftime(node: exp.TimeToStr) -> str | None:
    """DuckDB's format; None where the model has an element of another meaning."""
    text = constant(node.args.get("format"))
    if text is None:
        return None
    if "%" in text:
        # sqlglot has translated a plain literal already.
        return text if READY.fullmatch(text) else None
    found, rest = "", text
    while rest:
        upper = rest.upper()
        element = next((e for e in ELEMENTS if upper.startswith(e)), None)
        plain = None if element else next((p for p in PLAIN if rest.startswith(p)), None)
        if not element and not plain:
            return None
        found += ELEMENTS[element] if element else plain or ""
        rest = rest[len(element or plain or "") :]
    return found
