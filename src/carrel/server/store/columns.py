"""Column types and SQL functions that are the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from carrel.core.records import dump, load

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(value: datetime) -> int:
    """A timezone-aware time as whole microseconds since 1970."""
    return (value - _EPOCH) // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """A point in time, UTC, as microseconds since 1970: the same arithmetic and order on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | int | None, _: Dialect) -> int | None:
        """Aware datetime, or microseconds, to microseconds."""
        if isinstance(value, datetime):
            return to_microseconds(value)
        return value

    def process_result_value(self, value: int | None, _: Dialect) -> datetime | None:
        """Microseconds to aware datetime."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A JSON value as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _: Dialect) -> str | None:
        """Dataclasses and plain values to JSON text."""
        return None if value is None else _to_text(value)

    def process_result_value(self, value: str | None, _: Dialect) -> Any:
        """JSON text to plain values."""
        return None if value is None else json.loads(value)


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

    def process_result_value(self, value: str | None, _: Dialect) -> Any:
        """JSON text to dataclass."""
        return None if value is None else _load_shared(self.kind, value)


def _to_text(value: Any) -> str:
    return json.dumps(dump(value), separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=16384)
def _load_shared(kind: Any, text: str) -> Any:
    return load(kind, json.loads(text))


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
