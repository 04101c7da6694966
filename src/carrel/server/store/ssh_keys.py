"""Rows of public keys with which users come by SSH. A key belongs to one user of the installation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from carrel.core.problems import Problem
from carrel.core.workspace import new_id
from carrel.server.store.schema import ssh_keys, users
from carrel.server.store.sessions import ReadSession, WriteSession, batched
from carrel.server.store.users import User
from carrel.server.store.users import from_row as user_from_row
from carrel.server.store.wakeups import ACCESS


@dataclass(frozen=True)
class SshKey:
    """A user's public key."""

    id: str
    user_id: str
    fingerprint: str
    """`SHA256:...`, as `ssh-keygen -l` has it."""
    public_key: str
    """An OpenSSH line without a comment."""
    title: str
    created_at: datetime
    used_at: datetime | None = None


async def insert_key(session: WriteSession, user_id: str, fingerprint: str, public_key: str, title: str) -> SshKey:
    """Store a key.

    Raises:
        Problem: `name_taken` where somebody has it already; it is not said who.
    """
    key = SshKey(new_id(), user_id, fingerprint, public_key, title, session.now)
    values = {
        "id": key.id,
        "user_id": user_id,
        "fingerprint": fingerprint,
        "public_key": public_key,
        "title": title,
        "created_at": session.now,
    }
    try:
        await session.run(insert(ssh_keys).values(values))
    except IntegrityError as error:
        hint = "A key says who comes: make one of your own with `ssh-keygen -t ed25519`."
        raise Problem("name_taken", "This key is in use already.", hint) from error
    return key


async def of_user(session: ReadSession, user_id: str) -> list[SshKey]:
    """A user's keys, newest first."""
    statement = select(ssh_keys).where(ssh_keys.c.user_id == user_id)
    rows = await session.all(statement.order_by(ssh_keys.c.created_at.desc(), ssh_keys.c.id))
    return [_from_row(row) for row in rows]


async def holders(session: ReadSession, fingerprints: Iterable[str]) -> dict[str, tuple[SshKey, User]]:
    """By fingerprint the key, and the user whose it is; keys of disabled users are nobody's."""
    found: dict[str, tuple[SshKey, User]] = {}
    for some in batched(sorted(set(fingerprints))):
        statement = (
            select(ssh_keys, *(c.label(f"its_{c.name}") for c in users.c))
            .join(users, users.c.id == ssh_keys.c.user_id)
            .where(ssh_keys.c.fingerprint.in_(some), users.c.disabled_at.is_(None))
        )
        for row in await session.all(statement):
            found[row.fingerprint] = (_from_row(row), user_from_row(row, "its_"))
    return found


async def touch(session: WriteSession, fingerprint: str) -> None:
    """Note that it was used now."""
    await session.run(update(ssh_keys).where(ssh_keys.c.fingerprint == fingerprint).values(used_at=session.now))


async def remove(session: WriteSession, user_id: str, key_id: str) -> SshKey | None:
    """Remove a user's key; what was removed. Who came with it is sent away."""
    which = (ssh_keys.c.user_id == user_id) & (ssh_keys.c.id == key_id)
    row = await session.one(select(ssh_keys).where(which))
    if row is None or not await session.run(delete(ssh_keys).where(which)):
        return None
    session.wake(ACCESS)
    return _from_row(row)


def _from_row(row: Row[Any]) -> SshKey:
    return SshKey(row.id, row.user_id, row.fingerprint, row.public_key, row.title, row.created_at, row.used_at)
