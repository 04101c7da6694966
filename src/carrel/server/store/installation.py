"""The installation: its id, by which the runtime knows what is ours, its link authority, and the key that seals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
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


async def sealing_key(session: ReadSession) -> str:
    """Id of the key that seals secrets from now on; empty in a fresh database.

    In a transaction that writes it stays so until the end: nothing is sealed with a key that a rotation has replaced.
    """
    statement = select(installation.c.key_id)
    if isinstance(session, WriteSession):
        statement = statement.with_for_update(read=True)
    return str(await session.scalar(statement) or "")


async def seal_with(session: WriteSession, key_id: str) -> None:
    """From the end of this transaction on, seal secrets with this key."""
    await session.run(update(installation).values(key_id=key_id))
