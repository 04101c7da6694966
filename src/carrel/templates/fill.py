"""Values of parameters into the places of a template's workspace that name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from carrel.core.apps import nearest
from carrel.core.template import Value
from carrel.definition.misfits import Misfit, Path
from carrel.definition.scalars import Scalar

_PLACE = re.compile(r"\$(\$)?\{([^{}]*)\}")
_PARAMETER = re.compile(r"parameters\.([A-Za-z_][A-Za-z0-9_-]*)")


def filled(value: object, values: Mapping[str, Value]) -> object:
    """`value` with each `${parameters.NAME}` replaced; `$${` stands for `${`.

    Text that is nothing but one place becomes the value itself, with its type; keys are left as they are. What a
    value holds is never looked at again: it cannot name another parameter.

    Raises:
        Misfit: a place names what there is not, with its path.
    """
    if isinstance(value, Mapping):
        return {key: _within(key, item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_within(index, item, values) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    whole = _PLACE.fullmatch(value)
    if whole is not None and not whole[1]:
        found = values[_named(whole[2], values)]
        return found if isinstance(found, str) else Scalar(shown(found), found)
    return _PLACE.sub(lambda place: place[0][1:] if place[1] else shown(values[_named(place[2], values)]), value)


def _within(key: str | int, item: object, values: Mapping[str, Value]) -> object:
    try:
        return filled(item, values)
    except Misfit as error:
        raise Misfit(error.message, (key, *error.path)) from None


def _named(inner: str, values: Mapping[str, Value]) -> str:
    match = _PARAMETER.fullmatch(inner.strip())
    if match is None:
        raise Misfit(f"${{{inner[:80]}}} is no place for a parameter: ${{parameters.NAME}}; $${{ stands for ${{")
    if match[1] not in values:
        raise Misfit(f"there is no parameter {match[1][:80]!r}{nearest(match[1], values)}")
    return match[1]


def shown(value: Value) -> str:
    """A value within a text."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:.15g}"


def places(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each place of a value: where it is, and which parameter it names. Raises Misfit for one that names none."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    elif isinstance(value, str):
        for place in _PLACE.finditer(value):
            if not place[1]:
                match = _PARAMETER.fullmatch(place[2].strip())
                yield path, match[1] if match else ""
