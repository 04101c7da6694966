"""JSON with comments and trailing commas, as devcontainer.json is written; every error has line and column.

Source: containers.dev "JSON with Comments"; C008-C014 of the conformance list, deviation D11 (no silent repair).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem

MAX_DEPTH = 100
MOST_VALUES = 50_000
"""The place of each is kept: 1 MiB of `0,` deep within others would take seconds and half a gigabyte."""
_SPACE = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_HALF = re.compile("[\ud800-\udfff]")
_LITERALS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Position:
    """A place in a text; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        """`line 3, column 7`."""
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True)
class Document:
    """A parsed text with the places of its keys."""

    value: Any
    positions: Mapping[tuple[str | int, ...], Position] = field(default_factory=dict)
    """Path of keys and indexes to where the value begins."""

    def place(self, *path: str | int) -> str:
        """` at line 3, column 7` for a path that is in the text, else empty."""
        position = self.positions.get(path)
        return f" at {position}" if position else ""


class _Parser:
    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.at = 0
        self.positions: dict[tuple[str | int, ...], Position] = {}
        self.line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def fail(self, what: str, at: int | None = None) -> Problem:
        place = self.position(self.at if at is None else at)
        return Problem(
            "bad_configuration",
            f"{self.name}, {place}: {what}.",
            extra={"file": self.name, "line": place.line, "column": place.column},
        )

    def position(self, at: int) -> Position:
        line = bisect_right(self.line_starts, at)
        return Position(line, at - self.line_starts[line - 1] + 1)

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        if self.text.startswith("/*", self.at):
            raise self.fail("the comment is not closed")

    def peek(self) -> str:
        self.space()
        return self.text[self.at : self.at + 1]

    def value(self, path: tuple[str | int, ...]) -> Any:
        char = self.peek()
        self.positions[path] = self.position(self.at)
        if len(path) > MAX_DEPTH:
            raise self.fail("values are nested too deeply")
        if len(self.positions) > MOST_VALUES:
            raise self.fail(f"it has more than {MOST_VALUES} values")
        if char == "{":
            return self.object(path)
        if char == "[":
            return self.array(path)
        if char == '"':
            return self.string()
        return self.scalar()

    def string(self) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.fail("the string is not closed, or holds an illegal escape or control character")
        text: str = json.loads(match.group())
        if _HALF.search(text):
            raise self.fail("the string holds half of a surrogate pair, which is no character")
        self.at = match.end()
        return text

    def scalar(self) -> Any:
        for literal, value in _LITERALS.items():
            if self.text.startswith(literal, self.at):
                self.at += len(literal)
                return value
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            found = self.text[self.at : self.at + 1]
            raise self.fail(
                f"expected a value, found {found!r}" if found else "the text ends where a value is expected"
            )
        try:
            number = json.loads(match.group())
        except ValueError as error:
            raise self.fail("the number is too long") from error
        self.at = match.end()
        return number

    def object(self, path: tuple[str | int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        self.at += 1
        while (char := self.peek()) != "}":
            if char != '"':
                raise self.fail(
                    f"expected a key in double quotes or '}}', found {char!r}" if char else "the object is not closed"
                )
            key = self.string()
            if self.peek() != ":":
                raise self.fail(f"expected ':' after the key {key!r}")
            self.at += 1
            result[key] = self.value((*path, key))
            self.separator("}")
        self.at += 1
        return result

    def array(self, path: tuple[str | int, ...]) -> list[Any]:
        result: list[Any] = []
        self.at += 1
        while (char := self.peek()) != "]":
            if not char:
                raise self.fail("the array is not closed")
            result.append(self.value((*path, len(result))))
            self.separator("]")
        self.at += 1
        return result

    def separator(self, closing: str) -> None:
        char = self.peek()
        if char == ",":
            self.at += 1
            if self.peek() == ",":
                raise self.fail("a value is missing between two commas")
        elif char != closing:
            raise self.fail(
                f"expected ',' or '{closing}', found {char!r}"
                if char
                else f"expected ',' or '{closing}' before the end"
            )


def parse(content: str | bytes, name: str = "devcontainer.json") -> Document:
    """Parse a text; `name` is how an error calls it.

    Raises:
        Problem: `bad_configuration` with `line` and `column` in `extra`.
    """
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Problem("bad_configuration", f"{name} is not UTF-8 text.") from error
    parser = _Parser(content.removeprefix("\ufeff"), name)
    if not parser.peek():
        raise parser.fail("the file is empty")
    value = parser.value(())
    if parser.peek():
        raise parser.fail("there is text after the end of the value")
    return Document(value, parser.positions)


def parse_object(content: str | bytes, name: str = "devcontainer.json") -> Document:
    """Parse a text whose top level must be an object (C014)."""
    document = parse(content, name)
    if not isinstance(document.value, dict):
        raise Problem(
            "bad_configuration",
            f"{name} must contain an object at its top level.",
            extra={"file": name, "line": 1, "column": 1},
        )
    return document
