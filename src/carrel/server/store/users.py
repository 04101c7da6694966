"""Rows of users."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy import insert as insert_into
from sqlalchemy.exc import IntegrityError

from carrel.core.access import Role
from carrel.core.names import check_name
from carrel.core.preferences import Preferences
from carrel.core.problems import Problem
from carrel.core.workspace import new_id
from carrel.server.store.schema import tokens, users
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import ACCESS


class UserKind(StrEnum):
    """Who is behind an account."""

    PERSON = "person"
    SERVICE = "service"
    """A program: it has tokens, made by those who manage people, and no other way in."""


@dataclass(frozen=True)
class User:
    """A person or a program with an account."""

    id: str
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None
    kind: UserKind = UserKind.PERSON
    full_name: str = ""
    email: str = ""
    """Shown, and for commits; it proves nothing."""


_MEMBERS = tuple(f.name for f in fields(User))


async def insert(session: WriteSession, name: str, role: Role, kind: UserKind = UserKind.PERSON) -> User:
    """Make a user.

    Raises:
        Problem: `bad_name`, `name_taken`.
    """
    user = User(new_id(), check_name(name, what="user"), role, session.now, kind=kind)
    values = {"id": user.id, "name": user.name, "role": role, "created_at": session.now, "kind": kind}
    try:
        await session.run(insert_into(users).values(values))
    except IntegrityError as error:
        hint = f"Choose another name; `carrel user login-link {user.name}` lets this user in again."
        raise Problem("name_taken", f"There is a user {user.name!r} already.", hint) from error
    return user


async def get(session: ReadSession, user_id: str) -> User | None:
    """The user of this id, or None."""
    row = await session.one(select(users).where(users.c.id == user_id))
    return None if row is None else from_row(row)


async def by_name(session: ReadSession, name: str) -> User | None:
    """The user of this name in any letter case, or None."""
    row = await session.one(select(users).where(users.c.name == name.casefold()))
    return None if row is None else from_row(row)


async def all_users(session: ReadSession) -> list[User]:
    """Everybody, in the order of names."""
    return [from_row(row) for row in await session.all(select(users).order_by(users.c.name))]


async def lock_all(session: WriteSession) -> None:
    """Let nobody else change who is an owner until the end of the transaction."""
    await session.all(select(users.c.id).where(users.c.role == Role.OWNER).order_by(users.c.id).with_for_update())


async def change(session: WriteSession, wanted: User) -> None:
    """Store role and disabling; whoever holds connections of the user open asks again."""
    names = ("role", "disabled_at", "full_name", "email")
    values = {name: getattr(wanted, name) for name in names}
    await session.run(update(users).where(users.c.id == wanted.id).values(values))
    session.wake(ACCESS)


async def installation_owner(session: ReadSession) -> User | None:
    """The first owner of the installation; in local mode the one person there is."""
    statement = select(users).where(users.c.role == Role.OWNER).order_by(users.c.created_at, users.c.id).limit(1)
    row = await session.one(statement)
    return None if row is None else from_row(row)


def from_row(row: Row[Any], prefix: str = "") -> User:
    """A row, whose columns may have a prefix, as a user."""
    of = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    members = {name: of[prefix + name] for name in _MEMBERS}
    return User(**members | {"role": Role(members["role"]), "kind": UserKind(members["kind"])})


async def identity(session: ReadSession, user_id: str) -> tuple[str, str]:
    """Full name and e-mail address, for commits; empty where they are not said."""
    row = await session.one(select(users.c.full_name, users.c.email).where(users.c.id == user_id))
    return (row.full_name, row.email) if row is not None else ("", "")


async def preferences(session: ReadSession, user_id: str) -> Preferences:
    """What the user wants in every workspace of his."""
    found: Preferences | None = await session.scalar(select(users.c.preferences).where(users.c.id == user_id))
    return found or Preferences()


async def set_preferences(session: WriteSession, user_id: str, wanted: Preferences) -> None:
    """Store them in the place of the earlier ones."""
    await session.run(update(users).where(users.c.id == user_id).values(preferences=wanted))


async def lock(session: WriteSession, user_id: str) -> None:
    """Let nobody else make or start something for this user until the end of the transaction."""
    await session.one(select(users.c.id).where(users.c.id == user_id).with_for_update(key_share=True))


async def last_seen(session: ReadSession) -> dict[str, datetime]:
    """When each user's tokens and sessions were last used; who never came is not in it."""
    statement = select(tokens.c.user_id, func.max(tokens.c.used_at).label("at")).where(tokens.c.used_at.is_not(None))
    return {row.user_id: row.at for row in await session.all(statement.group_by(tokens.c.user_id))}
