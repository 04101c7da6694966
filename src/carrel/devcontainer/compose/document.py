"""One Compose file as YAML: safe, with line numbers, anchors, `<<`, `!reset` and `!override`.

Scalars are read as YAML 1.2 does (`22:22`, `yes` and dates are strings), as the Compose CLI does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from carrel.core.problems import Problem

if TYPE_CHECKING:
    import yaml

Path = tuple[str | int, ...]
_MAX_NODES = 100_000
_MAX_CHARACTERS = 8 << 20
"""Anchors are expanded: a small file can ask for a huge document."""
_INTEGER = re.compile(r"[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+|0b[01]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Reset:
    """`!reset`: what earlier files say goes."""


@dataclass(frozen=True)
class Override:
    """`!override`: takes the place of what earlier files say, without merging."""

    value: Any


@dataclass
class Document:
    """A file's values and where they stand."""

    name: str
    value: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)

    def place(self, path: Path) -> str:
        """`file:line` of a value, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at a value."""
        line = int(self.place(path).rpartition(":")[2])
        where = ".".join(str(part) for part in path)
        text = f"{self.place(path)}: {where}: {message}" if where else f"{self.place(path)}: {message}"
        return Problem("bad_configuration", text, extra={"file": self.name, "line": line})


def parse(content: bytes, name: str) -> Document:
    """Read a file.

    Raises:
        Problem: `bad_configuration` with file and line: no YAML, two documents, a key twice, no mapping at the top.
    """
    import yaml  # noqa: PLC0415  a configuration without Compose need not wait for it

    document = Document(name, {})
    try:
        node = yaml.compose(content.decode(), Loader=yaml.SafeLoader)
        value = _Reader(document).read(node, ()) if node is not None else {}
    except UnicodeDecodeError as error:
        raise Problem("bad_configuration", f"{name} is not UTF-8.", extra={"file": name}) from error
    except RecursionError as error:
        raise Problem("bad_configuration", f"{name} is nested too deeply.", extra={"file": name}) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        message = f"{name}:{line}: {error.problem or error.context}."
        raise Problem("bad_configuration", message, extra={"file": name, "line": line}) from error
    except yaml.YAMLError as error:
        raise Problem("bad_configuration", f"{name}: {error}.", extra={"file": name}) from error
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise document.problem((), "a Compose file must be a mapping.")
    document.value = value
    return document


class _Reader:
    """Turns nodes into values."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = self._characters = 0
        self._open: set[int] = set()

    def read(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        self._characters += len(node.value) if _kind(node) == "scalar" else 0
        if self._count > _MAX_NODES or self._characters > _MAX_CHARACTERS:
            raise self._document.problem(path[:1], "the anchors expand to more values than are allowed.")
        if id(node) in self._open:
            raise self._document.problem(path, "the value contains itself.")
        self._document.lines[path] = node.start_mark.line + 1
        if node.tag == "!reset":
            return Reset()
        self._open.add(id(node))
        value = self._value(node, path)
        self._open.discard(id(node))
        return Override(value) if node.tag == "!override" else value

    def _value(self, node: yaml.Node, path: Path) -> Any:
        if _kind(node) == "mapping":
            return self._mapping(node, path)
        if _kind(node) == "sequence":
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if _kind(key_node) != "scalar":
                raise self._document.problem(path, "a key must be a plain word.")
            key = str(key_node.value)
            if key == "<<" and key_node.style is None:
                merged |= self._merge_key(value_node, path)
            elif key in own:
                line = key_node.start_mark.line + 1
                self._document.lines[*path, key] = line
                raise self._document.problem((*path, key), "the key is given twice.")
            else:
                own[key] = self.read(value_node, (*path, key))
                self._document.lines[*path, key] = key_node.start_mark.line + 1
        return {**merged, **own}

    def _merge_key(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        """`<<: *a` or `<<: [*a, *b]`; of several the first wins."""
        nodes = node.value if _kind(node) == "sequence" else [node]
        merged: dict[str, Any] = {}
        for one in nodes:
            value = self.read(one, path)
            if not isinstance(value, dict):
                raise self._document.problem(path, "`<<` takes mappings.")
            merged = {**value, **merged}
        return merged


def _kind(node: Any) -> str:
    """`scalar`, `sequence` or `mapping`."""
    return str(node.id)


def _scalar(node: yaml.Node) -> Any:
    return str(node.value) if getattr(node, "style", None) else _plain(str(node.value))


def _plain(text: str) -> Any:
    """An unquoted scalar."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        digits = text.replace("_", "")
        if digits.startswith(("0o", "0x", "0b")):
            return int(digits, 0)
        plain = digits.lstrip("+-")
        if len(plain) > 1 and plain.startswith("0"):
            return int(digits, 8) if not set(plain) & {"8", "9"} else text
        return int(digits)
    return float(text) if _FLOAT.fullmatch(text) else text


def mapped(value: Any, change: Callable[[str, Path], Any], path: Path = ()) -> Any:
    """`value` with every string in it changed, at any depth; keys stay."""
    if isinstance(value, str):
        return change(value, path)
    if isinstance(value, list):
        return [mapped(item, change, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: mapped(item, change, (*path, key)) for key, item in value.items()}
    return Override(mapped(value.value, change, path)) if isinstance(value, Override) else value
