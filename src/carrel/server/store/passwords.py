"""Rows of passwords: hashes, and how often a wrong one was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from carrel.core.passwords import lock_after
from carrel.server.store.schema import passwords
from carrel.server.store.sessions import ReadSession, WriteSession


@dataclass(frozen=True)
class StoredPassword:
    """What is known of a user's password."""

    user_id: str
    hash: str
    changed_at: datetime
    failures: int
    locked_until: datetime | None


async def get(session: ReadSession, user_id: str) -> StoredPassword | None:
    """A user's, or None: he has none."""
    row = await session.one(select(passwords).where(passwords.c.user_id == user_id))
    if row is None:
        return None
    return StoredPassword(row.user_id, row.hash, row.changed_at, row.failures, row.locked_until)


async def who_have_one(session: ReadSession) -> frozenset[str]:
    """The ids of the users who have a password."""
    return frozenset(row.user_id for row in await session.all(select(passwords.c.user_id)))


async def put(session: WriteSession, user_id: str, hashed: str) -> None:
    """Store a password's hash in the place of the earlier one."""
    await remove(session, user_id)
    values = {"user_id": user_id, "hash": hashed, "changed_at": session.now, "must_change": False, "failures": 0}
    await session.run(insert(passwords).values(values))


async def rehash(session: WriteSession, stored: StoredPassword, hashed: str) -> None:
    """Store the same password's hash with other parameters, if it is still the same."""
    same = (passwords.c.user_id == stored.user_id) & (passwords.c.hash == stored.hash)
    await session.run(update(passwords).where(same).values(hash=hashed))


async def remove(session: WriteSession, user_id: str) -> None:
    """Forget a user's password."""
    await session.run(delete(passwords).where(passwords.c.user_id == user_id))


async def record_success(session: WriteSession, user_id: str) -> None:
    """It was right: earlier failures do not count."""
    await session.run(update(passwords).where(passwords.c.user_id == user_id).values(failures=0, locked_until=None))


async def record_failure(session: WriteSession, user_id: str) -> bool:
    """It was wrong: the more often, the longer nobody may try. Whether it is locked by this, and was not before."""
    one = passwords.c.user_id == user_id
    row = await session.one(select(passwords.c.failures, passwords.c.locked_until).where(one).with_for_update())
    if row is None:
        return False
    lock = lock_after(row.failures + 1)
    until = session.now + lock if lock else None
    await session.run(update(passwords).where(one).values(failures=row.failures + 1, locked_until=until))
    return until is not None and (row.locked_until is None or row.locked_until <= session.now)
