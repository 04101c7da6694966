"""Changes to a text of JSON with comments that leave everything else as its author wrote it (C339, C436).

The layout of what is added is that of the reference, which uses Microsoft's jsonc-parser: its `modify` and `format` with
default options (tabs, the text's own line ends).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from carrel.devcontainer.jsonc import parse
from carrel.devcontainer.jsonc_format import Token, format_range, is_end_of_line, scan


@dataclass(frozen=True)
class _Value:
    """Where a value is in the text; objects know their properties."""

    start: int
    end: int
    properties: dict[str, _Property] = field(default_factory=dict)
    is_object: bool = False


@dataclass(frozen=True)
class _Property:
    start: int
    key_end: int
    value: _Value


def set_property(text: str, path: Sequence[str], value: Any) -> str:
    """`text` with the property at `path` set; objects on the way are made where they are absent.

    Raises:
        Problem: `bad_configuration`, the text cannot be read.
        ValueError: something on the way is no object.
    """
    parse(text)
    root = _root(text)
    parts = list(path)
    while True:
        last = parts.pop()
        parent = _find(root, parts)
        if parent is not None:
            break
        value = {last: value}
    if not parent.is_object:
        raise ValueError(f"{'.'.join(parts)} is no object")
    content = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    existing = parent.properties.get(last)
    if existing is not None:
        return _replaced(text, existing.value.start, existing.value.end, content)
    new = f"{json.dumps(last, ensure_ascii=False)}: {content}"
    if parent.properties:
        at = max(one.value.end for one in parent.properties.values())
        return _replaced(text, at, at, f",{new}")
    return _replaced(text, parent.start + 1, parent.start + 1, new)


def rename_key(text: str, path: Sequence[str], key: str, new: str) -> str:
    """`text` with `key` of the object at `path` called `new`; no other character changes.

    Raises:
        Problem: `bad_configuration`, the text cannot be read.
        KeyError: there is no such key.
    """
    parse(text)
    parent = _find(_root(text), list(path))
    if parent is None or key not in parent.properties:
        raise KeyError(key)
    place = parent.properties[key]
    return text[: place.start] + json.dumps(new, ensure_ascii=False) + text[place.key_end :]


def _find(value: _Value, path: list[str]) -> _Value | None:
    for part in path:
        if part not in value.properties:
            return None
        value = value.properties[part].value
    return value


def _replaced(text: str, start: int, end: int, content: str) -> str:
    """One edit, and the lines that it touches laid out."""
    edited = text[:start] + content + text[end:]
    first, last = start, start + len(content)
    if start == end:
        while first > 0 and not is_end_of_line(edited, first - 1):
            first -= 1
        while last < len(edited) and not is_end_of_line(edited, last):
            last += 1
    for edit in reversed(format_range(edited, first, last)):
        edited = edited[: edit.start] + edit.content + edited[edit.end :]
    return edited


def _root(text: str) -> _Value:
    """The values of a text that is known to be well-formed."""
    tokens = [token for token in scan(text) if not token.is_trivia]
    value, _ = _read(tokens, 0, text)
    return value


def _read(tokens: list[Token], at: int, text: str) -> tuple[_Value, int]:
    """The value that begins with a token, and the index after it."""
    first = tokens[at]
    if first.kind not in {"{", "["}:
        return _Value(first.start, first.end), at + 1
    properties: dict[str, _Property] = {}
    closing = "}" if first.kind == "{" else "]"
    at += 1
    while tokens[at].kind != closing:
        if tokens[at].kind == ",":
            at += 1
        elif closing == "]":
            _, at = _read(tokens, at, text)
        else:
            key = tokens[at]
            value, at = _read(tokens, at + 2, text)
            name = json.loads(text[key.start : key.end])
            properties.setdefault(name, _Property(key.start, key.end, value))
    return _Value(first.start, tokens[at].end, properties, is_object=first.kind == "{"), at + 1
