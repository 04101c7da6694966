"""Frozen dataclasses to JSON values and back, for the database and for the wire between server and agent."""

from __future__ import annotations

import types
import typing
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from carrel.core.secret import Secret

T = TypeVar("T")


def dump(value: Any) -> Any:
    """`value` as JSON types: dataclasses become objects, times ISO 8601 text, durations seconds, bytes base64.

    A Secret is revealed: what is dumped goes to its one destination (the agent), never to a log.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: dump(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): dump(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [dump(item) for item in value]
        return sorted(items) if isinstance(value, (set, frozenset)) else items
    return _dump_scalar(value)


def _dump_scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, Secret):
        return value.reveal()
    return value


def load(kind: type[T], data: Any) -> T:
    """The inverse of `dump` for the type `kind`; unknown members are ignored, so that neighbouring versions understand each other.

    Raises:
        ValueError: a member is missing that has no default, or a value does not fit its type.
    """
    return typing.cast("T", _load(kind, data))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _load(kind: Any, data: Any) -> Any:
    if kind is Any:
        return data
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _load_union(typing.get_args(kind), data)
    if origin is not None:
        return _load_generic(origin, typing.get_args(kind), data)
    if is_dataclass(kind) and isinstance(kind, type):
        return _load_record(kind, data)
    return _load_scalar(kind, data)


def _load_record(kind: type, data: Any) -> Any:
    if not isinstance(data, Mapping):
        message = f"{kind.__name__}: expected an object, got {type(data).__name__}"
        raise ValueError(message)
    hints = _hints(kind)
    members: dict[str, Any] = {}
    for f in fields(kind):
        if f.name in data:
            members[f.name] = _load(hints[f.name], data[f.name])
        elif f.default is MISSING and f.default_factory is MISSING:
            message = f"{kind.__name__}: {f.name} is missing"
            raise ValueError(message)
    return kind(**members)


def _load_union(options: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in options:
        return None
    failure: Exception | None = None
    for option in options:
        if option is type(None):
            continue
        try:
            return _load(option, data)
        except (ValueError, TypeError) as error:
            failure = error
    message = f"no member of the union takes {type(data).__name__}"
    raise ValueError(message) from failure


def _load_generic(origin: Any, arguments: tuple[Any, ...], data: Any) -> Any:
    if origin is typing.Literal:
        if data not in arguments:
            message = f"expected one of {arguments}"
            raise ValueError(message)
        return data
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:  # the shape tuple[X, ...]
            return tuple(_load(arguments[0], item) for item in data)
        return tuple(_load(kind, item) for kind, item in zip(arguments, data, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _load(arguments[1], item) for key, item in data.items()}
    return origin(_load(arguments[0], item) for item in data)


def _load_scalar(kind: Any, data: Any) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(data)
    if kind is timedelta:
        return timedelta(seconds=data)
    if kind is bytes:
        return b64decode(data)
    if kind is Secret:
        return Secret(data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if kind in (str, int, float, bool, dict, list) and type(data) is not kind:
        message = f"expected {kind.__name__}, got {type(data).__name__}"
        raise ValueError(message)
    return data
