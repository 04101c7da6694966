"""The installation: its id, by which the runtime knows what is ours, and its link authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from carrel.server.store.schema import installation
from carrel.server.store.sessions import ReadSession, WriteSession


@dataclass(frozen=True)
class Installation:
    """One database is one installation, however many servers it has."""

    id: str
    created_at: datetime
    authority: str
    """Public key of the link authority, an OpenSSH line."""


async def get(session: ReadSession) -> Installation | None:
    """The installation, or None in a fresh database."""
    row = await session.one(select(installation))
    return None if row is None else Installation(row.id, row.created_at, row.authority)


async def found(session: WriteSession, new: Installation) -> bool:
    """Store it, unless another server did so first; whether this one is it."""
    insert = postgresql.insert if session.dialect == "postgresql" else sqlite.insert
    values = {"row": 1, "id": new.id, "created_at": new.created_at, "authority": new.authority}
    return await session.run(insert(installation).values(values).on_conflict_do_nothing()) > 0
