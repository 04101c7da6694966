"""Secrets at rest: sealed envelopes by scope, owner and name. Nothing but `reveal` and a rotation of keys opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from carrel.core.secret import Secret
from carrel.server.store.installation import sealing_key
from carrel.server.store.keys import KeyRing
from carrel.server.store.schema import secrets
from carrel.server.store.sessions import ReadSession, WriteSession


class SecretScope(StrEnum):
    """Whose it is; `owner` is then the id of that."""

    INSTALLATION = "installation"
    """Owner empty: the link authority's key."""
    WORKSPACE = "workspace"
    """The host key of its agent."""
    GIT = "git"
    """A user's git credentials; the name is the host."""
    GIT_LOGIN = "git_login"
    """A login at a git host that has begun; the name is the host."""
    SIGNING = "signing"
    """The key with which a user's commits are signed."""
    USER = "user"
    """A user's variables, for those workspaces of his whose source they are meant for."""
    PROJECT = "project"
    """A project's, for all its workspaces; the owner is the project's name."""
    DOMAIN = "domain"
    """Those of a project in one domain; the owner is `project/domain`."""
    VARIABLE = "variable"
    """Variables of one workspace."""


@dataclass(frozen=True)
class SecretName:
    """Which secret."""

    scope: SecretScope
    owner: str
    name: str

    def context(self) -> str:
        """Authenticated with the envelope: one moved to another name does not open."""
        return f"{self.scope.value}/{self.owner}/{self.name}"


@dataclass(frozen=True)
class StoredSecret:
    """What may be shown of a secret."""

    name: str
    shown: dict[str, Any]
    created_at: datetime
    updated_at: datetime


def _is(which: SecretName) -> ColumnElement[bool]:
    return and_(secrets.c.scope == which.scope, secrets.c.owner == which.owner, secrets.c.name == which.name)


async def put(
    session: WriteSession, keys: KeyRing, which: SecretName, value: Secret, shown: dict[str, Any] | None = None
) -> bool:
    """Seal and store a secret, in the place of an earlier one; whether it is a new one."""
    if await put_new(session, keys, which, value, shown):
        return True
    key_id, envelope = keys.seal(value, which.context(), await sealing_key(session))
    values = {"key_id": key_id, "envelope": envelope, "shown": shown or {}, "updated_at": session.now}
    await session.run(update(secrets).where(_is(which)).values(values))
    return False


async def put_new(
    session: WriteSession, keys: KeyRing, which: SecretName, value: Secret, shown: dict[str, Any] | None = None
) -> bool:
    """Store a secret unless there is one of this name, also one that another server makes now; whether it was stored."""
    key_id, envelope = keys.seal(value, which.context(), await sealing_key(session))
    key = {"scope": which.scope, "owner": which.owner, "name": which.name}
    values = {"key_id": key_id, "envelope": envelope, "shown": shown or {}}
    times = {"created_at": session.now, "updated_at": session.now}
    insert_into = postgresql.insert if session.dialect == "postgresql" else sqlite.insert
    return await session.run(insert_into(secrets).values(key | values | times).on_conflict_do_nothing()) > 0


async def reveal(session: ReadSession, keys: KeyRing, which: SecretName) -> tuple[Secret, dict[str, Any]] | None:
    """A secret opened, and what is shown of it; None where there is none. Raises `key_unknown`."""
    row = await session.one(select(secrets).where(_is(which)))
    if row is None:
        return None
    return keys.open(row.key_id, row.envelope, which.context()), row.shown


async def listed(session: ReadSession, scope: SecretScope, owner: str) -> list[StoredSecret]:
    """What may be shown of an owner's secrets, by name."""
    statement = select(secrets).where(secrets.c.scope == scope, secrets.c.owner == owner).order_by(secrets.c.name)
    rows = await session.all(statement)
    return [StoredSecret(row.name, row.shown, row.created_at, row.updated_at) for row in rows]


async def remove(session: WriteSession, which: SecretName) -> bool:
    """Remove a secret; whether there was one."""
    return await session.run(delete(secrets).where(_is(which))) > 0


async def of_owners(session: ReadSession, owners: Mapping[SecretScope, str]) -> list[tuple[SecretName, StoredSecret]]:
    """What may be shown of the secrets of several owners at once, one of each scope; by name."""
    places = [and_(secrets.c.scope == scope, secrets.c.owner == owner) for scope, owner in owners.items()]
    rows = await session.all(select(secrets).where(or_(*places)).order_by(secrets.c.name))
    return [
        (
            SecretName(SecretScope(row.scope), row.owner, row.name),
            StoredSecret(row.name, row.shown, row.created_at, row.updated_at),
        )
        for row in rows
    ]


async def check_keys(session: ReadSession, keys: KeyRing) -> None:
    """Raise `key_unknown` where a secret is sealed with a key that is not on the ring, or the one that seals is not."""
    sealing = await sealing_key(session)
    used = await used_keys(session)
    keys.check([*used, *([sealing] if sealing else [])])


async def used_keys(session: ReadSession) -> dict[str, int]:
    """How many secrets are sealed with which key."""
    counted = select(secrets.c.key_id, func.count().label("many")).group_by(secrets.c.key_id)
    return {row.key_id: row.many for row in await session.all(counted.order_by(secrets.c.key_id))}


async def seal_again(session: WriteSession, keys: KeyRing, key_id: str, limit: int) -> int:
    """Seal at most `limit` secrets with this key that were sealed with another; how many. When they changed stays as it is."""
    statement = select(secrets).where(secrets.c.key_id != key_id)
    statement = statement.order_by(secrets.c.scope, secrets.c.owner, secrets.c.name).limit(limit).with_for_update()
    rows = await session.all(statement)
    for row in rows:
        which = SecretName(SecretScope(row.scope), row.owner, row.name)
        opened = keys.open(row.key_id, row.envelope, which.context())
        _, envelope = keys.seal(opened, which.context(), key_id)
        await session.run(update(secrets).where(_is(which)).values(key_id=key_id, envelope=envelope))
    return len(rows)
