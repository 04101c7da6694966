"""The layout of a part of a text of JSON with comments, as Microsoft's jsonc-parser does it with default options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

INDENT = "\t"
TAB_SIZE = 4
_TOKEN = re.compile(
    r"""(?P<space>[ \t]+)|(?P<line>\r\n|\n|\r)|(?P<comment>//[^\r\n]*)|(?P<block>/\*.*?(?:\*/|\Z))
    |(?P<mark>[{}\[\],:])|(?P<string>"(?:[^"\\\r\n]|\\.)*"?)|(?P<other>[^\s{}\[\],:"/]+|.)""",
    re.DOTALL | re.VERBOSE,
)
_SCALAR = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Token:
    """A token at its place; `kind` is the mark itself, or space, line, comment, block, string, scalar, unknown, end."""

    kind: str
    start: int
    end: int
    is_open: bool = False
    """A comment whose end is not in the text that was scanned."""

    @property
    def is_trivia(self) -> bool:
        """White space or a comment."""
        return self.kind in {"space", "line", "comment", "block"}


@dataclass(frozen=True)
class Edit:
    """Text that takes the place of a range."""

    start: int
    end: int
    content: str


def scan(text: str) -> Iterator[Token]:
    """All tokens of a text, without an end."""
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "mark":
            kind = match.group()
        elif kind == "other":
            kind = "scalar" if _SCALAR.fullmatch(match.group()) else "unknown"
        elif kind == "string" and (len(match.group()) == 1 or not match.group().endswith('"')):
            kind = "unknown"
        is_open = kind == "block" and (len(match.group()) < 4 or not match.group().endswith("*/"))
        yield Token(kind, match.start(), match.end(), is_open)


def is_end_of_line(text: str, at: int) -> bool:
    """Whether a character ends a line."""
    return text[at] in "\r\n"


def format_range(text: str, start: int, end: int) -> list[Edit]:
    """The edits that lay out the lines of a range, in order."""
    first, last = start, end
    while first > 0 and not is_end_of_line(text, first - 1):
        first -= 1
    while last < len(text) and not is_end_of_line(text, last):
        last += 1
    return _Layout(text, (start, end), (first, last)).edits()


class _Layout:
    """One pass over the tokens of some lines."""

    def __init__(self, text: str, wanted: tuple[int, int], lines: tuple[int, int]) -> None:
        self._text = text
        self._wanted = wanted
        self._offset = lines[0]
        part = text[lines[0] : lines[1]]
        self._tokens = iter([*scan(part), Token("end", len(part), len(part))])
        self._base = _indent_level(part)
        self._level = 0
        self._breaks = False
        self._broken = False
        self._edits: list[Edit] = []
        ends = re.search(r"\r\n|\r|\n", text)
        self._end_of_line = ends.group() if ends else "\n"

    def edits(self) -> list[Edit]:
        first = self._next()
        if first.kind != "end":
            self._add(INDENT * self._base, self._offset, first.start + self._offset)
        while first.kind != "end":
            after = first.end + self._offset
            second = self._next()
            content, is_commented = "", False
            while not self._breaks and second.kind in {"comment", "block"}:
                self._add(" ", after, second.start + self._offset)
                after = second.end + self._offset
                is_commented = second.kind == "comment"
                content = self._new_line() if is_commented else ""
                second = self._next()
            content = self._between(first, second, content, is_commented=is_commented)
            self._add(content, after, second.start + self._offset)
            first = second
        return self._edits

    def _between(self, first: Token, second: Token, content: str, *, is_commented: bool) -> str:
        """What stands between two tokens."""
        if second.kind in {"}", "]"}:
            opening = "{" if second.kind == "}" else "["
            if first.kind != opening:
                self._level -= 1
                content = self._new_line()
        else:
            content = self._after(first, second, content, is_commented=is_commented)
            if self._breaks and second.kind in {"comment", "block"}:
                content = self._new_line()
        return "" if second.kind == "end" else content

    def _after(self, first: Token, second: Token, content: str, *, is_commented: bool) -> str:
        match first.kind:
            case "{" | "[":
                self._level += 1
                return self._new_line()
            case "," | "comment":
                return self._new_line()
            case "block":
                return self._new_line() if self._breaks else content if is_commented else " "
            case ":":
                return content if is_commented else " "
            case "string":
                return "" if second.kind == ":" and not is_commented else content
            case "scalar" | "}" | "]":
                if second.kind in {"comment", "block"} and not is_commented:
                    return " "
                self._broken = self._broken or second.kind not in {",", "end"}
            case _:
                self._broken = True
        return content

    def _next(self) -> Token:
        self._breaks = False
        for token in self._tokens:
            if token.kind == "line":
                self._breaks = True
            elif token.kind != "space":
                self._broken = token.kind == "unknown" or token.is_open
                return token
        raise AssertionError  # the last token is the end

    def _new_line(self) -> str:
        return self._end_of_line + INDENT * (self._base + self._level)

    def _add(self, content: str, start: int, end: int) -> None:
        touches = start < self._wanted[1] and end > self._wanted[0]
        if not self._broken and touches and self._text[start:end] != content:
            self._edits.append(Edit(start, end, content))


def _indent_level(part: str) -> int:
    """Levels of the first line; a space counts as one, a tab as four."""
    width = 0
    for char in part:
        if char not in " \t":
            break
        width += 1 if char == " " else TAB_SIZE
    return width // TAB_SIZE
