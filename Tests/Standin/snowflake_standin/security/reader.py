"""Reads the commands that sqlglot does not parse (GRANT, CREATE USER, …), one token after another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import SqlError, syntax

TOKEN = re.compile(
    r"\s+|--[^\n]*|/\*.*?\*/|(?P<string>'(?:[^'\\]|''|\\.)*')|(?P<quoted>\"(?:[^\"]|\"\")+\")|(?P<dollar>\$\$.*?\$\$)|(?P<word>[A-Za-z_][\w$]*)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<mark>=>|->|::|<>|!=|>=|<=|\|\||.)",
    re.S,
)


class Reader:
    """A cursor over the tokens of one statement. Words are read without regard to case."""

    def __init__(self, text: str):
        self.text = text
        self._tokens: list[tuple[str, str, int]] = []
        for found in TOKEN.finditer(text):
            if found.lastgroup:
                self._tokens.append((found.lastgroup, found[found.lastgroup], found.start()))
        while self._tokens and self._tokens[-1][1] == ";":
            self._tokens.pop()
        self._at = 0

    # Looking

    @property
    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def _peek(self, ahead: int = 0) -> tuple[str, str, int]:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ("end", "", len(self.text))

    def sees(self, *words: str) -> bool:
        """Whether these words or marks come next."""
        return all(self._is(word, ahead) for ahead, word in enumerate(words))

    def _is(self, word: str, ahead: int) -> bool:
        kind, text, _ = self._peek(ahead)
        return kind in ("word", "mark") and text.upper() == word

    # Reading

    def takes(self, *words: str) -> bool:
        """Read these words if they come next."""
        if not self.sees(*words):
            return False
        self._at += len(words)
        return True

    def takes_one(self, phrases: Sequence[str]) -> str | None:
        """The first of the phrases that comes next, longest first as they are given."""
        return next((phrase for phrase in phrases if self.takes(*phrase.split())), None)

    def expect(self, *words: str) -> None:
        if not self.takes(*words):
            raise self.unexpected()

    def unexpected(self) -> SqlError:
        return syntax(f"unexpected '{self._peek()[1] or '<EOF>'}'.")

    def word(self) -> str:
        kind, text, _ = self._peek()
        if kind != "word":
            raise self.unexpected()
        self._at += 1
        return text.upper()

    def identifier(self) -> str:
        """One name, as Snowflake stores it."""
        kind, text, _ = self._peek()
        if kind not in ("word", "quoted"):
            raise self.unexpected()
        self._at += 1
        return text[1:-1].replace('""', '"') if kind == "quoted" else text.upper()

    def name(self) -> tuple[str, ...]:
        """A name of one to three parts."""
        parts = [self.identifier()]
        while self.takes("."):
            parts.append(self.identifier())
        return tuple(parts)

    def is_name(self) -> bool:
        return self._peek()[0] in ("word", "quoted")

    def is_string(self) -> bool:
        return self._peek()[0] == "string"

    def string(self) -> str:
        kind, text, _ = self._peek()
        if kind not in ("string", "dollar"):
            raise self.unexpected()
        self._at += 1
        return text[2:-2] if kind == "dollar" else unquoted(text)

    def value(self) -> str:
        """A property's value: a string, a word, a name or a number, as text."""
        kind, text, _ = self._peek()
        if kind in ("string", "dollar"):
            return self.string()
        if kind in ("word", "quoted"):
            return ".".join(self.name())
        if kind != "number":
            raise self.unexpected()
        self._at += 1
        return text

    def strings(self) -> list[str]:
        """`('a', 'b')`, or one string alone."""
        if not self.takes("("):
            return [self.value()]
        found: list[str] = []
        while not self.takes(")"):
            found.append(self.value())
            if not self.takes(",") and not self.sees(")"):
                raise self.unexpected()
        return found

    def end(self) -> None:
        if not self.done:
            raise self.unexpected()

    def rest(self) -> str:
        """What is left, as it was written."""
        left = self.text[self._peek()[2]:].strip().rstrip(";").strip()
        self._at = len(self._tokens)
        return left

    def raw(self) -> str:
        """One token as it was written."""
        self._at += 1
        return self._peek(-1)[1]

    def skip(self) -> None:
        """Pass over one token."""
        self._at += 1

    # What recurs

    def if_exists(self) -> bool:
        return self.takes("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        return self.takes("IF", "NOT", "EXISTS")

    def properties(self) -> dict[str, list[str]]:
        """`NAME = value …` or `NAME = (a, b)` up to the end, commas between them or not."""
        found: dict[str, list[str]] = {}
        while not self.done:
            name = self.word()
            self.expect("=")
            found[name] = self.strings()
            self.takes(",")
        return found


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1].replace("''", "'"))
