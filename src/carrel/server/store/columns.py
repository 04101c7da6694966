"""Column types and SQL functions that are the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from carrel.core.records import dump, load

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_microseconds(value: int | None) -> datetime | None:
    """The inverse of `to_microseconds`."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def to_microseconds(value: datetime) -> int:
    """A timezone-aware time as whole microseconds since 1970."""
    return (value - _EPOCH) // _MICROSECOND


Processor = Callable[[Any], Any]
"""What turns a database's value into ours. The types give it directly: lists of thousands of rows pass through it."""


class Instant(TypeDecorator[datetime]):
    """A point in time, UTC, as microseconds since 1970: the same arithmetic and order on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | int | None, _: Dialect) -> int | None:
        """Aware datetime, or microseconds, to microseconds."""
        return to_microseconds(value) if isinstance(value, datetime) else value

    def result_processor(self, _: Dialect, coltype: object) -> Processor:
        """Microseconds to aware datetime."""
        del coltype
        return from_microseconds


class Json(TypeDecorator[Any]):
    """A JSON value as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _: Dialect) -> str | None:
        """Dataclasses and plain values to JSON text."""
        return None if value is None else _to_text(value)

    def result_processor(self, _: Dialect, coltype: object) -> Processor:
        """JSON text to plain values."""
        del coltype
        return _from_text


class Record(TypeDecorator[Any]):
    """A frozen dataclass of the core as JSON text; equal texts share one object."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, _: Dialect) -> str | None:
        """Dataclass to JSON text."""
        return None if value is None else _to_text(value)

    def result_processor(self, _: Dialect, coltype: object) -> Processor:
        """JSON text to dataclass."""
        del coltype
        return partial(_load_shared, self.kind)


def _from_text(text: str | None) -> Any:
    if text is None:
        return None
    return {} if text == "{}" else json.loads(text)


def _to_text(value: Any) -> str:
    return json.dumps(dump(value), separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=16384)
def _load_shared(kind: Any, text: str | None) -> Any:
    return None if text is None else load(kind, json.loads(text))


class DatabaseNow(FunctionElement[int]):
    """The database's clock in microseconds; on PostgreSQL the time of the call, not of the transaction's begin."""

    type = BigInteger()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _now_sqlite(_element: DatabaseNow, _compiler: SQLCompiler, **_: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"


@compiles(DatabaseNow, "postgresql")
def _now_postgresql(_element: DatabaseNow, _compiler: SQLCompiler, **_: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) * 1000000 AS BIGINT)"
