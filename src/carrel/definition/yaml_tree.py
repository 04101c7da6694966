"""YAML text to plain values with the place of each: nothing is executed, nothing grows, nothing is there twice.

No tags, no aliases, no merge keys, one document, 64 KiB: what a person writes by hand needs no more, and what is
read by a server from strangers must not have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from carrel.definition.misfits import Path
from carrel.definition.problem import Fault, Mark
from carrel.definition.scalars import Scalar

MOST_BYTES = 64 * 1024
MOST_DEPTH = 20
MOST_NODES = 5000
_TAG = "tag:yaml.org,2002:"
_TEXT = frozenset({"str", "timestamp", "value"})
_NUMBERS = frozenset({"int", "float", "bool"})
_KINDS = _TEXT | _NUMBERS | {"null", "seq", "map"}


class UnreadableError(Exception):
    """The text is not YAML that can be read; holds where and why."""

    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(mark, message)


@dataclass
class Tree:
    """Values, and where each is."""

    value: object = None
    """Mappings, lists, text, None, and Scalar for numbers, true and false."""
    marks: dict[Path, Mark] = field(default_factory=dict)
    """Of each value."""
    keys: dict[Path, Mark] = field(default_factory=dict)
    """Of each key."""
    faults: list[Fault] = field(default_factory=list)
    """Keys that are there twice."""

    def mark(self, path: Path, *, at_key: bool = False) -> Mark:
        """Where a value is; where it is not there, what holds it."""
        if at_key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.marks:
                return (
                    self.keys.get(path[:length], self.marks[path[:length]]) if length < len(path) else self.marks[path]
                )
        return Mark(1, 1)


def read_tree(data: bytes | str) -> Tree:
    """The one document of a YAML text.

    Raises:
        UnreadableError: it is not YAML, or has what is not read here.
    """
    text = _text(data)
    _check_events(text)
    tree = Tree()
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise _unreadable(text, error) from error
    if root is not None:
        tree.value = _value(root, (), tree)
    return tree


def _text(data: bytes | str) -> str:
    size = len(data if isinstance(data, bytes) else data.encode(errors="surrogatepass"))
    if size > MOST_BYTES:
        raise UnreadableError(Mark(1, 1), f"the file has {size} bytes; at most {MOST_BYTES} are read")
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(errors="replace")
        raise UnreadableError(_place(before, len(before)), "it is not UTF-8") from error


def _check_events(text: str) -> None:
    """Refuse what makes a small text large or deep, before anything is made of it."""
    depth = nodes = documents = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            mark = _mark(event.start_mark)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                raise UnreadableError(mark, "anchors (`&`) and aliases (`*`) are not read here: write the value out")
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise UnreadableError(mark, "a second document begins here; one file is one workspace")
            if isinstance(event, yaml.NodeEvent):
                nodes += 1
                _check_tag(event, mark)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH or nodes > MOST_NODES:
                raise UnreadableError(mark, f"it is nested too deeply, or has more than {MOST_NODES} values")
    except yaml.YAMLError as error:
        raise _unreadable(text, error) from error


def _check_tag(event: yaml.NodeEvent, mark: Mark) -> None:
    tag: str = getattr(event, "tag", None) or "!"
    if tag not in ("!", *(_TAG + kind for kind in _KINDS)):
        shown = f"!!{tag.removeprefix(_TAG)}" if tag.startswith(_TAG) else tag
        raise UnreadableError(mark, f"the tag {shown[:80]} is not read here: write a plain value")


def _value(node: yaml.Node, path: Path, tree: Tree) -> object:
    tree.marks[path] = _mark(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, tree)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), tree) for index, item in enumerate(node.value)]
    if any("\ud800" <= character <= "\udfff" for character in str(node.value)):
        tree.faults.append(Fault(tree.marks[path], "it holds half of a character (a surrogate), which is no text"))
        return ""
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, tree: Tree) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        mark = _mark(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            tree.faults.append(Fault(mark, "a key should be text"))
            continue
        key = str(key_node.value)
        if key in found:
            tree.faults.append(
                Fault(mark, f"{key[:80]!r} is there a second time, first in line {tree.keys[*path, key].line}")
            )
            continue
        tree.keys[*path, key] = mark
        found[key] = _value(value_node, (*path, key), tree)
    return found


def _scalar(node: yaml.Node) -> object:
    kind = node.tag.removeprefix(_TAG)
    text = str(node.value)
    if kind == "null":
        return None
    if kind not in _NUMBERS:
        return text
    try:
        value = getattr(yaml.SafeLoader(""), f"construct_yaml_{kind}")(node)
    except (ValueError, OverflowError, KeyError):
        return text  # `!!int x`
    return Scalar(text, value)


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _place(text: str, index: int) -> Mark:
    before = text[:index]
    return Mark(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _unreadable(text: str, error: yaml.YAMLError) -> UnreadableError:
    if isinstance(error, yaml.reader.ReaderError):
        position = int(error.position)
        return UnreadableError(_place(text, position), f"U+{_code(error.character):04X} may not be in a YAML file")
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        message = " ".join(part for part in (error.context, error.problem) if part)
        return UnreadableError(_mark(error.problem_mark), f"it is not YAML: {message}{_tabs(text, error.problem_mark)}")
    return UnreadableError(Mark(1, 1), "it is not YAML")


def _code(character: object) -> int:
    return character if isinstance(character, int) else ord(str(character)[:1] or "?")


def _tabs(text: str, mark: yaml.Mark) -> str:
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return " (YAML indents with spaces, and here is a tab)" if "\t" in line else ""
