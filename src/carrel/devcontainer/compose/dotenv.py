"""`.env` and env_file: lines `NAME=value`, quotes, comments, variables of earlier lines."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping

from carrel.devcontainer.compose.interpolation import MAX_LENGTH, interpolate

_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.\-\[\]]*)[ \t]*(?P<equals>[=:]?)[ \t]*")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE = re.compile(r"'([^']*)'")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$$"}


def parse_env(text: str, around: Mapping[str, str], name: str, *, raw: bool = False) -> dict[str, str | None]:
    """The variables of a file; None for a name without `=`, which is taken from `around`.

    Args:
        text: the file's.
        around: variables that may be referred to; they win over those of the file.
        name: of the file, for messages.
        raw: `format: raw`: values are taken as they are.

    Raises:
        ValueError: a line cannot be read; the message has file and line.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found: dict[str, str | None] = {}
    known = ChainMap[str, str](dict(around), {})
    """`around` first; the file's own variables behind it."""
    at = length = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].strip()
        if not line or line.startswith("#"):
            at = end + 1
            continue
        match = _LINE.match(text, at)
        if match is None or match.end() > end + 1:
            raise _bad(text, at, name, f"{line[:60]!r} is no NAME=value")
        if not match["equals"]:
            found[match["name"]] = None
            at = end + 1
            continue
        start = min(match.end(), end)
        if raw:
            found[match["name"]] = text[text.index(match["equals"], match.end("name")) + 1 : end]
            at = end + 1
            continue
        line_at = at
        try:
            value, at = _value(text, start, end, known)
        except ValueError as error:
            raise _bad(text, line_at, name, str(error)) from error
        length += len(value)
        if length > MAX_LENGTH:
            raise _bad(text, line_at, name, f"the values are longer than {MAX_LENGTH} characters together")
        found[match["name"]] = known.maps[1][match["name"]] = value
    return found


def _value(text: str, start: int, end: int, known: Mapping[str, str]) -> tuple[str, int]:
    """A value, and where the next line begins."""
    quote = text[start : start + 1]
    if quote in {'"', "'"}:
        match = (_DOUBLE if quote == '"' else _SINGLE).match(text, start)
        if match is None:
            message = f"the quote {quote} is not closed"
            raise ValueError(message)
        after = text.find("\n", match.end())
        inner = match[1] if quote == "'" else interpolate(_unescaped(match[1]), known)
        return inner, len(text) if after < 0 else after + 1
    plain = re.split(r"(?:^|[ \t])#", text[start:end], maxsplit=1)[0].strip()
    return interpolate(plain, known), end + 1


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text, flags=re.DOTALL)


def _bad(text: str, at: int, name: str, message: str) -> ValueError:
    return ValueError(f"{name}:{text.count(chr(10), 0, at) + 1}: {message}.")
