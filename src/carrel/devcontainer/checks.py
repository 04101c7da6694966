"""Types and values of the properties of one devcontainer.json, each with its place in the text (C015, D12).

A property of a wrong type is an error. A value that is none of the allowed, and what is wrong inside a property, is not
used, with a warning: the reference opens such a repository, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.inner_properties import INNER
from carrel.devcontainer.jsonc import Document
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.properties import BUILD, PROPERTIES, Property

Path = tuple[str | int, ...]


def check(document: Document, path: str) -> tuple[Notice, ...]:
    """Warnings about unknown properties, and about what a property of objects holds.

    Raises:
        Problem: `bad_configuration` with file, line, column and property; one has another type.
    """
    notices: list[Notice] = []
    for key, value in document.value.items():
        known = PROPERTIES.get(key)
        if known is None:
            notices.append(warning(key, f"unknown property{document.place(key)}; kept, but nothing reads it"))
        elif value is not None:
            _check_type(document, path, known, value, (key,))
            if not known.has_value(value):
                allowed = ", ".join(known.values)
                notices.append(warning(key, f"should be one of {allowed}{document.place(key)}; found {value!r}"))
    for key, value in (document.value.get("build") or {}).items():
        if key in BUILD:
            _check_type(document, path, BUILD[key], value, ("build", key))
        else:
            notices.append(warning(f"build.{key}", f"unknown property{document.place('build', key)}; kept"))
    for where, table in INNER.items():
        for place, inner in _objects(document.value, tuple(where.split(".")), ()):
            notices += _inner(document, table, inner, place)
    for key in ("portsAttributes", "secrets"):
        notices += _no_objects(document, key)
    return tuple(notices)


def place_in(document: Document, path: str, keys: Path) -> dict[str, Any]:
    """What a problem carries about a property: file, property and, where known, line and column."""
    extra: dict[str, Any] = {"file": path, "property": ".".join(map(str, keys))}
    position = document.positions.get(keys)
    return extra | ({"line": position.line, "column": position.column} if position else {})


def wrong(document: Document, path: str, keys: Path, what: str) -> Problem:
    """The problem of a property: `<file>, line 3, column 5: <property> <what>`."""
    position = document.positions.get(keys)
    where = f", {position}" if position else ""
    detail = f"{path}{where}: {'.'.join(map(str, keys))} {what}."
    return Problem("bad_configuration", detail, extra=place_in(document, path, keys))


def _check_type(document: Document, path: str, known: Property, value: Any, keys: Path) -> None:
    if not known.accepts(value):
        raise wrong(document, path, keys, f"must be {_article(known.type)}")


def _objects(value: Any, where: tuple[str, ...], place: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The objects at a place of `INNER`."""
    if not where:
        if isinstance(value, Mapping):
            yield place, value
        return
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, Mapping):
        items = list(value.items()) if where[0] == "*" else [(where[0], value.get(where[0]))]
    elif isinstance(value, list) and where[0] == "*":
        items = list(enumerate(value))
    for key, item in items:
        yield from _objects(item, where[1:], (*place, key))


def _no_objects(document: Document, key: str) -> Iterator[Notice]:
    for name, item in (document.value.get(key) or {}).items():
        if not isinstance(item, Mapping):
            yield warning(f"{key}.{name}", f"should be an object{document.place(key, name)}; the value is not used")


def _inner(
    document: Document, table: Mapping[str, Property], inner: Mapping[str, Any], place: Path
) -> Iterator[Notice]:
    for key, value in inner.items():
        name = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in (*place, key)).removeprefix(".")
        known = table.get(key)
        if known is None:
            yield warning(name, f"unknown property{document.place(*place, key)}; kept, but nothing reads it")
        elif value is not None and not (known.accepts(value) and known.has_value(value)):
            wanted = f"one of {', '.join(known.values)}" if known.accepts(value) else _article(known.type)
            yield warning(name, f"should be {wanted}{document.place(*place, key)}; the value is not used")


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" and kind != "anything" else f"a {kind}"
